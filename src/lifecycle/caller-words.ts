/** Which drafts hold a caller's own words, and what is kept of them where they are given up (R9). */
import type { StoredDraft } from '../store/index.ts';

export const REPORT_KIND = 'hotline-report';

/** A revision has no words of a caller in it: it is drafted from what was scrubbed. */
export const holdsCallersWords = (draft: StoredDraft): boolean =>
  draft.kind === REPORT_KIND && draft.revises === undefined;

/**
 * What is kept of a report that is given up: its summary. The caller's own words, and what he told of himself, go at once, since nobody
 * needs them any more.
 */
export function contentOfDropped(draft: StoredDraft): string {
  if (!holdsCallersWords(draft)) return draft.content;
  const { facets, ...rest } = JSON.parse(draft.content) as {
    readonly facets: { readonly summary?: unknown };
  };
  return JSON.stringify({ ...rest, facets: { summary: facets.summary } });
}
