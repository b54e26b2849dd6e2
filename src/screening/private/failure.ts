/** Why a partner's answer is missing, as an officer reads it: a stable code and words of ours, never of the partner's. */
import { LifecycleError } from '../../lifecycle/index.ts';
import { RpcError, Status } from '../../transport/index.ts';
import { PrivateScreeningError, type PrivateScreeningErrorCode } from './errors.ts';
import { codeOfRefusal } from './service.ts';

/**
 * Beside the codes of private screening: PARTNER_UNREACHABLE: it did not answer in time; PARTNER_REFUSED: by something else than private
 * screening; TASKING_REFUSED: what it says agrees cannot be asked about; INTERNAL: a fault of this node, whose log holds the cause.
 */
export type PartnerFailureCode =
  | PrivateScreeningErrorCode
  | 'PARTNER_UNREACHABLE'
  | 'PARTNER_REFUSED'
  | 'TASKING_REFUSED'
  | 'INTERNAL';

export interface PartnerFailure {
  readonly code: PartnerFailureCode;
  readonly message: string;
}

/** What a partner's refusal says, where this node would say it otherwise of itself. */
const REFUSALS: Partial<Readonly<Record<PrivateScreeningErrorCode, string>>> = {
  NOT_OFFERED:
    'the partner does not offer private screening to this node: the two governments agree on it, and both nodes name each other',
  BUDGET_SPENT: 'the questions that the partner takes of this node in a day are asked: ask tomorrow (UTC)',
  SET_NOT_READY: 'the partner has not evaluated yet what may be screened against: ask later',
  SET_CHANGED: 'what the partner lets be screened against changed meanwhile: ask again',
  SET_TOO_LARGE:
    'the partner lists more for this node than private screening takes: its operator has to know',
  EPOCH_KEY_LOST: 'the partner lost the key of this month: it answers again from the next month on',
  EPOCH_OVER: 'the partner is in another month: ask again, and compare both clocks',
};

const AWAY = new Set<number>([Status.UNAVAILABLE, Status.DEADLINE_EXCEEDED, Status.CANCELLED]);

export function partnerFailure(error: unknown): PartnerFailure {
  if (error instanceof PrivateScreeningError) return { code: error.code, message: error.message };
  if (error instanceof LifecycleError)
    return {
      code: 'TASKING_REFUSED',
      message: `expected an entry of the partner's that it can be asked about, got another (${error.code}): tell its operator`,
    };
  if (!(error instanceof RpcError))
    return {
      code: 'INTERNAL',
      message: 'this node failed on it; its log holds the cause: tell its operator',
    };
  const code = codeOfRefusal(error) ?? (error.status === Status.UNIMPLEMENTED ? 'NOT_OFFERED' : undefined);
  if (code !== undefined)
    return {
      code,
      message: REFUSALS[code] ?? `the partner refused the question with ${code}: tell its operator`,
    };
  if (AWAY.has(error.status))
    return {
      code: 'PARTNER_UNREACHABLE',
      message: 'the partner did not answer in time: ask again once its link is up',
    };
  return { code: 'PARTNER_REFUSED', message: `the partner refused the question with status ${error.status}` };
}
