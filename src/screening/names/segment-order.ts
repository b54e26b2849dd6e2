/**
 * New numbers for words and names, so that what a search reads together lies together in memory: words that sound alike, and names whose
 * rarest words do. A search reads thousands of places; most of its time is waiting for those that lie apart.
 */
import { BITS_OF_SOUND, CODED } from './sound-code.ts';

/** Numbers that a key holds beside what is sorted by, all exact in 53 bits. */
const MOST_WORDS = 2 ** 22;
const MOST_NAMES = 2 ** 27;

/** The same code with the first consonant in the highest bits. */
function firstSoundFirst(code: number): number {
  let turned = 0;
  for (let sound = 0; sound < CODED; sound++)
    turned = (turned << BITS_OF_SOUND) | ((code >>> (sound * BITS_OF_SOUND)) & ((1 << BITS_OF_SOUND) - 1));
  return turned;
}

function sortedBy(count: number, most: number, keyOf: (index: number) => number): Uint32Array {
  const keys = new Float64Array(count);
  for (let index = 0; index < count; index++) keys[index] = keyOf(index) * most + index;
  keys.sort();
  return Uint32Array.from(keys, (key) => key % most);
}

/** The order of words by their consonants (`soundCodeOf`): the number that each had; undefined where there are too many. */
export function wordOrder(count: number, soundCodeOf: (word: number) => number): Uint32Array | undefined {
  return count > MOST_WORDS
    ? undefined
    : sortedBy(count, MOST_WORDS, (word) => firstSoundFirst(soundCodeOf(word)));
}

/** The order of names by the rarest of their words: the number that each had; undefined where there are too many. */
export function nameOrder(
  nameStart: Uint32Array,
  nameWords: Uint32Array,
  words: number,
): Uint32Array | undefined {
  const count = nameStart.length - 1;
  if (count > MOST_NAMES || words > MOST_WORDS) return undefined;
  const frequency = new Uint32Array(words);
  for (const word of nameWords) frequency[word] = (frequency[word] as number) + 1;
  return sortedBy(count, MOST_NAMES, (name) => {
    let rarest = 0;
    let least = Number.POSITIVE_INFINITY;
    for (let at = nameStart[name] as number; at < (nameStart[name + 1] as number); at++) {
      const word = nameWords[at] as number;
      if ((frequency[word] as number) >= least) continue;
      least = frequency[word] as number;
      rarest = word;
    }
    return rarest;
  });
}

/** Where each went: the order turned round. */
export function placesIn(order: Uint32Array): Uint32Array {
  const places = new Uint32Array(order.length);
  for (let place = 0; place < order.length; place++) places[order[place] as number] = place;
  return places;
}
