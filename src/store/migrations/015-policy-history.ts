/** Policies that came into force, each with what it takes to decide by it again. Columns: schema/policy.ts. */
import type { Migration } from './migration.ts';

export const policyHistory: Migration = {
  version: 15,
  name: 'policy-history',
  statements: (t) => [
    `create table policy_history (
      number ${t.numbered}, since ${t.int} not null, digest ${t.text} not null, national ${t.text} not null,
      roster_version ${t.int} not null, roster_digest ${t.blob} not null, program ${t.text} not null)${t.table}`,
    'create index policy_history_since on policy_history (since)',
    'create index outbox_created on outbox (created_at)',
  ],
};
