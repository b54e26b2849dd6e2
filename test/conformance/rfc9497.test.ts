/**
 * RFC 9497 over ristretto255-SHA512, all three modes: the vectors of the document's authors, and some of the project's own, which
 * show that nothing has changed since. Mode 2 goes through the project's own face, modes 0 and 1 through the library below it.
 */
import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { ristretto255_oprf } from '@noble/curves/ed25519.js';
import { describe, expect, it } from 'vitest';
import { fromHex, hex } from '../../src/base/bytes.ts';
import type { Random } from '../../src/base/clock.ts';
import { oprfPublicKey, poprf } from '../../src/screening/private/oprf.ts';

interface Group {
  readonly identifier: string;
  readonly mode: number;
  readonly seed: string;
  readonly keyInfo: string;
  readonly skSm: string;
  readonly pkSm?: string;
  readonly vectors: readonly {
    readonly Blind: string;
    readonly BlindedElement: string;
    readonly EvaluationElement: string;
    readonly Input: string;
    readonly Output: string;
    readonly Info?: string;
    readonly Proof?: { readonly proof: string; readonly r: string };
  }[];
}

const groupsIn = (path: string): readonly Group[] =>
  (JSON.parse(readFileSync(path, 'utf8')) as Group[]).filter(
    ({ identifier }) => identifier === 'ristretto255-SHA512',
  );

const own = resolve(import.meta.dirname, '../vectors/oprf-rfc9497.json');
const theirs = resolve(process.env.TOCSIN_SHARED ?? '../shared', 'vectors/oprf-rfc9497/allVectors.json');
const present = existsSync(theirs);
if (!present) console.warn(`skipped: no vectors at ${theirs}; set TOCSIN_SHARED`);

const list = (text: string): Uint8Array[] => text.split(',').map(fromHex);

/** Random bytes from which the library makes exactly these scalars: it reduces them modulo the order less 1 and adds 1. */
function scalars(...wanted: readonly Uint8Array[]): Random {
  const queue = [...wanted];
  return {
    bytes(size) {
      const scalar = queue.shift();
      if (scalar === undefined) throw new Error('more randomness was asked for than the vector has');
      const out = new Uint8Array(size);
      out.set(scalar);
      for (let at = 0; at < size; at += 1) {
        const before = out[at] ?? 0;
        out[at] = (before + 255) % 256;
        if (before > 0) break;
      }
      return out;
    },
  };
}

/** As the library takes it. */
const generator = (scalar: Uint8Array) => {
  const random = scalars(scalar);
  return (size?: number) => new Uint8Array(random.bytes(size ?? 32));
};

function blindIn(mode: number, input: Uint8Array, blind: Uint8Array) {
  const { oprf, voprf } = ristretto255_oprf;
  return mode === 0 ? oprf.blind(input, generator(blind)) : voprf.blind(input, generator(blind));
}

const proofOf = ({ Proof }: Group['vectors'][number]) => ({
  proof: Proof?.proof ?? '',
  r: fromHex(Proof?.r ?? ''),
});

function holds(group: Group): void {
  const [seed, keyInfo, secret] = [group.seed, group.keyInfo, group.skSm].map(fromHex) as [
    Uint8Array,
    Uint8Array,
    Uint8Array,
  ];
  const { oprf, voprf, poprf: partial } = ristretto255_oprf;
  const mode = [oprf, voprf, partial(new Uint8Array())][group.mode];
  const keys = mode?.deriveKeyPair(seed, keyInfo);
  expect(hex(keys?.secretKey ?? seed)).toBe(group.skSm);
  if (group.pkSm !== undefined) {
    expect(hex(keys?.publicKey ?? seed)).toBe(group.pkSm);
    expect(hex(oprfPublicKey(secret))).toBe(group.pkSm);
  }
  const publicKey = oprfPublicKey(secret);
  for (const vector of group.vectors) {
    const [inputs, blinds] = [list(vector.Input), list(vector.Blind)];
    const { proof, r } = proofOf(vector);
    if (group.mode === 2) {
      const info = fromHex(vector.Info ?? '');
      const batch = poprf(info, scalars(...blinds)).blind(inputs, publicKey);
      expect(batch.elements.map(hex).join()).toBe(vector.BlindedElement);
      expect(batch.blinds.map(hex).join()).toBe(vector.Blind);
      const answer = poprf(info, scalars(r)).evaluate(secret, batch.elements);
      expect(answer.evaluated.map(hex).join()).toBe(vector.EvaluationElement);
      expect(hex(answer.proof)).toBe(proof);
      expect(poprf(info).finalize(batch, answer).map(hex).join()).toBe(vector.Output);
      expect(inputs.map((input) => hex(poprf(info).direct(secret, input))).join()).toBe(vector.Output);
      continue;
    }
    const blinded = inputs.map((input, at) => blindIn(group.mode, input, blinds[at] ?? r));
    expect(blinded.map((one) => hex(one.blinded)).join()).toBe(vector.BlindedElement);
    if (group.mode === 0) {
      const evaluated = blinded.map((one) => oprf.blindEvaluate(secret, one.blinded));
      expect(evaluated.map(hex).join()).toBe(vector.EvaluationElement);
      const outputs = inputs.map((input, at) =>
        oprf.finalize(input, blinded[at]?.blind ?? r, evaluated[at] ?? r),
      );
      expect(outputs.map(hex).join()).toBe(vector.Output);
      continue;
    }
    const elements = blinded.map((one) => one.blinded);
    const answer = voprf.blindEvaluateBatch(secret, publicKey, elements, generator(r));
    expect(answer.evaluated.map(hex).join()).toBe(vector.EvaluationElement);
    expect(hex(answer.proof)).toBe(proof);
    const items = inputs.map((input, at) => ({
      input,
      blind: blinded[at]?.blind ?? r,
      blinded: blinded[at]?.blinded ?? r,
      evaluated: answer.evaluated[at] ?? r,
    }));
    expect(voprf.finalizeBatch(items, publicKey, answer.proof).map(hex).join()).toBe(vector.Output);
  }
}

describe('RFC 9497 over ristretto255-SHA512', () => {
  it.each(groupsIn(own))('mode $mode, as committed', holds);

  it.skipIf(!present).each(present ? groupsIn(theirs) : [])('mode $mode, all vectors', holds);

  it('has all three modes among the committed vectors', () => {
    expect(groupsIn(own).map(({ mode }) => mode)).toEqual([0, 1, 2]);
  });
});
