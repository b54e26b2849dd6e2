import { describe, expect, it } from 'vitest';
import { LIMITS } from '../../../src/base/limits.ts';
import { DeskGroup } from '../../../src/gen/tocsin/record/v1/marking.ts';
import { contentFromJson } from '../../../src/record/content-json.ts';
import type { ValidationMode } from '../../../src/record/kind-row.ts';
import { validateContent } from '../../../src/record/validate.ts';
import { EXAMPLE_NOW_MS, exampleWithAttachments } from '../../support/contents.ts';

type Draft = Record<string, unknown>;

/** Sets `value` at a path as `facets.items.weapons[0].line` in a copy of the example; undefined removes. */
function changed(kind: string, changes: Readonly<Record<string, unknown>>): Draft {
  const draft = JSON.parse(JSON.stringify(exampleWithAttachments(kind))) as Draft;
  for (const [path, value] of Object.entries(changes)) {
    const steps = path.split(/[.[\]]+/).filter((step) => step !== '');
    const last = steps.pop() ?? '';
    let at: Draft = draft;
    for (const step of steps) {
      at[step] ??= {};
      at = at[step] as Draft;
    }
    if (value === undefined) delete at[last];
    else at[last] = value;
  }
  return draft;
}

function judge(kind: string, changes: Readonly<Record<string, unknown>>, mode: ValidationMode = 'typed') {
  const { content, faults } = contentFromJson(changed(kind, changes), {
    deskGroup: DeskGroup.DESK_GROUP_CUSTOMS,
    nowMs: EXAMPLE_NOW_MS,
  });
  expect(faults).toEqual([]);
  if (content === undefined) throw new Error(kind);
  const findings = validateContent(content, { mode, nowMs: EXAMPLE_NOW_MS });
  const short = (list: typeof findings.faults) => list.map((fault) => `${fault.path} ${fault.code}`);
  return { faults: short(findings.faults), flags: short(findings.flags) };
}

