/**
 * One example of every kind, valid as an officer would type it. All names, firms, ships and ports are of the fictional
 * federation (user-assigned country codes); nothing here resembles anyone real.
 */

/** Plain JSON, as contentFromJson reads it. */
export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };

/** A moment at which the examples are valid. */
export const EXAMPLE_NOW_MS = Date.parse('2026-03-02T10:00:00Z');

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

const base64 = (fill: number, length: number): string => Buffer.alloc(length, fill).toString('base64');
const digest = (fill: number): string => base64(fill, 32);
const ref = (fill: number, originator: string): Json => ({ recordId: base64(fill, 16), originator });

const assessment: Json = {
  grading: { scheme: 'nato-6x6', source: 'B', information: '2', assessedBy: 'duty analyst' },
  proof: 'suspected',
  confidence: 'moderate',
  comment: 'two independent reports agree',
};

const source: Json = { type: 'human', handle: 'BRV-14', access: 'works on the quay', risk: 'high' };

const internal: Json = { fileNumber: 'XA-2024-0417', drafter: 'duty officer', notes: 'second visit planned' };

const attachments: Json = {
  files: [
    {
      sha256: digest(7),
      blobSha256: digest(8),
      fileKey: base64(9, 32),
      mime: 'image/jpeg',
      size: 48_213,
      caption: 'open crate, serial plates',
      class: 'operational',
      metadataStripped: true,
    },
  ],
};

const shared = { assessment, source, internal, attachments };

const brokerEntities: Json = {
  entities: [
    {
      ref: 'e1',
      names: [
        { text: 'Quellmar Trading House', type: 'legal' },
        { text: 'Квельмар', type: 'weak-alias' },
      ],
      legalForm: 'limited company',
      incorporationCountry: 'XE',
      incorporated: '1998',
      ids: [
        { scheme: 'lei', value: 'QQQQ00TOCSINDEMO0184' },
        { scheme: 'imo-company', value: '0001012' },
      ],
      addresses: [{ text: '4 Kelp Stairs', city: 'Port Brava', country: 'XA' }],
      roles: ['broker', 'exporter'],
      status: 'active',
    },
  ],
  vessels: [
    {
      ref: 'v1',
      names: [{ text: 'Sable Heron' }, { text: 'Grey Wader', period: { to: '2021-05' } }],
      imo: '0001016',
      mmsi: '299000101',
      callSign: 'Q2AB',
      flags: [{ country: 'XE' }],
      type: 'general cargo',
      ownerRef: 'e1',
    },
  ],
  aircraft: [{ ref: 'a1', registrations: [{ mark: 'Q-AVN' }], typeDesignator: 'AN12', operatorRef: 'e1' }],
  links: [{ from: 'e1', to: 'v1', type: 'owns', period: { from: '2021' }, grading: 'B2' }],
};

const brokerPersons: Json = {
  persons: [
    {
      ref: 'p1',
      names: [
        { text: 'Orsolo Venn Tarrick', type: 'primary' },
        { text: 'Орсоло Веннтаррик', type: 'original-script' },
      ],
      born: 'circa 1970',
      birthPlace: 'Kalun',
      nationalities: ['XB'],
      sex: 'male',
      documents: [{ type: 'passport', country: 'XB', number: 'XB0004711', expires: '2029-08-31' }],
      roles: ['broker', 'director'],
      entityRoles: [{ entityRef: 'e1', role: 'director' }],
      notTheSameAs: [
        {
          names: [{ text: 'Orsolo V. Tarrick' }],
          born: '1991-05-02',
          nationalities: ['XC'],
          documents: [{ type: 'passport', country: 'XC', number: 'XC7700123' }],
          reference: 'R-12',
          notedAt: '2024-02-13T09:00:00Z',
        },
      ],
    },
  ],
};

