/**
 * Keys of notes: their ids, their one-line form for foreign tools, and verification (C2SP signed-note, tlog-cosignature).
 * Two types are spoken: Ed25519 over the note's text, and ML-DSA-44 over the cosigned message with an empty context.
 */
import { createHash, createPublicKey, type KeyObject, verify } from 'node:crypto';
import { base64, concat, equalBytes, hex, utf8 } from '../base/bytes.ts';
import { believed, disbelieved, type Verdict } from '../base/verdict.ts';
import { Reason } from '../gen/tocsin/record/v1/reason.ts';
import { MerkleError } from './errors.ts';
import { isKeyName, strictBase64 } from './note.ts';

/** Signature type bytes of C2SP that are spoken here. */
export const KEY_TYPE = {
  /** Ed25519 over the note's text. */
  ed25519: 0x01,
  /** Timestamped ML-DSA-44 cosignature. */
  mlDsa44: 0x06,
} as const;

export type KeyType = (typeof KEY_TYPE)[keyof typeof KEY_TYPE];

const PUBLIC_BYTES: Readonly<Record<KeyType, number>> = { 1: 32, 6: 1312 };
const SIGNATURE_BYTES: Readonly<Record<KeyType, number>> = { 1: 64, 6: 2420 };

/** What stands before the raw key in SubjectPublicKeyInfo: RFC 8410 §4, RFC 9881 §4. */
const SPKI_PREFIX: Readonly<Record<KeyType, Uint8Array>> = {
  1: Buffer.from('302a300506032b6570032100', 'hex'),
  6: Buffer.from('30820532300b06096086480165030403110382052100', 'hex'),
};

/** First four bytes of SHA-256(name ‖ newline ‖ type ‖ public key). */
export function keyId(name: string, type: KeyType, publicKey: Uint8Array): Uint8Array {
  const digest = createHash('sha256')
    .update(utf8(`${name}\n`))
    .update(Uint8Array.of(type))
    .update(publicKey)
    .digest();
  return new Uint8Array(digest.subarray(0, 4));
}

/** `<name>+<key id>+<base64 of type and public key>`. Throws FORMAT for a bad name or key size. */
export function verifierKey(name: string, type: KeyType, publicKey: Uint8Array): string {
  if (!isKeyName(name) || publicKey.length !== PUBLIC_BYTES[type]) {
    throw new MerkleError({
      code: 'FORMAT',
      message: `expected a key name without space or plus and a public key of ${PUBLIC_BYTES[type]} bytes`,
    });
  }
  return `${name}+${hex(keyId(name, type, publicKey))}+${base64(concat(Uint8Array.of(type), publicKey))}`;
}

export interface VerifierKey {
  readonly name: string;
  readonly type: KeyType;
  readonly keyId: Uint8Array;
  readonly publicKey: Uint8Array;
}

/** Parts of a verifier key whose id fits its name and key; otherwise MALFORMED. It is trusted by no one for that alone. */
export function parseVerifierKey(text: string): Verdict<VerifierKey, Reason> {
  const [, name, id, encoded] = /^([^+]+)\+([0-9a-f]{8})\+([A-Za-z0-9+/]+=*)$/u.exec(text) ?? [];
  const blob = encoded === undefined ? undefined : strictBase64(encoded);
  const type = Object.values(KEY_TYPE).find((known) => known === blob?.[0]);
  if (name === undefined || id === undefined || blob === undefined || type === undefined || !isKeyName(name))
    return disbelieved(Reason.REASON_MALFORMED, 'expected a verifier key of type 0x01 or 0x06');
  const publicKey = blob.slice(1);
  const expected = keyId(name, type, publicKey);
  if (publicKey.length !== PUBLIC_BYTES[type] || hex(expected) !== id)
    return disbelieved(Reason.REASON_MALFORMED, 'the key id of a verifier key does not fit its name and key');
  return believed({ name, type, keyId: expected, publicKey });
}

/** The key as node:crypto takes it; undefined where the bytes are no key of the type. */
export function publicKeyOf(type: KeyType, raw: Uint8Array): KeyObject | undefined {
  if (raw.length !== PUBLIC_BYTES[type]) return undefined;
  try {
    const key = Buffer.from(concat(SPKI_PREFIX[type], raw));
    return createPublicKey({ key, format: 'der', type: 'spki' });
  } catch {
    return undefined;
  }
}

/** Whether the signature over `message` is by the raw public key. ML-DSA with an empty context, as C2SP has it. */
export function verifySignature(
  type: KeyType,
  raw: Uint8Array,
  message: Uint8Array,
  signature: Uint8Array,
): boolean {
  if (signature.length !== SIGNATURE_BYTES[type]) return false;
  const key = publicKeyOf(type, raw);
  return key !== undefined && verify(null, message, key, signature);
}

/** Whether a signature line names this key. */
export const isSignedBy = (
  line: { readonly name: string; readonly keyId: Uint8Array },
  name: string,
  type: KeyType,
  publicKey: Uint8Array,
): boolean => line.name === name && equalBytes(line.keyId, keyId(name, type, publicKey));
