/** Names, dates and documents of the UN list, as fields of parties. Nothing is guessed: what does not fit is noted. */
import type { XmlElement } from './xml.ts';

/** First text of a child, with white space folded; empty where there is none. */
export const textIn = (element: XmlElement, name: string): string =>
  folded(element.children.get(name)?.[0]?.text ?? '');

/** Texts of `VALUE` below a child, as `NATIONALITY` and `DESIGNATION` have them; empty ones left out. */
export const valuesIn = (element: XmlElement, name: string): readonly string[] =>
  childrenIn(element, name)
    .flatMap((child) => child.children.get('VALUE') ?? [])
    .map(({ text }) => folded(text))
    .filter((text) => text !== '');

export const childrenIn = (element: XmlElement, name: string): readonly XmlElement[] =>
  element.children.get(name) ?? [];

/** Controls and direction marks hide things in terminals; lists have them by accident. */
const HIDDEN = /[\u0000-\u001f\u007f\u200b\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]+/g;

export const folded = (text: string): string => text.replace(HIDDEN, ' ').replace(/\s+/g, ' ').trim();

/** The non-empty texts of some children, joined. */
export const joinedIn = (element: XmlElement, names: readonly string[], separator: string): string =>
  names
    .map((name) => textIn(element, name))
    .filter((text) => text !== '')
    .join(separator);

export const PERSON_NAME_PARTS = ['FIRST_NAME', 'SECOND_NAME', 'THIRD_NAME', 'FOURTH_NAME'] as const;
export const PLACE_PARTS = ['STREET', 'CITY', 'STATE_PROVINCE', 'COUNTRY'] as const;

/** A date with its precision, as ProtoJSON of PartialDate. */
export interface DateJson {
  readonly year: number;
  readonly month?: number;
  readonly day?: number;
  readonly approximate?: boolean;
}

/** `2001-10-06`, or longer with a time; undefined for anything else. */
export function dateJson(text: string): DateJson | undefined {
  const [, year, month, day] = /^(\d{4})-(\d{2})-(\d{2})(?:T.*|[+-]\d\d:\d\d|Z)?$/.exec(text) ?? [];
  if (year === undefined || month === undefined || day === undefined) return undefined;
  return { year: Number(year), month: Number(month), day: Number(day) };
}

const yearOf = (text: string): number | undefined => (/^\d{4}$/.test(text) ? Number(text) : undefined);

/** One date of birth: a day, a year, or a span of years, which is kept as its middle, approximate, and in the words. */
export function birthOf(element: XmlElement): { readonly date?: DateJson; readonly words: string } {
  const type = textIn(element, 'TYPE_OF_DATE').toUpperCase();
  const approximate = type === 'APPROXIMATELY' || /approx/i.test(textIn(element, 'NOTE'));
  const words = joinedIn(element, ['TYPE_OF_DATE', 'DATE', 'YEAR', 'FROM_YEAR', 'TO_YEAR', 'NOTE'], ' ');
  const exact = dateJson(textIn(element, 'DATE'));
  if (exact) return { date: { ...exact, ...(approximate && { approximate }) }, words };
  const year = yearOf(textIn(element, 'YEAR'));
  if (year !== undefined) return { date: { year, ...(approximate && { approximate }) }, words };
  const from = yearOf(textIn(element, 'FROM_YEAR'));
  const to = yearOf(textIn(element, 'TO_YEAR'));
  if (from !== undefined && to !== undefined && from <= to)
    return { date: { year: Math.floor((from + to) / 2), approximate: true }, words };
  return { words: type === words ? '' : words };
}

export type DocumentType = 'passport' | 'identity-card';

/** Type of a document by the list's words, in its languages; undefined for others. */
export function documentType(words: string): DocumentType | undefined {
  if (/passe?port|pasaporte/i.test(words)) return 'passport';
  if (/national identification|identity card|identification card/i.test(words)) return 'identity-card';
  return undefined;
}
