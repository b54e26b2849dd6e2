/**
 * Logs compared in passing: each heartbeat names a few that its sender knows, chosen at random, so that a log which shows
 * two histories meets itself somewhere (T27, T28). A difference counts only with the signed note that proves it.
 */
import { equalBytes } from '../base/bytes.ts';
import type { Random } from '../base/clock.ts';
import type { KnownLog } from '../gen/tocsin/exchange/v1/exchange_service.ts';
import { isNodeId, parseLogOrigin } from '../record/index.ts';
import type { ReadTx, Store, KnownLog as StoredLog } from '../store/index.ts';
import { type Alarm, logFork } from './alarms.ts';
import { judgeCheckpoint } from './arrival.ts';
import type { Directory } from './directory.ts';
import type { ExchangeEvents, PeerCalls } from './ports.ts';

const SAMPLE = 3;
const CALL_MS = 10_000;

/** A few of the logs known here, other than the peer's own. */
export async function sampleLogs(tx: ReadTx, random: Random, peer: string): Promise<KnownLog[]> {
  const known = (await tx.ledger.newestKnownLogs()).filter((log) => log.node !== peer);
  const chosen: KnownLog[] = [];
  while (chosen.length < SAMPLE && known.length > 0) {
    const [byte = 0, next = 0] = random.bytes(2);
    const [log] = known.splice((byte * 256 + next) % known.length, 1);
    if (log) chosen.push({ origin: log.origin, size: log.size, root: Buffer.from(log.root) });
  }
  return chosen;
}

export interface KnownLogDeps {
  readonly store: Store;
  readonly directory: Directory;
  readonly callsTo: (peer: string) => PeerCalls;
  readonly events: ExchangeEvents;
}

/** Alarms for logs of which the peer holds another root than is held here, each with both notes. */
export async function judgeKnownLogs(
  deps: KnownLogDeps,
  peer: string,
  logs: readonly KnownLog[],
): Promise<readonly Alarm[]> {
  const alarms: Alarm[] = [];
  for (const claimed of logs.slice(0, SAMPLE)) {
    const held = await deps.store.read((tx) => heldLog(tx, claimed));
    if (!held || equalBytes(held.root, claimed.root)) continue;
    const note = await proofOf(deps, peer, claimed);
    if (!note) continue;
    alarms.push({
      code: 'LOG_FORK',
      subject: claimed.origin,
      detail: `two roots for size ${claimed.size}: one held here, one by ${peer}`,
      misconduct: {
        network: deps.directory.network,
        self: deps.directory.self,
        nodes: [parseLogOrigin(claimed.origin)?.node ?? ''],
        deed: logFork(held.note, note),
      },
    });
  }
  return alarms;
}

async function heldLog(
  tx: ReadTx,
  { origin, size }: KnownLog,
): Promise<Pick<StoredLog, 'root' | 'note'> | undefined> {
  return (await tx.ledger.knownLog(origin, size)) ?? (await tx.ledger.checkpoint(origin, size));
}

/** The note behind the peer's claim, signed by the log itself; without it the claim is the peer's word alone. */
async function proofOf(deps: KnownLogDeps, peer: string, claimed: KnownLog): Promise<Uint8Array | undefined> {
  const { directory, callsTo, events } = deps;
  const origin = parseLogOrigin(claimed.origin);
  const statement =
    origin && isNodeId(origin.node) ? directory.statementOf(origin.node)?.statement : undefined;
  if (!origin || !statement) return undefined;
  try {
    const { checkpoints } = await callsTo(peer).getCheckpoints(
      { origin: claimed.origin, size: claimed.size },
      { deadlineMs: CALL_MS },
    );
    const key = origin.world === 'exercise' ? statement.exerciseLogKey : statement.logKey;
    return checkpoints.slice(0, SAMPLE).find((note) => {
      const judged = judgeCheckpoint(note, claimed.origin, key);
      return judged.ok && judged.value.size === claimed.size && equalBytes(judged.value.root, claimed.root);
    });
  } catch (error) {
    events.failed?.({ what: 'checkpoints', peer, error });
    return undefined;
  }
}
