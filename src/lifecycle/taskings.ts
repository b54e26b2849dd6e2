/**
 * Questions to the originator of a record that is held here, and answers to those that partners ask about ours (domain §2: Tasking
 * and Answer). Each is a signed record of its own, sent to exactly whom it is for, with its clock.
 */
import { equalBytes, hex } from '../base/bytes.ts';
import type { Clock } from '../base/clock.ts';
import {
  answerIn,
  type ControlRecord,
  closes,
  consentsAbout,
  taskingIn,
  worldOfRecord,
} from '../exchange/index.ts';
import { Answer, AnswerOutcome, type AnswerRefusal } from '../gen/tocsin/record/v1/answer.ts';
import { type DeskGroup, Priority, type Purpose } from '../gen/tocsin/record/v1/marking.ts';
import { Tasking, TaskingType } from '../gen/tocsin/record/v1/tasking.ts';
import { ANSWER, asksConsent, TASKING } from '../record/index.ts';
import type { ReadTx, Store, StoredRecord, WriteTx } from '../store/index.ts';
import { auditOf } from './context.ts';
import { refuse } from './errors.ts';
import type { Officer, SelfPort } from './ports.ts';

const HOUR_MS = 3_600_000;
/** Directive (EU) 2023/977, article 5: 8 hours for what is urgent, 7 days for the rest. */
const URGENT_MS = 8 * HOUR_MS;
const OTHER_MS = 7 * 24 * HOUR_MS;

/** Within what an answer is due where who asks names no time. */
export const answerDueMs = (priority: Priority): number =>
  priority === Priority.PRIORITY_FLASH || priority === Priority.PRIORITY_IMMEDIATE ? URGENT_MS : OTHER_MS;

export interface TaskingsDeps {
  readonly store: Store;
  readonly exchange: { state(tx: WriteTx, record: ControlRecord): Promise<Uint8Array> };
  readonly self: SelfPort;
  readonly clock: Clock;
}

export interface Question {
  readonly officer: Officer;
  /** Of a record of a partner's. */
  readonly headerDigest: Uint8Array;
  readonly type: TaskingType;
  readonly question: string;
  readonly purpose: Purpose;
  readonly legalBasis: string;
  /** Milliseconds UTC; absent = as the urgency asks. */
  readonly dueMs?: number;
  readonly priority: Priority;
}

/** A record that was met by screening, where its originator wants to be told and the searcher is told nothing (R16). */
export interface Referral {
  /** Who asked. */
  readonly deskGroup: DeskGroup;
  readonly purpose: Purpose;
  /** When, milliseconds UTC. */
  readonly at: number;
  /** Of a record of a partner's. */
  readonly headerDigest: Uint8Array;
}

/** A question about a record of a partner's that is not held here: what a private screening found. */
export interface UnseenQuestion extends Omit<Question, 'type'> {
  /** Node id of its originator. */
  readonly to: string;
  readonly recordId: Uint8Array;
}

export interface Reply {
  readonly officer: Officer;
  readonly taskingDigest: Uint8Array;
  readonly outcome: AnswerOutcome;
  readonly refusal: AnswerRefusal;
  readonly text: string;
}

/** A question with what came of it. */
export interface AskedQuestion {
  readonly record: StoredRecord;
  readonly tasking: Tasking;
  /** Node id that is asked. */
  readonly to: string;
  /** Oldest first. */
  readonly answers: readonly { readonly record: StoredRecord; readonly answer: Answer }[];
  readonly closed: boolean;
}

/** Each step is durable and audited when it resolves. Errors: LifecycleError. */
export interface Taskings {
  /** Throws NOT_FOUND, NOT_FORWARDABLE for an own record, INVALID. */
  ask(question: Question): Promise<{ readonly digest: Uint8Array; readonly dueMs: number }>;
  /** Tells the originators; those of records that are not held any more are left out. How many were told. */
  refer(tx: WriteTx, referrals: readonly Referral[]): Promise<number>;
  /** Asks whether what was found here is what a record is about that nobody showed us. Throws NOT_FORWARDABLE for an own record. */
  verify(question: UnseenQuestion): Promise<{ readonly digest: Uint8Array; readonly dueMs: number }>;
  /** Header digest of the answer. Throws NOT_FOUND, SUPERSEDED where it is closed, INVALID. */
  answer(reply: Reply): Promise<Uint8Array>;
}

