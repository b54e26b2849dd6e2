/** `tocsin screen`: one name or number compared with what the node holds, and why. A hit is an answer, not a failure. */
import {
  ScreeningOutcome,
  type ScreeningResult,
  ScreeningSubject,
} from '../../gen/tocsin/desk/v1/screening_service.ts';
import { type BatchField, parseBirthDate, parseCountry, SCHEME_OF } from '../../screening/batch/index.ts';
import { type AsOfficer, openOfficerDesk } from '../desk-access.ts';
import { CliError } from '../failure.ts';
import { type Output, shown } from '../print.ts';
import { resultDocument } from '../screening-document.ts';
import { againstWords, hitLines, readingWords } from '../screening-words.ts';

/** Options that name a number, as commander writes them, with the field of a batch that is the same. */
const NUMBER_OPTIONS = {
  serial: 'serial',
  imo: 'imo',
  mmsi: 'mmsi',
  callSign: 'call-sign',
  mark: 'mark',
  container: 'container',
  certificate: 'certificate',
  billOfLading: 'bill-of-lading',
  awb: 'awb',
  lei: 'lei',
  passport: 'passport',
} as const satisfies Readonly<Record<string, BatchField>>;

export type ScreenOptions = AsOfficer & {
  readonly [Name in keyof typeof NUMBER_OPTIONS]?: string;
} & {
  readonly name?: string;
  readonly maker?: string;
  readonly model?: string;
  readonly calibre?: string;
  readonly subject?: string;
  readonly born?: string;
  readonly country?: readonly string[];
  readonly cut?: number;
  readonly reference?: string;
  readonly purpose?: string;
  readonly keep?: boolean;
};

/** Unspecified where there is none. */
export const subjectOf = (word: string | undefined): ScreeningSubject => {
  const found =
    word && ScreeningSubject[`SCREENING_SUBJECT_${word.toUpperCase()}` as keyof typeof ScreeningSubject];
  return found || ScreeningSubject.SCREENING_SUBJECT_UNSPECIFIED;
};

/** The one thing that is asked. Throws USAGE where there is none, or two. */
function asked(words: readonly string[], options: ScreenOptions) {
  const given = [
    ...(words.length > 0 ? [{ text: words.join(' ') }] : []),
    ...(options.name === undefined ? [] : [{ name: options.name }]),
    ...(Object.entries(NUMBER_OPTIONS) as [keyof typeof NUMBER_OPTIONS, keyof typeof SCHEME_OF][]).flatMap(
      ([option, field]) => {
        const value = options[option];
        return value === undefined ? [] : [{ identifier: { scheme: SCHEME_OF[field], value } }];
      },
    ),
  ];
  const [one, ...others] = given;
  if (one === undefined || others.length > 0)
    throw new CliError(
      'USAGE',
      `expected one name or number, got ${given.length}; several are for \`screen batch\``,
    );
  return one;
}

/** The question in the desk's form. Throws USAGE for a date or country that is none. */
export function queryOf(words: readonly string[], options: ScreenOptions) {
  const born = options.born === undefined ? undefined : parseBirthDate(options.born, 'unknown');
  if (options.born !== undefined && born === undefined)
    throw new CliError('USAGE', 'expected --born as 1979, 1979-05 or 1979-05-12');
  const countries = (options.country ?? []).map((text) => {
    const code = parseCountry(text);
    if (code === undefined) throw new CliError('USAGE', 'expected --country as a code of two letters, as SN');
    return code;
  });
  const one = asked(words, options);
  return {
    ...one,
    subject: subjectOf(options.subject),
    born: born && {
      year: born.year,
      month: born.month ?? 0,
      day: born.day ?? 0,
      approximate: born.approximate ?? false,
    },
    countries,
    about: {
      maker: options.maker ?? '',
      model: options.model ?? '',
      calibre: options.calibre ?? '',
      country: 'identifier' in one ? (countries[0] ?? '') : '',
    },
    cut: options.cut ?? 0,
  };
}

export function printResult(result: ScreeningResult, output: Output): void {
  for (const reading of result.readings) output.line(`taken for ${readingWords(reading)}`);
  if (result.corrections.length > 0)
    output.line(`its check digit fails; one character away: ${result.corrections.map(shown).join(', ')}`);
  const known = result.hits.filter(({ knownFalsePositive }) => knownFalsePositive).length;
  if (result.outcome === ScreeningOutcome.SCREENING_OUTCOME_HIT)
    output.line(
      `HIT: ${result.hits.length - known}${result.more ? ' and more' : ''}. A hit is a lead, never a ground for action: ask its originator (\`record ask\`)`,
    );
  else output.line(`no hit${known > 0 ? ` but ${known} that this desk decided is another` : ''}`);
  for (const hit of result.hits) {
    const [head = '', ...others] = hitLines(hit);
    output.line(`${String(hit.number).padStart(3)}  ${head}`);
    for (const line of others) output.line(`     ${line}`);
  }
  if (result.nearestBelow !== undefined) {
    const [head = '', ...others] = hitLines(result.nearestBelow);
    output.line(`nearest below the cut: ${head}`);
    for (const line of others) output.line(`     ${line}`);
  }
}

export async function ask(words: readonly string[], options: ScreenOptions, output: Output): Promise<void> {
  const query = queryOf(words, options);
  using desk = openOfficerDesk(options);
  const { result, against } = await desk.screening.screen(
    { query, reference: options.reference ?? '', keep: options.keep === true },
    options.purpose === undefined ? {} : { purpose: options.purpose },
  );
  if (result === undefined)
    throw new CliError('UNAVAILABLE', 'expected an answer of the desk, got an empty one');
  if (result.fault !== undefined)
    throw new CliError('USAGE', result.fault.message, {
      faults: [{ path: result.fault.field, code: result.fault.code, message: result.fault.message }],
    });
  printResult(result, output);
  if (against !== undefined) output.line(againstWords(against));
  output.line(`screening ${result.screeningId}${options.keep === true ? ', kept for 90 days' : ''}`);
  output.document({ ...resultDocument(result), against });
}
