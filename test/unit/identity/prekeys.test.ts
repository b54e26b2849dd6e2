import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { PrekeyBundle, type SignedPrekeyBundle } from '../../../src/gen/tocsin/exchange/v1/prekey.ts';
import { Reason } from '../../../src/gen/tocsin/record/v1/reason.ts';
import type { HeldPrekey } from '../../../src/identity/keyring-prekeys.ts';
import { createPrekeyBundle, judgePrekeyBundle, PREKEY_LIFE_MS } from '../../../src/identity/prekeys.ts';
import { encodeSigned } from '../../../src/record/index.ts';
import { type Federation, makeFederation } from '../../support/authority.ts';

let federation: Federation;
beforeAll(async () => {
  federation = await makeFederation({ nodes: [{ node: 'XA' }, { node: 'XB' }] });
});
afterAll(() => federation[Symbol.asyncDispose]());

const prekey = (id: number, notBeforeMs: number, life = PREKEY_LIFE_MS): HeldPrekey => ({
  id: new Uint8Array(16).fill(id),
  suite: 1,
  publicKey: new Uint8Array(1216).fill(id),
  notBeforeMs,
  notAfterMs: notBeforeMs + life,
});

const create = (
  prekeys: readonly HeldPrekey[],
  change: { node?: string; by?: string; statementDigest?: Uint8Array } = {},
) => {
  const { node = 'XA', by = 'XA' } = change;
  const { statement } = federation.of('XA');
  return createPrekeyBundle({
    network: federation.network,
    node,
    sequence: 1n,
    statementDigest: change.statementDigest ?? statement.digest,
    prekeys,
    keyring: federation.of(by).keyring,
  });
};

const judge = (signed: SignedPrekeyBundle, atMs = federation.nowMs) => {
  const { statement } = federation.of('XA');
  const verdict = judgePrekeyBundle({ network: federation.network, statement, signed, atMs });
  return verdict.ok ? 'believed' : verdict.reason;
};

/** A bundle whose message is wrong, signed all the same. */
async function misshapen(change: (bundle: PrekeyBundle) => PrekeyBundle): Promise<SignedPrekeyBundle> {
  const { bundle } = federation.of('XA').prekeys;
  const body = Buffer.from(
    encodeSigned('prekeys', federation.network, PrekeyBundle.encode(change(bundle)).finish()),
  );
  return { body, signature: await federation.of('XA').keyring.sign('link', 'prekeys', body) };
}

describe('a prekey bundle', () => {
  test('offers the key that is valid and lives longest', async () => {
    const { nowMs } = federation;
    const signed = await create([prekey(1, nowMs - (6 * PREKEY_LIFE_MS) / 7), prekey(2, nowMs + 1000)]);
    const { statement } = federation.of('XA');
    const verdict = judgePrekeyBundle({ network: federation.network, statement, signed, atMs: nowMs });
    const current = (atMs: number) => (verdict.ok ? verdict.value.current(atMs)?.id[0] : undefined);
    expect(current(nowMs)).toBe(1);
    expect(current(nowMs + 1000)).toBe(2);
    expect(current(nowMs + 8 * PREKEY_LIFE_MS)).toBeUndefined();
  });

  test('is signed by the link key of the statement that it names', async () => {
    const { nowMs } = federation;
    const own = [prekey(1, nowMs)];
    expect(judge(await create(own))).toBe('believed');
    expect(judge(await create(own, { by: 'XB' }))).toBe(Reason.REASON_SIGNATURE_INVALID);
    expect(judge(await create(own, { node: 'XB' }))).toBe(Reason.REASON_WRONG_SENDER);
    expect(judge(await create(own, { statementDigest: new Uint8Array(32) }))).toBe(
      Reason.REASON_STATEMENT_UNKNOWN,
    );
    const signed = await create(own);
    expect(judge({ ...signed, signature: undefined })).toBe(Reason.REASON_DOWNGRADE);
    expect(judge({ ...signed, body: Buffer.alloc(70_000) })).toBe(Reason.REASON_TOO_LARGE);
  });

  test('is of no use once every key has expired', async () => {
    const { nowMs } = federation;
    const signed = await create([prekey(1, nowMs)]);
    expect(judge(signed, nowMs + PREKEY_LIFE_MS + 5 * 60_000 - 1)).toBe('believed');
    expect(judge(signed, nowMs + PREKEY_LIFE_MS + 5 * 60_000)).toBe(Reason.REASON_EXPIRED);
  });

  test.each<[string, Reason, (bundle: PrekeyBundle) => PrekeyBundle]>([
    ['no prekey', Reason.REASON_MALFORMED, (b) => ({ ...b, prekeys: [] })],
    [
      'five prekeys',
      Reason.REASON_MALFORMED,
      (b) =>
        withPrekeys(
          b,
          [1, 2, 3, 4, 5].map((id) => ({ id: Buffer.alloc(16, id) })),
        ),
    ],
    ['one id twice', Reason.REASON_MALFORMED, (b) => withPrekeys(b, [{}, {}])],
    [
      'a life over seven days',
      Reason.REASON_MALFORMED,
      (b) => withPrekeys(b, [{ notAfter: (b.prekeys[0]?.notBefore ?? 0n) + BigInt(PREKEY_LIFE_MS) + 1n }]),
    ],
    ['a short key', Reason.REASON_MALFORMED, (b) => withPrekeys(b, [{ publicKey: Buffer.alloc(1215) }])],
    ['a short id', Reason.REASON_MALFORMED, (b) => withPrekeys(b, [{ id: Buffer.alloc(15) }])],
    ['no sequence', Reason.REASON_MALFORMED, (b) => ({ ...b, sequence: 0n })],
    ['another suite', Reason.REASON_FORMAT_UNSUPPORTED, (b) => withPrekeys(b, [{ suite: 2 }])],
  ])('with %s is refused', async (_, reason, change) => {
    expect(judge(await misshapen(change))).toBe(reason);
  });

  test('is not made where it would not be believed', async () => {
    await expect(create([prekey(1, federation.nowMs, PREKEY_LIFE_MS + 1)])).rejects.toMatchObject({
      code: 'PREKEYS_INVALID',
    });
  });
});

function withPrekeys(
  bundle: PrekeyBundle,
  changes: readonly Partial<PrekeyBundle['prekeys'][number]>[],
): PrekeyBundle {
  const [first] = bundle.prekeys;
  return first === undefined
    ? bundle
    : { ...bundle, prekeys: changes.map((change) => ({ ...first, ...change })) };
}
