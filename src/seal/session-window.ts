/** Which call numbers of a session were taken: a number is taken once, whatever the order, and never again (RFC 4303 §3.4.3). */

/** Numbers this far below the highest count as taken. More than the calls that may be under way at once. */
const WINDOW = 1024;

export class CallWindow {
  #highest = 0n;
  readonly #taken = new Uint8Array(WINDOW);

  /** Whether the number can still be taken. Numbers begin at 1. */
  isFree(call: bigint): boolean {
    if (call > this.#highest) return true;
    if (call < 1n || this.#highest - call >= BigInt(WINDOW)) return false;
    return this.#taken[this.#slot(call)] === 0;
  }

  /** To be called only for a frame that is authenticated. */
  take(call: bigint): void {
    if (call > this.#highest) {
      const steps = call - this.#highest;
      if (steps >= BigInt(WINDOW)) this.#taken.fill(0);
      else for (let at = this.#highest + 1n; at <= call; at++) this.#taken[this.#slot(at)] = 0;
      this.#highest = call;
    }
    this.#taken[this.#slot(call)] = 1;
  }

  #slot(call: bigint): number {
    return Number(call % BigInt(WINDOW));
  }
}