/** Kind, change, what is found: a fault however it came. */
const always: readonly [string, string, Record<string, unknown>, string][] = [
  ['seizure-notice', 'no summary', { 'facets.summary': undefined }, 'facets.summary REQUIRED'],
  [
    'seizure-notice',
    'a quantity of 0',
    { 'facets.items.weapons[0].quantity': 0 },
    'facets.items.weapons[0].quantity REQUIRED',
  ],
  [
    'seizure-notice',
    'two lines of one number',
    { 'facets.items.ammunition[0].line': 1 },
    'facets.items.ammunition[0].line DUPLICATE',
  ],
  [
    'seizure-notice',
    'more identifiers than weapons',
    { 'facets.items.weapons[0].quantity': 2 },
    'facets.identifiers.weapons TOO_MANY_IDENTIFIERS',
  ],
  [
    'seizure-notice',
    'an identifier of no line',
    { 'facets.identifiers.weapons[0].line': 9 },
    'facets.identifiers.weapons[0].line UNRESOLVED',
  ],
  [
    'seizure-notice',
    'an identifier that says nothing',
    { 'facets.identifiers.weapons[0]': { line: 1, markState: 'obliterated' } },
    'facets.identifiers.weapons[0] NO_IDENTIFIER',
  ],
  [
    'seizure-notice',
    'a category twice',
    { 'facets.summary.totals[1]': { category: 'assault-rifle', quantity: 3 } },
    'facets.summary.totals[1] DUPLICATE',
  ],
  [
    'seizure-notice',
    'persons under an amnesty',
    { 'facets.summary.amnesty': true, 'facets.summary.context': 'surrendered' },
    'facets.persons R10',
  ],
  [
    'seizure-notice',
    'an amnesty for a seizure',
    { 'facets.summary.amnesty': true },
    'facets.summary.amnesty CONTRADICTION',
  ],
  [
    'seizure-notice',
    'disposal without its kind',
    { 'facets.summary.status': 'disposed' },
    'facets.summary.disposal REQUIRED',
  ],
  [
    'seizure-notice',
    'a person without a role',
    { 'facets.persons.persons[0].roles': [] },
    'facets.persons.persons[0].roles REQUIRED',
  ],
  [
    'redress-request',
    'a request without proof of who asks',
    { 'facets.subject': undefined },
    'facets.subject REQUIRED',
  ],
  [
    'redress-request',
    'a decision about no entry, at no time, for no reason',
    { 'facets.request.outcome': 'kept' },
    'facets.request.entry REQUIRED',
  ],
  [
    'reference-table',
    'a row that stands for nothing else',
    { 'facets.table.rows[0].words': ['Tarrick'] },
    'facets.table.rows[0].words REQUIRED',
  ],
  [
    'reference-table',
    'a whole name where a word belongs',
    { 'facets.table.rows[0].words[1]': 'Orsolo Tarrick' },
    'facets.table.rows[0].words[1] WRONG_FORM',
  ],
  [
    'reference-table',
    'a row that nobody vouches for',
    { 'facets.table.rows[1].knownFrom': ' ' },
    'facets.table.rows[1].knownFrom REQUIRED',
  ],
  [
    'reference-table',
    'a table of nothing said',
    { 'facets.table.type': undefined },
    'facets.table.type REQUIRED',
  ],
  ['reference-table', 'a table without rows', { 'facets.table.rows': [] }, 'facets.table.rows REQUIRED'],
  [
    'watchlist-entry',
    'a namesake by name alone, which would clear everybody who bears it',
    {
      'facets.persons.persons[0].notTheSameAs[0].born': undefined,
      'facets.persons.persons[0].notTheSameAs[0].documents': [],
    },
    'facets.persons.persons[0].notTheSameAs[0] NOT_TOLD_APART',
  ],
  [
    'watchlist-entry',
    'a namesake with the passport of the person listed',
    {
      'facets.persons.persons[0].notTheSameAs[0].documents[0]': {
        type: 'passport',
        country: 'XB',
        number: 'xb 000-4711',
      },
    },
    'facets.persons.persons[0].notTheSameAs[0].documents[0] CONTRADICTION',
  ],
  [
    'watchlist-entry',
    'a namesake found at no time',
    { 'facets.persons.persons[0].notTheSameAs[0].notedAt': undefined },
    'facets.persons.persons[0].notTheSameAs[0].notedAt REQUIRED',
  ],
  [
    'watchlist-entry',
    'a namesake without a name',
    { 'facets.persons.persons[0].notTheSameAs[0].names': [] },
    'facets.persons.persons[0].notTheSameAs[0].names REQUIRED',
  ],
  [
    'seizure-notice',
    'an owner of nothing in the record',
    { 'facets.persons.persons[0].roles': ['beneficial-owner'] },
    'facets.persons.persons[0].roles R10',
  ],
  [
    'seizure-notice',
    'a point without precision',
    { 'facets.route.place.precisionM': 0 },
    'facets.route.place.precisionM REQUIRED',
  ],
  [
    'seizure-notice',
    'a latitude beyond the pole',
    { 'facets.route.place.point.latitude': 91 },
    'facets.route.place.point.latitude OUT_OF_RANGE',
  ],
  [
    'seizure-notice',
    'a leg by an unknown conveyance',
    { 'facets.route.legs[0].conveyanceRef': 'zz' },
    'facets.route.legs[0].conveyanceRef UNRESOLVED',
  ],
  [
    'seizure-notice',
    'one ref for two parts',
    { 'facets.route.containers[0].ref': 'e1' },
    'facets.route.containers[0].ref DUPLICATE',
  ],
  [
    'seizure-notice',
    'exclusions with onward group',
    { 'facets.distribution': { exclusions: ['XJ'] }, 'marking.onward': 'group' },
    'marking.onward DISTRIBUTION_ONWARD',
  ],
  [
    'seizure-notice',
    'an exclusion of a named recipient',
    { 'facets.distribution': { exclusions: ['XB'] } },
    'facets.distribution.exclusions[0] CONTRADICTION',
  ],
  [
    'seizure-notice',
    'an attachment beyond 10 MiB',
    { 'facets.attachments.files[0].size': 10_485_761 },
    'facets.attachments.files[0].size OUT_OF_RANGE',
  ],
  ['seizure-notice', 'the node as its desk', { deskGroup: 'node' }, 'deskGroup NOT_ALLOWED'],
  ['seizure-notice', 'nobody to release to', { 'marking.releasableTo': [] }, 'marking.releasableTo REQUIRED'],
  [
    'seizure-notice',
    'a local group',
    { 'marking.releasableTo': ['local'] },
    'marking.releasableTo NOT_ALLOWED',
  ],
  [
    'seizure-notice',
    'a facet of another kind named',
    { 'marking.alsoFacets': ['licence'] },
    'marking.alsoFacets[0] UNKNOWN_FACET',
  ],
  [
    'seizure-notice',
    'an expiry beyond twenty years',
    { expires: '2047-01-01T00:00:00Z' },
    'expires RETENTION',
  ],
  ['seizure-notice', 'an expiry in the past', { expires: '2020-01-01T00:00:00Z' }, 'expires OUT_OF_RANGE'],
  ['seizure-notice', 'a review too late', { reviewBy: '2040-01-01T00:00:00Z' }, 'reviewBy RETENTION'],
  [
    'seizure-notice',
    'H2 with onward group',
    { 'marking.handling': ['h2'], 'marking.onward': 'group' },
    'marking.onward H2_ONWARD',
  ],
  ['seizure-notice', 'H3 without condition', { 'marking.handling': ['h3'] }, 'marking.condition REQUIRED'],
  [
    'seizure-notice',
    'a text beyond the limit',
    { 'facets.internal.notes': 'x'.repeat(LIMITS.textLength + 1) },
    'facets.internal.notes TOO_LONG',
  ],
  [
    'seizure-notice',
    'a price without an amount',
    { 'facets.price.observations[0].price': undefined },
    'facets.price.observations[0].price REQUIRED',
  ],
  [
    'watchlist-entry',
    'no subject',
    { 'facets.entities': undefined, 'facets.persons': undefined },
    'facets.entities NO_SUBJECT',
  ],
  [
    'watchlist-entry',
    'a ship that is not there',
    { 'facets.summary.subjectKind': 'vessel', 'facets.entities.vessels': [], 'facets.entities.links': [] },
    'facets.entities.vessels NO_SUBJECT',
  ],
  [
    'watchlist-entry',
    'convicted without a proceeding',
    { 'facets.summary.reasons': ['convicted'], 'facets.legal': undefined },
    'facets.legal.rows CONVICTED_WITHOUT_ROW',
  ],
  [
    'watchlist-entry',
    'a suspicion that asks too much',
    { 'facets.summary.basis': 'suspicion' },
    'facets.summary.requestedActions SUSPICION_ACTIONS',
  ],
  [
    'watchlist-entry',
    'a suspicion beyond twelve months',
    { 'facets.summary.basis': 'suspicion', expires: '2028-01-01T00:00:00Z' },
    'expires RETENTION',
  ],
  [
    'watchlist-entry',
    'a licence without end',
    { 'facets.licence.licences[0].validTo': undefined },
    'facets.licence.licences[0].validTo REQUIRED',
  ],
  [
    'watchlist-entry',
    'a final decision under appeal',
    { 'facets.legal.rows[0].final': true },
    'facets.legal.rows[0].final CONTRADICTION',
  ],
  [
    'watchlist-entry',
    'a full account',
    { 'facets.finance.accounts[0].lastFour': 'XE12000012345678' },
    'facets.finance.accounts[0].lastFour FULL_ACCOUNT',
  ],
  [
    'watchlist-entry',
    'a link to nothing',
    { 'facets.entities.links[0].to': 'v9' },
    'facets.entities.links[0].to UNRESOLVED',
  ],
  [
    'watchlist-entry',
    'a link to itself',
    { 'facets.entities.links[0].to': 'e1' },
    'facets.entities.links[0].to SELF_LINK',
  ],
  [
    'watchlist-entry',
    'a person beyond yearly review',
    { reviewBy: '2027-12-01T00:00:00Z' },
    'reviewBy RETENTION',
  ],
  ['forged-euc-alert', 'onward none', { 'marking.onward': 'none' }, 'marking.onward EUC_ONWARD'],
  [
    'forged-euc-alert',
    'suspected officials and no exclusion',
    { 'facets.summary.officialComplicitySuspected': true },
    'facets.distribution.exclusions R12',
  ],
  [
    'forged-euc-alert',
    'suspected officials as recipients',
    { 'facets.summary.officialComplicitySuspected': true, 'marking.releasableTo': ['XD'] },
    'marking.releasableTo R12',
  ],
  [
    'forged-euc-alert',
    'an element twice',
    { 'facets.document.elements[1].element': 'register-number' },
    'facets.document.elements[1] DUPLICATE',
  ],
  ['forged-euc-alert', 'no defect', { 'facets.forensics.defects': [] }, 'facets.forensics.defects REQUIRED'],
  [
    'hotline-report',
    'a partner to release to',
    { 'marking.releasableTo': ['XA'] },
    'marking.releasableTo LOCAL',
  ],
  [
    'hotline-report',
    'the minute of the call',
    { 'facets.summary.receivedAt': '2024-03-02T01:17:00Z' },
    'facets.summary.receivedAt PRECISION',
  ],
  [
    'hotline-report',
    'its number in the text',
    { 'facets.content.narrative[0].text': 'ref 7Q4-KM2' },
    'facets.content.narrative[0].text REPORT_NUMBER',
  ],
  [
    'hotline-report',
    'a hash without salt',
    { 'facets.source.phraseHash': Buffer.alloc(32, 1).toString('base64') },
    'facets.source.phraseHash WRONG_FORM',
  ],
  [
    'hotline-report',
    'a warning of what fewer than three could have known',
    { 'facets.triage.threeCouldHaveKnown': false },
    'facets.triage.threeCouldHaveKnown COULD_HAVE_KNOWN',
  ],
  ['hotline-report', 'a score of 101', { 'facets.triage.score': 101 }, 'facets.triage.score OUT_OF_RANGE'],
  ['warning', 'no text', { 'facets.summary.texts': [] }, 'facets.summary.texts REQUIRED'],
  [
    'warning',
    'one language twice',
    { 'facets.summary.texts[1].language': 'fr' },
    'facets.summary.texts[1].language DUPLICATE',
  ],
  [
    'warning',
    'an open polygon',
    { 'facets.summary.areas[0].polygon': [{ latitude: 1 }, { latitude: 2 }, { latitude: 3 }] },
    'facets.summary.areas[0].polygon POLYGON',
  ],
  [
    'warning',
    'an exact public place',
    { 'facets.summary.audience': 'public', 'facets.summary.areas[0].circle.radiusKm': 2 },
    'facets.summary.areas[0].circle.radiusKm PRECISION',
  ],
  [
    'warning',
    'an end before its start',
    { 'facets.summary.effective': '2026-03-04T10:00:00Z' },
    'facets.summary.expires DATE_ORDER',
  ],
  [
    'warning',
    'an end after its record’s',
    { expires: '2026-03-02T12:00:00Z' },
    'facets.summary.expires RETENTION',
  ],
  [
    'warning',
    'a flash beyond three days',
    { priority: 'flash', expires: '2026-03-20T00:00:00Z' },
    'expires RETENTION',
  ],
  ['link', 'one end', { 'facets.link.to': undefined }, 'facets.link.to REQUIRED'],
  [
    'link',
    'a record with itself',
    { 'facets.link.to': { recordId: Buffer.alloc(16, 41).toString('base64'), originator: 'XA' } },
    'facets.link.to SELF_LINK',
  ],
  [
    'receipt',
    'a refusal without reason',
    { 'facets.receipt.items[1].reason': undefined },
    'facets.receipt.items[1].reason REQUIRED',
  ],
  [
    'receipt',
    'no manifest',
    { 'facets.receipt.manifestDigest': '' },
    'facets.receipt.manifestDigest WRONG_FORM',
  ],
  ['recall', 'facets of the whole', { 'facets.recall.scope': 'whole' }, 'facets.recall.facets NOT_ALLOWED'],
  ['recall', 'no facets of a part', { 'facets.recall.facets': [] }, 'facets.recall.facets REQUIRED'],
  [
    'onward-consent',
    'consent to pass on a source',
    { 'facets.onward-consent.facets': ['source'] },
    'facets.onward-consent.facets[0] R9',
  ],
  [
    'onward-consent',
    'consent for ten years',
    { 'facets.onward-consent.expires': '2036-01-01T00:00:00Z' },
    'facets.onward-consent.expires RETENTION',
  ],
  ['disclosure', 'no basis', { 'facets.disclosure.basis': '' }, 'facets.disclosure.basis REQUIRED'],
];

