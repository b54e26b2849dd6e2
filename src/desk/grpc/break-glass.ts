/** BreakGlassService (R17): facets opened in an emergency, who sees the openings, the originator's review. */
import { fromHex } from '../../base/bytes.ts';
import type {
  BreakGlassServiceDefinition,
  Opening as OpeningMessage,
} from '../../gen/tocsin/desk/v1/break_glass_service.ts';
import type { BreakGlassVerdict } from '../../gen/tocsin/record/v1/break_glass.ts';
import type { DeskGroup } from '../../gen/tocsin/record/v1/marking.ts';
import type { BreakGlassDesk } from '../../lifecycle/index.ts';
import { BREAK_GLASS_CLASSES, BREAK_GLASS_LASTS_MS, facetOf } from '../../record/index.ts';
import type { BreakGlassQuery, ReadTx, StoredOpening } from '../../store/index.ts';
import { type Access, notFound } from '../access.ts';
import { DeskError } from '../errors.ts';
import { askedOf, holdRecord, judgeRecord, type OpenedRecord, openHeld } from '../open-record.ts';
import type { DeskNode, DeskStore } from '../ports.ts';
import type { OfficerSession } from '../session.ts';
import { hasCondition } from '../visibility.ts';
import type { DeskHandlers } from './handlers.ts';
import { buffer } from './messages.ts';
import { RequestFields, subjectOf } from './request.ts';

export interface BreakGlassDeps {
  readonly access: Access;
  readonly store: DeskStore;
  readonly node: DeskNode;
  readonly breakGlass: BreakGlassDesk;
}

const MINUTE_MS = 60_000;
const MOST_MINUTES = BREAK_GLASS_LASTS_MS / MINUTE_MS;
/** A word is no emergency. */
const SHORTEST_REASON = 20;
const MOST_FACETS = 64;
/** Store pages that one list call reads at most. */
const SCANNED_PAGES = 20;

export function breakGlassHandlers(deps: BreakGlassDeps): DeskHandlers<BreakGlassServiceDefinition> {
  const { access, store, node, breakGlass } = deps;

  return {
    async openFacets(request, { session }) {
      const fields = new RequestFields();
      const byId = request.headerDigest.length === 0;
      if (byId) {
        fields.recordId('record_id', request.recordId);
        fields.node('originator', request.originator);
      } else fields.digest('header_digest', request.headerDigest);
      const reason = fields.note('reason', request.reason.trim());
      if (reason.length < SHORTEST_REASON)
        fields.fault(
          'reason',
          'TOO_SHORT',
          `expected the emergency in at least ${SHORTEST_REASON} characters`,
        );
      if (request.minutes > MOST_MINUTES)
        fields.fault('minutes', 'TOO_LARGE', `expected at most ${MOST_MINUTES} minutes (R17)`);
      if (request.facets.length > MOST_FACETS || new Set(request.facets).size !== request.facets.length)
        fields.fault('facets', 'COUNT', `expected at most ${MOST_FACETS} facets, each once`);
      fields.done();
      const found = await store.read(async (tx) => {
        const record = byId
          ? await tx.records.current(request.originator, request.recordId, session.world)
          : await tx.records.byDigest(request.headerDigest);
        if (record === undefined) return undefined;
        const held = await holdRecord(tx, node.network, record);
        const { headerDigest } = record;
        return {
          held,
          byRight: await openHeld(tx, access, held, session),
          openings: await tx.breakGlass.inForce(node.self, headerDigest, session.fingerprint, access.nowMs()),
        };
      });
      if (found === undefined) throw notFound('record');
      const { held, byRight } = found;
      const { headerDigest, state, kind } = held.record;
      if (!judgeRecord(access, session, 'break-glass', held, true).allowed && byRight === undefined) {
        await access.audit(session, 'desk.refused', subjectOf(headerDigest), { wanted: 'break-glass' });
        throw notFound('record');
      }
      if (state !== 'released')
        throw new DeskError({
          code: 'STATE',
          message: `expected a record in force, this ${kind} is ${state}: nothing of it is opened`,
        });
      if (held.items !== undefined && hasCondition(held.signed.header.marking))
        if (byRight === undefined || byRight.conditionPending) throw conditionStands();
      const wanted = wantedOf(request.facets, held, byRight);
      for (const facet of [...wanted.facets, ...wanted.asked])
        await access.require(
          session,
          'break-glass',
          subjectOf(headerDigest),
          askedOf(held, session, held.items?.[0], facet, true),
        );
      const covering = found.openings.find(
        (opening) =>
          wanted.facets.every((name) => opening.facets.includes(name)) &&
          wanted.asked.every((name) => opening.asked.includes(name)),
      );
      if (covering !== undefined) return { opening: openingMessage(covering) };
      const opening = await breakGlass.open({
        officer: session,
        headerDigest,
        ...wanted,
        reason,
        lastsMs: (request.minutes || MOST_MINUTES) * MINUTE_MS,
      });
      return { opening: openingMessage(opening) };
    },

    async listOpenings(request, { session }) {
      const fields = new RequestFields();
      const limit = fields.pageSize('page_size', request.pageSize);
      if (request.headerDigest.length > 0) fields.digest('header_digest', request.headerDigest);
      fields.done();
      await access.require(session, ['read-audit', 'work'], 'break-glass');
      const answer = await store.read((tx) =>
        visibleOpenings(tx, deps, session, {
          limit,
          notReviewed: request.notReviewed,
          ...(request.headerDigest.length > 0 && { headerDigest: request.headerDigest }),
          ...(request.cursor !== '' && { cursor: request.cursor }),
        }),
      );
      await access.audit(session, 'break-glass.listed', 'break-glass', {
        openings: answer.openings.map(({ opening }) => subjectOf(opening).slice(0, 16)).join(' '),
      });
      return answer;
    },

    async reviewOpening(request, { session }) {
      const fields = new RequestFields();
      const digest = fields.digest('opening', request.opening);
      const note = fields.note('note', request.note.trim());
      if (note === '') fields.fault('note', 'REQUIRED', 'expected why it is judged so');
      if (request.verdict !== 1 && request.verdict !== 2)
        fields.fault('verdict', 'REQUIRED', 'expected JUSTIFIED or NOT_JUSTIFIED');
      fields.done();
      const held = await store.read(async (tx) => {
        const opening = await tx.breakGlass.openingOf(digest);
        if (opening === undefined || !maySee(access, session, node.self, opening)) return undefined;
        const record = await tx.records.byDigest(opening.headerDigest);
        return record && holdRecord(tx, node.network, record);
      });
      if (held === undefined) throw notFound('opening');
      await access.require(
        session,
        'review-break-glass',
        subjectOf(held.record.headerDigest),
        askedOf(held, session, held.items?.[0]),
      );
      const { verdict } = request;
      return {
        opening: openingMessage(
          await breakGlass.review({ officer: session, opening: digest, verdict, note }),
        ),
      };
    },
  };
}

