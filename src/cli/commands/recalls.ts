/** `tocsin record recall|withdraw-consent|holders`: taking back, and who still holds what. */
import { hex } from '../../base/bytes.ts';
import type { StatedRecall } from '../../gen/tocsin/desk/v1/recall_service.ts';
import { RecallReason } from '../../gen/tocsin/record/v1/recall.ts';
import { type AsOfficer, headerDigestOf, instant, openOfficerDesk } from '../desk-access.ts';
import { CliError } from '../failure.ts';
import type { Output } from '../print.ts';

const DAY_MS = 86_400_000;

interface Terms extends AsOfficer {
  readonly reason: string;
  readonly within: number;
}

function reasonOf(token: string): RecallReason {
  const name = `RECALL_REASON_${token.toUpperCase().replaceAll('-', '_')}`;
  const found = Object.entries(RecallReason).find(([one]) => one === name)?.[1];
  if (found === undefined) throw new CliError('USAGE', `expected a reason of a recall, got ${token}`);
  return found;
}

const inDays = (days: number): bigint => BigInt(Date.now() + days * DAY_MS);

export async function recall(
  [reference = '']: readonly string[],
  options: Terms & {
    readonly facets?: readonly string[];
    readonly from?: readonly string[];
    readonly keep?: boolean;
    readonly onlyThisRevision?: boolean;
  },
  output: Output,
): Promise<void> {
  using desk = openOfficerDesk(options);
  const { recalls } = await desk.recalls.recall({
    headerDigest: await headerDigestOf(desk, reference),
    reason: reasonOf(options.reason),
    facets: options.facets ?? [],
    recipients: options.from ?? [],
    keep: options.keep === true,
    deadline: inDays(options.within),
    onlyThisRevision: options.onlyThisRevision === true,
  });
  tell(recalls, output);
}

export async function withdrawConsent(
  [reference = '']: readonly string[],
  options: Terms,
  output: Output,
): Promise<void> {
  using desk = openOfficerDesk(options);
  const { recalls } = await desk.recalls.withdrawConsent({
    headerDigest: await headerDigestOf(desk, reference),
    reason: reasonOf(options.reason),
    deadline: inDays(options.within),
  });
  tell(recalls, output);
}

function tell(recalls: readonly StatedRecall[], output: Output): void {
  for (const one of recalls)
    output.line(
      `recall ${hex(one.recallDigest).slice(0, 16)} of ${hex(one.target).slice(0, 16)} (revision ${one.revision}): ${
        one.asked.length === 0
          ? 'nobody holds it'
          : `${one.asked.join(', ')} asked, to answer by ${instant(one.deadline)}`
      }`,
    );
  output.line('next: `tocsin record holders` tells who answered');
  output.document({ recalls });
}

export async function holders(
  [reference = '']: readonly string[],
  options: AsOfficer,
  output: Output,
): Promise<void> {
  using desk = openOfficerDesk(options);
  const answer = await desk.recalls.listHolders({ headerDigest: await headerDigestOf(desk, reference) });
  output.table(
    ['node', 'via', 'state', 'since', 'may hold', 'by', 'receipt'],
    answer.holders.map((one) => [
      one.node,
      one.via === '' ? 'us' : one.via,
      one.state,
      instant(one.since),
      one.facets.join(' '),
      one.consent.length > 0 ? `consent ${hex(one.consent).slice(0, 16)}` : one.basis,
      hex(one.receiptDigest).slice(0, 16),
    ]),
  );
  if (answer.holders.length === 0) output.line('nobody but this node');
  output.document({ holders: answer.holders });
}
