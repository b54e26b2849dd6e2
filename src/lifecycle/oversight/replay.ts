/**
 * One disclosure decided once more: the policy of its day, over the record as it was signed, asked about its recipient at its
 * instant. What the outbox says was sent is the claim; nothing of it goes into the decision.
 */
import { equalBytes, hex } from '../../base/bytes.ts';
import type { Verdict } from '../../base/verdict.ts';
import { believed, disbelieved } from '../../base/verdict.ts';
import { consentIn, isAbout } from '../../exchange/index.ts';
import type { Audience } from '../../gen/tocsin/exchange/v1/parcel.ts';
import { ItemAction } from '../../gen/tocsin/exchange/v1/parcel.ts';
import type { Consent, PartnerView, SharedRecord } from '../../policy/index.ts';
import { commitFacet, judgeHeader, type SignedHeader } from '../../record/index.ts';
import type { OutboxRow, ReadTx, StoredRecord } from '../../store/index.ts';
import { endsDisclosedAt } from '../link-ends.ts';
import type { NoPolicy, PoliciesOfTheDay } from './policy-of-the-day.ts';

/** Why a disclosure cannot be decided once more. */
export type NotReplayable =
  | NoPolicy
  | 'CONTENT_PURGED'
  | 'CONTENT_CHANGED'
  | 'CONSENT_MISSING'
  | 'RECORD_MISSING';

/** A disclosure, as the outbox has it, beside what the policy of its day decides. */
export interface Replayed {
  readonly id: number;
  readonly headerDigest: Uint8Array;
  readonly kind: string;
  readonly originator: string;
  readonly recipient: string;
  /** When it was decided, milliseconds. */
  readonly at: number;
  readonly state: OutboxRow['state'];
  readonly sent: readonly string[];
  /** Ids of rules, as they were written down then. */
  readonly basis: string;
  readonly outcome: Outcome;
}

export type Outcome =
  | {
      readonly verdict: 'not-replayable';
      readonly why: NotReplayable;
      readonly detail: string;
      readonly policy: string;
    }
  | {
      readonly verdict: 'same' | 'differs';
      /** Digest of the policies and the roster of that day. */
      readonly policy: string;
      readonly rosterVersion: bigint;
      readonly program: string;
      readonly permitted: readonly string[];
      readonly basis: string;
      /** Whether the recipient may know of the record at all, and the rule that says so. */
      readonly receive: { readonly allowed: boolean; readonly rule: string };
      /** Sent and not permitted. */
      readonly excess: readonly string[];
      /** Permitted and never queued to it. */
      readonly missing: readonly string[];
      /** Facets told to more desks or purposes than permitted; `record` stands for the record as such. */
      readonly wider: readonly string[];
      /** Rules written down that decide otherwise. */
      readonly basisDiffers: boolean;
    };

/** A row of the outbox that discloses. */
export async function replayDisclosure(
  tx: ReadTx,
  self: { readonly node: string; readonly network: Uint8Array },
  policies: PoliciesOfTheDay,
  row: OutboxRow,
): Promise<Replayed> {
  const record = await tx.records.byDigest(row.headerDigest);
  const about = {
    id: row.id,
    headerDigest: row.headerDigest,
    kind: record?.kind ?? '',
    originator: record?.originator ?? '',
    recipient: row.recipient,
    at: row.createdAt,
    state: row.state,
    sent: row.facets,
    basis: row.basis,
  };
  const policy = await policies.at(tx, row.createdAt);
  const not = (why: NotReplayable, detail: string): Replayed => ({
    ...about,
    outcome: {
      verdict: 'not-replayable',
      why,
      detail,
      policy: policy.ok ? policy.value.engine.digest : '',
    },
  });
  if (!policy.ok) return not(policy.reason, policy.detail);
  if (record === undefined) return not('RECORD_MISSING', 'the record is not held any more');
  const shared = await sharedAt(tx, self, record, row);
  if (!shared.ok) return not(shared.reason, shared.detail);
  const { engine, noted } = policy.value;
  // R19: decided as of the instant from which it is shown.
  const shownFrom = Number(shared.value.signed.header.marking?.notBefore ?? 0n);
  const view = engine.viewFor(shared.value, row.recipient, Math.max(row.createdAt, shownFrom));
  const permitted = [...view.facets].filter(([, { allowed }]) => allowed).map(([name]) => name);
  const excess = row.facets.filter((name) => !permitted.includes(name));
  const own = record.originator === self.node;
  const queued = own ? await queuedUntil(tx, row) : new Set(permitted);
  const missing = view.receive.allowed ? permitted.filter((name) => !queued.has(name)) : [];
  const wider = widerThan(row, view);
  const basisDiffers = view.basis !== row.basis;
  const same = view.receive.allowed && [...excess, ...missing, ...wider].length === 0 && !basisDiffers;
  return {
    ...about,
    outcome: {
      verdict: same ? 'same' : 'differs',
      policy: engine.digest,
      rosterVersion: noted.rosterVersion,
      program: noted.program,
      permitted: view.receive.allowed ? permitted : [],
      basis: view.basis,
      receive: { allowed: view.receive.allowed, rule: view.receive.rule },
      excess,
      missing,
      wider,
      basisDiffers,
    },
  };
}

