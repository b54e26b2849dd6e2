/**
 * One part of the index: an immutable set of parties as flat arrays, which threads share and a file holds as they are. Numbers
 * instead of objects: a word, a name, an occurrence of a name and a party are indices.
 */
import { KeyEntries } from './key-entry.ts';
import type { KeyedWord } from './keys.ts';

/** The arrays of a segment; all over SharedArrayBuffers. */
export interface SegmentArrays {
  /** Of each word its consonants and its pattern, one after the other, before them its letters where they are many. */
  readonly wordBytes: Uint8Array;
  /** See `WORD`. */
  readonly wordRecords: Uint32Array;
  /** What the word weighs as evidence. */
  readonly wordWeight: Float32Array;
  /** Key table: words under bucket b are in keyEntries[bucketStart[b]] to [b + 1] (`key-entry.ts`). */
  readonly bucketStart: Uint32Array;
  readonly keyEntries: Uint32Array;
  /** Names with two neighbours that make the key when written as one. */
  readonly compoundStart: Uint32Array;
  readonly compoundName: Uint32Array;
  /** Names with word w: postings[postingStart[w]] to [w + 1], ascending. */
  readonly postingStart: Uint32Array;
  readonly postings: Uint32Array;
  /** Words of a name in order. */
  readonly nameStart: Uint32Array;
  readonly nameWords: Uint32Array;
  /** Sum of `leftOf` over the words of a name that are certainly no initials, in parts of NAME_LEFT, rounded down. */
  readonly nameLeft: Uint8Array;
  /** Occurrences of a name: who bears it. */
  readonly bearerStart: Uint32Array;
  readonly bearers: Uint32Array;
  /** Of an occurrence: its party, how it is written (UTF-8), ListedNameKind, words of the family name where known. */
  readonly occurrenceParty: Uint32Array;
  readonly textStart: Uint32Array;
  readonly textBytes: Uint8Array;
  readonly occurrenceKind: Uint8Array;
  readonly familyWords: Uint8Array;
  /** Of a party. */
  readonly idStart: Uint32Array;
  readonly idBytes: Uint8Array;
  readonly subject: Uint8Array;
  readonly policyClass: Uint16Array;
  /** Seconds UTC after which it gives nothing; 0xffffffff = no end. */
  readonly notAfter: Uint32Array;
  /** Dates of birth and countries: facts[factStart[p]] to [p + 1]. */
  readonly factStart: Uint32Array;
  readonly facts: Uint32Array;
  /** 1 = taken out. */
  readonly removed: Uint8Array;
}

export const ARRAY_TYPES = {
  wordBytes: Uint8Array,
  wordRecords: Uint32Array,
  wordWeight: Float32Array,
  bucketStart: Uint32Array,
  keyEntries: Uint32Array,
  compoundStart: Uint32Array,
  compoundName: Uint32Array,
  postingStart: Uint32Array,
  postings: Uint32Array,
  nameStart: Uint32Array,
  nameWords: Uint32Array,
  nameLeft: Uint8Array,
  bearerStart: Uint32Array,
  bearers: Uint32Array,
  occurrenceParty: Uint32Array,
  textStart: Uint32Array,
  textBytes: Uint8Array,
  occurrenceKind: Uint8Array,
  familyWords: Uint8Array,
  idStart: Uint32Array,
  idBytes: Uint8Array,
  subject: Uint8Array,
  policyClass: Uint16Array,
  notAfter: Uint32Array,
  factStart: Uint32Array,
  facts: Uint32Array,
  removed: Uint8Array,
} as const;

export type ArrayName = keyof typeof ARRAY_TYPES;

export const NO_END = 0xffffffff;

export const NAME_LEFT = 24;

/**
 * The record of a word, half a cache line, since comparing thousands of words is waiting for memory: how many letters, consonants and
 * signs of its pattern it has and its WordFlags (eight bits each), the code of its consonants, its equivalence class (0 = none) with how
 * many names have it as far as sixteen bits say it, where the rest of it is in `wordBytes`, and its letters, where they are few.
 */
export const WORD = { lengths: 0, soundCode: 1, classAndFrequency: 2, rest: 3, letters: 4, size: 8 } as const;
/** Letters that a record holds; a longer word has them in `wordBytes`, before its consonants. */
export const LETTERS_IN_RECORD = 16;
/** Bits of the class; a frequency of all ones above them is that or more. */
export const CLASS_BITS = 16;
export const MOST_FREQUENCY = 0xffff;

export const wordLengths = (letters: number, sounds: number, pattern: number, flags: number): number =>
  (letters | (sounds << 8) | (pattern << 16) | (flags << 24)) >>> 0;

const decoder = new TextDecoder();

