/** ISO 3166 country and subdivision codes, by table and by form. `NA` is Namibia, never 'not available'. */
import { bad, good, type IdentifierCheck } from './check.ts';

/** Officially assigned ISO 3166-1 alpha-2 codes. */
const OFFICIAL = new Set(
  `
  AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ
  BR BS BT BV BW BY BZ CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM
  DO DZ EC EE EG EH ER ES ET FI FJ FK FM FO FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS
  GT GU GW GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE JM JO JP KE KG KH KI KM KN
  KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO MP MQ
  MR MS MT MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM
  PN PR PS PT PW PY QA RE RO RS RU RW SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV
  SX SY SZ TC TD TF TG TH TJ TK TL TM TN TO TR TT TV TW TZ UA UG UM US UY UZ VA VC VE VG VI
  VN VU WF WS YE YT ZA ZM ZW
`
    .trim()
    .split(/\s+/),
);

/** User-assigned by ISO 3166-1: AA, QM to QZ, XA to XZ, ZZ. */
const USER_ASSIGNED = /^(AA|Q[M-Z]|X[A-Z]|ZZ)$/;

/** Whether the code is user-assigned: no state's, so free for agreements and fictions. */
export const isUserAssigned = (code: string): boolean => USER_ASSIGNED.test(code);

/** Judges an ISO 3166-1 alpha-2 code; user-assigned codes pass. */
export function judgeCountry(text: string): IdentifierCheck {
  if (!/^[A-Z]{2}$/.test(text))
    return bad(text, 'format', 'expected two capital letters (ISO 3166-1 alpha-2)');
  return OFFICIAL.has(text) || isUserAssigned(text)
    ? good(text)
    : bad(text, 'component', 'expected a country code that ISO 3166-1 assigns');
}

/** Judges the form of an ISO 3166-2 code: country, hyphen, one to three letters or digits. */
export function judgeSubdivision(text: string): IdentifierCheck {
  if (!/^[A-Z]{2}-[A-Z0-9]{1,3}$/.test(text))
    return bad(text, 'format', 'expected a subdivision as XA-N (ISO 3166-2)');
  const country = judgeCountry(text.slice(0, 2));
  return country.ok ? good(text) : bad(text, 'component', country.detail);
}