const watchlistEntry: Json = {
  kind: 'watchlist-entry',
  deskGroup: 'licensing',
  marking: { releasableTo: ['sac', 'XB'] },
  facets: {
    summary: {
      subjectKind: 'broker',
      reasons: ['de-registered', 'unlicensed-brokering'],
      basis: 'administrative',
      requestedActions: ['report-hit', 'refuse-licence'],
      status: 'active',
      since: '2023-11',
    },
    entities: brokerEntities,
    registration: {
      events: [
        {
          event: 'registered',
          authority: 'Licensing Board of Borvania',
          country: 'XB',
          ground: 'nationality',
          number: 'BR-0192',
          date: '2021-02-11',
        },
        {
          event: 'de-registered',
          authority: 'Licensing Board of Arvenia',
          country: 'XA',
          ground: 'place-of-negotiation',
          number: 'B-77',
          date: '2023-11-04',
          reason: 'false end-use statement',
          appealable: true,
        },
      ],
    },
    licence: {
      licences: [
        {
          number: 'L-3301',
          transaction: 'K-7 rifles to Dorgia',
          issuerCountry: 'XB',
          slot: 'nationality',
          validFrom: '2023-01-01',
          validTo: '2023-12-31',
          status: 'revoked',
        },
      ],
    },
    legal: {
      rows: [
        {
          authority: 'Administrative Court of Port Brava',
          country: 'XA',
          offence: 'brokering without a licence',
          date: '2024-01-20',
          appeal: 'pending',
        },
      ],
    },
    persons: brokerPersons,
    finance: {
      accounts: [
        {
          scheme: 'IBAN',
          lastFour: '0417',
          instrument: 'letter of credit',
          amount: { currency: 'XTS', minorUnits: 12_500_000 },
        },
      ],
    },
    redress: {
      rows: [{ reference: 'R-12', received: '2024-02-01T09:00:00Z', decision: 'pending' }],
    },
    ...shared,
  },
};

const seizureNotice: Json = {
  kind: 'seizure-notice',
  deskGroup: 'customs',
  marking: { releasableTo: ['sac', 'XB'] },
  facets: {
    summary: {
      context: 'seized',
      date: '2024-03-01',
      country: 'XA',
      subdivision: 'XA-S',
      agencyType: 'customs',
      totals: [
        { category: 'assault-rifle', quantity: 40 },
        { category: 'ammunition', quantity: 12_000, unit: 'round' },
      ],
      significant: true,
      proof: 'proven',
    },
    items: {
      weapons: [
        {
          line: 1,
          kind: 'firearm',
          category: 'assault-rifle',
          make: 'Korvath Works',
          model: 'K-7',
          calibre: '7.62x39',
          action: 'automatic',
          countryOfManufacture: 'XB',
          yearOfManufacture: 2019,
          quantity: 40,
          state: 'complete',
          referenceCode: 'KORVATH-K7',
        },
      ],
      ammunition: [
        {
          line: 2,
          headstamp: 'KW 19',
          lotNumber: '19-044',
          calibre: '7.62x39',
          quantity: 12_000,
          unit: 'round',
        },
      ],
      concealment: 'container-false-wall',
      estimatedOrigin: { country: 'XB', grounds: 'marks of the maker' },
    },
    identifiers: {
      weapons: [
        { line: 1, frameSerial: 'KB-004471', manufacturerMark: 'KORVATH', markState: 'intact' },
        { line: 1, frameSerial: 'КВ-004472', importMark: { country: 'XD', year: 2020 }, markState: 'intact' },
        {
          line: 1,
          frameSerial: 'KB-0044??',
          otherSerials: [{ part: 'bolt', value: '4473' }],
          markState: 'partial',
          photos: [digest(7)],
        },
      ],
    },
    route: {
      place: {
        country: 'XA',
        subdivision: 'XA-S',
        unlocode: 'XABRV',
        name: 'Port Brava',
        point: { latitude: 12.25, longitude: -41.5 },
        precisionM: 2000,
        kind: 'port',
      },
      legs: [
        {
          seq: 1,
          from: { country: 'XB', name: 'Korvath' },
          to: { country: 'XA', unlocode: 'XABRV' },
          mode: 'sea',
          conveyanceRef: 'v1',
          role: 'seizure',
          account: 'actual',
        },
        {
          seq: 1,
          from: { country: 'XE' },
          to: { country: 'XD' },
          mode: 'sea',
          conveyanceRef: 'v1',
          role: 'intended-destination',
          account: 'declared',
        },
      ],
      vehicles: [{ ref: 'l1', plate: 'BRV 4471', plateCountry: 'XA', type: 'lorry' }],
      containers: [{ ref: 'c1', number: 'QTSU2044172', seals: ['Q771204'] }],
      consignments: [
        {
          ref: 's1',
          billOfLading: 'QM-2024-88',
          packages: 4,
          grossKg: 610,
          shipperRef: 'e1',
          declaredDescription: 'parts of agricultural machines',
          tradeCodes: [{ system: 'hs', declared: '8432.90', actual: '9301.90' }],
        },
      ],
      tradeCodes: [{ system: 'eu-ml', actual: 'ML1' }],
    },
    entities: brokerEntities,
    persons: {
      persons: [
        {
          ref: 'p1',
          names: [{ text: 'Malvo Dessine' }],
          born: '1988-04-17',
          nationalities: ['XC'],
          roles: ['driver'],
          arrested: true,
        },
      ],
    },
    legal: { suspectedOffence: 'smuggling of arms', statute: 'Customs Act, art. 44', stage: 'investigation' },
    price: {
      observations: [
        {
          item: 'K-7 rifle',
          price: { currency: 'XTS', minorUnits: 45_000 },
          country: 'XA',
          subdivision: 'XA-S',
          date: '2024-02',
        },
      ],
    },
    ...shared,
  },
};

