/**
 * JPEG (ITU-T T.81 annex B) without what is not picture: only segments that decoders need are kept. Every APPn goes (EXIF,
 * XMP, ICC, IPTC, makers' own), every comment, thumbnails, and whatever lies behind the end of the image. The orientation
 * alone is kept, in an EXIF block of our own that holds nothing else.
 */
import type { ByteFeed } from './byte-feed.ts';
import { malformed } from './errors.ts';
import { exifWithOrientation, orientationOf } from './exif.ts';

const [SOI, EOI, SOS, APP0, APP1, APP14] = [0xd8, 0xd9, 0xda, 0xe0, 0xe1, 0xee];
/** Tables, frames, restart interval, number of lines: T.81 table B.1. */
const KEPT = new Set([
  0xc0, 0xc1, 0xc2, 0xc3, 0xc4, 0xc5, 0xc6, 0xc7, 0xc9, 0xca, 0xcb, 0xcc, 0xcd, 0xce, 0xcf, 0xdb, 0xdc, 0xdd,
  0xde, 0xdf,
]);
const JFIF = Buffer.from('JFIF\0');
const ADOBE = Buffer.from('Adobe');
const isRestart = (marker: number): boolean => marker >= 0xd0 && marker <= 0xd7;

export async function* cleanJpeg(feed: ByteFeed): AsyncGenerator<Uint8Array> {
  const start = await feed.exactly(2);
  if (start[0] !== 0xff || start[1] !== SOI) throw malformed('JPEG', 0, 'the start of an image');
  yield start;
  let oriented = false;
  let scans = 0;
  for (let marker = await nextMarker(feed); ; ) {
    if (marker === EOI) {
      if (scans === 0) throw malformed('JPEG', feed.at, 'a scan before the end of the image');
      yield Uint8Array.of(0xff, EOI);
      return feed.drain();
    }
    const body = await segment(feed);
    if (marker === SOS) {
      yield* written(marker, body);
      scans += 1;
      marker = yield* scan(feed);
      continue;
    }
    if (KEPT.has(marker)) yield* written(marker, body);
    else if (marker === APP0 && startsWith(body, JFIF) && body.length >= 14)
      // Density is kept; the thumbnail is not.
      yield* written(marker, Uint8Array.of(...body.subarray(0, 12), 0, 0));
    else if (marker === APP14 && startsWith(body, ADOBE) && body.length >= 12)
      yield* written(marker, body.subarray(0, 12));
    else if (marker === APP1 && !oriented) {
      const orientation = orientationOf(body);
      oriented = orientation !== undefined;
      if (orientation !== undefined && orientation !== 1)
        yield* written(APP1, exifWithOrientation(orientation));
    } else if (!isDropped(marker)) throw malformed('JPEG', feed.at, 'a segment of a picture');
    marker = await nextMarker(feed);
  }
}

/** APPn, JPGn and COM. */
const isDropped = (marker: number): boolean =>
  (marker >= 0xe0 && marker <= 0xef) || (marker >= 0xf0 && marker <= 0xfe);

const startsWith = (bytes: Uint8Array, start: Uint8Array): boolean =>
  start.every((value, at) => bytes[at] === value);

async function nextMarker(feed: ByteFeed): Promise<number> {
  if ((await feed.byte()) !== 0xff) throw malformed('JPEG', feed.at - 1, 'a marker');
  let marker = await feed.byte();
  while (marker === 0xff) marker = await feed.byte();
  return marker;
}

async function segment(feed: ByteFeed): Promise<Uint8Array> {
  const [high = 0, low = 0] = await feed.exactly(2);
  const length = high * 256 + low;
  if (length < 2) throw malformed('JPEG', feed.at - 2, 'the length of a segment');
  return Uint8Array.from(await feed.exactly(length - 2));
}

function* written(marker: number, body: Uint8Array): Generator<Uint8Array> {
  const length = body.length + 2;
  yield Uint8Array.of(0xff, marker, length >> 8, length & 0xff);
  if (body.length > 0) yield body;
}

/** Coded data up to the next marker that is none of a scan's own; returns it. */
async function* scan(feed: ByteFeed): AsyncGenerator<Uint8Array, number> {
  for (;;) {
    yield* feed.until(0xff);
    await feed.byte();
    let marker = await feed.byte();
    while (marker === 0xff) marker = await feed.byte();
    if (marker !== 0 && !isRestart(marker)) return marker;
    yield Uint8Array.of(0xff, marker);
  }
}
