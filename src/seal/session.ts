/**
 * Link sessions between nodes (design §6): who has one with whom, made by a handshake, kept in memory for an hour at most.
 * `LinkSessions` has the shape of a transport's frame guard and knows no transport. Sessions are one per direction, caller →
 * callee, and several at a time, so handshakes of both sides never meet. A refusal, of either side, is not authenticated:
 * it ends one attempt and changes nothing else.
 */
import { equalBytes, hex } from '../base/bytes.ts';
import { type Clock, type Random, systemRandom } from '../base/clock.ts';
import { LIMITS } from '../base/limits.ts';
import { type Disbelieved, disbelieved, type Verdict } from '../base/verdict.ts';
import { Handshake, type SignedStep } from '../gen/tocsin/exchange/v1/session.ts';
import { SignedKeyStatement } from '../gen/tocsin/record/v1/identity.ts';
import { Reason } from '../gen/tocsin/record/v1/reason.ts';
import { judgeHybrid, type VerifiedRoster, type VerifiedStatement } from '../identity/index.ts';
import { judgeMessage, sha256 } from '../record/index.ts';
import { LinkSession, type LinkSign, type SessionCall, type SessionTools } from './session-call.ts';
import {
  createFinish,
  createHello,
  createReply,
  type HandshakeScene,
  judgeFinish,
  judgeHello,
  judgeReply,
  openReply,
} from './session-handshake.ts';
import { confirmation } from './session-keys.ts';
import { SessionRefusal } from './session-refusal.ts';

/** After this age a session is renewed beside the calls; after the next one a new call waits for the new session. */
const RENEW_AFTER_MS = 45 * 60_000;
const UNUSED_AFTER_MS = 55 * 60_000;
/** How long a responder waits for the Finish. */
const FINISH_WITHIN_MS = 15_000;

/** What is believed of other nodes. */
export interface Peers {
  /** The statement that now speaks for a node. */
  statementOf(node: string): VerifiedStatement | undefined;
  /**
   * Judges a statement that a stranger offers as `node`'s against the roster, and keeps it where it is newer than the one
   * held. The one held, offered again, is believed; an older one is STATEMENT_STALE.
   */
  judgeAndKeep(
    node: string,
    signed: SignedKeyStatement,
  ): Verdict<VerifiedStatement, Reason> | Promise<Verdict<VerifiedStatement, Reason>>;
  roster(): Pick<VerifiedRoster, 'digest' | 'standingOf'>;
}

export interface LinkSessionsDeps {
  readonly network: Uint8Array;
  readonly self: string;
  /** Our key statement as it is now. */
  readonly ownStatement: () => Pick<VerifiedStatement, 'bytes' | 'digest'>;
  readonly sign: LinkSign;
  readonly peers: Peers;
  readonly clock: Clock;
  readonly random?: Random;
  /** For ages; default performance.now. */
  readonly monotonicMs?: () => number;
  /** A handshake that we refused; for audit. `peer` is what the sender claims to be. */
  readonly refused?: (peer: string, reason: Reason, detail: string) => void;
}

interface Pending {
  readonly session: LinkSession;
  readonly until: number;
}

interface Outgoing {
  session: LinkSession | undefined;
  making: Promise<LinkSession> | undefined;
}

type Carry = (message: Uint8Array) => Promise<Uint8Array>;

type Accepted =
  | { readonly kind: 'call'; readonly seal: SessionCall; readonly plaintext: Uint8Array }
  | { readonly kind: 'used' }
  | { readonly kind: 'no-session' }
  | { readonly kind: 'refused'; readonly reason: Reason; readonly detail: string };

export class LinkSessions {
  readonly #deps: LinkSessionsDeps;
  readonly #tools: SessionTools;
  readonly #outgoing = new Map<string, Outgoing>();
  /** Sessions that others began, by id, oldest first. */
  readonly #incoming = new Map<string, LinkSession>();
  readonly #pending = new Map<string, Pending>();
  /** Hellos being answered, by peer: they count as begun handshakes. */
  readonly #answering = new Map<string, number>();

