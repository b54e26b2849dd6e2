/**
 * Changes of a protobuf message that keep its lengths right, so that they reach past the first check; and messages made
 * from the schema alone. Works on the wire (protobuf.dev/programming-guides/encoding): what no encoder would write is the point.
 */
import { type DescField, type DescMessage, ScalarType } from '@bufbuild/protobuf';
import { concat, utf8 } from '../../../src/base/bytes.ts';
import type { Dice } from '../dice.ts';
import { BYTE_MUTATORS } from './bytes.ts';
import { STRANGE_TEXTS } from './text.ts';

const VARINT = 0;
const FIXED64 = 1;
const LENGTH = 2;
const START = 3;
const END = 4;
const FIXED32 = 5;

/** One field as it stands on the wire. */
interface Part {
  readonly number: number;
  readonly wireType: number;
  /** After the tag; without the length where the wire type has one. */
  readonly value: Uint8Array;
  readonly field: DescField | undefined;
}

const NUMBERS = [
  0n,
  1n,
  2n,
  127n,
  128n,
  0x7fffffffn,
  0x80000000n,
  0xffffffffn,
  0x100000000n,
  253_402_300_799_999n,
  253_402_300_800_000n,
  2n ** 53n,
  2n ** 63n - 1n,
  2n ** 63n,
  2n ** 64n - 1n,
] as const;

export function varint(value: bigint, padding = 0): Uint8Array {
  const octets: number[] = [];
  let rest = BigInt.asUintN(64, value);
  for (; rest >= 0x80n; rest >>= 7n) octets.push(Number(rest & 0x7fn) | 0x80);
  octets.push(Number(rest));
  for (let extra = 0; extra < padding; extra++) {
    octets.push((octets.pop() ?? 0) | 0x80, 0);
  }
  return Uint8Array.from(octets);
}

/** A length-delimited or other field with its tag. */
export function encodeField(number: number, wireType: number, value: Uint8Array): Uint8Array {
  const tag = varint((BigInt(number) << 3n) | BigInt(wireType));
  return wireType === LENGTH ? concat(tag, varint(BigInt(value.length)), value) : concat(tag, value);
}

const encodeParts = (parts: readonly Part[]): Uint8Array =>
  concat(...parts.map(({ number, wireType, value }) => encodeField(number, wireType, value)));

