/** What of a record can be met: names of parties, facet by facet, and its numbers. */
import { LIMITS } from '../../base/limits.ts';
import type { Vessel } from '../../gen/tocsin/record/v1/conveyance.ts';
import type { PartialDate } from '../../gen/tocsin/record/v1/date.ts';
import { HotlineContent } from '../../gen/tocsin/record/v1/hotline_report.ts';
import { Entities, EntityNameType, PersonNameType, Persons } from '../../gen/tocsin/record/v1/party.ts';
import { SeizureRoute } from '../../gen/tocsin/record/v1/seizure_notice.ts';
import { WarningConveyance } from '../../gen/tocsin/record/v1/warning.ts';
import { facetOf, judgeMessage } from '../../record/index.ts';
import { identifiersOf, type RecordNumber } from '../identifiers/record-numbers.ts';
import type { BirthDate, ListedName, ListedNameKind, ListedParty } from '../names/party.ts';

/** A party without what depends on the index and on who asks. */
export type FoundParty = Pick<ListedParty, 'subject' | 'names' | 'born' | 'countries'>;

/** A record as far as it is read here: its facets' bytes by name. */
export interface ReadRecord {
  readonly kind: string;
  readonly expires: number;
  readonly facets: Readonly<Record<string, Uint8Array>>;
}

const PERSON_NAMES: Readonly<Record<number, ListedNameKind>> = {
  [PersonNameType.PERSON_NAME_TYPE_GOOD_ALIAS]: 'alias',
  [PersonNameType.PERSON_NAME_TYPE_WEAK_ALIAS]: 'weak',
  [PersonNameType.PERSON_NAME_TYPE_FORMER]: 'former',
  [PersonNameType.PERSON_NAME_TYPE_ORIGINAL_SCRIPT]: 'original-script',
};
const ENTITY_NAMES: Readonly<Record<number, ListedNameKind>> = {
  [EntityNameType.ENTITY_NAME_TYPE_TRADING]: 'alias',
  [EntityNameType.ENTITY_NAME_TYPE_FORMER]: 'former',
  [EntityNameType.ENTITY_NAME_TYPE_WEAK_ALIAS]: 'weak',
};

/** Undefined where no year is stated. */
export const birthOf = (date: PartialDate | undefined): BirthDate | undefined =>
  date === undefined || date.year === 0
    ? undefined
    : {
        year: date.year,
        ...(date.month > 0 && { month: date.month }),
        ...(date.day > 0 && { day: date.day }),
        ...(date.approximate && { approximate: true }),
      };

const countriesIn = (codes: readonly string[]): { countries?: readonly string[] } => {
  const known = [...new Set(codes.filter((code) => code !== ''))];
  return known.length === 0 ? {} : { countries: known };
};

const personsIn = ({ persons }: Persons): readonly FoundParty[] =>
  persons.map(({ names, born, nationalities }) => {
    const birth = birthOf(born);
    return {
      subject: 'person',
      names: names.map(({ text, type }) => ({ text, kind: PERSON_NAMES[type] ?? 'primary' })),
      ...(birth && { born: [birth] }),
      ...countriesIn(nationalities),
    };
  });

const bodiesIn = (bodies: Entities['entities']): readonly FoundParty[] =>
  bodies.map(({ names, incorporationCountry, addresses }) => ({
    subject: 'organisation',
    names: names.map(({ text, type }) => ({ text, kind: ENTITY_NAMES[type] ?? 'primary' })),
    ...countriesIn([incorporationCountry, ...addresses.map(({ country }) => country)]),
  }));

const shipsIn = (ships: readonly Vessel[]): readonly FoundParty[] =>
  ships.map(({ names, flags }) => ({
    subject: 'vessel',
    // The present name stands first.
    names: names.map(({ text }, index): ListedName => ({ text, kind: index === 0 ? 'primary' : 'former' })),
    ...countriesIn(flags.map(({ country }) => country)),
  }));

/** How a facet's message is read for parties, by its full protobuf name. The order of parties is that of the message. */
const READERS: ReadonlyMap<string, { decode(bytes: Uint8Array): readonly FoundParty[] }> = new Map(
  Object.entries({
    Persons: { decode: (bytes: Uint8Array) => personsIn(Persons.decode(bytes)) },
    Entities: {
      decode(bytes: Uint8Array) {
        const { entities, vessels } = Entities.decode(bytes);
        return [...bodiesIn(entities), ...shipsIn(vessels)];
      },
    },
    SeizureRoute: { decode: (bytes: Uint8Array) => shipsIn(SeizureRoute.decode(bytes).vessels) },
    WarningConveyance: { decode: (bytes: Uint8Array) => shipsIn(WarningConveyance.decode(bytes).vessels) },
    HotlineContent: {
      decode(bytes: Uint8Array) {
        const { entities, vessels } = HotlineContent.decode(bytes);
        return [...bodiesIn(entities), ...shipsIn(vessels)];
      },
    },
  }).map(([name, reader]) => [`tocsin.record.v1.${name}`, reader]),
);

/** Parties of one facet; bytes that are no message of it give none. */
export function partiesIn(kind: string, facet: string, body: Uint8Array): readonly FoundParty[] {
  const typeName = facetOf(kind, facet)?.typeName ?? '';
  const reader = READERS.get(typeName);
  if (reader === undefined || body.length === 0) return [];
  const judged = judgeMessage(reader, typeName, body, LIMITS.facetBytes);
  return judged.ok ? judged.value : [];
}

/** Everything that can be met, by facet: parties at their place in it, and numbers. Facets with neither are absent. */
export function entriesOf(
  record: ReadRecord,
): ReadonlyMap<
  string,
  { readonly parties: readonly FoundParty[]; readonly numbers: readonly RecordNumber[] }
> {
  const found = new Map<string, { parties: readonly FoundParty[]; numbers: RecordNumber[] }>();
  for (const [facet, body] of Object.entries(record.facets)) {
    const parties = partiesIn(record.kind, facet, body);
    if (parties.length > 0) found.set(facet, { parties, numbers: [] });
  }
  for (const number of identifiersOf(record)) {
    const entry = found.get(number.facet) ?? { parties: [], numbers: [] };
    entry.numbers.push(number);
    found.set(number.facet, entry);
  }
  return found;
}

/** The name by which a party is called first. */
export const titleOfParty = (party: FoundParty): string =>
  (party.names.find(({ kind }) => kind === 'primary') ?? party.names[0])?.text ?? '';
