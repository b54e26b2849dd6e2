/** What a text that somebody typed into one box can be, surest first. A name is no number: it gives nothing. */
import {
  isPartialSerial,
  judgeAirWaybill,
  judgeCallSign,
  judgeImoCompany,
  judgeImoShip,
  judgeLei,
  judgeMmsi,
  serialKeys,
} from '../../record/index.ts';
import { labelled } from './labels.ts';
import type { About, Scheme } from './listed.ts';
import { judgeNumber, numberKeys, schemeNumber, schemeRow } from './schemes.ts';

export interface RawReading {
  readonly scheme: Scheme;
  readonly value: string;
  /** Read out of the same text. */
  readonly about?: About;
  /** The text holds more than the number. */
  readonly takenOut?: boolean;
}

/** Numbers with no form of their own: any text with a digit can be one. */
const FORMLESS: readonly Scheme[] = [
  'certificate',
  'licence',
  'bill-of-lading',
  'consignment-note',
  'customs-declaration',
  'aircraft-msn',
  'ammunition-lot',
  'seal',
  'plate',
  'national-register',
  'vat',
  'uei',
  'passport',
  'identity-document',
];
/** Papers whose numbers are written with words in them. */
const WORDED: readonly Scheme[] = ['certificate', 'licence', 'bill-of-lading', 'customs-declaration'];

const MAX_NUMBER_LENGTH = 64;

/** Owner, category, serial number, and the check digit or none. */
const CONTAINER = /^[A-Z]{3}[UJZR][0-9]{6,7}$/;

/** Readings of a text; with a scheme, the one reading as that. */
export function readingsOf(text: string, scheme?: Scheme): readonly RawReading[] {
  if (scheme !== undefined) return [readAs(text, scheme)];
  const label = labelled(text);
  if (label === undefined) return guesses(text);
  const first: RawReading[] =
    label.scheme === 'imo-ship'
      ? [readAs(text, 'imo-ship'), readAs(text, 'imo-company')].sort(byCheck)
      : [readAs(label.value, label.scheme)];
  // The label may be part of the number, as in `EUC/12/2026`.
  return label.scheme === 'imo-ship' ? first : [...first, ...guesses(text)];
}

/** Schemes that a text can be of, surest first; none for a plain name. */
export const guessSchemes = (text: string): readonly Scheme[] => [
  ...new Set(readingsOf(text).map(({ scheme }) => scheme)),
];

function readAs(text: string, scheme: Scheme): RawReading {
  if (scheme === 'imo-ship' || scheme === 'imo-company') return imoIn(text, scheme);
  const label = labelled(text);
  return { scheme, value: label?.scheme === scheme ? label.value : text };
}

const passes = ({ scheme, value }: RawReading): boolean => {
  const row = schemeRow(schemeNumber(scheme));
  return judgeNumber(row, numberKeys(row, value).strict)?.ok === true;
};

const byCheck = (one: RawReading, other: RawReading): number => Number(passes(other)) - Number(passes(one));

/** The number in a text that has others too: the one named IMO that passes, else one that passes, else one named so. */
function imoIn(text: string, scheme: 'imo-ship' | 'imo-company'): RawReading {
  if (/^(IMO)?[0-9]{5,8}$/.test(serialKeys(text).strict.replace(/^IMO(NO|NUMBER)/, 'IMO')))
    return { scheme, value: serialKeys(text).strict.replace(/^IMO(NO|NUMBER)?/, '') };
  const words = text
    .normalize('NFKC')
    .split(/[^\p{L}\p{N}]+/u)
    .map((word) => serialKeys(word).strict);
  const found: (RawReading & { readonly named: boolean })[] = [];
  for (const [index, word] of words.entries()) {
    const digits = word.replace(/^IMO/, '');
    if (/^[0-9]{5,7}$/.test(digits))
      found.push({
        scheme,
        value: digits,
        takenOut: true,
        named: digits !== word || words[index - 1] === 'IMO',
      });
  }
  const best = found.sort((one, other) => byCheck(one, other) || Number(other.named) - Number(one.named))[0];
  return best === undefined ? { scheme, value: text } : { scheme, value: best.value, takenOut: true };
}

function guesses(text: string): readonly RawReading[] {
  const { strict } = serialKeys(text);
  if (strict.length > MAX_NUMBER_LENGTH) return outOfText(text);
  const readings: RawReading[] = [];
  const as = (...schemes: readonly Scheme[]) => {
    for (const scheme of schemes) readings.push({ scheme, value: text });
  };
  if (isLetterMark(text)) as('aircraft-mark');
  if (!/[0-9]/.test(strict)) return readings;
  if (isPartialSerial(text)) {
    as('serial', 'aircraft-msn', 'ammunition-lot');
    return readings;
  }
  const byForm = ofForm(strict);
  const hasWords = /\p{L}{3,}/u.test(text.replace(/[^\p{L}\s]*\p{N}\S*/gu, ''));
  if (byForm.length === 0 && hasWords) return outOfText(text);
  as(...byForm);
  if (byForm.length === 0) readings.push(...shipsIn(text));
  if (strict.length < 3) return readings;
  as('serial', ...ofLooseForm(text, strict), ...FORMLESS);
  return readings;
}

