import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  KeyStatement,
  MemberStatus,
  type SignedKeyStatement,
} from '../../../src/gen/tocsin/record/v1/identity.ts';
import { Reason } from '../../../src/gen/tocsin/record/v1/reason.ts';
import { certificatesFromPem } from '../../../src/identity/certificate.ts';
import { hybridFingerprint } from '../../../src/identity/hybrid.ts';
import { issueNodeCertificate } from '../../../src/identity/issuing.ts';
import {
  createStatement,
  judgeStatement,
  type StatementContent,
  type VerifiedStatement,
} from '../../../src/identity/statement.ts';
import { encodeSigned, sha256 } from '../../../src/record/index.ts';
import { expectBelieved, type Federation, makeFederation } from '../../support/authority.ts';
import { testLeafKeys } from '../../support/rsa-keys.ts';

const DAY_MS = 86_400_000;
let federation: Federation;
let content: StatementContent;

beforeAll(async () => {
  federation = await makeFederation({
    nodes: [
      { node: 'XA' },
      { node: 'XB' },
      { node: 'XC', status: MemberStatus.MEMBER_STATUS_EXPELLED },
      { node: 'XD', status: MemberStatus.MEMBER_STATUS_SUSPENDED },
    ],
  });
  const { network, nowMs } = federation;
  content = {
    network,
    node: 'XA',
    incarnation: 1,
    sequence: 1n,
    notBeforeMs: nowMs,
    notAfterMs: nowMs + DAY_MS,
    keyring: federation.of('XA').keyring,
  };
});

afterAll(() => federation[Symbol.asyncDispose]());

const create = (change: Partial<StatementContent> = {}, by = 'XA') =>
  createStatement({ ...content, ...change }, federation.of(by).authority);

const judge = (signed: SignedKeyStatement, options: { atMs?: number; held?: VerifiedStatement } = {}) => {
  const { network, roster, nowMs } = federation;
  const verdict = judgeStatement({ network, roster, signed, atMs: nowMs, ...options });
  return verdict.ok ? 'believed' : verdict.reason;
};

/** A statement whose message was changed after the check of its form, signed by everyone who has to. */
async function misshapen(change: (statement: KeyStatement) => KeyStatement): Promise<SignedKeyStatement> {
  const { createPrivateKey, sign } = await import('node:crypto');
  const good = await create();
  const { authority } = federation.of('XA');
  const statement = KeyStatement.decode(good.body.subarray('tocsin/statement/v1\n'.length + 32));
  const body = encodeSigned('statement', federation.network, KeyStatement.encode(change(statement)).finish());
  return {
    ...good,
    body: Buffer.from(body),
    certificateSignature: sign('sha256', body, createPrivateKey(authority.statementKeyPem)),
    authoritySignature: sign(null, body, {
      key: createPrivateKey(authority.authorityKey),
      context: Buffer.from('tocsin/statement/v1'),
    }),
  };
}

