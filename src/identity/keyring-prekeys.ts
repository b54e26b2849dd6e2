/**
 * Prekeys on disk: `<id in hex>.json` each, mode 0600. They stay out of the database and out of its backups, because
 * forward secrecy begins with the removal of the file (design §5).
 */
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { base64, fromBase64, fromHex, hex, textOf } from '../base/bytes.ts';
import { IdentityError } from './errors.ts';
import { deleteSecret, makeSecretDirectory, readSecret, writeSecret } from './keyring-files.ts';

export const PREKEY_ID_BYTES = 16;
export const PREKEY_SUITE = 1;
const PRIVATE_KEY_BYTES = 32;

/** The public side of a prekey held here. */
export interface HeldPrekey {
  readonly id: Uint8Array;
  readonly suite: number;
  readonly publicKey: Uint8Array;
  readonly notBeforeMs: number;
  readonly notAfterMs: number;
}

/** A prekey with its private half, as `generatePrekey` of seal/ makes it, and its validity. */
export interface NewPrekey {
  readonly id: Uint8Array;
  readonly publicKey: Uint8Array;
  readonly privateKey: Uint8Array;
  readonly notBeforeMs: number;
  readonly notAfterMs: number;
}

interface PrekeyFile extends HeldPrekey {
  readonly privateKey: Uint8Array;
}

const FILE_NAME = /^[0-9a-f]{32}\.json$/;

function parsePrekeyFile(name: string, bytes: Uint8Array): PrekeyFile {
  try {
    const fields: unknown = JSON.parse(textOf(bytes));
    if (typeof fields !== 'object' || fields === null) throw new TypeError('no object');
    const text = (key: string): string => String(Reflect.get(fields, key));
    const instant = (key: string): number => {
      const value: unknown = Reflect.get(fields, key);
      if (typeof value !== 'number' || !Number.isSafeInteger(value)) throw new TypeError('no instant');
      return value;
    };
    const privateKey = fromBase64(text('privateKey'));
    if (privateKey.length !== PRIVATE_KEY_BYTES) throw new TypeError('no private key');
    return {
      id: fromHex(name.slice(0, 2 * PREKEY_ID_BYTES)),
      suite: PREKEY_SUITE,
      publicKey: fromBase64(text('publicKey')),
      notBeforeMs: instant('notBefore'),
      notAfterMs: instant('notAfter'),
      privateKey,
    };
  } catch {
    // The cause is dropped on purpose: a parser's message may quote the secret that it stumbled over.
    throw new IdentityError({
      code: 'KEY_INVALID',
      message: `expected a prekey in ${name}, found something else: delete the file, senders seal again to the next prekey`,
    });
  }
}

/** The folder of a keyring's prekeys. */
export class PrekeyFolder {
  readonly dir: string;

  constructor(dir: string) {
    this.dir = dir;
  }

  /** What is held, by the start of its validity. */
  async list(): Promise<readonly HeldPrekey[]> {
    const names = (await readdir(this.dir)).filter((name) => FILE_NAME.test(name));
    const held = await Promise.all(
      names.map(async (name): Promise<HeldPrekey> => {
        const { privateKey: _, ...rest } = parsePrekeyFile(name, await readSecret(join(this.dir, name)));
        return rest;
      }),
    );
    return held.sort((a, b) => a.notBeforeMs - b.notBeforeMs || hex(a.id).localeCompare(hex(b.id)));
  }

  /** Keeps a new prekey; durable when the promise resolves, so publish it only then. */
  async create(prekey: NewPrekey): Promise<HeldPrekey> {
    const { id, publicKey, privateKey, notBeforeMs, notAfterMs } = prekey;
    if (id.length !== PREKEY_ID_BYTES || privateKey.length !== PRIVATE_KEY_BYTES || notBeforeMs >= notAfterMs)
      throw new IdentityError({
        code: 'PREKEYS_INVALID',
        message: `expected an id of ${PREKEY_ID_BYTES} bytes, a private key of ${PRIVATE_KEY_BYTES} bytes and a validity`,
      });
    await makeSecretDirectory(this.dir);
    const content = JSON.stringify({
      suite: PREKEY_SUITE,
      publicKey: base64(publicKey),
      privateKey: base64(privateKey),
      notBefore: notBeforeMs,
      notAfter: notAfterMs,
    });
    await writeSecret(this.#pathOf(id), content);
    return { id, suite: PREKEY_SUITE, publicKey, notBeforeMs, notAfterMs };
  }

  /** The private half, undefined where it was deleted or never existed (the sender is told PREKEY_GONE). */
  async open(id: Uint8Array): Promise<Uint8Array | undefined> {
    if (id.length !== PREKEY_ID_BYTES) return undefined;
    const path = this.#pathOf(id);
    const names = await readdir(this.dir);
    if (!names.includes(`${hex(id)}.json`)) return undefined;
    return parsePrekeyFile(`${hex(id)}.json`, await readSecret(path)).privateKey;
  }

  /** Deletes one for good; harmless when it is gone. */
  async delete(id: Uint8Array): Promise<void> {
    if (id.length === PREKEY_ID_BYTES) await deleteSecret(this.#pathOf(id));
  }

  #pathOf(id: Uint8Array): string {
    return join(this.dir, `${hex(id)}.json`);
  }
}
