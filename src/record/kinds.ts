/** The table of kinds: a new kind is one proto file, one rules file and one row here. */

import { Answer } from '../gen/tocsin/record/v1/answer.ts';
import { AuditAnchor } from '../gen/tocsin/record/v1/audit_anchor.ts';
import { BreachReport } from '../gen/tocsin/record/v1/breach_report.ts';
import { BreakGlass } from '../gen/tocsin/record/v1/break_glass.ts';
import { Canary } from '../gen/tocsin/record/v1/canary.ts';
import { Disclosure } from '../gen/tocsin/record/v1/disclosure.ts';
import {
  ForgedEucDocument,
  ForgedEucForensics,
  ForgedEucSummary,
  ForgedEucVerification,
} from '../gen/tocsin/record/v1/forged_euc_alert.ts';
import {
  HotlineContent,
  HotlineSource,
  HotlineSummary,
  HotlineTriage,
} from '../gen/tocsin/record/v1/hotline_report.ts';
import { Identifiers } from '../gen/tocsin/record/v1/item.ts';
import { Link } from '../gen/tocsin/record/v1/link.ts';
import {
  Evidence,
  Handling,
  type Marking,
  Onward,
  Pap,
  Priority,
  Purpose,
  Status,
  Tlp,
} from '../gen/tocsin/record/v1/marking.ts';
import { OnwardConsent } from '../gen/tocsin/record/v1/onward_consent.ts';
import { Entities, Persons } from '../gen/tocsin/record/v1/party.ts';
import { Recall } from '../gen/tocsin/record/v1/recall.ts';
import { Receipt } from '../gen/tocsin/record/v1/receipt.ts';
import { RedressRequest, RedressSubject } from '../gen/tocsin/record/v1/redress_request.ts';
import { ReferenceTable } from '../gen/tocsin/record/v1/reference_table.ts';
import {
  SeizureItems,
  SeizureLegal,
  SeizurePrice,
  SeizureRoute,
  SeizureSummary,
} from '../gen/tocsin/record/v1/seizure_notice.ts';
import {
  Assessment,
  Attachments,
  Distribution,
  Internal,
  Source,
} from '../gen/tocsin/record/v1/shared_facets.ts';
import { Tasking } from '../gen/tocsin/record/v1/tasking.ts';
import {
  WarningBasis,
  WarningConveyance,
  WarningItems,
  WarningSummary,
} from '../gen/tocsin/record/v1/warning.ts';
import {
  WatchlistFinance,
  WatchlistLegal,
  WatchlistLicences,
  WatchlistRedress,
  WatchlistRegistration,
  WatchlistSummary,
} from '../gen/tocsin/record/v1/watchlist_entry.ts';
import type { FacetClass, FacetCodec, FacetRow, KindRow } from './kind-row.ts';
import { LOCAL_GROUP } from './marking.ts';
import { auditAnchorRules, auditAnchorTitle } from './rules/audit-anchor.ts';
import { breachReportRules, breachReportTitle } from './rules/breach-report.ts';
import { breakGlassRules, breakGlassTitle } from './rules/break-glass.ts';
import {
  canaryRules,
  consentRules,
  consentTitle,
  disclosureRules,
  disclosureTitle,
  recallRules,
  recallTitle,
  receiptRules,
  receiptTitle,
} from './rules/control.ts';
import { forgedEucRetention, forgedEucRules, forgedEucTitle } from './rules/forged-euc-alert.ts';
import { hotlineRules, hotlineTitle } from './rules/hotline-report.ts';
import { linkRules, linkTitle } from './rules/link.ts';
import { redressRules, redressTitle } from './rules/redress-request.ts';
import { referenceTableRules, referenceTableTitle } from './rules/reference-table.ts';
import { seizureRules, seizureTitle } from './rules/seizure-notice.ts';
import { answerRules, answerTitle, taskingRules, taskingTitle } from './rules/tasking.ts';
import { warningRetention, warningRules, warningTitle } from './rules/warning.ts';
import { watchlistRetention, watchlistRules, watchlistTitle } from './rules/watchlist-entry.ts';

const { HANDLING_H0, HANDLING_H1, HANDLING_H2 } = Handling;
const {
  PURPOSE_LICENSING,
  PURPOSE_CUSTOMS_CONTROL,
  PURPOSE_BORDER,
  PURPOSE_INVESTIGATION,
  PURPOSE_TRACE,
  PURPOSE_WARNING,
  PURPOSE_THREAT_ANALYSIS,
  PURPOSE_STATISTICS,
} = Purpose;