/** A fault of what an officer types, a flag of what the world supplies. */
const doubtful: readonly [string, string, Record<string, unknown>, string][] = [
  [
    'reference-table',
    'a word in two rows, however it is written',
    { 'facets.table.rows[1].words[1]': 'TARRICK' },
    'facets.table.rows[1].words[1] DUPLICATE',
  ],
  [
    'seizure-notice',
    'a wrong container number',
    { 'facets.route.containers[0].number': 'QTSU2044173' },
    'facets.route.containers[0].number CONTAINER',
  ],
  [
    'seizure-notice',
    'a date in the future',
    { 'facets.summary.date': '2026-04' },
    'facets.summary.date FUTURE',
  ],
  [
    'seizure-notice',
    'a country that is none',
    { 'facets.summary.country': 'AB', 'facets.summary.subdivision': '' },
    'facets.summary.country COUNTRY',
  ],
  [
    'seizure-notice',
    'a subdivision of another country',
    { 'facets.summary.subdivision': 'XB-S' },
    'facets.summary.subdivision SUBDIVISION_COUNTRY',
  ],
  [
    'seizure-notice',
    'fewer in total than listed',
    { 'facets.summary.totals[0].quantity': 39 },
    'facets.summary.totals[0].quantity SUM_MISMATCH',
  ],
  [
    'seizure-notice',
    'no total for what is listed',
    { 'facets.summary.totals': [{ category: 'assault-rifle', quantity: 40 }] },
    'facets.summary.totals SUM_MISMATCH',
  ],
  [
    'seizure-notice',
    'a portable missile as small arm',
    { 'facets.items.weapons[0].category': 'manpads' },
    'facets.items.weapons[0].category CATEGORY_MISMATCH',
  ],
  [
    'seizure-notice',
    'too few known characters',
    { 'facets.identifiers.weapons[2].frameSerial': 'K?4*' },
    'facets.identifiers.weapons[2].frameSerial PARTIAL_SERIAL',
  ],
  [
    'seizure-notice',
    'a code that chapter 93 has not',
    { 'facets.route.consignments[0].tradeCodes[0].actual': '9301.99' },
    'facets.route.consignments[0].tradeCodes[0].actual TRADE_CODE',
  ],
  [
    'seizure-notice',
    'a place of trade elsewhere',
    { 'facets.route.place.unlocode': 'XBBRV' },
    'facets.route.place.unlocode UNLOCODE_COUNTRY',
  ],
  [
    'seizure-notice',
    'a birth before 1900',
    { 'facets.persons.persons[0].born': '1899' },
    'facets.persons.persons[0].born BIRTH_YEAR',
  ],
  [
    'seizure-notice',
    'words about a lawful owner',
    { 'facets.assessment.comment': 'the lawful owner was told' },
    'facets.assessment.comment R10',
  ],
  [
    'seizure-notice',
    'such words inside an item',
    { 'facets.items.weapons[0].description': 'titulaire du permis' },
    'facets.items.weapons[0].description R10',
  ],
  [
    'seizure-notice',
    'a hidden direction mark',
    { 'facets.internal.notes': 'a\u202eb' },
    'facets.internal.notes CONTROL_CHARACTER',
  ],
  [
    'seizure-notice',
    'metadata in a photo',
    { 'facets.attachments.files[0].metadataStripped': false },
    'facets.attachments.files[0].metadataStripped METADATA',
  ],
  [
    'seizure-notice',
    'a grading of another scheme',
    { 'facets.assessment.grading.source': 'X' },
    'facets.assessment.grading.source GRADING',
  ],
  [
    'watchlist-entry',
    'a company number on a ship',
    { 'facets.entities.vessels[0].imo': '5342883' },
    'facets.entities.vessels[0].imo IMO_SHIP',
  ],
  [
    'watchlist-entry',
    'a ship number on a company',
    { 'facets.entities.entities[0].ids[1].value': '9319466' },
    'facets.entities.entities[0].ids[1].value IMO_COMPANY',
  ],
  [
    'watchlist-entry',
    'a wrong entity identifier',
    { 'facets.entities.entities[0].ids[0].value': 'QQQQ00TOCSINDEMO0185' },
    'facets.entities.entities[0].ids[0].value LEI',
  ],
  [
    'watchlist-entry',
    'a licence that ends before it starts',
    { 'facets.licence.licences[0].validTo': '2022' },
    'facets.licence.licences[0].validTo DATE_ORDER',
  ],
  [
    'forged-euc-alert',
    'a presentation in the future',
    { 'facets.summary.presentedOn': '2027' },
    'facets.summary.presentedOn FUTURE',
  ],
  [
    'recall',
    'a deadline in the past',
    { 'facets.recall.deadline': '2025-01-01T00:00:00Z' },
    'facets.recall.deadline PAST',
  ],
];

