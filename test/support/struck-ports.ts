/**
 * The ports of a node in memory through which everything durable passes, with a blow at one operation of one kind: it fails, it
 * takes effect and seems to fail, or the node dies right before or after it. Kinds are told by what a transaction touched.
 */
import type { Mail, MailboxPort } from '../../src/exchange/index.ts';
import { type Store, StoreError, type WriteTx } from '../../src/store/index.ts';
import type { Ports } from './exchange-network.ts';

/** A kind of operation on the path of a record, in the order of the path. */
export const STEPS = [
  'release',
  'log',
  'parcel',
  'attempt',
  'put',
  'fetch',
  'take',
  'receipt',
  'ack',
  'acknowledgement',
  'repeat',
  'other',
] as const;
export type StepName = (typeof STEPS)[number];

/**
 * `failed`: no effect, and an error that may be tried again. `persisted`: the effect, and an error, or no answer. `dies-before`,
 * `dies-after`: nothing of the node runs any more from there on.
 */
export const BLOWS = ['failed', 'persisted', 'dies-before', 'dies-after'] as const;
export type Blow = (typeof BLOWS)[number];

export interface Strike {
  readonly step: StepName;
  /** The n-th of its kind from now on, from 0. */
  readonly nth: number;
  readonly blow: Blow;
}

/** What makes the step happen at all, where a round without faults has none of it. */
export const strikesOf = (strike: Strike): readonly Strike[] =>
  strike.step === 'attempt'
    ? [{ step: 'put', nth: 0, blow: 'failed' }, strike]
    : strike.step === 'repeat'
      ? [{ step: 'ack', nth: 0, blow: 'failed' }, strike]
      : [strike];

/** Mail cannot seem lost and be kept, or the other way round: nobody answers an acknowledgement, and nobody asks for mail. */
const POSSIBLE: Partial<Record<StepName, readonly Blow[]>> = {
  fetch: ['dies-before'],
  ack: ['failed', 'dies-before', 'dies-after'],
};
export const blowsAt = (step: StepName): readonly Blow[] => POSSIBLE[step] ?? BLOWS;

/** Methods that tell a kind of transaction, most telling first. */
const TELLING: readonly (readonly [StepName, readonly string[]])[] = [
  ['receipt', ['links.takeManifest', 'links.closeManifest']],
  ['take', ['links.takeManifest']],
  ['release', ['records.insert', 'ledger.enqueue']],
  ['log', ['ledger.append']],
  ['parcel', ['links.addManifest']],
  ['repeat', ['inbox.refuse']],
  ['attempt', ['links.setAttempt']],
  ['acknowledgement', ['links.acknowledge']],
];

const nameOf = (touched: ReadonlySet<string>): StepName =>
  TELLING.find(([, all]) => all.every((one) => touched.has(one)))?.[0] ?? 'other';

export class StruckPorts {
  /** What was done since the last call of `begin`. */
  readonly counts = new Map<StepName, number>();
  /** Transactions of the kind `other`, by what they touched. */
  readonly others = new Set<string>();
  #strikes: readonly Strike[] = [];
  #struck = Promise.withResolvers<void>();
  #life = new AbortController();
  /** The store broke at a COMMIT: nothing is believed until it is opened again. */
  #broken: StoreError | undefined;
  /** Told at the moment of death. */
  onDeath: () => void = () => undefined;
  /** Whether it dies of it; one that was merely stopped at that moment goes on where it stood. */
  isMortal = true;

  /** Counts anew, and strikes each of these once, one after the other, each counted from the one before. */
  begin(strikes: readonly Strike[] = []): void {
    this.counts.clear();
    this.#strikes = strikes;
    this.#struck = Promise.withResolvers();
  }

  /** Resolves when the last blow has fallen. */
  get struck(): Promise<void> {
    return this.#struck.promise;
  }

  get hasFallen(): boolean {
    return this.#strikes.length === 0;
  }

  get isDead(): boolean {
    return this.#life.signal.aborted;
  }

  get isBroken(): boolean {
    return this.#broken !== undefined;
  }

  /** Ports of a node that starts: a new life over the same store file. */
  wrap({ store, mailbox }: Ports): Ports {
    this.#life = new AbortController();
    this.#broken = undefined;
    return { store: this.wrapStore(store), mailbox: this.wrapMailbox(mailbox) };
  }

