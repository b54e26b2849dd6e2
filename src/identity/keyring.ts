/**
 * The only holder of a node's private keys. Each role has a file `<role>.pem` with two PKCS#8 blocks (Ed25519, then
 * ML-DSA-44); prekeys lie apart, so that their deletion is the removal of one file. Callers get public keys and
 * signatures, never a private key, except the seed of a prekey, which the seal needs to open a parcel.
 *
 * Rotation (design §5): a new key is a further file, `<role>-<first 16 digits of its fingerprint>.pem`, written before any
 * key statement names it; which of a role's keys is in use is what the statement says (`use`), never what a file is called.
 * So whatever is interrupted, the keys of the statement in force are there. Old ones sign on until their overlap is over.
 */
import { createPrivateKey, type KeyObject } from 'node:crypto';
import { readdir, rename, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { hex, textOf } from '../base/bytes.ts';
import type { HybridSignature } from '../gen/tocsin/record/v1/identity.ts';
import type { SignedType } from '../record/index.ts';
import { IdentityError } from './errors.ts';
import {
  generateHybrid,
  type HybridPrivateKey,
  type HybridPublic,
  hybridFingerprint,
  hybridPublicOf,
  signHybrid,
  signInThreadPool,
} from './hybrid.ts';
import {
  deleteSecret,
  makeSecretDirectory,
  readSecret,
  syncDirectory,
  writeSecret,
} from './keyring-files.ts';
import { PrekeyFolder } from './keyring-prekeys.ts';

/** What a key of the ring is for. */
export const KEY_ROLES = ['log', 'exercise-log', 'link', 'witness', 'governance'] as const;
export type KeyRole = (typeof KEY_ROLES)[number];

/** Roles whose key a statement names. */
export const STATED_ROLES = ['log', 'exercise-log', 'link', 'witness'] as const;
export type StatedRole = (typeof STATED_ROLES)[number];

/** Public keys that a statement names, by role. */
export type StatedKeys = Readonly<Record<StatedRole, HybridPublic>>;

export type RawAlgorithm = 'ed25519' | 'ml-dsa-44';

const pathOf = (dir: string, role: KeyRole): string => join(dir, `${role}.pem`);

export function pemOf(key: HybridPrivateKey): string {
  const pem = (half: KeyObject): string => String(half.export({ type: 'pkcs8', format: 'pem' }));
  return pem(key.ed25519) + pem(key.mlDsa44);
}

const PEM_BLOCK = /-----BEGIN PRIVATE KEY-----[A-Za-z0-9+/=\s]+-----END PRIVATE KEY-----/g;

/** Never names the cause: an error of the parser may quote what it could not read. */
function unusable(path: string): IdentityError {
  return new IdentityError({
    code: 'KEY_INVALID',
    message: `expected an Ed25519 and an ML-DSA-44 private key (PKCS#8 PEM) in ${path}: restore the file or make a new key`,
    retry: 'fatal',
  });
}

const loadKey = (dir: string, role: KeyRole): Promise<HybridPrivateKey> => readKey(pathOf(dir, role));

/** Both halves of a key file; throws SECRET_UNREADABLE, SECRET_PERMISSIONS or KEY_INVALID. */
export async function readKey(path: string): Promise<HybridPrivateKey> {
  const blocks = textOf(await readSecret(path)).match(PEM_BLOCK) ?? [];
  const [ed25519, mlDsa44] = blocks.flatMap((block) => {
    try {
      return [createPrivateKey(block)];
    } catch {
      return [];
    }
  });
  if (
    blocks.length !== 2 ||
    ed25519?.asymmetricKeyType !== 'ed25519' ||
    mlDsa44?.asymmetricKeyType !== 'ml-dsa-44'
  )
    throw unusable(path);
  return { ed25519, mlDsa44 };
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}

interface HeldKey {
  readonly privateKey: HybridPrivateKey;
  readonly publicKey: HybridPublic;
  readonly path: string;
}

const heldKey = (path: string, privateKey: HybridPrivateKey): HeldKey => ({
  path,
  privateKey,
  publicKey: hybridPublicOf(privateKey),
});

const idOf = (key: HybridPublic): string => hex(hybridFingerprint(key));

/** Files of keys beside the first of each role; the digits are the start of the fingerprint. */
const FURTHER_FILE = /^(log|exercise-log|link|witness)-([0-9a-f]{16})\.pem$/;
const furtherPath = (dir: string, role: StatedRole, fingerprint: string): string =>
  join(dir, `${role}-${fingerprint.slice(0, 16)}.pem`);

/** A node's keys. */
export class Keyring {
  readonly dir: string;
  /** Private halves that parcels are sealed to, each in a file of its own. */
  readonly prekeys: PrekeyFolder;
  /** By role, then by fingerprint in hexadecimal. */
  readonly #keys = new Map<KeyRole, Map<string, HeldKey>>();
  readonly #current = new Map<KeyRole, HeldKey>();

  private constructor(dir: string, keys: ReadonlyMap<KeyRole, HybridPrivateKey>) {
    this.dir = dir;
    this.prekeys = new PrekeyFolder(join(dir, 'prekeys'));
    for (const [role, privateKey] of keys) {
      const held = heldKey(pathOf(dir, role), privateKey);
      this.#keep(role, held);
      this.#current.set(role, held);
    }
  }

  /** Makes every key in a directory without keys; throws KEYRING_EXISTS where there is one: keys are never overwritten. */
  static async create(dir: string): Promise<Keyring> {
    await makeSecretDirectory(dir);
    for (const role of KEY_ROLES) {
      if (await exists(pathOf(dir, role)))
        throw new IdentityError({
          code: 'KEYRING_EXISTS',
          message: `expected no keys in ${dir}, found ${role}.pem: open this keyring, or choose another directory`,
          facts: { dir },
        });
    }
    await makeSecretDirectory(join(dir, 'prekeys'));
    const keys = new Map(KEY_ROLES.map((role) => [role, generateHybrid().privateKey]));
    for (const [role, key] of keys) await writeSecret(pathOf(dir, role), pemOf(key));
    return new Keyring(dir, keys);
  }

  /**
   * Reads every key; throws KEYRING_MISSING, SECRET_PERMISSIONS or KEY_INVALID. Never makes a key. Until `use`, the first
   * key of each role is the one in use.
   */
  static async open(dir: string): Promise<Keyring> {
    if (!(await exists(pathOf(dir, 'link'))))
      throw new IdentityError({
        code: 'KEYRING_MISSING',
        message: `expected a keyring in ${dir}, found none: create one once, or restore it from its backup`,
        facts: { dir },
      });
    await makeSecretDirectory(join(dir, 'prekeys'));
    const keys = new Map<KeyRole, HybridPrivateKey>();
    for (const role of KEY_ROLES) keys.set(role, await loadKey(dir, role));
    const keyring = new Keyring(dir, keys);
    await keyring.readAgain();
    return keyring;
  }

  get log(): HybridPublic {
    return this.publicKey('log');
  }

  get exerciseLog(): HybridPublic {
    return this.publicKey('exercise-log');
  }

  get link(): HybridPublic {
    return this.publicKey('link');
  }

  get witness(): HybridPublic {
    return this.publicKey('witness');
  }

  get governance(): HybridPublic {
    return this.publicKey('governance');
  }

  publicKey(role: KeyRole): HybridPublic {
    return this.#held(role).publicKey;
  }

  /** Public halves of all keys held of a role, in no order. */
  publicKeys(role: StatedRole): readonly HybridPublic[] {
    return [...(this.#keys.get(role)?.values() ?? [])].map(({ publicKey }) => publicKey);
  }

  holds(role: StatedRole, key: HybridPublic): boolean {
    return this.#keys.get(role)?.has(idOf(key)) === true;
  }

  /**
   * Hybrid signature over signed bytes, by the key in use, or by `as` where that is still held. Log and witness keys sign
   * notes only and are not offered here.
   */
  sign(
    role: 'link' | 'governance',
    type: SignedType,
    signedBytes: Uint8Array,
    as?: HybridPublic,
  ): Promise<HybridSignature> {
    return signHybrid(type, signedBytes, this.#held(role, as).privateKey);
  }

  /** One half over bytes as they are, without context: signatures of C2SP notes. By the key in use, or by `as`. */
  signRaw(
    role: 'log' | 'exercise-log' | 'witness',
    algorithm: RawAlgorithm,
    bytes: Uint8Array,
    as?: HybridPublic,
  ): Promise<Uint8Array> {
    const { privateKey } = this.#held(role, as);
    return signInThreadPool(algorithm === 'ed25519' ? privateKey.ed25519 : privateKey.mlDsa44, bytes);
  }

  /** Makes one more key of a role, durable when the promise resolves. It comes into use with a statement that names it. */
  async add(role: StatedRole): Promise<HybridPublic> {
    const { privateKey, publicKey } = generateHybrid();
    const path = furtherPath(this.dir, role, idOf(publicKey));
    await writeSecret(path, pemOf(privateKey));
    this.#keep(role, { privateKey, publicKey, path });
    return publicKey;
  }

  /** Takes up key files that another process put into the folder. Throws as `open` does. */
  async readAgain(): Promise<void> {
    for (const name of (await readdir(this.dir)).sort()) {
      const [, role, digits] = FURTHER_FILE.exec(name) ?? [];
      const stated = STATED_ROLES.find((one) => one === role);
      if (stated === undefined || digits === undefined) continue;
      const path = join(this.dir, name);
      if ([...(this.#keys.get(stated)?.values() ?? [])].some((held) => held.path === path)) continue;
      const held = heldKey(path, await readKey(path));
      if (!idOf(held.publicKey).startsWith(digits)) throw unusable(path);
      this.#keep(stated, held);
    }
  }

  /**
   * Signs with these keys from now on, all at once. Throws KEY_INVALID, and changes nothing, where the private half of one
   * is not held.
   */
  use(keys: StatedKeys): void {
    const chosen = STATED_ROLES.map((role) => [role, this.#held(role, keys[role])] as const);
    for (const [role, held] of chosen) this.#current.set(role, held);
  }

  /** Deletes a key that is no longer in use, for good. The one in use stays, whatever is asked. */
  async retire(role: StatedRole, fingerprint: Uint8Array): Promise<void> {
    const id = hex(fingerprint);
    const held = this.#keys.get(role)?.get(id);
    const current = this.#held(role);
    if (held === undefined || held === current) return;
    const first = pathOf(this.dir, role);
    this.#keys.get(role)?.delete(id);
    if (held.path !== first) return deleteSecret(held.path);
    // One rename: the folder never lacks the first file of a role, and the old key's is gone with it.
    await rename(current.path, first);
    await syncDirectory(this.dir);
    const moved = { ...current, path: first };
    this.#keep(role, moved);
    this.#current.set(role, moved);
  }

  /** Replaces one key for good and gives the new public half; a higher key statement has to name it before it counts. */
  async renew(role: KeyRole): Promise<HybridPublic> {
    const { privateKey, publicKey } = generateHybrid();
    const path = pathOf(this.dir, role);
    await writeSecret(path, pemOf(privateKey));
    const held = { privateKey, publicKey, path };
    this.#keys.set(role, new Map([[idOf(publicKey), held]]));
    this.#current.set(role, held);
    return publicKey;
  }

  #keep(role: KeyRole, held: HeldKey): void {
    const keys = this.#keys.get(role) ?? new Map<string, HeldKey>();
    this.#keys.set(role, keys.set(idOf(held.publicKey), held));
  }

  #held(role: KeyRole, as?: HybridPublic): HeldKey {
    const held = as === undefined ? this.#current.get(role) : this.#keys.get(role)?.get(idOf(as));
    if (held !== undefined) return held;
    throw new IdentityError({
      code: 'KEY_INVALID',
      message:
        as === undefined
          ? `expected a key role, got ${role}`
          : `the private half of the ${role} key ${idOf(as).slice(0, 16)} is not in ${this.dir}: restore it from a backup, or make a statement over keys that are there`,
    });
  }
}