/** Forms that nothing else has by chance. */
function ofForm(strict: string): readonly Scheme[] {
  if (judgeLei(strict).ok) return ['lei'];
  if (CONTAINER.test(strict)) return ['container'];
  if (/^[0-9]{11}$/.test(strict) && judgeAirWaybill(strict).ok) return ['air-waybill'];
  if (/^[0-9]{9}$/.test(strict) && judgeMmsi(strict).ok) return ['mmsi'];
  if (!/^[0-9]{7}$/.test(strict) || /^0+$/.test(strict)) return [];
  return [
    ...(judgeImoShip(strict).ok ? (['imo-ship'] as const) : []),
    ...(judgeImoCompany(strict).ok ? (['imo-company'] as const) : []),
  ];
}

/** Forms that serial numbers have as well, and numbers whose check fails: they may be misread. */
function ofLooseForm(text: string, strict: string): readonly Scheme[] {
  const schemes: Scheme[] = [];
  if (isMark(text, strict)) schemes.push('aircraft-mark');
  if (/^[A-Z0-9]{3,7}$/.test(strict) && judgeCallSign(strict).ok) schemes.push('call-sign');
  if (/^[0-9A-F]{6}$/.test(strict)) schemes.push('icao24');
  if (/^[0-9]{7}$/.test(strict)) {
    if (!judgeImoShip(strict).ok) schemes.push('imo-ship');
    if (!judgeImoCompany(strict).ok) schemes.push('imo-company');
  }
  if (/^[0-9]{5,6}$/.test(strict)) schemes.push('imo-ship', 'imo-company');
  if (/^[0-9]{9}$/.test(strict) && !judgeMmsi(strict).ok) schemes.push('mmsi');
  if (/^[0-9]{11}$/.test(strict) && !judgeAirWaybill(strict).ok) schemes.push('air-waybill');
  if (/^[A-Z0-9]{20}$/.test(strict) && !judgeLei(strict).ok) schemes.push('lei');
  if (looksLikeContainer(strict)) schemes.push('container');
  return schemes;
}

/** A container number in which letters and digits that look alike changed places. */
const looksLikeContainer = (strict: string): boolean =>
  /^[A-Z0-9]{4}[0-9OQILSZBG]{6,7}$/.test(strict) &&
  /[A-Z].*[A-Z]/.test(strict.slice(0, 4)) &&
  !CONTAINER.test(strict);

/** A mark with a digit in it: of the United States, or a nationality, hyphen and registration. */
const isMark = (text: string, strict: string): boolean =>
  /^N[1-9][0-9]{0,4}[A-Z]{0,2}$/.test(strict) ||
  (/^\s*(?=[A-Z0-9]*[A-Z])[A-Z0-9]{1,2}-[A-Z0-9]{3,5}\s*$/.test(text) && strict.length <= 7);

/** Two letters that begin a name more often than a mark. */
const PARTICLES = new Set([
  'AL',
  'EL',
  'UL',
  'AD',
  'ED',
  'BI',
  'BA',
  'LA',
  'LE',
  'DE',
  'DI',
  'DU',
  'DA',
  'LI',
]);

/** A mark of letters alone, in capitals: `Q-AVN`, `G-ABCD`, `EP-ABC`. */
function isLetterMark(text: string): boolean {
  const [, one, two] = /^\s*(?:([A-Z])-[A-Z]{3,4}|([A-Z]{2})-[A-Z]{3})\s*$/.exec(text) ?? [];
  return one !== undefined || (two !== undefined && !PARTICLES.has(two));
}

const CALIBRE =
  /(?:^|\s)(\d{1,2}(?:[.,]\d{1,3})?\s?(?:mm\b\s?)?[x×х]\s?\d{2,3}[A-Z]?(?:\s?mm)?|\d{1,2}(?:[.,]\d{1,2})?\s?mm|\.\d{2,3})(?=\s|$|,)/iu;

/** Numbers of ships and their companies that pass, where one stands among other words in full or is named. */
function shipsIn(text: string): readonly RawReading[] {
  if (!/(?<![0-9])[0-9]{7}(?![0-9])|IMO/i.test(text.normalize('NFKC'))) return [];
  return (['imo-ship', 'imo-company'] as const)
    .map((scheme) => imoIn(text, scheme))
    .filter((reading) => reading.takenOut === true && passes(reading));
}

/** A serial number with its maker and calibre, and ships' numbers, out of a line of text. */
function outOfText(text: string): readonly RawReading[] {
  const readings = [...shipsIn(text)];
  const calibre = CALIBRE.exec(text)?.[1]?.trim();
  const words = (calibre === undefined ? text : text.replace(calibre, ' ')).split(/[\s,;]+/).filter(Boolean);
  const number = words.find(isSerialWord);
  if (number === undefined) return readings;
  const maker = words.filter((word) => /^\p{L}[\p{L}.&'-]+$/u.test(word)).join(' ');
  readings.push({
    scheme: 'serial',
    value: number,
    takenOut: true,
    about: { ...(maker !== '' && { maker }), ...(calibre !== undefined && { calibre }) },
  });
  if (serialKeys(text).strict.length <= MAX_NUMBER_LENGTH)
    for (const scheme of WORDED) readings.push({ scheme, value: text });
  return readings;
}

/** At least four characters, three of them digits, and no year. */
function isSerialWord(word: string): boolean {
  const { strict } = serialKeys(word);
  return (
    strict.length >= 4 && strict.replace(/[^0-9]/g, '').length >= 3 && !/^(?:19|20)[0-9]{2}$/.test(strict)
  );
}
