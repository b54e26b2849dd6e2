/** Checks that many kinds share: each reports into the view under the path given. */
import type { PartialDate, Period } from '../../gen/tocsin/record/v1/date.ts';
import type { RecordRef } from '../../gen/tocsin/record/v1/reference.ts';
import { judgeCountry, judgeSubdivision } from '../identifiers/country.ts';
import { isCalendarDate, rangeOfDate } from '../identifiers/date.ts';
import type { ContentView } from '../kind-row.ts';
import { isFacetName } from '../marking.ts';
import { isNodeId } from '../signed.ts';

const DIGEST_BYTES = 32;
const RECORD_ID_BYTES = 16;
const DAY_MS = 86_400_000;
/** Dates carry no zone: 'today' in the easternmost one begins 14 hours before it does in UTC. */
const ZONE_MS = 14 * 3_600_000;
const EARLIEST_BIRTH = 1900;
const LANGUAGE = /^[a-z]{2,3}(-[A-Z][a-z]{3})?(-([A-Z]{2}|[0-9]{3}))?$/;

export function expectFacet(view: ContentView, name: string, present: boolean): void {
  if (!present) view.fault(`facets.${name}`, 'REQUIRED', 'expected this facet to say something, got nothing');
}

/** An enum that must be chosen. */
export function expectChoice(view: ContentView, path: string, value: number): void {
  if (value === 0) view.fault(path, 'REQUIRED', 'expected a choice, got none');
}

export function expectSome(view: ContentView, path: string, values: { readonly length: number }): void {
  if (values.length === 0) view.fault(path, 'REQUIRED', 'expected a value, got none');
}

export function expectDistinctChoices(view: ContentView, path: string, values: readonly number[]): void {
  values.forEach((value, index) => {
    expectChoice(view, `${path}[${index}]`, value);
    if (values.indexOf(value) !== index)
      view.fault(`${path}[${index}]`, 'DUPLICATE', 'expected each choice once');
  });
}

export function checkCountry(view: ContentView, path: string, code: string, required = false): void {
  if (code === '') {
    if (required) view.fault(path, 'REQUIRED', 'expected a country, got none');
    return;
  }
  const check = judgeCountry(code);
  if (!check.ok) view.doubt(path, 'COUNTRY', check.detail);
}

export function checkSubdivision(view: ContentView, path: string, code: string, country: string): void {
  if (code === '') return;
  const check = judgeSubdivision(code);
  if (!check.ok) view.doubt(path, 'SUBDIVISION', check.detail);
  else if (country !== '' && !code.startsWith(`${country}-`))
    view.doubt(path, 'SUBDIVISION_COUNTRY', `expected a subdivision of ${country}, got another country's`);
}

export interface DateRules {
  readonly required?: boolean;
  /** It cannot lie in the future. */
  readonly past?: boolean;
  /** A date of birth. */
  readonly birth?: boolean;
}

export function checkDate(
  view: ContentView,
  path: string,
  date: PartialDate | undefined,
  rules: DateRules = {},
): void {
  if (date === undefined) {
    if (rules.required === true) view.fault(path, 'REQUIRED', 'expected a date, got none');
    return;
  }
  if (!isCalendarDate(date)) {
    view.doubt(path, 'DATE', 'expected a date that the calendar has');
    return;
  }
  if (rules.past === true && rangeOfDate(date).fromMs > view.nowMs + ZONE_MS)
    view.doubt(path, 'FUTURE', 'expected a date that is not in the future');
  if (rules.birth === true && date.year < EARLIEST_BIRTH)
    view.doubt(path, 'BIRTH_YEAR', `expected a date of birth from ${EARLIEST_BIRTH}`);
}

/** `later` must be able to lie after `earlier`: with imprecise dates, in at least one reading. */
export function checkOrder(
  view: ContentView,
  path: string,
  earlier: PartialDate | undefined,
  later: PartialDate | undefined,
): void {
  if (earlier === undefined || later === undefined) return;
  if (!isCalendarDate(earlier) || !isCalendarDate(later)) return;
  if (rangeOfDate(later).toMs - DAY_MS < rangeOfDate(earlier).fromMs)
    view.doubt(path, 'DATE_ORDER', 'expected a date after the one it follows');
}

