/** `tocsin fsck`: one line a finding, refused where there is any. */
import { fsckNode, type StoreFinding } from '../../node/index.ts';
import { CliError } from '../failure.ts';
import { type Output, shown } from '../print.ts';

/** What is kept for the document; a store may have as many findings as rows. */
const KEPT = 10_000;

export async function fsck(
  _args: readonly string[],
  options: { readonly dir: string },
  output: Output,
): Promise<void> {
  const findings: StoreFinding[] = [];
  let count = 0;
  await fsckNode(options.dir, (finding) => {
    count += 1;
    if (findings.length < KEPT) findings.push(finding);
    output.line(`${finding.code} ${shown(finding.subject)}: ${shown(finding.detail)}`);
  });
  if (count === 0) output.line('the store keeps everything that it promises');
  output.document({ count, findings });
  if (count > 0)
    throw new CliError(
      'REFUSED',
      `${count} finding${count === 1 ? '' : 's'}: do not start this node; restore its last backup`,
    );
}
