/** What screening answers, in English: hits with their explanations, whose points sum to the score, and what was screened against. */
import { hex } from '../base/bytes.ts';
import {
  type ScreenedAgainst,
  ScreeningAgreement,
  ScreeningBand,
  ScreeningFinding,
  type ScreeningHit,
  type ScreeningLine,
  type ScreeningNotCompared,
  type ScreeningReading,
  ScreeningSide,
  ScreeningSubject,
  ScreeningVerdict,
} from '../gen/tocsin/desk/v1/screening_service.ts';
import { RequestedAction } from '../gen/tocsin/record/v1/watchlist_entry.ts';
import { instant } from './desk-access.ts';
import { nameOf } from './names.ts';
import { shown } from './print.ts';

const AGREEMENTS: Readonly<Record<Exclude<ScreeningAgreement, -1>, string>> = {
  [ScreeningAgreement.SCREENING_AGREEMENT_UNSPECIFIED]: '',
  [ScreeningAgreement.SCREENING_AGREEMENT_SAME]: 'the same word',
  [ScreeningAgreement.SCREENING_AGREEMENT_SPELLING]: 'spelt another way',
  [ScreeningAgreement.SCREENING_AGREEMENT_SOUND]: 'the same consonants or sound',
  [ScreeningAgreement.SCREENING_AGREEMENT_SCRIPT]: 'in another script',
  [ScreeningAgreement.SCREENING_AGREEMENT_EQUIVALENT]: 'a form of the same name',
  [ScreeningAgreement.SCREENING_AGREEMENT_INITIAL]: 'an initial',
  [ScreeningAgreement.SCREENING_AGREEMENT_JOINED]: 'joined or taken apart',
  [ScreeningAgreement.SCREENING_AGREEMENT_NOT_IN_ENTRY]: 'not in the entry',
  [ScreeningAgreement.SCREENING_AGREEMENT_NOT_IN_QUERY]: 'not in the question',
  [ScreeningAgreement.SCREENING_AGREEMENT_NUMBERS_DIFFER]: 'numbers differ',
  [ScreeningAgreement.SCREENING_AGREEMENT_LEGAL_FORM]: 'legal form',
  [ScreeningAgreement.SCREENING_AGREEMENT_ORDER]: 'order of the words',
  [ScreeningAgreement.SCREENING_AGREEMENT_BORN]: 'date of birth',
  [ScreeningAgreement.SCREENING_AGREEMENT_COUNTRY]: 'country',
  [ScreeningAgreement.SCREENING_AGREEMENT_WEAK_ALIAS]: 'the list calls the alias weak',
  [ScreeningAgreement.SCREENING_AGREEMENT_LITTLE_EVIDENCE]: 'little to go by',
  [ScreeningAgreement.SCREENING_AGREEMENT_EXACT_WITH_MAKER]: 'the same number and maker',
  [ScreeningAgreement.SCREENING_AGREEMENT_EXACT]: 'the same number',
  [ScreeningAgreement.SCREENING_AGREEMENT_SAME_NUMBER_OTHER_FIELDS]:
    'the same number with other fields: the sign of a forgery',
  [ScreeningAgreement.SCREENING_AGREEMENT_FOLDED_WITH_MAKER]:
    'the same number but for look-alike characters, and the same maker',
  [ScreeningAgreement.SCREENING_AGREEMENT_FOLDED]: 'the same number but for look-alike characters',
  [ScreeningAgreement.SCREENING_AGREEMENT_CORRECTED]: 'the same number once its check digit is mended',
  [ScreeningAgreement.SCREENING_AGREEMENT_ONE_DIFFERENCE]: 'one character differs',
  [ScreeningAgreement.SCREENING_AGREEMENT_PARTIAL]: 'the part that is known agrees',
  [ScreeningAgreement.SCREENING_AGREEMENT_CORE]: 'the digits alone agree',
};

export const agreementWords = (agreement: ScreeningAgreement): string =>
  agreement === -1 ? '' : AGREEMENTS[agreement];

export const bandWords = (band: ScreeningBand): string =>
  band === ScreeningBand.SCREENING_BAND_UNSPECIFIED
    ? 'below the cut'
    : nameOf(ScreeningBand, 'SCREENING_BAND_', band);

const signed = (points: number): string => `${points < 0 ? '−' : '+'}${Math.abs(points).toFixed(1)}`;

/** Each rounded so that they still sum to the score as it is printed. */
export function roundedPoints(lines: readonly Pick<ScreeningLine, 'points'>[]): readonly number[] {
  let exact = 0;
  let told = 0;
  return lines.map(({ points }) => {
    exact += points;
    const now = Math.round(exact * 10) - told;
    told += now;
    return now / 10;
  });
}

/** Two sides of a line, as written; one alone where the other has nothing. */
const sides = ({ query, listed }: Pick<ScreeningLine, 'query' | 'listed'>): string =>
  [query, listed]
    .filter((part) => part !== '')
    .map(shown)
    .join(' · ');