const YEARS_5 = 1827;
const YEARS_10 = 3653;
const YEARS_20 = 7305;

/** `message` is the facet's message in package tocsin.record.v1. */
const facet = (
  name: string,
  facetClass: FacetClass,
  message: string,
  codec: FacetCodec,
  keepDays?: number,
): FacetRow => ({
  name,
  class: facetClass,
  typeName: `tocsin.record.v1.${message}`,
  codec,
  ...(keepDays === undefined ? {} : { keepDays }),
});

const assessment = facet('assessment', 'O', 'Assessment', Assessment);
const source = facet('source', 'X', 'Source', Source);
const entities = facet('entities', 'M', 'Entities', Entities);
const identifiers = facet('identifiers', 'O', 'Identifiers', Identifiers);
const persons = (keepDays?: number) => facet('persons', 'P', 'Persons', Persons, keepDays);
/** Last in every kind that an officer writes. */
const lastFacets: readonly FacetRow[] = [
  facet('distribution', 'O', 'Distribution', Distribution),
  facet('attachments', 'A', 'Attachments', Attachments),
  facet('internal', 'N', 'Internal', Internal),
];

const marking =
  (choice: Partial<Marking> & Pick<Marking, 'tlp' | 'purposes'>): (() => Marking) =>
  () => ({
    handling: [],
    pap: Pap.PAP_UNSPECIFIED,
    // Who may receive it is never a default: an officer names partners.
    releasableTo: [],
    onward: Onward.ONWARD_NONE,
    evidence: Evidence.EVIDENCE_CONSENT,
    notBefore: 0n,
    status: Status.STATUS_ACTUAL,
    alsoFacets: [],
    condition: '',
    readReceipt: false,
    ...choice,
  });

/** At least one of every desk group. */
const purposesOfAllDesks = [
  PURPOSE_LICENSING,
  PURPOSE_CUSTOMS_CONTROL,
  PURPOSE_BORDER,
  PURPOSE_INVESTIGATION,
  PURPOSE_TRACE,
  PURPOSE_WARNING,
  PURPOSE_THREAT_ANALYSIS,
  PURPOSE_STATISTICS,
];

/** Of the exchange itself: whatever the partner's purpose, it has to learn what became of a parcel. */
const controlMarking = marking({
  tlp: Tlp.TLP_AMBER,
  purposes: purposesOfAllDesks,
  evidence: Evidence.EVIDENCE_YES,
});

const first = {
  schemaVersion: 1,
  facetTableVersion: 1,
  control: false,
  acknowledged: false,
  local: false,
} as const;
const control = {
  ...first,
  control: true,
  retention: { reviewEveryDays: YEARS_10, expireAfterDays: YEARS_10 },
  defaultPriority: Priority.PRIORITY_ROUTINE,
  defaultMarking: controlMarking,
} as const;

/** The kind of an originator's permission; others rely on it beyond this folder. */
export const CONSENT = 'onward-consent';
/** The kinds, each with one facet of its name, by which an originator is asked, and answers. */
export const TASKING = 'tasking';
export const ANSWER = 'answer';
/** The kind, and its one facet, that tells of facets opened in an emergency. */
export const BREAK_GLASS = 'break-glass';

