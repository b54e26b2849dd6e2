import { describe, expect, it } from 'vitest';
import { deskGroupName, purposeFrom, purposeName, purposeNames } from '../../../src/desk/purpose.ts';
import { DeskGroup, Purpose } from '../../../src/gen/tocsin/record/v1/marking.ts';

describe('purposes', () => {
  it('are read in the spellings that people and protocols use', () => {
    for (const spelling of [
      'customs-control',
      'CUSTOMS_CONTROL',
      'PURPOSE_CUSTOMS_CONTROL',
      ' Customs-Control ',
    ])
      expect(purposeFrom(spelling)).toBe(Purpose.PURPOSE_CUSTOMS_CONTROL);
    expect(purposeName(Purpose.PURPOSE_CUSTOMS_CONTROL)).toBe('customs-control');
    expect(purposeNames()).toHaveLength(12);
  });

  it('are refused when unknown, unspecified or a property of objects', () => {
    for (const wrong of ['', 'unspecified', 'toString', '__proto__', '1', 'unrecognized'])
      expect(purposeFrom(wrong)).toBeUndefined();
  });

  it('and desk groups have the names that certificates and people use', () => {
    expect(deskGroupName(DeskGroup.DESK_GROUP_CUSTOMS)).toBe('customs');
  });
});
