/**
 * Facts as the Office of Foreign Assets Control words them, which its forms share: `DOB 10 Dec 1948` among the remarks of the
 * table is the feature `Birthdate` of the XML. What is not known here is kept in its own words.
 */
import { judgeLei } from '../record/index.ts';
import type { ListedParty, NameUse } from './party.ts';
import type { DateJson } from './un-names.ts';

/** One fact: what it is, its value, and the country said with it; empty where none is. */
export interface StatedFact {
  readonly label: string;
  readonly value: string;
  readonly country: string;
}

type Sink = (party: ListedParty, fact: StatedFact) => void;

const birth: Sink = (party, { value }) => {
  const date = ofacDate(value);
  party.births.push({ words: value, ...(date && { date }) });
};
const into =
  (
    field:
      | 'birthPlaces'
      | 'nationalities'
      | 'sexes'
      | 'mmsi'
      | 'callSigns'
      | 'shipTypes'
      | 'flags'
      | 'marks'
      | 'serials'
      | 'icao24',
  ): Sink =>
  (party, { value }) => {
    party[field].push(value);
  };
const document: Sink = (party, { label, value, country }) => {
  party.documents.push({ words: label, number: value, country });
};
const note: Sink = (party, { label, value, country }) => {
  party.notes.push([label, country === '' ? value : `${value} (${country})`]);
};
/** An IMO number of a ship, or of a company. */
const imo: Sink = (party, fact) => {
  const number = /\bIMO\s*(\d{7})\b/i.exec(fact.value)?.[1] ?? /^\d{7}$/.exec(fact.value)?.[0];
  if (number === undefined) note(party, fact);
  else if (party.kind === 'vessel') party.imo.push(number);
  else if (party.kind === 'entity') party.ids.push({ scheme: 'imo-company', value: number, issuer: '' });
  else note(party, fact);
};
/** A number of a company; of anybody else, as the tax number of a person, a document. */
const numberOf =
  (scheme: 'lei' | 'bic' | 'national-register'): Sink =>
  (party, fact) => {
    const { label, value, country } = fact;
    if (party.kind !== 'entity') {
      document(party, fact);
      return;
    }
    const issuer =
      scheme === 'national-register' ? [country, label].filter((text) => text !== '').join(' ') : '';
    party.ids.push({ scheme, value, issuer });
  };
/** Some registers call their own numbers so; an LEI has 20 characters. */
const legalEntity: Sink = (party, fact) => {
  numberOf(judgeLei(fact.value).ok ? 'lei' : 'national-register')(party, fact);
};
/** The present flag or mark stands before former ones. */
const first =
  (field: 'flags' | 'marks'): Sink =>
  (party, { value }) => {
    party[field].unshift(value);
  };

/** In the order in which remarks are tried: a longer label stands before one that it begins with. */
const FACTS: readonly (readonly [label: string, sink: Sink])[] = [
  ['DOB', birth],
  ['Birthdate', birth],
  ['POB', into('birthPlaces')],
  ['Place of Birth', into('birthPlaces')],
  ['nationality', into('nationalities')],
  ['Nationality Country', into('nationalities')],
  ['citizen', into('nationalities')],
  ['Citizenship Country', into('nationalities')],
  ['Gender', into('sexes')],
  ['Passport', document],
  ['Stateless Person Passport', document],
  ['National ID No.', document],
  ['Identification Number', (party, fact) => (/\bIMO\b/i.test(fact.value) ? imo : document)(party, fact)],
  ['Vessel Registration Identification', imo],
  ['Vessel Registration Number', imo],
  ['Company ID', numberOf('national-register')],
  ['Registered Company Number', numberOf('national-register')],
  ['Company Number', numberOf('national-register')],
  ['Registration Number', numberOf('national-register')],
  ['Registration ID', numberOf('national-register')],
  ['Commercial Registry Number', numberOf('national-register')],
  ['Business Registration Number', numberOf('national-register')],
  ['Business Registration Document #', numberOf('national-register')],
  ['Trade License No.', numberOf('national-register')],
  ['Chamber of Commerce Number', numberOf('national-register')],
  ['Enterprise Number', numberOf('national-register')],
  ['Matricula Mercantil No', numberOf('national-register')],
  ['Folio Mercantil No.', numberOf('national-register')],
  ['Unified Social Credit Code (USCC)', numberOf('national-register')],
  ['Tax ID No.', numberOf('national-register')],
  ['NIT #', numberOf('national-register')],
  ['RUC #', numberOf('national-register')],
  ['RIF #', numberOf('national-register')],
  ['R.F.C.', numberOf('national-register')],
  ['C.U.I.T.', numberOf('national-register')],
  ['Legal Entity Number', legalEntity],
  ['C.R. No.', numberOf('national-register')],
  ['SWIFT/BIC', numberOf('bic')],
  ['MMSI', into('mmsi')],
  ['Former Vessel Flag', into('flags')],
  ['Other Vessel Flag', into('flags')],
  ['Vessel Flag', first('flags')],
  ['Vessel Call Sign', into('callSigns')],
  ['Other Vessel Call Sign', into('callSigns')],
  ['Vessel Type', into('shipTypes')],
  ['Other Vessel Type', into('shipTypes')],
  ['Previous Aircraft Tail Number', into('marks')],
  ['Aircraft Tail Number', first('marks')],
  ["Aircraft Manufacturer's Serial Number (MSN)", into('serials')],
  ['Aircraft Construction Number (also called L/N or S/N or F/N)', into('serials')],
  ['Aircraft Mode S Transponder Code', into('icao24')],
];

