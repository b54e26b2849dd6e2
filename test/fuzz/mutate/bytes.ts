/** Changes that need no knowledge of the format. */
import { concat } from '../../../src/base/bytes.ts';
import type { Dice } from '../dice.ts';

/** One change of bytes; `others` are messages to splice with. */
export type Mutator = (bytes: Uint8Array, dice: Dice, others: readonly Uint8Array[]) => Uint8Array;

/** The middle replaced. */
export const splice = (bytes: Uint8Array, at: number, remove: number, insert: Uint8Array): Uint8Array =>
  concat(bytes.subarray(0, at), insert, bytes.subarray(at + remove));

function changed(bytes: Uint8Array, change: (copy: Uint8Array) => void): Uint8Array {
  // Not slice: that of a Buffer is a view.
  const copy = Uint8Array.from(bytes);
  change(copy);
  return copy;
}

const STRIKING = [0x00, 0x01, 0x7f, 0x80, 0xff, 0x0a, 0x20, 0x22, 0x5b, 0x7b] as const;

export const flipBit: Mutator = (bytes, dice) =>
  changed(bytes, (copy) => {
    const at = dice.below(copy.length);
    copy[at] = (copy[at] ?? 0) ^ (1 << dice.below(8));
  });

export const setByte: Mutator = (bytes, dice) =>
  changed(bytes, (copy) => {
    copy[dice.below(copy.length)] = dice.once(2) ? dice.pick(STRIKING) : dice.below(256);
  });

/** A number in four or eight bytes, as lengths and offsets of binary formats are. */
export const setNumber: Mutator = (bytes, dice) => {
  const width = dice.pick([1, 2, 4, 8]);
  if (bytes.length < width) return bytes;
  const number = new Uint8Array(8);
  const value = dice.pick([0n, 1n, 0x7fn, 0x80n, 0xffffn, 0x7fffffffn, 0x80000000n, 0xffffffffn, -1n]);
  new DataView(number.buffer).setBigUint64(0, BigInt.asUintN(64, value), dice.once(2));
  return splice(bytes, dice.below(bytes.length - width + 1), width, number.subarray(0, width));
};

export const truncate: Mutator = (bytes, dice) => bytes.subarray(0, dice.below(bytes.length));

export const dropPart: Mutator = (bytes, dice) =>
  splice(bytes, dice.below(bytes.length), dice.length(bytes.length), new Uint8Array());

export const doublePart: Mutator = (bytes, dice) => {
  const at = dice.below(bytes.length);
  const part = bytes.subarray(at, at + dice.length(bytes.length - at));
  return splice(bytes, dice.below(bytes.length + 1), 0, part);
};

export const swapParts: Mutator = (bytes, dice) => {
  const [a = 0, b = 0, c = 0] = [1, 2, 3].map(() => dice.below(bytes.length + 1)).sort((x, y) => x - y);
  return concat(bytes.subarray(0, a), bytes.subarray(b, c), bytes.subarray(a, b), bytes.subarray(c));
};

export const insertBytes: Mutator = (bytes, dice) =>
  splice(bytes, dice.below(bytes.length + 1), 0, dice.bytes(dice.length(64)));

/** One byte or a short part, many times. */
export const repeatPart: Mutator = (bytes, dice) => {
  const at = dice.below(bytes.length);
  const part = bytes.subarray(at, at + 1 + dice.below(8));
  const times = dice.length(4096);
  return splice(bytes, at, 0, Buffer.concat(Array.from({ length: times }, () => part)));
};

/** Head of one message, tail of another. */
export const spliceMessages: Mutator = (bytes, dice, others) => {
  const other = dice.pick(others);
  return concat(
    bytes.subarray(0, dice.below(bytes.length + 1)),
    other.subarray(dice.below(other.length + 1)),
  );
};

export const append: Mutator = (bytes, dice, others) =>
  concat(bytes, dice.once(2) ? dice.pick(others) : dice.bytes(1 + dice.length(64)));

export const BYTE_MUTATORS: readonly Mutator[] = [
  flipBit,
  setByte,
  setNumber,
  truncate,
  dropPart,
  doublePart,
  swapParts,
  insertBytes,
  repeatPart,
  spliceMessages,
  append,
];
