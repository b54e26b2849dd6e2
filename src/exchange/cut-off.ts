/**
 * A node that heard no partner for three days may hold what was recalled meanwhile (R14): facets of class P of partners' records
 * lock, and open again partner by partner, as what each had sent on lane 0, where recalls travel, is here. All of it is in the
 * store, so that neither a restart nor a clock that was set back opens anything.
 *
 * Cut off is who hears nobody. Where others are heard and one is not, that one is silent, not this node: so a partner that does
 * not come back holds what is its own locked for as long again, and one that the roster puts out for no longer.
 */
import { sleep } from '../base/async.ts';
import type { Clock } from '../base/clock.ts';
import { CLOCK_SKEW_MS } from '../base/limits.ts';
import type { LanePosition } from '../gen/tocsin/exchange/v1/exchange_service.ts';
import type { LinkIn, Store } from '../store/index.ts';
import { type Alarm, raise } from './alarms.ts';
import { isCaughtUp } from './caught-up.ts';
import type { Directory } from './directory.ts';
import type { ExchangeEvents } from './ports.ts';

export interface CutOffOptions {
  /** Silence of all partners after which this node counts as cut off. */
  readonly afterMs: number;
  /** Between two looks at the clock. */
  readonly lookMs: number;
}

export interface CutOffDeps {
  readonly store: Store;
  readonly clock: Clock;
  readonly directory: Directory;
  readonly events: ExchangeEvents;
  /** Fetches what a partner had sent on lane 0. */
  readonly fetch: (partner: string) => void;
  /** Compares with a partner now. */
  readonly ask: (partner: string) => Promise<boolean>;
}

/** What desks and people are told. */
export interface CutOffState {
  /** When any active partner was last heard, milliseconds UTC. */
  readonly heardAt: number;
  readonly isCutOff: boolean;
  /** Partners whose recalls are not replayed yet, though somebody was heard. */
  readonly waitingFor: readonly string[];
}

/** As it is kept; `waiting` says since when a partner is waited for. */
interface Kept {
  heardAt: number;
  /** The clock's latest reading that was kept. */
  seenAt: number;
  isCutOff: boolean;
  readonly waiting: Map<string, number>;
}

const KEY = 'exchange/cut-off';
const ALARM = 'CUT_OFF';
/** Times are kept so seldom: every answered heartbeat would be a commit. */
const KEPT_EVERY = 200;

export class CutOff {
  readonly #deps: CutOffDeps;
  readonly #options: CutOffOptions;
  #kept: Kept = { heardAt: 0, seenAt: 0, isCutOff: true, waiting: new Map() };
  #keptAt = 0;
  #isTold = false;
  #isLoaded = false;

  constructor(deps: CutOffDeps, options: CutOffOptions) {
    this.#deps = deps;
    this.#options = options;
  }

  /** To be called before anybody reads; until then everything is locked. */
  async load(): Promise<void> {
    const { store, clock } = this.#deps;
    const { text, links } = await store.read(async (tx) => ({
      text: await tx.meta.getText(KEY),
      links: await tx.links.allIn(),
    }));
    this.#kept = text === undefined ? firstState(links, clock.nowMs()) : parse(text);
    this.#isLoaded = true;
    await this.#look();
  }

  /** Whether facets of class P must not be read now of a record that these nodes originated or sent. */
  locks(originator: string, senders: readonly string[]): boolean {
    const { directory, clock } = this.#deps;
    if (originator === directory.self) return false;
    const nowMs = clock.nowMs();
    return this.#isSilent(nowMs) || [originator, ...senders].some((node) => this.#isAwaited(node, nowMs));
  }

  state(): CutOffState {
    const nowMs = this.#deps.clock.nowMs();
    const { heardAt, waiting } = this.#kept;
    return {
      heardAt,
      isCutOff: this.#isSilent(nowMs),
      waitingFor: [...waiting.keys()].filter((node) => this.#isAwaited(node, nowMs)),
    };
  }

  isWaitingFor(partner: string): boolean {
    return this.#kept.waiting.has(partner);
  }

  /** Looks at the clock until the signal aborts: silence ends nothing by itself, so nothing else would notice it. */
  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await this.#look(this.#deps.ask).catch((error: unknown) => this.#fail('', error));
      await sleep(this.#options.lookMs, signal).catch(() => undefined);
    }
  }

