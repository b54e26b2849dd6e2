/** The input that belongs to a target, a seed and a number: the same one every time. */
import { concat } from '../../src/base/bytes.ts';
import { Dice, seedOf } from './dice.ts';
import { BYTE_MUTATORS } from './mutate/bytes.ts';
import { mutateDer } from './mutate/der.ts';
import { mutateProtobuf } from './mutate/protobuf.ts';
import { mutateJson, TEXT_MUTATORS, twice, wideJson, withTokens } from './mutate/text.ts';
import type { Form, OpenTarget } from './target.ts';

/** The largest input made: above every limit that is not in the megabytes. */
const MOST_BYTES = 2 * 1024 * 1024;

function change(form: Form, bytes: Uint8Array, dice: Dice, others: readonly Uint8Array[]): Uint8Array {
  const { prefix = 0 } = form;
  if (prefix === 0) return changeBody(form, bytes, dice, others);
  if (dice.once(25)) return dice.pick(BYTE_MUTATORS)(bytes, dice, others);
  const bodies = others.map((other) => other.subarray(prefix));
  return concat(bytes.subarray(0, prefix), changeBody(form, bytes.subarray(prefix), dice, bodies));
}

function changeBody(form: Form, bytes: Uint8Array, dice: Dice, others: readonly Uint8Array[]): Uint8Array {
  if (bytes.length === 0 && form.kind !== 'protobuf') return dice.bytes(1 + dice.below(16));
  switch (form.kind) {
    case 'protobuf':
      return mutateProtobuf(bytes, form.desc, dice, others);
    case 'der':
      return mutateDer(bytes, dice, others);
    case 'text':
      return dice.pick([...TEXT_MUTATORS, ...BYTE_MUTATORS, ...tokensOf(form), twice])(bytes, dice, others);
    case 'json':
      if (dice.once(60)) return wideJson(bytes, dice, others);
      return dice.once(4)
        ? dice.pick([...TEXT_MUTATORS, ...tokensOf(form)])(bytes, dice, others)
        : mutateJson(bytes, dice, others);
    default:
      return dice.pick([...(form.own ?? []), ...(form.own ?? []), ...BYTE_MUTATORS])(bytes, dice, others);
  }
}

const tokensOf = ({ tokens }: { readonly tokens?: readonly string[] }) =>
  tokens === undefined ? [] : [withTokens(tokens), withTokens(tokens), withTokens(tokens)];

/** Inputs below the number of seeds are the seeds as they are: all of them have to be read. */
export function inputAt(target: OpenTarget, name: string, seed: number, index: number): Uint8Array {
  const plain = target.seeds[index];
  if (plain !== undefined) return plain;
  const dice = new Dice(seedOf(name, seed, index));
  const made = target.generate !== undefined && dice.once(4);
  const start = made ? target.generate(dice) : dice.pick(target.seeds);
  const form = typeof target.form === 'function' ? target.form(start) : target.form;
  let bytes = start;
  const changes = made ? dice.below(3) : 1 + dice.below(dice.pick([1, 2, 2, 6]));
  for (let time = 0; time < changes; time++)
    bytes = change(form, bytes, dice, target.seeds).subarray(0, MOST_BYTES);
  return bytes;
}