/** Undefined where the bytes are no message, to be changed as bytes then. */
function partsOf(bytes: Uint8Array, desc: DescMessage | undefined): readonly Part[] | undefined {
  const parts: Part[] = [];
  let at = 0;
  const read = (): bigint | undefined => {
    let value = 0n;
    for (let shift = 0n; shift < 70n; shift += 7n) {
      const byte = bytes[at++];
      if (byte === undefined) return undefined;
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
    return undefined;
  };
  while (at < bytes.length) {
    const tag = read();
    if (tag === undefined || tag > 0xffffffffn) return undefined;
    const number = Number(tag >> 3n);
    const wireType = Number(tag & 7n);
    let from = at;
    if (wireType === VARINT) read();
    else if (wireType === FIXED64) at += 8;
    else if (wireType === FIXED32) at += 4;
    else if (wireType === LENGTH) {
      const length = read();
      if (length === undefined || length > BigInt(bytes.length)) return undefined;
      from = at;
      at += Number(length);
    } else return undefined;
    if (at > bytes.length) return undefined;
    const field = desc?.fields.find((known) => known.number === number);
    parts.push({ number, wireType, value: bytes.subarray(from, at), field });
  }
  return parts;
}

const isRepeated = (field: DescField): boolean => field.fieldKind === 'list' || field.fieldKind === 'map';

function scalarValue(type: ScalarType, dice: Dice): readonly [number, Uint8Array] {
  const number = () => (dice.once(3) ? dice.pick(NUMBERS) : BigInt(dice.below(2000)));
  switch (type) {
    case ScalarType.STRING:
      return [LENGTH, utf8(dice.once(4) ? dice.pick(STRANGE_TEXTS) : dice.pick(PLAIN_TEXTS))];
    case ScalarType.BYTES:
      return [LENGTH, dice.bytes(dice.pick([0, 1, 16, 32, 32, 32, 64, 100]))];
    case ScalarType.BOOL:
      return [VARINT, varint(1n)];
    case ScalarType.DOUBLE:
    case ScalarType.FIXED64:
    case ScalarType.SFIXED64: {
      const value = new Uint8Array(8);
      const striking = [0, -0, 1, -1, 90.5, 180, Number.NaN, Number.POSITIVE_INFINITY, 1e308, 5e-324];
      new DataView(value.buffer).setFloat64(0, dice.pick(striking), true);
      return [FIXED64, value];
    }
    case ScalarType.FLOAT:
    case ScalarType.FIXED32:
    case ScalarType.SFIXED32:
      return [FIXED32, dice.bytes(4)];
    case ScalarType.UINT32:
      return [VARINT, varint(BigInt.asUintN(32, number()))];
    case ScalarType.INT32:
      return [VARINT, varint(BigInt.asIntN(32, number()))];
    default:
      return [VARINT, varint(number())];
  }
}

const PLAIN_TEXTS = [
  'XA',
  'XB',
  'police',
  'AB-1234',
  '2024-05',
  'quay 7',
  'tocsin/0011223344556677/XA/log/live/1',
];

/** One value of a field, as the schema has it. */
function fieldValue(field: DescField, dice: Dice, depth: number): readonly [number, Uint8Array] {
  if (field.message !== undefined)
    return [LENGTH, depth > 0 ? generateMessage(field.message, dice, depth - 1) : new Uint8Array()];
  if (field.enum !== undefined) {
    const known = dice.pick(field.enum.values).number;
    return [VARINT, varint(BigInt(dice.once(20) ? 9999 : known))];
  }
  return scalarValue(field.scalar ?? ScalarType.BYTES, dice);
}

/** A message out of its schema: well formed, whatever the rules say of its content. */
export function generateMessage(desc: DescMessage, dice: Dice, depth = 4): Uint8Array {
  const taken = new Set<unknown>();
  const parts: Uint8Array[] = [];
  const most = dice.once(3);
  for (const field of desc.fields) {
    if (!most && dice.once(2)) continue;
    if (field.oneof !== undefined) {
      if (taken.has(field.oneof) || !dice.once(field.oneof.fields.length)) continue;
      taken.add(field.oneof);
    }
    const times = isRepeated(field) ? dice.below(4) : 1;
    for (let time = 0; time < times; time++)
      parts.push(encodeField(field.number, ...fieldValue(field, dice, depth)));
  }
  return concat(...parts);
}

/** What a hostile encoder could put between two fields. */
function strangePart(dice: Dice): Uint8Array {
  const unknown = dice.pick([19, 100, 2047, 15_000, 536_870_911]);
  const tag = (wireType: number, number = unknown) => varint((BigInt(number) << 3n) | BigInt(wireType));
  switch (dice.below(8)) {
    case 0:
      return encodeField(unknown, VARINT, varint(dice.pick(NUMBERS)));
    case 1:
      return encodeField(unknown, LENGTH, dice.bytes(dice.length(2000)));
    case 2: {
      // Deep groups: START and END tags, the second often missing.
      const depth = dice.pick([1, 33, 200, 5000]);
      const opening = Array.from({ length: depth }, () => tag(START));
      return concat(...opening, ...(dice.once(2) ? opening.map(() => tag(END)) : []));
    }
    case 3: {
      // Messages within messages, deeper than any of ours.
      let nested: Uint8Array = new Uint8Array();
      const number = 1 + dice.below(6);
      for (let depth = dice.pick([8, 40, 400]); depth > 0; depth--)
        nested = encodeField(number, LENGTH, nested);
      return nested;
    }
    case 4:
      return tag(dice.pick([END, 6, 7]));
    case 5:
      return concat(
        tag(VARINT),
        Uint8Array.from({ length: 1 + dice.below(12) }, () => 0x80),
        varint(0n),
      );
    case 6:
      // A length that the message does not have.
      return concat(tag(LENGTH, 1 + dice.below(8)), varint(dice.pick(NUMBERS)));
    default:
      return encodeField(unknown, dice.once(2) ? FIXED64 : FIXED32, dice.bytes(dice.once(2) ? 8 : 4));
  }
}

/** One field changed. */
function changePart(part: Part, dice: Dice, others: readonly Uint8Array[]): readonly Part[] {
  const { field, value, wireType, number } = part;
  const inner = field?.message;
  if (inner !== undefined && wireType === LENGTH && !dice.once(5))
    return [{ ...part, value: mutateProtobuf(value, inner, dice, others) }];
  switch (dice.below(9)) {
    case 0:
      return [];
    case 1:
      return [part, part];
    case 2:
      return [{ ...part, number: Math.max(1, number + dice.pick([-1, 1, 16])) }];
    case 3:
      return [{ ...part, wireType: dice.pick([VARINT, FIXED64, LENGTH, START, END, FIXED32, 6, 7]) }];
    case 4:
      return [
        {
          ...part,
          value:
            wireType === VARINT ? varint(dice.pick(NUMBERS), dice.below(3)) : dice.bytes(dice.length(300)),
        },
      ];
    case 5:
      return [{ ...part, value: utf8(dice.pick(STRANGE_TEXTS)) }];
    case 6:
      return value.length === 0
        ? [part]
        : [{ ...part, value: dice.pick(BYTE_MUTATORS)(value, dice, [value]) }];
    case 7:
      // Many of one field: a list far longer than anybody writes.
      return Array.from(
        { length: Math.min(dice.pick([3, 17, 65, 600]), 1 + 300_000 / (1 + value.length)) },
        () => part,
      );
    default: {
      if (field === undefined) return [];
      const [type, made] = fieldValue(field, dice, 3);
      return [{ ...part, wireType: type, value: made }];
    }
  }
}

/** The message with one thing changed somewhere in its tree. */
export function mutateProtobuf(
  bytes: Uint8Array,
  desc: DescMessage | undefined,
  dice: Dice,
  others: readonly Uint8Array[],
): Uint8Array {
  const parts = partsOf(bytes, desc);
  if (parts === undefined || dice.once(12)) {
    const change = dice.pick(BYTE_MUTATORS);
    return bytes.length === 0 ? strangePart(dice) : change(bytes, dice, others);
  }
  const at = dice.below(parts.length + 1);
  const before = parts.slice(0, at);
  const after = parts.slice(at);
  const [chosen] = after;
  switch (dice.below(10)) {
    case 0:
      return concat(encodeParts(before), strangePart(dice), encodeParts(after));
    case 1: {
      const other = partsOf(dice.pick(others), desc) ?? [];
      return encodeParts([
        ...before,
        ...(other.length === 0 ? [] : [dice.pick(other)]),
        ...after.slice(dice.below(2)),
      ]);
    }
    case 2:
      return encodeParts([...after, ...before]);
    case 3:
      return desc === undefined || desc.fields.length === 0
        ? encodeParts(after)
        : concat(encodeParts(before), addedField(dice.pick(desc.fields), dice), encodeParts(after));
    default:
      return chosen === undefined
        ? encodeParts(before)
        : encodeParts([...before, ...changePart(chosen, dice, others), ...after.slice(1)]);
  }
}

const addedField = (field: DescField, dice: Dice): Uint8Array =>
  encodeField(field.number, ...fieldValue(field, dice, 3));
