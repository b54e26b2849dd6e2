/** `tocsin hotline warn|update|cancel|broadcast|countersign|progress|cap`: warnings over the desk's gRPC. */
import { writeFileSync } from 'node:fs';
import { hex } from '../../base/bytes.ts';
import type { Desk } from '../../desk/index.ts';
import { type PartnerProgress, ProgressState } from '../../gen/tocsin/desk/v1/record_service.ts';
import { DeskGroup } from '../../gen/tocsin/record/v1/marking.ts';
import { Reason } from '../../gen/tocsin/record/v1/reason.ts';
import { type AsOfficer, headerDigestOf, instant, openOfficerDesk } from '../desk-access.ts';
import { CliError } from '../failure.ts';
import { readWords } from '../files.ts';
import {
  type Content,
  isObject,
  type Json,
  type JsonObject,
  proposedSummary,
  repeatedWords,
  textsIn,
  withFields,
} from '../hotline-content.ts';
import { nameOf } from '../names.ts';
import { type Output, shown } from '../print.ts';
import { facetsOf } from './hotline-reports.ts';

interface MayBroadcast extends AsOfficer {
  readonly broadcast?: boolean;
}

async function readSummary(path: string): Promise<JsonObject> {
  let value: Json;
  try {
    value = JSON.parse(await readWords(path)) as Json;
  } catch (cause) {
    if (cause instanceof CliError) throw cause;
    throw new CliError('FILE_INVALID', `${path}: expected JSON: ${(cause as Error).message}`, { cause });
  }
  if (!isObject(value))
    throw new CliError('FILE_INVALID', `${path}: expected an object with fields of a summary`);
  return value;
}

/** What only the caller put so stands in no warning, nor does the number of his report (R9). Throws REFUSED. */
function assertNotTheCallers(summary: JsonObject, report: JsonObject): void {
  const words = textsIn(summary.texts);
  const told = report.summary;
  const number = isObject(told) ? textsIn(told.reportNumber) : '';
  const repeated = repeatedWords(words, textsIn(report.content));
  if (repeated !== undefined)
    throw new CliError('REFUSED', `these words stand in the report just so, put them otherwise: ${repeated}`);
  if (number !== '' && words.includes(number))
    throw new CliError('REFUSED', "the report's number stands in the warning; take it out");
}

/** Submits, and sends at once where that is asked for. */
async function handOn(
  desk: Desk,
  draftId: string,
  { broadcast }: MayBroadcast,
  output: Output,
): Promise<void> {
  await desk.records.submitDraft({ draftId });
  if (broadcast === true) return release(desk, draftId, output);
  output.line(`submitted; next: a controller runs \`tocsin hotline broadcast ${draftId}\``);
  output.document({ draft: draftId, state: 'submitted' });
}

async function release(desk: Desk, draftId: string, output: Output): Promise<void> {
  const { record, recipients, countersignDue } = await desk.records.releaseDraft({
    draftId,
    requestId: draftId,
  });
  const header = record?.headerDigest ?? Buffer.alloc(0);
  output.line(`warning ${hex(header)}, revision ${record?.revision ?? 0}: ${shown(record?.title ?? '')}`);
  output.line(
    `goes to ${recipients.length === 0 ? 'nobody: policy lets no partner see it' : recipients.join(', ')}`,
  );
  if (countersignDue)
    output.line('another controller runs `tocsin hotline countersign` within 24 hours, or it is recalled');
  output.line(`next: \`tocsin hotline progress ${hex(header)}\``);
  output.document({
    record: record?.recordId,
    header,
    revision: record?.revision,
    recipients,
    countersignDue,
  });
}

export async function warn(
  [path = '']: readonly string[],
  options: MayBroadcast & {
    readonly report?: string;
    readonly to: readonly string[];
    readonly priority: string;
    readonly tlp: string;
    readonly hours: number;
  },
  output: Output,
): Promise<void> {
  const said = await readSummary(path);
  using desk = openOfficerDesk(options);
  const report = options.report === undefined ? undefined : await facetsOf(desk, options.report);
  if (report !== undefined) assertNotTheCallers(said, report);
  const of = isObject(report?.summary) ? report.summary : undefined;
  const summary = { ...proposedSummary(of, Date.now(), options.hours), ...said };
  const { draft } = await desk.records.createDraft({
    contentJson: JSON.stringify({
      kind: 'warning',
      priority: options.priority,
      marking: { tlp: options.tlp, releasableTo: options.to },
      facets: { summary },
    }),
  });
  await handOn(desk, draft?.id ?? '', options, output);
}

