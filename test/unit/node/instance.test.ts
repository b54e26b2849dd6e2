/** What is believed of another process that says it is this node, and which of two goes on (T48). */
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { SignedInstance } from '../../../src/gen/tocsin/exchange/v1/instance.ts';
import { createSuccessor, hybridFingerprint, judgeStatement, Keyring } from '../../../src/identity/index.ts';
import {
  createAnswer,
  encodeQuestion,
  goesOn,
  judgeAnswer,
  judgeQuestion,
  type NodeInstance,
} from '../../../src/node/instance.ts';
import { encodeSigned, judgeSigned, reasonName } from '../../../src/record/index.ts';
import { expectBelieved, type Federation, makeFederation, TEST_NOW_MS } from '../../support/authority.ts';

const bytes = (length: number, fill: number) => new Uint8Array(length).fill(fill);
const OURS = bytes(16, 1);
const THEIRS = bytes(16, 2);
const NONCE = bytes(32, 9);

let federation: Federation;
beforeAll(async () => {
  federation = await makeFederation({ nodes: [{ node: 'XA' }, { node: 'XB' }] });
});
afterAll(() => federation[Symbol.asyncDispose]());

const other: NodeInstance = { instanceId: THEIRS, startedAtMs: TEST_NOW_MS, running: true, incarnation: 1 };

const answerOf = (node = 'XA', change: { self?: Partial<NodeInstance>; network?: Uint8Array } = {}) => {
  const { keyring, statement } = federation.of(node);
  return createAnswer({
    network: change.network ?? federation.network,
    self: { ...other, ...change.self },
    statement,
    nonce: NONCE,
    sign: (body, key) => keyring.sign('link', 'instance', body, key),
  });
};

const judge = (answer: Uint8Array, change: Partial<Parameters<typeof judgeAnswer>[0]> = {}) => {
  const judged = judgeAnswer({
    network: federation.network,
    own: federation.of('XA').statement,
    roster: federation.roster,
    instanceId: OURS,
    nonces: [bytes(32, 8), NONCE],
    bytes: answer,
    atMs: TEST_NOW_MS,
    ...change,
  });
  return judged.ok ? judged.value : reasonName(judged.reason);
};

describe('another process of this node', () => {
  test('is believed by its proof over a nonce of ours', async () => {
    const judged = judge(await answerOf());
    if (typeof judged === 'string') return expect.unreachable(judged);
    const { instanceId, ...rest } = judged;
    expect([...instanceId]).toEqual([...THEIRS]);
    expect(rest).toEqual({ startedAtMs: TEST_NOW_MS, running: true, incarnation: 1, supersedesUs: false });
  });

  test('is not believed by an answer to another question: a replay', async () => {
    expect(judge(await answerOf(), { nonces: [bytes(32, 8)] })).toBe('REPLAY');
    expect(judge(await answerOf(), { nonces: [] })).toBe('REPLAY');
  });

  test('is neither another node nor this process itself', async () => {
    expect(judge(await answerOf('XB'))).toBe('WRONG_SENDER');
    expect(judge(await answerOf('XA', { self: { instanceId: OURS } }))).toBe('WRONG_SENDER');
    expect(judge(await answerOf('XA', { network: bytes(32, 3) }))).toBe('WRONG_NETWORK');
  });

  test('is not made by somebody who has no key of the node', async () => {
    const { statement } = federation.of('XA');
    const { keyring } = federation.of('XB');
    const forged = await createAnswer({
      network: federation.network,
      self: other,
      statement,
      nonce: NONCE,
      sign: (body) => keyring.sign('link', 'instance', body),
    });
    expect(judge(forged)).toBe('SIGNATURE_INVALID');
    const genuine = SignedInstance.decode(await answerOf());
    const half = { ...genuine, signature: { ed25519: Buffer.alloc(0), mlDsa44: Buffer.alloc(0) } };
    expect(judge(SignedInstance.encode(half).finish())).toBe('DOWNGRADE');
    const body = Buffer.from(genuine.body);
    body[body.length - 40] = (body.at(-40) ?? 0) ^ 1;
    expect(judge(SignedInstance.encode({ ...genuine, body }).finish())).not.toMatchObject({ running: true });
    expect(judge(new Uint8Array(90_000))).toBe('TOO_LARGE');
    expect(judge(bytes(40, 255))).toBe('MALFORMED');
  });

  test('may hold another key statement, which the authority signed; a key that was taken back speaks no more', async () => {
    const { statement, authority } = federation.of('XA');
    const { linkKey } = statement.statement;
    if (!linkKey) return expect.unreachable('expected a link key');
    const fresh = await Keyring.create(`${federation.of('XA').dir}-next`);
    const change = {
      revocations: [
        {
          fingerprint: Buffer.from(hybridFingerprint(linkKey)),
          from: BigInt(TEST_NOW_MS),
          reason: 'stolen',
        },
      ],
      notBeforeMs: TEST_NOW_MS,
      notAfterMs: TEST_NOW_MS + 86_400_000,
    };
    const signed = await createSuccessor(
      { network: federation.network, held: statement, keyring: fresh, change },
      authority,
    );
    const next = expectBelieved(
      judgeStatement({ network: federation.network, roster: federation.roster, signed, atMs: TEST_NOW_MS }),
    );
    const answer = await createAnswer({
      network: federation.network,
      self: { ...other, running: false },
      statement: next,
      nonce: NONCE,
      sign: (body) => fresh.sign('link', 'instance', body),
    });
    // We hold the old one: whoever has the new one is believed, and we are the one that nobody believes any more.
    expect(judge(answer)).toMatchObject({ supersedesUs: true });
    // We hold the new one: a thief of the old key does not stop us.
    expect(judge(await answerOf(), { own: next })).toBe('KEY_REVOKED');
    // A statement that the authority did not sign for the name is none.
    const shown = { ...SignedInstance.decode(answer), statement: federation.of('XB').signedStatement };
    expect(judge(SignedInstance.encode(shown).finish())).toBe('STATEMENT_UNKNOWN');
    expect(judge(SignedInstance.encode({ ...shown, statement: undefined }).finish())).toBe(
      'STATEMENT_UNKNOWN',
    );
  });
});

