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
  readonly created: number;
  readonly changed: number;
  readonly unchanged: number;
  readonly flagged: number;
  readonly flags: readonly FieldFault[];
  readonly draftIds: readonly string[];
}

/** Reads a whole list and drafts it, or throws and leaves nothing. */
export type ListImport = (request: {
  readonly bytes: Uint8Array;
  readonly officer: { readonly fingerprint: string; readonly name: string; readonly deskGroup: DeskGroup };
  readonly marking: unknown;
  readonly submit: boolean;
  readonly dryRun: boolean;
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
/** Of a marking's releasable_to. */
const MAX_NAMED = 64;

export function importHandlers(deps: ImportDeps): DeskHandlers<ImportServiceDefinition> {
  return {
    async *importList(requests, { session, signal }) {
      await deps.access.require(session, 'draft', 'list', { kind: LIST_KIND });
      const reading = requests[Symbol.asyncIterator]();
      const options = await firstOf(reading);
      const { importer, marking } = checked(deps, options, session.world);
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
      const bytes = Buffer.concat(chunks);
      const { submit, dryRun } = options;
      await deps.access.audit(session, 'list.imported', options.type, { bytes: done, dryRun });
      const result = await importer({ bytes, officer: session, marking, submit, dryRun });
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
  const marking =
    options.markingJson === undefined || options.markingJson === ''
      ? everybody(deps, fields)
      : fields.json('options.marking_json', options.markingJson);
  const { marking: placed } = inWorld(fields, { marking }, world) as { readonly marking: unknown };
  fields.done();
  if (importer === undefined) throw refused('options.type', 'UNKNOWN', 'expected a known type');
  return { importer, marking: placed };
}

function everybody(deps: ImportDeps, fields: RequestFields): unknown {
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
  entries: result.persons + result.entities,
  drafted: result.created,
  revised: result.changed,
  unchanged: result.unchanged,
  flagged: result.flagged,
  listDate: BigInt(result.generatedAt ?? 0),
  categories: [
    { name: 'persons', entries: result.persons },
    { name: 'entities', entries: result.entities },
  ],
  draftIds: [...result.draftIds],
  flags: faults(result.flags.slice(0, SHOWN_FLAGS)),
});
