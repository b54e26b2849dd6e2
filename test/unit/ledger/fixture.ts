/** What the tests of this folder share: a store in a directory of its own, keys in memory, a clock that stands still. */
import { createHash, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { u32be, utf8 } from '../../../src/base/bytes.ts';
import type { Clock, Random } from '../../../src/base/clock.ts';
import { Header } from '../../../src/gen/tocsin/record/v1/header.ts';
import type { HybridPublicKey } from '../../../src/gen/tocsin/record/v1/identity.ts';
import { Priority } from '../../../src/gen/tocsin/record/v1/marking.ts';
import type { LogKeyring } from '../../../src/ledger/index.ts';
import type { SignedHeader } from '../../../src/record/index.ts';

export const ORIGINS = {
  live: 'tocsin/0011223344556677/XA/log/live/1',
  exercise: 'tocsin/0011223344556677/XA/log/exercise/1',
} as const;

interface KeyPair {
  readonly ed25519: KeyObject;
  readonly mlDsa44: KeyObject;
  readonly publicKey: HybridPublicKey;
}

const rawOf = (key: KeyObject, bytes: number): Buffer =>
  Buffer.from(key.export({ format: 'der', type: 'spki' }).subarray(-bytes));

export function keyPair(): KeyPair {
  const classical = generateKeyPairSync('ed25519');
  const postQuantum = generateKeyPairSync('ml-dsa-44');
  return {
    ed25519: classical.privateKey,
    mlDsa44: postQuantum.privateKey,
    publicKey: { ed25519: rawOf(classical.publicKey, 32), mlDsa44: rawOf(postQuantum.publicKey, 1312) },
  };
}

export const signWith = (key: KeyObject, bytes: Uint8Array): Uint8Array =>
  new Uint8Array(sign(null, bytes, key));

/** A keyring in memory; `signRaw` may be made to fail. */
export class MemoryKeyring implements LogKeyring {
  readonly #keys = { log: keyPair(), 'exercise-log': keyPair() };
  signatures = 0;
  failure: Error | undefined;

  get log(): HybridPublicKey {
    return this.#keys.log.publicKey;
  }

  get exerciseLog(): HybridPublicKey {
    return this.#keys['exercise-log'].publicKey;
  }

  async signRaw(
    role: 'log' | 'exercise-log',
    algorithm: 'ed25519' | 'ml-dsa-44',
    bytes: Uint8Array,
  ): Promise<Uint8Array> {
    if (this.failure) throw this.failure;
    this.signatures += 1;
    const keys = this.#keys[role];
    return signWith(algorithm === 'ed25519' ? keys.ed25519 : keys.mlDsa44, bytes);
  }
}

export interface StillClock extends Clock {
  ms: number;
}

export const stillClock = (ms = 1_790_000_000_000): StillClock => {
  const clock = { ms, nowMs: () => clock.ms };
  return clock;
};

/** The same bytes in every run. */
export function countingRandom(): Random {
  let count = 0;
  return {
    bytes: (size) =>
      new Uint8Array(createHash('shake256', { outputLength: size }).update(u32be(count++)).digest()),
  };
}

/** A header of the log's own origin; the ledger reads its origin and priority only. */
export function headerNamed(
  name: string,
  options: { readonly urgent?: boolean; readonly log?: string } = {},
): SignedHeader {
  const bytes = utf8(`header ${name}`);
  return {
    bytes,
    digest: new Uint8Array(createHash('sha256').update(bytes).digest()),
    header: Header.fromPartial({
      logOrigin: options.log ?? ORIGINS.live,
      kind: 'seizure-notice',
      priority: options.urgent ? Priority.PRIORITY_FLASH : Priority.PRIORITY_ROUTINE,
    }),
  };
}
