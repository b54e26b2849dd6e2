/** One question to both indexes, for the policy classes that may be met. */
import { IdentifierError } from '../identifiers/errors.ts';
import type { IdentifierAnswer, IdentifierHit } from '../identifiers/listed.ts';
import type { NameAnswer, NameHit } from '../names/party.ts';
import type { ReadQuery } from './query.ts';
import { readId, type ScreenedRecords } from './screened-records.ts';

/** A hit before it is known whether it may be told. */
export interface Candidate {
  /** Position of the record. */
  readonly position: bigint;
  readonly facet: string;
  /** Place of the party in its facet; -1 for a number. */
  readonly place: number;
  readonly name?: NameHit;
  readonly number?: IdentifierHit;
}

export interface Found {
  /** The surest first. */
  readonly candidates: readonly Candidate[];
  readonly nearestBelow?: Candidate;
  readonly numbers?: Pick<IdentifierAnswer, 'readings' | 'corrections'>;
  /** More agree than are given. */
  readonly more: boolean;
  /** Why the number could not be asked. */
  readonly fault?: { readonly code: string; readonly message: string };
}

export interface Reach {
  /** Absent = all. */
  readonly classes?: ReadonlySet<number>;
  readonly nowMs: number;
  readonly limit: number;
  /** The nearest name below the cut is asked for too. */
  readonly nearest?: boolean;
}

const RANK: Readonly<Record<string, number>> = {
  hit: 0,
  certain: 0,
  candidate: 1,
  probable: 1,
  lead: 2,
  look: 2,
};
const rankOf = ({ name, number }: Candidate): number => RANK[name?.band ?? number?.band ?? 'look'] ?? 2;

const ofName = (name: NameHit): Candidate => ({ ...readId(name.id), name });
const ofNumber = (number: IdentifierHit): Candidate => ({ ...readId(number.entryId), number });

/** Names of many questions at once; undefined where one asks for no name. */
export async function findNames(
  { names }: ScreenedRecords,
  queries: readonly (ReadQuery | undefined)[],
  reach: Reach,
): Promise<readonly (NameAnswer | undefined)[]> {
  const asked = queries.flatMap((query, at) =>
    query?.name ? [{ at, query: { ...query.name, ...reach } }] : [],
  );
  const answers = await names.searchMany(asked.map(({ query }) => query));
  const named: (NameAnswer | undefined)[] = queries.map(() => undefined);
  for (const [index, { at }] of asked.entries()) named[at] = answers[index];
  return named;
}

/** `named` = what the names of the question gave, where they were asked before. */
export function find(
  { names, identifiers }: ScreenedRecords,
  query: ReadQuery,
  reach: Reach,
  named: NameAnswer | undefined = query.name && names.search({ ...query.name, ...reach }),
): Found {
  let numbered: IdentifierAnswer | undefined;
  let fault: Found['fault'];
  if (query.number !== undefined) {
    try {
      const { nearest: _, ...of } = reach;
      numbered = identifiers.search({ ...query.number, ...of });
    } catch (error) {
      if (!(error instanceof IdentifierError)) throw error;
      // A text that cannot be asked for as a number was asked for as a name.
      if (query.name === undefined) fault = { code: error.code, message: error.message };
    }
  }
  const all = [...(numbered?.hits ?? []).map(ofNumber), ...(named?.hits ?? []).map(ofName)];
  const candidates = all.sort((a, b) => rankOf(a) - rankOf(b));
  const more =
    (numbered !== undefined && numbered.found > reach.limit) || (named?.hits.length ?? 0) >= reach.limit;
  return {
    candidates,
    more,
    ...(named?.nearestBelow && { nearestBelow: ofName(named.nearestBelow) }),
    ...(numbered && { numbers: { readings: numbered.readings, corrections: numbered.corrections } }),
    ...(fault && { fault }),
  };
}