/** Drafts the next revision with fields of its summary changed. */
async function revise(desk: Desk, reference: string, fields: JsonObject): Promise<string> {
  const { draft } = await desk.records.reviseRecord({ headerDigest: await headerDigestOf(desk, reference) });
  const draftId = draft?.id ?? '';
  const { contentJson } = await desk.records.getDraft({ draftId });
  const content = withFields(JSON.parse(contentJson) as Content, 'summary', fields);
  await desk.records.updateDraft({ draftId, contentJson: JSON.stringify(content) });
  return draftId;
}

export async function update(
  [reference = '', path = '']: readonly string[],
  options: MayBroadcast,
  output: Output,
): Promise<void> {
  const said = await readSummary(path);
  using desk = openOfficerDesk(options);
  await handOn(desk, await revise(desk, reference, { ...said, action: 'update' }), options, output);
}

export async function cancel(
  [reference = '']: readonly string[],
  options: MayBroadcast,
  output: Output,
): Promise<void> {
  using desk = openOfficerDesk(options);
  const draftId = await revise(desk, reference, { action: 'cancel', urgency: 'past' });
  await handOn(desk, draftId, options, output);
}

export async function broadcastDraft(
  [draftId = '']: readonly string[],
  options: AsOfficer,
  output: Output,
): Promise<void> {
  using desk = openOfficerDesk(options);
  await release(desk, draftId, output);
}

export async function countersign(
  [reference = '']: readonly string[],
  options: AsOfficer,
  output: Output,
): Promise<void> {
  using desk = openOfficerDesk(options);
  const headerDigest = await headerDigestOf(desk, reference);
  await desk.records.countersignRecord({ headerDigest });
  output.line('countersigned');
  output.document({ header: headerDigest });
}

export async function progress(
  [reference = '']: readonly string[],
  options: AsOfficer,
  output: Output,
): Promise<void> {
  using desk = openOfficerDesk(options);
  const headerDigest = await headerDigestOf(desk, reference);
  const { progress: partners, record } = await desk.records.getRecord({ headerDigest });
  if (record?.kind !== 'warning' || !record.own)
    throw new CliError('NOT_FOUND', 'expected a warning of this node: others are told to their originators');
  const late = partners.filter(({ overdue }) => overdue);
  output.table(
    ['node', 'state', 'sent', 'received', 'in hand', 'by', ''],
    [...late, ...partners.filter(({ overdue }) => !overdue)].map((one) => [
      one.node,
      stateOf(one),
      instant(one.sentAt),
      instant(one.receivedAt),
      one.acknowledgements.map(({ deskGroup, at }) => `${deskOf(deskGroup)} ${instant(at)}`).join(', ') ||
        '–',
      instant(one.acknowledgeBy),
      one.overdue ? 'OVERDUE' : one.reason === 0 ? '' : nameOf(Reason, 'REASON_', one.reason),
    ]),
  );
  output.document({
    header: headerDigest,
    overdue: late.length,
    partners: partners.map((one) => ({
      node: one.node,
      state: stateOf(one),
      sentAt: instant(one.sentAt),
      receivedAt: instant(one.receivedAt),
      acknowledgements: one.acknowledgements.map(({ deskGroup, at, receiptDigest }) => ({
        deskGroup: deskOf(deskGroup),
        at: instant(at),
        receipt: receiptDigest,
      })),
      acknowledgeBy: instant(one.acknowledgeBy),
      overdue: one.overdue,
      reason: one.reason === 0 ? '' : nameOf(Reason, 'REASON_', one.reason),
    })),
  });
}

const stateOf = ({ state }: PartnerProgress): string => nameOf(ProgressState, 'PROGRESS_STATE_', state);
const deskOf = (deskGroup: DeskGroup): string => nameOf(DeskGroup, 'DESK_GROUP_', deskGroup);

export async function cap(
  [reference = '']: readonly string[],
  options: AsOfficer & { readonly out: string },
  output: Output,
): Promise<void> {
  using desk = openOfficerDesk(options);
  const { cap: xml } = await desk.hotline.exportWarning({
    headerDigest: await headerDigestOf(desk, reference),
  });
  try {
    writeFileSync(options.out, xml, { flag: 'wx' });
  } catch (cause) {
    throw new CliError('FILE_INVALID', `${options.out} cannot be made; it is never overwritten`, { cause });
  }
  output.line(`wrote ${options.out}`);
  output.document({ path: options.out });
}
