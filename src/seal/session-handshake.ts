/**
 * The three messages of a link session's handshake (design §6): Hello, Reply, Finish. Signed bytes in, signed bytes out;
 * who holds which session is session.ts's affair. Everything is judged before it is used: size, label, network, strict form,
 * ids, clock; then the statement; then the signature; then the keys.
 */
import {
  createPublicKey,
  decapsulate,
  diffieHellman,
  encapsulate,
  generateKeyPairSync,
  type KeyObject,
} from 'node:crypto';
import type { Random } from '../base/clock.ts';
import { CLOCK_SKEW_MS } from '../base/limits.ts';
import { believed, type Disbelieved, disbelieved, type Verdict } from '../base/verdict.ts';
import { Finish, Hello, Reply } from '../gen/tocsin/exchange/v1/session.ts';
import { Reason } from '../gen/tocsin/record/v1/reason.ts';
import { encodeSigned, judgeMessage, judgeSigned, sha256 } from '../record/index.ts';
import { deriveSessionKeys, type SessionKeys, sessionIdOf } from './session-keys.ts';

const SESSION_FORMAT = 1;
const NONCE_BYTES = 32;
const DIGEST_BYTES = 32;
const X25519_BYTES = 32;
const ML_KEM_KEY_BYTES = 1184;
const ML_KEM_CIPHERTEXT_BYTES = 1088;
/** A step without its statement and signature. */
const STEP_BYTES = 4096;

/** What both sides of a handshake know before it begins. */
export interface HandshakeScene {
  readonly network: Uint8Array;
  readonly self: string;
  readonly peer: string;
  /** SHA-256 of our key statement, and of the roster in use here. */
  readonly statementDigest: Uint8Array;
  readonly rosterDigest: Uint8Array;
  readonly nowMs: number;
}

/** Private halves of a Hello; they live until its Reply comes. */
export interface HelloSecrets {
  readonly x25519: KeyObject;
  readonly mlKem: KeyObject;
}

export interface SessionSecrets {
  readonly sessionId: Uint8Array;
  readonly keys: SessionKeys;
}

const rawPublic = (key: KeyObject): Buffer => key.export({ format: 'raw-public' });

const malformed = (detail: string): Disbelieved<Reason> => disbelieved(Reason.REASON_MALFORMED, detail);

function importKey(type: 'x25519' | 'ml-kem-768', raw: Uint8Array): KeyObject | undefined {
  try {
    return createPublicKey({ key: Buffer.from(raw), format: 'raw-public', asymmetricKeyType: type });
  } catch {
    return undefined;
  }
}

/** The shared secret; undefined for a point of small order, which would make it the same for everyone. */
function agree(privateKey: KeyObject, publicKey: KeyObject): Uint8Array | undefined {
  try {
    return diffieHellman({ privateKey, publicKey });
  } catch {
    return undefined;
  }
}

const clockFault = (at: bigint, nowMs: number): Disbelieved<Reason> | undefined => {
  const differs = Math.abs(Number(at) - nowMs);
  return differs <= CLOCK_SKEW_MS
    ? undefined
    : disbelieved(
        Reason.REASON_CLOCK_SKEW,
        `expected a clock within ${CLOCK_SKEW_MS / 1000} s of ours, the peer's differs by ${Math.round(differs / 1000)} s`,
      );
};

/** Initiator: the first message. */
export function createHello(
  scene: HandshakeScene,
  random: Random,
): { signed: Uint8Array; secrets: HelloSecrets } {
  const x25519 = generateKeyPairSync('x25519');
  const mlKem = generateKeyPairSync('ml-kem-768');
  const body = Hello.encode({
    format: SESSION_FORMAT,
    initiator: scene.self,
    responder: scene.peer,
    statementDigest: Buffer.from(scene.statementDigest),
    rosterDigest: Buffer.from(scene.rosterDigest),
    x25519: rawPublic(x25519.publicKey),
    mlKem768: rawPublic(mlKem.publicKey),
    nonce: Buffer.from(random.bytes(NONCE_BYTES)),
    at: BigInt(scene.nowMs),
  }).finish();
  return {
    signed: encodeSigned('hello', scene.network, body),
    secrets: { x25519: x25519.privateKey, mlKem: mlKem.privateKey },
  };
}

/** Responder: judges the first message, which nobody has signed yet. `scene` is the responder's. */
export function judgeHello(
  scene: Pick<HandshakeScene, 'network' | 'self' | 'peer' | 'nowMs'>,
  signed: Uint8Array,
): Verdict<Hello, Reason> {
  const body = judgeSigned('hello', scene.network, signed);
  if (!body.ok) return body;
  const parsed = judgeMessage(Hello, 'tocsin.exchange.v1.Hello', body.value, STEP_BYTES);
  if (!parsed.ok) return parsed;
  const hello = parsed.value;
  if (hello.format < SESSION_FORMAT)
    return disbelieved(
      Reason.REASON_FORMAT_UNSUPPORTED,
      `expected format ${SESSION_FORMAT} or higher, got ${hello.format}`,
    );
  if (hello.responder !== scene.self)
    return disbelieved(
      Reason.REASON_WRONG_DESTINATION,
      `the hello is for ${hello.responder.slice(0, 12)}, this is ${scene.self}`,
    );
  if (hello.initiator !== scene.peer || hello.initiator === scene.self)
    return disbelieved(
      Reason.REASON_WRONG_SENDER,
      `the hello names ${hello.initiator.slice(0, 12)}, it came as ${scene.peer}`,
    );
  if (
    hello.statementDigest.length !== DIGEST_BYTES ||
    hello.rosterDigest.length !== DIGEST_BYTES ||
    hello.x25519.length !== X25519_BYTES ||
    hello.mlKem768.length !== ML_KEM_KEY_BYTES ||
    hello.nonce.length !== NONCE_BYTES
  )
    return malformed('a digest, key or nonce of the hello has a wrong length');
  return clockFault(hello.at, scene.nowMs) ?? believed(hello);
}

