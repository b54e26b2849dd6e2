/**
 * One line of the evaluated set: who has the output of a key finds the line by its tag and reads what it leads to; for everybody
 * else both are random bytes. 64 bytes: tag (15), then sealed: header digest (32), record id (16), what kind of key (1).
 */
import { createHash } from 'node:crypto';
import { concat, utf8 } from '../../base/bytes.ts';
import type { PrivateKeyKind } from './keys.ts';
import { OUTPUT_BYTES } from './oprf.ts';

export const ITEM_BYTES = 64;
export const TAG_BYTES = 15;

/** Entries under one key that are listed; a key of more tells nothing, and none of them is. */
export const MOST_COPIES = 16;

const LABEL = utf8('tocsin/private-item/v1\n');

const KINDS: readonly PrivateKeyKind[] = [
  'words',
  'sounds',
  'consonants',
  'pair',
  'pair-sounds',
  'identifier',
];
const COMMON = 0x80;

/** What a line leads to. */
export interface Listed {
  readonly headerDigest: Uint8Array;
  readonly recordId: Uint8Array;
  readonly kind: PrivateKeyKind;
  readonly common: boolean;
}

/** Tag and pad of the `copy`th entry under one key. A pad is used once: two entries under one key would show their difference. */
function stream(output: Uint8Array, copy: number): Uint8Array {
  return new Uint8Array(
    createHash('sha512').update(LABEL).update(output).update(Uint8Array.of(copy)).digest(),
  );
}

function mask(body: Uint8Array, pad: Uint8Array): Uint8Array {
  return body.map((byte, at) => byte ^ (pad[at] ?? 0));
}

/** The line of an entry under the output of one of its keys. */
export function encodeItem(output: Uint8Array, copy: number, listed: Listed): Uint8Array {
  const pad = stream(output, copy);
  const kind = KINDS.indexOf(listed.kind) | (listed.common ? COMMON : 0);
  const body = concat(listed.headerDigest, listed.recordId, Uint8Array.of(kind));
  return concat(pad.subarray(0, TAG_BYTES), mask(body, pad.subarray(TAG_BYTES)));
}

/** Everything that one output leads to in a bucket. */
export function listedUnder(output: Uint8Array, bucket: Uint8Array): readonly Listed[] {
  const found: Listed[] = [];
  for (let copy = 0; copy < MOST_COPIES; copy += 1) {
    const pad = stream(output, copy);
    const item = itemWith(pad.subarray(0, TAG_BYTES), bucket);
    if (item === undefined) break;
    const body = mask(item.subarray(TAG_BYTES), pad.subarray(TAG_BYTES));
    const kind = KINDS[(body[48] ?? COMMON) & ~COMMON];
    if (kind === undefined) continue;
    found.push({
      headerDigest: body.slice(0, 32),
      recordId: body.slice(32, 48),
      kind,
      common: ((body[48] ?? 0) & COMMON) !== 0,
    });
  }
  return found;
}

/** Lines lie in the order of their tags. */
function itemWith(tag: Uint8Array, bucket: Uint8Array): Uint8Array | undefined {
  let [low, high] = [0, bucket.length / ITEM_BYTES];
  while (low < high) {
    const middle = (low + high) >>> 1;
    const item = bucket.subarray(middle * ITEM_BYTES, (middle + 1) * ITEM_BYTES);
    const order = Buffer.compare(item.subarray(0, TAG_BYTES), tag);
    if (order === 0) return item;
    if (order < 0) low = middle + 1;
    else high = middle;
  }
  return undefined;
}

/** Where an output's lines lie: the first `bits` bits of it. */
export function prefixOf(output: Uint8Array, bits: number): number {
  if (output.length !== OUTPUT_BYTES)
    throw new RangeError(`expected ${OUTPUT_BYTES} bytes, got ${output.length}`);
  const first = ((output[0] ?? 0) << 8) | (output[1] ?? 0);
  return first >>> (16 - bits);
}
