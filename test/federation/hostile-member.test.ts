/**
 * A member with real keys that breaks the rules, and a national authority that speaks for another state, against a real node
 * (issue: what must hold, 4). Each parcel has exactly one fault; what the broker's operator can do is in hostile-broker.test.ts.
 */
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { hex } from '../../src/base/bytes.ts';
import { systemClock, systemRandom } from '../../src/base/clock.ts';
import { nodeDir } from '../../src/cli/demo/federation.ts';
import type { Cast } from '../../src/cli/demo/story.ts';
import { Manifest } from '../../src/gen/tocsin/exchange/v1/parcel.ts';
import type { SignedKeyStatement, SignedRoster } from '../../src/gen/tocsin/record/v1/identity.ts';
import { Purpose } from '../../src/gen/tocsin/record/v1/marking.ts';
import { Keyring } from '../../src/identity/index.ts';
import { believedRoster, pathsOf, proposeNext, readRosterFile, signNewest } from '../../src/node/index.ts';
import { encodeSigned, netToken, sha256 } from '../../src/record/index.ts';
import { createRpcClient, type RpcClient, type RpcServer } from '../../src/transport/index.ts';
import { exampleContent, type Json } from '../support/contents.ts';
import { eventually, TestFederation } from '../support/federation.ts';
import {
  answerOf,
  answerToBytes,
  serveRosters,
  stateFor,
  swapSecondFrames,
} from '../support/hostile-caller.ts';
import { checkpointIn, type Draft, HostileMember, type OwnRecord } from '../support/hostile-member.ts';
import { Operator } from '../support/hostile-operator.ts';
import { NodeView } from '../support/hostile-view.ts';

const HOUR_MS = 3_600_000;

const state = (id: string, groups: readonly string[]): Cast => ({
  id,
  name: `State ${id}`,
  country: id,
  role: 'national',
  groups: [...groups],
  deskGroups: ['police'],
});

let federation: TestFederation;
let xa: HostileMember;
let xb: NodeView;
let xc: NodeView;
/** A record that XC gave to XA and to nobody else. */
let entrusted: Uint8Array;

function content(kind: string, marking: Json = { releasableTo: ['sac'] }): Json {
  const { deskGroup: _, ...rest } = exampleContent(kind, Date.now()) as { [key: string]: Json };
  return { ...rest, marking };
}

beforeAll(async () => {
  const cast = [state('XA', ['sac', 'adequate']), state('XB', ['sac', 'adequate']), state('XC', ['sac'])];
  federation = await TestFederation.found({ cast });
  await federation.startAll();
  [xb, xc] = [new NodeView(federation, 'XB'), new NodeView(federation, 'XC')];
  const first = await federation.release('XA', content('warning'));
  await Promise.all([xb.received(first), xc.received(first)]);
  entrusted = await federation.release('XC', content('warning', { releasableTo: ['XA'] }));
  await new NodeView(federation, 'XA').received(entrusted);
  await federation.signal('XA', 'SIGTERM');
  xa = await HostileMember.open(federation, 'XA');
});

afterAll(async () => {
  await xa[Symbol.asyncDispose]();
  await federation[Symbol.asyncDispose]();
});

/** The next parcel to XB with one fresh, genuine record. */
async function next(): Promise<{ record: OwnRecord; draft: Draft }> {
  const record = await xa.record(content('warning'));
  return { record, draft: await xa.draft('XB', [record]) };
}

/** Sends a faultless parcel and waits until it is taken. */
async function isTaken({ record, draft }: Awaited<ReturnType<typeof next>>): Promise<void> {
  await xa.send(draft);
  await xb.received(record.signed.digest);
  await xa.taken(draft);
}

