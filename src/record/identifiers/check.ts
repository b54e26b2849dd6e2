/** The outcome of checking an identifier. The value is never dropped: what the world supplied is kept with its verdict. */
export interface IdentifierCheck {
  readonly ok: boolean;
  /** Normalised: upper case, without separators; as close as the text allows where it is wrong. */
  readonly value: string;
  /** For people: what was expected and what is wrong; empty where nothing is. */
  readonly detail: string;
  /** What is wrong, for programs: length, characters or structure, check digit, or a part that does not exist. */
  readonly fault?: 'length' | 'format' | 'checksum' | 'component';
}

export const good = (value: string): IdentifierCheck => ({ ok: true, value, detail: '' });

export const bad = (
  value: string,
  fault: NonNullable<IdentifierCheck['fault']>,
  detail: string,
): IdentifierCheck => ({ ok: false, value, detail, fault });

/** Upper case without spaces, hyphens, dots and slashes. */
export const compact = (text: string): string =>
  text
    .normalize('NFKC')
    .toUpperCase()
    .replace(/[\s\-./]/g, '');
