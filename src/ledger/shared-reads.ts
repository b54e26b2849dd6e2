/** Proofs of many leaves at once ask for mostly the same nodes: one read serves them all. */
import type { NodeId, ReadNodes } from '../merkle/index.ts';

interface Asked {
  readonly ids: readonly NodeId[];
  readonly resolve: (hashes: readonly Uint8Array[]) => void;
  readonly reject: (error: unknown) => void;
}

const keyOf = ({ level, index }: NodeId): string => `${level}/${index}`;

/** Reads that start in the same turn become one, each node asked for once. */
export function sharedReads(read: ReadNodes): ReadNodes {
  let waiting: Asked[] = [];

  const flush = async (): Promise<void> => {
    const asked = waiting;
    waiting = [];
    try {
      const unique = [
        ...new Map(asked.flatMap(({ ids }) => ids.map((id) => [keyOf(id), id] as const))).values(),
      ];
      const hashes = await read(unique);
      const found = new Map(unique.map((id, at) => [keyOf(id), hashes[at] ?? new Uint8Array(0)]));
      for (const { ids, resolve } of asked)
        resolve(ids.map((id) => found.get(keyOf(id)) ?? new Uint8Array(0)));
    } catch (error) {
      for (const { reject } of asked) reject(error);
    }
  };

  return (ids) =>
    new Promise((resolve, reject) => {
      if (waiting.length === 0) queueMicrotask(() => void flush());
      waiting.push({ ids, resolve, reject });
    });
}
