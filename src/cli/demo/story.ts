/**
 * What happens in the demo: a fictional region, invented makers, ships and firms, and a handful of events whose
 * right outcome is known. Names use user-assigned country codes and unallotted number ranges; nobody and nothing here is real.
 */
import type { JsonObject } from './json.ts';

/** One member of the demo's network. */
export interface Cast {
  readonly id: string;
  readonly name: string;
  readonly country?: string;
  readonly role: 'national' | 'hub' | 'hotline';
  readonly groups: readonly string[];
  readonly deskGroups: readonly string[];
}

export const NETWORK_NAME = 'SAC region (demo)';

export const CAST: readonly Cast[] = [
  { id: 'HR', name: 'SAC Desk', role: 'hub', groups: ['sac', 'adequate'], deskGroups: ['hub'] },
  { id: 'HS', name: 'Pelican Line', role: 'hotline', groups: ['sac'], deskGroups: ['hotline'] },
  {
    id: 'XA',
    name: 'Arvenia',
    country: 'XA',
    role: 'national',
    groups: ['sac', 'adequate'],
    deskGroups: ['police', 'customs', 'licensing'],
  },
  {
    id: 'XB',
    name: 'Borvania',
    country: 'XB',
    role: 'national',
    groups: ['suppliers', 'adequate'],
    deskGroups: ['police', 'licensing'],
  },
  {
    id: 'XC',
    name: 'Cavelia',
    country: 'XC',
    role: 'national',
    groups: ['sac', 'adequate'],
    deskGroups: ['customs', 'licensing'],
  },
];

/** Joins a network that runs, and does not keep its word. */
export const NEWCOMER: Cast = {
  id: 'XJ',
  name: 'Jorvland',
  country: 'XJ',
  role: 'national',
  groups: ['adequate'],
  deskGroups: ['customs'],
};

export const memberOf = (id: string): Cast | undefined =>
  [...CAST, NEWCOMER].find((member) => member.id === id);

export interface Step {
  /** Name of the step; a later revision names it. */
  readonly key: string;
  readonly at: string;
  readonly desk: string;
  /** Key of the step whose record this one revises. */
  readonly revises?: string;
  /** One line for the board. */
  readonly caption: string;
  readonly content: JsonObject;
  /** Drafted, released and read in exercise mode. */
  readonly exercise?: boolean;
}

const DAY_MS = 86_400_000;
const SAC_AND_SUPPLIERS = ['sac', 'suppliers'];

/** What may be done with what: the kinds' defaults, and the hub's analysis. */
const FOR_SEIZURES = ['customs-control', 'border', 'investigation', 'trace', 'statistics', 'threat-analysis'];
const FOR_BROKERS = ['licensing', 'customs-control', 'border', 'investigation', 'threat-analysis'];
const FOR_CERTIFICATES = ['licensing', 'investigation', 'threat-analysis'];

/** Digest of the scanned stamp that three certificates share (planted story 1). */
const STAMP = Buffer.from('9f3c51d2a7e84b06', 'hex').toString('base64');

const day = (nowMs: number, daysAgo: number): string =>
  new Date(nowMs - daysAgo * DAY_MS).toISOString().slice(0, 10);

