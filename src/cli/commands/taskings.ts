/** `tocsin record ask|questions|answer`: questions to originators, and their answers. */
import { fromHex, hex } from '../../base/bytes.ts';
import { AnswerOutcome, AnswerRefusal } from '../../gen/tocsin/record/v1/answer.ts';
import { Priority, Purpose } from '../../gen/tocsin/record/v1/marking.ts';
import { TaskingType } from '../../gen/tocsin/record/v1/tasking.ts';
import { type AsOfficer, headerDigestOf, instant, openOfficerDesk } from '../desk-access.ts';
import { CliError } from '../failure.ts';
import { nameOf } from '../names.ts';
import { type Output, shown } from '../print.ts';

const DAY_MS = 86_400_000;

/** The member of a closed set that a word names; throws USAGE for any other. */
function memberOf<Set extends Readonly<Record<string, number | string>>>(
  set: Set,
  prefix: string,
  word: string,
): Extract<Set[keyof Set], number> {
  const found = set[`${prefix}${word.toUpperCase().replaceAll('-', '_')}`];
  if (typeof found !== 'number' || found <= 0)
    throw new CliError(
      'USAGE',
      `expected a word of ${prefix.toLowerCase().replaceAll('_', ' ').trim()}, got another`,
    );
  return found as Extract<Set[keyof Set], number>;
}

export async function ask(
  [reference = '']: readonly string[],
  options: AsOfficer & {
    readonly question: string;
    readonly purpose: string;
    readonly type: string;
    readonly legalBasis?: string;
    readonly priority: string;
    readonly due?: number;
  },
  output: Output,
): Promise<void> {
  using desk = openOfficerDesk(options);
  const { taskingDigest, due } = await desk.tasking.askOriginator({
    headerDigest: await headerDigestOf(desk, reference),
    type: memberOf(TaskingType, 'TASKING_TYPE_', options.type),
    question: options.question,
    purpose: memberOf(Purpose, 'PURPOSE_', options.purpose),
    legalBasis: options.legalBasis ?? '',
    due: options.due === undefined ? 0n : BigInt(Date.now() + options.due * DAY_MS),
    priority: memberOf(Priority, 'PRIORITY_', options.priority),
  });
  output.line(
    `asked its originator; an answer is due by ${instant(due)}; the question is record ${hex(taskingDigest)}`,
  );
  output.document({ question: taskingDigest, due });
}

export async function questions(
  [reference = '']: readonly string[],
  options: AsOfficer,
  output: Output,
): Promise<void> {
  using desk = openOfficerDesk(options);
  const { taskings } = await desk.tasking.listTaskings({
    headerDigest: await headerDigestOf(desk, reference),
  });
  for (const one of taskings) {
    const type = nameOf(TaskingType, 'TASKING_TYPE_', one.type);
    output.line(
      `${hex(one.headerDigest)}  ${one.from} asks ${one.to}: ${type}, due ${instant(one.due)}, ${one.closed ? 'closed' : 'open'}`,
    );
    if (one.question !== '') output.line(`  ${shown(one.question)}`);
    for (const { outcome, refusal, text, at } of one.answers) {
      const why = refusal === 0 ? shown(text) : nameOf(AnswerRefusal, 'ANSWER_REFUSAL_', refusal);
      output.line(`  ${instant(at)} ${nameOf(AnswerOutcome, 'ANSWER_OUTCOME_', outcome)}: ${why}`);
    }
  }
  if (taskings.length === 0) output.line('nobody asked anything about it');
  output.document({ questions: taskings });
}

export async function answer(
  [question = '']: readonly string[],
  options: AsOfficer & { readonly outcome: string; readonly refusal?: string; readonly text?: string },
  output: Output,
): Promise<void> {
  if (!/^[0-9a-f]{64}$/i.test(question))
    throw new CliError('USAGE', 'expected the header digest of a question, 64 hexadecimal digits');
  using desk = openOfficerDesk(options);
  const { answerDigest } = await desk.tasking.answerTasking({
    taskingDigest: Buffer.from(fromHex(question.toLowerCase())),
    outcome: memberOf(AnswerOutcome, 'ANSWER_OUTCOME_', options.outcome),
    refusal: options.refusal === undefined ? 0 : memberOf(AnswerRefusal, 'ANSWER_REFUSAL_', options.refusal),
    text: options.text ?? '',
  });
  output.line(`answered; the answer is record ${hex(answerDigest)}`);
  output.document({ answer: answerDigest });
}
