/** `tocsin audit report | verify-report`. */
import { readFile } from 'node:fs/promises';
import { fromHex } from '../../base/bytes.ts';
import { judgeReport } from '../../lifecycle/index.ts';
import { type AsOfficer, instant, openOfficerDesk } from '../desk-access.ts';
import { CliError } from '../failure.ts';
import { type Output, shown } from '../print.ts';
import { saveWhole, timeOf } from './audit.ts';

export async function report(
  _args: readonly string[],
  options: AsOfficer & {
    readonly out: string;
    readonly since?: string;
    readonly until?: string;
    readonly count: number;
    readonly seed?: string;
  },
  output: Output,
): Promise<void> {
  using desk = openOfficerDesk(options);
  const bytes = await saveWhole(
    options.out,
    desk.oversight.exportReport({
      from: options.since === undefined ? 0n : timeOf(options.since),
      until: options.until === undefined ? 0n : timeOf(options.until),
      count: options.count,
      seed: options.seed ?? '',
    }),
  );
  output.line(`wrote ${bytes} bytes to ${options.out}`);
  output.line('anybody can judge it: `tocsin audit verify-report FILE --network-digest HEX`');
  output.document({ file: options.out, bytes });
}

export async function verifyReport(
  args: readonly string[],
  options: { readonly networkDigest: string },
  output: Output,
): Promise<void> {
  const [path = ''] = args;
  const judged = judgeReport(await readFile(path), fromHex(options.networkDigest));
  if (!judged.ok)
    throw new CliError('REFUSED', `the report is NOT believed (${judged.reason}): ${shown(judged.detail)}`);
  const found = judged.value;
  output.line(`signed by ${found.node} at ${instant(BigInt(found.at))}, every byte as it was written`);
  output.line(
    `period ${instant(BigInt(found.from))} to ${instant(BigInt(found.until))}${found.exercise ? ', of exercises' : ''}`,
  );
  output.line(
    `${found.disclosures} disclosures decided once more: ${found.differing} differ, ${found.notReplayable} could not be`,
  );
  output.line(
    `${found.overdue} overdue, ${found.recalls} recalls unanswered, ${found.openings} openings, ${found.outliers} officer-days stand out`,
  );
  output.line(
    found.head === undefined
      ? 'the audit trail had no row'
      : `the audit trail stood at row ${found.head.seq}`,
  );
  output.document(found);
}
