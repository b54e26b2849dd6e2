import { describe, expect, it } from 'vitest';
import { hex, utf8 } from '../../../src/base/bytes.ts';
import { codeOf, entryIn, readList } from '../../support/listed.ts';

// Everybody and everything in these lists is invented.
const END = '\x1a';
const SDN = [
  '101,"VENN, Orsolo","individual","SDGT] [KELP","Harbour master",-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,"DOB 10 Dec 1948; alt. DOB circa 1950; POB Kalun; nationality Norway; citizen Korea, North; Gender Male; Passport Q0001 (Norway) expires 12 Dec 2030; National ID No. 77 (Norway); Tax ID No. 5-5 (Norway); a.k.a. \'OLD TAR\'; Linked To: QUELLMAR; LINE (Port; Brava)."',
  '102,"QUELLMAR SHIPPING, LTD.",-0- ,"KELP",-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,"Registration Number 12-34 (Norway); Identification Number IMO 6459123; SWIFT/BIC KELPNO22; f.k.a. \'KELP AND SONS\'."',
  '103,"KELP STAR","vessel","KELP",-0- ,"LKEL","General Cargo","2597","1098","Norway","Quellmar Line","Former Vessel Flag Malta; Vessel Registration Identification IMO 9074729; MMSI 257000001."',
  '104,"LN-KLP","aircraft","KELP",-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,"Aircraft Model An-12; Aircraft Manufacturer\'s Serial Number (MSN) 402001; Aircraft Construction Number (also called L/N or S/N or F/N) 77."',
];
const ALT = ['101,1,"aka","VENN TARRICK, O.",-0- ', '102,2,"fka","KELP LINE",-0- '];
const ADD = [
  '101,1,"4 Kelp Stairs","Kalun","Norway",-0- ',
  '102,2,-0- ,"Port Brava","Norway","all offices"',
  '102,3,-0- ,-0- ,-0- ,-0- ',
];
const COMMENTS = ['101,"and much more of it."'];
const file = (lines: readonly string[], end = `${END}`) => utf8(`${lines.join('\r\n')}\r\n${end}`);
const read = (...files: readonly Uint8Array[]) => readList('ofac-sdn', files);
const all = () => read(file(ADD), file(SDN), file(COMMENTS), file(ALT));

describe('the US list as tables', () => {
  it('is told by the widths of its tables, and knows its end', () => {
    expect(all()).toMatchObject({
      prefix: 'ofac:',
      persons: 1,
      entities: 1,
      vessels: 1,
      aircraft: 1,
      rows: 4,
      whole: true,
    });
    expect(read(file(SDN, '')).whole).toBe(false);
    expect(read(file(SDN), file(ALT, '')).whole).toBe(false);
  });

  it('maps a person: names as spoken, dates with their precision, papers with a known country, and null as nothing', () => {
    const { person, notes, summary } = entryIn(all(), 'ofac:101');
    expect(person?.names.map(({ text, type }) => [text, type])).toEqual([
      ['Orsolo VENN', 1],
      ['O. VENN TARRICK', 2],
      ['OLD TAR', 3],
    ]);
    expect(person?.born).toEqual({ year: 1948, month: 12, day: 10, approximate: false });
    expect(person?.nationalities).toEqual(['NO', 'KP']);
    expect(person?.sex).toBe(2);
    expect(person?.documents.map(({ type, country, number }) => [type, country, number])).toEqual([
      [1, 'NO', 'Q0001'],
    ]);
    for (const kept of [
      'circa 1950',
      '77',
      '5-5',
      'Linked To: QUELLMAR',
      'LINE (Port; Brava)',
      'Harbour master',
      'Kalun',
      'expires 12 Dec 2030',
      'much more of it',
      'SDGT, KELP',
    ])
      expect(notes).toContain(kept);
    expect(notes).not.toContain('-0-');
    // The table states no day of listing, and none is invented.
    expect(summary.since).toEqual({ year: 2026, month: 0, day: 0, approximate: true });
    expect(summary.reasons).toEqual([12]);
  });

  it('maps a company with its numbers and addresses', () => {
    const { entity } = entryIn(all(), 'ofac:102');
    expect(entity?.names.map(({ text, type }) => [text, type])).toEqual([
      ['QUELLMAR SHIPPING, LTD.', 1],
      ['KELP LINE', 3],
      ['KELP AND SONS', 3],
    ]);
    expect(entity?.ids.map(({ scheme, value, issuer }) => [scheme, value, issuer])).toEqual([
      [2, '12-34', 'Norway Registration Number'],
      [4, '6459123', ''],
      [6, 'KELPNO22', ''],
    ]);
    expect(entity?.addresses).toEqual([{ text: '', city: 'Port Brava', country: 'NO' }]);
  });

  it('maps a ship and an aircraft with what they are known by', () => {
    const list = all();
    expect(entryIn(list, 'ofac:103').vessel).toMatchObject({
      names: [{ text: 'KELP STAR' }],
      imo: '9074729',
      mmsi: '257000001',
      callSign: 'LKEL',
      type: 'General Cargo',
      flags: [{ country: 'NO' }, { country: 'MT' }],
    });
    expect(entryIn(list, 'ofac:103').notes).toMatch(/tonnage: 2597[\s\S]*owner: Quellmar Line/);
    expect(entryIn(list, 'ofac:104').aircraft).toMatchObject({
      registrations: [{ mark: 'LN-KLP' }],
      serialNumber: '402001',
    });
    expect(entryIn(list, 'ofac:104').notes).toContain('An-12');
  });

  it('gives an entry another digest when what any of its tables says of it changes', () => {
    const digests = (list: ReturnType<typeof read>) => list.entries.map(({ digest }) => hex(digest));
    const before = digests(all());
    const moved = ADD.map((line) => line.replace('Port Brava', 'Port Bravo'));
    const after = digests(read(file(SDN), file(ALT), file(moved), file(COMMENTS)));
    expect(before.map((digest, at) => digest === after[at])).toEqual([true, false, true, true]);
  });

  it('refuses what is cut, double, of another width, or of two editions, with a stable code', () => {
    const whole = file(SDN);
    expect(codeOf(() => read(whole.subarray(0, 300)))).toBe('CSV_MALFORMED');
    expect(codeOf(() => read(file(ALT)))).toBe('LIST_INVALID');
    expect(codeOf(() => read(whole, whole))).toBe('LIST_INVALID');
    expect(codeOf(() => read())).toBe('LIST_INVALID');
    expect(codeOf(() => read(file(['1,2,3'])))).toBe('LIST_INVALID');
    expect(codeOf(() => read(file([...SDN, SDN[0] ?? ''])))).toBe('ENTRY_INVALID');
    expect(codeOf(() => read(whole, file(['999,1,"aka","NOBODY",-0- '])))).toBe('ENTRY_INVALID');
    expect(codeOf(() => read(file(SDN.map((line) => line.replace('"vessel"', '"barge"')))))).toBe(
      'ENTRY_INVALID',
    );
    expect(codeOf(() => read(new Uint8Array([0xff, 0xfe, 0x31, 0x00])))).toBe('NOT_UTF8');
    expect(codeOf(() => read(utf8('')))).toBe('LIST_INVALID');
  });
});
