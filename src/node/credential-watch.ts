/** People are told in time that what speaks for this node ends: its key statement, and its certificate at desk and broker. */
import { sleep } from '../base/async.ts';
import type { Clock } from '../base/clock.ts';
import type { Store } from '../store/index.ts';

/** Ahead of the end. */
export const CREDENTIAL_WARNING_MS: number = 30 * 86_400_000;
/** Longest time between two looks: the clock may have been set. */
const LOOK_MS = 10_000;

const CODES = { ending: 'CREDENTIAL_ENDING', ended: 'CREDENTIAL_ENDED' } as const;

/** What ends, what follows from it, and what to do. */
const CREDENTIALS = {
  'key statement': {
    loss: 'no partner believes what this node says',
    remedy: 'run `tocsin keys rotate --dir <folder>` with the authority at hand',
  },
  certificate: {
    loss: 'neither officers nor the broker let this node speak to them',
    remedy: 'run `tocsin keys renew --dir <folder>` with the authority at hand, and restart the node',
  },
} as const;
type Credential = keyof typeof CREDENTIALS;

export interface CredentialWatchDeps {
  readonly store: Store;
  readonly clock: Clock;
  /** Of those in use, milliseconds. */
  readonly endOf: Readonly<Record<Credential, () => number>>;
}

export class CredentialWatch {
  readonly #deps: CredentialWatchDeps;
  #seen = '';

  constructor(deps: CredentialWatchDeps) {
    this.#deps = deps;
  }

  /** One look; writes only where something changed since the last one. */
  async look(): Promise<void> {
    const { store, clock, endOf } = this.#deps;
    const at = clock.nowMs();
    const found = (Object.keys(CREDENTIALS) as Credential[]).map((credential) => {
      const end = endOf[credential]();
      return { credential, end, state: stateOf(end, at) };
    });
    const seen = JSON.stringify(found);
    if (seen === this.#seen) return;
    await store.write(async (tx) => {
      for (const { credential, end, state } of found) {
        for (const [which, code] of Object.entries(CODES))
          if (which !== state) await tx.alarms.clear(code, credential, at);
        if (state === undefined) continue;
        const { loss, remedy } = CREDENTIALS[credential];
        const when = new Date(end).toISOString().slice(0, 16);
        const detail =
          state === 'ending'
            ? `the ${credential} of this node ends at ${when}Z; from then on ${loss}: ${remedy}`
            : `the ${credential} of this node ended at ${when}Z: ${loss}; ${remedy}`;
        await tx.alarms.raise({ at, code: CODES[state], subject: credential, detail });
      }
    });
    this.#seen = seen;
  }

  /** Looks until the signal aborts. */
  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await this.look();
      await sleep(LOOK_MS, signal).catch(() => undefined);
    }
  }
}

const stateOf = (end: number, at: number): keyof typeof CODES | undefined =>
  at >= end ? 'ended' : at >= end - CREDENTIAL_WARNING_MS ? 'ending' : undefined;
