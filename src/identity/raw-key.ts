/**
 * Public keys as the wire carries them (raw bytes) ↔ KeyObject. SubjectPublicKeyInfo of these algorithms is a constant
 * prefix before the raw key (RFC 8410 §4 for Ed25519, RFC 9881 §4 for ML-DSA).
 */
import { createPublicKey, type KeyObject } from 'node:crypto';
import { concat, fromHex } from '../base/bytes.ts';
import { IdentityError } from './errors.ts';

export type RawKeyType = 'ed25519' | 'ml-dsa-44' | 'ml-dsa-65';

interface RawKeyForm {
  readonly prefix: Uint8Array;
  readonly keyBytes: number;
  readonly signatureBytes: number;
}

export const RAW_KEY_FORMS: Readonly<Record<RawKeyType, RawKeyForm>> = {
  ed25519: { prefix: fromHex('302a300506032b6570032100'), keyBytes: 32, signatureBytes: 64 },
  'ml-dsa-44': {
    prefix: fromHex('30820532300b06096086480165030403110382052100'),
    keyBytes: 1312,
    signatureBytes: 2420,
  },
  'ml-dsa-65': {
    prefix: fromHex('308207b2300b0609608648016503040312038207a100'),
    keyBytes: 1952,
    signatureBytes: 3309,
  },
};

/** Raw bytes of a public key (or of a private key's public half). */
export function rawPublicKey(type: RawKeyType, key: KeyObject): Uint8Array {
  const form = RAW_KEY_FORMS[type];
  const publicKey = key.type === 'private' ? createPublicKey(key) : key;
  if (publicKey.asymmetricKeyType !== type)
    throw new IdentityError({
      code: 'KEY_INVALID',
      message: `expected a key of type ${type}, got ${publicKey.asymmetricKeyType}`,
    });
  return new Uint8Array(publicKey.export({ type: 'spki', format: 'der' }).subarray(form.prefix.length));
}

/** KeyObject of a raw public key; undefined where the length is wrong. */
export function importRawPublicKey(type: RawKeyType, raw: Uint8Array): KeyObject | undefined {
  const form = RAW_KEY_FORMS[type];
  if (raw.length !== form.keyBytes) return undefined;
  try {
    return createPublicKey({ key: Buffer.from(concat(form.prefix, raw)), format: 'der', type: 'spki' });
  } catch {
    return undefined;
  }
}
