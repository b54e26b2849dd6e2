/**
 * Filling gaps. The sender keeps every manifest and seals it anew on request; the recipient asks from the first number it
 * lacks and takes what comes through the same judgement as mail. Either side may ask or answer twice: numbers decide.
 */
import type { Clock } from '../base/clock.ts';
import type { BackfillRequest, BackfillResponse } from '../gen/tocsin/exchange/v1/exchange_service.ts';
import { SealedParcel } from '../gen/tocsin/exchange/v1/parcel.ts';
import type { LaneId, Store } from '../store/index.ts';
import type { Directory } from './directory.ts';
import type { Inbox } from './inbox.ts';
import type { PeerKeys } from './keys.ts';
import type { Lane } from './link.ts';
import { barrierOf } from './membership.ts';
import type { ExchangeEvents, PeerCalls } from './ports.ts';
import { itemsAgain, type PublishDeps, sealManifest, skipAsNow } from './publish.ts';

/** Manifests read at once by the answering side, and sent in one call. */
const PAGE = 8;
const PER_CALL = 512;

/** Kept manifests of a lane to the caller, in the order of their numbers, sealed to its prekey of this moment. */
export async function* answerBackfill(
  deps: PublishDeps,
  peer: string,
  request: BackfillRequest,
  signal: AbortSignal,
): AsyncGenerator<BackfillResponse> {
  const lane: LaneId = { recipient: peer, lane: request.lane === 0 ? 0 : 1 };
  const last = request.toSeq === 0n ? undefined : request.toSeq;
  if (barrierOf(deps.directory, peer, lane.lane === 0 ? 0 : 1, deps.clock.nowMs())) return;
  // Whoever asks may have lost the key that the first sealing used.
  await deps.keys.refresh(peer);
  let from = request.fromSeq < 1n ? 1n : request.fromSeq;
  for (let sent = 0; sent < PER_CALL && !signal.aborted; ) {
    const key = { ...lane, incarnation: request.incarnation, seq: from };
    const most = Math.min(PAGE, PER_CALL - sent);
    const page = await deps.store.read((tx) => tx.links.manifestsFrom(key, most));
    for (const manifest of page) {
      if ((last !== undefined && manifest.seq > last) || signal.aborted) return;
      if (manifest.skip) {
        yield { entry: { $case: 'skip', value: await skipAsNow(deps, manifest.skip) } };
      } else {
        const items = await itemsAgain(deps, lane, manifest);
        const bytes = await sealManifest(deps, lane, manifest, items);
        yield { entry: { $case: 'parcel', value: SealedParcel.decode(bytes) } };
      }
      sent++;
      from = manifest.seq + 1n;
    }
    if (page.length < most) return;
  }
}

export interface BackfillDeps {
  readonly store: Store;
  readonly clock: Clock;
  readonly directory: Directory;
  readonly keys: PeerKeys;
  readonly inbox: Inbox;
  readonly callsTo: (peer: string) => PeerCalls;
  readonly events: ExchangeEvents;
}

export interface BackfillOptions {
  /** Least time between two calls for one lane. */
  readonly pauseMs: number;
  readonly callMs: number;
}

/** The asking side. One call a lane at a time. */
export class Backfills {
  readonly #deps: BackfillDeps;
  readonly #options: BackfillOptions;
  readonly #running = new Map<string, Promise<void>>();
  readonly #last = new Map<string, number>();

  constructor(deps: BackfillDeps, options: BackfillOptions) {
    this.#deps = deps;
    this.#options = options;
  }

  /** Fetches what is missing of a lane; resolves when nothing more came. Never rejects: the next sign of a gap asks again. */
  fetch(sender: string, lane: Lane, signal: AbortSignal): Promise<void> {
    const key = `${sender} ${lane}`;
    const running = this.#running.get(key);
    if (running) return running;
    const now = this.#deps.clock.nowMs();
    if (Math.abs(now - (this.#last.get(key) ?? Number.NEGATIVE_INFINITY)) < this.#options.pauseMs) {
      return Promise.resolve();
    }
    const run = this.#fetch(sender, lane, signal)
      .catch((error: unknown) => {
        if (!signal.aborted) this.#deps.events.failed?.({ what: 'backfill', peer: sender, error });
      })
      .finally(() => {
        this.#running.delete(key);
        this.#last.set(key, this.#deps.clock.nowMs());
      });
    this.#running.set(key, run);
    return run;
  }

  /** Resolves when no call is under way. */
  async settled(): Promise<void> {
    await Promise.all(this.#running.values());
  }

  async #fetch(sender: string, lane: Lane, signal: AbortSignal): Promise<void> {
    while (!signal.aborted && (await this.#call(sender, lane, signal)) >= PER_CALL);
  }

  /** One call; how many numbers it consumed. */
  async #call(sender: string, lane: Lane, signal: AbortSignal): Promise<number> {
    const { store, directory, inbox, callsTo } = this.#deps;
    if (!directory.statementOf(sender)) await this.#deps.keys.refresh(sender);
    const link = await store.read((tx) => tx.links.in(sender, lane));
    const incarnation = Math.max(
      directory.statementOf(sender)?.statement.incarnation ?? 1,
      link?.incarnation ?? 1,
    );
    const fromSeq = link?.incarnation === incarnation ? link.seq + 1n : 1n;
    const entries = callsTo(sender).backfill(
      { lane, incarnation, fromSeq, toSeq: 0n },
      { deadlineMs: this.#options.callMs, signal },
    );
    let taken = 0;
    for await (const { entry } of entries) {
      if (!entry) break;
      const received =
        entry.$case === 'skip'
          ? await inbox.skip(sender, lane, entry.value)
          : await inbox.receive(sender, lane, SealedParcel.encode(entry.value).finish());
      if (received !== 'taken' && received !== 'repeated') break;
      taken++;
    }
    return taken;
  }
}
