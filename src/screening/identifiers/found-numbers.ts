/** Rows that one query found, judged, ranked, and written out for the best of them only. */
import { agreementOf, bandOf } from './agreement.ts';
import { alignNumbers } from './align.ts';
import { NONE } from './columns.ts';
import { type Comparison, compareFields } from './fields.ts';
import type { ItemStore } from './item-store.ts';
import type {
  About,
  Agreement,
  IdentifierBand,
  IdentifierHit,
  IdentifierQuery,
  ReasonLine,
} from './listed.ts';
import { type FoundRows, MOST_ROWS } from './number-tables.ts';
import { judgeNumber, type NumberKeys, numberKeys, type SchemeRow } from './schemes.ts';

interface Judged {
  readonly row: number;
  readonly scheme: SchemeRow;
  readonly query: string;
  /** As the list has it, and its strict key. */
  readonly value: string;
  readonly listed: string;
  readonly band: IdentifierBand;
  readonly agreement: Agreement;
  readonly comparison: Comparison;
  readonly queryOk: boolean | undefined;
  readonly listedOk: boolean | undefined;
}

const BANDS: readonly IdentifierBand[] = ['hit', 'candidate', 'lead'];
const AGREEMENTS: readonly Agreement[] = [
  'exact-with-maker',
  'exact',
  'same-number-other-fields',
  'folded-with-maker',
  'folded',
  'corrected',
  'one-difference',
  'partial',
  'core',
];

export class FoundNumbers {
  readonly #store: ItemStore;
  readonly #query: IdentifierQuery;
  readonly #judged = new Map<number, Judged>();

  constructor(store: ItemStore, query: IdentifierQuery) {
    this.#store = store;
    this.#query = query;
  }

  get count(): number {
    return this.#judged.size;
  }

  /** Judges what one reading found; false where a number has more rows than are followed. */
  take(
    scheme: SchemeRow,
    asked: string,
    keys: NumberKeys,
    queryOk: boolean | undefined,
    readAbout: About | undefined,
    found: FoundRows,
  ): boolean {
    const { classes, nowMs } = this.#query;
    const about = { ...readAbout, ...this.#query.about };
    const comparisons = new Map<number, Comparison>();
    let complete = true;
    for (const [first, closeness] of found) {
      let followed = 0;
      for (let row = first; row !== NONE; row = this.#store.nextSame(row)) {
        if (this.#store.isGone(row) || this.#judged.has(row)) continue;
        if (classes !== undefined && !classes.has(this.#store.policyClassOf(row))) continue;
        if (nowMs !== undefined && nowMs > this.#store.notAfterOf(row)) continue;
        if (++followed > MOST_ROWS) {
          complete = false;
          break;
        }
        const aboutNumber = this.#store.aboutNumberOf(row);
        const comparison =
          comparisons.get(aboutNumber) ?? compareFields(scheme.fields, about, this.#store.about(aboutNumber));
        comparisons.set(aboutNumber, comparison);
        const value = this.#store.valueOf(row);
        // Most answers are about the very same text.
        const listed = value === asked ? keys.strict : numberKeys(scheme, value).strict;
        const listedOk = judgeNumber(scheme, listed)?.ok;
        const numbers = { closeness, strict: listed === keys.strict, queryOk, listedOk };
        const agreement = agreementOf(scheme, numbers, comparison);
        if (agreement === undefined) continue;
        const band = bandOf(scheme, agreement, comparison);
        this.#judged.set(row, {
          row,
          scheme,
          query: keys.strict,
          value,
          listed,
          band,
          agreement,
          comparison,
          queryOk,
          listedOk,
        });
      }
    }
    return complete;
  }

  best(limit: number): readonly IdentifierHit[] {
    return [...this.#judged.values()]
      .sort(byWorth)
      .slice(0, limit)
      .map((judged) => this.#hit(judged));
  }

  #hit({
    row,
    scheme,
    query,
    value,
    listed,
    band,
    agreement,
    comparison,
    queryOk,
    listedOk,
  }: Judged): IdentifierHit {
    const lines: ReasonLine[] = [
      ...(queryOk === false ? [{ about: 'number-asked', finding: 'check-digit-fails' } as const] : []),
      ...(listedOk === false ? [{ about: 'number-listed', finding: 'check-digit-fails' } as const] : []),
      ...comparison.lines,
    ];
    return {
      entryId: this.#store.entryIdOf(row),
      scheme: scheme.scheme,
      value,
      listedAbout: this.#store.about(this.#store.aboutNumberOf(row)),
      policyClass: this.#store.policyClassOf(row),
      band,
      agreement,
      alignment: alignNumbers(query, listed),
      lines,
      notCompared: comparison.notCompared,
    };
  }
}

const tally = ({ comparison }: Judged): number => {
  let agrees = 0;
  for (const { finding } of comparison.lines)
    agrees += finding === 'agrees' ? 1 : finding === 'differs' ? -1 : 0;
  return agrees;
};

const byWorth = (one: Judged, other: Judged): number =>
  BANDS.indexOf(one.band) - BANDS.indexOf(other.band) ||
  AGREEMENTS.indexOf(one.agreement) - AGREEMENTS.indexOf(other.agreement) ||
  tally(other) - tally(one) ||
  one.row - other.row;
