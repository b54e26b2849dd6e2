/** The lanes that have something to do: made when first needed, then kept; each a worker of its own. */

import type { Random } from '../base/clock.ts';
import type { LaneId } from '../store/index.ts';
import type { Heartbeats } from './heartbeat.ts';
import { LANES, type Lane } from './link.ts';
import { barrierOf } from './membership.ts';
import { type LaneOptions, LaneWorker } from './outbox.ts';
import { prepareManifest } from './prepare.ts';
import { type PublishDeps, publishManifest, skipManifest } from './publish.ts';
import { Renewal } from './renew.ts';

export interface LanesDeps {
  readonly publish: PublishDeps;
  readonly heartbeats: Pick<Heartbeats, 'ask' | 'isCompared'>;
  /** Whether a partner has still to give back what an earlier incarnation sent it. */
  readonly isHeld: (recipient: string) => boolean;
  readonly random: Random;
  readonly options: LaneOptions;
  /** Runs a part of the exchange until it stops. */
  readonly start: (part: (signal: AbortSignal) => Promise<void>) => void;
}

export class Lanes {
  readonly #deps: LanesDeps;
  #halted: string | undefined;
  readonly #workers = new Map<string, LaneWorker>();

  constructor(deps: LanesDeps) {
    this.#deps = deps;
  }

  /** After a start: every lane with something waiting, or under way, goes on from the store. */
  async resume(): Promise<void> {
    const lanes = await this.#deps.publish.store.read(async (tx) => [
      ...(await tx.outbox.lanesWaiting()),
      ...(await tx.links.lanesOpen()),
    ]);
    this.#wake(lanes);
  }

  /** Rows may have become sendable. */
  async wakeWaiting(): Promise<void> {
    this.#wake(await this.#deps.publish.store.read((tx) => tx.outbox.lanesWaiting()));
  }

  /** Who may be served, or how far, has changed. */
  async wakeAll(): Promise<void> {
    for (const worker of this.#workers.values()) worker.wake.wake();
    await this.resume();
  }

  /** A partner moved; `back` = it returned, and is sent again what it lacks. */
  wakePeer(recipient: string, back: boolean): void {
    for (const lane of LANES) {
      const worker = this.#workers.get(keyOf({ recipient, lane }));
      if (back) worker?.hasten();
      else worker?.wake.wake();
    }
  }

  /** The recipient refused the parcel of this number as a whole. */
  refused(lane: LaneId, seq: bigint): void {
    this.#worker(lane).refused(seq);
  }

  halt(lane: LaneId, reason: string): void {
    this.#worker(lane).halt(reason);
  }

  /** Nothing new to anybody: what our log says is contradicted by what a partner holds of it. */
  haltAll(reason: string): void {
    this.#halted ??= reason;
    for (const worker of this.#workers.values()) worker.halt(reason);
  }

  /** Why nothing goes to anybody; undefined where it does. */
  get haltedAll(): string | undefined {
    return this.#halted;
  }

  halted(recipient: string, lane: Lane): string | undefined {
    return this.#halted ?? this.#workers.get(keyOf({ recipient, lane }))?.halted;
  }

  /** Lane 0 first: it must not queue behind the work that lane 1 is about to make. */
  #wake(lanes: readonly LaneId[]): void {
    for (const lane of [...lanes].sort((a, b) => a.lane - b.lane)) this.#worker(lane).wake.wake();
  }

  #worker({ recipient, lane }: LaneId): LaneWorker {
    const id: LaneId = { recipient, lane };
    const known = this.#workers.get(keyOf(id));
    if (known) return known;
    const { publish, heartbeats, isHeld, random, options, start } = this.#deps;
    const { store, clock, events } = publish;
    const renewal = new Renewal(publish, id);
    const worker = new LaneWorker({
      lane: id,
      clock,
      random,
      events,
      options,
      actions: {
        load: () =>
          store.read(async (tx) => ({
            link: await tx.links.out(id),
            open: await tx.links.open(id),
            dueAt: await tx.outbox.nextDue(id, clock.nowMs()),
          })),
        // A number that may have been used before a rollback is not used: woken when the partner has told what it holds.
        prepare: async (resendAfterMs) =>
          heartbeats.isCompared(recipient) && !isHeld(recipient)
            ? prepareManifest(publish, id, { ...options, resendAfterMs })
            : undefined,
        publish: (place, attempt, items) => publishManifest(publish, id, place, attempt, items),
        setAttempt: (place, attempts, at) =>
          store.write((tx) => tx.links.setAttempt({ ...id, ...place }, attempts, at, clock.nowMs())),
        ask: () => heartbeats.ask(recipient),
        skip: (place) => skipManifest(publish, id, place),
        renew: (open) => renewal.renew(open),
        barred: () => barrierOf(publish.directory, recipient, id.lane, clock.nowMs())?.detail,
      },
    });
    if (this.#halted !== undefined) worker.halt(this.#halted);
    this.#workers.set(keyOf(id), worker);
    start((signal) => worker.run(signal));
    return worker;
  }
}

const keyOf = ({ recipient, lane }: LaneId): string => `${recipient} ${lane}`;
