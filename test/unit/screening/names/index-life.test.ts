/** What is added is met by the next search, what is removed never again; segments merge; a file brings all of it back. */
import { afterEach, describe, expect, test } from 'vitest';
import {
  type ListedParty,
  NameError,
  NameIndex,
  NamePool,
  type NameQuery,
} from '../../../../src/screening/index.ts';

const FIRST = ['Adan', 'Berit', 'Cosmin', 'Dragan', 'Edurne', 'Fatmir', 'Goran', 'Hanneke', 'Ilir', 'Jovana'];
const LAST = [
  'Abaroa',
  'Brkovski',
  'Castellanu',
  'Dimitrescu',
  'Eskelund',
  'Figueiroa',
  'Grabowiec',
  'Hoxhaj',
];

/** A word of its own for each number, two letters apart from the next. */
const nameOf = (at: number): string =>
  [...at.toString(8).padStart(4, '0')]
    .map((digit) => ['bab', 'dod', 'fif', 'gug', 'kek', 'lal', 'mom', 'rir'][Number(digit)])
    .join('');

const party = (at: number, more: Partial<ListedParty> = {}): ListedParty => ({
  id: `party-${at}`,
  subject: 'person',
  names: [{ text: `${FIRST[at % 10]} ${LAST[at % 8]} ${nameOf(at)}`, kind: 'primary' }],
  ...more,
});

const parties = (count: number, from = 0) => Array.from({ length: count }, (_, at) => party(from + at));
const find = (index: NameIndex, at: number, query: Partial<NameQuery> = {}) =>
  index.search({ name: party(at).names[0]?.text ?? '', cut: 98, ...query }).hits.map(({ id }) => id);

describe('an index that lives', () => {
  test('adds, replaces and removes, one by one and by the thousand', () => {
    const index = new NameIndex();
    index.add(parties(3_000));
    for (let at = 3_000; at < 4_000; at++) index.add([party(at)]);
    expect(index.size).toBe(4_000);
    for (const at of [0, 2_999, 3_000, 3_255, 3_999]) expect(find(index, at)).toEqual([`party-${at}`]);
    expect(index.remove('party-7')).toBe(true);
    expect(index.remove('party-7')).toBe(false);
    expect(index.remove('nobody')).toBe(false);
    expect(find(index, 7)).toEqual([]);
    index.add([{ ...party(8), names: [{ text: 'Somebody Else', kind: 'primary' }] }]);
    expect(find(index, 8)).toEqual([]);
    expect(index.search({ name: 'Somebody Else' }).hits[0]?.id).toBe('party-8');
    index.add(parties(600, 4_000));
    expect(find(index, 7)).toEqual([]);
    expect(index.size).toBe(4_599);
    // A few segments, however much came one by one.
    expect(index.segments.length).toBeLessThanOrEqual(4);
  });

  test('a party that was removed may come back', () => {
    const index = new NameIndex();
    index.add(parties(400));
    index.remove('party-1');
    index.add([party(1)]);
    expect(find(index, 1)).toEqual(['party-1']);
    expect(index.size).toBe(400);
  });

  test('meets only the classes that a query may meet, the subject it asks for, and what has not ended', () => {
    const index = new NameIndex();
    index.add([
      party(1, { policyClass: 3 }),
      party(2, { notAfter: 1_000_000 }),
      party(3, { subject: 'aircraft' }),
      party(4, { subject: 'unknown' }),
    ]);
    expect(find(index, 1, { classes: new Set([3]) })).toEqual(['party-1']);
    expect(find(index, 1, { classes: new Set([0, 4]) })).toEqual([]);
    expect(find(index, 2, { nowMs: 1_000_000 })).toEqual(['party-2']);
    expect(find(index, 2, { nowMs: 1_001_001 })).toEqual([]);
    expect(find(index, 3, { subject: 'person' })).toEqual([]);
    expect(find(index, 3, { subject: 'aircraft' })).toEqual(['party-3']);
    expect(find(index, 4, { subject: 'aircraft' })).toEqual(['party-4']);
  });

  test('a million bearers of one name do not hide another, and cost no more than a few', () => {
    const index = new NameIndex();
    const many = Array.from({ length: 20_000 }, (_, at) => ({
      ...party(at),
      names: [{ text: 'Mohamed Ali', kind: 'primary' as const }],
    }));
    index.add([...many, party(50_001)]);
    expect(index.search({ name: 'Mohamed Ali' }).hits).toHaveLength(10);
    expect(find(index, 50_001)).toEqual(['party-50001']);
    expect(index.segments[0]?.names).toBe(2);
  });

  test('names that hold nothing to compare are kept out of the way', () => {
    const index = new NameIndex();
    index.add([party(1), { ...party(2), names: [{ text: '—!?', kind: 'primary' }] }]);
    expect(index.search({ name: '…' }).hits).toEqual([]);
    expect(index.search({ name: '' }).hits).toEqual([]);
    expect(find(index, 1)).toEqual(['party-1']);
  });
});