const forgedEucAlert: Json = {
  kind: 'forged-euc-alert',
  deskGroup: 'licensing',
  marking: { releasableTo: ['sac', 'XH'] },
  facets: {
    summary: {
      purportedIssuer: 'XD',
      documentType: 'euc',
      presentedTo: 'XB',
      presentedOn: '2024-02-18',
      verdict: 'suspected',
      totals: [{ category: 'assault-rifle', quantity: 600 }],
    },
    document: {
      document: {
        type: 'euc',
        number: 'DF/2024/0093',
        issuer: 'Defence Stock Office of Dorgia',
        issuerCountry: 'XD',
        signatoryOffice: 'Director of Supply',
        issued: '2024-01-30',
        expires: '2025-01-30',
        scanSha256: digest(3),
      },
      elements: [
        { element: 'register-number', presented: 'DF/2024/0093', verdict: 'false' },
        { element: 'quantity', presented: '600', actual: '60', verdict: 'false' },
        { element: 'end-use', presented: 'equipment of border posts', verdict: 'unknown' },
        { element: 'no-re-export', presented: 'given', verdict: 'unknown' },
      ],
    },
    forensics: {
      defects: ['number-reused', 'stamp-copied'],
      stampHash: base64(17, 8),
      similarTo: [ref(21, 'XH')],
      comment: 'stamp equals the one of two earlier papers',
    },
    entities: brokerEntities,
    persons: brokerPersons,
    verification: {
      answer: 'not-issued',
      answeredBy: 'end-use verifier',
      answeredAt: '2024-02-27T08:30:00Z',
    },
    ...shared,
  },
};

const hotlineReport: Json = {
  kind: 'hotline-report',
  deskGroup: 'hotline',
  facets: {
    summary: {
      reportNumber: '7Q4-KM2',
      channel: 'voice',
      receivedAt: '2024-03-02T01:00:00Z',
      language: 'pt',
      category: 'movement',
      imminence: 'hours',
      country: 'XL',
      subdivision: 'XL-N',
    },
    content: {
      narrative: [
        { language: 'pt', text: 'Dois camiões seguem de noite para a fronteira com caixas compridas.' },
      ],
      weapons: [{ line: 1, kind: 'firearm', category: 'sub-machine-gun', quantity: 20, state: 'complete' }],
      vehicles: [{ ref: 'l1', type: 'lorry' }],
      legs: [
        {
          seq: 1,
          from: { country: 'XL', subdivision: 'XL-N' },
          to: { country: 'XC' },
          mode: 'road',
          conveyanceRef: 'l1',
          account: 'actual',
        },
      ],
    },
    triage: {
      score: 70,
      grading: { scheme: 'nato-6x6', source: 'F', information: '3' },
      decision: 'warning',
      decidedBy: 'controller of the night',
      decidedAt: '2024-03-02T02:10:00Z',
      scrubbedBy: 'second operator',
      threeCouldHaveKnown: true,
    },
    source: { statement: 'saw it pass the market', mayCallBack: true, risk: 'medium' },
    internal,
  },
};

