/**
 * The same records without any security: prepared statements on SQLite with a flushed commit a group, JetStream between,
 * a confirmation back. No signature, commitment, log, policy or seal; whoever can reach the broker can read and forge.
 */
import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { ParcelContent, type ParcelItem } from '../../src/gen/tocsin/exchange/v1/parcel.ts';
import { Header } from '../../src/gen/tocsin/record/v1/header.ts';
import { KINDS, type RecordContent, validateContent } from '../../src/record/index.ts';
import type { NatsBroker } from '../../src/transport/index.ts';
import { plainContents } from './contents.ts';

const STREAM = 'PLAIN';
const IN_FLIGHT = 256;

/** A database with records, their facets and what became of them. */
function openTables(stack: AsyncDisposableStack) {
  const directory = mkdtempSync(join(tmpdir(), 'tocsin-plain-'));
  stack.defer(() => rmSync(directory, { recursive: true, force: true }));
  const db = new DatabaseSync(join(directory, 'plain.sqlite'));
  stack.defer(() => db.close());
  db.exec(`pragma journal_mode = wal; pragma synchronous = full;
    create table record (id text primary key, kind text, header blob, state text) strict;
    create table facet (id text, name text, body blob, primary key (id, name)) strict, without rowid;`);
  const record = db.prepare('insert or ignore into record values (?, ?, ?, ?)');
  const facet = db.prepare('insert or ignore into facet values (?, ?, ?)');
  const confirm = db.prepare(`update record set state = 'delivered' where id = ?`);
  const commit = (work: () => void): void => {
    db.exec('begin immediate');
    work();
    db.exec('commit');
  };
  return {
    insert: (items: readonly ParcelItem[], state: string) =>
      commit(() => {
        for (const item of items) {
          const { kind, recordId } = Header.decode(item.header);
          const id = recordId.toString('hex');
          record.run(id, kind, item.header, state);
          for (const one of item.facets) facet.run(id, one.facet, one.body);
        }
      }),
    confirm: (ids: readonly string[]) =>
      commit(() => {
        for (const id of ids) confirm.run(id);
      }),
  };
}

const itemOf = (content: RecordContent): ParcelItem => ({
  header: Buffer.from(
    Header.encode(
      Header.fromPartial({
        recordId: Buffer.from(randomUUID().replaceAll('-', ''), 'hex'),
        originator: 'XA',
        kind: content.kind,
        marking: content.marking,
        deskGroup: content.deskGroup,
        priority: content.priority,
        expires: BigInt(content.expires),
      }),
    ).finish(),
  ),
  inclusion: undefined,
  facets: Object.entries(content.facets).map(([facet, body]) => ({
    facet,
    salt: Buffer.alloc(0),
    body: Buffer.from(body),
  })),
  statementDigest: Buffer.alloc(0),
});

const encode = (items: readonly ParcelItem[]): Uint8Array =>
  ParcelContent.encode({
    manifest: Buffer.alloc(0),
    signature: undefined,
    items: [...items],
    padding: Buffer.alloc(0),
  }).finish();

/** What a recipient that trusts its broker would still check: that the content is of the kind that it says. */
function assertContent({ header, facets }: ParcelItem, nowMs: number): void {
  const { kind, marking, deskGroup, priority, expires } = Header.decode(header);
  if (!KINDS.has(kind) || !marking) throw new Error('expected a known kind');
  const content: RecordContent = {
    kind,
    deskGroup,
    priority,
    marking,
    expires: Number(expires),
    reviewBy: Number(expires),
    facets: Object.fromEntries(facets.map(({ facet, body }) => [facet, body])),
  };
  validateContent(content, { mode: 'imported', nowMs });
}

export interface PlainPipeline {
  /** Sends records of one group after the other and resolves when all are confirmed. */
  send(count: number, group: number): Promise<void>;
}

export interface PlainOptions {
  readonly name: string;
  /** Records in one message of the broker. */
  readonly perMessage: number;
  readonly nowMs: number;
}

const streamOf = (name: string): string => `${STREAM}_${name}`;

