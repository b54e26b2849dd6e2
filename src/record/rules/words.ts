/** Enum values and numbers as words of a title. */

/** `transport agent` for WATCHLIST_SUBJECT_TRANSPORT_AGENT with prefix WATCHLIST_SUBJECT. */
export function wordsOf(names: Readonly<Record<string, number>>, prefix: string, value: number): string {
  const name = Object.entries(names).find(([, number]) => number === value && number !== 0)?.[0];
  return name === undefined
    ? ''
    : name
        .slice(prefix.length + 1)
        .toLowerCase()
        .replaceAll('_', ' ')
        .replace(/\bde registered\b/, 'de-registered')
        .replace(/\bun listed\b/, 'UN-listed')
        .replace(/\bsub machine\b/, 'sub-machine');
}

/** The parts that say something, joined. */
export const joined = (separator: string, ...parts: readonly string[]): string =>
  parts.filter((part) => part !== '').join(separator);
