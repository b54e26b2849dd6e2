/**
 * The audit trail is tied to the node's own log: at regular times a record that never leaves commits to the head of the
 * trail, and its header becomes a leaf. Who later cuts the trail or writes it anew contradicts a log that witnesses and
 * partners have seen. The times are regular, also where nothing was recorded, so that the log's size tells nothing of the desk.
 */
import { sleep } from '../base/async.ts';
import { equalBytes, hex } from '../base/bytes.ts';
import { believed, disbelieved, type Verdict } from '../base/verdict.ts';
import { AuditAnchor } from '../gen/tocsin/record/v1/audit_anchor.ts';
import { commitFacet, judgeHeader } from '../record/index.ts';
import type { AuditHead, ReadTx, StoredRecord } from '../store/index.ts';
import type { LifecycleDeps } from './context.ts';
import { stateByNode } from './node-record.ts';

export const AUDIT_ANCHOR = 'audit-anchor';
const AUDIT_BROKEN = 'AUDIT_BROKEN';
const LAST_ANCHOR_KEY = 'audit/last-anchor-at';
const PAGE = 200;

/** What an anchor says, and the record that says it. */
export interface HeldAnchor {
  readonly head: AuditHead;
  readonly record: StoredRecord;
}

/** The anchor that a record holds, checked against the commitment of its header; undefined where they do not agree. */
export async function anchorOf(
  tx: ReadTx,
  network: Uint8Array,
  record: StoredRecord,
): Promise<HeldAnchor | undefined> {
  const signed = judgeHeader(network, record.header);
  const [facet] = await tx.records.facets(record.headerDigest, [AUDIT_ANCHOR]);
  if (!signed.ok || facet === undefined || !equalBytes(signed.value.digest, record.headerDigest))
    return undefined;
  const { recordId, revision, commitments } = signed.value.header;
  const commitment = commitments.find((one) => one.facet === AUDIT_ANCHOR)?.digest;
  const made = commitFacet({ recordId, revision, facet: AUDIT_ANCHOR, salt: facet.salt, body: facet.body });
  if (commitment === undefined || !equalBytes(commitment, made)) return undefined;
  const { seq, hash } = AuditAnchor.decode(facet.body);
  return { head: { seq, hash }, record };
}

/** Records of the kind, newest first. */
export async function* anchorRecords(
  tx: ReadTx,
  most = Number.POSITIVE_INFINITY,
): AsyncGenerator<StoredRecord> {
  let cursor: string | undefined;
  let left = most;
  do {
    const page = await tx.records.list({
      world: 'live',
      kind: AUDIT_ANCHOR,
      origin: 'own',
      limit: Math.min(PAGE, left),
      ...(cursor !== undefined && { cursor }),
    });
    yield* page.items;
    left -= page.items.length;
    cursor = page.next;
  } while (cursor !== undefined && left > 0);
}

/** What a verification of the whole trail found. */
export interface AuditStanding {
  /** Undefined for a trail without rows. */
  readonly head: AuditHead | undefined;
  readonly anchors: number;
  /** Row of the newest anchor; 0 = none yet. */
  readonly anchored: bigint;
}

/** Recomputes the chain and meets every anchor with its row. AUDIT_BROKEN names the row (`facts.seq`). */
export async function verifyAudit(
  tx: ReadTx,
  network: Uint8Array,
): Promise<Verdict<AuditStanding, 'AUDIT_BROKEN'>> {
  const chain = await tx.audit.verify();
  if (!chain.ok) return chain;
  let anchors = 0;
  let anchored = 0n;
  for await (const record of anchorRecords(tx)) {
    const met = await meetsRow(tx, network, record);
    if (!met.ok) return met;
    anchors += 1;
    if (met.value > anchored) anchored = met.value;
  }
  return believed({ head: chain.value, anchors, anchored });
}

async function meetsRow(
  tx: ReadTx,
  network: Uint8Array,
  record: StoredRecord,
): Promise<Verdict<bigint, 'AUDIT_BROKEN'>> {
  const name = hex(record.headerDigest).slice(0, 16);
  const anchor = await anchorOf(tx, network, record);
  if (anchor === undefined)
    return disbelieved(AUDIT_BROKEN, `anchor ${name} does not agree with its own header`);
  const { seq, hash } = anchor.head;
  const row = await tx.audit.at(seq);
  if (row === undefined)
    return disbelieved(
      AUDIT_BROKEN,
      `the trail was cut: anchor ${name} in the log names row ${seq}, which is not here`,
      {
        seq: Number(seq),
      },
    );
  return equalBytes(row.hash, hash)
    ? believed(seq)
    : disbelieved(
        AUDIT_BROKEN,
        `the trail was written anew: row ${seq} is not the one of anchor ${name} in the log`,
        {
          seq: Number(seq),
        },
      );
}

/**
 * Anchors the head where the time has come: whether it did. What was added since the anchor before is verified first; a
 * trail that does not hold raises an alarm, and is anchored as it is, so that the fault cannot be mended unseen.
 */
export async function anchorAudit<View>(deps: LifecycleDeps<View>, everyMs: number): Promise<boolean> {
  const now = deps.clock.nowMs();
  const state = await deps.store.read(async (tx) => {
    const last = Number((await tx.meta.getText(LAST_ANCHOR_KEY)) ?? Number.NEGATIVE_INFINITY);
    // A clock that was set back must not silence the anchors.
    if (now - last < everyMs && now >= last) return undefined;
    const { value: record } = await anchorRecords(tx, 1).next();
    if (!record) return { verdict: await tx.audit.verify() };
    const met = await meetsRow(tx, deps.self.network, record);
    if (!met.ok) return { verdict: met };
    const from = await tx.audit.at(met.value);
    return { verdict: await tx.audit.verify(from) };
  });
  if (state === undefined) return false;
  await deps.store.write(async (tx) => {
    const { verdict } = state;
    if (!verdict.ok)
      await tx.alarms.raise({
        at: now,
        code: AUDIT_BROKEN,
        subject: String(verdict.facts?.seq ?? ''),
        detail: `${verdict.detail}: the store was changed by other means than this node; \`tocsin audit verify\``,
      });
    const head = await tx.audit.head();
    await tx.meta.setText(LAST_ANCHOR_KEY, String(now));
    if (head === undefined) return;
    const body = AuditAnchor.encode({
      seq: head.seq,
      hash: Buffer.from(head.hash),
      at: BigInt(now),
    }).finish();
    await stateByNode(deps, tx, {
      kind: AUDIT_ANCHOR,
      facets: { [AUDIT_ANCHOR]: body },
      to: [],
      world: 'live',
    });
  });
  return true;
}

/** Anchors until the signal aborts, then resolves. */
export async function runAuditAnchor<View>(
  deps: LifecycleDeps<View>,
  everyMs: number,
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    await anchorAudit(deps, everyMs);
    await sleep(Math.min(everyMs, 60_000), signal).catch(() => undefined);
  }
}
