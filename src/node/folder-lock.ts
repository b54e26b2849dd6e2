/** One command at a time changes the keys of a folder: two at once would make two statements of one number, which convict the node. */
import { open, readFile, rm } from 'node:fs/promises';
import { NodeError } from './errors.ts';

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // There, and another user's.
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}

async function take(path: string): Promise<boolean> {
  try {
    const handle = await open(path, 'wx', 0o600);
    await handle.writeFile(String(process.pid));
    await handle.close();
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false;
    throw error;
  }
}

/** Runs `work` while the file `path` says that this process does. A file that a dead process left is taken over. */
export async function whileLocked<Value>(path: string, work: () => Promise<Value>): Promise<Value> {
  if (!(await take(path))) {
    const pid = Number(await readFile(path, 'utf8').catch(() => ''));
    const other = Number.isSafeInteger(pid) && pid > 0 && isAlive(pid);
    if (!other) await rm(path, { force: true });
    if (other || !(await take(path)))
      throw new NodeError({
        code: 'FOLDER_BUSY',
        message: `another command changes the keys of this folder (${path}): wait for its end and repeat`,
        retry: 'later',
      });
  }
  try {
    return await work();
  } finally {
    await rm(path, { force: true });
  }
}
