/** PolicyService: the matrix of partners and facets, why, and what another national policy would change. */
import { LIMITS } from '../../base/limits.ts';
import type { PolicyServiceDefinition } from '../../gen/tocsin/desk/v1/policy_service.ts';
import { DeskGroup, Purpose } from '../../gen/tocsin/record/v1/marking.ts';
import { contentFromJson, contentToJson, titleOf, validateContent } from '../../record/index.ts';
import type { ReadTx, StoredRecord } from '../../store/index.ts';
import { type Access, notFound } from '../access.ts';
import { DeskError } from '../errors.ts';
import { imagine, requireDraft } from '../open-draft.ts';
import { askedOf, type HeldRecord, holdRecord, judgeRecord } from '../open-record.ts';
import { comparePolicies, DiffSummary } from '../policy-diff.ts';
import type { DeskNode, DeskPolicy, DeskStore, JudgedRecord } from '../ports.ts';
import type { OfficerSession } from '../session.ts';
import { inWorld, marked } from '../world.ts';
import type { DeskHandlers } from './handlers.ts';
import { buffer, decision, faults, partnerView } from './messages.ts';
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
  /** What each desk group may ask for (R7). */
  readonly purposesOf: (deskGroup: DeskGroup) => readonly Purpose[];
}

/** Records between two messages of progress. */
const PROGRESS_EVERY = 100;

/** Deciding waits for nothing: others of this node are served in between. */
const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

const NOTHING_CHECKED = { faults: [], flags: [], partners: [], at: 0n, title: '', contentJson: '' };

type Verbs = 'checkContent' | 'previewDraft' | 'previewRecord' | 'explain' | 'checkPolicy' | 'diffPolicy';

export function policyHandlers(deps: PolicyDeps): Pick<DeskHandlers<PolicyServiceDefinition>, Verbs> {
  const { access, store, node, policy } = deps;

  const ownRecord = async (
    session: OfficerSession,
    found: (tx: ReadTx) => Promise<StoredRecord | undefined>,
    partner?: string,
  ): Promise<HeldRecord> => {
    const held = await store.read(async (tx) => {
      const record = await found(tx);
      return record === undefined ? undefined : holdRecord(tx, node.network, record);
    });
    const explaining = partner !== undefined && held !== undefined && mayExplain(session, held);
    if (held === undefined || !(explaining || judgeRecord(access, session, 'read', held).allowed))
      throw notFound('record');
    if (held.items !== undefined)
      throw new DeskError({
        code: 'STATE',
        message: `what others see of it is decided by ${held.record.originator}, its originator`,
      });
    const subject = subjectOf(held.record.headerDigest);
    const actions = partner === undefined ? 'preview' : (['preview', 'explain'] as const);
    await access.require(session, actions, subject, askedOf(held, session, undefined));
    await access.audit(session, 'record.previewed', subject, partner === undefined ? {} : { partner });
    return held;
  };

  /** Of own records alone: who reads none by virtue of the role learns of no partner's. */
  const mayExplain = (session: OfficerSession, held: HeldRecord): boolean =>
    held.items === undefined && access.judge(session, 'explain', askedOf(held, session, undefined)).allowed;

  const matrix = (record: JudgedRecord) => {
    const at = node.clock.nowMs();
    const partners = policy
      .preview(record, at)
      .map((view) => partnerView(view, record.signed.header.kind, node.nameOf(view.partner)));
    return { partners, at: BigInt(at) };
  };

  return {
    async checkContent(request, { session }) {
      const fields = new RequestFields();
      const json = inWorld(fields, fields.json('content_json', request.contentJson), session.world);
      fields.done();
      const kind =
        typeof json === 'object' && json !== null && 'kind' in json && typeof json.kind === 'string'
          ? json.kind
          : '';
      await access.require(session, 'draft', 'content', { kind });
      const nowMs = node.clock.nowMs();
      const { content, faults: unread } = contentFromJson(json, { deskGroup: session.deskGroup, nowMs });
      if (content === undefined) return { ...NOTHING_CHECKED, faults: faults(unread) };
      const judged = validateContent(content, { mode: 'typed', nowMs });
      const found = {
        ...NOTHING_CHECKED,
        faults: faults(judged.faults),
        flags: faults(judged.flags),
        contentJson: JSON.stringify(contentToJson(content)),
      };
      if (judged.faults.length > 0) return found;
      const title = marked(titleOf(content.kind, content.facets), session.world);
      return { ...found, ...matrix(imagine(node, content)), title };
    },

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
      return matrix(await ownRecord(session, (tx) => tx.records.byDigest(headerDigest)));
    },

    async explain(request, { session }) {
      const fields = new RequestFields();
      const { headerDigest, recordId, deskGroup, purpose } = request;
      const byId = recordId.length > 0;
      if (byId) fields.recordId('record_id', recordId);
      if (byId && headerDigest.length > 0)
        fields.fault('record_id', 'TWICE', 'expected a record id or a header digest, got both');
      if (!byId) fields.digest('header_digest', headerDigest);
      const partner = fields.node('partner', request.partner);
      const one = { deskGroup, purpose };
      const anyDesk = deskGroup === DeskGroup.DESK_GROUP_UNSPECIFIED;
      if (anyDesk !== (purpose === Purpose.PURPOSE_UNSPECIFIED))
        fields.fault('purpose', 'PAIR', 'expected a desk group with a purpose, or neither');
      fields.done();
      const held = await ownRecord(
        session,
        (tx) =>
          byId ? tx.records.current(node.self, recordId, session.world) : tx.records.byDigest(headerDigest),
        partner,
      );
      const at = node.clock.nowMs();
      const whole = policy.viewFor(held, partner, at);
      const view = anyDesk
        ? whole
        : {
            ...whole,
            ...policy.explain(held, partner, one, at),
            audience: { deskGroups: [deskGroup], purposes: [purpose] },
          };
      const { kind } = held.signed.header;
      return {
        view: partnerView(view, kind, node.nameOf(partner)),
        at: BigInt(at),
        headerDigest: buffer(held.record.headerDigest),
        kind,
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
      const summary = new DiffSummary();
      for await (const { held, cells, desks } of comparePolicies(deps, engines, session.world)) {
        signal.throwIfAborted();
        counts.records += 1;
        summary.add(held.signed.header.kind, desks);
        if (request.summary && counts.records % PROGRESS_EVERY === 0) {
          yield { entry: { $case: 'progress', value: { records: counts.records } } };
          await nextTurn();
        }
        for (const change of cells) {
          if (change.after.allowed) counts.newlyVisible += 1;
          else counts.newlyHidden += 1;
          if (request.summary) continue;
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
      if (request.summary)
        for (const row of summary.rows())
          yield { entry: { $case: 'row', value: { ...row, purposes: [...row.purposes] } } };
      yield { entry: { $case: 'counts', value: counts } };
    },
  };
}
