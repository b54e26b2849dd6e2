import { describe, expect, it } from 'vitest';
import type { IdentifierError } from '../../../../src/screening/identifiers/errors.ts';
import { IdentifierIndex } from '../../../../src/screening/identifiers/identifier-index.ts';
import type { IdentifierQuery, ListedIdentifier } from '../../../../src/screening/identifiers/listed.ts';

const QUELLMAR = { maker: 'Quellmar Arms', calibre: '7.62x39' };

function indexOf(...entries: readonly ListedIdentifier[]): IdentifierIndex {
  const index = new IdentifierIndex();
  index.add(entries);
  return index;
}

const serial = (entryId: string, value: string, rest: Partial<ListedIdentifier> = {}): ListedIdentifier => ({
  entryId,
  scheme: 'serial',
  value,
  ...rest,
});

const only = (index: IdentifierIndex, query: IdentifierQuery) => {
  const { hits } = index.search(query);
  expect(hits).toHaveLength(1);
  const [hit] = hits;
  if (hit === undefined) throw new Error('expected a hit');
  return hit;
};

const codeOf = (work: () => unknown): string => {
  try {
    work();
  } catch (error) {
    return (error as IdentifierError).code;
  }
  return 'nothing thrown';
};

describe('a serial number', () => {
  const index = indexOf(serial('weapon', 'KB-004471', { about: { ...QUELLMAR, country: 'XB' } }));

  it('is a hit with its maker and calibre, a candidate with its maker, a lead alone', () => {
    const bandOf = (about: IdentifierQuery['about']) =>
      only(index, { scheme: 'serial', value: 'kb 004471', about: about ?? {} });
    expect(bandOf(QUELLMAR)).toMatchObject({
      band: 'hit',
      agreement: 'exact-with-maker',
      value: 'KB-004471',
    });
    expect(bandOf({ maker: 'QUELLMAR' })).toMatchObject({ band: 'candidate', agreement: 'exact-with-maker' });
    expect(bandOf({ ...QUELLMAR, calibre: '9 mm Luger' })).toMatchObject({ band: 'candidate' });
    expect(bandOf({})).toMatchObject({ band: 'lead', agreement: 'exact' });
    expect(bandOf({ ...QUELLMAR, maker: 'Tarrick' })).toMatchObject({ band: 'lead', agreement: 'exact' });
  });

  it('says what agrees, what differs and what was not compared', () => {
    const { lines, notCompared } = only(index, {
      scheme: 'serial',
      value: 'KB004471',
      about: { maker: 'Quellmar Arms', country: 'XC', calibre: '7.62' },
    });
    expect(lines).toEqual([
      { about: 'maker', finding: 'agrees', query: 'Quellmar Arms', listed: 'Quellmar Arms' },
      { about: 'calibre', finding: 'undecided', query: '7.62', listed: '7.62x39' },
      { about: 'country', finding: 'differs', query: 'XC', listed: 'XB' },
    ]);
    expect(notCompared).toEqual(['model', 'year']);
  });

  it('is never a hit misread, with one character wrong, or by its digits', () => {
    for (const [value, agreement] of [
      ['K8-OO447I', 'folded-with-maker'],
      ['КВ-004471', 'folded-with-maker'],
      ['KB-004472', 'one-difference'],
      ['K-004471', 'core'],
      ['KB-00447?', 'partial'],
      ['*4471', 'partial'],
    ] as const)
      expect(only(index, { scheme: 'serial', value, about: QUELLMAR }), value).toMatchObject({
        band: 'candidate',
        agreement,
      });
  });

  it('shows both numbers with the places that are not the same', () => {
    const alignmentOf = (value: string) => only(index, { scheme: 'serial', value }).alignment;
    expect(alignmentOf('KB-0O4472')).toEqual({ query: 'KB0O4472', listed: 'KB004471', differs: [3, 7] });
    expect(alignmentOf('KB*4471')).toEqual({ query: 'KB**4471', listed: 'KB004471', differs: [2, 3] });
    expect(alignmentOf('K-004471')).toEqual({ query: 'K-004471', listed: 'KB004471', differs: [1] });
  });

  it('keeps its leading zeros', () => {
    const zeros = indexOf(serial('zeros', '00471234'), serial('none', '471234'));
    expect(only(zeros, { scheme: 'serial', value: '471234' }).entryId).toBe('none');
    expect(only(zeros, { scheme: 'serial', value: '00471234' }).entryId).toBe('zeros');
  });

  it('is found in digits of other scripts', () => {
    for (const value of ['KB٠٠٤٤٧١', 'KB۰۰۴۴۷۱', 'KB००४४७१', 'ΚΒ-004471'])
      expect(only(index, { scheme: 'serial', value }).entryId, value).toBe('weapon');
  });

  it('needs four known characters in part', () => {
    expect(codeOf(() => index.search({ scheme: 'serial', value: 'KB?4*' }))).toBe('TOO_FEW_KNOWN');
    expect(codeOf(() => index.search({ value: '44?' }))).toBe('TOO_FEW_KNOWN');
    expect(index.search({ scheme: 'serial', value: 'KB?04*' }).found).toBe(1);
  });

  it('that the list knows in part is found by one in full or in another part', () => {
    const parts = indexOf(
      serial('one', 'KB-0044?1'),
      serial('two', 'TR??98*7'),
      serial('run', '*66017'),
      serial('short', 'A??'),
    );
    const idsOf = (value: string) =>
      parts.search({ scheme: 'serial', value }).hits.map(({ entryId }) => entryId);
    expect(idsOf('KB-004471')).toEqual(['one']);
    expect(idsOf('KB-00?471')).toEqual(['one']);
    expect(idsOf('TR119844447')).toEqual(['two']);
    expect(idsOf('TR119844448')).toEqual([]);
    expect(idsOf('XX66O17')).toEqual(['run']);
    expect(idsOf('TR1198*')).toEqual(['two']);
    expect(idsOf('ABC')).toEqual([]);
  });
});