const BY_LABEL: ReadonlyMap<string, readonly [string, Sink]> = new Map(
  FACTS.map((fact) => [fact[0].toLowerCase(), fact]),
);
/** Takes a fact whose label stands apart, as in the XML. */
export function takeFact(party: ListedParty, stated: StatedFact): void {
  const label = stated.label.replace(/\s*[:-]\s*$/, '').trim();
  const fact = { ...stated, label };
  const known = BY_LABEL.get(label.toLowerCase());
  if (known !== undefined) known[1](party, fact);
  else note(party, fact);
}

const QUOTED = /^(a\.k\.a\.|f\.k\.a\.|n\.k\.a\.) ['"](.{1,400}?)['"]$/;

/** Takes the remarks of the table: facts parted by semicolons, the whole ended by a full stop. */
export function takeRemarks(party: ListedParty, remarks: string): void {
  for (const part of partsOf(remarks.replace(/\.\s*$/, ''))) {
    const words = part.replace(/^alt\. /, '');
    const quoted = QUOTED.exec(words);
    if (quoted) {
      // What stands in quotation marks among the remarks are the list's weak names.
      party.names.push({ text: quoted[2] ?? '', use: quoted[1] === 'f.k.a.' ? 'former' : 'weak' });
      continue;
    }
    const known = FACTS.find(([label]) => words.startsWith(`${label} `));
    if (known === undefined) {
      party.notes.push(['remark', part]);
      continue;
    }
    const [label, sink] = known;
    const { value, country, rest } = stated(words.slice(label.length + 1));
    sink(party, { label, value, country });
    // As when a passport expires.
    if (rest !== '') party.notes.push([label, `${value} ${rest}`]);
  }
}

/** `Q0001 (Norway) expires 2030`: what stands in the first brackets is the country. */
function stated(text: string): { readonly value: string; readonly country: string; readonly rest: string } {
  const open = text.indexOf(' (');
  const close = text.indexOf(')', open);
  if (open < 1 || close === -1) return { value: text, country: '', rest: '' };
  const country = text.slice(open + 2, close);
  return { value: text.slice(0, open), country, rest: text.slice(close + 1).trim() };
}

/** At semicolons outside brackets. */
function partsOf(text: string): readonly string[] {
  const parts: string[] = [];
  let depth = 0;
  let from = 0;
  for (let at = 0; at < text.length; at += 1) {
    const character = text[at];
    if (character === '(') depth += 1;
    else if (character === ')') depth = Math.max(0, depth - 1);
    else if (character === ';' && depth === 0) {
      parts.push(text.slice(from, at));
      from = at + 1;
    }
  }
  parts.push(text.slice(from));
  return parts.map((part) => part.trim()).filter((part) => part !== '');
}

const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];

interface DayJson {
  readonly year: number;
  readonly month?: number;
  readonly day?: number;
}

/** `10 Dec 1948`, `Dec 1948`, `1948`. */
function dayOf(text: string): DayJson | undefined {
  const [, day, name, year] = /^(?:(?:(\d{1,2}) )?([A-Za-z]{3}) )?(\d{4})$/.exec(text.trim()) ?? [];
  if (year === undefined) return undefined;
  if (name === undefined) return { year: Number(year) };
  const month = MONTHS.indexOf(name.toLowerCase()) + 1;
  if (month === 0) return undefined;
  return { year: Number(year), month, ...(day !== undefined && { day: Number(day) }) };
}

/** A day, month or year, `circa` one, or a span, which is kept as its middle year, approximate. */
export function ofacDate(text: string): DateJson | undefined {
  const circa = /^circa /i.test(text);
  const [first = '', last, ...more] = text.replace(/^circa /i, '').split(/ (?:to|-) /);
  const from = dayOf(first);
  if (from === undefined || more.length > 0) return undefined;
  if (last === undefined) return { ...from, ...(circa && { approximate: true }) };
  const to = dayOf(last);
  return to && spanOf(from, to);
}

/** A span within one year is that year; a longer one its middle. */
export function spanOf(from: DayJson, to: DayJson): DateJson | undefined {
  if (from.year > to.year) return undefined;
  if (from.year === to.year && from.month === to.month && from.day === to.day) return from;
  return { year: Math.floor((from.year + to.year) / 2), approximate: true };
}

/** A person's name as the list sorts it, `VENN, Orsolo`, in the order in which it is spoken. */
export function spokenName(listed: string): string {
  const [family = '', given, ...more] = listed.split(', ');
  return given === undefined || more.length > 0 ? listed : `${given} ${family}`;
}

/** By the list's word for a further name. */
export function nameUse(word: string, weak: boolean): NameUse {
  if (/^f\.?k\.?a\.?$/i.test(word)) return 'former';
  return weak ? 'weak' : 'alias';
}
