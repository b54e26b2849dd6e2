/** ImportService: a list by others, received whole, read whole, drafted in one transaction. */
import type { FieldFault } from '../../base/error.ts';
import { LIMITS } from '../../base/limits.ts';
import type {
  ImportCounts,
  ImportListRequest,
  ImportListResponse,
  ImportOptions,
  ImportServiceDefinition,
} from '../../gen/tocsin/desk/v1/import_service.ts';
import type { DeskGroup } from '../../gen/tocsin/record/v1/marking.ts';
import type { World } from '../../record/index.ts';
import type { Access } from '../access.ts';
import { DeskError } from '../errors.ts';
import { inWorld } from '../world.ts';
import type { DeskHandlers } from './handlers.ts';
import { faults } from './messages.ts';
import { RequestFields } from './request.ts';

/** What an import made of a list. */
interface ImportedList {
  /** Milliseconds UTC; absent where the list does not say. */
  readonly generatedAt?: number;
  readonly persons: number;
  readonly entities: number;
  readonly vessels: number;
  readonly aircraft: number;
  readonly created: number;
  readonly changed: number;
  readonly unchanged: number;
  readonly flagged: number;
  readonly flags: readonly FieldFault[];
  readonly draftIds: readonly string[];
  readonly vanished: readonly { readonly key: string; readonly recordId?: Uint8Array }[];
  readonly delisted: number;
}

/** Reads a whole list and drafts it, or throws and leaves nothing. */
export type ListImport = (request: {
  readonly files: readonly Uint8Array[];
  readonly officer: { readonly fingerprint: string; readonly name: string; readonly deskGroup: DeskGroup };
  readonly marking: unknown;
  readonly submit: boolean;
  readonly dryRun: boolean;
  readonly delist: boolean;
  readonly allowLargeDelisting: boolean;
  readonly rows?: number;
  readonly list?: string;
  readonly mapping?: Readonly<Record<string, string>>;
}) => Promise<ImportedList>;

export interface ImportDeps {
  readonly access: Access;
  /** By type of list, as `un-list`. */
  readonly importers: ReadonlyMap<string, ListImport>;
  /** Node ids of the members that an entry is releasable to where the officer names none. */
  members(): readonly string[];
}

/** The kind that lists become. */
const LIST_KIND = 'watchlist-entry';
const PROGRESS_BYTES = 1024 * 1024;
const SHOWN_FLAGS = 100;
const SHOWN_VANISHED = 1_000;
/** Of one list. */
const MAX_FILES = 8;
const MAX_MAPPED = 200;
const HEADER_LENGTH = 200;
/** Of a marking's releasable_to. */
const MAX_NAMED = 64;

export function importHandlers(deps: ImportDeps): DeskHandlers<ImportServiceDefinition> {
  return {
    async *importList(requests, { session, signal }) {
      await deps.access.require(session, 'draft', 'list', { kind: LIST_KIND });
      const reading = requests[Symbol.asyncIterator]();
      const options = await firstOf(reading);
      const { importer, how } = checked(deps, options, session.world);
      const chunks: Uint8Array[] = [];
      let done = 0;
      let told = 0;
      for (;;) {
        const next = await reading.next();
        if (next.done) break;
        const { entry } = next.value;
        if (entry?.$case !== 'data') throw refused('entry', 'ORDER', 'expected the options once, then data');
        done += entry.value.length;
        if (done > Number(options.bytes))
          throw refused('data', 'TOO_LONG', `expected ${options.bytes} bytes as announced, got more`);
        chunks.push(entry.value);
        if (done - told < PROGRESS_BYTES) continue;
        told = done;
        yield progress('receiving', done, Number(options.bytes));
      }
      if (BigInt(done) !== options.bytes)
        throw refused('data', 'TRUNCATED', `expected ${options.bytes} bytes as announced, got ${done}`);
      signal.throwIfAborted();
      yield progress('reading', 0, 0);
      const files = partedInto(Buffer.concat(chunks), options.fileBytes);
      const { delist, dryRun } = options;
      await deps.access.audit(session, 'list.imported', options.type, { bytes: done, dryRun, delist });
      const result = await importer({ ...how, files, officer: session });
      const counts = countsOf(result);
      yield { ...progress('finished', counts.entries, counts.entries), counts };
    },
  };
}

async function firstOf(reading: AsyncIterator<ImportListRequest>): Promise<ImportOptions> {
  const first = await reading.next();
  const entry = first.done ? undefined : first.value.entry;
  if (entry?.$case === 'options') return entry.value;
  throw refused('options', 'ORDER', 'expected the options in the first message');
}

