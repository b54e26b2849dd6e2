/** A stored record opened for one officer: may it be known, which facets are shown, who withholds the others. */
import { DisclosedFacet } from '../gen/tocsin/record/v1/header.ts';
import { isMeant } from '../policy/index.ts';
import { facetOf, judgeHeader, type SignedHeader } from '../record/index.ts';
import type {
  InboxItem,
  LateRecord,
  ReadTx,
  StoredFacet,
  StoredOpening,
  StoredRecord,
} from '../store/index.ts';
import type { Access } from './access.ts';
import { markOf } from './marks.ts';
import type { DeskAction, DeskNode, DeskQuestion, JudgedRecord } from './ports.ts';
import { isAboutPersons, lockedBy } from './recall-lock.ts';
import type { OfficerSession } from './session.ts';
import {
  anyOf,
  type DeskDecision,
  type FacetQuestion,
  type FacetVerdict,
  type Grant,
  hasCondition,
  judgeFacetsShown,
} from './visibility.ts';

/** What the store holds of one record. */
export interface HeldRecord extends JudgedRecord {
  readonly record: StoredRecord;
  /** Undefined for records of this node. */
  readonly items: readonly InboxItem[] | undefined;
  /** Members that were put out when it came, and nobody here knew. */
  readonly late: readonly LateRecord[];
}

/** A held record as one officer sees it. */
export interface OpenedRecord extends HeldRecord {
  /** One per facet of the kind, in its order. */
  readonly verdicts: readonly FacetVerdict[];
  readonly conditionPending: boolean;
}

const disclosed = ({ facet, salt, body }: StoredFacet): DisclosedFacet =>
  DisclosedFacet.fromPartial({ facet, salt: Buffer.from(salt), body: Buffer.from(body) });

/** The header as it was judged when it was stored; anything else is a damaged store. */
function signedHeaderOf(network: Uint8Array, record: StoredRecord): SignedHeader {
  const judged = judgeHeader(network, record.header);
  if (judged.ok) return judged.value;
  throw new Error(`a stored header does not read as one: ${judged.detail}`);
}

export async function holdRecord(
  tx: Pick<ReadTx, 'records' | 'inbox' | 'membership'>,
  network: Uint8Array,
  record: StoredRecord,
): Promise<HeldRecord> {
  return {
    late: record.origin === 'own' ? [] : await tx.membership.lateRecords([record.headerDigest]),
    record,
    signed: signedHeaderOf(network, record),
    facets: (await tx.records.facets(record.headerDigest)).map(disclosed),
    items: record.origin === 'own' ? undefined : await tx.inbox.ofRecord(record.headerDigest),
  };
}

/** The question on one record, or one facet of it, that the desk policy is asked; of partners' under one of the grants. */
export const askedOf = (
  held: Pick<HeldRecord, 'signed' | 'facets'>,
  session: OfficerSession,
  grant: Grant | undefined,
  facet?: string,
  opened = false,
): Required<Pick<DeskQuestion, 'record'>> => ({
  record: {
    signed: held.signed,
    facets: held.facets,
    own: grant === undefined,
    meant: grant === undefined || isMeant(grant, session, facet),
    // The condition is judged apart, so that the policy's own answer is not hidden behind it.
    conditionAccepted: true,
    facetClass: facet === undefined ? '' : (facetOf(held.signed.header.kind, facet)?.class ?? ''),
    opened,
  },
});

/** One action on a record: for partners' records any of the grants is enough. */
export const judgeRecord = (
  access: Access,
  session: OfficerSession,
  action: DeskAction,
  held: Pick<HeldRecord, 'signed' | 'facets' | 'items'>,
  opened = false,
): DeskDecision => {
  const judge = (item: InboxItem | undefined) =>
    access.judge(session, action, askedOf(held, session, item, undefined, opened));
  return held.items === undefined ? judge(undefined) : anyOf(held.items, judge);
};

/** Reading one facet. What identifies a source has an action of its own; the rule that forbids it explains the refusal. */
export function judgeFacet(
  access: Access,
  session: OfficerSession,
  asked: Required<Pick<DeskQuestion, 'record'>>,
  facetClass: FacetVerdict['class'],
): DeskDecision {
  const read = access.judge(session, 'read', asked);
  if (facetClass !== 'X') return read;
  const source = access.judge(session, 'read-source', asked);
  return source.allowed ? source : { ...(read.allowed ? source : read), allowed: false };
}

