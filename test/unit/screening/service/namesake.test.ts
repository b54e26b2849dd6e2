/** Who is cleared as a known namesake, and what counts as graded below a floor. */
import { describe, expect, it } from 'vitest';
import { Person } from '../../../../src/gen/tocsin/record/v1/party.ts';
import { Assessment, GradingScheme } from '../../../../src/gen/tocsin/record/v1/shared_facets.ts';
import { isBelowFloor } from '../../../../src/screening/service/grading.ts';
import { isCleared } from '../../../../src/screening/service/namesake.ts';

const listed = (born?: { year: number; month: number; day: number }) =>
  Person.fromPartial({
    ...(born && { born: { ...born, approximate: false } }),
    notTheSameAs: [
      { names: [{ text: 'Orsolo V. Tarrick' }], born: { year: 1991, month: 5, day: 2, approximate: false } },
    ],
  });

describe('a namesake', () => {
  it('is cleared by the name and a date of birth that is not the listed person’s', () => {
    const person = listed({ year: 1970, month: 1, day: 9 });
    expect(isCleared(person, { name: 'TARRICK, Orsolo V', born: { year: 1991, month: 5, day: 2 } })).toBe(
      true,
    );
    expect(isCleared(person, { name: 'Orsolo V. Tarrick', born: { year: 1991 } })).toBe(true);
  });

  it('is not cleared by the name alone, by another name, or by a date that both may have', () => {
    const person = listed({ year: 1970, month: 1, day: 9 });
    expect(isCleared(person, { name: 'Orsolo V. Tarrick' })).toBe(false);
    expect(isCleared(person, { name: 'Orsolo Tarrick', born: { year: 1991 } })).toBe(false);
    expect(isCleared(person, { name: 'Orsolo V. Tarrick', born: { year: 1970 } })).toBe(false);
    const same = listed({ year: 1991, month: 0, day: 0 });
    expect(isCleared(same, { name: 'Orsolo V. Tarrick', born: { year: 1991, month: 5 } })).toBe(false);
  });
});

describe('a grading floor', () => {
  const graded = (scheme: GradingScheme, source: string, information: string) =>
    Assessment.encode(Assessment.fromPartial({ grading: { scheme, source, information } })).finish();
  const NATO = GradingScheme.GRADING_SCHEME_NATO_6X6;
  const EU = GradingScheme.GRADING_SCHEME_EU_4X4;
  const UK = GradingScheme.GRADING_SCHEME_UK_3X5X2;

  it.each([
    ['C', '3', false],
    ['A', '1', false],
    ['D', '1', true],
    ['A', '4', true],
    ['F', '6', true],
    ['E', '5', true],
  ])('of C3 in the NATO scheme: %s%s is below it: %s', (source, information, below) => {
    expect(isBelowFloor({ nato6x6: 'C3' }, graded(NATO, source, information))).toBe(below);
  });

  it('is of one scheme alone: gradings are not converted', () => {
    expect(isBelowFloor({ nato6x6: 'A1' }, graded(EU, 'X', '4'))).toBe(false);
    expect(isBelowFloor({ eu4x4: 'B2' }, graded(EU, 'C', '1'))).toBe(true);
    expect(isBelowFloor({ uk3x5x2: '2C' }, graded(UK, '2', 'D'))).toBe(true);
    expect(isBelowFloor({ uk3x5x2: '2C' }, graded(UK, '1', 'C'))).toBe(false);
  });

  it('does not count what is not graded, or not here', () => {
    expect(isBelowFloor({ nato6x6: 'A1' }, undefined)).toBe(false);
    const none = Assessment.encode(
      Assessment.fromPartial({ grading: { scheme: GradingScheme.GRADING_SCHEME_NONE } }),
    ).finish();
    expect(isBelowFloor({ nato6x6: 'A1' }, none)).toBe(false);
  });
});
