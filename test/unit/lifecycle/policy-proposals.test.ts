/** A national policy on its way into force, stopped at every step: what was decided is neither lost nor made up. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { systemRandom } from '../../../src/base/clock.ts';
import { createPolicyProposals, LifecycleError, type PolicyProposals } from '../../../src/lifecycle/index.ts';
import { type TemporaryStore, temporaryStore } from '../../support/temporary-store.ts';
import { ANNA, BENO } from './desk.ts';

const NOW_MS = 1_900_000_000_000;

let under: TemporaryStore;
/** The file, what is in force, and what goes wrong at the next writing. */
let file: string;
let inForce: string;
let fails: 'before' | 'after' | undefined;
let proposals: PolicyProposals;

const digestNow = () => `digest of ${inForce}`;

function start(): void {
  proposals = createPolicyProposals({
    store: under.store,
    clock: { nowMs: () => NOW_MS },
    random: systemRandom,
    national: {
      standing: async () => ({ digest: digestNow(), national: inForce, fileDiffers: file !== inForce }),
      check: (text) =>
        text.includes('bad') ? [{ severity: 'error', code: 'BAD', line: 2, message: 'expected no bad' }] : [],
      async putInForce(text) {
        if (fails === 'before') throw new Error('the disk is read-only');
        file = text;
        inForce = text;
        if (fails === 'after') throw new Error('the node was killed');
      },
    },
  });
}

beforeEach(async () => {
  under = await temporaryStore();
  [file, inForce, fails] = ['old', 'old', undefined];
  start();
});
afterEach(() => under[Symbol.asyncDispose]());

const propose = () =>
  proposals.propose({ officer: ANNA, text: 'new', reason: 'as decided', base: digestNow() });

const codeOf = async (call: Promise<unknown>): Promise<string> =>
  call.then(
    () => 'done',
    (error: unknown) => (error instanceof LifecycleError ? error.code : String(error)),
  );

const trail = async () =>
  (await under.store.read((tx) => tx.audit.list({ limit: 50 }))).items
    .map(({ action, actor }) => `${action} ${actor}`)
    .reverse();

describe('a proposal', () => {
  it('outlives a restart between the two officers', async () => {
    const { id } = await propose();
    await under.reopen();
    start();
    expect(await proposals.settle()).toBe(0);
    expect(await codeOf(proposals.adopt({ officer: ANNA, id }))).toBe('FOUR_EYES');
    expect(await proposals.adopt({ officer: BENO, id })).toMatchObject({
      state: 'adopted',
      proposer: ANNA.fingerprint,
      decider: BENO.fingerprint,
      decidedAt: NOW_MS,
    });
    expect(inForce).toBe('new');
  });

  it('with faults, without a reason, or against another policy is not kept', async () => {
    const base = digestNow();
    const asked = { officer: ANNA, text: 'new', reason: 'as decided', base };
    expect(await codeOf(proposals.propose({ ...asked, text: 'bad' }))).toBe('INVALID');
    expect(await codeOf(proposals.propose({ ...asked, text: 'old' }))).toBe('INVALID');
    expect(await codeOf(proposals.propose({ ...asked, reason: ' ' }))).toBe('NOTE_REQUIRED');
    expect(await codeOf(proposals.propose({ ...asked, base: 'another' }))).toBe('POLICY_STALE');
    file = 'edited by hand';
    expect(await codeOf(proposals.propose(asked))).toBe('POLICY_STALE');
    expect(await under.store.read((tx) => tx.policyProposals.count('open'))).toBe(0);
  });
});

describe('an adoption', () => {
  it('whose file cannot be written leaves the policy before in force, and the proposal open', async () => {
    const { id } = await propose();
    fails = 'before';
    expect(await codeOf(proposals.adopt({ officer: BENO, id }))).toBe('NOT_WRITTEN');
    expect(inForce).toBe('old');
    expect(await under.store.read((tx) => tx.policyProposals.byId(id))).toMatchObject({ state: 'open' });
    expect(await trail()).toEqual([
      `policy.proposed ${ANNA.fingerprint}`,
      `policy.adopting ${BENO.fingerprint}`,
      'policy.not-adopted node',
    ]);
    fails = undefined;
    expect(await proposals.adopt({ officer: BENO, id })).toMatchObject({ state: 'adopted' });
  });

  it('that failed after it came into force counts as what it is: in force', async () => {
    const { id } = await propose();
    fails = 'after';
    expect(await proposals.adopt({ officer: BENO, id })).toMatchObject({ state: 'adopted' });
    expect((await trail()).at(-1)).toBe('policy.adopted node');
  });

  it.each([
    { killed: 'before the file was written', text: 'old', state: 'open', last: 'policy.not-adopted node' },
    { killed: 'after it was in force', text: 'new', state: 'adopted', last: 'policy.adopted node' },
  ])('killed $killed is settled by the next start', async ({ text, state, last }) => {
    const { id } = await propose();
    // What the first transaction of an adoption leaves.
    await under.store.write((tx) =>
      tx.policyProposals.move(id, 'open', 'adopting', {
        decider: BENO.fingerprint,
        deciderName: BENO.name,
        decidedAt: NOW_MS,
      }),
    );
    await under.reopen();
    [file, inForce] = [text, text];
    start();
    expect(await proposals.settle()).toBe(1);
    expect(await proposals.settle()).toBe(0);
    const found = await under.store.read((tx) => tx.policyProposals.byId(id));
    expect(found?.state).toBe(state);
    expect(found?.decider).toBe(state === 'adopted' ? BENO.fingerprint : undefined);
    expect((await trail()).at(-1)).toBe(last);
  });
});
