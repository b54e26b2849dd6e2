/**
 * RSA keys for tests: making one takes up to a second, so a few are kept under node_modules/.cache and used again by
 * every process and run. They protect nothing.
 */
import { createPrivateKey, generateKeyPairSync, type KeyObject, randomUUID } from 'node:crypto';
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const folder = join(import.meta.dirname, '../../node_modules/.cache/tocsin-test-keys');
const held = new Map<string, KeyObject>();

/** The same key for the same bits and index, here and in the next run. */
export function testRsaKey(bits: number, index: number): KeyObject {
  const name = `rsa-${bits}-${index}.pem`;
  const known = held.get(name);
  if (known !== undefined) return known;
  const key = readKey(join(folder, name)) ?? makeKey(join(folder, name), bits);
  held.set(name, key);
  return key;
}

function readKey(path: string): KeyObject | undefined {
  try {
    return createPrivateKey(readFileSync(path));
  } catch {
    return undefined;
  }
}

function makeKey(path: string, bits: number): KeyObject {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: bits });
  mkdirSync(folder, { recursive: true });
  // By rename: another test process may be reading at this moment.
  const temporary = `${path}.${randomUUID()}`;
  writeFileSync(temporary, privateKey.export({ type: 'pkcs8', format: 'pem' }), { mode: 0o600 });
  renameSync(temporary, path);
  return privateKey;
}

/** A source of RSA keys for createAuthority: a root of 3072 bits first, then leaves of 2048. */
export function testRsaKeys(index: number): () => Promise<KeyObject> {
  let calls = 0;
  return () => Promise.resolve(calls++ === 0 ? testRsaKey(3072, index) : testRsaKey(2048, index));
}

/** A source of leaf keys only, for certificates issued afterwards. */
export const testLeafKeys =
  (index = 0) =>
  (): Promise<KeyObject> =>
    Promise.resolve(testRsaKey(2048, index));
