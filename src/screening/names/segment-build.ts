/** Builds a segment out of parties. */

import { refuse } from './errors.ts';
import { shared } from './growing.ts';
import { KeyEntries, MOST_KEYED_WORDS } from './key-entry.ts';
import { addKeys, compoundKey, KeyList } from './keys.ts';
import type { ListedParty } from './party.ts';
import { leftOf } from './score.ts';
import {
  bucketOf,
  CLASS_BITS,
  ListedWord,
  MOST_FREQUENCY,
  NAME_LEFT,
  Segment,
  type SegmentArrays,
  WORD,
} from './segment.ts';
import { SegmentDraft } from './segment-draft.ts';
import { INITIAL_WEIGHT, weightOf } from './weight.ts';

/** What other segments know: how many names there are, and how many of them have a word. */
export interface Frequencies {
  readonly names: number;
  frequencyOf(word: string): number;
}

export interface BuildOptions {
  /** Equivalence class of a word, 0 = none. */
  readonly classOf: (word: string) => number;
  readonly others?: Frequencies;
}

/** At most, on average: half of them where the number of buckets has just doubled. They lie in one line of the cache. */
const ENTRIES_A_BUCKET = 9;

/** Two passes over all keys: count each bucket, then fill it with what `valueFor` makes of an item and its key. */
function table(
  count: number,
  keysOf: (index: number, keys: KeyList) => void,
  valueFor: (index: number, key: number) => number,
): { start: Uint32Array; values: Uint32Array } {
  const keys = new KeyList();
  const perItem = new Uint32Array(count + 1);
  for (let index = 0; index < count; index++) {
    keysOf(index, keys);
    perItem[index + 1] = keys.count;
  }
  const total = keys.count;
  const buckets = 2 ** Math.max(0, Math.ceil(Math.log2(Math.max(1, total / ENTRIES_A_BUCKET))));
  const shift = 32 - Math.log2(buckets);
  const start = new Uint32Array(buckets + 1);
  const { hashes } = keys;
  for (let at = 0; at < total; at++) {
    const bucket = bucketOf(hashes[at] as number, shift) + 1;
    start[bucket] = (start[bucket] as number) + 1;
  }
  for (let bucket = 0; bucket < buckets; bucket++)
    start[bucket + 1] = (start[bucket + 1] as number) + (start[bucket] as number);
  const next = start.slice(0, buckets);
  const values = new Uint32Array(total);
  for (let index = 0; index < count; index++) {
    const end = perItem[index + 1] as number;
    for (let at = perItem[index] as number; at < end; at++) {
      const hash = hashes[at] as number;
      const bucket = bucketOf(hash, shift);
      const place = next[bucket] as number;
      next[bucket] = place + 1;
      values[place] = valueFor(index, hash);
    }
  }
  return { start, values };
}

function postingsOf(draft: SegmentDraft): { start: Uint32Array; postings: Uint32Array } {
  const { words, names } = draft;
  const nameWords = draft.nameWords.filled();
  const nameStart = draft.nameStart.filled();
  const start = new Uint32Array(words + 1);
  const last = new Uint32Array(words).fill(0xffffffff);
  for (let name = 0; name < names; name++)
    for (let at = nameStart[name] as number; at < (nameStart[name + 1] as number); at++) {
      const word = nameWords[at] as number;
      if (last[word] === name) continue;
      last[word] = name;
      start[word + 1] = (start[word + 1] as number) + 1;
    }
  for (let word = 0; word < words; word++)
    start[word + 1] = (start[word + 1] as number) + (start[word] as number);
  const next = start.slice(0, words);
  const postings = new Uint32Array(start[words] as number);
  last.fill(0xffffffff);
  for (let name = 0; name < names; name++)
    for (let at = nameStart[name] as number; at < (nameStart[name + 1] as number); at++) {
      const word = nameWords[at] as number;
      if (last[word] === name) continue;
      last[word] = name;
      const place = next[word] as number;
      next[word] = place + 1;
      postings[place] = name;
    }
  return { start, postings };
}

