/** `tocsin break-glass open|list|review`: facets opened in an emergency, over the desk's gRPC. */
import { hex } from '../../base/bytes.ts';
import { BreakGlassVerdict } from '../../gen/tocsin/record/v1/break_glass.ts';
import { DeskGroup } from '../../gen/tocsin/record/v1/marking.ts';
import { type AsOfficer, idBytes, instant, openOfficerDesk } from '../desk-access.ts';
import { nameOf } from '../names.ts';
import { type Output, shown } from '../print.ts';

/** A desk that may not know of a record cannot look its id up: the originator has to be said with it. */
function namedRecord(text: string) {
  const [originator = '', id] = text.split(':');
  return id === undefined
    ? { headerDigest: idBytes(text, 32, 'a header digest, or ORIGINATOR:record id') }
    : { originator, recordId: idBytes(id, 16, 'a record id after the originator') };
}

export async function open(
  [record = '']: readonly string[],
  options: AsOfficer & {
    readonly reason: string;
    readonly facets?: readonly string[];
    readonly minutes: number;
  },
  output: Output,
): Promise<void> {
  const named = namedRecord(record);
  using desk = openOfficerDesk(options);
  const { opening } = await desk.breakGlass.openFacets({
    ...named,
    facets: options.facets ?? [],
    reason: options.reason,
    minutes: options.minutes,
  });
  if (opening === undefined) throw new TypeError('expected an opening in the answer');
  const digest = hex(opening.headerDigest);
  output.line(
    `open until ${instant(opening.until)}: ${opening.facets.join(' ') || 'nothing, since nothing of it is held'}`,
  );
  if (opening.asked.length > 0)
    output.line(`not held here, and asked of ${opening.originator}: ${opening.asked.join(' ')}`);
  output.line(`${opening.originator} and the auditors of this node are told, of every reading too`);
  output.line(`next: \`tocsin record show ${digest}\``);
  output.document({ opening: hex(opening.opening), record: digest, ...about(opening) });
}

type Opening = NonNullable<
  Awaited<ReturnType<ReturnType<typeof openOfficerDesk>['breakGlass']['openFacets']>>['opening']
>;

const verdictOf = (opening: Opening): string =>
  opening.verdict === BreakGlassVerdict.BREAK_GLASS_VERDICT_UNSPECIFIED
    ? ''
    : nameOf(BreakGlassVerdict, 'BREAK_GLASS_VERDICT_', opening.verdict);

const about = (opening: Opening) => ({
  originator: opening.originator,
  node: opening.node,
  officer: opening.officer,
  deskGroup: nameOf(DeskGroup, 'DESK_GROUP_', opening.deskGroup),
  facets: opening.facets,
  asked: opening.asked,
  reason: opening.reason,
  openedAt: instant(opening.openedAt),
  until: instant(opening.until),
  readings: opening.readings,
  lastReadAt: opening.lastReadAt === 0n ? null : instant(opening.lastReadAt),
  verdict: verdictOf(opening) || null,
  reviewer: opening.reviewer || null,
  note: opening.reviewNote || null,
});

export async function list(
  _: readonly string[],
  options: AsOfficer & { readonly record?: string; readonly open?: boolean; readonly limit: number },
  output: Output,
): Promise<void> {
  const headerDigest = options.record && idBytes(options.record, 32, 'a header digest');
  using desk = openOfficerDesk(options);
  const openings: Opening[] = [];
  let cursor = '';
  do {
    const page = await desk.breakGlass.listOpenings({
      ...(headerDigest && { headerDigest }),
      notReviewed: options.open === true,
      pageSize: Math.min(500, options.limit - openings.length),
      cursor,
    });
    openings.push(...page.openings);
    cursor = page.nextCursor;
  } while (cursor !== '' && openings.length < options.limit);
  output.table(
    ['opened', 'at', 'by', 'record', 'facets', 'read', 'review', 'opening'],
    openings.map((one) => [
      instant(one.openedAt),
      one.node,
      `${shown(one.officer)} (${nameOf(DeskGroup, 'DESK_GROUP_', one.deskGroup)})`,
      `${one.originator} ${hex(one.headerDigest).slice(0, 16)}`,
      [...one.facets, ...one.asked.map((name) => `${name}?`)].join(' '),
      String(one.readings),
      verdictOf(one) || 'due',
      hex(one.opening),
    ]),
  );
  for (const one of openings)
    output.line(
      `${hex(one.opening).slice(0, 16)}: ${shown(one.reason)}${
        one.reviewNote === '' ? '' : ` · ${shown(one.reviewer)}: ${shown(one.reviewNote)}`
      }`,
    );
  output.document({
    openings: openings.map((one) => ({
      opening: hex(one.opening),
      record: hex(one.headerDigest),
      ...about(one),
    })),
  });
}

export async function review(
  [opening = '']: readonly string[],
  options: AsOfficer & { readonly verdict: string; readonly note: string },
  output: Output,
): Promise<void> {
  const digest = idBytes(opening, 32, 'the digest of an opening');
  using desk = openOfficerDesk(options);
  const answer = await desk.breakGlass.reviewOpening({
    opening: digest,
    verdict:
      options.verdict === 'justified'
        ? BreakGlassVerdict.BREAK_GLASS_VERDICT_JUSTIFIED
        : BreakGlassVerdict.BREAK_GLASS_VERDICT_NOT_JUSTIFIED,
    note: options.note,
  });
  if (answer.opening === undefined) throw new TypeError('expected an opening in the answer');
  output.line(`reviewed: ${verdictOf(answer.opening)}; ${answer.opening.node} is told`);
  output.document({ opening, ...about(answer.opening) });
}
