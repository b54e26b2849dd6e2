/** What is late at this node. Metadata alone: an auditor sees that a duty is late and whose it is, never what the record says. */
import { worldOfRecord } from '../../exchange/index.ts';
import { KINDS, TASKING, type World } from '../../record/index.ts';
import type { ReadTx } from '../../store/index.ts';

/** Which duty: a record's review, an opening's review, a second signature, an answer. */
export type OverdueWhat = 'review' | 'break-glass' | 'countersign' | 'tasking';

export interface Overdue {
  readonly what: OverdueWhat;
  /** Header digest of the record reviewed or countersigned, of the opening, of the question. */
  readonly headerDigest: Uint8Array;
  readonly kind: string;
  /** Who has to review or answer is this node where it originated the record; `tasking`: who asked. */
  readonly originator: string;
  /** Number of the desk group that speaks in it. */
  readonly deskGroup: number;
  /** Since when it is late, milliseconds. */
  readonly since: number;
}

export interface OverdueList {
  /** The longest overdue first. */
  readonly items: readonly Overdue[];
  /** More are overdue than are listed. */
  readonly more: boolean;
}

/** What the node states about the exchange is not reviewed by anybody. */
const UNREVIEWED_KINDS = [...KINDS.values()].filter(({ control }) => control).map(({ code }) => code);

/** At most `limit` of them, and as many of each duty are looked through. */
export async function listOverdue(
  tx: ReadTx,
  world: World,
  nowMs: number,
  limit: number,
): Promise<OverdueList> {
  const found = [
    ...(await overdueReviews(tx, world, nowMs, limit + 1)),
    ...(await overdueOpenings(tx, world, nowMs, limit + 1)),
    ...(await overdueCountersigns(tx, world, nowMs)),
    ...(await overdueTaskings(tx, world, nowMs, limit + 1)),
  ].sort((a, b) => a.since - b.since);
  return { items: found.slice(0, limit), more: found.length > limit };
}

async function overdueReviews(tx: ReadTx, world: World, nowMs: number, limit: number): Promise<Overdue[]> {
  const rows = await tx.oversight.overdueReviews(world, nowMs, UNREVIEWED_KINDS, limit);
  return rows.map(({ reviewBy, ...record }) => ({ what: 'review', since: reviewBy, ...record }));
}

/** Late from the end of the opening on: until then the emergency may still go on. */
async function overdueOpenings(tx: ReadTx, world: World, nowMs: number, limit: number): Promise<Overdue[]> {
  const found: Overdue[] = [];
  let cursor: string | undefined;
  do {
    const page = await tx.breakGlass.list({
      exercise: world === 'exercise',
      notReviewed: true,
      ...(cursor !== undefined && { cursor }),
    });
    for (const { opening, originator, recordDeskGroup, until } of page.items)
      if (until <= nowMs)
        found.push({
          what: 'break-glass',
          headerDigest: opening,
          kind: 'break-glass',
          originator,
          deskGroup: recordDeskGroup,
          since: until,
        });
    cursor = page.next;
  } while (cursor !== undefined && found.length < limit);
  return found;
}

async function overdueCountersigns(tx: ReadTx, world: World, nowMs: number): Promise<Overdue[]> {
  const duties = await tx.duties.openCountersigns(nowMs);
  const records = await tx.records.byDigests(duties.map(({ headerDigest }) => headerDigest));
  return records
    .filter((record) => worldOfRecord(record) === world)
    .flatMap(({ headerDigest, kind, originator, deskGroup }) => {
      const duty = duties.find((one) => Buffer.from(one.headerDigest).equals(headerDigest));
      return duty === undefined
        ? []
        : [{ what: 'countersign' as const, headerDigest, kind, originator, deskGroup, since: duty.dueAt }];
    });
}

async function overdueTaskings(tx: ReadTx, world: World, nowMs: number, limit: number): Promise<Overdue[]> {
  const late = (await tx.taskings.open(limit)).filter(({ due }) => due <= nowMs);
  const records = await tx.records.byDigests(late.map(({ headerDigest }) => headerDigest));
  return records
    .filter((record) => record.kind === TASKING && worldOfRecord(record) === world)
    .flatMap(({ headerDigest, kind, originator, deskGroup }) => {
      const question = late.find((one) => Buffer.from(one.headerDigest).equals(headerDigest));
      return question === undefined
        ? []
        : [{ what: 'tasking' as const, headerDigest, kind, originator, deskGroup, since: question.due }];
    });
}
