/**
 * Keeps the indexes in step with the store: read from their file at start, or built; brought up to the newest change before every
 * question, so that an entry alerts in the first question after its commit and a removed one never again.
 */
import { hex } from '../../base/bytes.ts';
import type { Clock } from '../../base/clock.ts';
import type { ReadTx } from '../../store/index.ts';
import type { Equivalences } from '../names/equivalence.ts';
import { REFERENCE_TABLE } from '../names/table-record.ts';
import { type CurrentTables, currentTables, judgedBy, type TableDeps } from './current-tables.ts';
import { ScreeningError } from './errors.ts';
import { holdMany } from './held.ts';
import { type NameStore, ScreenedRecords } from './screened-records.ts';
import { decodeSnapshot, encodeSnapshot } from './snapshot.ts';

/** Where the indexes are kept. */
export interface IndexFile {
  /** Undefined where there is none. */
  read(): Promise<Uint8Array | undefined>;
  /** Whole or not at all; nothing where `isWanted` says no once it is written. */
  write(bytes: Uint8Array, isWanted: () => boolean): Promise<void>;
  remove(): Promise<void>;
}

/** Indexes of names, by what stands for one another in them. */
interface NameStores {
  create(equivalences: Equivalences): NameStore;
  from(bytes: Uint8Array, equivalences: Equivalences): NameStore;
  /** Version of the rules of comparison. */
  rulesOf(equivalences: Equivalences): string;
}

export interface KeeperDeps extends TableDeps {
  readonly clock: Clock;
  readonly names: NameStores;
  /** Absent = they are built at every start. */
  readonly file?: IndexFile;
  /** What was wrong with the file; the index is built or goes on without it. */
  readonly onFailure: (error: unknown) => void;
  /** The published tables that an index is made by from now on. */
  readonly onTables?: (tables: Pick<CurrentTables, 'tables' | 'unused'>) => void;
}

export interface Progress {
  readonly ready: boolean;
  readonly read: number;
  readonly toRead: number;
}

const PAGE = 500;
/** Changes applied at once. */
const CHANGES = 2_000;
/** Records whose names go into the index together: few large segments are quicker than many small ones. */
const TOGETHER = 20_000;

/** Indexes, and the number of the last change that is in them. */
interface Kept {
  readonly records: ScreenedRecords;
  readonly equivalences: Equivalences;
  position: bigint;
}

export class IndexKeeper {
  readonly #deps: KeeperDeps;
  #kept: Kept | undefined;
  #savedPosition = -1n;
  /** Something was deleted from the store that the indexes may still hold in their free space. */
  #tainted = false;
  /** The tables as they were read last, and whether one came, changed or went since. */
  #tables: CurrentTables | undefined;
  #tablesChanged = false;
  #progress = { read: 0, toRead: 0 };
  #running: Promise<void> | undefined;
  #queued: Promise<void> | undefined;

  constructor(deps: KeeperDeps) {
    this.#deps = deps;
    // What is deleted from the store must not live on in a file beside it.
    deps.store.onPurged(() => {
      this.#savedPosition = -1n;
      this.#tainted = true;
      deps.file?.remove().catch(deps.onFailure);
    });
  }

