/** Who may speak: succession of statements, rosters in order, own prekeys a step ahead. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { hex } from '../../../src/base/bytes.ts';
import { Directory } from '../../../src/exchange/directory.ts';
import { OwnKeys } from '../../../src/exchange/own-keys.ts';
import { MemberStatus } from '../../../src/gen/tocsin/record/v1/identity.ts';
import { assembleRoster, createStatement, proposeRoster, signRoster } from '../../../src/identity/index.ts';
import { judgeMisconduct } from '../../../src/ledger/index.ts';
import { reasonName, sha256 } from '../../../src/record/index.ts';
import { type Federation, makeFederation, TEST_NOW_MS } from '../../support/authority.ts';
import { type TemporaryStore, temporaryStore } from '../../support/temporary-store.ts';

const DAY_MS = 86_400_000;
let federation: Federation;
let temporary: TemporaryStore;
let directory: Directory;
const clock = { ms: TEST_NOW_MS, nowMs: () => clock.ms };

beforeAll(async () => {
  federation = await makeFederation({ nodes: [{ node: 'XA' }, { node: 'XB' }] });
});
afterAll(() => federation[Symbol.asyncDispose]());
beforeEach(async () => {
  clock.ms = TEST_NOW_MS;
  temporary = await temporaryStore();
  const { version, digest, bytes: body } = federation.roster;
  await temporary.store.write((tx) => tx.directory.keepRoster({ version, digest, body }));
  directory = await open();
});
afterEach(() => temporary[Symbol.asyncDispose]());

const open = () => Directory.open({ store: temporary.store, clock, network: federation.network, self: 'XA' });

async function statement(
  sequence: bigint,
  predecessor?: Uint8Array,
  notAfterMs = TEST_NOW_MS + 100 * DAY_MS,
) {
  const { keyring, authority } = federation.of('XB');
  return createStatement(
    {
      network: federation.network,
      node: 'XB',
      incarnation: 1,
      sequence,
      notBeforeMs: TEST_NOW_MS - 1_000,
      notAfterMs,
      keyring,
      ...(predecessor && { predecessor }),
    },
    authority,
  );
}

const outcome = (verdict: { ok: true } | { ok: false; reason: number }): string =>
  verdict.ok ? 'believed' : reasonName(verdict.reason);

describe('key statements', () => {
  test('are kept in their order, and found again after a restart', async () => {
    const first = federation.of('XB');
    expect(outcome(await directory.judgeAndKeep('XB', first.signedStatement))).toBe('believed');
    expect(outcome(await directory.judgeAndKeep('XB', await statement(2n, first.statement.digest)))).toBe(
      'believed',
    );
    expect(outcome(await directory.judgeAndKeep('XB', first.signedStatement))).toBe('STATEMENT_STALE');
    const again = await open();
    expect(again.statementOf('XB')?.statement.sequence).toBe(2n);
    expect((await again.statementBy(first.statement.digest))?.statement.sequence).toBe(1n);
  });

  test('that came late and have ended by then are found again after a restart: what was signed under them stays verifiable', async () => {
    const ended = await statement(2n, federation.of('XB').statement.digest, TEST_NOW_MS + DAY_MS);
    const newer = await statement(3n, sha256(ended.body));
    clock.ms = TEST_NOW_MS + 2 * DAY_MS;
    expect(outcome(await directory.judgeAndKeep('XB', newer))).toBe('believed');
    expect(outcome(await directory.judgeAndKeepEarlier('XB', ended))).toBe('believed');
    const again = await open();
    expect((await again.statementBy(sha256(ended.body)))?.statement.sequence).toBe(2n);
    expect(again.statementOf('XB')?.statement.sequence).toBe(3n);
  });

  test('are refused where they do not follow, stand under a used number, or are another node’s', async () => {
    await directory.judgeAndKeep('XB', federation.of('XB').signedStatement);
    expect(outcome(await directory.judgeAndKeep('XB', await statement(2n, new Uint8Array(32))))).toBe(
      'STATEMENT_STALE',
    );
    expect(outcome(await directory.judgeAndKeep('XB', await statement(1n)))).toBe('STATEMENT_STALE');
    expect(outcome(await directory.judgeAndKeep('XA', federation.of('XB').signedStatement))).toBe(
      'WRONG_SENDER',
    );
  });

  test('two under one sequence are an alarm whose evidence convicts the authority offline', async () => {
    await directory.judgeAndKeep('XB', federation.of('XB').signedStatement);
    await directory.judgeAndKeep('XB', await statement(1n));
    const { items } = await temporary.store.read((tx) => tx.alarms.list({ code: 'STATEMENT_FORK' }));
    expect(items.map(({ subject }) => subject)).toEqual(['XB']);
    const networkDigest = federation.network;
    const proof = judgeMisconduct({ bytes: items[0]?.evidence ?? new Uint8Array(), networkDigest });
    expect(proof).toMatchObject({ ok: true, value: { culprits: ['XB'], deed: 'statement-fork' } });
  });
});

describe('rosters', () => {
  async function nextRoster(signers: readonly string[]) {
    const content = {
      ...federation.rosterContent,
      issuedMs: TEST_NOW_MS,
      members: federation.rosterContent.members.map((member) =>
        member.node === 'XB'
          ? { ...member, status: MemberStatus.MEMBER_STATUS_SUSPENDED, statusFrom: BigInt(TEST_NOW_MS) }
          : member,
      ),
    };
    const proposal = proposeRoster(content, federation.roster);
    const signatures = await Promise.all(
      signers.map((member) =>
        signRoster({ body: proposal.body, member, keyring: federation.of(member).keyring }),
      ),
    );
    return assembleRoster(proposal.body, signatures);
  }

  test('replace the one in use only with the threshold of signatures, and are told of', async () => {
    expect(outcome(await directory.adoptRoster(await nextRoster(['XA'])))).toBe('ROSTER_THRESHOLD');
    const told: bigint[] = [];
    directory.onRoster((roster) => told.push(roster.version));
    expect(outcome(await directory.adoptRoster(await nextRoster(['XA', 'XB'])))).toBe('believed');
    expect(told).toEqual([2n]);
    expect(outcome(await directory.adoptRoster(federation.signedRoster))).toBe('ROSTER_ROLLBACK');
    expect((await open()).roster().standingOf('XB', clock.ms)).toBe('suspended');
  });
});

describe('own prekeys', () => {
  test('are made a step ahead, and deleted when nothing sealed to them can still arrive', async () => {
    const { keyring, signedStatement } = federation.of('XA');
    await directory.judgeAndKeep('XA', signedStatement);
    for (const held of await keyring.prekeys.list()) await keyring.prekeys.delete(held.id);
    const own = new OwnKeys({ directory, keyring, clock }, { lifeMs: 7 * DAY_MS, mailboxAgeMs: 14 * DAY_MS });
    const nextAt = await own.tend();
    const first = directory.prekeysOf('XA');
    expect(first?.bundle.prekeys).toHaveLength(2);
    const current = first?.current(clock.ms);
    expect(await own.privateKeyOf(current?.id ?? new Uint8Array())).toHaveLength(32);
    // Nothing to do before the next one begins.
    expect(await own.tend()).toBe(nextAt);
    expect(directory.prekeysOf('XA')?.bundle.sequence).toBe(first?.bundle.sequence);

    clock.ms = nextAt + 1;
    await own.tend();
    expect(directory.prekeysOf('XA')?.bundle.sequence).toBe((first?.bundle.sequence ?? 0n) + 1n);
    const following = directory.prekeysOf('XA')?.current(clock.ms);
    expect(hex(following?.id ?? new Uint8Array())).not.toBe(hex(current?.id ?? new Uint8Array()));

    clock.ms = Number(current?.notAfter) + 14 * DAY_MS;
    await own.tend();
    expect(await own.privateKeyOf(current?.id ?? new Uint8Array())).toHaveLength(32);
    clock.ms += 6 * 60_000;
    await own.tend();
    expect(await own.privateKeyOf(current?.id ?? new Uint8Array())).toBeUndefined();
  });
});
