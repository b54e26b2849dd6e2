/** Numbers in one facet's message, as they are written there: a function for each message that carries any. */
import type {
  Aircraft,
  Consignment,
  Container,
  Vehicle,
  Vessel,
} from '../../gen/tocsin/record/v1/conveyance.ts';
import type { PartialDate } from '../../gen/tocsin/record/v1/date.ts';
import { type Document, DocumentType } from '../../gen/tocsin/record/v1/document.ts';
import { EucElement, ForgedEucDocument } from '../../gen/tocsin/record/v1/forged_euc_alert.ts';
import { HotlineContent } from '../../gen/tocsin/record/v1/hotline_report.ts';
import { type AmmoLot, Identifiers, type Weapon } from '../../gen/tocsin/record/v1/item.ts';
import {
  Entities,
  type Entity,
  EntityIdScheme,
  IdentityDocumentType,
  Persons,
} from '../../gen/tocsin/record/v1/party.ts';
import { SeizureItems, SeizureRoute } from '../../gen/tocsin/record/v1/seizure_notice.ts';
import { WarningConveyance, WarningItems } from '../../gen/tocsin/record/v1/warning.ts';
import { WatchlistLicences, WatchlistRegistration } from '../../gen/tocsin/record/v1/watchlist_entry.ts';
import { formatPartialDate } from '../../record/index.ts';
import type { About, Scheme } from './listed.ts';

export interface FacetNumber {
  readonly scheme: Scheme;
  readonly value: string;
  readonly about: About;
  /** Item line that it belongs to: what the weapon is stands in another facet. */
  readonly line?: number;
}

type Numbers = Iterable<FacetNumber>;

/** Stated fields only: an empty text or a zero says nothing. */
const stated = (about: { readonly [Field in keyof About]: About[Field] | undefined }): About =>
  Object.fromEntries(
    Object.entries(about).filter(([, value]) => value !== undefined && value !== '' && value !== 0),
  );

const dateText = (date: PartialDate | undefined): string | undefined =>
  date === undefined ? undefined : formatPartialDate(date);

/** What an item line says of its weapons. */
export const aboutWeapon = (weapon: Weapon): About =>
  stated({
    maker: weapon.make,
    model: weapon.model,
    calibre: weapon.calibre,
    country: weapon.countryOfManufacture,
    year: weapon.yearOfManufacture,
  });

function* ofVessels(vessels: readonly Vessel[]): Numbers {
  for (const vessel of vessels) {
    // The latest stands last or has no end; the flag of today is what a declaration can agree with.
    const flag = (vessel.flags.find(({ period }) => period?.to === undefined) ?? vessel.flags.at(-1))
      ?.country;
    const about = stated({ name: vessel.names[0]?.text, flag });
    yield { scheme: 'imo-ship', value: vessel.imo, about };
    yield { scheme: 'mmsi', value: vessel.mmsi, about };
    yield { scheme: 'call-sign', value: vessel.callSign, about };
  }
}

function* ofAircraft(all: readonly Aircraft[]): Numbers {
  for (const aircraft of all) {
    const about = stated({ model: aircraft.typeDesignator });
    for (const { mark } of aircraft.registrations) yield { scheme: 'aircraft-mark', value: mark, about };
    yield { scheme: 'icao24', value: aircraft.icao24, about };
    yield { scheme: 'aircraft-msn', value: aircraft.serialNumber, about };
  }
}

function* ofVehicles(vehicles: readonly Vehicle[]): Numbers {
  for (const { plate, plateCountry } of vehicles)
    yield { scheme: 'plate', value: plate, about: stated({ country: plateCountry }) };
}

function* ofContainers(containers: readonly Container[]): Numbers {
  for (const { number, seals } of containers) {
    yield { scheme: 'container', value: number, about: {} };
    for (const value of seals) yield { scheme: 'seal', value, about: {} };
  }
}

function* ofConsignments(consignments: readonly Consignment[]): Numbers {
  for (const { billOfLading, airWaybill, cmr, customsDeclaration, packages } of consignments) {
    const about = stated({ quantity: packages });
    yield { scheme: 'bill-of-lading', value: billOfLading, about };
    yield { scheme: 'air-waybill', value: airWaybill, about };
    yield { scheme: 'consignment-note', value: cmr, about };
    yield { scheme: 'customs-declaration', value: customsDeclaration, about };
  }
}

function* ofLots(lots: readonly AmmoLot[]): Numbers {
  for (const { lotNumber, calibre, yearOfManufacture, headstamp } of lots)
    yield {
      scheme: 'ammunition-lot',
      value: lotNumber,
      about: stated({ calibre, year: yearOfManufacture, maker: headstamp }),
    };
}

const ENTITY_SCHEMES: Readonly<Partial<Record<EntityIdScheme, Scheme>>> = {
  [EntityIdScheme.ENTITY_ID_SCHEME_LEI]: 'lei',
  [EntityIdScheme.ENTITY_ID_SCHEME_NATIONAL_REGISTER]: 'national-register',
  [EntityIdScheme.ENTITY_ID_SCHEME_VAT]: 'vat',
  [EntityIdScheme.ENTITY_ID_SCHEME_IMO_COMPANY]: 'imo-company',
  [EntityIdScheme.ENTITY_ID_SCHEME_UEI]: 'uei',
  [EntityIdScheme.ENTITY_ID_SCHEME_BIC]: 'bic',
};

