/**
 * The records that one transaction takes, seen together with those held: items of one manifest may refer to each other
 * before anything of them is written. New rows are written at the end, many in one statement.
 */
import { equalBytes, hex } from '../base/bytes.ts';
import type { DisclosedFacet } from '../gen/tocsin/record/v1/header.ts';
import type { Status } from '../gen/tocsin/record/v1/marking.ts';
import { type SignedHeader, titleOf, type World, worldOf } from '../record/index.ts';
import type { KnownLog, NewRecord, Purged, RecordState, StoredRecord, WriteTx } from '../store/index.ts';
import { worldOfHeader } from './worlds.ts';

interface Fresh {
  record: NewRecord;
  facets: DisclosedFacet[];
}

export class Shelf {
  readonly #tx: WriteTx;
  readonly #held: Map<string, StoredRecord>;
  readonly #fresh = new Map<string, Fresh>();
  readonly #revisions = new Map<string, Promise<readonly StoredRecord[]>>();
  readonly #logs = new Map<string, Promise<KnownLog | undefined>>();

  private constructor(tx: WriteTx, held: readonly StoredRecord[]) {
    this.#tx = tx;
    this.#held = new Map(held.map((record) => [hex(record.headerDigest), record]));
  }

  static async open(tx: WriteTx, digests: readonly Uint8Array[]): Promise<Shelf> {
    return new Shelf(tx, await tx.records.byDigests(digests));
  }

  async find(digest: Uint8Array): Promise<NewRecord | undefined> {
    const key = hex(digest);
    return this.#fresh.get(key)?.record ?? this.#held.get(key) ?? (await this.#tx.records.byDigest(digest));
  }

  /** All headers of the record in its world, held or new. */
  async revisions({ header }: SignedHeader): Promise<readonly NewRecord[]> {
    const world = worldOfHeader(header);
    const held = await this.#heldRevisions(header.originator, header.recordId, world);
    const fresh = [...this.#fresh.values()]
      .map((one) => one.record)
      .filter(
        (record) =>
          record.originator === header.originator &&
          equalBytes(record.recordId, header.recordId) &&
          worldOf(record.status as Status) === world,
      );
    return [...held, ...fresh];
  }

  /** Read once a record; read again after a change of state, which only this shelf makes within its transaction. */
  #heldRevisions(originator: string, recordId: Uint8Array, world: World): Promise<readonly StoredRecord[]> {
    const key = `${originator} ${hex(recordId)} ${world}`;
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
    this.#fresh.set(hex(record.headerDigest), { record, facets: [...facets] });
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
