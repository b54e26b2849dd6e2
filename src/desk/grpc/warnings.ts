/** HotlineService, the half that hands warnings on: one of this node's as a message that sirens, broadcasters and feeds read. */
import { hex } from '../../base/bytes.ts';
import type { HotlineServiceDefinition } from '../../gen/tocsin/desk/v1/hotline_service.ts';
import type { Status, Tlp } from '../../gen/tocsin/record/v1/marking.ts';
import { WarningSummary } from '../../gen/tocsin/record/v1/warning.ts';
import { netToken } from '../../record/index.ts';
import type { ReadTx, StoredRecord } from '../../store/index.ts';
import { type Access, notFound } from '../access.ts';
import { DeskError } from '../errors.ts';
import { openByDigest, shownFacets } from '../open-record.ts';
import type { DeskNode, DeskStore } from '../ports.ts';
import type { DeskHandlers } from './handlers.ts';
import { readField, subjectOf } from './request.ts';

/** A message of a warning's history: what others call it by, and when it was released. */
interface Reference {
  readonly identifier: string;
  readonly sentMs: number;
}

export interface WarningDeps {
  readonly access: Access;
  readonly store: DeskStore;
  readonly node: DeskNode;
  /** Writes a warning in the form of the Common Alerting Protocol. */
  readonly writeCap: (
    warning: Reference & {
      readonly sender: string;
      readonly senderName: string;
      readonly status: Status;
      readonly tlp: Tlp;
      readonly summary: WarningSummary;
      readonly references: readonly Reference[];
    },
  ) => string;
}

/** Earlier messages that one refers to; a warning lives 30 days at most. */
const MOST_REFERENCES = 64;

const referenceOf = ({ recordId, revision, released }: StoredRecord): Reference => ({
  identifier: `${hex(recordId)}.${revision}`,
  sentMs: released,
});

/** The revisions before one, the newest first. */
async function historyOf(tx: ReadTx, record: StoredRecord): Promise<readonly Reference[]> {
  const before: Reference[] = [];
  for (let at = record; at.supersedes !== undefined && before.length < MOST_REFERENCES; ) {
    const earlier = await tx.records.byDigest(at.supersedes);
    if (earlier === undefined) break;
    before.push(referenceOf(earlier));
    at = earlier;
  }
  return before;
}

export function warningHandlers({
  access,
  store,
  node,
  writeCap,
}: WarningDeps): Pick<DeskHandlers<HotlineServiceDefinition>, 'exportWarning'> {
  return {
    async exportWarning(request, { session }) {
      const headerDigest = readField((fields) => fields.digest('header_digest', request.headerDigest));
      const { opened, references } = await store.read(async (tx) => {
        const found = await openByDigest(tx, { access, node }, headerDigest, session);
        if (found === undefined) throw notFound('record');
        return { opened: found, references: await historyOf(tx, found.record) };
      });
      const { record } = opened;
      const body = shownFacets(opened).find(({ facet }) => facet === 'summary')?.body;
      // A partner's warning is its originator's to publish; passing one on is another act (R2).
      if (record.kind !== 'warning' || record.origin !== 'own' || body === undefined)
        throw new DeskError({
          code: 'STATE',
          message: 'expected a warning of this node whose summary this officer reads',
        });
      const cap = writeCap({
        ...referenceOf(record),
        sender: `${node.self}@${netToken(node.network)}`,
        senderName: node.nameOf(node.self),
        status: record.status as Status,
        tlp: record.tlp as Tlp,
        summary: WarningSummary.decode(body),
        references,
      });
      await access.audit(session, 'warning.exported', subjectOf(headerDigest), { form: 'cap' });
      return { cap };
    },
  };
}
