/** Names that screening must and must not take for one another. The parties are invented. */
import { describe, expect, test } from 'vitest';
import { BANDS, type ListedParty, type NameHit, NameIndex } from '../../../../src/screening/index.ts';

const party = (id: string, ...names: string[]): ListedParty => ({
  id,
  subject: 'unknown',
  names: names.map((text, index) => ({ text, kind: index === 0 ? 'primary' : 'alias' })),
});

/** Other names, so that words have a rarity. */
const OTHERS = [
  'Mohamed',
  'Ahmed',
  'Ali',
  'Hassan',
  'Ibrahim',
  'Omar',
  'Khamis',
  'Hans',
  'Sea',
  'Star',
].flatMap((first, at) =>
  ['Trading', 'Keita', 'Company', 'Okafor', 'Lindqvist', 'Castellanos', 'Brandt'].map((last, place) =>
    party(`other-${at}-${place}`, `${first} ${last}`),
  ),
);

function best(listed: string | ListedParty, name: string, born?: number): NameHit | undefined {
  const index = new NameIndex();
  index.add([...OTHERS, typeof listed === 'string' ? party('x', listed) : listed]);
  return index
    .search({ name, cut: 1, limit: 200, ...(born !== undefined && { born: { year: born } }) })
    .hits.find(({ id }) => id === 'x');
}

const score = (listed: string, name: string): number => best(listed, name)?.score ?? 0;

describe('are found', () => {
  test.each([
    ['Muammar Qaddafi', 'معمر القذافي'],
    ['Muammar Qaddafi', 'Moamar Gadhafi'],
    ['يوسف خليل', 'Youssouf Ould Khalil'],
    ['Mamadou Diallo', 'Muhammadu Jallow'],
    ['Abdul Rahman Castellanos', 'Abdurrahman Castellanos'],
    ['Sea Star 14', 'Seastar 14'],
    ['Sirajuddin Okonkwo', 'Siraj al-Din Okonkwo'],
    ['Mohamed Khalidov', 'Mоhаmed Khаlidov'],
    ['Mohamed Khalidov', 'Mo\u200bhamed \u202eKhalidov'],
    ['Vander Bilt Corp', 'Vanderbilt Corp.'],
    ['Siemons AG', 'Siemons Aktiengesellschaft'],
    ['Aleksandr Volodin', 'Олександр Володін'],
  ])('%s by %s', (listed, name) => {
    expect(score(listed, name)).toBeGreaterThanOrEqual(BANDS.look);
  });

  test('a common exact word does not hide a slip in the only rare one', () => {
    expect(score('Mohamed Castellanov', 'Mohamed Castelanov')).toBeGreaterThanOrEqual(BANDS.look);
    expect(score('Mohamed Castellanov', 'Mohamed Kastellanov')).toBeGreaterThanOrEqual(BANDS.look);
  });

  test('an exact name, though a word of it sounds as two of them together do', () => {
    const index = new NameIndex();
    index.add([...OTHERS, party('x', 'AO AKVEDRON'), party('y', 'AO KVEDRON')]);
    const { hits } = index.search({ name: 'AO AKVEDRON' });
    expect(hits[0]).toMatchObject({ id: 'x', score: 100 });
  });

  test('each of three hundred aliases', () => {
    const names = Array.from(
      { length: 300 },
      (_, at) => `Alias${String.fromCharCode(97 + (at % 26))}q Zoltan${at}`,
    );
    const index = new NameIndex();
    index.add([party('x', ...names)]);
    for (const name of names.slice(0, 300)) expect(index.search({ name }).hits[0]?.id).toBe('x');
  });
});

