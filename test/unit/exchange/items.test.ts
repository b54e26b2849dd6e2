/** Items that are refused or put aside one by one, while the ones beside them are taken. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { hex } from '../../../src/base/bytes.ts';
import { systemRandom } from '../../../src/base/clock.ts';
import { ItemAction, ParcelItem } from '../../../src/gen/tocsin/exchange/v1/parcel.ts';
import { Status } from '../../../src/gen/tocsin/record/v1/marking.ts';
import { Recall, RecallReason, RecallScope } from '../../../src/gen/tocsin/record/v1/recall.ts';
import { createStatement } from '../../../src/identity/index.ts';
import { judgeMisconduct } from '../../../src/ledger/index.ts';
import { baselinePolicy, type PolicyEngine } from '../../../src/policy/index.ts';
import { encodeHeader, reasonName, type SignedHeader } from '../../../src/record/index.ts';
import type { OutboxEntry } from '../../../src/store/index.ts';
import { type Federation, makeFederation } from '../../support/authority.ts';
import { QUICK, TestNetwork, type TestNode } from '../../support/exchange-network.ts';
import { DELIVER, type Posted } from '../../support/memory-mail.ts';
import { type Opened, ParcelForge } from '../../support/parcel-forge.ts';

const NODES = ['XA', 'XB', 'XC'].map((node) => ({ node, groups: ['adequate', 'sac'] }));

let federation: Federation;
let net: TestNetwork;
let forge: ParcelForge;
let xa: TestNode;
let xb: TestNode;
/** Senders that ignore every policy while it is set. */
let lawless = false;

/** A dishonest sender's policy: everything to everybody. */
const lawlessly = (_node: TestNode, engine: PolicyEngine) => ({
  viewFor: (...args: Parameters<PolicyEngine['viewFor']>) => {
    const view = engine.viewFor(...args);
    if (!lawless) return view;
    const yes = { ...view.receive, allowed: true };
    const names = args[0].signed.header.commitments.map(({ facet }) => facet);
    return { ...view, receive: yes, facets: new Map(names.map((name) => [name, yes])) };
  },
  judgeArrival: (...args: Parameters<PolicyEngine['judgeArrival']>) => engine.judgeArrival(...args),
});

beforeAll(async () => {
  federation = await makeFederation({ nodes: NODES, baselinePolicy: baselinePolicy() });
  const options = { ...QUICK, lane: { ...QUICK.lane, receiptLateMs: 60_000 } };
  net = await TestNetwork.create({ nodes: NODES, options, policyOf: lawlessly }, federation);
  forge = new ParcelForge(net);
  [xa, xb] = [net.of('XA'), net.of('XB')];
  await net.start();
  await xa.release();
  await net.until('everyone knows everyone', () => xa.told.delivered === 2);
});

afterAll(async () => {
  await net.close();
  await federation[Symbol.asyncDispose]();
});

/** Holds the next parcel of XA to XB back, changes its items, and delivers it in its stead. */
async function withItems(make: () => Promise<unknown>, change: (opened: Opened) => void): Promise<void> {
  const held: Posted[] = [];
  net.mail.fate = (mail) => {
    if (mail.sender !== 'XA' || mail.recipient !== 'XB' || mail.lane !== 1) return DELIVER;
    held.push(mail);
    return { copies: 0, behind: 0 };
  };
  xa.reachable = false;
  await make();
  await net.until('it is put', () => held.length > 0);
  const [mail] = held;
  if (!mail) return;
  const opened = await forge.open(mail);
  change(opened);
  net.mail.deliver({ ...mail, bytes: await forge.seal(opened.content) });
  net.mail.fate = () => DELIVER;
  xa.reachable = true;
}

/** How the rows of a record to XB ended. */
async function ends(signed: SignedHeader): Promise<string[]> {
  const rows = async () => {
    const all = await xa.store.read((tx) => tx.outbox.ofRecord(signed.digest));
    return all.filter(({ recipient }) => recipient === 'XB');
  };
  await net.until('its rows are closed', async () =>
    (await rows()).every(({ closedAt }) => closedAt !== undefined),
  );
  return (await rows()).map(({ state, resultReason }) =>
    resultReason === undefined ? state : `${state} ${reasonName(resultReason)}`,
  );
}

const rowFor = (signed: SignedHeader, entry: Partial<OutboxEntry> = {}): OutboxEntry => ({
  recipient: 'XB',
  lane: 1,
  action: ItemAction.ITEM_ACTION_RECORD,
  headerDigest: signed.digest,
  facets: [],
  audience: { deskGroups: [1], purposes: [4] },
  facetAudiences: [],
  basis: 'R0',
  ...entry,
});

