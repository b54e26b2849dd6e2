/**
 * A draft as the record that it would become, so that the desk policy judges drafts by the same rules as records: who may read
 * which facet, who may release.
 */

import type { DeskGroup } from '../gen/tocsin/record/v1/marking.ts';
import type { RecordContent } from '../record/index.ts';
import {
  assembleRecord,
  contentFromJson,
  facetOf,
  logOrigin,
  netToken,
  statedWorld,
  titleOf,
  type World,
  worldOf,
} from '../record/index.ts';
import type { StoredDraft } from '../store/index.ts';
import { type Access, notFound } from './access.ts';
import { askedOf, judgeFacet, judgeRecord } from './open-record.ts';
import type { DeskNode, JudgedRecord } from './ports.ts';
import type { OfficerSession } from './session.ts';
import { marked } from './world.ts';

export interface OpenedDraft {
  readonly draft: StoredDraft;
  readonly title: string;
  readonly world: World;
  /** Undefined where time or a newer version made the content unreadable: it can then only be discarded. */
  readonly content: RecordContent | undefined;
  readonly judged: JudgedRecord | undefined;
}

/** Takes what is wrong with a request. */
interface Faults {
  fault(path: string, code: string, message: string): void;
}

const MINUTE_MS = 60_000;
/** Nothing of an imagined record is signed or sent, so its id and salts need no randomness. */
const NO_SALT = () => new Uint8Array(32);
const NO_ID = new Uint8Array(16);

export function openDraft(node: DeskNode, draft: StoredDraft): OpenedDraft {
  const nowMs = node.clock.nowMs();
  const json: unknown = JSON.parse(draft.content);
  const { content } = contentFromJson(json, { deskGroup: draft.deskGroup as DeskGroup, nowMs });
  if (content === undefined) {
    const world = statedWorld(json) ?? 'live';
    return { draft, world, title: marked(draft.kind, world), content: undefined, judged: undefined };
  }
  const world = worldOf(content.marking.status);
  const title = marked(titleOf(content.kind, content.facets), world);
  return { draft, world, title, content, judged: imagine(node, content) };
}

/** The record that content would become, with nothing of it signed or kept. */
export function imagine(node: DeskNode, content: RecordContent): JudgedRecord {
  const released = Math.floor(node.clock.nowMs() / MINUTE_MS) * MINUTE_MS;
  return assembleRecord({
    network: node.network,
    logOrigin: logOrigin(netToken(node.network), node.self, worldOf(content.marking.status), 1),
    originator: node.self,
    recordId: NO_ID,
    revision: 1,
    content: {
      ...content,
      // A draft that time has overtaken is still shown and judged; only its release will be refused.
      expires: Math.max(content.expires, released + MINUTE_MS),
      reviewBy: Math.min(
        Math.max(content.reviewBy, released),
        Math.max(content.expires, released + MINUTE_MS),
      ),
    },
    released,
    salt: NO_SALT,
  });
}

/** Whether the desk policy lets the officer release it, four eyes apart. */
export const mayRelease = (access: Access, session: OfficerSession, opened: OpenedDraft) =>
  opened.judged === undefined
    ? undefined
    : judgeRecord(access, session, 'release', { ...opened.judged, items: undefined });

/** Its drafter, its desk group, and whoever may release it. */
export const maySeeDraft = (access: Access, session: OfficerSession, opened: OpenedDraft): boolean =>
  opened.world === session.world &&
  (opened.draft.drafter === session.fingerprint ||
    (opened.draft.deskGroup === session.deskGroup && access.judge(session, 'work').allowed) ||
    mayRelease(access, session, opened)?.allowed === true);

/** The opened draft, or NOT_FOUND where there is none for this officer. */
export function requireDraft(
  access: Access,
  node: DeskNode,
  session: OfficerSession,
  draft: StoredDraft | undefined,
): OpenedDraft {
  const opened = draft === undefined ? undefined : openDraft(node, draft);
  if (opened === undefined || !maySeeDraft(access, session, opened)) throw notFound('draft');
  return opened;
}

/**
 * Facets of a draft that the officer may not read. The drafter reads what he wrote; a revision begins with what others wrote, a source
 * among it that this role never reads (R9).
 */
export function hiddenFacets(
  access: Access,
  session: OfficerSession,
  opened: OpenedDraft,
): readonly string[] {
  const { draft, judged, content } = opened;
  const isHisOwn = draft.drafter === session.fingerprint && draft.revises === undefined;
  if (isHisOwn || judged === undefined || content === undefined) return [];
  return Object.keys(content.facets).filter((facet) => !mayReadFacet(access, session, judged, facet));
}

/**
 * New content for a draft with the facets that are hidden from the officer as they are: what he may not read he does not change either. A fault
 * where he states one of them.
 */
export function keepHidden(
  fields: Faults,
  content: unknown,
  draft: StoredDraft,
  hidden: readonly string[],
): unknown {
  if (hidden.length === 0 || typeof content !== 'object' || content === null) return content;
  const given: Readonly<Record<string, unknown>> =
    'facets' in content && typeof content.facets === 'object' ? { ...content.facets } : {};
  for (const facet of hidden)
    if (given[facet] !== undefined)
      fields.fault(
        `facets.${facet}`,
        'WITHHELD',
        'expected it left out: this role may not read or change it',
      );
  const { facets } = JSON.parse(draft.content) as { readonly facets: Readonly<Record<string, unknown>> };
  const kept = Object.fromEntries(hidden.map((facet) => [facet, facets[facet]]));
  return { ...content, facets: { ...given, ...kept } };
}

const mayReadFacet = (
  access: Access,
  session: OfficerSession,
  judged: JudgedRecord,
  facet: string,
): boolean => {
  const facetClass = facetOf(judged.signed.header.kind, facet)?.class ?? '';
  return judgeFacet(access, session, askedOf(judged, session, undefined, facet), facetClass).allowed;
};
