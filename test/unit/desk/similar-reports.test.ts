import { describe, expect, it } from 'vitest';
import { type ComparedReport, similarReports } from '../../../src/desk/similar-reports.ts';
import {
  HotlineCategory,
  HotlineContent,
  HotlineSummary,
} from '../../../src/gen/tocsin/record/v1/hotline_report.ts';

const HOUR_MS = 3_600_000;
const report = (id: string, summary: Partial<HotlineSummary> = {}, vehicle = ''): ComparedReport => ({
  id,
  summary: HotlineSummary.fromPartial({
    category: HotlineCategory.HOTLINE_CATEGORY_MOVEMENT,
    country: 'XL',
    subdivision: 'XL-N',
    receivedAt: 100n * BigInt(HOUR_MS),
    ...summary,
  }),
  content: vehicle === '' ? undefined : HotlineContent.fromPartial({ vehicles: [{ type: vehicle }] }),
});
const hours = (count: number) => ({ receivedAt: BigInt(count * HOUR_MS) });
const sale = { category: HotlineCategory.HOTLINE_CATEGORY_SALE };

const alike = (one: ComparedReport, other: ComparedReport) =>
  (similarReports([one, other]).get(one.id) ?? []).length === 1;

describe('reports of the same matter', () => {
  it('are those of one district, one day and one kind of matter', () => {
    expect(alike(report('a'), report('b'))).toBe(true);
    expect(alike(report('a'), report('b', hours(124)))).toBe(true);
    expect(alike(report('a'), report('b', hours(125)))).toBe(false);
    expect(alike(report('a'), report('b', { subdivision: 'XL-S' }))).toBe(false);
    expect(alike(report('a'), report('b', { subdivision: '' }))).toBe(true);
    expect(alike(report('a'), report('b', { country: 'XC', subdivision: '' }))).toBe(false);
    expect(alike(report('a'), report('b', sale))).toBe(false);
  });

  it('share a conveyance though one calls the matter otherwise', () => {
    expect(alike(report('a', {}, 'Lorry'), report('b', sale, 'lorry'))).toBe(true);
    expect(alike(report('a', {}, 'lorry'), report('b', sale, 'bus'))).toBe(false);
  });

  it('are 20 at most, and never the report itself', () => {
    const many = Array.from({ length: 22 }, (_, n) => report(`r${n}`));
    const found = similarReports(many).get('r0') ?? [];
    expect(found).toHaveLength(20);
    expect(found).not.toContain('r0');
    expect(similarReports(many.slice(0, 21)).get('r0')).toHaveLength(20);
  });
});
