/**
 * How long the body of a request may take. Node knows one time for all requests (`server.requestTimeout`), which would either cut a
 * picture off that comes over a bad link or let anybody hold a connection for most of an hour: it is the bound of the longest upload,
 * and every other body has a minute here. A file of an officer who is signed in has longer for as long as it keeps coming.
 */
import type { IncomingMessage } from 'node:http';
import { LIMITS } from '../../base/limits.ts';
import { DeskError } from '../errors.ts';

/** A body that is no file, and how long a file may stand still at its beginning. */
export const BODY_MS = 60_000;
/** What a file has to come in by on the whole, or its connection is closed: a bad telephone link has twice that. */
export const UPLOAD_BYTES_A_SECOND = 4 * 1024;

/** The longest that a file may take: Node closes what is slower even if nothing here did. */
export const LONGEST_REQUEST_MS = BODY_MS + (LIMITS.attachmentBytes / UPLOAD_BYTES_A_SECOND) * 1_000;

/** Closes connections whose request does not end. */
export class BodyTimes {
  readonly #timers = new WeakMap<IncomingMessage, NodeJS.Timeout>();

  /** From its head on a request has a minute. */
  bound(request: IncomingMessage): void {
    const { 'content-length': length = '0', 'transfer-encoding': encoding } = request.headers;
    if (length === '0' && encoding === undefined) return;
    const timer = setTimeout(() => {
      if (!request.complete) request.destroy();
    }, BODY_MS);
    timer.unref();
    this.#timers.set(request, timer);
    request.once('close', () => clearTimeout(timer));
  }

  /** The body of this one is watched otherwise: see `paced`. */
  lift(request: IncomingMessage): void {
    clearTimeout(this.#timers.get(request));
  }
}

/**
 * The pieces of a file as they come. Only time spent on waiting for its sender counts: a minute, and a second for every
 * `UPLOAD_BYTES_A_SECOND` that are here; who is slower is cut off, and goes on later with what the node has.
 *
 * @param pieces stays open where one stops reading: see `drained`
 * @param cutOff closes the connection
 */
export async function* paced(
  pieces: AsyncIterator<Uint8Array>,
  cutOff: () => void,
): AsyncGenerator<Uint8Array> {
  let leftMs = BODY_MS;
  for (;;) {
    const began = performance.now();
    const slow = Promise.withResolvers<never>();
    const timer = setTimeout(() => {
      cutOff();
      slow.reject(tooSlow());
    }, leftMs);
    const coming = pieces.next();
    // Cut off, it fails in its own way too.
    coming.catch(() => undefined);
    const next = await Promise.race([coming, slow.promise]).finally(() => clearTimeout(timer));
    if (next.done === true) return;
    leftMs += (next.value.length / UPLOAD_BYTES_A_SECOND) * 1_000 - (performance.now() - began);
    yield next.value;
  }
}

/**
 * Takes what is left of a file that is refused, as slowly as it may have come, and throws it away: browsers hear the answer when they
 * have sent all, and a connection that is closed before that takes the answer with it. Never rejects.
 */
export async function drained(pieces: AsyncIterator<Uint8Array>, cutOff: () => void): Promise<void> {
  try {
    const left = paced(pieces, cutOff);
    while ((await left.next()).done !== true);
  } catch {
    // Its sender is gone, or was too slow.
  }
}

const tooSlow = (): DeskError =>
  new DeskError({
    code: 'UPLOAD_UNFINISHED',
    message: `expected ${UPLOAD_BYTES_A_SECOND} bytes a second on the whole: go on with the same upload_id`,
    retry: 'later',
  });
