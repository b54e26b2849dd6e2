/** A certificate request as openssl writes it (RFC 2986), made here so that no program has to be there. */
import { createPublicKey, sign } from 'node:crypto';
import { utf8 } from '../../src/base/bytes.ts';
import { encodeDer, encodeOid, TAG } from '../../src/identity/der.ts';
import { testRsaKey } from '../support/rsa-keys.ts';

export function testRequestPem(): string {
  const key = testRsaKey(3072, 0);
  const spki = createPublicKey(key).export({ type: 'spki', format: 'der' });
  const name = encodeDer(
    TAG.sequence,
    encodeDer(
      TAG.set,
      encodeDer(TAG.sequence, encodeOid('2.5.4.3'), encodeDer(TAG.utf8String, utf8('Anna'))),
    ),
  );
  const info = encodeDer(TAG.sequence, encodeDer(TAG.integer, Uint8Array.of(0)), name, spki, encodeDer(0xa0));
  const algorithm = encodeDer(TAG.sequence, encodeOid('1.2.840.113549.1.1.11'), encodeDer(TAG.null));
  const signature = encodeDer(TAG.bitString, Uint8Array.of(0), sign('sha256', info, key));
  const der = Buffer.from(encodeDer(TAG.sequence, info, algorithm, signature)).toString('base64');
  const lines = der.match(/.{1,64}/g) ?? [];
  return `-----BEGIN CERTIFICATE REQUEST-----\n${lines.join('\n')}\n-----END CERTIFICATE REQUEST-----\n`;
}
