/**
 * One established link session, and the calls within it: numbers, nonces and the evidence that a caller signs. The shape
 * of `SessionCall` is what a transport expects of the seal of a call.
 */
import { equalBytes } from '../base/bytes.ts';
import type { Clock } from '../base/clock.ts';
import { CLOCK_SKEW_MS } from '../base/limits.ts';
import { believed, type Disbelieved, disbelieved, type Verdict } from '../base/verdict.ts';
import { CallEvidence, SignedCallEvidence } from '../gen/tocsin/exchange/v1/session.ts';
import type { HybridPublicKey, HybridSignature } from '../gen/tocsin/record/v1/identity.ts';
import { Reason } from '../gen/tocsin/record/v1/reason.ts';
import { judgeHybrid } from '../identity/index.ts';
import { encodeSigned, judgeMessage, judgeSigned } from '../record/index.ts';
import { openFrame, type SessionKeys, type SessionSide, sealFrame } from './session-keys.ts';
import { CallWindow } from './session-window.ts';

/** A session ends after this long, whatever happens; by the monotonic clock. */
export const SESSION_LIFE_MS = 60 * 60_000;
const EVIDENCE_BYTES = 8 * 1024;
const LAST_FRAME = 0xffff_ffff;

/** Signs with our link key: that of the statement by which the peer knows us in this session, which may have been replaced since. */
export type LinkSign = (
  type: 'reply' | 'finish' | 'call',
  bytes: Uint8Array,
  linkKey: HybridPublicKey | undefined,
) => Promise<HybridSignature>;

export interface SessionFacts {
  readonly network: Uint8Array;
  readonly self: string;
  readonly peer: string;
  readonly side: SessionSide;
  readonly id: Uint8Array;
  readonly keys: SessionKeys;
  /** The peer's, from the statement by which it was believed. */
  readonly peerLinkKey: HybridPublicKey;
  readonly peerStatementDigest: Uint8Array;
  /** Ours, from the statement that we showed it. */
  readonly ownLinkKey?: HybridPublicKey | undefined;
  /** Roster that the peer said it uses: another one is a reason to compare, never to refuse. */
  readonly peerRosterDigest: Uint8Array;
  /** When it began, by the monotonic clock. */
  readonly beganAt: number;
}

export interface SessionTools {
  readonly sign: LinkSign;
  readonly clock: Clock;
  readonly monotonicMs: () => number;
}

export class LinkSession {
  readonly facts: SessionFacts;
  readonly tools: SessionTools;
  readonly #window = new CallWindow();
  #nextCall = 1n;
  #ended = false;

  constructor(facts: SessionFacts, tools: SessionTools) {
    this.facts = facts;
    this.tools = tools;
  }

  get ageMs(): number {
    return this.tools.monotonicMs() - this.facts.beganAt;
  }

  get alive(): boolean {
    return !this.#ended && this.ageMs < SESSION_LIFE_MS;
  }

  /** The peer is no longer believed: calls under way fail with it. */
  end(): void {
    this.#ended = true;
  }

  /** Initiator: a call with the next number. */
  begin(): SessionCall {
    return new SessionCall(this, this.#nextCall++);
  }

  isFree(call: bigint): boolean {
    return this.#window.isFree(call);
  }

  /** Responder: a call whose frame opens takes its number for ever; undefined, and nothing taken, where it does not open. */
  accept(
    call: bigint,
    frame: number,
    sealed: Uint8Array,
  ): { call: SessionCall; plaintext: Uint8Array } | undefined {
    const accepted = new SessionCall(this, call);
    const plaintext = accepted.open(frame, sealed);
    if (plaintext === undefined) return undefined;
    this.#window.take(call);
    return { call: accepted, plaintext };
  }
}

interface Claim {
  readonly method: string;
  readonly deadlineAt: number;
  readonly requestDigest: Uint8Array;
}

interface VerifiedClaim extends Claim {
  readonly caller: string;
  readonly signed: Uint8Array;
  readonly statementDigest: Uint8Array;
}

export class SessionCall {
  readonly number: bigint;
  readonly sessionId: Uint8Array;
  readonly #session: LinkSession;
  #nextFrame = 0;