describe('ships', () => {
  const index = indexOf(
    { entryId: 'heron', scheme: 'imo-ship', value: '9319466', about: { name: 'Sable Heron', flag: 'XE' } },
    { entryId: 'heron', scheme: 'mmsi', value: '299000101', about: { name: 'Sable Heron', flag: 'XE' } },
    { entryId: 'owner', scheme: 'imo-company', value: '9319466' },
    { entryId: 'old', scheme: 'imo-ship', value: '0912681' },
    { entryId: 'odd', scheme: 'imo-ship', value: '9319467' },
  );

  it('are told from companies of the same number', () => {
    const ships = index.search({ scheme: 'imo-ship', value: 'IMO 9319466' }).hits;
    expect(ships.map(({ entryId, band, agreement }) => [entryId, band, agreement])).toEqual([
      ['heron', 'hit', 'exact'],
      ['odd', 'candidate', 'corrected'],
    ]);
    expect(only(index, { scheme: 'imo-company', value: '9319466' })).toMatchObject({ entryId: 'owner' });
    expect(index.search({ value: 'IMO 9319466' }).hits.map(({ entryId }) => entryId)).toEqual([
      'heron',
      'owner',
      'odd',
    ]);
  });

  it('are searched with a check digit that fails, and warned of', () => {
    const { hits, readings } = index.search({ scheme: 'imo-ship', value: '9319467' });
    expect(readings).toEqual([{ scheme: 'imo-ship', value: '9319467', notes: ['check-digit-fails'] }]);
    expect(hits.map(({ entryId, agreement }) => [entryId, agreement])).toEqual([
      ['odd', 'exact'],
      ['heron', 'corrected'],
    ]);
    expect(hits[0]?.lines.map(({ about, finding }) => [about, finding])).toEqual([
      ['number-asked', 'check-digit-fails'],
      ['number-listed', 'check-digit-fails'],
    ]);
  });

  it('get back the zeros that were lost', () => {
    const { hits, readings } = index.search({ scheme: 'imo-ship', value: '912681' });
    expect(hits[0]).toMatchObject({ entryId: 'old', agreement: 'exact' });
    expect(readings[0]?.notes).toContain('leading-zeros-added');
  });

  it('are weaker by what changes with the flag', () => {
    expect(only(index, { scheme: 'mmsi', value: '299000101' }).band).toBe('candidate');
    expect(only(index, { scheme: 'mmsi', value: '299000101', about: { flag: 'XB' } }).band).toBe('lead');
    expect(
      only(index, { scheme: 'mmsi', value: '299000101', about: { flag: 'XB', name: 'SABLE HERON' } }).band,
    ).toBe('candidate');
  });
});

