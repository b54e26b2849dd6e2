/** What a device may keep of the desk's answers, for how long, and for whom. */
import { describe, expect, it } from 'vitest';
import { excess, fits, KEPT_MS, keepable, MOST_KEPT } from '../../../src/console/api/kept-rules.ts';
import { isOver } from '../../../src/console/api/officer.ts';
import { openSealing } from '../../../src/console/api/sealing.ts';
import { stale } from '../../../src/console/compose/draft-age.ts';
import type { ResponseOf } from '../../../src/desk/http/contract.ts';

const facet = (name: string, facetClass: string, openUntil = '0') => ({
  facet: name,
  facetClass,
  json: `{"of":"${name}"}`,
  body: 'Ym9keQ==',
  salt: 'c2FsdA==',
  openUntil,
});

describe('a record that was read', () => {
  it('is kept without persons, sources, files and notes, and without what was opened in an emergency', () => {
    const facets = [
      facet('summary', 'S'),
      facet('route', 'O'),
      facet('entities', 'M'),
      facet('persons', 'P'),
      facet('source', 'X'),
      facet('internal', 'N'),
      facet('attachments', 'A'),
      facet('price', 'O', '1893456000000'),
      facet('unheard-of', ''),
    ];
    const shown = { facets } as unknown as ResponseOf<'RecordService/GetRecord'>;
    const { answer, left } = keepable('RecordService/GetRecord', shown);
    expect(answer.facets.map((one) => one.facet)).toEqual(['summary', 'route', 'entities']);
    expect(left).toEqual(['persons', 'source', 'internal', 'attachments', 'price', 'unheard-of']);
    for (const one of answer.facets) expect([one.body, one.salt]).toEqual(['', '']);
  });
});

describe('kept answers', () => {
  const now = 1_893_456_000_000;
  it(`are ${MOST_KEPT} at most, the newest`, () => {
    const rows = Array.from({ length: MOST_KEPT }, (_, at) => ({ id: `r${at}`, at: now - at }));
    expect(excess(rows, now)).toEqual([]);
    expect(excess([...rows, { id: 'older', at: now - MOST_KEPT }], now)).toEqual(['older']);
  });

  it('are of 1,000,000 characters at most', () => {
    expect(fits('x'.repeat(1_000_000))).toBe(true);
    expect(fits('x'.repeat(1_000_001))).toBe(false);
  });

  it('go after half a day, and where the clock was set back', () => {
    const rows = [
      { id: 'last', at: now - KEPT_MS + 1 },
      { id: 'over', at: now - KEPT_MS },
      { id: 'ahead', at: now + 1 },
    ];
    expect([...excess(rows, now)].sort()).toEqual(['ahead', 'over']);
  });
});

describe('drafts of a device', () => {
  it('go thirty days after they were last touched', () => {
    const day = 24 * 3_600_000;
    const rows = [
      { id: 'kept', changedAt: 0 },
      { id: 'gone', changedAt: -1 },
    ];
    expect(stale(rows, 30 * day)).toEqual(['gone']);
  });
});

describe('a session that the node cannot be asked about', () => {
  const held = { me: { idleMs: 1_000_000 } as never, endsAt: 5_000_000, usedAt: 2_000_000, answeredAt: 0 };
  it.each([
    ['goes on while it is used', 2_999_999, false],
    ['is over unused', 3_000_000, true],
    ['is over where the clock was set back', 1_900_000, true],
  ])('%s', (_what, now, over) => {
    expect(isOver(held, now)).toBe(over);
  });

  it('is over at its absolute end, however much it is used', () => {
    expect(isOver({ ...held, usedAt: 4_999_999 }, 4_999_999)).toBe(false);
    expect(isOver({ ...held, usedAt: 4_999_999 }, 5_000_000)).toBe(true);
  });
});

describe('what is sealed for an officer', () => {
  const keyOf = (byte: number) => Buffer.alloc(32, byte).toString('base64url');
  it('opens for him, in its own place, unchanged', async () => {
    const mine = await openSealing(keyOf(1));
    const sealed = await mine.seal('a', { title: 'Rifles' });
    expect(await mine.open('a', sealed)).toEqual({ title: 'Rifles' });
    expect(Buffer.from(sealed.bytes).toString('latin1')).not.toContain('Rifles');
    expect(await mine.open('b', sealed)).toBeUndefined();
    const changed = new Uint8Array(sealed.bytes.slice(0));
    changed[0] = (changed[0] ?? 0) ^ 1;
    expect(await mine.open('a', { ...sealed, bytes: changed.buffer })).toBeUndefined();
  });

  it('opens for nobody else, and its name tells nothing', async () => {
    const [mine, other] = [await openSealing(keyOf(1)), await openSealing(keyOf(2))];
    expect(await other.open('a', await mine.seal('a', 1))).toBeUndefined();
    expect(await mine.nameOf('question')).toBe(await mine.nameOf('question'));
    expect(await mine.nameOf('question')).not.toBe(await other.nameOf('question'));
  });
});
