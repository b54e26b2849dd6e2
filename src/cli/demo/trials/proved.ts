/** What trials have proved in this folder: an earlier run's are not played again. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Federation } from '../federation.ts';

/** A trial that was played. */
export interface Proved {
  readonly key: string;
  readonly title: string;
  readonly facts: readonly string[];
}

const fileOf = (federation: Federation): string => join(federation.dir, 'trials.json');

/** What an earlier run in this folder has proved. */
export const provedBefore = (federation: Federation): readonly Proved[] =>
  existsSync(fileOf(federation)) ? (JSON.parse(readFileSync(fileOf(federation), 'utf8')) as Proved[]) : [];

export const keepProved = (federation: Federation, proved: readonly Proved[]): void =>
  writeFileSync(fileOf(federation), `${JSON.stringify(proved, undefined, 2)}\n`);
