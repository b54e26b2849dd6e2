/**
 * The folder of encrypted attachments, a file each, named by the SHA-256 of its bytes and by nothing that anybody typed
 * (T35). Files are written under another name, flushed and renamed, so a file under its digest is whole. Which of them count
 * is said by the database (attachments.ts): bytes come before their row and go after it, and `sweep` mends what a crash left.
 */
import { createHash, randomBytes } from 'node:crypto';
import { constants } from 'node:fs';
import { type FileHandle, mkdir, open, readdir, rename, rm, stat, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import { equalBytes, hex } from '../base/bytes.ts';
import { storeError } from './errors.ts';

/** Bytes read at once. */
const PIECE = 64 * 1024;
/** What stays free on the disk for the database, which must go on when attachments cannot. */
const KEPT_FREE_BYTES = 64 * 1024 * 1024;
const WHOLE = /^[0-9a-f]{64}$/;
const PART = /^([0-9a-f]{64})\.part$/;

export interface FinishedBlob {
  readonly digest: Uint8Array;
  readonly size: number;
}

/** A blob that is being written here for the first time. */
export interface NewBlob extends AsyncDisposable {
  append(bytes: Uint8Array): Promise<void>;
  /** Makes it durable under its digest. */
  finish(): Promise<FinishedBlob>;
}

/** A blob that is being fetched; what was written before stays when the process ends. */
export interface BlobPart extends AsyncDisposable {
  /** Bytes written so far. */
  readonly size: number;
  append(bytes: Uint8Array): Promise<void>;
  /** Makes it durable if its bytes are those of the digest; if not, throws them away and answers false. */
  finish(): Promise<boolean>;
  /** Throws away what was written. */
  discard(): Promise<void>;
}

export interface Blobs {
  create(): Promise<NewBlob>;
  part(digest: Uint8Array): Promise<BlobPart>;
  /** Size of a whole blob; undefined where it is not here. */
  size(digest: Uint8Array): Promise<number | undefined>;
  /** The bytes of a whole blob from an offset on. Throws ROW_MISSING where it is not here. */
  read(digest: Uint8Array, from?: number): AsyncIterable<Uint8Array>;
  /** Removes whole blobs and what was begun of them. Harmless twice. */
  remove(digests: readonly Uint8Array[]): Promise<void>;
  /**
   * Removes every file that is not among the kept, and what was begun of others than those awaited; to be called before
   * anything is written. The digests among `kept` whose file is gone.
   */
  sweep(kept: readonly Uint8Array[], awaited: readonly Uint8Array[]): Promise<readonly Uint8Array[]>;
}

/** Opens the folder, which is made, readable by its owner only, where it does not exist. */
export async function openBlobs(dir: string): Promise<Blobs> {
  await mkdir(dir, { recursive: true, mode: 0o700 });
  return new BlobFolder(dir);
}

class BlobFolder implements Blobs {
  readonly #dir: string;

  constructor(dir: string) {
    this.#dir = dir;
  }

  async create(): Promise<NewBlob> {
    await this.#assertRoom();
    const path = join(this.#dir, `${randomBytes(16).toString('hex')}.new`);
    const file = await open(path, 'wx', 0o600);
    const hash = createHash('sha256');
    let size = 0;
    let done = false;
    return {
      append: async (bytes) => {
        hash.update(bytes);
        await written(file, bytes);
        size += bytes.length;
      },
      finish: async () => {
        await file.sync();
        await file.close();
        const digest = hash.digest();
        await rename(path, this.#path(digest));
        await this.#sync();
        done = true;
        return { digest: new Uint8Array(digest), size };
      },
      [Symbol.asyncDispose]: async () => {
        if (done) return;
        done = true;
        await file.close().catch(() => undefined);
        await rm(path, { force: true });
      },
    };
  }

  async part(digest: Uint8Array): Promise<BlobPart> {
    await this.#assertRoom();
    const path = `${this.#path(digest)}.part`;
    const file = await open(
      path,
      constants.O_CREAT | constants.O_RDWR | constants.O_APPEND | constants.O_NOFOLLOW,
      0o600,
    );
    let { size } = await file.stat();
    let open_ = true;
    const close = async (): Promise<void> => {
      if (!open_) return;
      open_ = false;
      await file.close();
    };
    return {
      get size() {
        return size;
      },
      append: async (bytes) => {
        await written(file, bytes);
        size += bytes.length;
      },
      finish: async () => {
        await file.sync();
        // Read back: what a process before this one wrote may have been lost in a power cut.
        const right = equalBytes(await digestOf(file), digest);
        await close();
        if (right) await rename(path, this.#path(digest));
        else await rm(path, { force: true });
        await this.#sync();
        return right;
      },
      discard: async () => {
        await close();
        await rm(path, { force: true });
      },
      [Symbol.asyncDispose]: close,
    };
  }

  async size(digest: Uint8Array): Promise<number | undefined> {
    try {
      return (await stat(this.#path(digest))).size;
    } catch (error) {
      if (isMissing(error)) return undefined;
      throw error;
    }
  }

  async *read(digest: Uint8Array, from = 0): AsyncGenerator<Uint8Array> {
    let file: FileHandle;
    try {
      file = await open(this.#path(digest), constants.O_RDONLY | constants.O_NOFOLLOW);
    } catch (cause) {
      if (!isMissing(cause)) throw cause;
      throw storeError('ROW_MISSING', 'expected a blob that is in the folder, it is not', {
        facts: { digest: hex(digest) },
        cause,
      });
    }
    try {
      yield* piecesOf(file, from);
    } finally {
      await file.close();
    }
  }

  async remove(digests: readonly Uint8Array[]): Promise<void> {
    for (const digest of digests) {
      await rm(this.#path(digest), { force: true });
      await rm(`${this.#path(digest)}.part`, { force: true });
    }
    if (digests.length > 0) await this.#sync();
  }

  async sweep(kept: readonly Uint8Array[], awaited: readonly Uint8Array[]): Promise<readonly Uint8Array[]> {
    const keep = new Set(kept.map(hex));
    const begun = new Set(awaited.map(hex));
    const here = new Set<string>();
    for (const name of await readdir(this.#dir)) {
      const part = PART.exec(name)?.[1];
      if (WHOLE.test(name) && keep.has(name)) here.add(name);
      else if (part === undefined || !begun.has(part)) await rm(join(this.#dir, name), { force: true });
    }
    return kept.filter((digest) => !here.has(hex(digest)));
  }

  #path(digest: Uint8Array): string {
    const name = hex(digest);
    if (!WHOLE.test(name)) throw new TypeError('expected a SHA-256 digest');
    return join(this.#dir, name);
  }

  async #sync(): Promise<void> {
    const folder = await open(this.#dir, 'r');
    try {
      await folder.sync();
    } finally {
      await folder.close();
    }
  }

  async #assertRoom(): Promise<void> {
    const { bavail, bsize } = await statfs(this.#dir);
    if (bavail * bsize < KEPT_FREE_BYTES)
      throw storeError('STORE_FULL', 'expected room for attachments on the disk; make some', {
        retry: 'later',
      });
  }
}

async function written(file: FileHandle, bytes: Uint8Array): Promise<void> {
  try {
    for (let at = 0; at < bytes.length; ) at += (await file.write(bytes, at)).bytesWritten;
  } catch (cause) {
    if (!(cause instanceof Error && 'code' in cause && (cause.code === 'ENOSPC' || cause.code === 'EDQUOT')))
      throw cause;
    throw storeError('STORE_FULL', 'expected room for attachments on the disk; make some', {
      retry: 'later',
      cause,
    });
  }
}

async function* piecesOf(file: FileHandle, from: number): AsyncGenerator<Uint8Array> {
  for (let at = from; ; ) {
    const piece = Buffer.allocUnsafeSlow(PIECE);
    const { bytesRead } = await file.read(piece, 0, PIECE, at);
    if (bytesRead === 0) return;
    at += bytesRead;
    yield piece.subarray(0, bytesRead);
  }
}

async function digestOf(file: FileHandle): Promise<Uint8Array> {
  const hash = createHash('sha256');
  for await (const piece of piecesOf(file, 0)) hash.update(piece);
  return hash.digest();
}

const isMissing = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && error.code === 'ENOENT';
