/** One segment of an index with what searching it needs, and its parties by id. */
import { Expander } from './expand.ts';
import type { ListedParty } from './party.ts';
import { SegmentSearch } from './search.ts';
import { NO_END, type Segment } from './segment.ts';
import { bornOf, isCountry, isFirstReading, kindOf, NAME_KINDS, SUBJECTS } from './segment-draft.ts';

const encoder = new TextEncoder();

export class Level {
  readonly segment: Segment;
  readonly expander: Expander;
  readonly search: SegmentSearch;
  #removed = 0;
  /** Open table of parties by id: number + 1, 0 = free; made at the first question. */
  #table: Uint32Array | undefined;

  constructor(segment: Segment) {
    this.segment = segment;
    this.expander = new Expander(segment);
    this.search = new SegmentSearch(segment);
    for (const removed of segment.arrays.removed) this.#removed += removed;
  }

  /** Parties that were not taken out. */
  get size(): number {
    return this.segment.parties - this.#removed;
  }

  get removed(): number {
    return this.#removed;
  }

  has(id: string): boolean {
    return this.#find(id) >= 0;
  }

  remove(id: string): boolean {
    const party = this.#find(id);
    if (party < 0) return false;
    this.segment.arrays.removed[party] = 1;
    this.#removed += 1;
    return true;
  }

  /** Those that were not taken out, as they were added. */
  *parties(): Generator<ListedParty> {
    const { occurrenceParty, occurrenceKind, removed, subject, policyClass, notAfter, factStart, facts } =
      this.segment.arrays;
    let occurrence = 0;
    for (let party = 0; party < this.segment.parties; party++) {
      const names: ListedParty['names'][number][] = [];
      for (; occurrence < occurrenceParty.length && occurrenceParty[occurrence] === party; occurrence++)
        if (removed[party] === 0 && isFirstReading(occurrenceKind[occurrence] as number))
          names.push({
            text: this.segment.text(occurrence),
            kind: NAME_KINDS[kindOf(occurrenceKind[occurrence] as number)] ?? 'primary',
          });
      if (removed[party] !== 0) continue;
      const own = [...facts.subarray(factStart[party], factStart[party + 1])];
      const born = own.filter((fact) => !isCountry(fact)).map(bornOf);
      const countries = own
        .filter(isCountry)
        .map((fact) => String.fromCharCode((fact >>> 8) & 0x7f, fact & 0x7f));
      const end = notAfter[party] as number;
      yield {
        id: this.segment.id(party),
        subject: SUBJECTS[subject[party] as number] ?? 'unknown',
        names,
        ...(born.length > 0 && { born }),
        ...(countries.length > 0 && { countries }),
        policyClass: policyClass[party] as number,
        ...(end !== NO_END && { notAfter: end * 1_000 }),
      };
    }
  }

  #find(id: string): number {
    const bytes = encoder.encode(id);
    const table = this.#tableOfIds();
    const mask = table.length - 1;
    for (let slot = hashOf(bytes, 0, bytes.length) & mask; table[slot] !== 0; slot = (slot + 1) & mask) {
      const party = (table[slot] as number) - 1;
      if (this.segment.arrays.removed[party] === 0 && this.#isId(party, bytes)) return party;
    }
    return -1;
  }

  #isId(party: number, bytes: Uint8Array): boolean {
    const { idStart, idBytes } = this.segment.arrays;
    const from = idStart[party] as number;
    if ((idStart[party + 1] as number) - from !== bytes.length) return false;
    for (let at = 0; at < bytes.length; at++) if (idBytes[from + at] !== bytes[at]) return false;
    return true;
  }

  #tableOfIds(): Uint32Array {
    if (this.#table) return this.#table;
    const { idStart, idBytes } = this.segment.arrays;
    const table = new Uint32Array(2 ** Math.ceil(Math.log2(this.segment.parties * 1.5 + 2)));
    const mask = table.length - 1;
    for (let party = 0; party < this.segment.parties; party++) {
      let slot = hashOf(idBytes, idStart[party] as number, idStart[party + 1] as number) & mask;
      while (table[slot] !== 0) slot = (slot + 1) & mask;
      table[slot] = party + 1;
    }
    this.#table = table;
    return table;
  }
}

function hashOf(bytes: Uint8Array, from: number, to: number): number {
  let hash = 0x811c9dc5;
  for (let at = from; at < to; at++) hash = Math.imul(hash ^ (bytes[at] as number), 0x01000193);
  return (hash ^ (hash >>> 15)) >>> 0;
}
