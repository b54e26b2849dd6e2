/** `tocsin screen list|show|decide|alerts|acknowledge|status`: what was asked before, and what came of it. */
import {
  ScreeningAlertType,
  type ScreeningQuery,
  type ScreeningSummary,
  ScreeningVerdict,
} from '../../gen/tocsin/desk/v1/screening_service.ts';
import { type AsOfficer, instant, openOfficerDesk } from '../desk-access.ts';
import { CliError } from '../failure.ts';
import { nameOf } from '../names.ts';
import { type Output, shown } from '../print.ts';
import { hitDocument, summaryDocument } from '../screening-document.ts';
import { againstWords, headOf, hitLines } from '../screening-words.ts';

const askedText = (query: ScreeningQuery | undefined): string =>
  query === undefined ? '' : query.text || query.name || query.identifier?.value || '';

const summaryLine = (one: ScreeningSummary): string =>
  `${one.screeningId}  ${instant(one.at)}  ${one.hits === 0 ? 'no hit' : `${one.hits} hits, ${one.openHits} open`}  ${shown(askedText(one.query))}${one.reference === '' ? '' : `  [${shown(one.reference)}]`}`;

const PAGE = 200;

export async function listScreenings(
  _args: readonly string[],
  options: AsOfficer & {
    readonly hits?: boolean;
    readonly open?: boolean;
    readonly batch?: string;
    readonly limit: number;
  },
  output: Output,
): Promise<void> {
  using desk = openOfficerDesk(options);
  const found: ScreeningSummary[] = [];
  let cursor = '';
  do {
    const page = await desk.screening.listScreenings({
      hitsOnly: options.hits === true,
      openOnly: options.open === true,
      batchId: options.batch ?? '',
      pageSize: Math.min(PAGE, options.limit - found.length),
      cursor,
    });
    found.push(...page.screenings);
    cursor = page.nextCursor;
  } while (cursor !== '' && found.length < options.limit);
  for (const one of found) output.line(summaryLine(one));
  if (found.length === 0) output.line('nothing was asked');
  output.document({ screenings: found.map(summaryDocument) });
}

export async function show(
  [screeningId = '']: readonly string[],
  options: AsOfficer,
  output: Output,
): Promise<void> {
  using desk = openOfficerDesk(options);
  const { screening, hits, against } = await desk.screening.getScreening({ screeningId });
  if (screening !== undefined) output.line(summaryLine(screening));
  for (const hit of hits) {
    const [head = '', ...others] = hitLines(hit);
    output.line(`${String(hit.number).padStart(3)}  ${head}`);
    for (const line of others) output.line(`     ${line}`);
  }
  if (against !== undefined) output.line(againstWords(against));
  output.document({
    screening: screening && summaryDocument(screening),
    hits: hits.map(hitDocument),
    against,
  });
}

const VERDICTS: Readonly<Record<string, ScreeningVerdict>> = {
  true: ScreeningVerdict.SCREENING_VERDICT_TRUE,
  false: ScreeningVerdict.SCREENING_VERDICT_FALSE,
  unknown: ScreeningVerdict.SCREENING_VERDICT_UNKNOWN,
};

export async function decide(
  [screeningId = '', number = '']: readonly string[],
  options: AsOfficer & { readonly verdict: string; readonly reason: string },
  output: Output,
): Promise<void> {
  if (!/^[1-9]\d{0,4}$/.test(number))
    throw new CliError('USAGE', 'expected the number of a hit, as `screen show` gives it');
  using desk = openOfficerDesk(options);
  const { decision } = await desk.screening.decideHit({
    screeningId,
    hit: Number(number),
    verdict: VERDICTS[options.verdict] ?? ScreeningVerdict.SCREENING_VERDICT_UNSPECIFIED,
    reason: options.reason,
  });
  output.line(`decided: ${options.verdict}`);
  output.document({
    decision: decision && {
      ...decision,
      verdict: nameOf(ScreeningVerdict, 'SCREENING_VERDICT_', decision.verdict),
    },
  });
}

export async function alerts(
  _args: readonly string[],
  options: AsOfficer & { readonly all?: boolean; readonly limit: number },
  output: Output,
): Promise<void> {
  using desk = openOfficerDesk(options);
  const { alerts: found } = await desk.screening.listScreeningAlerts({
    acknowledgedToo: options.all === true,
    pageSize: Math.min(PAGE, options.limit),
  });
  for (const { alertId, at, type, screening, hit, acknowledgedAt } of found) {
    const what =
      type === ScreeningAlertType.SCREENING_ALERT_TYPE_WITHDRAWN
        ? `a hit of ${hit?.originator ?? ''} is withdrawn`
        : `a new entry of ${hit?.originator ?? ''}: ${hit === undefined ? '' : headOf(hit)}`;
    output.line(`${alertId}  ${instant(at)}  ${what}${acknowledgedAt === 0n ? '' : ', taken note of'}`);
    if (screening !== undefined) output.line(`     asked: ${summaryLine(screening)}`);
  }
  if (found.length === 0) output.line('no alert waits');
  output.document({
    alerts: found.map((one) => ({
      ...one,
      type: nameOf(ScreeningAlertType, 'SCREENING_ALERT_TYPE_', one.type),
      screening: one.screening && summaryDocument(one.screening),
      hit: one.hit && hitDocument(one.hit),
    })),
  });
}

export async function acknowledge(
  [alertId = '']: readonly string[],
  options: AsOfficer,
  output: Output,
): Promise<void> {
  using desk = openOfficerDesk(options);
  await desk.screening.acknowledgeScreeningAlert({ alertId });
  output.line('taken note of');
  output.document({ alertId });
}

export async function status(_args: readonly string[], options: AsOfficer, output: Output): Promise<void> {
  using desk = openOfficerDesk(options);
  const now = await desk.screening.getScreeningStatus({});
  output.line(
    now.ready
      ? `ready: ${now.names} names, ${now.identifiers} numbers`
      : `not ready: ${now.read} of ${now.toRead} records are read`,
  );
  if (now.against !== undefined) output.line(againstWords(now.against));
  if (now.privatePartners.length > 0)
    output.line(`these may be asked in private: ${now.privatePartners.join(' ')}`);
  output.line(
    `you may ask ${now.freeThisMinute} of ${now.linesAMinute} this minute, ${now.freeToday} of ${now.linesADay} today`,
  );
  output.document(now);
}
