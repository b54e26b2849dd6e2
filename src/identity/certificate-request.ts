/** PKCS#10 requests (RFC 2986): what is read of one is its key, and the proof that the applicant holds it. */
import { createPublicKey, type KeyObject, verify } from 'node:crypto';
import { DerFault, DerReader, onlyValue, readOctetBits, readOid, readSmallInteger, TAG } from './der.ts';
import { IdentityError } from './errors.ts';
import { pemBlocks } from './pem.ts';

/** A 16384-bit key with a long name fits. */
const PEM_CHARACTERS = 64 * 1024;

const SHA256_WITH_RSA = '1.2.840.113549.1.1.11';

function readRequestKey(der: Uint8Array): KeyObject {
  const outer = new DerReader(onlyValue(der, TAG.sequence).content);
  const info = outer.take(TAG.sequence);
  const algorithm = readOid(outer.inside(TAG.sequence).take(TAG.oid));
  const signature = readOctetBits(outer.take(TAG.bitString));
  outer.end();
  const reader = new DerReader(info.content);
  if (readSmallInteger(reader.take(TAG.integer)) !== 0) throw new DerFault('expected request version 0');
  reader.take(TAG.sequence);
  const key = createPublicKey({
    key: Buffer.from(reader.take(TAG.sequence).whole),
    format: 'der',
    type: 'spki',
  });
  if (algorithm !== SHA256_WITH_RSA || key.asymmetricKeyType !== 'rsa')
    throw new DerFault('expected an RSA key and sha256WithRSAEncryption');
  if (!verify('sha256', info.whole, key, signature)) throw new DerFault('signature does not verify');
  return key;
}

/**
 * The public key of a PEM request, after its self-signature was verified. Subject and attributes are ignored: the
 * authority states the name, never the applicant. Throws CERTIFICATE_REQUEST_INVALID.
 */
export function requestKey(pem: string): KeyObject {
  try {
    if (pem.length > PEM_CHARACTERS) throw new DerFault('too long');
    const [der] = pemBlocks(pem, ['CERTIFICATE REQUEST', 'NEW CERTIFICATE REQUEST']);
    if (der === undefined) throw new DerFault('no PEM block');
    return readRequestKey(der);
  } catch (cause) {
    throw new IdentityError({
      code: 'CERTIFICATE_REQUEST_INVALID',
      message:
        'expected a PKCS#10 request (PEM) with an RSA key, signed with SHA-256: make one with openssl req -new -sha256',
      cause,
    });
  }
}
