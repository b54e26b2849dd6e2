/**
 * Hybrid signatures, suite 1: Ed25519 (RFC 8032, without context) and ML-DSA-44 (FIPS 204, the type label as context)
 * over the same signed bytes. Both halves must verify; a half that is left out is a downgrade, never a fallback.
 */
import { generateKeyPairSync, type KeyObject, sign, verify } from 'node:crypto';
import { hex, utf8 } from '../base/bytes.ts';
import { believed, disbelieved, type Verdict } from '../base/verdict.ts';
import type { HybridPublicKey, HybridSignature } from '../gen/tocsin/record/v1/identity.ts';
import { Reason } from '../gen/tocsin/record/v1/reason.ts';
import { type SignedType, sha256, signedLabel } from '../record/index.ts';
import { importRawPublicKey, RAW_KEY_FORMS, type RawKeyType, rawPublicKey } from './raw-key.ts';

/** Private halves; they leave the process only through the keyring's files. */
export interface HybridPrivateKey {
  readonly ed25519: KeyObject;
  readonly mlDsa44: KeyObject;
}

export type HybridPublic = HybridPublicKey;

/** A fresh key pair. */
export function generateHybrid(): { privateKey: HybridPrivateKey; publicKey: HybridPublic } {
  const privateKey = {
    ed25519: generateKeyPairSync('ed25519').privateKey,
    mlDsa44: generateKeyPairSync('ml-dsa-44').privateKey,
  };
  return { privateKey, publicKey: hybridPublicOf(privateKey) };
}

/** The public halves of a private key, as the wire carries them. */
export function hybridPublicOf(privateKey: HybridPrivateKey): HybridPublic {
  return {
    ed25519: Buffer.from(rawPublicKey('ed25519', privateKey.ed25519)),
    mlDsa44: Buffer.from(rawPublicKey('ml-dsa-44', privateKey.mlDsa44)),
  };
}

/** SHA-256 over ed25519 ‖ ml_dsa_44, as `KeyRevocation.fingerprint`. */
export const hybridFingerprint = (publicKey: HybridPublic): Uint8Array =>
  sha256(publicKey.ed25519, publicKey.mlDsa44);

/** True where both halves have their length; says nothing of whether anybody holds the private key. */
export const isHybridPublic = (publicKey: HybridPublic | undefined): publicKey is HybridPublic =>
  publicKey !== undefined &&
  publicKey.ed25519.length === RAW_KEY_FORMS.ed25519.keyBytes &&
  publicKey.mlDsa44.length === RAW_KEY_FORMS['ml-dsa-44'].keyBytes;

/** A signature in the thread pool: the callback form of crypto.sign does not hold up the event loop. */
export function signInThreadPool(
  key: KeyObject,
  bytes: Uint8Array,
  context?: Uint8Array,
): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    const input = context === undefined ? key : { key, context };
    sign(null, bytes, input, (error, signature) => (error ? reject(error) : resolve(signature)));
  });
}

/** Signs `signedBytes` (which begin with the label of `type`: see record/signed.ts) with both halves, off the main thread. */
export async function signHybrid(
  type: SignedType,
  signedBytes: Uint8Array,
  key: HybridPrivateKey,
): Promise<HybridSignature> {
  const [ed25519, mlDsa44] = await Promise.all([
    signInThreadPool(key.ed25519, signedBytes),
    signInThreadPool(key.mlDsa44, signedBytes, utf8(signedLabel(type))),
  ]);
  return { ed25519: Buffer.from(ed25519), mlDsa44: Buffer.from(mlDsa44) };
}

interface ImportedKey {
  readonly ed25519: KeyObject;
  readonly mlDsa44: KeyObject;
}

/** Importing costs more than verifying; a few thousand keys cover the largest roster. Oldest out first. */
const IMPORTED_KEYS = 4096;
const imported = new Map<string, ImportedKey>();

function importHybrid(publicKey: HybridPublic): ImportedKey | undefined {
  const name = hex(hybridFingerprint(publicKey));
  const known = imported.get(name);
  if (known !== undefined) return known;
  const ed25519 = importRawPublicKey('ed25519', publicKey.ed25519);
  const mlDsa44 = importRawPublicKey('ml-dsa-44', publicKey.mlDsa44);
  if (ed25519 === undefined || mlDsa44 === undefined) return undefined;
  if (imported.size >= IMPORTED_KEYS) {
    const [oldest] = imported.keys();
    if (oldest !== undefined) imported.delete(oldest);
  }
  const key = { ed25519, mlDsa44 };
  imported.set(name, key);
  return key;
}

/** Verifies a signature under a raw public key; false for a wrong length, a bad key or a bad signature. */
export function verifyRaw(
  type: RawKeyType,
  bytes: Uint8Array,
  signature: Uint8Array,
  raw: Uint8Array,
  context?: Uint8Array,
): boolean {
  if (signature.length !== RAW_KEY_FORMS[type].signatureBytes) return false;
  const key = importRawPublicKey(type, raw);
  if (key === undefined) return false;
  return verify(null, bytes, context === undefined ? key : { key, context }, signature);
}

/**
 * Judges a hybrid signature. DOWNGRADE: a half of the signature is missing or empty. SIGNATURE_INVALID: a half has a
 * wrong length or does not verify, or the public key is none.
 */
export function judgeHybrid(
  type: SignedType,
  signedBytes: Uint8Array,
  signature: HybridSignature | undefined,
  publicKey: HybridPublic | undefined,
): Verdict<true, Reason> {
  if (signature === undefined || signature.ed25519.length === 0 || signature.mlDsa44.length === 0)
    return disbelieved(Reason.REASON_DOWNGRADE, 'expected both halves of a hybrid signature');
  if (
    signature.ed25519.length !== RAW_KEY_FORMS.ed25519.signatureBytes ||
    signature.mlDsa44.length !== RAW_KEY_FORMS['ml-dsa-44'].signatureBytes
  )
    return disbelieved(Reason.REASON_SIGNATURE_INVALID, 'a half of the hybrid signature has a wrong length');
  const key = isHybridPublic(publicKey) ? importHybrid(publicKey) : undefined;
  if (key === undefined)
    return disbelieved(Reason.REASON_SIGNATURE_INVALID, 'the hybrid public key is not well formed');
  if (!verify(null, signedBytes, key.ed25519, signature.ed25519))
    return disbelieved(Reason.REASON_SIGNATURE_INVALID, 'the Ed25519 half does not verify');
  const context = utf8(signedLabel(type));
  if (!verify(null, signedBytes, { key: key.mlDsa44, context }, signature.mlDsa44))
    return disbelieved(Reason.REASON_SIGNATURE_INVALID, 'the ML-DSA-44 half does not verify');
  return believed(true);
}