  get progress(): Progress {
    return { ready: this.#kept !== undefined, ...this.#progress };
  }

  /** Number of the last change that the indexes have. */
  get position(): bigint {
    return this.#kept?.position ?? 0n;
  }

  /** Number of the last change that the file has; -1 = there is no file. */
  get savedPosition(): bigint {
    return this.#savedPosition;
  }

  /** Throws NOT_READY. */
  get records(): ScreenedRecords {
    return this.#ready.records;
  }

  /** Version of the rules of comparison that the indexes are made by. Throws NOT_READY. */
  get rules(): string {
    return this.#deps.names.rulesOf(this.#ready.equivalences);
  }

  /** An empty index of names by the same rules. Throws NOT_READY. */
  emptyNames(): NameStore {
    return this.#deps.names.create(this.#ready.equivalences);
  }

  get #ready(): Kept {
    if (this.#kept === undefined)
      throw new ScreeningError(
        'NOT_READY',
        `the index is being built, ${this.#progress.read} of ${this.#progress.toRead} records are read: ask again shortly`,
        { facts: { ...this.#progress } },
      );
    return this.#kept;
  }

  /** Reads the file, or builds from the store where it does not count. Resolves once questions can be asked. */
  async open(signal?: AbortSignal): Promise<void> {
    if (this.#kept !== undefined) return;
    const { equivalences } = await this.#tablesNow();
    const loaded = await this.#load(equivalences);
    if (loaded === undefined) {
      this.#kept = await this.#build(equivalences, signal);
      return;
    }
    this.#savedPosition = loaded.position;
    await this.#advance(loaded);
    this.#kept = loaded;
  }

  /** Tables as they count now; read again only where they may be others than last time. */
  async #tablesNow(): Promise<CurrentTables> {
    const { clock, onTables } = this.#deps;
    const [last, nowMs] = [this.#tables, clock.nowMs()];
    if (
      last !== undefined &&
      !this.#tablesChanged &&
      last.judgedBy === judgedBy(this.#deps) &&
      nowMs < last.until
    )
      return last;
    // Before they are read: what changes meanwhile has them read once more.
    this.#tablesChanged = false;
    const tables = await currentTables(this.#deps, nowMs);
    this.#tables = tables;
    if (tables.equivalences.version !== this.#kept?.equivalences.version) onTables?.(tables);
    return tables;
  }

  async #load(equivalences: Equivalences): Promise<Kept | undefined> {
    const { file, network, names, onFailure, store } = this.#deps;
    try {
      const bytes = await file?.read();
      if (bytes === undefined) return undefined;
      const kept = decodeSnapshot(bytes, names.rulesOf(equivalences), network, (part) =>
        names.from(part, equivalences),
      );
      const newest = await store.read((tx) => tx.recordChanges.newest());
      if (kept.position <= newest) return { ...kept, equivalences };
      throw new ScreeningError('SNAPSHOT_UNUSABLE', 'expected a file that is no newer than the store');
    } catch (error) {
      onFailure(error);
      return undefined;
    }
  }

  async #build(equivalences: Equivalences, signal?: AbortSignal): Promise<Kept> {
    const { store, network, clock, names } = this.#deps;
    const records = ScreenedRecords.empty(names.create(equivalences));
    const query = { world: 'both', state: 'released', order: 'oldest', limit: PAGE } as const;
    // Changes from here on are applied after the build: what one of them changed is taken twice, which is harmless.
    const { from, toRead } = await store.read(async (tx) => ({
      from: await tx.recordChanges.newest(),
      toRead: await tx.records.count({ world: 'both', state: 'released' }),
    }));
    this.#progress = { read: 0, toRead };
    let together: Awaited<ReturnType<typeof holdMany>>[number][] = [];
    let cursor: string | undefined;
    do {
      signal?.throwIfAborted();
      const page = await store.read(async (tx) => {
        const listed = await tx.records.list({ ...query, ...(cursor !== undefined && { cursor }) });
        return { held: await holdMany(tx, network, listed.items), next: listed.next };
      });
      together.push(...page.held);
      this.#progress = { read: this.#progress.read + page.held.length, toRead };
      cursor = page.next;
      if (together.length >= TOGETHER || cursor === undefined) {
        records.take(together, clock.nowMs());
        together = [];
      }
    } while (cursor !== undefined);
    const built = { records, equivalences, position: from };
    await this.#advance(built);
    return built;
  }

  /** Resolves once every change that was committed before the call is in the indexes. Throws NOT_READY. */
  async catchUp(): Promise<void> {
    const kept = this.#kept;
    // Says how far it is.
    if (kept === undefined) return void this.records;
    // One that runs may have looked before the caller's change: the next one has not looked yet, and serves all who wait.
    if (this.#running === undefined) {
      this.#running = this.#advanceBoth(kept).finally(() => {
        this.#running = undefined;
      });
      return this.#running;
    }
    this.#queued ??= this.#running
      .catch(() => undefined)
      .then(() => {
        this.#queued = undefined;
        return this.catchUp();
      });
    return this.#queued;
  }

  /** Where others took the place of the indexes meanwhile, these too: whoever waits goes on with them. */
  async #advanceBoth(kept: Kept): Promise<void> {
    await this.#advance(kept);
    if (this.#kept !== undefined && this.#kept !== kept) await this.#advance(this.#kept);
  }

  async #advance(kept: Kept): Promise<void> {
    const { store, network, clock } = this.#deps;
    const { records } = kept;
    for (;;) {
      const nowMs = clock.nowMs();
      const due = records.due(nowMs);
      const { held, last } = await store.read(async (tx) => {
        const changes = await tx.recordChanges.after(kept.position, CHANGES);
        const digests = new Map(
          [...changes, ...due].map(({ headerDigest }) => [hex(headerDigest), headerDigest]),
        );
        return { held: await this.#hold(tx, network, [...digests.values()]), last: changes.at(-1)?.number };
      });
      this.#tablesChanged ||= held.some(({ record }) => record.kind === REFERENCE_TABLE);
      records.take(held, nowMs);
      if (last === undefined) return;
      kept.position = last;
    }
  }

  async #hold(tx: ReadTx, network: Uint8Array, digests: readonly Uint8Array[]) {
    return digests.length === 0 ? [] : holdMany(tx, network, await tx.records.byDigests(digests));
  }

  /**
   * Builds the indexes anew, beside those that answer, where something was deleted from the store, for what is removed from them stays
   * in their free space, and where other tables of equivalent spellings count. Whether it did.
   */
  async renew(signal?: AbortSignal): Promise<boolean> {
    if (this.#kept === undefined) return false;
    const { equivalences } = await this.#tablesNow();
    if (!this.#tainted && equivalences.version === this.#kept.equivalences.version) return false;
    this.#tainted = false;
    const built = await this.#build(equivalences, signal);
    // From the swap on changes go into the new ones: those that came since they were built are applied before any question.
    this.#kept = built;
    await this.#removeFile();
    return true;
  }

  /** Writes the file where it is behind; whole or not at all. After something was deleted from the store there is none before `renew`. */
  async save(): Promise<void> {
    const { file, names, onFailure } = this.#deps;
    if (this.#kept === undefined || file === undefined || this.#tainted) return;
    const { records, equivalences, position } = this.#kept;
    if (this.#savedPosition === position) return;
    const bytes = encodeSnapshot({ records, position }, names.rulesOf(equivalences));
    this.#savedPosition = position;
    try {
      // Something may be deleted from the store while it is written: the next round writes it without.
      await file.write(bytes, () => this.#savedPosition === position);
    } catch (error) {
      onFailure(error);
      await this.#removeFile();
    }
  }

  /** Changes of before are forgotten where there is no file: one that lay on would be read without them. */
  async #removeFile(): Promise<void> {
    const { file, onFailure } = this.#deps;
    this.#savedPosition = -1n;
    await file?.remove().catch(onFailure);
  }
}
