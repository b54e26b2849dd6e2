/** Rules of the kinds by which a holder asks the originator of a record, and by which the originator answers. */
import { Answer, AnswerOutcome, AnswerRefusal } from '../../gen/tocsin/record/v1/answer.ts';
import { Purpose } from '../../gen/tocsin/record/v1/marking.ts';
import { Tasking, TaskingType } from '../../gen/tocsin/record/v1/tasking.ts';
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

const QUESTION_LENGTH = 2_000;
const LEGAL_BASIS_LENGTH = 500;
const ANSWER_LENGTH = 4_000;

const CONSENTS: ReadonlySet<TaskingType> = new Set([
  TaskingType.TASKING_TYPE_CONSENT_ONWARD,
  TaskingType.TASKING_TYPE_CONSENT_EVIDENCE,
]);

/** Whether it asks for a consent, and not for an answer in words. */
export const asksConsent = ({ type }: Pick<Tasking, 'type'>): boolean => CONSENTS.has(type);

export function taskingRules(view: ContentView): void {
  const tasking = view.facet('tasking', Tasking);
  expectFacet(view, 'tasking', tasking !== undefined);
  if (tasking === undefined) return;
  const path = 'facets.tasking';
  expectChoice(view, `${path}.type`, tasking.type);
  checkDigest(view, `${path}.record`, tasking.record);
  checkRecordId(view, `${path}.recordId`, tasking.recordId);
  if (asksConsent(tasking)) consentRules(view, path, tasking);
  else questionRules(view, path, tasking);
  if (tasking.question.length > QUESTION_LENGTH)
    view.fault(`${path}.question`, 'TOO_LONG', `expected at most ${QUESTION_LENGTH} characters`);
  if (tasking.legalBasis.length > LEGAL_BASIS_LENGTH)
    view.fault(`${path}.legalBasis`, 'TOO_LONG', `expected at most ${LEGAL_BASIS_LENGTH} characters`);
  checkInstant(view, `${path}.due`, tasking.due, { required: true, future: true });
}

function consentRules(view: ContentView, path: string, tasking: Tasking): void {
  expectSome(view, `${path}.facets`, tasking.facets);
  checkFacetNames(view, `${path}.facets`, tasking.facets);
  tasking.facets.forEach((name, index) => {
    if (isForbiddenName(name))
      view.fault(`${path}.facets[${index}]`, 'R9', 'expected no facet that never leaves its node (R9)');
  });
  expectSome(view, `${path}.to`, tasking.to);
  tasking.to.forEach((node, index) => {
    checkNodeId(view, `${path}.to[${index}]`, node);
  });
}

function questionRules(view: ContentView, path: string, tasking: Tasking): void {
  for (const name of ['facets', 'to'] as const)
    if (tasking[name].length > 0)
      view.fault(`${path}.${name}`, 'NOT_ALLOWED', 'expected nothing: no consent is asked for');
  expectSome(view, `${path}.question`, tasking.question.trim());
  if (tasking.purpose === Purpose.PURPOSE_UNSPECIFIED) expectChoice(view, `${path}.purpose`, tasking.purpose);
}

const ASKS: Readonly<Partial<Record<TaskingType, string>>> = {
  [TaskingType.TASKING_TYPE_INFORMATION]: 'Asks for information',
  [TaskingType.TASKING_TYPE_VERIFY_HIT]: 'Asks whether it is the same',
  [TaskingType.TASKING_TYPE_INSPECT]: 'Asks what to do with what was found',
  [TaskingType.TASKING_TYPE_PRESERVE_DATA]: 'Asks to preserve data',
  [TaskingType.TASKING_TYPE_ACCOUNT_FOR]: 'Asks to account for arms',
  [TaskingType.TASKING_TYPE_SPECIMEN]: 'Asks for a specimen',
  [TaskingType.TASKING_TYPE_TAKE_OVER]: 'Asks to take the case over',
  [TaskingType.TASKING_TYPE_REFERRED_HIT]: 'Tells who met the entry by screening',
};

export function taskingTitle(facet: FacetReader): string | undefined {
  const tasking = facet('tasking', Tasking);
  if (tasking === undefined) return undefined;
  const { type, facets, to } = tasking;
  if (!asksConsent(tasking)) return ASKS[type] ?? 'Asks the originator';
  return type === TaskingType.TASKING_TYPE_CONSENT_EVIDENCE
    ? `Asks for consent to use ${facets.join(', ')} as evidence`
    : `Asks for consent to pass on ${facets.join(', ')} to ${to.join(', ')}`;
}

export function answerRules(view: ContentView): void {
  const answer = view.facet('answer', Answer);
  expectFacet(view, 'answer', answer !== undefined);
  if (answer === undefined) return;
  const path = 'facets.answer';
  checkDigest(view, `${path}.tasking`, answer.tasking);
  checkDigest(view, `${path}.record`, answer.record);
  expectChoice(view, `${path}.outcome`, answer.outcome);
  if (answer.text.length > ANSWER_LENGTH)
    view.fault(`${path}.text`, 'TOO_LONG', `expected at most ${ANSWER_LENGTH} characters`);
  if (answer.outcome === AnswerOutcome.ANSWER_OUTCOME_REFUSED) {
    expectChoice(view, `${path}.refusal`, answer.refusal);
    // A refusal says no more than its reason: more could tell what is being protected.
    if (answer.text !== '')
      view.fault(`${path}.text`, 'NOT_ALLOWED', 'expected no text: a refusal says its reason alone');
  } else if (answer.refusal !== AnswerRefusal.ANSWER_REFUSAL_UNSPECIFIED)
    view.fault(`${path}.refusal`, 'NOT_ALLOWED', 'expected no reason of refusal: it was answered');
}

const OUTCOMES: Readonly<Partial<Record<AnswerOutcome, string>>> = {
  [AnswerOutcome.ANSWER_OUTCOME_FULL]: 'Answers a question',
  [AnswerOutcome.ANSWER_OUTCOME_PARTIAL]: 'Answers a question in part',
  [AnswerOutcome.ANSWER_OUTCOME_NEGATIVE]: 'Answers: nothing found',
  [AnswerOutcome.ANSWER_OUTCOME_REFUSED]: 'Refuses an answer',
  [AnswerOutcome.ANSWER_OUTCOME_NEED_MLA]: 'Asks for a request for legal assistance',
};

export function answerTitle(facet: FacetReader): string | undefined {
  const answer = facet('answer', Answer);
  return answer && (OUTCOMES[answer.outcome] ?? 'Answers a question');
}