  constructor(deps: LinkSessionsDeps) {
    this.#deps = deps;
    this.#tools = {
      sign: deps.sign,
      clock: deps.clock,
      monotonicMs: deps.monotonicMs ?? (() => performance.now()),
    };
  }

  /** A call to `peer`, after a handshake where no session stands. Throws SessionRefusal, or what `carry` throws. */
  async begin(peer: string, carry: Carry): Promise<SessionCall> {
    const link = this.#outgoing.get(peer) ?? { session: undefined, making: undefined };
    this.#outgoing.set(peer, link);
    const { session } = link;
    if (session?.alive && session.ageMs < UNUSED_AFTER_MS && this.#isCurrent(session)) {
      if (session.ageMs > RENEW_AFTER_MS) this.#make(peer, link, carry).catch(() => undefined);
      return session.begin();
    }
    return (await this.#make(peer, link, carry)).begin();
  }

  #make(peer: string, link: Outgoing, carry: Carry): Promise<LinkSession> {
    link.making ??= this.#handshake(peer, carry)
      .then((made) => {
        link.session = made;
        return made;
      })
      .finally(() => {
        link.making = undefined;
      });
    return link.making;
  }

  /** The peer is said not to know this session: new calls use a new one, calls under way are left alone. */
  renew(peer: string, sessionId: Uint8Array): void {
    const link = this.#outgoing.get(peer);
    if (link?.session !== undefined && equalBytes(link.session.facts.id, sessionId)) link.session = undefined;
  }

  /** Ends every session with a node, and the calls in them: its keys or its membership are revoked. */
  endSessions(peer: string): void {
    this.#outgoing.get(peer)?.session?.end();
    this.#outgoing.delete(peer);
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
    if (!session.alive || !this.#isCurrent(session)) {
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

  /** The statement that the session was believed by still speaks for a peer that still takes part. */
  #isCurrent(session: LinkSession): boolean {
    const { peer, peerStatementDigest } = session.facts;
    const statement = this.#deps.peers.statementOf(peer);
    return (
      statement !== undefined &&
      equalBytes(statement.digest, peerStatementDigest) &&
      this.#notAMember(peer) === undefined
    );
  }

  /** A suspended member keeps its sessions (it receives recalls); whoever offers a service judges further. */
  #notAMember(peer: string): Disbelieved<Reason> | undefined {
    const standing = this.#deps.peers.roster().standingOf(peer, this.#deps.clock.nowMs());
    return standing === 'active' || standing === 'suspended'
      ? undefined
      : disbelieved(
          Reason.REASON_NOT_A_MEMBER,
          `${peer} is not an active member: ${standing ?? 'not in the roster'}`,
        );
  }

  #scene(peer: string): HandshakeScene {
    const { network, self, ownStatement, peers, clock } = this.#deps;
    return {
      network,
      self,
      peer,
      statementDigest: ownStatement().digest,
      rosterDigest: peers.roster().digest,
      nowMs: clock.nowMs(),
    };
  }

  #session(
    peer: string,
    side: 'initiator' | 'responder',
    secrets: { sessionId: Uint8Array; keys: LinkSession['facts']['keys'] },
    statement: VerifiedStatement,
    peerRosterDigest: Uint8Array,
    beganAt: number,
  ): LinkSession | undefined {
    const peerLinkKey = statement.statement.linkKey;
    if (peerLinkKey === undefined) return undefined;
    const { network, self } = this.#deps;
    const facts = {
      network,
      self,
      peer,
      side,
      id: secrets.sessionId,
      keys: secrets.keys,
      peerLinkKey,
      peerStatementDigest: statement.digest,
      peerRosterDigest,
      beganAt,
    };
    return new LinkSession(facts, this.#tools);
  }

  /** The peer's statement out of a handshake message, whose digest is the one that its step names. */
  async #judgeStatement(
    peer: string,
    signed: SignedKeyStatement | undefined,
    digest: Uint8Array,
  ): Promise<Verdict<VerifiedStatement, Reason>> {
    const outside = this.#notAMember(peer);
    if (outside !== undefined) return outside;
    if (signed === undefined || !equalBytes(sha256(signed.body), digest))
      return disbelieved(
        Reason.REASON_STATEMENT_UNKNOWN,
        'expected the key statement that the handshake names beside it',
      );
    // Signatures and chain too: only then is it the very statement that was judged before.
    const held = this.#deps.peers.statementOf(peer);
    const verdict =
      held !== undefined && equalBytes(held.bytes, SignedKeyStatement.encode(signed).finish())
        ? ({ ok: true, value: held } as const)
        : await this.#deps.peers.judgeAndKeep(peer, signed);
    if (!verdict.ok) return verdict;
    const { value } = verdict;
    if (value.statement.node !== peer)
      return disbelieved(
        Reason.REASON_WRONG_SENDER,
        `the statement is ${value.statement.node}'s, not ${peer}'s`,
      );
    if (!equalBytes(value.digest, digest))
      return disbelieved(
        Reason.REASON_STATEMENT_STALE,
        'the statement is not the one that now speaks for its node',
      );
    if (value.notAfterMs <= this.#deps.clock.nowMs())
      return disbelieved(Reason.REASON_EXPIRED, `the key statement of ${peer} has expired`);
    return verdict;
  }

  // ── initiator ──

  async #handshake(peer: string, carry: Carry): Promise<LinkSession> {
    // The life of a session counts from here, so that it never outlasts the responder's.
    const beganAt = this.#tools.monotonicMs();
    const scene = this.#scene(peer);
    const hello = createHello(scene, this.#deps.random ?? systemRandom);
    const first = await carry(this.#encode({ $case: 'hello', value: Buffer.from(hello.signed) }, true));
    const { step, statement } = this.#readAnswer(peer, first);
    if (step?.$case !== 'reply') throw this.#unexpected(peer, 'a reply');
    const judged = await this.#judgeReply(scene, hello.signed, step.value, statement);
    const opened = openReply(hello.secrets, hello.signed, step.value.body, judged.reply);
    if (!opened.ok) throw this.#disbelieve(peer, opened);

    const body = createFinish(scene.network, opened.value.sessionId);
    const signature = await this.#deps.sign('finish', body);
    const second = await carry(
      this.#encode({ $case: 'finish', value: { body: Buffer.from(body), signature } }, false),
    );
    const end = this.#readAnswer(peer, second).step;
    if (end?.$case !== 'accepted') throw this.#unexpected(peer, 'the acceptance');
    if (!equalBytes(end.value, confirmation(opened.value.keys, opened.value.sessionId)))
      throw this.#disbelieve(
        peer,
        disbelieved(Reason.REASON_SEAL_BROKEN, 'the acceptance is not of a holder of the keys'),
      );
    const session = this.#session(
      peer,
      'initiator',
      opened.value,
      judged.statement,
      judged.reply.rosterDigest,
      beganAt,
    );
    if (session === undefined) throw this.#unexpected(peer, 'a statement with a link key');
    return session;
  }

  async #judgeReply(
    scene: HandshakeScene,
    helloSigned: Uint8Array,
    step: SignedStep,
    signedStatement: SignedKeyStatement | undefined,
  ) {
    const { peer } = scene;
    const reply = judgeReply({ ...scene, nowMs: this.#deps.clock.nowMs() }, helloSigned, step.body);
    if (!reply.ok) throw this.#disbelieve(peer, reply);
    const statement = await this.#judgeStatement(peer, signedStatement, reply.value.statementDigest);
    if (!statement.ok) throw this.#disbelieve(peer, statement);
    const signature = judgeHybrid('reply', step.body, step.signature, statement.value.statement.linkKey);
    if (!signature.ok) throw this.#disbelieve(peer, signature);
    return { reply: reply.value, statement: statement.value };
  }

  #readAnswer(peer: string, bytes: Uint8Array): Handshake {
    const parsed = judgeMessage(Handshake, 'tocsin.exchange.v1.Handshake', bytes, LIMITS.handshakeBytes);
    if (!parsed.ok) throw this.#disbelieve(peer, parsed);
    const { step } = parsed.value;
    if (step?.$case === 'refusal') {
      const { reason, detail } = step.value;
      throw new SessionRefusal('REFUSED_THERE', { reason: reason as Reason, detail: detail.slice(0, 200) });
    }
    return parsed.value;
  }

  #disbelieve(peer: string, { reason, detail }: Disbelieved<Reason>): SessionRefusal {
    this.#deps.refused?.(peer, reason, detail);
    return new SessionRefusal('REFUSED_HERE', { reason, detail });
  }

  #unexpected(peer: string, what: string): SessionRefusal {
    return this.#disbelieve(peer, disbelieved(Reason.REASON_MALFORMED, `expected ${what} from ${peer}`));
  }

  // ── responder ──

  async #answerHello(
    peer: string,
    signed: Uint8Array,
    signedStatement: SignedKeyStatement | undefined,
  ): Promise<Uint8Array> {
    const busy = this.#busy(peer);
    if (busy !== undefined) return this.#refuse(peer, busy);
    this.#answering.set(peer, (this.#answering.get(peer) ?? 0) + 1);
    try {
      const scene = this.#scene(peer);
      const hello = judgeHello(scene, signed);
      if (!hello.ok) return this.#refuse(peer, hello);
      const statement = await this.#judgeStatement(peer, signedStatement, hello.value.statementDigest);
      if (!statement.ok) return this.#refuse(peer, statement);
      const reply = createReply(scene, signed, hello.value, this.#deps.random ?? systemRandom);
      if (!reply.ok) return this.#refuse(peer, reply);
      const now = this.#tools.monotonicMs();
      const session = this.#session(
        peer,
        'responder',
        reply.value,
        statement.value,
        hello.value.rosterDigest,
        now,
      );
      if (session === undefined)
        return this.#refuse(peer, disbelieved(Reason.REASON_MALFORMED, 'the statement has no link key'));
      const signature = await this.#deps.sign('reply', reply.value.signed);
      this.#pending.set(hex(reply.value.sessionId), { session, until: now + FINISH_WITHIN_MS });
      return this.#encode(
        { $case: 'reply', value: { body: Buffer.from(reply.value.signed), signature } },
        true,
      );
    } finally {
      const left = (this.#answering.get(peer) ?? 1) - 1;
      if (left > 0) this.#answering.set(peer, left);
      else this.#answering.delete(peer);
    }
  }

  #answerFinish(peer: string, step: SignedStep): Uint8Array {
    const id = judgeFinish(this.#deps.network, step.body);
    if (!id.ok) return this.#refuse(peer, id);
    const key = hex(id.value);
    const pending = this.#pending.get(key);
    if (
      pending === undefined ||
      pending.session.facts.peer !== peer ||
      pending.until < this.#tools.monotonicMs()
    )
      return this.#refuse(peer, disbelieved(Reason.REASON_NO_SESSION, 'no handshake waits for this finish'));
    const { session } = pending;
    const signature = judgeHybrid('finish', step.body, step.signature, session.facts.peerLinkKey);
    // A finish that does not verify leaves the handshake to the one that does.
    if (!signature.ok) return this.#refuse(peer, signature);
    this.#pending.delete(key);
    this.#keep(peer, key, session);
    const { keys, id: sessionId } = session.facts;
    return this.#encode({ $case: 'accepted', value: Buffer.from(confirmation(keys, sessionId)) }, false);
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
    const now = this.#tools.monotonicMs();
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
    this.#deps.refused?.(peer, reason, detail);
    return this.#encode({ $case: 'refusal', value: { reason, detail: detail.slice(0, 200) } }, false);
  }

  #encode(step: NonNullable<Handshake['step']>, withStatement: boolean): Uint8Array {
    const statement = withStatement ? SignedKeyStatement.decode(this.#deps.ownStatement().bytes) : undefined;
    return Handshake.encode({ step, statement }).finish();
  }
}
