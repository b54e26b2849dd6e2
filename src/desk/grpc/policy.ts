/** PolicyService: the matrix of partners and facets, why, and what another national policy would change. */
import { LIMITS } from '../../base/limits.ts';
import type { PolicyServiceDefinition } from '../../gen/tocsin/desk/v1/policy_service.ts';
import type { World } from '../../record/index.ts';
import type { StoredRecord } from '../../store/index.ts';
import { type Access, notFound } from '../access.ts';
import { DeskError } from '../errors.ts';
import { requireDraft } from '../open-draft.ts';
import { askedOf, type HeldRecord, holdRecord, judgeRecord } from '../open-record.ts';
import type { DeskNode, DeskPolicy, DeskStore, JudgedRecord } from '../ports.ts';
import type { OfficerSession } from '../session.ts';
import type { DeskDecision } from '../visibility.ts';
import type { DeskHandlers } from './handlers.ts';
import { buffer, decision, partnerView } from './messages.ts';
import { RequestFields, readField, subjectOf } from './request.ts';

/** One fault of a policy text. */
interface PolicyFaultView {
  readonly severity: 'error' | 'warning';
  readonly code: string;
  readonly policyId: string;
  readonly line: number;
  readonly column: number;
  readonly message: string;
}

/** A national policy beside the one in force. */
interface PolicyTools {
  check(national: string): readonly PolicyFaultView[];
  /** An engine of this node with another national policy; the one in force where the text is undefined. */
  engineOf(national: string | undefined): Pick<DeskPolicy, 'preview'>;
}

export interface PolicyDeps {
  readonly access: Access;
  readonly store: DeskStore;
  readonly node: DeskNode;
  readonly policy: DeskPolicy;
  readonly tools: PolicyTools;
}

export function policyHandlers(deps: PolicyDeps): DeskHandlers<PolicyServiceDefinition> {
  const { access, store, node, policy } = deps;

  const ownRecord = async (
    session: OfficerSession,
    headerDigest: Uint8Array,
    partner?: string,
  ): Promise<HeldRecord> => {
    const held = await store.read(async (tx) => {
      const record = await tx.records.byDigest(headerDigest);
      return record === undefined ? undefined : holdRecord(tx, node.network, record);
    });
    if (held === undefined || !judgeRecord(access, session, 'read', held).allowed) throw notFound('record');
    if (held.items !== undefined)
      throw new DeskError({
        code: 'STATE',
        message: `what others see of it is decided by ${held.record.originator}, its originator`,
      });
    await access.require(session, 'preview', subjectOf(headerDigest), askedOf(held, session, undefined));
    await access.audit(
      session,
      'record.previewed',
      subjectOf(headerDigest),
      partner === undefined ? {} : { partner },
    );
    return held;
  };

  const matrix = (record: JudgedRecord) => {
    const at = node.clock.nowMs();
    const partners = policy
      .preview(record, at)
      .map((view) => partnerView(view, record.signed.header.kind, node.nameOf(view.partner)));
    return { partners, at: BigInt(at) };
  };

  return {
    async previewDraft(request, { session }) {
      const draftId = readField((fields) => fields.id('draft_id', request.draftId));
      const draft = await store.read((tx) => tx.drafts.byId(draftId));
      const { judged } = requireDraft(access, node, session, draft);
      if (judged === undefined)
        throw new DeskError({ code: 'STATE', message: 'the draft no longer reads as a record' });
      await access.require(session, 'preview', draftId, askedOf(judged, session, undefined));
      await access.audit(session, 'draft.previewed', draftId);
      return matrix(judged);
    },

    async previewRecord(request, { session }) {
      const headerDigest = readField((fields) => fields.digest('header_digest', request.headerDigest));
      return matrix(await ownRecord(session, headerDigest));
    },

    async explain(request, { session }) {
      const fields = new RequestFields();
      const headerDigest = fields.digest('header_digest', request.headerDigest);
      const partner = fields.node('partner', request.partner);
      fields.done();
      const held = await ownRecord(session, headerDigest, partner);
      const at = node.clock.nowMs();
      const view = policy.viewFor(held, partner, at);
      return {
        view: partnerView(view, held.signed.header.kind, node.nameOf(partner)),
        at: BigInt(at),
      };
    },

    async checkPolicy(request, { session }) {
      await access.require(session, 'administer', 'policy');
      const text = readField((fields) => fields.text('policy', request.policy, LIMITS.policyBytes));
      const faults = deps.tools
        .check(text)
        .map(({ severity, ...fault }) => ({ ...fault, severe: severity === 'error' }));
      return { faults };
    },

    async *diffPolicy(request, { session, signal }) {
      await access.require(session, 'administer', 'policy');
      const fields = new RequestFields();
      const before = fields.text('old_policy', request.oldPolicy, LIMITS.policyBytes);
      const after = fields.text('new_policy', request.newPolicy, LIMITS.policyBytes);
      for (const [path, text] of [
        ['old_policy', before],
        ['new_policy', after],
      ] as const)
        for (const fault of deps.tools.check(text))
          if (fault.severity === 'error') fields.fault(`${path}:${fault.line}`, fault.code, fault.message);
      fields.done();
      const engines = {
        before: deps.tools.engineOf(before === '' ? undefined : before),
        after: deps.tools.engineOf(after),
      };
      await access.audit(session, 'policy.compared', 'policy');
      const counts = { records: 0, newlyVisible: 0, newlyHidden: 0 };
      const at = node.clock.nowMs();
      for await (const held of ownRecordsInForce(store, node, session.world)) {
        signal.throwIfAborted();
        counts.records += 1;
        for (const change of changesOf(held, engines, at)) {
          if (change.after.allowed) counts.newlyVisible += 1;
          else counts.newlyHidden += 1;
          yield {
            entry: {
              $case: 'change',
              value: {
                headerDigest: buffer(held.record.headerDigest),
                title: judgeRecord(access, session, 'read', held).allowed ? held.record.title : '',
                partner: change.partner,
                facet: change.facet,
                before: decision(change.before),
                after: decision(change.after),
              },
            },
          };
        }
      }
      yield { entry: { $case: 'counts', value: counts } };
    },
  };
}

