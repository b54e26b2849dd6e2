/**
 * Notes every policy that comes into force, so that what was disclosed under it can be decided once more. The instant is that of
 * the change itself; the row follows as soon as the store takes it.
 */
import { Wake } from '../base/async.ts';
import type { Clock } from '../base/clock.ts';
import type { PolicyOfTime, Store } from '../store/index.ts';

export interface PolicyHistoryDeps {
  readonly store: Store;
  readonly clock: Clock;
  /** Version of the program. */
  readonly program: string;
  /** What is in force now. */
  readonly inForce: () => {
    readonly digest: string;
    readonly national: string;
    readonly roster: { readonly version: bigint; readonly digest: Uint8Array };
  };
}

export interface PolicyHistory {
  /** What is in force counts from this instant. */
  changed(): void;
  /** Resolves once every change told of is durable; rejects where the store does not take it, and keeps it for the next time. */
  settle(): Promise<void>;
  /** Settles whatever changes until the signal aborts, then resolves. */
  run(signal: AbortSignal): Promise<void>;
}

/** Nothing depends on it: whoever changes the policy wakes. */
const LOOK_EVERY_MS = 60_000;

export function createPolicyHistory({ store, clock, program, inForce }: PolicyHistoryDeps): PolicyHistory {
  const wake = new Wake();
  let pending: readonly PolicyOfTime[] = [];
  const settle = async (): Promise<void> => {
    const told = pending;
    if (told.length === 0) return;
    await store.write(async (tx) => {
      for (const policy of told) await tx.policyHistory.note(policy);
    });
    pending = pending.filter((policy) => !told.includes(policy));
  };
  return {
    changed() {
      const { digest, national, roster } = inForce();
      pending = [
        ...pending,
        {
          since: clock.nowMs(),
          digest,
          national,
          rosterVersion: roster.version,
          rosterDigest: roster.digest,
          program,
        },
      ];
      wake.wake();
    },
    settle,
    async run(signal) {
      while (!signal.aborted) {
        await settle();
        await wake.wait(LOOK_EVERY_MS, signal).catch(() => undefined);
      }
    },
  };
}
