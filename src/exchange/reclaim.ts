/**
 * Fetching back what this node had sent before it was restored, from a partner that took it: manifests, and the records in
 * them that the restored store lacks. A partner can leave out, it cannot make up: each manifest is believed by our own link
 * key, each record by our own log's signature and proof, each facet by its commitment.
 */
import { concat, equalBytes, hex } from '../base/bytes.ts';
import type { Clock } from '../base/clock.ts';
import { disbelieved, type Verdict } from '../base/verdict.ts';
import type { GiveBackResponse } from '../gen/tocsin/exchange/v1/exchange_service.ts';
import {
  Audience,
  ItemAction,
  type ManifestItem,
  type ParcelItem,
} from '../gen/tocsin/exchange/v1/parcel.ts';
import { HybridSignature } from '../gen/tocsin/record/v1/identity.ts';
import { Reason } from '../gen/tocsin/record/v1/reason.ts';
import { judgeHybrid, type VerifiedStatement } from '../identity/index.ts';
import { judgeInclusion, leafHash } from '../merkle/index.ts';
import { judgeFacets, judgeHeader, parseLogOrigin, type SignedHeader } from '../record/index.ts';
import type { LaneId, OutboxEntry, Store, WriteTx } from '../store/index.ts';
import { judgeCheckpoint } from './arrival.ts';
import type { Directory } from './directory.ts';
import type { PeerKeys } from './keys.ts';
import { LANES } from './link.ts';
import { judgeManifest, type SignedManifest } from './parcel.ts';
import type { PeerCalls } from './ports.ts';
import { RECEIPT } from './receipts.ts';
import { rowOf } from './stored.ts';
import { worldOfHeader } from './worlds.ts';

export interface ReclaimDeps {
  readonly store: Store;
  readonly clock: Clock;
  readonly directory: Directory;
  readonly keys: PeerKeys;
  readonly callsTo: (peer: string) => PeerCalls;
  /** A record of ours came back: what it does to others, as a recall does, is done again in the same transaction. */
  readonly onReclaimed: (tx: WriteTx, record: ReclaimedRecord, atMs: number) => Promise<void>;
}

export interface ReclaimedRecord {
  readonly signed: SignedHeader;
  readonly facets: ParcelItem['facets'];
}

const CALL_MS = 5 * 60_000;

interface Returned {
  readonly manifest: SignedManifest;
  readonly signature: HybridSignature;
  readonly records: readonly (ReturnedRecord | undefined)[];
}

interface ReturnedRecord extends ReclaimedRecord {
  readonly item: ParcelItem;
  readonly statement: VerifiedStatement;
}

/**
 * Fetches and keeps everything that the partner gives back; the number of manifests. Throws where a call fails: what was kept
 * until then stays, and the next call goes on after it. What is not believed ends the call as well, told through `refused`.
 */
export async function reclaim(
  deps: ReclaimDeps,
  partner: string,
  refused: (reason: Reason, detail: string) => void,
  signal: AbortSignal,
): Promise<number> {
  const { incarnation } = deps.directory.own().statement;
  let total = 0;
  for (const lane of LANES) {
    const id: LaneId = { recipient: partner, lane };
    for (;;) {
      const last = await deps.store.read((tx) => tx.links.lastOutBefore(id, incarnation));
      const answers = deps
        .callsTo(partner)
        .giveBack(
          { lane, incarnation, afterIncarnation: last?.incarnation ?? 0, afterSeq: last?.seq ?? 0n },
          { deadlineMs: CALL_MS, signal },
        );
      let got = 0;
      for await (const answer of answers) {
        const judged = await judgeReturned(deps, id, incarnation, answer);
        if (!judged.ok) {
          refused(judged.reason, judged.detail);
          continue;
        }
        await deps.store.write((tx) => keep(deps, tx, id, judged.value));
        got++;
      }
      total += got;
      // Asked once more after whatever came: an answer may be cut to a bound of the partner.
      if (got === 0) break;
    }
  }
  return total;
}

async function judgeReturned(
  deps: ReclaimDeps,
  { recipient, lane }: LaneId,
  incarnation: number,
  { manifest: bytes, signature, items }: GiveBackResponse,
): Promise<Verdict<Returned, Reason>> {
  const { directory, keys } = deps;
  const judged = judgeManifest(directory.network, bytes);
  if (!judged.ok) return judged;
  const { manifest } = judged.value;
  if (manifest.sender !== directory.self || manifest.recipient !== recipient || manifest.lane !== lane)
    return disbelieved(Reason.REASON_WRONG_SENDER, `expected a manifest of ours to ${recipient}`);
  if (manifest.incarnation >= incarnation)
    return disbelieved(Reason.REASON_STATEMENT_STALE, 'expected a manifest of an earlier incarnation');
  const statement = await keys.statement(directory.self, manifest.statementDigest, recipient);
  if (!statement.ok) return statement;
  const key = statement.value.statement.linkKey;
  if (!signature || !key)
    return disbelieved(Reason.REASON_SIGNATURE_INVALID, 'a manifest of ours without its signature');
  const authentic = judgeHybrid('manifest', bytes, signature, key);
  if (!authentic.ok) return authentic;
  if (items.length !== manifest.items.length)
    return disbelieved(Reason.REASON_ITEM_NOT_IN_MANIFEST, 'expected one item a line');
  const records = await Promise.all(
    manifest.items.map(async (line, at) => {
      const record = await judgeRecord(deps, recipient, line, items[at]);
      return record?.ok === true ? record.value : undefined;
    }),
  );
  return { ok: true, value: { manifest: judged.value, signature, records } };
}

