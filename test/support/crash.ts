/**
 * Work and violence for crash tests: many drafts at once, releases that outlive the node, processes killed at moments out
 * of a seed.
 */
import { closeSync, openSync, readSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { sleep } from '../../src/base/async.ts';
import { hex, utf8 } from '../../src/base/bytes.ts';
import { nodeDir } from '../../src/cli/demo/federation.ts';
import { openOfficerDesk } from '../../src/cli/desk-access.ts';
import { type Desk, DeskCallError } from '../../src/desk/index.ts';
import { pathsOf } from '../../src/node/index.ts';
import { openStore, type Store } from '../../src/store/index.ts';
import { eventually, type TestFederation } from './federation.ts';

export type Seeded = () => number;

/** Numbers from 0 to 1, the same for the same seed (mulberry32). */
export function seeded(seed: number): Seeded {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

export function shuffled<Item>(items: readonly Item[], random: Seeded): Item[] {
  const out = [...items];
  for (let at = out.length - 1; at > 0; at--) {
    const other = Math.floor(random() * (at + 1));
    [out[at], out[other]] = [out[other] as Item, out[at] as Item];
  }
  return out;
}

const entity = (id: number): string =>
  `<ENTITY><DATAID>${id}</DATAID><VERSIONNUM>1</VERSIONNUM><FIRST_NAME>QUELLMAR TRADING ${id}</FIRST_NAME>` +
  `<UN_LIST_TYPE>Arvenia</UN_LIST_TYPE><REFERENCE_NUMBER>XAe.${id}</REFERENCE_NUMBER>` +
  '<LISTED_ON>2012-12-31</LISTED_ON><LIST_TYPE><VALUE>UN List</VALUE></LIST_TYPE></ENTITY>';

/** Drafts entries `from` … `from + count - 1` of a made-up list in one go and submits them; the ids of the drafts. */
export async function draftMany(
  federation: TestFederation,
  node: string,
  from: number,
  count: number,
): Promise<readonly string[]> {
  const entities = Array.from({ length: count }, (_, at) => entity(from + at)).join('');
  const bytes = utf8(
    '<?xml version="1.0" encoding="UTF-8"?><CONSOLIDATED_LIST dateGenerated="2026-02-27T00:00:09.554Z">' +
      `<INDIVIDUALS></INDIVIDUALS><ENTITIES>${entities}</ENTITIES></CONSOLIDATED_LIST>`,
  );
  async function* requests() {
    const options = { type: 'un-list', bytes: BigInt(bytes.length), submit: true };
    yield { entry: { $case: 'options' as const, value: options } };
    for (let at = 0; at < bytes.length; at += 128 * 1024)
      yield { entry: { $case: 'data' as const, value: Buffer.from(bytes.subarray(at, at + 128 * 1024)) } };
  }
  for await (const { counts } of federation.desk(node).imports.importList(requests()))
    if (counts?.draftIds.length === count) return counts.draftIds;
  throw new Error(`expected ${count} drafts of the list`);
}

/** Records that a desk was told are released: hexadecimal header digest by draft. */
export type Accepted = Map<string, string>;

const unreachable = (error: unknown): boolean =>
  error instanceof DeskCallError && ['UNAVAILABLE', 'CANCELLED', 'UNKNOWN'].includes(error.statusName);

/**
 * Releases drafts as an officer would who tries again until the node says of each that it is done. A draft that was
 * accepted and is then accepted as another record fails.
 */
export async function releaseStubbornly(
  federation: TestFederation,
  node: string,
  draftIds: readonly string[],
  accepted: Accepted,
): Promise<void> {
  await eventually(`${draftIds.length} drafts are released`, async () => {
    const waiting = draftIds.filter((id) => !accepted.has(id));
    if (waiting.length === 0) return true;
    // A client of its own each time: gRPC's pauses between attempts to connect grow, this officer's do not.
    using desk = openOfficerDesk({ officer: federation.officer(node, 'police', 'releaser') });
    try {
      for await (const step of desk.records.releaseDrafts({ draftIds: waiting })) {
        if (step.refusalCode !== '') throw new Error(`${step.refusalCode}: ${step.refusalDetail}`);
        if (step.headerDigest.length > 0) keep(accepted, step.draftId, hex(step.headerDigest));
      }
    } catch (error) {
      if (!unreachable(error)) throw error;
    }
    return undefined;
  });
}

function keep(accepted: Accepted, draftId: string, digest: string): void {
  const before = accepted.get(draftId);
  if (before !== undefined && before !== digest) throw new Error(`draft ${draftId} was released twice`);
  accepted.set(draftId, digest);
}

/** Asks a desk until it answers: nodes may be on their way up. */
export const stubbornly = <Value>(
  federation: TestFederation,
  node: string,
  ask: (desk: Desk) => Promise<Value>,
): Promise<Value> =>
  eventually(`the desk of ${node} answers`, async () => {
    using desk = openOfficerDesk({ officer: federation.officer(node) });
    try {
      return await ask(desk);
    } catch (error) {
      if (!unreachable(error)) throw error;
      return undefined;
    }
  });

/** Kills processes at once and starts them again, in no particular order; nothing else. */
export async function strike(
  federation: TestFederation,
  victims: readonly string[],
  random: Seeded,
): Promise<void> {
  await Promise.all(victims.map((name) => federation.signal(name, 'SIGKILL')));
  await Promise.all(
    shuffled(victims, random).map(async (name) => {
      await sleep(random() * 100);
      await (name === 'broker' ? federation.restartBroker() : federation.startNode(name));
    }),
  );
}

/** When to kill: at any moment, or right after something became durable and before what follows from it. */
export type Moment =
  | 'any'
  /** The recipient has committed a parcel: neither its receipt nor the broker's acknowledgement is out (K7, K8). */
  | 'taken'
  /** The broker has a parcel: the sender has not noted that yet, or no receipt (K4, K9). */
  | 'sent'
  /** The desk has accepted a release: no checkpoint covers it (K2, K10). */
  | 'accepted';

export const MOMENTS: readonly Moment[] = ['any', 'taken', 'sent', 'accepted'];

const POLL_MS = 2;

/** Waits for the moment, at most `longestMs`: it may not come while much is down. */
export async function momentOf(
  moment: Moment,
  federation: TestFederation,
  accepted: Accepted,
  longestMs: number,
): Promise<void> {
  const until = performance.now() + longestMs;
  const before = accepted.size;
  const happened =
    moment === 'accepted'
      ? () => accepted.size > before
      : moment === 'taken'
        ? newLine(federation, 'XB', 'parcel taken')
        : moment === 'sent'
          ? newLine(federation, 'XA', 'parcel sent')
          : () => false;
  while (performance.now() < until && !happened()) await sleep(POLL_MS);
}

/** Whether a log has got a line with this text since. */
function newLine(federation: TestFederation, name: string, text: string): () => boolean {
  const file = federation.logFile(name);
  let at = statSync(file).size;
  return () => {
    const { size } = statSync(file);
    if (size === at) return false;
    const bytes = Buffer.alloc(size - at);
    const log = openSync(file, 'r');
    readSync(log, bytes, 0, bytes.length, at);
    closeSync(log);
    at = size;
    return bytes.includes(text);
  };
}

/** One entry of an inbox. */
export interface Arrived {
  readonly position: bigint;
  readonly digest: string;
  readonly title: string;
}

/** All items that a desk shows, oldest first. */
export async function inboxOf(desk: Desk): Promise<readonly Arrived[]> {
  const items: Arrived[] = [];
  for await (const { entry } of desk.inbox.watchInbox({ afterPosition: 0n, follow: false })) {
    if (entry?.$case !== 'item' || entry.value.record === undefined) continue;
    const { headerDigest, title } = entry.value.record;
    items.push({ position: entry.value.position, digest: hex(headerDigest), title });
  }
  return items;
}

/** Digests of all records of an originator that a desk lists, repetitions included. */
export async function listedOf(desk: Desk, originator: string): Promise<readonly string[]> {
  const digests: string[] = [];
  let cursor = '';
  do {
    const page = await desk.records.listRecords({ originator, pageSize: 500, cursor });
    digests.push(...page.records.map(({ headerDigest }) => hex(headerDigest)));
    cursor = page.nextCursor;
  } while (cursor !== '');
  return digests;
}

/** Waits until all of these arrived and neither node has anything left to send; the inbox at that moment. Both must be up. */
export async function settled(
  federation: TestFederation,
  from: string,
  to: string,
  digests: ReadonlySet<string>,
): Promise<readonly Arrived[]> {
  using sender = openOfficerDesk({ officer: federation.officer(from) });
  using recipient = openOfficerDesk({ officer: federation.officer(to) });
  // Awaited here: the clients are closed when this returns.
  return await eventually(
    `${digests.size} records arrive at ${to} and are receipted`,
    async () => {
      const sending = await sender.network.getNodeStatus({});
      if (sending.outboxOpen > 0 || sending.leavesPending > 0) return undefined;
      if ((await recipient.network.getNodeStatus({})).outboxOpen > 0) return undefined;
      const items = await inboxOf(recipient);
      const arrived = new Set(items.map(({ digest }) => digest));
      return [...digests].every((digest) => arrived.has(digest)) ? items : undefined;
    },
    120_000,
  );
}

/** The store of a node that is not running. */
export const openStoreOf = (federation: TestFederation, node: string): Promise<Store> =>
  openStore({ path: pathsOf(nodeDir(federation.federation, node)).store });

/** Lines of a log that hold a text. */
export const countInLog = (federation: TestFederation, name: string, text: string): number =>
  federation
    .log(name)
    .split('\n')
    .filter((line) => line.includes(text)).length;

export const brokerStore = (federation: TestFederation): string => join(federation.dir, 'broker', 'store');
