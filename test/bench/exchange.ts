/** Sustained exchange between two nodes, from JSON to the signed receipt, against batch size 1 and against no security. */
import { openPair, type Pair } from './pair.ts';
import { openPlainPipeline } from './plain-pipeline.ts';
import { type Bench, perSecond } from './runner.ts';

const RECORDS = 2_000;
const BATCH = 500;
/** A signature, a seal, a checkpoint and a commit each: fewer say the same. */
const SINGLES = 24;

const NAMES = {
  single: 'batch size 1',
  plain: 'unsecured, a message a record',
  bundled: `unsecured, ${BATCH} records a message`,
} as const;

async function send(pair: Pair, count: number, batch: number): Promise<number> {
  const until = pair.from.delivered + count;
  let bytes = 0;
  for (let from = 0; from < count; from += batch) {
    bytes = await pair.release(Math.min(batch, count - from));
    await pair.from.ledger.sequence('live');
  }
  await pair.whenDelivered(until);
  return bytes;
}

export const exchangeBench: Bench = {
  name: 'exchange',
  async open(stack) {
    const pair = await openPair(stack);
    const single = await openPair(stack, { checkpointEach: true, exchange: { lane: { parcelItems: 1 } } });
    const { nowMs } = pair.federation;
    const plain = await openPlainPipeline(stack, pair.broker, { name: 'single', perMessage: 1, nowMs });
    const bundled = await openPlainPipeline(stack, pair.broker, {
      name: 'bundled',
      perMessage: BATCH,
      nowMs,
    });
    let bytes = 0;
    return [
      {
        id: 'one-process',
        what: `${RECORDS} records, JSON to signed receipt`,
        unit: '/s',
        ours: perSecond(RECORDS, async () => {
          bytes = await send(pair, RECORDS, BATCH);
        }),
        against: [
          { name: NAMES.single, measure: perSecond(SINGLES, () => send(single, SINGLES, 1)) },
          { name: NAMES.plain, measure: perSecond(RECORDS, () => plain.send(RECORDS, BATCH)) },
          { name: NAMES.bundled, measure: perSecond(RECORDS, () => bundled.send(RECORDS, BATCH)) },
        ],
        facts: () => ({ 'bytes of a record': bytes }),
      },
    ];
  },
};
