/** Outcomes: what was decided, by which layer and rule, in one line for people. */
import type { Layer, Policy } from './policy-text.ts';

/** One decision and its explanation. */
export interface Decision {
  readonly allowed: boolean;
  /** `R8`; a national policy's own rule or id; `POLICY_ERROR` where a policy failed. */
  readonly rule: string;
  /** One line for people. */
  readonly reason: string;
  /** Who decided; `default` where nothing permits it. */
  readonly layer: Layer | 'default';
  /** The facet travels, but the receiving desk holds it back until the condition of H3 is accepted (R6). */
  readonly heldUntilAccepted?: true;
}

/** A decision before the names of the case are filled in: the same for all inputs that policies cannot tell apart. */
export interface Ruling {
  readonly allowed: boolean;
  readonly rule: string;
  readonly layer: Decision['layer'];
  readonly template: string;
  /** Rules that permit it; empty for a refusal. */
  readonly basis: readonly string[];
  /** How many policies object: the fewer, the nearer the case is to being permitted. */
  readonly objections: number;
}

/** Names that a reason may mention. */
export interface Names {
  readonly partner?: string;
  readonly purpose?: string;
  readonly kind?: string;
  readonly facet?: string;
}

/** The rule that a failed policy is reported under. Such a failure is always a refusal. */
export const POLICY_ERROR = 'POLICY_ERROR';

/**
 * Which of several objections explains best: membership before time, time before audience, audience before content.
 * Rules that are not listed (a state's own) come last, so that they explain only what they alone decide.
 */
const ORDER = [
  'R20',
  'R21',
  'R2',
  'R13',
  'R12',
  'R11',
  'R3',
  'R6',
  'R5',
  'R9',
  'R10',
  'R4',
  'R1',
  'R8',
  'R7',
];
const LAYERS: readonly string[] = ['baseline', 'marking', 'desk', 'national'];

const rank = (policy: Policy): number => {
  const place = policy.layer === 'national' ? -1 : ORDER.indexOf(policy.rule);
  return place === -1 ? ORDER.length + LAYERS.indexOf(policy.layer) : place;
};

/** The policy that explains a decision; undefined where none decided. */
export const foremost = (deciding: readonly Policy[]): Policy | undefined =>
  [...deciding].sort((a, b) => rank(a) - rank(b) || a.position - b.position)[0];

const numberIn = (rule: string): number => Number(/^R(\d+)/.exec(rule)?.[1] ?? Number.MAX_SAFE_INTEGER);

/** Rule ids in their natural order, each once: `R5 R7 R8 R11`. */
export const sortRules = (rules: Iterable<string>): string[] =>
  [...new Set(rules)].sort((a, b) => numberIn(a) - numberIn(b) || (a < b ? -1 : a > b ? 1 : 0));

/** Fills the names of the case into a ruling. */
export function decided(ruling: Ruling, names: Names): Decision {
  const reason = ruling.template.replaceAll(/\{(partner|purpose|kind|facet)\}/g, (slot, name: string) => {
    const known: Readonly<Record<string, string | undefined>> = { ...names };
    return known[name] ?? slot;
  });
  return { allowed: ruling.allowed, rule: ruling.rule, reason, layer: ruling.layer };
}

/** A refusal that no policy had to be asked for. */
export const refused = (rule: string, reason: string): Decision => ({
  allowed: false,
  rule,
  reason,
  layer: 'default',
});
