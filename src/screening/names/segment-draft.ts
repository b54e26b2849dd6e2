/** A segment while parties are added to it: words and names get numbers, equal ones the same. */
import { growingBytes, growingInts, growingShorts } from './growing.ts';
import { isOfKorea, readingsOf } from './name-readings.ts';
import type { BirthDate, ListedName, ListedNameKind, ListedParty, SubjectType } from './party.ts';
import { isUnusual, Reading } from './reading.ts';
import { LETTERS_IN_RECORD, NO_END, type SegmentArrays, WORD, wordLengths } from './segment.ts';
import { nameOrder, placesIn, wordOrder } from './segment-order.ts';
import { sketchOf } from './sketch.ts';
import { consonantsOf, patternOf } from './sound.ts';
import { soundCodeOf } from './sound-code.ts';
import { TokenTable } from './token-table.ts';
import {
  LONGEST_END_FORM,
  legalFormAtEnd,
  MAX_NAME,
  MAX_WORDS,
  tokensOf,
  type Word,
  wordsOfToken,
} from './words.ts';

export const NAME_KINDS: readonly ListedNameKind[] = [
  'primary',
  'alias',
  'weak',
  'former',
  'original-script',
];
export const SUBJECTS: readonly SubjectType[] = ['unknown', 'person', 'organisation', 'vessel', 'aircraft'];

/** The kind of a name and its reading are kept in one byte. */
const KIND_BITS = 3;
const occurrenceOf = (kind: ListedNameKind, reading: Reading): number =>
  NAME_KINDS.indexOf(kind) | (reading << KIND_BITS);

/** Of an occurrence's byte: which of NAME_KINDS. */
export const kindOf = (occurrence: number): number => occurrence & ((1 << KIND_BITS) - 1);
/** Of an occurrence's byte. */
export const readingOf = (occurrence: number): Reading => (occurrence >>> KIND_BITS) as Reading;
/** One occurrence of each name, in the reading that comes first: what was added, once. */
export const isFirstReading = (occurrence: number): boolean => readingOf(occurrence) <= Reading.mandarin;

const COUNTRY = 0x80000000;
const APPROXIMATE = 0x40000000;

/** A fact about a party in 32 bits: a country, or a date of birth. */
export const countryFact = (code: string): number =>
  (COUNTRY | (code.charCodeAt(0) << 8) | code.charCodeAt(1)) >>> 0;

export const bornFact = ({ year, month = 0, day = 0, approximate = false }: BirthDate): number =>
  ((approximate ? APPROXIMATE : 0) | (year << 9) | (month << 5) | day) >>> 0;

export const isCountry = (fact: number): boolean => fact >= COUNTRY;

export function bornOf(fact: number): BirthDate {
  const month = (fact >>> 5) & 0xf;
  const day = fact & 0x1f;
  return {
    year: (fact >>> 9) & 0x1fff,
    ...(month !== 0 && { month }),
    ...(day !== 0 && { day }),
    ...((fact & APPROXIMATE) !== 0 && { approximate: true }),
  };
}

/** Written words that are kept analysed, so that names of a million parties do not read `mohamed` ten thousand times. */
const KEPT_TOKENS = 400_000;

export class SegmentDraft {
  readonly #classOf: (word: string) => number;
  readonly #wordIds = new Map<string, number>();
  readonly #tokens = new Map<string, readonly number[]>();
  readonly #plainTokens = new TokenTable((token, joinsNext) => this.#analysed(token, joinsNext));
  /** The legal form that a word is at the end of a name: number + 1, 0 = none, by word. */
  readonly #endForms = new Map<number, number>();
  readonly #wordBytes = growingBytes();
  readonly #wordRecords = growingInts();
  readonly wordSketch = growingBytes();
  readonly nameStart = growingInts();
  readonly nameWords = growingInts();
  readonly occurrenceName = growingInts();
  readonly #occurrenceParty = growingInts();
  readonly #textStart = growingInts();
  readonly #textBytes = growingBytes();
  readonly #kind = growingBytes();
  readonly #family = growingBytes();
  readonly #idStart = growingInts();
  readonly #idBytes = growingBytes();
  readonly #subject = growingBytes();
  readonly #policyClass = growingShorts();
  readonly #notAfter = growingInts();
  readonly #factStart = growingInts();
  readonly #facts = growingInts();
  /** Open table of names by their words: number + 1, 0 = free. */
  #nameTable = new Uint32Array(1_024);
  readonly #nameHash = growingInts();
  names = 0;
  parties = 0;

