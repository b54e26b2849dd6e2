/** `tocsin import …`: lists by others become drafts; with a second officer they are released at once, in one go. */
import { createReadStream, readFileSync, statSync } from 'node:fs';
import { hex } from '../../base/bytes.ts';
import { LIMITS } from '../../base/limits.ts';
import type { Desk } from '../../desk/index.ts';
import type { ImportCounts } from '../../gen/tocsin/desk/v1/import_service.ts';
import { type AsOfficer, openOfficerDesk } from '../desk-access.ts';
import { CliError } from '../failure.ts';
import { type Output, shown } from '../print.ts';
import { createProgress } from '../progress.ts';

const CHUNK_BYTES = 128 * 1024;
/** A marking fits many times. */
const MARKING_BYTES = 64 * 1024;
/** Keys of vanished entries that people are shown. */
const SHOWN_KEYS = 10;

/** Options of every list. */
export interface ImportChoices extends AsOfficer {
  readonly releaser?: string;
  readonly marking?: string;
  readonly delist?: boolean;
  readonly allowLargeDelisting?: boolean;
  readonly dryRun?: boolean;
  readonly rows?: number;
  readonly list?: string;
  /** Each `header=field`. */
  readonly column?: readonly string[];
}

const sizeOf = (path: string): number => statSync(path).size;

function optionsOf(type: string, paths: readonly string[], choices: ImportChoices) {
  const sizes = paths.map(sizeOf);
  const bytes = sizes.reduce((sum, size) => sum + size, 0);
  if (bytes > LIMITS.importBytes)
    throw new CliError(
      'FILE_INVALID',
      `expected at most ${LIMITS.importBytes} bytes, ${paths.join(', ')} have ${bytes}`,
    );
  return {
    type,
    bytes: BigInt(bytes),
    fileBytes: sizes.length > 1 ? sizes.map(BigInt) : [],
    submit: choices.releaser !== undefined,
    dryRun: choices.dryRun === true,
    delist: choices.delist === true,
    allowLargeDelisting: choices.allowLargeDelisting === true,
    rows: BigInt(choices.rows ?? 0),
    list: choices.list ?? '',
    mapping: (choices.column ?? []).map(mappingOf),
    ...(choices.marking !== undefined && { markingJson: markingIn(choices.marking) }),
  };
}

/** Headers may have equals signs; names of fields have none. */
function mappingOf(text: string): { readonly column: string; readonly field: string } {
  const at = text.lastIndexOf('=');
  if (at < 1) throw new CliError('USAGE', `expected a column as Header=field, got ${shown(text)}`);
  return { column: text.slice(0, at), field: text.slice(at + 1) };
}

function markingIn(path: string): string {
  if (sizeOf(path) > MARKING_BYTES)
    throw new CliError('FILE_INVALID', `expected a marking of at most ${MARKING_BYTES} bytes in ${path}`);
  return readFileSync(path, 'utf8');
}

async function* requests(options: ReturnType<typeof optionsOf>, paths: readonly string[]) {
  yield { entry: { $case: 'options' as const, value: options } };
  for (const path of paths)
    for await (const data of createReadStream(path, { highWaterMark: CHUNK_BYTES }))
      yield { entry: { $case: 'data' as const, value: data as Buffer } };
}

async function importDrafts(
  desk: Desk,
  type: string,
  paths: readonly string[],
  choices: ImportChoices,
): Promise<ImportCounts> {
  const options = optionsOf(type, paths, choices);
  const progress = createProgress('import');
  let counts: ImportCounts | undefined;
  try {
    for await (const answer of desk.imports.importList(requests(options, paths), { timeoutMs: 600_000 })) {
      progress.at(answer.step, Number(answer.done), Number(answer.total));
      counts = answer.counts ?? counts;
    }
  } finally {
    progress.end();
  }
  if (counts === undefined)
    throw new CliError(
      'UNAVAILABLE',
      'the node ended the import without its counts; run it again: what was drafted is not drafted twice',
    );
  return counts;
}

