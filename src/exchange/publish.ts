/**
 * Seals a committed manifest and puts it into its recipient's mailbox; gives a number up where its recipient keeps
 * refusing it. The body is always the one that was committed; what goes with it is decided anew each time.
 */
import { createHmac } from 'node:crypto';
import { base64url, hex, u32be } from '../base/bytes.ts';
import { type ManifestItem, type ParcelItem, SignedSkip } from '../gen/tocsin/exchange/v1/parcel.ts';
import { HybridSignature } from '../gen/tocsin/record/v1/identity.ts';
import { Reason } from '../gen/tocsin/record/v1/reason.ts';
import { judgeCheckpointText, parseNote } from '../merkle/index.ts';
import { sealParcel } from '../seal/index.ts';
import type { LaneId, ManifestOut } from '../store/index.ts';
import { raise } from './alarms.ts';
import { type Denied, itemsOf, type LogSizes, loadSendables } from './contents.ts';
import { ExchangeError } from './errors.ts';
import type { PeerKeys } from './keys.ts';
import { barrierOf } from './membership.ts';
import { restOf, withdrawnLine } from './narrowing.ts';
import type { ManifestPlace } from './outbox.ts';
import { encodeContent, encodeSkip, FORMAT, manifestOfOurs, SUITE } from './parcel.ts';
import type { ExchangeEvents, MailboxPort, PutOutcome } from './ports.ts';
import type { PrepareDeps } from './prepare.ts';

export interface PublishDeps extends PrepareDeps {
  readonly keys: PeerKeys;
  readonly mailbox: Pick<MailboxPort, 'put'>;
  readonly events: ExchangeEvents;
  /** Keys the broker's message ids, so that they tell nothing and never repeat for two attempts (security §0.3). */
  readonly messageIdKey: Uint8Array;
}

/** Bytes of a parcel, sealed to the recipient's prekey of this moment. KEYS_UNAVAILABLE where none is known. */
export async function sealManifest(
  deps: PublishDeps,
  lane: LaneId,
  manifest: Pick<ManifestOut, 'body' | 'signature'>,
  items: readonly ParcelItem[],
): Promise<Uint8Array> {
  const prekey = await deps.keys.prekey(lane.recipient);
  if (!prekey) {
    throw new ExchangeError({
      code: 'KEYS_UNAVAILABLE',
      message: `no valid prekey of ${lane.recipient} is known; it is asked for when the node answers`,
      retry: 'later',
    });
  }
  const { directory } = deps;
  return sealParcel({
    envelope: {
      format: FORMAT,
      suite: SUITE,
      network: Buffer.from(directory.network),
      sender: directory.self,
      recipient: lane.recipient,
      lane: lane.lane,
      prekeyId: prekey.id,
    },
    content: encodeContent(manifest.body, HybridSignature.decode(manifest.signature), items),
    publicKey: prekey.publicKey,
  });
}

/** One attempt. `items` where they were made a moment ago; otherwise they are read and decided anew. */
export async function publishManifest(
  deps: PublishDeps,
  lane: LaneId,
  place: ManifestPlace,
  attempt: number,
  items: readonly ParcelItem[] | undefined,
): Promise<PutOutcome> {
  const manifest = await deps.store.read((tx) => tx.links.manifestOut({ ...lane, ...place }));
  // Closed while it waited its turn: nothing to do, and nothing to count as undelivered.
  if (manifest?.state !== 'open') return 'stored';
  // Put out meanwhile: nothing more is sealed to it, and nothing goes out that was being sealed when that came (T16).
  const isBarred = () =>
    barrierOf(deps.directory, lane.recipient, lane.lane === 0 ? 0 : 1, deps.clock.nowMs()) !== undefined;
  if (isBarred()) return 'unknown';
  // A recipient that stays silent may have got new keys, or lost the old ones.
  if (attempt > 1) await deps.keys.refresh(lane.recipient);
  const contents = items ?? (await itemsAgain(deps, lane, manifest));
  const bytes = await sealManifest(deps, lane, manifest, contents);
  const messageId = base64url(
    createHmac('sha256', deps.messageIdKey).update(manifest.digest).update(u32be(attempt)).digest(),
  );
  if (isBarred()) return 'unknown';
  const outcome = await deps.mailbox.put({ ...lane, bytes, messageId });
  if (outcome === 'stored') {
    deps.events.sent?.({
      recipient: lane.recipient,
      lane: lane.lane,
      seq: place.seq,
      items: contents.length,
      bytes: bytes.length,
      attempt,
    });
  }
  return outcome;
}

