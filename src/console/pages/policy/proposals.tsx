/** National policies that were proposed: who, when and why, what they change, and the second administrator's decision. */
import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useLocation } from 'wouter';
import type { Me, Wire } from '../../../desk/http/contract.ts';
import { call } from '../../api/client.ts';
import { Empty, Waiting } from '../../parts/empty.tsx';
import { Field } from '../../parts/field.tsx';
import { Foreign, ForeignText } from '../../parts/foreign.tsx';
import { Icon } from '../../parts/icons.tsx';
import { ProblemNotice } from '../../parts/problem.tsx';
import { Ago, msOf } from '../../parts/time.tsx';
import { useToast } from '../../parts/toast.tsx';
import { type TextKey, useText } from '../../text/index.ts';
import { ComparisonResult, useComparison } from './comparison.tsx';
import type { PolicyDraft } from './draft.tsx';
import type { PolicyInForce } from './rules.tsx';
import { TextChanges } from './text-changes.tsx';

interface ProposalsProps {
  readonly policy: PolicyInForce;
  readonly me: Me;
  readonly onDraft: (draft: PolicyDraft) => void;
}

export function Proposals({ policy, me, onDraft }: ProposalsProps) {
  const say = useText();
  const found = useInfiniteQuery({
    queryKey: ['policy', 'proposals'],
    queryFn: ({ pageParam }) =>
      call('PolicyService/ListPolicyProposals', { cursor: pageParam, pageSize: 50 }),
    initialPageParam: '',
    getNextPageParam: (last) => last.nextCursor || undefined,
  });
  const all = (found.data?.pages ?? []).flatMap((page) => page.proposals);
  return (
    <>
      <p className="soft">{say('policy.proposalsHint')}</p>
      {found.error && <ProblemNotice error={found.error} retry={() => void found.refetch()} />}
      {found.isPending && <Waiting lines={4} height="4rem" />}
      {found.data && all.length === 0 && <Empty icon="policy" title={say('policy.noProposals')} />}
      <ul className="stack">
        {all.map((proposal) => (
          <li key={proposal.id} className="card stack">
            <Proposal proposal={proposal} policy={policy} me={me} onDraft={onDraft} />
          </li>
        ))}
      </ul>
      {found.hasNextPage && (
        <button type="button" className="button" onClick={() => void found.fetchNextPage()}>
          {say('action.more')}
        </button>
      )}
    </>
  );
}

const LOOKS: Readonly<Record<Wire.PolicyProposalState, string>> = {
  POLICY_PROPOSAL_STATE_UNSPECIFIED: '',
  POLICY_PROPOSAL_STATE_OPEN: 'accent',
  POLICY_PROPOSAL_STATE_ADOPTING: 'warn',
  POLICY_PROPOSAL_STATE_ADOPTED: 'good',
  POLICY_PROPOSAL_STATE_WITHDRAWN: '',
};

interface ProposalProps extends ProposalsProps {
  readonly proposal: Wire.PolicyProposal;
}

function Proposal({ proposal, policy, me, onDraft }: ProposalProps) {
  const say = useText();
  const [open, setOpen] = useState(false);
  const isOpen = proposal.state === 'POLICY_PROPOSAL_STATE_OPEN';
  return (
    <>
      <div className="row spread">
        <div>
          <strong>
            <Foreign text={proposal.proposer} most={100} />
          </strong>{' '}
          <span className="soft small">
            <Ago ms={msOf(proposal.proposedAt)} />
          </span>
        </div>
        <span className={`chip ${proposal.stale ? 'warn' : LOOKS[proposal.state]}`}>
          {say(proposal.stale ? 'policy.stale' : (`proposalState.${proposal.state}` as TextKey))}
        </span>
      </div>
      <ForeignText text={proposal.reason} />
      {proposal.decider !== '' && (
        <p className="soft small">
          {say(`decided.${proposal.state}` as TextKey)} <Foreign text={proposal.decider} most={100} />{' '}
          <Ago ms={msOf(proposal.decidedAt)} />
          {proposal.note !== '' && (
            <>
              {' · '}
              <Foreign text={proposal.note} most={2_000} />
            </>
          )}
        </p>
      )}
      <div>
        <button type="button" className="button" aria-expanded={open} onClick={() => setOpen(!open)}>
          <Icon name={open ? 'hidden' : 'eye'} />
          {say(open ? 'policy.close' : 'policy.look')}
        </button>
      </div>
      {open && <Opened proposal={proposal} policy={policy} me={me} onDraft={onDraft} isOpen={isOpen} />}
    </>
  );
}

