/**
 * Extensions of a certificate (RFC 5280 §4.2) that the path validator understands. Anything else is kept by name only, so
 * that the validator can refuse it where it is critical.
 */
import { type GeneralName, isHostName, readGeneralName } from './certificate-name.ts';
import {
  DerFault,
  DerReader,
  type DerValue,
  onlyValue,
  readBoolean,
  readNamedBits,
  readOid,
  readSmallInteger,
  TAG,
} from './der.ts';

export const EXTENSION = {
  subjectKeyIdentifier: '2.5.29.14',
  keyUsage: '2.5.29.15',
  subjectAltName: '2.5.29.17',
  basicConstraints: '2.5.29.19',
  nameConstraints: '2.5.29.30',
  authorityKeyIdentifier: '2.5.29.35',
  extendedKeyUsage: '2.5.29.37',
} as const;

/** Bits of KeyUsage that are asked for. */
export const KEY_USAGE = { digitalSignature: 0, keyCertSign: 5, cRLSign: 6 } as const;

export interface BasicConstraints {
  readonly ca: boolean;
  readonly pathLength: number | undefined;
}

export interface NameConstraints {
  readonly permitted: readonly GeneralName[];
  readonly excluded: readonly GeneralName[];
}

export interface CertificateExtensions {
  /** Object identifiers of critical extensions. */
  readonly critical: ReadonlySet<string>;
  /** Object identifiers of all extensions. */
  readonly present: ReadonlySet<string>;
  readonly basicConstraints?: BasicConstraints;
  readonly keyUsage?: ReadonlySet<number>;
  readonly extendedKeyUsage?: readonly string[];
  readonly subjectAltName?: readonly GeneralName[];
  readonly nameConstraints?: NameConstraints;
  readonly subjectKeyIdentifier?: Uint8Array;
  readonly authorityKeyIdentifier?: Uint8Array;
}

interface RawExtension {
  readonly critical: boolean;
  readonly value: Uint8Array;
}

const sequenceIn = (bytes: Uint8Array): DerReader => new DerReader(onlyValue(bytes, TAG.sequence).content);

function readBasicConstraints(bytes: Uint8Array): BasicConstraints {
  const reader = sequenceIn(bytes);
  const flag = reader.optional(TAG.boolean);
  const ca = flag !== undefined && readBoolean(flag);
  // DER leaves a default value out.
  if (flag !== undefined && !ca) throw new DerFault('default value is encoded');
  const length = reader.optional(TAG.integer);
  reader.end();
  if (length !== undefined && !ca) throw new DerFault('path length without the CA bit');
  return { ca, pathLength: length === undefined ? undefined : readSmallInteger(length) };
}

function readOids(bytes: Uint8Array): readonly string[] {
  const reader = sequenceIn(bytes);
  const oids: string[] = [];
  while (!reader.done) oids.push(readOid(reader.take(TAG.oid)));
  if (oids.length === 0) throw new DerFault('empty extended key usage');
  return oids;
}

function readSubjectAltName(bytes: Uint8Array): readonly GeneralName[] {
  const reader = sequenceIn(bytes);
  const names: GeneralName[] = [];
  while (!reader.done) names.push(readGeneralName(reader.any()));
  if (names.length === 0) throw new DerFault('empty subject alternative name');
  for (const name of names) {
    if (name.kind === 'dns' && !isHostName(name.name.replace(/^\*\./, '')))
      throw new DerFault('malformed host name in the subject alternative name');
    if (name.kind === 'ip' && name.bytes.length !== 4 && name.bytes.length !== 16)
      throw new DerFault('malformed address in the subject alternative name');
  }
  return names;
}

/** An address and a mask whose ones are on the left (RFC 4632). */
function isAddressRange(bytes: Uint8Array): boolean {
  if (bytes.length !== 8 && bytes.length !== 32) return false;
  const mask = [...bytes.subarray(bytes.length / 2)]
    .map((byte) => byte.toString(2).padStart(8, '0'))
    .join('');
  return /^1*0*$/.test(mask);
}

