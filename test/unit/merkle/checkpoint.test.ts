import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { base64, concat, textOf, utf8 } from '../../../src/base/bytes.ts';
import { Reason } from '../../../src/gen/tocsin/record/v1/reason.ts';
import {
  type Checkpoint,
  cosignatureMessage,
  encodeCheckpoint,
  encodeTimestamped,
  formatNote,
  formatSignatureLine,
  formatTlogProof,
  judgeCheckpointText,
  judgeCosignature,
  judgeSignedCheckpoint,
  KEY_TYPE,
  type KeyType,
  keyId,
  leafHash,
  type NoteSignature,
  parseNote,
  parseSignatureLines,
  parseTlogProof,
  parseVerifierKey,
  readTimestamped,
  verifierKey,
} from '../../../src/merkle/index.ts';

const origin = 'tocsin/0011223344556677/XA/log/live/1';
const root = leafHash(utf8('root'));
const checkpoint: Checkpoint = { origin, size: 42n, root };
const text = encodeCheckpoint(checkpoint);
const timestamp = 1_790_000_000n;

const rawOf = (key: KeyObject, bytes: number): Uint8Array =>
  new Uint8Array(key.export({ format: 'der', type: 'spki' }).subarray(-bytes));
const classical = generateKeyPairSync('ed25519');
const postQuantum = generateKeyPairSync('ml-dsa-44');
const ed25519 = rawOf(classical.publicKey, 32);
const mlDsa44 = rawOf(postQuantum.publicKey, 1312);

const line = (type: KeyType, publicKey: Uint8Array, signature: Uint8Array, name = origin): NoteSignature => ({
  name,
  keyId: keyId(name, type, publicKey),
  signature,
});
const classicalLine = (signed = text) =>
  line(KEY_TYPE.ed25519, ed25519, new Uint8Array(sign(null, utf8(signed), classical.privateKey)));
const cosignatureLine = (of = checkpoint, at = timestamp, cosigner = origin) =>
  line(
    KEY_TYPE.mlDsa44,
    mlDsa44,
    encodeTimestamped(
      at,
      new Uint8Array(
        sign(null, cosignatureMessage({ cosigner, timestamp: at, checkpoint: of }), postQuantum.privateKey),
      ),
    ),
    cosigner,
  );
const signatures = [classicalLine(), cosignatureLine()];
const note = formatNote(text, signatures);
const keys = { origin, ed25519, mlDsa44 };

describe('checkpoint text', () => {
  it('is exactly origin, size and root', () => {
    expect(text).toBe(`${origin}\n42\n${base64(root)}\n`);
    expect(judgeCheckpointText(text)).toEqual({ ok: true, value: checkpoint });
  });

  it('round-trips for every size', () => {
    fc.assert(
      fc.property(
        fc.bigInt({ min: 0n, max: 2n ** 63n - 1n }),
        fc.uint8Array({ minLength: 32, maxLength: 32 }),
        (size, hash) => {
          const value = { origin, size, root: new Uint8Array(hash) };
          expect(judgeCheckpointText(encodeCheckpoint(value))).toEqual({ ok: true, value });
        },
      ),
      { numRuns: 50 },
    );
  });

  it('refuses extension lines with a reason of their own', () => {
    const reason = Reason.REASON_CHECKPOINT_EXTENSION;
    expect(judgeCheckpointText(`${text}extension\n`)).toMatchObject({ ok: false, reason });
    expect(judgeCheckpointText(`${text}\n`)).toMatchObject({ ok: false, reason });
    expect(judgeCheckpointText(text + text)).toMatchObject({ ok: false, reason });
  });

  it.each([
    ['no lines', ''],
    ['a missing root', `${origin}\n42\n`],
    ['no final newline', text.slice(0, -1)],
    ['an empty origin', `\n42\n${base64(root)}\n`],
    ['a space in the origin', `a b\n42\n${base64(root)}\n`],
    ['a plus in the origin', `a+b\n42\n${base64(root)}\n`],
    ['a long origin', `${'a'.repeat(256)}\n42\n${base64(root)}\n`],
    ['a leading zero', `${origin}\n042\n${base64(root)}\n`],
    ['a sign', `${origin}\n+42\n${base64(root)}\n`],
    ['a size of 2^63', `${origin}\n9223372036854775808\n${base64(root)}\n`],
    ['a short root', `${origin}\n42\n${base64(root.slice(1))}\n`],
    ['base64 that is not canonical', `${origin}\n42\n${base64(root).slice(0, -2)}B=\n`],
  ])('refuses %s', (_, bad) => {
    expect(judgeCheckpointText(bad)).toMatchObject({ ok: false, reason: Reason.REASON_CHECKPOINT_INVALID });
  });

  it('cannot be written for a bad origin, size or root', () => {
    expect(() => encodeCheckpoint({ ...checkpoint, origin: 'a b' })).toThrow(/origin/);
    expect(() => encodeCheckpoint({ ...checkpoint, size: -1n })).toThrow(/size/);
    expect(() => encodeCheckpoint({ ...checkpoint, root: new Uint8Array(31) })).toThrow(/root/);
  });
});

