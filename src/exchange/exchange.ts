/**
 * The exchange of one node: lanes out, mail in, heartbeats, own keys, joined on one signal. All state that matters is in the
 * store; this object may be thrown away at any moment and made again (recovery is the normal path).
 */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { persevere, sleep } from '../base/async.ts';
import type { Clock, Random } from '../base/clock.ts';
import { ExchangeServiceDefinition, type LanePosition } from '../gen/tocsin/exchange/v1/exchange_service.ts';
import { WitnessServiceDefinition } from '../gen/tocsin/exchange/v1/witness_service.ts';
import { Reason } from '../gen/tocsin/record/v1/reason.ts';
import type { VerifiedStatement } from '../identity/index.ts';
import type { Blobs, Store, WriteTx } from '../store/index.ts';
import { type Caller, clientOf } from '../transport/index.ts';
import { REMEDY } from './acknowledgement.ts';
import { AttachmentFetches } from './attachment-fetch.ts';
import { AttachmentServer } from './attachment-serve.ts';
import { Backfills } from './backfill.ts';
import { Canaries, type CanaryTrip } from './canary.ts';
import { type ControlRecord, stateControlRecord } from './control-record.ts';
import { CutOff, type CutOffState } from './cut-off.ts';
import type { Directory } from './directory.ts';
import { type FanoutRecord, fanout } from './fanout.ts';
import { type FollowUp, followUp } from './follow-up.ts';
import { queueForward } from './forwarding.ts';
import { Heartbeats, type PeerPulse } from './heartbeat.ts';
import { Inbox } from './inbox.ts';
import { PeerKeys } from './keys.ts';
import { Lanes } from './lanes.ts';
import { LANES } from './link.ts';
import { LogFreshness } from './log-freshness.ts';
import { LogProofs } from './log-proofs.ts';
import { Membership } from './membership.ts';
import { type ExchangeOptions, optionsWith, type PartialOptions } from './options.ts';
import { OwnKeys } from './own-keys.ts';
import { Pace } from './pace.ts';
import type {
  ExchangeEvents,
  KeyringPort,
  LedgerPort,
  Mail,
  MailboxPort,
  PartnerView,
  PeerCalls,
  PolicyPort,
  WitnessCalls,
} from './ports.ts';
import { GonePrekeys } from './prekey-gone.ts';
import type { PublishDeps } from './publish.ts';
import { tellReadings } from './readings.ts';
import { Recovery, type RecoveryState } from './recovery.ts';
import { type ExchangeHandlers, exchangeHandlers } from './service.ts';
import { type LinkStatus, linkStatuses } from './status.ts';
import type { Taken } from './take.ts';
import { nodeWitness, type WitnessHandlers } from './witness-service.ts';
import { Witnessing } from './witnessing.ts';

export interface ExchangeDeps {
  readonly store: Store;
  readonly ledger: LedgerPort;
  readonly keyring: KeyringPort;
  readonly policy: PolicyPort;
  readonly mailbox: MailboxPort;
  /** Makes calls to one peer over a link session. */
  readonly callerFor: (peer: string) => Caller;
  readonly directory: Directory;
  readonly clock: Clock;
  readonly random: Random;
  readonly events?: ExchangeEvents;
  /** Our store is behind what a partner holds of ours: nothing is sent any more, and no log may go on. */
  readonly onBehind?: () => void;
  /** The folder of encrypted attachments. */
  readonly blobs: Blobs;
}

