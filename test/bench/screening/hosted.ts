/**
 * An engine in a process of its own, started by `hostEngine`: its memory is not that of another, and it is timed where it runs. It
 * ends with its parent.
 */
import { fork } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { NameIndex } from '../../../src/screening/names/name-index.ts';
import type { ListedParty } from '../../../src/screening/names/party.ts';
import { readCorpus } from './corpus.ts';
import { dataFolder, NO_DATA } from './data.ts';
import {
  type Engine,
  flexSearchEngine,
  idsOf,
  miniSearchEngine,
  type OurEngine,
  ourEngine,
} from './engines.ts';
import { LIMIT } from './recall.ts';

/** Names that are asked. */
export type Asked = 'manifest' | 'slices';

/** What may be remembered of words of earlier questions: nothing, that of this batch, or all. */
export type Memory = 'none' | 'batch' | 'kept';

interface Setup {
  readonly engine: 'ours' | 'minisearch' | 'flexsearch';
  readonly entries: number;
  /** One name that all entries have, in place of the corpus. */
  readonly allNamed?: string;
}

interface Questions {
  readonly asked: Asked | { readonly names: readonly string[] };
  /** Place of the first, and how many. */
  readonly from: number;
  readonly count: number;
  readonly memory: Memory;
  /** Lowest score that ours answers with; absent = the one it ships with. */
  readonly cut?: number;
  /** No question is begun after so long. */
  readonly budgetMs: number;
}

export interface Answers {
  /** Of all questions together: beside other busy processes it says more than a clock. */
  readonly processorSeconds: number;
  /** Milliseconds of each question that was asked. */
  readonly ms: readonly number[];
  /** Of slices: place of the first hit, 0 = none; of other names 0. */
  readonly places: readonly number[];
  /** Of names that were given, the parties of each answer, best first. */
  readonly ids: readonly (readonly string[])[];
}

interface Additions {
  readonly add: number;
}

export interface Added {
  /** From the addition of a party to the answer that has it. */
  readonly alertMs: readonly number[];
  readonly removeMs: readonly number[];
  /** Added parties that the next search did not meet, and removed ones that it met. */
  readonly unmet: number;
  readonly returned: number;
}

export interface Built {
  readonly seconds: number;
  /** What the process grew by, after a collection. */
  readonly residentBytes: number;
  /** Of the arrays that are searched; 0 = the engine does not say. */
  readonly bytes: number;
  /** Of these, what is only shown: names as written, and ids. */
  readonly shownBytes: number;
  readonly queries: { readonly manifest: number; readonly slices: number };
}

interface Rebuilding {
  readonly rebuild: number;
}

interface Restart {
  readonly restart: true;
}

interface Together {
  /** Place of the first name of the manifest, and how many. */
  readonly from: number;
  readonly together: number;
}

type Order = Setup | Questions | Additions | Rebuilding | Restart | Together;

export interface Hosted {
  readonly built: Built;
  ask(questions: Questions): Promise<Answers>;
  /** Adds parties one by one, asks for each, and takes each out again. */
  addAndRemove(count: number): Promise<Added>;
  /** Seconds to build it anew with so many entries of the corpus. */
  rebuild(entries: number): Promise<number>;
  /** Names of the manifest a second, asked as one batch, which threads answer. */
  together(from: number, count: number): Promise<number>;
  /** Seconds until it answers, out of a file that it wrote. */
  restart(): Promise<number>;
}

const MEGABYTES_OF_HEAP = 12_288;

/** Starts the process; resolves when the engine is built. */
export async function hostEngine(stack: AsyncDisposableStack, setup: Setup): Promise<Hosted> {
  const child = fork(import.meta.filename, {
    execArgv: [
      '--expose-gc',
      '--disable-warning=ExperimentalWarning',
      `--max-old-space-size=${MEGABYTES_OF_HEAP}`,
    ],
    env: { ...process.env, TOCSIN_BENCH_ENGINE: '1' },
  });
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  stack.defer(async () => {
    if (child.connected) child.disconnect();
    await ended;
  });
  const tell = async <Answer>(order: Order): Promise<Answer> => {
    const answer = new Promise<Answer>((resolve) =>
      child.once('message', (message) => resolve(message as Answer)),
    );
    child.send(order);
    return Promise.race([
      answer,
      ended.then((): Answer => {
        throw new Error(`expected the process of ${setup.engine} to run, it ended with ${child.exitCode}`);
      }),
    ]);
  };
  const built = await tell<Built>(setup);
  return {
    built,
    ask: (questions) => tell<Answers>(questions),
    addAndRemove: (count) => tell<Added>({ add: count }),
    rebuild: (entries) => tell<number>({ rebuild: entries }),
    together: (from, count) => tell<number>({ from, together: count }),
    restart: () => tell<number>({ restart: true }),
  };
}

function* allNamed(text: string, count: number) {
  for (let at = 0; at < count; at++)
    yield { id: `same:${at}`, subject: 'person', names: [{ text, kind: 'primary' }] } as const;
}

function open({ engine: name, entries, allNamed: text }: Setup) {
  const folder = dataFolder();
  if (folder === undefined) throw new Error(NO_DATA);
  const corpus = readCorpus(folder);
  const ours = name === 'ours' ? ourEngine() : undefined;
  const engine: Engine = ours ?? (name === 'minisearch' ? miniSearchEngine() : flexSearchEngine());
  globalThis.gc?.();
  const before = process.memoryUsage().rss;
  const seconds = secondsToBuild(
    engine,
    text === undefined ? corpus.parties(entries) : allNamed(text, entries),
  );
  globalThis.gc?.();
  const built: Built = {
    seconds,
    residentBytes: process.memoryUsage().rss - before,
    bytes: engine.bytes ?? 0,
    shownBytes: ours ? shownBytesOf(ours.index) : 0,
    queries: { manifest: corpus.manifest.length, slices: corpus.queries.length },
  };
  return { corpus, engine, ours, built };
}

