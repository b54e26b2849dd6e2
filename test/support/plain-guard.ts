/** A guard that protects nothing, for tests of the transport alone: frames are bound to call and number in the clear. */
import { randomBytes } from 'node:crypto';
import { concat, equalBytes, u32be, u64be } from '../../src/base/bytes.ts';
import { believed, disbelieved } from '../../src/base/verdict.ts';
import { Reason } from '../../src/gen/tocsin/record/v1/reason.ts';
import type {
  AcceptedCall,
  CallClaim,
  CallSeal,
  FrameGuard,
  HandshakeCarrier,
} from '../../src/transport/ports.ts';

const encodeClaim = ({ method, requestDigest }: CallClaim): Uint8Array =>
  concat(new TextEncoder().encode(method), requestDigest);

class PlainSeal implements CallSeal {
  readonly number: bigint;
  readonly sessionId: Uint8Array;
  readonly #sends: number;
  readonly #home: { alive: boolean };
  readonly #peer: string;
  #next = 0;

  constructor(home: { alive: boolean }, peer: string, sessionId: Uint8Array, number: bigint, sends: number) {
    this.#home = home;
    this.#peer = peer;
    this.sessionId = sessionId;
    this.number = number;
    this.#sends = sends;
  }

  get alive(): boolean {
    return this.#home.alive;
  }

  #tag(direction: number, frame: number): Uint8Array {
    return concat(Uint8Array.of(direction), u64be(this.number), u32be(frame));
  }

  seal(plaintext: Uint8Array): { frame: number; sealed: Uint8Array } {
    const frame = this.#next++;
    return { frame, sealed: concat(this.#tag(this.#sends, frame), plaintext) };
  }

  open(frame: number, sealed: Uint8Array): Uint8Array | undefined {
    return equalBytes(sealed.subarray(0, 13), this.#tag(1 - this.#sends, frame))
      ? sealed.slice(13)
      : undefined;
  }

  async sign(claim: CallClaim): Promise<Uint8Array> {
    return encodeClaim(claim);
  }

  judge(evidence: Uint8Array, claim: CallClaim): ReturnType<CallSeal['judge']> {
    if (!equalBytes(evidence, encodeClaim(claim)))
      return disbelieved(Reason.REASON_CALL_EVIDENCE, 'the request is another');
    return believed({ ...claim, caller: this.#peer, signed: evidence, statementDigest: new Uint8Array(32) });
  }
}

interface Session {
  readonly peer: string;
  readonly used: Set<bigint>;
}

export interface PlainGuard extends FrameGuard {
  /** Forgets every session that others have with us, as a restart would. */
  forget(): void;
  handshakes: number;
  alive: boolean;
}

export function plainGuard(): PlainGuard {
  const outgoing = new Map<string, { id: Promise<Uint8Array>; next: bigint }>();
  const incoming = new Map<string, Session>();
  const guard: PlainGuard = {
    handshakes: 0,
    alive: true,
    forget: () => incoming.clear(),
    async begin(peer: string, carry: HandshakeCarrier): Promise<CallSeal> {
      let session = outgoing.get(peer);
      if (session === undefined) {
        guard.handshakes++;
        session = { id: carry(Uint8Array.of(1)), next: 1n };
        outgoing.set(peer, session);
        session.id.catch(() => outgoing.delete(peer));
      }
      const id = await session.id;
      return new PlainSeal(guard, peer, id, session.next++, 0);
    },
    renew: (peer) => void outgoing.delete(peer),
    async answer(peer: string): Promise<Uint8Array> {
      const id = new Uint8Array(randomBytes(32));
      incoming.set(Buffer.from(id).toString('hex'), { peer, used: new Set() });
      return id;
    },
    accept(peer: string, id: Uint8Array, call: bigint, frame: number, sealed: Uint8Array): AcceptedCall {
      const session = incoming.get(Buffer.from(id).toString('hex'));
      if (session === undefined || session.peer !== peer) return { kind: 'no-session' };
      if (session.used.has(call)) return { kind: 'used' };
      const seal = new PlainSeal(guard, peer, id.slice(), call, 1);
      const plaintext = seal.open(frame, sealed);
      if (plaintext === undefined)
        return {
          kind: 'refused',
          reason: Reason.REASON_FRAME_FOREIGN,
          detail: 'the frame is not of this call',
        };
      session.used.add(call);
      return { kind: 'call', seal, plaintext };
    },
  };
  return guard;
}
