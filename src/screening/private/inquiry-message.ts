/** Questions to partners in private, and what came of them, as the desk's messages. */
import {
  PrivateScreening,
  type PrivateScreeningAnswer,
  PrivateScreeningOutcome,
  PrivateScreeningState,
  PrivateScreenRequest,
} from '../../gen/tocsin/desk/v1/screening_service.ts';
import type { DeskGroup, Purpose } from '../../gen/tocsin/record/v1/marking.ts';
import type { PrivateInquiryState, StoredPrivateInquiry } from '../../store/index.ts';
import type { PrivateAnswer, Sought } from './asker.ts';
import type { PrivateScheme } from './keys.ts';

export const soughtIn = ({ names, identifiers }: PrivateScreenRequest): Sought => ({
  names,
  identifiers: identifiers.map(({ scheme, country, value }) => ({
    scheme: scheme as PrivateScheme,
    country,
    // As it is written on ships and in papers; entries have the digits alone.
    value: scheme === 'imo' ? value.replace(/^\s*IMO/i, '') : value,
  })),
});

export const answerOf = (
  partner: string,
  { questions, hits, more }: Pick<PrivateAnswer, 'questions' | 'hits' | 'more'>,
): PrivateScreeningAnswer => ({
  partner,
  outcome:
    hits.length > 0
      ? PrivateScreeningOutcome.PRIVATE_SCREENING_OUTCOME_HIT
      : PrivateScreeningOutcome.PRIVATE_SCREENING_OUTCOME_NO_HIT,
  code: '',
  message: '',
  questions,
  more,
  hits: hits.map(({ headerDigest, recordId, agree, tasking }) => ({
    headerDigest: Buffer.from(headerDigest),
    recordId: Buffer.from(recordId),
    agree: [...agree],
    taskingDigest: Buffer.from(tasking),
    tasking: undefined,
  })),
});

export const failedAnswer = (partner: string, code: string, message: string): PrivateScreeningAnswer => ({
  partner,
  outcome: PrivateScreeningOutcome.PRIVATE_SCREENING_OUTCOME_FAILED,
  code,
  message,
  questions: 0,
  hits: [],
  more: false,
});

const STATES: Readonly<Record<PrivateInquiryState, PrivateScreeningState>> = {
  open: PrivateScreeningState.PRIVATE_SCREENING_STATE_OPEN,
  asking: PrivateScreeningState.PRIVATE_SCREENING_STATE_ASKING,
  answered: PrivateScreeningState.PRIVATE_SCREENING_STATE_ANSWERED,
  declined: PrivateScreeningState.PRIVATE_SCREENING_STATE_DECLINED,
  interrupted: PrivateScreeningState.PRIVATE_SCREENING_STATE_INTERRUPTED,
};

/** `reader`: identity of who reads. */
export const messageOf = (inquiry: StoredPrivateInquiry, reader: string): PrivateScreening => ({
  id: inquiry.id,
  state: STATES[inquiry.state],
  asker: inquiry.askerName,
  own: inquiry.asker === reader,
  askedAt: BigInt(inquiry.askedAt),
  deskGroup: inquiry.deskGroup as DeskGroup,
  purpose: inquiry.purpose as Purpose,
  question: PrivateScreenRequest.decode(inquiry.question),
  decider: inquiry.deciderName ?? '',
  decidedAt: BigInt(inquiry.decidedAt ?? 0),
  note: inquiry.note ?? '',
  answers: inquiry.answers === undefined ? [] : PrivateScreening.decode(inquiry.answers).answers,
  keptUntil: BigInt(inquiry.keptUntil),
});
