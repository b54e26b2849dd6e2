/**
 * Which rows a number can mean. Two tables: `whole` holds the loose key of each number, `near` the keys that find it with one
 * character wrong or unread, by its digits alone, or where the list itself knows it in part. A table gives rows that may
 * agree; every one is compared before it counts.
 */
import { parseSerialPattern } from '../../record/index.ts';
import { canBeOne } from './align.ts';
import { hasGap, type ItemStore } from './item-store.ts';
import { blankedSum, finishHash, KeyUse, keyHash, keySum, traitsOf } from './key-hash.ts';
import { KeyTable } from './key-table.ts';
import { type NumberKeys, numberKeys, type SchemeRow, schemeNumber, schemeRow } from './schemes.ts';
import type { Sections } from './sections.ts';

/** How a row was found. */
export type Closeness = 'same' | 'one' | 'partial' | 'core';

/** First rows of chains, each with the closest way in which it was found. */
export type FoundRows = Map<number, Closeness>;

/** Longer keys are compared whole only: they would take as many keys as they have places. */
const MAX_NEAR = 24;
/** Rows that one key is followed to; a key with more says nothing about any of them. */
export const MOST_ROWS = 4096;
const GRAM = 3;

export class NumberTables {
  readonly #store: ItemStore;
  readonly #whole = new KeyTable();
  readonly #near = new KeyTable();
  /** Rows before this one are in `near`. */
  #nearRows = 0;
  /** Whether any listed number is known in part: if none is, nobody asks for one. */
  #hasParts = false;

  constructor(store: ItemStore) {
    this.#store = store;
  }

