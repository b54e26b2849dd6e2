/** Sets of a holder's entries: who has an output finds its lines, and sizes tell nothing. All names are made up. */
import { describe, expect, it } from 'vitest';
import { hex, utf8 } from '../../../../src/base/bytes.ts';
import {
  evaluateSet,
  keysOfEntry,
  type PrivateEntry,
  stepOf,
} from '../../../../src/screening/private/evaluated-set.ts';
import { ITEM_BYTES, listedUnder, MOST_COPIES, prefixOf } from '../../../../src/screening/private/item.ts';
import { privateKeys } from '../../../../src/screening/private/keys.ts';
import { newOprfKeyPair, poprf } from '../../../../src/screening/private/oprf.ts';

const { secretKey } = newOprfKeyPair();
const info = utf8('a month');
const suite = poprf(info);

const entry = (number: number, ...names: string[]): PrivateEntry => ({
  headerDigest: new Uint8Array(32).fill(number),
  recordId: new Uint8Array(16).fill(number),
  names,
  identifiers: [],
});

const entries = [
  entry(1, 'Borgatil Venskadze', 'Borgatil Ostrog Venskadze'),
  entry(2, 'Lomvarsk Shipping'),
  entry(3, 'Borgatil Venskadze'),
];
const set = await evaluateSet({ entries, secretKey, info });

const found = (name: string, of = set) =>
  privateKeys(name).map(({ bytes }) => {
    const output = suite.direct(secretKey, bytes);
    return listedUnder(output, of.bucket(prefixOf(output, of.prefixBits)));
  });

describe('a set', () => {
  it('shows who has the output of a key all that lies under it, and nobody else anything', () => {
    for (const listed of found('Borgatil Venskadze')) {
      expect(new Set(listed.map(({ headerDigest }) => headerDigest[0]))).toEqual(new Set([1, 3]));
      for (const { headerDigest, recordId } of listed) expect(recordId[0]).toBe(headerDigest[0]);
    }
    for (const listed of found('Trumsovic Halvadar')) expect(listed).toEqual([]);
    const wrong = poprf(utf8('another month')).direct(
      secretKey,
      privateKeys('Borgatil Venskadze')[0]?.bytes ?? info,
    );
    expect(listedUnder(wrong, set.bucket(0))).toEqual([]);
  });

  it('comes whole while it is small, so that no prefix is asked for', () => {
    expect(set.prefixBits).toBe(0);
    expect(() => set.bucket(1)).toThrow(expect.objectContaining({ code: 'BUCKET_INVALID' }));
    expect(() => set.bucket(-1)).toThrow(expect.objectContaining({ code: 'BUCKET_INVALID' }));
  });

  it('has the same size and the same bytes again, and another entry changes no size', async () => {
    const again = await evaluateSet({ entries: entries.toReversed(), secretKey, info, outputs: set.outputs });
    expect(again.bucket(0).length).toBe(set.bucketItems * ITEM_BYTES);
    const more = await evaluateSet({
      entries: [...entries, entry(4, 'Trumsovic Halvadar')],
      secretKey,
      info,
    });
    expect(more.bucket(0).length).toBe(set.bucket(0).length);
    expect(hex(more.version)).not.toBe(hex(set.version));
    const none = await evaluateSet({ entries: [], secretKey, info });
    expect(none.bucket(0).length).toBe(set.bucket(0).length);
    expect(hex(none.bucket(0))).toBe(hex(none.bucket(0)));
  });

  it('fills with bytes in which no line is told from another', () => {
    const bucket = set.bucket(0);
    const lines = Array.from({ length: set.bucketItems }, (_, at) =>
      hex(bucket.subarray(at * ITEM_BYTES, (at + 1) * ITEM_BYTES)),
    );
    expect(new Set(lines).size).toBe(lines.length);
    expect([...lines].sort()).toEqual(lines);
    // No bit of a byte's place stands out: 64 lines would have to agree in it.
    for (let at = 0; at < ITEM_BYTES; at += 1)
      expect(new Set(lines.map((line) => line.slice(2 * at, 2 * at + 2))).size).toBeGreaterThan(32);
  });

  it('lists nothing under a key that more entries share than a key may', async () => {
    const many = Array.from({ length: MOST_COPIES + 1 }, (_, at) => entry(at + 1, 'Borgatil Venskadze'));
    const [at, above] = [many.slice(1), many];
    const atMost = await evaluateSet({ entries: at, secretKey, info, outputs: set.outputs });
    expect(found('Borgatil Venskadze', atMost)[0]?.length).toBe(MOST_COPIES);
    const tooMany = await evaluateSet({ entries: above, secretKey, info, outputs: set.outputs });
    expect(found('Borgatil Venskadze', tooMany).flat()).toEqual([]);
  });

  it('takes no more keys than it may', async () => {
    const keys = entries.flatMap(({ names, identifiers }) => keysOfEntry({ names, identifiers })).length;
    const again = { entries, secretKey, info, outputs: set.outputs };
    expect((await evaluateSet({ ...again, mostItems: keys })).bucketItems).toBe(set.bucketItems);
    await expect(evaluateSet({ ...again, mostItems: keys - 1 })).rejects.toThrow(
      expect.objectContaining({ code: 'SET_TOO_LARGE', facts: { most: keys - 1 } }),
    );
  });

  it('evaluates a key once while the month lasts', async () => {
    let evaluated = 0;
    const pause = async () => {
      evaluated += 1;
    };
    await evaluateSet({ entries, secretKey, info, outputs: set.outputs, pause });
    expect(evaluated).toBe(0);
    const more = [...entries, entry(4, 'Trumsovic Halvadar')];
    await evaluateSet({ entries: more, secretKey, info, outputs: set.outputs, pause });
    expect(evaluated).toBe(privateKeys('Trumsovic Halvadar').length);
  });
});

describe('a large set', () => {
  it('is parted into buckets of one size, each with the lines of its prefix', async () => {
    // Outputs as they would be, without the cost of evaluating them.
    const outputs = new Map<string, Uint8Array>();
    const names = Array.from({ length: 1_900 }, (_, at) => `Borga${letters(at)}til Vensk${letters(at)}dze`);
    for (const [at, name] of names.entries())
      for (const { bytes } of privateKeys(name)) {
        const output = new Uint8Array(64);
        new DataView(output.buffer).setUint32(0, (at * 2_654_435_761) >>> 0);
        output.set(bytes.subarray(0, 40), 10);
        output[63] = outputs.size & 0xff;
        outputs.set(new TextDecoder().decode(bytes), output);
      }
    const large = await evaluateSet({
      entries: names.map((name, at) => entry(at & 0xff, name)),
      secretKey,
      info,
      outputs,
    });
    expect(large.prefixBits).toBeGreaterThan(0);
    const sizes = Array.from({ length: 2 ** large.prefixBits }, (_, prefix) => large.bucket(prefix).length);
    expect(new Set(sizes)).toEqual(new Set([large.bucketItems * ITEM_BYTES]));
    for (const output of [...large.outputs.values()].slice(0, 20))
      expect(listedUnder(output, large.bucket(prefixOf(output, large.prefixBits))).length).toBeGreaterThan(0);
  });

  it('grows in steps that double', () => {
    expect([0, 1, 64, 65, 128, 129, 8_192].map(stepOf)).toEqual([64, 64, 64, 128, 128, 256, 8_192]);
  });
});

const letters = (number: number): string =>
  [...String(number).padStart(4, '0')].map((digit) => 'bdfhjklmnr'.charAt(Number(digit))).join('o');
