/** Column types shared by the tables: what a row gives and takes, alike in both engines. */
import type { ColumnType } from 'kysely';

/** A whole number of up to 64 bits: read as bigint, written as bigint or safe number. */
export type Whole = ColumnType<bigint, bigint | number, bigint | number>;

/** A whole number that may be absent. */
export type MaybeWhole = ColumnType<
  bigint | null,
  bigint | number | null | undefined,
  bigint | number | null
>;

/** A key that the engine numbers itself, upward in order of insertion. */
export type Numbered = ColumnType<bigint, bigint | number | undefined, never>;

/** Text or bytes that may be absent. */
export type Maybe<Type> = ColumnType<Type | null, Type | null | undefined, Type | null>;
