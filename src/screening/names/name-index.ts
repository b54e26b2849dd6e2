/**
 * The index of names: a large segment, a middle one and a small one that takes what is added, each searched for every query. What is
 * added is in the next search; what is removed never again.
 */
import { availableParallelism } from 'node:os';
import { sleep } from '../../base/async.ts';
import { SCORE_VERSION } from './bands.ts';
import { Equivalences } from './equivalence.ts';
import { wordKey } from './keys.ts';
import { Level } from './level.ts';
import { searchLevels } from './level-search.ts';
import { NamePool } from './name-pool.ts';
import type { ListedParty, NameAnswer, NameQuery, PartyIndex } from './party.ts';
import { QueryWords } from './query-words.ts';
import { bucketOf, type Segment } from './segment.ts';
import { type BuildOptions, buildSegment, type Frequencies } from './segment-build.ts';
import { readSegments, writeSegments } from './snapshot.ts';
import { NORMALISER_VERSION } from './words.ts';

/** Parties in the small segment before it goes into the middle one, and in that before it goes into the large one. */
const SMALL = 256;
const MIDDLE = 8_192;

/** Queries, and parties in the index, from which threads are worth their start. */
const FOR_THREADS = 128;
const FOR_THREADS_OF = 20_000;
const MOST_THREADS = 8;
const IDLE_MS = 60_000;
/** Others' calls are served after so much searching. */
const TURN_MS = 10;

export interface NameIndexOptions {
  /** Words that stand for one another; absent = those that the program ships. */
  readonly equivalences?: Equivalences;
}

/** The shipped classes, read once. */
let shipped: Equivalences | undefined;

/** What an index was made by: another value, and a snapshot is of no use. */
export const rulesOf = (equivalences: Equivalences): string =>
  `normaliser ${NORMALISER_VERSION}, score ${SCORE_VERSION}, classes ${equivalences.version}`;

export class NameIndex implements PartyIndex {
  readonly #build: BuildOptions;
  readonly #equivalences: Equivalences;
  readonly #words: QueryWords;
  /** Large, middle, small; a missing one is empty. */
  #levels: Level[] = [];
  #recent = new Map<string, ListedParty>();
  #recentLevel: Level | undefined;
  #pool: NamePool | undefined;
  #idle: NodeJS.Timeout | undefined;
  #batches = 0;

  constructor(options: NameIndexOptions = {}) {
    shipped ??= new Equivalences();
    this.#equivalences = options.equivalences ?? shipped;
    this.#build = { classOf: this.#equivalences.classOf };
    this.#words = new QueryWords(this.#equivalences.classOf);
  }

  /** An index out of what `serialise` gave. Throws NameError SNAPSHOT_CORRUPT, SNAPSHOT_VERSION. */
  static from(bytes: Uint8Array, options: NameIndexOptions = {}): NameIndex {
    const index = new NameIndex(options);
    index.#levels = readSegments(bytes, rulesOf(index.#equivalences)).map((segment) => new Level(segment));
    return index;
  }

