/**
 * A holder's entries as one partner gets to see them: lines under the outputs of their keys, in buckets of equal size. What is no
 * line is filled with bytes that look like one, so that neither the number of entries nor that of a bucket shows.
 */
import { createHash, hkdfSync } from 'node:crypto';
import { concat, textOf, utf8 } from '../../base/bytes.ts';
import { PrivateScreeningError } from './errors.ts';
import { encodeItem, ITEM_BYTES, type Listed, MOST_COPIES, prefixOf } from './item.ts';
import { identifierKey, type PrivateIdentifier, type PrivateKey, privateKeys } from './keys.ts';
import { poprf } from './oprf.ts';

/** Lines of one set: 64 MiB, some 150,000 names. */
export const MOST_SET_ITEMS = 1_048_576;
/** Bits of a prefix at most. */
export const MOST_PREFIX_BITS = 16;
/**
 * Lines of a bucket that a partner loads without thinking: a set of no more comes whole, and who holds it learns nothing of what is
 * looked for. Only larger ones are parted, since each bit of a prefix tells the holder something.
 */
const BUCKET_ITEMS = 8_192;
/** Least lines of a bucket; sizes double from there. */
const LEAST_STEP = 64;

/** An entry whose policy lets the partner screen against it. */
export interface PrivateEntry {
  readonly headerDigest: Uint8Array;
  readonly recordId: Uint8Array;
  readonly names: readonly string[];
  readonly identifiers: readonly PrivateIdentifier[];
}

/** What a partner is told of a set before it asks. */
export interface SetShape {
  /** 16 bytes; another where anything in it is another. */
  readonly version: Uint8Array;
  /** Bits of an output that name its bucket, 0 to 16. */
  readonly prefixBits: number;
  /** Lines of every bucket. */
  readonly bucketItems: number;
}

export interface EvaluatedSet extends SetShape {
  /** All of a bucket: bucketItems × 64 bytes, in the order of their tags. Throws BUCKET_INVALID. */
  bucket(prefix: number): Uint8Array;
  /** Outputs by key, for building the next set of the same month. */
  readonly outputs: ReadonlyMap<string, Uint8Array>;
}

/** The keys of an entry, each once. */
export function keysOfEntry({
  names,
  identifiers,
}: Pick<PrivateEntry, 'names' | 'identifiers'>): readonly PrivateKey[] {
  const keys = new Map<string, PrivateKey>();
  const all = [...names.flatMap(privateKeys), ...identifiers.map(identifierKey)];
  for (const key of all) if (key !== undefined) keys.set(textOf(key.bytes), key);
  return [...keys.values()];
}

/** The least size of a bucket, of those there are, that holds `count` lines. */
export function stepOf(count: number): number {
  let step = LEAST_STEP;
  while (step < count) step *= 2;
  return step;
}

function bitsFor(items: number): number {
  let bits = 0;
  while (bits < MOST_PREFIX_BITS && items / 2 ** bits > BUCKET_ITEMS) bits += 1;
  return bits;
}

interface SetOptions {
  readonly entries: AsyncIterable<PrivateEntry> | Iterable<PrivateEntry>;
  readonly secretKey: Uint8Array;
  /** Of the month and the partner: epochInfo. */
  readonly info: Uint8Array;
  /** Of the set before, under the same secret key and info. */
  readonly outputs?: ReadonlyMap<string, Uint8Array>;
  readonly signal?: AbortSignal;
  /** Lines at most; MOST_SET_ITEMS where it is left out. */
  readonly mostItems?: number;
  /** Between two keys; a node gives others their turn there. */
  readonly pause?: () => Promise<void>;
}

/**
 * Evaluates every key of the entries: one to two milliseconds each, so call it in the background. Throws SET_TOO_LARGE; the signal's reason.
 */
