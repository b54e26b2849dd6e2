/** What every step of the life cycle is made with, and the few things they all do. */

import { hex } from '../base/bytes.ts';
import type { Clock, Random } from '../base/clock.ts';
import type { FieldFault } from '../base/error.ts';
import {
  ANSWER,
  contentFromJson,
  contentToJson,
  type RecordContent,
  TASKING,
  validateContent,
} from '../record/index.ts';
import type { AuditEntry, Store, StoredDraft } from '../store/index.ts';
import { refuse } from './errors.ts';
import type { FanoutPort, LedgerPort, Officer, PolicyPort, SelfPort } from './ports.ts';

export interface LifecycleDeps<View> {
  readonly store: Store;
  /** The policies in force now; asked anew at every release. */
  readonly policy: () => PolicyPort<View>;
  readonly ledger: LedgerPort;
  readonly exchange: FanoutPort<View>;
  readonly self: SelfPort;
  readonly clock: Clock;
  readonly random: Random;
}

/** Kinds that only the node itself states: about the exchange, never written by an officer. */
const NODE_KINDS: ReadonlySet<string> = new Set([
  'receipt',
  'disclosure',
  'recall',
  TASKING,
  ANSWER,
  'breach-report',
  'canary',
  'audit-anchor',
  'break-glass',
]);

/** Content of an officer's JSON. Throws INVALID with every fault of form and meaning, NOT_DRAFTABLE for control kinds. */
export function readTyped(
  json: unknown,
  officer: Officer,
  nowMs: number,
): { readonly content: RecordContent; readonly flags: readonly FieldFault[] } {
  const { content, faults } = contentFromJson(json, { deskGroup: officer.deskGroup, nowMs });
  if (!content) throw invalid(faults);
  if (NODE_KINDS.has(content.kind))
    throw refuse('NOT_DRAFTABLE', `records of kind ${content.kind} are made by the node, not drafted`);
  const judged = validateContent(content, { mode: 'typed', nowMs });
  if (judged.faults.length > 0) throw invalid(judged.faults);
  return { content, flags: judged.flags };
}

export const invalid = (faults: readonly FieldFault[]) =>
  refuse('INVALID', `expected valid content, got faults in ${pathsOf(faults)}`, { faults });

const pathsOf = (faults: readonly FieldFault[]): string => {
  const paths = [...new Set(faults.map(({ path }) => path || 'the whole'))];
  return paths.length > 5 ? `${paths.slice(0, 5).join(', ')} and ${paths.length - 5} more` : paths.join(', ');
};

/** The content of a stored draft. It was valid when it was written; time may have overtaken it. */
export function readStored(draft: StoredDraft, nowMs: number): RecordContent {
  const { content, faults } = contentFromJson(JSON.parse(draft.content), {
    deskGroup: draft.deskGroup as Officer['deskGroup'],
    nowMs,
  });
  if (!content) throw invalid(faults);
  const mode = draft.importKey === undefined ? 'typed' : 'imported';
  const judged = validateContent(content, { mode, nowMs });
  if (judged.faults.length > 0) throw invalid(judged.faults);
  return content;
}

/** The text under which a draft keeps content and the faults that an import was forgiven. */
export const storedContent = (content: RecordContent): string => JSON.stringify(contentToJson(content));

export const storedFlags = (flags: readonly FieldFault[]): string => JSON.stringify(flags);

/** The flags of a draft, as they were when it was last written. */
export function flagsOf(draft: StoredDraft): readonly FieldFault[] {
  const flags: unknown = JSON.parse(draft.flags);
  return Array.isArray(flags) ? flags : [];
}

export const unknownDraft = (id: string) =>
  refuse('NOT_FOUND', 'expected the id of a draft of this node, got another', { facts: { draft: id } });

export const auditOf = (
  officer: Officer,
  at: number,
  action: string,
  subject: string | Uint8Array,
  detail: AuditEntry['detail'] = {},
): AuditEntry => ({
  at,
  actor: officer.fingerprint,
  action,
  subject: typeof subject === 'string' ? subject : hex(subject),
  detail: { officer: officer.name, ...officer.facts, ...detail },
});

/** Milliseconds of the whole minute: a record's time of release says no more. */
export const wholeMinute = (ms: number): number => Math.floor(ms / 60_000) * 60_000;
