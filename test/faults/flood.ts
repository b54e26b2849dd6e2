/**
 * A member floods a partner (T34): with parcels that are sealed to it and signed wrong, with noise, and with as many calls as it may
 * have at once, while a third member's urgent records have to come through; then the partner stands still for a while.
 */
import { readFileSync } from 'node:fs';
import { sleep } from '../../src/base/async.ts';
import { hex } from '../../src/base/bytes.ts';
import { systemRandom } from '../../src/base/clock.ts';
import type { HybridSignature } from '../../src/gen/tocsin/record/v1/identity.ts';
import { netToken } from '../../src/record/index.ts';
import { createRpcClient } from '../../src/transport/index.ts';
import { TestFederation } from '../support/federation.ts';
import { answerOf } from '../support/hostile-caller.ts';
import { HostileMember } from '../support/hostile-member.ts';
import { NodeView } from '../support/hostile-view.ts';
import { CAST, contentOf } from './workload.ts';

export interface Flooded {
  /** Of the flooder: parcels that the broker took, and calls that were answered or refused. */
  readonly parcels: number;
  readonly calls: number;
  /** From release to the receipt, milliseconds, of urgent records of the third member: idle, and during the flood. */
  readonly idleMs: readonly number[];
  readonly floodedMs: readonly number[];
  /** Released while the recipient stood still, and those that it has afterwards. */
  readonly meanwhile: number;
  readonly arrived: number;
  /** Growth of the recipient's resident memory, bytes. */
  readonly grownBytes: number;
}

const IDLE = 5;
const DISTINCT = 32;
const NOISE_BYTES = 60_000;
const PARCELS_AT_ONCE = 8;
const CALLS_AT_ONCE = 64;
const BETWEEN_MS = 250;
const LOOK_MS = 20;
const PATIENCE_MS = 60_000;
const MEANWHILE = 20;

export async function flood(seconds: number): Promise<Flooded> {
  await using federation = await TestFederation.found({ cast: CAST });
  await federation.startAll();
  const xb = new NodeView(federation, 'XB');
  const held = new Set<string>();
  const urgent = async (): Promise<number> => {
    const begun = performance.now();
    const digest = await federation.release('XA', contentOf('XA', 'flash', Date.now()));
    held.add(hex(digest));
    const until = begun + PATIENCE_MS;
    for (;;) {
      const { deliveries } = await federation.desk('XA').records.getRecord({ headerDigest: digest });
      if (deliveries.some(({ recipient, state }) => recipient === 'XB' && state === 'receipted')) break;
      if (performance.now() > until) throw new Error(`no receipt of XB within ${PATIENCE_MS} ms`);
      await sleep(LOOK_MS);
    }
    return performance.now() - begun;
  };
  const first = await federation.release('XC', contentOf('XC', 'open', Date.now()));
  await xb.received(first);
  const idleMs: number[] = [];
  for (let n = 0; n < IDLE; n++) idleMs.push(await urgent());
  const before = residentOf(federation.pid('XB'));

  await federation.signal('XC', 'SIGTERM');
  const floodedMs: number[] = [];
  let [parcels, calls] = [0, 0];
  {
    await using xc = await HostileMember.open(federation, 'XC');
    const sealed = await sealedWrong(xc);
    const stop = new AbortController();
    const put = async (lane: 0 | 1): Promise<void> => {
      for (let n = 0; !stop.signal.aborted; n++) {
        const bytes = n % 2 === 0 ? systemRandom.bytes(NOISE_BYTES) : (sealed[n % DISTINCT] as Uint8Array);
        const messageId = hex(systemRandom.bytes(8));
        const outcome = await xc.mailbox.put({ recipient: 'XB', lane, bytes, messageId });
        // Its mailbox is full of what it sent: nobody else's is.
        if (outcome === 'stored') parcels += 1;
        else await sleep(LOOK_MS);
      }
    };
    await using client = createRpcClient(
      { broker: xc.broker, guard: xc.sessions() },
      { net: netToken(xc.network), self: 'XC' },
    );
    const call = async (): Promise<void> => {
      while (!stop.signal.aborted) {
        await answerOf(client).catch(() => undefined);
        calls += 1;
      }
    };
    const flooding = [
      ...Array.from({ length: PARCELS_AT_ONCE }, (_, n) => put(n % 2 === 0 ? 0 : 1)),
      ...Array.from({ length: CALLS_AT_ONCE }, call),
    ];
    const until = performance.now() + seconds * 1_000;
    while (performance.now() < until) {
      floodedMs.push(await urgent());
      await sleep(BETWEEN_MS);
    }
    stop.abort();
    await Promise.allSettled(flooding);
  }

  await federation.signal('XB', 'SIGSTOP');
  const meanwhile: string[] = [];
  const stillUntil = performance.now() + seconds * 1_000;
  while (meanwhile.length < MEANWHILE || performance.now() < stillUntil) {
    meanwhile.push(hex(await federation.release('XA', contentOf('XA', 'bilateral', Date.now()))));
    await sleep(meanwhile.length < MEANWHILE ? 0 : BETWEEN_MS);
  }
  await federation.signal('XB', 'SIGCONT');
  const all = Date.now() + PATIENCE_MS + seconds * 1_000;
  const arrived = () => new Set(xb.inbox().filter((digest) => meanwhile.includes(digest))).size;
  while (arrived() < meanwhile.length && Date.now() < all) await sleep(BETWEEN_MS);
  const grownBytes = residentOf(federation.pid('XB')) - before;

  // The flooder's own node, honest again, is not shut out.
  await federation.startNode('XC');
  const late = await federation.release('XC', contentOf('XC', 'open', Date.now()));
  await xb.received(late);
  const counts = Map.groupBy(xb.inbox(), (digest) => digest);
  const once = [...held].every((digest) => counts.get(digest)?.length === 1);
  if (!once) throw new Error('an urgent record came more than once, or not at all');
  return {
    parcels,
    calls,
    idleMs,
    floodedMs,
    meanwhile: meanwhile.length,
    arrived: arrived(),
    grownBytes,
  };
}

/** Parcels that cost their recipient as much as good ones, and are not what their sender signed. */
async function sealedWrong(member: HostileMember): Promise<readonly Uint8Array[]> {
  const made: Uint8Array[] = [];
  for (let n = 0; n < DISTINCT; n++) {
    const record = await member.record(contentOf('XC', 'open', Date.now()));
    const draft = await member.draft('XB', [record]);
    const wrong = (signature: HybridSignature): HybridSignature => ({
      ...signature,
      mlDsa44: Buffer.from(signature.mlDsa44).fill(n),
    });
    made.push(await member.seal(draft, { signature: wrong }));
  }
  return made;
}

/** Resident memory of a process, bytes. */
const residentOf = (pid: number): number =>
  Number(/^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? Number.NaN) * 1024;

export const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
