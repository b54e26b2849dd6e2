/**
 * How far each link is. One row a lane and direction says the last number and digest; every manifest sent or taken is
 * kept, so that a gap can be filled and a second body under one number proved.
 */
import type { Kysely, Selectable } from 'kysely';
import type { LaneId } from './outbox.ts';
import { numberOf } from './row.ts';
import type { LinkInTable, LinkOutTable, ManifestInTable, ManifestOutTable } from './schema/exchange.ts';
import type { Schema } from './schema/tables.ts';

/** The sending end of a lane. */
export interface LinkOut {
  readonly recipient: string;
  readonly lane: 0 | 1;
  readonly incarnation: number;
  /** Number of the newest manifest, 0 = none. */
  readonly seq: bigint;
  readonly digest: Uint8Array;
  /** Size of the live log in that manifest's checkpoint. */
  readonly checkpointSize: bigint;
  /** Highest number that the recipient said it holds. */
  readonly ackSeq: bigint;
}

/** The receiving end of a lane. */
export interface LinkIn {
  readonly sender: string;
  readonly lane: 0 | 1;
  readonly incarnation: number;
  readonly seq: bigint;
  readonly digest: Uint8Array;
  readonly checkpointSize: bigint;
  readonly checkpointRoot: Uint8Array;
  readonly heardAt: number;
}

export interface ManifestKey extends LaneId {
  readonly incarnation: number;
  readonly seq: bigint;
}

export interface ManifestOut extends ManifestKey {
  readonly digest: Uint8Array;
  /** Signed bytes. */
  readonly body: Uint8Array;
  /** Encoded HybridSignature. */
  readonly signature: Uint8Array;
  /** `receipts` = nothing but receipts, which get none themselves. */
  readonly contentKind: 'content' | 'receipts';
  readonly state: 'open' | 'closed' | 'skipped';
  /** Encoded SignedSkip where the number was given up. */
  readonly skip?: Uint8Array;
  /** Times that it was published, or is about to be. */
  readonly attempts: number;
  readonly nextAttemptAt: number;
  readonly publishedAt?: number;
}

/** What a lane needs to know of a manifest under way. */
export type OpenManifest = Pick<
  ManifestOut,
  'incarnation' | 'seq' | 'attempts' | 'nextAttemptAt' | 'contentKind'
>;

export interface ManifestIn {
  readonly sender: string;
  readonly incarnation: number;
  readonly lane: 0 | 1;
  readonly seq: bigint;
  readonly digest: Uint8Array;
  readonly body: Uint8Array;
  readonly signature: Uint8Array;
  /** Header digest of the receipt that answers it; absent where it needs none. */
  readonly receiptDigest?: Uint8Array;
  readonly takenAt: number;
}

export interface LinksReader {
  out(lane: LaneId): Promise<LinkOut | undefined>;
  allOut(): Promise<readonly LinkOut[]>;
  in(sender: string, lane: 0 | 1): Promise<LinkIn | undefined>;
  allIn(): Promise<readonly LinkIn[]>;
  manifestOut(key: ManifestKey): Promise<ManifestOut | undefined>;
  manifestByDigest(digest: Uint8Array): Promise<ManifestOut | undefined>;
  /** The newest manifest of an incarnation whose receipt is here; those that get none do not count. */
  lastReceipted(
    lane: LaneId,
    incarnation: number,
  ): Promise<{ readonly seq: bigint; readonly closedAt: number } | undefined>;
  /** Manifests without receipt or acknowledgement, in the order of their numbers. */
  open(lane: LaneId): Promise<readonly OpenManifest[]>;
  lanesOpen(): Promise<readonly LaneId[]>;
  /** Kept manifests from a number on, in order. */
  manifestsFrom(key: ManifestKey, limit: number): Promise<readonly ManifestOut[]>;
  manifestInByDigest(digest: Uint8Array): Promise<ManifestIn | undefined>;
  /** The newest manifest sent before an incarnation began. */
  lastOutBefore(lane: LaneId, incarnation: number): Promise<ManifestOut | undefined>;
  /** Manifests taken of a sender's incarnations below one, after a place, in order. */
  takenAfter(
    place: Pick<ManifestIn, 'sender' | 'incarnation' | 'lane' | 'seq'> & { readonly below: number },
    limit: number,
  ): Promise<readonly ManifestIn[]>;
  manifestIn(
    key: Pick<ManifestIn, 'sender' | 'incarnation' | 'lane' | 'seq'>,
  ): Promise<ManifestIn | undefined>;
}

