import { TocsinError } from '../base/error.ts';

/** Where a policy text is wrong. Lines and columns count from 1; 0 where no place is known. */
export interface PolicyFault {
  /** `error` keeps the text from being put in force, `warning` does not. */
  readonly severity: 'error' | 'warning';
  /** Stable, upper-case code. */
  readonly code: string;
  /** The policy's own id; empty where the text does not parse. */
  readonly policyId: string;
  readonly line: number;
  readonly column: number;
  /** What was expected, what came, what to do. */
  readonly message: string;
}

/**
 * `POLICY_INVALID` a policy text that cannot be put in force, with all its faults · `SCENARIO_INVALID` a scenario file
 * that breaks its format · `SELF_UNKNOWN` the roster does not list the node that the engine decides for.
 */
export type PolicyErrorCode = 'POLICY_INVALID' | 'SCENARIO_INVALID' | 'SELF_UNKNOWN';

/** What `src/policy` throws for misuse. A decision never throws: what cannot be decided is denied. */
export class PolicyError extends TocsinError<PolicyErrorCode> {
  override readonly name = 'PolicyError';
  readonly faults: readonly PolicyFault[];

  constructor(code: PolicyErrorCode, message: string, faults: readonly PolicyFault[] = [], cause?: unknown) {
    super({ code, message, facts: { faults: faults.length }, cause });
    this.faults = faults;
  }
}