/** Told to readers, refused never. */
const flagged: readonly [string, string, Record<string, unknown>, string][] = [
  ['seizure-notice', 'misdeclared goods', {}, 'facets.route.consignments[0].tradeCodes[0] MISDECLARED'],
  [
    'seizure-notice',
    'a model outside the table',
    { 'facets.items.weapons[0].referenceCode': '' },
    'facets.items.weapons[0].model NOT_IN_TABLE',
  ],
  [
    'seizure-notice',
    'a list shorter than the total',
    { 'facets.summary.totals[0].quantity': 50 },
    'facets.summary.totals[0].quantity LIST_INCOMPLETE',
  ],
  [
    'seizure-notice',
    'one number twice',
    { 'facets.identifiers.weapons[1].frameSerial': 'kb 004471' },
    'facets.identifiers.weapons[1].frameSerial DUPLICATE_SERIAL',
  ],
  [
    'watchlist-entry',
    'one authority of two',
    { 'facets.registration.events[1].ground': 'nationality' },
    'facets.registration.events SINGLE_AUTHORITY',
  ],
  ['watchlist-entry', 'one licence of two', {}, 'facets.licence.licences SINGLE_LICENCE'],
  [
    'forged-euc-alert',
    'an issuer that is not told',
    { 'marking.releasableTo': ['XB'] },
    'marking.releasableTo ISSUER_NOT_TOLD',
  ],
  [
    'forged-euc-alert',
    'impossible dates on the paper',
    { 'facets.document.document.expires': '2023-01-01' },
    'facets.document.document.expires DATE_ORDER',
  ],
  [
    'warning',
    'one language in a subdivision',
    { 'facets.summary.texts': [{ language: 'fr', headline: 'Convoi' }] },
    'facets.summary.texts ONE_LANGUAGE',
  ],
  [
    'hotline-report',
    'an unknown caller graded well',
    { 'facets.triage.grading.source': 'B' },
    'facets.triage.grading.source CALLER_GRADING',
  ],
  [
    'hotline-report',
    'something like a telephone number',
    { 'facets.content.narrative[0].text': 'ligar +299 555 0147 22' },
    'facets.content.narrative[0].text PHONE_LIKE',
  ],
  [
    'hotline-report',
    'something like a name in what the source said',
    { 'facets.source.statement': 'chamo-me Rui e vi tudo' },
    'facets.source.statement NAME_LIKE',
  ],
];

