/**
 * Files sealed to a passphrase: backups that leave the machine. The passphrase is stretched by Argon2id (RFC 9106), so that
 * guessing costs memory; what follows is the chunked construction of attachments (blob.ts), under a key that is bound to the
 * whole head.
 *
 *   file = "tocsin/sealed-file/v1\n" ‖ salt, 16 bytes ‖ memory in KiB, passes, lanes (3 × 4 bytes, big-endian)
 *          ‖ SHA-256 of the above ‖ key check, 32 bytes ‖ blob (blob.ts)
 *   root = Argon2id(passphrase, salt, memory, passes, lanes; 32 bytes)
 *   key check = HMAC-SHA256(root, "check" ‖ head), file key = HMAC-SHA256(root, "file" ‖ head), head = all before the check
 */
import { type Argon2Parameters, argon2, createHash, createHmac } from 'node:crypto';
import { promisify } from 'node:util';
import { concat, equalBytes, utf8 } from '../base/bytes.ts';
import type { Random } from '../base/clock.ts';
import { openBlob, sealBlob } from './blob.ts';
import { SealError, type SealErrorCode } from './errors.ts';

export interface Argon2Cost {
  readonly memoryKib: number;
  readonly passes: number;
  readonly lanes: number;
}

/** RFC 9106 §4, the second recommended option: 64 MiB. */
export const PASSPHRASE_COST: Argon2Cost = { memoryKib: 64 * 1024, passes: 3, lanes: 4 };
/** What a file may ask of whoever opens it, so that a forged head cannot exhaust the machine. */
const MOST: Argon2Cost = { memoryKib: 1024 * 1024, passes: 16, lanes: 16 };
export const PASSPHRASE_CHARACTERS = 16;

const MAGIC = utf8('tocsin/sealed-file/v1\n');
const SALT = 16;
const DIGEST = 32;
const HEAD = MAGIC.length + SALT + 12 + DIGEST;

const stretch = promisify(argon2);

const refuse = (code: SealErrorCode, message: string): SealError => new SealError({ code, message });

async function rootOf(passphrase: string, salt: Uint8Array, cost: Argon2Cost): Promise<Buffer> {
  if ([...passphrase].length < PASSPHRASE_CHARACTERS)
    throw refuse(
      'PASSPHRASE_WEAK',
      `expected a passphrase of at least ${PASSPHRASE_CHARACTERS} characters: six words drawn at random are one`,
    );
  const parameters: Argon2Parameters = {
    // One form, however the keyboard composed it.
    message: Buffer.from(passphrase.normalize('NFKC')),
    nonce: salt,
    parallelism: cost.lanes,
    tagLength: DIGEST,
    memory: cost.memoryKib,
    passes: cost.passes,
  };
  return stretch('argon2id', parameters);
}

const derived = (root: Buffer, what: 'check' | 'file', head: Uint8Array): Buffer =>
  createHmac('sha256', root).update(what).update(head).digest();

const sha256 = (bytes: Uint8Array): Buffer => createHash('sha256').update(bytes).digest();

/** Seals a stream of at least one byte. Throws PASSPHRASE_WEAK. */
export async function* sealFile(
  passphrase: string,
  file: AsyncIterable<Uint8Array>,
  random: Random,
  cost: Argon2Cost = PASSPHRASE_COST,
): AsyncGenerator<Uint8Array> {
  const salt = random.bytes(SALT);
  const numbers = Buffer.alloc(12);
  numbers.writeUInt32BE(cost.memoryKib, 0);
  numbers.writeUInt32BE(cost.passes, 4);
  numbers.writeUInt32BE(cost.lanes, 8);
  const fields = concat(MAGIC, salt, numbers);
  const head = concat(fields, sha256(fields));
  const root = await rootOf(passphrase, salt, cost);
  yield head;
  yield derived(root, 'check', head);
  yield* sealBlob(derived(root, 'file', head), file);
}

/**
 * Opens what `sealFile` made, as it streams by. Throws FILE_FOREIGN (not such a file), PASSPHRASE_WRONG, FILE_DAMAGED (a bit
 * changed, bytes cut or added); what was yielded before is authentic, but a part only, so it must not be used before the end.
 */
export async function* openFile(
  passphrase: string,
  sealed: AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  const source = sealed[Symbol.asyncIterator]();
  try {
    let held: Uint8Array = new Uint8Array(0);
    while (held.length < HEAD + DIGEST) {
      const next = await source.next();
      if (next.done === true) break;
      held = concat(held, next.value);
    }
    const head = held.subarray(0, HEAD);
    const cost = costOf(head);
    if (held.length < HEAD + DIGEST) throw damaged('it ends within its head');
    const root = await rootOf(passphrase, head.subarray(MAGIC.length, MAGIC.length + SALT), cost);
    if (!equalBytes(derived(root, 'check', head), held.subarray(HEAD, HEAD + DIGEST)))
      throw refuse('PASSPHRASE_WRONG', 'this passphrase does not open the file: it was sealed with another');
    const rest = held.subarray(HEAD + DIGEST);
    try {
      yield* openBlob(derived(root, 'file', head), following(rest, source));
    } catch (cause) {
      if (!(cause instanceof SealError && cause.code === 'BLOB_INVALID')) throw cause;
      throw damaged('a part of it is not as it was sealed, or its end is missing');
    }
  } finally {
    await source.return?.();
  }
}

async function* following(first: Uint8Array, source: AsyncIterator<Uint8Array>): AsyncGenerator<Uint8Array> {
  if (first.length > 0) yield first;
  for (;;) {
    const next = await source.next();
    if (next.done === true) return;
    yield next.value;
  }
}

function costOf(head: Uint8Array): Argon2Cost {
  const known = head.subarray(0, MAGIC.length);
  if (!equalBytes(known, MAGIC.subarray(0, known.length)) || known.length === 0)
    throw refuse(
      'FILE_FOREIGN',
      'expected a file that Tocsin sealed with a passphrase, found something else',
    );
  if (head.length < HEAD) throw damaged('it ends within its head');
  const fields = head.subarray(0, HEAD - DIGEST);
  // Without this a changed salt would look like a wrong passphrase.
  if (!equalBytes(sha256(fields), head.subarray(HEAD - DIGEST))) throw damaged('its head was changed');
  const view = new DataView(fields.buffer, fields.byteOffset + MAGIC.length + SALT, 12);
  const [memoryKib, passes, lanes] = [view.getUint32(0), view.getUint32(4), view.getUint32(8)];
  const isBounded =
    lanes >= 1 &&
    lanes <= MOST.lanes &&
    passes >= 1 &&
    passes <= MOST.passes &&
    memoryKib >= 8 * lanes &&
    memoryKib <= MOST.memoryKib;
  if (!isBounded) throw damaged('its head asks for more memory or time than any such file does');
  return { memoryKib, passes, lanes };
}

const damaged = (how: string): SealError =>
  refuse('FILE_DAMAGED', `the file is damaged: ${how}; take another copy`);
