/**
 * What arrives: from the mailbox, or in a backfill. Each lane of each sender is taken strictly one parcel after the other;
 * senders and lanes do not wait for each other. Mail is acknowledged only after it was taken or refused for good, so
 * whatever stops this process, the mail comes again (K5 to K8).
 */
import { backoffMs, SerialRunner } from '../base/async.ts';
import { hex, textOf } from '../base/bytes.ts';
import { TocsinError } from '../base/error.ts';
import type { SignedSkip } from '../gen/tocsin/exchange/v1/parcel.ts';
import { HybridSignature } from '../gen/tocsin/record/v1/identity.ts';
import { Reason } from '../gen/tocsin/record/v1/reason.ts';
import type { Accusation } from '../ledger/index.ts';
import { judgeSigned, reasonName, sha256 } from '../record/index.ts';
import { type Alarm, type AlarmCode, logFork, raise } from './alarms.ts';
import { answer } from './answer.ts';
import { type ArrivalDeps, type ArrivalOutcome, type Held, judgeParcel, type Refused } from './arrival.ts';
import type { Directory } from './directory.ts';
import { type ItemDeps, type JudgedItem, judgeItems } from './items.ts';
import type { Lane } from './link.ts';
import type { ExchangeEvents, Mail } from './ports.ts';
import type { Receipted } from './receipts.ts';
import { repeatReceipt } from './repeat.ts';
import { takeSkip } from './skip.ts';
import { type TakeDeps, type Taken, take } from './take.ts';

export interface InboxDeps extends ArrivalDeps, ItemDeps, TakeDeps {
  readonly events: ExchangeEvents;
  /** Something lies between what was taken and what came. Fetches it; does not wait for it. */
  readonly onGap: (sender: string, lane: Lane) => void;
  /** A parcel under this name was sealed to a prekey that is gone; tells the sender, does not wait for it. */
  readonly onGone: (sender: string, prekey: string) => void;
  /** A receipt of ours waits for its leaf, or the sender acknowledged ours. */
  readonly onTaken: (sender: string, taken: Taken) => void;
  /** The sender holds more of ours than our store knows. */
  readonly onBehind: () => void;
  /** After a restart: the sender has to give back first what we had sent it, so that its receipts find it. */
  readonly isHeld: (sender: string) => boolean;
}

export interface InboxOptions {
  /** First wait before mail that cannot be judged yet comes again. */
  readonly holdMs: number;
  readonly holdMaxMs: number;
  /** So often mail may be held, or fail here, before it is refused for good. */
  readonly patience: number;
  /** People are told where a newer roster could not be fetched for so long. */
  readonly behindMs: number;
}

/**
 * What became of one parcel. `later` = it must come again · `aside` = neither taken nor refused, and not kept waiting in the
 * mailbox either: its number is not consumed, so it is fetched when it can be judged.
 */
export type Receiving = 'taken' | 'repeated' | 'refused' | 'gap' | 'later' | 'aside';

/** Parcels of one sender refused for one reason before people are told. */
const ALARM_AFTER = 3;
/** Refusals of one parcel that its sender is told one by one: it gives the parcel up by then, unless it was restarted. */
const REFUSALS_TOLD = 3;
/** Later ones are told ever more rarely, but never no more: a sender that lost count must not wait for ever (P11). */
const isTelling = (times: number): boolean => times <= REFUSALS_TOLD || Number.isInteger(Math.log2(times));
const REMEMBERED = 4_096;
/** Parcels of one sender that wait in the mailbox for a roster. */
export const HELD_OF_ONE = 16;
/** Holds that end when the roster changes, or people settle it: never a refusal, however long that takes. */
const MEMBERSHIP: ReadonlySet<Reason> = new Set([
  Reason.REASON_ROSTER_NEWER,
  Reason.REASON_ROSTER_FORK,
  Reason.REASON_ROSTER_LAPSED,
]);

export class Inbox {
  readonly #deps: InboxDeps;
  readonly #options: InboxOptions;
  readonly #serial = new SerialRunner<string>();
  readonly #held = new Map<string, number>();
  readonly #refusals = new Map<string, number>();
  /** Parcels of a sender that wait for a roster, and since when any did. */
  readonly #waiting = new Map<string, { readonly since: number; readonly keys: Set<string> }>();

  constructor(deps: InboxDeps, options: InboxOptions) {
    this.#deps = deps;
    this.#options = options;
  }

