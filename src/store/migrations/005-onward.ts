/** Passing on what others originated: consents by what they are about, delayed rows, conditions accepted and reading told. */
import type { Migration, SqlTraits } from './migration.ts';

export const onward: Migration = {
  version: 5,
  name: 'onward',
  statements: (t: SqlTraits) => [
    `alter table outbox add column not_before ${t.int}`,
    "create index outbox_delayed on outbox (recipient, lane, not_before) where state = 'waiting' and not_before is not null",
    `create table consent (
      header_digest ${t.blob} not null primary key references record (header_digest), target ${t.blob} not null)${t.table}`,
    'create index consent_target on consent (target)',
    `create table reading_due (
      id ${t.numbered}, header_digest ${t.blob} not null references record (header_digest), originator ${t.text} not null,
      what ${t.text} not null, desk_group ${t.int} not null, facets ${t.text} not null, at ${t.int} not null)${t.table}`,
    'create unique index reading_due_once on reading_due (header_digest, what, desk_group)',
    `create table reading (
      header_digest ${t.blob} not null, node ${t.text} not null, what ${t.text} not null, desk_group ${t.int} not null,
      facets ${t.text} not null, at ${t.int} not null, receipt_digest ${t.blob} not null,
      primary key (header_digest, node, what, desk_group))${t.table}`,
  ],
};
