/** `tocsin hotline intake|reports|report|scrub|register|send-back|drop|close`: reports over the desk's gRPC. */
import { randomInt } from 'node:crypto';
import { hex } from '../../base/bytes.ts';
import type { Desk } from '../../desk/index.ts';
import { type Report, ReportState } from '../../gen/tocsin/desk/v1/hotline_service.ts';
import { HotlineCategory, Imminence, TriageDecision } from '../../gen/tocsin/record/v1/hotline_report.ts';
import { type AsOfficer, headerDigestOf, instant, openOfficerDesk } from '../desk-access.ts';
import { CliError } from '../failure.ts';
import { readWords } from '../files.ts';
import {
  type Content,
  isObject,
  type Json,
  type JsonObject,
  newReportNumber,
  textsIn,
  wholeHour,
  withFields,
} from '../hotline-content.ts';
import { nameOf } from '../names.ts';
import { type Output, shown } from '../print.ts';

/** Flags of words that may tell who called. */
const IDENTITY = new Set(['PHONE_LIKE', 'EMAIL_LIKE', 'NAME_LIKE']);
const OVER: readonly ReportState[] = [ReportState.REPORT_STATE_ACTIONED, ReportState.REPORT_STATE_DROPPED];

interface Reviewed extends AsOfficer {
  readonly reviewed?: boolean;
}

/** Words that may tell who called are looked at before they are saved (R9). Throws REFUSED. */
async function requireReviewed(desk: Desk, content: Content, { reviewed }: Reviewed): Promise<void> {
  if (reviewed === true) return;
  const { flags } = await desk.policy.checkContent({ contentJson: JSON.stringify(content) });
  const telling = flags.filter(({ code }) => IDENTITY.has(code));
  if (telling.length > 0)
    throw new CliError(
      'REFUSED',
      'nothing was saved: words may tell who called; take them out, or repeat with --reviewed once they were read',
      { faults: telling },
    );
}

export async function intake(
  [words = '']: readonly string[],
  options: Reviewed & {
    readonly category: string;
    readonly imminence: string;
    readonly region: string;
    readonly language: string;
    readonly channel: string;
    readonly mayCallBack?: boolean;
  },
  output: Output,
): Promise<void> {
  const { category, imminence, channel, language } = options;
  const region = options.region.toUpperCase();
  const text = (await readWords(words)).trim();
  const reportNumber = newReportNumber((limit) => randomInt(limit));
  const [country = ''] = region.split('-');
  const summary = {
    ...{ reportNumber, channel, category, imminence, language, country },
    ...(region === country ? {} : { subdivision: region }),
    receivedAt: wholeHour(Date.now()),
    status: 'received',
  };
  const content: Content = {
    kind: 'hotline-report',
    facets: {
      summary,
      content: { narrative: [{ language, text }] },
      ...(options.mayCallBack === true && { source: { mayCallBack: true } }),
    },
  };
  using desk = openOfficerDesk(options);
  await requireReviewed(desk, content, options);
  const { draft } = await desk.records.createDraft({ contentJson: JSON.stringify(content) });
  const draftId = draft?.id ?? '';
  await desk.records.submitDraft({ draftId });
  output.line(`number for the caller: ${reportNumber}`);
  output.line(`next: another operator runs \`tocsin hotline scrub ${draftId} <words>\``);
  output.document({ draft: draftId, reportNumber });
}

const plain = (number: string): string => number.toUpperCase().replaceAll(/[^0-9A-Z]/g, '');
const idOf = (one: Report): string => (one.draftId === '' ? hex(one.headerDigest) : one.draftId);

export async function reports(
  _args: readonly string[],
  options: AsOfficer & { readonly all?: boolean; readonly number?: string },
  output: Output,
): Promise<void> {
  using desk = openOfficerDesk(options);
  const found = await desk.hotline.listReports({});
  const wanted = plain(options.number ?? '');
  const listed = found.reports.filter(
    ({ state, summary }) =>
      plain(summary?.reportNumber ?? '').includes(wanted) &&
      (options.all === true || wanted !== '' || !OVER.includes(state)),
  );
  output.table(
    ['report', 'number', 'state', 'category', 'imminence', 'region', 'due', 'alike', 'note'],
    listed.map((one) => [
      idOf(one),
      shown(one.summary?.reportNumber ?? ''),
      stateOf(one),
      nameOf(HotlineCategory, 'HOTLINE_CATEGORY_', one.summary?.category ?? 0),
      nameOf(Imminence, 'IMMINENCE_', one.summary?.imminence ?? 0),
      shown(one.summary?.subdivision || one.summary?.country || ''),
      instant(one.dueAt),
      String(one.similar.length),
      shown(one.note),
    ]),
  );
  if (found.more) output.line('… and more than a hotline lists at once');
  output.document({ reports: listed.map(documentOf), more: found.more });
}

const stateOf = ({ state }: Report): string => nameOf(ReportState, 'REPORT_STATE_', state);

const documentOf = (one: Report) => ({
  report: idOf(one),
  reportNumber: one.summary?.reportNumber ?? '',
  state: stateOf(one),
  decision: nameOf(TriageDecision, 'TRIAGE_DECISION_', one.decision),
  category: nameOf(HotlineCategory, 'HOTLINE_CATEGORY_', one.summary?.category ?? 0),
  imminence: nameOf(Imminence, 'IMMINENCE_', one.summary?.imminence ?? 0),
  region: one.summary?.subdivision || one.summary?.country || '',
  dueAt: one.dueAt === 0n ? '' : instant(one.dueAt),
  similar: one.similar,
  own: one.own,
  note: one.note,
});

