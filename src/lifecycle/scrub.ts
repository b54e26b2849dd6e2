/**
 * The second operator's step on a hotline report (R9): he takes out of the caller's words what could tell who called, before a controller
 * may release them. Whoever took the call cannot judge that himself, so the node asks for another certificate. What was scrubbed is what
 * is released: the mark holds the digest of the content, and any later change asks for another scrub.
 */
import { hex, utf8 } from '../base/bytes.ts';
import { sha256 } from '../record/index.ts';
import type { ReadTx, StoredDraft, WriteTx } from '../store/index.ts';
import { holdsCallersWords, REPORT_KIND } from './caller-words.ts';
import {
  auditOf,
  type LifecycleDeps,
  readTyped,
  storedContent,
  storedFlags,
  unknownDraft,
} from './context.ts';
import { type DraftResult, notSubmitted, type OnDraft } from './draft.ts';
import { refuse } from './errors.ts';
import type { Officer } from './ports.ts';

/** Who scrubbed a draft, and what of it. */
export interface Scrub {
  /** Fingerprint of the second operator's certificate. */
  readonly by: string;
  readonly at: number;
  /** SHA-256 of the draft's content as he left it, hex. */
  readonly content: string;
}

/** Kept in the node's facts under a key of the life cycle's own, as long as the draft. */
const keyOf = (draftId: string): string => `lifecycle/scrub/${draftId}`;
const digestOf = (content: string): string => hex(sha256(utf8(content)));

/** The scrub that a draft has as it stands; undefined where there is none, or the draft was changed since. */
export async function scrubOf(tx: Pick<ReadTx, 'meta'>, draft: StoredDraft): Promise<Scrub | undefined> {
  if (!holdsCallersWords(draft)) return undefined;
  const text = await tx.meta.getText(keyOf(draft.id));
  const scrub = text === undefined ? undefined : (JSON.parse(text) as Scrub);
  return scrub?.content === digestOf(draft.content) ? scrub : undefined;
}

/** Throws NOT_SCRUBBED, FOUR_EYES: whoever cleaned the words does not judge that they are clean. */
export function assertScrubbed(draft: StoredDraft, scrub: Scrub | undefined, officer: Officer): void {
  if (!holdsCallersWords(draft)) return;
  const facts = { draft: draft.id };
  if (scrub === undefined)
    throw refuse('NOT_SCRUBBED', 'expected a report that a second operator scrubbed; ask one', { facts });
  if (scrub.by === officer.fingerprint)
    throw refuse('FOUR_EYES', 'expected a releaser other than the operator who scrubbed it; ask another', {
      facts,
    });
}

/**
 * Replaces the content of a submitted report by a second operator's, and marks it as scrubbed; it stays submitted. Scrubbing again does no
 * harm. Throws NOT_FOUND, NOT_SUBMITTED, INVALID (another kind as well), FOUR_EYES (whoever took the report).
 */
export async function scrubDraft(
  deps: LifecycleDeps<unknown>,
  { officer, draftId, content: json }: OnDraft & { readonly content: unknown },
): Promise<DraftResult> {
  const now = deps.clock.nowMs();
  const { content, flags } = readTyped(json, officer, now);
  const change = { content: storedContent(content), flags: storedFlags(flags) };
  return deps.store.write(async (tx: WriteTx) => {
    const before = await tx.drafts.byId(draftId);
    if (!before) throw unknownDraft(draftId);
    if (!holdsCallersWords(before) || content.kind !== before.kind)
      throw refuse('INVALID', `expected a new ${REPORT_KIND}, other records are not scrubbed`, {
        faults: [{ path: 'kind', code: 'KIND_CHANGED', message: `expected ${REPORT_KIND}` }],
      });
    if (before.drafter === officer.fingerprint)
      throw refuse('FOUR_EYES', 'expected an operator other than the one who took the report; ask a second', {
        facts: { draft: draftId },
      });
    if (!(await tx.drafts.change(draftId, 'submitted', change, now))) throw notSubmitted(before);
    const scrub: Scrub = { by: officer.fingerprint, at: now, content: digestOf(change.content) };
    await tx.meta.setText(keyOf(draftId), JSON.stringify(scrub));
    await tx.audit.append([auditOf(officer, now, 'draft.scrubbed', draftId)]);
    return { draft: { ...before, ...change, updatedAt: now }, flags };
  });
}
