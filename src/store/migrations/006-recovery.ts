/** Declared restarts: what each partner still has to give before the node is whole again. Column meanings: schema/recovery.ts. */
import type { Migration } from './migration.ts';

export const recovery: Migration = {
  version: 6,
  name: 'recovery',
  statements: (t) => [
    `create table recovery (
      partner ${t.text} not null primary key, incarnation ${t.int} not null, history ${t.int} not null,
      recalls ${t.int} not null, since ${t.int} not null)${t.table}`,
  ],
};
