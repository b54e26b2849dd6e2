/** The example of C2SP signed-note, read and verified as a note with its verifier key. */
import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { textOf, utf8 } from '../../src/base/bytes.ts';
import {
  formatNote,
  isSignedBy,
  KEY_TYPE,
  parseNote,
  parseVerifierKey,
  verifierKey,
  verifySignature,
} from '../../src/merkle/index.ts';

const file = resolve(process.env.TOCSIN_SHARED ?? '../shared', 'vectors/tlog/signed-note-example.json');
const present = existsSync(file);
if (!present) console.warn(`skipped: no vectors at ${file}; set TOCSIN_SHARED`);

describe.skipIf(!present)('the signed-note example', () => {
  const example: { vkey: string; note: string } = present
    ? JSON.parse(readFileSync(file, 'utf8'))
    : { vkey: '', note: '' };

  it('is verified by its verifier key', () => {
    const vkey = parseVerifierKey(example.vkey);
    const note = parseNote(utf8(example.note));
    if (!vkey.ok || !note.ok) throw new Error('the example was not read');
    const { name, type, publicKey } = vkey.value;
    const line = note.value.signatures.find((each) => isSignedBy(each, name, type, publicKey));
    expect(type).toBe(KEY_TYPE.ed25519);
    expect(verifySignature(type, publicKey, utf8(note.value.text), line?.signature ?? new Uint8Array())).toBe(
      true,
    );
    expect(
      verifySignature(type, publicKey, utf8(`${note.value.text}\n`), line?.signature ?? new Uint8Array()),
    ).toBe(false);
  });

  it('is written again byte for byte', () => {
    const note = parseNote(utf8(example.note));
    const vkey = parseVerifierKey(example.vkey);
    if (!vkey.ok || !note.ok) throw new Error('the example was not read');
    expect(textOf(formatNote(note.value.text, note.value.signatures))).toBe(example.note);
    expect(verifierKey(vkey.value.name, KEY_TYPE.ed25519, vkey.value.publicKey)).toBe(example.vkey);
  });
});
