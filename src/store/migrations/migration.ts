/** What a migration is. Its statements are the SQL that both engines share; where they differ, the traits fill in. */

/** The words for which the engines differ. */
export interface SqlTraits {
  /** Byte strings. */
  readonly blob: string;
  /** Whole numbers of 64 bits. */
  readonly int: string;
  /** Text that is compared and ordered by its bytes, whatever the language of the server. */
  readonly text: string;
  /** Column type of a key numbered by the engine, upward, never used twice. */
  readonly numbered: string;
  /** SHA-256 of a byte string, as a byte string. */
  sha256(expression: string): string;
  /** After the closing bracket of a table. */
  readonly table: string;
  /** The same for a table of small rows that is read by its primary key. */
  readonly keyedTable: string;
}

export interface Migration {
  readonly version: number;
  readonly name: string;
  statements(traits: SqlTraits): readonly string[];
}
