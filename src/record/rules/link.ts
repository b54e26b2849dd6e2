/** Rules of `link`: a relation between two records, disclosed only where both are. */
import { Link, LinkRole } from '../../gen/tocsin/record/v1/link.ts';
import type { ContentView, FacetReader } from '../kind-row.ts';
import { checkRecordRef, expectChoice, expectFacet } from './basics.ts';
import { wordsOf } from './words.ts';

export function linkRules(view: ContentView): void {
  const link = view.facet('link', Link);
  expectFacet(view, 'link', link !== undefined);
  if (link === undefined) return;
  expectChoice(view, 'facets.link.role', link.role);
  for (const end of ['from', 'to'] as const) {
    const ref = link[end];
    if (ref === undefined) view.fault(`facets.link.${end}`, 'REQUIRED', 'expected a record, got none');
    else checkRecordRef(view, `facets.link.${end}`, ref);
  }
  const same =
    link.from !== undefined &&
    link.to !== undefined &&
    link.from.originator === link.to.originator &&
    Buffer.compare(link.from.recordId, link.to.recordId) === 0;
  if (same) view.fault('facets.link.to', 'SELF_LINK', 'expected another record than the first');
}

export function linkTitle(facet: FacetReader): string | undefined {
  const link = facet('link', Link);
  return link === undefined ? undefined : `Link: ${wordsOf(LinkRole, 'LINK_ROLE', link.role)}`;
}
