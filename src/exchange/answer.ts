/** The receipt that answers a manifest: a record of ours, made in the transaction that takes what it answers. */
import type { Clock, Random } from '../base/clock.ts';
import { ItemAction } from '../gen/tocsin/exchange/v1/parcel.ts';
import type { AssembledRecord } from '../record/index.ts';
import type { OutboxEntry, WriteTx } from '../store/index.ts';
import type { Directory } from './directory.ts';
import type { SignedManifest } from './parcel.ts';
import type { LedgerPort } from './ports.ts';
import { type ItemResult, makeReceipt } from './receipts.ts';
import { rowOf } from './stored.ts';

export interface AnswerDeps {
  readonly clock: Clock;
  readonly random: Random;
  readonly directory: Directory;
  readonly ledger: LedgerPort;
}

export interface Answer {
  readonly sender: string;
  readonly manifest: SignedManifest;
  readonly kind: 'delivered' | 'refused';
  readonly results: readonly ItemResult[];
  readonly urgent: boolean;
  readonly exercise: boolean;
}

/** Makes the receipt of a manifest: a record of ours, in line for its leaf, queued to the sender on lane 0. */
export async function answer(deps: AnswerDeps, tx: WriteTx, of: Answer): Promise<Uint8Array> {
  const atMs = deps.clock.nowMs();
  const { directory, ledger, random } = deps;
  const { signed, facets } = makeReceipt({
    ...of,
    network: directory.network,
    self: directory.self,
    logOrigin: ledger.origins[of.exercise ? 'exercise' : 'live'],
    atMs,
    random,
  });
  await keepReceipt(deps, tx, { signed, facets }, of.sender);
  return signed.digest;
}

/** A receipt of ours: kept, in line for its leaf, queued to the node that it is for. */
async function keepReceipt(
  { directory, ledger, clock }: AnswerDeps,
  tx: WriteTx,
  { signed, facets }: AssembledRecord,
  recipient: string,
): Promise<void> {
  const atMs = clock.nowMs();
  const record = rowOf(signed, {
    origin: 'own',
    state: 'released',
    facets,
    statementDigest: directory.own().digest,
    committedAt: atMs,
  });
  await tx.records.insert([{ record, facets }]);
  await ledger.enqueue(tx, signed);
  await queueReceipt(
    tx,
    recipient,
    signed.digest,
    atMs,
    facets.map((facet) => facet.facet),
  );
}

export async function queueReceipt(
  tx: WriteTx,
  recipient: string,
  headerDigest: Uint8Array,
  atMs: number,
  facets: readonly string[],
): Promise<void> {
  const entry: OutboxEntry = {
    recipient,
    lane: 0,
    action: ItemAction.ITEM_ACTION_RECORD,
    headerDigest,
    facets,
    audience: { deskGroups: [], purposes: [] },
    facetAudiences: [],
    basis: '',
  };
  await tx.outbox.add([entry], atMs);
}
