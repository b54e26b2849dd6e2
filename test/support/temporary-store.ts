/** A real store in a directory of its own, gone when the test is over. */
import { copyFileSync, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { type Blobs, openBlobs, openStore, type Store, type StoreOptions } from '../../src/store/index.ts';

export interface TemporaryStore extends AsyncDisposable {
  readonly directory: string;
  readonly path: string;
  readonly store: Store;
  /** A folder of blobs beside it. */
  readonly blobs: Blobs;
  /** Closes and opens it again, as a restart would. */
  reopen(options?: Omit<StoreOptions, 'path'>): Promise<Store>;
  /** Closes it, copies its files aside, opens it again. */
  keepCopy(): Promise<Store>;
  /** Closes it, puts the copied files in its place, opens it again: a disk image of the night before. */
  putBack(): Promise<Store>;
}

const copyFiles = (from: string, to: string): void => {
  for (const end of ['', '-wal', '-shm']) {
    rmSync(`${to}${end}`, { force: true });
    if (existsSync(`${from}${end}`)) copyFileSync(`${from}${end}`, `${to}${end}`);
  }
};

export async function temporaryStore(options: Omit<StoreOptions, 'path'> = {}): Promise<TemporaryStore> {
  const directory = mkdtempSync(join(tmpdir(), 'tocsin-store-'));
  const path = join(directory, 'node.sqlite');
  let store = await openStore({ path, ...options });
  const blobs = await openBlobs(join(directory, 'blobs'));
  return {
    directory,
    path,
    blobs,
    get store() {
      return store;
    },
    async reopen(again = options) {
      await store[Symbol.asyncDispose]();
      store = await openStore({ path, ...again });
      return store;
    },
    async keepCopy() {
      await store[Symbol.asyncDispose]();
      copyFiles(path, `${path}.copy`);
      store = await openStore({ path, ...options });
      return store;
    },
    async putBack() {
      await store[Symbol.asyncDispose]();
      copyFiles(`${path}.copy`, path);
      store = await openStore({ path, ...options });
      return store;
    },
    async [Symbol.asyncDispose]() {
      await store[Symbol.asyncDispose]();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

/** Rewrites a store's file as its administrator may at any time, beside whoever runs on it (VACUUM). */
export function compact({ path }: { readonly path: string }): void {
  using database = new DatabaseSync(path, { timeout: 10_000 });
  database.exec('vacuum');
}
