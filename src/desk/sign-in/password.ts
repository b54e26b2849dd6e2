/** Passwords: Argon2id (RFC 9106) with the parameters that OWASP recommends, kept in PHC form so that they can be raised later. */
import { argon2 } from 'node:crypto';
import { equalBytes, utf8 } from '../../base/bytes.ts';
import type { Random } from '../../base/clock.ts';
import type { FieldFault } from '../../base/error.ts';

interface Cost {
  /** KiB. */
  readonly memory: number;
  readonly passes: number;
  readonly parallelism: number;
}

/** 46 MiB, one pass: 60 ms of one core, so that a guess costs the same. */
const COST: Cost = { memory: 47_104, passes: 1, parallelism: 1 };
const NONCE_BYTES = 16;
const TAG_BYTES = 32;

/** NIST SP 800-63B §3.1.1: length counts, composition rules do not. */
const PASSWORD_MIN = 12;
const PASSWORD_MAX = 128;

const PHC =
  /^\$argon2id\$v=19\$m=(\d{1,7}),t=(\d{1,3}),p=(\d{1,2})\$([A-Za-z0-9+/]{16,64})\$([A-Za-z0-9+/]{16,128})$/;

const derive = (password: string, nonce: Uint8Array, cost: Cost, tagLength: number): Promise<Uint8Array> =>
  new Promise((resolve, reject) => {
    // One form for what different keyboards type (RFC 8265 §4.2).
    const message = utf8(password.normalize('NFC'));
    argon2('argon2id', { message, nonce, tagLength, ...cost }, (error, key) => {
      if (error) reject(error);
      else resolve(key);
    });
  });

const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64').replaceAll('=', '');

/** The password as it is kept. */
export async function hashPassword(password: string, random: Random): Promise<string> {
  const nonce = random.bytes(NONCE_BYTES);
  const tag = await derive(password, nonce, COST, TAG_BYTES);
  const { memory, passes, parallelism } = COST;
  return `$argon2id$v=19$m=${memory},t=${passes},p=${parallelism}$${base64(nonce)}$${base64(tag)}`;
}

/** Whether the password is the kept one. Takes as long where there is none: a name must not be found out by the time. */
export async function isPassword(password: string, kept: string | undefined): Promise<boolean> {
  const [, memory, passes, parallelism, nonce = '', tag = ''] = PHC.exec(kept ?? '') ?? [];
  const cost =
    memory === undefined
      ? COST
      : { memory: Number(memory), passes: Number(passes), parallelism: Number(parallelism) };
  const expected = memory === undefined ? new Uint8Array(TAG_BYTES) : Buffer.from(tag, 'base64');
  const salt = memory === undefined ? new Uint8Array(NONCE_BYTES) : Buffer.from(nonce, 'base64');
  const found = await derive(password.slice(0, PASSWORD_MAX), salt, cost, expected.length);
  return equalBytes(found, expected) && memory !== undefined;
}

/** What is wrong with a new password. */
export function passwordFaults(path: string, password: string, name: string): readonly FieldFault[] {
  const length = [...password].length;
  if (length < PASSWORD_MIN || password.length > PASSWORD_MAX)
    return [
      {
        path,
        code: 'LENGTH',
        message: `expected ${PASSWORD_MIN} to ${PASSWORD_MAX} characters, got ${length}`,
      },
    ];
  const plain = password.toLowerCase();
  const tooPlain =
    new Set(plain).size < 5 ||
    name
      .toLowerCase()
      .split(/\s+/)
      .some((word) => word.length > 4 && plain.includes(word));
  return tooPlain
    ? [
        {
          path,
          code: 'GUESSABLE',
          message: 'expected a password without your name and with at least 5 different characters',
        },
      ]
    : [];
}
