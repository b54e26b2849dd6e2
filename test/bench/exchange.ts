/**
 * Sustained exchange between two nodes, from JSON to the signed receipt, against batch size 1 and against no security: with
 * the recipient in this process, and in one of its own, as nodes are.
 */
import { startPostgresServer } from '../support/postgres-server.ts';
import { openApart, takePlainApart } from './apart.ts';
import type { BenchNode } from './bench-node.ts';
import type { BenchBroker } from './broker.ts';
import { openPair } from './pair.ts';
import { openPlainPipeline, type PlainPipeline, takePlain } from './plain-pipeline.ts';
import { type Bench, perSecond, type Row } from './runner.ts';

const RECORDS = 2_000;
const BATCH = 500;
/** A signature, a seal, a checkpoint and a commit each: fewer say the same. */
const SINGLES = 24;
const SINGLE = { checkpointEach: true, exchange: { lane: { parcelItems: 1 } } };

const NAMES = {
  single: 'batch size 1',
  postgres: 'both stores on PostgreSQL',
  plain: 'unsecured, a message a record',
  bundled: `unsecured, ${BATCH} records a message`,
} as const;

async function send(from: BenchNode, count: number, batch: number): Promise<number> {
  const until = from.delivered + count;
  let bytes = 0;
  for (let sent = 0; sent < count; sent += batch) {
    bytes = await from.release(Math.min(batch, count - sent));
    await from.ledger.sequence('live');
  }
  await from.whenDelivered(until);
  return bytes;
}

const STREAMS = { single: 1, bundled: BATCH } as const;

/** Pipelines with a message a record, and a batch a message; who takes them is opened by `take`. */
async function openPlain(
  stack: AsyncDisposableStack,
  broker: BenchBroker,
  nowMs: number,
  take: (names: readonly string[]) => Promise<void>,
): Promise<{ readonly single: PlainPipeline; readonly bundled: PlainPipeline }> {
  const sender = await broker.connectOperator();
  const open = (name: keyof typeof STREAMS) =>
    openPlainPipeline(stack, sender, { name, perMessage: STREAMS[name], nowMs });
  const made = { single: await open('single'), bundled: await open('bundled') };
  await take(Object.keys(STREAMS));
  return made;
}

function rowOf(
  id: string,
  where: string,
  from: BenchNode,
  others: { readonly single: BenchNode; readonly postgres?: BenchNode },
  plain: { readonly single: PlainPipeline; readonly bundled: PlainPipeline },
): Row {
  let bytes = 0;
  const { single, postgres } = others;
  return {
    id,
    what: `${RECORDS.toLocaleString('en')} records, JSON to signed receipt, ${where}`,
    unit: '/s',
    ours: perSecond(RECORDS, async () => {
      bytes = await send(from, RECORDS, BATCH);
    }),
    against: [
      { name: NAMES.single, measure: perSecond(SINGLES, () => send(single, SINGLES, 1)) },
      ...(postgres
        ? [{ name: NAMES.postgres, measure: perSecond(RECORDS, () => send(postgres, RECORDS, BATCH)) }]
        : []),
      { name: NAMES.plain, measure: perSecond(RECORDS, () => plain.single.send(RECORDS, BATCH)) },
      { name: NAMES.bundled, measure: perSecond(RECORDS, () => plain.bundled.send(RECORDS, BATCH)) },
    ],
    facts: () => ({ 'bytes of a record': bytes }),
  };
}

async function apart(stack: AsyncDisposableStack): Promise<Row> {
  const { from, broker, federation } = await openApart(stack);
  const single = await openApart(stack, SINGLE);
  // Its server shares the machine with both nodes, reached by a socket; disks are flushed on it too.
  const server = stack.use(await startPostgresServer());
  const postgres = await openApart(stack, {}, () => server.newUrl());
  const plain = await openPlain(stack, broker, federation.nowMs, (names) =>
    takePlainApart(stack, broker, names),
  );
  return rowOf(
    'two-processes',
    'two processes',
    from,
    { single: single.from, postgres: postgres.from },
    plain,
  );
}

async function together(stack: AsyncDisposableStack): Promise<Row> {
  const { from, broker, federation } = await openPair(stack);
  const single = await openPair(stack, SINGLE);
  const { nowMs } = federation;
  const plain = await openPlain(stack, broker, nowMs, async (names) => {
    for (const name of names) takePlain(stack, await broker.connectOperator(), { name, nowMs });
  });
  return rowOf('one-process', 'one process', from, { single: single.from }, plain);
}

export const exchangeBench: Bench = {
  name: 'exchange',
  open: async (stack) => [await apart(stack), await together(stack)],
};
