/**
 * Which blobs held facets name, which are here, and which are still to come. Rows of names are written with the facets
 * (records.ts) and go with them; the bytes are in a folder (blobs.ts), put there before their row and removed after it.
 */
import type { Kysely, Selectable } from 'kysely';
import { base64, hex } from '../base/bytes.ts';
import { Attachments } from '../gen/tocsin/record/v1/shared_facets.ts';
import { numberOf, portions } from './row.ts';
import type { AttachmentWaitTable } from './schema/attachment.ts';
import type { Schema } from './schema/tables.ts';

export interface NamedBlob {
  readonly headerDigest: Uint8Array;
  readonly facet: string;
  /** SHA-256 of the encrypted blob. */
  readonly blobDigest: Uint8Array;
  /** Bytes of the file before encryption. */
  readonly size: number;
}

/** The item that waits for a blob. */
export interface WaitKey {
  readonly headerDigest: Uint8Array;
  readonly blobDigest: Uint8Array;
  readonly sender: string;
  readonly lane: 0 | 1;
  readonly incarnation: number;
  readonly seq: bigint;
}

export interface AttachmentWait extends WaitKey {
  readonly since: number;
  readonly attempts: number;
  readonly mismatches: number;
  readonly nextAttemptAt: number;
}

export interface AttachmentsReader {
  /** Blobs that the held facets of one record name. */
  namedBy(headerDigest: Uint8Array): Promise<readonly NamedBlob[]>;
  /** Hexadecimal digests of those that are here, whole and durable. */
  held(blobDigests: readonly Uint8Array[]): Promise<ReadonlySet<string>>;
  /** Every blob that is here, oldest first. */
  allHeld(): Promise<readonly Uint8Array[]>;
  /** Blobs here that no facet and no open draft names any more. */
  unnamed(limit: number): Promise<readonly Uint8Array[]>;
  /** What may be tried now, from other senders than those named, the longest due first. */
  due(nowMs: number, limit: number, except: readonly string[]): Promise<readonly AttachmentWait[]>;
  /** When the next wait for another sender than those named is due; undefined where nothing is waited for. */
  nextDue(except: readonly string[]): Promise<number | undefined>;
  /** Everything that one blob is waited for by. */
  waitsFor(blobDigest: Uint8Array): Promise<readonly AttachmentWait[]>;
  waitsOfManifest(of: Omit<WaitKey, 'headerDigest' | 'blobDigest'>): Promise<readonly AttachmentWait[]>;
  allWaits(): Promise<readonly AttachmentWait[]>;
}

export interface AttachmentsWriter extends AttachmentsReader {
  /** Notes that a blob is whole and durable in the folder; once more changes nothing. */
  keep(blob: { readonly digest: Uint8Array; readonly size: number; readonly at: number }): Promise<void>;
  /** Forgets blobs whose bytes are to be removed after the commit. */
  forget(blobDigests: readonly Uint8Array[]): Promise<void>;
  wait(keys: readonly WaitKey[], at: number): Promise<void>;
  /** Every wait for a blob from one sender is tried again together. */
  postpone(
    wait: Pick<WaitKey, 'blobDigest' | 'sender'>,
    change: { readonly attempts: number; readonly mismatches: number; readonly nextAttemptAt: number },
  ): Promise<void>;
  /** Ends waits. */
  settle(keys: readonly WaitKey[]): Promise<void>;
  /** A node that is heard again is asked at once. */
  hasten(sender: string, nowMs: number): Promise<void>;
}

/** The blobs that a facet names. Its bytes were judged before they came here. */
export function blobsNamed(facet: string, body: Uint8Array): readonly Omit<NamedBlob, 'headerDigest'>[] {
  if (facet !== 'attachments' || body.length === 0) return [];
  const named = new Map<string, Omit<NamedBlob, 'headerDigest'>>();
  for (const { blobSha256, size } of Attachments.decode(body).files)
    if (blobSha256.length === 32) named.set(hex(blobSha256), { facet, blobDigest: blobSha256, size });
  return [...named.values()];
}

const OPEN_DRAFTS = ['draft', 'submitted'] as const;

/** Digests, in base64, that open drafts name: their content is JSON, and is looked into only where it has files at all. */
async function blobsOfDrafts(db: Kysely<Schema>): Promise<ReadonlySet<string>> {
  const drafts = await db
    .selectFrom('draft')
    .select('content')
    .where('state', 'in', OPEN_DRAFTS)
    .where('content', 'like', '%"blobSha256"%')
    .execute();
  const named = new Set<string>();
  for (const { content } of drafts)
    for (const [, digest] of content.matchAll(/"blobSha256":"([A-Za-z0-9+/=]{44})"/g))
      if (digest !== undefined) named.add(digest);
  return named;
}

const waitOf = (row: Selectable<AttachmentWaitTable>): AttachmentWait => ({
  headerDigest: row.header_digest,
  blobDigest: row.blob_digest,
  sender: row.sender,
  lane: row.lane === 0n ? 0 : 1,
  incarnation: numberOf(row.incarnation),
  seq: row.seq,
  since: numberOf(row.since),
  attempts: numberOf(row.attempts),
  mismatches: numberOf(row.mismatches),
  nextAttemptAt: numberOf(row.next_attempt_at),
});

