/** The statement that follows the one in use: keys replaced or taken back, a higher incarnation, a longer validity (design §5). */
import { equalBytes, hex } from '../base/bytes.ts';
import type { KeyStatement, SignedKeyStatement } from '../gen/tocsin/record/v1/identity.ts';
import { IdentityError } from './errors.ts';
import { type HybridPublic, hybridFingerprint } from './hybrid.ts';
import { type Keyring, STATED_ROLES, type StatedKeys, type StatedRole } from './keyring.ts';
import { createStatement, type StatementSigner, type VerifiedStatement } from './statement.ts';

/** What changes; what is left out stays as the statement in use says it. */
export interface StatementChange {
  readonly incarnation?: number;
  /** Higher than the next one, where statements may be out there that nobody here has seen. */
  readonly sequence?: bigint;
  /** Added to those closed before. */
  readonly closedLogs?: KeyStatement['closedLogs'];
  /** Added to those revoked before; a key that is no longer named and not revoked stays good for what it signed. */
  readonly revocations?: KeyStatement['revocations'];
  readonly kinds?: KeyStatement['kinds'];
  readonly notBeforeMs: number;
  readonly notAfterMs: number;
}

/** Makes the direct successor of `held` over the public keys of `keyring`. Throws STATEMENT_INVALID. */
export function createSuccessor(
  options: {
    readonly network: Uint8Array;
    readonly held: VerifiedStatement;
    readonly keyring: RingKeys;
    readonly change: StatementChange;
  },
  signer: StatementSigner,
): Promise<SignedKeyStatement> {
  const { network, held, keyring, change } = options;
  const { statement } = held;
  return createStatement(
    {
      network,
      node: statement.node,
      incarnation: change.incarnation ?? statement.incarnation,
      sequence: change.sequence ?? statement.sequence + 1n,
      predecessor: held.digest,
      notBeforeMs: change.notBeforeMs,
      notAfterMs: change.notAfterMs,
      keyring,
      closedLogs: [...statement.closedLogs, ...(change.closedLogs ?? [])],
      revocations: earliest([...statement.revocations, ...(change.revocations ?? [])]),
      kinds: change.kinds ?? statement.kinds,
      format: statement.format,
    },
    signer,
  );
}

/** One entry a key: a second revocation may only move its time back, never forward. */
function earliest(revocations: KeyStatement['revocations']): KeyStatement['revocations'] {
  const byKey = new Map<string, KeyStatement['revocations'][number]>();
  for (const one of revocations) {
    const key = hex(one.fingerprint);
    const known = byKey.get(key);
    if (!known || one.from < known.from) byKey.set(key, one);
  }
  return [...byKey.values()];
}

/** Keys of a keyring under the names that the statement's fields have. */
export type RingKeys = Pick<Keyring, 'log' | 'exerciseLog' | 'link' | 'witness'>;

/** The four keys that a well-formed statement names. Throws STATEMENT_INVALID where one is missing. */
export function statedKeys(statement: KeyStatement): StatedKeys {
  const { logKey, exerciseLogKey, linkKey, witnessKey } = statement;
  if (!logKey || !exerciseLogKey || !linkKey || !witnessKey)
    throw new IdentityError({ code: 'STATEMENT_INVALID', message: 'key statement: a key is missing' });
  return { log: logKey, 'exercise-log': exerciseLogKey, link: linkKey, witness: witnessKey };
}

/** The keys that `held` names and `keyring` no longer has, with what each was for. */
export function replacedKeys(
  held: VerifiedStatement,
  keyring: RingKeys,
): readonly { readonly role: StatedRole; readonly fingerprint: Uint8Array }[] {
  const before = statedKeys(held.statement);
  const now: StatedKeys = {
    log: keyring.log,
    'exercise-log': keyring.exerciseLog,
    link: keyring.link,
    witness: keyring.witness,
  };
  return STATED_ROLES.flatMap((role) => {
    const fingerprint = hybridFingerprint(before[role]);
    return equalBytes(fingerprint, hybridFingerprint(now[role])) ? [] : [{ role, fingerprint }];
  });
}

/**
 * When a key ends, or ended, by the word of a later statement of its node: at the end of a rotation's overlap, or when it was
 * taken back. Milliseconds; undefined where that statement says nothing of it.
 */
export function endOfKey(
  newest: KeyStatement,
  key: Readonly<Record<keyof HybridPublic, Uint8Array>>,
): number | undefined {
  if (newest.revocations.length === 0) return undefined;
  const { ed25519, mlDsa44 } = key;
  const fingerprint = hybridFingerprint({ ed25519: Buffer.from(ed25519), mlDsa44: Buffer.from(mlDsa44) });
  const found = newest.revocations.find((revoked) => equalBytes(revoked.fingerprint, fingerprint));
  return found && Number(found.from);
}

/** Whether a key that a later statement replaced still counts at `atMs`: only where that statement leaves it an overlap. */
export function isInOverlap(newest: KeyStatement, key: HybridPublic, atMs: number): boolean {
  const end = endOfKey(newest, key);
  return end !== undefined && atMs < end;
}