const warning = (nowMs: number): Json => ({
  kind: 'warning',
  deskGroup: 'hotline',
  marking: { releasableTo: ['sac'] },
  facets: {
    summary: {
      event: 'arms-movement',
      texts: [
        {
          language: 'fr',
          headline: 'Convoi armé signalé dans le nord',
          description: 'Deux camions, de nuit, vers la frontière.',
          instruction: 'Ne pas intercepter seul; prévenir le poste.',
        },
        {
          language: 'pt',
          headline: 'Comboio armado assinalado no norte',
          description: 'Dois camiões, de noite, para a fronteira.',
          instruction: 'Não intercetar sozinho; avisar o posto.',
        },
      ],
      urgency: 'immediate',
      severity: 'severe',
      certainty: 'possible',
      areas: [
        {
          description: 'northern districts of Lurania',
          subdivisions: ['XL-N'],
          circle: { center: { latitude: -8.5, longitude: 14 }, radiusKm: 40 },
        },
      ],
      audience: 'border',
      effective: new Date(nowMs).toISOString(),
      expires: new Date(nowMs + DAY_MS).toISOString(),
    },
    items: {
      weapons: [{ line: 1, kind: 'firearm', category: 'sub-machine-gun', quantity: 20, state: 'complete' }],
    },
    conveyance: { vehicles: [{ ref: 'l1', type: 'lorry' }] },
    basis: { records: [ref(31, 'XL')], comment: 'two reports of the same night' },
    assessment,
    internal,
  },
});

const link: Json = {
  kind: 'link',
  deskGroup: 'hub',
  marking: { releasableTo: ['XA', 'XC'] },
  facets: {
    link: { from: ref(41, 'XA'), to: ref(42, 'XC'), role: 'supports', comment: 'same container owner' },
  },
};

const receipt = (nowMs: number): Json => ({
  kind: 'receipt',
  deskGroup: 'node',
  marking: { releasableTo: ['XA'] },
  facets: {
    receipt: {
      manifestDigest: digest(51),
      lane: 1,
      incarnation: 1,
      seq: 17,
      kind: 'delivered',
      items: [
        { headerDigest: digest(52), result: 'accepted', facets: ['summary', 'items'] },
        { headerDigest: digest(53), result: 'refused', reason: 'unknown-kind' },
      ],
      at: new Date(nowMs).toISOString(),
    },
  },
});

const recall = (nowMs: number): Json => ({
  kind: 'recall',
  deskGroup: 'customs',
  marking: { releasableTo: ['sac', 'XB'] },
  facets: {
    recall: {
      target: digest(61),
      recordId: base64(62, 16),
      scope: 'facets',
      facets: ['persons'],
      reason: 'court-order',
      mustPurge: true,
      deadline: new Date(nowMs + 3 * DAY_MS).toISOString(),
    },
  },
});

const onwardConsent = (nowMs: number): Json => ({
  kind: 'onward-consent',
  deskGroup: 'licensing',
  marking: { releasableTo: ['HR', 'XB'] },
  facets: {
    'onward-consent': {
      record: digest(71),
      recordId: base64(72, 16),
      facets: ['summary', 'entities'],
      to: ['XB'],
      conditions: ['for the licence under review only'],
      expires: new Date(nowMs + 90 * DAY_MS).toISOString(),
    },
  },
});

const disclosure = (nowMs: number): Json => ({
  kind: 'disclosure',
  deskGroup: 'node',
  marking: { releasableTo: ['XA'] },
  facets: {
    disclosure: {
      record: digest(81),
      recipient: 'XB',
      facets: ['summary', 'entities'],
      basis: 'R3 R5',
      consent: digest(82),
      at: new Date(nowMs).toISOString(),
    },
  },
});

const canary = (nowMs: number): Json => ({
  kind: 'canary',
  deskGroup: 'node',
  marking: { releasableTo: ['XB'] },
  facets: {
    canary: { nonce: Buffer.alloc(16, 7).toString('base64'), at: new Date(nowMs).toISOString() },
  },
});

const auditAnchor = (nowMs: number): Json => ({
  kind: 'audit-anchor',
  deskGroup: 'node',
  facets: { 'audit-anchor': { seq: '7', hash: digest(91), at: new Date(nowMs).toISOString() } },
});

const breakGlass = (nowMs: number): Json => ({
  kind: 'break-glass',
  deskGroup: 'node',
  marking: { releasableTo: ['XB'] },
  facets: {
    'break-glass': {
      stage: 'opened',
      record: digest(99),
      facets: ['route'],
      asked: ['price'],
      officer: 'Bruna Border',
      certificate: digest(100),
      deskGroup: 'border',
      reason: 'the ship sails within the hour',
      at: new Date(nowMs).toISOString(),
      until: new Date(nowMs + 4 * 3_600_000).toISOString(),
    },
  },
});