describe('a doubly signed checkpoint', () => {
  it('is believed with both signatures', () => {
    expect(judgeSignedCheckpoint({ ...keys, note })).toMatchObject({
      ok: true,
      value: { checkpoint, timestamp },
    });
  });

  it('is believed beside signatures of unknown keys', () => {
    const foreign = { name: 'w.example', keyId: Uint8Array.of(1, 2, 3, 4), signature: Uint8Array.of(5) };
    const sameName = { ...foreign, name: origin };
    expect(
      judgeSignedCheckpoint({ ...keys, note: formatNote(text, [...signatures, foreign, sameName]) }).ok,
    ).toBe(true);
  });

  it.each([
    ['Ed25519 only', [classicalLine()], Reason.REASON_CHECKPOINT_INVALID],
    ['ML-DSA-44 only', [cosignatureLine()], Reason.REASON_CHECKPOINT_INVALID],
    ['a repeated line', [...signatures, classicalLine()], Reason.REASON_CHECKPOINT_INVALID],
    ['timestamp 0', [classicalLine(), cosignatureLine(checkpoint, 0n)], Reason.REASON_CHECKPOINT_INVALID],
    [
      'Ed25519 over another text',
      [classicalLine(`${origin}\n43\n${base64(root)}\n`), cosignatureLine()],
      Reason.REASON_SIGNATURE_INVALID,
    ],
    [
      'ML-DSA-44 over another size',
      [classicalLine(), cosignatureLine({ ...checkpoint, size: 43n })],
      Reason.REASON_SIGNATURE_INVALID,
    ],
  ])('is refused with %s', (_, lines, reason) => {
    expect(judgeSignedCheckpoint({ ...keys, note: formatNote(text, lines) })).toMatchObject({
      ok: false,
      reason,
    });
  });

  it('is refused for another origin, and with keys of another log', () => {
    const reason = Reason.REASON_CHECKPOINT_INVALID;
    const other = 'tocsin/0011223344556677/XB/log/live/1';
    expect(judgeSignedCheckpoint({ ...keys, note, origin: other })).toMatchObject({ ok: false, reason });
    expect(judgeSignedCheckpoint({ ...keys, note, ed25519: new Uint8Array(32) })).toMatchObject({
      ok: false,
      reason,
    });
  });

  it('is refused with an extension line even where both keys signed', () => {
    const extended = `${text}more\n`;
    const extendedNote = formatNote(extended, [classicalLine(extended), cosignatureLine()]);
    expect(judgeSignedCheckpoint({ ...keys, note: extendedNote })).toMatchObject({
      ok: false,
      reason: Reason.REASON_CHECKPOINT_EXTENSION,
    });
  });

  it('fails for every changed byte', () => {
    for (let at = 0; at < note.length; at += at < 200 ? 1 : 37) {
      const changed = Uint8Array.from(note);
      changed[at] = (changed[at] ?? 0) ^ 1;
      expect(judgeSignedCheckpoint({ ...keys, note: changed }).ok, `byte ${at}`).toBe(false);
    }
  });
});

