/**
 * The network's default disclosure table: facet × recipient's purpose (domain: sharing rules, default disclosure). It
 * reaches the policies as `context.facet.table`, so that Cedar states the rule (R7) and this file the data. A marking
 * may only narrow it: it says yes, or yes where the marking names the facet, or no.
 */
import { Purpose } from '../gen/tocsin/record/v1/marking.ts';
import type { FacetClass } from '../record/index.ts';

export type TableAnswer = 'yes' | 'if-named' | 'no';

/** The columns of the table. Purposes that it does not list share a column or have one below. */
const COLUMNS: readonly (readonly Purpose[])[] = [
  [Purpose.PURPOSE_LICENSING],
  [Purpose.PURPOSE_CUSTOMS_CONTROL, Purpose.PURPOSE_BORDER],
  [Purpose.PURPOSE_INVESTIGATION],
  [Purpose.PURPOSE_TRACE],
  [Purpose.PURPOSE_WARNING],
  [Purpose.PURPOSE_THREAT_ANALYSIS],
  [Purpose.PURPOSE_STATISTICS],
  [Purpose.PURPOSE_IDENTIFY_OBJECT],
  [Purpose.PURPOSE_FORENSIC],
  [Purpose.PURPOSE_SECURITY_CHECK],
  [Purpose.PURPOSE_REDRESS],
];

/** `+` yes, `o` yes where the marking names the facet, `-` no; one sign per column. */
const ROW_OF_CLASS: Readonly<Record<FacetClass, string>> = {
  //  LICENSING CUSTOMS,BORDER INVESTIGATION TRACE WARNING THREAT STATISTICS IDENTIFY FORENSIC VETTING REDRESS
  S: '+ + + + + + + + + + +',
  M: '+ - + - - + - - - + -',
  O: '- o + - - + - - - - -',
  P: '- o + - - - - o - - -',
  A: '- o o o - o - o o - -',
  X: '- - - - - - - - - - -',
  N: '- - - - - - - - - - -',
};

/** Facets that differ from their class. */
const ROW_OF_FACET: ReadonlyMap<string, string> = new Map([
  ['entities', '+ + + - - + - - - + -'],
  ['document', '+ + + - - + - - + + -'],
  ['items', '+ + + + o + - + + - -'],
  ['identifiers', 'o + + + - + - + + - -'],
  ['route', '- + + - o + - - - - -'],
  ['place', '- + + - o + - - - - -'],
  ['conveyance', '- + + - o + - - - - -'],
  ['legal', '+ o + - - + - - - + -'],
  ['assessment', '+ o + - - + - - - + -'],
  ['forensics', '+ + + - - + - - + - -'],
  ['verification', '+ + + - - + - - + - -'],
  ['finance', '- - + - - o - - - - -'],
  ['price', '- - + - - + - - - - -'],
  ['basis', '- - o - - + - - - - -'],
  // Exclusions and consents: the marking layer lets it go only to nodes that may pass the record on (R11).
  ['distribution', '- - - - - + - - - - -'],
]);

const ANSWERS: Readonly<Record<string, TableAnswer>> = { '+': 'yes', o: 'if-named', '-': 'no' };

const column = (purpose: Purpose): number => COLUMNS.findIndex((group) => group.includes(purpose));

/** What the table says; `no` for a purpose that it does not know. */
export function tableAnswer(facet: string, facetClass: FacetClass, purpose: Purpose): TableAnswer {
  const row = ROW_OF_FACET.get(facet) ?? ROW_OF_CLASS[facetClass];
  const sign = row.split(' ')[column(purpose)];
  return (sign === undefined ? undefined : ANSWERS[sign]) ?? 'no';
}