describe('a key statement', () => {
  test('is believed with its digest, its bytes and the end of its validity', () => {
    const { statement, signedStatement } = federation.of('XA');
    expect(Buffer.from(statement.digest).equals(sha256(signedStatement.body))).toBe(true);
    expect(statement.statement.logOrigin).toBe(`tocsin/${federation.net}/XA/log/live/1`);
    expect(statement.statement.exerciseLogOrigin).toBe(`tocsin/${federation.net}/XA/log/exercise/1`);
    expect(statement.statement.witnessName).toBe(`tocsin/${federation.net}/XA/witness`);
    expect(statement.notAfterMs).toBe(Number(statement.statement.notAfter));
  });

  test("is refused where another state's authority made it", async () => {
    expect(judge(await create({}, 'XB'))).toBe(Reason.REASON_ISSUER_NOT_FOR_STATE);
  });

  test('is refused without, or with a foreign, authority signature: the certificate authority alone does not suffice', async () => {
    const signed = await create();
    const foreign = await create({}, 'XB');
    for (const authoritySignature of [
      Buffer.alloc(0),
      foreign.authoritySignature,
      signed.authoritySignature.subarray(1),
    ])
      expect(judge({ ...signed, authoritySignature })).toBe(Reason.REASON_AUTHORITY_SIGNATURE);
  });

  test('is refused without, or with a foreign, certificate signature: the authority key alone does not suffice', async () => {
    const signed = await create();
    for (const certificateSignature of [
      Buffer.alloc(0),
      (await create({ sequence: 2n, predecessor: new Uint8Array(32) })).certificateSignature,
    ])
      expect(judge({ ...signed, certificateSignature })).toBe(Reason.REASON_SIGNATURE_INVALID);
  });

  test('is refused with any byte of its body changed', async () => {
    const signed = await create();
    for (const at of [20, 60, 300, signed.body.length - 1]) {
      const body = Buffer.from(signed.body);
      body[at] = (body[at] ?? 0) ^ 1;
      expect(judge({ ...signed, body })).not.toBe('believed');
    }
  });

  test('is refused under a certificate for another purpose, a foreign chain, or none', async () => {
    const signed = await create();
    const node = await issueNodeCertificate({
      authority: federation.of('XA').authority,
      node: 'XA',
      nowMs: federation.nowMs,
      newRsaKey: testLeafKeys(),
    });
    const chain = certificatesFromPem(node.certPem).map((der) => Buffer.from(der));
    expect(judge({ ...signed, chain })).toBe(Reason.REASON_CERTIFICATE_INVALID);
    expect(judge({ ...signed, chain: [] })).toBe(Reason.REASON_CERTIFICATE_INVALID);
    expect(judge({ ...signed, chain: Array.from({ length: 5 }, () => chain[0] ?? Buffer.of()) })).toBe(
      Reason.REASON_CERTIFICATE_INVALID,
    );
    expect(judge({ ...signed, chain: federation.of('XB').signedStatement.chain })).toBe(
      Reason.REASON_ISSUER_NOT_FOR_STATE,
    );
  });

  test('is refused for another network, under another label, or too large', async () => {
    const elsewhere = await create({ network: new Uint8Array(32).fill(1) });
    expect(judge(elsewhere)).toBe(Reason.REASON_WRONG_NETWORK);
    const signed = await create();
    const body = Buffer.from(signed.body);
    body.write('tocsin/prekeys/v1\n');
    expect(judge({ ...signed, body })).toBe(Reason.REASON_LABEL_MISMATCH);
    expect(judge({ ...signed, certificateSignature: Buffer.alloc(70_000) })).toBe(Reason.REASON_TOO_LARGE);
  });

  test('is of a member: an expelled one has no voice, a suspended one keeps its keys', () => {
    expect(judge(federation.of('XC').signedStatement)).toBe(Reason.REASON_NOT_A_MEMBER);
    expect(judge(federation.of('XD').signedStatement)).toBe('believed');
  });

  test('of a node that the roster does not list is refused', async () => {
    expect(judge(await create({ node: 'ZZ' }))).toBe(Reason.REASON_NOT_A_MEMBER);
  });

  test('holds between its instants, with the permitted skew', async () => {
    const signed = await create();
    const { nowMs } = federation;
    expect(judge(signed, { atMs: nowMs - 5 * 60_000 })).toBe('believed');
    expect(judge(signed, { atMs: nowMs - 5 * 60_000 - 1 })).toBe(Reason.REASON_CLOCK_SKEW);
    expect(judge(signed, { atMs: nowMs + DAY_MS + 5 * 60_000 })).toBe('believed');
    expect(judge(signed, { atMs: nowMs + DAY_MS + 5 * 60_000 + 1 })).toBe(Reason.REASON_EXPIRED);
  });

  test.each<[string, (statement: KeyStatement) => KeyStatement]>([
    ["another node's log origin", (s) => ({ ...s, logOrigin: s.logOrigin.replace('/XA/', '/XB/') })],
    ['the origin of another incarnation', (s) => ({ ...s, incarnation: 2 })],
    ["another node's witness name", (s) => ({ ...s, witnessName: s.witnessName.replace('/XA/', '/XB/') })],
    [
      'live and exercise exchanged',
      (s) => ({ ...s, logOrigin: s.exerciseLogOrigin, exerciseLogOrigin: s.logOrigin }),
    ],
    ['one key for two roles', (s) => ({ ...s, witnessKey: s.logKey })],
    [
      'a half shared by two roles',
      (s) => ({
        ...s,
        witnessKey: s.witnessKey && s.logKey && { ...s.witnessKey, ed25519: s.logKey.ed25519 },
      }),
    ],
    [
      'a key of a wrong length',
      (s) => ({ ...s, linkKey: { ed25519: Buffer.alloc(32), mlDsa44: Buffer.alloc(1311) } }),
    ],
    ['a key missing', (s) => ({ ...s, linkKey: undefined })],
    [
      'a key that it revokes',
      (s) => ({
        ...s,
        revocations: [
          { fingerprint: Buffer.from(s.linkKey ? hybridFingerprint(s.linkKey) : []), from: 1n, reason: '' },
        ],
      }),
    ],
    ['a predecessor in the first', (s) => ({ ...s, predecessor: Buffer.alloc(32) })],
    ['incarnation 0', (s) => ({ ...s, incarnation: 0 })],
    ['an end before its begin', (s) => ({ ...s, notAfter: s.notBefore })],
  ])('with %s is refused', async (_, change) => {
    expect(judge(await misshapen(change))).toBe(Reason.REASON_MALFORMED);
  });

  test('is not made where it would not be believed', async () => {
    await expect(create({ sequence: 2n })).rejects.toMatchObject({ code: 'STATEMENT_INVALID' });
  });
});

describe('a later key statement', () => {
  test('replaces the one held only in order', async () => {
    const { statement: held, signedStatement } = federation.of('XA');
    const second = await create({ sequence: 2n, predecessor: held.digest, incarnation: 2 });
    expect(judge(second, { held })).toBe('believed');
    expect(judge(signedStatement, { held })).toBe('believed');
    expect(judge(await create({ sequence: 2n, predecessor: new Uint8Array(32) }), { held })).toBe(
      Reason.REASON_STATEMENT_STALE,
    );
    expect(judge(await create({ notAfterMs: federation.nowMs + 2 * DAY_MS }), { held })).toBe(
      Reason.REASON_EQUIVOCATION,
    );
    const { network, roster, nowMs } = federation;
    const newest = expectBelieved(judgeStatement({ network, roster, signed: second, atMs: nowMs, held }));
    expect(judge(signedStatement, { held: newest })).toBe(Reason.REASON_STATEMENT_STALE);
    const gap = { sequence: 9n, predecessor: new Uint8Array(32) };
    expect(judge(await create({ ...gap, incarnation: 2 }), { held: newest })).toBe('believed');
    expect(judge(await create(gap), { held: newest })).toBe(Reason.REASON_STATEMENT_STALE);
  });
});
