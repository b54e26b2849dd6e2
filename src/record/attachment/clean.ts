/**
 * From a file as an officer has it to the bytes that may be shared (T25): its type is read from its first bytes, never from
 * its name; of pictures only what decoders need is kept, bit by bit; what cannot be cleaned safely is refused. Streams:
 * memory does not depend on the size of the file.
 */
import { ByteFeed } from './byte-feed.ts';
import { AttachmentError } from './errors.ts';
import { cleanGif } from './gif.ts';
import { cleanJpeg } from './jpeg.ts';
import { cleanText } from './plain-text.ts';
import { cleanPng } from './png.ts';
import { cleanWebp } from './webp.ts';

/** The closed list of what is taken. */
export const ATTACHMENT_TYPES = ['image/jpeg', 'image/png', 'image/webp', 'image/gif', 'text/plain'] as const;
export type AttachmentType = (typeof ATTACHMENT_TYPES)[number];

export interface CleanFile {
  /** As its bytes say. */
  readonly type: AttachmentType;
  /** The file without metadata. Throws AttachmentError where it breaks its format. */
  readonly bytes: AsyncIterable<Uint8Array>;
}

const SNIFFED_BYTES = 16;
const latin = (bytes: Uint8Array): string => Buffer.from(bytes).toString('latin1');

/** First bytes of what is refused by its name, so that the officer learns what to do instead. */
const REFUSED: readonly (readonly [RegExp, string])[] = [
  [/^%PDF-/, 'a PDF keeps its history and its author; save the pages as PNG'],
  [/^(II\*\0|MM\0\*|II\+\0|MM\0\+)/, 'a TIFF is made of metadata; save it as PNG'],
  [
    /^....ftyp(heic|heix|hevc|mif1|msf1|avif|avis)/s,
    'HEIC and AVIF cannot be cleaned safely; save it as JPEG',
  ],
  [/^....ftyp/s, 'films are not taken; save single pictures as JPEG'],
  [
    /^(PK\x03\x04|PK\x05\x06|PK\x07\x08|Rar!|7z\xbc\xaf|\x1f\x8b|BZh|\xfd7zXZ|\x28\xb5\x2f\xfd)/,
    'archives and office documents are not taken; save the pages as PNG, or the text as UTF-8',
  ],
  [/^\xd0\xcf\x11\xe0/, 'office documents are not taken; save the pages as PNG, or the text as UTF-8'],
  [/^(MZ|\x7fELF|\xca\xfe\xba\xbe|\xfe\xed\xfa|\xcf\xfa\xed\xfe|#!)/, 'programs are not taken'],
];
/** Pages that programs run rather than show. */
const ACTIVE_TEXT = /^(\xef\xbb\xbf)?\s*<(\?xml|!doctype|html|svg|script)/i;

/** Reads the type from the first bytes. Throws TYPE_REFUSED for what is not taken, MALFORMED for nothing at all. */
export async function cleanFile(source: AsyncIterable<Uint8Array>): Promise<CleanFile> {
  const feed = new ByteFeed(source);
  const head = latin(await feed.peek(SNIFFED_BYTES));
  if (head === '') throw new AttachmentError('NOT_WHOLE', 'the file is empty; expected at least one byte');
  if (head.startsWith('\xff\xd8\xff')) return { type: 'image/jpeg', bytes: cleanJpeg(feed) };
  if (head.startsWith('\x89PNG')) return { type: 'image/png', bytes: cleanPng(feed) };
  if (/^RIFF....WEBP/s.test(head)) return { type: 'image/webp', bytes: cleanWebp(feed) };
  if (/^GIF8[79]a/.test(head)) return { type: 'image/gif', bytes: cleanGif(feed) };
  const refused = REFUSED.find(([start]) => start.test(head));
  if (refused) throw new AttachmentError('TYPE_REFUSED', `expected a picture or plain text: ${refused[1]}`);
  if (ACTIVE_TEXT.test(head))
    throw new AttachmentError(
      'TYPE_REFUSED',
      'expected a picture or plain text: web pages and drawings that run are not taken; save them as PNG',
    );
  return { type: 'text/plain', bytes: cleanText(feed) };
}
