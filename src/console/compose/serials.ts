/** Serials from a paste: hundreds of lines of whatever a list or a spreadsheet gives. Pure. */

export interface PastedSerial {
  /** As it will be written. */
  readonly serial: string;
  readonly mark: 'new' | 'duplicate' | 'partial';
}

/** Characters that stand for what cannot be read; the form of records is `?`. */
const UNREADABLE = /[?*_…#�]/g;
const SEPARATORS = /[\n\r\t;,|]+/;
const MOST = 2_000;
const LONGEST = 64;

/** The same serial however it was typed: case, spaces and signs between do not count. */
export const looseKey = (serial: string): string => serial.toUpperCase().replaceAll(/[^\p{L}\p{N}?]/gu, '');

/** In the order of the paste; `known` are those that the record has already. */
export function readSerials(text: string, known: readonly string[]): readonly PastedSerial[] {
  const seen = new Set(known.map(looseKey));
  return text
    .split(SEPARATORS)
    .map((part) => part.trim().replaceAll(/\s+/g, ' ').slice(0, LONGEST))
    .filter((part) => looseKey(part) !== '')
    .slice(0, MOST)
    .map((part) => {
      const serial = part.replaceAll(UNREADABLE, '?');
      const key = looseKey(serial);
      if (seen.has(key)) return { serial, mark: 'duplicate' };
      seen.add(key);
      return { serial, mark: serial.includes('?') ? 'partial' : 'new' };
    });
}
