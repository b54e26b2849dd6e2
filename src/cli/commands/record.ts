/** `tocsin record …`: the desk's work over its gRPC. */
import { hex } from '../../base/bytes.ts';
import { DraftState, type FieldFault, type RecordSummary } from '../../gen/tocsin/desk/v1/desk.ts';
import { Tlp } from '../../gen/tocsin/record/v1/marking.ts';
import { type AsOfficer, headerDigestOf, instant, openOfficerDesk } from '../desk-access.ts';
import { CliError } from '../failure.ts';
import { readWords } from '../files.ts';
import { nameOf } from '../names.ts';
import { type Output, shown } from '../print.ts';
import { summaryOf } from '../record-summary.ts';

async function readContent(path: string): Promise<string> {
  const content = await readWords(path);
  try {
    JSON.parse(content);
  } catch (cause) {
    throw new CliError(
      'FILE_INVALID',
      `${path === '-' ? 'standard input' : path} is not JSON: ${(cause as Error).message}`,
      { cause },
    );
  }
  return content;
}

function printFlags(flags: readonly FieldFault[], output: Output): void {
  if (flags.length === 0) return;
  output.line(`${flags.length} remark${flags.length === 1 ? '' : 's'}, none of which stops the record:`);
  for (const flag of flags) output.line(`  ${shown(flag.path)}: ${shown(flag.message)} [${flag.code}]`);
}

export async function draft(
  [file = '']: readonly string[],
  options: AsOfficer & { readonly id?: string; readonly submit?: boolean },
  output: Output,
): Promise<void> {
  const contentJson = await readContent(file);
  using desk = openOfficerDesk(options);
  const answer =
    options.id === undefined
      ? await desk.records.createDraft({ contentJson })
      : await desk.records.updateDraft({ draftId: options.id, contentJson });
  const id = answer.draft?.id ?? '';
  if (options.submit === true) await desk.records.submitDraft({ draftId: id });
  output.line(
    `draft ${id} ${options.submit === true ? 'submitted' : 'saved'}: ${shown(answer.draft?.title ?? '')}`,
  );
  printFlags(answer.flags, output);
  output.line(
    options.submit === true
      ? `next: another officer runs \`tocsin record release ${id}\``
      : `next: \`tocsin record submit ${id}\``,
  );
  output.document({ draft: id, state: options.submit === true ? 'submitted' : 'draft', flags: answer.flags });
}

export async function submit(
  [id = '']: readonly string[],
  options: AsOfficer,
  output: Output,
): Promise<void> {
  using desk = openOfficerDesk(options);
  await desk.records.submitDraft({ draftId: id });
  output.line(`draft ${id} submitted; another officer runs \`tocsin record release ${id}\``);
  output.document({ draft: id, state: 'submitted' });
}

export async function release(
  [id = '']: readonly string[],
  options: AsOfficer,
  output: Output,
): Promise<void> {
  using desk = openOfficerDesk(options);
  const answer = await desk.records.releaseDraft({ draftId: id });
  const record = answer.record;
  if (record === undefined)
    throw new CliError(
      'REFUSED',
      `the node released draft ${id} but named no record; look with \`tocsin record list\``,
    );
  output.line(`released ${shown(record.title)}`);
  output.line(
    `record ${hex(record.recordId)} revision ${record.revision}, header ${hex(record.headerDigest)}`,
  );
  output.line(
    `goes to ${answer.recipients.length === 0 ? 'nobody: policy lets no partner see it' : answer.recipients.join(', ')}`,
  );
  if (answer.countersignDue) output.line('a countersignature is due within 24 hours');
  output.document({
    record: record.recordId,
    header: record.headerDigest,
    revision: record.revision,
    recipients: answer.recipients,
    countersignDue: answer.countersignDue,
  });
}

export async function revise(
  [reference = '', file = '']: readonly string[],
  options: AsOfficer,
  output: Output,
): Promise<void> {
  const contentJson = await readContent(file);
  using desk = openOfficerDesk(options);
  const answer = await desk.records.reviseRecord({
    headerDigest: await headerDigestOf(desk, reference),
    contentJson,
  });
  const id = answer.draft?.id ?? '';
  output.line(`draft ${id} of the next revision saved`);
  printFlags(answer.flags, output);
  output.line(`next: \`tocsin record submit ${id}\``);
  output.document({ draft: id, flags: answer.flags });
}

