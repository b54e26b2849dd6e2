/**
 * The ways in which a name is read aloud where its writing does not say which holds: 金正恩 is Jin Zheng'en to a Chinese list and Kim Jong Un to
 * the rest of the world, فضل is Fadl to an Arab and Fazl to an Afghan. All other names are read as they are written.
 */

/** Kept with each listed name, in few bits. */
export const Reading = {
  /** The one way, or that of Arabs. */
  written: 0,
  /** Mandarin, in pinyin. */
  mandarin: 1,
  /** Mandarin in Wade-Giles, without apostrophes and marks. */
  wadeGiles: 2,
  /** Cantonese, as Hong Kong writes names. */
  cantonese: 3,
  /** Sino-Korean as Hangul is read here: the South's initial sounds, in the Revised Romanisation. */
  korean: 4,
  /** Sino-Korean as the North writes its names in Latin. */
  koreanNorth: 5,
  /** Sino-Korean as passports of the South mostly do. */
  koreanPassport: 6,
  /** Arabic letters as Persian, Dari, Pashto and Urdu say them. */
  persian: 7,
} as const;
export type Reading = (typeof Reading)[keyof typeof Reading];

export const CHINESE: readonly Reading[] = [Reading.wadeGiles, Reading.cantonese];
export const KOREAN: readonly Reading[] = [Reading.korean, Reading.koreanNorth, Reading.koreanPassport];

export const isKorean = (reading: Reading): boolean => KOREAN.includes(reading);

/** None of those that a name is read in first. */
export const isUnusual = (reading: Reading): boolean =>
  reading > Reading.mandarin && reading !== Reading.persian;

const HAN = /[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\u{20000}-\u{323af}]/u;

export const hasHan = (text: string): boolean => HAN.test(text);

/** Two names are compared where one is read as it is written, or both the same way: else 林 would be compared with Lam read as Chinese. */
export const comparable = (one: Reading, other: Reading): boolean =>
  one === other || one === Reading.written || other === Reading.written;
