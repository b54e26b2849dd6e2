/**
 * The only holder of a node's private keys. Each role has one file `<role>.pem` with two PKCS#8 blocks (Ed25519, then
 * ML-DSA-44); prekeys lie apart, so that their deletion is the removal of one file. Callers get public keys and
 * signatures, never a private key, except the seed of a prekey, which the seal needs to open a parcel.
 */
import { createPrivateKey, type KeyObject } from 'node:crypto';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { textOf } from '../base/bytes.ts';
import type { HybridSignature } from '../gen/tocsin/record/v1/identity.ts';
import type { SignedType } from '../record/index.ts';
import { IdentityError } from './errors.ts';
import {
  generateHybrid,
  type HybridPrivateKey,
  type HybridPublic,
  hybridPublicOf,
  signHybrid,
  signInThreadPool,
} from './hybrid.ts';
import { makeSecretDirectory, readSecret, writeSecret } from './keyring-files.ts';
import { PrekeyFolder } from './keyring-prekeys.ts';

/** What a key of the ring is for. */
export const KEY_ROLES = ['log', 'exercise-log', 'link', 'witness', 'governance'] as const;
export type KeyRole = (typeof KEY_ROLES)[number];

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
}

/** A node's keys. */
export class Keyring {
  readonly dir: string;
  /** Private halves that parcels are sealed to, each in a file of its own. */
  readonly prekeys: PrekeyFolder;
  readonly #keys: Map<KeyRole, HeldKey>;

  private constructor(dir: string, keys: ReadonlyMap<KeyRole, HybridPrivateKey>) {
    this.dir = dir;
    this.prekeys = new PrekeyFolder(join(dir, 'prekeys'));
    this.#keys = new Map();
    for (const [role, privateKey] of keys)
      this.#keys.set(role, { privateKey, publicKey: hybridPublicOf(privateKey) });
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

  /** Reads every key; throws KEYRING_MISSING, SECRET_PERMISSIONS or KEY_INVALID. Never makes a key. */
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
    return new Keyring(dir, keys);
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

  /** Hybrid signature over signed bytes. Log and witness keys sign notes only and are not offered here. */
  sign(role: 'link' | 'governance', type: SignedType, signedBytes: Uint8Array): Promise<HybridSignature> {
    return signHybrid(type, signedBytes, this.#held(role).privateKey);
  }

  /** One half over bytes as they are, without context: signatures of C2SP notes. */
  signRaw(
    role: 'log' | 'exercise-log' | 'witness',
    algorithm: RawAlgorithm,
    bytes: Uint8Array,
  ): Promise<Uint8Array> {
    const { privateKey } = this.#held(role);
    return signInThreadPool(algorithm === 'ed25519' ? privateKey.ed25519 : privateKey.mlDsa44, bytes);
  }

  /** Replaces one key for good and gives the new public half; a higher key statement has to name it before it counts. */
  async renew(role: KeyRole): Promise<HybridPublic> {
    const held = generateHybrid();
    await writeSecret(pathOf(this.dir, role), pemOf(held.privateKey));
    this.#keys.set(role, held);
    return held.publicKey;
  }

  #held(role: KeyRole): HeldKey {
    const held = this.#keys.get(role);
    if (held === undefined)
      throw new IdentityError({ code: 'KEY_INVALID', message: `expected a key role, got ${role}` });
    return held;
  }
}
