/**
 * The records that can be met, as names and numbers in two indexes, in step with the store: built from it once, then changed as
 * records come, change, end, are recalled or delisted. An entry is under the position of its record, its facet, and its place there.
 */
import { type DeskFacts, deskFacts } from '../../policy/index.ts';
import { facetOf, kindOf } from '../../record/index.ts';
import { IdentifierIndex } from '../identifiers/identifier-index.ts';
import type { ListedIdentifier } from '../identifiers/listed.ts';
import type { ListedParty, PartyIndex } from '../names/party.ts';
import { entriesOf } from './entries.ts';
import type { HeldForScreening } from './held.ts';
import { type PolicyClass, PolicyClasses } from './policy-classes.ts';

/** An index of names that can be kept in a file. */
export interface NameStore extends PartyIndex {
  serialise(): Uint8Array;
}

/** Entries of one originator. */
export interface ListOfOne {
  readonly originator: string;
  entries: number;
  /** When its newest came into the store, milliseconds UTC. */
  newest: number;
}

/** A record in the indexes: whose, and which of its facets. */
export interface Indexed {
  readonly list: ListOfOne;
  readonly facets: readonly string[];
}

/** A record that is not current yet (R19). */
export interface Awaited {
  readonly position: bigint;
  readonly headerDigest: Uint8Array;
  readonly from: number;
}

export const partyId = (position: bigint, facet: string, place: number): string =>
  `${position}/${facet}/${place}`;
const numberId = (position: bigint, facet: string): string => `${position}/${facet}`;

/** What stands behind the id of a party or number; `place` = -1 for a number. */
export function readId(id: string): {
  readonly position: bigint;
  readonly facet: string;
  readonly place: number;
} {
  const [position = '0', facet = '', place = '-1'] = id.split('/');
  return { position: BigInt(position), facet, place: Number(place) };
}

export interface ScreenedParts {
  readonly names: NameStore;
  readonly identifiers: IdentifierIndex;
  readonly classes: readonly PolicyClass[];
  /** Whether anything was ever to be referred. */
  readonly refers: boolean;
  readonly records: ReadonlyMap<bigint, Indexed>;
  readonly lists: readonly ListOfOne[];
  readonly awaited: readonly Awaited[];
}

export class ScreenedRecords {
  readonly names: NameStore;
  readonly identifiers: IdentifierIndex;
  readonly classes: PolicyClasses;
  readonly #records: Map<bigint, Indexed>;
  readonly #lists: Map<string, ListOfOne>;
  readonly #awaited: Map<bigint, Awaited>;
  /** Equal lists of facets are one object: there are few, and a million records. */
  readonly #facetLists = new Map<string, readonly string[]>();

  constructor(parts: ScreenedParts) {
    this.names = parts.names;
    this.identifiers = parts.identifiers;
    this.classes = new PolicyClasses(parts.classes, parts.refers);
    this.#records = new Map(parts.records);
    this.#lists = new Map(parts.lists.map((list) => [list.originator, list]));
    this.#awaited = new Map(parts.awaited.map((one) => [one.position, one]));
  }

  static empty(names: NameStore): ScreenedRecords {
    const identifiers = new IdentifierIndex();
    return new ScreenedRecords({
      names,
      identifiers,
      classes: [],
      refers: false,
      records: new Map(),
      lists: [],
      awaited: [],
    });
  }

  /** For a snapshot; not to be changed. */
  get parts(): ScreenedParts {
    return {
      names: this.names,
      identifiers: this.identifiers,
      classes: this.classes.all,
      refers: this.classes.refers,
      records: this.#records,
      lists: [...this.#lists.values()],
      awaited: [...this.#awaited.values()],
    };
  }

  /** By originator, those without entries left out. */
  get lists(): readonly ListOfOne[] {
    return [...this.#lists.values()]
      .filter(({ entries }) => entries > 0)
      .sort((a, b) => (a.originator < b.originator ? -1 : 1));
  }

  has(position: bigint): boolean {
    return this.#records.has(position);
  }

  /** Records whose time has come; they are to be taken once more. */
  due(nowMs: number): readonly Awaited[] {
    return [...this.#awaited.values()].filter(({ from }) => from <= nowMs);
  }

  /** Takes records as they are now: what was there of them goes first. The next search meets what may be met. */
  take(held: readonly HeldForScreening[], nowMs: number): void {
    const parties: ListedParty[] = [];
    const numbers: ListedIdentifier[] = [];
    for (const one of held) {
      this.#drop(one.record.position);
      if (one.record.state !== 'released' || kindOf(one.record.kind)?.control !== false) continue;
      const facts = deskFacts(one);
      if (facts === undefined || facts.until <= nowMs) continue;
      const { position, headerDigest } = one.record;
      if (facts.from > nowMs) this.#awaited.set(position, { position, headerDigest, from: facts.from });
      else this.#add(one, facts, parties, numbers);
    }
    if (parties.length > 0) this.names.add(parties);
    if (numbers.length > 0) this.identifiers.add(numbers);
  }

  #add(one: HeldForScreening, facts: DeskFacts, parties: ListedParty[], numbers: ListedIdentifier[]): void {
    const { record } = one;
    const entries = entriesOf({
      kind: record.kind,
      expires: record.expires,
      facets: Object.fromEntries(one.facets.map(({ facet, body }) => [facet, body])),
    });
    if (entries.size === 0) return;
    for (const [facet, { parties: found, numbers: foundNumbers }] of entries) {
      const notAfter = facts.until - 1;
      if (found.length > 0) {
        const policyClass = this.classes.of(one, facts, [facet]);
        found.forEach((party, place) => {
          parties.push({ ...party, id: partyId(record.position, facet, place), policyClass, notAfter });
        });
      }
      for (const { identifier, aboutFrom } of foundNumbers)
        numbers.push({
          ...identifier,
          entryId: numberId(record.position, facet),
          policyClass: this.classes.of(one, facts, restsOn(facet, aboutFrom)),
          ...(identifier.notAfter === undefined ? {} : { notAfter }),
        });
    }
    const list = this.#listOf(record.originator);
    list.entries += 1;
    list.newest = Math.max(list.newest, record.committedAt);
    this.#records.set(record.position, { list, facets: this.#facetList([...entries.keys()]) });
  }

  #drop(position: bigint): void {
    this.#awaited.delete(position);
    const indexed = this.#records.get(position);
    if (indexed === undefined) return;
    this.#records.delete(position);
    indexed.list.entries -= 1;
    for (const facet of indexed.facets) {
      // Places are given out without gaps.
      for (let place = 0; this.names.remove(partyId(position, facet, place)); place++);
      this.identifiers.remove(numberId(position, facet));
    }
  }

  #listOf(originator: string): ListOfOne {
    const known = this.#lists.get(originator);
    if (known !== undefined) return known;
    const list = { originator, entries: 0, newest: 0 };
    this.#lists.set(originator, list);
    return list;
  }

  #facetList(names: readonly string[]): readonly string[] {
    const key = names.join('/');
    const known = this.#facetLists.get(key);
    if (known !== undefined) return known;
    this.#facetLists.set(key, names);
    return names;
  }
}

/** A number rests on its own facet, and on those from which what is told beside it comes. */
export const restsOn = (facet: string, aboutFrom: readonly string[]): readonly string[] =>
  [...new Set([facet, ...aboutFrom])].sort();

/** Whether what stands in any of the facets is about persons (R14). */
export const isPersonal = (kind: string, facets: readonly string[]): boolean =>
  facets.some((facet) => facetOf(kind, facet)?.class === 'P');