function Opened({ proposal, policy, me, onDraft, isOpen }: ProposalProps & { readonly isOpen: boolean }) {
  const say = useText();
  const tell = useToast();
  const client = useQueryClient();
  const [, go] = useLocation();
  const [note, setNote] = useState('');
  const comparison = useComparison();
  const { id } = proposal;
  const whole = useQuery({
    queryKey: ['policy-text', id],
    queryFn: () => call('PolicyService/GetPolicyProposal', { id }),
    // What was proposed does not change, and each reading is a row of the trail.
    staleTime: Number.POSITIVE_INFINITY,
  });
  const decided = (text: TextKey) => () => {
    tell(say(text));
    void client.invalidateQueries({ queryKey: ['policy'] });
  };
  const adopt = useMutation({
    mutationFn: () => call('PolicyService/AdoptPolicy', { id }),
    onSuccess: decided('policy.adopted'),
  });
  const withdraw = useMutation({
    mutationFn: () => call('PolicyService/WithdrawPolicy', { id, note }),
    onSuccess: decided('policy.withdrawn'),
  });
  const text = whole.data?.policy;
  if (text === undefined)
    return whole.error ? (
      <ProblemNotice error={whole.error} retry={() => void whole.refetch()} />
    ) : (
      <Waiting lines={6} />
    );
  const mayDecide = me.role === 'administrator';
  const isCompared = comparison.compared?.done === true;
  return (
    <>
      <h2>{say('policy.against')}</h2>
      <TextChanges before={policy.national} after={text} />
      {mayDecide && (
        <div className="row">
          <button type="button" className="button" onClick={() => comparison.start(text)}>
            <Icon name="eye" />
            {say('comparison.start')}
          </button>
          <button
            type="button"
            className="button"
            onClick={() => {
              onDraft({ text, reason: proposal.reason, base: policy.digest });
              go('/policy/draft');
            }}
          >
            <Icon name="compose" />
            {say('policy.intoDraft')}
          </button>
        </div>
      )}
      <ComparisonResult compared={comparison.compared} />
      {isOpen && mayDecide && (
        <>
          <p className="soft small" id={`${id}-hint`}>
            {say(
              proposal.stale
                ? 'policy.staleHint'
                : proposal.own
                  ? 'policy.ownHint'
                  : isCompared
                    ? 'policy.adoptHint'
                    : 'policy.compareFirst',
            )}
          </p>
          <Field label={say('policy.note')}>
            {(control) => (
              <input
                {...control}
                className="input"
                maxLength={2_000}
                value={note}
                onChange={(event) => setNote(event.target.value)}
              />
            )}
          </Field>
          {(adopt.error ?? withdraw.error) && <ProblemNotice error={adopt.error ?? withdraw.error} />}
          <div className="row">
            {!proposal.own && (
              <button
                type="button"
                className="button primary"
                aria-describedby={`${id}-hint`}
                disabled={proposal.stale || !isCompared || adopt.isPending}
                onClick={() => adopt.mutate()}
              >
                <Icon name="check" />
                {say('policy.adopt')}
              </button>
            )}
            <button
              type="button"
              className="button"
              disabled={withdraw.isPending}
              onClick={() => withdraw.mutate()}
            >
              {say(proposal.own ? 'policy.withdraw' : 'policy.turnDown')}
            </button>
          </div>
        </>
      )}
    </>
  );
}
