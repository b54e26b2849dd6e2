/**
 * Words that tell little of whom they name: articles, 'son of', titles, legal forms. They are kept, since another spelling may
 * write them or not, but weigh little; their spellings are read as one.
 */

/** What a word is; several may hold. */
export const WordFlag = {
  /** From a script that writes few vowels. */
  unvowelled: 1,
  /** Article, 'son of', 'of', title: weighs little. */
  particle: 2,
  /** Legal form of a company. */
  legalForm: 4,
  /** Digits, or a Roman or spelled-out number: agrees exactly or not at all. */
  number: 8,
  /** One letter. */
  initial: 16,
  /** Trade words of companies, as `trading`: weigh less than what is the company's own. */
  trade: 32,
} as const;

const spellings = (lines: Readonly<Record<string, string>>): ReadonlyMap<string, string> =>
  new Map(
    Object.entries(lines).flatMap(([word, others]) => [word, ...others.split(' ')].map((one) => [one, word])),
  );

/** Anywhere in a name. `din` and `allah` are what is left of -uddin and -ullah, and weigh as words. */
export const PARTICLES: ReadonlyMap<string, string> = spellings({
  al: 'el ul',
  bin: 'ibn ben bint binti bnt ould wuld wald walad veled ag ibne',
  abd: 'abdel abdul abdal abdil abdoul abdoel',
  abu: 'abou abo aboo abi bu',
  umm: 'um oum',
  de: 'del della delle di da do dos das du des d y e',
  la: 'le les las los lo',
  van: 'von vom zu zum der den ter ten vander vanden',
  haji: 'hajj haj hadj hadji hajji alhaji alhadji elhadj elhadji hacı haci',
  mullah: 'mulla mollah molla mullo mulah',
  maulvi: 'maulavi mawlawi molvi maulawi mawlavi molavi mowlawi moulvi',
  maulana: 'mawlana moulana molana maulanah',
  sheikh: 'shaykh cheikh sheik shaikh shekh cheick cheik shaik',
  qari: 'kari ghari',
  mufti: 'moufti',
  ustad: 'ustaz oustaz ostad usted',
  doctor: 'dr',
  engineer: 'eng ing ingenieur',
  mister: 'mr mrs ms miss mme mlle monsieur madame sr sra',
  general: 'gen',
  colonel: 'col kol',
  captain: 'capt cpt kapitan',
  major: 'maj',
  lieutenant: 'lt lieut',
  brigadier: 'brig',
  commander: 'cdr comandante commandant cmdt',
  president: 'pres presidente presiden',
  ayatollah: 'ayatullah',
  hojjatoleslam: 'hojatoleslam hujjatulislam',
  the: '',
  and: 'und et',
  of: 'for',
  junior: 'jr',
  senior: '',
});

/** Forms of the article before a letter that it takes on; read as the article only where a hyphen or apostrophe follows. */
export const ASSIMILATED: ReadonlySet<string> = new Set(
  'ad an ar as ash at ath az ed en er es esh et eth ez ud un ur us ush ut uz adh edh ul l il oul'.split(' '),
);

export const LEGAL_FORMS: ReadonlyMap<string, string> = spellings({
  limited: 'ltd lmtd ltda ltee limitada limitee',
  llc: 'ooo ooo tov toov',
  incorporated: 'inc',
  corporation: 'corp',
  company: 'co companies compagnie cie compania cia kompania sherkat sharikat sharika shirkat',
  plc: '',
  jsc: 'ojsc oao pjsc pao cjsc zao ojs',
  gmbh: 'mbh',
  sarl: 'srl sprl',
  spa: '',
  bhd: 'sdn',
  pte: 'pty pvt',
  fze: 'fzco fzc fzllc',
  establishment: 'establishments',
  sal: '',
  saog: 'saoc',
  eirl: '',
  joint: '',
  stock: '',
  liability: '',
  public: '',
  private: 'privee privada',
  sp: '',
  zoo: 'oo',
  lp: 'llp',
  aktiengesellschaft: 'aktiengeselschaft',
  gesellschaft: '',
  beschrankter: '',
  haftung: '',
  obshchestvo: 'obshestvo obschestvo',
  ogranichennoi: 'ogranichennoy ogranichenoy',
  otvetstvennostyu: 'otvetstvennostiu',
  aktsionernoe: 'aktsionernoye aktsyonernoe',
  otkrytoe: 'otkrytoye',
  zakrytoe: 'zakrytoye',
  publichnoe: 'publichnoye',
  sociedad: 'sociedade societatea societa',
  anonima: 'anonyme',
  societe: '',
  responsabilite: 'responsabilidad responsabilidade raspundere',
  sirketi: 'sti',
});

/** Short legal forms that are also words of names: read as such at the end of a name alone. */
export const SHORT_LEGAL_FORMS: ReadonlyMap<string, string> = spellings({
  sa: 'sas sau',
  ag: '',
  ab: '',
  as: 'asa aps',
  oy: 'oyj',
  nv: 'bv',
  kg: 'kgaa',
  cv: '',
  ao: '',
  sl: '',
  kk: '',
  ou: '',
  est: '',
});

export const TRADE_WORDS: ReadonlySet<string> = new Set(
  (
    'trading general international import export group holding holdings services service industrial industries industry enterprise enterprises ' +
    'shipping marine maritime transport transportation logistics foundation organization organisation institute center centre bank commercial ' +
    'investment investments development engineering technology technologies construction management global national trade'
  ).split(' '),
);

/** Numbers in words and Roman figures from two on; one letter is an initial. */
export const NUMBERS: ReadonlyMap<string, string> = new Map(
  Object.entries({
    ii: '2',
    iii: '3',
    iv: '4',
    vi: '6',
    vii: '7',
    viii: '8',
    ix: '9',
    xi: '11',
    xii: '12',
    one: '1',
    two: '2',
    three: '3',
    four: '4',
    five: '5',
    six: '6',
    seven: '7',
    eight: '8',
    nine: '9',
    ten: '10',
    first: '1',
    second: '2',
    third: '3',
    fourth: '4',
    fifth: '5',
  }),
);

/** Two- and three-letter forms that are words of names more often than Roman figures. */
export const SELDOM_NUMBERS: ReadonlySet<string> = new Set(['xi', 'vi', 'ten', 'six', 'one']);