export function createTaskings(deps: TaskingsDeps): Taskings {
  return {
    ask: (question) => ask(deps, question),
    refer: (tx, referrals) => refer(deps, tx, referrals),
    verify: (question) => verify(deps, question),
    answer: (reply) => answer(deps, reply),
  };
}

interface Target {
  readonly to: string;
  readonly recordId: Uint8Array;
  readonly exercise: boolean;
}

async function ask(
  deps: TaskingsDeps,
  question: Question,
): Promise<{ readonly digest: Uint8Array; readonly dueMs: number }> {
  if (question.type === TaskingType.TASKING_TYPE_REFERRED_HIT)
    throw refuse(
      'INVALID',
      'expected a question, got what a node alone states: that its desk met a record (R16)',
    );
  if (asksConsent({ type: question.type }))
    throw refuse('INVALID', 'expected a question, got the request for a consent: that has a verb of its own');
  return deps.store.write(async (tx) => {
    const record = await tx.records.byDigest(question.headerDigest);
    if (!record) throw refuse('NOT_FOUND', 'expected the header digest of a record held here, got another');
    if (record.origin === 'own')
      throw refuse(
        'NOT_FORWARDABLE',
        'expected a record of another originator: one of our own has nobody to ask',
      );
    return state(deps, tx, question, {
      to: record.originator,
      recordId: record.recordId,
      exercise: worldOfRecord(record) === 'exercise',
    });
  });
}

/** Nobody is to answer it: it is due when it is deleted. */
const REFERRAL_DUE_MS = 5 * 365 * 24 * HOUR_MS;

async function refer(
  { exchange, clock }: TaskingsDeps,
  tx: WriteTx,
  referrals: readonly Referral[],
): Promise<number> {
  let told = 0;
  for (const { deskGroup, purpose, at, headerDigest } of referrals) {
    const record = await tx.records.byDigest(headerDigest);
    if (!record || record.origin === 'own') continue;
    const atMs = clock.nowMs();
    const due = atMs + REFERRAL_DUE_MS;
    const body = Tasking.encode({
      type: TaskingType.TASKING_TYPE_REFERRED_HIT,
      record: Buffer.from(headerDigest),
      recordId: Buffer.from(record.recordId),
      facets: [],
      to: [],
      question: `met by screening at ${new Date(at).toISOString()}`,
      due: BigInt(due),
      purpose,
      legalBasis: '',
    }).finish();
    const digest = await exchange.state(tx, {
      kind: TASKING,
      body,
      to: [record.originator],
      priority: Priority.PRIORITY_PRIORITY,
      deskGroup,
      exercise: worldOfRecord(record) === 'exercise',
    });
    await tx.taskings.noteTasking({ headerDigest: digest, target: headerDigest, due });
    await tx.audit.append([
      {
        at: atMs,
        actor: 'node',
        action: 'screening.referred',
        subject: hex(headerDigest),
        detail: { to: record.originator },
      },
    ]);
    told += 1;
  }
  return told;
}

async function verify(
  deps: TaskingsDeps,
  { to, recordId, ...question }: UnseenQuestion,
): Promise<{ readonly digest: Uint8Array; readonly dueMs: number }> {
  return deps.store.write(async (tx) => {
    if (to === deps.self.node || (await tx.records.byDigest(question.headerDigest))?.origin === 'own')
      throw refuse('NOT_FORWARDABLE', 'expected a record of a partner: one of our own has nobody to ask');
    const asked = { ...question, type: TaskingType.TASKING_TYPE_VERIFY_HIT };
    return state(deps, tx, asked, { to, recordId, exercise: false });
  });
}

