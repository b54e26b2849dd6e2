/** The statement that follows the one in use: keys replaced or taken back, a higher incarnation, a longer validity (design §5). */
import { equalBytes, hex } from '../base/bytes.ts';
import type { KeyStatement, SignedKeyStatement } from '../gen/tocsin/record/v1/identity.ts';
import { type HybridPublic, hybridFingerprint } from './hybrid.ts';
import type { Keyring } from './keyring.ts';
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
    readonly keyring: Pick<Keyring, 'log' | 'exerciseLog' | 'link' | 'witness'>;
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

/** The keys that `held` names and `keyring` no longer has, with what each was for. */
export function replacedKeys(
  held: VerifiedStatement,
  keyring: Pick<Keyring, 'log' | 'exerciseLog' | 'link' | 'witness'>,
): readonly {
  readonly role: 'log' | 'exercise-log' | 'link' | 'witness';
  readonly fingerprint: Uint8Array;
}[] {
  const { statement } = held;
  const pairs: readonly (readonly [
    'log' | 'exercise-log' | 'link' | 'witness',
    HybridPublic | undefined,
    HybridPublic,
  ])[] = [
    ['log', statement.logKey, keyring.log],
    ['exercise-log', statement.exerciseLogKey, keyring.exerciseLog],
    ['link', statement.linkKey, keyring.link],
    ['witness', statement.witnessKey, keyring.witness],
  ];
  return pairs.flatMap(([role, before, now]) => {
    if (!before) return [];
    const fingerprint = hybridFingerprint(before);
    return equalBytes(fingerprint, hybridFingerprint(now)) ? [] : [{ role, fingerprint }];
  });
}
