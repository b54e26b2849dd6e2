/** Cuts of the three bands, calibrated on data of lists and of people on no list; a change is a change of the rules. */
import type { Band } from './party.ts';

/** Of the rules by which scores are made; stored with each answer. */
export const SCORE_VERSION = 5;

/** Lowest scores of the bands, 0 to 100. `look` is the cut that the program ships with. */
export const BANDS = { look: 79, probable: 86, certain: 94 } as const;

export function bandOf(score: number): Band | undefined {
  if (score >= BANDS.certain) return 'certain';
  if (score >= BANDS.probable) return 'probable';
  return score >= BANDS.look ? 'look' : undefined;
}
