/** Rules of `forged-euc-alert`: end-use certificates that are forged, altered or issued without authority. */
import { type Document, DocumentType } from '../../gen/tocsin/record/v1/document.ts';
import {
  EucVerdict,
  ForgedEucDocument,
  ForgedEucForensics,
  ForgedEucSummary,
  ForgedEucVerification,
} from '../../gen/tocsin/record/v1/forged_euc_alert.ts';
import { Onward } from '../../gen/tocsin/record/v1/marking.ts';
import { Entities, Persons } from '../../gen/tocsin/record/v1/party.ts';
import { Distribution } from '../../gen/tocsin/record/v1/shared_facets.ts';
import { isCalendarDate, rangeOfDate } from '../identifiers/date.ts';
import type { ContentView, FacetReader, Retention } from '../kind-row.ts';
import { isNodeId } from '../signed.ts';
import {
  checkCountry,
  checkDate,
  checkDigest,
  checkInstant,
  checkOrder,
  checkRecordRef,
  expectChoice,
  expectDistinctChoices,
  expectFacet,
  expectSome,
  Refs,
} from './basics.ts';
import { checkTotals } from './item-rules.ts';
import { checkEntities, checkPersons } from './party-rules.ts';
import { checkSharedFacets } from './shared-rules.ts';
import { joined, wordsOf } from './words.ts';

const DAY_MS = 86_400_000;
const TEN_YEARS_DAYS = 3653;

export function forgedEucRules(view: ContentView): void {
  const summary = view.facet('summary', ForgedEucSummary);
  expectFacet(view, 'summary', summary !== undefined);
  if (summary !== undefined) {
    checkSummary(view, summary);
    checkIssuer(view, summary);
  }
  // Always consent, so that it tells nothing about whether a distribution excludes anyone.
  if (view.marking.onward !== Onward.ONWARD_CONSENT)
    view.fault('marking.onward', 'EUC_ONWARD', 'expected onward consent, as for every alert of this kind');
  const document = view.facet('document', ForgedEucDocument);
  expectFacet(view, 'document', document !== undefined);
  if (document !== undefined) checkDocumentFacet(view, document, summary);
  checkForensics(view);
  const refs = new Refs(view);
  checkEntities(view, 'facets.entities', view.facet('entities', Entities), refs);
  checkPersons(view, 'facets.persons', view.facet('persons', Persons), refs);
  const verification = view.facet('verification', ForgedEucVerification);
  if (verification !== undefined) {
    const path = 'facets.verification';
    expectChoice(view, `${path}.answer`, verification.answer);
    checkInstant(view, `${path}.answeredAt`, verification.answeredAt, { required: true, past: true });
    if (verification.verification !== undefined)
      checkRecordRef(view, `${path}.verification`, verification.verification);
  }
  checkSharedFacets(view);
}

function checkSummary(view: ContentView, summary: ForgedEucSummary): void {
  const path = 'facets.summary';
  checkCountry(view, `${path}.purportedIssuer`, summary.purportedIssuer, true);
  checkCountry(view, `${path}.presentedTo`, summary.presentedTo, true);
  expectChoice(view, `${path}.documentType`, summary.documentType);
  expectChoice(view, `${path}.verdict`, summary.verdict);
  checkDate(view, `${path}.presentedOn`, summary.presentedOn, { required: true, past: true });
  checkTotals(view, `${path}.totals`, summary.totals, new Map());
}

/** Where the issuer's officials are suspected it must not hear of it; otherwise it always must (R12). */
function checkIssuer(view: ContentView, summary: ForgedEucSummary): void {
  const issuer = summary.purportedIssuer;
  if (!isNodeId(issuer)) return;
  const { releasableTo } = view.marking;
  if (!summary.officialComplicitySuspected) {
    const groups = releasableTo.some((name) => !isNodeId(name));
    if (!groups && !releasableTo.includes(issuer))
      view.flag(
        'marking.releasableTo',
        'ISSUER_NOT_TOLD',
        'the impersonated issuer is not among the recipients (R12)',
      );
    return;
  }
  if (releasableTo.includes(issuer))
    view.fault(
      'marking.releasableTo',
      'R12',
      'expected the issuer not to receive it: its officials are suspected',
    );
  if (view.facet('distribution', Distribution)?.exclusions.includes(issuer) !== true)
    view.fault(
      'facets.distribution.exclusions',
      'R12',
      'expected the purported issuer among the exclusions: its officials are suspected',
    );
}

