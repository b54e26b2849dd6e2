/**
 * Entries by who may meet them: entries alike in everything that the desk policy turns on share a small number, so that a
 * searcher's permissions are decided once a class and not once an entry. What a class cannot stand for, a condition that a desk
 * group may accept any minute, or a class too many, has a number of its own and is decided hit by hit.
 */
import type { DeskFacts } from '../../policy/index.ts';
import { type DeskJudge, mayScreen, type Screened, type Searcher } from './viewer.ts';

const MOST_CLASSES = 4_096;
/** Met by everybody here, and judged before it is told. */
export const JUDGED_SINGLY = 65_535;
/** The same of what is referred (R16). */
export const REFERRED_SINGLY = 65_534;
/** Searchers remembered: desk groups × roles × purposes × worlds are fewer. */
const REMEMBERED = 512;

export interface PolicyClass {
  readonly key: string;
  readonly restsOn: readonly string[];
  readonly refer: boolean;
  /** An instant at which the representative is current. */
  readonly atMs: number;
  readonly representative: Screened;
}

export interface Permitted {
  /** Classes whose entries are told. */
  readonly shown: ReadonlySet<number>;
  /** Classes whose entries are not told, and their originators are (R16). */
  readonly referred: ReadonlySet<number>;
}

/** Facets that the policy reads: what stands for many records needs no more. */
const READ_BY_POLICY: ReadonlySet<string> = new Set(['summary', 'distribution', 'attachments']);

interface Remembered {
  readonly shown: Set<number>;
  readonly referred: Set<number>;
  /** Classes decided so far. */
  upTo: number;
}

export class PolicyClasses {
  readonly #classes: PolicyClass[] = [];
  readonly #numbers = new Map<string, number>();
  readonly #permitted = new Map<string, Remembered>();
  #digest = '';
  #refersSingly: boolean;

  constructor(classes: readonly PolicyClass[] = [], refersSingly = false) {
    this.#refersSingly = refersSingly;
    for (const one of classes) this.#keep(one);
  }

  get all(): readonly PolicyClass[] {
    return this.#classes;
  }

  /** Whether anything was ever to be referred. */
  get refers(): boolean {
    return this.#refersSingly || this.#classes.some(({ refer }) => refer);
  }

  /** The number for what stands in some facets of a record. */
  of(record: Screened, facts: DeskFacts, restsOn: readonly string[]): number {
    const refer = facts.refer && record.items !== undefined;
    const singly = (): number => {
      this.#refersSingly ||= refer;
      return refer ? REFERRED_SINGLY : JUDGED_SINGLY;
    };
    if (facts.conditional && record.items !== undefined) return singly();
    const key = keyOf(record, facts, restsOn);
    const known = this.#numbers.get(key);
    if (known !== undefined) return known;
    if (this.#classes.length >= MOST_CLASSES) return singly();
    const { signed, items } = record;
    return this.#keep({
      key,
      restsOn,
      refer,
      atMs: facts.from,
      representative: {
        signed,
        items,
        facets: record.facets.filter(({ facet }) => READ_BY_POLICY.has(facet)),
      },
    });
  }

  #keep(one: PolicyClass): number {
    const number = this.#classes.push(one) - 1;
    this.#numbers.set(one.key, number);
    return number;
  }

  /** What a searcher may meet under the policies in force. */
  permitted(policy: DeskJudge, searcher: Searcher): Permitted {
    if (policy.digest !== this.#digest) {
      this.#permitted.clear();
      this.#digest = policy.digest;
    }
    const { node, deskGroup, role, purpose, purposes, world } = searcher;
    const key = JSON.stringify([node, deskGroup, role, purpose ?? 0, purposes, world]);
    let known = this.#permitted.get(key);
    if (known === undefined) {
      if (this.#permitted.size >= REMEMBERED) this.#permitted.clear();
      known = { shown: new Set([JUDGED_SINGLY]), referred: new Set([REFERRED_SINGLY]), upTo: 0 };
      this.#permitted.set(key, known);
    }
    for (; known.upTo < this.#classes.length; known.upTo++) {
      const one = this.#classes[known.upTo];
      if (one === undefined || !mayScreen(policy, searcher, one.representative, one.restsOn, one.atMs, false))
        continue;
      (one.refer ? known.referred : known.shown).add(known.upTo);
    }
    return known;
  }
}

function keyOf({ items, signed }: Screened, { alike }: DeskFacts, restsOn: readonly string[]): string {
  const ways = items
    ?.filter(({ facets }) => restsOn.every((facet) => facets.includes(facet)))
    .map(({ audience, facetAudiences }) =>
      JSON.stringify([
        [...audience.deskGroups].sort(),
        [...audience.purposes].sort(),
        facetAudiences
          .filter(({ facet }) => restsOn.includes(facet))
          .map(({ facet, audience: narrower }) => [
            facet,
            [...(narrower?.deskGroups ?? [])].sort(),
            [...(narrower?.purposes ?? [])].sort(),
          ])
          .sort(),
      ]),
    );
  return JSON.stringify([signed.header.kind, restsOn, alike, ways && [...new Set(ways)].sort()]);
}
