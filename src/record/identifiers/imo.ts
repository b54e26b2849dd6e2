/**
 * IMO numbers. Ships and companies have different check digits, and some numbers pass both: whoever asks has to say which
 * of the two is meant.
 */
import { bad, good, type IdentifierCheck } from './check.ts';

const SHIP_WEIGHTS = [7, 6, 5, 4, 3, 2];
const COMPANY_WEIGHTS = [8, 6, 4, 2, 9, 7];

const digitsOf = (text: string): string =>
  text
    .normalize('NFKC')
    .toUpperCase()
    .replace(/^\s*IMO/, '')
    .replace(/[\s\-.]/g, '');

const weigh = (digits: string, weights: readonly number[]): number =>
  weights.reduce((sum, weight, index) => sum + weight * Number(digits[index]), 0);

const shipDigit = (digits: string): number => weigh(digits, SHIP_WEIGHTS) % 10;

const companyDigit = (digits: string): number => (11 - (weigh(digits, COMPANY_WEIGHTS) % 11)) % 10;

function judge(
  text: string,
  digitOf: (digits: string) => number,
  otherDigitOf: (digits: string) => number,
  names: readonly [string, string],
): IdentifierCheck {
  const value = digitsOf(text);
  if (!/^[0-9]*$/.test(value))
    return bad(value, 'format', 'expected digits, with or without IMO before them');
  if (value.length !== 7) return bad(value, 'length', `expected seven digits, got ${value.length}`);
  const last = Number(value[6]);
  const expected = digitOf(value);
  if (last === expected) return good(value);
  const hint = last === otherDigitOf(value) ? `; it is a valid ${names[1]} number` : '';
  return bad(
    value,
    'checksum',
    `expected check digit ${expected} of a ${names[0]} number, got ${last}${hint}`,
  );
}

/** IMO ship number: seven digits, the last being Σ d·(7…2) mod 10 (IMO resolution A.1117(30)). */
export const judgeImoShip = (text: string): IdentifierCheck =>
  judge(text, shipDigit, companyDigit, ['ship', 'company']);

/** IMO company number: weights 8, 6, 4, 2, 9, 7; check digit (11 − Σ mod 11) mod 10 (IMO resolution MSC.160(78)). */
export const judgeImoCompany = (text: string): IdentifierCheck =>
  judge(text, companyDigit, shipDigit, ['company', 'ship']);
