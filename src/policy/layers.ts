/**
 * The layers that all have to agree (R4): network baseline, the state's own policy, the record's marking. One evaluation
 * asks them together: only the baseline can permit, any of them can forbid, and Cedar lets a forbid win. A `permit` of a
 * state's policy is left out: it could otherwise widen what the network agreed on.
 */
import { checkPolicies } from './check.ts';
import { foremost, POLICY_ERROR, type Ruling, sortRules } from './decision.ts';
import { DESK_POLICY } from './desk.cedar.ts';
import { PolicySet, type Question, readPolicies } from './engine.ts';
import { narrow, type Slice } from './entities.ts';
import { PolicyError, type PolicyFault } from './errors.ts';
import { MARKING_POLICY } from './marking.cedar.ts';
import { inputDigest, Memo } from './memo.ts';
import type { Layer, Policy } from './policy-text.ts';

/** Rulings remembered: one per input that policies can tell apart. */
const REMEMBERED_RULINGS = 20_000;

export interface PolicyTexts {
  readonly baseline: string;
  /** The state's own policy; may be empty. */
  readonly national: string;
}

/** One rule in force, as people read it. */
export interface PolicyRule {
  readonly layer: Layer;
  /** Unique in its layer. */
  readonly id: string;
  /** `R8`; a national policy's own rule or id. */
  readonly rule: string;
  /** One line; `{partner}`, `{purpose}`, `{kind}` and `{facet}` stand for the case at hand. */
  readonly reason: string;
  readonly effect: 'permit' | 'forbid';
  /** From 1, in the text of its layer. */
  readonly line: number;
  /** Cedar. */
  readonly text: string;
}

/** All policies in force at a node. Throws PolicyError `POLICY_INVALID` with every fault of both texts. */
export class Layers {
  /** Digest of all texts in force. */
  readonly digest: string;
  readonly #sharing: readonly Policy[];
  readonly #desk: readonly Policy[];
  readonly #sets = new Map<string, PolicySet>();
  readonly #rulings = new Memo<Ruling>(REMEMBERED_RULINGS);
  #evaluations = 0;

  constructor(texts: PolicyTexts) {
    const faults = [
      ...errorsOf('baseline', texts.baseline),
      ...(texts.national.trim() === '' ? [] : errorsOf('national', texts.national)),
    ];
    if (faults.length > 0)
      throw new PolicyError(
        'POLICY_INVALID',
        `expected policies without faults, got ${faults.length}; see the list and run 'policy check'`,
        faults,
      );
    const national = readPolicies(texts.national, 'national').policies;
    this.#sharing = [
      ...readPolicies(texts.baseline, 'baseline').policies,
      ...readPolicies(MARKING_POLICY, 'marking').policies,
      ...national.filter((policy) => policy.effect === 'forbid'),
    ];
    this.#desk = readPolicies(DESK_POLICY, 'desk').policies;
    this.digest = inputDigest([texts.baseline, MARKING_POLICY, texts.national, DESK_POLICY]);
  }

  /** Every rule that has a say, layer by layer in the order of their texts. */
  get rules(): readonly PolicyRule[] {
    return [...this.#sharing, ...this.#desk].map(({ layer, id, rule, reason, effect, line, text }) => ({
      layer,
      id,
      rule,
      reason,
      effect,
      line,
      text,
    }));
  }

  /** How often Cedar was asked so far. */
  get evaluations(): number {
    return this.#evaluations;
  }

  /** May a member's desk `receive` the record, have a facet `disclose`d, have a control record `deliver`ed? */
  judgeSharing(action: 'receive' | 'disclose' | 'deliver', slice: Slice): Ruling {
    return this.#judge(this.#setOf(action, this.#sharing), 'Desk', 'Record', action, slice);
  }

  /** May an officer of this node do this? */
  judgeDesk(action: string, resourceType: 'Record' | 'Node', slice: Slice): Ruling {
    return this.#judge(this.#setOf(action, this.#desk), 'Officer', resourceType, action, slice);
  }

  /** The slice as the policies of an action can tell it apart. */
  narrowFor(action: 'receive' | 'disclose' | 'deliver', slice: Slice): Slice {
    return narrow(this.#setOf(action, this.#sharing), slice);
  }

  #setOf(action: string, policies: readonly Policy[]): PolicySet {
    const known = this.#sets.get(action);
    if (known !== undefined) return known;
    // National policy has no say in control records: a recall that a state keeps back would leave people unprotected.
    const inForce =
      action === 'deliver' ? policies.filter((policy) => policy.layer !== 'national') : policies;
    const set = new PolicySet(action, inForce);
    this.#sets.set(action, set);
    return set;
  }

  #judge(
    set: PolicySet,
    principalType: Question['principalType'],
    resourceType: Question['resourceType'],
    action: string,
    slice: Slice,
  ): Ruling {
    const narrowed = narrow(set, slice);
    return this.#rulings.answer(inputDigest([action, narrowed]), () => {
      this.#evaluations += 1;
      const outcome = set.evaluate({ principalType, resourceType, action, ...narrowed });
      if (outcome.kind === 'error')
        return {
          allowed: false,
          rule: POLICY_ERROR,
          layer: layerOf(outcome.message),
          template: `a policy failed, which counts as a refusal: ${outcome.message}`,
          basis: [],
          objections: 1,
        };
      const policy = foremost(outcome.deciding);
      if (outcome.kind === 'allow' && policy !== undefined)
        return {
          allowed: true,
          rule: policy.rule,
          layer: policy.layer,
          template: policy.reason,
          basis: sortRules(outcome.deciding.map((permit) => permit.rule)),
          objections: 0,
        };
      if (policy === undefined) return nothingPermits(narrowed);
      return {
        allowed: false,
        rule: policy.rule,
        layer: policy.layer,
        template: policy.reason,
        basis: [],
        objections: outcome.deciding.length,
      };
    });
  }
}

const errorsOf = (layer: 'baseline' | 'national', text: string): readonly PolicyFault[] =>
  checkPolicies(text, { layer }).filter((fault) => fault.severity === 'error');

const layerOf = (message: string): Ruling['layer'] => {
  const layer = /^policy (baseline|marking|national|desk)\//.exec(message)?.[1];
  return layer === undefined ? 'default' : (layer as Ruling['layer']);
};

/** Default deny (R1): Cedar names no policy, so the nearest cause is said here. */
function nothingPermits(slice: Slice): Ruling {
  const status = slice.principal.status;
  const template =
    typeof status === 'string' && status !== 'active'
      ? `{partner} is no active member (${status})`
      : 'nothing permits it: default deny';
  return { allowed: false, rule: 'R1', layer: 'default', template, basis: [], objections: 1 };
}
