/**
 * Golden vectors of the link session and its frames, read twice: by a decoder written here from the documents alone, with
 * nothing of ours but the file, and by ours. Where they differ, the document wins.
 */
import {
  createDecipheriv,
  createHash,
  createHmac,
  createPrivateKey,
  createPublicKey,
  decapsulate,
  diffieHellman,
  verify,
} from 'node:crypto';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { judgeHybrid } from '../../src/identity/index.ts';
import { judgeFinish, judgeHello, judgeReply, openReply } from '../../src/seal/session-handshake.ts';
import { confirmation, openFrame } from '../../src/seal/session-keys.ts';
import { decodeFrame, decodePacket } from '../../src/transport/codec.ts';

interface Signature {
  readonly ed25519: string;
  readonly ml_dsa_44: string;
}

interface Vectors {
  readonly network: string;
  readonly now_ms: number;
  readonly link_keys: { readonly XA: Signature; readonly XB: Signature };
  readonly hello: {
    readonly signed: string;
    readonly x25519_private: string;
    readonly ml_kem_768_seed: string;
  };
  readonly reply: { readonly signed: string; readonly signature: Signature };
  readonly session_id: string;
  readonly keys: { readonly initiator: string; readonly responder: string; readonly confirm: string };
  readonly finish: { readonly signed: string; readonly signature: Signature };
  readonly accepted: string;
  readonly request: string;
  readonly frames: ReadonlyArray<{
    readonly from: 'initiator' | 'responder';
    readonly call: number;
    readonly frame: number;
    readonly plaintext: string;
    readonly packet: string;
  }>;
}

const vectors: Vectors = JSON.parse(
  readFileSync(new URL('../vectors/session.json', import.meta.url), 'utf8'),
);
const b = (text: string): Buffer => Buffer.from(text, 'hex');

/** Protobuf fields of one message, in order: varints as numbers, the rest as bytes. */
function fieldsOf(message: Buffer): Map<number, Array<number | Buffer>> {
  const fields = new Map<number, Array<number | Buffer>>();
  let at = 0;
  const varint = (): number => {
    let value = 0;
    for (let shift = 1; ; shift *= 128) {
      const byte = message[at++] ?? 0;
      value += (byte & 127) * shift;
      if (byte < 128) return value;
    }
  };
  while (at < message.length) {
    const tag = varint();
    const field = Math.floor(tag / 8);
    let value: number | Buffer;
    if (tag % 8 === 0) value = varint();
    else if (tag % 8 === 2) {
      const length = varint();
      value = message.subarray(at, at + length);
      at += length;
    } else throw new Error(`wire type ${tag % 8}`);
    fields.set(field, [...(fields.get(field) ?? []), value]);
  }
  return fields;
}

const one = (fields: Map<number, Array<number | Buffer>>, field: number): Buffer => {
  const [value] = fields.get(field) ?? [];
  if (!(value instanceof Buffer)) throw new Error(`expected bytes in field ${field}`);
  return value;
};

function bodyOf(type: string, signed: string): Map<number, Array<number | Buffer>> {
  const prefix = Buffer.concat([Buffer.from(`tocsin/${type}/v1\n`), b(vectors.network)]);
  expect(b(signed).subarray(0, prefix.length)).toEqual(prefix);
  return fieldsOf(b(signed).subarray(prefix.length));
}

const spki = (prefix: string, raw: Buffer) =>
  createPublicKey({ key: Buffer.concat([b(prefix), raw]), format: 'der', type: 'spki' });

function bothVerify(type: string, signed: string, signature: Signature, key: Signature): boolean {
  const ed25519 = spki('302a300506032b6570032100', b(key.ed25519));
  const mlDsa = spki('30820532300b06096086480165030403110382052100', b(key.ml_dsa_44));
  return (
    verify(null, b(signed), ed25519, b(signature.ed25519)) &&
    verify(null, b(signed), { key: mlDsa, context: Buffer.from(`tocsin/${type}/v1`) }, b(signature.ml_dsa_44))
  );
}

