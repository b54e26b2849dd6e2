/**
 * This node's own prekeys: made a step ahead, published signed, deleted for good once nothing sealed to them can still
 * lie in a mailbox. The private half is durable before the bundle that offers it, so no parcel is ever sealed to a key
 * that a crash has lost; and the bundle is committed before anyone is given it.
 */
import { SerialRunner } from '../base/async.ts';
import { hex } from '../base/bytes.ts';
import type { Clock } from '../base/clock.ts';
import { CLOCK_SKEW_MS } from '../base/limits.ts';
import { createPrekeyBundle, type VerifiedPrekeys } from '../identity/index.ts';
import { generatePrekey } from '../seal/index.ts';
import type { Directory } from './directory.ts';
import { ExchangeError } from './errors.ts';
import type { HeldPrekey, KeyringPort } from './ports.ts';

export interface OwnKeysDeps {
  readonly directory: Directory;
  readonly keyring: KeyringPort;
  readonly clock: Clock;
}

export interface OwnKeysOptions {
  /** Life of one prekey, at most seven days (prekey.proto). */
  readonly lifeMs: number;
  /** How long a parcel may lie in a mailbox. */
  readonly mailboxAgeMs: number;
}

const DAY_MS = 86_400_000;
export const OWN_KEYS_DEFAULTS: OwnKeysOptions = { lifeMs: 7 * DAY_MS, mailboxAgeMs: 14 * DAY_MS };
/** The next prekey starts before the current one ends, by this part of a life, so that no sender is ever without one. */
const OVERLAP = 7;

export class OwnKeys {
  readonly #deps: OwnKeysDeps;
  readonly #options: OwnKeysOptions;
  readonly #opened = new Map<string, Uint8Array>();
  readonly #serial = new SerialRunner<'tend'>();

  constructor(deps: OwnKeysDeps, options: OwnKeysOptions) {
    this.#deps = deps;
    this.#options = options;
  }

  /** The private half of a prekey of ours, undefined where it was deleted. */
  async privateKeyOf(id: Uint8Array): Promise<Uint8Array | undefined> {
    const key = hex(id);
    const known = this.#opened.get(key);
    if (known) return known;
    const opened = await this.#deps.keyring.prekeys.open(id);
    if (opened) this.#opened.set(key, opened);
    return opened;
  }

  /**
   * Makes what is missing, deletes what is over, and offers the rest in a new bundle where anything changed, our key statement
   * included. To be called at start, after a new statement, and then by the instant returned.
   *
   * @returns the instant, in milliseconds, at which it has something to do again
   */
  tend(): Promise<number> {
    return this.#serial.run('tend', () => this.#tend());
  }

  async #tend(): Promise<number> {
    const { clock, keyring } = this.#deps;
    const now = clock.nowMs();
    await this.#deleteOver(await keyring.prekeys.list(), now);
    const held = await this.#complete(await keyring.prekeys.list(), now);
    await this.#publish(held.filter((key) => now < key.notAfterMs));
    const grace = this.#options.mailboxAgeMs + CLOCK_SKEW_MS;
    const instants = [held.at(-1)?.notBeforeMs ?? now, ...held.map((key) => key.notAfterMs + grace)];
    return Math.min(...instants.filter((instant) => instant > now), now + this.#options.lifeMs);
  }

  async #deleteOver(held: readonly HeldPrekey[], now: number): Promise<void> {
    const grace = this.#options.mailboxAgeMs + CLOCK_SKEW_MS;
    for (const key of held) {
      if (key.notAfterMs + grace > now) continue;
      this.#opened.delete(hex(key.id));
      await this.#deps.keyring.prekeys.delete(key.id);
    }
  }

  /** A current prekey, and the one that follows it. */
  async #complete(held: readonly HeldPrekey[], now: number): Promise<readonly HeldPrekey[]> {
    const { lifeMs } = this.#options;
    const overlapMs = Math.floor(lifeMs / OVERLAP);
    const usable = held.filter((key) => now < key.notAfterMs);
    const current = usable.find((key) => key.notBeforeMs <= now);
    const next = usable.find((key) => key.notBeforeMs > now);
    if (!current) await this.#make(now - CLOCK_SKEW_MS, now - CLOCK_SKEW_MS + lifeMs);
    if (!next) {
      const ends = Math.max(current?.notAfterMs ?? 0, ...usable.map((key) => key.notAfterMs));
      const from = Math.max(now + 1, (ends > 0 ? ends : now - CLOCK_SKEW_MS + lifeMs) - overlapMs);
      await this.#make(from, from + lifeMs);
    }
    return this.#deps.keyring.prekeys.list();
  }

  async #make(notBeforeMs: number, notAfterMs: number): Promise<void> {
    const { id, publicKey, privateKey } = await generatePrekey();
    await this.#deps.keyring.prekeys.create({ id, publicKey, privateKey, notBeforeMs, notAfterMs });
  }

  async #publish(offered: readonly HeldPrekey[]): Promise<VerifiedPrekeys | undefined> {
    const { directory, keyring } = this.#deps;
    const statement = directory.own();
    const published = directory.lastPrekeysOf(directory.self);
    if (published && isOffer(published, offered, statement.digest)) return published;
    const signed = await createPrekeyBundle({
      network: directory.network,
      node: directory.self,
      sequence: (published?.bundle.sequence ?? 0n) + 1n,
      statementDigest: statement.digest,
      prekeys: offered,
      keyring,
      ...(statement.statement.linkKey && { linkKey: statement.statement.linkKey }),
    });
    const judged = await directory.judgeAndKeepPrekeys(directory.self, signed);
    if (judged.ok) return judged.value;
    throw new ExchangeError({
      code: 'OWN_KEYS_MISSING',
      message: `our own prekey bundle is not believed: ${judged.detail}; check that keyring and key statement belong together`,
      retry: 'fatal',
    });
  }
}

function isOffer(
  published: VerifiedPrekeys,
  offered: readonly HeldPrekey[],
  statementDigest: Uint8Array,
): boolean {
  const ids = new Set(published.bundle.prekeys.map((key) => hex(key.id)));
  return (
    hex(published.bundle.statementDigest) === hex(statementDigest) &&
    ids.size === offered.length &&
    offered.every((key) => ids.has(hex(key.id)))
  );
}
