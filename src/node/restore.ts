/**
 * A node's folder made again out of its backup. It never goes on as what it was: partners have heard more of it than the backup
 * knows, so the incarnation is raised before the folder gets its name (design §5, recover.ts). Everything happens beside the
 * target; what fails leaves nothing.
 */
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, open, readdir, rename, rm, rmdir } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { type BackupSummary, readBackup } from './backup.ts';
import { NodeError } from './errors.ts';
import { type Recovered, recoverNode } from './recover.ts';

export interface RestoreOptions {
  readonly file: string;
  /** Folder to make; must not exist, or be empty. */
  readonly dir: string;
  readonly passphrase: string;
  /** Folder of the national authority; absent = the backup's own, if it has it. */
  readonly authority?: string;
  readonly nowMs: number;
}

/** Throws ALREADY_EXISTS, NOT_INITIALISED (no authority at hand), and what `verifyBackup` and `recoverNode` throw. */
export async function restoreNode(
  options: RestoreOptions,
): Promise<{ readonly backup: BackupSummary; readonly recovered: Recovered }> {
  const dir = resolve(options.dir);
  if (existsSync(dir) && (await readdir(dir)).length > 0)
    throw new NodeError({
      code: 'ALREADY_EXISTS',
      message: `${dir} is not empty: restore into a new folder, and look at what is left of the old one first`,
    });
  await mkdir(dirname(dir), { recursive: true });
  const work = await mkdtemp(join(dirname(dir), '.tocsin-restore-'));
  try {
    const backup = await unpackInto(work, options);
    if (options.authority === undefined && !backup.authority)
      throw new NodeError({
        code: 'NOT_INITIALISED',
        message: `${options.file} has no keys of the national authority, which a higher incarnation needs: name its folder with --authority`,
      });
    const recovered = await recoverNode({
      dir: work,
      ...(options.authority !== undefined && { authority: options.authority }),
      nowMs: options.nowMs,
    });
    if (existsSync(dir)) await rmdir(dir);
    await rename(work, dir);
    await sync(dirname(dir));
    return { backup, recovered };
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

async function unpackInto(work: string, { file, passphrase }: RestoreOptions): Promise<BackupSummary> {
  let target: Awaited<ReturnType<typeof open>> | undefined;
  try {
    return await readBackup(
      file,
      passphrase,
      async (name) => {
        const path = join(work, ...name.split('/'));
        await mkdir(dirname(path), { recursive: true, mode: 0o700 });
        const opened = await open(path, 'wx', 0o600);
        target = opened;
        return async (piece) => {
          await opened.writeFile(piece);
        };
      },
      async () => {
        await target?.sync();
        await target?.close();
        target = undefined;
      },
    );
  } finally {
    await target?.close();
  }
}

async function sync(dir: string): Promise<void> {
  const folder = await open(dir, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}
