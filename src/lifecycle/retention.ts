/**
 * What the clock deletes (R13, domain §2.4): records past their end or 30 days past their review, single facets past theirs.
 * Bytes and salts go with everything derived from them; header, proof and receipts stay. Small batches, a transaction each: what
 * a crash interrupts is taken up by the next round.
 */
import { sleep } from '../base/async.ts';
import { KINDS } from '../record/index.ts';
import type { WriteTx } from '../store/index.ts';
import type { LifecycleDeps } from './context.ts';

type RetentionDeps = Pick<LifecycleDeps<unknown>, 'store' | 'clock'>;

const DAY_MS = 86_400_000;
/** A review that is so much overdue ends the record (R13). */
export const REVIEW_GRACE_MS = 30 * DAY_MS;
/** Records a transaction: others' writes wait for no more. */
const BATCH = 50;

/** Questions to screening that met nothing (J5), and all others. */
const NO_HIT_MS = DAY_MS;
const SCREENING_MS = 5 * 365 * DAY_MS;
const SCREENINGS = 500;

export interface Retained {
  /** Records whose time was over. */
  readonly expired: number;
  /** Facets deleted before their record. */
  readonly facets: number;
}

/** One round: everything that is due now. Breaking off between batches leaves the rest for the next. */
export async function retain(deps: RetentionDeps, signal?: AbortSignal): Promise<Retained> {
  const now = deps.clock.nowMs();
  let expired = 0;
  let facets = 0;
  for (;;) {
    const some = await expireSome(deps, now);
    expired += some;
    if (some < BATCH || signal?.aborted) break;
    await sleep(0, signal).catch(() => undefined);
  }
  for (;;) {
    const some = await deps.store.write(async (tx) => {
      await forgetInquiries(tx, now);
      return tx.screenings.purge({
        noHitBefore: now - NO_HIT_MS,
        before: now - SCREENING_MS,
        nowMs: now,
        limit: SCREENINGS,
      });
    });
    if (some < SCREENINGS || signal?.aborted) break;
    await sleep(0, signal).catch(() => undefined);
  }
  for (const row of KINDS.values())
    for (const facet of row.facets) {
      if (facet.keepDays === undefined) continue;
      for (;;) {
        if (signal?.aborted) return { expired, facets };
        const before = now - facet.keepDays * DAY_MS;
        const some = await dropFacets(deps, row.code, facet.name, before);
        facets += some;
        if (some < BATCH) break;
        await sleep(0, signal).catch(() => undefined);
      }
    }
  return { expired, facets };
}

/** Questions to partners in private: they are few. That nobody decided one is a step like any other, and on record. */
async function forgetInquiries(tx: WriteTx, now: number): Promise<void> {
  const action = 'private-screening.lapsed';
  for (const subject of await tx.privateInquiries.forget(now))
    await tx.audit.append([{ at: now, actor: 'node', action, subject, detail: {} }]);
}

async function expireSome({ store }: RetentionDeps, now: number): Promise<number> {
  const due = await store.read((tx) => tx.records.lapsed(now, now - REVIEW_GRACE_MS, BATCH));
  if (due.length === 0) return 0;
  await store.write(async (tx) => {
    for (const { headerDigest } of due) {
      const record = await tx.records.byDigest(headerDigest);
      if (record === undefined || record.state === 'expired') continue;
      await tx.purges.purgeFacets(headerDigest);
      // A recall says more than a date: it stays.
      if (record.state !== 'recalled') await tx.records.setState(headerDigest, 'expired');
    }
    await tx.audit.append([
      {
        at: now,
        actor: 'node',
        action: 'records.expired',
        subject: 'retention',
        detail: { records: due.length },
      },
    ]);
  });
  return due.length;
}

async function dropFacets(
  { store, clock }: RetentionDeps,
  kind: string,
  facet: string,
  before: number,
): Promise<number> {
  const due = await store.read((tx) => tx.records.holdingFacet(kind, facet, before, BATCH));
  if (due.length === 0) return 0;
  await store.write(async (tx) => {
    for (const { headerDigest } of due) await tx.purges.purgeFacets(headerDigest, [facet]);
    await tx.audit.append([
      {
        at: clock.nowMs(),
        actor: 'node',
        action: 'facets.expired',
        subject: `${kind}/${facet}`,
        detail: { records: due.length },
      },
    ]);
  });
  return due.length;
}

/** Own records of a kind come up for review: before, and past the day. */
const REVIEW_DUE = 'REVIEW_DUE';
const REVIEW_OVERDUE = 'REVIEW_OVERDUE';
const REMIND_MS = 14 * DAY_MS;

/**
 * Reminds reviewers by an alarm a kind and day, so that a list of thousands is one alarm; cleared when none of that day is in
 * force unreviewed any more. How many are new.
 */
export async function remindReviewers({ store, clock }: RetentionDeps): Promise<number> {
  const now = clock.nowMs();
  const kinds = [...KINDS.values()].filter((row) => !row.control);
  return store.write(async (tx) => {
    const standing = new Set<string>();
    let raised = 0;
    for (const row of kinds) {
      // A kind that is reviewed every week is not reminded of a fortnight before.
      const ahead = Math.min(REMIND_MS, (row.retention.reviewEveryDays * DAY_MS) / 4);
      for (const { day, records, firstAt } of await tx.records.reviewsDue(row.code, now + ahead)) {
        const code = firstAt <= now ? REVIEW_OVERDUE : REVIEW_DUE;
        const subject = `${row.code}/${new Date(day * DAY_MS).toISOString().slice(0, 10)}`;
        standing.add(`${code} ${subject}`);
        const until = new Date(firstAt + REVIEW_GRACE_MS).toISOString().slice(0, 10);
        const what = `${records} ${row.code} of this node ${records === 1 ? 'is' : 'are'}`;
        const detail =
          code === REVIEW_DUE
            ? `${what} due for review by ${new Date(firstAt).toISOString()}; revise or recall them`
            : `${what} past review and shown as summaries only; from ${until} on they are deleted everywhere`;
        if (await tx.alarms.raise({ at: now, code, subject, detail })) raised += 1;
      }
    }
    for (const code of [REVIEW_DUE, REVIEW_OVERDUE]) {
      let cursor: string | undefined;
      do {
        const page = await tx.alarms.list({
          code,
          open: true,
          limit: 500,
          ...(cursor !== undefined && { cursor }),
        });
        for (const alarm of page.items)
          if (!standing.has(`${code} ${alarm.subject}`)) await tx.alarms.clear(code, alarm.subject, now);
        cursor = page.next;
      } while (cursor !== undefined);
    }
    return raised;
  });
}
