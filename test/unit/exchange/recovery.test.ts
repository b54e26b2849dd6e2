/** What a link does when its ends disagree: numbers given up, rosters that differ, members put out, kinds not known yet. */
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { hex, utf8 } from '../../../src/base/bytes.ts';
import { MemberStatus } from '../../../src/gen/tocsin/record/v1/identity.ts';
import { assembleRoster, proposeRoster, signRoster } from '../../../src/identity/index.ts';
import { judgeCheckpointText, parseNote } from '../../../src/merkle/index.ts';
import { baselinePolicy } from '../../../src/policy/index.ts';
import { type Federation, makeFederation } from '../../support/authority.ts';
import { TestNetwork } from '../../support/exchange-network.ts';
import { DELIVER, type Posted } from '../../support/memory-mail.ts';
import { ParcelForge } from '../../support/parcel-forge.ts';

const NODES = ['XA', 'XB', 'XC'].map((node) => ({ node, groups: ['adequate', 'sac'] }));

let federation: Federation;
let net: TestNetwork;

beforeAll(async () => {
  federation = await makeFederation({ nodes: NODES, baselinePolicy: baselinePolicy() });
});
afterAll(() => federation[Symbol.asyncDispose]());
afterEach(() => net.close());

describe('a manifest that its recipient keeps refusing', () => {
  test('is given up by a signed skip; what follows is taken, and people are told at both ends', async () => {
    net = await TestNetwork.create({ nodes: NODES.slice(0, 2) }, federation);
    const [xa, xb] = [net.of('XA'), net.of('XB')];
    await net.start();
    await xa.release();
    await net.until('the first is in', () => xa.told.delivered === 1);

    // XB believes another root for the very size that the next manifest states.
    const held: Posted[] = [];
    net.mail.fate = (mail) => {
      if (mail.lane === 1) held.push(mail);
      return mail.lane === 1 ? { copies: 0, behind: 0 } : DELIVER;
    };
    xa.reachable = false;
    const poisoned = await xa.release();
    await net.until('it is put', () => held.length > 0);
    const [mail] = held;
    if (!mail) throw new Error('expected a parcel');
    const { manifest } = await new ParcelForge(net).open(mail);
    const note = parseNote(manifest.checkpoint);
    const checkpoint = note.ok ? judgeCheckpointText(note.value.text) : note;
    if (!checkpoint.ok) throw new Error(checkpoint.detail);
    const { origin, size } = checkpoint.value;
    const root = new Uint8Array(32).fill(1);
    await xb.store.write((tx) =>
      tx.ledger.keepKnownLog({ origin, size, root, note: utf8('-'), node: 'XA', at: 1 }),
    );
    net.mail.fate = () => DELIVER;
    xa.reachable = true;

    await net.until('it is given up', async () => (await xa.outbox()).skipped === 1, 15_000);
    const next = await xa.release();
    await net.until(
      'what follows is taken',
      async () => (await xb.inbox()).includes(hex(next.digest)),
      15_000,
    );
    expect(await xb.inbox()).not.toContain(hex(poisoned.digest));
    expect(await xa.alarms()).toContain('MANIFEST_SKIPPED');
    expect(await xb.alarms()).toEqual(expect.arrayContaining(['LOG_FORK', 'CHECKPOINT_UNLINKED']));
  });
});

describe('a roster that suspends a member', () => {
  test('spreads with the first parcel under it, and what the member sends from then on is refused', async () => {
    net = await TestNetwork.create({ nodes: NODES }, federation);
    const [xa, xb, xc] = [net.of('XA'), net.of('XB'), net.of('XC')];
    await net.start();
    const content = {
      ...federation.rosterContent,
      members: federation.rosterContent.members.map((member) =>
        member.node === 'XA'
          ? { ...member, status: MemberStatus.MEMBER_STATUS_SUSPENDED, statusFrom: BigInt(net.clock.nowMs()) }
          : member,
      ),
      issuedMs: net.clock.nowMs(),
    };
    const proposal = proposeRoster(content, federation.roster);
    const signatures = await Promise.all(
      ['XB', 'XC'].map((member) =>
        signRoster({ body: proposal.body, member, keyring: federation.of(member).keyring }),
      ),
    );
    const adopted = await xc.directory.adoptRoster(assembleRoster(proposal.body, signatures));
    expect(adopted.ok).toBe(true);

    const signed = await xc.release();
    await net.until('XB took it', async () => (await xb.inbox()).includes(hex(signed.digest)));
    expect(xb.directory.roster().version).toBe(2n);

    const late = await xa.release();
    await net.until('XB refuses', () => xb.told.refused.includes('SUSPENDED'));
    expect(await xb.inbox()).not.toContain(hex(late.digest));
  });
});
