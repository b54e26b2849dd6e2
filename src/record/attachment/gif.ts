/**
 * GIF (version 89a) without what is not picture: comments, plain text and applications' own blocks go, save the one that says
 * how often an animation repeats; whatever lies behind the end goes.
 */
import type { ByteFeed } from './byte-feed.ts';
import { malformed } from './errors.ts';

const [EXTENSION, IMAGE, TRAILER] = [0x21, 0x2c, 0x3b];
const [GRAPHIC_CONTROL, APPLICATION] = [0xf9, 0xff];
const LOOPS = new Set(['NETSCAPE2.0', 'ANIMEXTS1.0']);

const tableBytes = (flags: number): number => (flags & 0x80 ? 3 * 2 ** ((flags & 7) + 1) : 0);

export async function* cleanGif(feed: ByteFeed): AsyncGenerator<Uint8Array> {
  const head = Uint8Array.from(await feed.exactly(13));
  if (!/^GIF8[79]a$/.test(Buffer.from(head.subarray(0, 6)).toString('latin1')))
    throw malformed('GIF', 0, 'the head of the format');
  yield head;
  yield* feed.through(tableBytes(head[10] ?? 0));
  let images = 0;
  for (;;) {
    const kind = await feed.byte();
    if (kind === TRAILER) {
      if (images === 0) throw malformed('GIF', feed.at - 1, 'an image before the end');
      yield Uint8Array.of(TRAILER);
      return feed.drain();
    }
    if (kind === IMAGE) {
      const descriptor = Uint8Array.from(await feed.exactly(9));
      yield Uint8Array.of(IMAGE, ...descriptor);
      yield* feed.through(tableBytes(descriptor[8] ?? 0));
      yield Uint8Array.of(await feed.byte());
      yield* blocks(feed);
      images += 1;
    } else if (kind === EXTENSION) yield* extension(feed);
    else throw malformed('GIF', feed.at - 1, 'a block');
  }
}

async function* extension(feed: ByteFeed): AsyncGenerator<Uint8Array> {
  const label = await feed.byte();
  if (label === GRAPHIC_CONTROL) {
    const size = await feed.byte();
    if (size !== 4) throw malformed('GIF', feed.at - 1, 'a control of 4 bytes');
    yield Uint8Array.of(EXTENSION, label, size, ...(await feed.exactly(4)));
    if ((await feed.byte()) !== 0) throw malformed('GIF', feed.at - 1, 'the end of a control');
    yield Uint8Array.of(0);
    return;
  }
  if (label !== APPLICATION) return skipBlocks(feed);
  const size = await feed.byte();
  const name = Buffer.from(await feed.exactly(size)).toString('latin1');
  if (!LOOPS.has(name)) return skipBlocks(feed);
  const length = await feed.byte();
  const loop = Uint8Array.from(await feed.exactly(length));
  if (length === 3 && loop[0] === 1)
    yield Uint8Array.of(EXTENSION, label, size, ...Buffer.from(name, 'latin1'), length, ...loop, 0);
  if (length > 0) await skipBlocks(feed);
}

async function* blocks(feed: ByteFeed): AsyncGenerator<Uint8Array> {
  for (;;) {
    const size = await feed.byte();
    yield Uint8Array.of(size);
    if (size === 0) return;
    yield* feed.through(size);
  }
}

async function skipBlocks(feed: ByteFeed): Promise<void> {
  for (let size = await feed.byte(); size !== 0; size = await feed.byte()) await feed.skip(size);
}
