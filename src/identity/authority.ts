/**
 * The only user of node-forge, which is loaded when the first certificate is made. Forge lays out certificates and PKCS#12
 * files; every signature is made by node:crypto, and forge judges nothing (its verification has a history of CVEs).
 */
import { createPrivateKey, type KeyObject, randomBytes, sign } from 'node:crypto';
import type forge from 'node-forge';
import { hex } from '../base/bytes.ts';
import { type IssuedExtension, serialNumber } from './authority-values.ts';
import { certificatesFromPem, parseCertificate } from './certificate.ts';
import { ATTRIBUTE } from './certificate-name.ts';
import { IdentityError } from './errors.ts';

/** One attribute of a subject. */
export type Attribute = readonly [oid: string, text: string];

/** What a certificate is to say. */
export interface CertificateOrder {
  readonly subject: readonly Attribute[];
  readonly publicKey: KeyObject;
  readonly notBeforeMs: number;
  readonly notAfterMs: number;
  readonly extensions: readonly IssuedExtension[];
}

const loadForge = async (): Promise<typeof forge> => (await import('node-forge')).default;

const binary = (bytes: Uint8Array): string => Buffer.from(bytes).toString('latin1');

/**
 * A certificate (PEM) as forge builds it and node:crypto signs it, under this issuer; without one it is self-signed. Says
 * nothing of whether anybody would believe it.
 */
export async function buildCertificate(
  order: CertificateOrder,
  issuerKey: KeyObject,
  issuerCertPem?: string,
): Promise<string> {
  const lib = await loadForge();
  const certificate = lib.pki.createCertificate();
  const spki = String(order.publicKey.export({ type: 'spki', format: 'pem' }));
  certificate.publicKey = lib.pki.publicKeyFromPem(spki);
  certificate.serialNumber = hex(serialNumber(randomBytes(16)));
  certificate.validity.notBefore = new Date(order.notBeforeMs);
  certificate.validity.notAfter = new Date(order.notAfterMs);
  // The UTF8 tag: forge writes PrintableString by default, in which a name like Côte d'Ivoire has no encoding.
  const subject = order.subject.map(([type, value]) => ({
    type,
    value,
    valueTagClass: type === ATTRIBUTE.country ? lib.asn1.Type.PRINTABLESTRING : lib.asn1.Type.UTF8,
  })) as unknown as forge.pki.CertificateField[];
  certificate.setSubject(subject);
  certificate.setIssuer(issuerCertPem === undefined ? subject : subjectFields(lib, issuerCertPem));
  certificate.setExtensions(
    order.extensions.map(({ id, critical, value }) => ({ id, critical, value: binary(value) })),
  );
  // Forge hands the bytes to a digest and the digest to a key. The digest given here only keeps the bytes.
  let toBeSigned = '';
  const digest = { algorithm: 'sha256', update: (bytes: string) => (toBeSigned = bytes) };
  const key = { sign: () => binary(sign('sha256', Buffer.from(toBeSigned, 'latin1'), issuerKey)) };
  certificate.sign(key as unknown as forge.pki.rsa.PrivateKey, digest as unknown as forge.md.MessageDigest);
  return lib.pki.certificateToPem(certificate).replace(/\r\n/g, '\n');
}

/** The issuer's subject in forge's form. Forge reads UTF-8 as bytes and would encode them a second time. */
function subjectFields(lib: typeof forge, certPem: string): forge.pki.CertificateField[] {
  const { attributes } = lib.pki.certificateFromPem(certPem).subject;
  return attributes.map((field) =>
    Number(field.valueTagClass) === lib.asn1.Type.UTF8
      ? { ...field, value: lib.util.decodeUtf8(String(field.value)) }
      : field,
  );
}

/**
 * A PKCS#12 file for a browser or key store. Encrypted with AES-256 under the password; forge authenticates it with a
 * SHA-1 MAC, so the password and the transport have to protect it.
 */
export async function toPkcs12(
  issued: { readonly keyPem: string; readonly chainPem: string },
  options: { readonly password: string; readonly friendlyName: string },
): Promise<Uint8Array> {
  if (options.password.length < 8)
    throw new IdentityError({
      code: 'AUTHORITY_INPUT_INVALID',
      message: 'expected a password of at least 8 characters',
    });
  const lib = await loadForge();
  // Forge reads PKCS#1 only.
  const key = createPrivateKey(issued.keyPem).export({ type: 'pkcs1', format: 'pem' });
  const chain = certificatesFromPem(issued.chainPem).map((der) => {
    const { tbs, signature } = parseCertificate(der);
    // Signed bytes and signature as they are: forge cannot read large arcs, and would encode UTF-8 names twice.
    return Object.assign(lib.pki.createCertificate(), {
      tbsCertificate: lib.asn1.fromDer(binary(tbs)),
      signatureOid: lib.pki.oids.sha256WithRSAEncryption,
      signature: binary(signature),
    });
  });
  const asn1 = lib.pkcs12.toPkcs12Asn1(lib.pki.privateKeyFromPem(String(key)), chain, options.password, {
    algorithm: 'aes256',
    friendlyName: options.friendlyName,
  });
  return new Uint8Array(Buffer.from(lib.asn1.toDer(asn1).getBytes(), 'latin1'));
}
