/** Questions to originators, and their answers, in the records that carry them; and what may be taken of either. */
import { equalBytes } from '../base/bytes.ts';
import { Answer, AnswerOutcome } from '../gen/tocsin/record/v1/answer.ts';
import { Tasking } from '../gen/tocsin/record/v1/tasking.ts';
import { ANSWER, type SignedHeader, TASKING } from '../record/index.ts';
import type { ReadTx, StoredFacet, WriteTx } from '../store/index.ts';

type Facets = readonly Pick<StoredFacet, 'facet' | 'body'>[];

const bodyOf = (kind: string, facets: Facets): Uint8Array | undefined =>
  facets.find(({ facet, body }) => facet === kind && body.length > 0)?.body;

/** The question in a record of that kind; undefined for other kinds, or where the facet is not held. */
export function taskingIn(kind: string, facets: Facets): Tasking | undefined {
  const body = kind === TASKING ? bodyOf(TASKING, facets) : undefined;
  return body && Tasking.decode(body);
}

/** The answer in a record of that kind; undefined for other kinds, or where the facet is not held. */
export function answerIn(kind: string, facets: Facets): Answer | undefined {
  const body = kind === ANSWER ? bodyOf(ANSWER, facets) : undefined;
  return body && Answer.decode(body);
}

/** Whether nothing more is to come. */
export const closes = ({ outcome }: Answer): boolean => outcome !== AnswerOutcome.ANSWER_OUTCOME_PARTIAL;

/** A question is for the originator of what it asks about; an answer is its, to what we asked of it. */
async function isForUs(
  tx: Pick<ReadTx, 'records' | 'taskings' | 'outbox'>,
  { header }: SignedHeader,
  tasking: Tasking | undefined,
  answer: Answer | undefined,
): Promise<boolean> {
  if (tasking) {
    const record = await tx.records.byDigest(tasking.record);
    return record?.origin === 'own' && equalBytes(record.recordId, tasking.recordId);
  }
  if (answer) {
    const asked = await tx.records.byDigest(answer.tasking);
    const about = await tx.taskings.tasking(answer.tasking);
    if (asked?.origin !== 'own' || about === undefined || !equalBytes(about.target, answer.record))
      return false;
    const target = await tx.records.byDigest(about.target);
    if (target) return target.originator === header.originator;
    // What a private screening found is not held here: then it is for who was asked to answer.
    const sent = await tx.outbox.ofRecord(answer.tasking);
    return sent.some(({ recipient }) => recipient === header.originator);
  }
  return true;
}

/** What a question or an answer that arrived is about, to be noted once its record is kept. */
export interface TakenTasking {
  readonly headerDigest: Uint8Array;
  readonly tasking?: Tasking;
  readonly answer?: Answer;
}

/** Undefined for other kinds; `stranger` where it asks about nothing of ours, or answers what we did not ask of its signer. */
export async function takenTasking(
  tx: Pick<ReadTx, 'records' | 'taskings' | 'outbox'>,
  signed: SignedHeader,
  facets: Facets,
): Promise<TakenTasking | 'stranger' | undefined> {
  const tasking = taskingIn(signed.header.kind, facets);
  const answer = answerIn(signed.header.kind, facets);
  if (!tasking && !answer) return undefined;
  if (!(await isForUs(tx, signed, tasking, answer))) return 'stranger';
  return { headerDigest: signed.digest, ...(tasking && { tasking }), ...(answer && { answer }) };
}

/** Keeps what it is about; harmless twice. */
export async function noteTaken(tx: WriteTx, { headerDigest, tasking, answer }: TakenTasking): Promise<void> {
  if (tasking)
    await tx.taskings.noteTasking({ headerDigest, target: tasking.record, due: Number(tasking.due) });
  if (answer) await tx.taskings.noteAnswer({ headerDigest, tasking: answer.tasking, closes: closes(answer) });
}