interface Change {
  readonly partner: string;
  /** Empty = the record's existence. */
  readonly facet: string;
  readonly before: DeskDecision;
  readonly after: DeskDecision;
}

const NOTHING: DeskDecision = { allowed: false, rule: 'R1', reason: 'no decision' };

function* changesOf(
  held: HeldRecord,
  engines: Readonly<Record<'before' | 'after', Pick<DeskPolicy, 'preview'>>>,
  at: number,
): Generator<Change> {
  const before = new Map(engines.before.preview(held, at).map((view) => [view.partner, view]));
  for (const after of engines.after.preview(held, at)) {
    const was = before.get(after.partner);
    const cells: readonly (readonly [string, DeskDecision, DeskDecision])[] = [
      ['', was?.receive ?? NOTHING, after.receive],
      ...[...after.facets].map(
        ([facet, decided]) => [facet, was?.facets.get(facet) ?? NOTHING, decided] as const,
      ),
    ];
    for (const [facet, earlier, later] of cells)
      if (earlier.allowed !== later.allowed)
        yield { partner: after.partner, facet, before: earlier, after: later };
  }
}

const PAGE = 100;

/** Page by page, so that a comparison over everything holds no long transaction. */
async function* ownRecordsInForce(
  store: DeskStore,
  node: DeskNode,
  world: World,
): AsyncGenerator<HeldRecord> {
  let cursor: string | undefined;
  do {
    const page = await store.read(async (tx) => {
      const found = await tx.records.list({
        world,
        origin: 'own',
        state: 'released',
        order: 'oldest',
        limit: PAGE,
        ...(cursor === undefined ? {} : { cursor }),
      });
      const held = await Promise.all(
        found.items.map((record: StoredRecord) => holdRecord(tx, node.network, record)),
      );
      return { held, next: found.next };
    });
    yield* page.held;
    cursor = page.next;
  } while (cursor !== undefined);
}