/** An opening of this officer that holds: which facets, until when. */
export type Glass = Pick<StoredOpening, 'facets' | 'until'>;

/**
 * Undefined where the officer may not even know that it exists. `glass` counts only where it is passed: what was opened in an
 * emergency is read, not passed on, exported or searched.
 */
export async function openHeld(
  tx: Pick<ReadTx, 'meta'>,
  access: Access,
  held: HeldRecord,
  session: OfficerSession,
  glass: readonly Glass[] = [],
): Promise<OpenedRecord | undefined> {
  const known = judgeRecord(access, session, 'read', held).allowed;
  if (!known && (glass.length === 0 || !judgeRecord(access, session, 'read', held, true).allowed))
    return undefined;
  const { header } = held.signed;
  const own = held.items === undefined;
  const conditionPending =
    !own &&
    hasCondition(header.marking) &&
    (await markOf(tx, {
      what: 'condition',
      headerDigest: held.record.headerDigest,
      deskGroup: session.deskGroup,
    })) === undefined;
  const question: Omit<FacetQuestion, 'judge'> = {
    facets: header.commitments.map(({ facet }) => ({
      name: facet,
      class: facetOf(header.kind, facet)?.class ?? '',
    })),
    held: new Set(held.facets.map(({ facet }) => facet)),
    grants: held.items,
    conditionPending,
  };
  const senders = held.items?.map(({ sender }) => sender) ?? [];
  const isCutOff = access.isCutOffFrom(header.originator, senders);
  const isLocked = (name: string, facetClass: FacetVerdict['class']): boolean =>
    isCutOff && isAboutPersons(facetClass, held.facets.find(({ facet }) => facet === name)?.body);
  const judged = (opened: boolean): readonly FacetVerdict[] =>
    judgeFacetsShown({
      ...question,
      judge(facet, facetClass, grant) {
        const asked = askedOf(held, session, grant, facet, opened);
        const decision = judgeFacet(access, session, asked, facetClass);
        return decision.allowed && isLocked(facet, facetClass) ? lockedBy(header.originator) : decision;
      },
    });
  const byRight = judged(false);
  const verdicts = glass.length === 0 ? byRight : throughGlass(byRight, judged(true), glass);
  return { ...held, verdicts, conditionPending };
}

/** What is not shown by right, and is opened, is shown as long as its opening lasts. */
const throughGlass = (
  byRight: readonly FacetVerdict[],
  opened: readonly FacetVerdict[],
  glass: readonly Glass[],
): readonly FacetVerdict[] =>
  byRight.map((verdict, index) => {
    const through = opened[index];
    const untils = glass.filter(({ facets }) => facets.includes(verdict.facet)).map(({ until }) => until);
    return verdict.withheld?.by === 'desk' && through?.withheld === undefined && untils.length > 0
      ? { facet: verdict.facet, class: verdict.class, openUntil: Math.max(...untils) }
      : verdict;
  });

/** The facets shown, in the order of the kind's table. */
export const shownFacets = (opened: OpenedRecord): readonly DisclosedFacet[] =>
  opened.verdicts.flatMap((verdict) => {
    if (verdict.withheld !== undefined) return [];
    return opened.facets.filter((facet) => facet.facet === verdict.facet);
  });

/** A title is made of class S: it is shown where all that is held of that class is. */
export const titleShown = (opened: OpenedRecord): boolean =>
  opened.verdicts.every(
    ({ class: facetClass, withheld }) =>
      facetClass !== 'S' || withheld === undefined || withheld.by === 'originator',
  );

/** Names of the shown facets as the audit records them; empty facets tell nothing and are not. */
export const filledFacets = (opened: OpenedRecord): readonly string[] =>
  opened.verdicts
    .filter((verdict) => verdict.withheld === undefined)
    .map((verdict) => verdict.facet)
    .filter((name) => opened.facets.some((facet) => facet.facet === name && facet.body.length > 0));

/** The record of a digest, opened; NOT_FOUND otherwise. */
export async function openByDigest(
  tx: Pick<ReadTx, 'records' | 'inbox' | 'membership' | 'meta'>,
  deps: { readonly access: Access; readonly node: Pick<DeskNode, 'network'> },
  headerDigest: Uint8Array,
  session: OfficerSession,
  glass: readonly Glass[] = [],
): Promise<OpenedRecord | undefined> {
  const record = await tx.records.byDigest(headerDigest);
  if (record === undefined) return undefined;
  return openHeld(tx, deps.access, await holdRecord(tx, deps.node.network, record), session, glass);
}
