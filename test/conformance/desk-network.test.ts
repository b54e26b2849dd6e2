/** What a desk is told of the network: who signed which roster and who has yet to, and which records a partner has not receipted. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Desk } from '../../src/desk/index.ts';
import { DeskCallError } from '../../src/desk/index.ts';
import { RosterHistory, SignedRoster } from '../../src/gen/tocsin/record/v1/identity.ts';
import { assembleRoster, proposeRoster, signRoster } from '../../src/identity/index.ts';
import { exampleContent } from '../support/contents.ts';
import { deskWorld, type World } from '../unit/desk/desk-world.ts';

let world: World;
let officer: Desk;
let administrator: Desk;

beforeAll(async () => {
  world = await deskWorld();
  officer = world.as(await world.officer('customs', 'officer'));
  administrator = world.as(await world.officer('customs', 'administrator'));
});
afterAll(() => world[Symbol.asyncDispose]());

async function failure(call: Promise<unknown>): Promise<DeskCallError> {
  try {
    await call;
  } catch (error) {
    if (error instanceof DeskCallError) return error;
    throw error;
  }
  throw new Error('expected the call to fail');
}

/** The next version with a name of its own, signed by these. */
async function proposed(signers: readonly string[], networkName = 'Renamed network'): Promise<Buffer> {
  const { rosterContent, roster, history, of } = world.federation;
  const { body } = proposeRoster(
    { ...rosterContent, networkName, members: rosterContent.members.map((member) => ({ ...member })) },
    roster,
  );
  const signatures = await Promise.all(
    signers.flatMap((member) => {
      const { keyring } = of(member);
      return [signRoster({ body, member, keyring }), signRoster({ body, member, keyring, byPrevious: true })];
    }),
  );
  const rosters = [...history.rosters, assembleRoster(body, signatures)];
  return Buffer.from(RosterHistory.encode({ rosters }).finish());
}

describe('the roster', () => {
  it('tells who signed the versions that were in use, where it is asked to', async () => {
    expect((await officer.network.getRoster({})).versions).toEqual([]);
    const { versions, version, digest } = await officer.network.getRoster({ versions: 20 });
    expect(versions.map((one) => [one.version, one.digest])).toEqual([[version, digest]]);
    expect(versions[0]?.signedBy).toEqual(['XA', 'XB']);
    expect(Number(versions[0]?.issued)).toBeGreaterThan(0);
  });

  it('tells of at most 20 versions', async () => {
    await officer.network.getRoster({ versions: 20 });
    expect((await failure(officer.network.getRoster({ versions: 21 }))).violations).toMatchObject([
      { field: 'versions' },
    ]);
  });

  it('tells administrators how far a proposed version is signed, and who is missing', async () => {
    const one = (await administrator.network.getRoster({ proposal: await proposed(['XC']) })).proposal;
    expect(one).toMatchObject({ version: 2n, follows: true, changed: [], policyChanged: false });
    expect(one?.own).toEqual({ signedBy: ['XC'], missing: ['XA', 'XB'], threshold: 2 });
    expect(one?.before).toEqual({ signedBy: ['XC'], missing: ['XA', 'XB'], threshold: 2 });
    expect((await officer.network.getRoster({})).version).toBe(1n);
  });

  it('counts no signature that does not verify', async () => {
    const { rosters } = RosterHistory.decode(await proposed(['XB', 'XC']));
    const last = rosters.at(-1) as SignedRoster;
    const [first, ...rest] = last.signatures;
    const forged = rest.map((one) => (one.member === 'XC' ? { ...one, signature: first?.signature } : one));
    const proposal = Buffer.from(
      RosterHistory.encode({
        rosters: [...rosters.slice(0, -1), { ...last, signatures: first ? [first, ...forged] : [] }],
      }).finish(),
    );
    const answer = await administrator.network.getRoster({ proposal });
    expect(answer.proposal?.own).toMatchObject({ signedBy: ['XB'], missing: ['XA', 'XC'] });
  });

  it('refuses a file that holds no next version, and takes one that nobody signed yet', async () => {
    const old = Buffer.from(SignedRoster.encode(world.federation.signedRoster).finish());
    const { proposal } = await administrator.network.getRoster({ proposal: await proposed([]) });
    expect(proposal?.own?.signedBy).toEqual([]);
    for (const file of [old, Buffer.from('no roster')]) {
      const refused = await failure(administrator.network.getRoster({ proposal: file }));
      expect([refused.code, refused.violations[0]?.field]).toEqual(['INVALID_REQUEST', 'proposal']);
    }
  });

  it('has its proposal read by administrators alone', async () => {
    const refused = await failure(officer.network.getRoster({ proposal: await proposed(['XA']) }));
    expect(refused.reason).toBe('ROLE');
  });
});

