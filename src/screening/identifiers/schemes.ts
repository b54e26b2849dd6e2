/** The table of schemes: how a number of each is written, checked and compared, and what its agreement is worth. */
import {
  type IdentifierCheck,
  judgeAirWaybill,
  judgeBic,
  judgeIcao24,
  judgeImoCompany,
  judgeImoShip,
  judgeIso6346,
  judgeLei,
  judgeMmsi,
  serialKeys,
} from '../../record/index.ts';
import type { AboutField, Scheme } from './listed.ts';

/**
 * What makes an exact agreement a hit: `unique` = the number alone, it is given once in the world; `made` = maker and calibre
 * too, for makers use the same numbers; `issued` = who issued it; `passing` = nothing, for it goes from one bearer to another.
 */
export type Standing = 'unique' | 'made' | 'issued' | 'passing';

export interface SchemeRow {
  readonly scheme: Scheme;
  readonly standing: Standing;
  /** One character may be wrong or unreadable. */
  readonly near: boolean;
  /** Numbers are also compared by their digits alone, and may be known in part. */
  readonly serial: boolean;
  /** Compared where stated on both sides, most telling first. */
  readonly fields: readonly AboutField[];
  /** The same number with other fields is the sign of a forgery. */
  readonly paper: boolean;
  readonly judge?: (value: string) => IdentifierCheck;
}

const MADE: readonly AboutField[] = ['maker', 'calibre', 'model', 'country', 'year'];
const CRAFT: readonly AboutField[] = ['name', 'flag', 'maker', 'model', 'year'];
const PAPER: readonly AboutField[] = ['issuer', 'country', 'issued', 'expires', 'quantity', 'signatory'];
const BODY: readonly AboutField[] = ['name', 'country'];
const ISSUED: readonly AboutField[] = ['country', 'issuer', 'name', 'issued', 'expires'];

const row = (
  scheme: Scheme,
  standing: Standing,
  fields: readonly AboutField[],
  more: Partial<SchemeRow> = {},
): SchemeRow => ({ scheme, standing, near: false, serial: false, paper: false, fields, ...more });

/** In the order of their numbers in a snapshot: new rows go to the end. */
export const SCHEME_ROWS: readonly SchemeRow[] = [
  row('serial', 'made', MADE, { near: true, serial: true }),
  row('aircraft-msn', 'made', MADE, { near: true, serial: true }),
  row('ammunition-lot', 'made', MADE, { near: true, serial: true }),
  row('seal', 'issued', ISSUED, { near: true }),
  row('imo-ship', 'unique', CRAFT, { near: true, judge: judgeImoShip }),
  row('imo-company', 'unique', BODY, { near: true, judge: judgeImoCompany }),
  row('mmsi', 'passing', CRAFT, { judge: (value) => judgeMmsi(value) }),
  row('call-sign', 'passing', CRAFT),
  row('aircraft-mark', 'passing', CRAFT),
  row('icao24', 'passing', CRAFT, { judge: judgeIcao24 }),
  row('container', 'unique', [], { near: true, judge: judgeIso6346 }),
  row('plate', 'issued', ISSUED),
  row('certificate', 'issued', PAPER, { near: true, paper: true }),
  row('licence', 'issued', PAPER, { near: true, paper: true }),
  row('bill-of-lading', 'issued', PAPER, { near: true, paper: true }),
  row('air-waybill', 'unique', PAPER, { near: true, paper: true, judge: judgeAirWaybill }),
  row('consignment-note', 'issued', PAPER, { paper: true }),
  row('customs-declaration', 'issued', PAPER, { paper: true }),
  row('lei', 'unique', BODY, { near: true, judge: judgeLei }),
  row('bic', 'unique', BODY, { judge: judgeBic }),
  row('uei', 'unique', BODY),
  row('vat', 'issued', ISSUED),
  row('national-register', 'issued', ISSUED),
  row('passport', 'issued', ISSUED),
  row('identity-document', 'issued', ISSUED),
];

const NUMBERS = new Map(SCHEME_ROWS.map(({ scheme }, index) => [scheme, index]));

export const isScheme = (text: string): text is Scheme => NUMBERS.has(text as Scheme);

/** Position in SCHEME_ROWS; -1 for what is no scheme. */
export const schemeNumber = (scheme: Scheme): number => NUMBERS.get(scheme) ?? -1;

/** The row of a scheme, by position. */
export function schemeRow(number: number): SchemeRow {
  const found = SCHEME_ROWS[number];
  if (found === undefined) throw new RangeError(`expected the number of a scheme, got ${number}`);
  return found;
}

/** What a number is compared by. */
export interface NumberKeys {
  readonly strict: string;
  readonly loose: string;
  /** Digits alone; empty where they are too few or do not count in this scheme. */
  readonly core: string;
}

/** A shorter core would meet every second weapon. */
const MIN_CORE = 4;

/** Keys of a number as written. An IMO number loses the letters before it and gets back the zeros that a spreadsheet took. */
export function numberKeys(scheme: SchemeRow, value: string): NumberKeys {
  const keys = serialKeys(value);
  if (scheme.scheme === 'imo-ship' || scheme.scheme === 'imo-company') {
    const digits = keys.strict.replace(/^IMO/, '');
    const strict = /^[0-9]{5,6}$/.test(digits) ? digits.padStart(7, '0') : digits;
    return { strict, loose: serialKeys(strict).loose, core: '' };
  }
  return { ...keys, core: scheme.serial && keys.core.length >= MIN_CORE ? keys.core : '' };
}

/** Verdict on a strict key by the scheme's own rule; undefined where it has none. IMO numbers of zeros alone are none. */
export function judgeNumber(scheme: SchemeRow, strict: string): IdentifierCheck | undefined {
  if (/^0{7}$/.test(strict) && scheme.scheme.startsWith('imo-'))
    return { ok: false, value: strict, detail: '', fault: 'component' };
  return scheme.judge?.(strict);
}
