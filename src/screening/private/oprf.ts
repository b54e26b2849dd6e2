/**
 * The partially oblivious function of RFC 9497 (POPRF, §3.3.3) over ristretto255-SHA512 (§4.1): who holds the key learns nothing
 * of an input, who asks learns one output and, by a proof, that the published key made it. The maths is @noble/curves'; here
 * are the bounds, the checks of every element and scalar, and errors with codes. Knows nothing of names.
 */
import { ristretto255, ristretto255_oprf } from '@noble/curves/ed25519.js';
import { type Random, systemRandom } from '../../base/clock.ts';
import { PrivateScreeningError } from './errors.ts';

/** A group element, a scalar, a proof, an output (RFC 9497 §4.1). */
export const ELEMENT_BYTES = 32;
export const SCALAR_BYTES = 32;
export const PROOF_BYTES = 64;
export const OUTPUT_BYTES = 64;

/** Elements under one proof. */
export const MOST_ELEMENTS = 64;
/** Bytes of an input, or of the public information; the RFC allows 65,535. */
export const MOST_INPUT_BYTES = 4_096;

/** Inputs on their way; all of it stays with who asks, but the elements. */
export interface BlindedBatch {
  readonly inputs: readonly Uint8Array[];
  /** One per input, as it travels. */
  readonly elements: readonly Uint8Array[];
  readonly blinds: readonly Uint8Array[];
  /** Of the key and the public information that the answer is to be proved for. */
  readonly tweakedKey: Uint8Array;
}

export interface Evaluation {
  /** One per blinded element, in their order. */
  readonly evaluated: readonly Uint8Array[];
  /** That all of them were made with one key: the published one. */
  readonly proof: Uint8Array;
}

export interface OprfKeyPair {
  readonly secretKey: Uint8Array;
  readonly publicKey: Uint8Array;
}

/** The function under one public information. Every method throws PrivateScreeningError. */
export interface Poprf {
  /** Under a fresh blind each. BATCH_SIZE, INPUT_TOO_LARGE, ELEMENT_INVALID for a public key that is none. */
  blind(inputs: readonly Uint8Array[], publicKey: Uint8Array): BlindedBatch;
  /** BATCH_SIZE, ELEMENT_INVALID, SCALAR_INVALID. */
  evaluate(secretKey: Uint8Array, elements: readonly Uint8Array[]): Evaluation;
  /** Outputs of 64 bytes, once the proof holds. PROOF_INVALID, ELEMENT_INVALID, BATCH_SIZE for more or fewer than was asked. */
  finalize(batch: BlindedBatch, answer: Evaluation): readonly Uint8Array[];
  /** What `finalize` gives, for who holds the key. INPUT_TOO_LARGE, SCALAR_INVALID. */
  direct(secretKey: Uint8Array, input: Uint8Array): Uint8Array;
}

const refused = (
  code: 'ELEMENT_INVALID' | 'SCALAR_INVALID' | 'PROOF_INVALID' | 'BATCH_SIZE' | 'INPUT_TOO_LARGE',
  message: string,
  cause?: unknown,
): PrivateScreeningError =>
  new PrivateScreeningError({ code, message, ...(cause !== undefined && { cause }) });

const { Point } = ristretto255;

/** Canonical encodings alone, and not the identity (RFC 9497 §3.3, RFC 9496 §4.3.1). Throws ELEMENT_INVALID. */
export function assertElement(bytes: Uint8Array): void {
  const expected = 'expected a canonical element of ristretto255 that is not the identity';
  if (bytes.length !== ELEMENT_BYTES)
    throw refused('ELEMENT_INVALID', `${expected}, ${ELEMENT_BYTES} bytes; got ${bytes.length} bytes`);
  let isIdentity: boolean;
  try {
    isIdentity = Point.fromBytes(bytes).equals(Point.ZERO);
  } catch (cause) {
    throw refused('ELEMENT_INVALID', `${expected}, got other bytes`, cause);
  }
  if (isIdentity) throw refused('ELEMENT_INVALID', `${expected}, got the identity`);
}

