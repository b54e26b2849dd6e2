/**
 * New keys for a node, running or not (design §5): rotation, where the old ones count until an overlap is over, and revocation,
 * where they count no more from an instant on, save for what witnesses or the verifier itself saw before. Works on the folder
 * alone, with the authority's keys at hand; a running node takes the new statement up from there.
 *
 * Order: private keys, then the statement before for the record, then the new statement, by one rename. Whatever is
 * interrupted, the keys of the statement in `statement.bin` are in the folder; what nothing names is deleted by the next call.
 */
import { equalBytes, fromHex, hex } from '../base/bytes.ts';
import type { KeyStatement } from '../gen/tocsin/record/v1/identity.ts';
import {
  createSuccessor,
  endOfKey,
  type HybridPublic,
  hybridFingerprint,
  judgeStatement,
  Keyring,
  STATED_ROLES,
  type StatedKeys,
  type StatedRole,
  statedKeys,
} from '../identity/index.ts';
import { KINDS, reasonName } from '../record/index.ts';
import { pathsOf } from './config.ts';
import { NodeError } from './errors.ts';
import { whileLocked } from './folder-lock.ts';
import { loadAuthority } from './founding.ts';
import { earlierStatements, type FolderIdentity, identityOf, replaceStatement } from './key-statements.ts';

const DAY_MS = 86_400_000;
const STATEMENT_DAYS = 365;
/** A text of a revocation; the statement with all of them has to fit its limit. */
const REASON_LENGTH = 120;
/** Text of a revocation that a rotation makes; any other was a person's. */
export const ROTATED = 'rotated';

export interface RotateOptions {
  readonly dir: string;
  /** Default all. */
  readonly roles?: readonly StatedRole[];
  /** How long the old keys count beside the new ones, milliseconds. */
  readonly overlapMs: number;
  /** Folder of the national authority, where it is not the node's own. */
  readonly authority?: string;
  readonly nowMs: number;
}

export interface ChangedKey {
  readonly role: StatedRole;
  /** Fingerprints in hexadecimal. */
  readonly before: string;
  /** Absent where only the end of a key that was replaced before has moved. */
  readonly after?: string;
  /** Milliseconds. */
  readonly endsAt: number;
}

export interface KeysChanged {
  readonly node: string;
  readonly sequence: bigint;
  /** Until when the statement can be believed, milliseconds. */
  readonly notAfterMs: number;
  readonly keys: readonly ChangedKey[];
}

/**
 * Replaces keys; the old ones count until `overlapMs` from now. Throws NOT_INITIALISED (no authority at hand),
 * NETWORK_MISMATCH (nobody would believe it), FOLDER_BUSY.
 */
export function rotateKeys(options: RotateOptions): Promise<KeysChanged> {
  const { roles = STATED_ROLES, overlapMs, nowMs } = options;
  return change(options, async ({ held }, keyring) => {
    const before = statedKeys(held.statement);
    const keys: Record<StatedRole, HybridPublic> = { ...before };
    const changed: ChangedKey[] = [];
    const endsAt = nowMs + overlapMs;
    for (const role of STATED_ROLES) {
      if (!roles.includes(role)) continue;
      keys[role] = await keyring.add(role);
      changed.push({ role, before: idOf(before[role]), after: idOf(keys[role]), endsAt });
    }
    return { keys, changed, reason: ROTATED };
  });
}

export interface RevokeOptions {
  readonly dir: string;
  /** A role, for the key that it has now, or the first digits of a fingerprint. */
  readonly key: string;
  /** For people. */
  readonly reason: string;
  /** Since when it is not to count, milliseconds; not in the future. Default now. */
  readonly fromMs?: number;
  readonly authority?: string;
  readonly nowMs: number;
}

/**
 * Takes a key back; one in use is replaced by a new one. Throws KEY_UNKNOWN, and what `rotateKeys` throws.
 */
export async function revokeKey(options: RevokeOptions): Promise<KeysChanged> {
  const { nowMs, fromMs = nowMs } = options;
  const reason = options.reason.trim();
  if (reason === '' || reason.length > REASON_LENGTH || reason === ROTATED)
    throw new NodeError({
      code: 'KEY_UNKNOWN',
      message: `expected a reason of 1 to ${REASON_LENGTH} characters, which partners will read, and not '${ROTATED}'`,
    });
  if (fromMs > nowMs)
    throw new NodeError({
      code: 'KEY_UNKNOWN',
      message: 'expected an instant that is not in the future: `keys rotate --overlap` lets a key end later',
    });
  return change(options, async ({ held }, keyring, earlier) => {
    const before = statedKeys(held.statement);
    const { role, fingerprint } = named(options.key, before, earlier);
    const end = held.statement.revocations.find((one) => equalBytes(one.fingerprint, fingerprint));
    if (end !== undefined && Number(end.from) <= fromMs)
      throw new NodeError({
        code: 'KEY_UNKNOWN',
        message: `that key counts no more since ${new Date(Number(end.from)).toISOString()} already (${end.reason}): name an earlier instant with --from`,
      });
    const inUse = equalBytes(hybridFingerprint(before[role]), fingerprint);
    const after = inUse ? await keyring.add(role) : undefined;
    const keys: StatedKeys = after === undefined ? before : { ...before, [role]: after };
    const changed: ChangedKey = {
      role,
      before: hex(fingerprint),
      ...(after && { after: idOf(after) }),
      endsAt: fromMs,
    };
    return { keys, changed: [changed], reason };
  });
}

