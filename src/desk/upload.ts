/**
 * Files on their way in. A file is cleaned and encrypted as it comes, so neither memory nor disk ever holds it plain and whole;
 * where a call breaks off the work waits, bounded in number and time, for the call that goes on. A restart ends it.
 */
import { createHash } from 'node:crypto';
import type { Clock, Random } from '../base/clock.ts';
import { LIMITS } from '../base/limits.ts';
import { Reason } from '../gen/tocsin/record/v1/reason.ts';
import { type AttachmentType, cleanFile } from '../record/index.ts';
import { FILE_KEY_BYTES, sealBlob } from '../seal/index.ts';
import type { Blobs } from '../store/index.ts';
import { DeskError } from './errors.ts';

/** How long an unfinished upload, or what became of a finished one, is kept after its last piece. */
const KEPT_MS = 10 * 60_000;
/** An upload that still comes in after so long makes room for others: the slowest browser that is let needs three quarters of it. */
const LONGEST_MS = 60 * 60_000;

export interface UploadDeps {
  readonly blobs: Blobs;
  readonly random: Random;
  readonly clock: Clock;
}

/** What an upload is known by: the same once more is the same upload. */
export interface UploadKey {
  /** Fingerprint of the officer's certificate. */
  readonly officer: string;
  readonly draftId: string;
  readonly uploadId: string;
  /** Announced size of the file. */
  readonly bytes: number;
}

/** A file that lies in the folder, named by nothing yet. */
export interface UploadedFile {
  readonly sha256: Uint8Array;
  readonly blobSha256: Uint8Array;
  readonly blobBytes: number;
  readonly fileKey: Uint8Array;
  readonly type: AttachmentType;
  /** Bytes after cleaning. */
  readonly size: number;
}

/** One piece at a time from who sends to who cleans. */
class Slot implements AsyncIterable<Uint8Array> {
  #piece: Uint8Array | undefined;
  #ended = false;
  #changed = Promise.withResolvers<void>();

