/**
 * Questions that are kept, turned round: names and numbers of declarations as entries, and what arrives as the question. It finds
 * whom to ask again; whether they meet is decided by asking them.
 */
import { IdentifierError } from '../identifiers/errors.ts';
import type { IdentifierIndex } from '../identifiers/identifier-index.ts';
import type { Scheme } from '../identifiers/listed.ts';
import { guessSchemes } from '../identifiers/readings.ts';
import type { PartyIndex } from '../names/party.ts';
import type { FoundParty } from './entries.ts';
import type { ReadQuery } from './query.ts';

/** A question's name is longer or shorter than the entry's: what would count against it as an entry is looked past. */
const CUT = 25;
const LIMIT = 1_000;

export interface Declaration {
  /** Number of the screening. */
  readonly number: bigint;
  readonly query: ReadQuery;
  /** Milliseconds UTC. */
  readonly keptUntil: number;
}

const NUMBER_LENGTH = 64;

/** What cannot be held or asked as a number meets nothing. */
function unlessNoNumber(step: () => void): void {
  try {
    step();
  } catch (error) {
    if (!(error instanceof IdentifierError)) throw error;
  }
}

export class Declarations {
  readonly #names: PartyIndex;
  readonly #numbers: IdentifierIndex;

  constructor(names: PartyIndex, numbers: IdentifierIndex) {
    this.#names = names;
    this.#numbers = numbers;
  }

  /** Whether there is none that anything could meet. */
  get isEmpty(): boolean {
    return this.#names.size === 0 && this.#numbers.size === 0;
  }

  add(declarations: readonly Declaration[]): void {
    this.#names.add(
      declarations.flatMap(({ number, query: { name }, keptUntil }) =>
        name === undefined
          ? []
          : [
              {
                id: String(number),
                subject: name.subject ?? 'unknown',
                names: [{ text: name.name, kind: 'primary' as const }],
                notAfter: keptUntil,
              },
            ],
      ),
    );
    for (const { number, query, keptUntil } of declarations) {
      if (query.number === undefined) continue;
      const { value, scheme } = query.number;
      const schemes: readonly Scheme[] = scheme === undefined ? guessSchemes(value) : [scheme];
      for (const each of schemes)
        unlessNoNumber(() =>
          this.#numbers.add([
            {
              entryId: String(number),
              scheme: each,
              value: value.slice(0, NUMBER_LENGTH),
              notAfter: keptUntil,
            },
          ]),
        );
    }
  }

  /** Numbers of screenings that may meet a party or a number. */
  near(
    parties: readonly FoundParty[],
    numbers: readonly { readonly scheme: Scheme; readonly value: string }[],
    nowMs: number,
  ): ReadonlySet<bigint> {
    const found = new Set<bigint>();
    for (const party of parties)
      for (const { text } of party.names)
        for (const { id } of this.#names.search({ name: text, cut: CUT, limit: LIMIT, nowMs }).hits)
          found.add(BigInt(id));
    for (const number of numbers)
      unlessNoNumber(() => {
        for (const { entryId } of this.#numbers.search({ ...number, limit: LIMIT, nowMs }).hits)
          found.add(BigInt(entryId));
      });
    return found;
  }
}