const isOfNumber = ({ field }: ScreeningLine): boolean => field !== '';

function nameLine(line: ScreeningLine, points: number): string {
  const rare = line.oneIn > 0 ? ` (1 in ${Math.round(line.oneIn)} listed names)` : '';
  return `${signed(points).padStart(6)}  ${[sides(line), agreementWords(line.agreement)].filter((part) => part !== '').join(' – ')}${rare}`;
}

function numberLine({ field, finding, ...line }: ScreeningLine): string {
  const what = nameOf(ScreeningFinding, 'SCREENING_FINDING_', finding).replaceAll('-', ' ');
  return `${field.replaceAll('-', ' ')} ${what}${sides(line) === '' ? '' : `: ${sides(line)}`}`;
}

export function explanation(lines: readonly ScreeningLine[]): readonly string[] {
  const ofNames = lines.filter((line) => !isOfNumber(line));
  const points = roundedPoints(ofNames);
  return [
    ...ofNames.map((line, at) => nameLine(line, points[at] ?? 0)),
    ...lines.filter(isOfNumber).map((line) => `        ${numberLine(line)}`),
  ];
}

const SIDES: Readonly<Record<Exclude<ScreeningSide, -1>, string>> = {
  [ScreeningSide.SCREENING_SIDE_UNSPECIFIED]: '',
  [ScreeningSide.SCREENING_SIDE_QUERY]: ' (not in the question)',
  [ScreeningSide.SCREENING_SIDE_ENTRY]: ' (not in the entry)',
  [ScreeningSide.SCREENING_SIDE_BOTH]: ' (in neither)',
};

export const notComparedWords = (all: readonly ScreeningNotCompared[]): string =>
  all
    .map(({ what, missingIn }) => `${what.replaceAll('-', ' ')}${missingIn === -1 ? '' : SIDES[missingIn]}`)
    .join(', ');

export const readingWords = ({ scheme, value, notes }: ScreeningReading): string =>
  `${scheme === '' ? 'a name' : scheme} ${shown(value)}${notes.length === 0 ? '' : ` (${notes.join(', ').replaceAll('-', ' ')})`}`;

/** Names have a score, numbers a way in which they agree. */
export function headOf(hit: ScreeningHit): string {
  const score = hit.scheme === '' ? ` ${hit.score.toFixed(1)}` : `, ${agreementWords(hit.agreement)}`;
  const other = hit.title === '' || hit.title === hit.listed ? '' : ` (${shown(hit.title)})`;
  return `${bandWords(hit.band)}${score}  ${shown(hit.listed)}${other}`;
}

function subjectWords({ kind, subject, originator, recordId }: ScreeningHit): string {
  const what =
    subject === ScreeningSubject.SCREENING_SUBJECT_UNSPECIFIED
      ? ''
      : `, ${nameOf(ScreeningSubject, 'SCREENING_SUBJECT_', subject)}`;
  return `${originator} ${kind}${what}, record ${hex(recordId)}`;
}

/** Lines about one hit, without its number. */
export function hitLines(hit: ScreeningHit): readonly string[] {
  const lines = [headOf(hit), subjectWords(hit)];
  if (hit.alignment !== undefined && hit.alignment.differs.length > 0) {
    const marks = Array.from({ length: hit.alignment.query.length }, (_, at) =>
      hit.alignment?.differs.includes(at) === true ? '^' : ' ',
    ).join('');
    lines.push(
      `asked  ${shown(hit.alignment.query)}`,
      `listed ${shown(hit.alignment.listed)}`,
      `       ${marks}`,
    );
  }
  lines.push(...explanation(hit.lines));
  if (hit.notCompared.length > 0) lines.push(`not compared: ${notComparedWords(hit.notCompared)}`);
  const asked = hit.requestedActions.map((action) =>
    nameOf(RequestedAction, 'REQUESTED_ACTION_', action).replaceAll('-', ' '),
  );
  if (asked.length > 0) lines.push(`its originator asks to: ${asked.join(', ')}`);
  if (hit.belowGradingFloor) lines.push("graded below this node's floor: a lead, nothing starts by itself");
  if (hit.knownFalsePositive) lines.push('this desk decided before that it is another');
  if (hit.decision !== undefined)
    lines.push(
      `decided ${nameOf(ScreeningVerdict, 'SCREENING_VERDICT_', hit.decision.verdict)} on ${instant(hit.decision.at)}: ${shown(hit.decision.reason)}`,
    );
  if (hit.withdrawnAt !== 0n) lines.push(`WITHDRAWN on ${instant(hit.withdrawnAt)}: it no longer is a hit`);
  return lines;
}

export function againstWords(against: ScreenedAgainst): string {
  const lists = against.lists
    .map(({ originator, entries, newest }) => `${originator} ${entries} (newest ${instant(newest)})`)
    .join(', ');
  return `screened against: ${lists === '' ? 'nothing: no member has entries here' : lists}; rules ${against.ruleVersion}, cut ${against.cut}`;
}
