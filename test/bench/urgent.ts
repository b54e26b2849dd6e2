/** How long one urgent record takes between idle nodes, to the commit of its signed receipt. */
import { setTimeout as wait } from 'node:timers/promises';
import { Priority } from '../../src/gen/tocsin/record/v1/marking.ts';
import type { RecordContent } from '../../src/record/index.ts';
import { openPair } from './pair.ts';
import { type Bench, seconds } from './runner.ts';

const A_ROUND = 8;
const FLASH = {
  edit: (content: RecordContent) => ({ ...content, priority: Priority.PRIORITY_FLASH }),
};

export const urgentBench: Bench = {
  name: 'urgent',
  async open(stack) {
    const pair = await openPair(stack, { urgentOnly: true });
    const [near, far] = [await pair.broker.connectOperator(), await pair.broker.connectOperator()];
    far.subscribe('bench.echo', ({ data, reply }) => far.publish(reply ?? '', data));
    let answered: () => void = () => undefined;
    near.subscribe('bench.answer', () => answered());
    await Promise.all([near.flush(), far.flush()]);
    const bytes = new Uint8Array(1_024);
    const roundTrip = () =>
      new Promise<void>((resolve) => {
        answered = resolve;
        near.publish('bench.echo', bytes, 'bench.answer');
      });

    const each = async (work: () => Promise<unknown>): Promise<readonly number[]> => {
      const samples: number[] = [];
      for (let count = 0; count < A_ROUND; count += 1) {
        samples.push((await seconds(work)) * 1_000);
        // Idle again before the next one: its acknowledgements are out of the way.
        await wait(60);
      }
      return samples;
    };
    let count = 0;
    const name = 'bare round trip + one durable commit';
    return [
      {
        id: 'idle',
        what: 'one flash record, submit to signed receipt, idle',
        unit: 'ms',
        show: ['median', 'p99'],
        ours: () =>
          each(async () => {
            const until = pair.from.delivered + 1;
            await pair.from.release(1, FLASH);
            await pair.from.whenDelivered(until);
          }),
        against: [
          {
            name,
            measure: () =>
              each(async () => {
                await roundTrip();
                await pair.from.store.write((tx) =>
                  tx.meta.set('bench/urgent', Uint8Array.of(count++ % 256)),
                );
              }),
          },
        ],
      },
    ];
  },
};
