/** A second roster of one version, and records of members that were out already. Column meanings: schema/membership.ts. */
import type { Migration } from './migration.ts';

export const roster: Migration = {
  version: 9,
  name: 'roster',
  statements: (t) => [
    `create table roster_fork (
      version ${t.int} not null primary key, held ${t.blob} not null, rival ${t.blob} not null, rival_body ${t.blob} not null,
      shown_by ${t.text} not null, at ${t.int} not null, chosen ${t.blob}, resolved_at ${t.int})${t.table}`,
    `create table late_record (
      header_digest ${t.blob} not null, member ${t.text} not null, standing ${t.text} not null, since ${t.int} not null,
      roster_version ${t.int} not null, at ${t.int} not null, primary key (header_digest, member))${t.table}`,
  ],
};
