/** One input judged: what a parser may do with a stranger's bytes, and what is a finding. */
import { createHash } from 'node:crypto';
import { TocsinError } from '../../src/base/error.ts';
import { DerFault } from '../../src/identity/der.ts';
import { type OpenTarget, type Outcome, refused, type Target } from './target.ts';

export interface Finding {
  readonly what:
    | 'untyped error'
    | 'two verdicts'
    | 'does not read back'
    | 'prototype changed'
    | 'input changed'
    | 'node damaged'
    | 'too slow'
    | 'too much memory';
  readonly detail: string;
}

export type Examined =
  | { readonly outcome: Outcome; readonly finding?: never }
  | { readonly finding: Finding; readonly outcome?: never };

const TIME_MS = 60;
const TIME_MS_PER_KIB = 1;
const MEMORY_BYTES = 64 * 1024 * 1024;
const MEMORY_FACTOR = 64;

/** Prototypes that a key such as `__proto__` could reach. */
const PROTOTYPES: readonly (readonly [string, object])[] = [
  ['Object', Object.prototype],
  ['Array', Array.prototype],
  ['Function', Function.prototype],
  ['String', String.prototype],
  ['Uint8Array', Uint8Array.prototype],
  ['Map', Map.prototype],
];
const namesOf = (prototype: object): string => Reflect.ownKeys(prototype).map(String).join(' ');
const UNTOUCHED = PROTOTYPES.map(([, prototype]) => namesOf(prototype));

function changedPrototype(): string | undefined {
  for (const [index, [name, prototype]] of PROTOTYPES.entries()) {
    const before = UNTOUCHED[index] ?? '';
    if (namesOf(prototype) === before) continue;
    const known = new Set(before.split(' '));
    for (const key of Reflect.ownKeys(prototype))
      if (!known.has(String(key))) Reflect.deleteProperty(prototype, key);
    return name;
  }
  return undefined;
}

/** A value as text, so that two readings can be compared; keys and functions are left out. */
export function printed(value: unknown): string {
  const hash = createHash('sha256');
  const walk = (part: unknown, depth: number): void => {
    if (depth > 100) return;
    if (part instanceof Uint8Array) hash.update('b').update(String(part.length)).update(part);
    else if (Array.isArray(part)) {
      hash.update('[');
      for (const one of part) walk(one, depth + 1);
      hash.update(']');
    } else if (part instanceof Map || part instanceof Set) {
      hash.update('m');
      for (const one of part) walk(one, depth + 1);
    } else if (typeof part === 'object' && part !== null) {
      if (Object.getPrototypeOf(part)?.constructor?.name?.endsWith('KeyObject')) return;
      hash.update('{');
      for (const [key, one] of Object.entries(part)) {
        hash.update(key);
        walk(one, depth + 1);
      }
      hash.update('}');
    } else if (typeof part !== 'function') hash.update(`${typeof part}${String(part)};`);
  };
  walk(value, 0);
  return hash.digest('hex');
}

const summary = (outcome: Outcome): string =>
  outcome.kind === 'refused' ? `refused: ${outcome.code}` : `accepted: ${printed(outcome.value)}`;

/** Typed errors are refusals; anything else that is thrown stays thrown. */
async function read(target: OpenTarget, bytes: Uint8Array): Promise<Outcome> {
  try {
    return await target.read(bytes);
  } catch (error) {
    if (error instanceof TocsinError) return refused(String(error.code));
    if (error instanceof DerFault) return refused('DER');
    throw error;
  }
}

const memory = (): number => {
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
};

interface Cost {
  readonly ms: number;
  readonly bytes: number;
}

const within = (cost: Cost, bound: Cost): boolean => cost.ms <= bound.ms && cost.bytes <= bound.bytes;

/** What one reading takes; the least of several, since a busy machine and a garbage collector both only add. */
async function costOf(target: OpenTarget, bytes: Uint8Array, bound: Cost, first: Cost): Promise<Cost> {
  let least = first;
  for (let round = 0; round < 3 && !within(least, bound); round++) {
    const before = memory();
    const began = performance.now();
    await read(target, bytes).catch(() => undefined);
    const ms = performance.now() - began;
    least = { ms: Math.min(least.ms, ms), bytes: Math.min(least.bytes, memory() - before) };
  }
  return least;
}

const firstLines = (error: unknown): string =>
  error instanceof Error ? `${error.name}: ${(error.stack ?? error.message).slice(0, 1500)}` : String(error);

/** Reads an input as often as it takes to judge it. */
export async function examine(
  spec: Target,
  target: OpenTarget,
  bytes: Uint8Array,
  slack = 1,
): Promise<Examined> {
  const input = Uint8Array.from(bytes);
  const kib = bytes.length / 1024;
  const bound: Cost = {
    ms: slack * ((spec.timeMs ?? TIME_MS) + (spec.timeMsPerKiB ?? TIME_MS_PER_KIB) * kib),
    bytes: MEMORY_BYTES + MEMORY_FACTOR * bytes.length,
  };
  const found = (what: Finding['what'], detail: string): Examined => ({ finding: { what, detail } });
  try {
    const before = memory();
    const began = performance.now();
    const outcome = await read(target, input);
    const first = { ms: performance.now() - began, bytes: memory() - before };
    const prototype = changedPrototype();
    if (prototype !== undefined) return found('prototype changed', `${prototype}.prototype has other keys`);
    if (Buffer.compare(input, bytes) !== 0) return found('input changed', 'the parser wrote into its input');

    if (spec.stateful !== true) {
      // A copy at another place in memory, with strangers' bytes around it: a view must not show through.
      const around = new Uint8Array(bytes.length + 32).fill(0xa5);
      around.set(bytes, 16);
      const second = await read(target, around.subarray(16, 16 + bytes.length));
      if (summary(second) !== summary(outcome))
        return found('two verdicts', `${summary(outcome)}, then ${summary(second)}`);
    }
    if (outcome.kind === 'accepted' && outcome.again !== undefined) {
      const third = await read(target, outcome.again);
      if (summary(third) !== summary(outcome))
        return found('does not read back', `${summary(outcome)}, written again ${summary(third)}`);
    }
    if (!within(first, bound)) {
      const cost = await costOf(target, bytes, bound, first);
      if (cost.ms > bound.ms)
        return found(
          'too slow',
          `${cost.ms.toFixed(0)} ms for ${bytes.length} bytes, expected at most ${bound.ms.toFixed(0)} ms`,
        );
      if (cost.bytes > bound.bytes)
        return found(
          'too much memory',
          `${(cost.bytes / 1024 / 1024).toFixed(0)} MiB for ${bytes.length} bytes`,
        );
    }
    return { outcome };
  } catch (error) {
    changedPrototype();
    return found('untyped error', firstLines(error));
  }
}
