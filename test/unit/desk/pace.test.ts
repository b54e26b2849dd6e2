/** How slow a file may come: a minute, and a second more for every 4,096 bytes that are here. */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { BODY_MS, LONGEST_REQUEST_MS, paced, UPLOAD_BYTES_A_SECOND } from '../../../src/desk/http/pace.ts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

/** A sender that hands over a piece whenever it is told to. */
function sender() {
  let give = Promise.withResolvers<Uint8Array | undefined>();
  async function* body(): AsyncGenerator<Uint8Array> {
    for (;;) {
      const piece = await give.promise;
      give = Promise.withResolvers();
      if (piece === undefined) return;
      yield piece;
    }
  }
  return {
    body: body(),
    send: async (bytes: number) => {
      give.resolve(new Uint8Array(bytes));
      await vi.advanceTimersByTimeAsync(0);
    },
    end: () => give.resolve(undefined),
  };
}

/** Reads all of it; `readMs`: what the reader takes for a piece. */
function read(body: AsyncIterator<Uint8Array>, readMs = 0) {
  const state = { bytes: 0, cut: 0, ended: '' };
  const reading = async () => {
    for await (const piece of paced(body, () => {
      state.cut += 1;
    })) {
      state.bytes += piece.length;
      if (readMs > 0) await new Promise((resolve) => setTimeout(resolve, readMs));
    }
    state.ended = 'whole';
  };
  reading().catch((error: { readonly code: string }) => {
    state.ended = error.code;
  });
  return state;
}

describe('a file on its way in', () => {
  it('may stand still for a minute at its beginning, and no longer', async () => {
    const state = read(sender().body);
    await vi.advanceTimersByTimeAsync(BODY_MS - 1);
    expect(state).toEqual({ bytes: 0, cut: 0, ended: '' });
    await vi.advanceTimersByTimeAsync(1);
    expect(state).toEqual({ bytes: 0, cut: 1, ended: 'UPLOAD_UNFINISHED' });
  });

  it('comes in by 4,096 bytes a second on the whole for as long as it likes; what comes slower is cut off', async () => {
    const seconds = 40 * 60;
    const steady = sender();
    const kept = read(steady.body);
    const slow = sender();
    const lost = read(slow.body);
    for (let second = 0; second < seconds; second += 1) {
      await vi.advanceTimersByTimeAsync(1_000);
      await steady.send(UPLOAD_BYTES_A_SECOND);
      if (lost.ended === '') await slow.send(UPLOAD_BYTES_A_SECOND - 200);
    }
    steady.end();
    await vi.advanceTimersByTimeAsync(0);
    expect(kept).toEqual({ bytes: seconds * UPLOAD_BYTES_A_SECOND, cut: 0, ended: 'whole' });
    expect(lost).toMatchObject({ cut: 1, ended: 'UPLOAD_UNFINISHED' });
    // A minute of patience, spent by what each second lacked.
    expect(lost.bytes).toBeLessThan(((BODY_MS / 1_000) * UPLOAD_BYTES_A_SECOND ** 2) / 200);
  });

  it('is not blamed for the time that the node takes', async () => {
    const { body, send, end } = sender();
    const state = read(body, 5 * BODY_MS);
    for (let count = 0; count < 3; count += 1) {
      await send(10);
      await vi.advanceTimersByTimeAsync(5 * BODY_MS);
    }
    end();
    await vi.advanceTimersByTimeAsync(0);
    expect(state).toEqual({ bytes: 30, cut: 0, ended: 'whole' });
  });

  it('is let by Node for as long as the slowest may take', () => {
    expect(LONGEST_REQUEST_MS).toBe(60_000 + 2_560_000);
  });
});
