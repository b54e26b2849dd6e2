/**
 * What all lists by others have in common: each entry once, judged as a draft would be, its digest over what the list says;
 * then the whole list is drafted in one transaction, or nothing of it.
 */
import { setImmediate } from 'node:timers/promises';
import { utf8 } from '../base/bytes.ts';
import type { Clock } from '../base/clock.ts';
import type { FieldFault } from '../base/error.ts';
import { LIMITS } from '../base/limits.ts';
import type { ImportEntry, ImportRequest, ImportResult, Officer } from '../lifecycle/index.ts';
import { contentFromJson, sha256, validateContent } from '../record/index.ts';
import { refuse } from './errors.ts';

const KIND = 'watchlist-entry';
/** Faults shown of a list that is refused. */
const MAX_FAULTS = 100;
const KEY = /^[\x21-\x7e]{1,100}$/;

export interface ReadOptions {
  readonly officer: Officer;
  /** Laid over the kind's default marking, as in a draft's JSON; it must name who may receive the entries. */
  readonly marking?: unknown;
  readonly nowMs: number;
  /** Which of several lists in one form this is: part of every key, so that one list never delists another's entries. */
  readonly list?: string;
  /** Fields by column, for tables that do not tell. */
  readonly mapping?: Readonly<Record<string, string>>;
}

/** A list read whole. */
export interface ReadList {
  /** Of all its keys, as `un:`. */
  readonly prefix: string;
  /** What list it is, for notes, as `UN consolidated list`. */
  readonly title: string;
  /** When the list says it was made, in milliseconds; absent where it does not say. */
  readonly generatedAt?: number;
  /** The same as it stands there. */
  readonly edition: string;
  readonly persons: number;
  readonly entities: number;
  readonly vessels: number;
  readonly aircraft: number;
  readonly entries: readonly ImportEntry[];
  /** What was kept although our rules or fields do not like it; paths begin with the entry's key. */
  readonly flags: readonly FieldFault[];
  /** Entries with at least one flag. */
  readonly flagged: number;
  /** The file's form shows that nothing is missing at its end. */
  readonly whole: boolean;
  /** Rows or lines read, entries or not. */
  readonly rows: number;
}

/** A list being read, which pauses after each entry: a node has others to answer meanwhile. */
export type Reading = Generator<void, ReadList, void>;

/** One form in which lists are published. */
export interface ListFormat {
  /** Reads and judges without writing anything. Throws InteropError. */
  read(files: readonly Uint8Array[], options: ReadOptions): Reading;
}

/** Entries read between two looks at what else there is to do, and how long that may take on a machine that has more to do. */
const ENTRIES_AT_ONCE = 50;
const LONGEST_TURN_MS = 20;

async function readInTurns(reading: Reading): Promise<ReadList> {
  let since = performance.now();
  for (let entries = 1; ; entries += 1) {
    const { done, value } = reading.next();
    if (done === true) return value;
    if (entries % ENTRIES_AT_ONCE !== 0 && performance.now() - since < LONGEST_TURN_MS) continue;
    await setImmediate();
    since = performance.now();
  }
}

/** Reads to the end without a pause. */
export function readAtOnce(reading: Reading): ReadList {
  for (;;) {
    const { done, value } = reading.next();
    if (done === true) return value;
  }
}

export type PartyKind = 'person' | 'entity' | 'vessel' | 'aircraft';

/** What the mapping of one entry gave. */
export interface MappedEntry {
  readonly facets: Readonly<Record<string, unknown>>;
  /** What the list says and our fields cannot hold, each with its place. */
  readonly flags: readonly FieldFault[];
}

export interface SourceEntry extends MappedEntry {
  /** Stable over editions, without the prefix. */
  readonly id: string;
  readonly kind: PartyKind;
  /** Where it stands in the file, as `persons[3]`. */
  readonly place: string;
  /** What the list says, as JSON in a fixed order: the entry is the same as before while this is. */
  readonly says: unknown;
}

export class ListEntries {
  readonly #options: ReadOptions;
  readonly #prefix: string;
  readonly #entries: ImportEntry[] = [];
  readonly #keys = new Set<string>();
  readonly #flags: FieldFault[] = [];
  readonly #faults: FieldFault[] = [];
  readonly #counts: Record<PartyKind, number> = { person: 0, entity: 0, vessel: 0, aircraft: 0 };
  #flagged = 0;

  constructor(prefix: string, options: ReadOptions) {
    this.#prefix = prefix;
    this.#options = options;
  }

