/**
 * The records that one transaction takes, seen together with those held: items of one manifest may refer to each other
 * before anything of them is written. New rows are written at the end, many in one statement.
 */
import { hex } from '../base/bytes.ts';
import type { DisclosedFacet } from '../gen/tocsin/record/v1/header.ts';
import type { Status } from '../gen/tocsin/record/v1/marking.ts';
import { type SignedHeader, titleOf, type World, worldOf } from '../record/index.ts';
import type {
  KnownLog,
  NewRecord,
  Purged,
  RecordState,
  StoredRecord,
  Tombstone,
  WriteTx,
} from '../store/index.ts';
import { worldOfHeader } from './worlds.ts';

interface Fresh {
  record: NewRecord;
  facets: DisclosedFacet[];
}

/** What the store said when a shelf was opened. */
interface Seen {
  readonly digests: readonly Uint8Array[];
  readonly ids: readonly Uint8Array[];
  readonly held: readonly StoredRecord[];
  readonly heldIds: ReadonlySet<string>;
  readonly recalled: ReadonlySet<string>;
}

export class Shelf {
  readonly #tx: WriteTx;
  readonly #held: Map<string, StoredRecord>;
  readonly #fresh = new Map<string, Fresh>();
  /** Digests of the items, whether held or not: what is not held of these is nowhere before `flush`. */
  readonly #asked: ReadonlySet<string>;
  /** Of the records that the items belong to, the ids of which something is held. */
  readonly #heldIds: ReadonlySet<string>;
  readonly #ids: ReadonlySet<string>;
  readonly #freshOf = new Map<string, Fresh[]>();
  /** Items that no tombstone stood against when this was opened; none is sure any more once one was set. */
  readonly #unrecalled: Set<string>;
  readonly #revisions = new Map<string, Promise<readonly StoredRecord[]>>();
  readonly #logs = new Map<string, Promise<KnownLog | undefined>>();

  private constructor(tx: WriteTx, seen: Seen) {
    this.#tx = tx;
    this.#held = new Map(seen.held.map((record) => [hex(record.headerDigest), record]));
    this.#asked = new Set(seen.digests.map(hex));
    this.#ids = new Set(seen.ids.map(hex));
    this.#heldIds = seen.heldIds;
    this.#unrecalled = new Set([...this.#asked].filter((digest) => !seen.recalled.has(digest)));
  }

  /** Reads at once what is held about the items of one manifest; `signed` = the headers that came with them. */
  static async open(
    tx: WriteTx,
    digests: readonly Uint8Array[],
    signed: readonly SignedHeader[],
  ): Promise<Shelf> {
    const ids = signed.map(({ header }) => header.recordId);
    return new Shelf(tx, {
      digests,
      ids,
      held: await tx.records.byDigests(digests),
      heldIds: await tx.records.idsHeld(ids),
      recalled: await tx.tombstones.setFor(digests),
    });
  }

  async find(digest: Uint8Array): Promise<NewRecord | undefined> {
    const key = hex(digest);
    const known = this.#fresh.get(key)?.record ?? this.#held.get(key);
    return known || this.#asked.has(key) ? known : await this.#tx.records.byDigest(digest);
  }

  /** Sets a tombstone, which items of the same manifest must not pass. */
  async recall(tombstone: Tombstone): Promise<void> {
    this.#unrecalled.clear();
    await this.#tx.tombstones.set(tombstone);
  }

  /** Whether no tombstone stands against an item for certain; otherwise the store has to be asked. */
  isUnrecalled(digest: Uint8Array): boolean {
    return this.#unrecalled.has(hex(digest));
  }

  /** All headers of the record in its world, held or new. */
  async revisions({ header }: SignedHeader): Promise<readonly NewRecord[]> {
    const world = worldOfHeader(header);
    const held = await this.#heldRevisions(header.originator, header.recordId, world);
    const fresh = (this.#freshOf.get(hex(header.recordId)) ?? [])
      .map((one) => one.record)
      .filter(
        (record) => record.originator === header.originator && worldOf(record.status as Status) === world,
      );
    return [...held, ...fresh];
  }

  /** Read once a record; read again after a change of state, which only this shelf makes within its transaction. */
  #heldRevisions(originator: string, recordId: Uint8Array, world: World): Promise<readonly StoredRecord[]> {
    const id = hex(recordId);
    if (this.#ids.has(id) && !this.#heldIds.has(id)) return Promise.resolve([]);
    const key = `${originator} ${id} ${world}`;
    const known = this.#revisions.get(key) ?? this.#tx.records.revisions(originator, recordId, world);
    this.#revisions.set(key, known);
    return known;
  }

  /** What is known of a log at one size, read once a transaction: the items of a manifest share its checkpoint. */
  knownLog(origin: string, size: bigint): Promise<KnownLog | undefined> {
    const key = `${origin} ${size}`;
    const known = this.#logs.get(key) ?? this.#tx.ledger.knownLog(origin, size);
    this.#logs.set(key, known);
    return known;
  }

  add(record: NewRecord, facets: readonly DisclosedFacet[]): void {
    const fresh = { record, facets: [...facets] };
    const id = hex(record.recordId);
    this.#fresh.set(hex(record.headerDigest), fresh);
    const siblings = this.#freshOf.get(id);
    if (siblings) siblings.push(fresh);
    else this.#freshOf.set(id, [fresh]);
  }

  /** Names of the facets that were not here before. */
  async merge(digest: Uint8Array, facets: readonly DisclosedFacet[]): Promise<readonly string[]> {
    const fresh = this.#fresh.get(hex(digest));
    if (!fresh) return this.#tx.records.mergeFacets(digest, facets);
    const known = new Set(fresh.facets.map((facet) => facet.facet));
    const added = facets.filter((facet) => !known.has(facet.facet));
    fresh.facets.push(...added);
    return added.map((facet) => facet.facet);
  }

  /** Deletes facets (undefined = all) and whatever is derived from them, held or new. */
  async purge(digest: Uint8Array, names?: readonly string[]): Promise<Purged> {
    const held = await this.#tx.purges.purgeFacets(digest, names);
    const fresh = this.#fresh.get(hex(digest));
    const gone = fresh?.facets.filter(({ facet }) => names?.includes(facet) ?? true) ?? [];
    if (!fresh || gone.length === 0) return held;
    fresh.facets = fresh.facets.filter((facet) => !gone.includes(facet));
    fresh.record = { ...fresh.record, title: titleOf(fresh.record.kind, fresh.facets) };
    const facets = [...new Set([...gone.map(({ facet }) => facet), ...held.facets])];
    return { facets, copies: held.copies + 1 };
  }

  async setState(digest: Uint8Array, state: RecordState): Promise<void> {
    const fresh = this.#fresh.get(hex(digest));
    if (fresh) {
      fresh.record = { ...fresh.record, state };
      return;
    }
    await this.#tx.records.setState(digest, state);
    this.#revisions.clear();
  }

  /** Lower revisions give way, recalled and expired ones stay what they are. */
  async supersede(records: readonly NewRecord[]): Promise<void> {
    const released = records.filter((record) => record.state === 'released');
    for (const record of released) await this.setState(record.headerDigest, 'superseded');
  }

  /** Writes what is new. Everything that refers to these rows comes after. */
  async flush(): Promise<void> {
    await this.#tx.records.insert([...this.#fresh.values()]);
  }
}