const conditionStands = (): DeskError =>
  new DeskError({
    code: 'CONDITION_PENDING',
    message:
      'the originator set a condition that this desk group has not accepted: an emergency does not accept it, call the originator',
  });

/** Facets to open, and those to ask for: what the officer sees by right is neither. */
function wantedOf(
  asked: readonly string[],
  held: Pick<OpenedRecord, 'signed' | 'facets'>,
  byRight: OpenedRecord | undefined,
): { readonly facets: readonly string[]; readonly asked: readonly string[] } {
  const { kind, commitments } = held.signed.header;
  const names = commitments.map(({ facet }) => facet);
  const unknown = asked.find((name) => !names.includes(name));
  if (unknown !== undefined) {
    const message = `expected facets of ${kind}: ${names.join(', ')}`;
    throw new DeskError({
      code: 'INVALID_REQUEST',
      message,
      faults: [{ path: 'facets', code: 'UNKNOWN_FACET', message }],
    });
  }
  const here = new Set(held.facets.map(({ facet }) => facet));
  const filled = new Set(held.facets.filter(({ body }) => body.length > 0).map(({ facet }) => facet));
  const shown = new Set(
    byRight?.verdicts.filter(({ withheld }) => withheld === undefined).map(({ facet }) => facet),
  );
  const openable = (name: string): boolean =>
    filled.has(name) && BREAK_GLASS_CLASSES.has(facetOf(kind, name)?.class ?? '');
  const wanted = names.filter((name) => (asked.length > 0 ? asked.includes(name) : openable(name)));
  const facets = wanted.filter((name) => here.has(name) && !shown.has(name));
  const missing = wanted.filter((name) => !here.has(name));
  if (facets.length + missing.length === 0)
    throw new DeskError({
      code: 'STATE',
      message: 'nothing that an emergency could open is withheld from this desk: read it with GetRecord',
    });
  return { facets, asked: missing };
}

/** Auditors see all; others what they or their desk group opened here, and what was opened of their desk group's records. */
function maySee(access: Access, session: OfficerSession, self: string, opening: StoredOpening): boolean {
  if (opening.exercise !== (session.world === 'exercise')) return false;
  if (access.judge(session, 'read-audit').allowed) return true;
  // Not for observers: an opening names an officer and says why.
  if (!access.judge(session, 'work').allowed) return false;
  return (
    (opening.node === self && opening.deskGroup === session.deskGroup) ||
    (opening.originator === self && opening.recordDeskGroup === session.deskGroup)
  );
}

async function visibleOpenings(
  tx: ReadTx,
  { access, node }: BreakGlassDeps,
  session: OfficerSession,
  query: Omit<BreakGlassQuery, 'exercise'> & { readonly limit: number },
) {
  const openings: OpeningMessage[] = [];
  let { cursor } = query;
  for (let page = 0; page < SCANNED_PAGES && openings.length < query.limit; page += 1) {
    const found = await tx.breakGlass.list({
      ...query,
      exercise: session.world === 'exercise',
      limit: query.limit - openings.length,
      ...(cursor !== undefined && { cursor }),
    });
    for (const opening of found.items)
      if (maySee(access, session, node.self, opening)) openings.push(openingMessage(opening));
    cursor = found.next;
    if (cursor === undefined) break;
  }
  return { openings, nextCursor: cursor ?? '' };
}

const openingMessage = (opening: StoredOpening): OpeningMessage => ({
  opening: buffer(opening.opening),
  headerDigest: buffer(opening.headerDigest),
  originator: opening.originator,
  node: opening.node,
  officer: opening.officer,
  certificate: Buffer.from(fromHex(opening.certificate)),
  deskGroup: opening.deskGroup as DeskGroup,
  facets: [...opening.facets],
  asked: [...opening.asked],
  reason: opening.reason,
  openedAt: BigInt(opening.openedAt),
  until: BigInt(opening.until),
  readings: opening.readings,
  lastReadAt: BigInt(opening.lastReadAt ?? 0),
  verdict: (opening.review?.verdict ?? 0) as BreakGlassVerdict,
  reviewer: opening.review?.reviewer ?? '',
  reviewNote: opening.review?.note ?? '',
  reviewedAt: BigInt(opening.review?.reviewedAt ?? 0),
});
