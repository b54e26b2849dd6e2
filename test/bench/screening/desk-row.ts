/**
 * A manifest through the desk's HTTP API, against a store whose watchlist entries name a million parties: JSON in, policy, the log of
 * what was asked, JSON out. The browser's side is `fetch` in the same process.
 */
import { Persons } from '../../../src/gen/tocsin/record/v1/party.ts';
import type { ListedParty } from '../../../src/screening/names/party.ts';
import { exampleContent } from '../../support/contents.ts';
import { clock, deskWorld, type World } from '../../unit/desk/desk-world.ts';
import type { Row } from '../runner.ts';
import type { Corpus } from './corpus.ts';

const LINES = 2_000;
/** Persons of one entry, and entries that arrive at once. */
const PERSONS = 100;
const TOGETHER = 100;
const MANY = 1_000_000_000;

/** Watchlist entries of XB at XA's desk, as many as name so many parties. */
async function fill(world: World, parties: Iterable<ListedParty>): Promise<void> {
  const example = exampleContent('watchlist-entry', clock.nowMs()) as Record<string, object> & {
    facets: Record<string, object>;
  };
  const like = await world.release(world.xb, {
    ...example,
    deskGroup: 'police',
    marking: { ...example.marking, releasableTo: ['sac'] },
    facets: {
      summary: example.facets.summary,
      persons: {
        persons: [{ ref: 'p1', names: [{ text: 'Bench Model' }], roles: ['broker'], nationalities: ['XB'] }],
      },
    },
  });
  await world.deliver(like);
  const bodies: Uint8Array[] = [];
  const persons: { names: { text: string }[] }[] = [];
  const send = async (): Promise<void> => {
    const sent = bodies.splice(0);
    await world.arriveLike(like, sent.length, (at, facet) => (facet === 'persons' ? sent[at] : undefined));
  };
  for (const { names } of parties) {
    persons.push({ names: names.map(({ text }) => ({ text })) });
    if (persons.length < PERSONS) continue;
    bodies.push(Persons.encode(Persons.fromPartial({ persons: persons.splice(0) })).finish());
    if (bodies.length === TOGETHER) await send();
  }
  if (bodies.length > 0) await send();
}

export async function deskRow(stack: AsyncDisposableStack, corpus: Corpus, entries: number): Promise<Row> {
  const world = stack.use(await deskWorld({ budget: { linesAMinute: MANY, linesADay: MANY } }));
  await fill(world, corpus.parties(entries));
  const { browser } = await world.browser('police', 'officer');
  const began = performance.now();
  await world.screening.settle();
  const seconds = (performance.now() - began) / 1_000;
  const resident = process.memoryUsage.rss();
  let from = 0;
  let hits = 0;
  const ask = async (count: number): Promise<readonly number[]> => {
    const names = corpus.manifest.slice(from, from + count);
    from = (from + count) % Math.max(1, corpus.manifest.length - LINES);
    const start = performance.now();
    const { results } = await browser.call(
      'ScreeningService/ScreenBatch',
      { lines: names.map((name, at) => ({ query: { name }, reference: `line ${at}` })) },
      { 'tocsin-purpose': 'investigation' },
    );
    const ms = performance.now() - start;
    if (count === LINES) hits = results.filter((result) => result.hits.length > 0).length;
    return [ms];
  };
  return {
    id: 'desk',
    what: `${LINES.toLocaleString('en')} lines of a manifest in one call of the desk's HTTP API, ${entries.toLocaleString('en')} parties`,
    unit: 'ms',
    ours: () => ask(LINES),
    against: [{ name: 'one line', measure: () => ask(1) }],
    facts: () => ({
      'lines with a hit': hits,
      'seconds to read the store': seconds,
      'megabytes resident, with the desk, its store and the corpus': resident / 1e6,
    }),
  };
}
