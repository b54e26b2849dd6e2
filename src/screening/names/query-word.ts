/** A word that is looked for, with its keys. */
import { WordAgreement } from './agree.ts';
import { addQueryKeys, type KeyedWord, KeyList, patternKey, wordKey } from './keys.ts';
import { agreeable, sketchOf } from './sketch.ts';
import { consonantsOf, patternOf } from './sound.ts';
import { soundCodeOf } from './sound-code.ts';

/** Consonants of two words written as one, before their sound alone finds it. */
const SOUNDS_OF_JOINED = 4;
/** Two words written as one agree well or not at all. */
const LEAST_JOINED = 0.85;

function write(text: string, into: Uint8Array, from: number): number {
  for (let at = 0; at < text.length; at++) into[from + at] = text.charCodeAt(at);
  return from + text.length;
}

/** Written anew for each word. */
const keyList = new KeyList();

export class QueryWord implements KeyedWord {
  readonly text: string;
  readonly flags: number;
  readonly bytes: Uint8Array;
  readonly from = 0;
  readonly to: number;
  readonly sounds: Uint8Array;
  readonly soundsFrom: number;
  readonly soundsTo: number;
  readonly soundCode: number;
  readonly pattern: Uint8Array;
  readonly patternFrom: number;
  readonly patternTo: number;
  readonly classId: number;
  readonly keys: Uint32Array;
  readonly sketch: number;
  /** By sketch of a listed word: 1 where it may agree. */
  readonly agreeable: Uint8Array;
  /** The first keys, under which only what has an agreeable sketch need be compared. */
  readonly alike: number;
  /** End of the keys of its class and of words that sound as it does, which follow those. */
  readonly near: number;
  readonly agreement: WordAgreement;
  /** Listed words that agree by no more do not count. */
  readonly least: number;

  /** `joined` = of two neighbours that are looked for as one. */
  constructor(text: string, flags: number, classId: number, joined = false) {
    this.text = text;
    this.flags = flags;
    const pattern = patternOf(text);
    const sounds = consonantsOf(pattern);
    const bytes = new Uint8Array(text.length + sounds.length + pattern.length);
    this.bytes = bytes;
    this.sounds = bytes;
    this.pattern = bytes;
    this.to = write(text, bytes, 0);
    this.soundsFrom = this.to;
    this.soundsTo = write(sounds, bytes, this.soundsFrom);
    this.patternFrom = this.soundsTo;
    this.patternTo = write(pattern, bytes, this.patternFrom);
    this.soundCode = soundCodeOf(bytes, this.soundsFrom, this.soundsTo);
    this.classId = classId;
    this.agreement = new WordAgreement(this);
    this.least = joined ? LEAST_JOINED : 0;
    keyList.count = 0;
    if (!joined) ({ alike: this.alike, near: this.near } = addQueryKeys(this, keyList));
    else {
      this.alike = 1;
      keyList.push(wordKey(this.bytes, 0, this.to));
      if (sounds.length >= SOUNDS_OF_JOINED) keyList.push(patternKey(this));
      this.near = keyList.count;
    }
    this.sketch = sketchOf(this.bytes, 0, this.to);
    this.agreeable = agreeable(this.sketch, this.to);
    this.keys = keyList.hashes.slice(0, keyList.count);
  }
}
