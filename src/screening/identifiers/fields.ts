/** What is known beside two numbers, compared field by field. Never a ground by itself: it lifts or lowers what the numbers say. */
import type { About, AboutField, Finding, ReasonLine } from './listed.ts';

export interface Comparison {
  readonly lines: readonly ReasonLine[];
  readonly notCompared: readonly AboutField[];
  readonly findings: Readonly<Partial<Record<AboutField, Finding>>>;
}

type Compare = (query: string, listed: string) => Finding;

const fold = (text: string): string => text.normalize('NFKD').replace(/\p{M}/gu, '').toUpperCase();

const codes: Compare = (query, listed) => (fold(query).trim() === fold(listed).trim() ? 'agrees' : 'differs');

const wordsOf = (text: string): readonly string[] => fold(text).match(/[\p{L}\p{N}]+/gu) ?? [];

const scriptOf = (words: readonly string[]): boolean => words.some((word) => /\p{Script=Latin}/u.test(word));

/** Names of makers, models and offices: the words of the shorter are words of the longer, in whatever order. */
const words: Compare = (query, listed) => {
  const one = wordsOf(query);
  const other = wordsOf(listed);
  if (one.length === 0 || other.length === 0) return 'undecided';
  if (one.join('') === other.join('')) return 'agrees';
  const [few, many] = one.length <= other.length ? [one, other] : [other, one];
  if (few.every((word) => many.includes(word))) return few.join('').length > 2 ? 'agrees' : 'undecided';
  return scriptOf(one) === scriptOf(other) ? 'differs' : 'undecided';
};

/** Trade names of cartridges that are also written by their measures. */
const CARTRIDGES: Readonly<Record<string, string>> = {
  '9PARABELLUM': '9X19',
  '9PARA': '9X19',
  '9LUGER': '9X19',
  '9NATO': '9X19',
  '9MAKAROV': '9X18',
  '9KURZ': '9X17',
  '9SHORT': '9X17',
  '380ACP': '9X17',
  '32ACP': '7.65X17',
  '7.65BROWNING': '7.65X17',
  '7.62TOKAREV': '7.62X25',
  '45ACP': '11.43X23',
  '7.62NATO': '7.62X51',
  '5.56NATO': '5.56X45',
  '50BMG': '12.7X99',
};

/** As `7.62X39`: comma, sign of multiplication, unit and spaces made alike. */
function calibreKey(text: string): string {
  const key = fold(text)
    .replaceAll(',', '.')
    .replace(/[×Х*]/g, 'X')
    .replace(/(?<![A-Z])MM\b|MM(?=X|$)/g, '')
    .replace(/[\s-]+/g, '')
    .replace(/^\.(?=\d)/, '')
    .replace(/(?<=X\d+)\.0+(?=\D|$)/, '');
  return CARTRIDGES[key] ?? key;
}

/** A bore without the length of its case leaves open which cartridge it is. */
const calibres: Compare = (query, listed) => {
  const one = calibreKey(query);
  const other = calibreKey(listed);
  if (one === other) return 'agrees';
  const [short, long] = one.length < other.length ? [one, other] : [other, one];
  return long.startsWith(`${short}X`) || long === `${short}R` ? 'undecided' : 'differs';
};

/** The less precise of two dates may be the other. */
const dates: Compare = (query, listed) => {
  if (query === listed) return 'agrees';
  if (/circa/i.test(query + listed)) return 'undecided';
  return query.startsWith(`${listed}-`) || listed.startsWith(`${query}-`) ? 'undecided' : 'differs';
};

const COMPARE: Readonly<Record<AboutField, Compare>> = {
  maker: words,
  model: words,
  calibre: calibres,
  country: codes,
  year: codes,
  flag: codes,
  name: words,
  issuer: words,
  issued: dates,
  expires: dates,
  quantity: codes,
  signatory: words,
};

const stated = (about: About, field: AboutField): string => {
  const value = about[field];
  return value === undefined ? '' : String(value).trim();
};

/** Compares the fields that count for a scheme. */
export function compareFields(fields: readonly AboutField[], query: About, listed: About): Comparison {
  const lines: ReasonLine[] = [];
  const notCompared: AboutField[] = [];
  const findings: Partial<Record<AboutField, Finding>> = {};
  for (const field of fields) {
    const asked = stated(query, field);
    const known = stated(listed, field);
    if (asked === '' || known === '') {
      notCompared.push(field);
      continue;
    }
    const finding = COMPARE[field](asked, known);
    findings[field] = finding;
    lines.push({ about: field, finding, query: asked, listed: known });
  }
  return { lines, notCompared, findings };
}
