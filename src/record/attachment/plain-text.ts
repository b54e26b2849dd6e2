/** Plain text: UTF-8 without control characters but tab and line ends, passed through as it is. */
import type { ByteFeed } from './byte-feed.ts';
import { AttachmentError } from './errors.ts';

const CONTROL = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f]/;

export async function* cleanText(feed: ByteFeed): AsyncGenerator<Uint8Array> {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  const judge = (part: Uint8Array | undefined): void => {
    try {
      if (!CONTROL.test(part === undefined ? decoder.decode() : decoder.decode(part, { stream: true })))
        return;
    } catch {
      // Not UTF-8: refused with the same words.
    }
    throw new AttachmentError(
      'TYPE_REFUSED',
      'the file is no picture that is taken and no plain text in UTF-8; save it as JPEG, PNG, WebP, GIF or UTF-8 text',
    );
  };
  for await (const part of feed.rest()) {
    judge(part);
    yield part;
  }
  judge(undefined);
}