export async function evaluateSet(options: SetOptions): Promise<EvaluatedSet> {
  const { secretKey, info, signal, pause, mostItems = MOST_SET_ITEMS } = options;
  const listedUnder = new Map<string, Listed[]>();
  let lines = 0;
  for await (const entry of options.entries) {
    signal?.throwIfAborted();
    for (const { bytes, kind, common } of keysOfEntry(entry)) {
      const text = textOf(bytes);
      const listed = listedUnder.get(text) ?? [];
      const { headerDigest, recordId } = entry;
      listed.push({ headerDigest, recordId, kind, common });
      listedUnder.set(text, listed);
      lines += 1;
      if (lines > mostItems) throw tooLarge(mostItems);
    }
  }
  const suite = poprf(info);
  const outputs = new Map<string, Uint8Array>();
  const items: { readonly prefix: number; readonly bytes: Uint8Array }[] = [];
  for (const [text, listed] of listedUnder) {
    if (listed.length > MOST_COPIES) continue;
    let output = options.outputs?.get(text);
    if (output === undefined) {
      await pause?.();
      signal?.throwIfAborted();
      output = suite.direct(secretKey, utf8(text));
    }
    outputs.set(text, output);
    const prefix = prefixOf(output, MOST_PREFIX_BITS);
    for (const [copy, entry] of listed.entries())
      items.push({ prefix, bytes: encodeItem(output, copy, entry) });
  }
  return bucketed(items, { fill: fillKeyOf(secretKey, info), outputs });
}

/** From the month's key, so that a bucket asked for twice, or after a restart, is filled with the same bytes. */
const fillKeyOf = (secretKey: Uint8Array, info: Uint8Array): Uint8Array =>
  new Uint8Array(hkdfSync('sha256', secretKey, info, 'tocsin/private-fill/v1', 32));

function bucketed(
  items: readonly { readonly prefix: number; readonly bytes: Uint8Array }[],
  { fill, outputs }: { readonly fill: Uint8Array; readonly outputs: ReadonlyMap<string, Uint8Array> },
): EvaluatedSet {
  const prefixBits = bitsFor(items.length);
  const byBucket = Map.groupBy(items, ({ prefix }) => prefix >>> (MOST_PREFIX_BITS - prefixBits));
  const fullest = Math.max(0, ...[...byBucket.values()].map(({ length }) => length));
  const bucketItems = stepOf(fullest);
  const sorted = items.map(({ bytes }) => bytes).sort(Buffer.compare);
  const hash = createHash('sha256').update(Uint8Array.of(prefixBits)).update(String(bucketItems));
  for (const item of sorted) hash.update(item);
  return {
    version: new Uint8Array(hash.digest().subarray(0, 16)),
    prefixBits,
    bucketItems,
    outputs,
    bucket(prefix) {
      if (!Number.isInteger(prefix) || prefix < 0 || prefix >= 2 ** prefixBits)
        throw new PrivateScreeningError({
          code: 'BUCKET_INVALID',
          message: `expected a prefix of ${prefixBits} bits, got a larger number`,
        });
      const real = (byBucket.get(prefix) ?? []).map(({ bytes }) => bytes);
      const filling = fillOf(fill, prefix, (bucketItems - real.length) * ITEM_BYTES);
      for (let at = 0; at < filling.length; at += ITEM_BYTES)
        real.push(filling.subarray(at, at + ITEM_BYTES));
      return concat(...real.sort(Buffer.compare));
    },
  };
}

function fillOf(key: Uint8Array, prefix: number, size: number): Uint8Array {
  if (size === 0) return new Uint8Array();
  const place = Uint8Array.of(prefix >>> 8, prefix & 0xff);
  return new Uint8Array(createHash('shake256', { outputLength: size }).update(key).update(place).digest());
}

const tooLarge = (most: number): PrivateScreeningError =>
  new PrivateScreeningError({
    code: 'SET_TOO_LARGE',
    message: `expected at most ${most} keys in what a partner may screen against, got more: grant it fewer lists`,
    facts: { most },
  });