export interface LinksWriter extends LinksReader {
  setOut(link: LinkOut): Promise<void>;
  addManifest(manifest: ManifestOut): Promise<void>;
  /** What the next publish will be, committed before it happens. */
  setAttempt(key: ManifestKey, attempts: number, nextAttemptAt: number, publishedAt: number): Promise<void>;
  closeManifest(key: ManifestKey, closedAt: number): Promise<void>;
  skipManifest(key: ManifestKey, skip: Uint8Array, closedAt: number): Promise<void>;
  /** Closes a recipient's manifests from before `incarnation`: what they announced is announced again. */
  closeEarlier(recipient: string, incarnation: number, closedAt: number): Promise<void>;
  /**
   * Raises what the recipient holds (never lowers it), and closes the manifests up to there that get no receipt.
   *
   * @returns whether anything changed
   */
  acknowledge(lane: LaneId, incarnation: number, seq: bigint, at: number): Promise<boolean>;
  setIn(link: LinkIn): Promise<void>;
  takeManifest(manifest: ManifestIn): Promise<void>;
  /** Another receipt answers the manifests that this one did. */
  replaceReceipt(before: Uint8Array, after: Uint8Array): Promise<void>;
  /** Another receipt answers a taken manifest from now on. */
  setReceipt(
    key: Pick<ManifestIn, 'sender' | 'incarnation' | 'lane' | 'seq'>,
    receiptDigest: Uint8Array,
  ): Promise<void>;
}

const laneOf = (lane: bigint): 0 | 1 => (lane === 0n ? 0 : 1);

const outOf = (row: Selectable<LinkOutTable>): LinkOut => ({
  recipient: row.recipient,
  lane: laneOf(row.lane),
  incarnation: Number(row.incarnation),
  seq: row.seq,
  digest: row.digest,
  checkpointSize: row.checkpoint_size,
  ackSeq: row.ack_seq,
});

const inOf = (row: Selectable<LinkInTable>): LinkIn => ({
  sender: row.sender,
  lane: laneOf(row.lane),
  incarnation: Number(row.incarnation),
  seq: row.seq,
  digest: row.digest,
  checkpointSize: row.checkpoint_size,
  checkpointRoot: row.checkpoint_root,
  heardAt: Number(row.heard_at),
});

const manifestOutOf = (row: Selectable<ManifestOutTable>): ManifestOut => ({
  recipient: row.recipient,
  incarnation: Number(row.incarnation),
  lane: laneOf(row.lane),
  seq: row.seq,
  digest: row.digest,
  body: row.body,
  signature: row.signature,
  contentKind: row.content_kind,
  state: row.state,
  attempts: Number(row.attempts),
  nextAttemptAt: Number(row.next_attempt_at),
  ...(row.skip !== null && { skip: row.skip }),
  ...(row.published_at !== null && { publishedAt: Number(row.published_at) }),
});

const manifestInOf = (row: Selectable<ManifestInTable>): ManifestIn => ({
  sender: row.sender,
  incarnation: Number(row.incarnation),
  lane: laneOf(row.lane),
  seq: row.seq,
  digest: row.digest,
  body: row.body,
  signature: row.signature,
  takenAt: Number(row.taken_at),
  ...(row.receipt_digest !== null && { receiptDigest: row.receipt_digest }),
});

