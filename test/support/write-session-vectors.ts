/**
 * Writes test/vectors/session.json anew: `node test/support/write-session-vectors.ts`. Only for a change of the wire format,
 * which is a new format number. The keys in it exist nowhere else.
 */
import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { hex } from '../../src/base/bytes.ts';
import { systemRandom } from '../../src/base/clock.ts';
import { generateHybrid, signHybrid } from '../../src/identity/index.ts';
import { LinkSession } from '../../src/seal/session-call.ts';
import { createFinish, createHello, createReply, judgeHello } from '../../src/seal/session-handshake.ts';
import { confirmation } from '../../src/seal/session-keys.ts';
import { emptyFrame, encodeFrame, encodeFramePacket } from '../../src/transport/codec.ts';

const network = createHash('sha256').update('tocsin test vectors: session').digest();
const nowMs = Date.UTC(2026, 0, 15, 12, 0, 0);
const digestOf = (text: string) => createHash('sha256').update(text).digest();
const keys = { XA: generateHybrid(), XB: generateHybrid() };
const scene = (self: 'XA' | 'XB', peer: 'XA' | 'XB') => ({
  network,
  self,
  peer,
  nowMs,
  statementDigest: digestOf(`statement of ${self}`),
  rosterDigest: digestOf('roster'),
});

const hello = createHello(scene('XA', 'XB'), systemRandom);
const judged = judgeHello(scene('XB', 'XA'), hello.signed);
if (!judged.ok) throw new Error(judged.detail);
const reply = createReply(scene('XB', 'XA'), hello.signed, judged.value, systemRandom);
if (!reply.ok) throw new Error(reply.detail);
const { signed: replySigned, sessionId, keys: sessionKeys } = reply.value;
const finish = createFinish(network, sessionId);

const session = (self: 'XA' | 'XB', peer: 'XA' | 'XB') =>
  new LinkSession(
    {
      network,
      self,
      peer,
      side: self === 'XA' ? 'initiator' : 'responder',
      id: sessionId,
      keys: sessionKeys,
      peerLinkKey: keys[peer].publicKey,
      peerStatementDigest: digestOf(`statement of ${peer}`),
      peerRosterDigest: digestOf('roster'),
      beganAt: 0,
    },
    {
      sign: (type, body) => signHybrid(type, body, keys[self].privateKey),
      clock: { nowMs: () => nowMs },
      monotonicMs: () => 0,
    },
  );

const call = session('XA', 'XB').begin();
const request = Buffer.from('0a0470696e67', 'hex');
const claim = {
  method: '/tocsin.exchange.v1.ExchangeService/Backfill',
  deadlineAt: nowMs + 5000,
  requestDigest: createHash('sha256').update(request).digest(),
};
const evidence = await call.sign(claim);
const question = encodeFrame({
  ...emptyFrame(),
  open: {
    method: claim.method,
    timeoutMs: 5000,
    metadata: { entries: [{ key: 'x-trace-bin', value: Buffer.from([0, 255]) }] },
    evidence: Buffer.from(evidence),
  },
  pieces: [{ size: request.length, data: request }],
  halfClose: true,
});
const first = call.seal(question);
const accepted = session('XB', 'XA').accept(call.number, first.frame, first.sealed);
if (accepted === undefined) throw new Error('the frame does not open');
const answer = encodeFrame({
  ...emptyFrame(),
  pieces: [{ size: 0, data: Buffer.alloc(0) }],
  status: { code: 0, message: '', details: Buffer.alloc(0), trailer: { entries: [] } },
});
const second = accepted.call.seal(answer);

const publicOf = (node: 'XA' | 'XB') => ({
  ed25519: hex(keys[node].publicKey.ed25519),
  ml_dsa_44: hex(keys[node].publicKey.mlDsa44),
});
const signature = async (type: 'reply' | 'finish', body: Uint8Array, node: 'XA' | 'XB') => {
  const made = await signHybrid(type, body, keys[node].privateKey);
  return { ed25519: hex(made.ed25519), ml_dsa_44: hex(made.mlDsa44) };
};
const raw = (format: 'raw-private' | 'raw-seed', key: typeof hello.secrets.x25519) =>
  hex(key.export({ format }));
const packet = (frame: { frame: number; sealed: Uint8Array }) =>
  hex(encodeFramePacket(sessionId, call.number, frame.frame, frame.sealed));

const vectors = {
  about:
    'One handshake of a link session between XA (initiator) and XB (responder), and one call in it. All bytes in hexadecimal. See test/vectors/README.md.',
  network: hex(network),
  now_ms: nowMs,
  link_keys: { XA: publicOf('XA'), XB: publicOf('XB') },
  hello: {
    signed: hex(hello.signed),
    x25519_private: raw('raw-private', hello.secrets.x25519),
    ml_kem_768_seed: raw('raw-seed', hello.secrets.mlKem),
  },
  reply: { signed: hex(replySigned), signature: await signature('reply', replySigned, 'XB') },
  session_id: hex(sessionId),
  keys: {
    initiator: hex(sessionKeys.initiator.export()),
    responder: hex(sessionKeys.responder.export()),
    confirm: hex(sessionKeys.confirm.export()),
  },
  finish: { signed: hex(finish), signature: await signature('finish', finish, 'XA') },
  accepted: hex(confirmation(sessionKeys, sessionId)),
  request: hex(request),
  frames: [
    { from: 'initiator', call: 1, frame: 0, plaintext: hex(question), packet: packet(first) },
    { from: 'responder', call: 1, frame: 0, plaintext: hex(answer), packet: packet(second) },
  ],
};
writeFileSync(new URL('../vectors/session.json', import.meta.url), `${JSON.stringify(vectors, null, 1)}\n`);
