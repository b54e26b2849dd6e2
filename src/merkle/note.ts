/**
 * Signed notes (C2SP signed-note): text, an empty line, signature lines. Reading a note believes nothing: whose
 * signatures count is the caller's knowledge.
 */
import { base64, concat, fromBase64, textOf, utf8 } from '../base/bytes.ts';
import { LIMITS } from '../base/limits.ts';
import { believed, disbelieved, type Verdict } from '../base/verdict.ts';
import { Reason } from '../gen/tocsin/record/v1/reason.ts';
import { MerkleError } from './errors.ts';

/** One signature line. */
export interface NoteSignature {
  /** Name of the key: no Unicode space, no plus. */
  readonly name: string;
  /** Four bytes. */
  readonly keyId: Uint8Array;
  /** What follows the key id; its form depends on the key's type. */
  readonly signature: Uint8Array;
}

export interface Note {
  /** With its final newline, without the separating empty line. */
  readonly text: string;
  readonly signatures: readonly NoteSignature[];
}

const KEY_ID_BYTES = 4;
/** Neither a space of any script nor a plus nor a control character. */
const KEY_NAME = /^[^\s\u0085+\p{Cc}]+$/u;
const CONTROL = /[\u0000-\u0009\u000b-\u001f]/;
const SIGNATURE_LINE = /^\u2014 (\S+) ([A-Za-z0-9+/]+=*)$/u;

/** Whether a name may stand in a signature line or verifier key: and within LIMITS.originBytes. */
export const isKeyName = (name: string): boolean =>
  KEY_NAME.test(name) && name.isWellFormed() && utf8(name).length <= LIMITS.originBytes;

/** Parts of a note; TOO_LARGE or MALFORMED otherwise. Signatures are not verified. */
export function parseNote(bytes: Uint8Array): Verdict<Note, Reason> {
  const halves = splitNote(bytes);
  if (!halves.ok) return halves;
  const signatures = parseSignatureLines(halves.value.lines);
  if (!signatures.ok) return signatures;
  if (signatures.value.length === 0) return malformed('expected at least one signature line');
  return believed({ text: halves.value.text, signatures: signatures.value });
}

/** A note's text and its signature lines, unread: enough to tell what it claims to be about. TOO_LARGE, MALFORMED. */
export function splitNote(
  bytes: Uint8Array,
): Verdict<{ readonly text: string; readonly lines: string }, Reason> {
  if (bytes.length > LIMITS.noteBytes)
    return disbelieved(Reason.REASON_TOO_LARGE, `expected at most ${LIMITS.noteBytes} bytes of note`, {
      bytes: bytes.length,
    });
  const whole = strictText(bytes);
  if (whole === undefined || CONTROL.test(whole))
    return malformed('expected UTF-8 text without control characters');
  // The last empty line separates: the text itself may hold empty lines.
  const cut = whole.lastIndexOf('\n\n');
  if (cut < 0 || !whole.endsWith('\n')) return malformed('expected text, an empty line and signature lines');
  return believed({ text: whole.slice(0, cut + 1), lines: whole.slice(cut + 2) });
}

/** Signature lines alone, as a witness answers them; an empty string holds none. */
export function parseSignatureLines(lines: string): Verdict<readonly NoteSignature[], Reason> {
  if (lines === '') return believed([]);
  if (!lines.endsWith('\n')) return malformed('expected a newline after every signature line');
  const rows = lines.slice(0, -1).split('\n');
  if (rows.length > LIMITS.noteSignatures)
    return disbelieved(Reason.REASON_TOO_LARGE, `expected at most ${LIMITS.noteSignatures} signatures`);
  const signatures: NoteSignature[] = [];
  for (const row of rows) {
    const [, name, encoded] = SIGNATURE_LINE.exec(row) ?? [];
    if (name === undefined || encoded === undefined || !isKeyName(name))
      return malformed('expected signature lines of an em dash, a key name and base64');
    const blob = strictBase64(encoded);
    if (blob === undefined || blob.length <= KEY_ID_BYTES)
      return malformed('expected canonical base64 of a key id and a signature');
    signatures.push({ name, keyId: blob.slice(0, KEY_ID_BYTES), signature: blob.slice(KEY_ID_BYTES) });
  }
  return believed(signatures);
}

/** A note's bytes. Throws FORMAT for what the format cannot hold. */
export function formatNote(text: string, signatures: readonly NoteSignature[]): Uint8Array {
  if (!text.endsWith('\n') || !text.isWellFormed() || CONTROL.test(text) || signatures.length === 0) {
    throw new MerkleError({
      code: 'FORMAT',
      message: 'expected note text without control characters that ends in a newline, and a signature',
    });
  }
  return utf8(`${text}\n${signatures.map(formatSignatureLine).join('')}`);
}

/** One signature line with its newline. Throws FORMAT for a bad key name or key id. */
export function formatSignatureLine({ name, keyId, signature }: NoteSignature): string {
  if (!isKeyName(name) || keyId.length !== KEY_ID_BYTES || signature.length === 0) {
    throw new MerkleError({
      code: 'FORMAT',
      message: 'expected a key name without space or plus, a key id of four bytes and a signature',
    });
  }
  return `\u2014 ${name} ${base64(concat(keyId, signature))}\n`;
}

const malformed = (detail: string) => disbelieved(Reason.REASON_MALFORMED as Reason, detail);

/** Text of UTF-8 bytes, undefined for anything else. */
export function strictText(bytes: Uint8Array): string | undefined {
  try {
    return textOf(bytes);
  } catch {
    return undefined;
  }
}

/** Bytes of canonical base64, undefined for anything else: two encodings of one signature would be two notes. */
export function strictBase64(text: string): Uint8Array | undefined {
  try {
    return fromBase64(text);
  } catch {
    return undefined;
  }
}
