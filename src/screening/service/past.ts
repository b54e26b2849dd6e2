/** What was asked before: read by the desk group that asked and by auditors, decided upon, taken note of. */
import {
  ScreenedAgainst,
  type ScreeningAlert,
  type ScreeningAlertType,
  ScreeningBand,
  ScreeningHit,
  type ScreeningOutcome,
  ScreeningQuery,
  type ScreeningSummary,
  ScreeningVerdict,
} from '../../gen/tocsin/desk/v1/screening_service.ts';
import type { DeskGroup, Purpose } from '../../gen/tocsin/record/v1/marking.ts';
import type { Page, ReadTx, ScreeningQueryRows, StoredHit, StoredScreening } from '../../store/index.ts';
import type { Audited, ScreeningDeps } from './context.ts';
import { shownHits } from './shown-hits.ts';
import type { Searcher } from './viewer.ts';

type Deps = Pick<ScreeningDeps, 'store' | 'clock'>;

/** Whose screenings: one desk group's, or everybody's in that world. */
export interface Whose {
  readonly deskGroup?: DeskGroup;
  readonly exercise: boolean;
}

const summaryOf = (one: StoredScreening, openHits: number): ScreeningSummary => ({
  screeningId: one.id,
  at: BigInt(one.at),
  officer: one.officer,
  deskGroup: one.deskGroup as DeskGroup,
  purpose: one.purpose as Purpose,
  query: ScreeningQuery.decode(one.query),
  reference: one.reference,
  outcome: one.outcome as ScreeningOutcome,
  hits: one.hits,
  openHits,
  batchId: one.batch ?? '',
  keptUntil: BigInt(one.keptUntil ?? 0),
});

/** A hit as it was told; of one that is withdrawn or whose facet was purged, nothing of the entry but its digest. */
export function storedHitMessage(hit: StoredHit): ScreeningHit {
  const told = hit.told.length === 0 ? undefined : ScreeningHit.decode(hit.told);
  return ScreeningHit.fromPartial({
    ...(told ?? { band: ScreeningBand.SCREENING_BAND_UNSPECIFIED }),
    number: hit.number,
    headerDigest: Buffer.from(hit.headerDigest),
    originator: hit.originator,
    recordId: Buffer.from(hit.recordId),
    facet: hit.facet,
    withdrawnAt: BigInt(hit.withdrawnAt ?? 0),
    ...(hit.verdict > 0 && {
      decision: {
        verdict: hit.verdict as ScreeningVerdict,
        reason: hit.reason ?? '',
        officer: hit.decidedBy ?? '',
        at: BigInt(hit.decidedAt ?? 0),
      },
    }),
  });
}

async function summaries(tx: ReadTx, screenings: readonly StoredScreening[]): Promise<ScreeningSummary[]> {
  const open = await tx.screenings.openHits(screenings.map(({ number }) => number));
  return screenings.map((one) => summaryOf(one, open.get(one.number) ?? 0));
}

const isFor = (
  { deskGroup, exercise }: Whose,
  one: Pick<StoredScreening, 'deskGroup' | 'exercise'>,
): boolean => one.exercise === exercise && (deskGroup === undefined || one.deskGroup === deskGroup);

export function listScreenings({ store }: Deps, query: ScreeningQueryRows): Promise<Page<ScreeningSummary>> {
  return store.read(async (tx) => {
    const { items, next } = await tx.screenings.list(query);
    return { items: await summaries(tx, items), ...(next !== undefined && { next }) };
  });
}

export interface PastScreening {
  readonly screening: ScreeningSummary;
  readonly hits: readonly ScreeningHit[];
  readonly against: ScreenedAgainst;
}

/** Undefined where there is none, or it is another's. */
export function getScreening(
  deps: ScreeningDeps,
  whose: Whose,
  searcher: Searcher | undefined,
  id: string,
): Promise<PastScreening | undefined> {
  return deps.store.read(async (tx) => {
    const one = await tx.screenings.byId(id);
    if (one === undefined || !isFor(whose, one)) return undefined;
    const [screening] = await summaries(tx, [one]);
    const lists = await tx.screenings.lists(one.lists);
    if (screening === undefined) return undefined;
    return {
      screening,
      hits: (await shownHits(tx, deps, searcher, await tx.screenings.hitsOf(one.number))).map(
        storedHitMessage,
      ),
      against: { ...ScreenedAgainst.decode(lists ?? new Uint8Array()), at: BigInt(one.at) },
    };
  });
}

