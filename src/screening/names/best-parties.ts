/** The best parties so far, each with its best name. */
import type { Alignment } from './score.ts';

/** A name with its score, before what is known of its bearers. */
export interface ScoredName {
  readonly name: number;
  readonly occurrence: number;
  readonly alignment: Alignment;
  readonly score: number;
}

export class BestParties {
  readonly #limit: number;
  readonly #byParty = new Map<number, ScoredName>();
  #worst = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  get isFull(): boolean {
    return this.#byParty.size >= this.#limit;
  }

  get worst(): number {
    return this.#worst;
  }

  offer(party: number, score: number, scored: () => ScoredName): void {
    const known = this.#byParty.get(party);
    if (known ? known.score >= score : this.isFull && score <= this.#worst) return;
    this.#byParty.set(party, scored());
    if (this.#byParty.size > this.#limit) {
      const last = [...this.#byParty].reduce((low, one) => (one[1].score < low[1].score ? one : low));
      this.#byParty.delete(last[0]);
    }
    if (this.isFull) this.#worst = Math.min(...[...this.#byParty.values()].map(({ score }) => score));
  }

  sorted(): ScoredName[] {
    return [...this.#byParty.values()].sort((a, b) => b.score - a.score || a.occurrence - b.occurrence);
  }
}
