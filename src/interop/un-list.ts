/**
 * Import of the consolidated list of the UN Security Council (XML, scsanctions.un.org). The whole file is read and judged
 * first; then all of it is drafted in one transaction, or nothing.
 */

import { utf8 } from '../base/bytes.ts';
import type { Clock } from '../base/clock.ts';
import type { FieldFault } from '../base/error.ts';
import { LIMITS } from '../base/limits.ts';
import type { ImportEntry, ImportRequest, ImportResult, Officer } from '../lifecycle/index.ts';
import { contentFromJson, sha256, validateContent } from '../record/index.ts';
import { refuse } from './errors.ts';
import { mapEntry, type UnCategory } from './un-entry.ts';
import { textIn } from './un-names.ts';
import { readXml, type XmlElement } from './xml.ts';

const PREFIX = 'un:';
const KIND = 'watchlist-entry';
const ROOT = 'CONSOLIDATED_LIST';
/** Faults shown of a list that is refused. */
const MAX_FAULTS = 100;

export interface UnListOptions {
  readonly officer: Officer;
  /** Laid over the kind's default marking, as in a draft's JSON; it must name who may receive the entries. */
  readonly marking?: unknown;
  readonly nowMs: number;
}

export interface UnList {
  /** When the list says it was made, in milliseconds; absent where it does not say. */
  readonly generatedAt?: number;
  /** The same as it stands there. */
  readonly edition: string;
  readonly persons: number;
  readonly entities: number;
  readonly entries: readonly ImportEntry[];
  /** What was kept although our rules or fields do not like it; paths begin with the entry's key. */
  readonly flags: readonly FieldFault[];
  /** Entries with at least one flag. */
  readonly flagged: number;
}

export interface UnListResult extends Omit<UnList, 'entries'>, Omit<ImportResult, 'vanished'> {
  /** Keys of entries that the list no longer has. */
  readonly delisted: readonly string[];
}

/** What an import asks of the life cycle. */
export interface ListImporter {
  importList(request: ImportRequest): Promise<ImportResult>;
}

export interface UnListImport {
  readonly bytes: Uint8Array;
  readonly officer: Officer;
  readonly marking?: unknown;
  /** Hands the drafts to the releasers at once. */
  readonly submit?: boolean;
  /** Only counts. */
  readonly dryRun?: boolean;
}

/**
 * Reads and judges a whole list without writing anything. Throws InteropError: TOO_LARGE, NOT_UTF8, XML_DOCTYPE, XML_ENTITY,
 * XML_MALFORMED (also for a truncated file), WRONG_ROOT, LIST_INVALID, ENTRY_INVALID with every fault.
 */
export function readUnList(bytes: Uint8Array, options: UnListOptions): UnList {
  const root = readXml(bytes, ROOT);
  const persons = section(root, 'INDIVIDUALS', 'INDIVIDUAL');
  const entities = section(root, 'ENTITIES', 'ENTITY');
  const count = persons.length + entities.length;
  if (count === 0 || count > LIMITS.importEntries)
    throw refuse('LIST_INVALID', `expected 1 to ${LIMITS.importEntries} entries, got ${count}`, {
      facts: { count },
    });
  const edition = root.attributes.get('dateGenerated') ?? '';
  const generatedAt = instantOf(edition);
  const reading = new Reading(options, generatedAt === undefined ? 'unknown date' : edition.slice(0, 40));
  reading.read(persons, 'persons');
  reading.read(entities, 'entities');
  return {
    ...reading.finish(),
    ...(generatedAt !== undefined && { generatedAt }),
    edition,
    persons: persons.length,
    entities: entities.length,
  };
}

/**
 * Drafts a whole list in one transaction. An entry already drafted and not changed since is left alone, a changed one becomes
 * a draft of the next revision, one that vanished is only reported: delisting is an officer's decision. Throws as readUnList.
 */
export async function importUnList(
  deps: { readonly lifecycle: ListImporter; readonly clock: Clock },
  { bytes, officer, marking, submit, dryRun }: UnListImport,
): Promise<UnListResult> {
  const { entries, ...list } = readUnList(bytes, { officer, marking, nowMs: deps.clock.nowMs() });
  const { vanished, ...result } = await deps.lifecycle.importList({
    officer,
    prefix: PREFIX,
    entries,
    note: `UN consolidated list, edition ${list.edition.slice(0, 40) || 'of unknown date'}`,
    ...(submit !== undefined && { submit }),
    ...(dryRun !== undefined && { dryRun }),
  });
  return { ...list, ...result, delisted: vanished };
}

