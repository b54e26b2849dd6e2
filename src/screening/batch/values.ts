/** What cells say in words and figures of their writers: dates of birth, countries, what a party is. */
import type { BirthDate, SubjectType } from '../names/party.ts';
import { foldHeader } from './header-words.ts';

const LANGUAGES = ['en', 'fr', 'es', 'pt', 'ar'] as const;

/** Arabic, Persian and full-width digits as ASCII ones. */
export const plainDigits = (text: string): string =>
  text.normalize('NFKC').replaceAll(/[٠-٩۰-۹]/g, (digit) => String((digit.codePointAt(0) ?? 0) & 0xf));

/** Country codes by their names in five languages, as Unicode's CLDR has them. */
function countryNames(): ReadonlyMap<string, string> {
  const codes = new Map<string, string>();
  const letters = [...'ABCDEFGHIJKLMNOPQRSTUVWXYZ'];
  for (const language of LANGUAGES) {
    const names = new Intl.DisplayNames([language], { type: 'region', fallback: 'none' });
    for (const first of letters)
      for (const second of letters) {
        const code = first + second;
        const name = names.of(code);
        // EU, UN, ZZ and the like are no countries.
        if (name !== undefined && !/^(EU|EZ|UN|ZZ|QO|XA|XB)$/.test(code)) codes.set(foldHeader(name), code);
      }
  }
  return codes;
}

let namesOnce: ReadonlyMap<string, string> | undefined;

/** ISO 3166-1 alpha-2 of a code or of a name in one of five languages; user-assigned codes are taken as they are. */
export function parseCountry(text: string): string | undefined {
  const trimmed = text.trim();
  if (/^[A-Za-z]{2}$/.test(trimmed)) return trimmed.toUpperCase();
  if (trimmed === '' || trimmed.length > 80) return undefined;
  namesOnce ??= countryNames();
  return namesOnce.get(foldHeader(trimmed));
}

const SUBJECTS: readonly (readonly [Exclude<SubjectType, 'unknown'>, string])[] = [
  [
    'person',
    'person|individual|natural person|p|i|personne|personne physique|individu|persona|persona fisica|individuo|pessoa|pessoa fisica|شخص|فرد|شخص طبيعي',
  ],
  [
    'organisation',
    'organisation|organization|entity|company|legal person|firm|authority|o|e|c|organisme|societe|entreprise|personne morale|entite|organizacion|empresa|entidad|persona juridica|organizacao|entidade|pessoa juridica|منظمة|شركة|كيان|شخص اعتباري|مؤسسة',
  ],
  ['vessel', 'vessel|ship|v|navire|bateau|buque|barco|embarcacion|navio|embarcacao|سفينة|مركب'],
  ['aircraft', 'aircraft|plane|a|aeronef|avion|aeronave|aviao|طائرة'],
];
const SUBJECT_BY_WORD = new Map(
  SUBJECTS.flatMap(([subject, words]) =>
    words.split('|').map((word) => [foldHeader(word), subject] as const),
  ),
);

export const parseSubject = (text: string): Exclude<SubjectType, 'unknown'> | undefined =>
  SUBJECT_BY_WORD.get(foldHeader(text.slice(0, 80)));

/** Which of two numbers before the year is the day, as a whole column shows it. */
export type DayOrder = 'day-first' | 'month-first' | 'unknown';

const NUMERIC_DATE = /^(\d{1,2})[./\- ](\d{1,2})[./\- ](\d{4})$/;

/** 12/05/1979 can be either: what the column's other dates cannot be decides, and nothing else does. */
export function dayOrderOf(values: readonly string[]): DayOrder {
  let order: DayOrder = 'unknown';
  for (const value of values) {
    const [, first, second] = NUMERIC_DATE.exec(plainDigits(value).trim()) ?? [];
    const found = Number(first) > 12 ? 'day-first' : Number(second) > 12 ? 'month-first' : 'unknown';
    if (found === 'unknown') continue;
    if (order !== 'unknown' && order !== found) return 'unknown';
    order = found;
  }
  return order;
}

function checked(year: number, month: number, day: number, approximate: boolean): BirthDate | undefined {
  if (year < 1850 || year > 2200) return undefined;
  const about = approximate ? { approximate } : {};
  if (month === 0) return { year, ...about };
  if (month > 12 || day > 31) return undefined;
  return day === 0 ? { year, month, ...about } : { year, month, day, ...about };
}

/** A date as far as it is stated. Where one cannot tell day from month, only the year is taken: precision is never invented. */
export function parseBirthDate(text: string, order: DayOrder): BirthDate | undefined {
  const plain = plainDigits(text)
    .trim()
    .replace(/[ T]00:00:00.*$/, '');
  if (plain.length > 40) return undefined;
  const approximate = /^(c|ca|circa|about|approx|env|vers|hacia|aprox|cerca de|حوالي)\b|^حوالي|~/i.test(
    plain,
  );
  const bare = plain.replace(/^[^\d]*/, '');
  const iso = /^(\d{4})(?:[-/.](\d{1,2})(?:[-/.](\d{1,2}))?)?$/.exec(bare);
  if (iso !== null) return checked(Number(iso[1]), Number(iso[2] ?? 0), Number(iso[3] ?? 0), approximate);
  const compact = /^(\d{4})(\d{2})(\d{2})$/.exec(bare);
  if (compact !== null)
    return checked(Number(compact[1]), Number(compact[2]), Number(compact[3]), approximate);
  const numeric = NUMERIC_DATE.exec(bare);
  if (numeric !== null) {
    const [first, second, year] = [Number(numeric[1]), Number(numeric[2]), Number(numeric[3])];
    if (first === second) return checked(year, first, second, approximate);
    if (first > 12 || order === 'day-first') return checked(year, second, first, approximate);
    if (second > 12 || order === 'month-first') return checked(year, first, second, approximate);
    return checked(year, 0, 0, approximate);
  }
  const monthYear = /^(\d{1,2})[./-](\d{4})$/.exec(bare);
  if (monthYear !== null) return checked(Number(monthYear[2]), Number(monthYear[1]), 0, approximate);
  return undefined;
}