describe('a witness cosignature', () => {
  it('binds the name of the witness, the time and the checkpoint', () => {
    const witness = 'tocsin/0011223344556677/XB/witness';
    const cosignature = cosignatureLine(checkpoint, timestamp, witness);
    expect(judgeCosignature({ line: cosignature, checkpoint, mlDsa44 })).toEqual({
      ok: true,
      value: timestamp,
    });
    const others = [
      judgeCosignature({ line: { ...cosignature, name: origin }, checkpoint, mlDsa44 }),
      judgeCosignature({ line: cosignature, checkpoint: { ...checkpoint, size: 41n }, mlDsa44 }),
      judgeCosignature({ line: cosignature, checkpoint, mlDsa44: mlDsa44.slice(1) }),
    ];
    for (const verdict of others)
      expect(verdict).toMatchObject({ ok: false, reason: Reason.REASON_SIGNATURE_INVALID });
    const stolen = { ...cosignature, signature: Uint8Array.from(cosignature.signature) };
    stolen.signature[7] = (stolen.signature[7] ?? 0) ^ 1;
    expect(judgeCosignature({ line: stolen, checkpoint, mlDsa44 }).ok).toBe(false);
    expect(
      judgeCosignature({ line: { ...stolen, signature: new Uint8Array(8) }, checkpoint, mlDsa44 }).ok,
    ).toBe(false);
  });

  it('signs the message of C2SP, byte by byte', () => {
    const message = cosignatureMessage({
      cosigner: 'w',
      timestamp: 258n,
      checkpoint: { origin: 'ab', size: 3n, root },
    });
    const expected = concat(
      utf8('subtree/v1\n\0'),
      Uint8Array.of(1, 0x77, 0, 0, 0, 0, 0, 0, 1, 2, 2, 0x61, 0x62),
      new Uint8Array(8),
      Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 3),
      root,
    );
    expect(message).toEqual(expected);
    expect(() => cosignatureMessage({ cosigner: '', timestamp: 1n, checkpoint })).toThrow(/name/);
  });

  it('has no timestamp of 2^63 or more', () => {
    expect(readTimestamped(encodeTimestamped(2n ** 63n, Uint8Array.of(1)))).toBeUndefined();
    expect(readTimestamped(encodeTimestamped(7n, Uint8Array.of(1)))).toMatchObject({ timestamp: 7n });
  });
});

describe('notes', () => {
  it('keep empty lines of the text: the last one separates', () => {
    const poem = 'a\n\nb\n';
    expect(parseNote(formatNote(poem, signatures))).toMatchObject({
      ok: true,
      value: { text: poem, signatures },
    });
  });

  it.each([
    ['nothing', ''],
    ['no signatures', 'text\n\n'],
    ['no empty line', `text\n${formatSignatureLine(classicalLine())}`],
    ['no final newline', `text\n\n${formatSignatureLine(classicalLine()).slice(0, -1)}`],
    ['a hyphen for the dash', 'text\n\n- name AAAAAAAA\n'],
    ['a plus in the name', 'text\n\n\u2014 na+me AAAAAAAA\n'],
    ['a no-break space in the name', 'text\n\n\u2014 na\u00a0me AAAAAAAA\n'],
    ['a key id without signature', 'text\n\n\u2014 name AAAAAA==\n'],
    ['base64 that is not canonical', 'text\n\n\u2014 name AAAAAAB=\n'],
    ['a carriage return', 'text\r\n\n\u2014 name AAAAAAAA\n'],
  ])('are refused with %s', (_, bad) => {
    expect(parseNote(utf8(bad))).toMatchObject({ ok: false, reason: Reason.REASON_MALFORMED });
  });

  it('are refused with invalid UTF-8', () => {
    expect(parseNote(concat(Uint8Array.of(0xff), note)).ok).toBe(false);
  });

  it('hold 16 signatures and not 17, and at most 64 KiB', () => {
    const reason = Reason.REASON_TOO_LARGE;
    expect(parseNote(formatNote(text, Array(16).fill(cosignatureLine()))).ok).toBe(true);
    expect(parseNote(formatNote(text, Array(17).fill(classicalLine())))).toMatchObject({ ok: false, reason });
    expect(parseNote(concat(utf8('x'.repeat(65_536)), note))).toMatchObject({ ok: false, reason });
  });

  it('cannot be written without signature, with a bad name or control characters', () => {
    expect(() => formatNote(text, [])).toThrow(/signature/);
    expect(() => formatNote('a\tb\n', signatures)).toThrow(/control/);
    expect(() => formatNote('a', signatures)).toThrow(/newline/);
    expect(() => formatNote(text, [{ ...classicalLine(), name: 'a b' }])).toThrow(/key name/);
  });

  it('give signature lines alone, none included', () => {
    const lines = signatures.map(formatSignatureLine).join('');
    expect(parseSignatureLines(lines)).toEqual({ ok: true, value: signatures });
    expect(parseSignatureLines('')).toEqual({ ok: true, value: [] });
    expect(parseSignatureLines('\n').ok).toBe(false);
  });
});

