/** Records that the node states by itself, by rule and not by draft: for exactly the nodes that they name, or for none. */
import { DeskGroup, type Priority, Status } from '../gen/tocsin/record/v1/marking.ts';
import {
  assembleRecord,
  kindOf,
  LOCAL_GROUP,
  RECORD_ID_BYTES,
  SALT_BYTES,
  titleOf,
  type World,
} from '../record/index.ts';
import type { NewRecord, WriteTx } from '../store/index.ts';
import { type LifecycleDeps, wholeMinute } from './context.ts';

const DAY_MS = 86_400_000;

export interface NodeStatement {
  readonly kind: string;
  /** Encoded message of each facet by its name. */
  readonly facets: Readonly<Record<string, Uint8Array>>;
  /** Node ids; empty = it stays here. */
  readonly to: readonly string[];
  /** What the marking names where its recipients must not learn of each other; then the caller queues it. */
  readonly releasableTo?: readonly string[];
  readonly world: World;
  /** The desk group that speaks; the node itself where absent. */
  readonly deskGroup?: DeskGroup;
  readonly priority?: Priority;
}

/** States a record in the transaction: kept, in line for its leaf, queued to whom it names. */
export async function stateByNode<View>(
  deps: LifecycleDeps<View>,
  tx: WriteTx,
  statement: NodeStatement,
): Promise<NewRecord> {
  const { kind, to, world } = statement;
  const row = kindOf(kind);
  if (row?.control !== true) throw new TypeError(`expected a control kind, got ${kind}`);
  const now = deps.clock.nowMs();
  const released = wholeMinute(now);
  const expires = released + row.retention.expireAfterDays * DAY_MS;
  const { signed, facets } = assembleRecord({
    network: deps.self.network,
    logOrigin: deps.self.logOrigin(world),
    originator: deps.self.node,
    recordId: deps.random.bytes(RECORD_ID_BYTES),
    revision: 1,
    content: {
      kind,
      deskGroup: statement.deskGroup ?? DeskGroup.DESK_GROUP_NODE,
      priority: statement.priority ?? row.defaultPriority,
      marking: {
        ...row.defaultMarking(),
        releasableTo: [...(statement.releasableTo ?? (to.length === 0 ? [LOCAL_GROUP] : to))],
        status: world === 'live' ? Status.STATUS_ACTUAL : Status.STATUS_EXERCISE,
      },
      expires,
      reviewBy: Math.min(expires, released + row.retention.reviewEveryDays * DAY_MS),
      facets: statement.facets,
    },
    released,
    salt: () => deps.random.bytes(SALT_BYTES),
  });
  const { header } = signed;
  const record: NewRecord = {
    headerDigest: signed.digest,
    recordId: header.recordId,
    revision: 1,
    originator: header.originator,
    kind,
    schemaVersion: header.schemaVersion,
    deskGroup: header.deskGroup,
    priority: header.priority,
    tlp: header.marking?.tlp ?? 0,
    status: header.marking?.status ?? 0,
    released,
    expires,
    reviewBy: Number(header.reviewBy),
    header: signed.bytes,
    origin: 'own',
    state: 'released',
    logOrigin: header.logOrigin,
    title: titleOf(kind, facets),
    committedAt: now,
  };
  await tx.records.insert([{ record, facets }]);
  await deps.ledger.enqueue(tx, signed);
  if (to.length > 0 && !row.local && statement.releasableTo === undefined) {
    const own = { signed, facets };
    await deps.exchange.fanout(tx, own, deps.policy().preview(own, now));
  }
  return record;
}
