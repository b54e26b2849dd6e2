/** Facets opened in an emergency, and the worlds of recalls. Column meanings: schema/break-glass.ts, schema/recall.ts. */
import type { Migration } from './migration.ts';

export const duties: Migration = {
  version: 8,
  name: 'duties',
  statements: (t) => [
    `create table break_glass (
      id ${t.numbered}, opening ${t.blob} not null unique, header_digest ${t.blob} not null, originator ${t.text} not null,
      node ${t.text} not null, exercise ${t.int} not null, record_desk_group ${t.int} not null, officer ${t.text} not null,
      certificate ${t.text} not null, desk_group ${t.int} not null, facets ${t.text} not null, asked ${t.text} not null,
      reason ${t.text} not null, opened_at ${t.int} not null, until_at ${t.int} not null, readings ${t.int} not null,
      last_read_at ${t.int}, verdict ${t.int}, reviewer ${t.text}, review_note ${t.text}, reviewed_at ${t.int},
      review ${t.blob})${t.table}`,
    `alter table tombstone add column exercise ${t.int} not null default 0`,
    'create index break_glass_record on break_glass (header_digest, certificate)',
  ],
};
