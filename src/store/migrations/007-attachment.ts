/** Attachments. Column meanings: schema/attachment.ts. */
import type { Migration } from './migration.ts';

export const attachment: Migration = {
  version: 7,
  name: 'attachment',
  statements: (t) => [
    `create table attachment (
      header_digest ${t.blob} not null, facet ${t.text} not null, blob_digest ${t.blob} not null, size ${t.int} not null,
      primary key (header_digest, blob_digest),
      foreign key (header_digest, facet) references facet (header_digest, name) on delete cascade)${t.keyedTable}`,
    'create index attachment_blob on attachment (blob_digest)',
    'create index attachment_facet on attachment (header_digest, facet)',
    `create table blob (
      digest ${t.blob} not null primary key, size ${t.int} not null, stored_at ${t.int} not null)${t.keyedTable}`,
    `create table attachment_wait (
      header_digest ${t.blob} not null, blob_digest ${t.blob} not null, sender ${t.text} not null, lane ${t.int} not null,
      incarnation ${t.int} not null, seq ${t.int} not null, since ${t.int} not null, attempts ${t.int} not null,
      mismatches ${t.int} not null, next_attempt_at ${t.int} not null,
      primary key (header_digest, blob_digest, sender, lane, incarnation, seq))${t.keyedTable}`,
    'create index attachment_wait_due on attachment_wait (next_attempt_at)',
  ],
};