describe('a container number that fails its check', () => {
  const index = indexOf({ entryId: 'box', scheme: 'container', value: 'QTSU2044172' });

  it('proposes what it can have been, and finds what is listed of it', () => {
    const { hits, corrections } = index.search({ value: 'QTSU 204418-2' });
    expect(hits).toHaveLength(1);
    expect(hits[0]).toMatchObject({ entryId: 'box', agreement: 'corrected', band: 'candidate' });
    expect(hits[0]?.alignment.differs).toEqual([9]);
    expect(corrections).toContain('QTSU2044172');
    expect(new Set(corrections).size).toBe(corrections.length);
  });

  it('proposes nothing where it passes', () => {
    const { hits, corrections } = index.search({ value: 'qtsu 204417-2' });
    expect(hits[0]).toMatchObject({ band: 'hit', agreement: 'exact' });
    expect(corrections).toEqual([]);
  });

  it('gets the digit that is missing', () => {
    const { hits, corrections } = index.search({ scheme: 'container', value: 'QTSU204417' });
    expect(corrections).toEqual(['QTSU2044172']);
    expect(hits[0]).toMatchObject({ entryId: 'box', agreement: 'corrected' });
    expect(hits[0]?.alignment).toEqual({ query: 'QTSU204417-', listed: 'QTSU2044172', differs: [10] });
  });
});

describe('a certificate', () => {
  const listed = {
    issuer: 'Ministry of Defence',
    country: 'XB',
    issued: '2026-02-11',
    quantity: 400,
    signatory: 'Director of Supply',
  };
  const index = indexOf({ entryId: 'paper', scheme: 'certificate', value: 'MOD/2026/0417', about: listed });
  const ask = (value: string, about: IdentifierQuery['about']) =>
    only(index, { scheme: 'certificate', value, about: about ?? {} });

  it('of the same number and other fields is told with the fields that differ', () => {
    const hit = ask('mod 2026 O417', { ...listed, quantity: 4000, issued: '2026-03-02' });
    expect(hit).toMatchObject({ agreement: 'same-number-other-fields', band: 'candidate' });
    expect(hit.lines.filter(({ finding }) => finding === 'differs')).toEqual([
      { about: 'issued', finding: 'differs', query: '2026-03-02', listed: '2026-02-11' },
      { about: 'quantity', finding: 'differs', query: '4000', listed: '400' },
    ]);
  });

  it('is a hit with its issuer, and a lead alone', () => {
    expect(ask('MOD-2026-0417', listed)).toMatchObject({
      agreement: 'exact',
      band: 'hit',
      notCompared: ['expires'],
    });
    expect(ask('MOD-2026-0417', {})).toMatchObject({ agreement: 'exact', band: 'lead' });
    expect(ask('MOD-2026-0417', { issued: '2026-02' }).lines).toEqual([
      { about: 'issued', finding: 'undecided', query: '2026-02', listed: '2026-02-11' },
    ]);
  });
});