describe('verifier keys', () => {
  it('round-trip for both types', () => {
    for (const [type, publicKey] of [
      [KEY_TYPE.ed25519, ed25519],
      [KEY_TYPE.mlDsa44, mlDsa44],
    ] as const) {
      const parsed = parseVerifierKey(verifierKey(origin, type, publicKey));
      expect(parsed).toMatchObject({ ok: true, value: { name: origin, type, publicKey } });
    }
  });

  it('refuse another name, id, type or size', () => {
    const vkey = verifierKey(origin, KEY_TYPE.ed25519, ed25519);
    expect(parseVerifierKey(`x${vkey}`).ok).toBe(false);
    expect(parseVerifierKey(vkey.replace(/\+[0-9a-f]/, '+g')).ok).toBe(false);
    expect(parseVerifierKey(vkey.slice(0, -4)).ok).toBe(false);
    expect(parseVerifierKey(`a+00000000+${base64(Uint8Array.of(2, 1))}`).ok).toBe(false);
    expect(() => verifierKey('a b', KEY_TYPE.ed25519, ed25519)).toThrow(/name/);
    expect(() => verifierKey(origin, KEY_TYPE.ed25519, mlDsa44)).toThrow(/32/);
  });
});

describe('proof files', () => {
  const proof = { index: 7n, proof: [root, leafHash(root)], checkpoint: note };

  it('look as C2SP writes them', () => {
    const [first, index, hash, , empty, third] = textOf(formatTlogProof(proof)).split('\n');
    expect([first, index, hash, empty, third]).toEqual([
      'c2sp.org/tlog-proof@v1',
      'index 7',
      base64(root),
      '',
      origin,
    ]);
  });

  it('round-trip, with and without extra data and hashes', () => {
    expect(parseTlogProof(formatTlogProof(proof))).toEqual({ ok: true, value: proof });
    const bare = { index: 0n, proof: [], checkpoint: note, extra: utf8('x') };
    expect(parseTlogProof(formatTlogProof(bare))).toEqual({ ok: true, value: bare });
  });

  it.each([
    ['another version', (t: string) => t.replace('@v1', '@v2')],
    ['no index', (t: string) => t.replace('index 7\n', '')],
    ['a leading zero', (t: string) => t.replace('index 7', 'index 07')],
    ['a short hash', (t: string) => t.replace(base64(root), base64(root.slice(2)))],
    ['no checkpoint', (t: string) => t.slice(0, t.indexOf('\n\n'))],
    ['extra that is no base64', (t: string) => t.replace('index', 'extra ?\nindex')],
  ])('are refused with %s', (_, change) => {
    expect(parseTlogProof(utf8(change(textOf(formatTlogProof(proof)))))).toMatchObject({
      ok: false,
      reason: Reason.REASON_MALFORMED,
    });
  });

  it('hold at most 63 hashes', () => {
    expect(() => formatTlogProof({ ...proof, proof: Array(64).fill(root) })).toThrow(/63/);
    const long = textOf(formatTlogProof(proof)).replace(
      'index 7\n',
      `index 7\n${`${base64(root)}\n`.repeat(62)}`,
    );
    expect(parseTlogProof(utf8(long))).toMatchObject({ ok: false, reason: Reason.REASON_TOO_LARGE });
    expect(parseTlogProof(new Uint8Array(200_000))).toMatchObject({
      ok: false,
      reason: Reason.REASON_TOO_LARGE,
    });
  });
});
