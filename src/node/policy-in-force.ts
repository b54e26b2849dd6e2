/** The policy engine that counts now: made anew when another roster, and so another baseline, comes into use. */

import type { VerifiedRoster } from '../identity/index.ts';
import {
  checkPolicies,
  createPolicyEngine,
  NATIONAL_TEMPLATES,
  type NationalTemplate,
  nationalTemplate,
  type PolicyEngine,
} from '../policy/index.ts';
import { NodeError } from './errors.ts';

export interface PolicyInForce {
  readonly engine: PolicyEngine;
  /** Whose unchanged text the national policy is; undefined = the state's own. */
  readonly template: NationalTemplate | undefined;
  /** Text of the national policy. */
  readonly national: string;
  readonly roster: VerifiedRoster;
  /** Another roster is in use. */
  renew(roster: VerifiedRoster): void;
  /**
   * Puts another national policy in force; whether it differs from the one before. Throws POLICY_INVALID, and then the one
   * before stays.
   */
  replace(national: string): boolean;
  /** An engine of this node with another national policy; the one in force where none is given. */
  engineOf(national: string | undefined): PolicyEngine;
  check(national: string): ReturnType<typeof checkPolicies>;
}

/** Throws POLICY_INVALID, naming the file, where the national policy has faults: no node runs on a policy that it cannot read. */
export function putPolicyInForce(options: {
  readonly self: string;
  readonly roster: VerifiedRoster;
  readonly national: string;
  /** Names the text in messages. */
  readonly source: string;
}): PolicyInForce {
  const { self, source } = options;
  const check = (text: string) => checkPolicies(text, { layer: 'national' });
  const assertReadable = (text: string): void => {
    const faults = check(text).filter(({ severity }) => severity === 'error');
    if (faults.length > 0)
      throw new NodeError({
        code: 'POLICY_INVALID',
        message: `${source} has ${faults.length} fault${faults.length === 1 ? '' : 's'}; \`tocsin policy check ${source}\` explains them`,
        faults: faults.map(({ line, code, message }) => ({ path: `line ${line}`, code, message })),
      });
  };
  let { roster, national } = options;
  assertReadable(national);
  const make = (text: string) =>
    createPolicyEngine({ baseline: roster.roster.baselinePolicy, national: text, self, roster });
  let engine = make(national);
  return {
    get engine() {
      return engine;
    },
    get template() {
      return NATIONAL_TEMPLATES.find((name) => nationalTemplate(name) === national);
    },
    get national() {
      return national;
    },
    get roster() {
      return roster;
    },
    renew(next) {
      roster = next;
      engine = make(national);
    },
    replace(text) {
      if (text === national) return false;
      assertReadable(text);
      engine = make(text);
      national = text;
      return true;
    },
    engineOf: (text) => (text === undefined ? engine : make(text)),
    check,
  };
}