export function seizure(nowMs: number): JsonObject {
  const serials = Array.from({ length: 39 }, (_unused, index) => `KW7-${(20_481 + index).toString()}`);
  return {
    kind: 'seizure-notice',
    priority: 'immediate',
    marking: { releasableTo: SAC_AND_SUPPLIERS, purposes: FOR_SEIZURES },
    facets: {
      summary: {
        context: 'seized',
        date: day(nowMs, 0),
        country: 'XA',
        agencyType: 'customs',
        totals: [{ category: 'assault-rifle', quantity: 40, unit: 'piece' }],
        significant: true,
        embargoRelated: true,
        proof: 'proven',
        status: 'reported',
      },
      items: {
        weapons: [
          {
            line: 1,
            kind: 'firearm',
            category: 'assault-rifle',
            make: 'Korvath Works',
            model: 'K-7',
            calibre: '7.62 mm',
            action: 'automatic',
            countryOfManufacture: 'XB',
            yearOfManufacture: 1998,
            quantity: 40,
            unit: 'piece',
            state: 'complete',
          },
        ],
        concealment: 'container-false-wall',
      },
      identifiers: {
        weapons: [
          ...serials.map((frameSerial) => ({
            line: 1,
            frameSerial,
            manufacturerMark: 'KORVATH',
            markState: 'intact',
          })),
          { line: 1, frameSerial: 'KW7-2?5*', manufacturerMark: 'KORVATH', markState: 'partial' },
        ],
      },
      route: {
        place: { country: 'XA', unlocode: 'XABRV', name: 'Port Brava', kind: 'port' },
        containers: [{ ref: 'c1', number: 'QTSU2044172', seals: ['AR-55120'] }],
        consignments: [
          {
            ref: 'b1',
            billOfLading: 'QTS-BRV-0417',
            packages: 12,
            grossKg: 2140,
            declaredDescription: 'seed drills, used',
          },
        ],
        tradeCodes: [{ system: 'hs', declared: '8432', actual: '9301.90' }],
      },
      entities: {
        entities: [
          {
            ref: 'e1',
            names: [{ text: 'Tallow Reach Shipping', type: 'legal' }],
            incorporationCountry: 'XE',
            ids: [{ scheme: 'imo-company', value: '0001012' }],
            roles: ['carrier'],
          },
        ],
      },
      persons: {
        persons: [
          {
            ref: 'p1',
            names: [{ text: 'Besim Orlak', type: 'primary' }],
            born: '1971-03',
            nationalities: ['XB'],
            roles: ['consignee'],
            arrested: true,
          },
        ],
      },
      source: { type: 'human', handle: 'BRV-informant-3', contactRule: 'case officer only', risk: 'high' },
      internal: { fileNumber: 'AR/CUS/2041', drafter: 'desk 4' },
    },
  };
}

function broker(nowMs: number): JsonObject {
  return {
    kind: 'watchlist-entry',
    marking: { releasableTo: SAC_AND_SUPPLIERS, purposes: FOR_BROKERS },
    facets: {
      summary: {
        subjectKind: 'broker',
        reasons: ['de-registered'],
        basis: 'administrative',
        requestedActions: ['consult', 'report-hit'],
        status: 'active',
        since: day(nowMs, 20),
      },
      entities: {
        entities: [
          {
            ref: 'e1',
            names: [
              { text: 'Meridian Vantage Brokers', type: 'legal' },
              { text: 'MVB Trading', type: 'trading' },
            ],
            incorporationCountry: 'XA',
            ids: [{ scheme: 'lei', value: 'QQQQ00TOCSINDEMO0184' }],
            roles: ['broker'],
          },
        ],
      },
      registration: {
        events: [
          {
            event: 'de-registered',
            authority: 'Licensing Board of Arvenia',
            country: 'XA',
            ground: 'nationality',
            number: 'AR-BR-118',
            date: day(nowMs, 20),
            reason: 'repeated false end-use statements',
            appealable: true,
          },
          {
            event: 'registered',
            authority: 'Trade Ministry of Cavelia',
            country: 'XC',
            ground: 'place-of-negotiation',
            number: 'CV-0931',
            date: day(nowMs, 400),
          },
        ],
      },
      persons: {
        persons: [
          {
            ref: 'p1',
            names: [{ text: 'Ilan Dresko', type: 'primary' }],
            born: '1966',
            nationalities: ['XA'],
            roles: ['director'],
            entityRoles: [{ entityRef: 'e1', role: 'director' }],
          },
        ],
      },
      legal: {
        rows: [
          {
            authority: 'Licensing Board of Arvenia',
            country: 'XA',
            offence: 'false end-use statement',
            date: day(nowMs, 20),
            appeal: 'pending',
          },
        ],
      },
      internal: { fileNumber: 'AR/LIC/77' },
    },
  };
}

function vessel(nowMs: number, names: readonly string[]): JsonObject {
  return {
    kind: 'watchlist-entry',
    marking: { releasableTo: SAC_AND_SUPPLIERS, purposes: FOR_BROKERS },
    facets: {
      summary: {
        subjectKind: 'vessel',
        reasons: ['embargo-violation'],
        basis: 'administrative',
        requestedActions: ['report-hit', 'inspect-goods'],
        status: 'active',
        since: day(nowMs, 90),
      },
      entities: {
        vessels: [
          {
            ref: 'v1',
            names: names.map((text, index) => ({
              text,
              period: { from: String(new Date(nowMs).getUTCFullYear() - names.length + index) },
            })),
            imo: '0001016',
            mmsi: '299001016',
            flags: [{ country: 'XE' }],
            type: 'general cargo',
          },
        ],
      },
    },
  };
}

