/** RecallService: taking records and consents back, and who still holds what. */
import type {
  RecallServiceDefinition,
  StatedRecall as Told,
} from '../../gen/tocsin/desk/v1/recall_service.ts';
import { RecallReason } from '../../gen/tocsin/record/v1/recall.ts';
import type { Lifecycle, StatedRecall } from '../../lifecycle/index.ts';
import type { Holder, RecallNotice } from '../../store/index.ts';
import { type Access, notFound } from '../access.ts';
import { DeskError } from '../errors.ts';
import { askedOf, openByDigest } from '../open-record.ts';
import type { DeskNode, DeskStore } from '../ports.ts';
import type { OfficerSession } from '../session.ts';
import type { DeskHandlers } from './handlers.ts';
import { buffer } from './messages.ts';
import { namesOf, nodesOf, RequestFields, readField, subjectOf } from './request.ts';

export interface RecallDeps {
  readonly access: Access;
  readonly store: DeskStore;
  readonly node: DeskNode;
  readonly lifecycle: Pick<Lifecycle, 'recall' | 'withdrawConsent'>;
}

const REASONS: ReadonlySet<number> = new Set(Object.values(RecallReason));

export function recallHandlers(deps: RecallDeps): DeskHandlers<RecallServiceDefinition> {
  const { access, store, node, lifecycle } = deps;

  const opened = async (session: OfficerSession, headerDigest: Uint8Array) => {
    const found = await store.read((tx) => openByDigest(tx, deps, headerDigest, session));
    if (found === undefined) throw notFound('record');
    return found;
  };

  const requireRecall = async (session: OfficerSession, headerDigest: Uint8Array): Promise<void> => {
    const one = await opened(session, headerDigest);
    await access.require(session, 'recall', subjectOf(headerDigest), askedOf(one, session, one.items?.[0]));
  };

  const reasonIn = (fields: RequestFields, reason: RecallReason): RecallReason => {
    if (reason <= RecallReason.RECALL_REASON_UNSPECIFIED || !REASONS.has(reason))
      fields.fault('reason', 'REQUIRED', 'expected why it is recalled');
    return reason;
  };

  return {
    async recall(request, { session }) {
      const fields = new RequestFields();
      const headerDigest = fields.digest('header_digest', request.headerDigest);
      const reason = reasonIn(fields, request.reason);
      const facets = request.facets.length === 0 ? [] : namesOf(fields, 'facets', request.facets);
      const recipients =
        request.recipients.length === 0 ? [] : nodesOf(fields, 'recipients', request.recipients);
      fields.done();
      await requireRecall(session, headerDigest);
      const recalls = await lifecycle.recall({
        officer: session,
        headerDigest,
        reason,
        facets,
        recipients,
        mustPurge: !request.keep,
        onlyThisRevision: request.onlyThisRevision,
        ...(request.deadline === 0n ? {} : { deadlineMs: Number(request.deadline) }),
      });
      return { recalls: recalls.map(stated) };
    },

    async withdrawConsent(request, { session }) {
      const fields = new RequestFields();
      const headerDigest = fields.digest('header_digest', request.headerDigest);
      const reason = reasonIn(fields, request.reason);
      fields.done();
      await requireRecall(session, headerDigest);
      const recalls = await lifecycle.withdrawConsent({
        officer: session,
        headerDigest,
        reason,
        ...(request.deadline === 0n ? {} : { deadlineMs: Number(request.deadline) }),
      });
      return { recalls: recalls.map(stated) };
    },

    async listHolders(request, { session }) {
      const headerDigest = readField((fields) => fields.digest('header_digest', request.headerDigest));
      const one = await opened(session, headerDigest);
      if (one.items !== undefined)
        throw new DeskError({
          code: 'STATE',
          message: `who holds it is known to ${one.record.originator}, its originator`,
        });
      const holders = await store.read((tx) => tx.holders.holdersOf(headerDigest, node.clock.nowMs()));
      return { holders: holders.map(holder) };
    },
  };
}

const stated = ({ recallDigest, target, revision, deadlineMs, asked }: StatedRecall): Told => ({
  recallDigest: buffer(recallDigest),
  target: buffer(target),
  revision,
  deadline: BigInt(deadlineMs),
  asked: [...asked],
});

const holder = (one: Holder) => ({
  node: one.node,
  via: one.via ?? '',
  facets: [...one.facets],
  state: one.state,
  since: BigInt(one.since),
  basis: one.basis,
  consent: buffer(one.consent),
  receiptDigest: buffer(one.receiptDigest),
  recalls: one.recalls.map(notice),
});

const notice = (one: RecallNotice) => ({
  recallDigest: buffer(one.recallDigest),
  facets: [...one.facets],
  mustPurge: one.mustPurge,
  deadline: BigInt(one.deadline),
  answeredAt: BigInt(one.closedAt ?? 0),
  receiptDigest: buffer(one.receiptDigest),
  purgedFacets: [...(one.purgedFacets ?? [])],
  copies: one.copies ?? 0,
});
