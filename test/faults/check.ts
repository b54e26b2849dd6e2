/**
 * Judges the end of a run from what lies in every node's store and from what the officers did, with nothing of the node's code:
 * tables are read by name, hashes are computed here (RFC 6962 §2.1). Each finding names the promise that it breaks
 * (P1 lost, P2 twice, P5 receipts, P6/P9 logs, P8 policy, P11 silence).
 */
import { createHash } from 'node:crypto';
import type { Export, Row } from './export.ts';
import { expectationAt, type NodeId, type Released } from './workload.ts';

export interface Finding {
  readonly promise: 'P1' | 'P2' | 'P5' | 'P8' | 'P9' | 'P11';
  readonly what: string;
}

export interface Ended {
  readonly stores: ReadonlyMap<NodeId, Export>;
  readonly released: readonly Released[];
  readonly recalled: ReadonlySet<string>;
  /** Recalls whose node lost its store afterwards: nobody knows whether they had gone out. */
  readonly recalledAtRisk: ReadonlySet<string>;
  /** Nodes that went on with an older store under a new incarnation. */
  readonly wentBack: ReadonlySet<NodeId>;
  /** Clocks of all nodes were set days ahead: what is an alarm after minutes was one, truly, while its owner was away. */
  readonly daysPassed: boolean;
}

/** Alarms that say that somebody lied. Nobody does in these plans, so one of them is a false accusation. */
const ACCUSATIONS: ReadonlySet<string> = new Set([
  'LOG_FORK',
  'LOG_INCONSISTENT',
  'LOG_UNTIED',
  'RECORD_FORK',
  'MANIFEST_FORK',
  'CHAIN_BROKEN',
  'EQUIVOCATION',
  'ROSTER_FORK',
  'THIRD_PARTY_BREACH',
]);
/** Number of tocsin.exchange.v1.ItemAction for a record that is handed over. */
const DELIVER = 1n;

export function checkEnd(ended: Ended): readonly Finding[] {
  const found: Finding[] = [];
  for (const [id, store] of ended.stores) {
    found.push(
      ...checkOutbox(id, store, ended),
      ...checkAlarms(id, store, ended),
      ...checkOwnLogs(id, store),
    );
    found.push(...checkLinks(id, ended), ...checkViewsOfLogs(id, ended), ...checkWaiting(id, store));
  }
  for (const one of ended.released) found.push(...checkRecord(one, ended));
  return found;
}

const partnersOf = (id: NodeId, stores: Ended['stores']): readonly NodeId[] =>
  [...stores.keys()].filter((other) => other !== id);

const rows = (store: Export | undefined, table: string): readonly Row[] => {
  const found = store?.get(table);
  if (found === undefined)
    throw new Error(`the store has no table ${table}: this checker has to learn it anew`);
  return found;
};
/** Rows of a table about one header. Built once for a store: ends are judged often while a table is played. */
const about = (store: Export | undefined, table: string, digest: string): readonly Row[] => {
  const all = rows(store, table);
  let index = INDICES.get(all);
  if (index === undefined) {
    index = Map.groupBy(
      all.filter((row) => row.header_digest !== null),
      (row) => text(row.header_digest),
    );
    INDICES.set(all, index);
  }
  return index.get(digest) ?? [];
};
const INDICES = new WeakMap<readonly Row[], ReadonlyMap<string, readonly Row[]>>();
const text = (value: unknown): string => Buffer.from(value as Uint8Array).toString('hex');