async function state(
  { exchange, clock }: TaskingsDeps,
  tx: WriteTx,
  { officer, headerDigest, type, question, purpose, legalBasis, dueMs, priority }: Question,
  { to, recordId, exercise }: Target,
): Promise<{ readonly digest: Uint8Array; readonly dueMs: number }> {
  const atMs = clock.nowMs();
  const due = dueMs ?? atMs + answerDueMs(priority);
  const body = Tasking.encode({
    type,
    record: Buffer.from(headerDigest),
    recordId: Buffer.from(recordId),
    facets: [],
    to: [],
    question,
    due: BigInt(due),
    purpose,
    legalBasis,
  }).finish();
  const { deskGroup } = officer;
  const digest = await exchange.state(tx, { kind: TASKING, body, to: [to], priority, deskGroup, exercise });
  await tx.taskings.noteTasking({ headerDigest: digest, target: headerDigest, due });
  await tx.audit.append([auditOf(officer, atMs, 'tasking.asked', headerDigest, { to })]);
  return { digest, dueMs: due };
}

async function answer(
  { store, exchange, clock }: TaskingsDeps,
  { officer, taskingDigest, outcome, refusal, text }: Reply,
): Promise<Uint8Array> {
  return store.write(async (tx) => {
    const asked = await readQuestion(tx, taskingDigest);
    if (!asked || asked.record.origin === 'own')
      throw refuse('NOT_FOUND', 'expected the header digest of a question that a partner asked, got another');
    if (asked.closed) throw refuse('SUPERSEDED', 'expected a question that is open, this one is answered');
    if (asksConsent(asked.tasking) && outcome !== AnswerOutcome.ANSWER_OUTCOME_REFUSED)
      throw refuse('INVALID', 'expected a consent, or a refusal: a consent is what was asked for');
    const { record, tasking } = asked;
    const body = Answer.encode({
      tasking: Buffer.from(taskingDigest),
      record: tasking.record,
      outcome,
      refusal,
      text,
    }).finish();
    const digest = await exchange.state(tx, {
      kind: ANSWER,
      body,
      to: [record.originator],
      priority: record.priority as Priority,
      deskGroup: officer.deskGroup,
      exercise: worldOfRecord(record) === 'exercise',
    });
    await tx.taskings.noteAnswer({
      headerDigest: digest,
      tasking: taskingDigest,
      closes: outcome !== AnswerOutcome.ANSWER_OUTCOME_PARTIAL,
    });
    await tx.audit.append([
      auditOf(officer, clock.nowMs(), 'tasking.answered', tasking.record, {
        to: record.originator,
        outcome: String(outcome),
      }),
    ]);
    return digest;
  });
}

type Reads = Pick<ReadTx, 'records' | 'taskings' | 'onward' | 'outbox'>;

/** A question by its header digest; undefined where none is held. */
export async function readQuestion(tx: Reads, headerDigest: Uint8Array): Promise<AskedQuestion | undefined> {
  const record = await tx.records.byDigest(headerDigest);
  const tasking = record && taskingIn(record.kind, await tx.records.facets(headerDigest));
  const target = tasking && (await tx.records.byDigest(tasking.record));
  if (!record || !tasking) return undefined;
  // Of what a private screening found nothing is held but the question itself.
  const to = target?.originator ?? (await tx.outbox.ofRecord(headerDigest))[0]?.recipient;
  if (to === undefined) return undefined;
  const answers: AskedQuestion['answers'][number][] = [];
  for (const entry of await tx.taskings.answersTo(headerDigest)) {
    const held = await tx.records.byDigest(entry.headerDigest);
    const said = held && answerIn(held.kind, await tx.records.facets(entry.headerDigest));
    if (held && said) answers.push({ record: held, answer: said });
  }
  const closed =
    tasking.type === TaskingType.TASKING_TYPE_REFERRED_HIT ||
    answers.some((one) => closes(one.answer)) ||
    (target !== undefined && (await isConsented(tx, tasking, target)));
  return { record, tasking, to, answers, closed };
}

/** Whether consents in force give all that was asked for. */
async function isConsented(tx: Reads, tasking: Tasking, target: StoredRecord): Promise<boolean> {
  if (!asksConsent(tasking)) return false;
  const consents = (await consentsAbout(tx, target)).filter(
    ({ withdrawn, target: about }) => !withdrawn && equalBytes(about, tasking.record),
  );
  return tasking.to.every((node) =>
    tasking.facets.every((facet) =>
      consents.some((one) => one.to.includes(node) && one.facets.includes(facet)),
    ),
  );
}