const ROWS: readonly KindRow[] = [
  {
    ...first,
    code: 'watchlist-entry',
    facets: [
      facet('summary', 'S', 'WatchlistSummary', WatchlistSummary),
      entities,
      facet('registration', 'M', 'WatchlistRegistration', WatchlistRegistration),
      facet('licence', 'M', 'WatchlistLicences', WatchlistLicences),
      facet('legal', 'O', 'WatchlistLegal', WatchlistLegal),
      persons(),
      facet('finance', 'O', 'WatchlistFinance', WatchlistFinance),
      facet('redress', 'S', 'WatchlistRedress', WatchlistRedress),
      assessment,
      source,
      ...lastFacets,
    ],
    rules: watchlistRules,
    title: watchlistTitle,
    retention: { reviewEveryDays: 731, expireAfterDays: YEARS_5 },
    retentionOf: watchlistRetention,
    defaultPriority: Priority.PRIORITY_ROUTINE,
    defaultMarking: marking({
      tlp: Tlp.TLP_AMBER,
      handling: [HANDLING_H1],
      purposes: [PURPOSE_LICENSING, PURPOSE_CUSTOMS_CONTROL, PURPOSE_BORDER, PURPOSE_INVESTIGATION],
    }),
  },
  {
    ...first,
    code: 'seizure-notice',
    facets: [
      facet('summary', 'S', 'SeizureSummary', SeizureSummary),
      facet('items', 'O', 'SeizureItems', SeizureItems),
      identifiers,
      facet('route', 'O', 'SeizureRoute', SeizureRoute),
      entities,
      persons(YEARS_5),
      facet('legal', 'O', 'SeizureLegal', SeizureLegal),
      facet('price', 'O', 'SeizurePrice', SeizurePrice),
      assessment,
      source,
      ...lastFacets,
    ],
    rules: seizureRules,
    title: seizureTitle,
    retention: { reviewEveryDays: 1096, expireAfterDays: YEARS_20 },
    defaultPriority: Priority.PRIORITY_PRIORITY,
    defaultMarking: marking({
      tlp: Tlp.TLP_AMBER,
      handling: [HANDLING_H0],
      purposes: [
        PURPOSE_LICENSING,
        PURPOSE_CUSTOMS_CONTROL,
        PURPOSE_BORDER,
        PURPOSE_INVESTIGATION,
        PURPOSE_TRACE,
        PURPOSE_STATISTICS,
      ],
    }),
  },
  {
    ...first,
    code: 'forged-euc-alert',
    facets: [
      facet('summary', 'S', 'ForgedEucSummary', ForgedEucSummary),
      facet('document', 'M', 'ForgedEucDocument', ForgedEucDocument),
      facet('forensics', 'O', 'ForgedEucForensics', ForgedEucForensics),
      entities,
      persons(),
      facet('verification', 'O', 'ForgedEucVerification', ForgedEucVerification),
      assessment,
      source,
      ...lastFacets,
    ],
    rules: forgedEucRules,
    title: forgedEucTitle,
    retention: { reviewEveryDays: 731, expireAfterDays: YEARS_10 },
    retentionOf: forgedEucRetention,
    defaultPriority: Priority.PRIORITY_PRIORITY,
    defaultMarking: marking({
      tlp: Tlp.TLP_AMBER,
      handling: [HANDLING_H0],
      purposes: [PURPOSE_LICENSING, PURPOSE_INVESTIGATION],
      onward: Onward.ONWARD_CONSENT,
    }),
  },
  {
    ...first,
    code: 'hotline-report',
    local: true,
    facets: [
      facet('summary', 'S', 'HotlineSummary', HotlineSummary),
      facet('content', 'O', 'HotlineContent', HotlineContent),
      persons(),
      facet('triage', 'O', 'HotlineTriage', HotlineTriage),
      assessment,
      facet('source', 'X', 'HotlineSource', HotlineSource, 90),
      ...lastFacets,
    ],
    rules: hotlineRules,
    title: hotlineTitle,
    retention: { reviewEveryDays: 30, expireAfterDays: 366 },
    defaultPriority: Priority.PRIORITY_IMMEDIATE,
    defaultMarking: marking({
      tlp: Tlp.TLP_RED,
      handling: [HANDLING_H2],
      purposes: [PURPOSE_WARNING, PURPOSE_INVESTIGATION],
      releasableTo: [LOCAL_GROUP],
    }),
  },
  {
    ...first,
    code: 'warning',
    facets: [
      facet('summary', 'S', 'WarningSummary', WarningSummary),
      facet('items', 'O', 'WarningItems', WarningItems),
      facet('conveyance', 'O', 'WarningConveyance', WarningConveyance),
      facet('basis', 'O', 'WarningBasis', WarningBasis),
      assessment,
      source,
      ...lastFacets,
    ],
    rules: warningRules,
    title: warningTitle,
    // The hotline rings up whoever has not reacted (domain §4.2).
    acknowledged: true,
    retention: { reviewEveryDays: 7, expireAfterDays: 30 },
    retentionOf: warningRetention,
    defaultPriority: Priority.PRIORITY_IMMEDIATE,
    defaultMarking: marking({
      tlp: Tlp.TLP_GREEN,
      handling: [HANDLING_H0],
      purposes: [PURPOSE_WARNING, PURPOSE_CUSTOMS_CONTROL, PURPOSE_BORDER, PURPOSE_INVESTIGATION],
    }),
  },
  {
    ...first,
    code: 'link',
    facets: [facet('link', 'S', 'Link', Link)],
    rules: linkRules,
    title: linkTitle,
    retention: { reviewEveryDays: 366, expireAfterDays: YEARS_20 },
    defaultPriority: Priority.PRIORITY_ROUTINE,
    defaultMarking: marking({
      tlp: Tlp.TLP_AMBER,
      handling: [HANDLING_H0],
      purposes: [PURPOSE_INVESTIGATION, PURPOSE_TRACE, PURPOSE_THREAT_ANALYSIS],
    }),
  },
  {
    // Content, not control: the marking decides who gets it, and a large table does not stand before recalls.
    ...first,
    code: 'reference-table',
    facets: [facet('table', 'S', 'ReferenceTable', ReferenceTable)],
    rules: referenceTableRules,
    title: referenceTableTitle,
    retention: { reviewEveryDays: 731, expireAfterDays: YEARS_10 },
    defaultPriority: Priority.PRIORITY_ROUTINE,
    defaultMarking: marking({ tlp: Tlp.TLP_CLEAR, purposes: purposesOfAllDesks }),
  },
  {
    ...control,
    code: 'receipt',
    facets: [facet('receipt', 'S', 'Receipt', Receipt)],
    rules: receiptRules,
    title: receiptTitle,
  },
  {
    ...control,
    code: 'recall',
    facets: [facet('recall', 'S', 'Recall', Recall)],
    rules: recallRules,
    title: recallTitle,
    defaultPriority: Priority.PRIORITY_IMMEDIATE,
  },
  {
    ...control,
    code: 'onward-consent',
    facets: [facet('onward-consent', 'S', 'OnwardConsent', OnwardConsent)],
    rules: consentRules,
    title: consentTitle,
  },
  {
    ...control,
    code: 'disclosure',
    facets: [facet('disclosure', 'S', 'Disclosure', Disclosure)],
    rules: disclosureRules,
    title: disclosureTitle,
    defaultPriority: Priority.PRIORITY_IMMEDIATE,
  },
  {
    ...control,
    code: TASKING,
    facets: [facet(TASKING, 'S', 'Tasking', Tasking)],
    rules: taskingRules,
    title: taskingTitle,
    retention: { reviewEveryDays: 366, expireAfterDays: YEARS_5 },
    defaultPriority: Priority.PRIORITY_PRIORITY,
  },
  {
    ...control,
    code: ANSWER,
    facets: [facet(ANSWER, 'S', 'Answer', Answer)],
    rules: answerRules,
    title: answerTitle,
    retention: { reviewEveryDays: 366, expireAfterDays: YEARS_5 },
    defaultPriority: Priority.PRIORITY_PRIORITY,
  },
  {
    ...control,
    code: 'breach-report',
    facets: [facet('report', 'S', 'BreachReport', BreachReport)],
    rules: breachReportRules,
    title: breachReportTitle,
    defaultPriority: Priority.PRIORITY_IMMEDIATE,
  },
  {
    ...control,
    code: BREAK_GLASS,
    facets: [facet(BREAK_GLASS, 'S', 'BreakGlass', BreakGlass)],
    rules: breakGlassRules,
    title: breakGlassTitle,
    defaultPriority: Priority.PRIORITY_IMMEDIATE,
  },
  {
    ...control,
    code: 'redress-request',
    facets: [
      facet('request', 'S', 'RedressRequest', RedressRequest),
      facet('subject', 'P', 'RedressSubject', RedressSubject),
    ],
    rules: redressRules,
    title: redressTitle,
    retention: { reviewEveryDays: 366, expireAfterDays: YEARS_5 },
    defaultPriority: Priority.PRIORITY_PRIORITY,
    defaultMarking: () => ({ ...controlMarking(), purposes: [Purpose.PURPOSE_REDRESS] }),
  },
  {
    ...control,
    code: 'canary',
    facets: [facet('canary', 'S', 'Canary', Canary)],
    rules: canaryRules,
    title: () => 'Canary',
    retention: { reviewEveryDays: 1, expireAfterDays: 1 },
  },
  {
    ...control,
    local: true,
    code: 'audit-anchor',
    facets: [facet('audit-anchor', 'S', 'AuditAnchor', AuditAnchor)],
    rules: auditAnchorRules,
    title: auditAnchorTitle,
    defaultMarking: () => ({ ...controlMarking(), releasableTo: [LOCAL_GROUP] }),
  },
];

/** Every kind that this version understands, by code. */
export const KINDS: ReadonlyMap<string, KindRow> = new Map(ROWS.map((row) => [row.code, row]));

/** The row of a kind, undefined where it is not known here. */
export const kindOf = (code: string): KindRow | undefined => KINDS.get(code);

/** The row of a kind's facet, undefined where either is not known here. */
export const facetOf = (code: string, name: string): FacetRow | undefined =>
  KINDS.get(code)?.facets.find((row) => row.name === name);
