/**
 * Logs compared in passing: each heartbeat names a few that its sender knows, chosen at random, so that a log which shows
 * two histories meets itself somewhere (T27, T28). A difference counts only with the signed note that proves it.
 */
import { equalBytes } from '../base/bytes.ts';
import type { Clock, Random } from '../base/clock.ts';
import type { KnownLog } from '../gen/tocsin/exchange/v1/exchange_service.ts';
import { keepPartnerCheckpoint } from '../ledger/index.ts';
import { frontierAt, judgeSignedCheckpoint, rootOf } from '../merkle/index.ts';
import { isNodeId, parseLogOrigin } from '../record/index.ts';
import type { ReadTx, Store, KnownLog as StoredLog } from '../store/index.ts';
import { REMEDY } from './acknowledgement.ts';
import { type Alarm, logFork } from './alarms.ts';
import type { Directory } from './directory.ts';
import type { Lane } from './link.ts';
import { logKeysHeld } from './log-keys.ts';
import type { ExchangeEvents, LedgerPort, PeerCalls } from './ports.ts';

/** Third logs named in a heartbeat at their newest size: all of a network of 17 members, so that a fork meets itself at once. */
export const NAMED = 32;
/** Of these, named at one of the sizes before, too. */
const SAMPLE = 3;
const SIZES = 8;
/** Entries of a heartbeat that are looked at: the sample, and two worlds of the peer's own, or of ours. */
export const JUDGED = NAMED + SAMPLE + 2;
/** Sizes not known here are taken from the first so many third logs: each costs two calls, the rest are compared where they can be. */
const HEARSAY = 6;
const CALL_MS = 10_000;
/** Sizes that cannot be compared cost their owner a proof each: one a log in so long. */
const HEARSAY_MS = 60_000;

const pick = (random: Random, count: number): number => {
  const [byte = 0, next = 0] = random.bytes(2);
  return (byte * 256 + next) % count;
};

const claimOf = ({ origin, size, root }: Pick<StoredLog, 'origin' | 'size' | 'root'>): KnownLog => ({
  origin,
  size,
  root: Buffer.from(root),
});

/**
 * What is told of others' logs: a few third ones, chosen at random, and what is known here of the peer's own, by which a peer
 * whose store was put back finds that out. Two nodes that know different sizes of a log meet at an earlier one.
 */
export async function sampleLogs(tx: ReadTx, random: Random, peer: string): Promise<KnownLog[]> {
  const known = await tx.ledger.newestKnownLogs();
  const own = known.filter(({ node, origin }) => node === peer && parseLogOrigin(origin)?.node === peer);
  const others = known.filter(({ node }) => node !== peer);
  const chosen = own.toSorted(byIncarnation).slice(0, 2).map(claimOf);
  for (let count = 0; count < NAMED && others.length > 0; count++) {
    const [log] = others.splice(pick(random, others.length), 1);
    if (!log) continue;
    chosen.push(claimOf(log));
    if (count >= SAMPLE) continue;
    const earlier = (await tx.ledger.knownSizes(log.origin, SIZES)).filter((size) => size !== log.size);
    const size = earlier[earlier.length === 0 ? 0 : pick(random, earlier.length)];
    const second = size === undefined ? undefined : await tx.ledger.knownLog(log.origin, size);
    if (second) chosen.push(claimOf(second));
  }
  return chosen;
}

/** The logs of the newest incarnation first: those are the ones that go on. */
const byIncarnation = (a: StoredLog, b: StoredLog): number =>
  (parseLogOrigin(b.origin)?.incarnation ?? 0) - (parseLogOrigin(a.origin)?.incarnation ?? 0);

/** This node's own logs, each at the newest checkpoint of a tick. */
export async function ownLogs(tx: ReadTx, origins: readonly string[]): Promise<KnownLog[]> {
  const logs: KnownLog[] = [];
  for (const origin of origins) {
    const tick = await tx.ledger.newestCheckpoint(origin, 'tick');
    if (tick) logs.push(claimOf({ ...tick, origin }));
  }
  return logs;
}

export interface KnownLogDeps {
  readonly store: Store;
  readonly clock: Clock;
  readonly directory: Directory;
  readonly ledger: Pick<LedgerPort, 'origins'>;
  readonly callsTo: (peer: string) => PeerCalls;
  readonly events: ExchangeEvents;
  /** By log, when a size was last taken from hearsay; kept by the caller. */
  readonly hearsay: Map<string, number>;
  /** The peer holds more, or other, of our log than our store. */
  readonly onBehind: (peer: string, lane: Lane) => void;
}

