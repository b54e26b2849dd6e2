import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { systemRandom } from '../../../src/base/clock.ts';
import { LIMITS } from '../../../src/base/limits.ts';
import { Handshake } from '../../../src/gen/tocsin/exchange/v1/session.ts';
import { Reason } from '../../../src/gen/tocsin/record/v1/reason.ts';
import type { LinkSessions } from '../../../src/seal/session.ts';
import { SESSION_LIFE_MS } from '../../../src/seal/session-call.ts';
import { createHello } from '../../../src/seal/session-handshake.ts';
import { SessionRefusal } from '../../../src/seal/session-refusal.ts';
import { type Federation, makeFederation } from '../../support/authority.ts';
import { linkSessionsOf, type TestPeers, testPeers } from '../../support/link-sessions.ts';

let federation: Federation;
beforeAll(async () => {
  federation = await makeFederation({ nodes: [{ node: 'XA' }, { node: 'XB' }, { node: 'XC' }] });
});
afterAll(() => federation?.[Symbol.asyncDispose]());

const text = (bytes: Uint8Array | undefined): string | undefined => bytes && Buffer.from(bytes).toString();
const bytes = (value: string): Uint8Array => new TextEncoder().encode(value);

type Change = (message: Uint8Array, step: number) => Uint8Array | Promise<Uint8Array>;

function pair(options: { toCallee?: Change; toCaller?: Change; calleeClock?: { nowMs(): number } } = {}) {
  let time = 0;
  const refusals: Reason[] = [];
  const clock = { nowMs: () => federation.nowMs };
  const peersOfB: TestPeers = testPeers(federation, clock);
  const common = { monotonicMs: () => time, refused: (_: string, reason: Reason) => refusals.push(reason) };
  const a = linkSessionsOf(federation, 'XA', common);
  const b = linkSessionsOf(federation, 'XB', {
    ...common,
    peers: peersOfB,
    ...(options.calleeClock === undefined ? {} : { clock: options.calleeClock }),
  });
  let steps = 0;
  const carried: Uint8Array[] = [];
  const carrierTo = (callee: LinkSessions, as: string) => async (message: Uint8Array) => {
    const step = steps++;
    carried.push(message);
    const answer = await callee.answer(as, (await options.toCallee?.(message, step)) ?? message);
    if (answer === undefined) throw new Error('no answer');
    carried.push(answer);
    return (await options.toCaller?.(answer, step)) ?? answer;
  };
  return {
    a,
    b,
    peersOfB,
    refusals,
    carried,
    carry: carrierTo(b, 'XA'),
    carrierTo,
    pass: (ms: number) => {
      time += ms;
    },
    get handshakes() {
      return steps / 2;
    },
  };
}

async function refusalOf(call: Promise<unknown>): Promise<SessionRefusal> {
  try {
    await call;
  } catch (error) {
    if (error instanceof SessionRefusal) return error;
    throw error;
  }
  throw new Error('expected a refusal');
}

/** The same handshake message with one change in its step. */
function change(message: Uint8Array, edit: (handshake: Handshake) => void): Uint8Array {
  const handshake = Handshake.decode(message);
  edit(handshake);
  return Handshake.encode(handshake).finish();
}

