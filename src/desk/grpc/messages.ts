/** From what the store holds to the messages of the desk's API. Pure. */
import type { FieldFault } from '../../base/error.ts';
import {
  DraftState,
  type DraftSummary,
  type PartnerView,
  RecordState,
  type RecordSummary,
} from '../../gen/tocsin/desk/v1/desk.ts';
import type { Delivery } from '../../gen/tocsin/desk/v1/record_service.ts';
import type { DeskGroup, Priority, Purpose, Status, Tlp } from '../../gen/tocsin/record/v1/marking.ts';
import type { Reason } from '../../gen/tocsin/record/v1/reason.ts';
import { facetOf, kindOf, worldOf } from '../../record/index.ts';
import type {
  OutboxRow,
  StoredDraft,
  DraftState as StoredDraftState,
  StoredRecord,
  RecordState as StoredRecordState,
} from '../../store/index.ts';
import type { PartnerDecision } from '../ports.ts';
import { marked } from '../world.ts';

export const buffer = (bytes: Uint8Array | undefined): Buffer =>
  bytes === undefined ? Buffer.alloc(0) : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);

const DRAFT_STATES: Readonly<Record<StoredDraftState, DraftState>> = {
  draft: DraftState.DRAFT_STATE_DRAFT,
  submitted: DraftState.DRAFT_STATE_SUBMITTED,
  released: DraftState.DRAFT_STATE_RELEASED,
  discarded: DraftState.DRAFT_STATE_DISCARDED,
};

const RECORD_STATES: Readonly<Record<StoredRecordState, RecordState>> = {
  released: RecordState.RECORD_STATE_RELEASED,
  superseded: RecordState.RECORD_STATE_SUPERSEDED,
  recalled: RecordState.RECORD_STATE_RECALLED,
  expired: RecordState.RECORD_STATE_EXPIRED,
  parked: RecordState.RECORD_STATE_PARKED,
};

const stateOf = <Stored extends string, Wire>(
  table: Readonly<Record<Stored, Wire>>,
  wire: Wire,
): Stored | undefined => {
  for (const stored of Object.keys(table) as Stored[]) if (table[stored] === wire) return stored;
  return undefined;
};

/** Undefined for `unspecified`: any state. */
export const draftStateOf = (wire: DraftState): StoredDraftState | undefined => stateOf(DRAFT_STATES, wire);
export const recordStateOf = (wire: RecordState): StoredRecordState | undefined =>
  stateOf(RECORD_STATES, wire);

export const draftSummary = (draft: StoredDraft, title: string, fingerprint: string): DraftSummary => ({
  id: draft.id,
  kind: draft.kind,
  state: DRAFT_STATES[draft.state],
  title,
  drafterName: draft.drafterName,
  deskGroup: draft.deskGroup as DeskGroup,
  note: draft.note,
  revises: buffer(draft.revises),
  releasedDigest: buffer(draft.releasedDigest),
  own: draft.drafter === fingerprint,
  createdAt: BigInt(draft.createdAt),
  updatedAt: BigInt(draft.updatedAt),
  imported: draft.importKey !== undefined,
});

/** `shown` = false leaves the title out: it is made of facets that the officer has yet to be allowed to see. */
export const recordSummary = (
  record: StoredRecord,
  shown = true,
  late: readonly unknown[] = [],
): RecordSummary => ({
  headerDigest: buffer(record.headerDigest),
  recordId: buffer(record.recordId),
  revision: record.revision,
  originator: record.originator,
  kind: record.kind,
  title: marked(shown ? record.title : '', worldOf(record.status as Status)).trim(),
  state: RECORD_STATES[record.state],
  priority: record.priority as Priority,
  tlp: record.tlp as Tlp,
  status: record.status as Status,
  released: BigInt(record.released),
  expires: BigInt(record.expires),
  reviewBy: BigInt(record.reviewBy),
  own: record.origin === 'own',
  deskGroup: record.deskGroup as DeskGroup,
  late: late.length > 0,
});

/** Facets in the order of the kind's table, whatever order policy decided them in. */
export function partnerView(view: PartnerDecision, kind: string, name: string): PartnerView {
  const order = kindOf(kind)?.facets.map((row) => row.name) ?? [...view.facets.keys()];
  return {
    partner: view.partner,
    partnerName: name,
    receive: decision(view.receive),
    facets: order.flatMap((facet) => {
      const decided = view.facets.get(facet);
      if (decided === undefined) return [];
      return [{ facet, facetClass: facetOf(kind, facet)?.class ?? '', decision: decision(decided) }];
    }),
    deskGroups: view.audience.deskGroups as DeskGroup[],
    purposes: view.audience.purposes as Purpose[],
    validUntil: Number.isFinite(view.validUntilMs) ? BigInt(Math.trunc(view.validUntilMs)) : 0n,
  };
}

export const decision = ({ allowed, rule, reason }: PartnerDecision['receive']) => ({
  allowed,
  rule,
  reason,
});

export const delivery = (row: OutboxRow): Delivery => ({
  recipient: row.recipient,
  state: row.state,
  facets: [...row.facets],
  basis: row.basis,
  reason: (row.resultReason ?? 0) as Reason,
  receiptDigest: buffer(row.receiptDigest),
  createdAt: BigInt(row.createdAt),
  closedAt: BigInt(row.closedAt ?? 0),
});

export const faults = (list: readonly FieldFault[]): FieldFault[] =>
  list.map(({ path, code, message }) => ({ path, code, message }));
