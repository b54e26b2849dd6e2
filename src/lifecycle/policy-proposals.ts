/**
 * Another national policy, proposed by one administrator and put in force by a second (domain page §4.1). It is adopted only in
 * the place of the very policy and roster that it was proposed against: what both officers saw of its effect holds for no other.
 */
import { SerialRunner } from '../base/async.ts';
import { hex, utf8 } from '../base/bytes.ts';
import { sha256 } from '../record/index.ts';
import type { StoredPolicyProposal, WriteTx } from '../store/index.ts';
import { auditOf, type LifecycleDeps } from './context.ts';
import { checkedNote } from './draft.ts';
import { refuse } from './errors.ts';
import type { NationalPolicyPort, Officer } from './ports.ts';

export interface PolicyProposalsDeps extends Pick<LifecycleDeps<unknown>, 'store' | 'clock' | 'random'> {
  readonly national: NationalPolicyPort;
}

export interface ProposePolicy {
  readonly officer: Officer;
  /** Cedar text of the whole national policy. */
  readonly text: string;
  readonly reason: string;
  /** Digest in force that it was written against. */
  readonly base: string;
}

export interface OnProposal {
  readonly officer: Officer;
  readonly id: string;
}

/** Each step is durable and audited when it resolves. */
export interface PolicyProposals {
  /**
   * Keeps a proposal for a second officer; the same text by the same officer, still open, answers the same proposal. Throws INVALID
   * with every fault of the text, NOTE_REQUIRED, POLICY_STALE, TOO_MANY_OPEN.
   */
  propose(request: ProposePolicy): Promise<StoredPolicyProposal>;
  /**
   * Resolves once it is in force; adopting again what one adopted answers the same. Throws NOT_FOUND, FOUR_EYES, NOT_OPEN,
   * POLICY_STALE, NOT_WRITTEN.
   */
  adopt(request: OnProposal): Promise<StoredPolicyProposal>;
  /** Takes one's own proposal back, or turns another's down. Throws NOT_FOUND, NOT_OPEN, INVALID. */
  withdraw(request: OnProposal & { readonly note: string }): Promise<StoredPolicyProposal>;
  /** Makes up for a stop between the decision and the coming into force; how many proposals were in between. */
  settle(): Promise<number>;
}

/** Open proposals at a time: each holds a whole policy. */
const MOST_OPEN = 16;
const ID_BYTES = 16;
const ONE_AT_A_TIME = 'policy';

export function createPolicyProposals(deps: PolicyProposalsDeps): PolicyProposals {
  // Two adoptions at once would both find the same policy in force.
  const turns = new SerialRunner<string>();
  const inTurn = <Result>(task: () => Promise<Result>): Promise<Result> =>
    turns.run(ONE_AT_A_TIME, async () => {
      await settle(deps);
      return task();
    });
  return {
    propose: (request) => inTurn(() => propose(deps, request)),
    adopt: (request) => inTurn(() => adopt(deps, request)),
    withdraw: (request) => inTurn(() => withdraw(deps, request)),
    settle: () => turns.run(ONE_AT_A_TIME, () => settle(deps)),
  };
}

async function propose(
  { store, clock, random, national }: PolicyProposalsDeps,
  { officer, text, reason, base }: ProposePolicy,
): Promise<StoredPolicyProposal> {
  if (reason.trim() === '')
    throw refuse(
      'NOTE_REQUIRED',
      'expected the reason for another policy: a second officer judges it by that',
    );
  checkedNote(reason);
  const standing = await national.standing();
  const faults = national
    .check(text)
    .filter(({ severity }) => severity === 'error')
    .map(({ line, code, message }) => ({ path: `policy:${line}`, code, message }));
  if (text === standing.national)
    faults.push({
      path: 'policy',
      code: 'NO_CHANGE',
      message: 'expected another policy than the one in force',
    });
  if (faults.length > 0)
    throw refuse('INVALID', `expected a policy that can be put in force, got ${faults.length} faults`, {
      faults,
    });
  if (base !== standing.digest || standing.fileDiffers) throw stale();
  return store.write(async (tx) => {
    const again = await sameOpen(tx, officer, text);
    if (again) return again;
    if ((await tx.policyProposals.count('open')) >= MOST_OPEN)
      throw refuse(
        'TOO_MANY_OPEN',
        `expected at most ${MOST_OPEN} open proposals; withdraw those that nobody adopts any more`,
      );
    const id = hex(random.bytes(ID_BYTES));
    const at = clock.nowMs();
    await tx.policyProposals.add({
      id,
      text,
      reason,
      base,
      proposer: officer.fingerprint,
      proposerName: officer.name,
      proposedAt: at,
    });
    await tx.audit.append([
      auditOf(officer, at, 'policy.proposed', id, { text: digestOf(text), base, reason }),
    ]);
    return known(tx, id);
  });
}

/** A call that was repeated since its answer was lost. */
async function sameOpen(
  tx: WriteTx,
  officer: Officer,
  text: string,
): Promise<StoredPolicyProposal | undefined> {
  const bytes = utf8(text).length;
  for (const one of (await tx.policyProposals.list({ state: 'open' })).items)
    if (
      one.proposer === officer.fingerprint &&
      one.bytes === bytes &&
      (await tx.policyProposals.textOf(one.id)) === text
    )
      return one;
  return undefined;
}

