/**
 * Makes the next manifest of a lane out of the outbox. The order of durable steps: rows and link are read, the body is
 * signed, then manifest, number and rows are committed together, and only then is anything published (K1, K2). A number is
 * therefore never signed twice with different bodies: before the COMMIT nobody has seen it, after it the body is kept.
 */
import type { Clock } from '../base/clock.ts';
import { LIMITS } from '../base/limits.ts';
import type { Manifest, ManifestItem, ParcelItem } from '../gen/tocsin/exchange/v1/parcel.ts';
import { type HybridPublicKey, HybridSignature } from '../gen/tocsin/record/v1/identity.ts';
import { Reason } from '../gen/tocsin/record/v1/reason.ts';
import type { VerifiedStatement } from '../identity/index.ts';
import type {
  LaneId,
  LinkOut,
  OutboxEntry,
  OutboxRow,
  ReadTx,
  RowClosing,
  Store,
  WriteTx,
} from '../store/index.ts';
import { type ContentsDeps, itemsOf, loadSendables, type Sendable, sizeOf } from './contents.ts';
import type { Directory } from './directory.ts';
import { ExchangeError } from './errors.ts';
import { LANES, lanePoint } from './link.ts';
import { restOf } from './narrowing.ts';
import { encodeManifest, FORMAT, type SignedManifest } from './parcel.ts';
import type { KeyringPort } from './ports.ts';
import { RECEIPT } from './receipts.ts';
import { ownSpeakers, speakerOf } from './speaker.ts';

export interface PrepareDeps extends ContentsDeps {
  readonly store: Store;
  readonly clock: Clock;
  readonly directory: Directory;
  readonly keyring: KeyringPort;
}

/** A committed manifest with the items that go with it the first time. */
export interface Prepared {
  readonly manifest: SignedManifest;
  readonly signature: HybridSignature;
  readonly items: readonly ParcelItem[];
}

/** Beside the items: signature, checkpoints, proofs, acknowledgements. */
const MANIFEST_OVERHEAD = 24 * 1024;
const LINE_BYTES = 128;
/** Rows read at once. */
const PORTION = 64;

interface Draft {
  readonly link: LinkOut;
  readonly rows: readonly OutboxRow[];
  readonly withdrawn: readonly RowClosing[];
  /** What of the withdrawn ones may still be shown. */
  readonly rest: readonly OutboxEntry[];
  readonly items: readonly ParcelItem[];
  readonly body: Manifest;
  /** Of the statement that the body names. */
  readonly linkKey: HybridPublicKey | undefined;
  readonly contentKind: 'content' | 'receipts';
  readonly checkpointSize: bigint;
}

/**
 * Makes, signs and commits the next manifest. Undefined where there is nothing to send now. Rows that are no longer
 * permitted are closed without ever having been announced.
 */
export async function prepareManifest(
  deps: PrepareDeps,
  lane: LaneId,
  { resendAfterMs, parcelItems }: { readonly resendAfterMs: number; readonly parcelItems: number },
): Promise<Prepared | undefined> {
  const atMs = deps.clock.nowMs();
  const speakers = await ownSpeakers(deps.directory, atMs);
  const draft = await deps.store.read((tx) => draftOf(deps, tx, lane, parcelItems, speakers));
  if (!draft) return undefined;
  if (draft.rows.length === 0) {
    await deps.store.write(async (tx) => {
      await tx.outbox.close(draft.withdrawn, atMs);
      await tx.outbox.add(draft.rest, atMs);
    });
    return draft.rest.length > 0 ? prepareManifest(deps, lane, { resendAfterMs, parcelItems }) : undefined;
  }
  const manifest = encodeManifest(deps.network, draft.body);
  // Off the main thread: an ML-DSA signature must not hold up the lane that carries a flash.
  const signature = await deps.keyring.sign('link', 'manifest', manifest.bytes, draft.linkKey);
  await deps.store.write((tx) => commit(tx, lane, draft, manifest, signature, atMs, atMs + resendAfterMs));
  return { manifest, signature, items: draft.items };
}