/** The record is where it must be, once, and nowhere else. */
function checkRecord(released: Released, ended: Ended): Finding[] {
  const { stores, recalled, recalledAtRisk } = ended;
  const found: Finding[] = [];
  const { digest, from } = released;
  const short = `${from} ${released.variant} ${digest.slice(0, 12)}`;
  const own = about(stores.get(from), 'record', digest);
  const elsewhere = partnersOf(from, stores).some((at) => about(stores.get(at), 'record', digest).length > 0);
  // Its store was lost before any partner had it: nobody was told that it is delivered.
  if (released.atRisk && !elsewhere) return found;
  const isRecalled = recalled.has(digest);
  if (own.length !== 1)
    found.push({
      promise: 'P1',
      what: `${short}: its own node holds it ${own.length} times, and confirmed it`,
    });
  const leaves = about(stores.get(from), 'leaf', digest);
  // What partners gave back keeps the proof of its place in the log of before.
  if (leaves.length !== 1 && !released.atRisk)
    found.push({ promise: 'P1', what: `${short}: ${leaves.length} leaves in the log of ${from}` });

  for (const at of partnersOf(from, stores)) {
    const store = stores.get(at);
    const { may, must } = expectationAt(released, at);
    const held = about(store, 'record', digest);
    const facets = about(store, 'facet', digest).map((row) => String(row.name));
    if (may === undefined) {
      if (held.length + facets.length > 0)
        found.push({ promise: 'P8', what: `${short}: ${at} holds it, and must not know of it` });
      continue;
    }
    const forbidden = facets.filter((name) => !may.has(name));
    if (forbidden.length > 0)
      found.push({ promise: 'P8', what: `${short}: ${at} holds ${forbidden.join(', ')}` });
    const arrivals = about(store, 'inbox_item', digest).filter((row) => row.action === DELIVER);
    if (arrivals.length > 1)
      found.push({ promise: 'P2', what: `${short}: handed to the desk of ${at} ${arrivals.length} times` });
    // Whether a recall had gone out that its own node lost, only the partner can say.
    const isFollowed = recalledAtRisk.has(digest) && about(store, 'tombstone', digest).length > 0;
    if (isRecalled || isFollowed) {
      if (facets.length > 0)
        found.push({ promise: 'P8', what: `${short}: recalled, and ${at} still holds ${facets.join(', ')}` });
      const stones = about(store, 'tombstone', digest);
      if (stones.length === 0 && held.length > 0)
        found.push({ promise: 'P8', what: `${short}: recalled, and ${at} knows nothing of that` });
      const isListed = rows(stores.get(from), 'recall_notice').some(
        (notice) => notice.holder === at && text(notice.target) === digest,
      );
      if (isRecalled && held.length > 0 && !isListed)
        found.push({
          promise: 'P8',
          what: `${short}: recalled, and ${from} does not list ${at}, which held it`,
        });
      continue;
    }
    if (released.atRisk && held.length === 0) continue;
    if (held.length !== 1)
      found.push({ promise: 'P1', what: `${short}: ${at} holds it ${held.length} times` });
    if (arrivals.length === 0)
      found.push({ promise: 'P1', what: `${short}: never came to the desk of ${at}` });
    const missing = must.filter((name) => !facets.includes(name));
    if (missing.length > 0)
      found.push({ promise: 'P1', what: `${short}: ${at} lacks ${missing.join(', ')}` });
  }
  return found;
}

/** Every row has an end; one that ends as delivered has the partner's receipt, and the partner has the record. */
function checkOutbox(id: NodeId, store: Export, { stores }: Ended): Finding[] {
  const found: Finding[] = [];
  const receipts = new Map(
    rows(store, 'record')
      .filter((row) => row.kind === 'receipt')
      .map((row) => [text(row.header_digest), row]),
  );
  for (const row of rows(store, 'outbox')) {
    const what = `${id} to ${row.recipient}, ${text(row.header_digest).slice(0, 12)}, action ${row.action}`;
    if (row.state === 'waiting' || row.state === 'sent')
      found.push({ promise: 'P11', what: `${what}: still ${row.state}` });
    if (row.state !== 'receipted') continue;
    const receipt = row.receipt_digest === null ? undefined : receipts.get(text(row.receipt_digest));
    // A receipt is answered by the acknowledgement alone: receipts of receipts would never end.
    if (receipt?.originator !== row.recipient && !receipts.has(text(row.header_digest)))
      found.push({ promise: 'P5', what: `${what}: receipted without a receipt of ${row.recipient}` });
    const there = stores.get(row.recipient as NodeId);
    const digest = text(row.header_digest);
    const known = ['record', 'tombstone'].some((table) => about(there, table, digest).length > 0);
    if (!known)
      found.push({ promise: 'P1', what: `${what}: receipted, and ${row.recipient} knows nothing of it` });
  }
  if (rows(store, 'pending_leaf').length > 0)
    found.push({ promise: 'P11', what: `${id}: records wait to enter the log` });
  for (const row of rows(store, 'recall_notice'))
    if (row.receipt_digest === null)
      found.push({
        promise: 'P11',
        what: `${id}: ${row.holder} never answered the recall of ${text(row.target)}`,
      });
  return found;
}

