/** How fast names are searched, and what an index of a million entries costs. */
import { availableParallelism } from 'node:os';
import { type Measure, type Row, summaryOf } from '../runner.ts';
import { type Asked, type Hosted, hostEngine, type Memory } from './hosted.ts';

export const MILLION = 1_000_000;
const SMALLER = 100_000;
export const LARGER = 5_000_000;

/**
 * Lowest score down to which recall is measured: engines of others have no cut. What the program ships with is higher.
 */
export const RECALL_CUT = 40;

/** Names a round at most, and when no further one is begun: engines differ a thousandfold. */
const NAMES_A_ROUND = 1_000;
const ROUND_MS = 2_000;
const ADDED_A_ROUND = 50;
const BATCH = 4_000;

export interface Engines {
  readonly ours: Hosted;
  readonly miniSearch: Hosted;
  readonly flexSearch: Hosted;
}

export async function openEngines(stack: AsyncDisposableStack, entries = MILLION): Promise<Engines> {
  // One after the other: two builds at once would each be timed with half a machine.
  const ours = await hostEngine(stack, { engine: 'ours', entries });
  const miniSearch = await hostEngine(stack, { engine: 'minisearch', entries });
  const flexSearch = await hostEngine(stack, { engine: 'flexsearch', entries });
  return { ours, miniSearch, flexSearch };
}

