/** Audiences as JSON text of their columns: readable in the database, alike in both engines. Our own writing only. */
import type { Audience, FacetAudience } from '../gen/tocsin/exchange/v1/parcel.ts';
import { storeError } from './errors.ts';

export const textOfList = (names: readonly string[]): string => JSON.stringify(names);

export function listOf(text: string): string[] {
  const value: unknown = JSON.parse(text);
  if (Array.isArray(value) && value.every((one) => typeof one === 'string')) return value;
  throw storeError('BAD_ROW', 'expected a JSON list of names in a column of names');
}

export const textOfAudience = (audience: Audience): string =>
  JSON.stringify({ deskGroups: audience.deskGroups, purposes: audience.purposes });

export const textOfFacetAudiences = (audiences: readonly FacetAudience[]): string =>
  JSON.stringify(
    audiences.map(({ facet, audience }) => ({
      facet,
      deskGroups: audience?.deskGroups ?? [],
      purposes: audience?.purposes ?? [],
    })),
  );

const isNumbers = (value: unknown): value is number[] =>
  Array.isArray(value) && value.every((one) => typeof one === 'number');

function audienceIn(value: unknown): Audience {
  if (typeof value === 'object' && value !== null && 'deskGroups' in value && 'purposes' in value) {
    const { deskGroups, purposes } = value;
    if (isNumbers(deskGroups) && isNumbers(purposes)) return { deskGroups, purposes };
  }
  throw storeError('BAD_ROW', 'expected an audience in a column of audiences');
}

export const audienceOf = (text: string): Audience => audienceIn(JSON.parse(text));

export function facetAudiencesOf(text: string): FacetAudience[] {
  const value: unknown = JSON.parse(text);
  if (!Array.isArray(value))
    throw storeError('BAD_ROW', 'expected a list of audiences in a column of audiences');
  return value.map((one: unknown) => {
    if (typeof one === 'object' && one !== null && 'facet' in one && typeof one.facet === 'string') {
      return { facet: one.facet, audience: audienceIn(one) };
    }
    throw storeError('BAD_ROW', 'expected an audience with its facet in a column of audiences');
  });
}