  /** A partner was heard, and said how far it has sent. */
  async compared(partner: string, sent: readonly LanePosition[]): Promise<void> {
    const { store, clock, directory, fetch } = this.#deps;
    const nowMs = clock.nowMs();
    if (!this.#isLoaded || directory.roster().standingOf(partner, nowMs) !== 'active') return;
    const kept = this.#kept;
    const wasSilent = this.#isSilent(nowMs);
    // Before the silence ends: no read falls between the two.
    if (wasSilent) for (const node of this.#partners(nowMs)) kept.waiting.set(node, nowMs);
    kept.isCutOff = false;
    kept.heardAt = kept.seenAt = nowMs;
    let isChanged = wasSilent;
    try {
      const since = kept.waiting.get(partner);
      if (since !== undefined) {
        if (await isCaughtUp(store, partner, sent)) {
          kept.waiting.delete(partner);
          isChanged = true;
        } else {
          fetch(partner);
          // It answers, so it is waited for, however long its recalls take.
          kept.waiting.set(partner, nowMs);
        }
      }
      if (isChanged || this.#isKeepingDue(nowMs)) await this.#keep(nowMs);
    } catch (error) {
      this.#fail(partner, error);
    }
  }

  /** Takes note of a silence, and of partners that are waited for no longer. */
  async #look(ask?: CutOffDeps['ask']): Promise<void> {
    const { clock } = this.#deps;
    const kept = this.#kept;
    const nowMs = clock.nowMs();
    const isSilent = this.#isSilent(nowMs);
    let isChanged = isSilent && !kept.isCutOff;
    if (isChanged) {
      kept.isCutOff = true;
      // A clock that was set back looks the same, and partners answer at once then.
      for (const node of this.#partners(nowMs)) void ask?.(node);
    }
    kept.seenAt = nowMs;
    for (const [node, since] of kept.waiting) {
      if (since > nowMs) kept.waiting.set(node, nowMs);
      else if (!this.#isAwaited(node, nowMs)) isChanged = kept.waiting.delete(node);
    }
    const isLocked = isSilent || kept.waiting.size > 0;
    if (isChanged || isLocked !== this.#isTold || this.#isKeepingDue(nowMs))
      await this.#keep(nowMs, isLocked);
  }

  /** With the alarm and its row of the audit, in one transaction; `tell` = raise the alarm where there is none. */
  async #keep(nowMs: number, tell = false): Promise<void> {
    const { store, directory, events } = this.#deps;
    const { self } = directory;
    const isOpen = !this.#isSilent(nowMs) && this.#kept.waiting.size === 0;
    const alarm: Alarm = { code: ALARM, subject: self, detail: this.#detail() };
    const raised = await store.write(async (tx) => {
      await tx.meta.setText(KEY, format(this.#kept));
      const isFresh = !isOpen && tell && (await raise(tx, alarm, nowMs));
      const isCleared = isOpen && (await tx.alarms.clear(ALARM, self, nowMs));
      const detail = { heardAt: this.#kept.heardAt };
      if (isFresh || isCleared)
        await tx.audit.append([
          {
            at: nowMs,
            actor: 'node',
            action: isFresh ? 'reads.locked' : 'reads.unlocked',
            subject: self,
            detail,
          },
        ]);
      return isFresh;
    });
    this.#keptAt = nowMs;
    if (isOpen || tell) this.#isTold = !isOpen;
    if (raised) events.alarm?.(alarm);
  }

  #detail(): string {
    const since = new Date(this.#kept.heardAt).toISOString().slice(0, 16);
    return `no partner was heard since ${since}Z: facets of class P of partners' records are locked until each partner's recalls are here (R14); check the broker and the network, \`tocsin node status\` shows who is waited for`;
  }

  /** Whether nobody was heard for too long, or it cannot be told for how long. Who has no partners waits for none. */
  #isSilent(nowMs: number): boolean {
    const { heardAt, seenAt, isCutOff } = this.#kept;
    const isLong = nowMs - heardAt > this.#options.afterMs || nowMs < seenAt - CLOCK_SKEW_MS;
    return (isCutOff || isLong) && this.#partners(nowMs).length > 0;
  }

  /** Not for ever: who does not answer for as long again is the silent one, and the roster may put it out. */
  #isAwaited(node: string, nowMs: number): boolean {
    const since = this.#kept.waiting.get(node);
    if (since === undefined || nowMs - since > this.#options.afterMs) return false;
    return this.#deps.directory.roster().standingOf(node, nowMs) === 'active';
  }

  #isKeepingDue(nowMs: number): boolean {
    return Math.abs(nowMs - this.#keptAt) * KEPT_EVERY > this.#options.afterMs;
  }

  #partners(nowMs: number): readonly string[] {
    const { directory } = this.#deps;
    const active = directory.roster().activeMembers(nowMs);
    return active.map(({ node }) => node).filter((node) => node !== directory.self);
  }

  #fail(peer: string, error: unknown): void {
    this.#deps.events.failed?.({ what: 'cut-off', peer, error });
  }
}

/** A store without a note: it heard partners when it last took something of theirs; one that took nothing holds nothing. */
function firstState(links: readonly LinkIn[], nowMs: number): Kept {
  const heardAt = links.length === 0 ? nowMs : Math.max(...links.map((link) => link.heardAt));
  return { heardAt, seenAt: heardAt, isCutOff: false, waiting: new Map() };
}

const format = ({ waiting, ...times }: Kept): string => JSON.stringify({ ...times, waiting: [...waiting] });

/** Of our own store: what `format` wrote. */
function parse(text: string): Kept {
  const { waiting, ...times } = JSON.parse(text) as Omit<Kept, 'waiting'> & { waiting: [string, number][] };
  return { ...times, waiting: new Map(waiting) };
}
