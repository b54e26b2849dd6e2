/** TaskingService: questions to originators, and their answers. */

import type { AskedTasking, TaskingServiceDefinition } from '../../gen/tocsin/desk/v1/tasking_service.ts';
import { AnswerOutcome } from '../../gen/tocsin/record/v1/answer.ts';
import { type DeskGroup, Priority, Purpose } from '../../gen/tocsin/record/v1/marking.ts';
import { TaskingType } from '../../gen/tocsin/record/v1/tasking.ts';
import { type AskedQuestion, readQuestion, type Taskings } from '../../lifecycle/index.ts';
import { purposesOf } from '../../policy/index.ts';
import { type Access, notFound } from '../access.ts';
import { setMark } from '../marks.ts';
import type { DeskNode, DeskStore } from '../ports.ts';
import { openForOfficer, requireOnRecord } from '../require-record.ts';
import type { DeskHandlers } from './handlers.ts';
import { buffer } from './messages.ts';
import { RequestFields, readField, subjectOf } from './request.ts';

export interface TaskingDeps {
  readonly access: Access;
  readonly store: DeskStore;
  readonly node: DeskNode;
  readonly taskings: Taskings;
}

const ANSWER_LENGTH = 4_000;
const LEGAL_BASIS_LENGTH = 500;
/** Questions about one record that one call tells of. */
const MOST_QUESTIONS = 200;

export function taskingHandlers(deps: TaskingDeps): DeskHandlers<TaskingServiceDefinition> {
  const { access, store, node, taskings } = deps;
  return {
    async askOriginator(request, { session }) {
      const fields = new RequestFields();
      const headerDigest = fields.digest('header_digest', request.headerDigest);
      const question = fields.note('question', request.question.trim());
      if (question === '') fields.fault('question', 'REQUIRED', 'expected a question in words, got nothing');
      const legalBasis = fields.text('legal_basis', request.legalBasis, LEGAL_BASIS_LENGTH);
      if (request.type === TaskingType.TASKING_TYPE_UNSPECIFIED)
        fields.fault('type', 'REQUIRED', 'expected what is asked, got nothing');
      if (request.purpose === Purpose.PURPOSE_UNSPECIFIED)
        fields.fault('purpose', 'REQUIRED', 'expected what the answer is for, got nothing');
      else if (!purposesOf(session.deskGroup).includes(request.purpose))
        fields.fault('purpose', 'NOT_ALLOWED', 'expected a purpose of the desk group, got another (R7)');
      if (request.due !== 0n && request.due <= BigInt(node.clock.nowMs()))
        fields.fault('due', 'PAST', 'expected a time to come');
      fields.done();
      await requireOnRecord(deps, session, 'ask-originator', headerDigest);
      const { digest, dueMs } = await taskings.ask({
        officer: session,
        headerDigest,
        type: request.type,
        question,
        purpose: request.purpose,
        legalBasis,
        priority:
          request.priority === Priority.PRIORITY_UNSPECIFIED ? Priority.PRIORITY_PRIORITY : request.priority,
        ...(request.due === 0n ? {} : { dueMs: Number(request.due) }),
      });
      return { taskingDigest: buffer(digest), due: BigInt(dueMs) };
    },

    async answerTasking(request, { session }) {
      const fields = new RequestFields();
      const taskingDigest = fields.digest('tasking_digest', request.taskingDigest);
      const { outcome, refusal } = request;
      const text = fields.text('text', request.text.trim(), ANSWER_LENGTH);
      if (outcome === AnswerOutcome.ANSWER_OUTCOME_UNSPECIFIED)
        fields.fault('outcome', 'REQUIRED', 'expected what came of it, got nothing');
      const refused = outcome === AnswerOutcome.ANSWER_OUTCOME_REFUSED;
      if (refused && refusal === 0) fields.fault('refusal', 'REQUIRED', 'expected a reason, got none');
      if (refused && text !== '')
        fields.fault('text', 'NOT_ALLOWED', 'expected no text: a refusal says its reason alone');
      if (!refused && refusal !== 0)
        fields.fault('refusal', 'NOT_ALLOWED', 'expected no reason of refusal: it is answered');
      fields.done();
      const asked = await store.read((tx) => readQuestion(tx, taskingDigest));
      if (asked === undefined || asked.record.origin === 'own') throw notFound('record');
      await requireOnRecord(deps, session, 'answer', asked.tasking.record);
      const digest = await taskings.answer({ officer: session, taskingDigest, outcome, refusal, text });
      return { answerDigest: buffer(digest) };
    },

    async listTaskings(request, { session }) {
      const headerDigest = readField((fields) => fields.digest('header_digest', request.headerDigest));
      await openForOfficer(deps, session, headerDigest);
      const questions = await store.write(async (tx) => {
        const found: AskedQuestion[] = [];
        const mark = { by: session.name, at: node.clock.nowMs() };
        for (const entry of (await tx.taskings.about(headerDigest)).slice(0, MOST_QUESTIONS)) {
          const one = await readQuestion(tx, entry.headerDigest);
          if (one === undefined) continue;
          found.push(one);
          if (one.record.origin !== 'own' || one.record.deskGroup !== session.deskGroup) continue;
          for (const { record } of one.answers)
            await setMark(
              tx,
              { what: 'read', headerDigest: record.headerDigest, deskGroup: session.deskGroup },
              mark,
            );
        }
        return found;
      });
      await access.audit(session, 'tasking.listed', subjectOf(headerDigest), { questions: questions.length });
      return {
        taskings: questions.sort((a, b) => Number(b.record.position - a.record.position)).map(askedTasking),
      };
    },
  };
}

export const askedTasking = ({ record, tasking, to, answers, closed }: AskedQuestion): AskedTasking => ({
  headerDigest: buffer(record.headerDigest),
  from: record.originator,
  to,
  deskGroup: record.deskGroup as DeskGroup,
  type: tasking.type,
  question: tasking.question,
  purpose: tasking.purpose,
  legalBasis: tasking.legalBasis,
  facets: [...tasking.facets],
  nodes: [...tasking.to],
  at: BigInt(record.released),
  due: tasking.due,
  answers: answers.map(({ record: said, answer }) => ({
    headerDigest: buffer(said.headerDigest),
    outcome: answer.outcome,
    refusal: answer.refusal,
    text: answer.text,
    at: BigInt(said.released),
  })),
  closed,
});
