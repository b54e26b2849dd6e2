/** Words of any script as Latin letters, the same way for lists and for queries. */
import anyAscii from 'any-ascii';
import { pinyin } from 'pinyin-pro';
import { romaniseArabic } from './romanise-arabic.ts';
import { romaniseHebrew } from './romanise-hebrew.ts';
import { foldLookAlikes, type Script, scriptOf } from './scripts.ts';

export interface Romanised {
  /** Lower-case letters a to z and digits. */
  readonly text: string;
  /** The script writes few vowels: the consonants decide. */
  readonly unvowelled: boolean;
}

const NOT_PLAIN = /[^a-z0-9]/gu;
const MARKS = /\p{M}/gu;

/** Letters that decomposition leaves alone, as names are usually written without them. */
const LATIN_LETTERS: ReadonlyMap<string, string> = new Map(
  Object.entries({ ß: 'ss', æ: 'ae', œ: 'oe', ø: 'o', ł: 'l', đ: 'd', ð: 'd', þ: 'th', ı: 'i', ŋ: 'ng' }),
);

function latin(word: string): string {
  const bare = word.normalize('NFKD').replace(MARKS, '');
  if (!NOT_PLAIN.test(bare)) return bare;
  let text = '';
  for (const letter of bare) text += LATIN_LETTERS.get(letter) ?? letter;
  return anyAscii(text).toLowerCase().replace(NOT_PLAIN, '');
}

/**
 * A name in Han characters as family name and given name, each one word: `习近平` → xi, jinping. Longer runs are titles or
 * foreign names, one word.
 */
function han(word: string): readonly string[] {
  const syllables = pinyin(word, { toneType: 'none', type: 'array', surname: 'head', nonZh: 'removed' })
    .map((syllable) => latin(syllable.toLowerCase().replaceAll('ü', 'u')))
    .filter((syllable) => syllable !== '');
  const double = DOUBLE_FAMILY_NAMES.has(word.slice(0, 2));
  // Other first characters begin a foreign name or a company, written out by its sound.
  if (!double && !FAMILY_NAMES.has(word.charAt(0))) return [syllables.join('')];
  return familyAndGiven(syllables, double ? 2 : 1);
}

/** Family names of two characters. */
const DOUBLE_FAMILY_NAMES: ReadonlySet<string> = new Set([
  ...[
    '欧阳',
    '歐陽',
    '司马',
    '司馬',
    '上官',
    '诸葛',
    '諸葛',
    '东方',
    '東方',
    '皇甫',
    '尉迟',
    '公孙',
    '公孫',
    '令狐',
  ],
  ...['慕容', '司徒', '夏侯', '南宫', '南宮', '独孤', '长孙', '長孫', '宇文', '端木', '轩辕', '百里', '呼延'],
]);

/** Family names of one character that nine of ten bear, simplified and traditional. */
const FAMILY_NAMES: ReadonlySet<string> = new Set(
  '王李张張刘劉陈陳杨楊赵趙黄黃周吴吳徐孙孫胡朱高林何郭马馬罗羅梁宋郑鄭谢謝韩韓唐冯馮于董萧蕭程曹袁邓鄧许許傅沈曾彭吕呂苏蘇卢盧蒋蔣蔡贾賈丁魏薛叶葉阎閻余潘杜戴夏钟鍾汪田任姜范范方石姚谭譚廖邹鄒熊金陆陸郝孔白崔康毛邱秦江史顾顧侯邵孟龙龍万萬段雷钱錢汤湯尹黎易常武乔喬贺賀赖賴龚龔文习習朴权權玄安申严嚴池南',
);

function familyAndGiven(syllables: readonly string[], family: number): readonly string[] {
  if (syllables.length < 2 || syllables.length > 4) return [syllables.join('')];
  return [syllables.slice(0, family).join(''), syllables.slice(family).join('')].filter(
    (part) => part !== '',
  );
}

/** `김정은` → gim, jeongeun: any-ascii begins each syllable with a capital. */
function hangul(word: string): readonly string[] {
  const syllables = anyAscii(word)
    .split(/(?=[A-Z])/u)
    .map((syllable) => syllable.toLowerCase().replace(NOT_PLAIN, ''))
    .filter((syllable) => syllable !== '');
  return familyAndGiven(syllables, 1);
}

function scriptOfWord(word: string): Script {
  for (const letter of word) {
    const script = scriptOf(letter.codePointAt(0) ?? 0);
    if (script !== 'latin') return script;
  }
  return 'latin';
}

/** Words of one written word, which is in lower case and holds letters, marks and digits only. */
export function romanise(written: string): readonly Romanised[] {
  const word = foldLookAlikes(written);
  const script = scriptOfWord(word);
  if (script === 'arabic') return romaniseArabic(word).map((text) => ({ text, unvowelled: true }));
  if (script === 'hebrew') return [{ text: romaniseHebrew(word), unvowelled: true }];
  const texts = script === 'han' ? han(word) : script === 'hangul' ? hangul(word) : [latin(word)];
  return texts.filter((text) => text !== '').map((text) => ({ text, unvowelled: false }));
}