  /** The first row of a scheme and loose key. */
  firstOf(scheme: number, loose: string): number | undefined {
    const found: number[] = [];
    this.#whole.find(keyHash(loose, KeyUse.whole, scheme), found, MOST_ROWS);
    return found.find((row) => this.#store.schemeOf(row) === scheme && this.#store.keyOf(row) === loose);
  }

  /** Puts a row that is the first of its scheme and loose key. The caller ends a batch with `settle`. */
  put(row: number, scheme: number, loose: string): void {
    if (this.#whole.hasRoom(1)) {
      this.#whole.put(keyHash(loose, KeyUse.whole, scheme), row);
      return;
    }
    this.#whole.reset(this.#store.count * 1.2);
    for (let each = 0; each < this.#store.count; each++)
      if (this.#store.isFirst(each))
        this.#whole.put(keyHash(this.#store.keyOf(each), KeyUse.whole, this.#store.schemeOf(each)), each);
  }

  /** Puts what is new since the last call into `near`: a whole list is sized and put at once. */
  settle(): void {
    let wanted = this.#nearKeys(this.#nearRows);
    if (!this.#near.hasRoom(wanted)) {
      this.#nearRows = 0;
      wanted = this.#nearKeys(0);
      this.#near.reset(wanted);
    }
    for (; this.#nearRows < this.#store.count; this.#nearRows++)
      if (this.#store.isFirst(this.#nearRows)) this.#putNear(this.#nearRows);
  }

  /** Upper bound of the keys of rows from one on. */
  #nearKeys(from: number): number {
    let keys = 0;
    for (let row = from; row < this.#store.count; row++) {
      const { near, serial } = schemeRow(this.#store.schemeOf(row));
      if ((near || serial) && this.#store.isFirst(row))
        keys += Math.min(this.#store.keyBytesOf(row), MAX_NEAR) + (serial ? 1 : 0);
    }
    return keys;
  }

  #putNear(row: number): void {
    const number = this.#store.schemeOf(row);
    const scheme = schemeRow(number);
    if (!scheme.near && !scheme.serial) return;
    const key = this.#store.keyOf(row);
    const gaps = hasGap(key) ? key.replace(/[^?*]/g, '') : '';
    if (gaps.length === 0) {
      if (scheme.near && key.length <= MAX_NEAR) {
        const sum = keySum(key);
        for (let index = 0; index < key.length; index++)
          this.#near.put(finishHash(blankedSum(sum, key, index), KeyUse.blanked, number, key.length), row);
      }
      const { core } = numberKeys(scheme, this.#store.valueOf(row));
      if (core !== '') this.#near.put(keyHash(core, KeyUse.core, number), row);
      return;
    }
    if (!scheme.serial || !parseSerialPattern(key).ok) return;
    this.#hasParts = true;
    if (gaps === '?')
      this.#near.put(
        finishHash(blankedSum(keySum(key), key, key.indexOf('?')), KeyUse.blanked, number, key.length),
        row,
      );
    for (const gram of gramsOfPart(key)) this.#near.put(keyHash(gram, KeyUse.gram, number), row);
  }

  /** What a number in full can mean; false where a key has more rows than are followed. */
  find(scheme: SchemeRow, keys: NumberKeys, found: FoundRows): boolean {
    const { loose } = keys;
    const number = schemeNumber(scheme.scheme);
    const same = this.firstOf(number, loose);
    if (same !== undefined) found.set(same, 'same');
    const rows: number[] = [];
    if (scheme.near && loose.length <= MAX_NEAR) {
      const sum = keySum(loose);
      for (let index = 0; index < loose.length; index++) {
        this.#near.find(
          finishHash(blankedSum(sum, loose, index), KeyUse.blanked, number, loose.length),
          rows,
          MOST_ROWS,
        );
      }
    }
    for (const row of rows) {
      if (found.has(row) || this.#store.schemeOf(row) !== number) continue;
      const key = this.#store.keyOf(row);
      if (isOneOff(key, loose)) found.set(row, hasGap(key) ? 'partial' : 'one');
    }
    const follow = rows.length;
    if (scheme.serial && this.#hasParts) this.#findParts(number, loose, rows, found);
    const beforeCore = rows.length;
    if (keys.core !== '') this.#near.find(keyHash(keys.core, KeyUse.core, number), rows, follow + MOST_ROWS);
    for (let at = beforeCore; at < rows.length; at++) {
      const row = rows[at] ?? 0;
      if (found.has(row) || this.#store.schemeOf(row) !== number) continue;
      if (numberKeys(scheme, this.#store.valueOf(row)).core === keys.core) found.set(row, 'core');
    }
    return rows.length < MOST_ROWS;
  }

  /** Listed numbers known in part that this one can be. */
  #findParts(number: number, loose: string, rows: number[], found: FoundRows): void {
    const from = rows.length;
    for (const gram of gramsOf(loose))
      this.#near.find(keyHash(gram, KeyUse.gram, number), rows, from + MOST_ROWS);
    for (let at = from; at < rows.length; at++) {
      const row = rows[at] ?? 0;
      if (found.has(row) || this.#store.schemeOf(row) !== number) continue;
      if (canBeOne(loose, this.#store.keyOf(row))) found.set(row, 'partial');
    }
  }

  /**
   * What a number known in part can mean; false where more rows fit than are followed. With one character missing it is one
   * look-up; with more every row's traits are read, a few milliseconds a million.
   */
  findPart(scheme: SchemeRow, loose: string, found: FoundRows): boolean {
    const number = schemeNumber(scheme.scheme);
    const same = this.firstOf(number, loose);
    if (same !== undefined) found.set(same, 'same');
    const pattern = parseSerialPattern(loose);
    const fits = (row: number): boolean => {
      if (this.#store.schemeOf(row) !== number) return false;
      const key = this.#store.keyOf(row);
      return hasGap(key) ? haveInCommon(loose, key) && canBeOne(loose, key) : pattern.matches(key);
    };
    const gap = loose.indexOf('?');
    if (gap >= 0 && loose.length <= MAX_NEAR && loose.replace(/[^?*]/g, '') === '?') {
      const rows: number[] = [];
      const sum = blankedSum(keySum(loose), loose, gap);
      this.#near.find(finishHash(sum, KeyUse.blanked, number, loose.length), rows, MOST_ROWS);
      for (const row of rows) if (!found.has(row) && fits(row)) found.set(row, 'partial');
      if (this.#hasParts) this.#findParts(number, loose, rows, found);
      return rows.length < MOST_ROWS;
    }
    const wanted = traitsOf(loose);
    const { traits, count } = this.#store;
    for (let row = 0; row < count; row++) {
      if ((wanted & ~(traits[row] ?? 0)) !== 0 || !this.#store.isFirst(row) || found.has(row)) continue;
      if (!fits(row)) continue;
      if (found.size >= MOST_ROWS) return false;
      found.set(row, 'partial');
    }
    return true;
  }

  save(sections: Sections): void {
    this.#whole.save('whole', sections);
    this.#near.save('near', sections);
    sections.put('parts', new Uint8Array([this.#hasParts ? 1 : 0]));
  }

  load(sections: Sections): void {
    this.#whole.load('whole', sections);
    this.#near.load('near', sections);
    this.#nearRows = this.#store.count;
    this.#hasParts = sections.take('parts')[0] === 1;
  }
}

/** Same length, and at most one place that is not the same; an unread place of the list is no difference. */
function isOneOff(listed: string, query: string): boolean {
  if (listed.length !== query.length) return false;
  let differs = 0;
  for (let index = 0; index < listed.length && differs < 2; index++)
    if (listed.charCodeAt(index) !== query.charCodeAt(index)) differs++;
  return differs < 2;
}

/**
 * Two grams of a number known in part, as long as they can be without a place in common: whatever one place the number asked
 * for lacks, one of the two is left.
 */
function gramsOfPart(key: string): readonly string[] {
  const runs = key.split(/[?*]+/);
  for (let length = GRAM; length > 0; length--) {
    const grams = runs.flatMap((run) =>
      Array.from({ length: Math.floor(run.length / length) }, (_, at) =>
        run.slice(run.length - (at + 1) * length, run.length - at * length),
      ),
    );
    if (grams.length > 1) return [...new Set(grams.slice(0, 2))];
  }
  return [];
}

/** Every gram that a number in part can be found by, where this one is it. Gaps of its own ask for nothing. */
function gramsOf(key: string): ReadonlySet<string> {
  const grams = new Set<string>();
  for (let length = 1; length <= GRAM; length++)
    for (let index = 0; index + length <= key.length; index++) {
      const gram = key.slice(index, index + length);
      if (!hasGap(gram)) grams.add(gram);
    }
  return grams;
}

/** Two numbers with open ends could always be one: neighbours that are known of both have to say so. */
function haveInCommon(one: string, other: string): boolean {
  if (!one.includes('*') || !other.includes('*')) return true;
  const pairs = gramsOf(other);
  return [...gramsOf(one)].some((gram) => gram.length > 1 && pairs.has(gram));
}
