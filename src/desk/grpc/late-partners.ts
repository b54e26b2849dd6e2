/** Own warnings that partners did not take in hand in time, as duties of the desk group that sent them: somebody rings up. */
import { type Duty, DutyKind } from '../../gen/tocsin/desk/v1/board_service.ts';
import { KINDS } from '../../record/index.ts';
import type { ReadTx } from '../../store/index.ts';
import type { Access } from '../access.ts';
import { openByDigest, titleShown } from '../open-record.ts';
import type { DeskNode } from '../ports.ts';
import { progressOf } from '../progress.ts';
import type { OfficerSession } from '../session.ts';
import { buffer } from './messages.ts';

/** Of a kind, the newest in force: a warning lives 30 days at most, a flash three. */
const MOST_RECORDS = 100;

export async function latePartners(
  tx: ReadTx,
  deps: { readonly access: Access; readonly node: DeskNode },
  session: OfficerSession,
): Promise<readonly Duty[]> {
  const duties: Duty[] = [];
  for (const { code, acknowledged } of KINDS.values()) {
    if (!acknowledged) continue;
    const page = await tx.records.list({
      kind: code,
      origin: 'own',
      state: 'released',
      world: session.world,
      deskGroup: session.deskGroup,
      limit: MOST_RECORDS,
    });
    for (const record of page.items) {
      const { headerDigest } = record;
      const rows = await tx.outbox.ofRecord(headerDigest);
      const told = await tx.onward.readingsOf(headerDigest);
      const late = progressOf(record, rows, told, deps.node.clock.nowMs()).filter(({ overdue }) => overdue);
      if (late.length === 0) continue;
      const opened = await openByDigest(tx, deps, headerDigest, session);
      if (opened === undefined) continue;
      duties.push({
        kind: DutyKind.DUTY_KIND_RING_UP,
        draftId: '',
        headerDigest: buffer(headerDigest),
        recordKind: record.kind,
        title: titleShown(opened) ? record.title : '',
        from: late.map(({ node }) => node).join(', '),
        since: BigInt(record.released),
        dueAt: BigInt(Math.min(...late.map(({ acknowledgeBy }) => acknowledgeBy ?? record.released))),
        note: '',
      });
    }
  }
  return duties;
}
