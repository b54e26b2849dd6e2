/**
 * The responder's side of link sessions: answers handshakes, keeps the sessions that others began, and authenticates the
 * first frame of each call in them. Bounded in time and memory whatever arrives.
 */
import { hex } from '../base/bytes.ts';
import { LIMITS } from '../base/limits.ts';
import { type Disbelieved, disbelieved } from '../base/verdict.ts';
import { Handshake, type SignedStep } from '../gen/tocsin/exchange/v1/session.ts';
import type { SignedKeyStatement } from '../gen/tocsin/record/v1/identity.ts';
import { Reason } from '../gen/tocsin/record/v1/reason.ts';
import { judgeHybrid } from '../identity/index.ts';
import { judgeMessage } from '../record/index.ts';
import type { LinkSession, SessionCall } from './session-call.ts';
import type { SessionContext } from './session-context.ts';
import { createReply, judgeFinish, judgeHello } from './session-handshake.ts';
import { confirmation } from './session-keys.ts';

/** How long a responder waits for the Finish. */
const FINISH_WITHIN_MS = 15_000;

interface Pending {
  readonly session: LinkSession;
  readonly until: number;
}

/** What becomes of the first frame of a call. */
export type Accepted =
  | { readonly kind: 'call'; readonly seal: SessionCall; readonly plaintext: Uint8Array }
  | { readonly kind: 'used' }
  | { readonly kind: 'no-session' }
  | { readonly kind: 'refused'; readonly reason: Reason; readonly detail: string };

export class SessionResponder {
  readonly #context: SessionContext;
  /** Sessions that others began, by id, oldest first. */
  readonly #incoming = new Map<string, LinkSession>();
  readonly #pending = new Map<string, Pending>();
  /** Hellos being answered, by peer: they count as begun handshakes. */
  readonly #answering = new Map<string, number>();

  constructor(context: SessionContext) {
    this.#context = context;
  }

  endSessions(peer: string): void {
    for (const [id, session] of this.#incoming)
      if (session.facts.peer === peer) {
        session.end();
        this.#incoming.delete(id);
      }
    for (const [id, { session }] of this.#pending) if (session.facts.peer === peer) this.#pending.delete(id);
  }

  /** Answers one handshake message; undefined for what needs no answer. */
  async answer(peer: string, message: Uint8Array): Promise<Uint8Array | undefined> {
    const parsed = judgeMessage(Handshake, 'tocsin.exchange.v1.Handshake', message, LIMITS.handshakeBytes);
    if (!parsed.ok) return this.#refuse(peer, parsed);
    const { step, statement } = parsed.value;
    if (step?.$case === 'hello') return this.#answerHello(peer, step.value, statement);
    if (step?.$case === 'finish') return this.#answerFinish(peer, step.value);
    return undefined;
  }

  /** Authenticates a frame of a call that is not known yet. */
  accept(peer: string, sessionId: Uint8Array, call: bigint, frame: number, sealed: Uint8Array): Accepted {
    const session = this.#incoming.get(hex(sessionId));
    if (session === undefined || session.facts.peer !== peer) return { kind: 'no-session' };
    if (!session.alive || !this.#context.isCurrent(session)) {
      this.#incoming.delete(hex(sessionId));
      return { kind: 'no-session' };
    }
    if (!session.isFree(call)) return { kind: 'used' };
    const accepted = session.accept(call, frame, sealed);
    if (accepted !== undefined) return { kind: 'call', seal: accepted.call, plaintext: accepted.plaintext };
    return {
      kind: 'refused',
      reason: Reason.REASON_FRAME_FOREIGN,
      detail: `frame ${frame} of call ${call} is not of this session, direction, call and number`,
    };
  }

  async #answerHello(
    peer: string,
    signed: Uint8Array,
    signedStatement: SignedKeyStatement | undefined,
  ): Promise<Uint8Array> {
    const busy = this.#busy(peer);
    if (busy !== undefined) return this.#refuse(peer, busy);
    this.#answering.set(peer, (this.#answering.get(peer) ?? 0) + 1);
    try {
      const scene = this.#context.scene(peer);
      const hello = judgeHello(scene, signed);
      if (!hello.ok) return this.#refuse(peer, hello);
      const statement = await this.#context.judgeStatement(
        peer,
        signedStatement,
        hello.value.statementDigest,
      );
      if (!statement.ok) return this.#refuse(peer, statement);
      const reply = createReply(scene, signed, hello.value, this.#context.random);
      if (!reply.ok) return this.#refuse(peer, reply);
      const now = this.#context.tools.monotonicMs();
      const session = this.#context.session(
        'responder',
        reply.value,
        statement.value,
        hello.value.rosterDigest,
        now,
        scene,
      );
      if (session === undefined)
        return this.#refuse(peer, disbelieved(Reason.REASON_MALFORMED, 'the statement has no link key'));
      const { ownLinkKey } = session.facts;
      const signature = await this.#context.deps.sign('reply', reply.value.signed, ownLinkKey);
      this.#pending.set(hex(reply.value.sessionId), { session, until: now + FINISH_WITHIN_MS });
      return this.#context.encode(
        { $case: 'reply', value: { body: Buffer.from(reply.value.signed), signature } },
        scene.ownStatement,
      );
    } finally {
      const left = (this.#answering.get(peer) ?? 1) - 1;
      if (left > 0) this.#answering.set(peer, left);
      else this.#answering.delete(peer);
    }
  }

