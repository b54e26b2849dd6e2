/**
 * Listed numbers, found by the number that somebody has in hand: misread, known in part, in another script or with a check
 * digit that fails. Says what agrees and what does not; what may be told to whom is decided by its caller, who names the
 * policy classes that a query may meet (docs/design: screening).
 */
import { parseSerialPattern } from '../../record/index.ts';
import { containerCorrections } from './container-corrections.ts';
import { refuse } from './errors.ts';
import { FoundNumbers } from './found-numbers.ts';
import { hasGap, ItemStore } from './item-store.ts';
import type { IdentifierAnswer, IdentifierQuery, ListedIdentifier, Reading, ReadingNote } from './listed.ts';
import { type FoundRows, NumberTables } from './number-tables.ts';
import { type RawReading, readingsOf } from './readings.ts';
import {
  judgeNumber,
  type NumberKeys,
  numberKeys,
  type SchemeRow,
  schemeNumber,
  schemeRow,
} from './schemes.ts';
import { Sections } from './sections.ts';

/** Longest text that is read; a line of a declaration fits. */
export const MAX_QUERY = 256;
const DEFAULT_LIMIT = 20;
/** Rows that are gone are swept when they are a quarter, and enough to be worth it. */
const MIN_SWEEP = 10_000;

export class IdentifierIndex {
  #store = new ItemStore();
  #tables = new NumberTables(this.#store);

  /** Identifiers that can be found. */
  get size(): number {
    return this.#store.count - this.#store.gone;
  }

  /**
   * The next search meets them. An entry that has others keeps them: whoever replaces an entry removes it first. Throws
   * ENTRY_INVALID for the first that cannot be held; those before it stay, and `remove` takes them out.
   */
  add(entries: Iterable<ListedIdentifier>): void {
    try {
      for (const listed of entries) this.#addOne(listed);
    } finally {
      this.#tables.settle();
    }
  }

  #addOne(listed: ListedIdentifier): void {
    const number = schemeNumber(listed.scheme);
    if (number < 0) throw refuse('ENTRY_INVALID', 'expected one of the schemes: leave the identifier out');
    const keys = numberKeys(schemeRow(number), listed.value.slice(0, MAX_QUERY));
    this.#store.assertFits(listed, keys);
    const first = this.#tables.firstOf(number, keys.loose);
    const row = this.#store.push(listed, keys, first);
    if (first === undefined) this.#tables.put(row, number, keys.loose);
  }

  /** No later search meets any identifier of the entry; false where it had none. */
  remove(entryId: string): boolean {
    const removed = this.#store.removeEntry(entryId) > 0;
    const { gone, count } = this.#store;
    if (gone >= MIN_SWEEP && gone * 4 > count) this.#sweep();
    return removed;
  }

  #sweep(): void {
    const before = this.#store;
    this.#store = new ItemStore();
    this.#tables = new NumberTables(this.#store);
    this.add(present(before));
  }

  /** Throws EMPTY_NUMBER, NUMBER_TOO_LONG, and TOO_FEW_KNOWN for a number of which fewer than four characters are known. */
  search(query: IdentifierQuery): IdentifierAnswer {
    const { value, limit = DEFAULT_LIMIT } = query;
    if (value.length > MAX_QUERY)
      throw refuse(
        'NUMBER_TOO_LONG',
        `expected at most ${MAX_QUERY} characters, got ${value.length}: give the number alone`,
        {
          characters: value.length,
        },
      );
    if (value.trim() === '') throw refuse('EMPTY_NUMBER', 'expected a number, got none: type one');
    const hits = new FoundNumbers(this.#store, query);
    const readings: Reading[] = [];
    const corrections: string[] = [];
    let complete = true;
    for (const raw of readingsOf(value, query.scheme)) {
      const scheme = schemeRow(schemeNumber(raw.scheme));
      const keys = numberKeys(scheme, raw.value);
      const check = judgeNumber(scheme, keys.strict);
      const found: FoundRows = new Map();
      const followed = this.#find(scheme, keys, found);
      if (raw.scheme === 'container')
        for (const correction of containerCorrections(keys.strict)) {
          corrections.push(correction);
          const row = this.#tables.firstOf(schemeNumber(raw.scheme), numberKeys(scheme, correction).loose);
          if (row !== undefined && !found.has(row)) found.set(row, 'one');
        }
      complete = hits.take(scheme, raw.value, keys, check?.ok, raw.about, found) && followed && complete;
      readings.push({
        scheme: raw.scheme,
        value: keys.strict,
        notes: notesOf(raw, scheme, keys, check?.fault),
      });
    }
    return { hits: hits.best(limit), found: hits.count, complete, readings, corrections };
  }

  #find(scheme: SchemeRow, keys: NumberKeys, found: FoundRows): boolean {
    if (!scheme.serial || !hasGap(keys.loose)) return this.#tables.find(scheme, keys, found);
    const pattern = parseSerialPattern(keys.loose);
    if (!pattern.ok) throw refuse('TOO_FEW_KNOWN', pattern.detail, { known: pattern.known });
    return this.#tables.findPart(scheme, keys.loose, found);
  }

  /** The index as it is, for a quick restart of the same program: about 150 bytes an identifier. */
  serialise(): Uint8Array {
    const sections = new Sections();
    this.#store.save(sections);
    this.#tables.save(sections);
    return sections.encode();
  }

  /** Throws SNAPSHOT_VERSION, SNAPSHOT_CORRUPT: build the index anew then. */
  static from(bytes: Uint8Array): IdentifierIndex {
    const sections = Sections.decode(bytes);
    const index = new IdentifierIndex();
    index.#store.load(sections);
    index.#tables.load(sections);
    return index;
  }
}

function* present(store: ItemStore): Iterable<ListedIdentifier> {
  for (let row = 0; row < store.count; row++) {
    const listed = store.listed(row);
    if (listed !== undefined) yield listed;
  }
}

const NOTES = {
  checksum: 'check-digit-fails',
  length: 'wrong-length',
  format: 'wrong-form',
  component: 'wrong-form',
} as const;

function notesOf(
  raw: RawReading,
  scheme: SchemeRow,
  keys: NumberKeys,
  fault: keyof typeof NOTES | undefined,
): readonly ReadingNote[] {
  const notes: ReadingNote[] = fault === undefined ? [] : [NOTES[fault]];
  if (scheme.scheme.startsWith('imo-') && keys.strict.startsWith('0') && !raw.value.includes(keys.strict))
    notes.push('leading-zeros-added');
  if (raw.takenOut === true) notes.push('taken-out-of-text');
  return notes;
}
