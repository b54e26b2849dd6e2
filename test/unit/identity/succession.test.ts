import { afterAll, beforeAll, expect, test } from 'vitest';
import { Reason } from '../../../src/gen/tocsin/record/v1/reason.ts';
import { hybridFingerprint } from '../../../src/identity/hybrid.ts';
import { Keyring } from '../../../src/identity/keyring.ts';
import { createStatement, judgeStatement, type VerifiedStatement } from '../../../src/identity/statement.ts';
import { createSuccessor, replacedKeys } from '../../../src/identity/succession.ts';
import { expectBelieved, type Federation, makeFederation } from '../../support/authority.ts';

const DAY_MS = 86_400_000;
let federation: Federation;
let first: VerifiedStatement;

beforeAll(async () => {
  federation = await makeFederation({ nodes: [{ node: 'XA' }, { node: 'XB' }] });
  const { network, roster, nowMs } = federation;
  const signed = await createStatement(
    {
      network,
      node: 'XA',
      incarnation: 1,
      sequence: 1n,
      notBeforeMs: nowMs,
      notAfterMs: nowMs + DAY_MS,
      keyring: federation.of('XA').keyring,
      kinds: [{ kind: 'warning', schemaVersion: 1 }],
    },
    federation.of('XA').authority,
  );
  first = expectBelieved(judgeStatement({ network, roster, signed, atMs: nowMs }));
});

afterAll(() => federation[Symbol.asyncDispose]());

const times = () => ({ notBeforeMs: federation.nowMs, notAfterMs: federation.nowMs + 2 * DAY_MS });

test('a successor with renewed keys is believed over the one held, and says which keys went', async () => {
  const { network, roster, nowMs } = federation;
  const { authority } = federation.of('XA');
  const keyring = await Keyring.open(federation.of('XA').keyring.dir);
  const before = keyring.link;
  await keyring.renew('link');
  expect(replacedKeys(first, keyring)).toEqual([{ role: 'link', fingerprint: hybridFingerprint(before) }]);
  const revocation = {
    fingerprint: Buffer.from(hybridFingerprint(before)),
    from: BigInt(nowMs),
    reason: 'rotated',
  };
  const change = { ...times(), revocations: [revocation] };
  const signed = await createSuccessor({ network, held: first, keyring, change }, authority);
  const second = expectBelieved(judgeStatement({ network, roster, signed, atMs: nowMs, held: first }));
  expect(second.statement).toMatchObject({ sequence: 2n, incarnation: 1, kinds: first.statement.kinds });

  const third = await createSuccessor(
    {
      network,
      held: second,
      keyring,
      change: { ...change, revocations: [{ ...revocation, from: BigInt(nowMs + DAY_MS) }] },
    },
    authority,
  );
  const judged = expectBelieved(
    judgeStatement({ network, roster, signed: third, atMs: nowMs, held: second }),
  );
  expect(judged.statement.revocations, 'a revocation is never put off').toEqual(second.statement.revocations);
});

test('a successor made over another statement of the same number is refused by whoever holds the first', async () => {
  const { network, roster, nowMs } = federation;
  const { authority, keyring } = federation.of('XA');
  const one = { network, held: first, keyring, change: times() };
  const held = expectBelieved(
    judgeStatement({
      network,
      roster,
      signed: await createSuccessor(one, authority),
      atMs: nowMs,
      held: first,
    }),
  );
  const other = await createSuccessor(
    { ...one, change: { ...times(), notAfterMs: nowMs + DAY_MS } },
    authority,
  );
  expect(judgeStatement({ network, roster, signed: other, atMs: nowMs, held })).toMatchObject({
    ok: false,
    reason: Reason.REASON_EQUIVOCATION,
  });
});