  /** Resolves when there is room for a piece, or nobody reads any more. */
  async room(): Promise<void> {
    while (this.#piece !== undefined && !this.#ended) await this.#changed.promise;
  }

  put(piece: Uint8Array): void {
    if (this.#ended) return;
    this.#piece = piece;
    this.#tell();
  }

  end(): void {
    this.#ended = true;
    this.#tell();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array> {
    for (;;) {
      const piece = this.#piece;
      if (piece !== undefined) {
        yield piece;
        this.#piece = undefined;
        this.#tell();
      } else if (this.#ended) return;
      else await this.#changed.promise;
    }
  }

  #tell(): void {
    const { resolve } = this.#changed;
    this.#changed = Promise.withResolvers();
    resolve();
  }
}

/** One file on its way in, over as many calls as it takes. */
export class Upload {
  readonly key: UploadKey;
  readonly #slot = new Slot();
  readonly #file: Promise<UploadedFile>;
  #received = 0;
  #turn = 0;
  #given = false;
  #failure: { readonly error: unknown } | undefined;
  readonly #clock: Clock;
  readonly #openedAt: number;
  #touchedAt: number;

  constructor(deps: UploadDeps, key: UploadKey) {
    this.key = key;
    this.#clock = deps.clock;
    this.#openedAt = deps.clock.nowMs();
    this.#touchedAt = this.#openedAt;
    this.#file = this.#take(deps);
    this.#file
      .catch((error: unknown) => {
        // Whoever sends learns of it with the next piece.
        this.#failure = { error };
      })
      .finally(() => this.#slot.end());
  }

  /** Bytes taken so far. */
  get received(): number {
    return this.#received;
  }

  /** Whether somebody has it in a draft: it may be forgotten, not thrown away. */
  get isGiven(): boolean {
    return this.#given;
  }

  /** Nothing came for it for too long, or all of it takes too long. */
  isOld(nowMs: number): boolean {
    return nowMs - this.#touchedAt > KEPT_MS || nowMs - this.#openedAt > LONGEST_MS;
  }

  touch(): void {
    this.#touchedAt = this.#clock.nowMs();
  }

  /** A call that goes on with it; the one before has no say any more. */
  begin(): number {
    this.#turn += 1;
    return this.#turn;
  }

  /** Takes the next bytes; resolves when there is room for more. Throws why the file is refused. */
  async push(turn: number, piece: Uint8Array): Promise<void> {
    await this.#slot.room();
    if (this.#failure) throw this.#failure.error;
    if (turn !== this.#turn)
      throw new DeskError({ code: 'STATE', message: 'another call goes on with this upload' });
    if (this.#received + piece.length > this.key.bytes)
      throw uploadRefused(`expected ${this.key.bytes} bytes as announced, got more`);
    this.#received += piece.length;
    this.touch();
    this.#slot.put(piece);
  }

  /** The file, once all of it came. Throws why it is refused; short of its size it can still be gone on with. */
  async finish(turn: number): Promise<UploadedFile> {
    if (turn !== this.#turn)
      throw new DeskError({ code: 'STATE', message: 'another call goes on with this upload' });
    if (this.#received < this.key.bytes)
      throw new DeskError({
        code: 'UPLOAD_UNFINISHED',
        message: `expected ${this.key.bytes} bytes as announced, got ${this.#received}: go on with the same upload_id`,
        retry: 'later',
      });
    await this.#slot.room();
    this.#slot.end();
    return this.#file;
  }

  /** The file is in a draft. */
  give(): void {
    this.#given = true;
  }

  /** Ends the work on a file that is not wanted any more; what was written of it is removed. */
  async drop(blobs: Blobs): Promise<void> {
    this.#turn += 1;
    this.#failure ??= { error: uploadRefused('the upload was given up') };
    this.#slot.end();
    const file = await this.#file.catch(() => undefined);
    if (file && !this.#given) await blobs.remove([file.blobSha256]);
  }

  async #take({ blobs, random }: UploadDeps): Promise<UploadedFile> {
    const fileKey = random.bytes(FILE_KEY_BYTES);
    const hash = createHash('sha256');
    let size = 0;
    const { type, bytes } = await cleanFile(this.#slot);
    async function* hashed(): AsyncGenerator<Uint8Array> {
      for await (const piece of bytes) {
        hash.update(piece);
        size += piece.length;
        yield piece;
      }
    }
    await using blob = await blobs.create();
    for await (const chunk of sealBlob(fileKey, hashed())) await blob.append(chunk);
    // Given up in the middle of a text, its end looks like an end.
    if (this.#failure) throw this.#failure.error;
    const { digest, size: blobBytes } = await blob.finish();
    return { sha256: hash.digest(), blobSha256: digest, blobBytes, fileKey, type, size };
  }
}

/** All uploads that are not over. */
export class Uploads {
  readonly #deps: UploadDeps;
  readonly #uploads = new Map<string, Upload>();

  constructor(deps: UploadDeps) {
    this.#deps = deps;
  }

  /** A new upload, or the one of that key. Throws BUSY beyond the number that may be open, STATE where the id means another file. */
  async open(key: UploadKey): Promise<Upload> {
    await this.#forgetOld();
    const name = `${key.officer} ${key.uploadId}`;
    const known = this.#uploads.get(name);
    if (known) {
      if (known.key.draftId !== key.draftId || known.key.bytes !== key.bytes)
        throw new DeskError({
          code: 'STATE',
          message: 'expected a new upload_id: this one is of another file, or for another draft',
        });
      known.touch();
      return known;
    }
    const open = [...this.#uploads.values()].filter(({ isGiven }) => !isGiven);
    const own = open.filter((one) => one.key.officer === key.officer);
    if (own.length >= LIMITS.uploadsPerOfficer || open.length >= LIMITS.uploadsAtOnce)
      throw new DeskError({
        code: 'BUSY',
        message: `expected at most ${LIMITS.uploadsPerOfficer} unfinished uploads of one officer, and ${LIMITS.uploadsAtOnce} together; finish one, or wait ten minutes`,
        reason: Reason.REASON_BUSY,
        retry: 'later',
      });
    const upload = new Upload(this.#deps, key);
    this.#uploads.set(name, upload);
    return upload;
  }

  /** Throws a file away that is refused, so that its id may be used for a better one. */
  async drop(upload: Upload): Promise<void> {
    this.#uploads.delete(`${upload.key.officer} ${upload.key.uploadId}`);
    await upload.drop(this.#deps.blobs);
  }

  async #forgetOld(): Promise<void> {
    const now = this.#deps.clock.nowMs();
    for (const upload of [...this.#uploads.values()]) if (upload.isOld(now)) await this.drop(upload);
  }
}

export const uploadRefused = (message: string): DeskError =>
  new DeskError({ code: 'UPLOAD_REFUSED', message, reason: Reason.REASON_ATTACHMENT_REFUSED });
