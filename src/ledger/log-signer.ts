/** Signs checkpoints of the node's own logs, with both keys, off the main thread. Holds no private key. */
import { equalBytes, utf8 } from '../base/bytes.ts';
import type { HybridPublicKey } from '../gen/tocsin/record/v1/identity.ts';
import {
  type Checkpoint,
  cosignatureMessage,
  encodeCheckpoint,
  encodeTimestamped,
  formatNote,
  judgeSignedCheckpoint,
  KEY_TYPE,
  keyId,
  type LogKeys,
  parseNote,
} from '../merkle/index.ts';
import type { World } from '../record/index.ts';
import { ledgerError } from './errors.ts';

export type LogRole = 'log' | 'exercise-log';

/** What the ledger needs of a keyring: public halves, and signatures made elsewhere. */
export interface LogKeyring {
  readonly log: HybridPublicKey;
  readonly exerciseLog: HybridPublicKey;
  /** By the key in use at the moment of the call. */
  signRaw(role: LogRole, algorithm: 'ed25519' | 'ml-dsa-44', bytes: Uint8Array): Promise<Uint8Array>;
}

/** Signs for one log. `timestamp` in seconds, above 0. */
export type SignCheckpoint = (checkpoint: Checkpoint, timestamp: bigint) => Promise<Uint8Array>;

/** Public keys of one log under the name that they sign with. */
export const logKeysOf = (origin: string, key: HybridPublicKey): LogKeys => ({
  origin,
  ed25519: key.ed25519,
  mlDsa44: key.mlDsa44,
});

/** Keys that sign this node's log now. */
export const ownLogKeys = (
  keyring: Pick<LogKeyring, 'log' | 'exerciseLog'>,
  world: World,
  origin: string,
): LogKeys => logKeysOf(origin, world === 'live' ? keyring.log : keyring.exerciseLog);

/**
 * Whether a note carries a signature under this log's ML-DSA-44 key, by its key id: tells which of several keys of a log a note
 * is to be judged by. Nothing is verified.
 */
export function isNoteOf(note: Uint8Array, { origin, mlDsa44 }: LogKeys): boolean {
  const parsed = parseNote(note);
  if (!parsed.ok) return false;
  const id = keyId(origin, KEY_TYPE.mlDsa44, mlDsa44);
  return parsed.value.signatures.some((line) => line.name === origin && equalBytes(line.keyId, id));
}

export function logSigner(keyring: LogKeyring, world: World, origin: string): SignCheckpoint {
  const role = world === 'live' ? 'log' : 'exercise-log';
  return async (checkpoint, timestamp) => {
    // Read with the signatures, before anything is awaited: the keyring may change to new keys between two checkpoints.
    const keys = ownLogKeys(keyring, world, origin);
    const text = encodeCheckpoint(checkpoint);
    const message = cosignatureMessage({ cosigner: origin, timestamp, checkpoint });
    const [classical, postQuantum] = await Promise.all([
      keyring.signRaw(role, 'ed25519', utf8(text)),
      keyring.signRaw(role, 'ml-dsa-44', message),
    ]);
    const note = formatNote(text, [
      { name: origin, keyId: keyId(origin, KEY_TYPE.ed25519, keys.ed25519), signature: classical },
      {
        name: origin,
        keyId: keyId(origin, KEY_TYPE.mlDsa44, keys.mlDsa44),
        signature: encodeTimestamped(timestamp, postQuantum),
      },
    ]);
    // A key file that does not belong to the key statement would otherwise be noticed only by every partner.
    const verdict = judgeSignedCheckpoint({ ...keys, note });
    if (!verdict.ok)
      throw ledgerError(
        'CHECKPOINT_UNSOUND',
        `our own checkpoint does not verify: ${verdict.detail}; check the key files of the node`,
        { retry: 'fatal', facts: { origin } },
      );
    return note;
  };
}
