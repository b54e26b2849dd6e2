/**
 * The side that asks whether a partner lists a name: blinds the name's keys, checks that the partner answered with the key that
 * everybody sees, and finds hits at home. A hit becomes a signed request to verify it; without one the partner learns no more than
 * that a question was asked.
 */
import { concat, hex, lengthPrefixed } from '../../base/bytes.ts';
import type { Clock, Random } from '../../base/clock.ts';
import type { Directory } from '../../exchange/index.ts';
import type { SignedPrivateMonthKey } from '../../gen/tocsin/exchange/v1/private_screening_service.ts';
import { reasonName } from '../../record/index.ts';
import type { AuditEntry, Store } from '../../store/index.ts';
import { type KeptBuckets, loadBuckets, type PrivateScreeningCalls } from './buckets.ts';
import { epochInfo, monthOf } from './epoch.ts';
import { PrivateScreeningError } from './errors.ts';
import { type Found, hitsAmong, type PrivateHit } from './hits.ts';
import { listedUnder, prefixOf } from './item.ts';
import {
  identifierKey,
  KEY_RULES,
  KEYS_PER_CALL,
  type PrivateIdentifier,
  type PrivateKey,
  privateKeys,
} from './keys.ts';
import { encodeMonthKey, isSameKey, judgeMonthKey } from './month-key.ts';
import { poprf } from './oprf.ts';

/** Names and identifiers of one inquiry. */
export const MOST_NAMES = 16;
export const MOST_IDENTIFIERS = 16;

/** Who asks: what every audit row of it says. */
export type AskedBy = Pick<AuditEntry, 'actor' | 'detail'>;

export interface Inquiry {
  /** Node id. */
  readonly holder: string;
  readonly names: readonly string[];
  readonly identifiers: readonly PrivateIdentifier[];
  readonly by: AskedBy;
  readonly signal?: AbortSignal;
}

export interface OpenedHit extends PrivateHit {
  /** Header digest of the request to verify that went to the holder. */
  readonly tasking: Uint8Array;
}

export interface PrivateAnswer {
  readonly month: string;
  /** Questions that it cost of the day's budget. */
  readonly questions: number;
  readonly hits: readonly OpenedHit[];
}

export interface AskerDeps {
  readonly store: Store;
  readonly clock: Clock;
  readonly random: Random;
  readonly directory: Directory;
  readonly callsTo: (partner: string) => PrivateScreeningCalls;
  /** Members that are asked which key they saw of a holder. */
  readonly compareWith: () => readonly string[];
  /** States the signed request to verify a hit; resolves with its header digest once it is durable. */
  readonly openTasking: (holder: string, hit: PrivateHit) => Promise<Uint8Array>;
}

const dayOf = (atMs: number): string => new Date(atMs).toISOString().slice(0, 10);

export class PrivateAsker {
  readonly #deps: AskerDeps;
  /** `holder month partner`: compared, and found the same. */
  readonly #compared = new Set<string>();
  readonly #kept = new Map<string, KeptBuckets>();

  constructor(deps: AskerDeps) {
    this.#deps = deps;
  }