/** Alarms that say that the node holds something up: they go when it goes on. */
const HOLDING: ReadonlySet<string> = new Set([
  'STORE_BEHIND',
  'CATCHING_UP',
  'CUT_OFF',
  'ROSTER_BEHIND',
  'POLICY_NOT_TAKEN_UP',
]);
/** Rows of these wait for something that must have come by now: what for, and the alarm that may tell of it instead. */
const WAITING: readonly (readonly [table: string, waits: string, alarm?: string])[] = [
  ['attachment_wait', 'a file has not come', 'ATTACHMENT_LATE'],
  ['reading_due', 'a partner was not told of a reading'],
];
/** Ends of a row that somebody has to be able to ask about. */
const REASONED: ReadonlySet<unknown> = new Set(['refused', 'withdrawn', 'skipped']);

/** Nothing waits for ever without a word: a row is closed, or has its reason, or an alarm is open about it. */
function checkWaiting(id: NodeId, store: Export): Finding[] {
  const found: Finding[] = [];
  const alarms = new Set(
    rows(store, 'alarm')
      .filter((row) => (row.cleared_at ?? null) === null)
      .map(({ code }) => String(code)),
  );
  const add = (what: string) => found.push({ promise: 'P11', what: `${id}: ${what}` });
  for (const code of alarms) if (HOLDING.has(code)) add(`still holds something up: ${code}`);
  for (const [table, waits, alarm] of WAITING)
    if (rows(store, table).length > 0 && !(alarm !== undefined && alarms.has(alarm))) add(waits);
  for (const row of rows(store, 'outbox'))
    if (REASONED.has(row.state) && !row.result_reason)
      add(
        `${text(row.header_digest).slice(0, 12)} to ${row.recipient} ended as ${row.state} without a reason`,
      );
  for (const row of rows(store, 'manifest_out'))
    if (row.state === 'skipped' && row.skip === null)
      add(`number ${row.seq} to ${row.recipient} was given up without a word to it`);
  for (const row of rows(store, 'record'))
    if (row.state === 'parked') add(`${text(row.header_digest).slice(0, 12)} is parked`);
  return found;
}

/** That an owner has not proved its log yet is true of one that was away for days, where it was taken back when it had. */
const isAnswered = ({ code, cleared_at }: Row): boolean =>
  code === 'LOG_UNTIED' && (cleared_at ?? null) !== null;

const checkAlarms = (id: NodeId, store: Export, { daysPassed }: Ended): Finding[] =>
  rows(store, 'alarm')
    .filter((row) => ACCUSATIONS.has(String(row.code)) && !(daysPassed && isAnswered(row)))
    .map((row) => ({ promise: 'P9', what: `${id} accuses: ${row.code} ${row.subject}: ${row.detail}` }));

/** Numbers from 1 without a gap, and what the partner took is what was sent under each. */
function checkLinks(id: NodeId, { stores, wentBack }: Ended): Finding[] {
  const found: Finding[] = [];
  const newest = rows(stores.get(id), 'manifest_out').reduce(
    (most, row) => ((row.incarnation as bigint) > most ? (row.incarnation as bigint) : most),
    0n,
  );
  /** Of a store that was an older one: what partners hold of its earlier incarnations, it may have forgotten. */
  const isForgotten = (incarnation: unknown): boolean => wentBack.has(id) && incarnation !== newest;
  const sent = new Map<string, Map<bigint, string>>();
  for (const row of rows(stores.get(id), 'manifest_out')) {
    const link = `${row.recipient}/${row.lane}/${row.incarnation}`;
    const numbers = sent.get(link) ?? new Map<bigint, string>();
    sent.set(link, numbers.set(row.seq as bigint, text(row.digest)));
    if (row.state === 'open')
      found.push({ promise: 'P11', what: `${id}: parcel ${link} ${row.seq} is still open` });
  }
  for (const [link, numbers] of sent)
    for (let seq = 1n; seq <= BigInt(numbers.size); seq++)
      if (!numbers.has(seq))
        found.push({ promise: 'P2', what: `${id}: number ${seq} of ${link} was left out` });
  for (const partner of partnersOf(id, stores)) {
    const taken = new Map<string, Set<bigint>>();
    for (const row of rows(stores.get(partner), 'manifest_in').filter(({ sender }) => sender === id)) {
      const link = `${partner}/${row.lane}/${row.incarnation}`;
      taken.set(link, (taken.get(link) ?? new Set()).add(row.seq as bigint));
      const own = sent.get(link)?.get(row.seq as bigint);
      if (own === undefined && isForgotten(row.incarnation)) continue;
      if (own !== text(row.digest))
        found.push({
          promise: 'P2',
          what: `${partner} took number ${row.seq} of ${id} otherwise than it was sent`,
        });
    }
    for (const [link, numbers] of taken)
      for (let seq = 1n; seq <= BigInt(numbers.size); seq++)
        if (!numbers.has(seq))
          found.push({ promise: 'P1', what: `${partner} lacks number ${seq} of ${id} on ${link}` });
  }
  return found;
}