const idOf = (key: HybridPublic): string => hex(hybridFingerprint(key));

/** The key that a person means. */
function named(
  key: string,
  inUse: StatedKeys,
  earlier: readonly KeyStatement[],
): { readonly role: StatedRole; readonly fingerprint: Uint8Array } {
  const role = STATED_ROLES.find((one) => one === key);
  if (role !== undefined) return { role, fingerprint: hybridFingerprint(inUse[role]) };
  const digits = key.toLowerCase();
  const found = new Map<string, StatedRole>();
  if (/^[0-9a-f]{8,64}$/.test(digits))
    for (const keys of [...earlier.map(statedKeys), inUse])
      for (const one of STATED_ROLES) if (idOf(keys[one]).startsWith(digits)) found.set(idOf(keys[one]), one);
  const [only, ...others] = [...found];
  if (only === undefined || others.length > 0)
    throw new NodeError({
      code: 'KEY_UNKNOWN',
      message: `expected one of ${STATED_ROLES.join(', ')}, or at least 8 digits of the fingerprint of a key that this node has named (\`tocsin keys show\`): ${others.length > 0 ? 'several begin so' : 'none begins so'}`,
    });
  return { role: only[1], fingerprint: fromHex(only[0]) };
}

interface Plan {
  readonly keys: StatedKeys;
  readonly changed: readonly ChangedKey[];
  readonly reason: string;
}

function change(
  options: { readonly dir: string; readonly authority?: string; readonly nowMs: number },
  plan: (identity: FolderIdentity, keyring: Keyring, earlier: readonly KeyStatement[]) => Promise<Plan>,
): Promise<KeysChanged> {
  const paths = pathsOf(options.dir);
  const { nowMs } = options;
  return whileLocked(paths.keysLock, async () => {
    const identity = identityOf(paths, nowMs);
    const { network, roster, held, node } = identity;
    const authority = await loadAuthority(
      options.authority === undefined ? paths : { ...paths, authority: options.authority },
    );
    const keyring = await Keyring.open(paths.keys);
    await dropUnnamed(keyring, held.statement);
    const { keys, changed, reason } = await plan(identity, keyring, await earlierStatements(paths, network));
    const signed = await createSuccessor(
      {
        network,
        held,
        keyring: {
          log: keys.log,
          exerciseLog: keys['exercise-log'],
          link: keys.link,
          witness: keys.witness,
        },
        change: {
          revocations: changed.map((one) => ({
            fingerprint: Buffer.from(fromHex(one.before)),
            from: BigInt(one.endsAt),
            reason,
          })),
          kinds: [...KINDS.values()].map((kind) => ({
            kind: kind.code,
            schemaVersion: kind.schemaVersion,
          })),
          notBeforeMs: nowMs,
          notAfterMs: nowMs + STATEMENT_DAYS * DAY_MS,
        },
      },
      authority,
    );
    const judged = judgeStatement({ network, roster, signed, atMs: nowMs, held });
    if (!judged.ok)
      throw new NodeError({
        code: 'NETWORK_MISMATCH',
        message: `no partner would believe the new key statement (${reasonName(judged.reason)}): ${judged.detail}`,
      });
    await replaceStatement(paths, held, signed);
    const { sequence } = judged.value.statement;
    return { node, sequence, notAfterMs: judged.value.notAfterMs, keys: changed };
  });
}

/**
 * Deletes what an interrupted call left, and what is of an earlier incarnation: keys that the statement in use neither names
 * nor ends later than now. The node may run meanwhile: it signs by none of them.
 */
async function dropUnnamed(keyring: Keyring, statement: KeyStatement): Promise<void> {
  const keys = statedKeys(statement);
  if (STATED_ROLES.some((role) => !keyring.holds(role, keys[role])))
    throw new NodeError({
      code: 'FILE_INVALID',
      message: `the private halves of the keys in use are not in ${keyring.dir}: restore them from the backup that the statement came from`,
    });
  keyring.use(keys);
  for (const role of STATED_ROLES)
    for (const key of keyring.publicKeys(role))
      if (endOfKey(statement, key) === undefined) await keyring.retire(role, hybridFingerprint(key));
}
