/**
 * Keys of a link session and what they protect (design §6). Pure: no state, no clock.
 *
 *   session id  = SHA-256(Hello's signed bytes ‖ Reply's signed bytes)          the transcript, and the salt
 *   secret      = X25519 shared secret ‖ ML-KEM-768 shared secret
 *   key(label)  = HKDF-SHA256(secret, salt = session id, info = "tocsin/session/v1 " ‖ label, 32 bytes)
 *   labels      = "initiator" and "responder", the side that sends with the key; "confirm"
 *   frame       = AES-256-GCM(key, nonce = call(8) ‖ frame(4), AAD = session id ‖ nonce), tag at the end
 */
import {
  createCipheriv,
  createDecipheriv,
  createHmac,
  createSecretKey,
  hkdfSync,
  type KeyObject,
} from 'node:crypto';
import { concat, utf8 } from '../base/bytes.ts';
import { sha256 } from '../record/index.ts';

export type SessionSide = 'initiator' | 'responder';

export interface SessionKeys {
  readonly initiator: KeyObject;
  readonly responder: KeyObject;
  readonly confirm: KeyObject;
}

const SESSION_ID_BYTES = 32;
const TAG_BYTES = 16;
const NONCE_BYTES = 12;

export const sessionIdOf = (hello: Uint8Array, reply: Uint8Array): Uint8Array => sha256(hello, reply);

export function deriveSessionKeys(
  x25519Secret: Uint8Array,
  mlKemSecret: Uint8Array,
  sessionId: Uint8Array,
): SessionKeys {
  const secret = concat(x25519Secret, mlKemSecret);
  const key = (label: string): KeyObject =>
    createSecretKey(
      Buffer.from(hkdfSync('sha256', secret, sessionId, utf8(`tocsin/session/v1 ${label}`), 32)),
    );
  const keys = { initiator: key('initiator'), responder: key('responder'), confirm: key('confirm') };
  secret.fill(0);
  return keys;
}

/** What the responder says when it has taken the Finish: it holds the keys. */
export const confirmation = (keys: SessionKeys, sessionId: Uint8Array): Uint8Array =>
  createHmac('sha256', keys.confirm).update(sessionId).digest();

/** Session id ‖ call ‖ frame: additional data, whose last 12 bytes are the nonce. */
function bindingOf(sessionId: Uint8Array, call: bigint, frame: number): Buffer {
  const binding = Buffer.allocUnsafe(SESSION_ID_BYTES + NONCE_BYTES);
  binding.set(sessionId, 0);
  binding.writeBigUInt64BE(call, SESSION_ID_BYTES);
  binding.writeUInt32BE(frame, SESSION_ID_BYTES + 8);
  return binding;
}

/** Seals a frame. The caller never seals two frames of one direction under one (call, frame). */
export function sealFrame(
  key: KeyObject,
  sessionId: Uint8Array,
  call: bigint,
  frame: number,
  plaintext: Uint8Array,
): Uint8Array {
  const binding = bindingOf(sessionId, call, frame);
  const cipher = createCipheriv('aes-256-gcm', key, binding.subarray(SESSION_ID_BYTES), {
    authTagLength: TAG_BYTES,
  });
  cipher.setAAD(binding);
  const body = cipher.update(plaintext);
  cipher.final();
  return concat(body, cipher.getAuthTag());
}

/** Undefined where the bytes are not this frame. */
export function openFrame(
  key: KeyObject,
  sessionId: Uint8Array,
  call: bigint,
  frame: number,
  sealed: Uint8Array,
): Uint8Array | undefined {
  if (sealed.length < TAG_BYTES) return undefined;
  const binding = bindingOf(sessionId, call, frame);
  const decipher = createDecipheriv('aes-256-gcm', key, binding.subarray(SESSION_ID_BYTES), {
    authTagLength: TAG_BYTES,
  });
  decipher.setAAD(binding);
  decipher.setAuthTag(sealed.subarray(sealed.length - TAG_BYTES));
  const plaintext = decipher.update(sealed.subarray(0, sealed.length - TAG_BYTES));
  try {
    decipher.final();
  } catch {
    return undefined;
  }
  return plaintext;
}
