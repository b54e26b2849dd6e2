/**
 * Which postings have to be read so that no name above the cut is missed. A name that is in none of the lists read agrees with word i
 * by no more than the best agreement left out of it; as long as these together stay below what a name needs, nothing is lost.
 */
import type { Expansion } from './expand.ts';

/** Agreements at which a list may be broken off. */
const STEPS = [0.35, 0.45, 0.55, 0.65, 0.75, 0.85, 0.95, 1.01] as const;

interface Stop {
  /** Words of the expansion that are read. */
  readonly read: number;
  readonly postings: number;
  /** What a name that is in none of them may still agree, times weight. */
  readonly loss: number;
}

function stopsOf({ agreements, postings }: Expansion, weight: number): readonly Stop[] {
  const stops: Stop[] = [{ read: agreements.length, postings: postings.at(-1) ?? 0, loss: 0 }];
  let read = agreements.length;
  for (const step of STEPS) {
    while (read > 0 && (agreements[read - 1] as number) < step) read -= 1;
    if (read === stops.at(-1)?.read) continue;
    stops.push({
      read,
      postings: read === 0 ? 0 : (postings[read - 1] as number),
      loss: weight * (agreements[read] as number),
    });
  }
  return stops;
}

/**
 * Words of the query of which some must be in every name that is given, at about the least cost; what is not among them weighs less than
 * a name needs. `costs` of looking each up and reading its postings.
 */
export function opening(costs: readonly number[], weights: Float32Array, needed: number): readonly number[] {
  const order = costs.map((_, word) => word).sort((a, b) => (costs[a] as number) - (costs[b] as number));
  let rest = weights.reduce((sum, weight) => sum + weight, 0);
  const taken: number[] = [];
  for (const word of order) {
    if (rest < needed) break;
    // What weighs nothing, as an initial too many, leads to nobody.
    if (weights[word] === 0) continue;
    rest -= weights[word] as number;
    taken.push(word);
  }
  // The last one may make earlier ones needless.
  return taken.filter((word, place) => {
    if (place === taken.length - 1 || rest + (weights[word] as number) >= needed) return true;
    rest += weights[word] as number;
    return false;
  });
}

/** How many words of each expansion are read, at about the least cost, where names need so much of these words. */
export function openings(
  expansions: readonly Expansion[],
  weights: readonly number[],
  needed: number,
): Uint32Array {
  const stops = expansions.map((expansion, index) => stopsOf(expansion, weights[index] as number));
  const at = stops.map(() => 0);
  let loss = 0;
  for (;;) {
    let best: { word: number; stop: number; gain: number; loss: number } | undefined;
    for (const [word, list] of stops.entries()) {
      const now = list[at[word] as number] as Stop;
      for (let stop = (at[word] as number) + 1; stop < list.length; stop++) {
        const next = list[stop] as Stop;
        const more = next.loss - now.loss;
        if (loss + more >= needed) break;
        const gain = (now.postings - next.postings) / Math.max(more, 1e-6);
        if (now.postings > next.postings && (!best || gain > best.gain))
          best = { word, stop, gain, loss: more };
      }
    }
    if (!best) break;
    at[best.word] = best.stop;
    loss += best.loss;
  }
  return Uint32Array.from(stops, (list, word) => (list[at[word] as number] as Stop).read);
}
