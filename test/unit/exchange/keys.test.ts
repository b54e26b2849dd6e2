/** What a peer may have us fetch: rosters bounded by number and bytes, proofs of its own logs alone. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { LIMITS } from '../../../src/base/limits.ts';
import { PeerKeys } from '../../../src/exchange/keys.ts';
import { LogProofs } from '../../../src/exchange/log-proofs.ts';
import type { PeerCalls } from '../../../src/exchange/ports.ts';
import { proveLog } from '../../../src/exchange/prove-log.ts';
import { SignedKeyStatement, SignedRoster } from '../../../src/gen/tocsin/record/v1/identity.ts';
import { reasonName } from '../../../src/record/index.ts';
import { RpcError, Status } from '../../../src/transport/index.ts';
import { type Federation, makeFederation } from '../../support/authority.ts';
import { TestNetwork, type TestNode } from '../../support/exchange-network.ts';
import { nextVersion } from '../../support/roster-line.ts';

const NODES = [{ node: 'XA' }, { node: 'XB' }];
const VERSIONS = LIMITS.rosterPage + 4;
let federation: Federation;
/** Versions 1 to VERSIONS. */
const line: SignedRoster[] = [];
let net: TestNetwork;
let xa: TestNode;

beforeAll(async () => {
  federation = await makeFederation({ nodes: NODES });
  line.push(federation.signedRoster);
  for (let before = federation.roster; line.length < VERSIONS; ) {
    const { signed, roster } = await nextVersion(federation, before, {}, ['XA', 'XB']);
    line.push(signed);
    before = roster;
  }
});
afterAll(() => federation[Symbol.asyncDispose]());
beforeEach(async () => {
  net = await TestNetwork.create({ nodes: NODES }, federation);
  xa = net.of('XA');
});
afterEach(() => net.close());

const page = async (node: TestNode, aboveVersion: bigint) =>
  (await node.exchange.handlers.getRosters({ aboveVersion }, { peer: 'XB' } as never)).rosters.length;

/** XA's keys where XB answers with what a test says; how often it was asked, and what was refused. */
function asker(answer: (aboveVersion: bigint) => readonly SignedRoster[]) {
  const told = { asked: 0, refused: [] as string[] };
  const calls: Pick<PeerCalls, 'getRosters'> = {
    getRosters: async ({ aboveVersion }) => {
      told.asked += 1;
      return { rosters: [...answer(aboveVersion)] };
    },
  };
  const keys = new PeerKeys({
    directory: xa.directory,
    callsTo: () => calls as PeerCalls,
    clock: xa.clock,
    events: { refused: ({ reason }) => void told.refused.push(reasonName(reason)) },
    signal: new AbortController().signal,
  });
  return { keys, told };
}

const above = (version: bigint, most: number) => line.slice(Number(version), Number(version) + most);

describe('an answer to getRosters', () => {
  test(`has at most ${LIMITS.rosterPage} rosters; the rest is asked for page by page`, async () => {
    await xa.directory.adoptRosters(line.slice(1));
    expect(await page(xa, 0n)).toBe(LIMITS.rosterPage);
    expect(await page(xa, BigInt(LIMITS.rosterPage))).toBe(VERSIONS - LIMITS.rosterPage);
    const { keys, told } = asker((version) => above(version, LIMITS.rosterPage));
    await keys.compareRosters('XB');
    expect(told).toEqual({ asked: 2, refused: [] });
  });

  test(`takes no further roster from ${LIMITS.rosterPageBytes} bytes on, and is asked for the rest`, async () => {
    const sized = (version: bigint) => ({
      version,
      digest: Buffer.alloc(32, Number(version)),
      body: SignedRoster.encode({
        body: Buffer.alloc(LIMITS.rosterPageBytes / 2 + 1),
        signatures: [],
      }).finish(),
    });
    await xa.store.write(async (tx) => {
      for (const version of [2n, 3n, 4n]) await tx.directory.keepRoster(sized(version));
    });
    expect(await page(xa, 1n)).toBe(2);
    expect(await page(xa, 3n)).toBe(1);
    const large = { body: Buffer.alloc(LIMITS.rosterPageBytes), signatures: [] };
    const { keys, told } = asker((version) => (version < 3n ? [large] : []));
    await keys.compareRosters('XB');
    expect(told.asked).toBe(4);
  });
});