  constructor(classOf: (word: string) => number) {
    this.#classOf = classOf;
    for (const starts of [this.nameStart, this.#textStart, this.#idStart, this.#factStart]) starts.push(0);
  }

  get words(): number {
    return this.wordSketch.length;
  }

  wordText(word: number): string {
    const records = this.#wordRecords.array;
    const place = word * WORD.size;
    const letters = this.letters(word);
    const isShort = letters <= LETTERS_IN_RECORD;
    const rest = records[place + WORD.rest] as number;
    let text = '';
    for (let at = 0; at < letters; at++)
      text += String.fromCharCode(
        isShort
          ? ((records[place + WORD.letters + (at >> 2)] as number) >>> (8 * (at & 3))) & 0xff
          : (this.#wordBytes.array[rest + at] as number),
      );
    return text;
  }

  letters(word: number): number {
    return (this.#wordRecords.array[word * WORD.size + WORD.lengths] as number) & 0xff;
  }

  flags(word: number): number {
    return (this.#wordRecords.array[word * WORD.size + WORD.lengths] as number) >>> 24;
  }

  add(party: ListedParty): void {
    const index = this.parties++;
    this.#idBytes.pushText(party.id);
    this.#idStart.push(this.#idBytes.length);
    this.#subject.push(SUBJECTS.indexOf(party.subject));
    this.#policyClass.push(party.policyClass ?? 0);
    this.#notAfter.push(
      party.notAfter === undefined ? NO_END : Math.min(NO_END - 1, Math.floor(party.notAfter / 1_000)),
    );
    for (const born of party.born ?? []) this.#facts.push(bornFact(born));
    for (const country of party.countries ?? []) this.#facts.push(countryFact(country));
    this.#factStart.push(this.#facts.length);
    for (const name of party.names) this.#addName(name, index, party);
  }

  #addName(name: ListedName, index: number, party: ListedParty): void {
    const from = this.nameWords.length;
    const family = name.text.length <= MAX_NAME ? this.#addPlainWords(name.text, from) : -1;
    if (family >= 0) {
      this.#addOccurrence(name, index, family, from, Reading.written);
      return;
    }
    for (const reading of readingsOf(name.text, isOfKorea(party.countries))) {
      const start = this.nameWords.length;
      const words = this.#addWords(name.text, start, reading);
      // Where there is nothing to read in the usual way there is no name.
      if (!this.#addOccurrence(name, index, words, start, reading)) return;
    }
  }

  /** False where there is nothing in it. */
  #addOccurrence(name: ListedName, party: number, family: number, from: number, reading: Reading): boolean {
    const count = this.nameWords.length - from;
    // Nothing in it can be compared, as a name of signs alone.
    if (count === 0) return false;
    const last = this.nameWords.array[this.nameWords.length - 1] as number;
    this.nameWords.array[this.nameWords.length - 1] = this.#atEnd(last, count);
    this.occurrenceName.push(this.#nameOf(from));
    this.#occurrenceParty.push(party);
    this.#textBytes.pushText(name.text);
    this.#textStart.push(this.#textBytes.length);
    this.#kind.push(occurrenceOf(name.kind, reading));
    this.#family.push(family);
    return true;
  }

  /** Appends the words of a name in plain ASCII; words of the family name, or -1 where it has to go the common way. */
  #addPlainWords(text: string, from: number): number {
    const { nameWords } = this;
    let family = 0;
    let commasMet = 0;
    const plain = this.#plainTokens.read(text, (words, start, end, commas) => {
      if (commas > commasMet) {
        if (commasMet === 0) family = nameWords.length - from;
        commasMet = commas;
      }
      for (let at = start; at < end && nameWords.length - from < MAX_WORDS; at++)
        nameWords.push(words[at] as number);
    });
    if (!plain) {
      nameWords.length = from;
      return -1;
    }
    return text.indexOf(',') === text.lastIndexOf(',') ? family : 0;
  }

  #addWords(text: string, from: number, reading: Reading): number {
    let family = 0;
    for (const token of tokensOf(text)) {
      const words = this.#wordsOf(token.word, token.joinsNext, reading);
      for (const word of words) if (this.nameWords.length - from < MAX_WORDS) this.nameWords.push(word);
      if (token.beforeComma) family = this.nameWords.length - from;
    }
    return family;
  }

