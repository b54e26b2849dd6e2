/** `tocsin network broker` and `mailboxes`: the untrusted post office of a network. */
import { fromHex } from '../../base/bytes.ts';
import { believedRoster, makeMailboxes, writeBroker } from '../../node/index.ts';
import { readRoster } from '../membership-files.ts';
import type { Output } from '../print.ts';

export async function configure(
  [file = '']: readonly string[],
  options: {
    readonly networkDigest: string;
    readonly host: string;
    readonly port: number;
    readonly name: string;
    readonly out: string;
  },
  output: Output,
): Promise<void> {
  const roster = believedRoster(readRoster(file), fromHex(options.networkDigest));
  const written = await writeBroker({
    dir: options.out,
    roster,
    host: options.host,
    port: options.port,
    name: options.name,
    nowMs: Date.now(),
  });
  output.line(`wrote ${written.configuration}`);
  output.line(`members need ${written.ca} and tls://${options.host}:${options.port}`);
  output.line(
    `next: \`nats-server --config ${written.configuration}\`, then \`tocsin network mailboxes ${options.out}\``,
  );
  output.document({ ...written, server: `tls://${options.host}:${options.port}`, name: options.name });
}

export async function mailboxes(
  [dir = '']: readonly string[],
  options: { readonly wait: number },
  output: Output,
): Promise<void> {
  const made = await makeMailboxes(dir, options.wait * 1000);
  output.line(`mailboxes of ${made.nodes.join(', ')} are there (nats-server ${made.version})`);
  for (const warning of made.warnings) output.line(`warning: ${warning}`);
  output.document(made);
}
