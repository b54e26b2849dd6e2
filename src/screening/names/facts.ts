/** Birth date and country of a query against those of an entry: points for and against, and what was not stated. */
import type { BirthDate, NameQuery, NotCompared } from './party.ts';
import { bornOf, countryFact, isCountry } from './segment-draft.ts';

/** Most that facts add to a score. */
export const MOST_FACTS = 8;

const SAME_DAY = 6;
const SAME_MONTH = 4;
const SAME_YEAR = 3;
/** A year apart, or day and month turned round, as papers and hearsay have it. */
const NEAR = 0;
const ANOTHER_YEAR = -12;
const FAR = -25;
const SAME_COUNTRY = 2;
const ANOTHER_COUNTRY = -4;

function bornPoints(asked: BirthDate, listed: BirthDate): number {
  const years = Math.abs(asked.year - listed.year);
  const loose = asked.approximate === true || listed.approximate === true;
  if (years > 0) {
    if (years === 1 || (loose && years <= 3)) return NEAR;
    return years <= 5 || (loose && years <= 8) ? ANOTHER_YEAR : FAR;
  }
  if (asked.month === undefined || listed.month === undefined) return SAME_YEAR;
  const turned = asked.day === listed.month && asked.month === listed.day;
  if (asked.month !== listed.month) return turned ? SAME_YEAR : NEAR;
  if (asked.day === undefined || listed.day === undefined) return SAME_MONTH;
  return asked.day === listed.day ? SAME_DAY : NEAR;
}

export interface FactPoints {
  readonly born?: { readonly points: number; readonly asked: BirthDate; readonly listed: BirthDate };
  readonly country?: { readonly points: number; readonly asked: string; readonly listed: string };
  readonly points: number;
}

const codeOf = (fact: number): string => String.fromCharCode((fact >>> 8) & 0x7f, fact & 0x7f);

/** The entry's best date and country count: lists state what was ever reported. */
export function factPoints(query: NameQuery, facts: Uint32Array): FactPoints {
  if (query.born === undefined && query.countries === undefined) return { points: 0 };
  let born: FactPoints['born'];
  let country: FactPoints['country'];
  const countries = (query.countries ?? []).map((code) => ({ code, fact: countryFact(code) }));
  for (const fact of facts) {
    if (isCountry(fact)) {
      for (const { code, fact: asked } of countries) {
        const points = asked === fact ? SAME_COUNTRY : ANOTHER_COUNTRY;
        if (country === undefined || points > country.points)
          country = { points, asked: code, listed: codeOf(fact) };
      }
    } else if (query.born !== undefined) {
      const listed = bornOf(fact);
      const points = bornPoints(query.born, listed);
      if (born === undefined || points > born.points) born = { points, asked: query.born, listed };
    }
  }
  return {
    ...(born && { born }),
    ...(country && { country }),
    points: (born?.points ?? 0) + (country?.points ?? 0),
  };
}

export function notCompared(query: NameQuery, facts: Uint32Array): readonly NotCompared[] {
  let hasBorn = false;
  let hasCountry = false;
  for (const fact of facts)
    if (isCountry(fact)) hasCountry = true;
    else hasBorn = true;
  const missing = (what: NotCompared['what'], asked: boolean, listed: boolean): NotCompared[] =>
    asked && listed ? [] : [{ what, missingIn: asked ? 'entry' : listed ? 'query' : 'both' }];
  return [
    ...missing('born', query.born !== undefined, hasBorn),
    ...missing('country', (query.countries ?? []).length > 0, hasCountry),
  ];
}
