/** RevisionService: what changed between two revisions, over what the officer is shown of both. */
import { equalBytes } from '../../base/bytes.ts';
import type {
  FacetDifference,
  FieldDifference,
  RevisionServiceDefinition,
} from '../../gen/tocsin/desk/v1/revision_service.ts';
import { Header } from '../../gen/tocsin/record/v1/header.ts';
import {
  type FieldChange,
  facetOf,
  fieldChanges,
  messageToJson,
  type SignedHeader,
} from '../../record/index.ts';
import type { ReadTx } from '../../store/index.ts';
import { type Access, notFound } from '../access.ts';
import { filledFacets, type OpenedRecord, openByDigest, shownFacets } from '../open-record.ts';
import type { DeskNode, DeskStore } from '../ports.ts';
import type { OfficerSession } from '../session.ts';
import type { DeskHandlers } from './handlers.ts';
import { buffer } from './messages.ts';
import { asksForReceipt, oweRead } from './records.ts';
import { RequestFields, readField, subjectOf } from './request.ts';

export interface RevisionDeps {
  readonly access: Access;
  readonly store: DeskStore;
  readonly node: DeskNode;
}

/** Differences of one facet that one answer holds. */
const MOST_CHANGES = 1_000;

export function revisionHandlers(deps: RevisionDeps): DeskHandlers<RevisionServiceDefinition> {
  const { access, store, node } = deps;

  /** What the officer may not know of is not found; that it was asked for is kept. */
  const opened = async (
    tx: ReadTx,
    session: OfficerSession,
    headerDigest: Uint8Array,
  ): Promise<OpenedRecord | undefined> => openByDigest(tx, deps, headerDigest, session);

  return {
    async compareRevisions(request, { session }) {
      const fields = new RequestFields();
      const wanted = fields.digest('header_digest', request.headerDigest);
      if (request.against.length > 0) fields.digest('against', request.against);
      fields.done();
      const found = await store.read(async (tx) => {
        const one = await opened(tx, session, wanted);
        const against = request.against.length > 0 ? request.against : one?.record.supersedes;
        const other = against && (await opened(tx, session, against));
        return { one, other };
      });
      const { one, other } = found;
      if (one === undefined || other === undefined) {
        await access.audit(session, 'desk.refused', subjectOf(wanted), { wanted: 'compare' });
        throw notFound(one === undefined ? 'record' : 'revision to compare it with');
      }
      readField((said) => {
        if (!isSameRecord(one, other))
          said.fault('against', 'OTHER_RECORD', 'expected another revision of the same record');
      });
      const [from, to] = one.record.revision <= other.record.revision ? [one, other] : [other, one];
      const facets = compareFacets(from, to);
      const compared = facets.filter(({ state }) => state !== 'not-shown').map(({ facet }) => facet);
      for (const each of [from, to])
        await access.audit(session, 'record.compared', subjectOf(each.record.headerDigest), {
          facets: filledFacets(each)
            .filter((name) => compared.includes(name))
            .join(' '),
          from: from.record.revision,
          to: to.record.revision,
        });
      for (const each of [from, to].filter(asksForReceipt))
        await store.write((tx) => oweRead(tx, session, each, node.clock.nowMs()));
      return {
        fromDigest: buffer(from.record.headerDigest),
        fromRevision: from.record.revision,
        toDigest: buffer(to.record.headerDigest),
        toRevision: to.record.revision,
        header: fieldChanges(saidBy(from.signed), saidBy(to.signed)).map(difference),
        facets,
      };
    },
  };
}

const isSameRecord = (one: OpenedRecord, other: OpenedRecord): boolean =>
  one.record.originator === other.record.originator &&
  equalBytes(one.record.recordId, other.record.recordId) &&
  !equalBytes(one.record.headerDigest, other.record.headerDigest);

/** What an officer states in a header; digests and numbers differ in any case. */
const saidBy = ({ header }: SignedHeader) =>
  messageToJson(
    'tocsin.record.v1.Header',
    Header.encode(
      Header.fromPartial({
        deskGroup: header.deskGroup,
        released: header.released,
        expires: header.expires,
        reviewBy: header.reviewBy,
        priority: header.priority,
        ...(header.marking && { marking: header.marking }),
      }),
    ).finish(),
  );

function compareFacets(from: OpenedRecord, to: OpenedRecord): FacetDifference[] {
  const [before, after] = [contentsOf(from), contentsOf(to)];
  const names = new Set([...from.verdicts, ...to.verdicts].map(({ facet }) => facet));
  return [...names].map((facet) => {
    const row = facetOf(to.record.kind, facet);
    const verdicts = [from, to].map(({ verdicts: of }) => of.find((one) => one.facet === facet));
    const [was, is] = [before.get(facet), after.get(facet)];
    const told = { facet, facetClass: row?.class ?? '', reason: '', changes: [], more: 0 };
    if (row === undefined || was === undefined || is === undefined) {
      const withheld = verdicts.find((one) => one?.withheld !== undefined)?.withheld;
      return { ...told, state: 'not-shown', reason: withheld?.reason ?? 'not in both revisions' };
    }
    const changes = fieldChanges(messageToJson(row.typeName, was), messageToJson(row.typeName, is));
    return {
      ...told,
      state: changes.length === 0 ? 'same' : 'changed',
      changes: changes.slice(0, MOST_CHANGES).map(difference),
      more: Math.max(0, changes.length - MOST_CHANGES),
    };
  });
}

const contentsOf = (opened: OpenedRecord): ReadonlyMap<string, Uint8Array> =>
  new Map(shownFacets(opened).map(({ facet, body }) => [facet, body]));

const difference = ({ path, before, after }: FieldChange): FieldDifference => ({
  path,
  beforeJson: before === undefined ? '' : JSON.stringify(before),
  afterJson: after === undefined ? '' : JSON.stringify(after),
});
