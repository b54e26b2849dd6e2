/**
 * The floor of the node that asks (R22): what its originator graded lower is a lead that starts nothing. Each scheme has a floor of its
 * own, for gradings are never converted; what is not graded is not below it.
 */
import { Assessment, GradingScheme } from '../../gen/tocsin/record/v1/shared_facets.ts';

/** Lowest grading that counts in full, a scheme each, as `C3`; absent = none. */
export interface GradingFloor {
  /** Source A to F, information 1 to 6: the last of each cannot be judged, and is lowest. */
  readonly nato6x6?: string;
  /** Source A, B, C or X, information 1 to 4. */
  readonly eu4x4?: string;
  /** Source 1 to 3, information A to E. */
  readonly uk3x5x2?: string;
}

/** Codes of source and information, best first. */
const ORDERS: Readonly<Record<keyof GradingFloor, readonly [string, string]>> = {
  nato6x6: ['ABCDEF', '123456'],
  eu4x4: ['ABCX', '1234'],
  uk3x5x2: ['123', 'ABCDE'],
};
const SCHEMES: Readonly<Record<number, keyof GradingFloor>> = {
  [GradingScheme.GRADING_SCHEME_NATO_6X6]: 'nato6x6',
  [GradingScheme.GRADING_SCHEME_EU_4X4]: 'eu4x4',
  [GradingScheme.GRADING_SCHEME_UK_3X5X2]: 'uk3x5x2',
};

/** What a floor of a scheme looks like. */
export const FLOOR_FORMS: Readonly<Record<keyof GradingFloor, RegExp>> = {
  nato6x6: /^[A-F][1-6]$/,
  eu4x4: /^[ABCX][1-4]$/,
  uk3x5x2: /^[1-3][A-E]$/,
};

/** Whether an assessment, as an encoded facet, is below the floor in source or information. */
export function isBelowFloor(floor: GradingFloor, assessment: Uint8Array | undefined): boolean {
  if (assessment === undefined || assessment.length === 0) return false;
  const { grading } = Assessment.decode(assessment);
  const scheme = grading && SCHEMES[grading.scheme];
  const lowest = scheme && floor[scheme];
  if (grading === undefined || scheme === undefined || lowest === undefined) return false;
  const [sources, informations] = ORDERS[scheme];
  const isBelow = (order: string, code: string, least: string) => order.indexOf(code) > order.indexOf(least);
  return (
    isBelow(sources, grading.source, lowest.charAt(0)) ||
    isBelow(informations, grading.information, lowest.charAt(1))
  );
}