export interface Decide {
  readonly whose: Whose;
  readonly screeningId: string;
  readonly hit: number;
  readonly verdict: ScreeningVerdict;
  readonly reason: string;
  /** Identity of the officer. */
  readonly officer: string;
  readonly audited: Audited;
}

/** What is kept; undefined where there is no such hit, or it is another desk group's. */
export function decideHit({ store, clock }: Deps, { whose, ...asked }: Decide) {
  return store.write(async (tx) => {
    const one = await tx.screenings.byId(asked.screeningId);
    if (one === undefined || !isFor(whose, one)) return undefined;
    const hit = (await tx.screenings.hitsOf(one.number)).find(({ number }) => number === asked.hit);
    if (hit === undefined) return undefined;
    const at = clock.nowMs();
    const { verdict, reason, officer } = asked;
    await tx.screenings.decide(one.number, hit.number, {
      verdict,
      reason,
      decidedBy: officer,
      decidedAt: at,
    });
    const pair = {
      deskGroup: one.deskGroup,
      exercise: one.exercise,
      queryKey: one.queryKey,
      recordId: hit.recordId,
      facet: hit.facet,
    };
    if (verdict === ScreeningVerdict.SCREENING_VERDICT_FALSE)
      await tx.screenings.setFalsePositive({ ...pair, facetDigest: hit.facetDigest, at, officer });
    else await tx.screenings.clearFalsePositive(pair);
    await tx.audit.append([
      asked.audited('screening.decided', one.id, { hit: hit.number, verdict: VERDICT_WORDS[verdict] ?? '' }),
    ]);
    return { verdict, reason, officer, at: BigInt(at) };
  });
}

const VERDICT_WORDS: Readonly<Partial<Record<ScreeningVerdict, string>>> = {
  [ScreeningVerdict.SCREENING_VERDICT_TRUE]: 'true',
  [ScreeningVerdict.SCREENING_VERDICT_FALSE]: 'false',
  [ScreeningVerdict.SCREENING_VERDICT_UNKNOWN]: 'unknown',
};

export function listAlerts(
  deps: ScreeningDeps,
  searcher: Searcher,
  query: Parameters<ReadTx['screenings']['alerts']>[0],
): Promise<Page<ScreeningAlert>> {
  return deps.store.read(async (tx) => {
    const { items, next } = await tx.screenings.alerts(query);
    const screenings = await tx.screenings.byNumbers([...new Set(items.map(({ screening }) => screening))]);
    const summed = new Map((await summaries(tx, screenings)).map((one) => [one.screeningId, one]));
    const idOf = new Map(screenings.map(({ number, id }) => [number, id]));
    const alerts: ScreeningAlert[] = [];
    for (const one of items) {
      const of = (await tx.screenings.hitsOf(one.screening)).filter(({ number }) => number === one.hit);
      const [hit] = await shownHits(tx, deps, searcher, of);
      alerts.push({
        alertId: one.id,
        at: BigInt(one.at),
        type: one.type as ScreeningAlertType,
        screening: summed.get(idOf.get(one.screening) ?? ''),
        hit: hit && storedHitMessage(hit),
        acknowledgedBy: one.acknowledgedBy ?? '',
        acknowledgedAt: BigInt(one.acknowledgedAt ?? 0),
      });
    }
    return { items: alerts, ...(next !== undefined && { next }) };
  });
}

/** False where there is no such alert for the desk group. Harmless twice. */
export function acknowledgeAlert(
  { store, clock }: Deps,
  whose: Whose,
  id: string,
  officer: string,
  audited: Audited,
): Promise<boolean> {
  return store.write(async (tx) => {
    const alert = await tx.screenings.alert(id);
    if (alert === undefined || !isFor(whose, alert)) return false;
    if (await tx.screenings.acknowledge(id, officer, clock.nowMs()))
      await tx.audit.append([audited('screening.alert-noted', id, {})]);
    return true;
  });
}
