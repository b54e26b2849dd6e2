/**
 * `tocsin inbox`: what arrived, once or for as long as it is watched; with --follow --json one JSON document a line.
 * `tocsin record acknowledge`: somebody has it in hand.
 */
import { hex } from '../../base/bytes.ts';
import { type AsOfficer, headerDigestOf, instant, openOfficerDesk } from '../desk-access.ts';
import { CliError } from '../failure.ts';
import { type Output, shown, toJson } from '../print.ts';
import { summaryOf } from '../record-summary.ts';

export async function inbox(
  _args: readonly string[],
  options: AsOfficer & { readonly follow?: boolean; readonly from: number },
  output: Output,
): Promise<void> {
  using desk = openOfficerDesk(options);
  const stop = new AbortController();
  process.once('SIGINT', () => stop.abort());
  const items: unknown[] = [];
  try {
    const stream = desk.inbox.watchInbox(
      { afterPosition: BigInt(options.from), follow: options.follow === true },
      { signal: stop.signal },
    );
    for await (const { entry } of stream) {
      if (entry?.$case !== 'item') continue;
      const { record, position, sender, facets, receivedAt } = entry.value;
      if (record === undefined) continue;
      output.line(
        `${String(position).padStart(6)}  ${instant(receivedAt)}  ${sender.padEnd(4)} ${record.kind.padEnd(18)} ${hex(record.recordId)}  ${shown(record.title)}`,
      );
      const item = { position, receivedAt: instant(receivedAt), sender, facets, ...summaryOf(record) };
      if (options.follow === true && output.json) process.stdout.write(`${toJson(item, 0)}\n`);
      else items.push(item);
    }
  } catch (error) {
    if (!stop.signal.aborted) throw error;
  }
  if (options.follow !== true) {
    if (items.length === 0) output.line('nothing');
    output.document({ items });
  }
}

export async function acknowledge(
  [reference = '']: readonly string[],
  options: AsOfficer,
  output: Output,
): Promise<void> {
  using desk = openOfficerDesk(options);
  const headerDigest = await headerDigestOf(desk, reference);
  const { position } = await desk.records.getRecord({ headerDigest });
  if (position === 0n)
    throw new CliError('NOT_FOUND', 'expected a record that a partner sent: own ones are in hand here');
  const { acknowledgedBy, acknowledgedAt } = await desk.inbox.acknowledgeItem({ position });
  output.line(`in hand: ${shown(acknowledgedBy)}, ${instant(acknowledgedAt)}`);
  output.document({ header: headerDigest, acknowledgedBy, acknowledgedAt: instant(acknowledgedAt) });
}
