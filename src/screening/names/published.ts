/**
 * Spellings that hubs publish as records of kind `reference-table`, joined to the shipped ones: the same tables give the same classes at
 * every node. It does not judge who may publish, nor read records: the caller hands over the tables that are current.
 */
import { compareBytes } from '../../base/bytes.ts';
import { type EquivalenceClass, Equivalences, MOST_CLASSES, MOST_WORDS, wordOfClass } from './equivalence.ts';
import { WordFlag } from './particles.ts';

/** Classes that one originator may add: the first one by name must not use up what is there for all. */
const MOST_OF_ONE = 10_000;
/** What stands in names of many: to make it one with a name would make it weigh as one. */
const NO_NAME = WordFlag.particle | WordFlag.legalForm | WordFlag.number | WordFlag.initial;

/** A row of a table, as its facet says it. */
export interface PublishedRow {
  readonly words: readonly string[];
  readonly knownFrom: string;
}

/** A table that is current. */
export interface PublishedTable {
  /** Node id. */
  readonly originator: string;
  readonly headerDigest: Uint8Array;
  readonly rows: readonly PublishedRow[];
}

/**
 * no-name-word: of a word that is cut apart, or an article, title, legal form, number or single letter; the rest of its row counts ·
 * too-few-words: less than two are left · nothing-new: all of them are in one class already · joins-classes: it has words of two ·
 * class-full: more than 64 words in one · too-many-classes: of this originator, or of all.
 */
export type Unused =
  | 'no-name-word'
  | 'too-few-words'
  | 'nothing-new'
  | 'joins-classes'
  | 'class-full'
  | 'too-many-classes';

/** A row that is not used, or a word of one. */
export interface UnusedRow {
  readonly originator: string;
  readonly headerDigest: Uint8Array;
  /** Its place in the table, from 0. */
  readonly row: number;
  /** Place of the word in the row, from 0; absent = the whole row. */
  readonly word?: number;
  readonly reason: Unused;
}

export interface JoinedEquivalences {
  readonly equivalences: Equivalences;
  readonly unused: readonly UnusedRow[];
}

/**
 * The shipped classes first, then the tables by originator and header digest, row by row. A row that has words of one class adds its
 * others to that class; a row with words of two is left out, so that nobody makes one name of two that others hold apart. Throws
 * NameError CLASS_INVALID for a shipped class that cannot be used; never for a table.
 */
export function equivalencesOf(
  shipped: readonly EquivalenceClass[],
  tables: readonly PublishedTable[],
): JoinedEquivalences {
  const joining = new Joining(shipped);
  for (const table of [...tables].sort(firstByOriginator)) joining.add(table);
  return { equivalences: new Equivalences(joining.classes), unused: joining.unused };
}

/** By code units: the same on every machine, whatever its language. */
function firstByOriginator(a: PublishedTable, b: PublishedTable): number {
  if (a.originator !== b.originator) return a.originator < b.originator ? -1 : 1;
  return compareBytes(a.headerDigest, b.headerDigest);
}

interface Joined {
  readonly words: string[];
  readonly sources: Set<string>;
}

class Joining {
  readonly unused: UnusedRow[] = [];
  readonly #joined: Joined[];
  /** Place in `#joined` of a word. */
  readonly #placeOf = new Map<string, number>();
  readonly #addedBy = new Map<string, number>();

  constructor(shipped: readonly EquivalenceClass[]) {
    this.#joined = shipped.map(({ words, source }) => ({ words: [...words], sources: new Set([source]) }));
    for (const [place, { words }] of shipped.entries())
      for (const word of words) {
        const text = wordOfClass(word)?.text;
        if (text !== undefined && !this.#placeOf.has(text)) this.#placeOf.set(text, place);
      }
  }

  get classes(): readonly EquivalenceClass[] {
    return this.#joined.map(({ words, sources }) => ({ words, source: [...sources].join('; ') }));
  }

  add({ originator, headerDigest, rows }: PublishedTable): void {
    rows.forEach(({ words, knownFrom }, row) => {
      const leave = (reason: Unused, word?: number) => {
        this.unused.push({ originator, headerDigest, row, ...(word === undefined ? {} : { word }), reason });
      };
      const spellings = new Map<string, string>();
      words.forEach((word, index) => {
        const normal = wordOfClass(word);
        if (normal === undefined || (normal.flags & NO_NAME) !== 0) leave('no-name-word', index);
        else if (!spellings.has(normal.text)) spellings.set(normal.text, word);
      });
      const reason = this.#take(spellings, originator, `${originator}: ${knownFrom}`);
      if (reason !== undefined) leave(reason);
    });
  }

  /** `spellings` = words as written by the words that names are compared by. Why they are not taken, where they are not. */
  #take(spellings: ReadonlyMap<string, string>, originator: string, source: string): Unused | undefined {
    if (spellings.size < 2) return 'too-few-words';
    const fresh = [...spellings].filter(([text]) => !this.#placeOf.has(text));
    const places = new Set([...spellings.keys()].flatMap((text) => this.#placeOf.get(text) ?? []));
    if (places.size > 1) return 'joins-classes';
    if (fresh.length === 0) return 'nothing-new';
    const [place = this.#joined.length] = places;
    let joined = this.#joined[place];
    if (fresh.length + (joined?.words.length ?? 0) > MOST_WORDS) return 'class-full';
    if (joined === undefined) {
      const added = this.#addedBy.get(originator) ?? 0;
      if (added >= MOST_OF_ONE || this.#joined.length >= MOST_CLASSES) return 'too-many-classes';
      this.#addedBy.set(originator, added + 1);
      joined = { words: [], sources: new Set() };
      this.#joined.push(joined);
    }
    joined.sources.add(source);
    for (const [text, written] of fresh) {
      joined.words.push(written);
      this.#placeOf.set(text, place);
    }
    return undefined;
  }
}
