/**
 * Cosigns others' checkpoints (C2SP tlog-witness, add-checkpoint). The checks run in the order of that text, and what was
 * cosigned is committed before the answer leaves, so that no two answers can ever contradict each other.
 */
import { SerialRunner } from '../base/async.ts';
import { equalBytes, utf8 } from '../base/bytes.ts';
import type { Clock } from '../base/clock.ts';
import { LIMITS } from '../base/limits.ts';
import type { Verdict } from '../base/verdict.ts';
import { Reason } from '../gen/tocsin/record/v1/reason.ts';
import {
  type Checkpoint,
  cosignatureMessage,
  emptyRoot,
  encodeTimestamped,
  formatSignatureLine,
  judgeCheckpointText,
  judgeConsistency,
  judgeCosignature,
  KEY_TYPE,
  keyId,
  splitNote,
} from '../merkle/index.ts';
import type { ReadTx, Store } from '../store/index.ts';
import { ledgerError } from './errors.ts';
import { keepPartnerCheckpoint } from './partner.ts';
import { type TwoHistories, twoHistories } from './two-histories.ts';

/** A log that this witness cosigns for. */
export interface WitnessedLog {
  /** Owner of the log. */
  readonly node: string;
  /** Believes a signed note by the keys trusted for the log; see judgeSignedCheckpoint. */
  judge(note: Uint8Array): Verdict<{ readonly checkpoint: Checkpoint }, Reason>;
}

export interface WitnessDeps {
  readonly store: Pick<Store, 'read' | 'write'>;
  readonly clock: Clock;
  /** Name of the witness. */
  readonly name: string;
  /** 1312 bytes, of the key in use at the moment of the call. */
  readonly mlDsa44: () => Uint8Array;
  /** ML-DSA-44 with an empty context by that key, off the main thread. */
  readonly sign: (message: Uint8Array) => Promise<Uint8Array>;
  /** Undefined for a log that the roster does not assign to this witness. */
  readonly logOf: (origin: string) => Promise<WitnessedLog | undefined>;
  /** Told of two signed checkpoints that no single tree has, before the request is refused in its turn. */
  readonly onFork?: (found: {
    readonly node: string;
    readonly origin: string;
    readonly fork: TwoHistories;
  }) => Promise<void>;
}

export interface AddCheckpoint {
  readonly oldSize: bigint;
  readonly proof: readonly Uint8Array[];
  /** Signed note. */
  readonly checkpoint: Uint8Array;
}

/** Refusals carry the status that C2SP gives them; a conflict also the size last cosigned. */
export type WitnessAnswer =
  | { readonly status: 200; readonly cosignatures: Uint8Array }
  | { readonly status: 409; readonly lastSize: bigint }
  | { readonly status: 400 | 403 | 404 | 422; readonly reason: Reason; readonly detail: string };

export interface Witness {
  /** Idempotent: the same request again gets a signature over the same tree. Throws where the store fails: nothing is cosigned then. */
  addCheckpoint(request: AddCheckpoint): Promise<WitnessAnswer>;
}

interface LastCosigned {
  readonly size: bigint;
  readonly root: Uint8Array;
  readonly at: number;
}

/** Cosignatures of one log that the witness keeps beside the last of every day. */
const KEPT_COSIGNATURES = 256;

const NEVER: LastCosigned = { size: 0n, root: emptyRoot(), at: 0 };