const redressRequest = (nowMs: number): Json => ({
  kind: 'redress-request',
  deskGroup: 'police',
  marking: { releasableTo: ['XA'] },
  facets: {
    request: {
      reference: 'R-12',
      channel: 'XC',
      claim: 'mistaken-identity',
      received: new Date(nowMs - DAY_MS).toISOString(),
    },
    subject: {
      names: [{ text: 'Orsolo V. Tarrick' }],
      documents: [{ type: 'passport', country: 'XC', number: 'XC7700123' }],
    },
  },
});

const referenceTable: Json = {
  kind: 'reference-table',
  deskGroup: 'hub',
  marking: { releasableTo: ['XA', 'XB'] },
  facets: {
    table: {
      type: 'name-equivalence',
      title: 'Names of the coast',
      rows: [
        { words: ['Tarrick', 'Terreque', 'طارق'], knownFrom: 'civil register of XC, 2023' },
        { words: ['Orsolo', 'Ursule'], knownFrom: 'civil register of XC, 2023' },
      ],
    },
  },
};

const tasking = (nowMs: number): Json => ({
  kind: 'tasking',
  deskGroup: 'hub',
  marking: { releasableTo: ['XA'] },
  facets: {
    tasking: {
      type: 'consent-onward',
      record: digest(91),
      recordId: base64(92, 16),
      facets: ['summary', 'entities'],
      to: ['XB'],
      question: 'XB reviews a licence of the same broker',
      due: new Date(nowMs + 3 * DAY_MS).toISOString(),
    },
  },
});

const answer = (): Json => ({
  kind: 'answer',
  deskGroup: 'customs',
  marking: { releasableTo: ['XC'] },
  facets: {
    answer: {
      tasking: digest(98),
      record: digest(91),
      outcome: 'full',
      text: 'It is the same vessel under another name; please hold it.',
    },
  },
});

const breachReport = (nowMs: number): Json => ({
  kind: 'breach-report',
  deskGroup: 'node',
  marking: { releasableTo: ['XA'] },
  facets: {
    report: {
      record: digest(93),
      header: base64(94, 400),
      forwarder: 'HR',
      reason: 'third-party-breach',
      manifest: base64(95, 600),
      manifestDigest: digest(96),
      signature: { ed25519: base64(97, 64), mlDsa44: base64(98, 2420) },
      line: 0,
      at: new Date(nowMs).toISOString(),
    },
  },
});

const EXAMPLES: ReadonlyMap<string, (nowMs: number) => Json> = new Map<string, (nowMs: number) => Json>([
  ['watchlist-entry', () => watchlistEntry],
  ['seizure-notice', () => seizureNotice],
  ['forged-euc-alert', () => forgedEucAlert],
  ['hotline-report', () => hotlineReport],
  ['warning', warning],
  ['link', () => link],
  ['receipt', receipt],
  ['recall', recall],
  ['onward-consent', onwardConsent],
  ['disclosure', disclosure],
  ['canary', canary],
  ['audit-anchor', auditAnchor],
  ['tasking', tasking],
  ['answer', answer],
  ['redress-request', redressRequest],
  ['reference-table', () => referenceTable],
  ['break-glass', breakGlass],
  ['breach-report', breachReport],
]);

/** Kinds that have an example. */
export const EXAMPLE_KINDS: readonly string[] = [...EXAMPLES.keys()];

/**
 * Content of a kind as JSON, every facet filled that may be but the attachments: those name blobs, which somebody would have
 * to have. Valid when typed at `nowMs`, from March 2024 on.
 */
export function exampleContent(kind: string, nowMs: number = EXAMPLE_NOW_MS): Json {
  const { facets, ...rest } = exampleWithAttachments(kind, nowMs) as { facets: Record<string, Json> };
  const { attachments: _, ...others } = facets;
  return { ...rest, facets: others } as Json;
}

/** The same with every facet filled that may be; the blob that it names does not exist. */
export function exampleWithAttachments(kind: string, nowMs: number = EXAMPLE_NOW_MS): Json {
  const make = EXAMPLES.get(kind);
  if (make === undefined) throw new Error(`no example of kind ${kind}`);
  return structuredClone(make(nowMs));
}