function forgedCertificate(
  nowMs: number,
  facts: {
    readonly presentedTo: string;
    readonly number: string;
    readonly complicity: boolean;
    readonly daysAgo: number;
  },
): JsonObject {
  return {
    kind: 'forged-euc-alert',
    marking: { releasableTo: SAC_AND_SUPPLIERS, purposes: FOR_CERTIFICATES },
    facets: {
      summary: {
        purportedIssuer: 'XC',
        documentType: 'euc',
        presentedTo: facts.presentedTo,
        presentedOn: day(nowMs, facts.daysAgo),
        verdict: 'suspected',
        officialComplicitySuspected: facts.complicity,
        totals: [{ category: 'sub-machine-gun', quantity: 300, unit: 'piece' }],
      },
      document: {
        document: {
          type: 'euc',
          number: facts.number,
          issuer: 'Ministry of Defence of Cavelia',
          issuerCountry: 'XC',
          signatoryOffice: 'Director of Procurement',
          issued: day(nowMs, facts.daysAgo + 30),
          expires: day(nowMs, facts.daysAgo - 300),
        },
        elements: [{ element: 'register-number', presented: facts.number, verdict: 'unknown' }],
      },
      forensics: { defects: ['stamp-copied', 'number-reused'], stampHash: STAMP },
      entities: {
        entities: [
          { ref: 'e1', names: [{ text: 'Meridian Vantage Brokers', type: 'legal' }], roles: ['applicant'] },
        ],
      },
      persons: {
        persons: [{ ref: 'p1', names: [{ text: 'Ilan Dresko', type: 'primary' }], roles: ['applicant'] }],
      },
      ...(facts.complicity ? { distribution: { exclusions: ['XC'] } } : {}),
    },
  };
}

function hotlineReport(
  nowMs: number,
  reportNumber: string,
  text: string,
  othersCouldKnow: boolean,
): JsonObject {
  const hour = Math.floor(nowMs / 3_600_000) * 3_600_000;
  return {
    kind: 'hotline-report',
    // The group that nobody may join: the kind never leaves its node.
    marking: { releasableTo: ['local'] },
    facets: {
      summary: {
        reportNumber,
        channel: 'voice',
        receivedAt: new Date(hour).toISOString(),
        language: 'pt',
        category: 'movement',
        imminence: 'hours',
        country: 'XC',
        subdivision: 'XC-N',
        status: 'triaged',
      },
      content: { narrative: [{ language: 'pt', text }] },
      source: { statement: 'does not want to be called back', risk: 'life' },
      triage: {
        score: 70,
        grading: { scheme: 'nato-6x6', source: 'F', information: '3' },
        decision: othersCouldKnow ? 'warning' : 'drop',
        threeCouldHaveKnown: othersCouldKnow,
      },
    },
  };
}

function warning(nowMs: number): JsonObject {
  const expires = new Date(nowMs + DAY_MS).toISOString();
  return {
    kind: 'warning',
    priority: 'flash',
    marking: { releasableTo: ['sac'] },
    expires,
    reviewBy: expires,
    facets: {
      summary: {
        event: 'arms-movement',
        action: 'alert',
        texts: [
          {
            language: 'en',
            headline: 'Armed convoys at night',
            description: 'Vehicles with weapons use rural roads after dark.',
            instruction: 'Keep away; report to the border guard.',
          },
          {
            language: 'fr',
            headline: 'Convois armés la nuit',
            description: 'Des véhicules transportant des armes circulent la nuit.',
            instruction: 'Restez à distance ; avertissez les gardes-frontières.',
          },
          {
            language: 'ar',
            headline: 'قوافل مسلحة ليلا',
            description: 'مركبات تحمل أسلحة تسلك الطرق الريفية بعد حلول الظلام.',
            instruction: 'ابتعدوا وأبلغوا حرس الحدود.',
          },
        ],
        urgency: 'expected',
        severity: 'severe',
        certainty: 'possible',
        areas: [{ description: 'northern districts', subdivisions: ['XC-N', 'XA-E'] }],
        audience: 'border',
        effective: new Date(Math.floor(nowMs / 60_000) * 60_000).toISOString(),
        expires,
      },
    },
  };
}

