/** The longest searches that a stranger can ask for, and exact names among a million that are all alike. */
import type { Row } from '../runner.ts';
import type { Corpus } from './corpus.ts';
import { ourEngine } from './engines.ts';
import { type Hosted, hostEngine } from './hosted.ts';
import { exactNames, hostileNames, manyAliases } from './hostile.ts';
import { LIMIT } from './recall.ts';
import { MILLION } from './speed-rows.ts';

const SAME_NAME = 'Mohamed Ali';
const ALIASES = 300;
const EXACT_NAMES = 1_000;
const PEER_MS = 60_000;

/** Exact names that are not among the first ten of a million. */
async function exactMissed(corpus: Corpus, ours: Hosted): Promise<number> {
  const exact = exactNames(corpus, EXACT_NAMES);
  const { ids } = await ours.ask({
    asked: { names: exact.map(({ name }) => name) },
    from: 0,
    count: exact.length,
    memory: 'kept',
    budgetMs: PEER_MS,
  });
  return exact.filter(({ id }, at) => ids[at]?.some((found) => corpus.listed.hitsOf(id).has(found)) !== true)
    .length;
}

/** Of one party's 300 aliases those by which it is not among the first ten. */
function aliasesMissed(corpus: Corpus): { readonly missed: number; readonly longestMs: number } {
  const engine = ourEngine();
  const aliases = manyAliases(ALIASES);
  const party = {
    id: 'many',
    subject: 'person',
    names: aliases.map((text) => ({ text, kind: 'alias' }) as const),
  } as const;
  engine.build([...corpus.listed.parties, party]);
  const times = aliases.map((name) => {
    const from = performance.now();
    const missed = !engine.search(name, LIMIT).includes(party.id);
    return { missed, ms: performance.now() - from };
  });
  return {
    missed: times.filter(({ missed }) => missed).length,
    longestMs: Math.max(...times.map(({ ms }) => ms)),
  };
}

export async function hostileRows(
  stack: AsyncDisposableStack,
  corpus: Corpus,
  ours: Hosted,
): Promise<readonly Row[]> {
  const names = hostileNames(corpus);
  const same = await hostEngine(stack, { engine: 'ours', entries: MILLION, allNamed: SAME_NAME });
  const missed = await exactMissed(corpus, ours);
  const aliases = aliasesMissed(corpus);
  const longest = new Map<string, number>();
  const asked = async (hosted: Hosted, whats: readonly string[], texts: readonly string[]) => {
    const { ms } = await hosted.ask({
      asked: { names: texts },
      from: 0,
      count: texts.length,
      memory: 'none',
      budgetMs: PEER_MS,
    });
    for (const [at, one] of ms.entries())
      longest.set(whats[at] ?? '', Math.max(longest.get(whats[at] ?? '') ?? 0, one));
    return ms;
  };
  return [
    {
      id: 'hostile',
      what: 'names made to cost most, a million entries, no word known',
      unit: 'ms',
      show: ['median', 'p99'],
      ours: async () => [
        ...(await asked(
          ours,
          names.map(({ what }) => what),
          names.map(({ name }) => name),
        )),
        ...(await asked(same, ['a million entries of one name'], [SAME_NAME])),
        ...(await asked(same, ['the same with a slip'], ['Mohamad Alli'])),
      ],
      against: [
        {
          name: 'names of a manifest',
          measure: async () =>
            (await ours.ask({ asked: 'manifest', from: 0, count: 200, memory: 'none', budgetMs: PEER_MS }))
              .ms,
        },
      ],
      facts: () => ({
        'longest, ms': Math.max(...longest.values()),
        'exact names missed': missed,
        'aliases of 300 missed': aliases.missed,
        'longest of 300 aliases, ms': aliases.longestMs,
        ...Object.fromEntries([...longest].map(([what, ms]) => [`longest, ${what}, ms`, ms])),
      }),
    },
  ];
}