interface Asking {
  readonly asked: Asked;
  readonly memory: Memory;
  readonly cut?: number;
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

/** What a row left behind of its questions. */
interface Spent {
  readonly ms: number[];
  processorSeconds: number;
}

/** Names a second; each round asks the next names, so that none is asked twice before all were. */
function asking(hosted: Hosted, asking: Asking, spent?: Spent, first = 0): Measure {
  let from = first;
  return async () => {
    const { ms, processorSeconds } = await hosted.ask({
      budgetMs: ROUND_MS,
      ...asking,
      from,
      count: NAMES_A_ROUND,
    });
    from = (from + ms.length) % Math.max(1, hosted.built.queries[asking.asked] - NAMES_A_ROUND);
    spent?.ms.push(...ms);
    if (spent) spent.processorSeconds += processorSeconds;
    return [(1_000 * ms.length) / sum(ms)];
  };
}

/** Like `asking` the same names again: the words of a batch are known then. */
function askingAgain(hosted: Hosted, asked: Omit<Asking, 'memory'>): Measure {
  let from = 0;
  return async () => {
    const questions = { budgetMs: ROUND_MS, ...asked, from, count: NAMES_A_ROUND };
    const first = await hosted.ask({ ...questions, memory: 'batch' });
    const { ms } = await hosted.ask({ ...questions, count: first.ms.length, memory: 'kept' });
    from = (from + ms.length) % Math.max(1, hosted.built.queries[asked.asked] - NAMES_A_ROUND);
    return [(1_000 * ms.length) / sum(ms)];
  };
}

const tail = ({ ms, processorSeconds }: Spent): Readonly<Record<string, number>> => {
  const { median, p99, max } = summaryOf(ms);
  return {
    'names a processor second': ms.length / processorSeconds,
    'median, ms': median,
    'p99, ms': p99,
    'longest, ms': max,
  };
};

function besidePeers(
  { ours, miniSearch, flexSearch }: Engines,
  row: Pick<Row, 'id' | 'what'>,
  asked: Pick<Asking, 'asked' | 'cut'>,
): Row {
  const spent: Spent = { ms: [], processorSeconds: 0 };
  const peer = { asked: asked.asked, memory: 'none' } as const;
  return {
    ...row,
    unit: '/s',
    ours: asking(ours, { ...asked, memory: 'none' }, spent),
    against: [
      { name: 'MiniSearch', measure: asking(miniSearch, peer) },
      { name: 'FlexSearch', measure: asking(flexSearch, peer) },
      {
        name: 'the same, words of a batch known as they come',
        measure: asking(ours, { ...asked, memory: 'batch' }),
      },
      { name: 'the same, all words known', measure: askingAgain(ours, asked) },
    ],
    facts: () => tail(spent),
  };
}

const bytesAnEntry = ({ built }: Hosted, entries: number): number => built.bytes / entries;

/** Batches, answered by as many threads as there are processors; each names people that no batch before it named. */
function threadsRow(ours: Hosted): Row {
  let from = 0;
  return {
    id: 'threads',
    what: `batches of ${BATCH.toLocaleString('en')} names of a manifest by all threads, a million entries, words known as they come`,
    unit: '/s',
    ours: async () => {
      const rate = await ours.together(from, BATCH);
      from = (from + BATCH) % (ours.built.queries.manifest - BATCH);
      return [rate];
    },
    against: [{ name: 'one thread', measure: asking(ours, { asked: 'manifest', memory: 'batch' }) }],
    facts: () => ({ threads: availableParallelism() }),
  };
}

const growthOfBytes = (
  ours: Hosted,
  entries: number,
  other: Hosted,
  others: number,
): Readonly<Record<string, number>> => ({
  [`bytes an entry, to that at ${others.toLocaleString('en')}`]:
    bytesAnEntry(ours, entries) / bytesAnEntry(other, others),
});

async function growthRow(ours: Hosted, entries: number, other: Hosted, others: number): Promise<Row> {
  const restart = await ours.restart();
  const of = (hosted: Hosted): Measure => asking(hosted, { asked: 'manifest', memory: 'none' });
  return {
    id: `at-${entries}`,
    what: `the same at ${entries.toLocaleString('en')} entries`,
    unit: '/s',
    ours: of(ours),
    against: [{ name: `at ${others.toLocaleString('en')}`, measure: of(other) }],
    facts: () => ({
      'bytes an entry': bytesAnEntry(ours, entries),
      ...growthOfBytes(ours, entries, other, others),
      'bytes an entry without texts and ids': (ours.built.bytes - ours.built.shownBytes) / entries,
      'megabytes resident': ours.built.residentBytes / 1e6,
      'seconds to build': ours.built.seconds,
      'seconds to restart, a million': (restart * MILLION) / entries,
    }),
  };
}

async function buildRow(
  stack: AsyncDisposableStack,
  { ours, miniSearch, flexSearch }: Engines,
): Promise<Row> {
  const building = async (engine: 'ours' | 'minisearch' | 'flexsearch'): Promise<Measure> => {
    const hosted = await hostEngine(stack, { engine, entries: 1 });
    return async () => [await hosted.rebuild(SMALLER)];
  };
  return {
    id: 'build',
    what: `${SMALLER.toLocaleString('en')} entries built`,
    unit: 's',
    ours: await building('ours'),
    against: [
      { name: 'MiniSearch', measure: await building('minisearch') },
      { name: 'FlexSearch', measure: await building('flexsearch') },
    ],
    facts: () => ({
      'seconds to build a million': ours.built.seconds,
      'the same, MiniSearch': miniSearch.built.seconds,
      'the same, FlexSearch': flexSearch.built.seconds,
      'bytes an entry of arrays': bytesAnEntry(ours, MILLION),
      'bytes an entry resident': ours.built.residentBytes / MILLION,
      'the same, MiniSearch, resident': miniSearch.built.residentBytes / MILLION,
      'the same, FlexSearch, resident': flexSearch.built.residentBytes / MILLION,
    }),
  };
}

function additionRow(ours: Hosted): Row {
  const facts = { 'added and not met by the next search': 0, 'removed and met again': 0 };
  const removals: number[] = [];
  return {
    id: 'add',
    what: 'a party added to a million, to the answer that has it',
    unit: 'ms',
    show: ['median', 'p99'],
    ours: async () => {
      const { alertMs, removeMs, unmet, returned } = await ours.addAndRemove(ADDED_A_ROUND);
      removals.push(...removeMs);
      facts['added and not met by the next search'] += unmet;
      facts['removed and met again'] += returned;
      return alertMs;
    },
    against: [
      {
        name: 'a search alone',
        measure: async () =>
          (
            await ours.ask({
              asked: 'manifest',
              from: 0,
              count: ADDED_A_ROUND,
              memory: 'batch',
              budgetMs: ROUND_MS,
            })
          ).ms,
      },
    ],
    facts: () => ({
      ...facts,
      'median removal, ms': summaryOf(removals).median,
      'longest removal, ms': summaryOf(removals).max,
    }),
  };
}

/** Both kinds of questions beside the peers; `suffix` tells the rows of another size apart. */
function peerRows(engines: Engines, entries: string, suffix = ''): readonly Row[] {
  return [
    besidePeers(
      engines,
      {
        id: `manifest${suffix}`,
        what: `names of a manifest, of nobody listed, ${entries} entries, no word known`,
      },
      { asked: 'manifest' },
    ),
    besidePeers(
      engines,
      {
        id: `slices${suffix}`,
        what: `listed names written otherwise, ${entries} entries, no word known, down to a score of ${RECALL_CUT}`,
      },
      { asked: 'slices', cut: RECALL_CUT },
    ),
  ];
}

/** At five million entries: all engines, and ours beside itself at a million; its bytes beside those at a hundred thousand. */
export async function largerRows(
  stack: AsyncDisposableStack,
  engines: Engines,
  larger: Engines,
): Promise<readonly Row[]> {
  const smaller = await hostEngine(stack, { engine: 'ours', entries: SMALLER });
  const growth = await growthRow(larger.ours, LARGER, engines.ours, MILLION);
  return [
    ...peerRows(larger, 'five million', `-${LARGER}`),
    {
      ...growth,
      facts: () => ({ ...growth.facts?.(), ...growthOfBytes(larger.ours, LARGER, smaller, SMALLER) }),
    },
  ];
}

export async function speedRows(stack: AsyncDisposableStack, engines: Engines): Promise<readonly Row[]> {
  const { ours } = engines;
  const smaller = await hostEngine(stack, { engine: 'ours', entries: SMALLER });
  return [
    ...peerRows(engines, 'a million'),
    await growthRow(ours, MILLION, smaller, SMALLER),
    threadsRow(ours),
    await buildRow(stack, engines),
    additionRow(ours),
  ];
}
