/**
 * A look at the beginning of a file before it travels: what the node would surely refuse is refused here, so that nobody waits for
 * megabytes over a bad link to hear so. The node judges what is sent, by its own rules. Pure.
 */

/** First bytes of the pictures that are taken, as text of Latin-1. */
const PICTURES = /^(\xff\xd8\xff|\x89PNG|GIF8[79]a|RIFF....WEBP)/s;

const latin = (bytes: Uint8Array): string => String.fromCharCode(...bytes);

/** Whether it may be a picture or a text. */
export function mayBeTaken(beginning: Uint8Array): boolean {
  const head = latin(beginning.subarray(0, 16));
  if (PICTURES.test(head)) return true;
  // Archives, office documents, films and HEIC have zeros at once; of a PDF the name is enough.
  return !head.startsWith('%PDF-') && !beginning.includes(0);
}

/** Bytes that are looked at. */
export const LOOKED_AT_BYTES = 4_096;