/** Queues a row as a sender that breaks the rules would, and wakes its lane. */
async function queue(node: TestNode, entry: OutboxEntry): Promise<void> {
  await node.store.write((tx) => tx.outbox.add([entry], node.clock.nowMs()));
}

describe('one item', () => {
  test('with a changed facet is refused as COMMITMENT_MISMATCH, the one beside it is taken', async () => {
    let released: SignedHeader[] = [];
    await withItems(
      async () => {
        released = await xa.releaseMany(2);
      },
      ({ content }) => {
        const facet = content.items[0]?.facets[0];
        if (facet) facet.salt = Buffer.alloc(32, 1);
      },
    );
    const results = await Promise.all(released.map(ends));
    expect(results.flat().sort()).toEqual(['receipted', 'refused COMMITMENT_MISMATCH']);
    expect(await xb.inbox()).toHaveLength(2);
  });

  test('whose proof leads elsewhere is refused as PROOF_INVALID', async () => {
    let released: SignedHeader[] = [];
    await withItems(
      async () => {
        released = await xa.releaseMany(2);
      },
      ({ content }) => {
        const inclusion = content.items[1]?.inclusion;
        if (inclusion) inclusion.index += 1n;
      },
    );
    const results = await Promise.all(released.map(ends));
    expect(results.flat().sort()).toEqual(['receipted', 'refused PROOF_INVALID']);
  });

  test('that is left empty counts as withdrawn', async () => {
    let released: SignedHeader | undefined;
    await withItems(
      async () => {
        released = await xa.release();
      },
      ({ content }) => {
        content.items[0] = ParcelItem.create();
      },
    );
    expect(released && (await ends(released))).toEqual(['withdrawn WITHDRAWN']);
  });

  test('of facets whose header is not held is refused as HEADER_UNKNOWN', async () => {
    lawless = true;
    const signed = await xa.release('warning', { edit: onlyTo('XC') });
    lawless = false;
    // XA never offered XB the record; now it sends facets of it.
    await queue(xa, rowFor(signed, { action: ItemAction.ITEM_ACTION_FACETS, facets: ['summary'] }));
    lawless = true;
    await xa.release();
    expect(await ends(signed)).toEqual(['refused HEADER_UNKNOWN']);
    lawless = false;
  });

  test('of exercise is proved by the exercise log, and taken as such', async () => {
    const signed = await xa.release('warning', {
      edit: (content) => ({ ...content, marking: { ...content.marking, status: Status.STATUS_EXERCISE } }),
    });
    expect(await ends(signed)).toEqual(['receipted']);
    const held = await xb.store.read((tx) => tx.records.byDigest(signed.digest));
    expect(held?.logOrigin).toContain('/exercise/');
  });
});

const onlyTo =
  (...releasableTo: string[]): NonNullable<Parameters<TestNode['release']>[1]>['edit'] & object =>
  (content) => ({ ...content, marking: { ...content.marking, releasableTo } });

describe('revisions', () => {
  test('a higher one supersedes, a lower one that comes late is refused as SUPERSEDED', async () => {
    const recordId = systemRandom.bytes(16);
    const first = await xa.release('warning', { recordId, edit: onlyTo('XC') });
    const second = await xa.release('warning', { recordId, revision: 2, supersedes: first.digest });
    expect(await ends(second)).toEqual(['receipted']);
    lawless = true;
    await queue(xa, rowFor(first));
    await xa.release();
    expect(await ends(first)).toEqual(['refused SUPERSEDED']);
    lawless = false;
  });

  test('in their order: the record held is marked as superseded', async () => {
    const recordId = systemRandom.bytes(16);
    const first = await xa.release('warning', { recordId });
    const second = await xa.release('warning', { recordId, revision: 2, supersedes: first.digest });
    expect([...(await ends(first)), ...(await ends(second))]).toEqual(['receipted', 'receipted']);
    const held = await xb.store.read((tx) => tx.records.revisions('XA', recordId, 'live'));
    expect(held.map(({ state }) => state)).toEqual(['superseded', 'released']);
  });

  test('two headers for one revision are both kept, the second aside, and people are told', async () => {
    const recordId = systemRandom.bytes(16);
    const first = await xa.release('warning', { recordId });
    expect(await ends(first)).toEqual(['receipted']);
    const second = await xa.release('warning', { recordId });
    expect(await ends(second)).toEqual(['refused RECORD_FORK']);
    expect(await xb.alarms()).toContain('RECORD_FORK');
    const { items } = await xb.store.read((tx) => tx.alarms.list({ code: 'RECORD_FORK' }));
    const networkDigest = federation.network;
    const proof = judgeMisconduct({ bytes: items[0]?.evidence ?? new Uint8Array(), networkDigest });
    expect(proof).toMatchObject({ ok: true, value: { culprits: ['XA'], deed: 'record-fork' } });
    const [aside] = await xb.store.read((tx) => tx.inbox.quarantined(1));
    expect(hex(aside?.headerDigest ?? new Uint8Array())).toBe(hex(second.digest));
  });
});

