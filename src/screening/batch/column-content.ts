/** What the cells of a column look like, whatever its header says. */
import {
  judgeAirWaybill,
  judgeImoShip,
  judgeIso6346,
  judgeLei,
  judgeMmsi,
} from '../../record/identifiers/index.ts';
import type { BatchField } from './fields.ts';
import { dayOrderOf, parseBirthDate, parseCountry, parseSubject, plainDigits } from './values.ts';

type Judge = (cell: string) => boolean;

/** Fields that content alone can tell: a check digit or a closed set says so. */
const JUDGES: Readonly<Partial<Record<BatchField, Judge>>> = {
  container: (cell) => judgeIso6346(cell).ok,
  lei: (cell) => judgeLei(cell).ok,
  imo: (cell) => /^(imo\s*)?\d{7}$/i.test(cell) && judgeImoShip(cell.replace(/^imo\s*/i, '')).ok,
  awb: (cell) => /^\d{3}[- ]?\d{8}$/.test(cell) && judgeAirWaybill(cell).ok,
  mmsi: (cell) => /^\d{9}$/.test(cell) && judgeMmsi(cell).ok,
  subject: (cell) => cell.length > 1 && parseSubject(cell) !== undefined,
  country: (cell) => (cell.length === 2 ? /^[A-Z]{2}$/.test(cell) : parseCountry(cell) !== undefined),
  // A bare year says too little: quantities and numbers look so.
  born: (cell) => cell.length > 4 && parseBirthDate(cell, dayOrderOf([cell])) !== undefined,
};

/** Words of letters, two at least, as names of people and firms are. */
const looksLikeName: Judge = (cell) =>
  /^[\p{L}\p{M}'’.,&\-() ]+$/u.test(cell) && cell.trim().split(/\s+/).length >= 2;

/** Share of cells that a field's judge takes, for each field that content can tell; empty cells do not count. */
export function contentShares(cells: readonly string[]): ReadonlyMap<BatchField, number> {
  const stated = cells.map((cell) => plainDigits(cell).trim()).filter((cell) => cell !== '');
  const shares = new Map<BatchField, number>();
  if (stated.length === 0) return shares;
  const share = (judge: Judge) => stated.filter(judge).length / stated.length;
  for (const [field, judge] of Object.entries(JUDGES) as [BatchField, Judge][])
    shares.set(field, share(judge));
  shares.set(
    'name',
    share((cell) => looksLikeName(cell) && parseCountry(cell) === undefined),
  );
  return shares;
}

/** Not what a header says: a number, a date, something with a check digit. */
export const looksLikeData = (cell: string): boolean => {
  const plain = plainDigits(cell).trim();
  return (
    /^[\d.,/ -]+$/.test(plain) ||
    (['container', 'lei', 'born'] as const).some((field) => JUDGES[field]?.(plain))
  );
};
