/** Witnessing: which checkpoints of others are tied to one view of their log, and how far a partner's record is proved. */
import type { Migration, SqlTraits } from './migration.ts';

export const witness: Migration = {
  version: 2,
  name: 'witness',
  statements: (t: SqlTraits) => [
    `alter table known_log add column tied ${t.int} not null default 0`,
    `alter table record add column tied ${t.int} not null default 0`,
    `alter table record add column witnessed ${t.int} not null default 0`,
    "create index record_unproved on record (log_origin, position) where origin = 'partner' and witnessed = 0",
    'create index checkpoint_cause on checkpoint (log, cause, size)',
  ],
};