export function checkPeriod(view: ContentView, path: string, period: Period | undefined): void {
  if (period === undefined) return;
  checkDate(view, `${path}.from`, period.from, { past: true });
  checkDate(view, `${path}.to`, period.to);
  const { from, to } = period;
  if (from === undefined || to === undefined || !isCalendarDate(from) || !isCalendarDate(to)) return;
  if (rangeOfDate(to).toMs < rangeOfDate(from).fromMs)
    view.doubt(`${path}.to`, 'DATE_ORDER', 'expected an end that is not before the start');
}

export interface InstantRules {
  readonly required?: boolean;
  readonly past?: boolean;
  readonly future?: boolean;
}

/** Instants of messages: milliseconds UTC, 0 = not stated. */
export function checkInstant(view: ContentView, path: string, at: bigint, rules: InstantRules): void {
  if (at === 0n) {
    if (rules.required === true) view.fault(path, 'REQUIRED', 'expected an instant, got none');
    return;
  }
  if (at < 0n || at > 253_402_300_799_999n)
    view.fault(path, 'OUT_OF_RANGE', 'expected an instant from 1970 to 9999');
  else if (rules.past === true && at > BigInt(view.nowMs + DAY_MS))
    view.doubt(path, 'FUTURE', 'expected an instant that is not in the future');
  else if (rules.future === true && at <= BigInt(view.nowMs))
    view.doubt(path, 'PAST', 'expected an instant in the future');
}

export function checkLanguage(view: ContentView, path: string, language: string): void {
  if (!LANGUAGE.test(language)) view.doubt(path, 'LANGUAGE', 'expected a BCP 47 language as pt or ar-Arab');
}

export function checkDigest(view: ContentView, path: string, bytes: Uint8Array, required = true): void {
  if (bytes.length === DIGEST_BYTES || (!required && bytes.length === 0)) return;
  view.fault(path, 'WRONG_FORM', `expected a digest of ${DIGEST_BYTES} bytes, got ${bytes.length}`);
}

export function checkRecordId(view: ContentView, path: string, bytes: Uint8Array): void {
  if (bytes.length !== RECORD_ID_BYTES)
    view.fault(path, 'WRONG_FORM', `expected a record id of ${RECORD_ID_BYTES} bytes, got ${bytes.length}`);
}

export function checkRecordRef(view: ContentView, path: string, ref: RecordRef): void {
  checkRecordId(view, `${path}.recordId`, ref.recordId);
  checkDigest(view, `${path}.headerDigest`, ref.headerDigest, false);
  checkNodeId(view, `${path}.originator`, ref.originator);
}

export function checkNodeId(view: ContentView, path: string, id: string): void {
  if (!isNodeId(id)) view.fault(path, 'WRONG_FORM', 'expected a node id as XA');
}

export function checkFacetNames(view: ContentView, path: string, names: readonly string[]): void {
  names.forEach((name, index) => {
    if (!isFacetName(name)) view.fault(`${path}[${index}]`, 'WRONG_FORM', 'expected the name of a facet');
    if (names.indexOf(name) !== index)
      view.fault(`${path}[${index}]`, 'DUPLICATE', 'expected each facet once');
  });
}

/** Short names within one record, by which its parts point at one another. */
export class Refs {
  readonly #view: ContentView;
  readonly #known = new Map<string, string>();

  constructor(view: ContentView) {
    this.#view = view;
  }

  declare(path: string, ref: string): void {
    if (ref === '') return;
    if (this.#known.has(ref)) this.#view.fault(path, 'DUPLICATE', 'expected a name used once in the record');
    this.#known.set(ref, path);
  }

  /** `required` = an empty reference is a fault too. */
  resolve(path: string, ref: string, required = false): void {
    if (ref === '' && !required) return;
    if (!this.#known.has(ref))
      this.#view.fault(path, 'UNRESOLVED', 'expected the ref of a part of this record');
  }
}