function checked(deps: ImportDeps, options: ImportOptions, world: World) {
  const fields = new RequestFields();
  const importer = deps.importers.get(options.type);
  if (importer === undefined)
    fields.fault('options.type', 'UNKNOWN', `expected one of ${[...deps.importers.keys()].join(', ')}`);
  if (options.bytes === 0n || options.bytes > BigInt(LIMITS.importBytes))
    fields.fault('options.bytes', 'RANGE', `expected 1 to ${LIMITS.importBytes} bytes`);
  checkFiles(options, fields);
  checkMapping(options, fields);
  if (options.rows > BigInt(Number.MAX_SAFE_INTEGER))
    fields.fault('options.rows', 'RANGE', 'expected a number of rows');
  const marking =
    options.markingJson === undefined || options.markingJson === ''
      ? everybody(deps, fields)
      : fields.json('options.marking_json', options.markingJson);
  const { marking: placed } = inWorld(fields, { marking }, world) as { readonly marking: unknown };
  fields.done();
  if (importer === undefined) throw refused('options.type', 'UNKNOWN', 'expected a known type');
  const { submit, dryRun, delist, allowLargeDelisting, rows, list, mapping } = options;
  const how = {
    marking: placed,
    submit,
    dryRun,
    delist,
    allowLargeDelisting,
    ...(rows > 0n && { rows: Number(rows) }),
    ...(list !== '' && { list }),
    ...(mapping.length > 0 && {
      mapping: Object.fromEntries(mapping.map(({ column, field }) => [column, field])),
    }),
  };
  return { importer, how };
}

function checkMapping({ mapping }: ImportOptions, fields: RequestFields): void {
  if (mapping.length > MAX_MAPPED)
    fields.fault('options.mapping', 'TOO_MANY', `expected at most ${MAX_MAPPED} columns`);
  const columns = new Set<string>();
  for (const [index, { column, field }] of mapping.entries()) {
    if (column.length > HEADER_LENGTH || field.length > HEADER_LENGTH)
      fields.fault(`options.mapping[${index}]`, 'TOO_LONG', `expected at most ${HEADER_LENGTH} characters`);
    if (columns.has(column))
      fields.fault(`options.mapping[${index}]`, 'DUPLICATE', 'expected each column once');
    columns.add(column);
  }
}

function checkFiles({ bytes, fileBytes }: ImportOptions, fields: RequestFields): void {
  if (fileBytes.length > MAX_FILES)
    fields.fault('options.file_bytes', 'TOO_MANY', `expected at most ${MAX_FILES} files`);
  const sum = fileBytes.reduce((total, one) => total + one, 0n);
  if (fileBytes.length > 0 && (sum !== bytes || fileBytes.includes(0n)))
    fields.fault('options.file_bytes', 'SUM', `expected lengths above 0 whose sum is ${bytes}, got ${sum}`);
}

function partedInto(bytes: Uint8Array, lengths: readonly bigint[]): readonly Uint8Array[] {
  if (lengths.length === 0) return [bytes];
  let from = 0;
  return lengths.map((length) => {
    const file = bytes.subarray(from, from + Number(length));
    from += Number(length);
    return file;
  });
}

/** A marking for all other members, who have to fit into one. */
export function everybody(deps: Pick<ImportDeps, 'members'>, fields: RequestFields): unknown {
  const releasableTo = deps.members();
  if (releasableTo.length === 0 || releasableTo.length > MAX_NAMED)
    fields.fault(
      'options.marking_json',
      'REQUIRED',
      `expected a marking that names who may receive the entries: there are ${releasableTo.length} other members`,
    );
  return { releasableTo };
}

const refused = (path: string, code: string, message: string): DeskError =>
  new DeskError({ code: 'IMPORT_REFUSED', message, faults: [{ path, code, message }] });

const progress = (step: string, done: number, total: number): ImportListResponse => ({
  step,
  done: BigInt(done),
  total: BigInt(total),
  counts: undefined,
});

const countsOf = (result: ImportedList): ImportCounts => ({
  entries: result.persons + result.entities + result.vessels + result.aircraft,
  drafted: result.created,
  revised: result.changed,
  unchanged: result.unchanged,
  flagged: result.flagged,
  listDate: BigInt(result.generatedAt ?? 0),
  categories: [
    { name: 'persons', entries: result.persons },
    { name: 'entities', entries: result.entities },
    { name: 'vessels', entries: result.vessels },
    { name: 'aircraft', entries: result.aircraft },
  ].filter(({ entries }) => entries > 0),
  draftIds: [...result.draftIds],
  flags: faults(result.flags.slice(0, SHOWN_FLAGS)),
  vanishedCount: result.vanished.length,
  vanished: result.vanished
    .slice(0, SHOWN_VANISHED)
    .map(({ key, recordId }) => ({ key, recordId: Buffer.from(recordId ?? []) })),
  delisted: result.delisted,
});
