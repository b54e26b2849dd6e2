/** PolicyService, the other half: the policy in force, and how two administrators put another in its place. */
import { LIMITS } from '../../base/limits.ts';
import {
  type GetPolicyResponse,
  PolicyLayer,
  type PolicyProposal,
  PolicyProposalState,
  type PolicyServiceDefinition,
} from '../../gen/tocsin/desk/v1/policy_service.ts';
import type { PolicyProposals } from '../../lifecycle/index.ts';
import type { StoredPolicyProposal } from '../../store/index.ts';
import { type Access, notFound } from '../access.ts';
import { DeskError } from '../errors.ts';
import type { DeskStore } from '../ports.ts';
import type { OfficerSession } from '../session.ts';
import type { DeskHandlers } from './handlers.ts';
import type { NetworkDeps } from './network.ts';
import { RequestFields, readField } from './request.ts';

/** The policy in force, as people read it. */
interface PolicyStanding {
  /** Over all policies in force and the roster. */
  readonly digest: string;
  /** Text of the national policy. */
  readonly national: string;
  /** The file holds another text, which cannot be put in force. */
  readonly fileDiffers: boolean;
}

interface PolicyRuleView {
  readonly layer: 'baseline' | 'marking' | 'national' | 'desk';
  readonly id: string;
  readonly rule: string;
  readonly reason: string;
  readonly effect: 'permit' | 'forbid';
  readonly line: number;
  readonly text: string;
}

export interface PolicyProposalDeps extends Pick<NetworkDeps, 'roster'> {
  readonly access: Access;
  readonly store: DeskStore;
  readonly proposals: Pick<PolicyProposals, 'propose' | 'adopt' | 'withdraw'>;
  readonly policyInForce: {
    standing(): Promise<PolicyStanding>;
    /** Layer by layer, in the order of their texts. */
    rules(): readonly PolicyRuleView[];
    /** Texts to start a national policy from. */
    readonly templates: readonly { readonly name: string; readonly text: string }[];
  };
}

type Verbs =
  | 'getPolicy'
  | 'proposePolicy'
  | 'listPolicyProposals'
  | 'getPolicyProposal'
  | 'adoptPolicy'
  | 'withdrawPolicy';

const LAYERS: Readonly<Record<PolicyRuleView['layer'], PolicyLayer>> = {
  baseline: PolicyLayer.POLICY_LAYER_BASELINE,
  marking: PolicyLayer.POLICY_LAYER_MARKING,
  national: PolicyLayer.POLICY_LAYER_NATIONAL,
  desk: PolicyLayer.POLICY_LAYER_DESK,
};

const STATES: Readonly<Record<StoredPolicyProposal['state'], PolicyProposalState>> = {
  open: PolicyProposalState.POLICY_PROPOSAL_STATE_OPEN,
  adopting: PolicyProposalState.POLICY_PROPOSAL_STATE_ADOPTING,
  adopted: PolicyProposalState.POLICY_PROPOSAL_STATE_ADOPTED,
  withdrawn: PolicyProposalState.POLICY_PROPOSAL_STATE_WITHDRAWN,
};

/** SHA-256 as base64, as the policy engine gives it. */
const DIGEST = /^[A-Za-z0-9+/]{43}=$/;
const ID = /^[0-9a-f]{32}$/;

export function policyProposalHandlers(
  deps: PolicyProposalDeps,
): Pick<DeskHandlers<PolicyServiceDefinition>, Verbs> {
  const { access, store, proposals, policyInForce } = deps;

  const shown = (
    session: OfficerSession,
    proposal: StoredPolicyProposal,
    digest: string,
  ): PolicyProposal => ({
    id: proposal.id,
    state: STATES[proposal.state],
    reason: proposal.reason,
    proposer: proposal.proposerName,
    own: proposal.proposer === session.fingerprint,
    proposedAt: BigInt(proposal.proposedAt),
    base: proposal.base,
    stale: proposal.state === 'open' && proposal.base !== digest,
    decider: proposal.deciderName ?? '',
    decidedAt: BigInt(proposal.decidedAt ?? 0),
    note: proposal.note ?? '',
    bytes: proposal.bytes,
  });
  const standing = () => policyInForce.standing();

  return {
    async getPolicy(_request, { session }): Promise<GetPolicyResponse> {
      await access.require(session, 'read-policy', 'policy');
      const { digest, national, fileDiffers } = await standing();
      return {
        rules: policyInForce.rules().map(({ layer, effect, ...rule }) => ({
          ...rule,
          layer: LAYERS[layer],
          permits: effect === 'permit',
        })),
        national,
        digest,
        rosterVersion: deps.roster().version,
        templates: [...policyInForce.templates],
        fileDiffers,
      };
    },

    async proposePolicy(request, { session }) {
      await mayDecide(access, session);
      const fields = new RequestFields();
      const text = fields.text('policy', request.policy, LIMITS.policyBytes);
      const reason = fields.note('reason', request.reason).trim();
      if (reason === '') fields.fault('reason', 'REQUIRED', 'expected why, for the second administrator');
      if (!DIGEST.test(request.base))
        fields.fault('base', 'FORM', 'expected the digest that GetPolicy answers');
      fields.done();
      const proposal = await proposals.propose({ officer: session, text, reason, base: request.base });
      return { proposal: shown(session, proposal, (await standing()).digest) };
    },

    async listPolicyProposals(request, { session }) {
      await access.require(session, 'read-policy', 'policy');
      const limit = readField((fields) => fields.pageSize('page_size', request.pageSize));
      const page = await store.read((tx) =>
        tx.policyProposals.list({
          limit,
          ...(request.open ? { state: 'open' as const } : {}),
          ...(request.cursor === '' ? {} : { cursor: request.cursor }),
        }),
      );
      const { digest } = await standing();
      return {
        proposals: page.items.map((one) => shown(session, one, digest)),
        nextCursor: page.next ?? '',
      };
    },

    async getPolicyProposal(request, { session }) {
      await access.require(session, 'read-policy', 'policy');
      const id = proposalId(request.id);
      await access.audit(session, 'policy.proposal-read', id);
      const found = await store.read(async (tx) => ({
        proposal: await tx.policyProposals.byId(id),
        text: await tx.policyProposals.textOf(id),
      }));
      if (found.proposal === undefined || found.text === undefined) throw notFound('proposal');
      return { proposal: shown(session, found.proposal, (await standing()).digest), policy: found.text };
    },

    async adoptPolicy(request, { session }) {
      await mayDecide(access, session);
      const id = proposalId(request.id);
      const proposal = await proposals.adopt({ officer: session, id });
      const { digest } = await standing();
      return { proposal: shown(session, proposal, digest), digest };
    },

    async withdrawPolicy(request, { session }) {
      await mayDecide(access, session);
      const id = proposalId(request.id);
      const note = readField((fields) => fields.note('note', request.note)).trim();
      const proposal = await proposals.withdraw({ officer: session, id, note });
      return { proposal: shown(session, proposal, (await standing()).digest) };
    },
  };
}

/** A policy counts in both worlds: what is tried in an exercise must not change what live records are shown to (R21). */
async function mayDecide(access: Access, session: OfficerSession): Promise<void> {
  await access.require(session, 'administer', 'policy');
  if (session.world === 'exercise')
    throw new DeskError({
      code: 'STATE',
      message: 'a policy counts for live records too: leave exercise mode to propose, adopt or withdraw one',
    });
}

function proposalId(id: string): string {
  return readField((fields) => {
    if (!ID.test(id)) fields.fault('id', 'FORM', 'expected the id of a proposal, 32 hexadecimal digits');
    return id;
  });
}