async function adopt(deps: PolicyProposalsDeps, { officer, id }: OnProposal): Promise<StoredPolicyProposal> {
  const { store, clock, national } = deps;
  const standing = await national.standing();
  const claimed = await store.write(async (tx) => {
    const proposal = await known(tx, id);
    if (proposal.state === 'adopted' && proposal.decider === officer.fingerprint) return undefined;
    requireOpen(proposal);
    if (proposal.proposer === officer.fingerprint)
      throw refuse('FOUR_EYES', 'expected an officer other than the proposer; ask a second administrator');
    if (proposal.base !== standing.digest || standing.fileDiffers) throw stale();
    const at = clock.nowMs();
    // The decision is on record before anything of it counts: a stop in between must not lose who made it.
    await tx.policyProposals.move(id, 'open', 'adopting', decisionOf(officer, at));
    const text = await textOf(tx, id);
    await tx.audit.append([
      auditOf(officer, at, 'policy.adopting', id, {
        text: digestOf(text),
        base: proposal.base,
        proposer: proposal.proposerName,
      }),
    ]);
    return text;
  });
  if (claimed === undefined) return store.read((tx) => known(tx, id));
  try {
    await national.putInForce(claimed);
  } catch (cause) {
    // Whether it came into force nevertheless is read, not guessed.
    await settle(deps);
    const found = await store.read((tx) => known(tx, id));
    if (found.state === 'adopted') return found;
    throw refuse(
      'NOT_WRITTEN',
      'the file of the national policy cannot be written, and the policy before stays in force; give the node the right to, or put the file there by hand',
      { cause },
    );
  }
  return conclude(deps, id, officer);
}

async function withdraw(
  { store, clock }: PolicyProposalsDeps,
  { officer, id, note }: OnProposal & { readonly note: string },
): Promise<StoredPolicyProposal> {
  checkedNote(note);
  return store.write(async (tx) => {
    const proposal = await known(tx, id);
    if (proposal.state === 'withdrawn' && proposal.decider === officer.fingerprint) return proposal;
    requireOpen(proposal);
    const at = clock.nowMs();
    await tx.policyProposals.move(id, 'open', 'withdrawn', { ...decisionOf(officer, at), note });
    await tx.audit.append([
      auditOf(officer, at, 'policy.withdrawn', id, { proposer: proposal.proposerName, note }),
    ]);
    return known(tx, id);
  });
}

async function settle(deps: PolicyProposalsDeps): Promise<number> {
  const { store, clock, national } = deps;
  const { items } = await store.read((tx) => tx.policyProposals.list({ state: 'adopting' }));
  for (const { id } of items) {
    const text = await store.read((tx) => textOf(tx, id));
    if ((await national.standing()).national === text) {
      await conclude(deps, id, undefined);
      continue;
    }
    await store.write(async (tx) => {
      const { deciderName = '' } = await known(tx, id);
      await tx.policyProposals.reopen(id);
      const detail = { adopter: deciderName, why: 'it did not come into force' };
      await tx.audit.append([
        { at: clock.nowMs(), actor: 'node', action: 'policy.not-adopted', subject: id, detail },
      ]);
    });
  }
  return items.length;
}

/** It is in force. `officer` = who adopts it now; undefined where a former run of the node got no further. */
async function conclude(
  { store, clock, national }: PolicyProposalsDeps,
  id: string,
  officer: Officer | undefined,
): Promise<StoredPolicyProposal> {
  const { digest } = await national.standing();
  return store.write(async (tx) => {
    await tx.policyProposals.move(id, 'adopting', 'adopted');
    const proposal = await known(tx, id);
    const at = clock.nowMs();
    const detail = { policy: digest, proposer: proposal.proposerName };
    await tx.audit.append([
      officer === undefined
        ? {
            at,
            actor: 'node',
            action: 'policy.adopted',
            subject: id,
            detail: { ...detail, adopter: proposal.deciderName ?? '' },
          }
        : auditOf(officer, at, 'policy.adopted', id, detail),
    ]);
    return proposal;
  });
}

const decisionOf = (officer: Officer, at: number) => ({
  decider: officer.fingerprint,
  deciderName: officer.name,
  decidedAt: at,
});

const digestOf = (text: string): string => hex(sha256(utf8(text)));

const stale = () =>
  refuse(
    'POLICY_STALE',
    'another policy or roster is in force than the one that it was proposed against: compare anew, and propose it again',
  );

function requireOpen({ state }: StoredPolicyProposal): void {
  if (state !== 'open') throw refuse('NOT_OPEN', `expected an open proposal, got one that is ${state}`);
}

async function known(
  tx: { readonly policyProposals: Pick<WriteTx['policyProposals'], 'byId'> },
  id: string,
): Promise<StoredPolicyProposal> {
  const found = await tx.policyProposals.byId(id);
  if (!found) throw refuse('NOT_FOUND', 'expected the id of a proposal of this node, got another');
  return found;
}

async function textOf(
  tx: { readonly policyProposals: Pick<WriteTx['policyProposals'], 'textOf'> },
  id: string,
): Promise<string> {
  const text = await tx.policyProposals.textOf(id);
  if (text === undefined)
    throw refuse('NOT_FOUND', 'expected the id of a proposal of this node, got another');
  return text;
}