describe('are told apart', () => {
  test('one common word and an article are no certain hit', () => {
    expect(score('Khamis Al Zubeyr Okonjo', 'Khamis Al')).toBeLessThan(BANDS.certain);
    expect(score('Khamis Al Zubeyr Okonjo', 'Khamis Al')).toBeLessThan(100);
  });

  test('ships of different numbers', () => {
    expect(score('Sea Star 14', 'Sea Star 12')).toBeLessThan(BANDS.look);
    expect(score('Sea Star 14', 'Sea Star XIV')).toBeLessThan(BANDS.certain);
  });

  test('a ship by its name alone is a lead, whatever the name', () => {
    const hit = best({ ...party('x', 'Qvistholm Aurelia'), subject: 'vessel' }, 'Qvistholm Aurelia');
    expect(hit?.band).toBe('look');
    expect(score('Qvistholm Aurelia', 'Qvistholm Aurelia')).toBe(100);
  });

  test('family name and given name, where both are known', () => {
    expect(score('FRIEDRICHSEN, Hansen', 'HANSEN, Friedrichsen')).toBeLessThan(BANDS.probable);
    expect(score('FRIEDRICHSEN, Hansen', 'FRIEDRICHSEN, Hansen')).toBe(100);
    expect(score('FRIEDRICHSEN, Hansen', 'Hansen Friedrichsen')).toBe(100);
  });

  test('father and son', () => {
    expect(score('Salman bin Khalifa Okonjo', 'Khalifa bin Salman Okonjo')).toBeLessThan(BANDS.certain);
    expect(score('Salman bin Khalifa Okonjo', 'Salman ibn Khalifa Okonjo')).toBeGreaterThanOrEqual(
      BANDS.certain,
    );
  });

  test('companies that share letters and a trade', () => {
    expect(score('ABC International', 'A.B.C. Company')).toBeLessThan(BANDS.probable);
    expect(score('Bowden Global Solutions', 'Brandt Global Solutions')).toBeLessThan(BANDS.look);
  });

  test('another family name after the same given names', () => {
    expect(score('Tariq Yassin Ramadan al-Jizrawi', 'Tariq Yassin Ramadan al-Mosuli')).toBeLessThan(
      BANDS.look,
    );
  });
});

describe('an answer says why', () => {
  const CASES: readonly (readonly [string, string])[] = [
    ['Yusuf KHALIL', 'Youssouf Ould Khalil'],
    ['Sea Star 14', 'Sea Star 12'],
    ['Abdul Rahman Castellanos Brandt', 'Abdurrahman Castelanos'],
    ['ABC International', 'A.B.C. Company'],
    ['Vladimir Okonjo', 'V. Okonjo'],
    ['Salman bin Khalifa Okonjo', 'Khalifa bin Salman Okonjo'],
  ];

  test.each(CASES)('the lines for %s by %s sum to the score', (listed, name) => {
    const hit = best({ ...party('x', listed), born: [{ year: 1979 }], countries: ['XA'] }, name, 1979);
    const sum = (hit?.lines ?? []).reduce((of, { points }) => of + Math.round(points * 10), 0);
    expect(hit?.lines.length).toBeGreaterThan(0);
    expect(sum).toBe(Math.round((hit?.score ?? -1) * 10));
    expect(hit?.lines.every(({ points }) => Number.isFinite(points))).toBe(true);
  });

  test('what was not compared', () => {
    const hit = best({ ...party('x', 'Yusuf Khalil'), born: [{ year: 1979 }] }, 'Yusuf Khalil');
    expect(hit?.notCompared).toEqual([
      { what: 'born', missingIn: 'query' },
      { what: 'country', missingIn: 'both' },
    ]);
  });

  test('a date of birth speaks for and against', () => {
    const listed = { ...party('x', 'Yusuf Khalilov'), born: [{ year: 1979, month: 3, day: 4 }] };
    const same = best(listed, 'Yusuf Khalilow', 1979)?.score ?? 0;
    const without = best(listed, 'Yusuf Khalilow')?.score ?? 0;
    const another = best(listed, 'Yusuf Khalilow', 1950)?.score ?? 0;
    expect(same).toBeGreaterThan(without);
    expect(another).toBeLessThan(without);
  });

  test('the nearest entry below the cut', () => {
    const index = new NameIndex();
    index.add([party('x', 'Tariq Yassin Ramadan al-Jizrawi')]);
    const answer = index.search({ name: 'Tariq Yassin Ramadan al-Mosuli', nearest: true });
    expect(answer.hits).toEqual([]);
    expect(answer.nearestBelow?.id).toBe('x');
    expect(answer.nearestBelow?.band).toBeUndefined();
  });
});