  /** Whether a key may be used: well-formed, and not met before. What is wrong is a fault. */
  claim(id: string, place: string, field: string): boolean {
    const key = this.#prefix + id;
    if (!KEY.test(id))
      this.fault(
        `${place}.${field}`,
        field.toUpperCase(),
        'expected a number or code of up to 100 characters',
      );
    else if (this.#keys.has(key)) this.fault(`${place}.${field}`, 'DUPLICATE', 'expected each entry once');
    else {
      this.#keys.add(key);
      return true;
    }
    return false;
  }

  /** Judges an entry whose key was claimed. */
  add({ id, kind, facets, flags: unfit, says }: SourceEntry): void {
    const key = this.#prefix + id;
    const { officer, marking, nowMs } = this.#options;
    const json = { kind: KIND, facets, ...(marking !== undefined && { marking }) };
    const { content, faults } = contentFromJson(json, { deskGroup: officer.deskGroup, nowMs });
    const judged = content && validateContent(content, { mode: 'imported', nowMs });
    const all = [...faults, ...(judged?.faults ?? [])];
    if (!content || all.length > 0) {
      for (const { path, code, message } of all) {
        if (!path.startsWith('facets')) this.#faultOfAll(path, code, message);
        else this.fault(`${key}.${path}`, code, message);
      }
      return;
    }
    const flags = [...unfit, ...(judged?.flags ?? [])];
    if (flags.length > 0) this.#flagged += 1;
    this.#counts[kind] += 1;
    this.#flags.push(...flags.map((flag) => ({ ...flag, path: `${key}.${flag.path}` })));
    this.#entries.push({ key, digest: sha256(utf8(JSON.stringify(says))), content, flags });
  }

  fault(path: string, code: string, message: string): void {
    this.#faults.push({ path, code, message });
  }

  /** Throws ENTRY_INVALID with the faults, LIST_INVALID where there is no entry. */
  finish(): Pick<
    ReadList,
    'prefix' | 'persons' | 'entities' | 'vessels' | 'aircraft' | 'entries' | 'flags' | 'flagged'
  > {
    if (this.#faults.length > 0)
      throw refuse(
        'ENTRY_INVALID',
        'expected entries that can be drafted, some cannot; nothing was imported',
        {
          faults: this.#faults.slice(0, MAX_FAULTS),
          facts: { faults: this.#faults.length },
        },
      );
    countEntries(this.#entries.length);
    const { person, entity, vessel, aircraft } = this.#counts;
    return {
      prefix: this.#prefix,
      persons: person,
      entities: entity,
      vessels: vessel,
      aircraft,
      entries: this.#entries,
      flags: this.#flags,
      flagged: this.#flagged,
    };
  }

  /** A fault of what the officer chose for the whole list, as its marking: said once, not a thousand times. */
  #faultOfAll(path: string, code: string, message: string): void {
    if (!this.#faults.some((fault) => fault.path === path && fault.code === code))
      this.fault(path, code, message);
  }
}

/** Before entries are read. Throws LIST_INVALID. */
export function countEntries(count: number): void {
  if (count === 0 || count > LIMITS.importEntries)
    throw refuse('LIST_INVALID', `expected 1 to ${LIMITS.importEntries} entries, got ${count}`, {
      facts: { count },
    });
}

/** The only file of a list that has one. Throws LIST_INVALID. */
export function onlyFile(files: readonly Uint8Array[]): Uint8Array {
  const [file] = files;
  if (file === undefined || files.length !== 1)
    throw refuse('LIST_INVALID', `expected one file of this list, got ${files.length}`);
  return file;
}

/** The prefix of keys of a list that one form has many of, as `csv:brokers:`. Throws LIST_INVALID. */
export function prefixOf(form: string, list: string | undefined, fallback?: string): string {
  const name = list ?? fallback ?? '';
  if (!/^[a-z0-9](?:[a-z0-9-]{0,30}[a-z0-9])?$/.test(name))
    throw refuse('LIST_INVALID', 'expected a name for the list of 1 to 32 small letters, digits and hyphens');
  return `${form}:${name}:`;
}

/** What an import asks of the life cycle. */
export interface ListImporter {
  importList(request: ImportRequest): Promise<ImportResult>;
}

export interface ListImport extends Omit<ReadOptions, 'nowMs'> {
  readonly files: readonly Uint8Array[];
  /** Hands the drafts to the releasers at once. */
  readonly submit?: boolean;
  /** Only counts. */
  readonly dryRun?: boolean;
  /** Drafts a delisting of each released entry that the list no longer has. */
  readonly delist?: boolean;
  /** Lets a large share of them be delisted at once. */
  readonly allowLargeDelisting?: boolean;
  /** Rows that the publisher states; another number is refused. */
  readonly rows?: number;
}

export interface ListImportResult extends Omit<ReadList, 'entries'>, ImportResult {}

/**
 * Drafts a whole list in one transaction. An entry already drafted and not changed since is left alone, a changed one becomes
 * a draft of the next revision; one that vanished is reported, and with `delist` drafted as delisted. Throws InteropError as
 * the format's `read`, NOT_WHOLE; LifecycleError DELISTING_TOO_LARGE.
 */
export async function importList(
  deps: { readonly lifecycle: ListImporter; readonly clock: Clock },
  format: ListFormat,
  { files, submit, dryRun, delist = false, allowLargeDelisting, rows, ...how }: ListImport,
): Promise<ListImportResult> {
  const { entries, ...list } = await readInTurns(format.read(files, { ...how, nowMs: deps.clock.nowMs() }));
  if (rows !== undefined && rows !== list.rows)
    throw refuse('NOT_WHOLE', `expected ${rows} rows as stated, got ${list.rows}; fetch the list again`, {
      facts: { rows: list.rows },
    });
  if (delist && !list.whole && rows === undefined)
    throw refuse(
      'NOT_WHOLE',
      'expected the number of rows that the publisher states: a file of this form does not show whether its end is missing, ' +
        'and a list cut short must not delist anybody',
    );
  const result = await deps.lifecycle.importList({
    officer: how.officer,
    prefix: list.prefix,
    entries,
    note: `${list.title}, edition ${list.edition.slice(0, 40) || 'of unknown date'}`,
    delist,
    ...(allowLargeDelisting !== undefined && { allowLargeDelisting }),
    ...(submit !== undefined && { submit }),
    ...(dryRun !== undefined && { dryRun }),
  });
  return { ...list, ...result };
}
