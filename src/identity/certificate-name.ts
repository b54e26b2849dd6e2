/** Distinguished names and the names of a subject (RFC 5280 §4.1.2.4, §4.2.1.6), with the comparison that §7.1 asks for. */
import { textOf } from '../base/bytes.ts';
import { DerFault, DerReader, type DerValue, readOid, TAG } from './der.ts';

export const ATTRIBUTE = {
  commonName: '2.5.4.3',
  country: '2.5.4.6',
  organization: '2.5.4.10',
  organizationalUnit: '2.5.4.11',
  title: '2.5.4.12',
  organizationIdentifier: '2.5.4.97',
} as const;

export interface NameAttribute {
  readonly oid: string;
  readonly text: string;
}

export interface DistinguishedName {
  /** As encoded: names of issuer and subject have to be equal byte for byte. */
  readonly der: Uint8Array;
  readonly attributes: readonly NameAttribute[];
  /** One normalised string a relative name, for name constraints. */
  readonly relativeNames: readonly string[];
}

/** Text of a directory string. */
function readText(value: DerValue): string {
  const buffer = Buffer.from(value.content);
  try {
    if (value.tag === TAG.utf8String) return textOf(buffer);
    if (value.tag === TAG.bmpString && buffer.length % 2 === 0) return buffer.swap16().toString('utf16le');
    if (value.tag === TAG.teletexString) return buffer.toString('latin1');
    if (value.tag === TAG.printableString || value.tag === TAG.ia5String || value.tag === 0x12) {
      if (buffer.some((byte) => byte >= 0x80)) throw new DerFault('string outside its alphabet');
      return buffer.toString('latin1');
    }
  } catch (cause) {
    throw new DerFault('malformed string in a name', { cause });
  }
  throw new DerFault(`string type ${value.tag} in a name`);
}

/** Case and inner white space do not tell names apart, the string type does not either (RFC 5280 §7.1). */
const normalise = (text: string): string => text.normalize('NFKC').toLowerCase().trim().replace(/\s+/g, ' ');

export function readName(value: DerValue): DistinguishedName {
  const attributes: NameAttribute[] = [];
  const relativeNames: string[] = [];
  const reader = new DerReader(value.content);
  while (!reader.done) {
    const set = reader.inside(TAG.set);
    const parts: string[] = [];
    while (!set.done) {
      const pair = set.inside(TAG.sequence);
      const oid = readOid(pair.take(TAG.oid));
      const text = readText(pair.any());
      pair.end();
      attributes.push({ oid, text });
      parts.push(JSON.stringify([oid, normalise(text)]));
    }
    if (parts.length === 0) throw new DerFault('empty relative name');
    relativeNames.push(parts.sort().join('+'));
  }
  return { der: value.whole, attributes, relativeNames };
}

/** Text of an attribute that occurs exactly once; undefined where it is missing or repeated. */
export function attributeOf(name: DistinguishedName, oid: string): string | undefined {
  const [only, second] = name.attributes.filter((attribute) => attribute.oid === oid);
  return second === undefined ? only?.text : undefined;
}

/** A name of a subject; `other` stands for forms that are neither compared nor constrained here. */
export type GeneralName =
  | { readonly kind: 'dns'; readonly name: string }
  | { readonly kind: 'ip'; readonly bytes: Uint8Array }
  | { readonly kind: 'directory'; readonly name: DistinguishedName }
  | { readonly kind: 'other'; readonly tag: number };

const ascii = (bytes: Uint8Array): string => {
  if (bytes.some((byte) => byte >= 0x80)) throw new DerFault('IA5String outside its alphabet');
  return Buffer.from(bytes).toString('latin1');
};

/** One of the choices of GeneralName; the length of addresses and the form of host names are judged by who uses them. */
export function readGeneralName(value: DerValue): GeneralName {
  switch (value.tag) {
    case 0x82:
      return { kind: 'dns', name: ascii(value.content).toLowerCase() };
    case 0x87:
      return { kind: 'ip', bytes: value.content };
    case 0xa4: {
      const reader = new DerReader(value.content);
      const name = readName(reader.take(TAG.sequence));
      reader.end();
      return { kind: 'directory', name };
    }
    case 0xa0: // otherName
    case 0x81: // rfc822Name
    case 0xa3: // x400Address
    case 0xa5: // ediPartyName
    case 0x86: // uniformResourceIdentifier
    case 0x88: // registeredID
      return { kind: 'other', tag: value.tag };
    default:
      throw new DerFault(`no general name has tag ${value.tag}`);
  }
}

const LABEL = '[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?';
const HOST = new RegExp(`^${LABEL}(\\.${LABEL})*$`);

/** A host name of letters, digits and hyphens, in lower case. */
export const isHostName = (text: string): boolean => text.length <= 253 && HOST.test(text);