export function createWitness(deps: WitnessDeps): Witness {
  const serial = new SerialRunner<string>();

  const lastCosigned = async (tx: ReadTx, origin: string): Promise<LastCosigned> => {
    const newest = await tx.ledger.newestCosignature(origin, deps.name);
    if (!newest) return NEVER;
    const known = await tx.ledger.knownLog(origin, newest.size);
    // To start again from nothing would be to sign a smaller tree after a larger one.
    if (!known)
      throw ledgerError(
        'LOG_DAMAGED',
        'the root of the last cosigned checkpoint is gone; restore the store',
        {
          retry: 'fatal',
          facts: { origin, size: `${newest.size}` },
        },
      );
    return { size: known.size, root: known.root, at: newest.at };
  };

  const cosign = async (
    request: AddCheckpoint,
    log: WitnessedLog,
    checkpoint: Checkpoint,
  ): Promise<WitnessAnswer> => {
    const { origin, size, root } = checkpoint;
    const last = await deps.store.read((tx) => lastCosigned(tx, origin));
    const refusal = judgeGrowth(request, checkpoint, last);
    if (refusal) return refusal;

    // Seconds, never 0 and never before the cosignature before (design §8).
    const at = Math.max(deps.clock.nowMs(), last.at, 1000);
    const timestamp = BigInt(Math.floor(at / 1000));
    // Read with the signature, before anything is awaited: the keyring may change to new keys meanwhile.
    const mlDsa44 = deps.mlDsa44();
    const signature = await deps.sign(cosignatureMessage({ cosigner: deps.name, timestamp, checkpoint }));
    const cosignature = {
      name: deps.name,
      keyId: keyId(deps.name, KEY_TYPE.mlDsa44, mlDsa44),
      signature: encodeTimestamped(timestamp, signature),
    };
    // It is kept as evidence: one that nobody believes would make whole bundles fall.
    const sound = judgeCosignature({ line: cosignature, checkpoint, mlDsa44 });
    if (!sound.ok)
      throw ledgerError(
        'COSIGNATURE_UNSOUND',
        `a cosignature of this node does not verify: ${sound.detail}`,
        {
          retry: 'fatal',
        },
      );
    const line = formatSignatureLine(cosignature);
    return deps.store.write(async (tx): Promise<WitnessAnswer> => {
      // Compared and written in one transaction: the race of two requests that C2SP describes cannot roll back.
      const now = await lastCosigned(tx, origin);
      if (now.size !== last.size) return { status: 409, lastSize: now.size };
      // Seen in the exchange, with another root: whoever asks is showing different trees to different members.
      const seen = await tx.ledger.knownLog(origin, size);
      if (seen && !equalBytes(seen.root, root))
        return refused(422, Reason.REASON_LOG_FORK, `two roots for the size ${size}`);
      const judged = { checkpoint, note: request.checkpoint, continues: last.size };
      await keepPartnerCheckpoint(tx, log.node, judged, at);
      await tx.ledger.keepCosignature({ origin, size, witness: deps.name, line, at });
      await tx.ledger.pruneCosignatures({ origin, witness: deps.name, keep: KEPT_COSIGNATURES, alone: true });
      return { status: 200, cosignatures: utf8(line) };
    });
  };

  return {
    async addCheckpoint(request) {
      const origin = originIn(request.checkpoint);
      if (!origin.ok) return refused(400, origin.reason, origin.detail);
      const log = await deps.logOf(origin.value);
      if (!log) return refused(404, Reason.REASON_CHECKPOINT_INVALID, 'the log is not witnessed here');
      const signed = log.judge(request.checkpoint);
      if (!signed.ok) return refused(403, signed.reason, signed.detail);
      const { checkpoint } = signed.value;
      const fork = await deps.store.read((tx) => forkIn(tx, request, checkpoint));
      if (fork) await deps.onFork?.({ node: log.node, origin: origin.value, fork });
      return serial.run(origin.value, () => cosign(request, log, checkpoint));
    },
  };
}

/** What the request itself, being signed, proves against its log: another root at a size known here, or before one. */
async function forkIn(
  tx: ReadTx,
  { oldSize, proof, checkpoint: shown }: AddCheckpoint,
  { origin, size, root }: Checkpoint,
): Promise<TwoHistories | undefined> {
  const known = await tx.ledger.knownLog(origin, size);
  if (known && !equalBytes(known.root, root)) return { noteA: known.note, noteB: shown };
  const before = await tx.ledger.knownLog(origin, oldSize);
  return before && twoHistories({ ...before, note: before.note }, { size, root, note: shown }, proof);
}

/** The checks of size, root and proof against what was last cosigned. */
function judgeGrowth(
  { oldSize, proof }: AddCheckpoint,
  { size, root }: Checkpoint,
  last: LastCosigned,
): WitnessAnswer | undefined {
  const inconsistent = Reason.REASON_LOG_INCONSISTENT;
  if (oldSize > size) return refused(400, inconsistent, `expected an old size up to ${size}, got ${oldSize}`);
  if (proof.length > LIMITS.proofHashes)
    return refused(400, Reason.REASON_TOO_LARGE, `expected at most ${LIMITS.proofHashes} hashes`);
  if (oldSize !== last.size) return { status: 409, lastSize: last.size };
  if (size === 0n && !equalBytes(root, emptyRoot()))
    return refused(422, Reason.REASON_CHECKPOINT_INVALID, 'expected the empty root for the size 0');
  if (oldSize === 0n)
    return proof.length > 0
      ? refused(422, inconsistent, 'expected no consistency proof from the size 0')
      : undefined;
  const linked = judgeConsistency({ oldSize, newSize: size, oldRoot: last.root, newRoot: root, proof });
  return linked.ok ? undefined : refused(422, linked.reason, linked.detail);
}

/** Which log a note claims to be of. Its signatures are not read yet: bad ones are the business of the log's keys. */
function originIn(note: Uint8Array): Verdict<string, Reason> {
  const parsed = splitNote(note);
  if (!parsed.ok) return parsed;
  const text = judgeCheckpointText(parsed.value.text);
  return text.ok ? { ok: true, value: text.value.origin } : text;
}

const refused = (status: 400 | 403 | 404 | 422, reason: Reason, detail: string): WitnessAnswer => ({
  status,
  reason,
  detail,
});
