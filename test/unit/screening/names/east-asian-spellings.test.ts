/** Syllables of East Asian scripts as Latin letters, by each rule: known answers. */
import { describe, expect, test } from 'vitest';
import { cantoneseOf } from '../../../../src/screening/names/cantonese.ts';
import { CANTONESE_FAMILY_NAMES } from '../../../../src/screening/names/cantonese-family-names.ts';
import { latinOfHangul, NORTHERN, PASSPORT, REVISED } from '../../../../src/screening/names/hangul.ts';
import { Reading } from '../../../../src/screening/names/reading.ts';
import { romaniseKana } from '../../../../src/screening/names/romanise-kana.ts';
import { hangulOfHan } from '../../../../src/screening/names/sino-korean.ts';
import { wadeGilesOf } from '../../../../src/screening/names/wade-giles.ts';
import { wordsOf } from '../../../../src/screening/names/words.ts';

const read = (name: string) =>
  wordsOf(name)
    .map(({ text }) => text)
    .join(' ');

test.each([
  ['zhou', 'chou'],
  ['qian', 'chien'],
  ['xu', 'hsu'],
  ['xiong', 'hsiung'],
  ['zeng', 'tseng'],
  ['cai', 'tsai'],
  ['zi', 'tzu'],
  ['si', 'ssu'],
  ['shi', 'shih'],
  ['ri', 'jih'],
  ['ren', 'jen'],
  ['bo', 'po'],
  ['dong', 'tung'],
  ['guo', 'kuo'],
  ['luo', 'lo'],
  ['zhuo', 'cho'],
  ['gui', 'kuei'],
  ['hui', 'hui'],
  ['jie', 'chieh'],
  ['xue', 'hsueh'],
  ['yan', 'yen'],
  ['yuan', 'yuan'],
  ['ye', 'yeh'],
  ['yong', 'yung'],
  ['he', 'ho'],
  ['de', 'te'],
  ['er', 'erh'],
  ['li', 'li'],
])('pinyin %s is %s in Wade-Giles', (pinyin, written) => {
  expect(wadeGilesOf(pinyin)).toBe(written);
});

test.each([
  ['大', 'tai'],
  ['文', 'man'],
  ['国', 'kwok'],
  ['國', 'kwok'],
  ['偉', 'wai'],
  ['介', 'kai'],
  ['石', 'shek'],
  ['志', 'chi'],
  ['明', 'ming'],
  ['榮', 'wing'],
  ['華', 'wah'],
  ['嘉', 'ka'],
  ['誠', 'shing'],
  ['娥', 'ngo'],
  ['良', 'leung'],
  ['玉', 'yuk'],
  ['元', 'yuen'],
  ['水', 'sui'],
])('%s is %s in Hong Kong', (character, written) => {
  expect(cantoneseOf(character)).toBe(written);
});

test.each([
  ['王黃黄', 'wong', 'wang huang huang'],
  ['張张', 'cheung', 'chang chang'],
  ['蔡', 'choi', 'tsai'],
  ['許许', 'hui', 'hsu hsu'],
  ['鄭郑', 'cheng', 'cheng cheng'],
  ['周', 'chow', 'chou'],
  ['趙赵', 'chiu', 'chao chao'],
  ['陳陈', 'chan', 'chen chen'],
  ['吳吴', 'ng', 'wu wu'],
  ['曾', 'tsang', 'tseng'],
  ['謝谢', 'tse', 'hsieh hsieh'],
  ['葉叶', 'yip', 'yeh yeh'],
])('the family name %s is %s in Hong Kong, %s in Wade-Giles', (characters, cantonese, wadeGiles) => {
  const families = [...characters].map((family) => `${family}文`);
  const first = (reading: Reading) => families.map((name) => wordsOf(name, reading)[0]?.text);
  expect(new Set(first(Reading.cantonese))).toEqual(new Set([cantonese]));
  expect(first(Reading.wadeGiles).join(' ')).toBe(wadeGiles);
});

test('a hundred and twenty family names and more have a spelling of Hong Kong', () => {
  // Simplified and traditional characters are one name.
  expect(CANTONESE_FAMILY_NAMES.size).toBeGreaterThan(180);
});

describe('Sino-Korean', () => {
  test.each([
    ['金正恩', '김정은', '김정은'],
    ['李明博', '리명박', '이명박'],
    ['柳', '류', '유'],
    ['林', '림', '임'],
    ['盧', '로', '노'],
    ['卢', '로', '노'],
    ['羅', '라', '나'],
    ['梁', '량', '양'],
    ['崔龍海', '최룡해', '최용해'],
    ['鄭烈', '정렬', '정열'],
    ['李承烈', '리승렬', '이승렬'],
    ['金振烈', '김진렬', '김진열'],
    ['南宮善女', '남궁선녀', '남궁선녀'],
    ['平壤', '평양', '평양'],
  ])('%s is %s in the North, %s in the South', (han, north, south) => {
    expect(hangulOfHan(han, true)).toBe(north);
    expect(hangulOfHan(han, false)).toBe(south);
  });

  test('has none where a character is no Korean one', () => {
    expect(hangulOfHan('金㐀', false)).toBeUndefined();
  });
});

test.each([
  ['김정은', 'gim jeongeun', 'kim jongun', 'kim jungeun'],
  ['이명박', 'yi myeongbak', 'yi myongpak', 'lee myungbak'],
  ['박근혜', 'bak geunhye', 'pak kunhye', 'park keunhye'],
  ['오영수', 'oh yeongsu', 'o yongsu', 'oh youngsoo'],
  ['남궁민수', 'namgung minsu', 'namkung minsu', 'namkung minsoo'],
  ['LG전자', 'lg jeonja', 'lg jonja', 'lg junja'],
])(
  '%s is %s by the Revised Romanisation, %s in the North, %s in passports',
  (hangul, revised, north, passport) => {
    const spelled = [REVISED, NORTHERN, PASSPORT].map((spelling) =>
      latinOfHangul(hangul, spelling).join(' '),
    );
    expect(spelled).toEqual([revised, north, passport]);
  },
);

describe('kana', () => {
  test.each([
    ['ガ', 'ga'],
    ['カ', 'ka'],
    ['パ', 'pa'],
    ['バ', 'ba'],
    ['ハ', 'ha'],
    ['ヴ', 'vu'],
    ['ヴィクトル', 'vikutoru'],
    ['ガッパ', 'gappa'],
    ['マッチ', 'macchi'],
    ['スー', 'su'],
    ['ケイコー', 'keiko'],
    ['キャ', 'kya'],
    ['シュ', 'shu'],
    ['ジョ', 'jo'],
    ['チェ', 'che'],
    ['ティ', 'ti'],
    ['ファ', 'fa'],
    ['ウィ', 'wi'],
    ['さくら', 'sakura'],
    ['がっこう', 'gakkou'],
  ])('%s is %s', (kana, latin) => {
    expect(romaniseKana(kana)).toBe(latin);
  });

  test('in half width or with its marks apart is the same', () => {
    expect(read('ｶﾞﾝﾀﾞﾑ')).toBe(read('ガンダム'));
    expect(read('ガ'.normalize('NFD'))).toBe('ga');
    expect(read('パパ'.normalize('NFD'))).toBe('papa');
  });
});