  /** All that is in it, for a restart that need not read every record again. */
  serialise(): Uint8Array {
    this.#settle();
    return writeSegments(
      this.#levels.map(({ segment }) => segment),
      rulesOf(this.#equivalences),
    );
  }

  get equivalences(): Equivalences {
    return this.#equivalences;
  }

  /** Of what answers are made by. */
  get rules(): string {
    return rulesOf(this.#equivalences);
  }

  get size(): number {
    return this.#levels.reduce((sum, level) => sum + level.size, this.#recent.size);
  }

  /** Bytes of the arrays that are searched. */
  get bytes(): number {
    return this.#all().reduce((sum, level) => sum + level.segment.bytes, 0);
  }

  get segments(): readonly Segment[] {
    return this.#all().map(({ segment }) => segment);
  }

  /** Forgets what words of earlier searches stand for: for measuring. */
  forget(): void {
    this.#words.forget();
    for (const { expander } of this.#all()) expander.forget();
  }

  add(parties: Iterable<ListedParty>): void {
    // A whole list at once is one segment; what arrives singly gathers in the small one.
    const several: ListedParty[] = [];
    const iterator = parties[Symbol.iterator]();
    for (let next = iterator.next(); !next.done; next = iterator.next()) {
      several.push(next.value);
      if (several.length > SMALL) {
        this.#addMany(concat(several, iterator));
        return;
      }
    }
    for (const party of several) {
      this.remove(party.id);
      this.#recent.set(party.id, party);
    }
    this.#recentLevel = undefined;
    if (this.#recent.size >= SMALL) this.#settle();
  }

  #addMany(parties: Iterable<ListedParty>): void {
    const isEmpty = this.size === 0;
    const level = new Level(buildSegment(isEmpty ? parties : this.#replacing(parties), this.#options()));
    this.#levels.push(level);
    this.#merge();
  }

  *#replacing(parties: Iterable<ListedParty>): Generator<ListedParty> {
    for (const party of parties) {
      this.remove(party.id);
      yield party;
    }
  }

  remove(id: string): boolean {
    if (this.#recent.delete(id)) {
      this.#recentLevel = undefined;
      return true;
    }
    return this.#levels.some((level) => level.remove(id));
  }

  /** Moves the small segment into the middle one. */
  #settle(): void {
    if (this.#recent.size === 0) return;
    this.#levels.push(new Level(buildSegment(this.#recent.values(), this.#options())));
    this.#recent = new Map();
    this.#recentLevel = undefined;
    this.#merge();
  }

  /** Two neighbours of like size become one, so that few are searched and each party is rebuilt a few times at most. */
  #merge(): void {
    this.#levels = this.#levels.filter((level) => level.size > 0);
    for (;;) {
      const last = this.#levels.at(-1);
      const before = this.#levels.at(-2);
      if (!last || !before || before.size > Math.max(MIDDLE, 4 * last.size)) return;
      const both = [before, last];
      this.#levels.length -= 2;
      this.#levels.push(
        new Level(
          buildSegment(
            both.flatMap((level) => [...level.parties()]),
            this.#options(),
          ),
        ),
      );
    }
  }

  #options(): BuildOptions {
    const others = this.#levels[0];
    return others ? { ...this.#build, others: frequencies(others.segment) } : this.#build;
  }

  #all(): readonly Level[] {
    if (this.#recent.size === 0) return this.#levels;
    this.#recentLevel ??= new Level(buildSegment(this.#recent.values(), this.#options()));
    return [...this.#levels, this.#recentLevel];
  }

  search(query: NameQuery): NameAnswer {
    return searchLevels(this.#all(), query, this.#words);
  }

  async searchMany(queries: readonly NameQuery[]): Promise<readonly NameAnswer[]> {
    if (queries.length >= FOR_THREADS && this.size >= FOR_THREADS_OF) return this.#withThreads(queries);
    const answers: NameAnswer[] = [];
    let turn = performance.now();
    for (const query of queries) {
      answers.push(this.search(query));
      if (performance.now() - turn < TURN_MS) continue;
      await sleep(0);
      turn = performance.now();
    }
    return answers;
  }

  /** Threads are kept for the next batch, and ended where none comes. */
  async #withThreads(queries: readonly NameQuery[]): Promise<readonly NameAnswer[]> {
    this.#pool ??= new NamePool(this, Math.max(1, Math.min(MOST_THREADS, availableParallelism())));
    const pool = this.#pool;
    clearTimeout(this.#idle);
    this.#batches += 1;
    try {
      return await pool.search(queries);
    } finally {
      this.#batches -= 1;
      if (this.#batches === 0) {
        this.#idle = setTimeout(() => {
          this.#pool = undefined;
          void pool[Symbol.asyncDispose]();
        }, IDLE_MS);
        this.#idle.unref();
      }
    }
  }
}

function frequencies(segment: Segment): Frequencies {
  const { bucketStart, keyEntries } = segment.arrays;
  return {
    names: segment.names,
    frequencyOf(text) {
      const bytes = Uint8Array.from(text, (letter) => letter.charCodeAt(0));
      const bucket = bucketOf(wordKey(bytes, 0, bytes.length), segment.bucketShift);
      for (let at = bucketStart[bucket] as number; at < (bucketStart[bucket + 1] as number); at++) {
        const word = (keyEntries[at] as number) & segment.keyEntries.wordMask;
        if (segment.letters(word) !== bytes.length) continue;
        const from = segment.lettersFrom(word);
        const letters = segment.lettersIn(word);
        if (bytes.every((letter, index) => letters[from + index] === letter)) return segment.frequency(word);
      }
      return 0;
    },
  };
}

function* concat<T>(first: readonly T[], rest: Iterator<T>): Generator<T> {
  yield* first;
  for (let next = rest.next(); !next.done; next = rest.next()) yield next.value;
}
