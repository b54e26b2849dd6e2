/** What an agreement of numbers is called and worth, together with what is known beside them. */
import type { Comparison } from './fields.ts';
import type { AboutField, Agreement, IdentifierBand } from './listed.ts';
import type { Closeness } from './number-tables.ts';
import type { SchemeRow } from './schemes.ts';

export interface NumbersCompared {
  readonly closeness: Closeness;
  /** Strict keys are the same: no look-alike had to be folded. */
  readonly strict: boolean;
  /** Verdict of the scheme's own check; undefined where it has none. */
  readonly queryOk: boolean | undefined;
  readonly listedOk: boolean | undefined;
}

const agrees = (comparison: Comparison, field: AboutField): boolean =>
  comparison.findings[field] === 'agrees';

const differs = (comparison: Comparison, fields: readonly AboutField[]): boolean =>
  fields.some((field) => comparison.findings[field] === 'differs');

/** Undefined where numbers that are near one another say nothing: both pass their check, so neither is a misread other. */
export function agreementOf(
  scheme: SchemeRow,
  numbers: NumbersCompared,
  comparison: Comparison,
): Agreement | undefined {
  const withMaker = scheme.standing === 'made' && agrees(comparison, 'maker');
  switch (numbers.closeness) {
    case 'same':
      if (scheme.paper && differs(comparison, scheme.fields)) return 'same-number-other-fields';
      if (numbers.strict) return withMaker ? 'exact-with-maker' : 'exact';
      return withMaker ? 'folded-with-maker' : 'folded';
    case 'one':
      if (numbers.queryOk === undefined) return 'one-difference';
      return numbers.queryOk === numbers.listedOk ? undefined : 'corrected';
    default:
      return numbers.closeness;
  }
}

/** Serial alone, and what is merely near it, is a lead: makers use the same numbers (International Tracing Instrument §8). */
export function bandOf(scheme: SchemeRow, agreement: Agreement, comparison: Comparison): IdentifierBand {
  const exact = agreement === 'exact' || agreement === 'exact-with-maker';
  switch (scheme.standing) {
    case 'made': {
      if (!agrees(comparison, 'maker')) return 'lead';
      return exact && agrees(comparison, 'calibre') ? 'hit' : 'candidate';
    }
    case 'unique':
      return exact ? 'hit' : 'candidate';
    case 'issued': {
      if (agreement === 'same-number-other-fields') return 'candidate';
      const sameIssuer =
        (agrees(comparison, 'issuer') || agrees(comparison, 'country')) &&
        !differs(comparison, ['issuer', 'country']);
      if (!sameIssuer) return 'lead';
      return exact ? 'hit' : 'candidate';
    }
    case 'passing':
      return differs(comparison, scheme.fields) && !agrees(comparison, 'name') && !agrees(comparison, 'flag')
        ? 'lead'
        : 'candidate';
  }
}