  wrapStore(store: Store): Store {
    const life = this.#life.signal;
    const usable = (): void => {
      assertAlive(life);
      if (this.#broken) throw this.#broken;
    };
    return {
      read: async (work) => {
        usable();
        const value = await store.read(work);
        usable();
        return value;
      },
      write: (work) => this.#write(store, work, life, usable),
      onPurged: (listener) => store.onPurged(listener),
      [Symbol.asyncDispose]: () => store[Symbol.asyncDispose](),
    };
  }

  wrapMailbox<One extends Mail>(mailbox: MailboxOf<One>): MailboxOf<One> {
    const life = this.#life.signal;
    return {
      put: async (mail) => {
        assertAlive(life);
        const blow = this.#blowAt('put');
        if (blow === 'dies-before') this.#die();
        if (blow === 'failed') throw new Error('the broker was not reached');
        assertAlive(life);
        const outcome = await mailbox.put(mail);
        if (blow === 'dies-after') this.#die();
        assertAlive(life);
        return blow === 'persisted' ? 'unknown' : outcome;
      },
      consume: (lane, handle, options) =>
        mailbox.consume(
          lane,
          async (mail) => {
            if (this.#blowAt('fetch') === 'dies-before') this.#die();
            assertAlive(life);
            await handle(this.#mail(mail, life));
            assertAlive(life);
          },
          { ...options, signal: AbortSignal.any([options.signal, life]) },
        ),
    };
  }

  #mail<One extends Mail>(mail: One, life: AbortSignal): One {
    const alive = (): void => assertAlive(life);
    return {
      ...mail,
      ack: async () => {
        alive();
        const blow = this.#blowAt('ack');
        if (blow === 'dies-before') this.#die();
        alive();
        if (blow !== 'failed') await mail.ack();
        if (blow === 'dies-after') this.#die();
        alive();
      },
      retryLater: async (delayMs) => {
        alive();
        await mail.retryLater(delayMs);
      },
    };
  }

  async #write<Result>(
    store: Store,
    work: (tx: WriteTx) => Promise<Result>,
    life: AbortSignal,
    usable: () => void,
  ): Promise<Result> {
    usable();
    let blow: Blow | undefined;
    const value = await store.write(async (tx) => {
      usable();
      const touched = new Set<string>();
      const hooks: (() => void)[] = [];
      const result = await work(watched(tx, touched, hooks));
      usable();
      const step = nameOf(touched);
      if (step === 'other') this.others.add([...touched].sort().join(' '));
      blow = this.#blowAt(step);
      if (blow === 'dies-before') this.#die();
      usable();
      if (blow === 'failed')
        throw new StoreError({ code: 'STORE_FULL', message: 'struck: no space', retry: 'later' });
      tx.afterCommit(() => {
        if (blow !== undefined || life.aborted) return;
        for (const hook of hooks) hook();
      });
      return result;
    });
    if (blow === 'dies-after') this.#die();
    if (blow === 'persisted')
      this.#broken = new StoreError({
        code: 'STORE_IO',
        message: 'struck: the disk failed at COMMIT',
        retry: 'fatal',
      });
    usable();
    return value;
  }

  #blowAt(step: StepName): Blow | undefined {
    const nth = this.counts.get(step) ?? 0;
    this.counts.set(step, nth + 1);
    const [strike, ...rest] = this.#strikes;
    if (strike?.step !== step || strike.nth !== nth) return undefined;
    this.#strikes = rest;
    this.counts.clear();
    // In a turn of its own: whoever waits must not run before the blow has fallen.
    if (this.#strikes.length === 0) setImmediate(this.#struck.resolve);
    return strike.blow;
  }

  #die(): void {
    if (this.isMortal) this.#life.abort();
    this.onDeath();
  }
}

/** A mailbox port whose mail may say more than the exchange asks for. */
interface MailboxOf<One extends Mail> extends Pick<MailboxPort, 'put'> {
  consume(
    lane: Parameters<MailboxPort['consume']>[0],
    handle: (mail: One) => Promise<void>,
    options: Parameters<MailboxPort['consume']>[2],
  ): Promise<void>;
}

const assertAlive = (life: AbortSignal): void => {
  if (life.aborted) throw new Dead();
};

/** What a dead node's code is told that still runs: it can do nothing any more. */
export class Dead extends Error {
  override readonly message = 'the node is dead';
}

/** A transaction that notes which methods were called, and holds back what runs after COMMIT. */
function watched(tx: WriteTx, touched: Set<string>, hooks: (() => void)[]): WriteTx {
  const made = {};
  for (const name of Object.getOwnPropertyNames(tx) as (keyof WriteTx)[]) {
    let known: unknown;
    Object.defineProperty(made, name, {
      get: () => {
        known ??=
          name === 'afterCommit'
            ? (hook: () => void) => void hooks.push(hook)
            : noting(name, tx[name] as unknown as Readonly<Record<string, unknown>>, touched);
        return known;
      },
    });
  }
  return made as WriteTx;
}

const noting = (name: string, repository: Readonly<Record<string, unknown>>, touched: Set<string>): unknown =>
  new Proxy(repository, {
    get(of, method: string) {
      const value = of[method];
      if (typeof value !== 'function') return value;
      return (...args: readonly unknown[]) => {
        touched.add(`${name}.${method}`);
        return Reflect.apply(value, of, args);
      };
    },
  });