describe('a text', () => {
  it(`has ${LIMITS.textLength} characters at most`, () => {
    const notes = (length: number) =>
      judge('seizure-notice', { 'facets.internal.notes': 'x'.repeat(length) }).faults;
    expect(notes(LIMITS.textLength)).toEqual([]);
    expect(notes(LIMITS.textLength + 1)).toEqual(['facets.internal.notes TOO_LONG']);
  });
});

describe('the rules of kinds', () => {
  it.each(always)('%s: %s is a fault however it came', (kind, _, changes, expected) => {
    expect(judge(kind, changes).faults).toContain(expected);
    expect(judge(kind, changes, 'imported').faults).toContain(expected);
  });

  it.each(doubtful)('%s: %s is a fault when typed and a flag when imported', (kind, _, changes, expected) => {
    expect(judge(kind, changes).faults).toContain(expected);
    const imported = judge(kind, changes, 'imported');
    expect(imported.flags).toContain(expected);
    expect(imported.faults).toEqual([]);
  });

  it.each(flagged)('%s: %s is a flag', (kind, _, changes, expected) => {
    const typed = judge(kind, changes);
    expect(typed.flags).toContain(expected);
    expect(typed.faults).toEqual([]);
  });

  it('report every fault at once', () => {
    const { faults } = judge('seizure-notice', {
      'facets.summary.context': undefined,
      'facets.items.weapons[0].quantity': 0,
      'facets.route.containers[0].number': 'QTSU2044173',
      'marking.purposes': [],
    });
    expect(faults.length).toBeGreaterThanOrEqual(4);
  });

  it('judge bytes that are no message, unknown kinds and unknown facets without throwing', () => {
    const { content } = contentFromJson(exampleWithAttachments('link'), {
      deskGroup: DeskGroup.DESK_GROUP_HUB,
      nowMs: EXAMPLE_NOW_MS,
    });
    if (content === undefined) throw new Error('link');
    const options = { mode: 'typed', nowMs: EXAMPLE_NOW_MS } as const;
    const codes = (change: object) =>
      validateContent({ ...content, ...change }, options).faults.map((one) => one.code);
    expect(codes({ kind: 'nothing' })).toEqual(['UNKNOWN_KIND']);
    expect(codes({ facets: { link: Uint8Array.of(0xff) } })).toEqual(['MALFORMED']);
    expect(codes({ facets: { persons: new Uint8Array() } })).toEqual(['UNKNOWN_FACET']);
    expect(codes({ facets: { link: new Uint8Array(LIMITS.facetBytes + 1) } })).toEqual(['TOO_LARGE']);
    expect(codes({ expires: Number.NaN, reviewBy: Number.NaN })).toContain('OUT_OF_RANGE');
  });
});

