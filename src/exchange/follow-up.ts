/**
 * What a changed policy means for a record that is already under way (design §3): facets now permitted follow to whoever was
 * given the record, and what waits without being permitted any more is taken back before anybody was told of it. What a
 * partner holds stays there: only a recall deletes.
 */
import { ItemAction } from '../gen/tocsin/exchange/v1/parcel.ts';
import { Reason } from '../gen/tocsin/record/v1/reason.ts';
import type { OutboxRow, WriteTx } from '../store/index.ts';
import { entriesOf, type FanoutRecord } from './fanout.ts';
import { restOf } from './narrowing.ts';
import type { PartnerView } from './ports.ts';

/** What was queued, and taken out of the queue, for one partner. */
export interface FollowUp {
  readonly recipient: string;
  /** Facets that follow. */
  readonly followed: readonly string[];
  /** Facets that waited and are no longer permitted. */
  readonly withdrawn: readonly string[];
  /** Whether the partner may still learn of the record. */
  readonly permitted: boolean;
}

/** Only these were taken back by the policy: a recall, a suspension or a refusal says something else. */
const isByPolicy = ({ resultReason = 0 }: OutboxRow): boolean =>
  resultReason === 0 || resultReason === Reason.REASON_WITHDRAWN;

/** Queues and takes back, for the partners that the record was ever queued to. Those without any change are left out. */
export async function followUp(
  tx: WriteTx,
  record: FanoutRecord,
  views: readonly PartnerView[],
  atMs: number,
): Promise<readonly FollowUp[]> {
  const queued = Map.groupBy(
    (await tx.outbox.ofRecord(record.signed.digest)).filter(
      ({ action }) => action !== ItemAction.ITEM_ACTION_WITHDRAWN,
    ),
    ({ recipient }) => recipient,
  );
  const changes: FollowUp[] = [];
  for (const view of views) {
    const rows = queued.get(view.partner);
    // Who was not meant to have it at its release gets it by an officer's act, not by an editor's.
    if (!rows) continue;
    const narrowed = await narrow(tx, rows, view, atMs);
    const followed = await widen(tx, record, narrowed.rows, view, atMs);
    if (followed.length > 0 || narrowed.changed)
      changes.push({
        recipient: view.partner,
        followed,
        withdrawn: narrowed.withdrawn,
        permitted: view.receive.allowed,
      });
  }
  return changes;
}

interface Narrowed {
  /** As they are now, those put in the place of others left out. */
  readonly rows: readonly OutboxRow[];
  readonly withdrawn: readonly string[];
  readonly changed: boolean;
}

/** A row that only waited told its recipient nothing, so that nothing has to be taken back in the open. */
async function narrow(
  tx: WriteTx,
  rows: readonly OutboxRow[],
  view: PartnerView,
  atMs: number,
): Promise<Narrowed> {
  const withdrawn: string[] = [];
  const now: OutboxRow[] = [];
  let changed = false;
  for (const row of rows) {
    const rest = row.state === 'waiting' ? restOf(row, view) : undefined;
    if (row.state !== 'waiting' || rest?.facets.length === row.facets.length) {
      now.push(row);
      continue;
    }
    changed = true;
    withdrawn.push(...row.facets.filter((name) => rest?.facets.includes(name) !== true));
    await tx.outbox.close([{ id: row.id, state: 'withdrawn', resultReason: Reason.REASON_WITHDRAWN }], atMs);
    if (rest) await tx.outbox.add([rest], atMs);
    now.push(
      rest
        ? { ...row, facets: rest.facets }
        : { ...row, state: 'withdrawn', resultReason: Reason.REASON_WITHDRAWN },
    );
  }
  return { rows: now, withdrawn, changed };
}

async function widen(
  tx: WriteTx,
  record: FanoutRecord,
  rows: readonly OutboxRow[],
  view: PartnerView,
  atMs: number,
): Promise<readonly string[]> {
  if (!view.receive.allowed) return [];
  const told = rows.filter(({ action }) => action === ItemAction.ITEM_ACTION_RECORD);
  const isThere = told.some(({ state }) => state === 'waiting' || state === 'sent' || state === 'receipted');
  // Refused, given up, recalled, or its recipient put out: no policy of ours mends that.
  const takenBack = told.length > 0 && told.every((row) => row.state === 'withdrawn' && isByPolicy(row));
  if (!isThere && !takenBack) return [];
  const settled = new Set(
    rows.filter((row) => row.state !== 'withdrawn' || !isByPolicy(row)).flatMap(({ facets }) => facets),
  );
  const fresh = record.facets.filter(
    ({ facet }) => view.facets.get(facet)?.allowed === true && !settled.has(facet),
  );
  if (isThere && fresh.length === 0) return [];
  const entries = entriesOf({ ...record, facets: fresh }, view, atMs);
  await tx.outbox.add(
    isThere ? entries.map((entry) => ({ ...entry, action: ItemAction.ITEM_ACTION_FACETS })) : entries,
    atMs,
  );
  return fresh.map(({ facet }) => facet);
}