export function linksReader(db: Kysely<Schema>): LinksReader {
  const manifests = db.selectFrom('manifest_out').selectAll();
  const ofLane = ({ recipient, lane }: LaneId) =>
    manifests.where('recipient', '=', recipient).where('lane', '=', BigInt(lane));
  return {
    async out({ recipient, lane }) {
      const row = await db
        .selectFrom('link_out')
        .selectAll()
        .where('recipient', '=', recipient)
        .where('lane', '=', BigInt(lane))
        .executeTakeFirst();
      return row && outOf(row);
    },
    async lastReceipted(lane, incarnation) {
      const row = await ofLane(lane)
        .where('incarnation', '=', BigInt(incarnation))
        .where('state', '=', 'closed')
        .where('content_kind', '=', 'content')
        .orderBy('seq', 'desc')
        .limit(1)
        .executeTakeFirst();
      return row && { seq: row.seq, closedAt: numberOf(row.closed_at ?? 0n) };
    },
    async allOut() {
      return (await db.selectFrom('link_out').selectAll().execute()).map(outOf);
    },
    async in(sender, lane) {
      const row = await db
        .selectFrom('link_in')
        .selectAll()
        .where('sender', '=', sender)
        .where('lane', '=', BigInt(lane))
        .executeTakeFirst();
      return row && inOf(row);
    },
    async allIn() {
      return (await db.selectFrom('link_in').selectAll().execute()).map(inOf);
    },
    async manifestOut(key) {
      const row = await ofLane(key)
        .where('incarnation', '=', BigInt(key.incarnation))
        .where('seq', '=', key.seq)
        .executeTakeFirst();
      return row && manifestOutOf(row);
    },
    async manifestByDigest(digest) {
      const row = await manifests.where('digest', '=', digest).executeTakeFirst();
      return row && manifestOutOf(row);
    },
    async open(lane) {
      const rows = await db
        .selectFrom('manifest_out')
        .select(['incarnation', 'seq', 'attempts', 'next_attempt_at', 'content_kind'])
        .where('recipient', '=', lane.recipient)
        .where('lane', '=', BigInt(lane.lane))
        .where('state', '=', 'open')
        .orderBy('incarnation')
        .orderBy('seq')
        .execute();
      return rows.map((row) => ({
        incarnation: Number(row.incarnation),
        seq: row.seq,
        attempts: Number(row.attempts),
        nextAttemptAt: Number(row.next_attempt_at),
        contentKind: row.content_kind,
      }));
    },
    async lanesOpen() {
      const rows = await db
        .selectFrom('manifest_out')
        .select(['recipient', 'lane'])
        .where('state', '=', 'open')
        .groupBy(['recipient', 'lane'])
        .execute();
      return rows.map((row) => ({ recipient: row.recipient, lane: laneOf(row.lane) }));
    },
    async manifestsFrom(key, limit) {
      const rows = await ofLane(key)
        .where('incarnation', '=', BigInt(key.incarnation))
        .where('seq', '>=', key.seq)
        .orderBy('seq')
        .limit(limit)
        .execute();
      return rows.map(manifestOutOf);
    },
    async manifestInByDigest(digest) {
      const row = await db
        .selectFrom('manifest_in')
        .selectAll()
        .where('digest', '=', digest)
        .executeTakeFirst();
      return row && manifestInOf(row);
    },
    async lastOutBefore(lane, incarnation) {
      const row = await ofLane(lane)
        .where('incarnation', '<', BigInt(incarnation))
        .orderBy('incarnation', 'desc')
        .orderBy('seq', 'desc')
        .limit(1)
        .executeTakeFirst();
      return row && manifestOutOf(row);
    },
    async takenAfter({ sender, incarnation, lane, seq, below }, limit) {
      const rows = await db
        .selectFrom('manifest_in')
        .selectAll()
        .where('sender', '=', sender)
        .where('lane', '=', BigInt(lane))
        .where('incarnation', '<', BigInt(below))
        .where((where) =>
          where.or([
            where('incarnation', '>', BigInt(incarnation)),
            where.and([where('incarnation', '=', BigInt(incarnation)), where('seq', '>', seq)]),
          ]),
        )
        .orderBy('incarnation')
        .orderBy('seq')
        .limit(limit)
        .execute();
      return rows.map(manifestInOf);
    },
    async manifestIn({ sender, incarnation, lane, seq }) {
      const row = await db
        .selectFrom('manifest_in')
        .selectAll()
        .where('sender', '=', sender)
        .where('incarnation', '=', BigInt(incarnation))
        .where('lane', '=', BigInt(lane))
        .where('seq', '=', seq)
        .executeTakeFirst();
      return row && manifestInOf(row);
    },
  };
}

