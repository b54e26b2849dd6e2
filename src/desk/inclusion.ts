/** Where a held record stands in its originator's log: computed for own records, as received for partners'. */
import type { WitnessAssignment } from '../gen/tocsin/record/v1/identity.ts';
import { coveringCheckpoint } from '../ledger/index.ts';
import type { ReadTx } from '../store/index.ts';
import type { HeldRecord } from './open-record.ts';
import type { HeldInclusion } from './report.ts';

/** The node's own logs. */
export interface DeskLedger {
  proofFor(
    tx: ReadTx,
    headerDigest: Uint8Array,
    atSize: bigint,
  ): Promise<{ readonly index: bigint; readonly proof: readonly Uint8Array[] }>;
}

const HASH_BYTES = 32;

function hashesOf(bytes: Uint8Array): readonly Uint8Array[] {
  const hashes: Uint8Array[] = [];
  for (let at = 0; at < bytes.length; at += HASH_BYTES) hashes.push(bytes.subarray(at, at + HASH_BYTES));
  return hashes;
}

/** Undefined while no checkpoint covers the record. `witnesses` are the roster's lines. */
export async function inclusionOf(
  tx: ReadTx,
  { ledger, witnesses }: { readonly ledger: DeskLedger; readonly witnesses: readonly WitnessAssignment[] },
  { record }: Pick<HeldRecord, 'record'>,
): Promise<HeldInclusion | undefined> {
  const { leafIndex, headerDigest, logOrigin } = record;
  if (leafIndex === undefined) return undefined;
  // Partners' records, and our own that they gave back after a restart, keep their proof beside them.
  if (record.origin === 'partner' || record.checkpoint !== undefined)
    return record.proof === undefined || record.checkpoint === undefined
      ? undefined
      : { index: leafIndex, proof: hashesOf(record.proof), note: record.checkpoint };
  const assignment = witnesses.find(({ node }) => node === record.originator);
  const checkpoint = await coveringCheckpoint(tx, { origin: logOrigin, leafIndex, assignment });
  if (checkpoint === undefined) return undefined;
  const { index, proof } = await ledger.proofFor(tx, headerDigest, checkpoint.size);
  return { index, proof, note: checkpoint.note };
}