/** Items of a kept manifest as they may travel now. What is no longer permitted stays out, and is withdrawn in the open. */
export async function itemsAgain(
  deps: PrepareDeps,
  lane: LaneId,
  manifest: ManifestOut,
): Promise<readonly ParcelItem[]> {
  const body = manifestOfOurs(manifest.body);
  const sizes: LogSizes = { live: sizeIn(body.checkpoint), exercise: sizeIn(body.exerciseCheckpoint) };
  const { sendables, items } = await deps.store.read(async (tx) => {
    const loaded = await loadSendables(deps, tx, lane.recipient, body.items, deps.clock.nowMs());
    return { sendables: loaded, items: await itemsOf(deps, tx, body.items, loaded, sizes) };
  });
  const denied = body.items.flatMap((line, at) => {
    const sendable = sendables[at];
    return sendable?.kind === 'denied' ? [{ line, sendable }] : [];
  });
  if (denied.length > 0 && manifest.state === 'open') await withdraw(deps, lane, manifest, denied);
  return items;
}

/** Size in a checkpoint of our own making; 0 for none. */
function sizeIn(note: Uint8Array): bigint {
  const parsed = parseNote(note);
  const checkpoint = parsed.ok ? judgeCheckpointText(parsed.value.text) : parsed;
  return checkpoint.ok ? checkpoint.value.size : 0n;
}

/** Closes the rows as withdrawn, and queues a signed line that says so; what may still be shown is queued anew. */
async function withdraw(
  deps: PrepareDeps,
  lane: LaneId,
  manifest: ManifestOut,
  denied: readonly { readonly line: ManifestItem; readonly sendable: Denied }[],
): Promise<void> {
  const atMs = deps.clock.nowMs();
  await deps.store.write(async (tx) => {
    const rows = await tx.outbox.ofManifest(lane, manifest.incarnation, manifest.seq);
    for (const { line, sendable } of denied) {
      const row = rows.find(
        (one) =>
          one.state === 'sent' &&
          one.action === line.action &&
          hex(one.headerDigest) === hex(line.headerDigest),
      );
      if (!row) continue;
      await tx.outbox.close(
        [{ id: row.id, state: 'withdrawn', resultReason: Reason.REASON_WITHDRAWN }],
        atMs,
      );
      const rest = restOf(row, sendable.narrower);
      await tx.outbox.add([withdrawnLine(row), ...(rest ? [rest] : [])], atMs);
    }
  });
}

/** Our signed word that a number is given up; encoded SignedSkip. */
export async function signSkip(
  deps: PublishDeps,
  lane: LaneId,
  { incarnation, seq, digest }: Pick<ManifestOut, 'incarnation' | 'seq' | 'digest'>,
  reason: Reason,
): Promise<Uint8Array> {
  const { network, directory, keyring } = deps;
  const body = encodeSkip(network, {
    sender: directory.self,
    recipient: lane.recipient,
    incarnation,
    lane: lane.lane,
    seq,
    digest: Buffer.from(digest),
    reason,
  });
  const signature = await keyring.sign('link', 'skip', body);
  return SignedSkip.encode({ body: Buffer.from(body), signature }).finish();
}

/** A skip that was signed by a key which may have been replaced since: the same body, signed by the one in use. */
export async function skipAsNow(deps: PublishDeps, bytes: Uint8Array): Promise<SignedSkip> {
  const { body } = SignedSkip.decode(bytes);
  return { body, signature: await deps.keyring.sign('link', 'skip', body) };
}

/** Gives a number up: signed, so that the recipient's chain goes on; its rows are closed as skipped, and people are told. */
export async function skipManifest(deps: PublishDeps, lane: LaneId, place: ManifestPlace): Promise<void> {
  const manifest = await deps.store.read((tx) => tx.links.manifestOut({ ...lane, ...place }));
  if (manifest?.state !== 'open') return;
  const skip = await signSkip(deps, lane, manifest, Reason.REASON_SKIPPED);
  const atMs = deps.clock.nowMs();
  const alarm = {
    code: 'MANIFEST_SKIPPED',
    subject: `${lane.recipient}/${lane.lane}/${manifest.seq}`,
    detail: `${lane.recipient} refused manifest ${manifest.seq} of lane ${lane.lane} ${manifest.attempts} times; it was given up`,
  } as const;
  await deps.store.write(async (tx) => {
    const rows = await tx.outbox.ofManifest(lane, manifest.incarnation, manifest.seq);
    await tx.links.skipManifest(manifest, skip, atMs);
    await tx.outbox.close(
      rows.map((row) => ({ id: row.id, state: 'skipped', resultReason: Reason.REASON_SKIPPED })),
      atMs,
    );
    await raise(tx, alarm, atMs);
  });
  deps.events.alarm?.(alarm);
}
