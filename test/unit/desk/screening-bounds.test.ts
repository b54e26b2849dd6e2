/** How many questions the desk takes in one call of screening: the port of the desk is answered here, line by line. */
import { describe, expect, it } from 'vitest';
import { LIMITS } from '../../../src/base/limits.ts';
import type { DeskCall } from '../../../src/desk/grpc/handlers.ts';
import { screeningHandlers } from '../../../src/desk/grpc/screening.ts';
import type { ScreeningPort } from '../../../src/desk/screening-port.ts';
import {
  ScreenedAgainst,
  ScreeningQuery,
  ScreeningResult,
} from '../../../src/gen/tocsin/desk/v1/screening_service.ts';

const QUERY = ScreeningQuery.fromPartial({ name: 'Nobody' });

function counting() {
  const portions: number[] = [];
  const screening = {
    newBatch: () => '0'.repeat(32),
    ask: async (_officer: object, lines: readonly object[]) => {
      portions.push(lines.length);
      return {
        results: lines.map(() => ScreeningResult.fromPartial({})),
        against: ScreenedAgainst.fromPartial({}),
      };
    },
  } as unknown as ScreeningPort;
  const access = { require: async () => undefined } as never;
  const call = {
    session: { world: 'live' },
    signal: new AbortController().signal,
    assertStillValid: () => undefined,
  } as unknown as DeskCall;
  return { portions, handlers: screeningHandlers({ access, screening, privateScreening: undefined }), call };
}

describe('a batch of questions', () => {
  const lines = (count: number) => Array.from({ length: count }, () => ({ query: QUERY, reference: '' }));

  it(`has at most ${LIMITS.screeningBatch} lines, and at least one`, async () => {
    const { handlers, call } = counting();
    const { results } = await handlers.screenBatch(
      { lines: lines(LIMITS.screeningBatch), keep: false },
      call,
    );
    expect(results).toHaveLength(LIMITS.screeningBatch);
    for (const count of [0, LIMITS.screeningBatch + 1])
      await expect(handlers.screenBatch({ lines: lines(count), keep: false }, call)).rejects.toMatchObject({
        code: 'INVALID_REQUEST',
      });
  });
});

describe('a stream of questions', () => {
  async function* questions(count: number) {
    for (let at = 0; at < count; at++) yield { query: QUERY, reference: '', keep: false };
  }

  it(`has at most ${LIMITS.screeningStream} lines, answered in portions and in order`, async () => {
    const { handlers, call, portions } = counting();
    let last = 0;
    for await (const { line } of handlers.screenStream(questions(LIMITS.screeningStream), call)) {
      if (line !== last + 1) throw new Error(`expected line ${last + 1}, got ${line}`);
      last = line;
    }
    expect(last).toBe(LIMITS.screeningStream);
    expect(portions.length).toBeLessThan(200);
    await expect(async () => {
      for await (const _ of handlers.screenStream(questions(LIMITS.screeningStream + 1), call));
    }).rejects.toMatchObject({ code: 'INVALID_REQUEST' });
  });
});
