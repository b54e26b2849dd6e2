/** Extension values of issued certificates, encoded by ourselves: node-forge knows neither name constraints nor large arcs. */
import { createPublicKey, type KeyObject } from 'node:crypto';
import { concat, utf8 } from '../base/bytes.ts';
import { sha256 } from '../record/index.ts';
import { EXTENSION } from './certificate-extensions.ts';
import { encodeDer, encodeOid, TAG } from './der.ts';

export interface IssuedExtension {
  readonly id: string;
  readonly critical: boolean;
  readonly value: Uint8Array;
}

const TRUE = new Uint8Array([0xff]);

export const authorityConstraints = (pathLength: number): IssuedExtension => ({
  id: EXTENSION.basicConstraints,
  critical: true,
  value: encodeDer(
    TAG.sequence,
    encodeDer(TAG.boolean, TRUE),
    encodeDer(TAG.integer, new Uint8Array([pathLength])),
  ),
});

export const endEntityConstraints: IssuedExtension = {
  id: EXTENSION.basicConstraints,
  critical: true,
  value: encodeDer(TAG.sequence),
};

/** keyCertSign and cRLSign are bits 5 and 6, digitalSignature is bit 0. */
export const authorityKeyUsage: IssuedExtension = {
  id: EXTENSION.keyUsage,
  critical: true,
  value: encodeDer(TAG.bitString, new Uint8Array([1, 0x06])),
};

export const signingKeyUsage: IssuedExtension = {
  id: EXTENSION.keyUsage,
  critical: true,
  value: encodeDer(TAG.bitString, new Uint8Array([7, 0x80])),
};

export const extendedKeyUsage = (usages: readonly string[]): IssuedExtension => ({
  id: EXTENSION.extendedKeyUsage,
  critical: false,
  value: encodeDer(TAG.sequence, ...usages.map(encodeOid)),
});

export const hostNames = (names: readonly string[]): IssuedExtension => ({
  id: EXTENSION.subjectAltName,
  critical: false,
  value: encodeDer(TAG.sequence, ...names.map((name) => encodeDer(0x82, utf8(name)))),
});

/**
 * Where an authority may speak: below these hosts. The country is not constrained here but judged by our own profile: TLS
 * stacks that know no directory names in a critical constraint (Go's, and so the broker's) would refuse the whole path.
 */
export function permittedNames(hosts: readonly string[]): IssuedExtension {
  const names = hosts.map((host) => encodeDer(TAG.sequence, encodeDer(0x82, utf8(host))));
  return {
    id: EXTENSION.nameConstraints,
    critical: true,
    value: encodeDer(TAG.sequence, encodeDer(0xa0, ...names)),
  };
}

/** The first 160 bits of SHA-256 over the key (RFC 7093 §2, method 1, over the whole SubjectPublicKeyInfo). */
export const keyIdentifierOf = (key: KeyObject): Uint8Array => {
  const publicKey = key.type === 'private' ? createPublicKey(key) : key;
  return sha256(publicKey.export({ type: 'spki', format: 'der' })).subarray(0, 20);
};

export const subjectKeyIdentifier = (identifier: Uint8Array): IssuedExtension => ({
  id: EXTENSION.subjectKeyIdentifier,
  critical: false,
  value: encodeDer(TAG.octetString, identifier),
});

export const authorityKeyIdentifier = (identifier: Uint8Array): IssuedExtension => ({
  id: EXTENSION.authorityKeyIdentifier,
  critical: false,
  value: encodeDer(TAG.sequence, encodeDer(0x80, identifier)),
});

/** A positive serial number of 16 octets without a leading zero. */
export const serialNumber = (random: Uint8Array): Uint8Array =>
  concat(new Uint8Array([0x40 | ((random[0] ?? 0) & 0x3f)]), random.subarray(1, 16));
