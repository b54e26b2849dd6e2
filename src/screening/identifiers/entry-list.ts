/** Ids of the entries and the first row of each. An entry that is gone keeps its place, and gets it back when it comes again. */
import { Column, NONE, TextPool, textBytes, u8, u32 } from './columns.ts';
import { KeyUse, keyHash } from './key-hash.ts';
import { KeyTable } from './key-table.ts';
import type { Sections } from './sections.ts';

export class EntryList {
  readonly #idAt = new Column(u32);
  readonly #idBytes = new Column(u8);
  readonly #firstItem = new Column(u32);
  #ids = new TextPool();
  #table = new KeyTable();
  #count = 0;

  /** Entries that were ever added. */
  get count(): number {
    return this.#count;
  }

  /** Number of an id, given to it if it is new. */
  numberFor(id: string): number {
    const known = this.numberOf(id);
    if (known !== undefined) return known;
    if (!this.#table.hasRoom(1)) this.#rebuild();
    const number = this.#count++;
    this.#idAt.set(number, this.#ids.push(id));
    this.#idBytes.set(number, textBytes(id));
    this.#firstItem.set(number, NONE);
    this.#table.put(keyHash(id, KeyUse.entry, 0), number);
    return number;
  }

  numberOf(id: string): number | undefined {
    const found: number[] = [];
    this.#table.find(keyHash(id, KeyUse.entry, 0), found, Number.POSITIVE_INFINITY);
    return found.find((number) => this.idOf(number) === id);
  }

  idOf(number: number): string {
    return this.#ids.text(this.#idAt.get(number), this.#idBytes.get(number));
  }

  /** NONE where it has none. */
  firstItemOf(number: number): number {
    return this.#firstItem.get(number);
  }

  setFirstItem(number: number, item: number): void {
    this.#firstItem.set(number, item);
  }

  #rebuild(): void {
    this.#table.reset(this.#count * 1.5);
    for (let number = 0; number < this.#count; number++)
      this.#table.put(keyHash(this.idOf(number), KeyUse.entry, 0), number);
  }

  save(sections: Sections): void {
    const count = this.#count;
    sections.put('entry.idAt', this.#idAt.bytes(count));
    sections.put('entry.idBytes', this.#idBytes.bytes(count));
    sections.put('entry.firstItem', this.#firstItem.bytes(count));
    sections.put('entry.ids', this.#ids.bytes);
    this.#table.save('entry.table', sections);
  }

  load(sections: Sections): void {
    this.#idBytes.load(sections.take('entry.idBytes'));
    this.#count = sections.take('entry.idBytes').length;
    this.#idAt.load(sections.take('entry.idAt'));
    this.#firstItem.load(sections.take('entry.firstItem'));
    const ids = sections.take('entry.ids');
    this.#ids = new TextPool(ids.slice(), ids.length);
    this.#table.load('entry.table', sections);
  }
}
