/**
 * Where one lane of one direction stands, and whether a manifest continues it. Pure: what is stored, and how, is said in
 * inbox.ts. Design §6: numbers are dense from 1 in each lane and incarnation, and every manifest names the one before.
 */
import { equalBytes } from '../base/bytes.ts';
import { believed, disbelieved, type Verdict } from '../base/verdict.ts';
import { Reason } from '../gen/tocsin/record/v1/reason.ts';

/** 0 = flash, recall, control; 1 = the rest. */
export type Lane = 0 | 1;
export const LANES: readonly Lane[] = [0, 1];

/** The last manifest taken without a gap. `seq` 0 with an empty digest = none yet in this incarnation. */
export interface LanePoint {
  readonly incarnation: number;
  readonly seq: bigint;
  readonly digest: Uint8Array;
}

/** What a manifest says about its own place. */
export interface Place {
  readonly incarnation: number;
  readonly seq: bigint;
  readonly previous: Uint8Array;
  readonly digest: Uint8Array;
}

/** `next` = take it; `taken` = the same body was taken before; `restart` = first of a higher, declared incarnation. */
export type Position = 'next' | 'taken' | 'restart';

export const lanePoint = (incarnation: number): LanePoint => ({
  incarnation,
  seq: 0n,
  digest: new Uint8Array(0),
});

/**
 * Judges the place of a manifest.
 *
 * @param known what was taken last; undefined where nothing ever was
 * Links of a higher incarnation restart at number 1, which names the last manifest that its sender still knows (design §5);
 * whether that is the last one taken here says how much it lost, not whether it may be believed.
 *
 * @param kept digest of the manifest taken under this incarnation and number, if one was
 * @returns GAP (fetch what lies between first), EQUIVOCATION (two bodies under one number, T14), CHAIN_BROKEN,
 *   STATEMENT_STALE (a number never taken, of an incarnation that its sender has closed)
 */
export function judgePlace(
  place: Place,
  known: LanePoint | undefined,
  kept: Uint8Array | undefined,
): Verdict<Position, Reason> {
  if (kept) {
    return equalBytes(kept, place.digest)
      ? believed<Position>('taken')
      : disbelieved(Reason.REASON_EQUIVOCATION, 'a second manifest body under a number already used', {
          seq: String(place.seq),
        });
  }
  if (known && place.incarnation < known.incarnation) {
    return disbelieved(
      Reason.REASON_STATEMENT_STALE,
      `expected incarnation ${known.incarnation} or higher, got ${place.incarnation}`,
      { expected: known.incarnation, got: place.incarnation },
    );
  }
  const restart = !known || place.incarnation > known.incarnation;
  const last = restart ? lanePoint(place.incarnation) : known;
  if (place.seq > last.seq + 1n) {
    return disbelieved(Reason.REASON_GAP, `expected number ${last.seq + 1n}, got ${place.seq}`, {
      expected: String(last.seq + 1n),
      got: String(place.seq),
    });
  }
  // A number at or below the last one whose body is not kept: the row was pruned, so it cannot be told from a second body.
  if (place.seq <= last.seq) {
    return disbelieved(Reason.REASON_REPLAY, `number ${place.seq} lies before ${last.seq + 1n}`, {
      seq: String(place.seq),
    });
  }
  // What the first of an incarnation names is what its sender remembers: it may be less, or other, than what was taken.
  if (place.seq > 1n && !equalBytes(place.previous, last.digest)) {
    return disbelieved(
      Reason.REASON_CHAIN_BROKEN,
      `manifest ${place.seq} does not name the manifest taken before it`,
      {
        seq: String(place.seq),
      },
    );
  }
  return believed<Position>(restart && known ? 'restart' : 'next');
}
