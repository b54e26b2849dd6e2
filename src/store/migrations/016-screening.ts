/** What was asked of screening and what it told, and which records changed in which order. Columns: schema/screening.ts. */
import type { Migration } from './migration.ts';

export const screening: Migration = {
  version: 16,
  name: 'screening',
  statements: (t) => [
    `create table record_change (number ${t.numbered}, header_digest ${t.blob} not null)${t.table}`,
    `create table screening_lists (digest ${t.blob} not null primary key, body ${t.blob} not null)${t.table}`,
    `create table screening (
      number ${t.numbered}, id ${t.text} not null, at ${t.int} not null, officer ${t.text} not null,
      desk_group ${t.int} not null, purpose ${t.int} not null, exercise ${t.int} not null, query ${t.blob} not null,
      query_key ${t.blob} not null, reference ${t.text} not null, lists ${t.blob} not null, outcome ${t.int} not null,
      hits ${t.int} not null, batch ${t.text}, kept_until ${t.int})${t.table}`,
    'create unique index screening_id on screening (id)',
    'create index screening_desk on screening (desk_group, number)',
    'create index screening_officer on screening (officer, at)',
    'create index screening_at on screening (outcome, at)',
    'create index screening_kept on screening (kept_until)',
    'create index screening_lists_used on screening (lists)',
    'create index screening_batch on screening (batch)',
    `create table screening_hit (
      screening ${t.int} not null references screening (number) on delete cascade, number ${t.int} not null,
      header_digest ${t.blob} not null, originator ${t.text} not null, record_id ${t.blob} not null,
      facet ${t.text} not null, facet_digest ${t.blob} not null, told ${t.blob} not null, alerts ${t.int} not null, verdict ${t.int} not null,
      reason ${t.text}, decided_by ${t.text}, decided_at ${t.int}, withdrawn_at ${t.int},
      primary key (screening, number))${t.table}`,
    'create index screening_hit_header on screening_hit (header_digest)',
    'create index screening_hit_record on screening_hit (record_id)',
    'create index screening_hit_open on screening_hit (screening, verdict, withdrawn_at)',
    `create table false_positive (
      desk_group ${t.int} not null, exercise ${t.int} not null, query_key ${t.blob} not null, record_id ${t.blob} not null,
      facet ${t.text} not null, facet_digest ${t.blob} not null, at ${t.int} not null, officer ${t.text} not null,
      primary key (desk_group, exercise, query_key, record_id, facet))${t.table}`,
    `create table screening_alert (
      number ${t.numbered}, id ${t.text} not null, at ${t.int} not null, type ${t.int} not null, desk_group ${t.int} not null,
      exercise ${t.int} not null, screening ${t.int} not null references screening (number) on delete cascade,
      hit ${t.int} not null, acknowledged_by ${t.text}, acknowledged_at ${t.int})${t.table}`,
    'create unique index screening_alert_id on screening_alert (id)',
    'create index screening_alert_desk on screening_alert (desk_group, number)',
    'create unique index screening_alert_hit on screening_alert (screening, hit, type)',
  ],
};
