/**
 * Golden vectors of what nodes exchange: checkpoint, manifest, skip, receipt, evidence of a call. Each is read by two decoders
 * that are not ours (second-decoder.ts); signatures are verified with keys imported another way than ours. Only then is our
 * own code asked.
 */
import { createHash, createPublicKey, createSecretKey, verify } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { Verdict } from '../../src/base/verdict.ts';
import { encodeManifest, encodeSkip, judgeManifest, judgeSkip } from '../../src/exchange/parcel.ts';
import { SignedCallEvidence } from '../../src/gen/tocsin/exchange/v1/session.ts';
import type { HybridSignature } from '../../src/gen/tocsin/record/v1/identity.ts';
import type { Reason } from '../../src/gen/tocsin/record/v1/reason.ts';
import { judgeHybrid } from '../../src/identity/index.ts';
import { judgeSignedCheckpoint, leafHash } from '../../src/merkle/index.ts';
import { judgeFacets, judgeHeader, reasonName, type SignedType } from '../../src/record/index.ts';
import { LinkSession, SessionCall } from '../../src/seal/session-call.ts';
import { CALL, decodeByHand, fieldsOf, MANIFEST, RECEIPT, reread, SKIP } from '../support/second-decoder.ts';

interface Halves {
  readonly ed25519: string;
  readonly ml_dsa_44: string;
}
interface Spoilt {
  readonly name: string;
  readonly expect: string;
  /** Byte whose lowest bit is turned, from the end where negative; bytes cut off at the end. */
  readonly at?: number;
  readonly cut?: number;
}
interface SignedVector {
  readonly network: string;
  readonly now_ms: number;
  readonly link_key: Halves;
  readonly message: unknown;
  readonly signed: string;
  readonly signature: Halves;
  readonly refused: readonly Spoilt[];
  readonly refused_signatures: ReadonlyArray<{
    readonly name: string;
    readonly half: keyof Halves;
    readonly at?: number;
    readonly expect: string;
  }>;
}

const read = <Shape>(file: string): Shape =>
  JSON.parse(readFileSync(new URL(`../vectors/${file}.json`, import.meta.url), 'utf8')) as Shape;
const b = (text: string): Buffer => Buffer.from(text, 'hex');
const sha256 = (...parts: Uint8Array[]): Buffer => createHash('sha256').update(Buffer.concat(parts)).digest();
const outcome = (verdict: Verdict<unknown, Reason>): string =>
  verdict.ok ? 'believed' : reasonName(verdict.reason);

function altered(text: string, { at, cut = 0 }: Pick<Spoilt, 'at' | 'cut'>): Buffer {
  const bytes = b(text).subarray(0, text.length / 2 - cut);
  if (at === undefined) return bytes;
  const index = at < 0 ? bytes.length + at : at;
  bytes[index] = (bytes[index] ?? 0) ^ 1;
  return bytes;
}

/** Body of signed bytes whose label and network are as they should be. */
function bodyOf(type: SignedType, vector: { readonly network: string }, signed: Buffer): Buffer {
  const label = `tocsin/${type}/v1\n`;
  expect(signed.subarray(0, label.length).toString('latin1')).toBe(label);
  expect(signed.subarray(label.length, label.length + 32).toString('hex')).toBe(vector.network);
  return signed.subarray(label.length + 32);
}

const jwk = (key: Halves) => ({
  ed25519: createPublicKey({
    format: 'jwk',
    key: { kty: 'OKP', crv: 'Ed25519', x: b(key.ed25519).toString('base64url') },
  }),
  mlDsa44: createPublicKey({
    format: 'jwk',
    key: { kty: 'AKP', alg: 'ML-DSA-44', pub: b(key.ml_dsa_44).toString('base64url') },
  }),
});

