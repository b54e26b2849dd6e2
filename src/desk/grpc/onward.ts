/** OnwardService: consents, requests for them, forwarding; what partners' desks accepted, read and have in hand. */
import { type OnwardServiceDefinition, ReadingKind } from '../../gen/tocsin/desk/v1/onward_service.ts';
import type { DeskGroup } from '../../gen/tocsin/record/v1/marking.ts';
import type { ForwardPreview, Onward } from '../../lifecycle/index.ts';
import { CONSENT } from '../../record/index.ts';
import type { ReadingTold } from '../../store/index.ts';
import type { Access } from '../access.ts';
import { DeskError } from '../errors.ts';
import { openDraft } from '../open-draft.ts';
import { shownFacets } from '../open-record.ts';
import type { DeskNode, DeskStore } from '../ports.ts';
import { cutOffError, isLocked } from '../recall-lock.ts';
import { openForOfficer, requireOnRecord } from '../require-record.ts';
import type { DeskHandlers } from './handlers.ts';
import { buffer, draftSummary, partnerView } from './messages.ts';
import { namesOf, nodesOf, RequestFields, readField, subjectOf } from './request.ts';

export interface OnwardDeps {
  readonly access: Access;
  readonly store: DeskStore;
  readonly node: DeskNode;
  readonly onward: Onward;
}

export function onwardHandlers(deps: OnwardDeps): DeskHandlers<OnwardServiceDefinition> {
  const { access, store, node, onward } = deps;

  return {
    async draftConsent(request, { session }) {
      const fields = new RequestFields();
      const headerDigest = fields.digest('header_digest', request.headerDigest);
      const facets = namesOf(fields, 'facets', request.facets);
      const to = nodesOf(fields, 'to', request.to);
      const via = request.via.length === 0 ? undefined : nodesOf(fields, 'via', request.via);
      if (request.expires <= BigInt(node.clock.nowMs()))
        fields.fault('expires', 'PAST', 'expected a time to come');
      fields.done();
      await openForOfficer(deps, session, headerDigest);
      await access.require(session, 'draft', subjectOf(headerDigest), { kind: CONSENT });
      const draft = await onward.draftConsent({
        officer: session,
        headerDigest,
        facets,
        to,
        conditions: request.conditions,
        expiresMs: Number(request.expires),
        evidence: request.evidence,
        ...(via && { via }),
      });
      return { draft: draftSummary(draft, openDraft(node, draft).title, session.fingerprint) };
    },

    async listConsents(request, { session }) {
      const headerDigest = readField((fields) => fields.digest('header_digest', request.headerDigest));
      await openForOfficer(deps, session, headerDigest);
      const consents = await onward.consentsOn(headerDigest);
      return {
        consents: consents.map((consent) => ({
          headerDigest: buffer(consent.headerDigest),
          facets: [...consent.facets],
          to: [...consent.to],
          conditions: [...consent.conditions],
          expires: BigInt(consent.expiresMs),
          evidence: consent.evidence,
          withdrawn: consent.withdrawn,
        })),
      };
    },

    async askConsent(request, { session }) {
      const fields = new RequestFields();
      const headerDigest = fields.digest('header_digest', request.headerDigest);
      const facets = namesOf(fields, 'facets', request.facets);
      const to = nodesOf(fields, 'to', request.evidence ? [node.self] : request.to);
      const question = fields.note('question', request.question);
      if (request.due <= BigInt(node.clock.nowMs())) fields.fault('due', 'PAST', 'expected a time to come');
      fields.done();
      await requireOnRecord(deps, session, 'ask-consent', headerDigest);
      const digest = await onward.askConsent({
        officer: session,
        headerDigest,
        facets,
        to,
        question,
        evidence: request.evidence,
        dueMs: Number(request.due),
      });
      return { requestDigest: buffer(digest) };
    },

    async previewForward(request, { session }) {
      const fields = new RequestFields();
      const headerDigest = fields.digest('header_digest', request.headerDigest);
      const to = nodesOf(fields, 'to', request.to);
      fields.done();
      const { record } = await requireOnRecord(deps, session, 'forward', headerDigest);
      const previews = await onward.previewForward(headerDigest, to);
      return { recipients: previews.map((one) => preview(one, record.kind, node)) };
    },

    async forward(request, { session }) {
      const fields = new RequestFields();
      const headerDigest = fields.digest('header_digest', request.headerDigest);
      const to = nodesOf(fields, 'to', request.to);
      const facets = request.facets.length === 0 ? undefined : namesOf(fields, 'facets', request.facets);
      fields.done();
      const one = await requireOnRecord(deps, session, 'forward', headerDigest);
      if (one.conditionPending)
        throw new DeskError({
          code: 'CONDITION_PENDING',
          message: 'the originator set a condition: it is accepted before the record is read, or passed on',
        });
      const locked = one.verdicts.find((verdict) => facets?.includes(verdict.facet) && isLocked(verdict));
      if (locked) throw cutOffError(`the facet ${locked.facet}`, one.record.originator);
      const among = shownFacets(one).map(({ facet }) => facet);
      const hidden = facets?.find((facet) => !among.includes(facet));
      if (hidden !== undefined)
        throw new DeskError({
          code: 'STATE',
          message: `the facet ${hidden} is not held here, or not for this desk group and purpose`,
        });
      const forwarded = await onward.forward({
        officer: session,
        headerDigest,
        to,
        among,
        ...(facets && { facets }),
      });
      return {
        recipients: forwarded.map(({ recipient, facets: given, disclosures }) => ({
          recipient,
          facets: [...given],
          disclosures: disclosures.map(buffer),
        })),
      };
    },

    async listReadings(request, { session }) {
      const headerDigest = readField((fields) => fields.digest('header_digest', request.headerDigest));
      const one = await openForOfficer(deps, session, headerDigest);
      if (one.items !== undefined)
        throw new DeskError({
          code: 'STATE',
          message: `who reads it is told to ${one.record.originator}, its originator`,
        });
      const readings = await store.read((tx) => tx.onward.readingsOf(headerDigest));
      return {
        readings: readings.map((reading) => ({
          node: reading.node,
          deskGroup: reading.deskGroup as DeskGroup,
          accepted: reading.what === 'accepted',
          kind: READING_KINDS[reading.what],
          facets: [...reading.facets],
          at: BigInt(reading.at),
          receiptDigest: buffer(reading.receiptDigest),
        })),
      };
    },
  };
}

const READING_KINDS: Readonly<Record<ReadingTold['what'], ReadingKind>> = {
  accepted: ReadingKind.READING_KIND_ACCEPTED,
  read: ReadingKind.READING_KIND_READ,
  acknowledged: ReadingKind.READING_KIND_ACKNOWLEDGED,
};

const preview = ({ recipient, grounds, sent }: ForwardPreview, kind: string, node: DeskNode) => ({
  recipient,
  grounds: grounds.map(({ view, consent }) => ({
    view: partnerView(view, kind, node.nameOf(view.partner)),
    consent: buffer(consent?.headerDigest),
  })),
  sent: [...(sent ?? [])],
});