function* ofEntities(entities: readonly Entity[]): Numbers {
  for (const { names, incorporationCountry, ids } of entities)
    for (const { scheme: stands, value, issuer } of ids) {
      const scheme = ENTITY_SCHEMES[stands];
      if (scheme !== undefined)
        yield {
          scheme,
          value,
          about: stated({ name: names[0]?.text, country: incorporationCountry, issuer }),
        };
    }
}

const PAPER_SCHEMES: Readonly<Partial<Record<DocumentType, Scheme>>> = {
  [DocumentType.DOCUMENT_TYPE_EUC]: 'certificate',
  [DocumentType.DOCUMENT_TYPE_EUS]: 'certificate',
  [DocumentType.DOCUMENT_TYPE_DELIVERY_VERIFICATION]: 'certificate',
  [DocumentType.DOCUMENT_TYPE_IMPORT_LICENCE]: 'licence',
  [DocumentType.DOCUMENT_TYPE_EXPORT_LICENCE]: 'licence',
  [DocumentType.DOCUMENT_TYPE_BROKER_LICENCE]: 'licence',
  [DocumentType.DOCUMENT_TYPE_BILL_OF_LADING]: 'bill-of-lading',
  [DocumentType.DOCUMENT_TYPE_AIR_WAYBILL]: 'air-waybill',
};

const WHOLE = /^[0-9]{1,9}$/;

function* ofPaper(document: Document | undefined, quantity: number | undefined): Numbers {
  const scheme = document && PAPER_SCHEMES[document.type];
  if (document === undefined || scheme === undefined) return;
  yield {
    scheme,
    value: document.number,
    about: stated({
      issuer: document.issuer,
      country: document.issuerCountry,
      signatory: document.signatoryOffice,
      issued: dateText(document.issued),
      expires: dateText(document.expires),
      quantity,
    }),
  };
}

function* ofForgedPaper({ document, elements }: ForgedEucDocument): Numbers {
  const quantity = elements
    .find(({ element }) => element === EucElement.EUC_ELEMENT_QUANTITY)
    ?.presented.trim();
  yield* ofPaper(document, quantity !== undefined && WHOLE.test(quantity) ? Number(quantity) : undefined);
}

function* ofWeaponIds({ weapons }: Identifiers): Numbers {
  for (const { line, frameSerial, otherSerials, manufacturerMark } of weapons) {
    const about = stated({ maker: manufacturerMark });
    for (const value of [frameSerial, ...otherSerials.map((part) => part.value)])
      yield { scheme: 'serial', value, about, line };
  }
}

function* ofPersons({ persons }: Persons): Numbers {
  for (const { documents } of persons)
    for (const { type, country, number, expires } of documents)
      yield {
        scheme:
          type === IdentityDocumentType.IDENTITY_DOCUMENT_TYPE_PASSPORT ? 'passport' : 'identity-document',
        value: number,
        about: stated({ country, expires: dateText(expires) }),
      };
}

/** A message that carries numbers, and how they are read out of it. */
interface FacetReader {
  readonly typeName: string;
  read(body: Uint8Array): Numbers;
}

const reader = <Message>(
  name: string,
  codec: { decode(bytes: Uint8Array): Message },
  numbers: (message: Message) => Numbers,
): FacetReader => ({
  typeName: `tocsin.record.v1.${name}`,
  read: (body) => numbers(codec.decode(body)),
});

const READERS: readonly FacetReader[] = [
  reader('Identifiers', Identifiers, ofWeaponIds),
  reader('Entities', Entities, function* ({ entities, vessels, aircraft }) {
    yield* ofEntities(entities);
    yield* ofVessels(vessels);
    yield* ofAircraft(aircraft);
  }),
  reader('Persons', Persons, ofPersons),
  reader('ForgedEucDocument', ForgedEucDocument, ofForgedPaper),
  reader('SeizureItems', SeizureItems, ({ ammunition }) => ofLots(ammunition)),
  reader('WarningItems', WarningItems, ({ ammunition }) => ofLots(ammunition)),
  reader('SeizureRoute', SeizureRoute, function* ({ vessels, aircraft, vehicles, containers, consignments }) {
    yield* ofVessels(vessels);
    yield* ofAircraft(aircraft);
    yield* ofVehicles(vehicles);
    yield* ofContainers(containers);
    yield* ofConsignments(consignments);
  }),
  reader('WarningConveyance', WarningConveyance, function* ({ vessels, aircraft, vehicles, containers }) {
    yield* ofVessels(vessels);
    yield* ofAircraft(aircraft);
    yield* ofVehicles(vehicles);
    yield* ofContainers(containers);
  }),
  reader('HotlineContent', HotlineContent, function* ({ entities, vessels, aircraft, vehicles }) {
    yield* ofEntities(entities);
    yield* ofVessels(vessels);
    yield* ofAircraft(aircraft);
    yield* ofVehicles(vehicles);
  }),
  reader('WatchlistRegistration', WatchlistRegistration, function* ({ events }) {
    for (const { number, authority, country } of events)
      yield { scheme: 'national-register', value: number, about: stated({ issuer: authority, country }) };
  }),
  reader('WatchlistLicences', WatchlistLicences, function* ({ licences }) {
    for (const { number, issuerCountry, validFrom, validTo } of licences)
      yield {
        scheme: 'licence',
        value: number,
        about: stated({ country: issuerCountry, issued: dateText(validFrom), expires: dateText(validTo) }),
      };
  }),
];

/** Readers by the full name of the message. */
export const FACET_READERS: ReadonlyMap<string, FacetReader> = new Map(
  READERS.map((one) => [one.typeName, one]),
);
