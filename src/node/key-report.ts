/** Every key of a node, out of its folder, running or not: since when it counts, until when, and what it is sealed by. */
import { X509Certificate } from 'node:crypto';
import { equalBytes, hex } from '../base/bytes.ts';
import type { KeyStatement } from '../gen/tocsin/record/v1/identity.ts';
import {
  endOfKey,
  hybridFingerprint,
  Keyring,
  STATED_ROLES,
  type StatedRole,
  statedKeys,
} from '../identity/index.ts';
import { pathsOf } from './config.ts';
import { ROTATED } from './key-rotation.ts';
import { earlierStatements, identityOf } from './key-statements.ts';
import { readNodeText } from './node-files.ts';

/**
 * `in-use` signs now · `overlap` was replaced and counts on until its end · `ended` its overlap is over · `revoked` was taken
 * back · `replaced` by a statement that says nothing of its end · `unnamed` no statement names it (an interrupted call).
 */
export type KeyState = 'in-use' | 'overlap' | 'ended' | 'revoked' | 'replaced' | 'unnamed';

export interface KeyLine {
  readonly role: StatedRole | 'governance';
  /** Hexadecimal, as revocations name it. */
  readonly fingerprint: string;
  readonly state: KeyState;
  /** First statement kept here that names it; milliseconds. */
  readonly since?: { readonly sequence: bigint; readonly atMs: number };
  /** When it ends or ended, milliseconds; of one in use, the end of the statement. */
  readonly untilMs?: number;
  /** Why it was taken back. */
  readonly reason?: string;
  /** Whether its private half is in the folder. */
  readonly held: boolean;
}

export interface PrekeyLine {
  readonly id: string;
  /** `kept`: no longer offered, opens what may still lie in a mailbox. */
  readonly state: 'current' | 'next' | 'kept';
  readonly notBeforeMs: number;
  readonly notAfterMs: number;
}

export interface KeysReport {
  readonly node: string;
  readonly incarnation: number;
  readonly sequence: bigint;
  /** Of the statement as signed, and until when it is believed: certificates of its path may end before. */
  readonly notBeforeMs: number;
  readonly notAfterMs: number;
  readonly believedUntilMs: number;
  readonly keys: readonly KeyLine[];
  readonly prekeys: readonly PrekeyLine[];
  readonly certificate: {
    readonly fingerprint: string;
    readonly notBeforeMs: number;
    readonly notAfterMs: number;
  };
}

/** Throws what `identityOf` throws, and KEYRING_… where the keys cannot be read. */
export async function reportKeys(options: {
  readonly dir: string;
  readonly nowMs: number;
}): Promise<KeysReport> {
  const paths = pathsOf(options.dir);
  const { nowMs } = options;
  const { node, network, held } = identityOf(paths, nowMs);
  const { statement } = held;
  const keyring = await Keyring.open(paths.keys);
  const all = [...(await earlierStatements(paths, network)), statement].filter(
    (one, at, list) => list.findIndex(({ sequence }) => sequence === one.sequence) === at,
  );
  const governance = hybridFingerprint(keyring.governance);
  const tls = new X509Certificate(readNodeText(paths.tlsCertificate, 'restore it from a backup'));
  return {
    node,
    incarnation: statement.incarnation,
    sequence: statement.sequence,
    notBeforeMs: Number(statement.notBefore),
    notAfterMs: Number(statement.notAfter),
    believedUntilMs: held.notAfterMs,
    keys: [
      ...STATED_ROLES.flatMap((role) => linesOf(role, statement, all, keyring, nowMs)),
      { role: 'governance', fingerprint: hex(governance), state: 'in-use', held: true },
    ],
    prekeys: (await keyring.prekeys.list()).map(({ id, notBeforeMs, notAfterMs }) => ({
      id: hex(id),
      state: nowMs < notBeforeMs ? 'next' : nowMs < notAfterMs ? 'current' : 'kept',
      notBeforeMs,
      notAfterMs,
    })),
    certificate: {
      fingerprint: tls.fingerprint256.replaceAll(':', '').toLowerCase(),
      notBeforeMs: tls.validFromDate.getTime(),
      notAfterMs: tls.validToDate.getTime(),
    },
  };
}

/** Keys of one role, newest first. */
function linesOf(
  role: StatedRole,
  newest: KeyStatement,
  statements: readonly KeyStatement[],
  keyring: Keyring,
  nowMs: number,
): KeyLine[] {
  const inUse = hybridFingerprint(statedKeys(newest)[role]);
  const named = statements.map((one) => ({ one, key: statedKeys(one)[role] }));
  const unnamed = keyring
    .publicKeys(role)
    .filter(
      (key) => !named.some((other) => equalBytes(hybridFingerprint(other.key), hybridFingerprint(key))),
    );
  const keys = new Map(
    [...named.map(({ key }) => key), ...unnamed].map((key) => [hex(hybridFingerprint(key)), key]),
  );
  const lines = [...keys].map(([fingerprint, key]): KeyLine => {
    const first = named.find((other) => hex(hybridFingerprint(other.key)) === fingerprint)?.one;
    const end = endOfKey(newest, key);
    const reason = newest.revocations.find((one) => hex(one.fingerprint) === fingerprint)?.reason;
    const isInUse = equalBytes(inUse, hybridFingerprint(key));
    const untilMs = isInUse ? Number(newest.notAfter) : end;
    return {
      role,
      fingerprint,
      state: isInUse ? 'in-use' : stateOf(end, reason, first !== undefined, nowMs),
      ...(first && { since: { sequence: first.sequence, atMs: Number(first.notBefore) } }),
      ...(untilMs === undefined ? {} : { untilMs }),
      ...(reason === undefined || reason === ROTATED ? {} : { reason }),
      held: keyring.holds(role, key),
    };
  });
  return lines.reverse();
}

function stateOf(
  end: number | undefined,
  reason: string | undefined,
  isNamed: boolean,
  nowMs: number,
): KeyState {
  if (end === undefined) return isNamed ? 'replaced' : 'unnamed';
  if (reason !== ROTATED) return 'revoked';
  return nowMs < end ? 'overlap' : 'ended';
}