describe('a link', () => {
  it('tells what the partner has receipted, and which records it has not, to who may know of them', async () => {
    const headerDigest = await world.release(world.xa, exampleContent('seizure-notice'));
    const { store } = world.xa.temporary;
    const lane = { recipient: 'XB', lane: 1 } as const;
    const manifest = {
      ...lane,
      incarnation: 1,
      digest: Buffer.alloc(32, 1),
      body: Buffer.alloc(4),
      signature: Buffer.alloc(4),
      state: 'open',
      attempts: 1,
      nextAttemptAt: 0,
    } as const;
    await store.write(async (tx) => {
      const seqs = [
        [1n, 'content'],
        [2n, 'content'],
        [3n, 'receipts'],
      ] as const;
      for (const [seq, contentKind] of seqs)
        await tx.links.addManifest({ ...manifest, seq, contentKind, digest: Buffer.alloc(32, Number(seq)) });
      await tx.links.closeManifest({ ...lane, incarnation: 1, seq: 1n }, 777);
      await tx.links.closeManifest({ ...lane, incarnation: 1, seq: 3n }, 778);
      await tx.links.setOut({
        ...lane,
        incarnation: 1,
        seq: 3n,
        digest: Buffer.alloc(32, 3),
        checkpointSize: 0n,
        ackSeq: 3n,
      });
    });
    const { links } = await officer.network.listLinks({});
    expect(links[0]).toMatchObject({ partner: 'XB', unreceipted: [], unreceiptedHidden: 0 });
    // What is acknowledged without a receipt was not receipted.
    expect(links[0]?.lanes[1]).toMatchObject({ sentSeq: 3n, receiptedSeq: 1n, receiptedAt: 777n });

    const of = async (desk: Desk) => (await desk.network.listLinks({ partner: 'XB' })).links;
    const [link, ...others] = await of(officer);
    expect(others).toEqual([]);
    expect(link?.unreceipted.map((one) => Buffer.from(one.headerDigest))).toEqual([
      Buffer.from(headerDigest),
    ]);
    expect(link?.unreceipted[0]).toMatchObject({ kind: 'seizure-notice', seq: 0n });
    // An auditor sees that there is one, and not which.
    const [audited] = await of(world.as(await world.officer('customs', 'auditor')));
    expect([audited?.unreceipted, audited?.unreceiptedHidden]).toEqual([[], 1]);

    const [row] = await store.read((tx) => tx.outbox.openTo('XB', 50));
    await store.write((tx) =>
      tx.outbox.close([{ id: row?.id ?? 0, state: 'receipted', receiptDigest: Buffer.alloc(32) }], 779),
    );
    expect((await of(officer))[0]?.unreceipted).toEqual([]);
    expect((await failure(officer.network.listLinks({ partner: 'XX' }))).code).toBe('NOT_FOUND');
  });

  it('tells of the oldest 50 such records at most', async () => {
    const { store } = world.xa.temporary;
    const headerDigest = await world.release(world.xa, exampleContent('seizure-notice'));
    const [row] = await store.read((tx) => tx.outbox.openTo('XC', 1));
    if (row === undefined) throw new Error(`expected a row of ${Buffer.from(headerDigest).toString('hex')}`);
    const count = async () =>
      (await officer.network.listLinks({ partner: 'XC' })).links[0]?.unreceipted.length;
    const open = await store.read((tx) => tx.outbox.openTo('XC', 60));
    const more = (rows: number) => store.write((tx) => tx.outbox.add(Array(rows).fill(row), 1));
    await more(50 - open.length);
    expect(await count()).toBe(50);
    await more(1);
    expect(await count()).toBe(50);
  });
});
