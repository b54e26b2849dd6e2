/** Rules of `reference-table`: a table that nodes work by, as spellings that stand for one another when names are screened. */
import {
  type NameEquivalence,
  ReferenceTable,
  ReferenceTableType,
} from '../../gen/tocsin/record/v1/reference_table.ts';
import type { ContentView, FacetReader } from '../kind-row.ts';
import { expectChoice, expectFacet, expectSome } from './basics.ts';
import { joined, wordsOf } from './words.ts';

const TITLE_LENGTH = 200;
const KNOWN_FROM_LENGTH = 200;
const MOST_ROWS = 5_000;
const FEWEST_WORDS = 2;
/** As in an index of names: a class with more words joins what has nothing to do with one another. */
const MOST_WORDS = 64;
const MOST_LETTERS = 64;
/** A name of several words is cut apart before its words are looked up: in a row it could never be met. */
const ONE_WORD = /^\p{L}[\p{L}\p{M}]*(?:['\u02bc\u2019][\p{L}\p{M}]+)*$/u;

export function referenceTableRules(view: ContentView): void {
  const table = view.facet('table', ReferenceTable);
  expectFacet(view, 'table', table !== undefined);
  if (table === undefined) return;
  const path = 'facets.table';
  expectChoice(view, `${path}.type`, table.type);
  checkLine(view, `${path}.title`, table.title, TITLE_LENGTH);
  expectSome(view, `${path}.rows`, table.rows);
  if (table.rows.length > MOST_ROWS) {
    // What is wrong with each of them nobody would read.
    view.fault(
      `${path}.rows`,
      'TOO_MANY',
      `expected at most ${MOST_ROWS} rows, got ${table.rows.length}; make a second table`,
    );
    return;
  }
  const seen = new Set<string>();
  table.rows.forEach((row, index) => {
    checkRow(view, `${path}.rows[${index}]`, row, seen);
  });
}

function checkRow(view: ContentView, path: string, { words, knownFrom }: NameEquivalence, seen: Set<string>) {
  checkLine(view, `${path}.knownFrom`, knownFrom, KNOWN_FROM_LENGTH);
  if (words.length < FEWEST_WORDS)
    view.fault(`${path}.words`, 'REQUIRED', `expected at least ${FEWEST_WORDS} words, got ${words.length}`);
  if (words.length > MOST_WORDS) {
    view.fault(`${path}.words`, 'TOO_MANY', `expected at most ${MOST_WORDS} words, got ${words.length}`);
    return;
  }
  words.forEach((word, index) => {
    const at = `${path}.words[${index}]`;
    if ([...word].length > MOST_LETTERS)
      view.fault(at, 'TOO_LONG', `expected a word of at most ${MOST_LETTERS} letters`);
    else if (!ONE_WORD.test(word))
      view.fault(at, 'WRONG_FORM', 'expected one word of letters; write each word of a name by itself');
  });
  const spellings = words.map((word) => word.normalize('NFKC').toLowerCase());
  // In two rows it would stand for both names, or for whichever is read first. Once a row: a table may be full of them.
  const twice = spellings.findIndex((word, index) => seen.has(word) || spellings.indexOf(word) < index);
  if (twice >= 0) view.doubt(`${path}.words[${twice}]`, 'DUPLICATE', 'expected each word once in the table');
  for (const word of spellings) seen.add(word);
}

function checkLine(view: ContentView, path: string, text: string, most: number): void {
  expectSome(view, path, text.trim());
  if (text.length > most) view.fault(path, 'TOO_LONG', `expected at most ${most} characters`);
}

export function referenceTableTitle(facet: FacetReader): string | undefined {
  const table = facet('table', ReferenceTable);
  if (table === undefined) return undefined;
  const type = wordsOf(ReferenceTableType, 'REFERENCE_TABLE_TYPE', table.type);
  const rows = table.rows.length === 1 ? '1 row' : `${table.rows.length} rows`;
  return `Reference table: ${joined(', ', table.title, type, rows)}`;
}