it('a seizure notice tells 5,000 weapons apart at most', () => {
  const told = (count: number) =>
    judge('seizure-notice', {
      'facets.identifiers.weapons': Array.from({ length: count }, (_, at) => ({
        line: 1,
        frameSerial: `T${at}`,
      })),
    }).faults;
  const fault = 'facets.identifiers.weapons TOO_MANY';
  expect(told(5_000)).not.toContain(fault);
  expect(told(5_001)).toContain(fault);
});

describe('a reference table', () => {
  /** Number in letters: words of a row hold no digits. */
  const word = (at: number) =>
    [...at.toString().padStart(5, '0')].map((digit) => 'abcdefghij'[+digit]).join('');
  const row = (from: number, count: number) => ({
    words: Array.from({ length: count }, (_, at) => word(from + at)),
    knownFrom: 'XC',
  });
  const faults = (changes: Readonly<Record<string, unknown>>) => judge('reference-table', changes).faults;

  it('has 5,000 rows at most, and of more nothing else is said', () => {
    const told = (count: number) =>
      faults({ 'facets.table.rows': Array.from({ length: count }, (_, at) => row(2 * at, 2)) });
    expect(told(5_000)).toEqual([]);
    expect(told(5_001)).toEqual(['facets.table.rows TOO_MANY']);
  });

  it('has 64 words in a row at most, of 64 letters in any script', () => {
    expect(faults({ 'facets.table.rows': [row(0, 64)] })).toEqual([]);
    expect(faults({ 'facets.table.rows': [row(0, 65)] })).toEqual(['facets.table.rows[0].words TOO_MANY']);
    const letters = (count: number) => ({ 'facets.table.rows[0].words[0]': '𞤀'.repeat(count) });
    expect(faults(letters(64))).toEqual([]);
    expect(faults(letters(65))).toEqual(['facets.table.rows[0].words[0] TOO_LONG']);
  });

  it.each(['Sana’a', "N'Golo", 'ياسين', '𞤔𞤢𞤤𞤮', 'Hélène', 'ദിവ്യ'])('takes %s for a word', (one) => {
    expect(faults({ 'facets.table.rows[0].words[1]': one })).toEqual([]);
  });

  it.each(['', 'al Tarrick', 'al-Tarrick', 'T4rrick', "'Golo", 'Tarrick’', 'Tar\u200brick'])(
    'takes %j for none',
    (one) => {
      expect(faults({ 'facets.table.rows[0].words[1]': one })).toContain(
        'facets.table.rows[0].words[1] WRONG_FORM',
      );
    },
  );
});

describe('texts of one kind', () => {
  it.each([
    ['warning', 'facets.summary.texts[0].headline', 160],
    ['tasking', 'facets.tasking.question', 2_000],
    ['tasking', 'facets.tasking.legalBasis', 500],
    ['answer', 'facets.answer.text', 4_000],
    ['break-glass', 'facets.break-glass.reason', 2_000],
    ['break-glass', 'facets.break-glass.officer', 200],
    ['redress-request', 'facets.request.reason', 2_000],
    ['reference-table', 'facets.table.title', 200],
    ['reference-table', 'facets.table.rows[0].knownFrom', 200],
  ])('of %s: %s has %i characters at most', (kind, path, most) => {
    const found = (characters: number) => {
      const { faults, flags } = judge(kind, { [path]: 'x'.repeat(characters) });
      return [...faults, ...flags].filter((fault) => fault === `${path} TOO_LONG`).length;
    };
    expect([found(most), found(most + 1)]).toEqual([0, 1]);
  });
});
