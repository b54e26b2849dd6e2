/**
 * The side that asks whether a partner lists a name: blinds the name's keys, checks that the partner answered with the key that
 * everybody sees, and finds hits at home. A hit becomes a signed request to verify it; without one the partner learns no more than
 * that a question was asked.
 */
import { SerialRunner } from '../../base/async.ts';
import { hex } from '../../base/bytes.ts';
import type { Random } from '../../base/clock.ts';
import type { AuditEntry } from '../../store/index.ts';
import { type KeptBuckets, loadBuckets } from './buckets.ts';
import { epochInfo, monthOf } from './epoch.ts';
import { PrivateScreeningError } from './errors.ts';
import { type Found, hitsAmong, type PrivateHit } from './hits.ts';
import { type HolderKeyDeps, HolderKeys } from './holder-key.ts';
import { listedUnder, prefixOf } from './item.ts';
import {
  identifierKey,
  KEYS_PER_CALL,
  type PrivateIdentifier,
  type PrivateKey,
  privateKeys,
} from './keys.ts';
import { poprf } from './oprf.ts';

/** Names and identifiers of one inquiry. */
export const MOST_NAMES = 16;
export const MOST_IDENTIFIERS = 16;

/** Hits of one inquiry that are put to the holder: a holder that lies could have itself asked about thousands. */
export const MOST_HITS = 16;

/** A partner that has not answered by then is away. Waiting for one's turn at it does not count. */
const ASK_MS = 20_000;

/** Who asks: what every audit row of it says. */
export type AskedBy = Pick<AuditEntry, 'actor' | 'detail'>;

/** What is looked for: names and numbers of one party, since what agrees is counted together. */
export interface Sought {
  readonly names: readonly string[];
  readonly identifiers: readonly PrivateIdentifier[];
}

export interface Inquiry extends Sought {
  /** Node id. */
  readonly holder: string;
  readonly by: AskedBy;
  /** States the signed request to verify a hit; resolves with its header digest once it is durable. */
  readonly openTasking: (holder: string, hit: PrivateHit) => Promise<Uint8Array>;
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
  /** The one with most keys first. */
  readonly hits: readonly OpenedHit[];
  /** More agreed than were put to the holder. */
  readonly more: boolean;
}

export interface AskerDeps extends HolderKeyDeps {
  readonly random: Random;
}

const dayOf = (atMs: number): string => new Date(atMs).toISOString().slice(0, 10);

export class PrivateAsker {
  readonly #deps: AskerDeps;
  readonly #keys: HolderKeys;
  readonly #kept = new Map<string, KeptBuckets>();
  /** One inquiry a holder at a time: they share what is kept of its buckets. */
  readonly #turns = new SerialRunner<string>();

  constructor(deps: AskerDeps) {
    this.#deps = deps;
    this.#keys = new HolderKeys(deps);
  }

  /**
   * Asks one holder. Each hit is requested to be verified before this resolves. Throws NOTHING_TO_ASK where no name tells anything,
   * ANNOUNCEMENT_INVALID, KEY_CHANGED with an alarm, RULES_DIFFER, SET_NOT_READY and BUDGET_SPENT before anything is spent,
   * PROOF_INVALID; RpcError where the holder refuses or is away.
   */
  async ask(inquiry: Inquiry): Promise<PrivateAnswer> {
    const keys = keysOf(inquiry);
    return this.#turns.run(inquiry.holder, () => {
      const late = AbortSignal.timeout(ASK_MS);
      const signal = inquiry.signal === undefined ? late : AbortSignal.any([inquiry.signal, late]);
      return this.#ask({ ...inquiry, signal }, keys);
    });
  }

  async #ask(
    inquiry: Inquiry & { readonly signal: AbortSignal },
    keys: readonly PrivateKey[],
  ): Promise<PrivateAnswer> {
    const { store, clock } = this.#deps;
    const { holder, by, signal, openTasking } = inquiry;
    const month = monthOf(clock.nowMs());
    const questions = Math.ceil(keys.length / KEYS_PER_CALL);
    const { publicKey, ready, budget, used } = await this.#keys.of(holder, month, { signal });
    if (!ready) throw notReady();
    // Half an inquiry tells nothing and is spent all the same. Where nothing is left the holder says so, and logs that it did.
    const left = budget - used;
    if (left > 0 && questions > left) throw tooMany(questions, left);
    const found: Found[] = [];
    for (let at = 0; at < keys.length; at += KEYS_PER_CALL) {
      await this.#log(by, holder, 'private-screening.asked', { month });
      found.push(...(await this.#question(inquiry, month, publicKey, keys.slice(at, at + KEYS_PER_CALL))));
    }
    const hits: OpenedHit[] = [];
    const all = hitsAmong(found);
    for (const hit of all.slice(0, MOST_HITS)) hits.push({ ...hit, tasking: await openTasking(holder, hit) });
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
            hits: all.length,
            taskings: hits.map(({ tasking }) => hex(tasking).slice(0, 16)).join(' '),
          },
        },
      ]),
    );
    return { month, questions, hits, more: all.length > hits.length };
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
}

/** The keys of what is sought, each once. Throws BATCH_SIZE, NOTHING_TO_ASK. */
export function keysOf({ names, identifiers }: Sought): readonly PrivateKey[] {
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

const notReady = (): PrivateScreeningError =>
  new PrivateScreeningError({
    code: 'SET_NOT_READY',
    message: 'the partner has not evaluated yet what may be screened against: ask later',
    retry: 'later',
  });

const tooMany = (questions: number, left: number): PrivateScreeningError =>
  new PrivateScreeningError({
    code: 'BUDGET_SPENT',
    message: `expected an inquiry of at most ${left} questions, which are left of today, got one of ${questions}: ask for fewer spellings, or tomorrow (UTC)`,
    retry: 'later',
    facts: { left, questions },
  });