const sha256 = (...parts: readonly Uint8Array[]): Buffer => {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return hash.digest();
};
const LEAF = Uint8Array.of(0);
const NODE = Uint8Array.of(1);

/** Roots of the first 0, 1, 2 … leaves (RFC 6962 §2.1). */
export function rootsOf(leaves: readonly Uint8Array[]): readonly Buffer[] {
  const roots = [sha256()];
  /** Perfect subtrees from left to right, largest first. */
  const peaks: { readonly level: number; readonly hash: Buffer }[] = [];
  for (const leaf of leaves) {
    let peak: { readonly level: number; readonly hash: Buffer } = { level: 0, hash: Buffer.from(leaf) };
    for (let last = peaks.at(-1); last?.level === peak.level; last = peaks.at(-1)) {
      peaks.pop();
      peak = { level: peak.level + 1, hash: sha256(NODE, last.hash, peak.hash) };
    }
    peaks.push(peak);
    roots.push(peaks.map(({ hash }) => hash).reduceRight((right, left) => sha256(NODE, left, right)));
  }
  return roots;
}

const logsOf = (store: Export | undefined): ReadonlyMap<string, readonly Buffer[]> => {
  const leaves = new Map<string, Row[]>();
  for (const row of rows(store, 'leaf')) {
    const log = String(row.log);
    leaves.set(log, [...(leaves.get(log) ?? []), row]);
  }
  return new Map(
    [...leaves].map(([log, of]) => {
      of.sort((a, b) => Number((a.index as bigint) - (b.index as bigint)));
      return [log, rootsOf(of.map((row) => row.hash as Uint8Array))];
    }),
  );
};

/** Leaves without a gap, each that of its record's signed bytes, and every checkpoint the root of its size. */
function checkOwnLogs(id: NodeId, store: Export): Finding[] {
  const found: Finding[] = [];
  const headers = new Map(
    rows(store, 'record').map((row) => [text(row.header_digest), row.header as Uint8Array]),
  );
  const next = new Map<string, bigint>();
  for (const row of [...rows(store, 'leaf')].sort((a, b) =>
    Number((a.index as bigint) - (b.index as bigint)),
  )) {
    const log = String(row.log);
    const expected = next.get(log) ?? 0n;
    if (row.index !== expected) found.push({ promise: 'P9', what: `${id}: ${log} lacks leaf ${expected}` });
    next.set(log, expected + 1n);
    const header = row.header_digest === null ? undefined : headers.get(text(row.header_digest));
    if (header !== undefined && text(sha256(LEAF, header)) !== text(row.hash))
      found.push({ promise: 'P9', what: `${id}: leaf ${row.index} of ${log} is not that of its record` });
  }
  const roots = logsOf(store);
  for (const row of rows(store, 'checkpoint')) {
    const root = roots.get(String(row.log))?.[Number(row.size)];
    if (root === undefined || text(root) !== text(row.root))
      found.push({
        promise: 'P9',
        what: `${id}: checkpoint ${row.size} of ${row.log} is not the root of its leaves`,
      });
  }
  return found;
}

/** Whatever a partner believes of this node's log is a part of it. */
function checkViewsOfLogs(id: NodeId, { stores, wentBack }: Ended): Finding[] {
  const found: Finding[] = [];
  const roots = logsOf(stores.get(id));
  const ends = new Map<string, string>();
  for (const partner of partnersOf(id, stores))
    for (const row of rows(stores.get(partner), 'known_log')) {
      const own = roots.get(String(row.origin));
      if (own === undefined) continue;
      const root = own[Number(row.size)];
      // The end of a log that its node lost, and closed: partners hold it, and must hold it alike.
      if (root === undefined && wentBack.has(id)) {
        const key = `${row.origin} ${row.size}`;
        if ((ends.get(key) ?? text(row.root)) === text(row.root)) {
          ends.set(key, text(row.root));
          continue;
        }
      }
      if (root === undefined || text(root) !== text(row.root))
        found.push({
          promise: 'P9',
          what: `${partner} knows a size ${row.size} of ${row.origin} that ${id} does not have so`,
        });
    }
  return found;
}
