/** SQLite's own way to copy a database that others use: one read transaction, written out without its free pages. */
import { closeSync, existsSync, openSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { storeError } from '../errors.ts';
import { fromSqlite } from './sqlite-errors.ts';

const BUSY_TIMEOUT_MS = 10_000;

export function copySqlite(from: string, to: string): void {
  if (!existsSync(from))
    throw storeError('STORE_CANNOT_OPEN', 'there is no store to copy; has the node ever run?');
  // Readable by its owner only before anything is in it. VACUUM takes an empty file as a new one.
  closeSync(openSync(to, 'wx', 0o600));
  let source: DatabaseSync | undefined;
  try {
    source = new DatabaseSync(from, { timeout: BUSY_TIMEOUT_MS, allowExtension: false });
    source.prepare('vacuum into ?').run(to);
  } catch (error) {
    throw fromSqlite(error);
  } finally {
    source?.close();
  }
  const copy = new DatabaseSync(to, { allowExtension: false });
  try {
    // The whole check, not the quick one: a backup that is damaged itself is found out when it is needed.
    const found = copy.prepare('pragma integrity_check(1)').get()?.integrity_check;
    if (found !== 'ok') throw storeError('STORE_CORRUPT', 'the database file is damaged; nothing was copied');
  } catch (error) {
    throw fromSqlite(error);
  } finally {
    copy.close();
  }
}