describe('the index', () => {
  it('gives back none of an entry that was removed, and all of it when it comes again', () => {
    const entries = [serial('gone', 'KB-004471'), serial('gone', 'TR-119844'), serial('stays', 'KB-004471')];
    const index = indexOf(...entries);
    expect(index.size).toBe(3);
    expect(index.remove('gone')).toBe(true);
    expect(index.remove('gone')).toBe(false);
    expect(index.remove('never')).toBe(false);
    expect(index.size).toBe(1);
    for (const value of ['KB-004471', 'KB-00447?', '*004471', 'TR-119844', 'TR-11984?', '119844'])
      expect(index.search({ value }).hits.map(({ entryId }) => entryId)).not.toContain('gone');
    expect(only(index, { scheme: 'serial', value: 'KB004471' }).entryId).toBe('stays');
    index.add(entries.slice(1, 2));
    expect(only(index, { scheme: 'serial', value: 'TR-119844' }).entryId).toBe('gone');
  });

  it('sweeps what is gone without losing what stays', () => {
    const index = new IdentifierIndex();
    const entry = (at: number) => (at < 10_000 ? 'gone' : `e${at}`);
    index.add(Array.from({ length: 12_000 }, (_, at) => serial(entry(at), `KB-${100_000 + at}`)));
    index.remove('gone');
    expect(index.size).toBe(2_000);
    expect(index.serialise().length).toBeLessThan(2_000 * 200);
    const idsOf = (value: string) =>
      index.search({ scheme: 'serial', value }).hits.map(({ entryId }) => entryId);
    expect(idsOf('KB-100500')).toEqual(['e10500']);
    expect(idsOf('KB-110500')[0]).toBe('e10500');
    expect(index.search({ scheme: 'serial', value: 'KB-1105?0' }).found).toBe(10);
  });

  it('meets the policy classes that are named, and no others', () => {
    const index = indexOf(
      serial('open', 'KB-004471', { policyClass: 1 }),
      serial('closed', 'KB-004471', { policyClass: 2 }),
    );
    const idsOf = (classes: ReadonlySet<number>) =>
      index.search({ value: 'KB-004471', classes }).hits.map(({ entryId }) => entryId);
    expect(idsOf(new Set([1]))).toEqual(['open']);
    expect(idsOf(new Set([2, 1]))).toEqual(['open', 'closed']);
    expect(index.search({ value: 'KB-00447?', classes: new Set([3]) })).toMatchObject({
      hits: [],
      found: 0,
      complete: true,
    });
  });

  it('gives nothing after its end', () => {
    const index = indexOf(serial('ends', 'KB-004471', { notAfter: 1_000 }), serial('stays', 'KB-004471'));
    const idsOf = (nowMs: number) =>
      index.search({ scheme: 'serial', value: 'KB004471', nowMs }).hits.map(({ entryId }) => entryId);
    expect(idsOf(1_000)).toEqual(['ends', 'stays']);
    expect(idsOf(1_001)).toEqual(['stays']);
  });

  it('holds thousands of one number, says that not all were looked at, and finds those that a class names', () => {
    const index = new IdentifierIndex();
    index.add(
      Array.from({ length: 6_000 }, (_, at) =>
        serial(`e${at}`, 'unknown 1', { policyClass: at === 5_900 ? 7 : 0 }),
      ),
    );
    const answer = index.search({ scheme: 'serial', value: 'UNKNOWN1', limit: 5 });
    expect(answer.hits).toHaveLength(5);
    expect(answer).toMatchObject({ found: 4_096, complete: false });
    expect(only(index, { scheme: 'serial', value: 'UNKNOWN1', classes: new Set([7]) }).entryId).toBe('e5900');
  });

  it('refuses what is empty, too long, or no identifier', () => {
    const index = new IdentifierIndex();
    expect(codeOf(() => index.search({ value: ' ' }))).toBe('EMPTY_NUMBER');
    expect(codeOf(() => index.search({ value: '1'.repeat(257) }))).toBe('NUMBER_TOO_LONG');
    for (const entry of [
      serial('e', ''),
      serial('e', '--'),
      serial('e', '1'.repeat(65)),
      serial('', 'KB-004471'),
      serial('e'.repeat(256), 'KB-004471'),
      serial('e', 'KB-004471', { policyClass: 65_536 }),
      serial('e', 'KB-004471', { notAfter: Number.NaN }),
      serial('e', 'KB-004471', { about: { maker: 'm'.repeat(201) } }),
    ])
      expect(
        codeOf(() => index.add([entry])),
        JSON.stringify(entry).slice(0, 80),
      ).toBe('ENTRY_INVALID');
    expect(index.size).toBe(0);
  });

  it('keeps those before one that it refuses', () => {
    const index = new IdentifierIndex();
    expect(codeOf(() => index.add([serial('first', 'KB-004471'), serial('bad', '')]))).toBe('ENTRY_INVALID');
    expect(only(index, { scheme: 'serial', value: 'KB-004472' }).entryId).toBe('first');
  });
});
