/** `tocsin doctor`. */
import { examineNode, type Level, pathsOf } from '../../node/index.ts';
import { CliError } from '../failure.ts';
import { type Output, shown } from '../print.ts';

const MARK: Readonly<Record<Level, string>> = { ok: 'ok  ', warning: 'WARN', fault: 'FAIL' };

export async function doctor(
  _args: readonly string[],
  options: { readonly dir: string },
  output: Output,
): Promise<void> {
  const findings = await examineNode(pathsOf(options.dir), Date.now());
  for (const { subject, level, detail } of findings)
    output.line(`${MARK[level]} ${subject}: ${shown(detail)}`);
  output.document({ findings });
  const faults = findings.filter(({ level }) => level === 'fault').length;
  if (faults > 0) throw new CliError('REFUSED', `${faults} fault${faults === 1 ? '' : 's'} found`);
}