function checkDocumentFacet(
  view: ContentView,
  facet: ForgedEucDocument,
  summary: ForgedEucSummary | undefined,
): void {
  const path = 'facets.document';
  if (facet.document === undefined)
    view.fault(`${path}.document`, 'REQUIRED', 'expected the paper, got none');
  else checkDocument(view, `${path}.document`, facet.document);
  const country = facet.document?.issuerCountry ?? '';
  if (country !== '' && summary !== undefined && country !== summary.purportedIssuer)
    view.flag(`${path}.document.issuerCountry`, 'COUNTRY_DIFFERS', 'the summary names another issuer');
  if (facet.document !== undefined && summary !== undefined && facet.document.type !== summary.documentType)
    view.flag(`${path}.document.type`, 'TYPE_DIFFERS', 'the summary names another type');
  expectDistinctChoices(
    view,
    `${path}.elements`,
    facet.elements.map((element) => element.element),
  );
}

/** Impossible dates are what forgers get wrong: on the paper they are findings, never a reason to refuse the alert. */
function checkDocument(view: ContentView, at: string, document: Document): void {
  expectChoice(view, `${at}.type`, document.type);
  checkCountry(view, `${at}.issuerCountry`, document.issuerCountry);
  checkDigest(view, `${at}.scanSha256`, document.scanSha256, false);
  const paper: ContentView = { ...view, doubt: view.flag };
  checkDate(paper, `${at}.issued`, document.issued, { past: true });
  checkDate(paper, `${at}.expires`, document.expires);
  checkOrder(paper, `${at}.expires`, document.issued, document.expires);
}

function checkForensics(view: ContentView): void {
  const forensics = view.facet('forensics', ForgedEucForensics);
  if (forensics === undefined) return;
  const path = 'facets.forensics';
  expectSome(view, `${path}.defects`, forensics.defects);
  expectDistinctChoices(view, `${path}.defects`, forensics.defects);
  for (const name of ['stampHash', 'signatureHash'] as const) {
    const { length } = forensics[name];
    if (length !== 0 && (length < 8 || length > 32))
      view.fault(`${path}.${name}`, 'WRONG_FORM', `expected 8 to 32 bytes, got ${length}`);
  }
  forensics.similarTo.forEach((ref, index) => {
    checkRecordRef(view, `${path}.similarTo[${index}]`, ref);
  });
}

/** Kept for ten years beyond the validity of the licence or certificate that the paper pretends to be. */
export function forgedEucRetention(view: ContentView): Partial<Retention> {
  const expires = view.facet('document', ForgedEucDocument)?.document?.expires;
  if (expires === undefined || !isCalendarDate(expires)) return {};
  const beyond = Math.ceil((rangeOfDate(expires).toMs - view.nowMs) / DAY_MS);
  // A forged date may say anything: more than five years of validity is not believed.
  return { expireAfterDays: TEN_YEARS_DAYS + Math.min(Math.max(beyond, 0), 1826) };
}

export function forgedEucTitle(facet: FacetReader): string | undefined {
  const summary = facet('summary', ForgedEucSummary);
  if (summary === undefined) return undefined;
  const type = wordsOf(DocumentType, 'DOCUMENT_TYPE', summary.documentType).toUpperCase();
  const verdict = wordsOf(EucVerdict, 'EUC_VERDICT', summary.verdict);
  const issuer = summary.purportedIssuer === '' ? '' : `of ${summary.purportedIssuer}`;
  const presented = summary.presentedTo === '' ? '' : `presented to ${summary.presentedTo}`;
  return joined(' ', type, issuer, presented, `(${verdict})`);
}