describe('a parcel is refused as a whole', () => {
  test('Ed25519 alone: DOWNGRADE', async () => {
    const { draft } = await next();
    await xb.refuses('DOWNGRADE', () =>
      xa.send(draft, { signature: ({ ed25519 }) => ({ ed25519, mlDsa44: Buffer.alloc(0) }) }),
    );
  });

  test('a manifest of another network under an envelope of this one: WRONG_NETWORK', async () => {
    const { draft } = await next();
    await xb.refuses('WRONG_NETWORK', () => xa.send(draft, { network: new Uint8Array(32).fill(9) }));
  });

  test('a manifest for another recipient under an envelope for this one: WRONG_DESTINATION', async () => {
    const { draft } = await next();
    draft.manifest.recipient = 'XC';
    await xb.refuses('WRONG_DESTINATION', () => xa.send(draft));
  });

  test('a signed header in the place of the manifest: LABEL_MISMATCH', async () => {
    const { record, draft } = await next();
    await xb.refuses('LABEL_MISMATCH', () => xa.send(draft, { body: () => record.signed.bytes }));
  });

  test('a foreign item under a genuine manifest: ITEM_NOT_IN_MANIFEST, and the manifest is still good', async () => {
    const { record, draft } = await next();
    const other = await xa.draft('XB', [await xa.record(content('warning'))]);
    await xb.refuses('ITEM_NOT_IN_MANIFEST', () => xa.send({ ...draft, items: other.items }));
    await isTaken({ record, draft });
  });

  test('a second body under one number: EQUIVOCATION, with both bodies as evidence', async () => {
    const first = await next();
    await isTaken(first);
    const item = first.draft.manifest.items[0];
    const [before, after] = [item?.basis ?? '', 'R5 R7 R99'];
    if (item) item.basis = after;
    await xb.refuses('EQUIVOCATION', () => xa.send(first.draft));
    const [alarm] = await eventually('people are told', () => {
      const alarms = xb.alarms('EQUIVOCATION');
      return alarms.length > 0 ? alarms : undefined;
    });
    expect(alarm?.subject).toBe('XA');
    const evidence = Buffer.from(alarm?.evidence ?? []);
    expect(before).not.toBe('');
    for (const basis of [before, after]) expect(evidence.includes(basis), basis).toBe(true);
  });

  test('an extension line in a checkpoint that both keys of the log signed: CHECKPOINT_EXTENSION', async () => {
    const { draft } = await next();
    draft.manifest.checkpoint = await xa.checkpoint(checkpointIn(draft.manifest.checkpoint), {
      lines: 'one line more\n',
    });
    await xb.refuses('CHECKPOINT_EXTENSION', () => xa.send(draft));
  });

  test('a checkpoint of tomorrow: CLOCK_SKEW', async () => {
    const { draft } = await next();
    draft.manifest.checkpoint = await xa.checkpoint(checkpointIn(draft.manifest.checkpoint), {
      atMs: systemClock.nowMs() + HOUR_MS,
    });
    await xb.refuses('CLOCK_SKEW', () => xa.send(draft));
  });

  test('another root for a size that was shown before: LOG_FORK, with both notes as evidence', async () => {
    const genuine = await next();
    await isTaken(genuine);
    const shown = genuine.draft.manifest.checkpoint;
    const { draft } = await next();
    const forged = await xa.checkpoint({ ...checkpointIn(shown), root: new Uint8Array(32).fill(3) });
    draft.manifest.checkpoint = forged;
    await xb.refuses('LOG_FORK', () => xa.send(draft));
    const [alarm] = await eventually('people are told', () => {
      const alarms = xb.alarms('LOG_FORK');
      return alarms.length > 0 ? alarms : undefined;
    });
    const evidence = Buffer.from(alarm?.evidence ?? []);
    expect(evidence.includes(shown) && evidence.includes(forged)).toBe(true);
  });
});

/** Sends a bad record beside a good one; the good one is taken, of the bad one there is no row in the inbox. */
async function refusesItem(
  reason: string,
  bad: OwnRecord,
  change: (draft: Draft) => void,
  options: { readonly named?: readonly string[]; readonly to?: NodeView } = {},
): Promise<void> {
  const to = options.to ?? xb;
  const good = await xa.record(content('warning'));
  const draft = await xa.draft(to.id, [bad, good]);
  if (options.named) {
    const { manifest, items } = await xa.draft(to.id, [bad], options.named);
    draft.manifest.items.splice(0, 1, ...manifest.items);
    draft.items.splice(0, 1, ...items);
  }
  change(draft);
  const badDigest = hex(draft.manifest.items[0]?.headerDigest ?? new Uint8Array());
  await xa.send(draft);
  await to.received(good.signed.digest);
  await xa.taken(draft);
  expect(to.refusals().find(({ digest }) => digest === badDigest)?.reason).toBe(reason);
  expect(to.inbox()).not.toContain(badDigest);
}