async function commit(
  tx: WriteTx,
  lane: LaneId,
  draft: Draft,
  manifest: SignedManifest,
  signature: HybridSignature,
  atMs: number,
  nextAttemptAt: number,
): Promise<void> {
  const { link, body, rows } = draft;
  const ids = rows.map((row) => row.id);
  const now = await tx.links.out(lane);
  const sameIncarnation = now?.incarnation === link.incarnation;
  const unmoved = sameIncarnation ? now.seq === link.seq : (now?.incarnation ?? 0) < link.incarnation;
  const marked = await tx.outbox.markSent(ids, body.incarnation, body.seq);
  if (!unmoved || !marked) {
    throw new ExchangeError({
      code: 'STATE_UNKNOWN',
      message: `lane ${lane.lane} to ${lane.recipient} moved since it was read; read it again`,
      retry: 'later',
    });
  }
  await tx.links.addManifest({
    ...lane,
    incarnation: body.incarnation,
    seq: body.seq,
    digest: manifest.digest,
    body: manifest.bytes,
    signature: HybridSignature.encode(signature).finish(),
    contentKind: draft.contentKind,
    state: 'open',
    attempts: 1,
    nextAttemptAt,
    publishedAt: atMs,
  });
  await tx.links.setOut({
    ...lane,
    incarnation: body.incarnation,
    seq: body.seq,
    digest: manifest.digest,
    checkpointSize: draft.checkpointSize,
    ackSeq: sameIncarnation ? now.ackSeq : 0n,
  });
  await tx.outbox.close(draft.withdrawn, atMs);
  await tx.outbox.add(draft.rest, atMs);
}

async function draftOf(
  deps: PrepareDeps,
  tx: ReadTx,
  lane: LaneId,
  parcelItems: number,
  speakers: readonly VerifiedStatement[],
): Promise<Draft | undefined> {
  const atMs = deps.clock.nowMs();
  const rows = await tx.outbox.sendable(lane, Math.min(parcelItems, LIMITS.parcelItems), atMs);
  const live = await deps.ledger.newestCheckpoint(tx, 'live');
  // Without a checkpoint there is nothing to prove against; the ledger's first tick makes one.
  if (rows.length === 0 || !live) return undefined;
  const sendables = await loadAsFits(deps, tx, lane.recipient, rows, live.size, atMs);
  const chosen = choose(rows, sendables, live.size);
  const link = await linkOf(deps, tx, lane);
  const exercise = chosen.sent.some(({ sendable }) => logOf(sendable) === deps.ledger.origins.exercise)
    ? await deps.ledger.newestCheckpoint(tx, 'exercise')
    : undefined;
  // Between a rotation and the log's next signature by the new keys: its checkpoint wakes this lane.
  const speaker = speakerOf(speakers, { live: live.note, exercise: exercise?.note });
  if (!speaker) return undefined;
  const sizes = { live: live.size, exercise: exercise?.size ?? 0n };
  const items = await itemsOf(
    deps,
    tx,
    chosen.sent.map(({ row }) => row),
    chosen.sent.map(({ sendable }) => sendable),
    sizes,
  );
  const proof =
    link.seq > 0n ? await deps.ledger.consistency(tx, 'live', link.checkpointSize, live.size) : [];
  const { self } = deps.directory;
  const roster = deps.directory.roster();
  return {
    link,
    rows: chosen.sent.map(({ row }) => row),
    withdrawn: chosen.withdrawn,
    rest: chosen.rest,
    items,
    linkKey: speaker.statement.linkKey,
    checkpointSize: live.size,
    contentKind: chosen.sent.every(({ sendable }) => isReceipt(sendable)) ? 'receipts' : 'content',
    body: {
      format: FORMAT,
      sender: self,
      recipient: lane.recipient,
      incarnation: link.incarnation,
      lane: lane.lane,
      seq: link.seq + 1n,
      previous: Buffer.from(link.digest),
      rosterDigest: Buffer.from(roster.digest),
      rosterVersion: roster.version,
      statementDigest: Buffer.from(speaker.digest),
      checkpoint: Buffer.from(live.note),
      consistencyProof: proof.map((hash) => Buffer.from(hash)),
      acknowledgements: await acknowledgementsOf(tx, lane.recipient),
      items: chosen.sent.map(({ row }) => lineOf(row)),
      exerciseCheckpoint: Buffer.from(exercise?.note ?? []),
    },
  };
}