describe('a peer that shows', () => {
  test('more rosters than an answer may have is believed nothing of it, and what came before is judged', async () => {
    const { keys, told } = asker((version) => above(version, version === 1n ? LIMITS.rosterPage : 100));
    await keys.catchUpRoster('XB');
    expect(told).toEqual({ asked: 2, refused: [] });
    expect(xa.directory.roster().version).toBe(BigInt(VERSIONS));
    const hostile = asker(() => above(0n, LIMITS.rosterPage + 1));
    expect(await hostile.keys.compareRosters('XB')).toBe(false);
    expect(hostile.told).toEqual({ asked: 1, refused: ['TOO_LARGE'] });
  });

  test(`rosters without end is left at ${LIMITS.rosterHistoryBytes} bytes of them`, async () => {
    const large = { body: Buffer.alloc(LIMITS.rosterPageBytes), signatures: [] };
    const { keys, told } = asker(() => [large]);
    await keys.compareRosters('XB');
    const pages = Math.floor(LIMITS.rosterHistoryBytes / LIMITS.rosterPageBytes);
    expect(told.asked).toBeLessThanOrEqual(pages + 1);
    expect(told.refused).toContain('TOO_LARGE');
  });

  test(`small rosters without end is left at ${LIMITS.rosterHistory} of them`, async () => {
    const small = { body: Buffer.alloc(1), signatures: [] };
    const { keys, told } = asker(() => Array.from({ length: LIMITS.rosterPage }, () => small));
    await keys.compareRosters('XB');
    expect(told.asked).toBe(LIMITS.rosterHistory / LIMITS.rosterPage + 1);
    expect(told.refused).toContain('TOO_LARGE');
  });
});

describe('an answer to getKeys', () => {
  test('has 64 statements looked at, and no more', async () => {
    const looked = async (count: number) => {
      const refused: string[] = [];
      const signed = { body: Buffer.from('no statement') };
      const calls: Pick<PeerCalls, 'getKeys'> = {
        getKeys: async () => ({
          statements: Array.from({ length: count }, () => SignedKeyStatement.fromPartial(signed)),
          prekeys: undefined,
        }),
      };
      const keys = new PeerKeys({
        directory: xa.directory,
        callsTo: () => calls as PeerCalls,
        clock: xa.clock,
        events: { refused: ({ reason }) => void refused.push(reasonName(reason)) },
        signal: new AbortController().signal,
      });
      await keys.refresh('XB');
      return refused.length;
    };
    expect([await looked(64), await looked(65)]).toEqual([64, 64]);
  });
});

describe('a question about a log', () => {
  test('names 256 records at most', async () => {
    const [origin = ''] = Object.values(xa.ledger.origins);
    const code = async (count: number) => {
      const headerDigests = Array.from({ length: count }, () => Buffer.alloc(32));
      const request = { origin, size: 1n, knownSize: 0n, headerDigests };
      try {
        await proveLog(xa, request);
        return 'OK';
      } catch (error) {
        return error instanceof RpcError ? error.code : String(error);
      }
    };
    // At the bound it is looked at: there is no checkpoint of that log yet.
    expect([await code(256), await code(257)]).toEqual(['NOT_FOUND', 'INVALID_ARGUMENT']);
  });
});

describe('a member that names many logs as its own', () => {
  test('has those asked for that its statement names, whatever else it says', async () => {
    const { signedStatement, statement } = federation.of('XB');
    await xa.directory.judgeAndKeep('XB', signedStatement);
    const asked: string[] = [];
    const calls: Pick<PeerCalls, 'proveLog'> = {
      proveLog: async ({ origin }) => {
        asked.push(origin);
        throw new RpcError(Status.NOT_FOUND, 'no such log');
      },
    };
    const proofs = new LogProofs(
      {
        store: xa.store,
        directory: xa.directory,
        clock: xa.clock,
        callsTo: () => calls as PeerCalls,
        events: {},
      },
      { callMs: 1_000, leastMs: 1, lookMs: 60_000, limitMs: 60_000 },
    );
    const { logOrigin } = statement.statement;
    const root = Buffer.alloc(32);
    const another = (incarnation: number) => ({
      origin: logOrigin.replace(/\d+$/, String(incarnation)),
      size: 9n,
      root,
    });
    for (let incarnation = 2; incarnation < 1_000; incarnation += 2)
      proofs.learn('XB', [another(incarnation), another(incarnation + 1)]);
    proofs.learn('XB', [{ origin: logOrigin, size: 9n, root }]);
    const stop = new AbortController();
    const running = proofs.run(stop.signal);
    await net.until('it asked', () => asked.includes(logOrigin));
    stop.abort();
    await running;
    expect(new Set(asked)).toEqual(new Set([logOrigin]));
  });
});