describe('one item is refused, the one beside it is taken', () => {
  test('a facet that is not the one committed to: COMMITMENT_MISMATCH', async () => {
    const bad = await xa.record(content('warning'));
    await refusesItem('COMMITMENT_MISMATCH', bad, (draft) => {
      const [facet] = draft.items[0]?.facets ?? [];
      // A field that is not known yet: still a message of its type.
      if (facet) facet.body = Buffer.concat([facet.body, Buffer.from([0x98, 0x06, 1])]);
    });
  });

  test.each([
    ['warning', 'internal'],
    ['seizure-notice', 'source'],
    ['hotline-report', 'source'],
  ])('a %s that shows its facet %s: FORBIDDEN_FACET, put aside, people are told', async (kind, facet) => {
    const marking: Json = kind === 'hotline-report' ? { releasableTo: ['local'] } : { releasableTo: ['sac'] };
    const bad = await xa.record(content(kind, marking));
    await refusesItem('FORBIDDEN_FACET', bad, () => undefined, { named: [facet] });
    expect(xb.quarantined()).toContain(`${hex(bad.signed.digest)} FORBIDDEN_FACET`);
    expect(xb.alarms('FORBIDDEN_FACET').map(({ subject }) => subject)).toEqual(['XA']);
  });

  test('a signed manifest in the place of a header: LABEL_MISMATCH', async () => {
    const bad = await xa.record(content('warning'));
    await refusesItem('LABEL_MISMATCH', bad, (draft) => {
      const [line, item] = [draft.manifest.items[0], draft.items[0]];
      if (!line || !item) throw new Error('expected an item');
      const body = encodeSigned('manifest', xa.network, Manifest.encode(draft.manifest).finish());
      item.header = Buffer.from(body);
      line.headerDigest = Buffer.from(sha256(body));
    });
  });

  test('persons to a member without adequate protection: POLICY_DENIED (R8)', async () => {
    const marking: Json = { releasableTo: ['sac'], alsoFacets: ['persons'] };
    const bad = await xa.record(content('seizure-notice', marking));
    await refusesItem('POLICY_DENIED', bad, () => undefined, { named: ['summary', 'persons'], to: xc });
    // The same to one that has it is taken.
    const draft = await xa.draft('XB', [bad], ['summary', 'persons']);
    await isTaken({ record: bad, draft });
  });

  test('a purpose that the marking does not name: POLICY_DENIED (R7)', async () => {
    const bad = await xa.record(content('warning'));
    await refusesItem('POLICY_DENIED', bad, (draft) => {
      draft.manifest.items[0]?.audience?.purposes.push(Purpose.PURPOSE_STATISTICS);
    });
  });

  test("another's record without its consent: THIRD_PARTY_BREACH, put aside, people are told", async () => {
    const { line, item } = await xa.held(entrusted);
    const bad = await xa.record(content('warning'));
    await refusesItem('THIRD_PARTY_BREACH', bad, (draft) => {
      [draft.manifest.items[0], draft.items[0]] = [line, item];
    });
    expect(xb.quarantined()).toContain(`${hex(entrusted)} THIRD_PARTY_BREACH`);
    expect(xb.alarms('THIRD_PARTY_BREACH').map(({ subject }) => subject)).toEqual(['XA']);
  });
});

