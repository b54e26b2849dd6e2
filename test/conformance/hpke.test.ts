/**
 * HPKE with MLKEM768-X25519: the draft's own vector through the library that seal/ uses, and through a second
 * implementation. The hybrid KEM is a draft: when its vectors change, sealed parcels change with them.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  AEAD_AES_256_GCM,
  AEAD_ChaCha20Poly1305,
  CipherSuite,
  KDF_HKDF_SHA256,
  KEM_MLKEM768_X25519,
} from 'hpke';
import { describe, expect, test } from 'vitest';
import { fromHex, hex, utf8 } from '../../src/base/bytes.ts';
import { hybridPublicKey, keySchedule, openFirst } from '../support/hpke-reference.ts';

const vector: {
  readonly info: string;
  readonly ikmR: string;
  readonly skRm: string;
  readonly pkRm: string;
  readonly enc: string;
  readonly shared_secret: string;
  readonly key: string;
  readonly base_nonce: string;
  readonly encryptions: readonly { readonly aad: string; readonly ct: string; readonly pt: string }[];
} = JSON.parse(readFileSync(join(import.meta.dirname, '../vectors/hpke/mlkem768-x25519.json'), 'utf8'));

const suite = new CipherSuite(KEM_MLKEM768_X25519, KDF_HKDF_SHA256, AEAD_ChaCha20Poly1305);

describe('draft-ietf-hpke-pq, KEM 0x647a with KDF 0x0001', () => {
  test('the library derives the key pair of the vector', async () => {
    const pair = await suite.DeriveKeyPair(fromHex(vector.ikmR), true);
    expect(hex(await suite.SerializePublicKey(pair.publicKey))).toBe(vector.pkRm);
    expect(hex(await suite.SerializePrivateKey(pair.privateKey))).toBe(vector.skRm);
  });

  test('the library opens the messages of the vector', async () => {
    const key = await suite.DeserializePrivateKey(fromHex(vector.skRm));
    const context = await suite.SetupRecipient(key, fromHex(vector.enc), { info: fromHex(vector.info) });
    for (const { aad, ct, pt } of vector.encryptions)
      expect(hex(await context.Open(fromHex(ct), fromHex(aad)))).toBe(pt);
  });

  test('the second implementation reaches the secrets and the first message of the vector', () => {
    const input = {
      seed: fromHex(vector.skRm),
      enc: fromHex(vector.enc),
      info: fromHex(vector.info),
      aeadId: 3 as const,
    };
    expect(hex(hybridPublicKey(input.seed))).toBe(vector.pkRm);
    const schedule = keySchedule(input);
    expect(hex(schedule.sharedSecret)).toBe(vector.shared_secret);
    expect(hex(schedule.key)).toBe(vector.key);
    expect(hex(schedule.baseNonce)).toBe(vector.base_nonce);
    const [first = { aad: '', ct: '', pt: '' }] = vector.encryptions;
    const opened = openFirst({ ...input, aad: fromHex(first.aad), ciphertext: fromHex(first.ct) });
    expect(hex(opened)).toBe(first.pt);
  });

  test('with AES-256-GCM, our suite, the second implementation opens what the library seals', async () => {
    const ours = new CipherSuite(KEM_MLKEM768_X25519, KDF_HKDF_SHA256, AEAD_AES_256_GCM);
    const pair = await ours.GenerateKeyPair(true);
    const [info, aad] = [utf8('info'), utf8('aad')];
    const sealed = await ours.Seal(pair.publicKey, utf8('tocsin'), { info, aad });
    const input = {
      seed: await ours.SerializePrivateKey(pair.privateKey),
      enc: sealed.encapsulatedSecret,
      info,
      aeadId: 2 as const,
      ciphertext: sealed.ciphertext,
    };
    expect(openFirst({ ...input, aad }).toString()).toBe('tocsin');
    expect(() => openFirst({ ...input, aad: utf8('other') })).toThrow();
  });
});
