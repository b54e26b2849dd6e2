/**
 * A number that its sender gave up after its manifest was refused again and again: consumed without content, so that what
 * follows can be taken. The manifest's checkpoint was never seen, so the log's next one cannot be shown to continue it: that
 * is told to people, and forks are still found among the sizes known.
 */
import { equalBytes } from '../base/bytes.ts';
import type { Clock } from '../base/clock.ts';
import { disbelieved, type Verdict } from '../base/verdict.ts';
import { SignedSkip } from '../gen/tocsin/exchange/v1/parcel.ts';
import { Reason } from '../gen/tocsin/record/v1/reason.ts';
import { reasonName } from '../record/index.ts';
import type { Store } from '../store/index.ts';
import { type Alarm, raise } from './alarms.ts';
import type { Directory } from './directory.ts';
import type { PeerKeys } from './keys.ts';
import type { Lane } from './link.ts';
import { judgeLinkSignature } from './link-signature.ts';
import { judgeSkip } from './parcel.ts';

export interface SkipDeps {
  readonly store: Store;
  readonly clock: Clock;
  readonly directory: Directory;
  readonly keys: Pick<PeerKeys, 'refresh'>;
}

/** Judges and takes a skip; the alarms that are new. */
export async function takeSkip(
  deps: SkipDeps,
  sender: string,
  lane: Lane,
  signed: SignedSkip,
): Promise<Verdict<readonly Alarm[], Reason>> {
  const { directory, store, clock } = deps;
  const opened = judgeSkip(directory.network, signed);
  if (!opened.ok) return opened;
  const { skip, bytes, signature } = opened.value;
  const authentic = await judgeLinkSignature(deps, sender, 'skip', bytes, signature);
  if (!authentic.ok) return authentic;
  if (skip.sender !== sender) return disbelieved(Reason.REASON_WRONG_SENDER, 'the skip names another sender');
  if (skip.recipient !== directory.self || skip.lane !== lane) {
    return disbelieved(Reason.REASON_WRONG_DESTINATION, 'the skip names another recipient or lane');
  }
  return store.write(async (tx) => {
    const atMs = clock.nowMs();
    const known = await tx.links.in(sender, lane);
    const { incarnation, seq, digest } = skip;
    const kept = await tx.links.manifestIn({ sender, lane, incarnation, seq });
    if (kept) {
      return equalBytes(kept.digest, digest)
        ? { ok: true, value: [] }
        : disbelieved(Reason.REASON_EQUIVOCATION, 'the skip names another body than was taken', {
            seq: String(seq),
          });
    }
    const last = known && known.incarnation === incarnation ? known.seq : 0n;
    if (seq !== last + 1n || incarnation < (known?.incarnation ?? 0)) {
      return disbelieved(Reason.REASON_GAP, `expected a skip of number ${last + 1n}, got ${seq}`);
    }
    await tx.links.takeManifest({
      sender,
      lane,
      incarnation,
      seq,
      digest,
      body: bytes,
      signature: SignedSkip.encode(signed).finish(),
      takenAt: atMs,
    });
    await tx.links.setIn({
      sender,
      lane,
      incarnation,
      seq,
      digest,
      checkpointSize: 0n,
      checkpointRoot: new Uint8Array(0),
      heardAt: atMs,
    });
    const alarm: Alarm = {
      code: 'CHECKPOINT_UNLINKED',
      subject: `${sender}/${lane}/${seq}`,
      detail: `${sender} gave up manifest ${seq} of lane ${lane} (${reasonName(skip.reason)}); its log is not linked across it`,
      evidence: [bytes],
    };
    return { ok: true, value: (await raise(tx, alarm, atMs)) ? [alarm] : [] };
  });
}
