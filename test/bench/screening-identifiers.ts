/**
 * Look-ups of serial numbers among 10^5 and 10^6 invented ones, misread in the ways that people misread them. Seconds are of
 * processor time: what else the machine does counts little.
 */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { IdentifierIndex, type ListedIdentifier } from '../../src/screening/index.ts';
import {
  CALIBRES,
  inventedSerials,
  MAKERS,
  misread,
  oneUnread,
  oneWrong,
  seededNumbers,
} from '../support/serials.ts';

const SEED = 20_260_301;
const ASKED = 20_000;

export interface FoundShare {
  readonly asked: number;
  /** 0 to 1: the entry itself is among the hits. */
  readonly found: number;
  readonly lookUpsPerSecond: number;
  /** Hits in an answer, before the limit. */
  readonly hitsEach: number;
}

export interface IdentifierFigures {
  readonly serials: number;
  readonly buildSeconds: number;
  /** Heap and array buffers that the index takes. */
  readonly bytesEach: number;
  readonly shares: Readonly<Record<string, FoundShare>>;
  /** Look-ups with one run of unread characters, the last four known. */
  readonly runMs: number;
  readonly snapshotBytesEach: number;
  readonly saveSeconds: number;
  readonly loadSeconds: number;
}

type Ask = (serial: string, numbers: () => number) => string;

const WAYS: Readonly<Record<string, Ask>> = {
  'as listed': (serial) => serial,
  'on no list': (_, numbers) => `ZY${numbers()}`,
  '1 look-alike': (serial, numbers) => misread(serial, 1, numbers),
  '2 look-alikes': (serial, numbers) => misread(serial, 2, numbers),
  '2 look-alikes, 1 wrong': (serial, numbers) => oneWrong(misread(serial, 2, numbers), numbers),
  '2 look-alikes, 1 unread': (serial, numbers) => oneUnread(misread(serial, 2, numbers), numbers),
};

function* listedSerials(serials: readonly string[]): Iterable<ListedIdentifier> {
  for (const [index, value] of serials.entries())
    yield {
      entryId: `XA-2026-${String(index).padStart(8, '0')}`,
      scheme: 'serial',
      value,
      policyClass: index % 3,
      about: {
        maker: MAKERS[index % MAKERS.length] ?? '',
        calibre: CALIBRES[(index >> 3) % CALIBRES.length] ?? '',
        year: 1950 + (index % 70),
      },
    };
}

function memory(): number {
  setFlagsFromString('--expose-gc');
  const collect: () => void = runInNewContext('gc');
  collect();
  collect();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

const timed = <Result>(work: () => Result): readonly [Result, number] => {
  const started = process.cpuUsage();
  const result = work();
  const { user, system } = process.cpuUsage(started);
  return [result, (user + system) / 1e6];
};

function shareOf(index: IdentifierIndex, serials: readonly string[], ask: Ask): FoundShare {
  const numbers = seededNumbers(SEED + 1);
  const step = Math.max(1, Math.floor(serials.length / ASKED));
  const asked = Array.from({ length: Math.min(ASKED, serials.length) }, (_, at) => {
    const number = at * step;
    const serial = serials[number] ?? '';
    return { id: `XA-2026-${String(number).padStart(8, '0')}`, value: ask(serial, numbers) };
  });
  let found = 0;
  let hits = 0;
  const [, seconds] = timed(() => {
    for (const { id, value } of asked) {
      const answer = index.search({ scheme: 'serial', value, limit: 50 });
      hits += answer.found;
      if (answer.hits.some(({ entryId }) => entryId === id)) found++;
    }
  });
  return {
    asked: asked.length,
    found: found / asked.length,
    lookUpsPerSecond: Math.round(asked.length / seconds),
    hitsEach: hits / asked.length,
  };
}

function figuresOf(count: number): IdentifierFigures {
  const serials = inventedSerials(count, SEED);
  const before = memory();
  const index = new IdentifierIndex();
  const [, buildSeconds] = timed(() => index.add(listedSerials(serials)));
  const bytesEach = (memory() - before) / count;
  // Once unmeasured: the first look-ups of a process run uncompiled.
  shareOf(index, serials, WAYS['2 look-alikes, 1 wrong'] ?? ((serial) => serial));
  const shares = Object.fromEntries(
    Object.entries(WAYS).map(([way, ask]) => [way, shareOf(index, serials, ask)]),
  );
  const runs = 20;
  const [, runSeconds] = timed(() => {
    for (let at = 0; at < runs; at++)
      index.search({ scheme: 'serial', value: `*${(serials[at * 7 + 1] ?? '').slice(-4)}` });
  });
  const [bytes, saveSeconds] = timed(() => index.serialise());
  const [restored, loadSeconds] = timed(() => IdentifierIndex.from(bytes));
  if (restored.size !== count)
    throw new Error(`expected ${count} numbers after a restart, got ${restored.size}`);
  return {
    serials: count,
    buildSeconds,
    bytesEach,
    shares,
    runMs: (runSeconds / runs) * 1000,
    snapshotBytesEach: bytes.length / count,
    saveSeconds,
    loadSeconds,
  };
}

/** Figures at each size; sizes are for a quick look only. */
export async function measureIdentifiers(
  sizes: readonly number[] = [100_000, 1_000_000],
): Promise<readonly IdentifierFigures[]> {
  return sizes.map(figuresOf);
}
