/**
 * What partners tell of facets opened in an emergency (R17): openings and readings of our records, and reviews of our openings. Each
 * is kept, audited and, where it is news to people, alarmed about in the transaction that takes it.
 */
import { equalBytes, hex } from '../base/bytes.ts';
import { BreakGlass, BreakGlassStage } from '../gen/tocsin/record/v1/break_glass.ts';
import type { DisclosedFacet } from '../gen/tocsin/record/v1/header.ts';
import { Reason } from '../gen/tocsin/record/v1/reason.ts';
import { BREAK_GLASS, BREAK_GLASS_CLASSES, facetOf, type SignedHeader } from '../record/index.ts';
import type { AuditEntry, StoredOpening } from '../store/index.ts';
import type { Alarm } from './alarms.ts';
import type { TakeWork } from './take-work.ts';
import { worldOfHeader } from './worlds.ts';

/** Why it is not taken. */
interface Untold {
  readonly reason: Reason;
  readonly detail: string;
}

interface Told {
  readonly signed: SignedHeader;
  readonly said: BreakGlass;
}

/** Raised at both ends until the originator's review. */
export const breakGlassAlarm = (
  opening: Uint8Array,
  what: {
    readonly node: string;
    readonly officer: string;
    readonly record: Uint8Array;
    readonly facets: readonly string[];
    /** Facets that should never have been opened. */
    readonly beyond?: readonly string[];
  },
): Alarm => ({
  code: 'BREAK_GLASS',
  subject: hex(opening),
  detail: `${what.officer} at ${what.node} opened ${what.facets.join(' ') || 'nothing'} of record ${hex(what.record).slice(0, 16)} in an emergency${
    what.beyond?.length ? `, of which R17 permits none of ${what.beyond.join(' ')}` : ''
  }; the originator reviews it`,
});

/** Takes what a record of kind `break-glass` tells; undefined where it is taken, or of another kind. */
export async function takeBreakGlass(
  work: TakeWork,
  signed: SignedHeader,
  facets: readonly DisclosedFacet[],
): Promise<Untold | undefined> {
  if (signed.header.kind !== BREAK_GLASS) return undefined;
  const facet = facets.find((one) => one.facet === BREAK_GLASS && one.body.length > 0);
  if (!facet) return invalid('a break-glass that does not show what it tells');
  const told = { signed, said: BreakGlass.decode(facet.body) };
  switch (told.said.stage) {
    case BreakGlassStage.BREAK_GLASS_STAGE_OPENED:
      return takeOpening(work, told);
    case BreakGlassStage.BREAK_GLASS_STAGE_READ:
      return takeReading(work, told);
    case BreakGlassStage.BREAK_GLASS_STAGE_REVIEWED:
      return takeReview(work, told);
    default:
      return invalid('a break-glass of a stage that is not known here');
  }
}

const invalid = (detail: string): Untold => ({ reason: Reason.REASON_RECORD_INVALID, detail });

async function takeOpening(work: TakeWork, { signed, said }: Told): Promise<Untold | undefined> {
  const record = await work.shelf.find(said.record);
  if (record?.originator !== work.self) return invalid('an opening of a record that is not ours');
  const exercise = isExercise(signed);
  const node = signed.header.originator;
  await work.tx.breakGlass.open({
    opening: signed.digest,
    headerDigest: said.record,
    originator: work.self,
    node,
    exercise,
    recordDeskGroup: record.deskGroup,
    officer: said.officer,
    certificate: hex(said.certificate),
    deskGroup: said.deskGroup,
    facets: said.facets,
    asked: said.asked,
    reason: said.reason,
    openedAt: Number(said.at),
    until: Number(said.until),
  });
  const beyond = said.facets.filter(
    (name) => !BREAK_GLASS_CLASSES.has(facetOf(record.kind, name)?.class ?? ''),
  );
  if (!exercise)
    work.alarms.push(
      breakGlassAlarm(signed.digest, {
        node,
        officer: said.officer,
        record: said.record,
        facets: said.facets,
        beyond,
      }),
    );
  await audit(work, 'break-glass.opened', said.record, {
    opening: hex(signed.digest),
    officer: said.officer,
    facets: said.facets.join(' '),
    until: new Date(Number(said.until)).toISOString(),
    ...(said.asked.length > 0 && { asked: said.asked.join(' ') }),
    ...(beyond.length > 0 && { beyond: beyond.join(' ') }),
  });
  return undefined;
}

async function takeReading(work: TakeWork, { signed, said }: Told): Promise<Untold | undefined> {
  const opening = await work.tx.breakGlass.openingOf(said.opening);
  if (
    !opening ||
    opening.originator !== work.self ||
    opening.node !== signed.header.originator ||
    !isOf(opening, signed, said)
  )
    return invalid('a reading under an opening that is not known here');
  await work.tx.breakGlass.read(said.opening, Number(said.at));
  await audit(work, 'break-glass.read', said.record, {
    opening: hex(said.opening),
    officer: said.officer,
    facets: said.facets.join(' '),
    at: new Date(Number(said.at)).toISOString(),
  });
  return undefined;
}

async function takeReview(work: TakeWork, { signed, said }: Told): Promise<Untold | undefined> {
  const opening = await work.tx.breakGlass.openingOf(said.opening);
  if (
    !opening ||
    opening.node !== work.self ||
    opening.originator !== signed.header.originator ||
    !isOf(opening, signed, said)
  )
    return invalid('a review of an opening that is not known here');
  await work.tx.breakGlass.review(said.opening, {
    verdict: said.verdict,
    reviewer: said.officer,
    note: said.reason,
    reviewedAt: Number(said.at),
    review: signed.digest,
  });
  await work.tx.alarms.clear('BREAK_GLASS', hex(said.opening), work.atMs);
  await audit(work, 'break-glass.reviewed', said.record, {
    opening: hex(said.opening),
    officer: said.officer,
    verdict: said.verdict,
  });
  return undefined;
}

const isOf = (opening: StoredOpening, signed: SignedHeader, said: BreakGlass): boolean =>
  equalBytes(opening.headerDigest, said.record) && opening.exercise === isExercise(signed);

const isExercise = ({ header }: SignedHeader): boolean => worldOfHeader(header) === 'exercise';

/** Told by a node, not by an officer of ours: it is the actor. */
const audit = (
  work: TakeWork,
  action: string,
  record: Uint8Array,
  detail: AuditEntry['detail'],
): Promise<unknown> =>
  work.tx.audit.append([{ at: work.atMs, actor: work.sender, action, subject: hex(record), detail }]);
