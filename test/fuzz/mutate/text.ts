/** Changes of text formats: lines, numbers, white space, encodings; and of JSON as a tree. */
import { concat, utf8 } from '../../../src/base/bytes.ts';
import type { Dice } from '../dice.ts';
import { BYTE_MUTATORS, type Mutator, splice } from './bytes.ts';

/** Texts that are well formed and that somebody's reader once fell over. */
export const STRANGE_TEXTS: readonly string[] = [
  '',
  ' ',
  '\u0000',
  '__proto__',
  'constructor',
  'prototype',
  'toString',
  'hasOwnProperty',
  '../../etc/passwd',
  'XA.>',
  '*',
  '\u202e\u2066gnp.exe',
  '\ufeff',
  '\u0085',
  '\u2028',
  '\ufdfa'.repeat(40),
  'é'.normalize('NFD'),
  '\u{10ffff}',
  '=cmd|x',
  '<script>',
  '-0',
  '1e999',
  'NaN',
  '9'.repeat(400),
  '0'.repeat(400),
  'A'.repeat(256),
  'A'.repeat(70_000),
  ' '.repeat(3000),
  '\n'.repeat(3000),
  '2024-02-30',
  '9999-12-31T23:59:60Z',
  '+275760-09-13',
];

/** Bytes that are no UTF-8. */
const BROKEN: readonly Uint8Array[] = [
  Uint8Array.of(0x80),
  Uint8Array.of(0xc0, 0xaf),
  Uint8Array.of(0xed, 0xa0, 0x80),
  Uint8Array.of(0xf4, 0x90, 0x80, 0x80),
  Uint8Array.of(0xef, 0xbb, 0xbf),
  Uint8Array.of(0xff, 0xfe),
];

const insertStrange: Mutator = (bytes, dice) =>
  splice(bytes, dice.below(bytes.length + 1), 0, utf8(dice.pick(STRANGE_TEXTS)));

const insertBroken: Mutator = (bytes, dice) =>
  splice(bytes, dice.below(bytes.length + 1), 0, dice.pick(BROKEN));

/** One character of those that stand there, or white space, very often: what a regular expression may be slow on. */
const longRun: Mutator = (bytes, dice) => {
  const at = dice.below(bytes.length + 1);
  const filler = dice.once(2) ? dice.pick([0x20, 0x0a, 0x09, 0x41, 0x30, 0x2d]) : (bytes[at] ?? 0x20);
  return splice(bytes, at, 0, new Uint8Array(dice.pick([40, 400, 4000, 40_000])).fill(filler));
};

const onLines =
  (change: (lines: string[], at: number, dice: Dice, others: readonly Uint8Array[]) => void): Mutator =>
  (bytes, dice, others) => {
    const lines = Buffer.from(bytes).toString('latin1').split('\n');
    change(lines, dice.below(lines.length), dice, others);
    return new Uint8Array(Buffer.from(lines.join('\n'), 'latin1'));
  };

const dropLine = onLines((lines, at) => lines.splice(at, 1));
const doubleLine = onLines((lines, at) => lines.splice(at, 0, lines[at] ?? ''));
const swapLines = onLines((lines, at, dice) => {
  const other = dice.below(lines.length);
  [lines[at], lines[other]] = [lines[other] ?? '', lines[at] ?? ''];
});
const manyLines = onLines((lines, at, dice) => {
  const line = lines[at] ?? '';
  lines.splice(at, 0, ...manyOf(line, dice.pick([17, 64, 600, 3000])));
});
/** A text so many times, as far as a MiB holds it. */
const manyOf = (text: string, times: number): string[] =>
  Array.from({ length: Math.min(times, Math.ceil((1024 * 1024) / (text.length + 1))) }, () => text);
const foreignLine = onLines((lines, at, dice, others) => {
  const other = Buffer.from(dice.pick(others)).toString('latin1').split('\n');
  lines[at] = dice.pick(other);
});
const lineEnds = onLines((lines, at) => {
  lines[at] = `${lines[at] ?? ''}\r`;
});

/** A number that stands in the text, replaced by an extreme one. */
const strikingNumber: Mutator = (bytes, dice) => {
  const text = Buffer.from(bytes).toString('latin1');
  const found = [...text.matchAll(/\d+/g)];
  if (found.length === 0) return insertStrange(bytes, dice, []);
  const { index, 0: number } = dice.pick(found);
  const striking = [
    '0',
    '-1',
    '1.5',
    '1e9',
    '4294967296',
    '9007199254740993',
    '18446744073709551616',
    '00',
    `0${number}`,
  ];
  return splice(bytes, index, number.length, utf8(dice.pick(striking)));
};