function bothVerify(type: SignedType, vector: SignedVector): boolean {
  const { ed25519, mlDsa44 } = jwk(vector.link_key);
  const context = Buffer.from(`tocsin/${type}/v1`);
  return (
    verify(null, b(vector.signed), ed25519, b(vector.signature.ed25519)) &&
    verify(null, b(vector.signed), { key: mlDsa44, context }, b(vector.signature.ml_dsa_44))
  );
}

const hybrid = ({ ed25519, ml_dsa_44 }: Halves): HybridSignature => ({
  ed25519: b(ed25519),
  mlDsa44: b(ml_dsa_44),
});

// ── ours ──

const manifest = read<SignedVector & { readonly digest: string }>('manifest');
const skip = read<SignedVector>('skip');
const call = read<
  SignedVector & {
    readonly session_id: string;
    readonly method: string;
    readonly deadline: number;
    readonly request: string;
    readonly refused_claims: ReadonlyArray<{
      readonly name: string;
      readonly method?: string;
      readonly request?: string;
      readonly deadline?: number;
    }>;
  }
>('call-evidence');

/** Our judge of the caller's evidence, at the callee. */
function judgeCall(
  evidence: { readonly body: Buffer; readonly signature: HybridSignature | undefined },
  asked: { readonly method: string; readonly request: string; readonly deadline: number } = call,
): Verdict<unknown, Reason> {
  const key = createSecretKey(Buffer.alloc(32));
  const session = new LinkSession(
    {
      network: b(call.network),
      self: 'XA',
      peer: 'XB',
      side: 'responder',
      id: b(call.session_id),
      keys: { initiator: key, responder: key, confirm: key },
      peerLinkKey: hybrid(call.link_key),
      peerStatementDigest: Buffer.alloc(32),
      peerRosterDigest: Buffer.alloc(32),
      beganAt: 0,
    },
    {
      sign: () => Promise.reject(new Error('the callee signs nothing')),
      clock: { nowMs: () => call.now_ms },
      monotonicMs: () => 0,
    },
  );
  return new SessionCall(session, 1n).judge(SignedCallEvidence.encode(evidence).finish(), {
    method: asked.method,
    deadlineAt: asked.deadline,
    requestDigest: sha256(b(asked.request)),
  });
}

describe.each([
  {
    file: 'manifest',
    type: 'manifest' as const,
    typeName: 'tocsin.exchange.v1.Manifest',
    shape: MANIFEST,
    vector: manifest as SignedVector,
    ours: (signed: Buffer) => judgeManifest(b(manifest.network), signed),
  },
  {
    file: 'skip',
    type: 'skip' as const,
    typeName: 'tocsin.exchange.v1.Skip',
    shape: SKIP,
    vector: skip,
    ours: (signed: Buffer) => judgeSkip(b(skip.network), { body: signed, signature: hybrid(skip.signature) }),
  },
  {
    file: 'call-evidence',
    type: 'call' as const,
    typeName: 'tocsin.exchange.v1.CallEvidence',
    shape: CALL,
    vector: call as SignedVector,
    ours: (signed: Buffer) => judgeCall({ body: signed, signature: hybrid(call.signature) }),
  },
])('$file.json', ({ type, typeName, shape, vector, ours }) => {
  it('says the same to two other decoders', () => {
    const body = bodyOf(type, vector, b(vector.signed));
    expect(decodeByHand(shape, body)).toEqual(vector.message);
    expect(reread(typeName, body)).toEqual(vector.message);
  });

  it('is signed by both halves of the link key', () => {
    expect(bothVerify(type, vector)).toBe(true);
    expect(
      outcome(judgeHybrid(type, b(vector.signed), hybrid(vector.signature), hybrid(vector.link_key))),
    ).toBe('believed');
  });

  it('is believed as it is', () => {
    expect(outcome(ours(b(vector.signed)))).toBe('believed');
  });

  it.each(vector.refused)('$name: $expect', (spoilt) => {
    expect(outcome(ours(altered(vector.signed, spoilt)))).toBe(spoilt.expect);
  });

  it.each(vector.refused_signatures)('$name: $expect', ({ half, at, expect: reason }) => {
    const spoilt = at === undefined ? '' : altered(vector.signature[half], { at }).toString('hex');
    const signature = hybrid({ ...vector.signature, [half]: spoilt });
    expect(outcome(judgeHybrid(type, b(vector.signed), signature, hybrid(vector.link_key)))).toBe(reason);
  });
});

