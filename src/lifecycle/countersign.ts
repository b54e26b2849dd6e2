/** The second signature on a flash that went out on one: owed within a day, alarmed about until it is given. */
import { hex } from '../base/bytes.ts';
import { worldOfRecord } from '../exchange/index.ts';
import type { NewRecord, StoredRecord, WriteTx } from '../store/index.ts';
import { auditOf, type LifecycleDeps } from './context.ts';
import { refuse } from './errors.ts';
import type { Officer } from './ports.ts';

const COUNTERSIGN_WITHIN_MS = 24 * 60 * 60_000;
const COUNTERSIGN_DUE = 'COUNTERSIGN_DUE';
const COUNTERSIGN_OVERDUE = 'COUNTERSIGN_OVERDUE';

/** Records the duty and raises its alarm, in the transaction of the release. */
export async function oweCountersign(tx: WriteTx, record: NewRecord, releaser: Officer): Promise<void> {
  const dueAt = record.committedAt + COUNTERSIGN_WITHIN_MS;
  await tx.duties.owe({
    headerDigest: record.headerDigest,
    releaser: releaser.fingerprint,
    releasedAt: record.committedAt,
    dueAt,
  });
  // An exercise raises no alarms: they are for what is real (R21).
  if (worldOfRecord(record) === 'exercise') return;
  await tx.alarms.raise({
    at: record.committedAt,
    code: COUNTERSIGN_DUE,
    subject: hex(record.headerDigest),
    detail: `a flash went out on one signature; a second officer countersigns by ${new Date(dueAt).toISOString()}`,
  });
}

/**
 * The second signature. Once given, asking again by the same officer does no harm. Throws NOT_FOUND, NOT_DUE (no such
 * duty), FOUR_EYES (the releaser himself).
 */
export async function countersignRecord(
  deps: LifecycleDeps<unknown>,
  { officer, headerDigest }: { readonly officer: Officer; readonly headerDigest: Uint8Array },
): Promise<StoredRecord> {
  return deps.store.write(async (tx) => {
    const now = deps.clock.nowMs();
    const record = await tx.records.byDigest(headerDigest);
    if (!record)
      throw refuse('NOT_FOUND', 'expected the header digest of a record of this node, got another');
    const duty = await tx.duties.countersignOf(headerDigest);
    if (!duty)
      throw refuse('NOT_DUE', 'expected a record that went out on one signature; this one needs no second');
    if (duty.releaser === officer.fingerprint)
      throw refuse('FOUR_EYES', 'expected an officer other than the releaser; ask a second one');
    if (duty.countersigner === officer.fingerprint) return record;
    if (!(await tx.duties.countersign(headerDigest, officer.fingerprint, now)))
      throw refuse('NOT_DUE', 'expected a record that awaits its countersignature; another officer gave it');
    for (const code of [COUNTERSIGN_DUE, COUNTERSIGN_OVERDUE])
      await tx.alarms.clear(code, hex(headerDigest), now);
    await tx.audit.append([auditOf(officer, now, 'record.countersigned', headerDigest)]);
    return record;
  });
}

/** Raises an alarm for every countersignature past its time; how many are new. */
export async function checkCountersigns(deps: LifecycleDeps<unknown>): Promise<number> {
  const now = deps.clock.nowMs();
  const overdue = await deps.store.read((tx) => tx.duties.openCountersigns(now));
  if (overdue.length === 0) return 0;
  return deps.store.write(async (tx) => {
    let raised = 0;
    for (const { headerDigest, dueAt } of overdue) {
      const duty = await tx.duties.countersignOf(headerDigest);
      if (!duty || duty.countersignedAt !== undefined) continue;
      const record = await tx.records.byDigest(headerDigest);
      if (record && worldOfRecord(record) === 'exercise') continue;
      const isNew = await tx.alarms.raise({
        at: now,
        code: COUNTERSIGN_OVERDUE,
        subject: hex(headerDigest),
        detail: `the countersignature was due by ${new Date(dueAt).toISOString()}; countersign or recall the record`,
      });
      if (isNew) raised += 1;
    }
    return raised;
  });
}
