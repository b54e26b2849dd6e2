/** A question as it came, read and bounded: what of it is a name, and what a number. */

import { utf8 } from '../../base/bytes.ts';
import type { FieldFault } from '../../base/error.ts';
import {
  type ScreeningAbout,
  ScreeningQuery,
  ScreeningSubject,
} from '../../gen/tocsin/desk/v1/screening_service.ts';
import { formatPartialDate, isCalendarDate, sha256 } from '../../record/index.ts';
import type { About, Scheme } from '../identifiers/listed.ts';
import { guessSchemes } from '../identifiers/readings.ts';
import { isScheme } from '../identifiers/schemes.ts';
import type { NameQuery, SubjectType } from '../names/party.ts';
import { birthOf } from './entries.ts';

const NAME_LENGTH = 300;
const NUMBER_LENGTH = 64;
const ABOUT_LENGTH = 200;
const MOST_COUNTRIES = 10;
/** Below it any name meets some entry, and a list could be read by asking. */
const LOWEST_CUT = 50;
/** Longest text that is looked at as a number. */
const TEXT_NUMBER_LENGTH = 256;

export interface ReadQuery {
  /** As it came. */
  readonly query: ScreeningQuery;
  /** SHA-256, the same for questions that ask the same. */
  readonly key: Uint8Array;
  readonly name?: Pick<NameQuery, 'name' | 'subject' | 'born' | 'countries' | 'cut'>;
  readonly number?: { readonly value: string; readonly scheme?: Scheme; readonly about: About };
}

const SUBJECTS: Readonly<Record<number, SubjectType>> = {
  [ScreeningSubject.SCREENING_SUBJECT_PERSON]: 'person',
  [ScreeningSubject.SCREENING_SUBJECT_ORGANISATION]: 'organisation',
  [ScreeningSubject.SCREENING_SUBJECT_VESSEL]: 'vessel',
  [ScreeningSubject.SCREENING_SUBJECT_AIRCRAFT]: 'aircraft',
};

const fault = (path: string, code: string, message: string): FieldFault => ({ path, code, message });

/** The question, or the first thing that is wrong with it. */
export function readQuery(query: ScreeningQuery | undefined): ReadQuery | FieldFault {
  if (query === undefined) return fault('query', 'REQUIRED', 'expected a question, got none');
  const { text, name, identifier, about, born, countries, cut, subject } = query;
  const given = [text, name, identifier?.value ?? ''].filter((one) => one.trim() !== '');
  if (given.length !== 1)
    return fault('query', 'ONE_OF', `expected one of text, name and identifier, got ${given.length}`);
  if (text.length > NAME_LENGTH || name.length > NAME_LENGTH)
    return fault('query', 'TOO_LONG', `expected at most ${NAME_LENGTH} characters`);
  if (identifier !== undefined && identifier.value.length > NUMBER_LENGTH)
    return fault('query.identifier.value', 'TOO_LONG', `expected at most ${NUMBER_LENGTH} characters`);
  const scheme = identifier?.scheme ?? '';
  if (scheme !== '' && !isScheme(scheme))
    return fault('query.identifier.scheme', 'NOT_KNOWN', 'expected a scheme that GetScreeningStatus gives');
  const wrong = wrongAbout(about) ?? wrongCountries(countries);
  if (wrong !== undefined) return wrong;
  if (born !== undefined && (born.year < 1800 || !isCalendarDate(born)))
    return fault('query.born', 'FORM', 'expected a year, month or day that the calendar has');
  if (cut !== 0 && !(cut >= LOWEST_CUT && cut <= 100))
    return fault('query.cut', 'OUT_OF_RANGE', `expected 0, or ${LOWEST_CUT} to 100`);
  const kind = SUBJECTS[subject];
  const birth = birthOf(born);
  const asName = text.trim() || name.trim();
  const value = identifier?.value.trim() || text.trim();
  const isNumber =
    identifier !== undefined && identifier.value.trim() !== ''
      ? true
      : text.trim() !== '' && text.length <= TEXT_NUMBER_LENGTH && guessSchemes(text).length > 0;
  return {
    query,
    key: keyOf(query),
    ...(asName !== '' && {
      name: {
        name: asName,
        ...(kind && { subject: kind }),
        ...(birth && { born: birth }),
        ...(countries.length > 0 && { countries }),
        ...(cut > 0 && { cut }),
      },
    }),
    ...(isNumber && {
      number: { value, about: aboutOf(about), ...(isScheme(scheme) && { scheme }) },
    }),
  };
}

export const isFault = (read: ReadQuery | FieldFault): read is FieldFault => 'path' in read;

/** A question that was read before, from its bytes. Undefined where rules have changed since and it cannot be asked any more. */
export function rereadQuery(bytes: Uint8Array): ReadQuery | undefined {
  const read = readQuery(ScreeningQuery.decode(bytes));
  return isFault(read) ? undefined : read;
}

function wrongAbout(about: ScreeningAbout | undefined): FieldFault | undefined {
  if (about === undefined) return undefined;
  for (const [field, value] of Object.entries(about))
    if (typeof value === 'string' && value.length > ABOUT_LENGTH)
      return fault(`query.about.${field}`, 'TOO_LONG', `expected at most ${ABOUT_LENGTH} characters`);
  if (!(about.quantity >= 0)) return fault('query.about.quantity', 'OUT_OF_RANGE', 'expected 0 or more');
  return undefined;
}

function wrongCountries(countries: readonly string[]): FieldFault | undefined {
  if (countries.length > MOST_COUNTRIES)
    return fault('query.countries', 'TOO_MANY', `expected at most ${MOST_COUNTRIES}`);
  const wrong = countries.findIndex((code) => !/^[A-Z]{2}$/.test(code));
  return wrong < 0
    ? undefined
    : fault(`query.countries[${wrong}]`, 'FORM', 'expected two upper-case letters of ISO 3166-1');
}

/** What is stated; empty texts and 0 are not. */
export const aboutOf = (about: ScreeningAbout | undefined): About =>
  Object.fromEntries(
    Object.entries(about ?? {})
      .map(([field, value]) => [field, typeof value === 'string' ? value.trim() : value] as const)
      .filter(([, value]) => value !== '' && value !== 0),
  );

const folded = (text: string): string => text.normalize('NFKC').toLowerCase().replace(/\s+/g, ' ').trim();

function keyOf({ text, name, identifier, subject, born, countries, about }: ScreeningQuery): Uint8Array {
  return sha256(
    utf8(
      JSON.stringify([
        folded(text || name),
        identifier?.scheme ?? '',
        folded(identifier?.value ?? ''),
        subject,
        born === undefined ? '' : formatPartialDate(born),
        [...countries].sort(),
        Object.entries(aboutOf(about)).sort(([a], [b]) => (a < b ? -1 : 1)),
      ]),
    ),
  );
}
