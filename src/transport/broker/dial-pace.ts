/**
 * When a lost connection is dialled again. The client library waits by the time of day: after a clock was set back by hours it would
 * dial for hours no more (T13). Here attempts are paced by a clock that only goes on.
 */

/** As a wait, before any time of day: dial now. */
const NOW = -Number.MAX_SAFE_INTEGER;

/**
 * A handler for `reconnectDelayHandler`, which is asked before every attempt.
 *
 * @param waitMs  the wait after an attempt, asked anew for each
 * @param nowMs   a clock that never goes back
 * @returns what is left to wait, milliseconds, or a number below every time where it is time to dial
 */
export function dialPace(waitMs: () => number, nowMs: () => number = () => performance.now()): () => number {
  let nextAt = Number.NEGATIVE_INFINITY;
  return () => {
    const now = nowMs();
    if (now < nextAt) return nextAt - now;
    nextAt = now + waitMs();
    return NOW;
  };
}
