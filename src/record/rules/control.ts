/** Rules of the kinds that control the exchange itself: receipt, recall, onward consent, disclosure, canary. */
import { Canary } from '../../gen/tocsin/record/v1/canary.ts';
import { Disclosure } from '../../gen/tocsin/record/v1/disclosure.ts';
import { ConsentUse, OnwardConsent } from '../../gen/tocsin/record/v1/onward_consent.ts';
import { Reason } from '../../gen/tocsin/record/v1/reason.ts';
import { Recall, RecallReason, RecallScope } from '../../gen/tocsin/record/v1/recall.ts';
import { Receipt, ReceiptKind, ReceiptResult } from '../../gen/tocsin/record/v1/receipt.ts';
import type { ContentView, FacetReader } from '../kind-row.ts';
import { isForbiddenName } from '../never.ts';
import {
  checkDigest,
  checkFacetNames,
  checkInstant,
  checkNodeId,
  checkRecordId,
  expectChoice,
  expectFacet,
  expectSome,
} from './basics.ts';
import { joined, wordsOf } from './words.ts';

export function receiptRules(view: ContentView): void {
  const receipt = view.facet('receipt', Receipt);
  expectFacet(view, 'receipt', receipt !== undefined);
  if (receipt === undefined) return;
  const path = 'facets.receipt';
  expectChoice(view, `${path}.kind`, receipt.kind);
  checkInstant(view, `${path}.at`, receipt.at, { required: true, past: true });
  const ofReading =
    receipt.kind === ReceiptKind.RECEIPT_KIND_READ_BY_DESK ||
    receipt.kind === ReceiptKind.RECEIPT_KIND_CONDITIONS_ACCEPTED ||
    receipt.kind === ReceiptKind.RECEIPT_KIND_ACKNOWLEDGED;
  const purge = receipt.kind === ReceiptKind.RECEIPT_KIND_PURGED;
  checkDigest(view, `${path}.recallDigest`, receipt.recallDigest, purge);
  const ofManifest =
    receipt.kind === ReceiptKind.RECEIPT_KIND_DELIVERED || receipt.kind === ReceiptKind.RECEIPT_KIND_REFUSED;
  checkDigest(view, `${path}.manifestDigest`, receipt.manifestDigest, ofManifest);
  if (receipt.lane > 1) view.fault(`${path}.lane`, 'OUT_OF_RANGE', 'expected lane 0 or 1');
  if (ofManifest && (receipt.seq === 0n || receipt.incarnation === 0))
    view.fault(`${path}.seq`, 'REQUIRED', 'expected incarnation and number of the manifest, both from 1');
  receipt.items.forEach((item, index) => {
    const at = `${path}.items[${index}]`;
    checkDigest(view, `${at}.headerDigest`, item.headerDigest);
    expectChoice(view, `${at}.result`, item.result);
    checkFacetNames(view, `${at}.facets`, item.facets);
    if (ofReading) {
      expectChoice(view, `${at}.deskGroup`, item.deskGroup);
      checkInstant(view, `${at}.at`, item.at, { required: true, past: true });
    }
    const taken =
      item.result === ReceiptResult.RECEIPT_RESULT_ACCEPTED ||
      item.result === ReceiptResult.RECEIPT_RESULT_DUPLICATE;
    if (!taken && item.reason === Reason.REASON_UNSPECIFIED)
      view.fault(`${at}.reason`, 'REQUIRED', 'expected why the item was refused or put aside');
  });
}

export function receiptTitle(facet: FacetReader): string | undefined {
  const receipt = facet('receipt', Receipt);
  if (receipt === undefined) return undefined;
  const kind = wordsOf(ReceiptKind, 'RECEIPT_KIND', receipt.kind);
  return `Receipt: ${joined(', ', kind, receipt.items.length === 1 ? '1 item' : `${receipt.items.length} items`)}`;
}

