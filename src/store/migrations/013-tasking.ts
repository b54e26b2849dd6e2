/** Questions to originators, and their answers, by what they are about. Columns: schema/onward.ts. */
import type { Migration } from './migration.ts';

export const tasking: Migration = {
  version: 13,
  name: 'tasking',
  statements: (t) => [
    `create table tasking (
      header_digest ${t.blob} not null primary key references record (header_digest), target ${t.blob} not null,
      due ${t.int} not null)${t.table}`,
    'create index tasking_target on tasking (target)',
    `create table answer (
      header_digest ${t.blob} not null primary key references record (header_digest), tasking ${t.blob} not null,
      closes ${t.int} not null)${t.table}`,
    'create index answer_tasking on answer (tasking, closes)',
  ],
};
