/**
 * How far partners are with a record of ours: sent, received, in hand, and who is late with it (domain §4.2). Received is what a
 * partner's receipt says, in hand what its desk's word says; neither names an officer.
 */
import { Priority } from '../gen/tocsin/record/v1/marking.ts';
import type { OutboxRow, ReadingTold, StoredRecord } from '../store/index.ts';

const HOUR_MS = 3_600_000;

const ACKNOWLEDGE_MS: Readonly<Record<number, number>> = {
  [Priority.PRIORITY_FLASH]: HOUR_MS / 4,
  [Priority.PRIORITY_IMMEDIATE]: HOUR_MS,
  [Priority.PRIORITY_PRIORITY]: 8 * HOUR_MS,
};
const ROUTINE_MS = 24 * HOUR_MS;

/** Within how many milliseconds a desk should have an arrival in hand (domain §4.2); a working day counts as one day. */
export const acknowledgeMs = (priority: number): number => ACKNOWLEDGE_MS[priority] ?? ROUTINE_MS;

export type ProgressState = 'sent' | 'received' | 'acknowledged' | 'refused' | 'withdrawn';

export interface Progress {
  /** Node id of the partner. */
  readonly node: string;
  readonly state: ProgressState;
  /** Absent where another member passed it on. */
  readonly sentAt?: number;
  readonly receivedAt?: number;
  /** By desk group, oldest first. */
  readonly acknowledgements: readonly Pick<ReadingTold, 'deskGroup' | 'at' | 'receiptDigest'>[];
  /** Absent where nothing is awaited of it. */
  readonly acknowledgeBy?: number;
  readonly overdue: boolean;
  /** Number of tocsin.record.v1.Reason. */
  readonly reason?: number;
}

type Row = Pick<OutboxRow, 'recipient' | 'state' | 'createdAt' | 'closedAt' | 'notBefore' | 'resultReason'>;

/**
 * One entry a partner, by node id. Its clock runs from the receipt, as it does on its own board, and from when it was sent as long
 * as there is none: who cannot be reached has to be rung up as well. It stands still once the record is no longer in force.
 */
export function progressOf(
  { priority, state }: Pick<StoredRecord, 'priority' | 'state'>,
  rows: readonly Row[],
  told: readonly ReadingTold[],
  nowMs: number,
): readonly Progress[] {
  const acknowledged = Map.groupBy(
    told.filter(({ what }) => what === 'acknowledged'),
    ({ node }) => node,
  );
  const sent = Map.groupBy(rows, ({ recipient }) => recipient);
  return [...new Set([...sent.keys(), ...acknowledged.keys()])].toSorted().map((node) => {
    const reached = partnerOf(sent.get(node) ?? [], acknowledged.get(node) ?? []);
    const isAwaited = state === 'released' && (reached.state === 'sent' || reached.state === 'received');
    const since = reached.receivedAt ?? reached.sentAt;
    const acknowledgeBy = isAwaited && since !== undefined ? since + acknowledgeMs(priority) : undefined;
    return {
      node,
      ...reached,
      ...(acknowledgeBy === undefined ? {} : { acknowledgeBy }),
      overdue: acknowledgeBy !== undefined && acknowledgeBy < nowMs,
    };
  });
}

/** The furthest that is proven by any row; a refusal counts where nothing else is under way. */
function partnerOf(
  rows: readonly Row[],
  acknowledgements: readonly ReadingTold[],
): Omit<Progress, 'node' | 'acknowledgeBy' | 'overdue'> {
  const receipted = rows.filter((row) => row.state === 'receipted');
  const refused = rows.findLast((row) => row.state === 'refused');
  const isOpen = rows.some((row) => row.state === 'waiting' || row.state === 'sent');
  const state: ProgressState =
    acknowledgements.length > 0
      ? 'acknowledged'
      : receipted.length > 0
        ? 'received'
        : isOpen
          ? 'sent'
          : refused
            ? 'refused'
            : 'withdrawn';
  return {
    state,
    acknowledgements: acknowledgements.toSorted((a, b) => a.at - b.at),
    ...(rows.length > 0 && {
      sentAt: Math.min(...rows.map(({ createdAt, notBefore }) => Math.max(createdAt, notBefore ?? 0))),
    }),
    ...(receipted.length > 0 && {
      receivedAt: Math.min(...receipted.map(({ closedAt, createdAt }) => closedAt ?? createdAt)),
    }),
    ...(state === 'refused' && refused?.resultReason !== undefined && { reason: refused.resultReason }),
  };
}
