/** What a container number that fails its check digit can have been (ISO 6346). */
import { iso6346CheckDigit, judgeIso6346 } from '../../record/index.ts';

const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ';
const DIGITS = '0123456789';
/** Category: freight container, detachable equipment, chassis. */
const CATEGORIES = 'UJZ';
const WITHOUT_CHECK = /^[A-Z]{3}[UJZR][0-9]{6}$/;

const allowedAt = (place: number): string => (place < 3 ? LETTERS : place === 3 ? CATEGORIES : DIGITS);

/**
 * The numbers that pass and have one character other than this one, or its missing check digit; none for a number that
 * passes. One number in eleven passes by chance, so a wrong one gives about sixteen: they are proposals, not readings.
 */
export function containerCorrections(strict: string): readonly string[] {
  if (WITHOUT_CHECK.test(strict)) return [`${strict}${iso6346CheckDigit(strict)}`];
  if (strict.length !== 11 || judgeIso6346(strict).ok) return [];
  const passing = new Set<string>();
  for (let place = 0; place < 11; place++)
    for (const character of allowedAt(place)) {
      const other = strict.slice(0, place) + character + strict.slice(place + 1);
      if (judgeIso6346(other).ok) passing.add(other);
    }
  return [...passing];
}
