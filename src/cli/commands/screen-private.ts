/** `tocsin screen private …`: partners asked whether they list somebody, without being told whom; two officers decide it. */
import {
  type PrivateScreening,
  type PrivateScreeningAnswer,
  PrivateScreeningOutcome,
  PrivateScreeningState,
} from '../../gen/tocsin/desk/v1/screening_service.ts';
import { AnswerOutcome } from '../../gen/tocsin/record/v1/answer.ts';
import { type AsOfficer, instant, openOfficerDesk } from '../desk-access.ts';
import { CliError } from '../failure.ts';
import { nameOf } from '../names.ts';
import { type Output, shown } from '../print.ts';

/** Options that name a number, as commander writes them, with its scheme. */
const NUMBER_OPTIONS = {
  entity: 'entity',
  imo: 'imo',
  mmsi: 'mmsi',
  icao24: 'icao24',
  aircraftSerial: 'aircraft-serial',
} as const;

export type PrivateOptions = AsOfficer & {
  readonly [Name in keyof typeof NUMBER_OPTIONS]?: readonly string[];
} & {
  readonly also?: readonly string[];
  readonly document?: readonly string[];
  readonly partner?: readonly string[];
  readonly reason: string;
  readonly reference?: string;
  readonly question?: string;
  readonly legalBasis?: string;
  readonly purpose?: string;
};

/** As `XA:P 4417/02`. Throws USAGE. */
function documentOf(text: string): {
  readonly scheme: string;
  readonly country: string;
  readonly value: string;
} {
  const [, country, value] = /^([A-Za-z]{2}):(.+)$/.exec(text.trim()) ?? [];
  if (country === undefined || value === undefined)
    throw new CliError(
      'USAGE',
      'expected --document as the country that issued it and its number, as XA:P441702',
    );
  return { scheme: 'document', country: country.toUpperCase(), value: value.trim() };
}

/** Partners may take a while, one after the other where several officers ask the same. */
const APPROVE_MS = 120_000;
const PAGE = 500;

const stateOf = ({ state }: PrivateScreening): string =>
  nameOf(PrivateScreeningState, 'PRIVATE_SCREENING_STATE_', state);
const outcomeOf = ({ outcome }: PrivateScreeningAnswer): string =>
  nameOf(PrivateScreeningOutcome, 'PRIVATE_SCREENING_OUTCOME_', outcome);

/** For `--json`: enumerations by their words. */
const documentOfScreening = (one: PrivateScreening) => ({
  ...one,
  state: stateOf(one),
  answers: one.answers.map((answer) => ({ ...answer, outcome: outcomeOf(answer) })),
});

function asked({ question }: PrivateScreening): string {
  const { names = [], identifiers = [], partners = [] } = question ?? {};
  const what = [
    ...names,
    ...identifiers.map(({ scheme, country, value }) => `${scheme} ${country}${country && ':'}${value}`),
  ];
  return `${what.map(shown).join(', ')}  of ${partners.join(' ')}`;
}

function print(one: PrivateScreening, output: Output): void {
  output.line(`${one.id}  ${instant(one.askedAt)}  ${stateOf(one)}  ${asked(one)}`);
  output.line(
    `     asked by ${shown(one.asker)}${one.own ? ' (you)' : ''}: ${shown(one.question?.reason ?? '')}`,
  );
  if (one.decider !== '')
    output.line(`     decided by ${shown(one.decider)}${one.note === '' ? '' : `: ${shown(one.note)}`}`);
  for (const answer of one.answers) printAnswer(answer, output);
}

function printAnswer(answer: PrivateScreeningAnswer, output: Output): void {
  const { partner, outcome, code, message, hits, more } = answer;
  if (outcome === PrivateScreeningOutcome.PRIVATE_SCREENING_OUTCOME_FAILED)
    output.line(`     ${partner}  no answer, ${code}: ${message}`);
  else if (hits.length === 0) output.line(`     ${partner}  no hit`);
  if (more) output.line(`     ${partner}  more agree than are put to it: ask with fewer names or numbers`);
  for (const { agree, taskingDigest, tasking } of hits) {
    output.line(
      `     ${partner}  HIT (${agree.join(', ')}): a lead, never a ground for action; ${partner} is asked as ${taskingDigest.toString('hex')}`,
    );
    for (const { outcome: said, text } of tasking?.answers ?? [])
      output.line(
        `       answered ${nameOf(AnswerOutcome, 'ANSWER_OUTCOME_', said)}${text === '' ? '' : `: ${shown(text)}`}`,
      );
  }
}

const needed = (screening: PrivateScreening | undefined): PrivateScreening => {
  if (screening !== undefined) return screening;
  throw new CliError('UNAVAILABLE', 'expected an answer of the desk, got an empty one');
};

export async function ask(words: readonly string[], options: PrivateOptions, output: Output): Promise<void> {
  const identifiers = [
    ...(options.document ?? []).map(documentOf),
    ...Object.entries(NUMBER_OPTIONS).flatMap(([option, scheme]) =>
      (options[option as keyof typeof NUMBER_OPTIONS] ?? []).map((value) => ({ scheme, country: '', value })),
    ),
  ];
  const names = [...(words.length > 0 ? [words.join(' ')] : []), ...(options.also ?? [])];
  if (names.length + identifiers.length === 0)
    throw new CliError('USAGE', 'expected a name or a number, got none');
  using desk = openOfficerDesk(options);
  const { screening } = await desk.screening.privateScreen(
    {
      names,
      identifiers,
      partners: [...(options.partner ?? [])],
      reason: options.reason,
      reference: options.reference ?? '',
      question: options.question ?? '',
      legalBasis: options.legalBasis ?? '',
    },
    options.purpose === undefined ? {} : { purpose: options.purpose },
  );
  const kept = needed(screening);
  print(kept, output);
  output.line(
    `nobody is asked yet: a releaser of the desk approves it within 24 hours with \`screen private approve ${kept.id}\``,
  );
  output.document(documentOfScreening(kept));
}

export async function approve(
  [id = '']: readonly string[],
  options: AsOfficer & { readonly note?: string },
  output: Output,
): Promise<void> {
  using desk = openOfficerDesk(options);
  const { screening } = await desk.screening.decidePrivateScreening(
    { id, approve: true, note: options.note ?? '' },
    { timeoutMs: APPROVE_MS },
  );
  const decided = needed(screening);
  print(decided, output);
  output.document(documentOfScreening(decided));
}

export async function decline(
  [id = '']: readonly string[],
  options: AsOfficer & { readonly reason: string },
  output: Output,
): Promise<void> {
  using desk = openOfficerDesk(options);
  const { screening } = await desk.screening.decidePrivateScreening({
    id,
    approve: false,
    note: options.reason,
  });
  const decided = needed(screening);
  print(decided, output);
  output.document(documentOfScreening(decided));
}

export async function listPrivate(
  _args: readonly string[],
  options: AsOfficer & { readonly open?: boolean; readonly limit: number },
  output: Output,
): Promise<void> {
  using desk = openOfficerDesk(options);
  const found: PrivateScreening[] = [];
  let cursor = '';
  do {
    const page = await desk.screening.listPrivateScreenings({
      openOnly: options.open === true,
      pageSize: Math.min(PAGE, options.limit - found.length),
      cursor,
    });
    found.push(...page.screenings);
    cursor = page.nextCursor;
  } while (cursor !== '' && found.length < options.limit);
  for (const one of found) print(one, output);
  if (found.length === 0) output.line('nothing is asked in private');
  output.document({ screenings: found.map(documentOfScreening) });
}
