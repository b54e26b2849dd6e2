/**
 * How long one urgent record takes to the commit of its signed receipt: between idle nodes, and between nodes that have a
 * steady stream of routine records to exchange meanwhile.
 */
import { setTimeout as wait } from 'node:timers/promises';
import { Priority } from '../../src/gen/tocsin/record/v1/marking.ts';
import type { RecordContent } from '../../src/record/index.ts';
import type { BenchNode } from './bench-node.ts';
import type { BenchBroker } from './broker.ts';
import { openPair } from './pair.ts';
import { type Bench, type Measure, type Row, seconds } from './runner.ts';

const A_ROUND = 20;
/** Routine records a second: what two nodes on two busy cores keep up with; a fact of the row says how far they fell behind. */
const ROUTINE = 100;
const EVERY_MS = 100;
/** The stream runs this long before anything is measured. */
const SETTLE_MS = 500;
/** Idle again before the next one: its acknowledgements are out of the way. */
const PAUSE_MS = 60;
const FLASH = {
  edit: (content: RecordContent) => ({ ...content, priority: Priority.PRIORITY_FLASH }),
};

async function each(work: () => Promise<unknown>): Promise<readonly number[]> {
  const samples: number[] = [];
  for (let count = 0; count < A_ROUND; count += 1) {
    samples.push((await seconds(work)) * 1_000);
    await wait(PAUSE_MS);
  }
  return samples;
}

async function urgent(from: BenchNode): Promise<void> {
  const until = from.deliveredUrgent + 1;
  await from.release(1, FLASH);
  await from.when(() => from.deliveredUrgent >= until);
}

/** A request of 1 KB and its reply, between two connections of their own. */
async function openRoundTrip(broker: BenchBroker): Promise<() => Promise<void>> {
  const [near, far] = [await broker.connectOperator(), await broker.connectOperator()];
  far.subscribe('bench.echo', ({ data, reply }) => far.publish(reply ?? '', data));
  let answered: () => void = () => undefined;
  near.subscribe('bench.answer', () => answered());
  await Promise.all([near.flush(), far.flush()]);
  const bytes = new Uint8Array(1_024);
  return () =>
    new Promise<void>((resolve) => {
      answered = resolve;
      near.publish('bench.echo', bytes, 'bench.answer');
    });
}

class Stream {
  readonly #from: BenchNode;
  #released = 0;
  /** Most routine records that had no receipt yet at the end of a round. */
  behind = 0;

  constructor(from: BenchNode) {
    this.#from = from;
  }

  /** The measure while routine records are released; all of them are delivered before the next turn. */
  during(measure: Measure): Measure {
    return async () => {
      const from = this.#from;
      const before = from.delivered - from.deliveredUrgent;
      this.#released = 0;
      const stop = new AbortController();
      const running = this.#release(stop.signal);
      await wait(SETTLE_MS);
      const samples = await measure();
      stop.abort();
      await running;
      const delivered = () => from.delivered - from.deliveredUrgent - before;
      this.behind = Math.max(this.behind, this.#released - delivered());
      await from.when(() => delivered() >= this.#released);
      return samples;
    };
  }

  async #release(signal: AbortSignal): Promise<void> {
    const from = this.#from;
    const startedAt = performance.now();
    while (!signal.aborted) {
      // By the clock, not by the pause: a machine that stalls has to catch up, as with a partner's records.
      const due = Math.floor(((performance.now() - startedAt) / 1_000) * ROUTINE) - this.#released;
      if (due > 0) {
        await from.release(due);
        this.#released += due;
        await from.ledger.sequence('live');
      }
      await wait(EVERY_MS);
    }
  }
}

export const urgentBench: Bench = {
  name: 'urgent',
  async open(stack) {
    const pair = await openPair(stack, { urgentOnly: true });
    const loaded = await openPair(stack);
    const stream = new Stream(loaded.from);
    const rowOf = async (
      id: string,
      what: string,
      { from, broker }: Pick<typeof pair, 'from' | 'broker'>,
      during: (measure: Measure) => Measure,
    ): Promise<Row> => {
      const roundTrip = await openRoundTrip(broker);
      let count = 0;
      const commit = () =>
        from.store.write((tx) => tx.meta.set('bench/urgent', Uint8Array.of(count++ % 256)));
      return {
        id,
        what: `one flash record, submit to signed receipt, ${what}`,
        unit: 'ms',
        show: ['median', 'p99'],
        ours: during(() => each(() => urgent(from))),
        against: [
          {
            name: 'bare round trip + one durable commit',
            measure: during(() =>
              each(async () => {
                await roundTrip();
                await commit();
              }),
            ),
          },
          { name: 'bare round trip', measure: during(() => each(roundTrip)) },
        ],
      };
    };
    return [
      await rowOf('idle', 'idle', pair, (measure) => measure),
      {
        ...(await rowOf('loaded', `${ROUTINE} routine records a second meanwhile`, loaded, (measure) =>
          stream.during(measure),
        )),
        facts: () => ({ 'routine records without receipt at the end of a round, at most': stream.behind }),
      },
    ];
  },
};