  #answerFinish(peer: string, step: SignedStep): Uint8Array {
    const id = judgeFinish(this.#context.deps.network, step.body);
    if (!id.ok) return this.#refuse(peer, id);
    const key = hex(id.value);
    const pending = this.#pending.get(key);
    if (
      pending === undefined ||
      pending.session.facts.peer !== peer ||
      pending.until < this.#context.tools.monotonicMs()
    )
      return this.#refuse(peer, disbelieved(Reason.REASON_NO_SESSION, 'no handshake waits for this finish'));
    const { session } = pending;
    const signature = judgeHybrid('finish', step.body, step.signature, session.facts.peerLinkKey);
    // A finish that does not verify leaves the handshake to the one that does.
    if (!signature.ok) return this.#refuse(peer, signature);
    this.#pending.delete(key);
    this.#keep(peer, key, session);
    const { keys, id: sessionId } = session.facts;
    return this.#context.encode({ $case: 'accepted', value: Buffer.from(confirmation(keys, sessionId)) });
  }

  /** A peer that begins ever more sessions loses its own oldest ones. */
  #keep(peer: string, key: string, session: LinkSession): void {
    const theirs: string[] = [];
    for (const [id, one] of this.#incoming) {
      if (!one.alive) this.#incoming.delete(id);
      else if (one.facts.peer === peer) theirs.push(id);
    }
    for (const id of theirs.slice(0, Math.max(0, theirs.length + 1 - LIMITS.sessionsPerPeer))) {
      this.#incoming.get(id)?.end();
      this.#incoming.delete(id);
    }
    this.#incoming.set(key, session);
  }

  /** Refused before anything is computed. */
  #busy(peer: string): Disbelieved<Reason> | undefined {
    const now = this.#context.tools.monotonicMs();
    let all = 0;
    let theirs = this.#answering.get(peer) ?? 0;
    for (const [id, pending] of this.#pending)
      if (pending.until < now) this.#pending.delete(id);
      else {
        all++;
        if (pending.session.facts.peer === peer) theirs++;
      }
    for (const count of this.#answering.values()) all += count;
    return theirs >= LIMITS.handshakesPerPeer || all >= LIMITS.handshakesAtOnce
      ? disbelieved(Reason.REASON_BUSY, 'too many handshakes are under way')
      : undefined;
  }

  #refuse(peer: string, { reason, detail }: Disbelieved<Reason>): Uint8Array {
    this.#context.deps.refused?.(peer, reason, detail);
    return this.#context.encode({ $case: 'refusal', value: { reason, detail: detail.slice(0, 200) } });
  }
}