export async function listRecords(
  _args: readonly string[],
  options: AsOfficer & {
    readonly kind?: string;
    readonly originator?: string;
    readonly text?: string;
    readonly limit: number;
    readonly drafts?: boolean;
  },
  output: Output,
): Promise<void> {
  using desk = openOfficerDesk(options);
  const limit = Math.min(Math.max(options.limit, 1), 100_000);
  if (options.drafts === true) {
    const { drafts } = await desk.records.listDrafts({ pageSize: Math.min(limit, 500) });
    output.table(
      ['draft', 'kind', 'state', 'drafter', 'title'],
      drafts.map((one) => [
        one.id,
        one.kind,
        nameOf(DraftState, 'DRAFT_STATE_', one.state),
        shown(one.drafterName),
        shown(one.title),
      ]),
    );
    output.document({
      drafts: drafts.map((one) => ({ ...one, state: nameOf(DraftState, 'DRAFT_STATE_', one.state) })),
    });
    return;
  }
  const found: RecordSummary[] = [];
  let cursor = '';
  do {
    const page = await desk.records.listRecords({
      kind: options.kind ?? '',
      originator: options.originator ?? '',
      text: options.text ?? '',
      pageSize: Math.min(limit - found.length, 500),
      cursor,
    });
    found.push(...page.records);
    cursor = page.nextCursor;
  } while (cursor !== '' && found.length < limit);
  output.table(
    ['record', 'rev', 'from', 'kind', 'tlp', 'released', 'title'],
    found.map((one) => [
      hex(one.recordId),
      String(one.revision),
      one.originator,
      one.kind,
      nameOf(Tlp, 'TLP_', one.tlp),
      instant(one.released),
      shown(one.title),
    ]),
  );
  if (cursor !== '') output.line(`… and more; see --limit, --kind, --originator, --text`);
  output.document({ records: found.map(summaryOf), more: cursor !== '' });
}

export async function show(
  [reference = '']: readonly string[],
  options: AsOfficer,
  output: Output,
): Promise<void> {
  using desk = openOfficerDesk(options);
  const answer = await desk.records.getRecord({ headerDigest: await headerDigestOf(desk, reference) });
  const { record, verification } = answer;
  if (record === undefined)
    throw new CliError('NOT_FOUND', `no record ${reference} that this officer may know of`);
  output.line(`${record.kind} by ${record.originator}: ${shown(record.title)}`);
  output.line(
    `record ${hex(record.recordId)} revision ${record.revision}, header ${hex(record.headerDigest)}`,
  );
  if (verification !== undefined) {
    output.line(
      `${verification.label}: signed by ${verification.originator} (${shown(verification.originatorName)}; ${shown(verification.authoritySubject)})`,
    );
    if (verification.leafIndex !== undefined)
      output.line(
        `leaf ${verification.leafIndex} of ${verification.logOrigin}, checkpoint of size ${verification.checkpointSize} at ${instant(verification.checkpointAt)}`,
      );
    if (verification.witnessThreshold > 0)
      output.line(
        `cosigned by ${verification.witnesses.length === 0 ? 'no witness yet' : verification.witnesses.join(', ')} (${verification.witnessThreshold} needed)${verification.tied ? '' : "; not tied to this node's view of the log yet"}`,
      );
    if (verification.sender !== '')
      output.line(`handed over by ${verification.sender} at ${instant(verification.committedAt)}`);
    if (verification.problemDetail !== '') output.line(`PROBLEM: ${shown(verification.problemDetail)}`);
  }
  for (const { member, standing, since, rosterVersion } of answer.late)
    output.line(
      `LATE: came of ${member}, ${standing} since ${instant(since)}, before roster version ${rosterVersion} was known here`,
    );
  if (answer.conditionPending) output.line(`accept this condition first: ${shown(answer.condition)}`);
  for (const facet of answer.facets) {
    output.line();
    const until = facet.openUntil === 0n ? '' : `, by break-glass until ${instant(facet.openUntil)}`;
    output.line(`● ${facet.facet} (class ${facet.facetClass}${until})`);
    for (const line of JSON.stringify(JSON.parse(facet.json), undefined, 2).split('\n'))
      output.line(`  ${shown(line)}`);
  }
  if (answer.withheld.length > 0) output.line();
  for (const facet of answer.withheld)
    output.line(
      `○ ${facet.facet} (class ${facet.facetClass}) withheld by ${facet.by}: ${facet.rule} ${shown(facet.reason)}`,
    );
  if (answer.deliveries.length > 0) {
    output.line();
    output.table(
      ['to', 'state', 'facets', 'basis', 'closed'],
      answer.deliveries.map((one) => [
        one.recipient,
        one.state,
        one.facets.join(' '),
        one.basis,
        instant(one.closedAt),
      ]),
    );
  }
  output.document({
    ...summaryOf(record),
    verification,
    facets: Object.fromEntries(
      answer.facets.map((facet) => [facet.facet, JSON.parse(facet.json) as unknown]),
    ),
    openedUntil: Object.fromEntries(
      answer.facets.flatMap((facet) =>
        facet.openUntil === 0n ? [] : [[facet.facet, instant(facet.openUntil)]],
      ),
    ),
    withheld: answer.withheld,
    conditionPending: answer.conditionPending,
    ...(answer.late.length > 0 && {
      late: answer.late.map(({ member, standing, since, rosterVersion }) => ({
        member,
        standing,
        since: instant(since),
        rosterVersion: String(rosterVersion),
      })),
    }),
    deliveries: answer.deliveries,
  });
}