const sha256 = (...parts: Buffer[]): Buffer => createHash('sha256').update(Buffer.concat(parts)).digest();
const hmac = (key: Buffer, data: Buffer): Buffer => createHmac('sha256', key).update(data).digest();

describe('session.json, by a second decoder', () => {
  const { hello, reply, finish } = vectors;
  const helloFields = bodyOf('hello', hello.signed);
  const replyFields = bodyOf('reply', reply.signed);

  it('names both nodes in the hello and answers it in the reply', () => {
    expect([one(helloFields, 2).toString(), one(helloFields, 3).toString()]).toEqual(['XA', 'XB']);
    expect(one(replyFields, 7)).toEqual(sha256(b(hello.signed)));
    expect(vectors.session_id).toBe(sha256(b(hello.signed), b(reply.signed)).toString('hex'));
    expect(one(bodyOf('finish', finish.signed), 1).toString('hex')).toBe(vectors.session_id);
  });

  it('is signed by both halves of both link keys', () => {
    expect(bothVerify('reply', reply.signed, reply.signature, vectors.link_keys.XB)).toBe(true);
    expect(bothVerify('finish', finish.signed, finish.signature, vectors.link_keys.XA)).toBe(true);
    expect(bothVerify('finish', finish.signed, finish.signature, vectors.link_keys.XB)).toBe(false);
  });

  it('derives its keys from both secrets', () => {
    const x25519Private = createPrivateKey({
      key: Buffer.concat([b('302e020100300506032b656e04220420'), b(hello.x25519_private)]),
      format: 'der',
      type: 'pkcs8',
    });
    const mlKem = createPrivateKey({
      key: b(hello.ml_kem_768_seed),
      format: 'raw-seed',
      asymmetricKeyType: 'ml-kem-768',
    });
    const secret = Buffer.concat([
      diffieHellman({
        privateKey: x25519Private,
        publicKey: spki('302a300506032b656e032100', one(replyFields, 4)),
      }),
      decapsulate(mlKem, one(replyFields, 5)),
    ]);
    // RFC 5869: extract, then one block of expand.
    const extracted = hmac(b(vectors.session_id), secret);
    const key = (label: string) =>
      hmac(extracted, Buffer.concat([Buffer.from(`tocsin/session/v1 ${label}`), Buffer.of(1)])).toString(
        'hex',
      );
    expect(vectors.keys).toEqual({
      initiator: key('initiator'),
      responder: key('responder'),
      confirm: key('confirm'),
    });
    expect(vectors.accepted).toBe(hmac(b(vectors.keys.confirm), b(vectors.session_id)).toString('hex'));
  });

  it('seals frames by direction, call and number', () => {
    for (const { from, call, frame, plaintext, packet } of vectors.frames) {
      const bytes = b(packet);
      expect([bytes[0], bytes[1], bytes.subarray(2, 34).toString('hex')]).toEqual([1, 2, vectors.session_id]);
      const nonce = bytes.subarray(34, 46);
      expect([nonce.readBigUInt64BE(0), nonce.readUInt32BE(8)]).toEqual([BigInt(call), frame]);
      const decipher = createDecipheriv('aes-256-gcm', b(vectors.keys[from]), nonce);
      decipher.setAAD(bytes.subarray(2, 46));
      decipher.setAuthTag(bytes.subarray(-16));
      expect(
        Buffer.concat([decipher.update(bytes.subarray(46, -16)), decipher.final()]).toString('hex'),
      ).toBe(plaintext);
    }
  });

  it('opens a call with evidence that fits its request, and ends it with a status', () => {
    const [question, answer] = vectors.frames;
    const frame = fieldsOf(b(question?.plaintext ?? ''));
    const open = fieldsOf(one(frame, 1));
    const piece = fieldsOf(one(frame, 3));
    expect([one(piece, 2).toString('hex'), piece.get(1), frame.get(4)]).toEqual([vectors.request, [6], [1]]);
    const evidence = fieldsOf(one(open, 4));
    const body = one(evidence, 1).toString('hex');
    const signature = fieldsOf(one(evidence, 2));
    const halves = {
      ed25519: one(signature, 1).toString('hex'),
      ml_dsa_44: one(signature, 2).toString('hex'),
    };
    expect(bothVerify('call', body, halves, vectors.link_keys.XA)).toBe(true);
    const said = bodyOf('call', body);
    expect([
      one(said, 1).toString(),
      one(said, 2).toString(),
      one(said, 3).toString('hex'),
      said.get(4),
    ]).toEqual(['XA', 'XB', vectors.session_id, [1]]);
    expect(one(said, 5)).toEqual(one(open, 1));
    expect(one(said, 7)).toEqual(sha256(b(vectors.request)));
    expect(fieldsOf(b(answer?.plaintext ?? '')).has(6)).toBe(true);
  });
});

