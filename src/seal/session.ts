/**
 * Link sessions between nodes (design §6): who has one with whom, made by a handshake, kept in memory for an hour at most.
 * `LinkSessions` has the shape of a transport's frame guard and knows no transport. Sessions are one per direction, caller →
 * callee, and several at a time, so handshakes of both sides never meet. A refusal, of either side, is not authenticated:
 * it ends one attempt and changes nothing else.
 */
import { equalBytes } from '../base/bytes.ts';
import { LIMITS } from '../base/limits.ts';
import { type Disbelieved, disbelieved } from '../base/verdict.ts';
import { Handshake, type SignedStep } from '../gen/tocsin/exchange/v1/session.ts';
import type { SignedKeyStatement } from '../gen/tocsin/record/v1/identity.ts';
import { Reason } from '../gen/tocsin/record/v1/reason.ts';
import { judgeHybrid } from '../identity/index.ts';
import { judgeMessage } from '../record/index.ts';
import type { LinkSession, SessionCall } from './session-call.ts';
import { type LinkSessionsDeps, SessionContext } from './session-context.ts';
import {
  createFinish,
  createHello,
  type HandshakeScene,
  judgeReply,
  openReply,
} from './session-handshake.ts';
import { confirmation } from './session-keys.ts';
import { SessionRefusal } from './session-refusal.ts';
import { type Accepted, SessionResponder } from './session-responder.ts';

/** After this age a session is renewed beside the calls; after the next one a new call waits for the new session. */
const RENEW_AFTER_MS = 45 * 60_000;
const UNUSED_AFTER_MS = 55 * 60_000;

interface Outgoing {
  session: LinkSession | undefined;
  making: Promise<LinkSession> | undefined;
}

type Carry = (message: Uint8Array) => Promise<Uint8Array>;

export class LinkSessions {
  readonly #context: SessionContext;
  readonly #responder: SessionResponder;
  readonly #outgoing = new Map<string, Outgoing>();

  constructor(deps: LinkSessionsDeps) {
    this.#context = new SessionContext(deps);
    this.#responder = new SessionResponder(this.#context);
  }

  /** A call to `peer`, after a handshake where no session stands. Throws SessionRefusal, or what `carry` throws. */
  async begin(peer: string, carry: Carry): Promise<SessionCall> {
    const link = this.#outgoing.get(peer) ?? { session: undefined, making: undefined };
    this.#outgoing.set(peer, link);
    const { session } = link;
    if (session?.alive && session.ageMs < UNUSED_AFTER_MS && this.#context.isCurrent(session)) {
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
    this.#responder.endSessions(peer);
  }

  /** Answers one handshake message; undefined for what needs no answer. */
  answer(peer: string, message: Uint8Array): Promise<Uint8Array | undefined> {
    return this.#responder.answer(peer, message);
  }

  /** Authenticates a frame of a call that is not known yet. */
  accept(peer: string, sessionId: Uint8Array, call: bigint, frame: number, sealed: Uint8Array): Accepted {
    return this.#responder.accept(peer, sessionId, call, frame, sealed);
  }

  async #handshake(peer: string, carry: Carry): Promise<LinkSession> {
    // The life of a session counts from here, so that it never outlasts the responder's.
    const beganAt = this.#context.tools.monotonicMs();
    const scene = this.#context.scene(peer);
    const hello = createHello(scene, this.#context.random);
    const first = await carry(
      this.#context.encode({ $case: 'hello', value: Buffer.from(hello.signed) }, scene.ownStatement),
    );
    const { step, statement } = this.#readAnswer(peer, first);
    if (step?.$case !== 'reply') throw this.#unexpected(peer, 'a reply');
    const judged = await this.#judgeReply(scene, hello.signed, step.value, statement);
    const opened = openReply(hello.secrets, hello.signed, step.value.body, judged.reply);
    if (!opened.ok) throw this.#disbelieve(peer, opened);

    const body = createFinish(scene.network, opened.value.sessionId);
    const { linkKey } = scene.ownStatement.statement;
    const signature = await this.#context.deps.sign('finish', body, linkKey);
    const second = await carry(
      this.#context.encode({ $case: 'finish', value: { body: Buffer.from(body), signature } }),
    );
    const end = this.#readAnswer(peer, second).step;
    if (end?.$case !== 'accepted') throw this.#unexpected(peer, 'the acceptance');
    if (!equalBytes(end.value, confirmation(opened.value.keys, opened.value.sessionId)))
      throw this.#disbelieve(
        peer,
        disbelieved(Reason.REASON_SEAL_BROKEN, 'the acceptance is not of a holder of the keys'),
      );
    const session = this.#context.session(
      'initiator',
      opened.value,
      judged.statement,
      judged.reply.rosterDigest,
      beganAt,
      scene,
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
    const reply = judgeReply({ ...scene, nowMs: this.#context.deps.clock.nowMs() }, helloSigned, step.body);
    if (!reply.ok) throw this.#disbelieve(peer, reply);
    const statement = await this.#context.judgeStatement(peer, signedStatement, reply.value.statementDigest);
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
    this.#context.deps.refused?.(peer, reason, detail);
    return new SessionRefusal('REFUSED_HERE', { reason, detail });
  }

  #unexpected(peer: string, what: string): SessionRefusal {
    return this.#disbelieve(peer, disbelieved(Reason.REASON_MALFORMED, `expected ${what} from ${peer}`));
  }
}