test('a question is taken by its form alone', () => {
  const question = { instanceId: OURS, nonce: NONCE, inTurn: true };
  expect(judgeQuestion(encodeQuestion(question))).toMatchObject({ ok: true });
  expect(judgeQuestion(encodeQuestion({ ...question, nonce: bytes(31, 1) }))).toMatchObject({ ok: false });
  expect(judgeQuestion(encodeQuestion({ ...question, instanceId: bytes(17, 1) }))).toMatchObject({
    ok: false,
  });
  expect(judgeQuestion(bytes(300, 1))).toMatchObject({ ok: false });
  expect(judgeQuestion(new Uint8Array())).toMatchObject({ ok: false });
});

/** A message made longer by a field that nobody knows, to exactly so many bytes. */
function padded(message: Uint8Array, length: number): Uint8Array {
  // Field 2000, length-delimited: two bytes of tag, two of length.
  const rest = length - message.length - 4;
  return Buffer.concat([message, Buffer.of(0x82, 0x7d, (rest & 0x7f) | 0x80, rest >> 7), Buffer.alloc(rest)]);
}

describe('what a process hears', () => {
  test('is a question of 256 bytes at most', () => {
    const question = encodeQuestion({ instanceId: THEIRS, nonce: NONCE, inTurn: false });
    const sized = (length: number) => {
      const judged = judgeQuestion(padded(question, length));
      return judged.ok ? 'read' : reasonName(judged.reason);
    };
    expect([sized(256), sized(257)]).toEqual(['read', 'TOO_LARGE']);
  });

  test('is an answer whose signed words are of 1,024 bytes at most', async () => {
    const genuine = SignedInstance.decode(await answerOf());
    const { length: whole } = genuine.body;
    const sized = (length: number) => {
      const words = judgeSigned('instance', federation.network, genuine.body);
      if (!words.ok) throw new Error(words.detail);
      const body = Buffer.from(encodeSigned('instance', federation.network, padded(words.value, length)));
      expect(body.length).toBeGreaterThan(whole);
      return judge(SignedInstance.encode({ ...genuine, body }).finish());
    };
    expect([sized(1_024), sized(1_025)]).toEqual(['SIGNATURE_INVALID', 'TOO_LARGE']);
  });
});

describe('of two that run', () => {
  const instance = fc.record({
    instanceId: fc.uint8Array({ minLength: 16, maxLength: 16 }),
    startedAtMs: fc.integer({ min: 0, max: 3 }),
    running: fc.boolean(),
    incarnation: fc.integer({ min: 1, max: 2 }),
  });

  test('exactly one goes on, whichever of them judges, and of several exactly one', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(instance, { minLength: 2, maxLength: 5, selector: (one) => one.instanceId.join() }),
        (all) => {
          const staying = all.filter((one) => all.every((it) => it === one || goesOn(one, it)));
          expect(staying).toHaveLength(1);
        },
      ),
    );
  });

  test('what runs already goes on, then the higher incarnation, then what started first', () => {
    const late = { ...other, instanceId: OURS, startedAtMs: TEST_NOW_MS + 1 };
    expect(goesOn({ ...late, running: false, incarnation: 9 }, other)).toBe(false);
    expect(goesOn({ ...late, incarnation: 2 }, other)).toBe(true);
    expect(goesOn(late, other)).toBe(false);
    expect(goesOn({ ...late, startedAtMs: TEST_NOW_MS }, other)).toBe(true);
  });
});
