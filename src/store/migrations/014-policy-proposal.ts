/** National policies that administrators proposed. Columns: schema/policy.ts. */
import type { Migration } from './migration.ts';

export const policyProposal: Migration = {
  version: 14,
  name: 'policy-proposal',
  statements: (t) => [
    `create table policy_proposal (
      number ${t.numbered}, id ${t.text} not null unique, state ${t.text} not null, text ${t.text} not null, bytes ${t.int} not null,
      reason ${t.text} not null, base ${t.text} not null, proposer ${t.text} not null, proposer_name ${t.text} not null,
      proposed_at ${t.int} not null, decider ${t.text}, decider_name ${t.text}, decided_at ${t.int}, note ${t.text})${t.table}`,
    'create index policy_proposal_state on policy_proposal (state)',
  ],
};
