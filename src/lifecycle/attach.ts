/** Files of drafts: a blob that was stored becomes part of a draft's content in the transaction that makes it count. */
import { equalBytes, hex } from '../base/bytes.ts';
import { LIMITS } from '../base/limits.ts';
import { type Attachment, Attachments } from '../gen/tocsin/record/v1/shared_facets.ts';
import { facetOf, type RecordContent, validateContent } from '../record/index.ts';
import type { StoredDraft, WriteTx } from '../store/index.ts';
import {
  auditOf,
  invalid,
  type LifecycleDeps,
  readStored,
  storedContent,
  storedFlags,
  unknownDraft,
} from './context.ts';
import { notEditable, type OnDraft } from './draft.ts';
import { refuse } from './errors.ts';
import { ATTACHMENTS, filesOf } from './named-files.ts';
import type { Officer } from './ports.ts';

export interface AttachFile extends OnDraft {
  readonly file: Attachment;
  /** Bytes of the blob, which lies in the folder under the digest that the file states. */
  readonly blobBytes: number;
}

export interface Attached {
  readonly draft: StoredDraft;
  /** The file as the draft names it: the one of before where the same bytes were added before. */
  readonly file: Attachment;
}

/**
 * Whether the officer may add a file to the draft now. Throws NOT_DRAFTER, NOT_EDITABLE, INVALID where the kind takes no files
 * or the draft has as many as it may.
 */
export function judgeAttachable(draft: StoredDraft, officer: Officer, nowMs: number): RecordContent {
  if (draft.drafter !== officer.fingerprint)
    throw refuse('NOT_DRAFTER', 'expected the drafter; send it back with a note, or draft anew');
  if (draft.state !== 'draft') throw notEditable(draft);
  const content = readStored(draft, nowMs);
  if (facetOf(content.kind, ATTACHMENTS) === undefined)
    throw invalid([
      { path: `facets.${ATTACHMENTS}`, code: 'UNKNOWN_FACET', message: `a ${content.kind} takes no files` },
    ]);
  return content;
}

export interface DescribeFile extends OnDraft {
  /** Of the file, cleaned. */
  readonly sha256: Uint8Array;
  readonly caption: string;
}

/** Replaces the files of a draft within a transaction. Throws INVALID, NOT_EDITABLE where it was changed meanwhile. */
async function changeFiles(
  tx: WriteTx,
  before: StoredDraft,
  content: RecordContent,
  files: readonly Attachment[],
  now: number,
): Promise<StoredDraft> {
  const facets = { ...content.facets, [ATTACHMENTS]: Attachments.encode({ files: [...files] }).finish() };
  const changed = { ...content, facets };
  const judged = validateContent(changed, { mode: 'typed', nowMs: now });
  if (judged.faults.length > 0) throw invalid(judged.faults);
  const change = { content: storedContent(changed), flags: storedFlags(judged.flags) };
  if (!(await tx.drafts.change(before.id, 'draft', change, now))) throw notEditable(before);
  return { ...before, ...change, updatedAt: now };
}

/**
 * Another caption for a file of a draft not yet submitted; the same one changes nothing. The file as the draft names it. Throws
 * as `judgeAttachable`, NOT_FOUND, INVALID.
 */
export async function describeFile(
  deps: LifecycleDeps<unknown>,
  { officer, draftId, sha256, caption }: DescribeFile,
): Promise<Attachment> {
  return deps.store.write(async (tx) => {
    const now = deps.clock.nowMs();
    const before = await tx.drafts.byId(draftId);
    if (!before) throw unknownDraft(draftId);
    const content = judgeAttachable(before, officer, now);
    const files = filesOf(content);
    const known = files.find((one) => equalBytes(one.sha256, sha256));
    if (!known)
      throw refuse('NOT_FOUND', 'expected the SHA-256 of a file of this draft, got another', {
        facts: { draft: draftId },
      });
    if (known.caption === caption) return known;
    const file = { ...known, caption };
    await changeFiles(
      tx,
      before,
      content,
      files.map((one) => (one === known ? file : one)),
      now,
    );
    await tx.audit.append([auditOf(officer, now, 'draft.described', draftId, { file: hex(sha256) })]);
    return file;
  });
}

/**
 * Adds a file to a draft not yet submitted, and makes its blob count. The same bytes once more change nothing. Throws as
 * `judgeAttachable`, NOT_FOUND, INVALID.
 */
export async function attachFile(
  deps: LifecycleDeps<unknown>,
  { officer, draftId, file, blobBytes }: AttachFile,
): Promise<Attached> {
  return deps.store.write(async (tx) => {
    const now = deps.clock.nowMs();
    const before = await tx.drafts.byId(draftId);
    if (!before) throw unknownDraft(draftId);
    const content = judgeAttachable(before, officer, now);
    const files = filesOf(content);
    const known = files.find((one) => equalBytes(one.sha256, file.sha256));
    if (known) return { draft: before, file: known };
    if (files.length >= LIMITS.attachmentsPerRecord)
      throw invalid([
        {
          path: `facets.${ATTACHMENTS}.files`,
          code: 'TOO_MANY',
          message: `expected at most ${LIMITS.attachmentsPerRecord} files`,
        },
      ]);
    const draft = await changeFiles(tx, before, content, [...files, file], now);
    await tx.attachments.keep({ digest: file.blobSha256, size: blobBytes, at: now });
    await tx.audit.append([
      auditOf(officer, now, 'draft.attached', draftId, {
        file: hex(file.sha256),
        type: file.mime,
        bytes: file.size,
      }),
    ]);
    return { draft, file };
  });
}