  /**
   * Asks one holder. Each hit is requested to be verified before this resolves. Throws NOTHING_TO_ASK where no name tells anything,
   * ANNOUNCEMENT_INVALID, KEY_CHANGED with an alarm, RULES_DIFFER, PROOF_INVALID; RpcError where the holder refuses or is away.
   */
  async ask(inquiry: Inquiry): Promise<PrivateAnswer> {
    const { store, clock } = this.#deps;
    const { holder, by, signal } = inquiry;
    const keys = keysOf(inquiry);
    const month = monthOf(clock.nowMs());
    const publicKey = await this.#monthKey(holder, month, signal);
    const found: Found[] = [];
    const questions = Math.ceil(keys.length / KEYS_PER_CALL);
    for (let at = 0; at < keys.length; at += KEYS_PER_CALL) {
      await this.#log(by, holder, 'private-screening.asked', { month });
      found.push(...(await this.#question(inquiry, month, publicKey, keys.slice(at, at + KEYS_PER_CALL))));
    }
    const hits: OpenedHit[] = [];
    for (const hit of hitsAmong(found))
      hits.push({ ...hit, tasking: await this.#deps.openTasking(holder, hit) });
    await store.write((tx) =>
      tx.audit.append([
        {
          at: clock.nowMs(),
          actor: by.actor,
          action: 'private-screening.answered',
          subject: holder,
          detail: {
            ...by.detail,
            month,
            questions,
            hits: hits.length,
            taskings: hits.map(({ tasking }) => hex(tasking).slice(0, 16)).join(' '),
          },
        },
      ]),
    );
    return { month, questions, hits };
  }

  /** Logged and counted before anything leaves, so that both sides' logs can be held against each other. */
  async #log(by: AskedBy, holder: string, action: string, facts: AuditEntry['detail']): Promise<void> {
    const { store, clock } = this.#deps;
    const at = clock.nowMs();
    await store.write(async (tx) => {
      const used = await tx.privateScreening.spend(
        { side: 'asker', partner: holder, day: dayOf(at), what: 'question' },
        Number.MAX_SAFE_INTEGER,
      );
      const detail = { ...by.detail, ...facts, used: used ?? 0 };
      await tx.audit.append([{ at, actor: by.actor, action, subject: holder, detail }]);
    });
  }

  async #question(
    { holder, signal }: Inquiry,
    month: string,
    publicKey: Uint8Array,
    keys: readonly PrivateKey[],
  ): Promise<readonly Found[]> {
    const { random, directory, callsTo } = this.#deps;
    const suite = poprf(
      epochInfo({ network: directory.network, holder, asker: directory.self, month }),
      random,
    );
    const inputs = keys.map(({ bytes }) => bytes);
    // The number of keys tells of a name: every question has as many, and asks for as many buckets.
    while (inputs.length < KEYS_PER_CALL) inputs.push(random.bytes(32));
    const batch = suite.blind(inputs, publicKey);
    const calls = callsTo(holder);
    const answer = await calls.evaluate(
      { month, elements: batch.elements.map((element) => Buffer.from(element)) },
      { ...(signal && { signal }) },
    );
    const outputs = suite.finalize(batch, { evaluated: answer.elements, proof: answer.proof });
    const loaded = await loadBuckets({
      calls,
      holder,
      kept: this.#kept,
      month,
      outputs,
      ...(signal && { signal }),
    });
    return keys.map((key, at) => {
      const output = outputs[at];
      const bucket = output && loaded.buckets.get(prefixOf(output, loaded.prefixBits));
      return { key, listed: output && bucket ? listedUnder(output, bucket) : [] };
    });
  }

  async #monthKey(holder: string, month: string, signal?: AbortSignal): Promise<Uint8Array> {
    const limits = { ...(signal && { signal }) };
    const { key, rules } = await this.#deps.callsTo(holder).getMonthKey({ month, holder: '' }, limits);
    const judged = await judgeMonthKey(this.#deps, { holder, month }, key);
    if (!judged.ok || key === undefined)
      throw new PrivateScreeningError({
        code: 'ANNOUNCEMENT_INVALID',
        message: `expected a key of ${month} signed by ${holder}: ${judged.ok ? 'none came' : `${reasonName(judged.reason)}, ${judged.detail}`}`,
        facts: { month },
      });
    if (rules !== KEY_RULES)
      throw new PrivateScreeningError({
        code: 'RULES_DIFFER',
        message: `expected keys of names by the rules ${KEY_RULES}, the partner's are others: both nodes need the same release`,
        facts: { rules: KEY_RULES },
      });
    await this.#pin(holder, month, key, judged.value);
    await this.#compare(holder, month, key, judged.value, limits);
    return judged.value;
  }

  /** The first key that was seen of a month is the only one (attack T40: a key per querier, or per day). */
  async #pin(
    holder: string,
    month: string,
    key: SignedPrivateMonthKey,
    publicKey: Uint8Array,
  ): Promise<void> {
    const { store, clock } = this.#deps;
    const announcement = encodeMonthKey(key);
    const pinned = await store.write((tx) =>
      tx.privateScreening.pinKey({ holder, month, publicKey, announcement, seenAt: clock.nowMs() }),
    );
    if (!isSameKey(pinned.publicKey, publicKey))
      throw await this.#changed(holder, month, pinned.announcement, announcement);
  }

  /** Others saw the same key, or a partner that tells its askers apart is found out by two of them. */
  async #compare(
    holder: string,
    month: string,
    key: SignedPrivateMonthKey,
    publicKey: Uint8Array,
    limits: { readonly signal?: AbortSignal },
  ): Promise<void> {
    for (const partner of this.#deps.compareWith()) {
      const mark = `${holder} ${month} ${partner}`;
      if (partner === holder || partner === this.#deps.directory.self || this.#compared.has(mark)) continue;
      const answer = await this.#deps
        .callsTo(partner)
        .getMonthKey({ month, holder }, limits)
        .catch(() => undefined);
      // Away, or has seen none yet: asked again with the next inquiry.
      if (answer?.key === undefined) continue;
      const theirs = await judgeMonthKey(this.#deps, { holder, month }, answer.key);
      if (!theirs.ok) continue;
      if (!isSameKey(theirs.value, publicKey))
        throw await this.#changed(holder, month, encodeMonthKey(key), encodeMonthKey(answer.key));
      this.#compared.add(mark);
    }
  }

  async #changed(
    holder: string,
    month: string,
    first: Uint8Array,
    second: Uint8Array,
  ): Promise<PrivateScreeningError> {
    const { store, clock } = this.#deps;
    await store.write((tx) =>
      tx.alarms.raise({
        at: clock.nowMs(),
        code: PRIVATE_KEY_CHANGED,
        subject: holder,
        detail: `${holder} signed two keys of private screening for ${month}: with them it can tell its partners apart`,
        evidence: concat(lengthPrefixed(first), lengthPrefixed(second)),
      }),
    );
    return new PrivateScreeningError({
      code: 'KEY_CHANGED',
      message: `expected the one key of ${month} that ${holder} announced first, got another: nothing is asked of it this month`,
      facts: { month },
    });
  }
}

/** Alarm: two signed keys of one holder and month. Its evidence is both, each after its length. */
export const PRIVATE_KEY_CHANGED = 'PRIVATE_KEY_CHANGED';

function keysOf({ names, identifiers }: Inquiry): readonly PrivateKey[] {
  if (names.length > MOST_NAMES || identifiers.length > MOST_IDENTIFIERS)
    throw new PrivateScreeningError({
      code: 'BATCH_SIZE',
      message: `expected at most ${MOST_NAMES} names and ${MOST_IDENTIFIERS} identifiers, got ${names.length} and ${identifiers.length}`,
    });
  const keys = new Map<string, PrivateKey>();
  for (const key of [...names.flatMap(privateKeys), ...identifiers.map(identifierKey)])
    if (key !== undefined) keys.set(hex(key.bytes), key);
  if (keys.size === 0)
    throw new PrivateScreeningError({
      code: 'NOTHING_TO_ASK',
      message: 'expected a name with a word in it, or an identifier of four characters, got neither',
    });
  return [...keys.values()];
}
