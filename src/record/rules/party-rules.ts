/** Entities and persons, wherever they occur. */
import {
  type Entities,
  type Entity,
  EntityIdScheme,
  type IdentityDocument,
  PartyRole,
  type Person,
  type Persons,
} from '../../gen/tocsin/record/v1/party.ts';
import type { IdentifierCheck } from '../identifiers/check.ts';
import { judgeImoCompany } from '../identifiers/imo.ts';
import { judgeBic, judgeLei } from '../identifiers/lei.ts';
import type { ContentView } from '../kind-row.ts';
import {
  checkCountry,
  checkDate,
  checkDigest,
  checkInstant,
  checkPeriod,
  expectChoice,
  expectDistinctChoices,
  expectSome,
  type Refs,
} from './basics.ts';
import { checkAircraft, checkIdentifier, checkVessels } from './conveyance-rules.ts';

const JUDGES: Readonly<Record<number, readonly [string, (text: string) => IdentifierCheck]>> = {
  [EntityIdScheme.ENTITY_ID_SCHEME_LEI]: ['LEI', judgeLei],
  [EntityIdScheme.ENTITY_ID_SCHEME_IMO_COMPANY]: ['IMO_COMPANY', judgeImoCompany],
  [EntityIdScheme.ENTITY_ID_SCHEME_BIC]: ['BIC', judgeBic],
};

export function checkEntity(view: ContentView, at: string, entity: Entity, refs: Refs): void {
  refs.declare(`${at}.ref`, entity.ref);
  expectSome(view, `${at}.names`, entity.names);
  entity.names.forEach((name, index) => {
    expectSome(view, `${at}.names[${index}].text`, name.text);
  });
  checkCountry(view, `${at}.incorporationCountry`, entity.incorporationCountry);
  checkDate(view, `${at}.incorporated`, entity.incorporated, { past: true });
  entity.ids.forEach((id, index) => {
    const idAt = `${at}.ids[${index}]`;
    expectChoice(view, `${idAt}.scheme`, id.scheme);
    expectSome(view, `${idAt}.value`, id.value);
    const judge = JUDGES[id.scheme];
    if (judge !== undefined) checkIdentifier(view, `${idAt}.value`, judge[0], id.value, judge[1]);
  });
  entity.addresses.forEach((address, index) => {
    checkCountry(view, `${at}.addresses[${index}].country`, address.country);
  });
  expectDistinctChoices(view, `${at}.roles`, entity.roles);
}

/** The facet `entities`. References of ships and aircraft to their owners and operators resolve within it. */
export function checkEntities(
  view: ContentView,
  path: string,
  facet: Entities | undefined,
  refs: Refs,
): void {
  if (facet === undefined) return;
  facet.entities.forEach((entity, index) => {
    checkEntity(view, `${path}.entities[${index}]`, entity, refs);
  });
  checkVessels(view, `${path}.vessels`, facet.vessels, refs);
  checkAircraft(view, `${path}.aircraft`, facet.aircraft, refs);
  facet.vessels.forEach((vessel, index) => {
    refs.resolve(`${path}.vessels[${index}].ownerRef`, vessel.ownerRef);
    refs.resolve(`${path}.vessels[${index}].managerRef`, vessel.managerRef);
  });
  facet.aircraft.forEach((aircraft, index) => {
    refs.resolve(`${path}.aircraft[${index}].operatorRef`, aircraft.operatorRef);
  });
  facet.links.forEach((link, index) => {
    const at = `${path}.links[${index}]`;
    expectChoice(view, `${at}.type`, link.type);
    refs.resolve(`${at}.from`, link.from, true);
    refs.resolve(`${at}.to`, link.to, true);
    if (link.from !== '' && link.from === link.to)
      view.fault(`${at}.to`, 'SELF_LINK', 'expected another party than the first');
    checkPeriod(view, `${at}.period`, link.period);
  });
}

/** The facet `persons`. Every person has a role; a beneficial owner owns an entity of the record, never a weapon (R10). */
export function checkPersons(view: ContentView, path: string, facet: Persons | undefined, refs: Refs): void {
  facet?.persons.forEach((person, index) => {
    checkPerson(view, `${path}.persons[${index}]`, person, refs);
  });
}

type Identity = Pick<Person, 'names' | 'born' | 'nationalities' | 'documents'>;

/** What tells one human being from another. */
function checkIdentity(view: ContentView, at: string, person: Identity): void {
  expectSome(view, `${at}.names`, person.names);
  person.names.forEach((name, index) => {
    expectSome(view, `${at}.names[${index}].text`, name.text);
  });
  checkDate(view, `${at}.born`, person.born, { past: true, birth: true });
  person.nationalities.forEach((country, index) => {
    checkCountry(view, `${at}.nationalities[${index}]`, country, true);
  });
  person.documents.forEach((document, index) => {
    expectChoice(view, `${at}.documents[${index}].type`, document.type);
    expectSome(view, `${at}.documents[${index}].number`, document.number);
    checkCountry(view, `${at}.documents[${index}].country`, document.country, true);
    checkDate(view, `${at}.documents[${index}].expires`, document.expires);
  });
}

/** As printed, without what people leave out when they copy it. */
const documentKey = ({ type, country, number }: IdentityDocument): string =>
  `${type} ${country} ${number.toUpperCase().replace(/[^A-Z0-9]/g, '')}`;

/** A note that could clear the listed person himself, or nobody in particular, would do harm. */
function checkNamesakes(view: ContentView, at: string, person: Person): void {
  const own = new Set(person.documents.map(documentKey));
  person.notTheSameAs.forEach((other, index) => {
    const path = `${at}.notTheSameAs[${index}]`;
    checkIdentity(view, path, other);
    checkInstant(view, `${path}.notedAt`, other.notedAt, { required: true, past: true });
    if (other.born === undefined && other.documents.length === 0)
      view.fault(
        path,
        'NOT_TOLD_APART',
        'expected a date of birth or a document: a name alone clears everybody who bears it',
      );
    other.documents.forEach((document, at) => {
      if (own.has(documentKey(document)))
        view.fault(
          `${path}.documents[${at}]`,
          'CONTRADICTION',
          'expected a document of somebody else than the person listed',
        );
    });
  });
}

function checkPerson(view: ContentView, at: string, person: Person, refs: Refs): void {
  refs.declare(`${at}.ref`, person.ref);
  checkIdentity(view, at, person);
  checkNamesakes(view, at, person);
  if (person.roles.length === 0 && person.entityRoles.length === 0)
    view.fault(
      `${at}.roles`,
      'REQUIRED',
      'expected a role in the matter: a person without one is not recorded',
    );
  expectDistinctChoices(view, `${at}.roles`, person.roles);
  person.entityRoles.forEach((role, index) => {
    expectChoice(view, `${at}.entityRoles[${index}].role`, role.role);
    refs.resolve(`${at}.entityRoles[${index}].entityRef`, role.entityRef, true);
  });
  const owner = PartyRole.PARTY_ROLE_BENEFICIAL_OWNER;
  if (person.roles.includes(owner) && !person.entityRoles.some((role) => role.role === owner))
    view.fault(
      `${at}.roles`,
      'R10',
      'expected the entity that the person owns: no other ownership is recorded (R10)',
    );
  person.photos.forEach((photo, index) => {
    checkDigest(view, `${at}.photos[${index}]`, photo);
  });
}
