/**
 * What a partner says it holds of ours, in a manifest or a heartbeat. It moves the window of a lane and closes manifests
 * that get no receipt; it never makes a record 'delivered': only a signed receipt does (principle 3).
 */
import { equalBytes } from '../base/bytes.ts';
import type { WriteTx } from '../store/index.ts';
import type { Alarm } from './alarms.ts';

/** What to run where the store is behind: a number signed twice would be proof of a fork against this node. */
export const REMEDY = 'stop the node and run `tocsin node recover --dir <folder>`';

export interface Held {
  readonly lane: number;
  readonly incarnation: number;
  readonly seq: bigint;
  readonly digest: Uint8Array;
}

export interface Applied {
  readonly raised: boolean;
  readonly alarm?: Alarm;
}

export async function applyAcknowledgement(
  tx: WriteTx,
  recipient: string,
  held: Held,
  now: { readonly incarnation: number; readonly atMs: number },
): Promise<Applied> {
  const { atMs } = now;
  if (held.seq === 0n || held.lane > 1) return { raised: false };
  const lane = { recipient, lane: held.lane === 0 ? 0 : 1 } as const;
  const link = await tx.links.out(lane);
  // Of an incarnation that ended: what it sent beyond our knowledge is fetched back, see reclaim.ts.
  if (held.incarnation < now.incarnation) return { raised: false };
  if (!link || held.incarnation > link.incarnation || held.seq > link.seq) {
    return {
      raised: false,
      alarm: {
        code: 'STORE_BEHIND',
        subject: recipient,
        detail: `${recipient} holds manifest ${held.seq} of lane ${held.lane}, our store knows ${link?.seq ?? 0n}: restored from a backup, or does a second copy of this node run? ${REMEDY}`,
      },
    };
  }
  if (held.seq <= link.ackSeq) return { raised: false };
  const manifest = await tx.links.manifestOut({ ...lane, incarnation: held.incarnation, seq: held.seq });
  if (manifest && !equalBytes(manifest.digest, held.digest)) {
    return {
      raised: false,
      alarm: {
        code: 'ACKNOWLEDGEMENT_MISMATCH',
        subject: recipient,
        detail: `${recipient} acknowledges another manifest ${held.seq} on lane ${held.lane} than we sent`,
        evidence: [manifest.body, held.digest],
      },
    };
  }
  return { raised: await tx.links.acknowledge(lane, held.incarnation, held.seq, atMs) };
}

/** All that one manifest acknowledges; whether any of it was news. */
export async function applyAcknowledgements(
  tx: WriteTx,
  recipient: string,
  all: readonly Held[],
  now: { readonly incarnation: number; readonly atMs: number },
): Promise<{ readonly raised: boolean; readonly alarms: readonly Alarm[] }> {
  const applied: Applied[] = [];
  for (const held of all) applied.push(await applyAcknowledgement(tx, recipient, held, now));
  return {
    raised: applied.some(({ raised }) => raised),
    alarms: applied.flatMap(({ alarm }) => alarm ?? []),
  };
}