interface Released {
  readonly released: number;
  readonly refused: readonly { readonly draft: string; readonly code: string; readonly detail: string }[];
}

async function releaseAll(desk: Desk): Promise<Released> {
  const progress = createProgress('release');
  const refused: { draft: string; code: string; detail: string }[] = [];
  let released = 0;
  try {
    // Everything imported that waits, so that an import cut short is finished by the next one.
    for await (const answer of desk.records.releaseDrafts(
      { draftIds: [], kind: 'watchlist-entry', importedOnly: true },
      { timeoutMs: 1_800_000 },
    )) {
      progress.at('releasing', answer.done, answer.total);
      if (answer.headerDigest.length > 0) released += 1;
      if (answer.refusalCode !== '')
        refused.push({ draft: answer.draftId, code: answer.refusalCode, detail: answer.refusalDetail });
    }
  } finally {
    progress.end();
  }
  return { released, refused };
}

/** The verb of one type of list. */
export const importOf =
  (type: string) =>
  async (paths: readonly string[], choices: ImportChoices, output: Output): Promise<void> => {
    using desk = openOfficerDesk(choices);
    const counts = await importDrafts(desk, type, paths, choices);
    printCounts(counts, choices, output);
    let released: Released | undefined;
    if (choices.releaser !== undefined && choices.dryRun !== true) {
      using second = openOfficerDesk({ ...choices, officer: choices.releaser });
      released = await releaseAll(second);
      output.line(`released ${released.released}, refused ${released.refused.length}`);
      for (const one of released.refused.slice(0, 5))
        output.line(`  ${one.draft}: ${shown(one.detail)} [${one.code}]`);
    } else if (choices.dryRun !== true && counts.drafted + counts.revised + counts.delisted > 0) {
      output.line('the drafts wait: submit them, and let another officer release them');
    }
    output.document({
      entries: counts.entries,
      categories: Object.fromEntries(counts.categories.map((category) => [category.name, category.entries])),
      drafted: counts.drafted,
      revised: counts.revised,
      unchanged: counts.unchanged,
      flagged: counts.flagged,
      flags: counts.flags,
      vanishedCount: counts.vanishedCount,
      vanished: counts.vanished.map(({ key, recordId }) => ({ key, recordId: hex(recordId) })),
      delisted: counts.delisted,
      ...(released === undefined ? {} : released),
    });
    if (released !== undefined && released.refused.length > 0)
      throw new CliError(
        'REFUSED',
        `${released.refused.length} of the drafts were not released; the first: ${released.refused[0]?.detail ?? ''}`,
      );
  };

function printCounts(
  counts: ImportCounts,
  { dryRun = false, delist = false }: ImportChoices,
  output: Output,
): void {
  for (const category of counts.categories) output.line(`${category.name}: ${category.entries}`);
  if (dryRun) output.line('nothing is drafted; it would be so:');
  output.line(
    `drafted ${counts.drafted}, revised ${counts.revised}, unchanged ${counts.unchanged}, with remarks ${counts.flagged}`,
  );
  for (const flag of counts.flags.slice(0, 5))
    output.line(`  ${shown(flag.path)}: ${shown(flag.message)} [${flag.code}]`);
  if (counts.flags.length > 5) output.line('  … (--json lists up to 100)');
  if (counts.vanishedCount === 0) return;
  output.line(`no longer listed ${counts.vanishedCount}, drafted as delisted ${counts.delisted}`);
  for (const { key } of counts.vanished.slice(0, SHOWN_KEYS)) output.line(`  ${shown(key)}`);
  if (counts.vanishedCount > SHOWN_KEYS) output.line('  … (--json lists up to 1,000)');
  if (!delist) output.line('look at them, and run it again with --delist to draft them as delisted');
}
