/** Legal entity identifiers (ISO 17442) and business identifier codes (ISO 9362). */
import { bad, compact, good, type IdentifierCheck } from './check.ts';

/** Remainder by 97 of the text read in base 36 digit by digit (ISO 7064 MOD 97-10). */
function mod97(text: string): number {
  let remainder = 0;
  for (const character of text)
    for (const digit of parseInt(character, 36).toString()) remainder = (remainder * 10 + Number(digit)) % 97;
  return remainder;
}

/** Judges an LEI: 20 characters, remainder 1. */
export function judgeLei(text: string): IdentifierCheck {
  const value = compact(text);
  if (value.length !== 20) return bad(value, 'length', `expected 20 characters, got ${value.length}`);
  if (!/^[0-9A-Z]{18}[0-9]{2}$/.test(value))
    return bad(value, 'format', 'expected 18 letters or digits and two check digits');
  return mod97(value) === 1 ? good(value) : bad(value, 'checksum', 'expected check digits that fit the rest');
}

/** Judges the form of a BIC: four letters, country, location, optional branch. There is no check digit. */
export function judgeBic(text: string): IdentifierCheck {
  const value = compact(text);
  if (value.length !== 8 && value.length !== 11)
    return bad(value, 'length', `expected 8 or 11 characters, got ${value.length}`);
  return /^[A-Z]{4}[A-Z]{2}[A-Z0-9]{2}([A-Z0-9]{3})?$/.test(value)
    ? good(value)
    : bad(value, 'format', 'expected four letters, a country and a location');
}
