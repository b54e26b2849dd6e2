/** `tocsin backup make | verify` and `tocsin restore`. */

import { readSecret } from '../../identity/index.ts';
import { type BackupSummary, backupNode, restoreNode, verifyBackup } from '../../node/index.ts';
import { CliError } from '../failure.ts';
import { type Output, shown } from '../print.ts';

interface WithPassphrase {
  readonly passphraseFile: string;
}

/** The first line of a file that only its owner can read. */
async function passphraseOf({ passphraseFile }: WithPassphrase): Promise<string> {
  const bytes = await readSecret(passphraseFile);
  const text = new TextDecoder('utf-8').decode(bytes).replace(/\r?\n$/, '');
  if (/[\r\n\0]/.test(text))
    throw new CliError('FILE_INVALID', `${passphraseFile}: expected one line, the passphrase`);
  return text;
}

const kib = (bytes: number): string => `${Math.ceil(bytes / 1024)} KiB`;

function tell(output: Output, summary: BackupSummary): void {
  output.line(
    `${summary.node}: ${summary.files} files, ${summary.attachments} attachments, ${kib(summary.bytes)}; incarnation ${summary.incarnation}, key statement ${summary.sequence}`,
  );
  output.line(
    summary.authority
      ? "the national authority's keys are in it: keep it as you keep them"
      : "without the national authority's keys, which a restore needs as well",
  );
}

export async function make(
  _args: readonly string[],
  options: WithPassphrase & { readonly dir: string; readonly to: string; readonly withAuthority?: boolean },
  output: Output,
): Promise<void> {
  const summary = await backupNode({
    dir: options.dir,
    to: options.to,
    passphrase: await passphraseOf(options),
    withAuthority: options.withAuthority === true,
  });
  tell(output, summary);
  output.line(`written and read back: ${shown(options.to)}`);
  output.document({ ...summary, file: options.to });
}

export async function verify(
  [file = '']: readonly string[],
  options: WithPassphrase,
  output: Output,
): Promise<void> {
  const summary = await verifyBackup(file, await passphraseOf(options));
  tell(output, summary);
  output.line('every byte is as it was sealed');
  output.document({ ...summary, file });
}

export async function restore(
  [file = '']: readonly string[],
  options: WithPassphrase & { readonly dir: string; readonly authority?: string },
  output: Output,
): Promise<void> {
  const { dir, authority } = options;
  const { backup, recovered } = await restoreNode({
    file,
    dir,
    passphrase: await passphraseOf(options),
    ...(authority !== undefined && { authority }),
    nowMs: Date.now(),
  });
  tell(output, backup);
  output.line(
    `restored as incarnation ${recovered.incarnation}, key statement ${recovered.sequence}, new log and link keys`,
  );
  output.line(`next: \`tocsin fsck --dir ${dir}\`, then \`tocsin node run --dir ${dir}\``);
  output.document({
    node: backup.node,
    dir,
    from: backup,
    incarnation: recovered.incarnation,
    sequence: String(recovered.sequence),
    closed: recovered.closed.map(({ origin, size }) => ({ origin, size: String(size) })),
  });
}
