/** The outcome of judging a stranger's claim: belief with a value, or disbelief with its reason. */
import type { PublicFacts } from './error.ts';

export interface Believed<Value> {
  readonly ok: true;
  readonly value: Value;
}

export interface Disbelieved<Reason> {
  readonly ok: false;
  readonly reason: Reason;
  /** For people: what was expected and what came; no content. */
  readonly detail: string;
  readonly facts: PublicFacts;
}

export type Verdict<Value, Reason> = Believed<Value> | Disbelieved<Reason>;

export const believed = <Value>(value: Value): Believed<Value> => ({ ok: true, value });

export const disbelieved = <Reason>(
  reason: Reason,
  detail: string,
  facts: PublicFacts = {},
): Disbelieved<Reason> => ({
  ok: false,
  reason,
  detail,
  facts,
});
