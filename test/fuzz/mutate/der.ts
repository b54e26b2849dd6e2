/** Changes of DER that keep the lengths of everything around right. */
import { concat, utf8 } from '../../../src/base/bytes.ts';
import { encodeDer } from '../../../src/identity/der.ts';
import type { Dice } from '../dice.ts';
import { BYTE_MUTATORS } from './bytes.ts';
import { STRANGE_TEXTS } from './text.ts';

interface Value {
  readonly tag: number;
  readonly content: Uint8Array;
}

const isConstructed = (tag: number): boolean => (tag & 0x20) !== 0;

function valuesIn(bytes: Uint8Array): readonly Value[] | undefined {
  const values: Value[] = [];
  let at = 0;
  while (at < bytes.length) {
    const tag = bytes[at++] ?? 0;
    let length = bytes[at++] ?? 0;
    if (length > 0x80) {
      const octets = bytes.subarray(at, at + (length & 0x7f));
      at += octets.length;
      length = octets.reduce((sum, octet) => sum * 256 + octet, 0);
    }
    if (length === 0x80 || at + length > bytes.length) return undefined;
    values.push({ tag, content: bytes.subarray(at, at + length) });
    at += length;
  }
  return values;
}

const encode = (values: readonly Value[]): Uint8Array =>
  concat(...values.map(({ tag, content }) => encodeDer(tag, content)));

const TAGS = [
  0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x0c, 0x13, 0x17, 0x18, 0x1e, 0x1f, 0x30, 0x31, 0x80, 0xa0, 0xa3,
];

function changeValue(value: Value, dice: Dice): readonly Value[] {
  const { tag, content } = value;
  switch (dice.below(8)) {
    case 0:
      return [];
    case 1:
      return Array.from({ length: dice.pick([2, 5, 300]) }, () => value);
    case 2:
      return [{ tag: dice.pick(TAGS), content }];
    case 3:
      return [{ tag, content: utf8(dice.pick(STRANGE_TEXTS).slice(0, 9000)) }];
    case 4:
      // Arcs, integers and bit strings without an end.
      return [
        {
          tag,
          content: new Uint8Array(dice.pick([20, 400, 12_000])).fill(dice.pick([0x00, 0x81, 0xff, 0x7f])),
        },
      ];
    case 5: {
      let nested = value;
      for (let depth = dice.pick([2, 40, 900]); depth > 0; depth--)
        nested = { tag: 0x30, content: encode([nested]) };
      return [nested];
    }
    case 6:
      return [{ tag, content: new Uint8Array() }];
    default:
      return content.length === 0
        ? [{ tag, content: dice.bytes(3) }]
        : [{ tag, content: dice.pick(BYTE_MUTATORS)(content, dice, [content]) }];
  }
}

/** The values with one thing changed somewhere in their tree. */
export function mutateDer(bytes: Uint8Array, dice: Dice, others: readonly Uint8Array[]): Uint8Array {
  const values = valuesIn(bytes);
  if (values === undefined || values.length === 0 || dice.once(16))
    return bytes.length === 0 ? dice.bytes(2) : dice.pick(BYTE_MUTATORS)(bytes, dice, others);
  const at = dice.below(values.length);
  const chosen = values[at] ?? { tag: 0x05, content: new Uint8Array() };
  // An octet string may hold DER of its own, as extensions do.
  const inner = isConstructed(chosen.tag) || (chosen.tag === 0x04 && valuesIn(chosen.content) !== undefined);
  const changed =
    inner && !dice.once(6)
      ? [{ ...chosen, content: mutateDer(chosen.content, dice, others) }]
      : changeValue(chosen, dice);
  return encode([...values.slice(0, at), ...changed, ...values.slice(at + 1)]);
}
