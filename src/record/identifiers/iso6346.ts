/** Freight container numbers (ISO 6346): owner code, category, serial number, check digit. */
import { bad, compact, good, type IdentifierCheck } from './check.ts';

/** Letters count from 10, skipping the multiples of 11. */
function characterValue(character: string): number {
  const code = character.charCodeAt(0);
  if (code <= 57) return code - 48;
  const position = code - 65 + 10;
  return position + Math.floor((position - 1) / 10);
}

/** Check digit of the first ten characters; remainder 10 is written 0. */
export function iso6346CheckDigit(firstTen: string): number {
  let sum = 0;
  for (let index = 0; index < 10; index++) sum += characterValue(firstTen[index] ?? '0') * 2 ** index;
  return (sum % 11) % 10;
}

/** Judges a container number. Category R (reefer, unofficial) is met in practice and passes beside U, J and Z. */
export function judgeIso6346(text: string): IdentifierCheck {
  const value = compact(text);
  if (value.length !== 11) return bad(value, 'length', `expected 11 characters, got ${value.length}`);
  if (!/^[A-Z]{3}[UJZR][0-9]{7}$/.test(value))
    return bad(value, 'format', 'expected three letters, U, J or Z, and seven digits');
  const expected = iso6346CheckDigit(value);
  if (Number(value[10]) !== expected)
    return bad(value, 'checksum', `expected check digit ${expected}, got ${value[10]}`);
  return good(value);
}