  constructor(session: LinkSession, number: bigint) {
    this.#session = session;
    this.number = number;
    this.sessionId = session.facts.id;
  }

  get alive(): boolean {
    return this.#session.alive;
  }

  /** Seals the next frame; throws Error when the session is over, or its frames for one call are. */
  seal(plaintext: Uint8Array): { readonly frame: number; readonly sealed: Uint8Array } {
    const { facts } = this.#session;
    if (!this.#session.alive) throw new Error('the link session is over: call again');
    if (this.#nextFrame > LAST_FRAME) throw new Error('expected fewer than 2^32 frames in one call');
    const frame = this.#nextFrame++;
    return { frame, sealed: sealFrame(facts.keys[facts.side], facts.id, this.number, frame, plaintext) };
  }

  open(frame: number, sealed: Uint8Array): Uint8Array | undefined {
    const { facts } = this.#session;
    if (!this.#session.alive) return undefined;
    const theirs = facts.side === 'initiator' ? facts.keys.responder : facts.keys.initiator;
    return openFrame(theirs, facts.id, this.number, frame, sealed);
  }

  /** Caller: an encoded SignedCallEvidence. */
  async sign(claim: Claim): Promise<Uint8Array> {
    const { facts, tools } = this.#session;
    const evidence = CallEvidence.encode({
      caller: facts.self,
      callee: facts.peer,
      sessionId: Buffer.from(facts.id),
      callNumber: this.number,
      method: claim.method,
      deadline: BigInt(claim.deadlineAt),
      requestDigest: Buffer.from(claim.requestDigest),
    }).finish();
    const body = encodeSigned('call', facts.network, evidence);
    const signature = await tools.sign('call', body, facts.ownLinkKey);
    return SignedCallEvidence.encode({ body: Buffer.from(body), signature }).finish();
  }

  /** Callee: judges the caller's evidence against what was really asked of it. */
  judge(signed: Uint8Array, claim: Claim): Verdict<VerifiedClaim, Reason> {
    const { facts } = this.#session;
    const envelope = judgeMessage(
      SignedCallEvidence,
      'tocsin.exchange.v1.SignedCallEvidence',
      signed,
      EVIDENCE_BYTES,
    );
    if (!envelope.ok) return envelope;
    const body = judgeSigned('call', facts.network, envelope.value.body);
    if (!body.ok) return body;
    const parsed = judgeMessage(CallEvidence, 'tocsin.exchange.v1.CallEvidence', body.value, EVIDENCE_BYTES);
    if (!parsed.ok) return parsed;
    const evidence = parsed.value;
    const other = (what: string): Disbelieved<Reason> =>
      disbelieved(Reason.REASON_CALL_EVIDENCE, `the evidence is for another ${what}`);
    if (evidence.caller !== facts.peer) return other('caller');
    if (evidence.callee !== facts.self) return other('callee');
    if (!equalBytes(evidence.sessionId, facts.id)) return other('session');
    if (evidence.callNumber !== this.number) return other('call');
    if (evidence.method !== claim.method) return other('method');
    if (!equalBytes(evidence.requestDigest, claim.requestDigest)) return other('request');
    const deadlineAt = Number(evidence.deadline);
    if (
      (deadlineAt === 0) !== (claim.deadlineAt === 0) ||
      Math.abs(deadlineAt - claim.deadlineAt) > CLOCK_SKEW_MS
    )
      return other('deadline');
    const signature = judgeHybrid('call', envelope.value.body, envelope.value.signature, facts.peerLinkKey);
    if (!signature.ok) return signature;
    return believed({
      ...claim,
      deadlineAt,
      caller: facts.peer,
      signed,
      statementDigest: facts.peerStatementDigest,
    });
  }
}
