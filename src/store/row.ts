/** From rows to domain values and back: small numbers, cursors, multi-row inserts. Engine-free. */
import { base64url, fromBase64url, textOf, utf8 } from '../base/bytes.ts';
import { storeError } from './errors.ts';

/** A whole number of a row as a number; throws BAD_ROW beyond 2^53. */
export function numberOf(value: bigint): number {
  const number = Number(value);
  if (!Number.isSafeInteger(number)) throw storeError('BAD_ROW', 'expected a number below 2^53 in a row');
  return number;
}

/** The value under its name, or nothing for null: for optional fields of domain objects. */
export function optional<Key extends string, Row, Value>(
  key: Key,
  value: Row | null | undefined,
  convert: (value: Row) => Value,
): Partial<Record<Key, Value>> {
  if (value === null || value === undefined) return {};
  return { [key]: convert(value) } as Partial<Record<Key, Value>>;
}

export const same = <Value>(value: Value): Value => value;

/** Parameters in one statement: below the bounds of both engines (32,766 and 65,535). */
const PARAMETERS = 16_000;

/** Rows in portions that fit one multi-row insert of `columns` columns. */
export function portions<Row>(rows: readonly Row[], columns: number): readonly (readonly Row[])[] {
  const size = Math.max(1, Math.min(500, Math.floor(PARAMETERS / columns)));
  const out: (readonly Row[])[] = [];
  for (let at = 0; at < rows.length; at += size) out.push(rows.slice(at, at + size));
  return out;
}

/** One page of a list; `next` resumes after it and is absent at the end. */
export interface Page<Item> {
  readonly items: readonly Item[];
  readonly next?: string;
}

/** Opaque text of a position in a list. */
export const encodeCursor = (...parts: readonly string[]): string => base64url(utf8(parts.join(' ')));

/** Its parts; throws BAD_CURSOR for text that is no cursor of this list. */
export function decodeCursor(cursor: string, pattern: RegExp): readonly string[] {
  let text = '';
  try {
    text = textOf(fromBase64url(cursor.slice(0, 400)));
  } catch {
    // Not even an encoding of ours: refused below, with the same words.
  }
  const match = pattern.exec(text);
  if (!match) throw storeError('BAD_CURSOR', 'expected a cursor that an earlier page of this list gave');
  return match.slice(1);
}

/** Page size within bounds. */
export const pageSize = (asked: number | undefined): number =>
  Math.min(500, Math.max(1, Math.trunc(asked ?? 100)));
