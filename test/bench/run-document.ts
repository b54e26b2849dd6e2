/**
 * What a run leaves behind: results with the machine, its load and the time. Several partial runs of one machine make one
 * document, since a whole run takes long.
 */
import { availableParallelism, loadavg } from 'node:os';
import { type Result, resultKey } from './runner.ts';

export interface Machine {
  readonly node: string;
  readonly platform: string;
  readonly arch: string;
  readonly cores: number;
}

/** One run, or a part of one. */
export interface RunPart {
  /** ISO 8601, UTC, when it ended. */
  readonly at: string;
  /** Load average over one minute before it began, and over fifteen when it ended; the run's own work is in the second. */
  readonly load: { readonly before: number; readonly after: number };
  readonly benches: readonly string[];
}

export interface RunDocument {
  readonly machine: Machine;
  /** Oldest first. */
  readonly parts: readonly RunPart[];
  readonly results: readonly Result[];
}

export const machineHere = (): Machine => ({
  node: process.version,
  platform: process.platform,
  arch: process.arch,
  cores: availableParallelism(),
});

const rounded = (load: number | undefined): number => Math.round((load ?? 0) * 10) / 10;
const [ONE_MINUTE, FIFTEEN_MINUTES] = [0, 2];

export const loadNow = (): number => rounded(loadavg()[ONE_MINUTE]);

export function documentOf(results: readonly Result[], loadBefore: number): RunDocument {
  const benches = [...new Set(results.map(({ bench }) => bench))];
  const load = { before: loadBefore, after: rounded(loadavg()[FIFTEEN_MINUTES]) };
  return { machine: machineHere(), parts: [{ at: new Date().toISOString(), load, benches }], results };
}

/** Reads a saved document; throws where it is none. */
export function parseDocument(text: string, file: string): RunDocument {
  const found = JSON.parse(text) as Partial<RunDocument> | null;
  if (!found?.machine || !Array.isArray(found.parts) || !Array.isArray(found.results))
    throw new Error(
      `expected what --json prints in ${file}, found no machine, parts or results; measure again`,
    );
  return found as RunDocument;
}

const sameMachine = (a: Machine, b: Machine): boolean =>
  a.node === b.node && a.platform === b.platform && a.arch === b.arch && a.cores === b.cores;

/**
 * One document of several. Of a row measured twice the later run counts; `order` names the benches as the table has them. Throws for documents of
 * different machines: ratios of one run only mean something beside each other on one.
 */
export function mergeDocuments(documents: readonly RunDocument[], order: readonly string[]): RunDocument {
  const [first] = documents;
  if (!first) throw new Error('expected at least one document');
  for (const { machine } of documents)
    if (!sameMachine(machine, first.machine))
      throw new Error(
        `expected runs of one machine and one Node, got ${JSON.stringify(first.machine)} and ${JSON.stringify(machine)}`,
      );
  const lastAt = ({ parts }: RunDocument): string => parts.at(-1)?.at ?? '';
  const byAge = [...documents].sort((a, b) => lastAt(a).localeCompare(lastAt(b)));
  const results = new Map<string, Result>();
  for (const document of byAge) for (const result of document.results) results.set(resultKey(result), result);
  const place = ({ bench }: Result): number => order.indexOf(bench);
  return {
    machine: first.machine,
    parts: byAge.flatMap(({ parts }) => parts),
    results: [...results.values()].sort((a, b) => place(a) - place(b)),
  };
}