/** Reads of the arrays that need more than an index. */
export class Segment {
  readonly arrays: SegmentArrays;
  readonly #inRecords: Uint8Array;
  readonly words: number;
  readonly names: number;
  readonly parties: number;
  readonly keyEntries: KeyEntries;
  /** Bits of a key that are its bucket. */
  readonly bucketShift: number;
  readonly compoundShift: number;

  constructor(arrays: SegmentArrays) {
    this.arrays = arrays;
    this.#inRecords = bytesOf(arrays.wordRecords);
    this.words = arrays.wordRecords.length / WORD.size;
    this.keyEntries = new KeyEntries(this.words);
    this.names = arrays.nameStart.length - 1;
    this.parties = arrays.idStart.length - 1;
    this.bucketShift = 32 - Math.log2(arrays.bucketStart.length - 1);
    this.compoundShift = 32 - Math.log2(arrays.compoundStart.length - 1);
  }

  get bytes(): number {
    return Object.values(this.arrays).reduce((sum: number, array: Uint8Array) => sum + array.byteLength, 0);
  }

  /** Where the letters of a word are: from `lettersFrom` on. */
  lettersIn(word: number): Uint8Array {
    return this.letters(word) <= LETTERS_IN_RECORD ? this.#inRecords : this.arrays.wordBytes;
  }

  lettersFrom(word: number): number {
    return this.letters(word) <= LETTERS_IN_RECORD
      ? (word * WORD.size + WORD.letters) * 4
      : (this.arrays.wordRecords[word * WORD.size + WORD.rest] as number);
  }

  letters(word: number): number {
    return (this.arrays.wordRecords[word * WORD.size + WORD.lengths] as number) & 0xff;
  }

  /** Of WordFlag. */
  flags(word: number): number {
    return (this.arrays.wordRecords[word * WORD.size + WORD.lengths] as number) >>> 24;
  }

  /** How many names have the word. */
  frequency(word: number): number {
    const { wordRecords, postingStart } = this.arrays;
    const frequency = (wordRecords[word * WORD.size + WORD.classAndFrequency] as number) >>> CLASS_BITS;
    return frequency < MOST_FREQUENCY
      ? frequency
      : (postingStart[word + 1] as number) - (postingStart[word] as number);
  }

  /** How an occurrence of a name is written. */
  text(occurrence: number): string {
    const { textBytes, textStart } = this.arrays;
    return decoder.decode(textBytes.slice(textStart[occurrence], textStart[occurrence + 1]));
  }

  id(party: number): string {
    const { idBytes, idStart } = this.arrays;
    return decoder.decode(idBytes.slice(idStart[party], idStart[party + 1]));
  }
}

/** The upper bits of a key; a table of one bucket has shift 32, which JavaScript would take for 0. */
export const bucketOf = (key: number, shift: number): number => (shift >= 32 ? 0 : key >>> shift);

const bytesOf = ({ buffer, byteOffset, byteLength }: Uint32Array): Uint8Array =>
  new Uint8Array(buffer, byteOffset, byteLength);

/** A word of a segment in the shape that keys and agreement take; reused, since millions are compared. */
export class ListedWord implements KeyedWord {
  bytes: Uint8Array;
  readonly sounds: Uint8Array;
  readonly pattern: Uint8Array;
  from = 0;
  to = 0;
  flags = 0;
  soundsFrom = 0;
  soundsTo = 0;
  soundCode = 0;
  patternFrom = 0;
  patternTo = 0;
  classId = 0;
  /** See `WORD`. */
  readonly records: Uint32Array;
  readonly #inRecords: Uint8Array;

  constructor({ wordBytes, wordRecords }: Pick<SegmentArrays, 'wordBytes' | 'wordRecords'>) {
    this.records = wordRecords;
    this.#inRecords = bytesOf(wordRecords);
    this.bytes = wordBytes;
    this.sounds = wordBytes;
    this.pattern = wordBytes;
  }

  at(word: number): this {
    const records = this.records;
    const place = word * WORD.size;
    const lengths = records[place + WORD.lengths] as number;
    const letters = lengths & 0xff;
    let rest = records[place + WORD.rest] as number;
    if (letters <= LETTERS_IN_RECORD) {
      this.bytes = this.#inRecords;
      this.from = (place + WORD.letters) * 4;
    } else {
      this.bytes = this.sounds;
      this.from = rest;
      rest += letters;
    }
    this.to = this.from + letters;
    this.soundsFrom = rest;
    this.soundsTo = rest + ((lengths >>> 8) & 0xff);
    this.patternFrom = this.soundsTo;
    this.patternTo = this.soundsTo + ((lengths >>> 16) & 0xff);
    this.flags = lengths >>> 24;
    this.soundCode = records[place + WORD.soundCode] as number;
    this.classId = (records[place + WORD.classAndFrequency] as number) & ((1 << CLASS_BITS) - 1);
    return this;
  }
}
