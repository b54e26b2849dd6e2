/** How much of a name another one has: the measure by which aliases are chosen that a search could be asked to find. */
import anyAscii from 'any-ascii';

/** Lower-case words in Latin letters and digits. */
export const plainWords = (name: string): readonly string[] =>
  anyAscii(name)
    .toLowerCase()
    .split(/[^a-z0-9]+/u)
    .filter((word) => word !== '');

/** Levenshtein's distance. */
export function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, at) => at);
  for (let i = 0; i < a.length; i++) {
    const next = [i + 1];
    for (let j = 0; j < b.length; j++) {
      const replaced = (row[j] as number) + (a[i] === b[j] ? 0 : 1);
      next.push(Math.min(replaced, (row[j + 1] as number) + 1, (next[j] as number) + 1));
    }
    row = next;
  }
  return row[b.length] as number;
}

/** Words are alike where at least so much of the longer one is the same. */
const ALIKE = 0.7;

const isAlike = (a: string, b: string): boolean => {
  const longer = Math.max(a.length, b.length);
  const most = Math.floor((1 - ALIKE) * longer + 1e-9);
  return Math.abs(a.length - b.length) <= most && distance(a, b) <= most;
};

/** Share of the letters of `name` that stand in words of which `other` has one alike; 0 to 1. */
export function resemblance(name: readonly string[], other: readonly string[]): number {
  const letters = name.reduce((sum, word) => sum + word.length, 0);
  if (letters === 0) return 0;
  const found = name.filter((word) => other.some((one) => isAlike(word, one)));
  return found.reduce((sum, word) => sum + word.length, 0) / letters;
}

/** The same words in any order. */
export const sameWords = (a: readonly string[], b: readonly string[]): boolean =>
  a.length === b.length && [...a].sort().join(' ') === [...b].sort().join(' ');