/** Occurrences by name, out of names by occurrence. */
function bearersOf(draft: SegmentDraft): { start: Uint32Array; bearers: Uint32Array } {
  const occurrenceName = draft.occurrenceName.filled();
  const start = new Uint32Array(draft.names + 1);
  for (const name of occurrenceName) start[name + 1] = (start[name + 1] as number) + 1;
  for (let name = 0; name < draft.names; name++)
    start[name + 1] = (start[name + 1] as number) + (start[name] as number);
  const next = start.slice(0, draft.names);
  const bearers = new Uint32Array(occurrenceName.length);
  for (let at = 0; at < occurrenceName.length; at++) {
    const name = occurrenceName[at] as number;
    const place = next[name] as number;
    next[name] = place + 1;
    bearers[place] = at;
  }
  return { start, bearers };
}

function weights(
  draft: SegmentDraft,
  postingStart: Uint32Array,
  others: Frequencies | undefined,
): Float32Array {
  const { words } = draft;
  const weight = new Float32Array(words);
  const names = draft.names + (others?.names ?? 0);
  for (let word = 0; word < words; word++) {
    const own = (postingStart[word + 1] as number) - (postingStart[word] as number);
    const frequency = own + (others?.frequencyOf(draft.wordText(word)) ?? 0);
    weight[word] = weightOf(draft.letters(word), draft.flags(word), frequency, names);
  }
  return weight;
}

function nameLefts(draft: SegmentDraft, wordWeight: Float32Array): Uint8Array {
  const nameWords = draft.nameWords.array;
  const nameStart = draft.nameStart.array;
  const left = new Uint8Array(draft.names);
  for (let name = 0; name < draft.names; name++) {
    let sum = 0;
    for (let at = nameStart[name] as number; at < (nameStart[name + 1] as number); at++) {
      const own = wordWeight[nameWords[at] as number] as number;
      if (own > INITIAL_WEIGHT) sum += leftOf(own);
    }
    left[name] = Math.min(255, Math.floor(sum * NAME_LEFT));
  }
  return left;
}

export function buildSegment(parties: Iterable<ListedParty>, options: BuildOptions): Segment {
  const draft = new SegmentDraft(options.classOf);
  for (const party of parties) draft.add(party);
  if (draft.words > MOST_KEYED_WORDS)
    throw refuse(
      'INDEX_TOO_LARGE',
      `expected ${MOST_KEYED_WORDS} different words at most, got ${draft.words}; share the lists among several nodes`,
    );
  draft.arrange();
  const base = draft.arrays();
  const listed = new ListedWord(base);
  const before = new ListedWord(base);
  const entries = new KeyEntries(draft.words);
  const sketches = draft.wordSketch.filled();
  const keyed = table(
    draft.words,
    (word, keys) => addKeys(listed.at(word), keys),
    (word, key) => entries.of(word, sketches[word] as number, key),
  );
  const { nameStart, nameWords } = base;
  const compounds = table(
    draft.names,
    (name, keys) => {
      for (let at = nameStart[name] as number; at + 1 < (nameStart[name + 1] as number); at++) {
        const { bytes, from, to } = before.at(nameWords[at] as number);
        const { bytes: others, from: start, to: end } = listed.at(nameWords[at + 1] as number);
        if (to - from + end - start >= SHORTEST_COMPOUND)
          keys.push(compoundKey(bytes, from, to, others, start, end));
      }
    },
    (name) => name,
  );
  const { start: postingStart, postings } = postingsOf(draft);
  const { start: bearerStart, bearers } = bearersOf(draft);
  for (let word = 0; word < draft.words; word++) {
    const frequency = (postingStart[word + 1] as number) - (postingStart[word] as number);
    const place = word * WORD.size + WORD.classAndFrequency;
    base.wordRecords[place] =
      ((base.wordRecords[place] as number) | (Math.min(frequency, MOST_FREQUENCY) << CLASS_BITS)) >>> 0;
  }
  const wordWeight = weights(draft, postingStart, options.others);
  return new Segment(
    share({
      ...base,
      wordWeight,
      nameLeft: nameLefts(draft, wordWeight),
      bucketStart: keyed.start,
      keyEntries: keyed.values,
      compoundStart: compounds.start,
      compoundName: compounds.values,
      postingStart,
      postings,
      bearerStart,
      bearers,
      removed: new Uint8Array(draft.parties),
    }),
  );
}

/** Letters that two words have together before being found when written as one. */
export const SHORTEST_COMPOUND = 6;

function share(arrays: SegmentArrays): SegmentArrays {
  return Object.fromEntries(
    Object.entries(arrays).map(([name, array]) => [name, shared(array)]),
  ) as unknown as SegmentArrays;
}
