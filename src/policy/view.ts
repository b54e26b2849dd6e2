/**
 * What one partner sees of one record. Decided per cell (desk group, purpose), in the union sealed to the node; the
 * audience tells the receiving node which desks it is for.
 */
import type { Audience, FacetAudience } from '../gen/tocsin/exchange/v1/parcel.ts';
import { DeskGroup, Handling, type Purpose } from '../gen/tocsin/record/v1/marking.ts';
import { audienceOf, type Cell, cellsOf, includesCell, NOBODY } from './audience.ts';
import { deliverSlice, discloseSlice, receiveSlice, type SharingCase } from './case.ts';
import { type Decision, decided, POLICY_ERROR, type Ruling, refused, sortRules } from './decision.ts';
import type { FacetFact } from './facts.ts';
import type { Layers } from './layers.ts';
import { purposeWord } from './vocabulary.ts';

/** What a partner sees, and why. */
export interface PartnerView {
  readonly partner: string;
  /** Whether it learns that the record exists. Without it there is no header, no count, no gap in a number series. */
  readonly receive: Decision;
  /** One per facet of the kind, in the order of its table. */
  readonly facets: ReadonlyMap<string, Decision>;
  /** Who at the partner may know; empty where `receive` is refused. */
  readonly audience: Audience;
  /** Per disclosed facet whose audience is narrower. */
  readonly facetAudiences: FacetAudience[];
  /** Rules that permit it, as `R5 R7 R8`; empty where `receive` is refused. */
  readonly basis: string;
  /** The first instant, milliseconds UTC, at which this may no longer hold; infinite where time changes nothing. */
  readonly validUntilMs: number;
}

/** One cell's decisions: the finest explanation there is. */
export interface CellView {
  readonly receive: Decision;
  readonly facets: ReadonlyMap<string, Decision>;
}

/** A ruling with the purpose of the cell that it was made for. */
interface Explained {
  readonly ruling: Ruling;
  readonly purpose: Purpose | undefined;
}

/** A view before the partner's name is filled in: the same for all partners that policies cannot tell apart. */
export interface ViewRuling {
  readonly receive: Explained;
  readonly facets: ReadonlyMap<string, Explained>;
  readonly audience: Audience;
  readonly facetAudiences: readonly FacetAudience[];
  readonly basis: string;
}

const ruled = (rule: string, template: string): Ruling => ({
  allowed: false,
  rule,
  layer: 'default',
  template,
  basis: [],
  objections: 1,
});

const NO_DESK = ruled('R1', '{partner} has no desk that could receive it');
const NO_WORD = ruled(POLICY_ERROR, 'a value of the roster is not known here, which counts as a refusal');
const NOT_HELD = ruled('R2', 'its originator did not disclose it to this node');

/** Decides for a member; the result depends on nothing that `viewInput` does not name. */
export function ruleView(layers: Layers, one: SharingCase): ViewRuling {
  return one.facts.control ? ruleControl(layers, one) : ruleContent(layers, one);
}

/** Everything that a view depends on, as far as policies can tell it apart. */
export function viewInput(layers: Layers, one: SharingCase): unknown {
  const { facts, desks, resource, consentedFacets } = one;
  const principal = one.principalOf(DeskGroup.DESK_GROUP_NODE) ?? {};
  const whole = { principal, resource, context: {} };
  const seen = facts.control
    ? [layers.narrowFor('deliver', whole)]
    : [layers.narrowFor('receive', whole), layers.narrowFor('disclose', whole)];
  return [seen, desks, facts.control, facts.marking.purposes, facts.facets, consentedFacets];
}

function ruleContent(layers: Layers, one: SharingCase): ViewRuling {
  const rulings = cellsOf(one.desks).map((cell) => ({ cell, ruling: receiveRuling(layers, one, cell) }));
  const audience = audienceOf(
    one.desks,
    rulings.filter(({ ruling }) => ruling.allowed).map(({ cell }) => cell),
  );
  const inside = rulings.filter(({ cell }) => includesCell(audience, cell));
  const receive = nearest(inside.length > 0 ? inside : rulings, one) ?? {
    ruling: NO_DESK,
    purpose: undefined,
  };
  if (inside.length === 0) return withheld(one, receive);
  const basis = new Set(inside.flatMap(({ ruling }) => ruling.basis));
  const facetAudiences: FacetAudience[] = [];
  const facets = new Map<string, Explained>();
  for (const facet of one.facts.facets) {
    const cells = inside.map(({ cell }) => ({ cell, ruling: discloseRuling(layers, one, cell, facet) }));
    const open = cells.filter(({ ruling }) => ruling.allowed);
    const narrower = audienceOf(
      one.desks,
      open.map(({ cell }) => cell),
    );
    const kept = open.filter(({ cell }) => includesCell(narrower, cell));
    facets.set(facet.name, nearest(kept.length > 0 ? kept : cells, one) ?? receive);
    if (kept.length === 0) continue;
    for (const { ruling } of kept) for (const rule of ruling.basis) basis.add(rule);
    if (kept.length < inside.length) facetAudiences.push({ facet: facet.name, audience: narrower });
  }
  return { receive, facets, audience, facetAudiences, basis: sortRules(basis).join(' ') };
}

