/** The index that ships and the search engines it is measured beside, behind one face. */
import anyAscii from 'any-ascii';
import { Index } from 'flexsearch';
import MiniSearch from 'minisearch';
import { NameIndex } from '../../../src/screening/names/name-index.ts';
import type { ListedParty } from '../../../src/screening/names/party.ts';

export interface Engine {
  readonly name: string;
  /** Bytes of the arrays that are searched, where the engine knows them. */
  readonly bytes?: number;
  /** Takes them in place of all before. */
  build(parties: Iterable<ListedParty>): void;
  /** Ids of parties, best first, each once. */
  search(text: string, limit: number): readonly string[];
}

export interface OurEngine extends Engine {
  readonly index: NameIndex;
}

/** The index that ships. `cut` is the lowest score that it answers with; absent = its own. */
export function ourEngine(cut?: number): OurEngine {
  let index = new NameIndex();
  return {
    name: cut === undefined ? 'ours' : `ours from ${cut}`,
    get bytes() {
      return index.bytes;
    },
    get index() {
      return index;
    },
    build(parties) {
      index = new NameIndex();
      index.add(parties);
    },
    search: (name, limit) => idsOf(index, name, limit, cut),
  };
}

export const idsOf = (index: NameIndex, name: string, limit: number, cut?: number): readonly string[] =>
  index.search({ name, limit, ...(cut !== undefined && { cut }) }).hits.map(({ id }) => id);

/** What the engines of others get: they know no scripts. */
const latin = (name: string): string => anyAscii(name).toLowerCase();

/** Names that are asked of an engine which has each name apart, so that enough parties are among them. */
const namesFor = (limit: number): number => limit * 4;

function partiesOf(names: Iterable<number>, owners: readonly string[], limit: number): readonly string[] {
  const ids = new Set<string>();
  for (const name of names) {
    ids.add(owners[name] as string);
    if (ids.size === limit) break;
  }
  return [...ids];
}

/** MiniSearch, fuzzy 0.25. */
export function miniSearchEngine(): Engine {
  let engine = new MiniSearch<{ id: number; name: string }>({ fields: ['name'] });
  let owners: string[] = [];
  return {
    name: 'MiniSearch',
    build(parties) {
      engine = new MiniSearch({ fields: ['name'] });
      owners = [];
      for (const party of parties)
        for (const { text } of party.names) engine.add({ id: owners.push(party.id) - 1, name: latin(text) });
    },
    search: (text, limit) =>
      partiesOf(
        engine.search(latin(text), { fuzzy: 0.25 }).map(({ id }) => id as number),
        owners,
        limit,
      ),
  };
}

/** FlexSearch, words by the setting `tolerant`. */
export function flexSearchEngine(): Engine {
  let engine = new Index({ tokenize: 'tolerant' });
  let owners: string[] = [];
  return {
    name: 'FlexSearch',
    build(parties) {
      engine = new Index({ tokenize: 'tolerant' });
      owners = [];
      for (const party of parties)
        for (const { text } of party.names) engine.add(owners.push(party.id) - 1, latin(text));
    },
    search: (text, limit) =>
      partiesOf(
        engine.search(latin(text), { limit: namesFor(limit), suggest: true }) as number[],
        owners,
        limit,
      ),
  };
}
