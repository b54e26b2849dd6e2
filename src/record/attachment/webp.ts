/**
 * WebP (RFC 9649) without what is not picture. The file says its length in front, before it is known what goes; so a chunk
 * that goes is not left out but blanked: renamed to a name that no reader knows, its bytes zero. EXIF, XMP, the colour
 * profile and unknown chunks go, also inside frames of an animation, and whatever lies behind the end.
 */
import type { ByteFeed } from './byte-feed.ts';
import { malformed } from './errors.ts';

const KEPT = new Set(['VP8 ', 'VP8L', 'VP8X', 'ALPH', 'ANIM']);
const BLANK = Buffer.from('JUNK');
/** Flags of VP8X: colour profile, EXIF, XMP. */
const METADATA_FLAGS = 0x20 | 0x08 | 0x04;
const FRAME_HEAD = 16;
const ZEROS = new Uint8Array(64 * 1024);

export async function* cleanWebp(feed: ByteFeed): AsyncGenerator<Uint8Array> {
  const head = Uint8Array.from(await feed.exactly(12));
  const text = Buffer.from(head).toString('latin1');
  if (!text.startsWith('RIFF') || text.slice(8) !== 'WEBP')
    throw malformed('WebP', 0, 'the head of the format');
  const end = 8 + new DataView(head.buffer).getUint32(4, true);
  if (end % 2 !== 0 || end < 20) throw malformed('WebP', 4, 'the length of the file');
  yield head;
  let frameEnd = 0;
  let pictured = false;
  while (feed.at < end) {
    const at = feed.at;
    const inFrame = at < frameEnd;
    const limit = inFrame ? frameEnd : end;
    if (at + 8 > limit) throw malformed('WebP', at, 'a chunk');
    const chunk = Uint8Array.from(await feed.exactly(8));
    const type = Buffer.from(chunk.subarray(0, 4)).toString('latin1');
    const size = new DataView(chunk.buffer).getUint32(4, true);
    const padded = size + (size % 2);
    if (at + 8 + padded > limit) throw malformed('WebP', at, 'a chunk that ends within its file');
    if (type === 'ANMF' && !inFrame) {
      if (size < FRAME_HEAD) throw malformed('WebP', at, 'a frame');
      frameEnd = at + 8 + padded;
      yield chunk;
      yield* feed.through(FRAME_HEAD);
    } else if (type === 'VP8X') {
      if (size !== 10 || inFrame) throw malformed('WebP', at, 'the extended head');
      yield chunk;
      const body = Uint8Array.from(await feed.exactly(size));
      body[0] = (body[0] ?? 0) & ~METADATA_FLAGS;
      yield body;
    } else if (KEPT.has(type)) {
      pictured ||= type === 'VP8 ' || type === 'VP8L';
      yield chunk;
      yield* feed.through(padded);
    } else {
      chunk.set(BLANK);
      yield chunk;
      await feed.skip(padded);
      for (let left = padded; left > 0; left -= ZEROS.length) yield ZEROS.subarray(0, left);
    }
  }
  if (!pictured) throw malformed('WebP', feed.at, 'image data before the end');
  return feed.drain();
}
