/** Keys of private screening by month, and what partners asked by day. Columns: schema/private-screening.ts. */
import type { Migration } from './migration.ts';

export const privateScreening: Migration = {
  version: 17,
  name: 'private-screening',
  statements: (t) => [
    `create table private_key (
      holder ${t.text} not null, month ${t.text} not null, public_key ${t.blob} not null, announcement ${t.blob} not null,
      seen_at ${t.int} not null, primary key (holder, month))${t.table}`,
    `create table private_use (
      side ${t.text} not null, partner ${t.text} not null, day ${t.text} not null, what ${t.text} not null, used ${t.int} not null,
      primary key (side, partner, day, what))${t.keyedTable}`,
  ],
};
