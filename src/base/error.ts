/**
 * The one shape of thrown errors. A folder derives its own class with a closed set of codes. Expected disbelief in a
 * stranger's claim is not thrown at all: see verdict.ts.
 */

/**
 * Whether the same call may succeed later: `no` = the input is wrong; `later` = the world is; `fatal` = the state of
 * the component is unknown and it must reload from its store.
 */
export type Retry = 'no' | 'later' | 'fatal';

/** Facts safe to log and to show to whoever called: ids, sizes, field names; never record content. */
export type PublicFacts = Readonly<Record<string, string | number | boolean>>;

export interface ErrorOptions<Code extends string> {
  readonly code: Code;
  /** Lower case: what was expected, what came, what to do. No personal data, no record content. */
  readonly message: string;
  readonly retry?: Retry;
  readonly facts?: PublicFacts;
  readonly cause?: unknown;
}

/** An error with a stable code. Match on `code`, never on text. */
export class TocsinError<Code extends string = string> extends Error {
  override readonly name: string = 'TocsinError';
  readonly code: Code;
  readonly retry: Retry;
  readonly facts: PublicFacts;

  constructor(options: ErrorOptions<Code>) {
    super(options.message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = options.code;
    this.retry = options.retry ?? 'no';
    this.facts = options.facts ?? {};
  }
}

/** A fault in one field of an input. */
export interface FieldFault {
  /** Dotted path with indices, as `items.weapons[3].quantity`. */
  readonly path: string;
  /** Stable, upper-case code. */
  readonly code: string;
  /** What was expected, what came, what to do. */
  readonly message: string;
}