export function attachmentsReader(db: Kysely<Schema>): AttachmentsReader {
  const waits = () => db.selectFrom('attachment_wait').selectAll();
  return {
    async namedBy(headerDigest) {
      const rows = await db
        .selectFrom('attachment')
        .selectAll()
        .where('header_digest', '=', headerDigest)
        .execute();
      return rows.map((row) => ({
        headerDigest: row.header_digest,
        facet: row.facet,
        blobDigest: row.blob_digest,
        size: numberOf(row.size),
      }));
    },
    async held(blobDigests) {
      const found = new Set<string>();
      for (const some of portions(blobDigests, 1)) {
        const rows = await db.selectFrom('blob').select('digest').where('digest', 'in', some).execute();
        for (const { digest } of rows) found.add(hex(digest));
      }
      return found;
    },
    async allHeld() {
      const rows = await db.selectFrom('blob').select('digest').orderBy('stored_at').execute();
      return rows.map(({ digest }) => digest);
    },
    async unnamed(limit) {
      const rows = await db
        .selectFrom('blob')
        .select('digest')
        .where(({ not, exists, selectFrom }) =>
          not(
            exists(
              selectFrom('attachment')
                .select('attachment.blob_digest')
                .whereRef('attachment.blob_digest', '=', 'blob.digest'),
            ),
          ),
        )
        .orderBy('stored_at')
        .execute();
      if (rows.length === 0) return [];
      const drafted = await blobsOfDrafts(db);
      return rows
        .map(({ digest }) => digest)
        .filter((digest) => !drafted.has(base64(digest)))
        .slice(0, limit);
    },
    async due(nowMs, limit, except) {
      const rows = await waits()
        .where('next_attempt_at', '<=', BigInt(nowMs))
        .where('sender', 'not in', except)
        .orderBy('next_attempt_at')
        .limit(limit)
        .execute();
      return rows.map(waitOf);
    },
    async nextDue(except) {
      const row = await db
        .selectFrom('attachment_wait')
        .where('sender', 'not in', except)
        .select(({ fn }) => fn.min('next_attempt_at').as('at'))
        .executeTakeFirst();
      return row?.at === null || row?.at === undefined ? undefined : Number(row.at);
    },
    async waitsFor(blobDigest) {
      return (await waits().where('blob_digest', '=', blobDigest).execute()).map(waitOf);
    },
    async waitsOfManifest({ sender, lane, incarnation, seq }) {
      const rows = await waits()
        .where('sender', '=', sender)
        .where('lane', '=', BigInt(lane))
        .where('incarnation', '=', BigInt(incarnation))
        .where('seq', '=', seq)
        .execute();
      return rows.map(waitOf);
    },
    async allWaits() {
      return (await waits().execute()).map(waitOf);
    },
  };
}

export function attachmentsWriter(db: Kysely<Schema>): AttachmentsWriter {
  return {
    ...attachmentsReader(db),
    async keep({ digest, size, at }) {
      await db
        .insertInto('blob')
        .values({ digest, size, stored_at: at })
        .onConflict((conflict) => conflict.doNothing())
        .execute();
    },
    async forget(blobDigests) {
      for (const some of portions(blobDigests, 1))
        await db.deleteFrom('blob').where('digest', 'in', some).execute();
    },
    async wait(keys, at) {
      for (const some of portions(keys, 10))
        await db
          .insertInto('attachment_wait')
          .values(
            some.map((key) => ({
              header_digest: key.headerDigest,
              blob_digest: key.blobDigest,
              sender: key.sender,
              lane: key.lane,
              incarnation: key.incarnation,
              seq: key.seq,
              since: at,
              attempts: 0,
              mismatches: 0,
              next_attempt_at: at,
            })),
          )
          .onConflict((conflict) => conflict.doNothing())
          .execute();
    },
    async postpone({ blobDigest, sender }, { attempts, mismatches, nextAttemptAt }) {
      await db
        .updateTable('attachment_wait')
        .set({ attempts, mismatches, next_attempt_at: nextAttemptAt })
        .where('blob_digest', '=', blobDigest)
        .where('sender', '=', sender)
        .execute();
    },
    async settle(keys) {
      for (const key of keys)
        await db
          .deleteFrom('attachment_wait')
          .where('header_digest', '=', key.headerDigest)
          .where('blob_digest', '=', key.blobDigest)
          .where('sender', '=', key.sender)
          .where('lane', '=', BigInt(key.lane))
          .where('incarnation', '=', BigInt(key.incarnation))
          .where('seq', '=', key.seq)
          .execute();
    },
    async hasten(sender, nowMs) {
      await db
        .updateTable('attachment_wait')
        .set({ next_attempt_at: nowMs })
        .where('sender', '=', sender)
        .where('next_attempt_at', '>', BigInt(nowMs))
        .execute();
    },
  };
}