describe('what our encoder writes', () => {
  it('is the vector, byte for byte', () => {
    const judged = judgeManifest(b(manifest.network), b(manifest.signed));
    expect(judged.ok).toBe(true);
    if (!judged.ok) return;
    const { bytes, digest } = encodeManifest(b(manifest.network), judged.value.manifest);
    expect(Buffer.from(bytes).toString('hex')).toBe(manifest.signed);
    expect(Buffer.from(digest).toString('hex')).toBe(manifest.digest);
    expect(sha256(b(manifest.signed)).toString('hex')).toBe(manifest.digest);
    const opened = judgeSkip(b(skip.network), { body: b(skip.signed), signature: hybrid(skip.signature) });
    expect(opened.ok && Buffer.from(encodeSkip(b(skip.network), opened.value.skip)).toString('hex')).toBe(
      skip.signed,
    );
  });
});

describe('call-evidence.json', () => {
  it.each(call.refused_claims)('does not speak for $name', ({ name: _name, ...claim }) => {
    const evidence = { body: b(call.signed), signature: hybrid(call.signature) };
    expect(outcome(judgeCall(evidence, { ...call, ...claim }))).toBe('CALL_EVIDENCE');
  });

  it('is worth nothing under another key', () => {
    expect(outcome(judgeCall({ body: b(call.signed), signature: hybrid(skip.signature) }))).toBe(
      'SIGNATURE_INVALID',
    );
  });
});

describe('receipt.json', () => {
  const receipt = read<{
    readonly network: string;
    readonly header: string;
    readonly header_digest: string;
    readonly facet: string;
    readonly salt: string;
    readonly body: string;
    readonly message: { readonly manifestDigest: string };
    readonly refused: ReadonlyArray<Spoilt & { readonly field: 'header' | 'salt' | 'body' }>;
  }>('receipt');

  it('is a record about manifest.json, to two other decoders', () => {
    expect(decodeByHand(RECEIPT, b(receipt.body))).toEqual(receipt.message);
    expect(reread('tocsin.record.v1.Receipt', b(receipt.body))).toEqual(receipt.message);
    expect(Buffer.from(receipt.message.manifestDigest, 'base64').toString('hex')).toBe(manifest.digest);
    expect(sha256(b(receipt.header)).toString('hex')).toBe(receipt.header_digest);
    const header = fieldsOf(bodyOf('header', receipt, b(receipt.header)));
    const text = (field: number) => String(header.get(field)?.[0]);
    expect([text(3), text(6)]).toEqual(['receipt', 'XB']);
    // The commitment, by the formula in header.proto.
    const [commitment] = header.get(15) ?? [];
    const committed = fieldsOf(commitment as Buffer);
    const u32 = (value: number) => {
      const bytes = Buffer.alloc(4);
      bytes.writeUInt32BE(value);
      return bytes;
    };
    const lp = (bytes: Buffer) => Buffer.concat([u32(bytes.length), bytes]);
    expect(committed.get(2)?.[0]).toEqual(
      sha256(
        Buffer.from('tocsin/facet/v1\n'),
        lp(header.get(2)?.[0] as Buffer),
        u32(1),
        lp(Buffer.from(receipt.facet)),
        b(receipt.salt),
        lp(b(receipt.body)),
      ),
    );
  });

  it.each([{ name: 'as it is', field: 'body' as const, cut: 0, expect: 'believed' }, ...receipt.refused])(
    '$name: $expect',
    ({ field, expect: reason, ...spoilt }) => {
      const changed = { ...receipt, [field]: altered(receipt[field], spoilt).toString('hex') };
      const header = judgeHeader(b(receipt.network), b(changed.header));
      const facet = { facet: receipt.facet, salt: b(changed.salt), body: b(changed.body) };
      expect(outcome(header.ok ? judgeFacets(header.value, [facet]) : header)).toBe(reason);
    },
  );
});

