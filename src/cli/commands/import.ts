/** `tocsin import …`: lists by others become drafts; with a second officer they are released at once, in one go. */
import { createReadStream, statSync } from 'node:fs';
import { LIMITS } from '../../base/limits.ts';
import type { Desk } from '../../desk/index.ts';
import type { ImportCounts, ImportListRequest } from '../../gen/tocsin/desk/v1/import_service.ts';
import { type AsOfficer, openOfficerDesk } from '../desk-access.ts';
import { CliError } from '../failure.ts';
import { type Output, shown } from '../print.ts';
import { createProgress } from '../progress.ts';

const CHUNK_BYTES = 128 * 1024;

async function* requests(path: string, bytes: number, submit: boolean): AsyncGenerator<ImportListRequest> {
  yield {
    entry: { $case: 'options', value: { type: 'un-list', bytes: BigInt(bytes), submit, dryRun: false } },
  };
  for await (const data of createReadStream(path, { highWaterMark: CHUNK_BYTES }))
    yield { entry: { $case: 'data', value: data as Buffer } };
}

async function importDrafts(desk: Desk, path: string, submit: boolean): Promise<ImportCounts> {
  const size = statSync(path).size;
  if (size > LIMITS.importBytes)
    throw new CliError('FILE_INVALID', `expected at most ${LIMITS.importBytes} bytes, ${path} has ${size}`);
  const progress = createProgress('import');
  let counts: ImportCounts | undefined;
  try {
    for await (const answer of desk.imports.importList(requests(path, size, submit), {
      timeoutMs: 600_000,
    })) {
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

export async function unList(
  [file = '']: readonly string[],
  options: AsOfficer & { readonly releaser?: string },
  output: Output,
): Promise<void> {
  using desk = openOfficerDesk(options);
  const counts = await importDrafts(desk, file, options.releaser !== undefined);
  for (const category of counts.categories) output.line(`${category.name}: ${category.entries}`);
  output.line(
    `drafted ${counts.drafted}, revised ${counts.revised}, unchanged ${counts.unchanged}, with remarks ${counts.flagged}`,
  );
  for (const flag of counts.flags.slice(0, 5))
    output.line(`  ${shown(flag.path)}: ${shown(flag.message)} [${flag.code}]`);
  if (counts.flags.length > 5) output.line('  … (--json lists up to 100)');
  let released: Released | undefined;
  if (options.releaser !== undefined) {
    using second = openOfficerDesk({ ...options, officer: options.releaser });
    released = await releaseAll(second);
    output.line(`released ${released.released}, refused ${released.refused.length}`);
    for (const one of released.refused.slice(0, 5))
      output.line(`  ${one.draft}: ${shown(one.detail)} [${one.code}]`);
  } else if (counts.drafted + counts.revised > 0) {
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
    ...(released === undefined ? {} : released),
  });
  if (released !== undefined && released.refused.length > 0)
    throw new CliError(
      'REFUSED',
      `${released.refused.length} of the drafts were not released; the first: ${released.refused[0]?.detail ?? ''}`,
    );
}