/** The facets of a report, draft or record, that the officer may read. */
export async function facetsOf(desk: Desk, reference: string): Promise<JsonObject> {
  if (!/^[0-9a-f]{64}$/i.test(reference)) {
    const { contentJson } = await desk.records.getDraft({ draftId: reference });
    return (JSON.parse(contentJson) as Content).facets;
  }
  const { facets } = await desk.records.getRecord({ headerDigest: await headerDigestOf(desk, reference) });
  return Object.fromEntries(
    facets.map(({ facet, json }) => [facet, json === '' ? {} : (JSON.parse(json) as Json)]),
  );
}

export async function report(
  [reference = '']: readonly string[],
  options: AsOfficer,
  output: Output,
): Promise<void> {
  using desk = openOfficerDesk(options);
  const facets = await facetsOf(desk, reference);
  for (const [facet, value] of Object.entries(facets)) {
    if (!isObject(value) || Object.keys(value).length === 0) continue;
    output.line(facet);
    for (const [name, inner] of Object.entries(value))
      output.line(`  ${name}: ${shown(typeof inner === 'string' ? inner : JSON.stringify(inner))}`);
  }
  output.document({ report: reference, facets });
}

export async function scrub(
  [draftId = '', words = '']: readonly string[],
  options: Reviewed & {
    readonly decision: string;
    readonly credibility: string;
    readonly threeCouldHaveKnown?: boolean;
    readonly score: number;
    readonly category?: string;
    readonly imminence?: string;
    readonly language?: string;
  },
  output: Output,
): Promise<void> {
  const { decision, credibility, category, imminence } = options;
  const text = (await readWords(words)).trim();
  using desk = openOfficerDesk(options);
  const { contentJson } = await desk.records.getDraft({ draftId });
  const before = JSON.parse(contentJson) as Content;
  const told = before.facets.summary;
  const language = options.language ?? (isObject(told) ? textsIn(told.language) : '');
  const status = decision === 'drop' ? 'dropped' : 'triaged';
  const cleaned = withFields(before, 'content', { narrative: [{ language, text }] });
  const judged = withFields(cleaned, 'summary', {
    status,
    ...(category === undefined ? {} : { category }),
    ...(imminence === undefined ? {} : { imminence }),
  });
  const content = withFields(judged, 'triage', {
    decision,
    score: options.score,
    // A caller nobody knows is always F (domain §2.1).
    grading: { scheme: 'nato-6x6', source: 'F', information: credibility },
    scrubbedBy: 'second operator',
    threeCouldHaveKnown: options.threeCouldHaveKnown === true,
  });
  await requireReviewed(desk, content, options);
  const { flags } = await desk.hotline.scrubReport({ draftId, contentJson: JSON.stringify(content) });
  output.line(`scrubbed; next: a controller runs \`tocsin hotline register ${draftId}\``);
  for (const { path, message } of flags) output.line(`  ${shown(path)}: ${shown(message)}`);
  output.document({ draft: draftId, state: 'scrubbed', flags });
}

export async function register(
  [draftId = '']: readonly string[],
  options: AsOfficer,
  output: Output,
): Promise<void> {
  using desk = openOfficerDesk(options);
  const { record } = await desk.records.releaseDraft({ draftId, requestId: draftId });
  const header = record?.headerDigest ?? Buffer.alloc(0);
  output.line(`in the register as ${hex(header)}`);
  output.line(`next: \`tocsin hotline warn <summary> --report ${hex(header)}\`, or \`tocsin hotline close\``);
  output.document({ record: record?.recordId, header, state: 'triaged' });
}

export async function sendBack(
  [draftId = '']: readonly string[],
  options: AsOfficer & { readonly note: string },
  output: Output,
): Promise<void> {
  using desk = openOfficerDesk(options);
  await desk.records.sendBackDraft({ draftId, note: options.note });
  output.line('sent back to whoever took it');
  output.document({ draft: draftId, state: 'draft' });
}

export async function drop(
  [draftId = '']: readonly string[],
  options: AsOfficer & { readonly reason: string },
  output: Output,
): Promise<void> {
  using desk = openOfficerDesk(options);
  await desk.records.discardDraft({ draftId, note: options.reason });
  output.line('dropped; the words told are deleted');
  output.document({ draft: draftId, state: 'dropped' });
}

export async function close(
  [reference = '']: readonly string[],
  options: AsOfficer & { readonly as: string; readonly reason?: string },
  output: Output,
): Promise<void> {
  if (options.as === 'dropped' && (options.reason ?? '').trim() === '')
    throw new CliError('USAGE', 'expected --reason with what is dropped');
  using desk = openOfficerDesk(options);
  const { draft } = await desk.records.reviseRecord({ headerDigest: await headerDigestOf(desk, reference) });
  const draftId = draft?.id ?? '';
  const { contentJson } = await desk.records.getDraft({ draftId });
  const status = withFields(JSON.parse(contentJson) as Content, 'summary', { status: options.as });
  const content =
    options.reason === undefined ? status : withFields(status, 'internal', { notes: options.reason });
  await desk.records.updateDraft({ draftId, contentJson: JSON.stringify(content) });
  await desk.records.submitDraft({ draftId });
  output.line(`submitted; next: a controller runs \`tocsin record release ${draftId}\``);
  output.document({ draft: draftId, state: 'submitted' });
}
