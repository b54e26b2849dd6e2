/** AuditService: for auditors. Reading the trail is itself recorded, before anything of it is shown. */
import { utf8 } from '../../base/bytes.ts';
import type { AuditServiceDefinition } from '../../gen/tocsin/desk/v1/audit_service.ts';
import type { Ledger } from '../../ledger/index.ts';
import { exportAudit, verifyAudit } from '../../lifecycle/index.ts';
import type { AuditQuery } from '../../store/index.ts';
import type { Access } from '../access.ts';
import type { DeskNode, DeskStore } from '../ports.ts';
import type { DeskHandlers } from './handlers.ts';
import { buffer } from './messages.ts';
import { RequestFields } from './request.ts';

export interface AuditDeps {
  readonly access: Access;
  readonly store: DeskStore;
  readonly node: DeskNode;
  readonly ledger: Pick<Ledger, 'proofFor' | 'origins'>;
}

const PIECE_BYTES = 256 * 1024;
const FINGERPRINT = /^[0-9a-f]{8,64}$/;
const DIGEST = /^[0-9a-f]{64}$/;

export function auditHandlers(deps: AuditDeps): DeskHandlers<AuditServiceDefinition> {
  const { access, store, node } = deps;
  return {
    async listAudit(request, { session }) {
      const fields = new RequestFields();
      const limit = fields.pageSize('page_size', request.pageSize);
      const subject = fields.text('subject', request.subject, 300);
      const actor = fields.text('actor', request.actor, 200);
      const action = fields.text('action', request.action, 64);
      if (request.until !== 0n && request.until <= request.since)
        fields.fault('until', 'ORDER', 'expected a time after since');
      fields.done();
      await access.require(session, 'read-audit', 'audit');
      const asked = {
        ...(subject === '' ? {} : { subject }),
        ...(actor === '' ? {} : { actor }),
        ...(action === '' ? {} : { action }),
        ...(request.since === 0n ? {} : { since: Number(request.since) }),
        ...(request.until === 0n ? {} : { until: Number(request.until) }),
      };
      await access.audit(session, 'audit.read', 'audit', asked);
      const { subject: _subject, ...others } = asked;
      const query: AuditQuery = {
        ...others,
        ...(subject === '' ? {} : DIGEST.test(subject) ? { record: subject } : { subject }),
        ...(actor === ''
          ? {}
          : { actor: FINGERPRINT.test(actor.toLowerCase()) ? actor.toLowerCase() : actor }),
        ...(request.cursor === '' ? {} : { cursor: request.cursor }),
        limit,
      };
      const page = await store.read((tx) => tx.audit.list(query));
      return {
        rows: page.items.map(({ seq, at, actor: by, action: what, subject: on, detail, hash }) => ({
          seq,
          at: BigInt(at),
          actor: by,
          action: what,
          subject: on,
          detailJson: JSON.stringify(detail),
          hash: buffer(hash),
        })),
        nextCursor: page.next ?? '',
      };
    },

    async verifyAudit(_request, { session }) {
      await access.require(session, 'read-audit', 'audit');
      await access.audit(session, 'audit.verified', 'audit');
      const verdict = await store.read((tx) => verifyAudit(tx, node.network));
      if (!verdict.ok) {
        const broken = BigInt(Number(verdict.facts.seq ?? 0));
        return {
          intact: false,
          rows: broken > 0n ? broken - 1n : 0n,
          head: buffer(undefined),
          anchors: 0,
          anchored: 0n,
          brokenRow: broken,
          problem: verdict.detail,
        };
      }
      const { head, anchors, anchored } = verdict.value;
      return {
        intact: true,
        rows: head?.seq ?? 0n,
        head: buffer(head?.hash),
        anchors,
        anchored,
        brokenRow: 0n,
        problem: '',
      };
    },

    async *exportAudit(_request, { session, signal, assertStillValid }) {
      await access.require(session, 'read-audit', 'audit');
      await access.audit(session, 'audit.exported', 'audit');
      const { network, self } = node;
      let piece: Uint8Array[] = [];
      let bytes = 0;
      for await (const line of exportAudit({ store, ledger: deps.ledger, self: { node: self, network } })) {
        for (let rest = utf8(line); rest.length > 0; ) {
          const part = rest.subarray(0, PIECE_BYTES - bytes);
          piece.push(part);
          bytes += part.length;
          rest = rest.subarray(part.length);
          if (bytes < PIECE_BYTES) continue;
          signal.throwIfAborted();
          assertStillValid();
          yield { data: Buffer.concat(piece) };
          piece = [];
          bytes = 0;
        }
      }
      if (bytes > 0) yield { data: Buffer.concat(piece) };
    },
  };
}
