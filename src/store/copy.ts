/** A copy of the store as of one moment, whether a node runs on it or not: always a file of SQLite, whatever the engine. */
import { existsSync } from 'node:fs';
import { copySqlite } from './dialect/sqlite-copy.ts';
import { storeError } from './errors.ts';
import { MIGRATIONS } from './migrations/list.ts';
import { type AnyStoreOptions, MOVED_QUERY, movedAway, openEngine, openStore } from './store.ts';
import { transferInto } from './transfer.ts';

export interface StoreCopy {
  /** Digests of the attachments that count as of the copy, oldest first. */
  readonly blobs: readonly Uint8Array[];
}

/**
 * Writes one committed state of the store to a new file, read back and checked whole. A running node goes on beside it. What
 * was deleted is not in the copy. Throws StoreError: STORE_CANNOT_OPEN, STORE_CORRUPT, STORE_FULL, STORE_BUSY,
 * STORE_UNAVAILABLE, STORE_COPY_DIFFERS.
 */
export async function copyStore(from: AnyStoreOptions, to: string): Promise<StoreCopy> {
  if ('path' in from) copySqlite(from.path, to);
  else await copyServer(from, to);
  await using store = await openStore({ path: to });
  return { blobs: await store.read((tx) => tx.attachments.allHeld()) };
}

async function copyServer(from: Exclude<AnyStoreOptions, { path: string }>, to: string): Promise<void> {
  if (existsSync(to)) throw storeError('STORE_CANNOT_OPEN', 'expected a file that is not there yet');
  const { openPostgresSnapshot } = await import('./dialect/postgres.ts');
  const snapshot = await openPostgresSnapshot(from);
  try {
    const found = await snapshot.session.scalar("select to_regclass('migration')::text as value");
    const version =
      found === null || found === undefined
        ? undefined
        : await snapshot.session.scalar('select max(version) as value from migration');
    if (version === undefined)
      throw storeError('STORE_CANNOT_OPEN', 'there is no store to copy; has the node ever run?');
    if (Number(version) !== MIGRATIONS.at(-1)?.version)
      throw storeError(
        'STORE_TOO_NEW',
        'the store has the schema of another version of the program; copy it with that one',
      );
    const moved = await snapshot.session.scalar(MOVED_QUERY);
    if (moved !== null && moved !== undefined) throw movedAway();
    const target = await openEngine({ path: to });
    try {
      await transferInto(snapshot, target);
    } finally {
      await target.close();
    }
  } finally {
    await snapshot.close();
  }
}
