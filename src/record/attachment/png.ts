/**
 * PNG (W3C, third edition) without what is not picture: a closed list of chunks is kept. Text, EXIF, time, colour profiles
 * (their names are free text), unknown chunks and whatever lies behind IEND go. EXIF orientation is lost with it.
 */
import type { ByteFeed } from './byte-feed.ts';
import { Crc32 } from './crc32.ts';
import { malformed } from './errors.ts';

const SIGNATURE = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];
/** Longest length of those kept whose length the format bounds; the others carry the picture. */
const KEPT: ReadonlyMap<string, number> = new Map([
  ['IHDR', 13],
  ['PLTE', 768],
  ['tRNS', 256],
  ['gAMA', 4],
  ['cHRM', 32],
  ['sRGB', 1],
  ['sBIT', 4],
  ['bKGD', 6],
  ['pHYs', 9],
  ['cICP', 4],
  ['acTL', 8],
  ['fcTL', 26],
  ['IDAT', 0x7fffffff],
  ['fdAT', 0x7fffffff],
  ['IEND', 0],
]);

export async function* cleanPng(feed: ByteFeed): AsyncGenerator<Uint8Array> {
  const signature = await feed.exactly(SIGNATURE.length);
  if (!SIGNATURE.every((value, at) => signature[at] === value))
    throw malformed('PNG', 0, 'the signature of the format');
  yield signature;
  let seen = 0;
  let pictured = false;
  for (;;) {
    const at = feed.at;
    const head = Uint8Array.from(await feed.exactly(8));
    const length = new DataView(head.buffer).getUint32(0);
    const type = Buffer.from(head.subarray(4)).toString('latin1');
    if (!/^[A-Za-z]{4}$/.test(type) || length > 0x7fffffff) throw malformed('PNG', at, 'a chunk');
    if (seen === 0 && type !== 'IHDR') throw malformed('PNG', at, 'the header of the image');
    seen += 1;
    const most = KEPT.get(type);
    if (most === undefined) {
      // An upper-case first letter says that no decoder may do without the chunk.
      if (/^[A-Z]/.test(type)) throw malformed('PNG', at, 'a chunk that is known');
      await feed.skip(length + 4);
      continue;
    }
    if (length > most) throw malformed('PNG', at, `a chunk of at most ${most} bytes`);
    const sum = new Crc32();
    sum.update(head.subarray(4));
    yield head;
    for await (const part of feed.through(length)) {
      sum.update(part);
      yield part;
    }
    const stated = Uint8Array.from(await feed.exactly(4));
    if (new DataView(stated.buffer).getUint32(0) !== sum.value)
      throw malformed('PNG', at, 'a chunk whose checksum fits');
    yield stated;
    pictured ||= type === 'IDAT';
    if (type !== 'IEND') continue;
    if (!pictured) throw malformed('PNG', at, 'image data before the end');
    return feed.drain();
  }
}
