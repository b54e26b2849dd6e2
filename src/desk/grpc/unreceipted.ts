/** What of this node's records a partner has not receipted yet, as far as an officer may know of the records. No content. */
import type { OpenDelivery } from '../../gen/tocsin/desk/v1/network_service.ts';
import type { Status } from '../../gen/tocsin/record/v1/marking.ts';
import { worldOf } from '../../record/index.ts';
import type { ReadTx } from '../../store/index.ts';
import type { Access } from '../access.ts';
import { openByDigest } from '../open-record.ts';
import type { DeskNode } from '../ports.ts';
import type { OfficerSession } from '../session.ts';
import { buffer } from './messages.ts';

/** Rows looked at: the oldest are what somebody waits for. */
const MOST_ROWS = 50;

export interface Unreceipted {
  readonly shown: readonly OpenDelivery[];
  /** Of records that the officer may not know of, or of the other world. */
  readonly hidden: number;
}

export async function unreceiptedBy(
  tx: ReadTx,
  deps: { readonly access: Access; readonly node: DeskNode },
  session: OfficerSession,
  partner: string,
): Promise<Unreceipted> {
  const shown: OpenDelivery[] = [];
  let hidden = 0;
  for (const row of await tx.outbox.openTo(partner, MOST_ROWS)) {
    const opened = await openByDigest(tx, deps, row.headerDigest, session);
    if (opened === undefined || worldOf(opened.record.status as Status) !== session.world) {
      hidden += 1;
      continue;
    }
    shown.push({
      headerDigest: buffer(row.headerDigest),
      kind: opened.record.kind,
      lane: row.lane,
      seq: row.seq ?? 0n,
      since: BigInt(row.createdAt),
    });
  }
  return { shown, hidden };
}
