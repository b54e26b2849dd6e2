/** The consolidated list of the UN Security Council (XML, scsanctions.un.org). */
import type { Clock } from '../base/clock.ts';
import { refuse } from './errors.ts';
import {
  countEntries,
  importList,
  ListEntries,
  type ListFormat,
  type ListImport,
  type ListImporter,
  type ListImportResult,
  onlyFile,
  type Reading,
  type ReadList,
  type ReadOptions,
  readAtOnce,
} from './list.ts';
import { mapEntry, type UnCategory } from './un-entry.ts';
import { textIn } from './un-names.ts';
import { readXml, type XmlElement } from './xml.ts';
import { canonicalXml } from './xml-canonical.ts';

const ROOT = 'CONSOLIDATED_LIST';

/**
 * Reads and judges a whole list at once, without writing anything. Throws InteropError: TOO_LARGE, NOT_UTF8, XML_DOCTYPE, XML_ENTITY,
 * XML_MALFORMED (also for a truncated file), WRONG_ROOT, LIST_INVALID, ENTRY_INVALID with every fault.
 */
export const readUnList = (bytes: Uint8Array, options: ReadOptions): ReadList =>
  readAtOnce(readInParts([bytes], options));

function* readInParts(files: readonly Uint8Array[], options: ReadOptions): Reading {
  const root = readXml(onlyFile(files), ROOT);
  const persons = section(root, 'INDIVIDUALS', 'INDIVIDUAL');
  const entities = section(root, 'ENTITIES', 'ENTITY');
  const rows = persons.length + entities.length;
  countEntries(rows);
  const edition = root.attributes.get('dateGenerated') ?? '';
  const generatedAt = instantOf(edition);
  const entries = new ListEntries('un:', options);
  const stated = generatedAt === undefined ? 'unknown date' : edition.slice(0, 40);
  yield* addAll(entries, persons, 'persons', stated);
  yield* addAll(entries, entities, 'entities', stated);
  return {
    ...entries.finish(),
    title: 'UN consolidated list',
    ...(generatedAt !== undefined && { generatedAt }),
    edition,
    whole: true,
    rows,
  };
}

export const UN_LIST: ListFormat = { read: readInParts };

/** As importList, of a list in one file. */
export const importUnList = (
  deps: { readonly lifecycle: ListImporter; readonly clock: Clock },
  { bytes, ...request }: Omit<ListImport, 'files'> & { readonly bytes: Uint8Array },
): Promise<ListImportResult> => importList(deps, UN_LIST, { ...request, files: [bytes] });

function* addAll(
  entries: ListEntries,
  elements: readonly XmlElement[],
  category: UnCategory,
  edition: string,
): Generator<void, void, void> {
  for (const [index, element] of elements.entries()) {
    yield;
    const place = `${category}[${index}]`;
    const id = textIn(element, 'DATAID');
    if (!/^\d{1,12}$/.test(id)) {
      entries.fault(`${place}.DATAID`, 'DATAID', 'expected a number of up to 12 digits');
      continue;
    }
    if (!entries.claim(id, place, 'DATAID')) continue;
    entries.add({
      ...mapEntry(element, category, edition),
      id,
      kind: category === 'persons' ? 'person' : 'entity',
      place,
      says: canonicalXml(element, IGNORED),
    });
  }
}

function section(root: XmlElement, name: string, item: string): readonly XmlElement[] {
  const found = root.children.get(name) ?? [];
  if (found.length !== 1)
    throw refuse('LIST_INVALID', `expected one part ${name}, got ${found.length}; is the file complete?`);
  return found[0]?.children.get(item) ?? [];
}

export function instantOf(text: string): number | undefined {
  if (!/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d:\d\d)$/.test(text)) return undefined;
  const ms = Date.parse(text);
  return Number.isNaN(ms) ? undefined : ms;
}

/** Sorting aids that say nothing of the entry. */
const IGNORED: ReadonlySet<string> = new Set(['SORT_KEY', 'SORT_KEY_LAST_MOD']);
