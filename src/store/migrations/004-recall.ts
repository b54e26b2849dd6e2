/** Recalls: who holds what of our records, what each holder was asked, and tombstones. Column meanings: schema/recall.ts. */
import type { Migration } from './migration.ts';

export const recall: Migration = {
  version: 4,
  name: 'recall',
  statements: (t) => [
    `create table disclosure (
      id ${t.numbered}, header_digest ${t.blob} not null, recipient ${t.text} not null, forwarder ${t.text} not null,
      facets ${t.text} not null, basis ${t.text} not null, consent ${t.blob}, disclosure_digest ${t.blob} not null unique,
      at ${t.int} not null)${t.table}`,
    'create index disclosure_header on disclosure (header_digest)',
    'create index disclosure_consent on disclosure (consent) where consent is not null',
    `create table recall_notice (
      recall_digest ${t.blob} not null, holder ${t.text} not null, target ${t.blob} not null, facets ${t.text} not null,
      must_purge ${t.int} not null, deadline ${t.int} not null, asked_at ${t.int} not null, receipt_digest ${t.blob},
      purged_facets ${t.text}, copies ${t.int}, closed_at ${t.int}, primary key (recall_digest, holder))${t.table}`,
    'create index recall_notice_target on recall_notice (target)',
    'create index recall_notice_open on recall_notice (deadline) where closed_at is null',
    `create table tombstone (
      header_digest ${t.blob} not null, originator ${t.text} not null, recall_digest ${t.blob} not null, facets ${t.text} not null,
      purge ${t.int} not null, at ${t.int} not null, primary key (header_digest, recall_digest))${t.table}`,
    // What has to be looked at by the clock; records whose time is over leave these indexes.
    "create index record_expiring on record (expires) where state in ('released', 'superseded', 'parked')",
    "create index record_reviewing on record (review_by) where state in ('released', 'superseded', 'parked')",
    'create index record_kind_released on record (kind, released)',
  ],
};