  #atEnd(word: number, count: number): number {
    const known = this.#endForms.get(word);
    if (known !== undefined) return count < 2 ? word : known;
    if (count < 2 || this.letters(word) > LONGEST_END_FORM) return word;
    const text = this.wordText(word);
    const flags = this.flags(word);
    const form = legalFormAtEnd({ text, flags }, 1, 2);
    const id = form.text === text && form.flags === flags ? word : this.#idOf(form);
    this.#endForms.set(word, id);
    return id;
  }

  #wordsOf(token: string, joinsNext: boolean, reading: Reading): readonly number[] {
    // Other readings are of few names, whose words are seldom met again.
    if (isUnusual(reading)) return this.#analysed(token, joinsNext, reading);
    const written = reading === Reading.persian ? `${token}\u0000` : token;
    const key = joinsNext ? `${written}-` : written;
    const kept = this.#tokens.get(key);
    if (kept) return kept;
    const words = this.#analysed(token, joinsNext, reading);
    if (this.#tokens.size >= KEPT_TOKENS) this.#tokens.clear();
    this.#tokens.set(key, words);
    return words;
  }

  #analysed(token: string, joinsNext: boolean, reading: Reading = Reading.written): readonly number[] {
    return wordsOfToken(token, joinsNext, reading).map((word) => this.#idOf(word));
  }

  #idOf({ text, flags }: Word): number {
    const key = flags === 0 ? text : `${text}\u0000${flags}`;
    const known = this.#wordIds.get(key);
    if (known !== undefined) return known;
    const id = this.words;
    this.#wordIds.set(key, id);
    const pattern = patternOf(text);
    const sounds = consonantsOf(pattern);
    const start = this.#wordBytes.length;
    for (const part of [text, sounds, pattern]) this.#wordBytes.pushText(part);
    const bytes = this.#wordBytes.array;
    const soundsFrom = start + text.length;
    const records = this.#wordRecords;
    this.wordSketch.push(sketchOf(bytes, start, soundsFrom));
    records.push(wordLengths(text.length, sounds.length, pattern.length, flags));
    records.push(soundCodeOf(bytes, soundsFrom, soundsFrom + sounds.length));
    records.push(this.#classOf(text));
    records.push(start);
    const isShort = text.length <= LETTERS_IN_RECORD;
    // Little-endian, as the processors are on which this runs: read as bytes.
    for (let at = 0; at < LETTERS_IN_RECORD; at += 4) {
      let four = 0;
      for (let byte = 3; isShort && byte >= 0; byte--)
        four = (four << 8) | (at + byte < text.length ? text.charCodeAt(at + byte) : 0);
      records.push(four >>> 0);
    }
    if (!isShort) return id;
    bytes.copyWithin(start, soundsFrom, this.#wordBytes.length);
    this.#wordBytes.length -= text.length;
    return id;
  }

  /** The number of the name whose words were appended last; where it is known they are taken back. */
  #nameOf(from: number): number {
    const words = this.nameWords.array;
    const to = this.nameWords.length;
    let hash = 0x811c9dc5;
    for (let at = from; at < to; at++)
      hash = Math.imul(hash ^ (words[at] as number), 0x01000193) ^ (hash >>> 13);
    hash >>>= 0;
    const mask = this.#nameTable.length - 1;
    let slot = hash & mask;
    for (;;) {
      const entry = this.#nameTable[slot] as number;
      if (entry === 0) break;
      if (this.#nameHash.array[entry - 1] === hash && this.#sameWords(entry - 1, from, to)) {
        this.nameWords.length = from;
        return entry - 1;
      }
      slot = (slot + 1) & mask;
    }
    this.#nameTable[slot] = this.names + 1;
    this.#nameHash.push(hash);
    this.nameStart.push(to);
    this.names += 1;
    if (this.names * 2 > this.#nameTable.length) this.#growTable();
    return this.names - 1;
  }

  #sameWords(name: number, from: number, to: number): boolean {
    const words = this.nameWords.array;
    const start = this.nameStart.array[name] as number;
    if ((this.nameStart.array[name + 1] as number) - start !== to - from) return false;
    for (let at = from; at < to; at++) if (words[at] !== words[start + at - from]) return false;
    return true;
  }

  #growTable(): void {
    this.#nameTable = new Uint32Array(this.#nameTable.length * 4);
    const mask = this.#nameTable.length - 1;
    for (let name = 0; name < this.names; name++) {
      let slot = (this.#nameHash.array[name] as number) & mask;
      while (this.#nameTable[slot] !== 0) slot = (slot + 1) & mask;
      this.#nameTable[slot] = name + 1;
    }
  }

  /** Numbers words and names anew (`segment-order.ts`); nothing can be added afterwards. */
  arrange(): void {
    const records = this.#wordRecords;
    const words = wordOrder(this.words, (word) => records.array[word * WORD.size + WORD.soundCode] as number);
    if (!words) return;
    const sketches = this.wordSketch.filled().slice();
    const old = records.filled().slice();
    for (let place = 0; place < words.length; place++) {
      const word = words[place] as number;
      this.wordSketch.array[place] = sketches[word] as number;
      for (let at = 0; at < WORD.size; at++)
        records.array[place * WORD.size + at] = old[word * WORD.size + at] as number;
    }
    const placeOfWord = placesIn(words);
    const nameWords = this.nameWords.filled();
    for (let at = 0; at < nameWords.length; at++)
      nameWords[at] = placeOfWord[nameWords[at] as number] as number;
    this.#arrangeNames();
  }

  #arrangeNames(): void {
    const starts = this.nameStart.filled();
    const words = this.nameWords.filled();
    const names = nameOrder(starts, words, this.words);
    if (!names) return;
    const [oldStarts, oldWords] = [starts.slice(), words.slice()];
    let to = 0;
    for (let place = 0; place < names.length; place++) {
      const name = names[place] as number;
      for (let at = oldStarts[name] as number; at < (oldStarts[name + 1] as number); at++)
        words[to++] = oldWords[at] as number;
      starts[place + 1] = to;
    }
    const placeOfName = placesIn(names);
    const occurrences = this.occurrenceName.filled();
    for (let at = 0; at < occurrences.length; at++)
      occurrences[at] = placeOfName[occurrences[at] as number] as number;
  }

  arrays(): SegmentArrays {
    const none = new Uint32Array(0);
    return {
      wordBytes: this.#wordBytes.filled(),
      wordRecords: this.#wordRecords.filled(),
      nameStart: this.nameStart.filled(),
      nameWords: this.nameWords.filled(),
      occurrenceParty: this.#occurrenceParty.filled(),
      textStart: this.#textStart.filled(),
      textBytes: this.#textBytes.filled(),
      occurrenceKind: this.#kind.filled(),
      familyWords: this.#family.filled(),
      idStart: this.#idStart.filled(),
      idBytes: this.#idBytes.filled(),
      subject: this.#subject.filled(),
      policyClass: this.#policyClass.filled(),
      notAfter: this.#notAfter.filled(),
      factStart: this.#factStart.filled(),
      facts: this.#facts.filled(),
      wordWeight: new Float32Array(0),
      nameLeft: new Uint8Array(0),
      bucketStart: none,
      keyEntries: none,
      compoundStart: none,
      compoundName: none,
      postingStart: none,
      postings: none,
      bearerStart: none,
      bearers: none,
      removed: new Uint8Array(0),
    };
  }
}