describe('a snapshot', () => {
  const made = () => {
    const index = new NameIndex();
    index.add(parties(700));
    index.add([
      party(900, {
        born: [{ year: 1970, month: 2 }],
        countries: ['XA'],
        policyClass: 9,
        notAfter: 5_000_000,
      }),
    ]);
    index.remove('party-5');
    return index;
  };

  test('brings back all that was in it, answers word for word', () => {
    const index = made();
    const back = NameIndex.from(index.serialise());
    expect(back.size).toBe(index.size);
    for (const at of [0, 5, 699, 900]) {
      const query = { name: party(at).names[0]?.text ?? '', born: { year: 1970 }, countries: ['XA'] };
      expect(back.search(query)).toEqual(index.search(query));
    }
    back.add([party(5)]);
    expect(find(back, 5)).toEqual(['party-5']);
  });

  test('that was changed, cut short or made by other rules is refused', () => {
    const bytes = made().serialise();
    const changed = bytes.slice();
    changed[bytes.length >> 1] = (changed[bytes.length >> 1] as number) ^ 1;
    for (const broken of [
      changed,
      bytes.subarray(0, 100),
      bytes.subarray(0, bytes.length - 1),
      new Uint8Array(0),
    ])
      expect(() => NameIndex.from(broken)).toThrow(expect.objectContaining({ code: 'SNAPSHOT_CORRUPT' }));
    expect(NameError).toBeDefined();
  });
});

describe('threads', () => {
  let pool: NamePool | undefined;
  afterEach(async () => {
    await pool?.[Symbol.asyncDispose]();
    pool = undefined;
  });

  test('answer a batch as the index itself would, in order, also after additions and removals', async () => {
    const index = new NameIndex();
    index.add(parties(500));
    pool = new NamePool(index, 2);
    const queries = parties(300).map(({ names }) => ({ name: names[0]?.text ?? '' }));
    expect(await pool.search(queries)).toEqual(queries.map((query) => index.search(query)));
    index.add([party(777)]);
    index.remove('party-3');
    const later = [party(777), party(3)].map(({ names }) => ({ name: names[0]?.text ?? '', cut: 98 }));
    const answers = await pool.search(later);
    expect(answers.map(({ hits }) => hits.map(({ id }) => id))).toEqual([['party-777'], []]);
  });

  test('that are ended say so to whoever waits', async () => {
    const index = new NameIndex();
    index.add(parties(10));
    const ended = new NamePool(index, 1);
    const asked = ended.search(Array.from({ length: 500 }, () => ({ name: 'Adan Abaroa0' })));
    const refused = expect(asked).rejects.toThrow(expect.objectContaining({ code: 'WORKER_ENDED' }));
    await ended[Symbol.asyncDispose]();
    await refused;
  });
});

test('a large batch is answered by threads as each question alone would be', async () => {
  const index = new NameIndex();
  index.add(parties(21_000));
  const queries = parties(200, 100).map(({ names }) => ({ name: names[0]?.text ?? '' }));
  expect(await index.searchMany(queries)).toEqual(queries.map((query) => index.search(query)));
  expect(await index.searchMany(queries.slice(0, 3))).toEqual(
    queries.slice(0, 3).map((query) => index.search(query)),
  );
});

test('what is kept of the words of earlier questions changes no answer', () => {
  const names = [
    'Goran Grabowiec',
    'goran grabowiec',
    'Grabowiec, Goran',
    'G. Grabowiec',
    'Gora Ngrabowiec',
    'غوران',
    `Goran ${'غ'.repeat(90)} Grabowiec`,
    `Goran ${'grabowiec'.repeat(20)}`,
  ];
  const listed = [...names, 'Goran al-Grabowiec Co Ltd', 'Horan Grabovets'];
  const make = () => {
    const index = new NameIndex();
    index.add(
      listed.map((text, at) => ({ id: `${at}`, subject: 'person', names: [{ text, kind: 'primary' }] })),
    );
    return index;
  };
  const asked = make();
  const answers = () => names.map((name) => asked.search({ name, cut: 30 }));
  const alone = names.map((name) => make().search({ name, cut: 30 }));
  expect(alone.every(({ hits }) => hits.length > 0)).toBe(true);
  expect([answers(), answers()]).toEqual([alone, alone]);
  asked.forget();
  expect(answers()).toEqual(alone);
});