  /** Judges and takes one piece of mail, then answers the mailbox. */
  async handle(mail: Mail): Promise<void> {
    const received = await this.receive(mail.sender, mail.lane, mail.bytes);
    if (received === 'gap' || received === 'later') {
      const waits = this.#count(this.#held, waitKey(mail.bytes));
      await mail.retryLater(
        backoffMs(waits, { baseMs: this.#options.holdMs, maxMs: this.#options.holdMaxMs }),
      );
      return;
    }
    this.#held.delete(waitKey(mail.bytes));
    await mail.ack();
  }

  /** Judges and takes one parcel, in its turn. Never throws for what a stranger sent. */
  receive(sender: string, lane: Lane, bytes: Uint8Array): Promise<Receiving> {
    return this.#serial.run(`${sender} ${lane}`, () => this.#receive(sender, lane, bytes));
  }

  /** Takes a number that its sender gave up, in its turn. */
  skip(sender: string, lane: Lane, signed: SignedSkip): Promise<Receiving> {
    return this.#serial.run(`${sender} ${lane}`, async () => {
      if (this.#deps.isHeld(sender)) return 'later';
      const taken = await takeSkip(this.#deps, sender, lane, signed);
      if (!taken.ok) {
        await this.#refuse(sender, lane, { kind: 'refuse', reason: taken.reason, detail: taken.detail });
        return 'refused';
      }
      for (const alarm of taken.value) this.#deps.events.alarm?.(alarm);
      return 'taken';
    });
  }

  /**
   * Waits for a roster for as long as it takes (design §5: hold and fetch, never refuse), but not with the whole mailbox: what
   * one sender holds up must not keep others' mail from coming.
   */
  async #hold(sender: string, lane: Lane, held: Held, key: string): Promise<Receiving> {
    const now = this.#deps.clock.nowMs();
    const waiting = this.#waiting.get(sender) ?? { since: now, keys: new Set<string>() };
    this.#waiting.set(sender, waiting);
    await this.#tellHeld(sender, held, now - waiting.since);
    this.#deps.events.held?.({ sender, lane, reason: held.reason, detail: held.detail });
    if (!waiting.keys.has(key) && waiting.keys.size >= HELD_OF_ONE) return 'aside';
    waiting.keys.add(key);
    return 'later';
  }

  async #tellHeld(sender: string, held: Held, forMs: number): Promise<void> {
    if (held.reason !== Reason.REASON_ROSTER_NEWER) return;
    const { store, clock, directory, events } = this.#deps;
    const alarms: Alarm[] = [];
    if (held.claim)
      alarms.push({
        code: 'ROSTER_CLAIM',
        subject: sender,
        detail: `${held.detail}; asked for it, ${sender} shows none: its parcels wait`,
        evidence: [held.claim.manifest.bytes, HybridSignature.encode(held.claim.signature).finish()],
      });
    if (forMs >= this.#options.behindMs)
      alarms.push({
        code: 'ROSTER_BEHIND',
        subject: directory.self,
        detail: `${held.detail}, and it could not be fetched for ${Math.round(forMs / 60_000)} min: get it from another member and \`tocsin network adopt\` it`,
      });
    if (alarms.length === 0) return;
    const fresh = await store.write(async (tx) => {
      const found: Alarm[] = [];
      for (const alarm of alarms) if (await raise(tx, alarm, clock.nowMs())) found.push(alarm);
      return found;
    });
    for (const alarm of fresh) events.alarm?.(alarm);
  }

  async #receive(sender: string, lane: Lane, bytes: Uint8Array): Promise<Receiving> {
    if (this.#deps.isHeld(sender)) return 'later';
    const key = waitKey(bytes);
    try {
      const outcome = await judgeParcel(this.#deps, { sender, lane, bytes });
      if (outcome.kind !== 'hold') this.#release(sender, key);
      return await this.#settle(sender, lane, outcome, key);
    } catch (error) {
      if (error instanceof TocsinError && error.retry === 'fatal') throw error;
      this.#deps.events.failed?.({ what: 'receive', peer: sender, error });
      if (error instanceof TocsinError && error.retry === 'later') return 'later';
      // The same parcel that fails here again and again is poison to us, not a passing fault (T33).
      if ((this.#held.get(key) ?? 0) < this.#options.patience) return 'later';
      await this.#refuse(sender, lane, {
        kind: 'refuse',
        reason: Reason.REASON_RECORD_INVALID,
        detail: 'the parcel could not be kept',
      });
      return 'refused';
    }
  }

  async #settle(sender: string, lane: Lane, outcome: ArrivalOutcome, key: string): Promise<Receiving> {
    const { events } = this.#deps;
    switch (outcome.kind) {
      case 'take': {
        const items = await judgeItems(this.#deps, outcome.arrival);
        const out = await take(this.#deps, outcome.arrival, items);
        if (out.kind === 'behind') {
          this.#deps.onBehind();
          for (const alarm of out.alarms) events.alarm?.(alarm);
          return 'later';
        }
        const { taken } = out;
        this.#tell(sender, lane, outcome.arrival.parcel.manifest.manifest.seq, items, taken);
        this.#deps.onTaken(sender, taken);
        return 'taken';
      }
      case 'repeat':
        await repeatReceipt(this.#deps, sender, outcome.taken);
        events.refused?.({ sender, lane, reason: Reason.REASON_REPLAY, detail: 'taken before' });
        return 'repeated';
      case 'gap':
        events.gap?.({ sender, lane, expected: outcome.expected, got: outcome.got });
        this.#deps.onGap(sender, lane);
        return 'gap';
      case 'hold':
        if (MEMBERSHIP.has(outcome.reason)) return this.#hold(sender, lane, outcome, key);
        if ((this.#held.get(key) ?? 0) < this.#options.patience) return 'later';
        await this.#refuse(sender, lane, { ...outcome, kind: 'refuse' });
        return 'refused';
      case 'refuse':
        await this.#refuse(sender, lane, outcome);
        // Sealed to a key that is gone, or lost on its way: what it held can be fetched, sealed anew.
        if (outcome.prekey !== undefined) {
          this.#deps.onGone(sender, outcome.prekey);
          this.#deps.onGap(sender, lane);
        }
        return 'refused';
    }
  }

  #release(sender: string, key: string): void {
    const waiting = this.#waiting.get(sender);
    waiting?.keys.delete(key);
    if (waiting?.keys.size === 0) this.#waiting.delete(sender);
  }

  /** Keeps the refusal with its reason, tells the sender where it is provably its fault, and people where it repeats. */
  async #refuse(sender: string, lane: Lane, refused: Refused): Promise<void> {
    const { store, clock, events, directory } = this.#deps;
    const { reason, detail, authentic } = refused;
    const alarms: Alarm[] = alarmsOf(this.#deps.directory, sender, refused);
    const times = this.#count(this.#refusals, `${sender} ${reason}`);
    if (times === ALARM_AFTER && reason !== Reason.REASON_REPLAY) {
      alarms.push({
        code: 'REFUSALS_REPEATED',
        subject: `${sender} ${reasonName(reason)}`,
        detail: `${times} parcels under the name of ${sender} were refused: ${reasonName(reason)}`,
      });
    }
    const told =
      authentic !== undefined &&
      isTold(reason) &&
      directory.roster().member(sender) !== undefined &&
      isTelling(this.#count(this.#refusals, `told ${hex(authentic.manifest.digest)}`));
    const raised = await store.write(async (tx) => {
      const at = clock.nowMs();
      await tx.inbox.refuse({
        at,
        sender,
        reason,
        detail,
        ...(authentic && { digest: authentic.manifest.digest }),
      });
      if (told) await answer(this.#deps, tx, refusalOf(sender, authentic, reason, detail));
      const fresh: Alarm[] = [];
      for (const alarm of alarms) if (await raise(tx, alarm, at)) fresh.push(alarm);
      return fresh;
    });
    events.refused?.({ sender, lane, reason, detail });
    for (const alarm of raised) events.alarm?.(alarm);
  }

  #tell(sender: string, lane: Lane, seq: bigint, items: readonly JudgedItem[], taken: Taken): void {
    const { events } = this.#deps;
    const bad = taken.results.filter(({ result }) => result === 'refused' || result === 'quarantined');
    events.received?.({ sender, lane, seq, accepted: items.length - bad.length, refused: bad.length });
    for (const { reason, detail } of bad) {
      if (reason !== undefined) events.refused?.({ sender, lane, reason, detail: detail ?? '' });
    }
    for (const receipt of taken.receipts) this.#tellReceipt(receipt);
    for (const alarm of taken.alarms) events.alarm?.(alarm);
  }

  #tellReceipt({ manifest, kind, items, refused }: Receipted): void {
    if (kind !== 'delivered') return;
    const { recipient, lane, seq } = manifest;
    this.#deps.events.delivered?.({ recipient, lane, seq, items: items - refused, refused });
  }

  /** Counts per key, oldest keys forgotten first: a stranger's noise must not grow memory (P10). */
  #count(counts: Map<string, number>, key: string): number {
    const times = (counts.get(key) ?? 0) + 1;
    counts.delete(key);
    counts.set(key, times);
    for (const oldest of counts.keys()) {
      if (counts.size <= REMEMBERED) break;
      counts.delete(oldest);
    }
    return times;
  }
}

const waitKey = (bytes: Uint8Array): string => hex(sha256(bytes));

/** Refusals that the sender can mend by giving the number up; others pass by themselves, or are not its doing. */
const isTold = (reason: Reason): boolean => TOLD.has(reason);
const TOLD: ReadonlySet<Reason> = new Set([
  Reason.REASON_CHECKPOINT_INVALID,
  Reason.REASON_CHECKPOINT_EXTENSION,
  Reason.REASON_SIGNATURE_INVALID,
  Reason.REASON_LOG_INCONSISTENT,
  Reason.REASON_LOG_FORK,
]);

function refusalOf(
  sender: string,
  parcel: NonNullable<Refused['authentic']>,
  reason: Reason,
  detail: string,
) {
  return {
    sender,
    manifest: parcel.manifest,
    kind: 'refused',
    results: parcel.manifest.manifest.items.map(
      (line) => ({ line, result: 'refused', reason, detail }) as const,
    ),
    urgent: false,
    exercise: false,
  } as const;
}

const PROVABLE: ReadonlyMap<Reason, AlarmCode> = new Map<Reason, AlarmCode>([
  [Reason.REASON_EQUIVOCATION, 'EQUIVOCATION'],
  [Reason.REASON_CHAIN_BROKEN, 'CHAIN_BROKEN'],
  [Reason.REASON_LOG_FORK, 'LOG_FORK'],
  [Reason.REASON_LOG_INCONSISTENT, 'LOG_INCONSISTENT'],
  [Reason.REASON_ROSTER_FORK, 'ROSTER_FORK'],
]);

/** What its own signed manifest proves against the sender. */
function alarmsOf(
  { network, self }: Pick<Directory, 'network' | 'self'>,
  sender: string,
  { reason, detail, authentic, against }: Refused,
): Alarm[] {
  const code = PROVABLE.get(reason);
  if (!code || !authentic) return [];
  const { manifest, signature } = authentic;
  const deed = deedOf(network, code, authentic, against);
  // A fork of a log is one alarm, by its origin, whoever shows it and whichever way it is seen.
  const subject = code === 'LOG_FORK' && against?.kind === 'note' ? originIn(against.shown) : sender;
  if (deed) return [{ code, subject, detail, misconduct: { network, self, nodes: [sender], deed } }];
  const evidence = [
    manifest.bytes,
    HybridSignature.encode(signature).finish(),
    ...(against?.kind === 'note' ? [against.held] : []),
  ];
  return [{ code, subject: sender, detail, evidence }];
}

/** First line of a note that was judged. */
const originIn = (note: Uint8Array): string => textOf(note.subarray(0, note.indexOf(0x0a)));

/** The two signed things that cannot both be honest, where there are two. */
function deedOf(
  network: Uint8Array,
  code: AlarmCode,
  { manifest, signature }: NonNullable<Refused['authentic']>,
  against: Refused['against'],
): Accusation['deed'] | undefined {
  if (against?.kind === 'note' && code === 'LOG_FORK') return logFork(against.held, against.shown);
  if (against?.kind !== 'manifest' || (code !== 'EQUIVOCATION' && code !== 'CHAIN_BROKEN')) return undefined;
  // A number that was given up keeps a signed skip in its place, which is no manifest.
  const before = judgeSigned('manifest', network, against.body);
  if (!before.ok) return undefined;
  return {
    $case: 'manifestFork',
    value: {
      manifestA: Buffer.from(against.body),
      signatureA: HybridSignature.decode(against.signature),
      manifestB: Buffer.from(manifest.bytes),
      signatureB: signature,
    },
  };
}
