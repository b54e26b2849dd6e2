/**
 * Files that hold secrets: written whole or not at all, readable by their owner only, refused when anybody else could
 * read them. Knows nothing of what the secret is; never puts it into an error.
 */
import { randomBytes } from 'node:crypto';
import { chmod, type FileHandle, lstat, mkdir, open, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { hex } from '../base/bytes.ts';
import { IdentityError } from './errors.ts';

const OTHERS = 0o077;
/** A secret is a key or a few of them, never a document. */
const SECRET_MAX_BYTES = 64 * 1024;

const octal = (mode: number): string => (mode & 0o777).toString(8).padStart(4, '0');

/** Makes a directory that only its owner can enter; an existing one is narrowed. Throws SECRET_UNREADABLE for a file. */
export async function makeSecretDirectory(path: string): Promise<void> {
  await mkdir(path, { recursive: true, mode: 0o700 });
  const found = await lstat(path);
  if (!found.isDirectory())
    throw new IdentityError({
      code: 'SECRET_UNREADABLE',
      message: `expected a directory at ${path}, found something else`,
    });
  if ((found.mode & OTHERS) !== 0) await chmod(path, 0o700);
}

/** fsync of a directory: without it a power cut may forget that a file was made or removed in it. */
export async function syncDirectory(path: string): Promise<void> {
  const handle = await open(path, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/**
 * Writes a secret: a new file with mode 0600 beside it, fsync, rename, fsync of the directory. When the promise resolves
 * the secret survives a power cut; when it rejects the old content is still there.
 */
export async function writeSecret(path: string, content: string | Uint8Array): Promise<void> {
  const temporary = join(dirname(path), `.${basename(path)}.${hex(randomBytes(6))}`);
  let handle: FileHandle | undefined;
  try {
    handle = await open(temporary, 'wx', 0o600);
    await handle.writeFile(content);
    await handle.sync();
    await handle.close();
    handle = undefined;
    await rename(temporary, path);
  } catch (cause) {
    await handle?.close();
    await rm(temporary, { force: true });
    throw new IdentityError({
      code: 'SECRET_UNREADABLE',
      message: `cannot write ${path}`,
      retry: 'later',
      cause,
    });
  }
  await syncDirectory(dirname(path));
}

/**
 * Bytes of a secret. Throws SECRET_PERMISSIONS where group or world have any right on it, SECRET_UNREADABLE where it is
 * missing, no regular file (a link included) or too large.
 */
export async function readSecret(path: string): Promise<Uint8Array> {
  let handle: FileHandle | undefined;
  try {
    const entry = await lstat(path);
    if (!entry.isFile())
      throw new IdentityError({
        code: 'SECRET_UNREADABLE',
        message: `expected a regular file at ${path}`,
      });
    handle = await open(path, 'r');
    // Judged on the open file: a name can be given to another file between two calls.
    const found = await handle.stat();
    if ((found.mode & OTHERS) !== 0)
      throw new IdentityError({
        code: 'SECRET_PERMISSIONS',
        message: `expected mode 0600 on ${path}, found ${octal(found.mode)}: run chmod 600 and consider the secret known to others`,
        facts: { path, mode: octal(found.mode) },
      });
    if (found.size > SECRET_MAX_BYTES)
      throw new IdentityError({
        code: 'SECRET_UNREADABLE',
        message: `expected at most ${SECRET_MAX_BYTES} bytes in ${path}, found ${found.size}`,
      });
    return new Uint8Array(await handle.readFile());
  } catch (cause) {
    if (cause instanceof IdentityError) throw cause;
    throw new IdentityError({ code: 'SECRET_UNREADABLE', message: `cannot read ${path}`, cause });
  } finally {
    await handle?.close();
  }
}

/** Removes a secret and makes the removal durable; a missing one is no error. Bytes may survive on the medium. */
export async function deleteSecret(path: string): Promise<void> {
  await rm(path, { force: true });
  await syncDirectory(dirname(path));
}
