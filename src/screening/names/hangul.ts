/** Hangul syllables in Latin letters, each as it stands alone: sounds that meet are not drawn together, as names do not. */
import anyAscii from 'any-ascii';
import { KOREAN_DOUBLE_FAMILY_NAMES } from './family-names.ts';

const FIRST = 0xac00;
const VOWELS = 21;
const ENDS = 28;

/** Numbers of a syllable's first consonant, vowel and last consonants, in the order of Unicode. */
export interface Jamo {
  readonly initial: number;
  readonly vowel: number;
  /** 0 = none. */
  readonly end: number;
}

export function jamoOf(syllable: string): Jamo {
  const code = syllable.charCodeAt(0) - FIRST;
  return {
    initial: Math.floor(code / (VOWELS * ENDS)),
    vowel: Math.floor(code / ENDS) % VOWELS,
    end: code % ENDS,
  };
}

export const syllableOf = (initial: number, vowel: number, end: number): string =>
  String.fromCharCode(FIRST + (initial * VOWELS + vowel) * ENDS + end);

/** How Korean sounds are written in Latin letters. */
export interface KoreanSpelling {
  readonly initials: readonly string[];
  readonly vowels: readonly string[];
  /** Syllables, and family names, that are written otherwise than by their sounds. */
  readonly given: ReadonlyMap<string, string>;
  readonly family: ReadonlyMap<string, string>;
}

const NONE: ReadonlyMap<string, string> = new Map();
const LAST_CONSONANTS = ' k k k n n n t l k m l l l p l m p p t t ng t t k t p t'.split(' ');

const words = (line: string): ReadonlyMap<string, string> =>
  new Map(line.split(' ').map((pair) => [pair.charAt(0), pair.slice(1)]));

/** Of the South since 2000. Family names of one vowel are no initials: 이 is yi, 오 oh. */
export const REVISED: KoreanSpelling = {
  initials: 'g kk n d tt r m b pp s ss  j jj ch k t p h'.split(' '),
  vowels: 'a ae ya yae eo e yeo ye o wa wae oe yo u wo we wi yu eu ui i'.split(' '),
  given: NONE,
  family: words('이yi 오oh 우woo 아ah 어eoh'),
};

/** Of the North, without marks: 정은 is jongun. */
export const NORTHERN: KoreanSpelling = {
  initials: 'k kk n t tt r m p pp s ss  j jj ch kh th ph h'.split(' '),
  vowels: 'a ae ya yae o e yo ye o wa wae oe yo u wo we wi yu u ui i'.split(' '),
  given: NONE,
  family: words('이yi 오o 우u'),
};

/** As most passports of the South write: 영 is young, 박 park. */
export const PASSPORT: KoreanSpelling = {
  initials: 'k kk n d tt r m b pp s ss  j jj ch k t p h'.split(' '),
  vowels: 'a ae ya yae u e yu ye o wa wae oe yo u wo we wi yu eu ui i'.split(' '),
  given: words(
    '영young 희hee 수soo 우woo 훈hoon 주joo 순soon 연yeon 여yeo 서seo 어eo 거geo 석seok 철chul 헌hun 기ki 지ji 규kyu 근keun 은eun 구koo 무moo 문moon 운woon 욱wook 웅woong 춘choon 의eui 건gun 윤yoon 두doo 부boo 추choo 호ho 이yi',
  ),
  family: words(
    '김kim 이lee 박park 최choi 정jung 강kang 조cho 윤yoon 장jang 임lim 한han 오oh 서seo 신shin 권kwon 황hwang 안ahn 송song 유yoo 류ryu 홍hong 전jeon 고ko 문moon 손son 양yang 배bae 백baek 허hur 남nam 심shim 노noh 하ha 곽kwak 성sung 차cha 주joo 우woo 구koo 라ra 진jin 지ji 엄um 원won 천chun 방bang 공kong 현hyun 변byun 여yeo 추choo 반ban 선sun 석suk 기ki 길gil 국kook 어eo',
  ),
};

/** Syllables, and what stands between them as one. */
const PARTS = /[가-힣]|[^가-힣]+/gu;
const NOT_PLAIN = /[^a-z0-9]/gu;

function latinOf(
  syllable: string,
  { initials, vowels, given, family }: KoreanSpelling,
  isFamily: boolean,
): string {
  const written = (isFamily ? family : given).get(syllable);
  if (written !== undefined) return written;
  const { initial, vowel, end } = jamoOf(syllable);
  if (initials[initial] === undefined) return anyAscii(syllable).toLowerCase().replace(NOT_PLAIN, '');
  return `${initials[initial]}${vowels[vowel]}${LAST_CONSONANTS[end]}`;
}

/** Syllables of the longest name of a person. */
export const LONGEST_KOREAN_NAME = 4;

/** Syllables of a person's family name, out of the syllables of the name. */
export const familySyllables = (name: readonly string[]): number =>
  name.length === LONGEST_KOREAN_NAME && KOREAN_DOUBLE_FAMILY_NAMES.has(name.slice(0, 2).join('')) ? 2 : 1;

/** `김정은` → gim, jeongeun: family name and given name. Longer runs are one word. */
export function latinOfHangul(word: string, spelling: KoreanSpelling): readonly string[] {
  const name = word.normalize('NFC').match(PARTS) ?? [];
  if (name.length > LONGEST_KOREAN_NAME)
    return [name.map((syllable) => latinOf(syllable, spelling, false)).join('')];
  const family = familySyllables(name);
  const read = name.map((syllable, at) => latinOf(syllable, spelling, at === 0 && family === 1));
  return [read.slice(0, family).join(''), read.slice(family).join('')].filter((part) => part !== '');
}
