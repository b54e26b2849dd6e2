/** Files to and from the node. What fails is a `Refusal`; what is fetched is held by the window alone. */
import type { Problem } from '../../desk/http/contract.ts';
import { fileHref, Refusal, refusalOf } from './client.ts';
import { noteUse } from './officer.ts';

/** The node's bound; what is larger is refused before it travels. */
export const MOST_BYTES = 10 * 1024 * 1024;

/** A file as the node stored it: cleaned, and named by its caption. */
export interface StoredFile {
  /** Hexadecimal. */
  readonly sha256: string;
  readonly mime: string;
  readonly size: number;
  readonly fileName: string;
}

export interface FileUpload {
  readonly draftId: string;
  /** The same once more is the same upload, also where its answer was lost. */
  readonly uploadId: string;
  readonly file: File;
  readonly caption: string;
  readonly sensitivity: string;
  readonly redacted: boolean;
}

const offline = (): Refusal => new Refusal(0, 'OFFLINE', 'the node does not answer');

const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};

/**
 * Adds a file to a draft at the node. By XMLHttpRequest, since `fetch` does not say how much of a body has left (WHATWG Fetch).
 * Throws `Refusal`.
 */
export function uploadFile(
  { draftId, uploadId, file, caption, sensitivity, redacted }: FileUpload,
  onSent: (bytes: number) => void,
  signal: AbortSignal,
): Promise<StoredFile> {
  const address = fileHref(`/drafts/${draftId}/attachments/${uploadId}`, {
    caption,
    class: sensitivity,
    redacted: String(redacted),
  });
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open('PUT', address);
    request.setRequestHeader('content-type', 'application/octet-stream');
    request.upload.onprogress = ({ loaded }) => onSent(loaded);
    request.onerror = () => reject(offline());
    request.onabort = () => reject(signal.reason);
    request.onload = () => {
      noteUse('node');
      const answer = parsed(request.responseText);
      if (request.status === 201 && answer !== undefined) resolve(answer as StoredFile);
      // A proxy in front of a node that is down answers for it.
      else if (answer === undefined && request.status >= 500) reject(offline());
      else reject(refusalOf(request.status, answer as Problem | undefined));
    };
    signal.addEventListener('abort', () => request.abort(), { once: true });
    request.send(file);
  });
}

/** A file's bytes, of the type that the node states. Throws `Refusal`. */
export async function fetchFile(path: string, signal: AbortSignal): Promise<Blob> {
  try {
    const response = await fetch(fileHref(path), { credentials: 'same-origin', signal });
    if (!response.ok)
      throw refusalOf(response.status, (await response.json().catch(() => undefined)) as Problem | undefined);
    noteUse('node');
    return await response.blob();
  } catch (error) {
    if (error instanceof Refusal || signal.aborted) throw error;
    throw offline();
  }
}
