/** Tables of national policies that administrators proposed, and of all policies that came into force. */
import type { Maybe, MaybeWhole, Numbered, Whole } from './column.ts';

/** `adopting` between the decision and the policy's coming into force. */
export type PolicyProposalState = 'open' | 'adopting' | 'adopted' | 'withdrawn';

export interface PolicyProposalTable {
  number: Numbered;
  /** Random, 32 hexadecimal digits. */
  id: string;
  state: PolicyProposalState;
  /** Cedar text of the whole national policy. */
  text: string;
  /** Of the text in UTF-8. */
  bytes: Whole;
  /** In the proposer's words. */
  reason: string;
  /** Digest of the policies and the roster in force when it was proposed. */
  base: string;
  /** Identity of the officer, as in drafts. */
  proposer: string;
  proposer_name: string;
  proposed_at: Whole;
  /** Identity of who adopts, adopted, took back or turned down. */
  decider: Maybe<string>;
  decider_name: Maybe<string>;
  decided_at: MaybeWhole;
  /** What the decider said. */
  note: Maybe<string>;
}

/** One row each time that another policy, roster or program came to decide. */
export interface PolicyHistoryTable {
  number: Numbered;
  /** Milliseconds; until the next row's. */
  since: Whole;
  /** Over all policies in force and the roster, as the engine gives it. */
  digest: string;
  /** Cedar text of the whole national policy. */
  national: string;
  roster_version: Whole;
  roster_digest: Uint8Array;
  /** Version of the program, whose own rules are in the digest. */
  program: string;
}
