/** What the number of a cell means: a date where its format says so (ECMA-376 part 1, §18.8.30), else the number as one reads it. */

const DAY_MS = 86_400_000;

/** Built-in formats of dates and times, those of East Asian languages included. */
const isBuiltInDate = (id: number): boolean =>
  (id >= 14 && id <= 22) || (id >= 27 && id <= 36) || (id >= 45 && id <= 47) || (id >= 50 && id <= 58);

export type CellFormat =
  | { readonly kind: 'plain' }
  | { readonly kind: 'date' }
  /** As many digits at least, with zeros before. */
  | { readonly kind: 'padded'; readonly digits: number };

const PLAIN: CellFormat = { kind: 'plain' };

/** `code` of a format that the workbook defines itself. */
export function formatOf(id: number, code: string | undefined): CellFormat {
  if (code === undefined) return isBuiltInDate(id) ? { kind: 'date' } : PLAIN;
  if (/^0+$/.test(code)) return { kind: 'padded', digits: code.length };
  // Quoted text, escaped characters, colours and conditions mean nothing here.
  const bare = code.replaceAll(/"[^"]*"|\\.|_.|\*.|\[[^\]]*\]/g, '');
  return /[ymdh]/i.test(bare) && !/^general$/i.test(bare) ? { kind: 'date' } : PLAIN;
}

/** A day, and the time where it is not midnight. `from1904`: the workbook counts days from then. */
function dateText(days: number, from1904: boolean): string | undefined {
  if (days < 0 || days >= 2_958_466) return undefined;
  // The first format counts a 29 February 1900 that never was.
  const epoch = from1904 ? Date.UTC(1904, 0, 1) : Date.UTC(1899, 11, days < 60 ? 31 : 30);
  const at = new Date(epoch + Math.round((days * DAY_MS) / 1_000) * 1_000).toISOString();
  if (days < 1) return at.slice(11, 19);
  return at.endsWith('T00:00:00.000Z') ? at.slice(0, 10) : `${at.slice(0, 10)} ${at.slice(11, 19)}`;
}

export function numberText(written: string, format: CellFormat, from1904: boolean): string {
  const number = Number(written);
  if (written.trim() === '' || !Number.isFinite(number)) return written;
  if (format.kind === 'date') return dateText(number, from1904) ?? written;
  // Sums of fractions are written with seventeen digits, of which a spreadsheet shows fifteen.
  const plain = Number.isInteger(number) ? BigInt(number).toString() : String(Number(number.toPrecision(15)));
  return format.kind === 'padded' && Number.isInteger(number) && number >= 0
    ? plain.padStart(format.digits, '0')
    : plain;
}
