/** One question of sharing: a record's facts, one member, one instant, and what Cedar gets to see of the three. */

import type { Member } from '../gen/tocsin/record/v1/identity.ts';
import type { DeskGroup } from '../gen/tocsin/record/v1/marking.ts';
import type { Standings } from '../identity/index.ts';
import type { Cell } from './audience.ts';
import { tableAnswer } from './disclosure-table.ts';
import type { Attributes } from './engine.ts';
import { deskEntity, desksOf, memberStateAt, type Slice } from './entities.ts';
import type { Consent, FacetFact, RecordFacts } from './facts.ts';
import { phaseAt } from './time.ts';
import { deskGroupWord, purposeWord } from './vocabulary.ts';

export interface CaseInput {
  readonly facts: RecordFacts;
  readonly member: Member;
  readonly atMs: number;
  /** The node that decides. */
  readonly self: string;
  readonly consent: Consent | undefined;
  readonly endsDisclosed: boolean;
  readonly standings: Standings | undefined;
}

export interface SharingCase {
  readonly facts: RecordFacts;
  readonly partner: string;
  readonly desks: readonly DeskGroup[];
  /** Attributes of the record's entity. */
  readonly resource: Attributes;
  /** Attributes of a desk of the member; undefined where the member or the desk group has no word here. */
  principalOf(deskGroup: number): Attributes | undefined;
  readonly consentedFacets: readonly string[];
  /** The next instant at which an input changes. */
  readonly validUntilMs: number;
}

export function sharingCase(input: CaseInput): SharingCase {
  const { facts, member, atMs, self, consent, endsDisclosed, standings } = input;
  const time = phaseAt(facts, atMs);
  const standing = memberStateAt(member, atMs, standings);
  const forwarded = facts.header.originator !== self;
  const inForce = consent !== undefined && atMs < consent.expiresMs;
  const consented = forwarded && inForce && consent.to.includes(member.node);
  return {
    facts,
    partner: member.node,
    desks: desksOf(member),
    resource: { ...facts.attributes, phase: time.phase, forwarded, consented, endsDisclosed },
    principalOf: (deskGroup) => {
      const group = deskGroupWord(deskGroup);
      return group === undefined ? undefined : deskEntity(member, standing.state, group);
    },
    consentedFacets: consented ? consent.facets : [],
    validUntilMs: Math.min(
      time.untilMs,
      standing.untilMs,
      inForce ? consent.expiresMs : Number.POSITIVE_INFINITY,
    ),
  };
}

/** What Cedar sees of one facet. */
const facetContext = (facet: FacetFact, table: string, consented: boolean): Attributes => ({
  name: facet.name,
  class: facet.class,
  table,
  named: facet.named,
  consented,
});

/** May this desk, for this purpose, know that the record exists? Undefined where a number has no word here. */
export function receiveSlice(one: SharingCase, cell: Cell): Slice | undefined {
  const principal = one.principalOf(cell.deskGroup);
  const purpose = purposeWord(cell.purpose);
  if (principal === undefined || purpose === undefined) return undefined;
  return { principal, resource: one.resource, context: { purpose } };
}

/** May it see this facet? */
export function discloseSlice(one: SharingCase, cell: Cell, facet: FacetFact): Slice | undefined {
  const received = receiveSlice(one, cell);
  if (received === undefined) return undefined;
  const table = tableAnswer(facet.name, facet.class, cell.purpose);
  return {
    ...received,
    context: {
      ...received.context,
      purposeNamed: one.facts.marking.purposes.includes(cell.purpose),
      facet: facetContext(facet, table, one.consentedFacets.includes(facet.name)),
    },
  };
}

/** May the node have this facet of a control record? */
export function deliverSlice(one: SharingCase, deskGroup: number, facet: FacetFact): Slice | undefined {
  const principal = one.principalOf(deskGroup);
  if (principal === undefined) return undefined;
  return { principal, resource: one.resource, context: { facet: facetContext(facet, 'yes', false) } };
}