const shownBytesOf = ({ segments }: NameIndex): number =>
  segments.reduce(
    (sum, { arrays: { textBytes, textStart, idBytes, idStart } }) =>
      sum + textBytes.byteLength + textStart.byteLength + idBytes.byteLength + idStart.byteLength,
    0,
  );

async function namesASecond({ index }: OurEngine, names: readonly string[]): Promise<number> {
  const from = performance.now();
  await index.searchMany(names.map((name) => ({ name, limit: LIMIT })));
  return (1_000 * names.length) / (performance.now() - from);
}

function secondsToRestart({ index }: OurEngine): number {
  const folder = mkdtempSync(join(tmpdir(), 'tocsin-bench-'));
  try {
    const file = join(folder, 'names');
    writeFileSync(file, index.serialise());
    const from = performance.now();
    NameIndex.from(readFileSync(file)).search({ name: madeUpName() });
    return (performance.now() - from) / 1_000;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Of the engine alone: making the parties, which would be read from somewhere, takes a quarter of the time. */
function secondsToBuild(engine: Engine, parties: Iterable<ListedParty>): number {
  let made = 0;
  function* timed(): Generator<ListedParty> {
    const iterator = parties[Symbol.iterator]();
    for (;;) {
      const began = performance.now();
      const next = iterator.next();
      made += performance.now() - began;
      if (next.done) return;
      yield next.value;
    }
  }
  const start = performance.now();
  engine.build(timed());
  return (performance.now() - start - made) / 1_000;
}

type Opened = ReturnType<typeof open>;

function ask({ corpus, engine, ours }: Opened, questions: Questions): Answers {
  const { asked, from, count, memory, cut, budgetMs } = questions;
  const all: readonly { readonly text: string; readonly hits?: ReadonlySet<string> }[] =
    asked === 'slices'
      ? corpus.queries
      : (asked === 'manifest' ? corpus.manifest : asked.names).map((text) => ({ text }));
  const before = process.cpuUsage();
  const answers = { ms: [] as number[], places: [] as number[], ids: [] as (readonly string[])[] };
  const end = performance.now() + budgetMs;
  if (memory === 'batch') ours?.index.forget();
  for (const { text, hits } of all.slice(from, from + count)) {
    if (memory === 'none') ours?.index.forget();
    const start = performance.now();
    if (start > end) break;
    const ids = ours ? idsOf(ours.index, text, LIMIT, cut) : engine.search(text, LIMIT);
    answers.ms.push(performance.now() - start);
    answers.places.push(ids.findIndex((id) => hits?.has(id)) + 1);
    if (typeof asked === 'object') answers.ids.push(ids);
  }
  const { user, system } = process.cpuUsage(before);
  return { ...answers, processorSeconds: (user + system) / 1e6 };
}

/** Names that no list has, in letters alone. */
const madeUpName = (): string => {
  const letters = randomUUID()
    .replace(/[^0-9a-f]/gu, '')
    .replace(/\d/gu, (digit) => 'ghijklmnop'[Number(digit)] as string);
  return `${letters.slice(0, 9)} ${letters.slice(9, 18)}`;
};

function addAndRemove({ index, search }: OurEngine, count: number): Added {
  const added = Array.from({ length: count }, (_, at) => ({ id: `added:${at}`, name: madeUpName() }));
  const meets = ({ id, name }: (typeof added)[number]): boolean => search(name, LIMIT).includes(id);
  const [alertMs, removeMs]: [number[], number[]] = [[], []];
  let [unmet, returned] = [0, 0];
  for (const one of added) {
    const from = performance.now();
    index.add([{ id: one.id, subject: 'person', names: [{ text: one.name, kind: 'primary' }] }]);
    if (!meets(one)) unmet += 1;
    alertMs.push(performance.now() - from);
  }
  for (const one of added) {
    const from = performance.now();
    index.remove(one.id);
    removeMs.push(performance.now() - from);
    if (meets(one)) returned += 1;
  }
  return { alertMs, removeMs, unmet, returned };
}

function fail(cause: unknown): void {
  process.stderr.write(`${String(cause)}\n`);
  process.exit(1);
}

if (process.env.TOCSIN_BENCH_ENGINE === '1') {
  process.once('disconnect', () => process.exit());
  let opened: Opened | undefined;
  process.on('message', (order: Order) => {
    if ('engine' in order) {
      opened = open(order);
      process.send?.(opened.built);
      return;
    }
    if (!opened) throw new Error('expected an engine to be asked for first');
    if ('asked' in order) process.send?.(ask(opened, order));
    else if ('rebuild' in order)
      process.send?.(secondsToBuild(opened.engine, opened.corpus.parties(order.rebuild)));
    else if (opened.ours && 'together' in order)
      namesASecond(opened.ours, opened.corpus.manifest.slice(order.from, order.from + order.together)).then(
        (rate) => process.send?.(rate),
        fail,
      );
    else if (opened.ours && 'restart' in order) process.send?.(secondsToRestart(opened.ours));
    else if (opened.ours && 'add' in order) process.send?.(addAndRemove(opened.ours, order.add));
    else throw new Error('expected what no peer can do to be asked of our engine only');
  });
}
