/**
 * Which hotline reports may speak of the same matter: the same district within a day, and the same kind of matter, arms or conveyance.
 * A hint for the operator, who reads both; nothing is joined by it. Pure.
 */
import type { HotlineContent, HotlineSummary } from '../gen/tocsin/record/v1/hotline_report.ts';

/** What is compared of one report. */
export interface ComparedReport {
  readonly id: string;
  readonly summary: HotlineSummary;
  readonly content: HotlineContent | undefined;
}

const DAY_MS = 86_400_000n;
const MOST_SIMILAR = 20;

/** Arms and conveyances as words that either report may share. */
const tracesOf = (content: HotlineContent | undefined): ReadonlySet<string> =>
  new Set([
    ...(content?.weapons ?? [])
      .filter(({ category }) => category > 0)
      .map(({ category }) => `arm ${category}`),
    ...(content?.vehicles ?? []).flatMap(({ type }) =>
      type === '' ? [] : [`vehicle ${type.toLowerCase()}`],
    ),
    ...((content?.vessels ?? []).length > 0 ? ['vessel'] : []),
    ...((content?.aircraft ?? []).length > 0 ? ['aircraft'] : []),
  ]);

const isNear = (a: HotlineSummary, b: HotlineSummary): boolean => {
  const apart = a.receivedAt > b.receivedAt ? a.receivedAt - b.receivedAt : b.receivedAt - a.receivedAt;
  const sameDistrict = a.subdivision === b.subdivision || a.subdivision === '' || b.subdivision === '';
  return a.country === b.country && sameDistrict && apart <= DAY_MS;
};

/** By the id of a report, the ids of those alike, at most 20, in the order given. */
export function similarReports(reports: readonly ComparedReport[]): ReadonlyMap<string, readonly string[]> {
  const traces = new Map(reports.map(({ id, content }) => [id, tracesOf(content)]));
  const shares = (a: string, b: string) => [...(traces.get(a) ?? [])].some((one) => traces.get(b)?.has(one));
  return new Map(
    reports.map((one) => [
      one.id,
      reports
        .filter(
          (other) =>
            other.id !== one.id &&
            isNear(one.summary, other.summary) &&
            (one.summary.category === other.summary.category || shares(one.id, other.id)),
        )
        .slice(0, MOST_SIMILAR)
        .map(({ id }) => id),
    ]),
  );
}