describe('a link session', () => {
  it('made by a first contact carries frames both ways', async () => {
    const { a, b, carry } = pair();
    const call = await a.begin('XB', carry);
    const first = call.seal(bytes('question'));
    const accepted = b.accept('XA', call.sessionId, call.number, first.frame, first.sealed);
    expect(accepted.kind).toBe('call');
    if (accepted.kind !== 'call') return;
    expect(text(accepted.plaintext)).toBe('question');
    const answer = accepted.seal.seal(bytes('answer'));
    expect(text(call.open(answer.frame, answer.sealed))).toBe('answer');
    expect(Buffer.from(first.sealed).includes('question')).toBe(false);
  });

  it('refuses a frame of another call, number, direction, session or peer, and one that was altered', async () => {
    const { a, b, carry } = pair();
    const [one, two] = [await a.begin('XB', carry), await a.begin('XB', carry)];
    const frame = one.seal(bytes('one'));
    const kinds = [
      b.accept('XA', one.sessionId, two.number, 0, frame.sealed),
      b.accept('XA', one.sessionId, one.number, 1, frame.sealed),
      b.accept('XA', one.sessionId, one.number, 0, frame.sealed.with(3, 255 - (frame.sealed[3] ?? 0))),
      b.accept('XA', one.sessionId, one.number, 0, frame.sealed.subarray(0, 15)),
      b.accept('XC', one.sessionId, one.number, 0, frame.sealed),
      b.accept('XA', new Uint8Array(32), one.number, 0, frame.sealed),
    ].map(({ kind }) => kind);
    expect(kinds).toEqual(['refused', 'refused', 'refused', 'refused', 'no-session', 'no-session']);
    // None of them has used the number up.
    expect(b.accept('XA', one.sessionId, one.number, 0, frame.sealed).kind).toBe('call');
    expect(one.open(0, frame.sealed)).toBeUndefined();
  });

  it('takes a call number once, within and below its window, and any order inside it', async () => {
    const { a, b, carry } = pair();
    const calls = [];
    for (let count = 0; count < 1100; count++) calls.push(await a.begin('XB', carry));
    const sealed = calls.map((call) => ({ call, ...call.seal(bytes('x')) }));
    const accept = (index: number) => {
      const one = sealed[index];
      return one && b.accept('XA', one.call.sessionId, one.call.number, one.frame, one.sealed).kind;
    };
    expect([accept(5), accept(3), accept(5), accept(3)]).toEqual(['call', 'call', 'used', 'used']);
    expect([accept(1099), accept(76), accept(75), accept(1098), accept(1098)]).toEqual([
      'call',
      'call',
      'used',
      'call',
      'used',
    ]);
  });

  it('is used for many calls, renewed ahead of time, and over after an hour', async () => {
    const world = pair();
    const { a, b, carry, pass } = world;
    const first = await a.begin('XB', carry);
    await a.begin('XB', carry);
    expect(world.handshakes).toBe(1);
    pass(46 * 60_000);
    const old = await a.begin('XB', carry);
    expect(Buffer.from(old.sessionId)).toEqual(Buffer.from(first.sessionId));
    // The renewal beside it is under way: the next handshake step waits for nobody.
    while (Buffer.from((await a.begin('XB', carry)).sessionId).equals(Buffer.from(first.sessionId)))
      await new Promise((resolve) => setImmediate(resolve));
    expect(world.handshakes).toBe(2);
    pass(SESSION_LIFE_MS - 46 * 60_000);
    expect(first.alive).toBe(false);
    expect(() => first.seal(bytes('late'))).toThrow(/over/);
    expect(b.accept('XA', first.sessionId, 1n, 0, bytes('x'.repeat(20))).kind).toBe('no-session');
  });

  it('is made anew when the peer is said not to know it; the calls in it go on', async () => {
    const { a, carry, ...world } = pair();
    const first = await a.begin('XB', carry);
    a.renew('XB', new Uint8Array(32));
    expect((await a.begin('XB', carry)).number).toBe(2n);
    a.renew('XB', first.sessionId);
    const second = await a.begin('XB', carry);
    expect(Buffer.from(second.sessionId)).not.toEqual(Buffer.from(first.sessionId));
    expect([first.alive, world.carried.length]).toEqual([true, 8]);
  });

  it('is made by both sides at once, and by many calls in one handshake', async () => {
    const { a, b, carry, carrierTo } = pair();
    const [one, two, other] = await Promise.all([
      a.begin('XB', carry),
      a.begin('XB', carry),
      b.begin('XA', carrierTo(a, 'XB')),
    ]);
    expect([one.number, two.number, other.number]).toEqual([1n, 2n, 1n]);
    const frame = other.seal(bytes('from b'));
    expect(a.accept('XB', other.sessionId, 1n, 0, frame.sealed).kind).toBe('call');
    expect(a.accept('XB', one.sessionId, 1n, 0, one.seal(bytes('mine')).sealed).kind).toBe('no-session');
  });

  it('ends with the statement that it was believed by, and with the membership', async () => {
    const { a, b, carry, peersOfB } = pair();
    const call = await a.begin('XB', carry);
    const frame = call.seal(bytes('x'));
    const held = peersOfB.statements.get('XA');
    peersOfB.statements.delete('XA');
    expect(b.accept('XA', call.sessionId, call.number, 0, frame.sealed).kind).toBe('no-session');
    if (held !== undefined) peersOfB.statements.set('XA', held);
    a.renew('XB', call.sessionId);
    const next = await a.begin('XB', carry);
    b.endSessions('XA');
    expect(b.accept('XA', next.sessionId, 1n, 0, next.seal(bytes('x')).sealed).kind).toBe('no-session');
  });

  it('judges a statement once: the second contact knows it', async () => {
    const { a, carry, peersOfB } = pair();
    const first = await a.begin('XB', carry);
    a.renew('XB', first.sessionId);
    await a.begin('XB', carry);
    expect(peersOfB.judged).toBe(1);
  });
});

