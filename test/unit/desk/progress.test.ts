/** How far partners are with a record: what is proven counts, and a clock runs for whoever has not reacted. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { acknowledgeMs, progressOf } from '../../../src/desk/progress.ts';
import { Priority } from '../../../src/gen/tocsin/record/v1/marking.ts';
import { Reason } from '../../../src/gen/tocsin/record/v1/reason.ts';

const NOW = 1_800_000_000_000;
const MINUTE = 60_000;
const DIGEST = new Uint8Array(32).fill(7);

type Row = Parameters<typeof progressOf>[1][number];
type Told = Parameters<typeof progressOf>[2][number];

const flash = { priority: Priority.PRIORITY_FLASH, state: 'released' } as const;
const row = (recipient: string, state: Row['state'], more: Partial<Row> = {}): Row => ({
  recipient,
  state,
  createdAt: NOW,
  ...more,
});
const word = (node: string, at: number, what: Told['what'] = 'acknowledged', deskGroup = 1): Told => ({
  headerDigest: DIGEST,
  node,
  what,
  deskGroup,
  facets: [],
  at,
  receiptDigest: DIGEST,
});

describe('the clock of an acknowledgement', () => {
  it.each([
    [Priority.PRIORITY_FLASH, 15],
    [Priority.PRIORITY_IMMEDIATE, 60],
    [Priority.PRIORITY_PRIORITY, 8 * 60],
    [Priority.PRIORITY_ROUTINE, 24 * 60],
  ])('of priority %i is %i minutes', (priority, minutes) => {
    expect(acknowledgeMs(priority)).toBe(minutes * MINUTE);
  });

  it('runs from the receipt, and from when it was sent where there is none', () => {
    const rows = [row('XA', 'receipted', { closedAt: NOW + 10 * MINUTE }), row('XB', 'sent')];
    const at = (minutes: number) =>
      progressOf(flash, rows, [], NOW + minutes * MINUTE).map(({ node, overdue }) => `${node} ${overdue}`);
    expect(at(15)).toEqual(['XA false', 'XB false']);
    expect(at(16)).toEqual(['XA false', 'XB true']);
    expect(at(26)).toEqual(['XA true', 'XB true']);
    const delayed = progressOf(flash, [row('XA', 'waiting', { notBefore: NOW + 60 * MINUTE })], [], NOW);
    expect(delayed).toMatchObject([{ sentAt: NOW + 60 * MINUTE, acknowledgeBy: NOW + 75 * MINUTE }]);
  });

  it('stands still once a desk has it in hand, or it is no longer in force', () => {
    const late = NOW + 600 * MINUTE;
    const rows = [row('XA', 'receipted', { closedAt: NOW })];
    expect(progressOf(flash, rows, [word('XA', NOW)], late)[0]?.overdue).toBe(false);
    for (const state of ['superseded', 'recalled', 'expired'] as const) {
      const [one] = progressOf({ ...flash, state }, rows, [], late);
      expect([one?.overdue, one?.acknowledgeBy], state).toEqual([false, undefined]);
    }
  });
});

describe('how far a partner is', () => {
  it('is the furthest that is proven', () => {
    const rows = [
      row('XA', 'waiting'),
      row('XB', 'sent'),
      row('XC', 'receipted', { closedAt: NOW + 1 }),
      row('XC', 'sent'),
      row('XD', 'refused', { resultReason: Reason.REASON_SUPERSEDED }),
      row('XE', 'withdrawn'),
      row('XF', 'refused', { resultReason: Reason.REASON_UNKNOWN_KIND }),
      row('XF', 'sent'),
      row('XG', 'receipted', { closedAt: NOW + 1 }),
    ];
    const told = [word('XG', NOW + 9, 'acknowledged', 2), word('XG', NOW + 5), word('XC', NOW + 2, 'read')];
    const found = progressOf(flash, rows, told, NOW);
    expect(found.map(({ node, state }) => `${node} ${state}`)).toEqual([
      'XA sent',
      'XB sent',
      'XC received',
      'XD refused',
      'XE withdrawn',
      'XF sent',
      'XG acknowledged',
    ]);
    expect(found[3]?.reason).toBe(Reason.REASON_SUPERSEDED);
    expect(found[5]?.reason).toBeUndefined();
    expect(found[6]?.acknowledgements.map(({ deskGroup }) => deskGroup)).toEqual([1, 2]);
  });

  it('is told of who has it through another member too', () => {
    expect(progressOf(flash, [], [word('XH', NOW)], NOW)).toMatchObject([
      { node: 'XH', state: 'acknowledged', overdue: false },
    ]);
    expect(progressOf(flash, [], [word('XH', NOW)], NOW)[0]).not.toHaveProperty('sentAt');
  });

  it('is one entry a partner, late only where somebody is waited for, whatever rows and words there are', () => {
    const nodes = fc.constantFrom('XA', 'XB', 'XC');
    const rows = fc.array(
      fc.record({
        recipient: nodes,
        state: fc.constantFrom<Row['state']>(
          'waiting',
          'sent',
          'receipted',
          'refused',
          'withdrawn',
          'skipped',
        ),
        createdAt: fc.integer({ min: 0, max: NOW }),
        closedAt: fc.integer({ min: 0, max: NOW }),
      }),
    );
    const words = fc.array(
      fc
        .tuple(nodes, fc.nat(NOW), fc.constantFrom<Told['what']>('read', 'accepted', 'acknowledged'))
        .map(([node, at, what]) => word(node, at, what)),
    );
    fc.assert(
      fc.property(rows, words, fc.integer({ min: 0, max: 2 * NOW }), (sent, told, now) => {
        const found = progressOf(flash, sent, told, now);
        expect(new Set(found.map(({ node }) => node)).size).toBe(found.length);
        for (const one of found) {
          const acknowledged = told.some(({ node, what }) => node === one.node && what === 'acknowledged');
          expect(one.state === 'acknowledged').toBe(acknowledged);
          expect(one.acknowledgements.length > 0).toBe(acknowledged);
          if (one.overdue) {
            expect(['sent', 'received']).toContain(one.state);
            expect(now).toBeGreaterThan(one.acknowledgeBy ?? Number.POSITIVE_INFINITY);
          }
        }
      }),
    );
  });
});
