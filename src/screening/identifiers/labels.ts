/** Words by which people say which number they mean, before the number. */
import { isPartialSerial } from '../../record/index.ts';
import type { Scheme } from './listed.ts';

const LABELS: readonly (readonly [RegExp, Scheme])[] = [
  [/^IMO/i, 'imo-ship'],
  [/^MMSI/i, 'mmsi'],
  [/^(?:CALL ?SIGN|C\/S)/i, 'call-sign'],
  [/^(?:ICAO ?24|ICAO|MODE[ -]?S)/i, 'icao24'],
  [/^(?:REGISTRATION|REG|TAIL)/i, 'aircraft-mark'],
  [/^MSN/i, 'aircraft-msn'],
  [/^CONTAINER/i, 'container'],
  [/^(?:AIR ?WAYBILL|AWB)/i, 'air-waybill'],
  [/^(?:BILL OF LADING|B\/L|BOL|BL)/i, 'bill-of-lading'],
  [/^CMR/i, 'consignment-note'],
  [/^MRN/i, 'customs-declaration'],
  [/^(?:EUC|END[- ]?USER CERTIFICATE|CERTIFICATE|CERT)/i, 'certificate'],
  [/^LICEN[CS]E/i, 'licence'],
  [/^(?:SERIAL|S\/N|SN)/i, 'serial'],
  [/^LOT/i, 'ammunition-lot'],
  [/^SEAL/i, 'seal'],
  [/^LEI/i, 'lei'],
  [/^(?:BIC|SWIFT)/i, 'bic'],
  [/^UEI/i, 'uei'],
  [/^VAT/i, 'vat'],
  [/^PASSPORT/i, 'passport'],
  [/^PLATE/i, 'plate'],
];

/** Numbers that can be letters only. */
const LETTERS_ALONE: ReadonlySet<Scheme> = new Set(['bic', 'call-sign', 'aircraft-mark']);

/** A digit in the first word, or in the second behind a few capitals. */
const IS_NUMBER = /^(?:[A-Z]{1,4}[\s-])?\S*\p{Nd}/u;

const AFTER_LABEL = /^(?:[\s.:#]+|(?:NO|NR|NUMBER|NUMMER)\b[\s.:#]*)+/i;

/** Most numbers begin as no label does, or have nothing behind one. */
const MAY_BEGIN = /^\s*(?:IMO|[A-Za-z][A-Za-z0-9/-]*[\s:.#])|[^ -~]/i;

export interface Labelled {
  readonly scheme: Scheme;
  readonly value: string;
}

/** The number behind its label; undefined where there is no label or no number behind it, as in `Seal Bay Shipping`. */
export function labelled(text: string): Labelled | undefined {
  if (!MAY_BEGIN.test(text)) return undefined;
  const trimmed = text.normalize('NFKC').trim();
  for (const [label, scheme] of LABELS) {
    const [matched] = label.exec(trimmed) ?? [];
    if (matched === undefined) continue;
    const rest = trimmed.slice(matched.length);
    const value = rest.replace(AFTER_LABEL, '');
    // `SN12345` may as well be a number that begins so: only a gap makes a label of it.
    if (value === rest && scheme !== 'imo-ship') continue;
    if (value !== '' && (IS_NUMBER.test(value) || isPartialSerial(value) || LETTERS_ALONE.has(scheme)))
      return { scheme, value };
  }
  return undefined;
}
