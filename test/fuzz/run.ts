/** A target run over many inputs, with what it did counted and what it should not have done told. */
import { examine, type Finding } from './examine.ts';
import { inputAt } from './inputs.ts';
import type { Scene } from './scene.ts';
import { shrink } from './shrink.ts';
import type { Target } from './target.ts';

/** A finding that can be shown again. */
export interface Found extends Finding {
  readonly target: string;
  readonly seed: number;
  readonly index: number;
  /** As small as it could be made. */
  readonly bytes: Uint8Array;
}

export interface Tally {
  readonly target: string;
  readonly inputs: number;
  readonly accepted: number;
  readonly refused: number;
  /** How often each code was the answer. */
  readonly codes: ReadonlyMap<string, number>;
  readonly seconds: number;
  readonly found: readonly Found[];
}

export interface RunOptions {
  readonly seed: number;
  /** Ends after so many inputs, or so many milliseconds, whichever is first. */
  readonly inputs: number;
  readonly timeMs?: number;
  /** Number of the first input. */
  readonly from?: number;
  /** Of the messages as they are, only the last few: a short run is for the changed ones. */
  readonly plain?: number;
  /** Bounds of time so many times as wide, where others compute beside. */
  readonly slack?: number;
  readonly shrinkMs?: number;
  /** Told before each input. */
  readonly at?: (index: number) => void;
  /** Told before the store of a node is examined, which takes as long as it has grown large. */
  readonly rest?: () => void;
}

/** Findings of one kind at one place are one. */
const placeOf = ({ what, detail }: Finding): string =>
  `${what} ${what === 'untyped error' ? detail.split('\n').slice(0, 3).join('|').replace(/\d+/g, '#') : ''}`;

const MOST_FINDINGS = 8;
/** Inputs between two looks at a whole node. */
const NODE_EVERY = 250;

export async function runTarget(spec: Target, scene: Scene, options: RunOptions): Promise<Tally> {
  const target = await spec.open(scene);
  const { seed, inputs, timeMs = Number.POSITIVE_INFINITY, shrinkMs = 5_000, slack = 1 } = options;
  const { from = Math.max(0, target.seeds.length - (options.plain ?? target.seeds.length)) } = options;
  const codes = new Map<string, number>();
  const found = new Map<string, Found>();
  let accepted = 0;
  let refused = 0;
  let index = from;
  const began = performance.now();
  /** Whatever single inputs did: the node as a whole. */
  const examineNode = async (bytes: Uint8Array, end = false): Promise<void> => {
    if (end) options.rest?.();
    const damage = await target.examine?.(end);
    if (damage === undefined || found.has(damage)) return;
    found.set(damage, { what: 'node damaged', detail: damage, target: spec.name, seed, index, bytes });
  };
  for (; index < from + inputs && performance.now() - began < timeMs; index++) {
    options.at?.(index);
    const bytes = inputAt(target, spec.name, seed, index);
    const { outcome, finding } = await examine(spec, target, bytes, slack);
    if (index % NODE_EVERY === NODE_EVERY - 1) await examineNode(bytes);
    if (finding !== undefined) {
      const place = placeOf(finding);
      if (found.has(place)) continue;
      const still = async (candidate: Uint8Array): Promise<boolean> => {
        const again = await examine(spec, target, candidate, slack);
        return again.finding !== undefined && placeOf(again.finding) === place;
      };
      found.set(place, {
        ...finding,
        target: spec.name,
        seed,
        index,
        bytes: await shrink(bytes, still, shrinkMs),
      });
      if (found.size >= MOST_FINDINGS) break;
    } else if (outcome.kind === 'accepted') accepted += 1;
    else {
      refused += 1;
      codes.set(outcome.code, (codes.get(outcome.code) ?? 0) + 1);
    }
  }
  await examineNode(new Uint8Array(), true);
  await target.close?.();
  return {
    target: spec.name,
    inputs: index - from,
    accepted,
    refused,
    codes,
    seconds: (performance.now() - began) / 1000,
    found: [...found.values()],
  };
}