/** The record as it was signed: every facet that decides, checked against the header's commitment. */
async function sharedAt(
  tx: ReadTx,
  { node, network }: { readonly node: string; readonly network: Uint8Array },
  record: StoredRecord,
  row: OutboxRow,
): Promise<Verdict<SharedRecord, NotReplayable>> {
  const judged = judgeHeader(network, record.header);
  if (!judged.ok || !equalBytes(judged.value.digest, row.headerDigest))
    return disbelieved('CONTENT_CHANGED', 'the header is not the one that was signed');
  const signed = judged.value;
  const stored = await tx.records.facets(record.headerDigest);
  const facets = stored.map(({ facet, salt, body }) => ({
    facet,
    salt: Buffer.from(salt),
    body: Buffer.from(body),
  }));
  const changed = facets.find((facet) => !isCommitted(signed, facet));
  if (changed !== undefined)
    return disbelieved('CONTENT_CHANGED', `the facet ${changed.facet} is not the one that was signed`);
  const held = new Set(facets.map(({ facet }) => facet));
  const needed =
    record.originator === node ? signed.header.commitments.map(({ facet }) => facet) : row.facets;
  const gone = needed.filter((name) => !held.has(name));
  if (gone.length > 0)
    return disbelieved('CONTENT_PURGED', `what decided is deleted here: ${gone.join(', ')}`);
  const consent = row.consent && (await consentOf(tx, row.consent, signed));
  if (row.consent && consent === undefined)
    return disbelieved(
      'CONSENT_MISSING',
      `the consent ${hex(row.consent).slice(0, 16)} is not held any more`,
    );
  const endsDisclosedTo = await endsDisclosedAt(tx, record, facets, row.createdAt);
  return believed({
    signed,
    facets,
    ...(consent && { consent }),
    ...(endsDisclosedTo && { endsDisclosedTo }),
  });
}

function isCommitted(
  { header: { recordId, revision, commitments } }: SignedHeader,
  { facet, salt, body }: { readonly facet: string; readonly salt: Uint8Array; readonly body: Uint8Array },
): boolean {
  const commitment = commitments.find((one) => one.facet === facet)?.digest;
  return (
    commitment !== undefined && equalBytes(commitment, commitFacet({ recordId, revision, facet, salt, body }))
  );
}

/** A consent counts as it did, also where it was withdrawn since; its end is judged by the instant of the disclosure. */
async function consentOf(tx: ReadTx, digest: Uint8Array, signed: SignedHeader): Promise<Consent | undefined> {
  const record = await tx.records.byDigest(digest);
  const found = record && consentIn(record, await tx.records.facets(digest));
  return found && isAbout(found, signed) ? found : undefined;
}

/** Facets that its recipient was queued by then, this row's included. */
async function queuedUntil(tx: ReadTx, row: OutboxRow): Promise<ReadonlySet<string>> {
  const rows = (await tx.outbox.ofRecord(row.headerDigest)).filter(
    (one) =>
      one.recipient === row.recipient &&
      one.action !== ItemAction.ITEM_ACTION_WITHDRAWN &&
      one.createdAt <= row.createdAt &&
      (one.id === row.id || one.state !== 'withdrawn' || (one.closedAt ?? 0) > row.createdAt),
  );
  return new Set(rows.flatMap(({ facets }) => facets));
}

function widerThan(row: OutboxRow, view: PartnerView): string[] {
  if (!view.receive.allowed) return ['record'];
  const told = (facet: string) =>
    row.facetAudiences.find((one) => one.facet === facet)?.audience ?? row.audience;
  const permitted = (facet: string) =>
    view.facetAudiences.find((one) => one.facet === facet)?.audience ?? view.audience;
  const facets = row.facets.filter(
    (facet) => view.facets.get(facet)?.allowed === true && !isWithin(told(facet), permitted(facet)),
  );
  return isWithin(row.audience, view.audience) ? facets : ['record', ...facets];
}

const isWithin = (inner: Audience, outer: Audience): boolean =>
  inner.deskGroups.every((group) => outer.deskGroups.includes(group)) &&
  inner.purposes.every((purpose) => outer.purposes.includes(purpose));
