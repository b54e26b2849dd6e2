/** Pairs of names that people judged: how well a cut of our score, or of another's, parts matches from others. */
import { NameIndex } from '../../../src/screening/names/name-index.ts';
import type { ListedParty, SubjectType } from '../../../src/screening/names/party.ts';
import { cellOf, readTable } from './data.ts';
import { hashOf } from './random.ts';

export interface JudgedPair {
  readonly query: string;
  readonly candidate: string;
  readonly isMatch: boolean;
  readonly evidence: string;
  readonly score: number;
  /** What the matcher of OpenSanctions gave, 0 to 100. */
  readonly theirs?: number;
}

export interface Fit {
  readonly precision: number;
  readonly recall: number;
  readonly f1: number;
}

const SUBJECTS: Readonly<Record<string, SubjectType>> = {
  Person: 'person',
  Company: 'organisation',
  Organization: 'organisation',
  Vessel: 'vessel',
};
export const subjectOf = (schema: string): SubjectType => SUBJECTS[schema] ?? 'unknown';

/**
 * An index of listed parties and candidates in which each candidate is alone in its policy class: a score is asked of one
 * candidate, with words weighed as a list weighs them.
 */
export function candidateIndex(
  listed: readonly ListedParty[],
  candidates: readonly Omit<ListedParty, 'id' | 'policyClass'>[],
): NameIndex {
  const index = new NameIndex();
  index.add([
    ...listed,
    ...candidates.map((party, at): ListedParty => ({ ...party, id: `candidate:${at}`, policyClass: at + 1 })),
  ]);
  return index;
}

export function judgedNamePairs(folder: string, listed: readonly ListedParty[]): readonly JudgedPair[] {
  const rows = readTable(folder, 'judged-name-pairs');
  const keyOf = (row: (typeof rows)[number]): string => `${row.schema}|${row.candidate}`;
  const keys = [...new Set(rows.map(keyOf))];
  const index = candidateIndex(
    listed,
    keys.map((key) => {
      const at = key.indexOf('|');
      return {
        subject: subjectOf(key.slice(0, at)),
        names: [{ text: key.slice(at + 1), kind: 'primary' }],
      };
    }),
  );
  const placeOf = new Map(keys.map((key, at) => [key, at + 1]));
  return rows.map((row): JudgedPair => {
    const query = cellOf(row, 'query');
    const classes = new Set([placeOf.get(keyOf(row)) ?? 0]);
    const answer = index.search({
      name: query,
      subject: subjectOf(cellOf(row, 'schema')),
      cut: 0,
      limit: 1,
      classes,
    });
    const theirs = cellOf(row, 'logic_v2_score');
    return {
      query,
      candidate: cellOf(row, 'candidate'),
      isMatch: row.is_match === 'true',
      evidence: cellOf(row, 'evidence'),
      score: answer.hits[0]?.score ?? 0,
      ...(theirs !== '' && { theirs: 100 * Number(theirs) }),
    };
  });
}

type Scored = Pick<JudgedPair, 'candidate' | 'isMatch' | 'score'>;

export function fitAt(pairs: readonly Scored[], cut: number): Fit {
  const said = pairs.filter(({ score }) => score >= cut);
  const right = said.filter(({ isMatch }) => isMatch).length;
  const matches = pairs.filter(({ isMatch }) => isMatch).length;
  const precision = said.length === 0 ? 0 : right / said.length;
  const recall = matches === 0 ? 0 : right / matches;
  return { precision, recall, f1: right === 0 ? 0 : (2 * precision * recall) / (precision + recall) };
}

/** The cut with the highest F1, in steps of a half. */
export function bestCut(pairs: readonly Scored[]): number {
  const cuts = Array.from({ length: 201 }, (_, at) => at / 2);
  return cuts.reduce((best, cut) => (fitAt(pairs, cut).f1 > fitAt(pairs, best).f1 ? cut : best), 0);
}

export interface CrossFit {
  readonly cuts: readonly [number, number];
  /** Over all pairs, each judged by the cut of the half that it is not in. */
  readonly fit: Fit;
}

/** Chooses the cut on each half, split by candidate, and judges the other with it. */
export function crossFit(pairs: readonly Scored[]): CrossFit {
  const isSecond = ({ candidate }: Scored): boolean => hashOf(`half|${candidate}`) % 2 === 1;
  const cuts = [bestCut(pairs.filter((pair) => !isSecond(pair))), bestCut(pairs.filter(isSecond))] as const;
  // A pair at or above the other half's cut counts as 1, so that one cut judges both halves.
  const said = pairs.map((pair) => ({ ...pair, score: pair.score >= cuts[isSecond(pair) ? 0 : 1] ? 1 : 0 }));
  return { cuts, fit: fitAt(said, 1) };
}

/** Mean score by judgement and strength of evidence. */
export function meansOf(
  pairs: readonly JudgedPair[],
): readonly { readonly group: string; readonly mean: number; readonly of: number }[] {
  return [true, false].flatMap((isMatch) =>
    ['STRONG', 'MEDIUM', 'WEAK'].map((evidence) => {
      const scores = pairs
        .filter((pair) => pair.isMatch === isMatch && pair.evidence === evidence)
        .map(({ score }) => score);
      return {
        group: `${evidence} ${isMatch ? 'match' : 'non-match'}`,
        mean: scores.reduce((sum, score) => sum + score, 0) / scores.length,
        of: scores.length,
      };
    }),
  );
}

/** Strong cases on the wrong side of a cut. */
export const strongErrors = (pairs: readonly JudgedPair[], cut: number): readonly JudgedPair[] =>
  pairs.filter(({ evidence, isMatch, score }) => evidence === 'STRONG' && isMatch !== score >= cut);

/** Pairs that were judged with what else is known of the parties; here names are compared. */
export function judgedEntityPairs(folder: string, listed: readonly ListedParty[]): readonly JudgedPair[] {
  const pairs = readTable(folder, 'judged-entity-pairs').map((row) => ({
    isMatch: row.is_match === 'true',
    subject: subjectOf(cellOf(row, 'schema')),
    query: nameIn(cellOf(row, 'query_json')),
    candidate: nameIn(cellOf(row, 'candidate_json')),
  }));
  const index = candidateIndex(
    listed,
    pairs.map(({ subject, candidate }) => ({ subject, names: [{ text: candidate, kind: 'primary' }] })),
  );
  return pairs.map(({ isMatch, subject, query, candidate }, at) => {
    const { hits } = index.search({ name: query, subject, cut: 0, limit: 1, classes: new Set([at + 1]) });
    return { query, candidate, isMatch, evidence: '', score: hits[0]?.score ?? 0 };
  });
}

function nameIn(json: string): string {
  const entity = JSON.parse(json) as Readonly<Record<string, string | undefined>>;
  return (
    entity.name ??
    [entity.firstName, entity.middleName, entity.lastName].filter((part) => part !== undefined).join(' ')
  );
}
