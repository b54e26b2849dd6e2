/**
 * The classes of a word's consonants in eight bits. They stand beside each key, so that most words under a key that cannot agree are
 * passed over without being looked at.
 */
export const SKETCH_BITS = 8;

/** Letters of one class are mixed up for less than a whole letter, so they share a bit. */
const CLASSES = ['ckqgx', 'jzsc', 'bpfv', 'td', 'l', 'm', 'n', 'r'];
const BIT_OF = new Uint8Array(128);
for (const [bit, letters] of CLASSES.entries())
  for (const letter of letters) {
    const code = letter.charCodeAt(0);
    BIT_OF[code] = (BIT_OF[code] as number) | (1 << bit);
  }

export function sketchOf(bytes: Uint8Array, from: number, to: number): number {
  let bits = 0;
  for (let at = from; at < to; at++) bits |= BIT_OF[bytes[at] as number] as number;
  return bits;
}

const ONES = Uint8Array.from(
  { length: 256 },
  (_, bits) => [...bits.toString(2)].filter((bit) => bit === '1').length,
);

/** Longest word of which, and of all that it may be near, one letter may be left out (`reachOf`). */
const ONE_AT_MOST = 3;

/** Sketches with which a word may agree: neither may lack more consonants of the other than can be left out. */
function mayAgreeWith(sketch: number, length: number): Uint8Array {
  const most = length <= ONE_AT_MOST ? 1 : 2;
  return Uint8Array.from({ length: 256 }, (_, other) =>
    fewestLetters(sketch & ~other & 0xff) <= most && fewestLetters(other & ~sketch & 0xff) <= most ? 1 : 0,
  );
}

/** A c is of two classes at once. */
const OF_C = BIT_OF['c'.charCodeAt(0)] as number;
const fewestLetters = (bits: number): number => (ONES[bits] as number) - ((bits & OF_C) === OF_C ? 1 : 0);

const KEPT = new Map<number, Uint8Array>();

/** The same, made once for each sketch and length. */
export function agreeable(sketch: number, length: number): Uint8Array {
  const key = sketch | (length << 8);
  const kept = KEPT.get(key);
  if (kept) return kept;
  const made = mayAgreeWith(sketch, length);
  KEPT.set(key, made);
  return made;
}
