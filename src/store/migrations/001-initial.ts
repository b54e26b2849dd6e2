/** The first schema: all tables of records, log, exchange and supervision. Column meanings: schema/*.ts. */
import type { Migration, SqlTraits } from './migration.ts';

const membership = (t: SqlTraits): readonly string[] => [
  `create table meta (key ${t.text} not null primary key, value ${t.blob} not null)${t.keyedTable}`,
  `create table roster (version ${t.int} not null primary key, digest ${t.blob} not null unique, body ${t.blob} not null)${t.table}`,
  `create table statement (
    digest ${t.blob} not null primary key, node ${t.text} not null, sequence ${t.int} not null, body ${t.blob} not null,
    verified_at ${t.int} not null)${t.table}`,
  'create index statement_node on statement (node, sequence)',
  `create table prekey_bundle (node ${t.text} not null primary key, sequence ${t.int} not null, body ${t.blob} not null)${t.table}`,
];

const records = (t: SqlTraits): readonly string[] => [
  `create table record (
    position ${t.numbered}, header_digest ${t.blob} not null unique, record_id ${t.blob} not null,
    revision ${t.int} not null, originator ${t.text} not null, kind ${t.text} not null, schema_version ${t.int} not null,
    desk_group ${t.int} not null, priority ${t.int} not null, tlp ${t.int} not null, status ${t.int} not null,
    released ${t.int} not null, expires ${t.int} not null, review_by ${t.int} not null, header ${t.blob} not null,
    supersedes ${t.blob}, origin ${t.text} not null, state ${t.text} not null, log_origin ${t.text} not null,
    leaf_index ${t.int}, proof ${t.blob}, checkpoint ${t.blob}, statement_digest ${t.blob}, title ${t.text} not null,
    title_key ${t.text} not null, committed_at ${t.int} not null)${t.table}`,
  // Not unique: two headers for one (originator, id, revision) are both kept, and raise an alarm (design §3).
  'create index record_identity on record (record_id, originator, revision)',
  'create index record_kind on record (kind, position)',
  'create index record_originator on record (originator, position)',
  'create index record_state on record (state, position)',
  'create index record_expires on record (expires)',
  `create table facet (
    header_digest ${t.blob} not null references record (header_digest) on delete cascade, name ${t.text} not null,
    salt ${t.blob} not null, body ${t.blob} not null, primary key (header_digest, name))${t.table}`,
  `create table draft (
    id ${t.text} not null primary key, kind ${t.text} not null, content ${t.text} not null, state ${t.text} not null, revises ${t.blob},
    record_id ${t.blob}, drafter ${t.text} not null, drafter_name ${t.text} not null, desk_group ${t.int} not null,
    note ${t.text} not null, flags ${t.text} not null, releaser ${t.text}, released_digest ${t.blob}, import_key ${t.text},
    import_digest ${t.blob}, created_at ${t.int} not null, updated_at ${t.int} not null)${t.table}`,
  'create index draft_state on draft (state, created_at, id)',
  'create index draft_import on draft (import_key)',
  'create index draft_revises on draft (revises)',
  // One entry of a list has one open draft at most; its released and discarded ones stay as history.
  "create unique index draft_import_open on draft (import_key) where state in ('draft', 'submitted')",
  `create table countersign (
    header_digest ${t.blob} not null primary key, releaser ${t.text} not null, released_at ${t.int} not null,
    due_at ${t.int} not null, countersigner ${t.text}, countersigned_at ${t.int})${t.table}`,
  'create index countersign_due on countersign (due_at) where countersigned_at is null',
];

const ledger = (t: SqlTraits): readonly string[] => [
  `create table leaf (
    log ${t.text} not null, "index" ${t.int} not null, hash ${t.blob} not null, header_digest ${t.blob},
    primary key (log, "index"))${t.keyedTable}`,
  'create index leaf_header on leaf (header_digest) where header_digest is not null',
  `create table tree_node (
    log ${t.text} not null, level ${t.int} not null, "index" ${t.int} not null, hash ${t.blob} not null,
    primary key (log, level, "index"))${t.keyedTable}`,
  `create table checkpoint (
    log ${t.text} not null, size ${t.int} not null, root ${t.blob} not null, note ${t.blob} not null, cause ${t.text} not null,
    at ${t.int} not null, primary key (log, size))${t.table}`,
  `create table pending_leaf (
    id ${t.numbered}, log ${t.text} not null, header_digest ${t.blob} not null unique, leaf_hash ${t.blob} not null,
    urgent ${t.int} not null, at ${t.int} not null)${t.table}`,
  'create index pending_leaf_log on pending_leaf (log, id)',
  `create table known_log (
    origin ${t.text} not null, size ${t.int} not null, root ${t.blob} not null, note ${t.blob} not null, node ${t.text} not null,
    at ${t.int} not null, primary key (origin, size))${t.table}`,
  `create table cosignature (
    origin ${t.text} not null, size ${t.int} not null, witness ${t.text} not null, line ${t.text} not null, at ${t.int} not null,
    primary key (origin, size, witness))${t.table}`,
];

