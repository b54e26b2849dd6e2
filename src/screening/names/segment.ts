/**
 * One part of the index: an immutable set of parties as flat arrays, which threads share and a file holds as they are. Numbers
 * instead of objects: a word, a name, an occurrence of a name and a party are indices.
 */
import type { KeyedWord } from './keys.ts';

/** The arrays of a segment; all over SharedArrayBuffers. */
export interface SegmentArrays {
  /** Letters of words, one after the other; word w is from wordStart[w] to wordStart[w + 1]. */
  readonly wordBytes: Uint8Array;
  readonly wordStart: Uint32Array;
  /** Of WordFlag. */
  readonly wordFlags: Uint8Array;
  /** Equivalence class; 0 = none. */
  readonly wordClass: Uint16Array;
  readonly soundBytes: Uint8Array;
  readonly soundStart: Uint32Array;
  readonly patternBytes: Uint8Array;
  readonly patternStart: Uint32Array;
  /** What the word weighs as evidence. */
  readonly wordWeight: Float32Array;
  /** Key table: words under bucket b are keyWord[bucketStart[b]] to [b + 1], each with eight more bits of its key and the word's sketch. */
  readonly bucketStart: Uint32Array;
  readonly keyWord: Uint32Array;
  readonly keyTag: Uint16Array;
  /** Names with two neighbours that make the key when written as one. */
  readonly compoundStart: Uint32Array;
  readonly compoundName: Uint32Array;
  /** Names with word w: postings[postingStart[w]] to [w + 1], ascending. */
  readonly postingStart: Uint32Array;
  readonly postings: Uint32Array;
  /** Words of a name in order. */
  readonly nameStart: Uint32Array;
  readonly nameWords: Uint32Array;
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
  wordStart: Uint32Array,
  wordFlags: Uint8Array,
  wordClass: Uint16Array,
  soundBytes: Uint8Array,
  soundStart: Uint32Array,
  patternBytes: Uint8Array,
  patternStart: Uint32Array,
  wordWeight: Float32Array,
  bucketStart: Uint32Array,
  keyWord: Uint32Array,
  keyTag: Uint16Array,
  compoundStart: Uint32Array,
  compoundName: Uint32Array,
  postingStart: Uint32Array,
  postings: Uint32Array,
  nameStart: Uint32Array,
  nameWords: Uint32Array,
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

const decoder = new TextDecoder();

/** Reads of the arrays that need more than an index. */
export class Segment {
  readonly arrays: SegmentArrays;
  readonly words: number;
  readonly names: number;
  readonly parties: number;
  /** Bits of a key that are its bucket. */
  readonly bucketShift: number;
  readonly compoundShift: number;

  constructor(arrays: SegmentArrays) {
    this.arrays = arrays;
    this.words = arrays.wordStart.length - 1;
    this.names = arrays.nameStart.length - 1;
    this.parties = arrays.idStart.length - 1;
    this.bucketShift = 32 - Math.log2(arrays.bucketStart.length - 1);
    this.compoundShift = 32 - Math.log2(arrays.compoundStart.length - 1);
  }

  get bytes(): number {
    return Object.values(this.arrays).reduce((sum: number, array: Uint8Array) => sum + array.byteLength, 0);
  }

  wordText(word: number): string {
    const { wordBytes, wordStart } = this.arrays;
    return String.fromCharCode(...wordBytes.subarray(wordStart[word], wordStart[word + 1]));
  }

  /** How many names have the word. */
  frequency(word: number): number {
    const { postingStart } = this.arrays;
    return (postingStart[word + 1] as number) - (postingStart[word] as number);
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

/** A word of a segment in the shape that keys and agreement take; reused, since millions are compared. */
export class ListedWord implements KeyedWord {
  readonly bytes: Uint8Array;
  readonly sounds: Uint8Array;
  readonly pattern: Uint8Array;
  from = 0;
  to = 0;
  flags = 0;
  soundsFrom = 0;
  soundsTo = 0;
  patternFrom = 0;
  patternTo = 0;
  classId = 0;
  readonly #arrays: SegmentArrays;

  constructor(arrays: SegmentArrays) {
    this.#arrays = arrays;
    this.bytes = arrays.wordBytes;
    this.sounds = arrays.soundBytes;
    this.pattern = arrays.patternBytes;
  }

  at(word: number): this {
    const { wordStart, wordFlags, wordClass, soundStart, patternStart } = this.#arrays;
    this.from = wordStart[word] as number;
    this.to = wordStart[word + 1] as number;
    this.flags = wordFlags[word] as number;
    this.classId = wordClass[word] as number;
    this.soundsFrom = soundStart[word] as number;
    this.soundsTo = soundStart[word + 1] as number;
    this.patternFrom = patternStart[word] as number;
    this.patternTo = patternStart[word + 1] as number;
    return this;
  }
}
