/**
 * X.509 certificates as RFC 5280 §4 writes them, read strictly into plain values. Reading says nothing of trust: that is
 * chain.ts. Node's own X509Certificate is not used: it hides path length, key-usage bits and name constraints.
 */
import { createPublicKey, type KeyObject } from 'node:crypto';
import { concat, hex } from '../base/bytes.ts';
import { LIMITS } from '../base/limits.ts';
import { sha256 } from '../record/index.ts';
import { type CertificateExtensions, readExtensions } from './certificate-extensions.ts';
import { type DistinguishedName, readName } from './certificate-name.ts';
import {
  DerFault,
  DerReader,
  type DerValue,
  onlyValue,
  readInteger,
  readOctetBits,
  readOid,
  readSmallInteger,
  TAG,
} from './der.ts';
import { pemBlocks } from './pem.ts';

/** A signature algorithm of the profile; any other is refused as unknown. */
export interface SignatureAlgorithm {
  readonly name: string;
  readonly key: 'rsa' | 'ec' | 'ed25519';
  /** Undefined for Ed25519, which hashes by itself. */
  readonly digest: 'sha256' | 'sha384' | 'sha512' | undefined;
}

/** MD5, SHA-1, DSA and RSASSA-PSS with its many parameters are absent on purpose. */
const SIGNATURE_ALGORITHMS: ReadonlyMap<string, SignatureAlgorithm> = new Map([
  ['1.2.840.113549.1.1.11', { name: 'sha256WithRSAEncryption', key: 'rsa', digest: 'sha256' }],
  ['1.2.840.113549.1.1.12', { name: 'sha384WithRSAEncryption', key: 'rsa', digest: 'sha384' }],
  ['1.2.840.113549.1.1.13', { name: 'sha512WithRSAEncryption', key: 'rsa', digest: 'sha512' }],
  ['1.2.840.10045.4.3.2', { name: 'ecdsa-with-SHA256', key: 'ec', digest: 'sha256' }],
  ['1.2.840.10045.4.3.3', { name: 'ecdsa-with-SHA384', key: 'ec', digest: 'sha384' }],
  ['1.2.840.10045.4.3.4', { name: 'ecdsa-with-SHA512', key: 'ec', digest: 'sha512' }],
  ['1.3.101.112', { name: 'Ed25519', key: 'ed25519', digest: undefined }],
]);

/** What a public key is, as far as the profile cares. */
export type KeyStrength =
  | { readonly type: 'rsa'; readonly bits: number }
  | { readonly type: 'ec'; readonly curve: 'P-256' | 'P-384' }
  | { readonly type: 'ed25519' };

export interface Certificate {
  readonly der: Uint8Array;
  /** SHA-256 of the whole certificate, hexadecimal. */
  readonly fingerprint: string;
  /** What the signature covers. */
  readonly tbs: Uint8Array;
  readonly version: number;
  readonly serial: Uint8Array;
  readonly signatureAlgorithm: SignatureAlgorithm;
  readonly signature: Uint8Array;
  readonly issuer: DistinguishedName;
  readonly subject: DistinguishedName;
  readonly notBeforeMs: number;
  readonly notAfterMs: number;
  readonly strength: KeyStrength;
  readonly publicKey: KeyObject;
  readonly extensions: CertificateExtensions;
}

/** UTCTime up to 2049, GeneralizedTime beyond, both in whole seconds and Z (RFC 5280 §4.1.2.5). */
function readTime(value: DerValue): number {
  const text = Buffer.from(value.content).toString('latin1');
  let full: string;
  if (value.tag === TAG.utcTime && /^\d{12}Z$/.test(text))
    full = (Number(text.slice(0, 2)) < 50 ? '20' : '19') + text;
  else if (value.tag === TAG.generalizedTime && /^\d{14}Z$/.test(text) && Number(text.slice(0, 4)) >= 2050)
    full = text;
  else throw new DerFault('malformed time');
  const iso = full.replace(/^(....)(..)(..)(..)(..)(..)Z$/, '$1-$2-$3T$4:$5:$6.000Z');
  const ms = Date.parse(iso);
  // Date.parse refuses month 13 but turns 30 February into March.
  if (Number.isNaN(ms) || new Date(ms).toISOString() !== iso) throw new DerFault('no such time');
  return ms;
}

function readAlgorithm(value: DerValue): SignatureAlgorithm {
  const reader = new DerReader(value.content);
  const oid = readOid(reader.take(TAG.oid));
  const algorithm = SIGNATURE_ALGORITHMS.get(oid);
  if (algorithm === undefined) throw new DerFault(`signature algorithm ${oid} is outside the profile`);
  // RFC 4055 §5 demands NULL for RSA, RFC 5758 §3.2 and RFC 8410 §3 nothing for the others.
  if (algorithm.key === 'rsa' && reader.take(TAG.null).content.length !== 0)
    throw new DerFault('malformed NULL');
  reader.end();
  return algorithm;
}