export interface Exchange extends AsyncDisposable {
  /**
   * Queues a record for every partner whose view permits to receive it. Durable with its transaction, sent when its leaf
   * has an index. Returns the recipients.
   */
  fanout(tx: WriteTx, record: FanoutRecord, views: readonly PartnerView[]): Promise<readonly string[]>;
  /**
   * Queues another originator's record for one partner, the consent that it relies on before it. Durable with its
   * transaction. Returns the facets queued; undefined where the partner has got them all.
   */
  forward(tx: WriteTx, record: FanoutRecord, view: PartnerView): Promise<readonly string[] | undefined>;
  /**
   * Queues facets of an own record that the views permit and its recipients have not got, and takes back what waits and is no
   * longer permitted. Durable with its transaction.
   */
  followUp(tx: WriteTx, record: FanoutRecord, views: readonly PartnerView[]): Promise<readonly FollowUp[]>;
  /** Makes a control record of this node and queues it to whom it names. Durable with its transaction; its header digest. */
  state(tx: WriteTx, record: ControlRecord): Promise<Uint8Array>;
  /**
   * Sends, receives and beats until the signal aborts, then resolves when all work under way has ended. Rejects only where
   * the state of the store is unknown; then it must be made anew. To be called once.
   */
  run(signal: AbortSignal): Promise<void>;
  /** Handlers of ExchangeService for the transport's server. */
  readonly handlers: ExchangeHandlers;
  /** Handlers of WitnessService. */
  readonly witnessHandlers: WitnessHandlers;
  status(): Promise<readonly LinkStatus[]>;
  /** Asks a partner at once, as by a canary; whether it answered. */
  ask(partner: string): Promise<boolean>;
  /**
   * Sends a partner a record about nothing and waits for its receipt, `waitMs` at most. Undefined where none came in time.
   */
  canary(partner: string, waitMs: number): Promise<CanaryTrip | undefined>;
  /** Begins a declared restart where there is one; `run` does it otherwise. To be called before anybody reads. */
  open(): Promise<void>;
  /** What a declared restart still waits for. */
  recovery(): RecoveryState;
  /**
   * Whether facets of class P are locked of a record that these nodes originated and sent: this node heard no partner for too
   * long, and what they recalled meanwhile may not be here yet (R14).
   */
  locks(originator: string, senders: readonly string[]): boolean;
  /** Since when no partner is heard, and whose recalls are waited for since. */
  cutOff(): CutOffState;
  /** What to do where a partner holds more of ours than our store knows; undefined where none was found to. */
  behind(): string | undefined;
  /**
   * Resolves once every active partner was asked, or tried, what it holds of ours. A log must not go on before: where the
   * store was put back, its next checkpoint would be the second of its size (T43). Resolves as well where `run` ends.
   */
  readonly asked: Promise<void>;
  /** What this process has heard of a partner. */
  pulse(partner: string): PeerPulse;
}

const MESSAGE_ID_KEY = 'exchange/message-id-key';

export function createExchange(deps: ExchangeDeps, options: PartialOptions = {}): Exchange {
  return new NodeExchange(deps, optionsWith(options));
}

class NodeExchange implements Exchange {
  readonly handlers: ExchangeHandlers;
  readonly witnessHandlers: WitnessHandlers;
  readonly #deps: ExchangeDeps;
  readonly #options: ExchangeOptions;
  readonly #publish: PublishDeps;
  readonly #keys: PeerKeys;
  readonly #ownKeys: OwnKeys;
  readonly #heartbeats: Heartbeats;
  readonly #inbox: Inbox;
  readonly #backfills: Backfills;
  readonly #lanes: Lanes;
  readonly #attachments: AttachmentFetches;
  readonly #canaries: Canaries;
  readonly #witnessing: Witnessing;
  readonly #logProofs: LogProofs;
  readonly #freshness: LogFreshness;
  readonly #membership: Membership;
  readonly #recovery: Recovery;
  readonly #cutOff: CutOff;
  readonly #asked = Promise.withResolvers<void>();
  #opened: Promise<void> | undefined;
  readonly #running = new Set<Promise<void>>();
  readonly #stop = new AbortController();
  #messageIdKey: Uint8Array = new Uint8Array(0);
  #started = false;
  #wakeAsked = false;
  #behind = false;
  #failure: { readonly error: unknown } | undefined;

