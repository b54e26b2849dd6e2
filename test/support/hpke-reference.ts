/**
 * A second HPKE recipient (RFC 9180 base mode, KEM 0x647a, HKDF-SHA256), written from the documents over node:crypto alone,
 * so that vectors are read by something that shares no code with the library under test. One message only.
 */
import {
  createDecipheriv,
  createHash,
  createHmac,
  createPrivateKey,
  createPublicKey,
  decapsulate,
  diffieHellman,
  type KeyObject,
} from 'node:crypto';

const bytes = (...parts: readonly (Uint8Array | string)[]): Buffer =>
  Buffer.concat(parts.map((part) => Buffer.from(part)));
const i2osp = (value: number): Buffer => Buffer.from([value >> 8, value & 0xff]);

/** PKCS#8 around an ML-KEM seed (RFC 9935 §6) and an X25519 key (RFC 8410 §7). */
const ML_KEM_768 = '3054020100300b060960864801650304040204428040';
const X25519 = '302e020100300506032b656e04220420';
const X25519_PUBLIC = '302a300506032b656e032100';

const privateKey = (prefix: string, raw: Uint8Array): KeyObject =>
  createPrivateKey({ key: bytes(Buffer.from(prefix, 'hex'), raw), format: 'der', type: 'pkcs8' });

/** The seed grows into both private keys. */
function expandSeed(seed: Uint8Array): { readonly mlKem: KeyObject; readonly x25519: KeyObject } {
  const expanded = createHash('shake256', { outputLength: 96 }).update(seed).digest();
  return {
    mlKem: privateKey(ML_KEM_768, expanded.subarray(0, 64)),
    x25519: privateKey(X25519, expanded.subarray(64)),
  };
}

/** Public half of a seed: 1184 bytes of ML-KEM-768, 32 of X25519. */
export function hybridPublicKey(seed: Uint8Array): Buffer {
  const { mlKem, x25519 } = expandSeed(seed);
  const raw = (key: KeyObject, length: number): Buffer =>
    createPublicKey(key).export({ type: 'spki', format: 'der' }).subarray(-length);
  return bytes(raw(mlKem, 1184), raw(x25519, 32));
}

/** MLKEM768-X25519 (draft-irtf-cfrg-concrete-hybrid-kems): SHA3-256 joins both secrets. */
function decapsulateHybrid(seed: Uint8Array, enc: Uint8Array): Buffer {
  const { mlKem, x25519 } = expandSeed(seed);
  const share = enc.subarray(1088);
  const ephemeral = createPublicKey({
    key: bytes(Buffer.from(X25519_PUBLIC, 'hex'), share),
    format: 'der',
    type: 'spki',
  });
  const ours = createPublicKey(x25519).export({ type: 'spki', format: 'der' }).subarray(-32);
  const secrets = [
    decapsulate(mlKem, enc.subarray(0, 1088)),
    diffieHellman({ privateKey: x25519, publicKey: ephemeral }),
  ];
  return createHash('sha3-256')
    .update(bytes(...secrets, share, ours, '\\.//^\\'))
    .digest();
}

interface Schedule {
  readonly sharedSecret: Buffer;
  readonly key: Buffer;
  readonly baseNonce: Buffer;
}

/** RFC 9180 §5.1, KeyScheduleR in base mode. */
export function keySchedule(options: {
  readonly seed: Uint8Array;
  readonly enc: Uint8Array;
  readonly info: Uint8Array;
  readonly aeadId: number;
}): Schedule {
  const { seed, enc, info, aeadId } = options;
  const suiteId = bytes('HPKE', i2osp(0x647a), i2osp(0x0001), i2osp(aeadId));
  const extract = (salt: Uint8Array, label: string, input: Uint8Array): Buffer =>
    createHmac('sha256', salt)
      .update(bytes('HPKE-v1', suiteId, label, input))
      .digest();
  const sharedSecret = decapsulateHybrid(seed, enc);
  const none = Buffer.alloc(0);
  const context = bytes(
    Buffer.from([0]),
    extract(none, 'psk_id_hash', none),
    extract(none, 'info_hash', info),
  );
  const secret = extract(sharedSecret, 'secret', none);
  const expand = (label: string, length: number): Buffer => {
    let out: Buffer = Buffer.alloc(0);
    const labelled = bytes(i2osp(length), 'HPKE-v1', suiteId, label, context);
    for (let block: Buffer = Buffer.alloc(0), counter = 1; out.length < length; counter++) {
      block = createHmac('sha256', secret)
        .update(bytes(block, labelled, Buffer.from([counter])))
        .digest();
      out = bytes(out, block);
    }
    return out.subarray(0, length);
  };
  return { sharedSecret, key: expand('key', 32), baseNonce: expand('base_nonce', 12) };
}

/** The first message of a context with AES-256-GCM (0x0002) or ChaCha20-Poly1305 (0x0003); throws where it was altered. */
export function openFirst(options: {
  readonly seed: Uint8Array;
  readonly enc: Uint8Array;
  readonly info: Uint8Array;
  readonly aeadId: 2 | 3;
  readonly aad: Uint8Array;
  readonly ciphertext: Uint8Array;
}): Buffer {
  const { key, baseNonce } = keySchedule(options);
  const { aad, ciphertext } = options;
  const cipher = options.aeadId === 2 ? ('aes-256-gcm' as const) : ('chacha20-poly1305' as const);
  const decipher =
    cipher === 'aes-256-gcm'
      ? createDecipheriv(cipher, key, baseNonce)
      : createDecipheriv(cipher, key, baseNonce, { authTagLength: 16 });
  decipher.setAAD(aad, { plaintextLength: ciphertext.length - 16 });
  decipher.setAuthTag(ciphertext.subarray(-16));
  return bytes(decipher.update(ciphertext.subarray(0, -16)), decipher.final());
}
