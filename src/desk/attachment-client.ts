/** Files to and from a desk over calls that may break off: each goes on at the byte that the other side names. */
import { sleep } from '../base/async.ts';
import type { AttachmentSummary, UploadAttachmentRequest } from '../gen/tocsin/desk/v1/attachment_service.ts';
import type { SensitivityClass } from '../gen/tocsin/record/v1/shared_facets.ts';
import { type Desk, DeskCallError } from './grpc/client.ts';

/** Calls that brought nothing, one after the other, before it is given up. */
const TRIES = 5;
const PAUSE_MS = 500;
/** Of one call. */
const TIMEOUT_MS = 10 * 60_000;

export interface FileToUpload {
  readonly draftId: string;
  /** Chosen by the caller, unlike any before. */
  readonly uploadId: string;
  readonly bytes: number;
  readonly caption: string;
  readonly class: SensitivityClass;
  readonly redacted: boolean;
  /** The bytes of the file from one on, in pieces of at most 256 KiB. */
  read(from: number): AsyncIterable<Uint8Array>;
  readonly onProgress?: (received: number) => void;
}

/** Adds a file to a draft. Throws DeskCallError as the node said, or when calls break off again and again. */
export async function uploadFile(desk: Desk, file: FileToUpload): Promise<AttachmentSummary> {
  let known = 0;
  return untilDone(async () => {
    const from = Promise.withResolvers<number>();
    // Where the call fails before it says so, nobody waits for it.
    from.promise.catch(() => undefined);
    let done: AttachmentSummary | undefined;
    const before = known;
    try {
      for await (const answer of desk.attachments.uploadAttachment(requests(file, from.promise), {
        timeoutMs: TIMEOUT_MS,
      })) {
        known = Number(answer.received);
        from.resolve(known);
        file.onProgress?.(known);
        done = answer.attachment;
      }
    } finally {
      from.reject(new Error('the call is over'));
    }
    return { ...(done && { done }), progress: known > before };
  });
}

async function* requests(
  { draftId, uploadId, bytes, caption, class: sensitivity, redacted, read }: FileToUpload,
  from: Promise<number>,
): AsyncGenerator<UploadAttachmentRequest> {
  yield {
    entry: {
      $case: 'options',
      value: { draftId, uploadId, bytes: BigInt(bytes), caption, class: sensitivity, redacted },
    },
  };
  for await (const data of read(await from)) yield { entry: { $case: 'data', value: Buffer.from(data) } };
}

export interface FileToDownload {
  /** One of the two. */
  readonly headerDigest?: Uint8Array;
  readonly draftId?: string;
  readonly sha256: Uint8Array;
  /** Bytes that the caller has already. */
  readonly from: number;
  /** Takes the next bytes. */
  write(data: Uint8Array): Promise<void>;
}

/** Reads a file; what it is. Throws DeskCallError as the node said, or when calls break off again and again. */
export async function downloadFile(desk: Desk, file: FileToDownload): Promise<AttachmentSummary> {
  const { headerDigest, draftId, sha256 } = file;
  let at = file.from;
  return untilDone(async () => {
    const before = at;
    let what: AttachmentSummary | undefined;
    const named = { ...(headerDigest && { headerDigest }), ...(draftId && { draftId }) };
    for await (const { entry } of desk.attachments.downloadAttachment(
      { ...named, sha256, offset: BigInt(at) },
      { timeoutMs: TIMEOUT_MS },
    )) {
      if (entry?.$case === 'attachment') what = entry.value;
      if (entry?.$case !== 'data') continue;
      await file.write(entry.value);
      at += entry.value.length;
    }
    return { ...(what && at === what.size && { done: what }), progress: at > before };
  });
}

/** Repeats a call that broke off, until it is done or brings nothing any more. */
async function untilDone<Result>(
  call: () => Promise<{ readonly done?: Result; readonly progress: boolean }>,
): Promise<Result> {
  for (let tries = 1; ; tries += 1) {
    try {
      const { done, progress } = await call();
      if (done !== undefined) return done;
      if (progress) tries = 0;
      if (tries >= TRIES)
        throw new Error('the node ended the call again and again before the file was whole');
    } catch (error) {
      const brokeOff =
        error instanceof DeskCallError &&
        error.statusName === 'UNAVAILABLE' &&
        error.code !== 'ATTACHMENT_PENDING';
      if (!brokeOff || tries >= TRIES) throw error;
    }
    await sleep(PAUSE_MS);
  }
}