function section(root: XmlElement, name: string, item: string): readonly XmlElement[] {
  const found = root.children.get(name) ?? [];
  if (found.length !== 1)
    throw refuse('LIST_INVALID', `expected one part ${name}, got ${found.length}; is the file complete?`);
  return found[0]?.children.get(item) ?? [];
}

function instantOf(text: string): number | undefined {
  if (!/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d:\d\d)$/.test(text)) return undefined;
  const ms = Date.parse(text);
  return Number.isNaN(ms) ? undefined : ms;
}

/** Sorting aids that say nothing of the entry. */
const IGNORED: ReadonlySet<string> = new Set(['SORT_KEY', 'SORT_KEY_LAST_MOD']);

/** The element as JSON with its names in order: equal for entries that say the same. */
function canonical(element: XmlElement): unknown {
  const children = [...element.children]
    .filter(([name]) => !IGNORED.has(name))
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, items]) => [name, items.map(canonical)]);
  return [element.text, children];
}

class Reading {
  readonly #options: UnListOptions;
  readonly #edition: string;
  readonly #entries: ImportEntry[] = [];
  readonly #keys = new Set<string>();
  readonly #flags: FieldFault[] = [];
  readonly #faults: FieldFault[] = [];
  #flagged = 0;

  constructor(options: UnListOptions, edition: string) {
    this.#options = options;
    this.#edition = edition;
  }

  read(elements: readonly XmlElement[], category: UnCategory): void {
    for (const [index, element] of elements.entries())
      this.#entry(element, category, `${category}[${index}]`);
  }

  finish(): Pick<UnList, 'entries' | 'flags' | 'flagged'> {
    if (this.#faults.length > 0)
      throw refuse(
        'ENTRY_INVALID',
        'expected entries that can be drafted, some cannot; nothing was imported',
        {
          faults: this.#faults.slice(0, MAX_FAULTS),
          facts: { faults: this.#faults.length },
        },
      );
    return { entries: this.#entries, flags: this.#flags, flagged: this.#flagged };
  }

  #entry(element: XmlElement, category: UnCategory, place: string): void {
    const dataId = textIn(element, 'DATAID');
    const key = PREFIX + dataId;
    if (!/^\d{1,12}$/.test(dataId)) {
      this.#fault(`${place}.DATAID`, 'DATAID', 'expected a number of up to 12 digits');
      return;
    }
    if (this.#keys.has(key)) {
      this.#fault(`${place}.DATAID`, 'DUPLICATE', 'expected each entry once');
      return;
    }
    this.#keys.add(key);
    const { officer, marking, nowMs } = this.#options;
    const mapped = mapEntry(element, category, this.#edition);
    const json = { kind: KIND, facets: mapped.facets, ...(marking !== undefined && { marking }) };
    const { content, faults } = contentFromJson(json, { deskGroup: officer.deskGroup, nowMs });
    const judged = content && validateContent(content, { mode: 'imported', nowMs });
    const all = [...faults, ...(judged?.faults ?? [])];
    if (!content || all.length > 0) {
      for (const { path, code, message } of all) {
        if (!path.startsWith('facets')) this.#faultOfAll(path, code, message);
        else this.#fault(`${key}.${path}`, code, message);
      }
      return;
    }
    const flags = [...mapped.flags, ...(judged?.flags ?? [])];
    if (flags.length > 0) this.#flagged += 1;
    this.#flags.push(...flags.map((flag) => ({ ...flag, path: `${key}.${flag.path}` })));
    const digest = sha256(utf8(JSON.stringify(canonical(element))));
    this.#entries.push({ key, digest, content, flags });
  }

  /** A fault of what the officer chose for the whole list, as its marking: said once, not a thousand times. */
  #faultOfAll(path: string, code: string, message: string): void {
    if (!this.#faults.some((fault) => fault.path === path && fault.code === code))
      this.#fault(path, code, message);
  }

  #fault(path: string, code: string, message: string): void {
    this.#faults.push({ path, code, message });
  }
}
