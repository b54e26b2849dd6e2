/**
 * Clocks of nodes that can be set while they run: libfaketime reads a file for each. Only the time of day is theirs; what measures
 * how long something takes goes on as it was.
 */
import { existsSync, readdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Debian's place, by architecture. */
const LIBRARIES = '/usr/lib';
const LIBRARY = join('faketime', 'libfaketimeMT.so.1');

const library = (): string | undefined =>
  existsSync(LIBRARIES)
    ? readdirSync(LIBRARIES)
        .map((name) => join(LIBRARIES, name, LIBRARY))
        .find((path) => existsSync(path))
    : undefined;

export class Clocks {
  readonly #dir: string;
  readonly #library: string;
  /** By how much each is off, beside what has passed for all. */
  readonly #off = new Map<string, number>();
  #passedMs = 0;

  private constructor(dir: string, path: string) {
    this.#dir = dir;
    this.#library = path;
  }

  /** Undefined where the machine has no libfaketime. */
  static in(dir: string): Clocks | undefined {
    const path = library();
    return path === undefined ? undefined : new Clocks(dir, path);
  }

  /** What has passed for all since the beginning, beside real time. */
  get passedMs(): number {
    return this.#passedMs;
  }

  /** For a process that is to have the clock of a node. */
  environment(node: string): Readonly<Record<string, string>> {
    this.#write(node);
    return {
      LD_PRELOAD: this.#library,
      FAKETIME_TIMESTAMP_FILE: this.#file(node),
      FAKETIME_NO_CACHE: '1',
      FAKETIME_DONT_FAKE_MONOTONIC: '1',
      NO_FAKE_STAT: '1',
    };
  }

  /** The clock of a node goes wrong, at once; 0 = right again. */
  set(node: string, offMs: number): void {
    this.#off.set(node, offMs);
    this.#write(node);
  }

  /** Time passes for everybody, at once. */
  pass(ms: number): void {
    this.#passedMs += ms;
    for (const node of this.#off.keys()) this.#write(node);
  }

  #write(node: string): void {
    const off = this.#off.get(node) ?? 0;
    this.#off.set(node, off);
    const seconds = Math.round((off + this.#passedMs) / 1_000);
    // Whole at every moment: the library reads it at each look at the clock.
    writeFileSync(`${this.#file(node)}.new`, `${seconds < 0 ? '-' : '+'}${Math.abs(seconds)}`);
    renameSync(`${this.#file(node)}.new`, this.#file(node));
  }

  #file(node: string): string {
    return join(this.#dir, `clock-${node.toLowerCase()}`);
  }
}