function readSubtrees(value: DerValue | undefined): readonly GeneralName[] {
  if (value === undefined) return [];
  const names: GeneralName[] = [];
  const reader = new DerReader(value.content);
  while (!reader.done) {
    const subtree = reader.inside(TAG.sequence);
    const name = readGeneralName(subtree.any());
    // minimum and maximum are not used in this profile (RFC 5280 §4.2.1.10).
    subtree.end();
    if (name.kind === 'dns' && name.name !== '' && !isHostName(name.name))
      throw new DerFault('malformed host name in a name constraint');
    if (name.kind === 'ip' && !isAddressRange(name.bytes))
      throw new DerFault('malformed address range in a name constraint');
    if (name.kind === 'other') throw new DerFault('name constraint of a form that is not understood');
    names.push(name);
  }
  if (names.length === 0) throw new DerFault('empty list of name constraints');
  return names;
}

function readNameConstraints(bytes: Uint8Array): NameConstraints {
  const reader = sequenceIn(bytes);
  const permitted = readSubtrees(reader.optional(0xa0));
  const excluded = readSubtrees(reader.optional(0xa1));
  reader.end();
  if (permitted.length + excluded.length === 0) throw new DerFault('empty name constraints');
  return { permitted, excluded };
}

/** The key identifier; an issuer and serial number beside it are read past. */
function readAuthorityKeyIdentifier(bytes: Uint8Array): Uint8Array {
  const reader = sequenceIn(bytes);
  const identifier = reader.optional(0x80);
  const issuer = reader.optional(0xa1);
  const serial = reader.optional(0x82);
  reader.end();
  if ((issuer === undefined) !== (serial === undefined))
    throw new DerFault('authority key identifier with half an issuer');
  if (identifier === undefined || identifier.content.length === 0)
    throw new DerFault('authority key identifier without a key identifier');
  return identifier.content;
}

function readRaw(wrapped: DerValue | undefined): ReadonlyMap<string, RawExtension> {
  const found = new Map<string, RawExtension>();
  if (wrapped === undefined) return found;
  const list = sequenceIn(wrapped.content);
  if (list.done) throw new DerFault('empty list of extensions');
  while (!list.done) {
    const reader = list.inside(TAG.sequence);
    const oid = readOid(reader.take(TAG.oid));
    const flag = reader.optional(TAG.boolean);
    const critical = flag !== undefined && readBoolean(flag);
    if (flag !== undefined && !critical) throw new DerFault('default value is encoded');
    const value = reader.take(TAG.octetString).content;
    reader.end();
    // Two readers may each take another of two values (RFC 5280 §4.2).
    if (found.has(oid)) throw new DerFault(`extension ${oid} occurs twice`);
    found.set(oid, { critical, value });
  }
  return found;
}

export function readExtensions(wrapped: DerValue | undefined): CertificateExtensions {
  const raw = readRaw(wrapped);
  const read = <Value>(oid: string, parse: (bytes: Uint8Array) => Value): Value | undefined => {
    const extension = raw.get(oid);
    return extension === undefined ? undefined : parse(extension.value);
  };
  const basicConstraints = read(EXTENSION.basicConstraints, readBasicConstraints);
  const keyUsage = read(EXTENSION.keyUsage, (bytes) => readNamedBits(onlyValue(bytes, TAG.bitString)));
  const extendedKeyUsage = read(EXTENSION.extendedKeyUsage, readOids);
  const subjectAltName = read(EXTENSION.subjectAltName, readSubjectAltName);
  const nameConstraints = read(EXTENSION.nameConstraints, readNameConstraints);
  const subjectKeyIdentifier = read(
    EXTENSION.subjectKeyIdentifier,
    (bytes) => onlyValue(bytes, TAG.octetString).content,
  );
  const authorityKeyIdentifier = read(EXTENSION.authorityKeyIdentifier, readAuthorityKeyIdentifier);
  return {
    critical: new Set([...raw].flatMap(([oid, extension]) => (extension.critical ? [oid] : []))),
    present: new Set(raw.keys()),
    ...(basicConstraints && { basicConstraints }),
    ...(keyUsage && { keyUsage }),
    ...(extendedKeyUsage && { extendedKeyUsage }),
    ...(subjectAltName && { subjectAltName }),
    ...(nameConstraints && { nameConstraints }),
    ...(subjectKeyIdentifier && { subjectKeyIdentifier }),
    ...(authorityKeyIdentifier && { authorityKeyIdentifier }),
  };
}