  constructor(deps: ExchangeDeps, options: ExchangeOptions) {
    this.#deps = deps;
    this.#options = options;
    const { directory, clock, store, random, ledger, policy, keyring, mailbox } = deps;
    const events = this.#watched(deps.events ?? {});
    const clients = new Map<string, PeerCalls>();
    const callsTo = (peer: string): PeerCalls => {
      const known = clients.get(peer);
      if (known) return known;
      const client = clientOf(ExchangeServiceDefinition, deps.callerFor(peer));
      clients.set(peer, client);
      return client;
    };
    const { signal } = this.#stop;
    this.#keys = new PeerKeys({ directory, callsTo, clock, events, signal });
    this.#ownKeys = new OwnKeys({ directory, keyring, clock }, options.ownKeys);
    const exchange = this;
    this.#publish = {
      network: directory.network,
      policy,
      ledger,
      store,
      clock,
      directory,
      keyring,
      keys: this.#keys,
      mailbox,
      events,
      get messageIdKey() {
        return exchange.#messageIdKey;
      },
    };
    const shared = { store, clock, random, directory, ledger, keys: this.#keys, events };
    const gone = new GonePrekeys({ directory, keyring, keys: this.#keys, clock });
    this.#inbox = new Inbox(
      {
        ...shared,
        policy,
        privateKeyOf: (id) => this.#ownKeys.privateKeyOf(id),
        onGap: (sender, lane) => this.#fetch(sender, lane),
        onGone: (sender, prekey) => {
          if (gone.note(sender, prekey)) void this.#heartbeats.ask(sender);
        },
        onTaken: (sender, taken) => this.#onTaken(sender, taken),
        onBehind: () => this.#halt(),
        isBehind: () => this.#behind || this.#recovery.awaitsHistory(),
        isHeld: (sender) => this.#recovery.holds(sender),
      },
      options.inbox,
    );
    this.#backfills = new Backfills({ ...shared, inbox: this.#inbox, callsTo }, options.backfill);
    this.#heartbeats = new Heartbeats(
      {
        ...shared,
        callsTo,
        signal,
        gone,
        onPeer: (peer, back) => {
          this.#lanes.wakePeer(peer, back);
          if (back) void this.#askAgain(peer);
        },
        onMissing: (peer, lane) => this.#fetch(peer, lane),
        onBehind: () => this.#halt(),
        isBehind: () => this.#behind,
        onLogs: (peer, logs) => {
          this.#logProofs.learn(peer, logs);
          this.#freshness.heard(peer);
          // What a witness holds of our log is known now: it may be asked.
          this.#witnessing.wake();
        },
        onCompared: (peer, sent) => this.#compared(peer, sent),
        onRound: () => {
          this.#asked.resolve();
          void this.#wakeWaiting();
        },
      },
      options.heartbeat,
    );
    this.#canaries = new Canaries(shared, options.canary);
    this.#recovery = new Recovery({
      ...shared,
      callsTo,
      signal,
      fetch: (peer, lane) => this.#fetch(peer, lane),
      ask: (peer) => this.#heartbeats.ask(peer),
      wake: () => void this.#wakeWaiting(),
      onBlobs: () => this.#attachments.wake(),
    });
    this.#cutOff = new CutOff(
      { ...shared, fetch: (peer) => this.#fetch(peer, 0), ask: (peer) => this.#heartbeats.ask(peer) },
      options.cutOff,
    );
    this.#lanes = new Lanes({
      isHeld: (recipient) => this.#recovery.holds(recipient),
      publish: this.#publish,
      heartbeats: this.#heartbeats,
      random,
      options: options.lane,
      start: (part) => this.#start(part),
    });
    this.#membership = new Membership(
      { ...shared, onChange: () => void this.#wakeLanes() },
      options.membership,
    );
    this.#attachments = new AttachmentFetches(
      {
        ...shared,
        callsTo,
        blobs: deps.blobs,
        pace: new Pace(clock, options.attachment.bytesPerSecond),
        onAnswered: () => void this.#wakeWaiting(),
      },
      options.attachment,
    );
    const witnessClients = new Map<string, WitnessCalls>();
    this.#witnessing = new Witnessing(
      {
        ...shared,
        callsTo,
        witnessOf: (peer) => {
          const client = witnessClients.get(peer) ?? clientOf(WitnessServiceDefinition, deps.callerFor(peer));
          witnessClients.set(peer, client);
          return client;
        },
        mayAsk: (peer) => this.#heartbeats.mayShow(peer),
        onBehind: () => this.#halt(),
      },
      options.witness,
    );
    this.#logProofs = new LogProofs({ ...shared, callsTo }, options.witness);
    this.#freshness = new LogFreshness(shared, options.freshness);
    this.witnessHandlers = nodeWitness({ ...shared, keyring });
    this.handlers = exchangeHandlers({
      ...this.#publish,
      messageIdKey: new Uint8Array(0),
      heartbeats: this.#heartbeats,
      attachments: new AttachmentServer({
        ...this.#publish,
        blobs: deps.blobs,
        pace: new Pace(clock, options.attachment.bytesPerSecond),
      }),
    });
  }

  async fanout(tx: WriteTx, record: FanoutRecord, views: readonly PartnerView[]): Promise<readonly string[]> {
    const { directory, clock } = this.#deps;
    const recipients = await fanout(tx, directory.self, record, views, clock.nowMs());
    // Forwarded records have their proof already; our own wait for the checkpoint that wakes everyone.
    tx.afterCommit(() => void this.#wakeWaiting());
    return recipients;
  }

  async forward(
    tx: WriteTx,
    record: FanoutRecord,
    view: PartnerView,
  ): Promise<readonly string[] | undefined> {
    const queued = await queueForward(tx, record, view, this.#deps.clock.nowMs());
    tx.afterCommit(() => void this.#wakeWaiting());
    return queued;
  }

  async followUp(
    tx: WriteTx,
    record: FanoutRecord,
    views: readonly PartnerView[],
  ): Promise<readonly FollowUp[]> {
    const changes = await followUp(tx, record, views, this.#deps.clock.nowMs());
    if (changes.length > 0) tx.afterCommit(() => void this.#wakeWaiting());
    return changes;
  }

  state(tx: WriteTx, record: ControlRecord): Promise<Uint8Array> {
    return stateControlRecord(this.#deps, tx, record, this.#deps.clock.nowMs());
  }

  open(): Promise<void> {
    this.#opened ??= this.#recovery.load().then(() => this.#cutOff.load());
    return this.#opened;
  }

  recovery(): RecoveryState {
    return this.#recovery.state();
  }

  locks(originator: string, senders: readonly string[]): boolean {
    return this.#cutOff.locks(originator, senders);
  }

  cutOff(): CutOffState {
    return this.#cutOff.state();
  }

  behind(): string | undefined {
    return this.#lanes.haltedAll;
  }

  get asked(): Promise<void> {
    return this.#asked.promise;
  }

  async run(signal: AbortSignal): Promise<void> {
    try {
      await this.#run(signal);
    } finally {
      this.#asked.resolve();
    }
  }

  async #run(signal: AbortSignal): Promise<void> {
    if (this.#started) throw new TypeError('an exchange runs once; make a new one');
    this.#started = true;
    const stopped = AbortSignal.any([signal, this.#stop.signal]);
    if (stopped.aborted) return;
    await this.open();
    await this.#ownKeys.tend();
    this.#messageIdKey = await this.#loadMessageIdKey();
    const { directory } = this.#deps;
    const unsubscribe = [
      this.#deps.ledger.onCheckpoint(() => {
        void this.#wakeWaiting();
        void this.#tellReadings();
        this.#witnessing.wake();
      }),
      this.#deps.directory.onStatement((statement) => {
        if (statement.statement.node === directory.self) void this.#tellNewKeys();
        else void this.#offerAgain(statement);
      }),
      this.#deps.directory.onRoster(() => void this.#look()),
      this.#deps.directory.onRosterAlarm((alarm) => this.#publish.events.alarm?.(alarm)),
      this.#deps.store.onPurged(() => this.#attachments.wake()),
    ];
    try {
      for (const lane of LANES) this.#start((all) => this.#consume(lane, all));
      this.#start((all) => this.#heartbeats.run(all));
      this.#start((all) => this.#going('own keys', all, (each) => this.#tendKeys(each)));
      this.#start((all) => this.#going('attachments', all, (each) => this.#attachments.run(each)));
      this.#start((all) => this.#canaries.run(all));
      this.#start((all) => this.#witnessing.run(all));
      this.#start((all) => this.#logProofs.run(all));
      this.#start((all) => this.#membership.run(all));
      this.#start((all) => this.#freshness.run(all));
      this.#start((all) => this.#cutOff.run(all));
      await this.#lanes.resume();
      await aborted(stopped);
    } finally {
      for (const stop of unsubscribe) stop();
      this.#stop.abort();
      await Promise.all(this.#running);
      await this.#backfills.settled();
    }
    if (this.#failure) throw this.#failure.error;
  }

  status(): Promise<readonly LinkStatus[]> {
    const { store, directory, clock } = this.#deps;
    return store.read((tx) =>
      linkStatuses(
        {
          directory,
          pulse: (peer) => this.#heartbeats.pulse(peer),
          halted: (peer, lane) => this.#lanes.halted(peer, lane),
        },
        tx,
        clock.nowMs(),
      ),
    );
  }

  ask(partner: string): Promise<boolean> {
    return this.#heartbeats.ask(partner);
  }

  canary(partner: string, waitMs: number): Promise<CanaryTrip | undefined> {
    return this.#canaries.send(partner, waitMs, this.#stop.signal);
  }

  pulse(partner: string): PeerPulse {
    return this.#heartbeats.pulse(partner);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort();
    await Promise.all(this.#running);
    await this.#backfills.settled();
  }

  /** Starts a part; where one fails for good, all stop, and `run` rejects with the reason. */
  #start(part: (signal: AbortSignal) => Promise<void>): void {
    const running = part(this.#stop.signal)
      .catch((error: unknown) => {
        if (!this.#stop.signal.aborted) this.#fail(error);
      })
      .finally(() => this.#running.delete(running));
    this.#running.add(running);
  }

  #going(what: string, signal: AbortSignal, loop: (each: AbortSignal) => Promise<void>): Promise<void> {
    return persevere(loop, signal, (error) => this.#deps.events?.failed?.({ what, peer: '', error }));
  }

  #fail(error: unknown): void {
    this.#failure ??= { error };
    this.#stop.abort();
  }

  async #consume(lane: 0 | 1, signal: AbortSignal): Promise<void> {
    const { maxInFlight } = this.#options.inbox;
    const handle = async (mail: Mail): Promise<void> => {
      try {
        await this.#inbox.handle(mail);
      } catch (error) {
        // Only what leaves the state of the store unknown gets here: the mail stays where it is, and this process stops.
        this.#fail(error);
        throw error;
      }
    };
    await this.#deps.mailbox.consume(lane, handle, { signal, maxInFlight });
  }

  async #tendKeys(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const { clock } = this.#deps;
      const next = await this.#ownKeys.tend();
      const waitMs = Math.min(Math.max(1, next - clock.nowMs()), this.#options.ownKeys.lookMs);
      await sleep(waitMs, signal).catch(() => undefined);
    }
  }

  async #loadMessageIdKey(): Promise<Uint8Array> {
    const { store, random } = this.#deps;
    return store.write(async (tx) => {
      const held = await tx.meta.get(MESSAGE_ID_KEY);
      if (held) return held;
      const fresh = random.bytes(32);
      await tx.meta.set(MESSAGE_ID_KEY, fresh);
      return fresh;
    });
  }

  /** Asked by every record of a group: one look at the store serves all that ask before it begins. */
  async #wakeWaiting(): Promise<void> {
    if (!this.#started || this.#stop.signal.aborted || this.#wakeAsked) return;
    this.#wakeAsked = true;
    try {
      await nextTurn();
      this.#wakeAsked = false;
      await this.#lanes.wakeWaiting();
    } catch (error) {
      this.#publish.events.failed?.({ what: 'wake', peer: '', error });
    }
  }

  /** Once a checkpoint: what desks accepted, read and took in hand since goes out under the next. */
  async #tellReadings(): Promise<void> {
    const { store, clock } = this.#deps;
    if (this.#stop.signal.aborted) return;
    try {
      const due = await store.read((tx) => tx.onward.readingsDue(1));
      if (due.length > 0) await store.write((tx) => tellReadings(this.#deps, tx, clock.nowMs()));
    } catch (error) {
      this.#publish.events.failed?.({ what: 'tell readings', peer: '', error });
    }
  }

  /** Lanes that waited for a roster, or for a member's standing, go on by themselves. */
  async #look(): Promise<void> {
    if (!this.#started || this.#stop.signal.aborted) return;
    await this.#membership
      .look()
      .then(() => this.#lanes.wakeAll())
      .catch((error: unknown) => this.#publish.events.failed?.({ what: 'wake', peer: '', error }));
  }

  async #wakeLanes(): Promise<void> {
    await this.#lanes
      .wakeAll()
      .catch((error: unknown) => this.#publish.events.failed?.({ what: 'wake', peer: '', error }));
  }

  /** Our keys changed: prekeys are offered under the new statement, and partners told of it, before they meet it. */
  async #tellNewKeys(): Promise<void> {
    const { directory, clock } = this.#deps;
    try {
      await this.#ownKeys.tend();
    } catch (error) {
      this.#fail(error);
      return;
    }
    const peers = directory.roster().activeMembers(clock.nowMs());
    await Promise.all(
      peers.map(({ node }) => (node === directory.self ? undefined : this.#heartbeats.ask(node))),
    );
    await this.#wakeLanes();
  }

  /** A partner may have learnt kinds that it refused before (design §8): they are offered once more. */
  async #offerAgain({ statement }: VerifiedStatement): Promise<void> {
    const { store } = this.#deps;
    const kinds = statement.kinds.map(({ kind }) => kind);
    try {
      const offered = await store.write((tx) =>
        tx.outbox.offerAgain(statement.node, Reason.REASON_UNKNOWN_KIND, kinds),
      );
      if (offered > 0) await this.#wakeWaiting();
    } catch (error) {
      this.#publish.events.failed?.({ what: 'offer', peer: statement.node, error });
    }
  }

  #compared(peer: string, sent: readonly LanePosition[]): void {
    void this.#recovery.compared(peer, sent);
    void this.#cutOff.compared(peer, sent);
  }

  #fetch(sender: string, lane: 0 | 1): void {
    if (this.#started && !this.#stop.signal.aborted) {
      void this.#backfills.fetch(sender, lane, this.#stop.signal);
    }
  }

  /** What a partner that is back still owes is asked for at once. */
  async #askAgain(sender: string): Promise<void> {
    try {
      await this.#attachments.heard(sender);
    } catch (error) {
      this.#publish.events.failed?.({ what: 'attachment', peer: sender, error });
    }
  }

  #onTaken(sender: string, taken: Taken): void {
    if (taken.results.some(({ result }) => result === 'pending')) this.#attachments.wake();
    if (taken.acknowledged || taken.receipts.length > 0) this.#lanes.wakePeer(sender, false);
    if (taken.passedOn) void this.#wakeWaiting();
    // Whether that was the last of what it owed, it says itself.
    if (this.#cutOff.isWaitingFor(sender) || this.#recovery.state().waitingFor.includes(sender))
      void this.#heartbeats.ask(sender);
    for (const { kind, manifest, reason } of taken.receipts) {
      if (kind !== 'refused') continue;
      const { recipient, lane, seq } = manifest;
      const detail = `our manifest ${seq} was refused as a whole`;
      this.#publish.events.refused?.({ sender: recipient, lane, reason, detail });
      this.#lanes.refused(manifest, seq);
    }
  }

  /** To everybody: whatever our log would say next is contradicted by what it said before. */
  #halt(): void {
    this.#behind = true;
    this.#lanes.haltAll(
      `our store knows less than a partner holds of ours: restored from a backup? ${REMEDY}`,
    );
    this.#deps.onBehind?.();
  }

  /** Traffic keeps the heartbeat quick. */
  #watched(events: ExchangeEvents): ExchangeEvents {
    return {
      ...events,
      sent: (event) => {
        this.#heartbeats.touch(event.recipient);
        events.sent?.(event);
      },
      received: (event) => {
        this.#heartbeats.touch(event.sender);
        events.received?.(event);
      },
    };
  }
}

const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