/** Undefined for a line whose record is another's or was not kept. */
async function judgeRecord(
  { directory, keys }: ReclaimDeps,
  partner: string,
  line: ManifestItem,
  item: ParcelItem | undefined,
): Promise<Verdict<ReturnedRecord, Reason> | undefined> {
  if (!item?.inclusion || item.header.length === 0) return undefined;
  const signed = judgeHeader(directory.network, item.header);
  if (!signed.ok) return signed;
  const { header, digest, bytes } = signed.value;
  if (!equalBytes(digest, line.headerDigest) || header.originator !== directory.self)
    return disbelieved(Reason.REASON_ITEM_NOT_IN_MANIFEST, 'expected the record of ours that the line names');
  const statement = await keys.statement(directory.self, item.statementDigest, partner);
  if (!statement.ok) return statement;
  const claims = statement.value.statement;
  const exercise = parseLogOrigin(header.logOrigin)?.world === 'exercise';
  const origin = exercise ? claims.exerciseLogOrigin : claims.logOrigin;
  if (origin !== header.logOrigin)
    return disbelieved(Reason.REASON_CHECKPOINT_INVALID, 'the key statement speaks for another log');
  const checkpoint = judgeCheckpoint(
    item.inclusion.checkpoint,
    origin,
    exercise ? claims.exerciseLogKey : claims.logKey,
  );
  if (!checkpoint.ok) return checkpoint;
  const included = judgeInclusion({
    leafHash: leafHash(bytes),
    index: item.inclusion.index,
    size: checkpoint.value.size,
    proof: item.inclusion.proof,
    root: checkpoint.value.root,
  });
  if (!included.ok) return included;
  const facets = judgeFacets(signed.value, item.facets);
  if (!facets.ok) return facets;
  return {
    ok: true,
    value: { signed: signed.value, facets: item.facets, item, statement: statement.value },
  };
}

/** Keeps manifest, records and rows; the rows are closed by the receipts that are fetched next. */
async function keep(
  deps: ReclaimDeps,
  tx: WriteTx,
  lane: LaneId,
  { manifest: signed, signature, records }: Returned,
): Promise<void> {
  const atMs = deps.clock.nowMs();
  const { manifest, digest, bytes } = signed;
  const { incarnation, seq } = manifest;
  if (await tx.links.manifestOut({ ...lane, incarnation, seq })) return;
  for (const record of records) if (record) await keepRecord(deps, tx, record, atMs);
  const held = new Set(
    (await tx.records.byDigests(manifest.items.map((line) => line.headerDigest))).map((record) =>
      hex(record.headerDigest),
    ),
  );
  const rows = manifest.items
    // Receipts are closed by acknowledgement, which this manifest has.
    .filter((line, at) => records[at]?.signed.header.kind !== RECEIPT && held.has(hex(line.headerDigest)))
    .map((line) => entryOf(lane, line));
  await tx.outbox.addSent(rows, incarnation, seq, atMs);
  const isReceipts = records.length > 0 && records.every((record) => record?.signed.header.kind === RECEIPT);
  await tx.links.addManifest({
    ...lane,
    incarnation,
    seq,
    digest,
    body: bytes,
    signature: HybridSignature.encode(signature).finish(),
    contentKind: isReceipts ? 'receipts' : 'content',
    state: 'closed',
    attempts: 1,
    nextAttemptAt: atMs,
    publishedAt: atMs,
  });
  const link = await tx.links.out(lane);
  const own = deps.directory.own().statement.incarnation;
  if (link && link.incarnation >= own) return;
  await tx.links.setOut({ ...lane, incarnation, seq, digest, checkpointSize: 0n, ackSeq: seq });
}

async function keepRecord(
  deps: ReclaimDeps,
  tx: WriteTx,
  { signed, facets, item, statement }: ReturnedRecord,
  atMs: number,
): Promise<void> {
  const { header, digest } = signed;
  const inclusion = {
    leafIndex: item.inclusion?.index ?? 0n,
    proof: item.inclusion?.proof ?? [],
    note: item.inclusion?.checkpoint ?? new Uint8Array(0),
  };
  const held = await tx.records.byDigest(digest);
  if (held) {
    await tx.records.setProof(digest, {
      leafIndex: inclusion.leafIndex,
      proof: concat(...inclusion.proof),
      checkpoint: inclusion.note,
      statementDigest: statement.digest,
    });
    await tx.recovery.dropStranded(digest);
    return;
  }
  const revisions = await tx.records.revisions(header.originator, header.recordId, worldOfHeader(header));
  const higher = revisions.some((other) => other.revision > header.revision);
  await tx.records.supersede(
    revisions.filter((other) => other.revision < header.revision).map((other) => other.headerDigest),
  );
  const record = rowOf(signed, {
    origin: 'own',
    state: higher ? 'superseded' : 'released',
    facets,
    statementDigest: statement.digest,
    committedAt: atMs,
    inclusion,
  });
  await tx.records.insert([{ record, facets }]);
  await deps.onReclaimed(tx, { signed, facets }, atMs);
}

const entryOf = ({ recipient, lane }: LaneId, line: ManifestItem): OutboxEntry => ({
  recipient,
  lane,
  action: line.action === ItemAction.ITEM_ACTION_UNSPECIFIED ? ItemAction.ITEM_ACTION_RECORD : line.action,
  headerDigest: line.headerDigest,
  facets: line.facets,
  audience: line.audience ?? Audience.create(),
  facetAudiences: line.facetAudiences,
  basis: line.basis,
  ...(line.consent.length > 0 && { consent: line.consent }),
});
