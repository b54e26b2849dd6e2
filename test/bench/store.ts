/** Group commit: many small writes at once, against the same writes one awaited after the other. */
import { u32be } from '../../src/base/bytes.ts';
import { temporaryStore } from '../support/temporary-store.ts';
import { type Bench, perSecond } from './runner.ts';

const WRITES = 2_000;

export const storeBench: Bench = {
  name: 'store',
  async open(stack) {
    const { store } = stack.use(await temporaryStore());
    let count = 0;
    const write = () => {
      const number = count++;
      return store.write((tx) => tx.meta.set(`bench/${number % 10_000}`, u32be(number)));
    };
    return [
      {
        what: `${WRITES} durable writes at once`,
        unit: '/s',
        ours: perSecond(WRITES, () => Promise.all(Array.from({ length: WRITES }, write))),
        against: [
          {
            name: 'one after the other',
            measure: perSecond(WRITES, async () => {
              for (let each = 0; each < WRITES; each += 1) await write();
            }),
          },
        ],
      },
    ];
  },
};