describe('session.json, by ours', () => {
  const { hello, reply, finish } = vectors;
  const network = b(vectors.network);
  const scene = { network, self: 'XB', peer: 'XA', nowMs: vectors.now_ms };
  const signatureOf = ({ ed25519, ml_dsa_44 }: Signature) => ({ ed25519: b(ed25519), mlDsa44: b(ml_dsa_44) });

  it('is believed, message by message, and gives the same keys', () => {
    expect(judgeHello(scene, b(hello.signed)).ok).toBe(true);
    const judged = judgeReply(scene, b(hello.signed), b(reply.signed));
    expect(judged.ok).toBe(true);
    if (!judged.ok) return;
    const x25519 = createPrivateKey({
      key: b(hello.x25519_private),
      format: 'raw-private',
      asymmetricKeyType: 'x25519',
    });
    const mlKem = createPrivateKey({
      key: b(hello.ml_kem_768_seed),
      format: 'raw-seed',
      asymmetricKeyType: 'ml-kem-768',
    });
    const opened = openReply({ x25519, mlKem }, b(hello.signed), b(reply.signed), judged.value);
    expect(opened.ok).toBe(true);
    if (!opened.ok) return;
    const { keys, sessionId } = opened.value;
    expect(Buffer.from(sessionId).toString('hex')).toBe(vectors.session_id);
    expect(keys.initiator.export().toString('hex')).toBe(vectors.keys.initiator);
    expect(keys.responder.export().toString('hex')).toBe(vectors.keys.responder);
    expect(Buffer.from(confirmation(keys, sessionId)).toString('hex')).toBe(vectors.accepted);
    for (const { from, plaintext, packet: bytes } of vectors.frames) {
      const packet = decodePacket(b(bytes));
      expect(packet?.kind).toBe('frame');
      if (packet?.kind !== 'frame') return;
      const open = (call: bigint, frame: number) =>
        openFrame(keys[from], sessionId, call, frame, packet.sealed);
      expect(Buffer.from(open(packet.call, packet.frame) ?? []).toString('hex')).toBe(plaintext);
      expect(open(packet.call + 1n, packet.frame)).toBeUndefined();
      expect(open(packet.call, packet.frame + 1)).toBeUndefined();
      expect(decodeFrame(b(plaintext), from === 'initiator' ? 'caller' : 'callee', 0)).toBeDefined();
    }
  });

  it('is signed by those who speak', () => {
    const finished = judgeFinish(network, b(finish.signed));
    expect(finished.ok && Buffer.from(finished.value).toString('hex')).toBe(vectors.session_id);
    const { XA, XB } = vectors.link_keys;
    expect(judgeHybrid('reply', b(reply.signed), signatureOf(reply.signature), signatureOf(XB)).ok).toBe(
      true,
    );
    expect(judgeHybrid('finish', b(finish.signed), signatureOf(finish.signature), signatureOf(XA)).ok).toBe(
      true,
    );
    expect(judgeHybrid('reply', b(finish.signed), signatureOf(finish.signature), signatureOf(XA)).ok).toBe(
      false,
    );
  });
});