/** A record of the yearly exercise: signed by the exercise log, kept apart from live records everywhere. */
function exerciseSeizure(nowMs: number): JsonObject {
  return {
    kind: 'seizure-notice',
    marking: { releasableTo: ['sac'], status: 'exercise' },
    facets: {
      summary: {
        context: 'found',
        date: day(nowMs, 0),
        country: 'XC',
        agencyType: 'border',
        totals: [{ category: 'revolver-or-pistol', quantity: 12, unit: 'piece' }],
        proof: 'suspected',
        status: 'reported',
      },
      items: {
        weapons: [
          {
            line: 1,
            kind: 'firearm',
            category: 'revolver-or-pistol',
            make: 'Belmare Armas',
            model: 'BM9',
            calibre: '9 mm',
            quantity: 12,
            unit: 'piece',
            state: 'complete',
          },
        ],
      },
    },
  };
}

/** The story, in order. `nowMs` dates the events. */
export const story = (nowMs: number): readonly Step[] => [
  {
    key: 'broker',
    at: 'XA',
    desk: 'licensing',
    caption: 'Arvenia strikes a broker off its register; Cavelia, where he negotiates, still licenses him',
    content: broker(nowMs),
  },
  {
    key: 'ship',
    at: 'XB',
    desk: 'police',
    caption: 'Borvania lists a ship that has sailed under two names',
    content: vessel(nowMs, ['Marisol Star', 'Kestrel Bay']),
  },
  {
    key: 'seizure',
    at: 'XA',
    desk: 'customs',
    caption: 'Arvenian customs open container QTSU2044172 at Port Brava: 40 rifles behind a false wall',
    content: seizure(nowMs),
  },
  {
    key: 'euc-1',
    at: 'XA',
    desk: 'licensing',
    caption: 'A Cavelian end-use certificate with a copied stamp is presented to Arvenia',
    content: forgedCertificate(nowMs, {
      presentedTo: 'XA',
      number: 'CV-EUC-4471',
      complicity: false,
      daysAgo: 6,
    }),
  },
  {
    key: 'euc-2',
    at: 'XB',
    desk: 'licensing',
    caption:
      'Borvania is shown another with the same stamp, and suspects an official of Cavelia: Cavelia must not know',
    content: forgedCertificate(nowMs, {
      presentedTo: 'XB',
      number: 'CV-EUC-4472',
      complicity: true,
      daysAgo: 4,
    }),
  },
  {
    key: 'euc-3',
    at: 'XC',
    desk: 'customs',
    caption: 'Cavelia finds a third itself',
    content: forgedCertificate(nowMs, {
      presentedTo: 'XC',
      number: 'CV-EUC-4473',
      complicity: false,
      daysAgo: 2,
    }),
  },
  {
    key: 'call-1',
    at: 'HS',
    desk: 'hotline',
    caption: 'A caller reports what only one person can know: it is not broadcast, in no form',
    content: hotlineReport(nowMs, 'PL-7Q2M', 'Na quinta onde trabalho chegaram caixas ontem à noite.', false),
  },
  {
    key: 'call-2',
    at: 'HS',
    desk: 'hotline',
    caption: 'Another reports a convoy that a whole village saw',
    content: hotlineReport(nowMs, 'PL-3X9D', 'Vários camiões sem luzes passaram pela estrada à noite.', true),
  },
  {
    key: 'warning',
    at: 'HS',
    desk: 'hotline',
    caption: 'Pelican Line broadcasts a warning in three languages, without place, hour or caller',
    content: warning(nowMs),
  },
  {
    key: 'ship-renamed',
    at: 'XB',
    desk: 'police',
    revises: 'ship',
    caption: 'The ship is renamed again; same IMO number, second revision',
    content: vessel(nowMs, ['Marisol Star', 'Kestrel Bay', 'Nordwind II']),
  },
  {
    key: 'exercise',
    at: 'XC',
    desk: 'customs',
    caption: 'Cavelia sends an exercise record: signed by its exercise log, never mixed with live ones',
    content: exerciseSeizure(nowMs),
    exercise: true,
  },
];
