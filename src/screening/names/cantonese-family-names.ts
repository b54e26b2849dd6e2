/**
 * Family names as Hong Kong's registers mostly write them, by their characters, simplified and traditional. Where two spellings are usual
 * the other is a spelling that sounds the same, or stands in a class of equivalent words.
 */
const LINES = `
陈陳 chan
黄黃王汪 wong
李 lee
张張章 cheung
刘劉廖 liu
吴吳伍 ng
林 lam
梁 leung
何 ho
郑鄭 cheng
杨楊 yeung
叶葉 yip
邓鄧 tang
谢謝 tse
罗羅 law
卢盧 lo
曾 tsang
周邹鄒 chow
冯馮 fung
许許 hui
蔡 choi
苏蘇 so
郭 kwok
马馬 ma
钟鍾 chung
徐 tsui
余 yu
朱 chu
潘 poon
胡 wu
袁阮 yuen
赖賴 lai
黎 lai
吕呂雷 lui
麦麥 mak
萧蕭 siu
邵 siu
彭 pang
谭譚 tam
关關 kwan
赵趙 chiu
招 chiu
高 ko
唐 tong
汤湯 tong
江 kong
龚龔 kung
蒋蔣 cheung
庄莊 chong
温溫 wan
尹 wan
方 fong
莫 mok
邱丘 yau
姚 yiu
石 shek
杜 to
戴 tai
丁 ting
董 tung
童 tung
程 ching
侯 hau
洪 hung
孔熊 hung
夏 ha
姜 keung
贾賈 ka
金 kam
甘 kam
简簡 kan
欧歐区區 au
欧阳歐陽 auyeung
司徒 szeto
上官 sheungkwun
施 sze
史 sze
沈 shum
岑 shum
孙孫 suen
宋 sung
任 yam
严嚴 yim
殷 yan
甄 yan
魏 ngai
倪 ngai
韦韋 wai
韩韓 hon
康 hong
游尤 yau
俞于 yu
翁容 yung
龙龍 lung
陆陸 luk
骆駱 lok
万萬 man
文 man
毛 mo
武 mo
白 pak
柏 pak
傅 fu
范樊 fan
詹 chim
霍 fok
崔 tsui
曹 cho
左 cho
陶 to
卓 cheuk
古 koo
顾顧 koo
柯 or
聂聶 nip
宁寧 ning
凌 ling
田 tin
秦 chun
钱錢 chin
乔喬 kiu
薛 sit
冼 sin
盛成 shing
祝 chuk
易 yick
屈 wat
庞龐 pong
梅 mui
孟 mang
段 tuen
常 sheung
贺賀 ho
郝 kok
申 san
池 chi
南 nam
玄 yuen
权權 kuen
朴 pok
安 on
`;

const spellings = (): ReadonlyMap<string, string> => {
  const byName = new Map<string, string>();
  for (const line of LINES.trim().split('\n')) {
    const [characters = '', spelling = ''] = line.split(' ');
    // Double names stand two by two.
    const width = DOUBLE_LINES.has(spelling) ? 2 : 1;
    for (let at = 0; at < characters.length; at += width)
      byName.set(characters.slice(at, at + width), spelling);
  }
  return byName;
};

const DOUBLE_LINES: ReadonlySet<string> = new Set(['auyeung', 'szeto', 'sheungkwun']);

export const CANTONESE_FAMILY_NAMES = spellings();
