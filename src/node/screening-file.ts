/** The file of the index of screening: replaced whole, readable by the node alone, and gone where something in it was deleted. */
import { readFile, rename, rm, writeFile } from 'node:fs/promises';

/** What the screening asks of its file. */
export function screeningFile(path: string) {
  const fresh = `${path}.new`;
  return {
    /** Undefined where there is none. */
    read: (): Promise<Uint8Array | undefined> =>
      readFile(path).catch((error: NodeJS.ErrnoException) => {
        if (error.code === 'ENOENT') return undefined;
        throw error;
      }),
    /** Whole or not at all; nothing where `isWanted` says no once it is written. */
    async write(bytes: Uint8Array, isWanted: () => boolean): Promise<void> {
      await writeFile(fresh, bytes, { mode: 0o600 });
      await (isWanted() ? rename(fresh, path) : rm(fresh, { force: true }));
    },
    remove: (): Promise<void> => rm(path, { force: true }),
  };
}
