/** `tocsin log …`: what the node's log says, and evidence bundles that anybody judges offline. */
import { fromHex, hex } from '../../base/bytes.ts';
import type { Reason } from '../../gen/tocsin/record/v1/reason.ts';
import {
  type EvidenceReport,
  judgeEvidence,
  judgeMisconduct,
  type MisconductReport,
} from '../../ledger/index.ts';
import { reasonName } from '../../record/index.ts';
import { bundlesAt, isSingleFile, readBundle, readMisconduct, receiveBundle, saveBundle } from '../bundle.ts';
import { type AsOfficer, headerDigestOf, instant, openOfficerDesk } from '../desk-access.ts';
import { CliError } from '../failure.ts';
import { readStatementFile } from '../membership-files.ts';
import { type Output, shown } from '../print.ts';

export async function show(_args: readonly string[], options: AsOfficer, output: Output): Promise<void> {
  using desk = openOfficerDesk(options);
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

export async function prove(
  [reference = '']: readonly string[],
  options: AsOfficer & { readonly out: string },
  output: Output,
): Promise<void> {
  using desk = openOfficerDesk(options);
  const bundle = await receiveBundle(desk, await headerDigestOf(desk, reference));
  saveBundle(options.out, bundle);
  output.line(`wrote ${bundle.size} files to ${options.out}`);
  output.line('anybody can judge them: `tocsin log verify DIR --network-digest HEX`');
  output.document({ dir: options.out, files: [...bundle.keys()].sort() });
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
  if (report.keyEnded)
    output.line(
      `  its key counts no more since ${instant(report.keyEnded.from)} (${shown(report.keyEnded.reason)}); others saw the checkpoint before`,
    );
  for (const warning of report.warnings) output.line(`  remark: ${shown(warning)}`);
}

function printConviction(path: string, report: MisconductReport, output: Output): void {
  output.line(
    `${path}: verified: it convicts ${report.culprits.join(', ') || 'nobody by name'} (${report.deed})`,
  );
  output.line(`  ${report.culprits.join(', ')} ${shown(report.what)}`);
  output.line(
    `  when, by the word of the culprit: ${instant(report.at)}; noticed by ${shown(report.noticedBy)} at ${instant(report.noticedAt)}`,
  );
}

export async function verify(
  paths: readonly string[],
  options: { readonly networkDigest: string; readonly statement?: readonly string[] },
  output: Output,
): Promise<void> {
  const known = { statements: (options.statement ?? []).map(readStatementFile) };
  const networkDigest = fromHex(options.networkDigest);
  const results: { readonly verified: boolean; readonly path: string }[] = [];
  const refused = (
    path: string,
    { reason, detail }: { readonly reason: Reason; readonly detail: string },
  ) => {
    output.line(`${path}: NOT VERIFIED: ${shown(detail)} [${reasonName(reason)}]`);
    return { path, verified: false, reason: reasonName(reason), detail };
  };
  for (const path of paths) {
    if (isSingleFile(path)) {
      const verdict = judgeMisconduct({ bytes: readMisconduct(path), networkDigest });
      if (verdict.ok) printConviction(path, verdict.value, output);
      results.push(verdict.ok ? { path, verified: true, ...verdict.value } : refused(path, verdict));
      continue;
    }
    for (const bundle of bundlesAt(path)) {
      const verdict = judgeEvidence({ files: readBundle(bundle), networkDigest, known });
      if (verdict.ok) printReport(bundle, verdict.value, output);
      results.push(
        verdict.ok ? { path: bundle, verified: true, ...verdict.value } : refused(bundle, verdict),
      );
    }
  }
  const failed = results.filter(({ verified }) => !verified).length;
  output.document({ verified: results.length - failed, failed, bundles: results });
  if (failed > 0)
    throw new CliError(
      'REFUSED',
      `${failed} of ${results.length} bundle${results.length === 1 ? '' : 's'} did not verify`,
    );
}
