/** Sets of screening in the order in which they are offered, and texts of values that come as words. Pure. */
import type { Wire } from '../../../desk/http/contract.ts';
import type { IconName } from '../../parts/icons.tsx';
import { type Say, sayOr } from '../../text/index.ts';

export const SUBJECTS = [
  'SCREENING_SUBJECT_UNSPECIFIED',
  'SCREENING_SUBJECT_PERSON',
  'SCREENING_SUBJECT_ORGANISATION',
  'SCREENING_SUBJECT_VESSEL',
  'SCREENING_SUBJECT_AIRCRAFT',
] as const satisfies readonly Wire.ScreeningSubject[];

export const VERDICTS = [
  'SCREENING_VERDICT_TRUE',
  'SCREENING_VERDICT_FALSE',
  'SCREENING_VERDICT_UNKNOWN',
] as const satisfies readonly Wire.ScreeningVerdict[];

/** A form of its own for each band, beside its word. */
export const BAND_SIGNS: Readonly<
  Record<Wire.ScreeningBand, { readonly icon: IconName; readonly tone: string }>
> = {
  SCREENING_BAND_CERTAIN: { icon: 'alert', tone: 'bad' },
  SCREENING_BAND_PROBABLE: { icon: 'chevrons', tone: 'warn' },
  SCREENING_BAND_LOOK: { icon: 'eye', tone: 'accent' },
  SCREENING_BAND_UNSPECIFIED: { icon: 'dash', tone: '' },
};

export const schemeText = (scheme: string): string => sayOr(`scheme.${scheme}`, scheme);
export const whatText = (what: string): string => sayOr(`screen.what.${what}`, what);

/** Why a question was not asked, by the code of its fault. */
export const faultText = ({ code, message }: NonNullable<Wire.ScreeningResult['fault']>): string =>
  sayOr(`screen.fault.${code}`, message);

/** Names are told by score, numbers by how they agree. */
export const isOfNumber = (hit: Pick<Wire.ScreeningHit, 'scheme'>): boolean => hit.scheme !== '';

const ofNumberLine = (line: Wire.ScreeningLine): boolean => line.field !== '';

/** How a line agrees, in words. */
export function lineText(line: Wire.ScreeningLine, say: Say): string {
  if (ofNumberLine(line)) return `${whatText(line.field)}: ${say(`screen.finding.${line.finding}`)}`;
  return say(`screen.agreement.${line.agreement}`);
}

/** Points rounded so that they sum to the score as it is shown. */
export function roundedPoints(lines: readonly Pick<Wire.ScreeningLine, 'points'>[]): readonly number[] {
  let exact = 0;
  let told = 0;
  return lines.map(({ points }) => {
    exact += points;
    const now = Math.round(exact * 10) - told;
    told += now;
    return now / 10;
  });
}

/** The reasons of a hit in one line, as a file of results has them. */
export function reasonsText(hit: Wire.ScreeningHit, say: Say): string {
  const points = roundedPoints(hit.lines);
  const lines = hit.lines.map((line, at) => {
    const sides = [line.query, line.listed].filter((side) => side !== '').join(' · ');
    const words = [sides, lineText(line, say)].filter((part) => part !== '').join(' – ');
    return isOfNumber(hit) ? words : `${(points[at] ?? 0).toFixed(1)} ${words}`;
  });
  return [...(isOfNumber(hit) ? [say(`screen.agreement.${hit.agreement}`)] : []), ...lines].join('; ');
}

/** What was asked, whichever way. */
export const askedText = (query: Wire.ScreeningQuery | undefined): string =>
  query?.text || query?.name || query?.identifier?.value || '';
