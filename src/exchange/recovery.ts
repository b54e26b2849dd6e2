/**
 * A declared restart, partner by partner: what we had sent is fetched back, then what it had sent is taken again from the
 * place that the restored store knows (the ordinary backfill does that), then whatever was left without a receipt is sent
 * anew. Moves with every heartbeat that is answered; all of its state is in the store.
 *
 * Mail of a partner is held until it has given back, so that its receipts find the manifests that they are about; nothing is
 * sent to it until then, so that the first manifest names the last one of before.
 */
import { equalBytes, hex } from '../base/bytes.ts';
import type { LanePosition } from '../gen/tocsin/exchange/v1/exchange_service.ts';
import type { Recovering, WriteTx } from '../store/index.ts';
import { type Alarm, raise } from './alarms.ts';
import { isCaughtUp } from './caught-up.ts';
import type { ExchangeEvents } from './ports.ts';
import { type ReclaimDeps, type ReclaimedRecord, reclaim } from './reclaim.ts';
import { beginIncarnation, promiseAgain, type RestartDeps } from './restart.ts';
import { followOwnRecall, RECALL, recalledHere, recallIn } from './take-recall.ts';
import { worldOfHeader } from './worlds.ts';

export interface RecoveryDeps extends RestartDeps, Omit<ReclaimDeps, 'onReclaimed'> {
  readonly events: ExchangeEvents;
  readonly signal: AbortSignal;
  /** Fetches what a partner had sent on a lane. */
  readonly fetch: (peer: string, lane: 0 | 1) => void;
  /** Compares with a partner now. */
  readonly ask: (peer: string) => Promise<boolean>;
  /** Lanes that wait may go on. */
  readonly wake: () => void;
  /** Attachments of records that came back are to be fetched. */
  readonly onBlobs: () => void;
}

/** Where the manifest stands in waits for blobs that none of a partner's manifests brought: numbers begin at 1. */
const GIVEN_BACK = { lane: 1, incarnation: 0, seq: 0n } as const;

/** What a restart still waits for. */
export interface RecoveryState {
  /** Partners of which recalls, or what we had sent, are not back yet. */
  readonly waitingFor: readonly string[];
  /** When it began, milliseconds; undefined where there is nothing to wait for. */
  readonly since?: number;
}

export class Recovery {
  readonly #deps: RecoveryDeps;
  readonly #open = new Map<string, Recovering>();
  readonly #flights = new Set<string>();

  constructor(deps: RecoveryDeps) {
    this.#deps = deps;
  }