describe('checkpoint.json', () => {
  const checkpoint = read<{
    readonly log_key: Halves;
    readonly origin: string;
    readonly leaves: readonly string[];
    readonly root: string;
    readonly timestamp: number;
    readonly note: string;
    readonly refused: readonly { readonly name: string; readonly note: string; readonly expect: string }[];
  }>('checkpoint');
  const size = checkpoint.leaves.length;

  /** RFC 6962 §2.1, as it is written there. */
  function treeHash(leaves: readonly Buffer[]): Buffer {
    const [leaf] = leaves;
    if (leaf === undefined) return sha256();
    if (leaves.length === 1) return sha256(Buffer.of(0), leaf);
    let half = 1;
    while (half * 2 < leaves.length) half *= 2;
    return sha256(Buffer.of(1), treeHash(leaves.slice(0, half)), treeHash(leaves.slice(half)));
  }

  it('is the root of its leaves, signed twice, to a reader of the C2SP texts', () => {
    const [text = '', signatures = ''] = checkpoint.note.split('\n\n');
    const root = treeHash(checkpoint.leaves.map(b));
    expect(root.toString('hex')).toBe(checkpoint.root);
    expect(text.split('\n')).toEqual([checkpoint.origin, String(size), root.toString('base64')]);
    const { ed25519, mlDsa44 } = jwk(checkpoint.log_key);
    const lines = signatures.trimEnd().split('\n');
    const blobs = lines.map((line) => {
      const [dash, name, blob = ''] = line.split(' ');
      expect([dash, name]).toEqual(['—', checkpoint.origin]);
      return Buffer.from(blob, 'base64');
    });
    const idOf = (type: number, key: string) =>
      sha256(Buffer.from(`${checkpoint.origin}\n`), Buffer.of(type), b(key)).subarray(0, 4);
    const [classical = Buffer.alloc(0), postQuantum = Buffer.alloc(0)] = blobs;
    expect(blobs).toHaveLength(2);
    expect(classical.subarray(0, 4)).toEqual(idOf(1, checkpoint.log_key.ed25519));
    expect(postQuantum.subarray(0, 4)).toEqual(idOf(6, checkpoint.log_key.ml_dsa_44));
    expect(verify(null, Buffer.from(`${text}\n`), ed25519, classical.subarray(4))).toBe(true);
    const timestamp = postQuantum.subarray(4, 12);
    expect(timestamp.readBigUInt64BE()).toBe(BigInt(checkpoint.timestamp));
    const name = Buffer.concat([Buffer.of(checkpoint.origin.length), Buffer.from(checkpoint.origin)]);
    const span = Buffer.alloc(16);
    span.writeBigUInt64BE(BigInt(size), 8);
    const message = Buffer.concat([Buffer.from('subtree/v1\n\0'), name, timestamp, name, span, root]);
    expect(verify(null, message, mlDsa44, postQuantum.subarray(12))).toBe(true);
  });

  it.each([{ name: 'as it is', note: checkpoint.note, expect: 'believed' }, ...checkpoint.refused])(
    '$name: $expect',
    ({ note, expect: reason }) => {
      const { ed25519, mlDsa44 } = hybrid(checkpoint.log_key);
      const { origin } = checkpoint;
      expect(outcome(judgeSignedCheckpoint({ origin, ed25519, mlDsa44, note: Buffer.from(note) }))).toBe(
        reason,
      );
    },
  );

  it('hashes leaves as we do', () => {
    for (const leaf of checkpoint.leaves)
      expect(Buffer.from(leafHash(b(leaf)))).toEqual(sha256(Buffer.of(0), b(leaf)));
  });
});