/** Rows are read and decided portion by portion until a parcel is full: large records fill one long before its item limit. */
async function loadAsFits(
  deps: PrepareDeps,
  tx: ReadTx,
  recipient: string,
  rows: readonly OutboxRow[],
  logSize: bigint,
  atMs: number,
): Promise<readonly Sendable[]> {
  const sendables: Sendable[] = [];
  let bytes = MANIFEST_OVERHEAD;
  for (let from = 0; from < rows.length && bytes <= LIMITS.parcelBytes; from += PORTION) {
    const some = rows.slice(from, from + PORTION);
    const loaded = await loadSendables(deps, tx, recipient, some, atMs);
    sendables.push(...loaded);
    for (const [at, sendable] of loaded.entries()) bytes += bytesOf(some[at], sendable, logSize);
  }
  return sendables;
}

/** What a row takes of a parcel: its item, and its line in the manifest. */
const bytesOf = (row: OutboxRow | undefined, sendable: Sendable, logSize: bigint): number =>
  row === undefined || sendable.kind === 'denied'
    ? 0
    : sizeOf(sendable, logSize) + LINE_BYTES + 24 * row.facets.length + row.basis.length;

interface Chosen {
  readonly sent: readonly { readonly row: OutboxRow; readonly sendable: Sendable }[];
  readonly withdrawn: readonly RowClosing[];
  readonly rest: readonly OutboxEntry[];
}

/** As many rows, in their order, as fit one parcel; at least one. */
function choose(rows: readonly OutboxRow[], sendables: readonly Sendable[], logSize: bigint): Chosen {
  const sent: { row: OutboxRow; sendable: Sendable }[] = [];
  const withdrawn: RowClosing[] = [];
  const rests: OutboxEntry[] = [];
  let bytes = MANIFEST_OVERHEAD;
  for (const [at, row] of rows.entries()) {
    const sendable = sendables[at];
    if (!sendable) break;
    if (sendable.kind === 'denied') {
      withdrawn.push({ id: row.id, state: 'withdrawn', resultReason: Reason.REASON_WITHDRAWN });
      const rest = restOf(row, sendable.narrower);
      if (rest) rests.push(rest);
      continue;
    }
    bytes += bytesOf(row, sendable, logSize);
    if (bytes > LIMITS.parcelBytes && sent.length > 0) break;
    sent.push({ row, sendable });
  }
  return { sent, withdrawn, rest: rests };
}

/** Where the lane stands; a higher incarnation of ours starts it anew. */
async function linkOf(deps: PrepareDeps, tx: ReadTx, lane: LaneId): Promise<LinkOut> {
  const { incarnation } = deps.directory.own().statement;
  const held = await tx.links.out(lane);
  if (held && held.incarnation >= incarnation) return held;
  const anew = { ...lane, ...lanePoint(incarnation), checkpointSize: 0n, ackSeq: 0n };
  // The restart names the last manifest known (design §5), so that the recipient sees what was lost.
  return held ? { ...anew, digest: held.digest } : anew;
}

async function acknowledgementsOf(tx: ReadTx, peer: string): Promise<Manifest['acknowledgements']> {
  const taken: Manifest['acknowledgements'] = [];
  for (const lane of LANES) {
    const link = await tx.links.in(peer, lane);
    if (!link) continue;
    const { incarnation, seq, digest } = link;
    taken.push({ lane, incarnation, seq, digest: Buffer.from(digest) });
  }
  return taken;
}

const lineOf = (row: OutboxRow): ManifestItem => ({
  action: row.action,
  headerDigest: Buffer.from(row.headerDigest),
  facets: [...row.facets],
  audience: row.audience,
  facetAudiences: [...row.facetAudiences],
  basis: row.basis,
  consent: Buffer.from(row.consent ?? []),
});

const logOf = (sendable: Sendable): string | undefined =>
  sendable.kind === 'permitted' && sendable.record.origin === 'own' ? sendable.record.logOrigin : undefined;

const isReceipt = (sendable: Sendable): boolean =>
  sendable.kind === 'permitted' && sendable.record.kind === RECEIPT && sendable.record.origin === 'own';