describe('a handshake', () => {
  const atCallee = async (reason: Reason, toCallee: Change) => {
    const { a, carry, refusals } = pair({ toCallee });
    const refusal = await refusalOf(a.begin('XB', carry));
    expect([refusal.code, refusal.reason, refusals]).toEqual(['REFUSED_THERE', reason, [reason]]);
  };
  const atCaller = async (reason: Reason, toCaller: Change) => {
    const { a, carry, refusals } = pair({ toCaller });
    const refusal = await refusalOf(a.begin('XB', carry));
    expect([refusal.code, refusal.reason, refusals]).toEqual(['REFUSED_HERE', reason, [reason]]);
  };
  const flip = (target: Uint8Array | undefined, at: number) => {
    if (target !== undefined) target[at] = 255 - (target[at] ?? 0);
  };

  it('whose hello is changed on the way makes no session', async () => {
    const { a, carry } = pair({
      toCallee: (message, step) =>
        step > 0
          ? message
          : change(message, ({ step: hello }) => {
              if (hello?.$case === 'hello') flip(hello.value, 300);
            }),
    });
    expect((await refusalOf(a.begin('XB', carry))).code).toMatch(/REFUSED/);
  });

  it('whose reply is changed, stripped of half a signature, or answers another hello is not believed', async () => {
    await atCaller(Reason.REASON_SIGNATURE_INVALID, (message, step) =>
      step > 0
        ? message
        : change(message, ({ step: reply }) => {
            if (reply?.$case === 'reply') flip(reply.value.signature?.ed25519, 3);
          }),
    );
    await atCaller(Reason.REASON_DOWNGRADE, (message, step) =>
      step > 0
        ? message
        : change(message, ({ step: reply }) => {
            if (reply?.$case === 'reply' && reply.value.signature !== undefined)
              reply.value.signature.mlDsa44 = Buffer.alloc(0);
          }),
    );
    const earlier = pair();
    await earlier.a.begin('XB', earlier.carry);
    const [, oldReply = new Uint8Array()] = earlier.carried;
    await atCaller(Reason.REASON_REPLAY, (message, step) => (step > 0 ? message : oldReply));
  });

  it('without the statement that it names, or with another member’s, is refused', async () => {
    await atCallee(Reason.REASON_STATEMENT_UNKNOWN, (message, step) =>
      step > 0
        ? message
        : change(message, (handshake) => {
            handshake.statement = undefined;
          }),
    );
    await atCallee(Reason.REASON_STATEMENT_UNKNOWN, (message, step) =>
      step > 0
        ? message
        : change(message, (handshake) => {
            handshake.statement = federation.of('XC').signedStatement;
          }),
    );
    await atCallee(Reason.REASON_AUTHORITY_SIGNATURE, (message, step) =>
      step > 0
        ? message
        : change(message, (handshake) => {
            if (handshake.statement !== undefined) handshake.statement.authoritySignature = Buffer.alloc(0);
          }),
    );
  });

  it('under another’s name, for another node, or by a stranger is refused', async () => {
    const { a, b, refusals, carrierTo } = pair();
    expect((await refusalOf(a.begin('XB', carrierTo(b, 'XC')))).reason).toBe(Reason.REASON_WRONG_SENDER);
    const c = linkSessionsOf(federation, 'XC');
    expect((await refusalOf(a.begin('XB', carrierTo(c, 'XA')))).reason).toBe(Reason.REASON_WRONG_DESTINATION);
    const other = await makeFederation({
      nodes: [{ node: 'XA' }, { node: 'XB' }],
      nowMs: federation.nowMs - 60_000,
    });
    try {
      const stranger = linkSessionsOf(other, 'XA', { clock: { nowMs: () => federation.nowMs } });
      expect((await refusalOf(stranger.begin('XB', carrierTo(b, 'XA')))).reason).toBe(
        Reason.REASON_WRONG_NETWORK,
      );
    } finally {
      await other[Symbol.asyncDispose]();
    }
    expect(refusals).toContain(Reason.REASON_WRONG_SENDER);
  });

  it('with a clock beyond the skew is refused', async () => {
    const { a, carry } = pair({ calleeClock: { nowMs: () => federation.nowMs + 6 * 60_000 } });
    expect((await refusalOf(a.begin('XB', carry))).reason).toBe(Reason.REASON_CLOCK_SKEW);
  });

  it('whose finish is forged or repeated makes no session, and does not end the genuine attempt', async () => {
    const forgeries: Reason[] = [];
    const world = pair({
      toCallee: async (message, step) => {
        if (step !== 1) return message;
        const forged = change(message, ({ step: finish }) => {
          if (finish?.$case === 'finish') flip(finish.value.signature?.mlDsa44, 9);
        });
        const answer = Handshake.decode((await world.b.answer('XA', forged)) ?? new Uint8Array());
        if (answer.step?.$case === 'refusal') forgeries.push(answer.step.value.reason as Reason);
        return message;
      },
    });
    const { a, b, carried } = world;
    const call = await a.begin('XB', world.carry);
    expect(forgeries).toEqual([Reason.REASON_SIGNATURE_INVALID]);
    expect(b.accept('XA', call.sessionId, 1n, 0, call.seal(bytes('x')).sealed).kind).toBe('call');
    const again = Handshake.decode(
      (await b.answer('XA', carried[2] ?? new Uint8Array())) ?? new Uint8Array(),
    );
    expect(again.step).toMatchObject({ value: { reason: Reason.REASON_NO_SESSION } });
  });

  it('whose acceptance is forged is not believed', async () => {
    await atCaller(Reason.REASON_SEAL_BROKEN, (message, step) =>
      step === 0
        ? message
        : change(message, (handshake) => {
            if (handshake.step?.$case === 'accepted') flip(handshake.step.value, 0);
          }),
    );
  });

  it('flood is refused before anything is computed, and passes', async () => {
    const { a, b, carry, pass, carried } = pair();
    await a.begin('XB', carry);
    const [hello = new Uint8Array()] = carried;
    const steps = [];
    for (let count = 0; count <= LIMITS.handshakesPerPeer; count++)
      steps.push(Handshake.decode((await b.answer('XA', hello)) ?? new Uint8Array()).step);
    expect(steps.slice(0, -1).every((step) => step?.$case === 'reply')).toBe(true);
    expect(steps.at(-1)).toMatchObject({ $case: 'refusal', value: { reason: Reason.REASON_BUSY } });
    pass(16_000);
    expect(Handshake.decode((await b.answer('XA', hello)) ?? new Uint8Array()).step?.$case).toBe('reply');
  });

  it(`is refused while ${LIMITS.handshakesAtOnce} of all peers are under way, whoever they say they are`, async () => {
    const { b } = pair();
    const helloOf = (peer: string) => {
      const scene = { network: federation.network, self: peer, peer: 'XB', nowMs: federation.nowMs };
      const digest = new Uint8Array(32);
      const { signed } = createHello(
        { ...scene, statementDigest: digest, rosterDigest: digest },
        systemRandom,
      );
      return Handshake.encode({
        step: { $case: 'hello', value: Buffer.from(signed) },
        statement: undefined,
      }).finish();
    };
    const peers = Array.from(
      { length: LIMITS.handshakesAtOnce / LIMITS.handshakesPerPeer },
      (_, at) => `Q${at + 1}`,
    );
    const begun = peers.flatMap((peer) => {
      const hello = helloOf(peer);
      return Array.from({ length: LIMITS.handshakesPerPeer }, () => b.answer(peer, hello));
    });
    const more = b.answer('QX', helloOf('QX'));
    const reasons = async (answers: readonly Promise<Uint8Array | undefined>[]) =>
      (await Promise.all(answers)).map((answer) => {
        const { step } = Handshake.decode(answer ?? new Uint8Array());
        return step?.$case === 'refusal' ? step.value.reason : undefined;
      });
    expect(await reasons([more])).toEqual([Reason.REASON_BUSY]);
    expect(new Set(await reasons(begun))).toEqual(new Set([Reason.REASON_NOT_A_MEMBER]));
    // All of them are over: the next is looked at.
    expect(await reasons([b.answer('QX', helloOf('QX'))])).toEqual([Reason.REASON_NOT_A_MEMBER]);
  });

  it(`beyond ${LIMITS.sessionsPerPeer} sessions of one peer ends the oldest of them, and nobody else's`, async () => {
    const { b, carry, carrierTo } = pair();
    const other = linkSessionsOf(federation, 'XC');
    const ofOther = await other.begin('XB', carrierTo(b, 'XC'));
    const begun: (typeof ofOther)[] = [];
    for (let count = 0; count <= LIMITS.sessionsPerPeer; count++)
      begun.push(await linkSessionsOf(federation, 'XA').begin('XB', carry));
    const accepted = (peer: string, call: typeof ofOther) =>
      b.accept(peer, call.sessionId, call.number, 0, call.seal(bytes('x')).sealed).kind;
    expect(begun.map((call) => accepted('XA', call))).toEqual([
      'no-session',
      ...Array.from({ length: LIMITS.sessionsPerPeer }, () => 'call'),
    ]);
    expect(accepted('XC', ofOther)).toBe('call');
  });

  it('of bytes that are none is answered with a refusal, or not at all', async () => {
    const { b } = pair();
    const answer = Handshake.decode((await b.answer('XA', bytes('nonsense'))) ?? new Uint8Array());
    expect(answer.step).toMatchObject({ $case: 'refusal', value: { reason: Reason.REASON_MALFORMED } });
    const accepted = { $case: 'accepted', value: Buffer.alloc(32) } as const;
    expect(
      await b.answer('XA', Handshake.encode({ step: accepted, statement: undefined }).finish()),
    ).toBeUndefined();
  });
});

