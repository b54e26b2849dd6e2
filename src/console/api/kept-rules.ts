/**
 * What of the desk's answers a device may keep for reading without a link, and for how long. Pure.
 *
 * Lists and facets of the classes S, O and M are kept. Never kept are facets of class P (persons), X (sources), N (internal notes)
 * and A (files), whatever was opened in an emergency, drafts of others, searches in the audit, and everything of administration.
 */
import type { ResponseOf, Verb } from '../../desk/http/contract.ts';

const KEPT_CLASSES: readonly string[] = ['S', 'O', 'M'];

/** Answers at most, the newest; more than a desk reads in a day. */
export const MOST_KEPT = 200;
/** Characters of one answer as JSON: a list of a hundred records has a quarter of it. */
const MOST_CHARACTERS = 1_000_000;
/** No kept answer is older: recalls that came since are not known to the device. */
export const KEPT_MS = 12 * 3_600_000;

type Rule<Name extends Verb> = (answer: ResponseOf<Name>) => {
  readonly answer: ResponseOf<Name>;
  /** Names of facets that were shown and are not kept. */
  readonly left: readonly string[];
};

const whole = <Answer>(answer: Answer) => ({ answer, left: [] });

/** Bytes and salts go too: nothing is proved out of what a device kept. */
const withoutPeople: Rule<'RecordService/GetRecord'> = (answer) => {
  const may = answer.facets.filter(
    ({ facetClass, openUntil }) => KEPT_CLASSES.includes(facetClass) && openUntil === '0',
  );
  return {
    answer: { ...answer, facets: may.map((facet) => ({ ...facet, body: '', salt: '' })) },
    left: answer.facets.flatMap((facet) => (may.includes(facet) ? [] : [facet.facet])),
  };
};

const RULES = {
  'BoardService/ListBoard': whole,
  'BoardService/ListDuties': whole,
  'RecordService/GetRecord': withoutPeople,
  'RecordService/ListDrafts': whole,
  'NetworkService/GetRoster': whole,
  'NetworkService/ListLinks': whole,
  'NetworkService/GetNodeStatus': whole,
  'LogService/GetLog': whole,
} satisfies { readonly [Name in Verb]?: Rule<Name> };

export type KeptVerb = keyof typeof RULES;

/** The part of an answer that a device may keep. */
export const keepable = <Name extends KeptVerb>(verb: Name, answer: ResponseOf<Name>) =>
  (RULES[verb] as unknown as Rule<Name>)(answer);

export const fits = (json: string): boolean => json.length <= MOST_CHARACTERS;

interface Dated {
  readonly id: string;
  /** Milliseconds UTC. */
  readonly at: number;
}

/** Rows that have to go: too old, of a clock that was ahead, or beyond the number. */
export const excess = (rows: readonly Dated[], nowMs: number): readonly string[] => {
  const isCurrent = ({ at }: Dated) => at <= nowMs && nowMs - at < KEPT_MS;
  const current = rows.filter(isCurrent).sort((a, b) => b.at - a.at);
  return [...rows.filter((row) => !isCurrent(row)), ...current.slice(MOST_KEPT)].map(({ id }) => id);
};