/** Control records go to the node itself, whole but for what never leaves. */
function ruleControl(layers: Layers, one: SharingCase): ViewRuling {
  const asRecord: FacetFact = { name: '', class: 'S', held: true, named: false };
  const judge = (facet: FacetFact): Explained => {
    const slice = deliverSlice(one, DeskGroup.DESK_GROUP_NODE, facet);
    const ruling = slice === undefined ? NO_WORD : layers.judgeSharing('deliver', slice);
    return { ruling: facet.held ? ruling : NOT_HELD, purpose: undefined };
  };
  const receive = judge(asRecord);
  if (!receive.ruling.allowed) return withheld(one, receive);
  return {
    receive,
    facets: new Map(one.facts.facets.map((facet) => [facet.name, judge(facet)])),
    audience: { deskGroups: [DeskGroup.DESK_GROUP_NODE], purposes: [...one.facts.marking.purposes] },
    facetAudiences: [],
    basis: receive.ruling.basis.join(' '),
  };
}

function receiveRuling(layers: Layers, one: SharingCase, cell: Cell): Ruling {
  const slice = receiveSlice(one, cell);
  return slice === undefined ? NO_WORD : layers.judgeSharing('receive', slice);
}

function discloseRuling(layers: Layers, one: SharingCase, cell: Cell, facet: FacetFact): Ruling {
  if (!facet.held) return NOT_HELD;
  const slice = discloseSlice(one, cell, facet);
  return slice === undefined ? NO_WORD : layers.judgeSharing('disclose', slice);
}

const withheld = (one: SharingCase, receive: Explained): ViewRuling => ({
  receive,
  facets: new Map(one.facts.facets.map((facet) => [facet.name, receive])),
  audience: NOBODY,
  facetAudiences: [],
  basis: '',
});

/** The ruling that explains best: of the cells with fewest objections the one whose purpose the marking names first. */
function nearest(
  rulings: readonly { readonly cell: Cell; readonly ruling: Ruling }[],
  one: SharingCase,
): Explained | undefined {
  const place = (purpose: Purpose) => {
    const index = one.facts.marking.purposes.indexOf(purpose);
    return index === -1 ? Number.MAX_SAFE_INTEGER : index;
  };
  const [best] = [...rulings].sort(
    (a, b) =>
      Number(b.ruling.allowed) - Number(a.ruling.allowed) ||
      a.ruling.objections - b.ruling.objections ||
      place(a.cell.purpose) - place(b.cell.purpose),
  );
  return best === undefined ? undefined : { ruling: best.ruling, purpose: best.cell.purpose };
}

/** Fills partner and names in. */
export function finishView(view: ViewRuling, one: SharingCase): PartnerView {
  const conditional = one.facts.marking.handling.includes(Handling.HANDLING_H3);
  const say = (explained: Explained, facet?: string): Decision => {
    const decision = decided(explained.ruling, namesOf(one, explained.purpose, facet));
    return conditional && decision.allowed && facet !== undefined
      ? { ...decision, heldUntilAccepted: true }
      : decision;
  };
  return {
    partner: one.partner,
    receive: say(view.receive),
    facets: new Map([...view.facets].map(([name, explained]) => [name, say(explained, name)])),
    audience: { deskGroups: [...view.audience.deskGroups], purposes: [...view.audience.purposes] },
    facetAudiences: [...view.facetAudiences],
    basis: view.basis,
    validUntilMs: one.validUntilMs,
  };
}

/** The decisions for one desk group and purpose. */
export function viewCell(layers: Layers, one: SharingCase, cell: Cell): CellView {
  if (!one.desks.includes(cell.deskGroup)) return refuseCell(one, 'R1', `${one.partner} has no such desk`);
  if (!cellsOf([cell.deskGroup]).some((known) => known.purpose === cell.purpose))
    return refuseCell(one, 'R7', 'this desk group may not ask for this purpose');
  const receive = receiveRuling(layers, one, cell);
  const names = (facet?: string) => namesOf(one, cell.purpose, facet);
  const facets = one.facts.facets.map((facet): [string, Decision] => {
    const ruling = receive.allowed ? discloseRuling(layers, one, cell, facet) : receive;
    return [facet.name, decided(ruling, names(facet.name))];
  });
  return { receive: decided(receive, names()), facets: new Map(facets) };
}

function refuseCell(one: SharingCase, rule: string, reason: string): CellView {
  const decision = refused(rule, reason);
  return { receive: decision, facets: new Map(one.facts.facets.map(({ name }) => [name, decision])) };
}

function namesOf(one: SharingCase, purpose: Purpose | undefined, facet: string | undefined) {
  const asked = purpose === undefined ? undefined : purposeWord(purpose);
  return {
    partner: one.partner,
    kind: one.facts.header.kind,
    ...(asked === undefined ? {} : { purpose: asked }),
    ...(facet === undefined ? {} : { facet }),
  };
}

/** Nothing at all, for a partner or record that cannot be decided upon. */
export function refusedView(partner: string, facets: readonly string[], decision: Decision): PartnerView {
  return {
    partner,
    receive: decision,
    facets: new Map(facets.map((facet) => [facet, decision])),
    audience: { deskGroups: [], purposes: [] },
    facetAudiences: [],
    basis: '',
    validUntilMs: Number.POSITIVE_INFINITY,
  };
}