const CURVES: ReadonlyMap<string, 'P-256' | 'P-384'> = new Map([
  ['1.2.840.10045.3.1.7', 'P-256'],
  ['1.3.132.0.34', 'P-384'],
]);

function readRsaBits(bits: Uint8Array): number {
  const key = new DerReader(onlyValue(bits, TAG.sequence).content);
  const modulus = readInteger(key.take(TAG.integer));
  const exponent = readSmallInteger(key.take(TAG.integer));
  key.end();
  if (exponent < 65_537 || exponent % 2 === 0) throw new DerFault('RSA exponent below 65537 or even');
  const magnitude = modulus[0] === 0 ? modulus.subarray(1) : modulus;
  if ((modulus[0] ?? 0) >= 0x80) throw new DerFault('negative RSA modulus');
  return 8 * magnitude.length - Math.clz32(magnitude[0] ?? 0) + 24;
}

function readStrength(spki: DerValue): KeyStrength {
  const reader = new DerReader(spki.content);
  const algorithm = reader.inside(TAG.sequence);
  const oid = readOid(algorithm.take(TAG.oid));
  const parameters = algorithm.done ? undefined : algorithm.any();
  algorithm.end();
  const bits = readOctetBits(reader.take(TAG.bitString));
  reader.end();
  if (oid === '1.2.840.113549.1.1.1' && parameters?.tag === TAG.null)
    return { type: 'rsa', bits: readRsaBits(bits) };
  if (oid === '1.2.840.10045.2.1' && parameters?.tag === TAG.oid) {
    const curve = CURVES.get(readOid(parameters));
    if (curve !== undefined) return { type: 'ec', curve };
  }
  if (oid === '1.3.101.112' && parameters === undefined) return { type: 'ed25519' };
  throw new DerFault(`public key algorithm ${oid} is outside the profile`);
}

function importKey(spki: Uint8Array): KeyObject {
  try {
    return createPublicKey({ key: Buffer.from(spki), format: 'der', type: 'spki' });
  } catch {
    throw new DerFault('public key cannot be read');
  }
}

/** Serial numbers are positive and at most 20 octets (RFC 5280 §4.1.2.2). */
function readSerial(value: DerValue): Uint8Array {
  const serial = readInteger(value);
  const [first] = serial;
  if (first === undefined || first >= 0x80 || serial.length > 20 || (serial.length === 1 && first === 0))
    throw new DerFault('serial number is not positive or has more than 20 octets');
  return serial;
}

/** Reads one certificate. Throws DerFault for anything that is not DER or lies outside the profile. */
export function parseCertificate(der: Uint8Array): Certificate {
  if (der.length > LIMITS.certificateBytes) throw new DerFault('certificate is too large');
  const outer = new DerReader(onlyValue(der, TAG.sequence).content);
  const tbs = outer.take(TAG.sequence);
  const outerAlgorithm = outer.take(TAG.sequence);
  const signature = readOctetBits(outer.take(TAG.bitString));
  outer.end();

  const reader = new DerReader(tbs.content);
  const explicitVersion = reader.optional(0xa0);
  const version =
    explicitVersion === undefined ? 1 : readSmallInteger(onlyValue(explicitVersion.content, TAG.integer)) + 1;
  if (version !== 3) throw new DerFault('expected a version 3 certificate');
  const serial = readSerial(reader.take(TAG.integer));
  const innerAlgorithm = reader.take(TAG.sequence);
  // RFC 5280 §4.1.1.2: outside the signature an attacker could name another algorithm.
  if (hex(innerAlgorithm.whole) !== hex(outerAlgorithm.whole))
    throw new DerFault('the two signature algorithms differ');
  const issuer = readName(reader.take(TAG.sequence));
  if (issuer.attributes.length === 0) throw new DerFault('issuer is empty');
  const validity = reader.inside(TAG.sequence);
  const notBeforeMs = readTime(validity.any());
  const notAfterMs = readTime(validity.any());
  validity.end();
  const subject = readName(reader.take(TAG.sequence));
  const spki = reader.take(TAG.sequence);
  // Unique identifiers ([1], [2]) are obsolete and refused by taking the extensions next.
  const extensions = readExtensions(reader.optional(0xa3));
  reader.end();

  return {
    der,
    fingerprint: hex(sha256(der)),
    tbs: tbs.whole,
    version,
    serial,
    signatureAlgorithm: readAlgorithm(innerAlgorithm),
    signature,
    issuer,
    subject,
    notBeforeMs,
    notAfterMs,
    strength: readStrength(spki),
    publicKey: importKey(spki.whole),
    extensions,
  };
}

/** DER of every certificate in a PEM text, in its order. */
export const certificatesFromPem = (pem: string): Uint8Array[] => pemBlocks(pem, ['CERTIFICATE']);

/** PEM of one certificate. */
export function certificateToPem(der: Uint8Array): string {
  const lines =
    Buffer.from(concat(der))
      .toString('base64')
      .match(/.{1,64}/g) ?? [];
  return `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`;
}
