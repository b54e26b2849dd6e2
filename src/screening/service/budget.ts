/** How much one officer may ask, in a minute and in a day: what was asked in the day before a start is read from the store. */
import { ScreeningError } from './errors.ts';

export interface BudgetLimits {
  readonly linesAMinute: number;
  readonly linesADay: number;
}

/** The longest stream may be asked in a minute, and three of them a day: more is no desk's work, and looks like a copy of the list. */
const LINES_A_MINUTE = 100_000;
const LINES_A_DAY = 300_000;
export const BUDGET: BudgetLimits = { linesAMinute: LINES_A_MINUTE, linesADay: LINES_A_DAY };

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;

interface Spent {
  /** Lines by the minute in which they were asked. */
  readonly minutes: Map<number, number>;
}

export interface Free {
  readonly thisMinute: number;
  readonly today: number;
}

export class Budget {
  readonly #limits: BudgetLimits;
  readonly #spent = new Map<string, Spent>();
  readonly #askedSince: (officer: string, since: number) => Promise<readonly number[]>;

  constructor(
    limits: BudgetLimits,
    askedSince: (officer: string, since: number) => Promise<readonly number[]>,
  ) {
    this.#limits = limits;
    this.#askedSince = askedSince;
  }

  async free(officer: string, nowMs: number): Promise<Free> {
    return this.#free(await this.#of(officer, nowMs), nowMs);
  }

  #free({ minutes }: Spent, nowMs: number): Free {
    const minute = Math.floor(nowMs / MINUTE_MS);
    let today = 0;
    for (const [at, lines] of minutes) {
      if ((minute - at) * MINUTE_MS >= DAY_MS) minutes.delete(at);
      else today += lines;
    }
    return {
      thisMinute: Math.max(0, this.#limits.linesAMinute - (minutes.get(minute) ?? 0)),
      today: Math.max(0, this.#limits.linesADay - today),
    };
  }

  /** Takes so many lines, all or none. Throws SCREENING_BUDGET. */
  async spend(officer: string, lines: number, nowMs: number): Promise<void> {
    const spent = await this.#of(officer, nowMs);
    // From here to the end nothing is awaited: two calls at once do not both take the last lines.
    const { thisMinute, today } = this.#free(spent, nowMs);
    if (lines > today) throw over(lines, today, this.#limits.linesADay, 'in 24 hours');
    if (lines > thisMinute) throw over(lines, thisMinute, this.#limits.linesAMinute, 'a minute');
    const minute = Math.floor(nowMs / MINUTE_MS);
    spent.minutes.set(minute, (spent.minutes.get(minute) ?? 0) + lines);
  }

  async #of(officer: string, nowMs: number): Promise<Spent> {
    const known = this.#spent.get(officer);
    if (known !== undefined) return known;
    const minutes = new Map<number, number>();
    for (const at of await this.#askedSince(officer, nowMs - DAY_MS)) {
      const minute = Math.floor(at / MINUTE_MS);
      minutes.set(minute, (minutes.get(minute) ?? 0) + 1);
    }
    const spent = this.#spent.get(officer) ?? { minutes };
    this.#spent.set(officer, spent);
    return spent;
  }
}

const over = (lines: number, free: number, most: number, per: string): ScreeningError =>
  new ScreeningError(
    'SCREENING_BUDGET',
    `expected at most ${free} more questions of this officer (${most} ${per}), got ${lines}: ask the rest later`,
    { facts: { lines, free, most } },
  );
