/** `tocsin log …`: what the node's log says, and evidence bundles that anybody judges offline. */
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import { fromHex, hex } from '../../base/bytes.ts';
import { LIMITS } from '../../base/limits.ts';
import { type EvidenceReport, judgeEvidence } from '../../ledger/index.ts';
import { reasonName } from '../../record/index.ts';
import { headerDigestOf, instant, openOfficerDesk } from '../desk-access.ts';
import { CliError } from '../failure.ts';
import { type Output, shown } from '../print.ts';

export async function show(
  _args: readonly string[],
  options: { readonly officer: string },
  output: Output,
): Promise<void> {
  using desk = openOfficerDesk(options.officer);
  const { logs } = await desk.log.getLog({});
  output.table(
    ['log', 'of', 'size', 'root', 'checkpoint', 'pending', 'witnesses'],
    logs.map((log) => [
      log.origin,
      log.own ? `${log.node} (this node)` : log.node,
      String(log.size),
      hex(log.root).slice(0, 16),
      instant(log.at),
      log.own ? String(log.pending) : '–',
      log.witnesses.length === 0 ? '–' : log.witnesses.join(', '),
    ]),
  );
  output.document({ logs: logs.map((log) => ({ ...log, at: instant(log.at) })) });
}

/** Paths inside a bundle come from the node; nothing may be written outside the folder. */
function insideOf(dir: string, path: string): string {
  const target = join(dir, path);
  const back = relative(dir, target);
  if (
    back === '' ||
    back.startsWith('..') ||
    path.startsWith('/') ||
    path.includes('\0') ||
    path.split('/').includes('..')
  )
    throw new CliError('REFUSED', `the node named a file outside the bundle: ${JSON.stringify(path)}`);
  return target;
}

export async function prove(
  [reference = '']: readonly string[],
  options: { readonly officer: string; readonly out: string },
  output: Output,
): Promise<void> {
  using desk = openOfficerDesk(options.officer);
  const pieces = new Map<string, Uint8Array[]>();
  for await (const piece of desk.records.exportEvidence({
    headerDigest: await headerDigestOf(desk, reference),
  }))
    pieces.set(piece.path, [...(pieces.get(piece.path) ?? []), piece.data]);
  for (const [path, data] of pieces) {
    const target = insideOf(options.out, path);
    mkdirSync(dirname(target), { recursive: true });
    writeFileSync(target, Buffer.concat(data));
  }
  output.line(`wrote ${pieces.size} files to ${options.out}`);
  output.line('anybody can judge them: `tocsin log verify DIR --network-digest HEX`');
  output.document({ dir: options.out, files: [...pieces.keys()].sort() });
}

/** The files of one bundle by their path inside it, bounded. */
function readBundle(dir: string): Map<string, Uint8Array> {
  const files = new Map<string, Uint8Array>();
  for (const entry of readdirSync(dir, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    const name = relative(dir, path).split(sep).join('/');
    if (statSync(path).size > LIMITS.messageBytes || files.size > 500)
      throw new CliError('FILE_INVALID', `${path}: larger than any file of a bundle, or too many files`);
    files.set(name, new Uint8Array(readFileSync(path)));
  }
  return files;
}

/** The path itself, where it is a bundle, or the bundles right inside it. */
function bundlesAt(path: string): string[] {
  if (!statSync(path).isDirectory())
    throw new CliError('FILE_INVALID', `${path}: expected the folder of a bundle`);
  const isBundle = (dir: string) => readdirSync(dir).includes('header.bin');
  if (isBundle(path)) return [path];
  const inner = readdirSync(path, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && isBundle(join(path, entry.name)))
    .map((entry) => join(path, entry.name))
    .sort();
  if (inner.length === 0)
    throw new CliError(
      'FILE_INVALID',
      `${path}: no header.bin in it nor in a folder of it; expected an evidence bundle`,
    );
  return inner;
}

function printReport(path: string, report: EvidenceReport, output: Output): void {
  output.line(`${path}: verified`);
  output.line(
    `  ${report.originator} stated a ${report.kind}, revision ${report.revision}, released ${instant(report.released)}`,
  );
  output.line(
    `  leaf ${report.leafIndex} of ${report.logOrigin}, under the checkpoint of size ${report.checkpointSize}`,
  );
  output.line(
    `  facets shown: ${report.seen.join(', ') || 'none'}; withheld: ${report.withheld.join(', ') || 'none'}`,
  );
  for (const warning of report.warnings) output.line(`  remark: ${shown(warning)}`);
}

export async function verify(
  paths: readonly string[],
  options: { readonly networkDigest: string },
  output: Output,
): Promise<void> {
  const results: unknown[] = [];
  let failed = 0;
  for (const path of paths.flatMap(bundlesAt)) {
    const verdict = await judgeEvidence({
      files: readBundle(path),
      networkDigest: fromHex(options.networkDigest),
    });
    if (verdict.ok) {
      printReport(path, verdict.value, output);
      results.push({ path, verified: true, ...verdict.value });
    } else {
      failed += 1;
      output.line(`${path}: NOT VERIFIED: ${shown(verdict.detail)} [${reasonName(verdict.reason)}]`);
      results.push({ path, verified: false, reason: reasonName(verdict.reason), detail: verdict.detail });
    }
  }
  output.document({ verified: results.length - failed, failed, bundles: results });
  if (failed > 0)
    throw new CliError(
      'REFUSED',
      `${failed} of ${results.length} bundle${results.length === 1 ? '' : 's'} did not verify`,
    );
}