export function linksWriter(db: Kysely<Schema>): LinksWriter {
  const reader = linksReader(db);
  const update = (key: ManifestKey) =>
    db
      .updateTable('manifest_out')
      .where('recipient', '=', key.recipient)
      .where('incarnation', '=', BigInt(key.incarnation))
      .where('lane', '=', BigInt(key.lane))
      .where('seq', '=', key.seq);
  return {
    ...reader,
    async setOut(link) {
      const row = {
        incarnation: link.incarnation,
        seq: link.seq,
        digest: link.digest,
        checkpoint_size: link.checkpointSize,
        ack_seq: link.ackSeq,
      };
      await db
        .insertInto('link_out')
        .values({ recipient: link.recipient, lane: link.lane, ...row })
        .onConflict((conflict) => conflict.columns(['recipient', 'lane']).doUpdateSet(row))
        .execute();
    },
    async addManifest(manifest) {
      await db
        .insertInto('manifest_out')
        .values({
          recipient: manifest.recipient,
          incarnation: manifest.incarnation,
          lane: manifest.lane,
          seq: manifest.seq,
          digest: manifest.digest,
          body: manifest.body,
          signature: manifest.signature,
          content_kind: manifest.contentKind,
          state: manifest.state,
          attempts: manifest.attempts,
          next_attempt_at: manifest.nextAttemptAt,
          published_at: manifest.publishedAt ?? null,
        })
        .execute();
    },
    async setAttempt(key, attempts, nextAttemptAt, publishedAt) {
      await update(key)
        .set({ attempts, next_attempt_at: nextAttemptAt, published_at: publishedAt })
        .execute();
    },
    async closeManifest(key, closedAt) {
      await update(key).set({ state: 'closed', closed_at: closedAt }).where('state', '=', 'open').execute();
    },
    async skipManifest(key, skip, closedAt) {
      await update(key)
        .set({ state: 'skipped', skip, closed_at: closedAt })
        .where('state', '=', 'open')
        .execute();
    },
    async closeEarlier(recipient, incarnation, closedAt) {
      await db
        .updateTable('manifest_out')
        .set({ state: 'closed', closed_at: closedAt })
        .where('recipient', '=', recipient)
        .where('incarnation', '<', BigInt(incarnation))
        .where('state', '=', 'open')
        .execute();
    },
    async acknowledge(lane, incarnation, seq, at) {
      const raised = await db
        .updateTable('link_out')
        .set({ ack_seq: seq })
        .where('recipient', '=', lane.recipient)
        .where('lane', '=', BigInt(lane.lane))
        .where('incarnation', '=', BigInt(incarnation))
        .where('ack_seq', '<', seq)
        .executeTakeFirst();
      if (raised.numUpdatedRows === 0n) return false;
      await db
        .updateTable('manifest_out')
        .set({ state: 'closed', closed_at: at })
        .where('recipient', '=', lane.recipient)
        .where('incarnation', '=', BigInt(incarnation))
        .where('lane', '=', BigInt(lane.lane))
        .where('seq', '<=', seq)
        .where('content_kind', '=', 'receipts')
        .where('state', '=', 'open')
        .execute();
      await db
        .updateTable('outbox')
        .set({ state: 'receipted', closed_at: at })
        .where('state', '=', 'sent')
        .where('recipient', '=', lane.recipient)
        .where('lane', '=', BigInt(lane.lane))
        .where('incarnation', '=', BigInt(incarnation))
        .where('seq', '<=', seq)
        .where(
          'seq',
          'in',
          db
            .selectFrom('manifest_out')
            .select('seq')
            .where('recipient', '=', lane.recipient)
            .where('incarnation', '=', BigInt(incarnation))
            .where('lane', '=', BigInt(lane.lane))
            .where('content_kind', '=', 'receipts'),
        )
        .execute();
      return true;
    },
    async setIn(link) {
      const row = {
        incarnation: link.incarnation,
        seq: link.seq,
        digest: link.digest,
        checkpoint_size: link.checkpointSize,
        checkpoint_root: link.checkpointRoot,
        heard_at: link.heardAt,
      };
      await db
        .insertInto('link_in')
        .values({ sender: link.sender, lane: link.lane, ...row })
        .onConflict((conflict) => conflict.columns(['sender', 'lane']).doUpdateSet(row))
        .execute();
    },
    async replaceReceipt(before, after) {
      await db
        .updateTable('manifest_in')
        .set({ receipt_digest: after })
        .where('receipt_digest', '=', before)
        .execute();
    },
    async takeManifest(manifest) {
      await db
        .insertInto('manifest_in')
        .values({
          sender: manifest.sender,
          incarnation: manifest.incarnation,
          lane: manifest.lane,
          seq: manifest.seq,
          digest: manifest.digest,
          body: manifest.body,
          signature: manifest.signature,
          receipt_digest: manifest.receiptDigest ?? null,
          taken_at: manifest.takenAt,
        })
        .execute();
    },
    async setReceipt({ sender, incarnation, lane, seq }, receiptDigest) {
      await db
        .updateTable('manifest_in')
        .set({ receipt_digest: receiptDigest })
        .where('sender', '=', sender)
        .where('incarnation', '=', BigInt(incarnation))
        .where('lane', '=', BigInt(lane))
        .where('seq', '=', seq)
        .execute();
    },
  };
}
