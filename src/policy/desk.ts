/** What an officer may do at this node's own desk: roles, audience, condition, time. */
import type { DisclosedFacet } from '../gen/tocsin/record/v1/header.ts';
import { type DeskGroup, Handling, type Purpose } from '../gen/tocsin/record/v1/marking.ts';
import { type FacetClass, kindOf, type SignedHeader } from '../record/index.ts';
import { type Decision, decided, refused } from './decision.ts';
import { purposesOf } from './desk-purposes.ts';
import { type RecordFacts, recordFacts } from './facts.ts';
import type { Layers } from './layers.ts';
import { phaseAt } from './time.ts';
import { deskGroupWord, purposeWord } from './vocabulary.ts';

/** Actions on one record. */
const RECORD_ACTIONS = [
  'read',
  'screen',
  'count',
  'use-as-evidence',
  'release',
  'recall',
  'revise',
  'consent-onward',
  'accept-condition',
  'forward',
  'ask-consent',
  'ask-originator',
  'answer',
  'preview',
  'explain',
  'read-source',
  'break-glass',
  'review-break-glass',
] as const;

/** Actions on this node. `draft` and `submit` name the kind where it is known. */
const NODE_ACTIONS = [
  'draft',
  'submit',
  'search',
  'work',
  'link-status',
  'log-status',
  'read-audit',
  'read-policy',
  'screen-private',
  'approve-private',
  'administer',
] as const;

export type DeskAction = (typeof RECORD_ACTIONS)[number] | (typeof NODE_ACTIONS)[number];

/** Every action that the desk policy knows. */
export const DESK_ACTIONS: readonly DeskAction[] = [...RECORD_ACTIONS, ...NODE_ACTIONS];

/** Who acts: as the officer's certificate says, and what for. */
export interface DeskOfficer {
  readonly node: string;
  readonly deskGroup: DeskGroup;
  readonly role: string;
  /** Absent = any purpose that the desk group has. */
  readonly purpose?: Purpose;
  /** The desk works in an exercise. */
  readonly exercise?: boolean;
}

/** What of a record the decision is about. */
export interface DeskRecord {
  readonly signed: SignedHeader;
  readonly facets: readonly DisclosedFacet[];
  /** This node is the originator; believed only where the header says so too. */
  readonly own: boolean;
  /** The sender meant the record, and the facet in question, for this desk group and purpose. */
  readonly meant: boolean;
  /** The condition of handling code H3 was accepted. */
  readonly conditionAccepted: boolean;
  /** Class of the facet in question; empty for the record as such: its existence, its header. */
  readonly facetClass: FacetClass | '';
  /** The originator consented to the use in court. */
  readonly evidenceConsent?: boolean;
  /** This officer opened the facet in an emergency, and his time is not over (R17). */
  readonly opened?: boolean;
}

export interface DeskRequest {
  readonly action: DeskAction;
  readonly officer: DeskOfficer;
  readonly record?: DeskRecord;
  /** Kind of a draft. */
  readonly kind?: string;
}

const isRecordAction = (action: string): boolean => RECORD_ACTIONS.some((known) => known === action);

/** The desk layer's decision for one action of one officer. */
export function judgeDeskAction(layers: Layers, self: string, request: DeskRequest, atMs: number): Decision {
  const { officer, action, record } = request;
  const group = deskGroupWord(officer.deskGroup);
  if (officer.node !== self)
    return refused('R4', `expected an officer of ${self}, got one of ${officer.node}`);
  if (group === undefined) return refused('R4', 'the desk group is not known here');
  const principal = {
    node: officer.node,
    deskGroup: group,
    role: officer.role,
    exercise: officer.exercise === true,
  };
  if (isRecordAction(action)) {
    if (record === undefined) return refused('R4', `expected a record to ${action}, got none`);
    return judgeRecordAction(layers, self, { action, officer, record, atMs, principal });
  }
  const kind = request.kind ?? record?.signed.header.kind ?? '';
  const context =
    action === 'draft' || action === 'submit' ? { kind, control: kindOf(kind)?.control === true } : {};
  const slice = { principal, resource: { node: self }, context };
  return decided(layers.judgeDesk(action, 'Node', slice), { kind });
}

interface RecordAction {
  readonly action: DeskAction;
  readonly officer: DeskOfficer;
  readonly record: DeskRecord;
  readonly atMs: number;
  readonly principal: Readonly<Record<string, string | boolean>>;
}

/** An opened record is asked about facet by facet: what it says is read once for as long as its opener holds it. */
const readFacts = new WeakMap<
  readonly DisclosedFacet[],
  { readonly signed: SignedHeader; readonly facts: RecordFacts | undefined }
>();

function factsOf({ signed, facets }: DeskRecord): RecordFacts | undefined {
  const known = readFacts.get(facets);
  if (known?.signed === signed) return known.facts;
  const facts = recordFacts({ signed, facets });
  readFacts.set(facets, { signed, facts });
  return facts;
}

function judgeRecordAction(layers: Layers, self: string, asked: RecordAction): Decision {
  const { action, officer, record, atMs, principal } = asked;
  const { header } = record.signed;
  const facts = factsOf(record);
  if (facts === undefined) return refused('R1', 'the kind, the marking or a facet cannot be read here');
  const own = record.own && header.originator === self;
  // R7: an officer may not ask for what the desk group may not, whatever the sender's audience says.
  const entitled = officer.purpose === undefined || purposesOf(officer.deskGroup).includes(officer.purpose);
  const purpose = officer.purpose === undefined ? '' : (purposeWord(officer.purpose) ?? '');
  const context = {
    purpose,
    own,
    meant: own || facts.control || (record.meant && entitled),
    facetClass: record.facetClass,
    conditionAccepted: record.conditionAccepted || !facts.marking.handling.includes(Handling.HANDLING_H3),
    evidenceConsent: record.evidenceConsent === true,
    opened: action === 'break-glass' || (action === 'read' && record.opened === true),
  };
  const resource = {
    ...facts.attributes,
    phase: phaseAt(facts, atMs).phase,
    forwarded: !own,
    consented: false,
    endsDisclosed: true,
  };
  const ruling = layers.judgeDesk(action, 'Record', { principal, resource, context });
  return decided(ruling, { kind: header.kind, purpose });
}

/** What of a record the desk's decisions turn on, time and viewer excepted. */
export interface DeskFacts {
  /** Records of which this is equal are decided alike at any instant at which both are current. */
  readonly alike: string;
  /** The record is current (R13) from here, milliseconds UTC, to before `until`. */
  readonly from: number;
  readonly until: number;
  /** Handling code H3: held back until a desk group accepts its condition (R6). */
  readonly conditional: boolean;
  /** It is screened and not shown (R16). */
  readonly refer: boolean;
}

/** Undefined where a fact cannot be read: then nobody may do anything with the record. */
export function deskFacts(record: Pick<DeskRecord, 'signed' | 'facets'>): DeskFacts | undefined {
  const facts = recordFacts(record);
  if (facts === undefined) return undefined;
  const { marking, header, attributes } = facts;
  return {
    alike: JSON.stringify([attributes, facts.control]),
    from: Number(marking.notBefore),
    until: Math.min(Number(header.expires), Number(header.reviewBy)),
    conditional: marking.handling.includes(Handling.HANDLING_H3),
    refer: attributes.refer === true,
  };
}