/** Takes records until the stack ends: checks, commits and confirms them. */
export function takePlain(
  stack: AsyncDisposableStack,
  broker: NatsBroker,
  { name, nowMs }: Pick<PlainOptions, 'name' | 'nowMs'>,
): void {
  const stream = streamOf(name);
  const theirs = openTables(stack);
  const stop = new AbortController();
  const taking = grouped(broker, stream, 'records', stop.signal, async (messages) => {
    const items = messages.flatMap((bytes) => ParcelContent.decode(bytes).items);
    for (const item of items) assertContent(item, nowMs);
    theirs.insert(items, 'received');
    const ids = items.map(({ header }) => Header.decode(header).recordId.toString('hex'));
    await broker.put(`${stream}.confirmed`, Buffer.from(JSON.stringify(ids)), randomUUID());
  });
  stack.defer(async () => {
    stop.abort();
    await taking;
  });
}

/** The sender's side, and the stream between; `takePlain` has to run somewhere. */
export async function openPlainPipeline(
  stack: AsyncDisposableStack,
  broker: NatsBroker,
  options: PlainOptions,
): Promise<PlainPipeline> {
  const { name, perMessage, nowMs } = options;
  const stream = streamOf(name);
  await broker.api(`STREAM.CREATE.${stream}`, {
    name: stream,
    subjects: [`${stream}.*`],
    retention: 'workqueue',
    storage: 'file',
  });
  for (const end of ['records', 'confirmed'])
    await broker.api(`CONSUMER.DURABLE.CREATE.${stream}.${end}`, {
      stream_name: stream,
      config: {
        durable_name: end,
        filter_subject: `${stream}.${end}`,
        ack_policy: 'explicit',
        max_ack_pending: IN_FLIGHT,
      },
    });
  const ours = openTables(stack);
  const stop = new AbortController();
  let confirmed = 0;
  let told: () => void = () => undefined;
  const confirm = grouped(broker, stream, 'confirmed', stop.signal, async (messages) => {
    const ids = messages.flatMap((bytes): string[] => JSON.parse(Buffer.from(bytes).toString()));
    ours.confirm(ids);
    confirmed += ids.length;
    told();
  });
  stack.defer(async () => {
    stop.abort();
    await confirm;
  });

  return {
    async send(count, group) {
      const until = confirmed + count;
      const done = new Promise<void>((resolve) => {
        told = () => {
          if (confirmed >= until) resolve();
        };
      });
      for (let from = 0; from < count; from += group) {
        const items = plainContents(Math.min(group, count - from), nowMs).map(itemOf);
        ours.insert(items, 'waiting');
        await putAll(broker, `${stream}.records`, items, perMessage);
      }
      await done;
    },
  };
}

async function putAll(
  broker: NatsBroker,
  subject: string,
  items: readonly ParcelItem[],
  perMessage: number,
): Promise<void> {
  let next = 0;
  const worker = async (): Promise<void> => {
    while (next < items.length) {
      const some = items.slice(next, next + perMessage);
      next += perMessage;
      const outcome = await broker.put(subject, encode(some), randomUUID());
      if (outcome !== 'stored') throw new Error(`expected the broker to store it, got ${outcome}`);
    }
  };
  await Promise.all(Array.from({ length: Math.min(IN_FLIGHT, items.length) }, worker));
}

/** Hands over what came meanwhile as one group, and acknowledges it when it was worked off. */
function grouped(
  broker: NatsBroker,
  stream: string,
  durable: string,
  signal: AbortSignal,
  work: (messages: readonly Uint8Array[]) => Promise<void>,
): Promise<void> {
  let waiting: { readonly data: Uint8Array; readonly done: () => void }[] = [];
  let busy = false;
  const drain = async (): Promise<void> => {
    busy = true;
    while (waiting.length > 0) {
      const group = waiting;
      waiting = [];
      await work(group.map(({ data }) => data));
      for (const { done } of group) done();
      await new Promise((resolve) => setImmediate(resolve));
    }
    busy = false;
  };
  return broker.consume(
    stream,
    durable,
    (message) =>
      new Promise<void>((resolve) => {
        const done = () => {
          message.ack();
          resolve();
        };
        waiting.push({ data: message.data, done });
        if (!busy) setImmediate(() => void (busy ? undefined : drain()));
      }),
    { signal, maxInFlight: IN_FLIGHT },
  );
}
