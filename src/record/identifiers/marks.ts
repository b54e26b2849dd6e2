/** Marks of ships, aircraft and their papers, by form: who assigns which prefix is a table's business, not this file's. */
import { bad, compact, good, type IdentifierCheck } from './check.ts';

/** Registration mark of an aircraft: the nationality mark may be numeric (`2-`), the hyphen may be missing (`N123`). */
export function judgeAircraftMark(text: string): IdentifierCheck {
  const value = text.normalize('NFKC').trim().toUpperCase();
  if (value.length < 2 || value.length > 10)
    return bad(value, 'length', `expected 2 to 10 characters, got ${value.length}`);
  return /^[A-Z0-9]{1,4}-?[A-Z0-9]{1,8}$/.test(value)
    ? good(value)
    : bad(value, 'format', 'expected letters and digits with at most one hyphen');
}

/** 24-bit aircraft address: six hexadecimal digits, neither all zeros nor all ones (ICAO Annex 10, volume III). */
export function judgeIcao24(text: string): IdentifierCheck {
  const value = compact(text);
  if (value.length !== 6) return bad(value, 'length', `expected six hexadecimal digits, got ${value.length}`);
  if (!/^[0-9A-F]{6}$/.test(value)) return bad(value, 'format', 'expected six hexadecimal digits');
  return value === '000000' || value === 'FFFFFF'
    ? bad(value, 'component', 'expected an address that can be assigned')
    : good(value);
}

/** Call sign of a station (ITU Radio Regulations, article 19): three to eight letters and digits, a letter among them. */
export function judgeCallSign(text: string): IdentifierCheck {
  const value = compact(text);
  if (value.length < 3 || value.length > 8)
    return bad(value, 'length', `expected 3 to 8 characters, got ${value.length}`);
  return /^[A-Z0-9]+$/.test(value) && /[A-Z]/.test(value)
    ? good(value)
    : bad(value, 'format', 'expected letters and digits');
}

/** Air waybill: three digits of the airline, seven of the serial, the last being the serial mod 7 (IATA resolution 600a). */
export function judgeAirWaybill(text: string): IdentifierCheck {
  const value = compact(text);
  if (value.length !== 11) return bad(value, 'length', `expected eleven digits, got ${value.length}`);
  if (!/^[0-9]{11}$/.test(value)) return bad(value, 'format', 'expected eleven digits');
  const expected = Number(value.slice(3, 10)) % 7;
  return Number(value[10]) === expected
    ? good(value)
    : bad(value, 'checksum', `expected check digit ${expected}, got ${value[10]}`);
}
