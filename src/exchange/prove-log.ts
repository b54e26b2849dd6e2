/** What the owner of a log shows of it to a partner that was shown a checkpoint elsewhere: that it is a part of the one tree. */
import { hex, utf8 } from '../base/bytes.ts';
import type {
  GetCheckpointsRequest,
  ProveLogRequest,
  ProveLogResponse,
} from '../gen/tocsin/exchange/v1/exchange_service.ts';
import { type WitnessRule, witnessRuleOf } from '../ledger/index.ts';
import { parseLogOrigin } from '../record/index.ts';
import type { ReadTx, Store, StoredCheckpoint } from '../store/index.ts';
import { RpcError, Status } from '../transport/index.ts';
import type { Directory } from './directory.ts';
import type { LedgerPort } from './ports.ts';

/** Records proved in one answer. */
export const PROVED_RECORDS = 256;
/** A note has two signatures of its log, and 16 at most (design §8). */
const COSIGNATURES = 14;

export interface ProveLogDeps {
  readonly store: Store;
  readonly directory: Directory;
  readonly ledger: LedgerPort;
}

/** Throws RpcError: NOT_FOUND for a log that is not ours, FAILED_PRECONDITION for sizes beyond it. */
export async function proveLog(
  { store, directory, ledger }: ProveLogDeps,
  { origin, size, knownSize, headerDigests }: ProveLogRequest,
): Promise<ProveLogResponse> {
  if (headerDigests.length > PROVED_RECORDS)
    throw new RpcError(Status.INVALID_ARGUMENT, `expected at most ${PROVED_RECORDS} header digests`);
  const rule = witnessRuleOf(directory.roster().roster, directory.network, directory.self);
  return store.read(async (tx) => {
    const newest =
      parseLogOrigin(origin)?.node === directory.self ? await tx.ledger.newestCheckpoint(origin) : undefined;
    if (!newest) throw new RpcError(Status.NOT_FOUND, 'the log is not one of this node');
    if (size > newest.size || knownSize > newest.size)
      throw new RpcError(
        Status.FAILED_PRECONDITION,
        `expected sizes up to ${newest.size}, got ${size} and ${knownSize}`,
      );
    const shown = (await witnessedFrom(tx, origin, size, rule)) ?? newest;
    const between = async (one: bigint, other: bigint) =>
      one === 0n || other === 0n
        ? []
        : (await ledger.consistency(tx, origin, one < other ? one : other, one < other ? other : one)).map(
            (hash) => Buffer.from(hash),
          );
    return {
      checkpoint: Buffer.from(await withCosignatures(tx, origin, shown)),
      proof: await between(size, shown.size),
      knownProof: await between(knownSize, shown.size),
      inclusions:
        shown.size === size
          ? []
          : await inclusionsOf(tx, ledger, { origin, size: shown.size, headerDigests }),
    };
  });
}

/** The smallest checkpoint from a size on that counts as witnessed. */
async function witnessedFrom(
  tx: ReadTx,
  origin: string,
  from: bigint,
  { names: witnesses, threshold }: WitnessRule,
): Promise<StoredCheckpoint | undefined> {
  const size = await tx.ledger.witnessedSize({ origin, witnesses, threshold, which: 'smallest', from });
  return size === undefined ? undefined : tx.ledger.checkpoint(origin, size);
}

async function inclusionsOf(
  tx: ReadTx,
  ledger: LedgerPort,
  of: { readonly origin: string; readonly size: bigint; readonly headerDigests: readonly Uint8Array[] },
): Promise<ProveLogResponse['inclusions']> {
  const leaves = await tx.ledger.leavesOf(of.headerDigests);
  const isHeld = (digest: Uint8Array): boolean => {
    const leaf = leaves.get(hex(digest));
    return leaf !== undefined && leaf.log === of.origin && leaf.index < of.size;
  };
  const held = of.headerDigests.filter(isHeld);
  const proofs = (await ledger.proofsFor(tx, held, of.size)).values();
  return of.headerDigests.map((digest) => {
    const proof = isHeld(digest) ? proofs.next().value : undefined;
    return {
      index: proof?.index ?? 0n,
      proof: (proof?.proof ?? []).map((hash) => Buffer.from(hash)),
      checkpoint: Buffer.alloc(0),
    };
  });
}

/** Notes of a log that is held here, ours or another's, with the cosignatures held. */
export function checkpointsOf(
  { store, ledger }: Pick<ProveLogDeps, 'store' | 'ledger'>,
  { origin, size }: GetCheckpointsRequest,
): Promise<Buffer[]> {
  const own = Object.values(ledger.origins).includes(origin);
  return store.read(async (tx) => {
    const known =
      size === 0n ? await tx.ledger.newestKnownLog(origin) : await tx.ledger.knownLog(origin, size);
    const ours =
      size === 0n ? await tx.ledger.newestCheckpoint(origin) : await tx.ledger.checkpoint(origin, size);
    const found = own ? ours : known;
    return found ? [Buffer.from(await withCosignatures(tx, origin, found))] : [];
  });
}

/** A note may carry further signature lines after its own (C2SP signed-note). */
async function withCosignatures(
  tx: ReadTx,
  origin: string,
  { note, size }: { readonly note: Uint8Array; readonly size: bigint },
): Promise<Uint8Array> {
  const lines = (await tx.ledger.cosignatures(origin, size)).map(({ line }) => utf8(line));
  return Buffer.concat([note, ...lines.slice(0, COSIGNATURES)]);
}
