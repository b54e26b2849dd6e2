/** People who were taken for a listed person, asked for redress, and were found to be others: screening clears them. */
import { type Person, Persons } from '../../gen/tocsin/record/v1/party.ts';
import type { BirthDate } from '../names/party.ts';
import { birthOf } from './entries.ts';

const words = (name: string): string =>
  name
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .split(/[^\p{L}\p{N}]+/u)
    .filter((word) => word !== '')
    .sort()
    .join(' ');

const agree = (a: BirthDate, b: BirthDate): boolean =>
  a.year === b.year &&
  (a.month === undefined || b.month === undefined || a.month === b.month) &&
  (a.day === undefined || b.day === undefined || a.day === b.day);

/**
 * Whether who is asked about is a known namesake: called so, and born when the namesake was, which is not when the listed person
 * was. Without a date of birth nobody is cleared, for the name alone is what both have.
 */
export function isCleared(
  person: Pick<Person, 'born' | 'notTheSameAs'>,
  asked: { readonly name: string; readonly born?: BirthDate },
): boolean {
  const { born } = asked;
  if (born === undefined) return false;
  const listed = birthOf(person.born);
  if (listed !== undefined && agree(listed, born)) return false;
  const called = words(asked.name);
  return person.notTheSameAs.some((other) => {
    const theirs = birthOf(other.born);
    return (
      theirs !== undefined && agree(theirs, born) && other.names.some(({ text }) => words(text) === called)
    );
  });
}

/** The same of the person at a place of an encoded facet. */
export const isClearedIn = (
  persons: Uint8Array,
  place: number,
  asked: { readonly name: string; readonly born?: BirthDate },
): boolean => {
  // Whom only a date of birth could clear need not be read.
  if (asked.born === undefined) return false;
  const person = Persons.decode(persons).persons[place];
  return person !== undefined && isCleared(person, asked);
};
