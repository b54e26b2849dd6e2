/** Family names in Han characters: where the family name ends and the given name begins. */

/** Chinese family names of two characters. */
export const DOUBLE_FAMILY_NAMES: ReadonlySet<string> = new Set(
  '欧阳 歐陽 司马 司馬 上官 诸葛 諸葛 东方 東方 皇甫 尉迟 公孙 公孫 令狐 慕容 司徒 夏侯 南宫 南宮 独孤 长孙 長孫 宇文 端木 轩辕 百里 呼延'.split(
    ' ',
  ),
);

/** Chinese family names of one character that nine of ten bear, simplified and traditional. */
export const FAMILY_NAMES: ReadonlySet<string> = new Set(
  '王李张張刘劉陈陳杨楊赵趙黄黃周吴吳徐孙孫胡朱高林何郭马馬罗羅梁宋郑鄭谢謝韩韓唐冯馮于董萧蕭程曹袁邓鄧许許傅沈曾彭吕呂苏蘇卢盧蒋蔣蔡贾賈丁魏薛叶葉阎閻余潘杜戴夏钟鍾汪田任姜范范方石姚谭譚廖邹鄒熊金陆陸郝孔白崔康毛邱秦江史顾顧侯邵孟龙龍万萬段雷钱錢汤湯尹黎易常武乔喬贺賀赖賴龚龔文习習朴权權玄安申严嚴池南',
);

/** Korean family names of two syllables. Of three syllables the first alone is the family name more often. */
export const KOREAN_DOUBLE_FAMILY_NAMES: ReadonlySet<string> = new Set([
  '남궁',
  '황보',
  '제갈',
  '선우',
  '독고',
  '서문',
  '사공',
  '동방',
]);

/** Characters that are read otherwise as a Korean family name. */
export const KOREAN_FAMILY_READINGS: ReadonlyMap<string, string> = new Map([
  ['金', '김'],
  ['车', '차'],
  ['車', '차'],
  ['沈', '심'],
  ['葉', '엽'],
  ['叶', '엽'],
  ['單', '선'],
  ['单', '선'],
  ['扁', '편'],
]);
