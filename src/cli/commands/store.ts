/** `tocsin store migrate`. */
import { moveNodeStore } from '../../node/index.ts';
import { type Output, shown } from '../print.ts';

export async function migrate(
  _args: readonly string[],
  options: { readonly from: string; readonly to: string; readonly passwordFile?: string },
  output: Output,
): Promise<void> {
  const { from, to, passwordFile } = options;
  const moved = await moveNodeStore({
    from,
    to,
    ...(passwordFile !== undefined && { passwordFile }),
    nowMs: Date.now(),
  });
  const rows = moved.tables.reduce((sum, table) => sum + table.rows, 0);
  output.line(`${rows} rows of ${moved.tables.length} tables read the same there; content ${moved.digest}`);
  for (const { log, size, root } of moved.logs)
    output.line(`log ${shown(log)}: ${size} leaves, root ${root}`);
  output.line(`the store at ${shown(moved.from)} is closed for good`);
  output.line(`next: let \`store\` in node.yaml name ${shown(moved.to)}, then \`tocsin doctor\``);
  output.document({
    from: moved.from,
    to: moved.to,
    digest: moved.digest,
    tables: moved.tables,
    logs: moved.logs.map(({ log, size, root }) => ({ log, size: String(size), root })),
  });
}
