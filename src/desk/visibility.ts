/**
 * What of a record one officer sees, as pure decisions over what the store holds. The desk policy decides on every facet,
 * for partners' records under each of the sender's audiences (design §7): several items about one record add up.
 */
import { type DeskGroup, Handling, type Marking, type Purpose } from '../gen/tocsin/record/v1/marking.ts';
import type { Meant } from '../policy/index.ts';
import type { FacetClass } from '../record/index.ts';

/** What one inbox item permits at this node's desks. */
export interface Grant extends Meant {
  /** Facets that came with the item. */
  readonly facets: readonly string[];
}

/** A decision of the desk policy, or of this file. */
export interface DeskDecision {
  readonly allowed: boolean;
  readonly rule: string;
  readonly reason: string;
}

/** Why a facet is not shown: it never came, this desk may not see it, or a condition has to be accepted first. */
type WithheldBy = 'originator' | 'desk' | 'condition';

export interface FacetVerdict {
  readonly facet: string;
  readonly class: FacetClass | '';
  /** Shown by break-glass alone, until this instant, milliseconds UTC. */
  readonly openUntil?: number;
  /** Undefined = shown. */
  readonly withheld?: { readonly by: WithheldBy; readonly rule: string; readonly reason: string };
}

/** Decides on one facet under one grant; `undefined` as grant for records of this node. */
export type JudgeFacet = (
  facet: string,
  facetClass: FacetClass | '',
  grant: Grant | undefined,
) => DeskDecision;

const NOT_MEANT: DeskDecision = {
  allowed: false,
  rule: 'R4',
  reason: 'not meant for this desk group and purpose',
};

/** The first decision that allows, or else the first refusal; nothing at all is a refusal. */
export function anyOf<Item>(items: readonly Item[], judge: (item: Item) => DeskDecision): DeskDecision {
  let refusal: DeskDecision | undefined;
  for (const item of items) {
    const decision = judge(item);
    if (decision.allowed) return decision;
    refusal ??= decision;
  }
  return refusal ?? NOT_MEANT;
}

/** H3: a condition that the recipient accepts before the first read (R6). */
export const hasCondition = (marking: Marking | undefined): boolean =>
  marking?.handling.includes(Handling.HANDLING_H3) === true;

/** Purposes for which any grant shows something to the desk group, each once. */
export const grantedPurposes = (grants: readonly Grant[], deskGroup: DeskGroup): readonly Purpose[] => [
  ...new Set(
    grants
      .filter(({ audience }) => audience.deskGroups.includes(deskGroup))
      .flatMap(({ audience }) => audience.purposes as Purpose[]),
  ),
];

export interface FacetQuestion {
  /** Every facet of the kind, in the order of the header's commitments. */
  readonly facets: readonly { readonly name: string; readonly class: FacetClass | '' }[];
  /** Facets whose bytes this node holds. */
  readonly held: ReadonlySet<string>;
  /** Undefined for records of this node. */
  readonly grants: readonly Grant[] | undefined;
  /** True where a condition is not yet accepted. */
  readonly conditionPending: boolean;
  readonly judge: JudgeFacet;
}

/** One verdict per facet of the kind, in its order. */
export function judgeFacetsShown(question: FacetQuestion): readonly FacetVerdict[] {
  const { held, grants, conditionPending, judge } = question;
  return question.facets.map(({ name, class: facetClass }) => {
    const withheld = (by: WithheldBy, rule: string, reason: string): FacetVerdict => ({
      facet: name,
      class: facetClass,
      withheld: { by, rule, reason },
    });
    if (!held.has(name)) return withheld('originator', '', 'not disclosed to this node');
    const decision =
      grants === undefined
        ? judge(name, facetClass, undefined)
        : anyOf(
            grants.filter(({ facets }) => facets.includes(name)),
            (grant) => judge(name, facetClass, grant),
          );
    if (!decision.allowed) return withheld('desk', decision.rule, decision.reason);
    if (conditionPending) return withheld('condition', 'R6', 'its condition has to be accepted first');
    return { facet: name, class: facetClass };
  });
}