/** A word of the text somewhere else in it. */
const moveWord: Mutator = (bytes, dice) => {
  const words = Buffer.from(bytes)
    .toString('latin1')
    .split(/[^A-Za-z0-9_]+/)
    .filter((word) => word !== '');
  if (words.length === 0) return insertStrange(bytes, dice, []);
  return splice(bytes, dice.below(bytes.length + 1), dice.below(12), utf8(dice.pick(words)));
};

export const TEXT_MUTATORS: readonly Mutator[] = [
  insertStrange,
  insertBroken,
  longRun,
  dropLine,
  doubleLine,
  swapLines,
  manyLines,
  foreignLine,
  lineEnds,
  strikingNumber,
  moveWord,
];

/** One of a format's own words, put in or in place of what stands there. */
export const withTokens =
  (tokens: readonly string[]): Mutator =>
  (bytes, dice) =>
    splice(bytes, dice.below(bytes.length + 1), dice.once(2) ? dice.below(20) : 0, utf8(dice.pick(tokens)));

type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

const VALUES: readonly string[] = [
  'null',
  'true',
  '0',
  '-1',
  '1.5',
  '1e400',
  '123456789012345678901234567890',
  '""',
  '"\\ud800"',
  '[]',
  '{}',
  '[[]]',
  '{"__proto__":{"polluted":true}}',
  '{"toString":1,"valueOf":1}',
  '{"constructor":{"prototype":{"polluted":true}}}',
];

/**
 * JSON text with one value or key changed. Works on the text of a value, not on the value, so that two equal keys, keys such as
 * `__proto__` and numbers beyond all range can be written.
 */
export const mutateJson: Mutator = (bytes, dice, others) => {
  try {
    const tree = JSON.parse(Buffer.from(bytes).toString('utf8')) as Json;
    return utf8(writeChanged(tree, dice, { left: dice.below(countNodes(tree)) }));
  } catch {
    // No JSON, or nested deeper by an earlier change than can be walked.
    return dice.pick(BYTE_MUTATORS)(bytes, dice, others);
  }
};

const countNodes = (value: Json): number =>
  value === null || typeof value !== 'object'
    ? 1
    : 1 + Object.values(value).reduce<number>((sum, part) => sum + countNodes(part), 0);

/** Writes the tree; the node at which `left` comes to nothing is written changed. */
function writeChanged(value: Json, dice: Dice, turn: { left: number }): string {
  if (turn.left-- === 0) return changedJson(value, dice);
  if (Array.isArray(value)) return `[${value.map((part) => writeChanged(part, dice, turn)).join(',')}]`;
  if (value === null || typeof value !== 'object') return JSON.stringify(value);
  const pairs = Object.entries(value).map(
    ([key, part]) => `${JSON.stringify(key)}:${writeChanged(part, dice, turn)}`,
  );
  return `{${pairs.join(',')}}`;
}

function changedJson(value: Json, dice: Dice): string {
  const same = JSON.stringify(value);
  switch (dice.below(9)) {
    case 0:
      return dice.pick(VALUES);
    case 1:
      return JSON.stringify(dice.pick(STRANGE_TEXTS));
    case 2:
      return `[${same}]`;
    case 3: {
      const depth = dice.pick([2, 33, 1000, 20_000]);
      return `${'['.repeat(depth)}${same}${']'.repeat(depth)}`;
    }
    case 4:
      return `[${manyOf(same, dice.pick([2, 65, 2000])).join(',')}]`;
    default: {
      if (value === null || typeof value !== 'object') return dice.pick(VALUES);
      if (Array.isArray(value))
        return `[${[...value, ...value].map((part) => JSON.stringify(part)).join(',')}]`;
      const keys = Object.keys(value);
      const key = dice.once(2) || keys.length === 0 ? dice.pick(STRANGE_TEXTS) : dice.pick(keys);
      const extra = `${JSON.stringify(key)}:${dice.pick(VALUES)}`;
      const pairs = Object.entries(value).map(
        ([name, part]) => `${JSON.stringify(name)}:${JSON.stringify(part)}`,
      );
      if (dice.once(3)) pairs.splice(dice.below(pairs.length), 1);
      return `{${[...pairs, extra].join(',')}}`;
    }
  }
}

/** Every key many times over, as a map that is to fill a table. */
export const wideJson: Mutator = (_bytes, dice) => {
  const keys = Array.from({ length: dice.pick([10, 1000, 20_000]) }, (_, index) =>
    index % 7 === 0 ? '"__proto__":{"polluted":true}' : `"k${index}":${index}`,
  );
  return utf8(`{${keys.join(',')}}`);
};

/** The bytes of two texts, one after the other, as a file that was written twice. */
export const twice: Mutator = (bytes) => concat(bytes, bytes);
