/**
 * Blocks of PEM texts (RFC 7468), found by searching: a pattern over body and white space alike goes back at every line of a
 * text that has no end, and a stranger's file of some ten kilobytes then holds a command up for minutes.
 */

const BODY = /^\s[A-Za-z0-9+/=\s]*\s$/;

/** Bytes of every block with one of these labels, in its order; what is no whole block is passed over. */
export function pemBlocks(text: string, labels: readonly string[]): Uint8Array[] {
  const blocks: Uint8Array[] = [];
  const begins = new RegExp(`-----BEGIN (${labels.join('|')})-----`, 'g');
  for (let begin = begins.exec(text); begin !== null; begin = begins.exec(text)) {
    // Up to the next dash, which no body holds: so every character is looked at once.
    const from = begins.lastIndex;
    const to = text.indexOf('-', from);
    const body = to === -1 ? '' : text.slice(from, to);
    if (!text.startsWith(`-----END ${begin[1]}-----`, to) || !BODY.test(body)) continue;
    const bytes = new Uint8Array(Buffer.from(body.replace(/\s+/g, ''), 'base64'));
    if (bytes.length > 0) blocks.push(bytes);
  }
  return blocks;
}