/** Alarms for logs of which the peer holds another root than is held here, each with both notes. */
export async function judgeKnownLogs(
  deps: KnownLogDeps,
  peer: string,
  logs: readonly KnownLog[],
): Promise<readonly Alarm[]> {
  const alarms: Alarm[] = [];
  const nowMs = deps.clock.nowMs();
  let hearsay = 0;
  for (const claimed of logs.slice(0, JUDGED)) {
    const own = Object.values(deps.ledger.origins).includes(claimed.origin);
    const standing = await deps.store.read((tx) =>
      own ? ownStanding(tx, claimed) : heldStanding(tx, claimed),
    );
    if (standing.kind === 'same') continue;
    if (!own && standing.kind === 'unknown') {
      if (++hearsay > HEARSAY) continue;
      if (Math.abs(nowMs - (deps.hearsay.get(claimed.origin) ?? 0)) < HEARSAY_MS) continue;
      deps.hearsay.set(claimed.origin, nowMs);
    }
    const note = await proofOf(deps, peer, claimed);
    if (!note) continue;
    if (own) {
      alarms.push(behind(peer, claimed));
      deps.onBehind(peer, 0);
      continue;
    }
    if (standing.kind !== 'other') {
      // Not comparable here: the owner of the log has to prove that this size is a part of it (log-proofs.ts).
      const kept = { checkpoint: claimed, note, hearsay: true };
      await deps.store.write((tx) =>
        keepPartnerCheckpoint(tx, parseLogOrigin(claimed.origin)?.node ?? '', kept, nowMs),
      );
      continue;
    }
    alarms.push({
      code: 'LOG_FORK',
      subject: claimed.origin,
      detail: `two roots for size ${claimed.size}: one held here, one by ${peer}`,
      misconduct: {
        network: deps.directory.network,
        self: deps.directory.self,
        nodes: [parseLogOrigin(claimed.origin)?.node ?? ''],
        deed: logFork(standing.note, note),
      },
    });
  }
  return alarms;
}

/** What a peer says of its own logs, against what is known of them here; sizes not known are proved by log-proofs.ts. */
export async function judgeOwnLogs(
  deps: KnownLogDeps,
  peer: string,
  logs: readonly KnownLog[],
): Promise<readonly Alarm[]> {
  const known: KnownLog[] = [];
  for (const claimed of logs.slice(0, 2)) {
    const standing = await deps.store.read((tx) => heldStanding(tx, claimed));
    if (parseLogOrigin(claimed.origin)?.node === peer && standing.kind === 'other') known.push(claimed);
  }
  return judgeKnownLogs(deps, peer, known);
}

const behind = (peer: string, { size }: KnownLog): Alarm => ({
  code: 'STORE_BEHIND',
  subject: peer,
  detail: `${peer} holds a checkpoint of our log at size ${size} that our store does not know: restored from a backup, or a copy of this node runs? ${REMEDY}`,
});

/** `unknown`: a log that is known here, at a size that is not. */
type Standing = { readonly kind: 'same' | 'unknown' } | { readonly kind: 'other'; readonly note: Uint8Array };

async function heldStanding(tx: ReadTx, { origin, size, root }: KnownLog): Promise<Standing> {
  const held = (await tx.ledger.knownLog(origin, size)) ?? (await tx.ledger.checkpoint(origin, size));
  if (held) return equalBytes(held.root, root) ? { kind: 'same' } : { kind: 'other', note: held.note };
  return { kind: (await tx.ledger.newestTied(origin)) && size > 0n ? 'unknown' : 'same' };
}

/** Of our own log of this incarnation every size can be compared. */
async function ownStanding(tx: ReadTx, { origin, size, root }: KnownLog): Promise<Standing> {
  const newest = await tx.ledger.newestCheckpoint(origin);
  if (size > (newest?.size ?? 0n)) return { kind: 'unknown' };
  const ours = rootOf(await frontierAt(size, (ids) => tx.ledger.nodes(origin, ids)));
  return { kind: equalBytes(ours, root) ? 'same' : 'unknown' };
}

/** The note behind the peer's claim, signed by the log itself; without it the claim is the peer's word alone. */
async function proofOf(deps: KnownLogDeps, peer: string, claimed: KnownLog): Promise<Uint8Array | undefined> {
  const { directory, callsTo, events, store } = deps;
  const origin = parseLogOrigin(claimed.origin);
  if (!origin || !isNodeId(origin.node)) return undefined;
  try {
    const { checkpoints } = await callsTo(peer).getCheckpoints(
      { origin: claimed.origin, size: claimed.size },
      { deadlineMs: CALL_MS },
    );
    for (const note of checkpoints.slice(0, SAMPLE)) {
      const of = { origin: claimed.origin, note };
      const keys = await store.read((tx) => logKeysHeld(tx, directory.network, of));
      const judged = keys && judgeSignedCheckpoint({ ...keys, note });
      const stated = judged?.ok ? judged.value.checkpoint : undefined;
      if (stated?.size === claimed.size && equalBytes(stated.root, claimed.root)) return note;
    }
    return undefined;
  } catch (error) {
    events.failed?.({ what: 'checkpoints', peer, error });
    return undefined;
  }
}
