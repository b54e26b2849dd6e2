/** Fields that parties of all lists share: names once, countries by code, as many of each as a facet holds. */
import { judgeCountry } from '../record/index.ts';
import { countryCode } from './countries.ts';
import type { Notes } from './notes.ts';

/** Names kept of one party: more would burst a facet, and no entry of a list comes near. */
const MAX_NAMES = 200;
/** Addresses, documents and numbers of one party, of each. */
const MAX_DETAILS = 100;

export interface NameJson {
  readonly text: string;
  readonly type: string;
}

export function distinctNames(names: readonly NameJson[], notes: Notes): readonly NameJson[] {
  const seen = new Set<string>();
  const kept = names.filter(({ text }) => text !== '' && !seen.has(text) && seen.add(text));
  if (kept.length > MAX_NAMES)
    notes.unfit('names', 'TOO_MANY', `expected at most ${MAX_NAMES} names, the rest is left out`, '');
  return kept.slice(0, MAX_NAMES);
}

/** As many details as are kept; the rest goes into the notes as its words. */
export function boundedDetails<Detail>(
  details: readonly Detail[],
  path: string,
  notes: Notes,
  wordsOf: (detail: Detail) => string,
): readonly Detail[] {
  const rest = details.slice(MAX_DETAILS);
  if (rest.length > 0)
    notes.unfit(
      path,
      'TOO_MANY',
      `expected at most ${MAX_DETAILS}, the rest is kept in the notes`,
      rest.map(wordsOf).join(' | '),
    );
  return details.slice(0, MAX_DETAILS);
}

/** ISO 3166-1 alpha-2 of a code or an English name; undefined where neither is one present country. */
export function countryOf(text: string): string | undefined {
  const code = text.trim().toUpperCase();
  if (/^[A-Z]{2}$/.test(code)) return judgeCountry(code).ok ? code : undefined;
  return countryCode(text);
}

export function countriesOf(names: readonly string[], path: string, notes: Notes): readonly string[] {
  const codes = new Set<string>();
  for (const name of names) {
    const code = countryOf(name);
    if (code !== undefined) codes.add(code);
    else notes.unfit(path, 'COUNTRY_NAME', 'expected the name of one present country', name);
  }
  return [...codes];
}
