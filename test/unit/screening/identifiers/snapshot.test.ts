import { describe, expect, it } from 'vitest';
import { IdentifierError } from '../../../../src/screening/identifiers/errors.ts';
import { IdentifierIndex } from '../../../../src/screening/identifiers/identifier-index.ts';
import { CALIBRES, inventedSerials, MAKERS } from '../../../support/serials.ts';

const serials = inventedSerials(1_400, 77);

function filled(): IdentifierIndex {
  const index = new IdentifierIndex();
  index.add(
    serials.map((value, at) => ({
      entryId: `entry-${at % 900}`,
      scheme: 'serial',
      value,
      policyClass: at % 5,
      ...(at % 3 === 0 && { notAfter: 1_000 + at }),
      about: { maker: MAKERS[at % MAKERS.length] ?? '', calibre: CALIBRES[at % CALIBRES.length] ?? '' },
    })),
  );
  index.add([{ entryId: 'part', scheme: 'serial', value: 'ZZ??4471*' }]);
  index.remove('entry-3');
  return index;
}

const codeOf = (bytes: Uint8Array): string => {
  try {
    IdentifierIndex.from(bytes);
  } catch (error) {
    if (error instanceof IdentifierError) return error.code;
    throw error;
  }
  return 'nothing thrown';
};

describe('a snapshot', () => {
  const before = filled();
  const bytes = before.serialise();

  it('answers as the index did, and goes on from there', () => {
    const after = IdentifierIndex.from(bytes);
    expect(after.size).toBe(before.size);
    for (const value of [...serials.slice(0, 200), 'ZZ114471', 'K?4417*', '*4417*'])
      expect(after.search({ scheme: 'serial', value, nowMs: 1_500 })).toEqual(
        before.search({ scheme: 'serial', value, nowMs: 1_500 }),
      );
    expect(after.serialise()).toEqual(bytes);
    after.add([{ entryId: 'new', scheme: 'imo-ship', value: '9319466', about: { maker: MAKERS[0] ?? '' } }]);
    expect(after.remove('entry-4')).toBe(true);
    expect(after.search({ value: 'IMO 9319466' }).hits[0]?.entryId).toBe('new');
    expect(
      after.search({ scheme: 'serial', value: serials[4] ?? '' }).hits.map(({ entryId }) => entryId),
    ).not.toContain('entry-4');
  });

  it('of an empty index is one', () => {
    expect(IdentifierIndex.from(new IdentifierIndex().serialise()).size).toBe(0);
  });

  it('lies anywhere in a buffer', () => {
    const shifted = new Uint8Array(bytes.length + 3);
    shifted.set(bytes, 3);
    expect(IdentifierIndex.from(shifted.subarray(3)).size).toBe(before.size);
  });

  it('with any byte changed, cut or of another version is refused', () => {
    for (let at = 0; at < bytes.length; at += 997) {
      const spoiled = bytes.slice();
      spoiled[at] = (spoiled[at] ?? 0) ^ 0x40;
      expect(codeOf(spoiled), `byte ${at}`).toBe('SNAPSHOT_CORRUPT');
    }
    for (const length of [0, 7, 19, 100, bytes.length - 1])
      expect(codeOf(bytes.slice(0, length))).toBe('SNAPSHOT_CORRUPT');
    const other = bytes.slice();
    other[8] = 9;
    expect(codeOf(other)).toBe('SNAPSHOT_VERSION');
  });
});
