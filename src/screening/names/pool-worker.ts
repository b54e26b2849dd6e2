/** A thread that searches: it gets the arrays of segments, which it shares with the others, and answers queries. */
import { parentPort, workerData } from 'node:worker_threads';
import type { EquivalenceClass } from './equivalence.ts';
import { Equivalences } from './equivalence.ts';
import { Level } from './level.ts';
import { searchLevels } from './level-search.ts';
import type { NameAnswer, NameQuery } from './party.ts';
import { QueryWords } from './query-words.ts';
import { Segment, type SegmentArrays } from './segment.ts';

/** Segments by number: a segment never changes but for who was taken out, which all threads see. */
export interface SegmentsMessage {
  readonly kind: 'segments';
  readonly segments: readonly { readonly number: number; readonly arrays: SegmentArrays }[];
}

export interface QueriesMessage {
  readonly kind: 'queries';
  readonly task: number;
  readonly queries: readonly NameQuery[];
}

export type PoolMessage = SegmentsMessage | QueriesMessage;

export interface AnswersMessage {
  readonly task: number;
  readonly answers: readonly NameAnswer[];
}

if (parentPort) {
  const port = parentPort;
  const { classOf } = new Equivalences(workerData as readonly EquivalenceClass[]);
  const words = new QueryWords(classOf);
  let levels = new Map<number, Level>();
  port.on('message', (message: PoolMessage) => {
    if (message.kind === 'segments') {
      levels = new Map(
        message.segments.map(({ number, arrays }) => [
          number,
          levels.get(number) ?? new Level(new Segment(arrays)),
        ]),
      );
      return;
    }
    const all = [...levels.values()];
    const answers = message.queries.map((query) => searchLevels(all, query, words));
    port.postMessage({ task: message.task, answers } satisfies AnswersMessage);
  });
}