/** Responder: the second message, to be signed under `reply`, and the session that it makes once the Finish is taken. */
export function createReply(
  scene: HandshakeScene,
  helloSigned: Uint8Array,
  hello: Hello,
  random: Random,
): Verdict<SessionSecrets & { readonly signed: Uint8Array }, Reason> {
  const theirX25519 = importKey('x25519', hello.x25519);
  const theirMlKem = importKey('ml-kem-768', hello.mlKem768);
  if (theirX25519 === undefined || theirMlKem === undefined)
    return malformed('an ephemeral key of the hello is none');
  const x25519 = generateKeyPairSync('x25519');
  const x25519Secret = agree(x25519.privateKey, theirX25519);
  if (x25519Secret === undefined) return malformed('the x25519 key of the hello has small order');
  const { sharedKey, ciphertext } = encapsulate(theirMlKem);
  const body = Reply.encode({
    format: SESSION_FORMAT,
    statementDigest: Buffer.from(scene.statementDigest),
    rosterDigest: Buffer.from(scene.rosterDigest),
    x25519: rawPublic(x25519.publicKey),
    mlKem768Ciphertext: Buffer.from(ciphertext),
    nonce: Buffer.from(random.bytes(NONCE_BYTES)),
    helloDigest: Buffer.from(sha256(helloSigned)),
    at: BigInt(scene.nowMs),
  }).finish();
  const signed = encodeSigned('reply', scene.network, body);
  const sessionId = sessionIdOf(helloSigned, signed);
  return believed({ signed, sessionId, keys: deriveSessionKeys(x25519Secret, sharedKey, sessionId) });
}

/** Initiator: the form of the second message. Its signature is judged next, by the statement that it names. */
export function judgeReply(
  scene: Pick<HandshakeScene, 'network' | 'nowMs'>,
  helloSigned: Uint8Array,
  signed: Uint8Array,
): Verdict<Reply, Reason> {
  const body = judgeSigned('reply', scene.network, signed);
  if (!body.ok) return body;
  const parsed = judgeMessage(Reply, 'tocsin.exchange.v1.Reply', body.value, STEP_BYTES);
  if (!parsed.ok) return parsed;
  const reply = parsed.value;
  if (reply.format !== SESSION_FORMAT)
    return disbelieved(
      Reason.REASON_FORMAT_UNSUPPORTED,
      `expected format ${SESSION_FORMAT}, got ${reply.format}`,
    );
  if (
    !sha256(helloSigned).every((byte, index) => byte === reply.helloDigest[index]) ||
    reply.helloDigest.length !== DIGEST_BYTES
  )
    return disbelieved(Reason.REASON_REPLAY, 'the reply answers another hello');
  if (
    reply.statementDigest.length !== DIGEST_BYTES ||
    reply.rosterDigest.length !== DIGEST_BYTES ||
    reply.x25519.length !== X25519_BYTES ||
    reply.mlKem768Ciphertext.length !== ML_KEM_CIPHERTEXT_BYTES ||
    reply.nonce.length !== NONCE_BYTES
  )
    return malformed('a digest, key or nonce of the reply has a wrong length');
  return clockFault(reply.at, scene.nowMs) ?? believed(reply);
}

/** Initiator: the session of a Reply whose signature was believed. */
export function openReply(
  secrets: HelloSecrets,
  helloSigned: Uint8Array,
  replySigned: Uint8Array,
  reply: Reply,
): Verdict<SessionSecrets, Reason> {
  const theirX25519 = importKey('x25519', reply.x25519);
  const x25519Secret = theirX25519 && agree(secrets.x25519, theirX25519);
  if (x25519Secret === undefined) return malformed('the x25519 key of the reply is none, or has small order');
  const mlKemSecret = decapsulate(secrets.mlKem, reply.mlKem768Ciphertext);
  const sessionId = sessionIdOf(helloSigned, replySigned);
  return believed({ sessionId, keys: deriveSessionKeys(x25519Secret, mlKemSecret, sessionId) });
}

/** Initiator: the third message, to be signed under `finish`. */
export const createFinish = (network: Uint8Array, sessionId: Uint8Array): Uint8Array =>
  encodeSigned('finish', network, Finish.encode({ transcriptDigest: Buffer.from(sessionId) }).finish());

/** Responder: the session id that the third message names. Its signature is judged next. */
export function judgeFinish(network: Uint8Array, signed: Uint8Array): Verdict<Uint8Array, Reason> {
  const body = judgeSigned('finish', network, signed);
  if (!body.ok) return body;
  const parsed = judgeMessage(Finish, 'tocsin.exchange.v1.Finish', body.value, STEP_BYTES);
  if (!parsed.ok) return parsed;
  if (parsed.value.transcriptDigest.length !== DIGEST_BYTES)
    return malformed('expected a transcript digest of 32 bytes');
  return believed(parsed.value.transcriptDigest);
}
