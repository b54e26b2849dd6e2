/**
 * What both sides of link sessions share: our own identity, what is believed of peers, and the judgement of a peer that
 * speaks in a handshake.
 */
import { equalBytes } from '../base/bytes.ts';
import { type Clock, type Random, systemRandom } from '../base/clock.ts';
import { type Disbelieved, disbelieved, type Verdict } from '../base/verdict.ts';
import { Handshake } from '../gen/tocsin/exchange/v1/session.ts';
import { type HybridPublicKey, SignedKeyStatement } from '../gen/tocsin/record/v1/identity.ts';
import { Reason } from '../gen/tocsin/record/v1/reason.ts';
import { isInOverlap, type VerifiedRoster, type VerifiedStatement } from '../identity/index.ts';
import { sha256 } from '../record/index.ts';
import { LinkSession, type LinkSign, type SessionTools } from './session-call.ts';
import type { HandshakeScene, SessionSecrets } from './session-handshake.ts';
import type { SessionSide } from './session-keys.ts';

/** What is believed of other nodes. */
export interface Peers {
  /** The statement that now speaks for a node. */
  statementOf(node: string): VerifiedStatement | undefined;
  /** A statement that was verified before, replaced or not. */
  statementBy?(digest: Uint8Array): Promise<VerifiedStatement | undefined>;
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
  readonly ownStatement: () => Pick<VerifiedStatement, 'bytes' | 'digest' | 'statement'>;
  readonly sign: LinkSign;
  readonly peers: Peers;
  readonly clock: Clock;
  readonly random?: Random;
  /** For ages; default performance.now. */
  readonly monotonicMs?: () => number;
  /** A handshake that we refused; for audit. `peer` is what the sender claims to be. */
  readonly refused?: (peer: string, reason: Reason, detail: string) => void;
}

/** A handshake's scene with the statement that we show in it: what we sign in it is by that statement's key. */
export interface SessionScene extends HandshakeScene {
  readonly ownStatement: Pick<VerifiedStatement, 'bytes' | 'digest' | 'statement'>;
}

export class SessionContext {
  readonly deps: LinkSessionsDeps;
  readonly tools: SessionTools;
  readonly random: Random;

  constructor(deps: LinkSessionsDeps) {
    this.deps = deps;
    this.random = deps.random ?? systemRandom;
    this.tools = {
      sign: deps.sign,
      clock: deps.clock,
      monotonicMs: deps.monotonicMs ?? (() => performance.now()),
    };
  }

  /**
   * The statements that both sides were believed by still speak for them, or were replaced and left an overlap; and the peer
   * still takes part.
   */
  isCurrent(session: LinkSession): boolean {
    const { peer, peerStatementDigest, peerLinkKey, ownLinkKey } = session.facts;
    const statement = this.deps.peers.statementOf(peer);
    return (
      statement !== undefined &&
      (equalBytes(statement.digest, peerStatementDigest) || this.#overlaps(statement, peerLinkKey)) &&
      this.#isOurs(ownLinkKey) &&
      this.notAMember(peer) === undefined
    );
  }

  #overlaps({ statement }: Pick<VerifiedStatement, 'statement'>, linkKey: HybridPublicKey): boolean {
    return isInOverlap(statement, linkKey, this.deps.clock.nowMs());
  }

  /** Our link key of before a rotation signs in its sessions on, and in no new one. */
  #isOurs(linkKey: HybridPublicKey | undefined): boolean {
    const own = this.deps.ownStatement();
    const now = own.statement.linkKey;
    if (linkKey === undefined || now === undefined) return linkKey === now;
    // By their bytes: it is asked for every call, and a digest of both would cost as much as opening its frame.
    const same = equalBytes(linkKey.ed25519, now.ed25519) && equalBytes(linkKey.mlDsa44, now.mlDsa44);
    return same || this.#overlaps(own, linkKey);
  }

  /** A suspended member keeps its sessions (it receives recalls); whoever offers a service judges further. */
  notAMember(peer: string): Disbelieved<Reason> | undefined {
    const standing = this.deps.peers.roster().standingOf(peer, this.deps.clock.nowMs());
    return standing === 'active' || standing === 'suspended'
      ? undefined
      : disbelieved(
          Reason.REASON_NOT_A_MEMBER,
          `${peer} is not an active member: ${standing ?? 'not in the roster'}`,
        );
  }

  /** As a handshake with `peer` begins. */
  scene(peer: string): SessionScene {
    const { network, self, ownStatement, peers, clock } = this.deps;
    const own = ownStatement();
    return {
      network,
      self,
      peer,
      statementDigest: own.digest,
      ownStatement: own,
      rosterDigest: peers.roster().digest,
      nowMs: clock.nowMs(),
    };
  }

  /** Undefined where the statement has no link key. */
  session(
    side: SessionSide,
    secrets: SessionSecrets,
    statement: VerifiedStatement,
    peerRosterDigest: Uint8Array,
    beganAt: number,
    scene: SessionScene,
  ): LinkSession | undefined {
    const peerLinkKey = statement.statement.linkKey;
    if (peerLinkKey === undefined) return undefined;
    const { network, self, peer } = scene;
    const facts = {
      network,
      self,
      peer,
      ownLinkKey: scene.ownStatement.statement.linkKey,
      side,
      id: secrets.sessionId,
      keys: secrets.keys,
      peerLinkKey,
      peerStatementDigest: statement.digest,
      peerRosterDigest,
      beganAt,
    };
    return new LinkSession(facts, this.tools);
  }

  /** The peer's statement out of a handshake message, whose digest is the one that its step names. */
  async judgeStatement(
    peer: string,
    signed: SignedKeyStatement | undefined,
    digest: Uint8Array,
  ): Promise<Verdict<VerifiedStatement, Reason>> {
    const outside = this.notAMember(peer);
    if (outside !== undefined) return outside;
    if (signed === undefined || !equalBytes(sha256(signed.body), digest))
      return disbelieved(
        Reason.REASON_STATEMENT_UNKNOWN,
        'expected the key statement that the handshake names beside it',
      );
    // Signatures and chain too: only then is it the very statement that was judged before.
    const held = this.deps.peers.statementOf(peer);
    const verdict =
      held !== undefined && equalBytes(held.bytes, SignedKeyStatement.encode(signed).finish())
        ? ({ ok: true, value: held } as const)
        : await this.deps.peers.judgeAndKeep(peer, signed);
    if (!verdict.ok) return (await this.#inOverlap(peer, digest)) ?? verdict;
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
    if (value.notAfterMs <= this.deps.clock.nowMs())
      return disbelieved(Reason.REASON_EXPIRED, `the key statement of ${peer} has expired`);
    return verdict;
  }

  /** The statement that a peer had in use when it began to speak, and whose successor we learnt of meanwhile. */
  async #inOverlap(
    peer: string,
    digest: Uint8Array,
  ): Promise<Verdict<VerifiedStatement, Reason> | undefined> {
    const newest = this.deps.peers.statementOf(peer);
    const before = await this.deps.peers.statementBy?.(digest);
    const linkKey = before?.statement.linkKey;
    return before?.statement.node === peer && newest && linkKey && this.#overlaps(newest, linkKey)
      ? { ok: true, value: before }
      : undefined;
  }

  /** A handshake message of ours; Hello and Reply carry our statement. */
  encode(step: NonNullable<Handshake['step']>, own?: Pick<VerifiedStatement, 'bytes'>): Uint8Array {
    const statement = own && SignedKeyStatement.decode(own.bytes);
    return Handshake.encode({ step, statement }).finish();
  }
}
