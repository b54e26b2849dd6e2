/**
 * The listed identifiers, a row each. Rows of one scheme and one loose key are a chain, so that thousands of the same number,
 * as `unknown` is, cost the tables one key. Rows are marked as gone, never moved: the owner builds a new store when many are.
 */
import { AboutList } from './about-list.ts';
import { Column, f64, MAX_TEXT_BYTES, NONE, TextPool, textBytes, u8, u16, u32 } from './columns.ts';
import { EntryList } from './entry-list.ts';
import { refuse } from './errors.ts';
import { traitsOf } from './key-hash.ts';
import { MAX_NUMBER } from './key-table.ts';
import type { About, ListedIdentifier } from './listed.ts';
import { type NumberKeys, schemeNumber, schemeRow } from './schemes.ts';
import type { Sections } from './sections.ts';

/** Longest value, in UTF-16 units; serials have up to 20, papers up to 40. */
export const MAX_VALUE = 64;
const GONE = 0x80;
/** Not the first of its chain. */
const CHAINED = 0x40;
const ANY_TRAITS = 0xffffffff;

const invalid = (expected: string, facts: Readonly<Record<string, number>>) =>
  refuse('ENTRY_INVALID', `expected ${expected}: leave the identifier out or correct it`, facts);

export class ItemStore {
  readonly #columns = {
    textAt: new Column(u32),
    textBytes: new Column(u8),
    /** Of the loose key, which lies behind the text; 0 = it is the text itself. */
    keyBytes: new Column(u8),
    /** With the marks. */
    scheme: new Column(u8),
    policyClass: new Column(u16),
    notAfter: new Column(f64),
    about: new Column(u32),
    entry: new Column(u32),
    nextOfEntry: new Column(u32),
    nextSame: new Column(u32),
    traits: new Column(u32),
  };
  readonly #entries = new EntryList();
  readonly #abouts = new AboutList();
  #texts = new TextPool();
  #count = 0;
  #gone = 0;

  /** Rows, those gone included. */
  get count(): number {
    return this.#count;
  }

  get gone(): number {
    return this.#gone;
  }

  /** Throws ENTRY_INVALID; nothing is changed then. */
  assertFits(listed: ListedIdentifier, keys: NumberKeys): void {
    const { entryId, scheme, value, policyClass = 0, notAfter = 0 } = listed;
    if (schemeNumber(scheme) < 0) throw invalid('one of the schemes', {});
    if (!Number.isInteger(policyClass) || policyClass < 0 || policyClass > 0xffff)
      throw invalid('a policy class from 0 to 65535', { policyClass });
    if (!Number.isFinite(notAfter)) throw invalid('an end in milliseconds UTC', {});
    if (keys.loose === '' || value.length > MAX_VALUE || textBytes(keys.loose) > MAX_TEXT_BYTES)
      throw invalid(`a number of 1 to ${MAX_VALUE} characters`, { characters: value.length });
    if (entryId === '' || textBytes(entryId) > MAX_TEXT_BYTES)
      throw invalid(`an entry id of 1 to ${MAX_TEXT_BYTES} bytes`, { characters: entryId.length });
    if (this.#count > MAX_NUMBER)
      throw refuse('INDEX_FULL', `expected at most ${MAX_NUMBER} numbers in one index: divide the list`);
  }

  /** Adds what `assertFits` let pass, and gives its number; `sameAs` is the first row of its scheme and loose key. */
  push(listed: ListedIdentifier, keys: NumberKeys, sameAs: number | undefined): number {
    const about = this.#abouts.numberFor(listed.about);
    const entry = this.#entries.numberFor(listed.entryId);
    const number = this.#count++;
    const columns = this.#columns;
    const isKey = keys.loose === listed.value;
    columns.textAt.set(number, this.#texts.push(listed.value));
    columns.textBytes.set(number, textBytes(listed.value));
    columns.keyBytes.set(number, isKey ? 0 : textBytes(keys.loose));
    if (!isKey) this.#texts.push(keys.loose);
    columns.scheme.set(number, schemeNumber(listed.scheme) | (sameAs === undefined ? 0 : CHAINED));
    columns.policyClass.set(number, listed.policyClass ?? 0);
    columns.notAfter.set(number, listed.notAfter ?? Number.POSITIVE_INFINITY);
    columns.about.set(number, about);
    columns.entry.set(number, entry);
    columns.nextOfEntry.set(number, this.#entries.firstItemOf(entry));
    this.#entries.setFirstItem(entry, number);
    // A number with gaps can be what any pattern asks for.
    columns.traits.set(number, hasGap(keys.loose) ? ANY_TRAITS : traitsOf(keys.loose));
    columns.nextSame.set(number, sameAs === undefined ? NONE : columns.nextSame.get(sameAs));
    if (sameAs !== undefined) columns.nextSame.set(sameAs, number);
    return number;
  }

  /** Marks every row of an entry as gone; how many there were. */
  removeEntry(entryId: string): number {
    const entry = this.#entries.numberOf(entryId);
    if (entry === undefined) return 0;
    const { scheme, nextOfEntry } = this.#columns;
    let removed = 0;
    for (let at = this.#entries.firstItemOf(entry); at !== NONE; at = nextOfEntry.get(at)) {
      scheme.set(at, scheme.get(at) | GONE);
      removed++;
    }
    this.#entries.setFirstItem(entry, NONE);
    this.#gone += removed;
    return removed;
  }

  isGone(number: number): boolean {
    return (this.#columns.scheme.get(number) & GONE) !== 0;
  }

  /** Whether it is the first row of its chain: the one whose number the tables of keys hold. */
  isFirst(number: number): boolean {
    return (this.#columns.scheme.get(number) & CHAINED) === 0;
  }

  /** Position in SCHEME_ROWS. */
  schemeOf(number: number): number {
    return this.#columns.scheme.get(number) & ~(GONE | CHAINED);
  }

  /** Loose key. */
  keyOf(number: number): string {
    const { textAt, textBytes: lengths, keyBytes } = this.#columns;
    const length = lengths.get(number);
    const keyLength = keyBytes.get(number);
    const at = textAt.get(number);
    return keyLength === 0 ? this.#texts.text(at, length) : this.#texts.text(at + length, keyLength);
  }

  /** Bytes of the loose key: at least its characters. */
  keyBytesOf(number: number): number {
    const { textBytes: lengths, keyBytes } = this.#columns;
    return keyBytes.get(number) || lengths.get(number);
  }

  valueOf(number: number): string {
    return this.#texts.text(this.#columns.textAt.get(number), this.#columns.textBytes.get(number));
  }

  entryIdOf(number: number): string {
    return this.#entries.idOf(this.#columns.entry.get(number));
  }

  policyClassOf(number: number): number {
    return this.#columns.policyClass.get(number);
  }

  /** Milliseconds UTC; infinite where there is no end. */
  notAfterOf(number: number): number {
    return this.#columns.notAfter.get(number);
  }

  /** Rows of one number know the same beside it. */
  aboutNumberOf(number: number): number {
    return this.#columns.about.get(number);
  }

  about(aboutNumber: number): About {
    return this.#abouts.about(aboutNumber);
  }

  /** The next row of the same scheme and loose key, NONE at the end. */
  nextSame(number: number): number {
    return this.#columns.nextSame.get(number);
  }

  /** By row; longer than `count`. */
  get traits(): Uint32Array {
    return this.#columns.traits.values;
  }

  /** The row as it was added; undefined where it is gone. */
  listed(number: number): ListedIdentifier | undefined {
    if (this.isGone(number)) return undefined;
    const notAfter = this.notAfterOf(number);
    return {
      entryId: this.entryIdOf(number),
      scheme: schemeRow(this.schemeOf(number)).scheme,
      value: this.valueOf(number),
      policyClass: this.policyClassOf(number),
      about: this.about(this.aboutNumberOf(number)),
      ...(Number.isFinite(notAfter) && { notAfter }),
    };
  }

  save(sections: Sections): void {
    for (const [name, column] of Object.entries(this.#columns))
      sections.put(`item.${name}`, column.bytes(this.#count));
    sections.put('item.texts', this.#texts.bytes);
    this.#entries.save(sections);
    this.#abouts.save(sections);
  }

  load(sections: Sections): void {
    for (const [name, column] of Object.entries(this.#columns)) column.load(sections.take(`item.${name}`));
    this.#count = sections.take('item.scheme').length;
    for (let number = 0; number < this.#count; number++) if (this.isGone(number)) this.#gone++;
    const texts = sections.take('item.texts');
    this.#texts = new TextPool(texts.slice(), texts.length);
    this.#entries.load(sections);
    this.#abouts.load(sections);
  }
}

/** Whether a key has places that nobody could read. */
export const hasGap = (key: string): boolean => key.includes('?') || key.includes('*');
