/** Country names as lists write them, to ISO 3166-1 alpha-2. Names that have no one country stay unknown. */

/** United Nations names, and others that the language data below does not have. */
const ALIASES: Readonly<Record<string, string>> = {
  'bahamas the': 'BS',
  'bolivia plurinational state of': 'BO',
  'british virgin islands': 'VG',
  'brunei darussalam': 'BN',
  burma: 'MM',
  'cabo verde': 'CV',
  'cape verde': 'CV',
  'china hong kong special administrative region': 'HK',
  'china macao special administrative region': 'MO',
  congo: 'CG',
  'congo democratic republic of the': 'CD',
  'congo republic of the': 'CG',
  'cote d ivoire': 'CI',
  'cote divoire': 'CI',
  'czech republic': 'CZ',
  'democratic peoples republic of korea': 'KP',
  'democratic republic of the congo': 'CD',
  'democratic republic of congo': 'CD',
  'gambia the': 'GM',
  'hong kong': 'HK',
  'iran islamic republic of': 'IR',
  'ivory coast': 'CI',
  'korea north': 'KP',
  'korea south': 'KR',
  'lao peoples democratic republic': 'LA',
  'libyan arab jamahiriya': 'LY',
  macao: 'MO',
  macau: 'MO',
  macedonia: 'MK',
  'micronesia federated states of': 'FM',
  myanmar: 'MM',
  palestine: 'PS',
  palestinian: 'PS',
  'republic of korea': 'KR',
  'republic of moldova': 'MD',
  'russian federation': 'RU',
  'state of palestine': 'PS',
  swaziland: 'SZ',
  'syrian arab republic': 'SY',
  turkey: 'TR',
  turkiye: 'TR',
  'united kingdom of great britain and northern ireland': 'GB',
  'united republic of tanzania': 'TZ',
  'united states of america': 'US',
  'venezuela bolivarian republic of': 'VE',
  'viet nam': 'VN',
  'virgin islands british': 'VG',
};

const plain = (name: string): string =>
  name
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .replace(/['’]/g, '')
    .replace(/&/g, ' and ')
    .replace(/[^a-z0-9]+/g, ' ')
    .replace(/^the /, '')
    .trim();

const LETTERS = [...'ABCDEFGHIJKLMNOPQRSTUVWXYZ'];

function nameTable(): ReadonlyMap<string, string> {
  const names = new Map<string, string>();
  const english = new Intl.DisplayNames('en', { type: 'region', fallback: 'none' });
  for (const first of LETTERS)
    for (const second of LETTERS) {
      const code = first + second;
      // Codes of the language data that are no country's: outlying, pseudo and former ones.
      if (/^(EU|EZ|UN|QO|X[AB]|ZZ|AN|BU|CS|DD|FX|NT|SU|TP|YD|YU|ZR|UK)$/.test(code)) continue;
      const name = english.of(code);
      if (name !== undefined) names.set(plain(name), code);
    }
  for (const [name, code] of Object.entries(ALIASES)) names.set(name, code);
  return names;
}

let table: ReadonlyMap<string, string> | undefined;

/** The code of a country's English name, a code itself, or undefined. */
export function countryCode(name: string): string | undefined {
  table ??= nameTable();
  return table.get(plain(name));
}
