/** Group commit: many small writes at once, against the same writes one awaited after the other, on either engine. */
import { u32be } from '../../src/base/bytes.ts';
import { openStore, type Store } from '../../src/store/index.ts';
import { startPostgresServer } from '../support/postgres-server.ts';
import { temporaryStore } from '../support/temporary-store.ts';
import { type Bench, type Measure, perSecond } from './runner.ts';

const WRITES = 2_000;
/** Fewer, for each waits for the disk. */
const IN_TURN = 300;

function measures(store: Store): { readonly atOnce: Measure; readonly inTurn: Measure } {
  let count = 0;
  const write = () => {
    const number = count++;
    return store.write((tx) => tx.meta.set(`bench/${number % 10_000}`, u32be(number)));
  };
  return {
    atOnce: perSecond(WRITES, () => Promise.all(Array.from({ length: WRITES }, write))),
    inTurn: perSecond(IN_TURN, async () => {
      for (let each = 0; each < IN_TURN; each += 1) await write();
    }),
  };
}

export const storeBench: Bench = {
  name: 'store',
  async open(stack) {
    const sqlite = measures(stack.use(await temporaryStore()).store);
    const server = stack.use(await startPostgresServer());
    // Disks are flushed on both: the server is asked for it, and refused otherwise.
    const postgres = measures(stack.use(await openStore({ url: server.newUrl() })));
    return [
      {
        id: 'at-once',
        what: `${WRITES} durable writes at once, SQLite`,
        unit: '/s',
        ours: sqlite.atOnce,
        against: [
          { name: 'one after the other', measure: sqlite.inTurn },
          { name: 'at once, PostgreSQL', measure: postgres.atOnce },
          { name: 'one after the other, PostgreSQL', measure: postgres.inTurn },
        ],
      },
    ];
  },
};
