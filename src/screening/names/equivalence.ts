/**
 * Words that stand for one another although their letters do not say so: Mamadou and Muhammad, Diallo and Jallow. Data, not rules: a list
 * that the program ships, and what regional hubs publish beside it.
 */
import { createHash } from 'node:crypto';
import { SHIPPED_CLASSES } from './equivalence-data.ts';
import { refuse } from './errors.ts';
import { type Word, wordsOfToken } from './words.ts';

/** Words of one class, and who says so. */
export interface EquivalenceClass {
  readonly words: readonly string[];
  readonly source: string;
}

/** A class with more words joins what has nothing to do with one another. */
export const MOST_WORDS = 64;
/** The index of names numbers them in 16 bits. */
export const MOST_CLASSES = 60_000;

/** A word as names are compared by it; undefined where it is cut apart, and compared by its parts. */
export function wordOfClass(word: string): Word | undefined {
  const [normal, ...more] = wordsOfToken(word.toLowerCase(), false);
  return more.length > 0 ? undefined : normal;
}

export class Equivalences {
  readonly #classOf = new Map<string, number>();
  readonly classes: readonly EquivalenceClass[];
  /** SHA-256 of the classes, 16 hex digits: stored with each index and each answer. */
  readonly version: string;

  /**
   * Throws NameError CLASS_INVALID where a class has fewer than two words or more than 64. A word that is in an earlier class stays
   * there: the shipped list comes first, then what others publish.
   */
  constructor(classes: readonly EquivalenceClass[] = SHIPPED_CLASSES) {
    if (classes.length > MOST_CLASSES)
      throw refuse('CLASS_INVALID', `expected at most ${MOST_CLASSES} classes, got ${classes.length}`);
    this.classes = classes;
    for (const [index, { words }] of classes.entries()) this.#add(words, index + 1);
    this.version = createHash('sha256')
      .update(JSON.stringify(classes.map(({ words }) => words)))
      .digest('hex')
      .slice(0, 16);
  }

  /** 0 = in no class. */
  readonly classOf = (word: string): number => this.#classOf.get(word) ?? 0;

  #add(words: readonly string[], id: number): void {
    if (words.length < 2 || words.length > MOST_WORDS)
      throw refuse(
        'CLASS_INVALID',
        `expected 2 to ${MOST_WORDS} words in a class, class ${id} has ${words.length}`,
      );
    for (const word of words) {
      const normal = wordOfClass(word);
      if (normal === undefined || this.#classOf.has(normal.text)) continue;
      this.#classOf.set(normal.text, id);
    }
  }
}