/** Below the order of the group, and not 0 (RFC 9497 §2.1). Throws SCALAR_INVALID. */
function assertScalar(bytes: Uint8Array): void {
  const expected = 'expected a canonical scalar of ristretto255 that is not 0';
  if (bytes.length !== SCALAR_BYTES)
    throw refused('SCALAR_INVALID', `${expected}, ${SCALAR_BYTES} bytes; got ${bytes.length} bytes`);
  let isZero: boolean;
  try {
    isZero = Point.Fn.is0(Point.Fn.fromBytes(bytes));
  } catch {
    // A cause would name the number.
    throw refused('SCALAR_INVALID', `${expected}, got other bytes`);
  }
  if (isZero) throw refused('SCALAR_INVALID', `${expected}, got 0`);
}

function assertBatch(size: number): void {
  if (size < 1 || size > MOST_ELEMENTS)
    throw refused('BATCH_SIZE', `expected 1 to ${MOST_ELEMENTS} elements, got ${size}`);
}

function assertInput(bytes: Uint8Array, what: string): void {
  if (bytes.length > MOST_INPUT_BYTES)
    throw refused(
      'INPUT_TOO_LARGE',
      `expected ${what} of at most ${MOST_INPUT_BYTES} bytes, got ${bytes.length}`,
    );
}

/** A key pair out of the generator. The secret half goes into a file of mode 0600 and nowhere else. */
export function newOprfKeyPair(): OprfKeyPair {
  return ristretto255_oprf.oprf.generateKeyPair();
}

/** The public half of a secret key. Throws SCALAR_INVALID. */
export function oprfPublicKey(secretKey: Uint8Array): Uint8Array {
  assertScalar(secretKey);
  return Point.BASE.multiply(Point.Fn.fromBytes(secretKey)).toBytes();
}

/** The function under `info`, which both sides know. `random` makes blinds and proofs. Throws INPUT_TOO_LARGE. */
export function poprf(info: Uint8Array, random: Random = systemRandom): Poprf {
  assertInput(info, 'public information');
  const suite = ristretto255_oprf.poprf(info);
  const bytes = (size?: number) => new Uint8Array(random.bytes(size ?? SCALAR_BYTES));
  return {
    blind(inputs, publicKey) {
      assertBatch(inputs.length);
      assertElement(publicKey);
      for (const input of inputs) assertInput(input, 'an input');
      const made = inputs.map((input) => suite.blind(input, publicKey, bytes));
      const [first] = made;
      if (first === undefined) throw refused('BATCH_SIZE', 'expected an element, got none');
      return {
        inputs,
        elements: made.map(({ blinded }) => blinded),
        blinds: made.map(({ blind }) => blind),
        tweakedKey: first.tweakedKey,
      };
    },
    evaluate(secretKey, elements) {
      assertBatch(elements.length);
      assertScalar(secretKey);
      for (const element of elements) assertElement(element);
      return suite.blindEvaluateBatch(secretKey, [...elements], bytes);
    },
    finalize({ inputs, elements, blinds, tweakedKey }, { evaluated, proof }) {
      assertBatch(elements.length);
      if (evaluated.length !== elements.length)
        throw refused('BATCH_SIZE', `expected ${elements.length} elements, got ${evaluated.length}`);
      if (proof.length !== PROOF_BYTES)
        throw refused('PROOF_INVALID', `expected a proof of ${PROOF_BYTES} bytes, got ${proof.length}`);
      for (const element of evaluated) assertElement(element);
      const empty = new Uint8Array();
      const items = elements.map((blinded, at) => ({
        blinded,
        input: inputs[at] ?? empty,
        blind: blinds[at] ?? empty,
        evaluated: evaluated[at] ?? empty,
      }));
      try {
        return suite.finalizeBatch(items, proof, tweakedKey);
      } catch (cause) {
        throw refused(
          'PROOF_INVALID',
          'expected a proof for the published key, got one that does not hold: believe nothing of this answer',
          cause,
        );
      }
    },
    direct(secretKey, input) {
      assertScalar(secretKey);
      assertInput(input, 'an input');
      return suite.evaluate(secretKey, input);
    },
  };
}