export function recallRules(view: ContentView): void {
  const recall = view.facet('recall', Recall);
  expectFacet(view, 'recall', recall !== undefined);
  if (recall === undefined) return;
  const path = 'facets.recall';
  checkDigest(view, `${path}.target`, recall.target);
  checkRecordId(view, `${path}.recordId`, recall.recordId);
  expectChoice(view, `${path}.scope`, recall.scope);
  expectChoice(view, `${path}.reason`, recall.reason);
  checkFacetNames(view, `${path}.facets`, recall.facets);
  if (recall.scope === RecallScope.RECALL_SCOPE_FACETS) expectSome(view, `${path}.facets`, recall.facets);
  if (recall.scope === RecallScope.RECALL_SCOPE_WHOLE && recall.facets.length > 0)
    view.fault(`${path}.facets`, 'NOT_ALLOWED', 'expected no facets where the whole record is recalled');
  checkInstant(view, `${path}.deadline`, recall.deadline, { required: true, future: true });
  recall.recipients.forEach((node, index) => {
    checkNodeId(view, `${path}.recipients[${index}]`, node);
  });
}

export function recallTitle(facet: FacetReader): string | undefined {
  const recall = facet('recall', Recall);
  if (recall === undefined) return undefined;
  const what = recall.scope === RecallScope.RECALL_SCOPE_FACETS ? recall.facets.join(', ') : '';
  return `Recall: ${joined(', ', wordsOf(RecallReason, 'RECALL_REASON', recall.reason), what)}`;
}

const FIVE_YEARS_MS = 1827 * 86_400_000;

export function consentRules(view: ContentView): void {
  const consent = view.facet('onward-consent', OnwardConsent);
  expectFacet(view, 'onward-consent', consent !== undefined);
  if (consent === undefined) return;
  const path = 'facets.onward-consent';
  checkDigest(view, `${path}.record`, consent.record);
  checkRecordId(view, `${path}.recordId`, consent.recordId);
  expectSome(view, `${path}.facets`, consent.facets);
  checkFacetNames(view, `${path}.facets`, consent.facets);
  consent.facets.forEach((name, index) => {
    if (isForbiddenName(name))
      view.fault(`${path}.facets[${index}]`, 'R9', 'expected no facet that never leaves its node (R9)');
  });
  expectSome(view, `${path}.to`, consent.to);
  consent.to.forEach((node, index) => {
    checkNodeId(view, `${path}.to[${index}]`, node);
  });
  checkInstant(view, `${path}.expires`, consent.expires, { required: true, future: true });
  if (consent.expires > BigInt(view.nowMs + FIVE_YEARS_MS))
    view.fault(`${path}.expires`, 'RETENTION', 'expected a consent for at most five years');
}

export function consentTitle(facet: FacetReader): string | undefined {
  const consent = facet('onward-consent', OnwardConsent);
  if (consent === undefined) return undefined;
  return consent.use === ConsentUse.CONSENT_USE_EVIDENCE
    ? `Consent to use ${consent.facets.join(', ')} as evidence by ${consent.to.join(', ')}`
    : `Consent to pass on ${consent.facets.join(', ')} to ${consent.to.join(', ')}`;
}

export function disclosureRules(view: ContentView): void {
  const disclosure = view.facet('disclosure', Disclosure);
  expectFacet(view, 'disclosure', disclosure !== undefined);
  if (disclosure === undefined) return;
  const path = 'facets.disclosure';
  checkDigest(view, `${path}.record`, disclosure.record);
  checkNodeId(view, `${path}.recipient`, disclosure.recipient);
  checkFacetNames(view, `${path}.facets`, disclosure.facets);
  expectSome(view, `${path}.basis`, disclosure.basis);
  checkDigest(view, `${path}.consent`, disclosure.consent, false);
  checkInstant(view, `${path}.at`, disclosure.at, { required: true, past: true });
}

export function disclosureTitle(facet: FacetReader): string | undefined {
  const disclosure = facet('disclosure', Disclosure);
  if (disclosure === undefined) return undefined;
  return `Disclosed to ${disclosure.recipient}: ${disclosure.facets.join(', ') || 'existence only'}`;
}

const NONCE_BYTES = 16;

export function canaryRules(view: ContentView): void {
  const canary = view.facet('canary', Canary);
  expectFacet(view, 'canary', canary !== undefined);
  if (canary === undefined) return;
  if (canary.nonce.length !== NONCE_BYTES)
    view.fault(
      'facets.canary.nonce',
      'OUT_OF_RANGE',
      `expected ${NONCE_BYTES} bytes, got ${canary.nonce.length}`,
    );
  checkInstant(view, 'facets.canary.at', canary.at, { required: true, past: true });
}
