/** Policy at the desk: who reads and explains it, what another would change, and how two administrators put one in force. */
import { readFile, writeFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { LIMITS } from '../../src/base/limits.ts';
import { type Desk, DeskCallError } from '../../src/desk/index.ts';
import {
  type PolicyDiffCounts,
  type PolicyDiffRow,
  PolicyLayer,
  PolicyProposalState,
} from '../../src/gen/tocsin/desk/v1/policy_service.ts';
import { DeskGroup, Purpose } from '../../src/gen/tocsin/record/v1/marking.ts';
import { nationalTemplate } from '../../src/policy/index.ts';
import { exampleContent } from '../support/contents.ts';
import { clock, deskWorld, type World } from '../unit/desk/desk-world.ts';

let world: World;
let first: Desk;
let second: Desk;
let auditor: Desk;
let officer: Desk;
let headerDigest: Uint8Array;

const content = (marking: object = {}) => {
  const example = exampleContent('seizure-notice', clock.nowMs()) as Record<string, object>;
  return {
    ...example,
    deskGroup: 'customs',
    marking: { ...example.marking, releasableTo: ['sac'], ...marking },
  };
};

beforeAll(async () => {
  world = await deskWorld();
  const open = async (role: Parameters<World['officer']>[1], name: string) =>
    world.as(await world.officer('customs', role, name));
  first = await open('administrator', 'Ada First');
  second = await open('administrator', 'Ben Second');
  auditor = await open('auditor', 'Cora Auditor');
  officer = await open('officer', 'Dora Officer');
  headerDigest = await world.release(world.xa, content());
});
afterAll(() => world[Symbol.asyncDispose]());

const failure = async (call: Promise<unknown>): Promise<DeskCallError> => {
  const error = await call.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (error instanceof DeskCallError) return error;
  throw new Error('expected the call to be refused', { cause: error });
};

let numbers = 0;
/** A policy that no test proposed before. */
const another = (): string => {
  numbers += 1;
  return `@id("N${numbers}-nothing") @reason("nothing number ${numbers}")
forbid (principal, action == Action::"receive", resource) when { principal.node == "X${numbers}" };
`;
};

const propose = async (policy: string, by = first, reason = 'as the board decided') => {
  const { digest } = await by.policy.getPolicy({});
  const { proposal } = await by.policy.proposePolicy({ policy, reason, base: digest });
  if (proposal === undefined) throw new Error('expected a proposal');
  return proposal;
};

const actions = async (subject: string) => {
  const { items } = await world.xa.temporary.store.read((tx) => tx.audit.list({ subject, limit: 50 }));
  return items
    .map(({ action }) => action)
    .filter((action) => !action.endsWith('-read'))
    .reverse();
};

describe('the policy in force', () => {
  it('is read by administrators and auditors, rule by rule with its reason, and by nobody else', async () => {
    for (const desk of [first, auditor]) {
      const policy = await desk.policy.getPolicy({});
      const layers = new Set(policy.rules.map(({ layer }) => layer));
      expect([...layers]).toEqual([
        PolicyLayer.POLICY_LAYER_BASELINE,
        PolicyLayer.POLICY_LAYER_MARKING,
        PolicyLayer.POLICY_LAYER_DESK,
      ]);
      expect(policy.rules.every(({ id, reason, text }) => id !== '' && reason !== '' && text !== '')).toBe(
        true,
      );
      expect(policy).toMatchObject({ national: '', rosterVersion: 1n, fileDiffers: false });
      expect(policy.digest).toBe(world.xa.policy.digest);
      expect(policy.templates.map(({ name }) => name)).toEqual(['standard', 'strict']);
    }
    for (const call of [
      officer.policy.getPolicy({}),
      officer.policy.listPolicyProposals({}),
      officer.policy.getPolicyProposal({ id: '0'.repeat(32) }),
    ])
      expect(await failure(call)).toMatchObject({ code: 'REFUSED', reason: 'ROLE' });
  });
});

describe('an own record explained', () => {
  it('to administrators and auditors says who sees which facet by which rule, and nothing of what it says', async () => {
    for (const desk of [first, auditor]) {
      const answer = await desk.policy.explain({ headerDigest, partner: 'XB' });
      expect(answer.kind).toBe('seizure-notice');
      expect(answer.view?.receive).toMatchObject({ allowed: true });
      expect(answer.view?.facets.every(({ decision }) => (decision?.rule ?? '') !== '')).toBe(true);
      // They read no record by virtue of the role.
      expect((await failure(desk.records.getRecord({ headerDigest }))).code).toBe('NOT_FOUND');
      expect((await failure(desk.policy.previewRecord({ headerDigest }))).code).toBe('NOT_FOUND');
    }
  });

  it('for one desk and purpose differs from what is sealed to the node', async () => {
    const asked = { headerDigest, partner: 'XB' };
    const cell = { deskGroup: DeskGroup.DESK_GROUP_LICENSING, purpose: Purpose.PURPOSE_LICENSING };
    const whole = await officer.policy.explain(asked);
    const { view } = await officer.policy.explain({ ...asked, ...cell });
    expect(view?.deskGroups).toEqual([cell.deskGroup]);
    const seen = (of: typeof view) =>
      (of?.facets ?? []).filter(({ decision }) => decision?.allowed === true).map(({ facet }) => facet);
    expect(seen(whole.view)).toEqual(expect.arrayContaining(seen(view)));
    expect(seen(view).length).toBeLessThan(seen(whole.view).length);
    const wrong = { deskGroup: DeskGroup.DESK_GROUP_LICENSING, purpose: Purpose.PURPOSE_CUSTOMS_CONTROL };
    const refused = await officer.policy.explain({ ...asked, ...wrong });
    expect(refused.view?.receive).toMatchObject({ allowed: false, rule: 'R7' });
  });

  it('is found by its record id too; half a cell, both ids, or a record that is not own are refused', async () => {
    const recordId = (await world.xa.temporary.store.read((tx) => tx.records.byDigest(headerDigest)))
      ?.recordId;
    if (recordId === undefined) throw new Error('expected the record');
    const found = await auditor.policy.explain({ recordId, partner: 'XB' });
    expect(Buffer.from(found.headerDigest).equals(headerDigest)).toBe(true);
    const half = auditor.policy.explain({
      recordId,
      headerDigest,
      partner: 'XB',
      purpose: Purpose.PURPOSE_LICENSING,
    });
    expect((await failure(half)).violations.map(({ field }) => field)).toEqual(['record_id', 'purpose']);
    const theirs = await world.release(world.xb, content());
    await world.deliver(theirs);
    expect((await failure(auditor.policy.explain({ headerDigest: theirs, partner: 'XC' }))).code).toBe(
      'NOT_FOUND',
    );
    expect((await failure(officer.policy.explain({ headerDigest: theirs, partner: 'XC' }))).code).toBe(
      'STATE',
    );
  });

  it('of an exercise is not explained among live ones', async () => {
    const exercise = await world.release(world.xa, content({ status: 'EXERCISE' }));
    expect((await failure(auditor.policy.explain({ headerDigest: exercise, partner: 'XB' }))).code).toBe(
      'NOT_FOUND',
    );
  });
});

describe('a comparison in counts', () => {
  const compare = async (newPolicy: string) => {
    const rows: PolicyDiffRow[] = [];
    let counts: PolicyDiffCounts | undefined;
    for await (const { entry } of first.policy.diffPolicy({ newPolicy, summary: true })) {
      if (entry?.$case === 'row') rows.push(entry.value);
      else if (entry?.$case === 'counts') counts = entry.value;
      else throw new Error(`expected rows and counts, got ${entry?.$case}`);
    }
    return { rows, counts };
  };

  it('says how many records of a kind which desk of whom no longer sees, and for what', async () => {
    const { rows, counts } = await compare(`@id("no-xb-licensing") @reason("nothing for licensing to XB")
      forbid (principal, action == Action::"receive", resource)
      when { principal.node == "XB" && principal.deskGroup == "licensing" };`);
    expect(counts?.records).toBe(1);
    // The desk is one of several: no whole cell of the matrix changes.
    expect([counts?.newlyVisible, counts?.newlyHidden]).toEqual([0, 0]);
    expect(rows.find(({ facet }) => facet === '')).toMatchObject({
      kind: 'seizure-notice',
      partner: 'XB',
      deskGroup: DeskGroup.DESK_GROUP_LICENSING,
      visible: false,
      records: 1,
    });
    expect(
      rows.every(({ partner, visible, purposes }) => partner === 'XB' && !visible && purposes.length > 0),
    ).toBe(true);
  });

  it('sees a purpose that a desk loses while it keeps others', async () => {
    const { rows } = await compare(`@id("not-for-licensing") @reason("no commercial data for LICENSING")
      forbid (principal, action == Action::"receive", resource)
      when { principal.node == "XC" && context.purpose == "LICENSING" };`);
    expect(rows.length).toBeGreaterThan(0);
    for (const { purposes, visible } of rows)
      expect([purposes, visible]).toEqual([[Purpose.PURPOSE_LICENSING], false]);
  });

  it('of a policy with itself finds nothing', async () => {
    expect(await compare('')).toEqual({ rows: [], counts: { records: 1, newlyVisible: 0, newlyHidden: 0 } });
  });
});

describe('another national policy', () => {
  it('is proposed by one administrator and put in force by a second, in the file too, and each step is in the trail', async () => {
    const before = await first.policy.getPolicy({});
    const strict = nationalTemplate('strict');
    const proposal = await propose(strict);
    expect(proposal).toMatchObject({
      state: PolicyProposalState.POLICY_PROPOSAL_STATE_OPEN,
      proposer: 'Ada First',
      own: true,
      stale: false,
      base: before.digest,
      decidedAt: 0n,
    });
    const listed = (await auditor.policy.listPolicyProposals({ open: true })).proposals;
    expect(listed).toMatchObject([{ id: proposal.id, own: false, reason: 'as the board decided' }]);
    expect((await second.policy.getPolicyProposal({ id: proposal.id })).policy).toBe(strict);
    expect(world.xa.policy.digest).toBe(before.digest);

    const adopted = await second.policy.adoptPolicy({ id: proposal.id });
    expect(adopted.proposal).toMatchObject({
      state: PolicyProposalState.POLICY_PROPOSAL_STATE_ADOPTED,
      decider: 'Ben Second',
      stale: false,
    });
    const after = await auditor.policy.getPolicy({});
    expect(after).toMatchObject({ national: strict, digest: adopted.digest, fileDiffers: false });
    expect(after.rules.filter(({ layer }) => layer === PolicyLayer.POLICY_LAYER_NATIONAL)).toHaveLength(5);
    expect(await readFile(world.xa.policyFile, 'utf8')).toBe(strict);
    expect(await actions(proposal.id)).toEqual(['policy.proposed', 'policy.adopting', 'policy.adopted']);
    expect(await actions(adopted.digest)).toEqual(['policy.changed']);
    // The call was repeated since its answer was lost.
    expect((await second.policy.adoptPolicy({ id: proposal.id })).proposal).toEqual(adopted.proposal);
    expect((await failure(first.policy.adoptPolicy({ id: proposal.id }))).code).toBe('NOT_OPEN');
    expect((await failure(first.policy.withdrawPolicy({ id: proposal.id }))).code).toBe('NOT_OPEN');
  });

  it('is not adopted by whoever proposed it', async () => {
    const { id } = await propose(another());
    const refused = await failure(first.policy.adoptPolicy({ id }));
    expect([refused.code, refused.reason]).toEqual(['FOUR_EYES', 'FOUR_EYES']);
    expect(await readFile(world.xa.policyFile, 'utf8')).not.toContain(`number ${numbers}`);
    await first.policy.withdrawPolicy({ id });
  });

  it('is not proposed, adopted or turned down by any other role, nor in an exercise', async () => {
    const { id } = await propose(another());
    const { digest } = await first.policy.getPolicy({});
    for (const desk of [auditor, officer]) {
      const asked = { policy: another(), reason: 'because', base: digest };
      for (const call of [
        desk.policy.proposePolicy(asked),
        desk.policy.adoptPolicy({ id }),
        desk.policy.withdrawPolicy({ id }),
      ])
        expect(await failure(call)).toMatchObject({ code: 'REFUSED', reason: 'ROLE' });
    }
    const exercise = { mode: 'exercise' } as const;
    for (const call of [
      second.policy.proposePolicy({ policy: another(), reason: 'because', base: digest }, exercise),
      second.policy.adoptPolicy({ id }, exercise),
      second.policy.withdrawPolicy({ id }, exercise),
    ])
      expect((await failure(call)).code).toBe('STATE');
    await second.policy.withdrawPolicy({ id, note: 'not now' });
    const [withdrawn] = (await auditor.policy.listPolicyProposals({})).proposals;
    expect(withdrawn).toMatchObject({
      id,
      state: PolicyProposalState.POLICY_PROPOSAL_STATE_WITHDRAWN,
      decider: 'Ben Second',
      note: 'not now',
    });
    expect((await failure(second.policy.adoptPolicy({ id }))).code).toBe('NOT_OPEN');
    expect(await actions(id)).toEqual(['policy.proposed', 'policy.withdrawn']);
  });

  it('with faults is refused with each of them and its line; warnings alone do not keep it out', async () => {
    const { digest, national } = await first.policy.getPolicy({});
    const refused = async (policy: string, reason = 'because', base = digest) =>
      (await failure(first.policy.proposePolicy({ policy, reason, base }))).violations;
    const twice =
      '@id("A") @reason("one")\nforbid (principal, action, resource) when { principal.nothing == 1 };';
    const fields = (await refused(twice)).map(({ field }) => field);
    expect(fields.length).toBeGreaterThan(0);
    expect(new Set(fields)).toEqual(new Set(['policy:2']));
    expect((await refused('forbid (')).length).toBeGreaterThan(0);
    expect(await refused(national)).toMatchObject([{ field: 'policy' }]);
    expect((await refused(another(), ' ', 'none')).map(({ field }) => field)).toEqual(['reason', 'base']);
    const warned = '@id("W") @reason("all")\nforbid (principal, action == Action::"receive", resource);\n';
    const { id } = await propose(warned);
    await first.policy.withdrawPolicy({ id });
  });

  it('of 256 KiB is taken, of one byte more not', async () => {
    const padded = (bytes: number) => {
      const text = another();
      return `${text}// ${'x'.repeat(bytes - text.length - 3)}`;
    };
    const { id, bytes } = await propose(padded(LIMITS.policyBytes));
    expect(bytes).toBe(LIMITS.policyBytes);
    await first.policy.withdrawPolicy({ id });
    const more = await failure(propose(padded(LIMITS.policyBytes + 1)));
    expect(more.violations).toMatchObject([{ field: 'policy' }]);
    const reasons = [await propose(another(), first, 'r'.repeat(2_000))];
    for (const one of reasons) await first.policy.withdrawPolicy({ id: one.id });
    expect((await failure(propose(another(), first, 'r'.repeat(2_001)))).violations).toMatchObject([
      { field: 'reason' },
    ]);
  });

  it('proposed against a policy that is no longer in force is not adopted, and not proposed', async () => {
    const { digest: old } = await first.policy.getPolicy({});
    const [slow, quick] = [await propose(another()), await propose(another(), second)];
    await first.policy.adoptPolicy({ id: quick.id });
    expect((await failure(second.policy.adoptPolicy({ id: slow.id }))).code).toBe('POLICY_STALE');
    const late = { policy: another(), reason: 'because', base: old };
    expect((await failure(first.policy.proposePolicy(late))).code).toBe('POLICY_STALE');
    const { proposals } = await auditor.policy.listPolicyProposals({ open: true });
    expect(proposals).toMatchObject([{ id: slow.id, stale: true }]);
    await first.policy.withdrawPolicy({ id: slow.id });
  });

  it('is not put over a file that somebody edits by hand and that cannot be read', async () => {
    const { id } = await propose(another(), second);
    const whole = await readFile(world.xa.policyFile, 'utf8');
    await writeFile(world.xa.policyFile, `${whole}\nforbid (`);
    expect((await first.policy.getPolicy({})).fileDiffers).toBe(true);
    expect((await failure(first.policy.adoptPolicy({ id }))).code).toBe('POLICY_STALE');
    expect(await readFile(world.xa.policyFile, 'utf8')).toBe(`${whole}\nforbid (`);
    await writeFile(world.xa.policyFile, whole);
    await first.policy.adoptPolicy({ id });
    expect((await first.policy.getPolicy({})).fileDiffers).toBe(false);
  });

  it('of two adoptions at once takes one', async () => {
    const [one, two] = [await propose(another(), first), await propose(another(), second)];
    const outcomes = await Promise.allSettled([
      second.policy.adoptPolicy({ id: one.id }),
      first.policy.adoptPolicy({ id: two.id }),
    ]);
    expect(outcomes.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected']);
    const [open] = (await auditor.policy.listPolicyProposals({ open: true })).proposals;
    await first.policy.withdrawPolicy({ id: open?.id ?? '' });
  });

  it('is proposed sixteen times at most; the same again by the same officer is the same proposal', async () => {
    const policy = another();
    const same = [await propose(policy), await propose(policy)];
    expect(same[1]?.id).toBe(same[0]?.id);
    for (let count = 1; count < 16; count += 1) await propose(another());
    const full = await failure(propose(another()));
    expect(full.code).toBe('TOO_MANY_OPEN');
    const { proposals } = await first.policy.listPolicyProposals({ open: true });
    expect(proposals).toHaveLength(16);
    const page = await first.policy.listPolicyProposals({ open: true, pageSize: 10 });
    const rest = await first.policy.listPolicyProposals({ open: true, cursor: page.nextCursor });
    expect([...page.proposals, ...rest.proposals].map(({ id }) => id)).toEqual(proposals.map(({ id }) => id));
    for (const { id } of proposals) await first.policy.withdrawPolicy({ id });
    await first.policy.withdrawPolicy({ id: (await propose(another())).id });
  });

  it('that does not exist is not found', async () => {
    const id = 'f'.repeat(32);
    for (const call of [
      first.policy.getPolicyProposal({ id }),
      first.policy.adoptPolicy({ id }),
      first.policy.withdrawPolicy({ id }),
    ])
      expect((await failure(call)).code).toBe('NOT_FOUND');
    expect((await failure(first.policy.adoptPolicy({ id: '../x' }))).violations).toMatchObject([
      { field: 'id' },
    ]);
  });
});