describe('whoever calls as XA', () => {
  const net = () => netToken(xa.network);

  /** Keys of `keys`, stated for XA by the authority of `by`, offered under the name of XA by the broker's operator. */
  async function impostor(
    keys: string,
    by: string,
    change: (statement: SignedKeyStatement) => SignedKeyStatement = (same) => same,
  ): Promise<string> {
    const { statement, keyring } = await stateFor(federation, xa, { keys, by, change });
    await using operator = await Operator.connectAs(federation, 'XA');
    const guard = xa.sessions(statement, keyring);
    await using client = createRpcClient({ broker: operator, guard }, { net: net(), self: 'XA' });
    return await answerOf(client);
  }

  test("with a statement by another state's authority: ISSUER_NOT_FOR_STATE", async () => {
    await xb.logs('XA ISSUER_NOT_FOR_STATE', async () =>
      expect(await impostor('XC', 'XC')).toBe('ISSUER_NOT_FOR_STATE'),
    );
  });

  test('with a statement that only the certificate authority signed: AUTHORITY_SIGNATURE', async () => {
    const classical = (signed: SignedKeyStatement) => ({ ...signed, authoritySignature: Buffer.alloc(0) });
    await xb.logs('XA AUTHORITY_SIGNATURE', async () =>
      expect(await impostor('XC', 'XA', classical)).toBe('AUTHORITY_SIGNATURE'),
    );
  });

  test('gets no answer to frames of another call: both calls fail', async () => {
    const large = { canary: Buffer.from(systemRandom.bytes(100_000)) };
    const broker = swapSecondFrames(xa.broker);
    await using client = createRpcClient({ broker, guard: xa.sessions() }, { net: net(), self: 'XA' });
    expect(await Promise.all([answerOf(client, large), answerOf(client, large)])).toEqual([
      'FRAME_FOREIGN',
      'FRAME_FOREIGN',
    ]);
    expect(await answerOf(client, large)).toBe('OK');
  });

  test('with a request that is no message of its type: MALFORMED', async () => {
    await using client = createRpcClient(
      { broker: xa.broker, guard: xa.sessions() },
      { net: net(), self: 'XA' },
    );
    // Twice the same singular field.
    expect(await answerToBytes(client, new Uint8Array([8, 1, 8, 2]))).toBe('MALFORMED');
  });
});

describe('a member that serves rosters', () => {
  let served: readonly SignedRoster[] = [];
  let client: RpcClient;
  let server: RpcServer;

  beforeAll(() => {
    const deps = { broker: xa.broker, guard: xa.sessions() };
    const options = { net: netToken(xa.network), self: 'XA' };
    client = createRpcClient(deps, options);
    server = serveRosters(deps, options, () => served);
  });

  afterAll(async () => {
    await client[Symbol.asyncDispose]();
    await server[Symbol.asyncDispose]();
  });

  /** Says that it uses a roster of this version, so that XB asks for it. */
  const claim = async (rosterVersion: bigint): Promise<void> => {
    expect(await answerOf(client, { rosterVersion })).toBe('OK');
  };
  /** XB asks at most once a second. */
  const claims = (version: bigint, until: () => boolean): Promise<true> =>
    eventually(`XB asks for roster ${version}`, async () => {
      await claim(version);
      return until() || undefined;
    });
  const logs = (reason: string): boolean => xb.logged().includes(`XA ${reason}`);
  const version = (): number => Number(xb.rows('SELECT max(version) AS newest FROM roster')[0]?.newest);

  test('one signature short: ROSTER_THRESHOLD; complete: adopted; older: ROSTER_ROLLBACK', async () => {
    const file = readFileSync(pathsOf(nodeDir(federation.federation, 'XA')).rosterHistory);
    const history = readRosterFile(new Uint8Array(file));
    const proposed = proposeNext(history, believedRoster(history, xa.network), {
      add: [],
      suspend: [],
      expel: [],
      reinstate: [],
      validDays: 365,
      nowMs: systemClock.nowMs(),
    });
    const short = await signNewest(proposed, 'XA', xa.keyring);
    served = short.rosters.slice(1);
    await claims(2n, () => logs('ROSTER_THRESHOLD'));
    expect(version()).toBe(1);

    const keyring = await Keyring.open(pathsOf(nodeDir(federation.federation, 'XC')).keys);
    const complete = await signNewest(short, 'XC', keyring);
    served = complete.rosters.slice(1);
    await claims(2n, () => version() === 2);

    served = complete.rosters.slice(0, 1);
    await claims(3n, () => logs('ROSTER_ROLLBACK'));
    expect(version()).toBe(2);
  });
});

test('after all this the lane goes on, by hand and from the node itself', async () => {
  await isTaken(await next());
  await xa[Symbol.asyncDispose]();
  await federation.startNode('XA');
  const digest = await federation.release('XA', content('warning'));
  await Promise.all([xb.received(digest), xc.received(digest)]);
  const back = await federation.release('XB', content('warning'));
  await new NodeView(federation, 'XA').received(back);
});