describe('a recall', () => {
  const recallOf =
    (target: SignedHeader): NonNullable<Parameters<TestNode['release']>[1]>['edit'] & object =>
    (content) => ({
      ...content,
      facets: {
        recall: Recall.encode({
          target: Buffer.from(target.digest),
          recordId: target.header.recordId,
          scope: RecallScope.RECALL_SCOPE_WHOLE,
          facets: [],
          reason: RecallReason.RECALL_REASON_ERROR,
          mustPurge: true,
          deadline: BigInt(xa.clock.nowMs() + 86_400_000),
          recipients: [],
        }).finish(),
      },
      marking: { ...content.marking, releasableTo: ['XB'] },
    });

  test('marks the record that is held', async () => {
    const target = await xa.release();
    expect(await ends(target)).toEqual(['receipted']);
    const recall = await xa.release('recall', { edit: recallOf(target) });
    expect(await ends(recall)).toEqual(['receipted']);
    const held = await xb.store.read((tx) => tx.records.byDigest(target.digest));
    expect(held?.state).toBe('recalled');
  });

  test('that comes before its target wins', async () => {
    const target = await xa.release('warning', { edit: onlyTo('XC') });
    const recall = await xa.release('recall', { edit: recallOf(target) });
    expect(await ends(recall)).toEqual(['receipted']);
    lawless = true;
    await queue(xa, rowFor(target));
    await xa.release();
    expect(await ends(target)).toEqual(['refused RECALLED']);
    lawless = false;
  });
});

describe('a third party', () => {
  test('without a right to forward is refused, its parcel kept as evidence, and people are told', async () => {
    const xc = net.of('XC');
    const signed = await xa.release('warning', { edit: onlyTo('XC') });
    await net.until('XC holds it', async () => (await xc.inbox()).includes(hex(signed.digest)));
    lawless = true;
    await queue(xc, rowFor(signed, { facets: ['summary'] }));
    await xc.release();
    await net.until('it is put aside', () => xb.told.refused.includes('THIRD_PARTY_BREACH'));
    lawless = false;
    expect(await xb.alarms()).toContain('THIRD_PARTY_BREACH');
    expect(await xb.inbox()).not.toContain(hex(signed.digest));
  });
});

describe('kinds and times', () => {
  test('a kind that is not known here is refused, and offered again when the statement lists it', async () => {
    const { signed: warning, facets } = xa.assemble('warning');
    const signed = encodeHeader(federation.network, { ...warning.header, kind: 'trace-request' });
    await xa.commit([{ signed, facets }]);
    await queue(xa, rowFor(signed));
    lawless = true;
    await xa.release();
    expect(await ends(signed)).toEqual(['refused UNKNOWN_KIND']);
    const number = async () => (await xa.store.read((tx) => tx.outbox.ofRecord(signed.digest)))[0]?.seq ?? 0n;
    const before = await number();

    const { keyring, authority, statement } = federation.of('XB');
    const next = await createStatement(
      {
        network: federation.network,
        node: 'XB',
        incarnation: 1,
        sequence: 2n,
        predecessor: statement.digest,
        notBeforeMs: xa.clock.nowMs() - 1_000,
        notAfterMs: xa.clock.nowMs() + 86_400_000,
        keyring,
        kinds: [{ kind: 'trace-request', schemaVersion: 1 }],
      },
      authority,
    );
    expect((await xa.directory.judgeAndKeep('XB', next)).ok).toBe(true);
    await net.until('it was sent again', async () => (await number()) > before);
    lawless = false;
  });

  // Last, since the clock of all nodes jumps ahead in it.
  test('a record that has expired on its way is refused as EXPIRED', async () => {
    let released: SignedHeader | undefined;
    await withItems(
      async () => {
        released = await xa.release('warning');
        await net.until('it was put', async () => (await xa.waiting()) === 0);
        xa.clock.skewMs = 380 * 86_400_000;
      },
      () => undefined,
    );
    await net.until('it is refused', () => xb.told.refused.includes('EXPIRED'));
    xa.clock.skewMs = 0;
    expect(await xb.inbox()).not.toContain(hex(released?.digest ?? new Uint8Array()));
  });
});