  /** Begins the restart where there is one, and reads how far an earlier start got. To be called before anything moves. */
  async load(): Promise<void> {
    await beginIncarnation(this.#deps);
    for (const one of await this.#deps.store.read((tx) => tx.recovery.all()))
      if (!one.history || !one.recalls) this.#open.set(one.partner, one);
  }

  /** Whether a partner has still to give back what we had sent it. */
  holds(partner: string): boolean {
    return this.#open.get(partner)?.history === false && this.#isActive(partner);
  }

  /** Whether any partner has still to give back what we had sent it. */
  awaitsHistory(): boolean {
    return [...this.#open.keys()].some((partner) => this.holds(partner));
  }

  state(): RecoveryState {
    const open = [...this.#open.values()].filter(({ partner }) => this.#isActive(partner));
    return {
      waitingFor: open.map(({ partner }) => partner),
      ...(open[0] && { since: open[0].since }),
    };
  }

  /** A partner answered, and said how far it has sent. */
  async compared(partner: string, sent: readonly LanePosition[]): Promise<void> {
    const open = this.#open.get(partner);
    if (!open || this.#flights.has(partner)) return;
    this.#flights.add(partner);
    try {
      if (!open.history) await this.#takeBack(partner);
      else if (await isCaughtUp(this.#deps.store, partner, sent)) await this.#finish(partner);
      else for (const lane of [0, 1] as const) this.#deps.fetch(partner, lane);
    } catch (error) {
      if (!this.#deps.signal.aborted) this.#deps.events.failed?.({ what: 'recover', peer: partner, error });
    } finally {
      this.#flights.delete(partner);
    }
  }

  async #takeBack(partner: string): Promise<void> {
    const { events, signal, store } = this.#deps;
    await this.#learnOwnStatements(partner);
    const refused: string[] = [];
    await reclaim(
      { ...this.#deps, onReclaimed: (tx, record) => this.#onReclaimed(tx, partner, record) },
      partner,
      (reason, detail) => {
        refused.push(detail);
        events.refused?.({ sender: partner, lane: 0, reason, detail });
      },
      signal,
    );
    await store.write((tx) => tx.recovery.set(partner, 'history'));
    this.#set(partner, { history: true });
    if (![...this.#open.values()].some((one) => !one.history)) await promiseAgain(this.#deps);
    this.#deps.wake();
    for (const lane of [0, 1] as const) this.#deps.fetch(partner, lane);
    void this.#deps.ask(partner);
  }

  /** What we recalled before the restart is recalled again before anybody reads it, whichever of the two comes back first. */
  async #onReclaimed(tx: WriteTx, partner: string, { signed, facets }: ReclaimedRecord): Promise<void> {
    const { clock, directory } = this.#deps;
    const { digest, header } = signed;
    const { originator, kind } = header;
    const recall = kind === RECALL ? recallIn(facets) : undefined;
    if (recall?.target.length === 32) {
      const atMs = clock.nowMs();
      await followOwnRecall(tx, directory.self, digest, recall, worldOfHeader(header), atMs);
      await tx.holders.noteRecall([
        {
          recallDigest: digest,
          holder: partner,
          target: recall.target,
          facets: recall.facets,
          mustPurge: recall.mustPurge,
          deadline: Number(recall.deadline),
          askedAt: atMs,
        },
      ]);
      return;
    }
    await this.#awaitOwnBlobs(tx, partner, digest);
    const status = header.marking?.status ?? 0;
    if (!(await recalledHere(tx, { headerDigest: digest, originator, kind, status }))) return;
    // The recall came back first: what it does to the record is done now, deleting its facets included where it asked for that.
    const world = worldOfHeader(header);
    for (const { recallDigest, ...tombstone } of await tx.tombstones.of(digest)) {
      if (tombstone.originator !== directory.self || tombstone.world !== world) continue;
      const facets = await tx.records.facets(recallDigest);
      const earlier = recallIn(
        facets.map(({ facet, salt, body }) => ({ facet, salt: Buffer.from(salt), body: Buffer.from(body) })),
      );
      if (earlier) await followOwnRecall(tx, directory.self, recallDigest, earlier, world, clock.nowMs());
    }
  }

  /** Attachments of a record that came back are fetched from whoever gave it back; no receipt waits for them. */
  async #awaitOwnBlobs(tx: WriteTx, sender: string, headerDigest: Uint8Array): Promise<void> {
    const named = (await tx.attachments.namedBy(headerDigest)).map(({ blobDigest }) => blobDigest);
    if (named.length === 0) return;
    const held = await tx.attachments.held(named);
    const missing = named.filter((digest) => !held.has(hex(digest)));
    await tx.attachments.wait(
      missing.map((blobDigest) => ({ headerDigest, blobDigest, sender, ...GIVEN_BACK })),
      this.#deps.clock.nowMs(),
    );
    if (missing.length > 0) tx.afterCommit(() => this.#deps.onBlobs());
  }

  async #finish(partner: string): Promise<void> {
    const { store, directory, clock } = this.#deps;
    const { incarnation } = directory.own().statement;
    this.#set(partner, { recalls: true });
    const over = this.state().waitingFor.length === 0;
    await store.write(async (tx) => {
      const atMs = clock.nowMs();
      await tx.recovery.set(partner, 'recalls');
      await tx.outbox.sendAgain(partner, incarnation);
      // Nobody would come back to them: numbers of the present incarnation alone are sent.
      await tx.links.closeEarlier(partner, incarnation, atMs);
      if (!over) return;
      await tx.alarms.clear('CATCHING_UP', directory.self, atMs);
      await tx.audit.append([
        {
          at: atMs,
          actor: 'node',
          action: 'incarnation.caught-up',
          subject: directory.self,
          detail: { incarnation },
        },
      ]);
    });
    this.#deps.wake();
  }

  #set(partner: string, change: Partial<Recovering>): void {
    const open = this.#open.get(partner);
    if (!open) return;
    const next = { ...open, ...change };
    if (next.history && next.recalls) this.#open.delete(partner);
    else this.#open.set(partner, next);
  }

  #isActive(partner: string): boolean {
    const { directory, clock } = this.#deps;
    return directory.roster().standingOf(partner, clock.nowMs()) === 'active';
  }

  /**
   * Statements of ours that the restored folder never saw: keys may have been rotated since. They are kept, to verify what was
   * signed under them. What they say against ours is for people: only the authority can answer it with a new statement.
   */
  async #learnOwnStatements(partner: string): Promise<void> {
    const { directory, callsTo, events, store, clock, signal } = this.#deps;
    const own = directory.own();
    const answer = await callsTo(partner)
      .getKeys(
        { node: directory.self, statementDigest: own.statement.predecessor },
        { deadlineMs: 10_000, signal },
      )
      .catch(() => undefined);
    const alarms: Alarm[] = [];
    const revoked = new Set(own.statement.revocations.map((one) => hex(one.fingerprint)));
    for (const signed of answer?.statements.slice(0, 64) ?? []) {
      const judged = await directory.judgeAndKeepEarlier(directory.self, signed);
      if (!judged.ok) {
        const { reason, detail } = judged;
        events.refused?.({ sender: partner, lane: 0, reason, detail });
        alarms.push({
          code: 'STATEMENT_BEHIND',
          subject: directory.self,
          detail: `${partner} holds a key statement of ours that ours does not follow (${detail}): stop the node and run \`tocsin node recover --dir <folder>\``,
        });
      } else if (!equalBytes(judged.value.digest, own.digest)) {
        const lost = judged.value.statement.revocations.filter((one) => !revoked.has(hex(one.fingerprint)));
        if (lost.length > 0)
          alarms.push({
            code: 'REVOCATIONS_LOST',
            subject: directory.self,
            detail: `key statement ${judged.value.statement.sequence}, unknown to the backup, took back ${lost.length} keys that ours does not: stop the node and run \`tocsin node recover --dir <folder>\``,
          });
      }
    }
    const raised = await store.write(async (tx) => {
      const fresh: Alarm[] = [];
      for (const alarm of alarms) if (await raise(tx, alarm, clock.nowMs())) fresh.push(alarm);
      return fresh;
    });
    for (const alarm of raised) events.alarm?.(alarm);
  }
}
