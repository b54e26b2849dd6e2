/** Rules of `redress-request`: a request of whom an entry hurts, and the originator's answer. */
import {
  RedressOutcome,
  RedressRequest,
  RedressSubject,
} from '../../gen/tocsin/record/v1/redress_request.ts';
import type { ContentView, FacetReader } from '../kind-row.ts';
import {
  checkCountry,
  checkInstant,
  checkRecordRef,
  expectChoice,
  expectFacet,
  expectSome,
} from './basics.ts';

const REASON_LENGTH = 2_000;

export function redressRules(view: ContentView): void {
  const request = view.facet('request', RedressRequest);
  expectFacet(view, 'request', request !== undefined);
  if (request === undefined) return;
  const path = 'facets.request';
  expectSome(view, `${path}.reference`, request.reference);
  checkCountry(view, `${path}.channel`, request.channel, true);
  expectChoice(view, `${path}.claim`, request.claim);
  checkInstant(view, `${path}.received`, request.received, { required: true, past: true });
  if (request.entry !== undefined) checkRecordRef(view, `${path}.entry`, request.entry);
  if (request.reason.length > REASON_LENGTH)
    view.fault(`${path}.reason`, 'TOO_LONG', `expected at most ${REASON_LENGTH} characters`);
  const isAnswer = request.outcome !== RedressOutcome.REDRESS_OUTCOME_UNSPECIFIED;
  checkInstant(view, `${path}.decidedAt`, request.decidedAt, { required: isAnswer, past: true });
  if (!isAnswer && request.decidedAt !== 0n)
    view.fault(`${path}.outcome`, 'REQUIRED', 'expected what was decided, or no time of a decision');
  if (isAnswer && request.entry === undefined)
    view.fault(`${path}.entry`, 'REQUIRED', 'expected the entry that was decided upon');
  if (isAnswer) expectSome(view, `${path}.reason`, request.reason);
  checkSubject(view, isAnswer);
}

/** A request without proof of who asks would let anybody ask about anybody. */
function checkSubject(view: ContentView, isAnswer: boolean): void {
  const subject = view.facet('subject', RedressSubject);
  if (!isAnswer) expectFacet(view, 'subject', subject !== undefined);
  if (subject === undefined) return;
  expectSome(view, 'facets.subject.names', subject.names);
  expectSome(view, 'facets.subject.documents', subject.documents);
  subject.names.forEach((name, index) => {
    expectSome(view, `facets.subject.names[${index}].text`, name.text);
  });
  subject.documents.forEach((document, index) => {
    const at = `facets.subject.documents[${index}]`;
    expectChoice(view, `${at}.type`, document.type);
    expectSome(view, `${at}.number`, document.number);
    checkCountry(view, `${at}.country`, document.country, true);
  });
}

export function redressTitle(facet: FacetReader): string | undefined {
  const request = facet('request', RedressRequest);
  if (request === undefined) return undefined;
  return request.outcome === RedressOutcome.REDRESS_OUTCOME_UNSPECIFIED
    ? `Request for redress ${request.reference}`
    : `Redress ${request.reference} decided`;
}