const outgoing = (t: SqlTraits): readonly string[] => [
  `create table outbox (
    id ${t.numbered}, recipient ${t.text} not null, lane ${t.int} not null, action ${t.int} not null,
    header_digest ${t.blob} not null references record (header_digest), facets ${t.text} not null,
    audience ${t.text} not null, facet_audiences ${t.text} not null, basis ${t.text} not null, consent ${t.blob},
    state ${t.text} not null, incarnation ${t.int}, seq ${t.int}, result_reason ${t.int}, receipt_digest ${t.blob},
    created_at ${t.int} not null, closed_at ${t.int})${t.table}`,
  "create index outbox_waiting on outbox (recipient, lane, id) where state = 'waiting'",
  'create index outbox_manifest on outbox (recipient, incarnation, lane, seq)',
  'create index outbox_header on outbox (header_digest)',
  `create table manifest_out (
    recipient ${t.text} not null, incarnation ${t.int} not null, lane ${t.int} not null, seq ${t.int} not null,
    digest ${t.blob} not null, body ${t.blob} not null, signature ${t.blob} not null, content_kind ${t.text} not null,
    state ${t.text} not null, skip ${t.blob}, attempts ${t.int} not null, next_attempt_at ${t.int} not null, published_at ${t.int},
    closed_at ${t.int}, primary key (recipient, incarnation, lane, seq))${t.table}`,
  'create unique index manifest_out_digest on manifest_out (digest)',
  "create index manifest_out_open on manifest_out (recipient, lane, incarnation, seq) where state = 'open'",
  `create table link_out (
    recipient ${t.text} not null, lane ${t.int} not null, incarnation ${t.int} not null, seq ${t.int} not null,
    digest ${t.blob} not null, checkpoint_size ${t.int} not null, ack_seq ${t.int} not null,
    primary key (recipient, lane))${t.table}`,
];

const incoming = (t: SqlTraits): readonly string[] => [
  `create table link_in (
    sender ${t.text} not null, lane ${t.int} not null, incarnation ${t.int} not null, seq ${t.int} not null,
    digest ${t.blob} not null, checkpoint_size ${t.int} not null, checkpoint_root ${t.blob} not null,
    heard_at ${t.int} not null, primary key (sender, lane))${t.table}`,
  `create table manifest_in (
    sender ${t.text} not null, incarnation ${t.int} not null, lane ${t.int} not null, seq ${t.int} not null,
    digest ${t.blob} not null, body ${t.blob} not null, signature ${t.blob} not null, receipt_digest ${t.blob},
    taken_at ${t.int} not null, primary key (sender, incarnation, lane, seq))${t.table}`,
  'create index manifest_in_digest on manifest_in (digest)',
  `create table inbox_item (
    position ${t.numbered}, header_digest ${t.blob} not null references record (header_digest), sender ${t.text} not null,
    action ${t.int} not null, facets ${t.text} not null, audience ${t.text} not null, facet_audiences ${t.text} not null,
    basis ${t.text} not null, consent ${t.blob}, received_at ${t.int} not null)${t.table}`,
  'create index inbox_item_header on inbox_item (header_digest)',
  `create table refusal (
    id ${t.numbered}, at ${t.int} not null, sender ${t.text} not null, reason ${t.int} not null, detail ${t.text} not null,
    digest ${t.blob})${t.table}`,
  'create index refusal_sender on refusal (sender, id)',
  `create table quarantine (
    id ${t.numbered}, at ${t.int} not null, sender ${t.text} not null, header_digest ${t.blob}, reason ${t.int} not null,
    body ${t.blob} not null)${t.table}`,
  'create index quarantine_sender on quarantine (sender, id)',
];

const supervision = (t: SqlTraits): readonly string[] => [
  `create table alarm (
    id ${t.numbered}, at ${t.int} not null, code ${t.text} not null, subject ${t.text} not null, detail ${t.text} not null,
    evidence ${t.blob}, cleared_at ${t.int})${t.table}`,
  'create unique index alarm_open on alarm (code, subject) where cleared_at is null',
  `create table audit (
    seq ${t.int} not null primary key, at ${t.int} not null, actor ${t.text} not null, action ${t.text} not null,
    subject ${t.text} not null, detail ${t.text} not null, previous ${t.blob} not null, hash ${t.blob} not null)${t.table}`,
  'create index audit_subject on audit (subject, seq)',
];

export const initial: Migration = {
  version: 1,
  name: 'initial',
  statements: (traits) => [
    ...membership(traits),
    ...records(traits),
    ...ledger(traits),
    ...outgoing(traits),
    ...incoming(traits),
    ...supervision(traits),
  ],
};
