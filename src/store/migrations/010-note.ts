/** Signed notes that prove partners' records, kept once each: every record of a parcel stands under the same one. */
import type { Migration } from './migration.ts';

export const note: Migration = {
  version: 10,
  name: 'note',
  statements: (t) => [
    `create table note (digest ${t.blob} not null primary key, body ${t.blob} not null)${t.table}`,
    `insert into note select distinct ${t.sha256('checkpoint')}, checkpoint from record where checkpoint is not null`,
    `alter table record add column note_digest ${t.blob} references note (digest)`,
    `update record set note_digest = ${t.sha256('checkpoint')} where checkpoint is not null`,
    'alter table record drop column checkpoint',
    'create index record_note on record (note_digest) where note_digest is not null',
  ],
};