describe('evidence of a call', () => {
  const claim = { method: '/a.B/C', deadlineAt: 0, requestDigest: new Uint8Array(32).fill(1) };
  const established = async () => {
    const { a, b, carry } = pair();
    const call = await a.begin('XB', carry);
    const accepted = b.accept('XA', call.sessionId, call.number, 0, call.seal(bytes('x')).sealed);
    if (accepted.kind !== 'call') throw new Error('expected the call to be accepted');
    return { call, callee: accepted.seal, next: () => a.begin('XB', carry) };
  };

  it('proves who asked what, and nothing else', async () => {
    const { call, callee } = await established();
    const signed = await call.sign(claim);
    const verdict = callee.judge(signed, claim);
    expect(verdict).toMatchObject({ ok: true, value: { caller: 'XA', method: '/a.B/C' } });
    const others = [
      { ...claim, method: '/a.B/D' },
      { ...claim, requestDigest: new Uint8Array(32) },
      { ...claim, deadlineAt: federation.nowMs },
    ];
    for (const other of others)
      expect(callee.judge(signed, other)).toMatchObject({ ok: false, reason: Reason.REASON_CALL_EVIDENCE });
    expect(callee.judge(new Uint8Array(), claim).ok).toBe(false);
  });

  it('of another call of the session does not hold', async () => {
    const { callee, next } = await established();
    const signed = await (await next()).sign(claim);
    expect(callee.judge(signed, claim)).toMatchObject({ ok: false, reason: Reason.REASON_CALL_EVIDENCE });
  });

  it('is read up to 8 KiB, and above unread', async () => {
    const { callee } = await established();
    const sized = (length: number) => callee.judge(new Uint8Array(length), claim);
    expect(sized(8 * 1024)).toMatchObject({ ok: false, reason: Reason.REASON_MALFORMED });
    expect(sized(8 * 1024 + 1)).toMatchObject({ ok: false, reason: Reason.REASON_TOO_LARGE });
  });
});
