/**
 * Facets in the tree of their key: a record's facets lie beside each other, and none has a second entry in an index. What refers
 * to them is put aside meanwhile, since a table that is dropped takes along what depends on its rows.
 */
import type { Migration } from './migration.ts';

export const facet: Migration = {
  version: 11,
  name: 'facet',
  statements: (t) => [
    `create table facet_by_key (
      header_digest ${t.blob} not null references record (header_digest) on delete cascade, name ${t.text} not null,
      salt ${t.blob} not null, body ${t.blob} not null, primary key (header_digest, name))${t.keyedTable}`,
    'insert into facet_by_key select header_digest, name, salt, body from facet',
    'create table attachment_aside as select header_digest, facet, blob_digest, size from attachment',
    'drop table attachment',
    'drop table facet',
    'alter table facet_by_key rename to facet',
    `create table attachment (
      header_digest ${t.blob} not null, facet ${t.text} not null, blob_digest ${t.blob} not null, size ${t.int} not null,
      primary key (header_digest, blob_digest),
      foreign key (header_digest, facet) references facet (header_digest, name) on delete cascade)${t.keyedTable}`,
    'create index attachment_blob on attachment (blob_digest)',
    'create index attachment_facet on attachment (header_digest, facet)',
    'insert into attachment select header_digest, facet, blob_digest, size from attachment_aside',
    'drop table attachment_aside',
  ],
};
