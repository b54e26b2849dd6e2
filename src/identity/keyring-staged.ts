/**
 * The governance key that a member is about to change to. It lies beside the one in use until a roster lists it: the version
 * that does needs signatures by both, the old one for the version before and the new one for itself.
 */
import { rename, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { HybridSignature } from '../gen/tocsin/record/v1/identity.ts';
import type { SignedType } from '../record/index.ts';
import { IdentityError } from './errors.ts';
import { generateHybrid, type HybridPublic, hybridPublicOf, signHybrid } from './hybrid.ts';
import { pemOf, readKey } from './keyring.ts';
import { writeSecret } from './keyring-files.ts';

/** What signs a roster for one member. */
export interface GovernanceSigner {
  readonly governance: HybridPublic;
  sign(role: 'governance', type: SignedType, signedBytes: Uint8Array): Promise<HybridSignature>;
}

const staged = (dir: string): string => join(dir, 'governance-next.pem');

const exists = (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    () => false,
  );

/** Makes the next governance key; throws KEYRING_EXISTS where one waits already: others may have signed for it. */
export async function stageGovernanceKey(dir: string): Promise<HybridPublic> {
  if (await exists(staged(dir)))
    throw new IdentityError({
      code: 'KEYRING_EXISTS',
      message: `expected no next governance key in ${dir}, found governance-next.pem: propose it, or remove the file where it was never proposed`,
      facts: { dir },
    });
  const made = generateHybrid();
  await writeSecret(staged(dir), pemOf(made.privateKey));
  return made.publicKey;
}

/** The next governance key, where one waits. */
export async function stagedGovernance(dir: string): Promise<GovernanceSigner | undefined> {
  if (!(await exists(staged(dir)))) return undefined;
  const key = await readKey(staged(dir));
  return {
    governance: hybridPublicOf(key),
    sign: (_role, type, bytes) => signHybrid(type, bytes, key),
  };
}

/** Puts the next key in the place of the one in use, for good, once a roster in use lists it. One rename: never neither. */
export const promoteGovernanceKey = (dir: string): Promise<void> =>
  rename(staged(dir), join(dir, 'governance.pem'));
