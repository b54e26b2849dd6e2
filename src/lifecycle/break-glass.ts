/**
 * Break-glass (R17): facets that this node holds and an officer's desk may not read are opened to him alone, in an emergency that he
 * states, for four hours at most. Opening, every reading and the originator's review are records of the kind `break-glass`, audited
 * at both ends. Whether he may is the desk's policy, asked before; that a facet is class S, M or O is judged here once more.
 */
import { fromHex, hex } from '../base/bytes.ts';
import { breakGlassAlarm } from '../exchange/index.ts';
import { BreakGlass, BreakGlassStage, BreakGlassVerdict } from '../gen/tocsin/record/v1/break_glass.ts';
import { DeskGroup, type Status } from '../gen/tocsin/record/v1/marking.ts';
import { BREAK_GLASS, BREAK_GLASS_CLASSES, BREAK_GLASS_LASTS_MS, facetOf, worldOf } from '../record/index.ts';
import type { StoredOpening, StoredRecord, WriteTx } from '../store/index.ts';
import { auditOf, type LifecycleDeps } from './context.ts';
import { refuse } from './errors.ts';
import { stateByNode } from './node-record.ts';
import type { Officer } from './ports.ts';

/** Readings by one officer within this are told to the originator once. */
const READ_AGAIN_MS = 60_000;

export interface OpenFacets {
  readonly officer: Officer;
  readonly headerDigest: Uint8Array;
  /** Held, and withheld from his desk. */
  readonly facets: readonly string[];
  /** Needed and not held: the originator reads it. */
  readonly asked: readonly string[];
  /** The emergency, in words. */
  readonly reason: string;
  /** At most BREAK_GLASS_LASTS_MS. */
  readonly lastsMs: number;
}

/** Each step is durable, audited and on its way to the other end when it resolves. */
export interface BreakGlassDesk {
  /** Throws NOT_FOUND, INVALID. */
  open(request: OpenFacets): Promise<StoredOpening>;
  /** Before facets are shown that only an opening shows: counted, audited, told. */
  read(request: {
    readonly officer: Officer;
    readonly openings: readonly StoredOpening[];
    /** Facets shown. */
    readonly facets: readonly string[];
  }): Promise<void>;
  /** The originator's word. Said again by anybody it stays as it was. Throws NOT_FOUND, NOT_OWN, FOUR_EYES, INVALID. */
  review(request: {
    readonly officer: Officer;
    readonly opening: Uint8Array;
    readonly verdict: BreakGlassVerdict;
    readonly note: string;
  }): Promise<StoredOpening>;
}

export function createBreakGlass<View>(deps: LifecycleDeps<View>): BreakGlassDesk {
  return {
    open: (request) => deps.store.write((tx) => open(deps, tx, request)),
    read: ({ officer, openings, facets }) =>
      deps.store.write(async (tx) => {
        for (const opening of openings) await read(deps, tx, officer, opening, facets);
      }),
    review: (request) => deps.store.write((tx) => review(deps, tx, request)),
  };
}

async function open<View>(
  deps: LifecycleDeps<View>,
  tx: WriteTx,
  { officer, headerDigest, facets, asked, reason, lastsMs }: OpenFacets,
): Promise<StoredOpening> {
  const record = await tx.records.byDigest(headerDigest);
  if (!record) throw refuse('NOT_FOUND', 'expected the header digest of a record held here, got another');
  assertOpenable(record, facets, asked);
  if (lastsMs <= 0 || lastsMs > BREAK_GLASS_LASTS_MS)
    throw refuse('INVALID', 'expected an opening of at most four hours (R17)');
  const at = deps.clock.nowMs();
  const until = at + lastsMs;
  const { headerDigest: opening } = await state(deps, tx, officer, record, {
    stage: BreakGlassStage.BREAK_GLASS_STAGE_OPENED,
    facets: [...facets],
    asked: [...asked],
    reason,
    at: BigInt(at),
    until: BigInt(until),
  });
  const exercise = worldOf(record.status as Status) === 'exercise';
  await tx.breakGlass.open({
    opening,
    headerDigest,
    originator: record.originator,
    node: deps.self.node,
    exercise,
    recordDeskGroup: record.deskGroup,
    officer: officer.name,
    certificate: officer.fingerprint,
    deskGroup: officer.deskGroup,
    facets,
    asked,
    reason,
    openedAt: at,
    until,
  });
  if (!exercise) {
    const { node } = deps.self;
    const alarm = breakGlassAlarm(opening, { node, officer: officer.name, record: headerDigest, facets });
    const { code, subject, detail } = alarm;
    await tx.alarms.raise({ at, code, subject, detail });
  }
  await tx.audit.append([
    auditOf(officer, at, 'break-glass.opened', headerDigest, {
      opening: hex(opening),
      facets: facets.join(' '),
      reason,
      until: new Date(until).toISOString(),
      ...(asked.length > 0 && { asked: asked.join(' ') }),
    }),
  ]);
  return known(tx, opening);
}

/** R17: class O at most, whatever the desk's policy said. */
function assertOpenable(record: StoredRecord, facets: readonly string[], asked: readonly string[]): void {
  const names = [...facets, ...asked];
  const beyond = names.find((name) => !BREAK_GLASS_CLASSES.has(facetOf(record.kind, name)?.class ?? ''));
  if (beyond !== undefined)
    throw refuse('INVALID', `expected facets of ${record.kind} of class S, M or O, got ${beyond} (R17)`);
  if (names.length === 0)
    throw refuse('INVALID', 'expected a facet that is held here and withheld from this desk, got none');
}

async function read<View>(
  deps: LifecycleDeps<View>,
  tx: WriteTx,
  officer: Officer,
  before: StoredOpening,
  shown: readonly string[],
): Promise<void> {
  const at = deps.clock.nowMs();
  const opening = await known(tx, before.opening);
  const facets = opening.facets.filter((name) => shown.includes(name));
  if (facets.length === 0) return;
  const record = await tx.records.byDigest(opening.headerDigest);
  if (!record) throw refuse('NOT_FOUND', 'expected a record that is held here');
  await tx.audit.append([
    auditOf(officer, at, 'break-glass.read', opening.headerDigest, {
      opening: hex(opening.opening),
      facets: facets.join(' '),
    }),
  ]);
  if (opening.lastReadAt !== undefined && Math.abs(at - opening.lastReadAt) < READ_AGAIN_MS) return;
  await tx.breakGlass.read(opening.opening, at);
  await state(deps, tx, officer, record, {
    stage: BreakGlassStage.BREAK_GLASS_STAGE_READ,
    opening: Buffer.from(opening.opening),
    facets,
    at: BigInt(at),
  });
}

async function review<View>(
  deps: LifecycleDeps<View>,
  tx: WriteTx,
  { officer, opening: digest, verdict, note }: Parameters<BreakGlassDesk['review']>[0],
): Promise<StoredOpening> {
  const opening = await tx.breakGlass.openingOf(digest);
  const record = opening && (await tx.records.byDigest(opening.headerDigest));
  if (!opening || !record) throw refuse('NOT_FOUND', 'expected the digest of an opening that is known here');
  if (record.origin !== 'own')
    throw refuse(
      'NOT_OWN',
      `expected an opening of a record of ${deps.self.node}; its originator reviews it`,
    );
  if (verdict === BreakGlassVerdict.BREAK_GLASS_VERDICT_UNSPECIFIED || note.trim() === '')
    throw refuse('INVALID', 'expected a verdict and the reason for it');
  if (opening.node === deps.self.node && opening.certificate === officer.fingerprint)
    throw refuse('FOUR_EYES', 'expected an officer other than the one who opened it; ask a second one');
  if (opening.review) return opening;
  const at = deps.clock.nowMs();
  const { headerDigest } = await state(
    deps,
    tx,
    officer,
    record,
    {
      stage: BreakGlassStage.BREAK_GLASS_STAGE_REVIEWED,
      opening: Buffer.from(digest),
      reason: note,
      verdict,
      at: BigInt(at),
    },
    opening.node,
  );
  await tx.breakGlass.review(digest, {
    verdict,
    reviewer: officer.name,
    note,
    reviewedAt: at,
    review: headerDigest,
  });
  await tx.alarms.clear('BREAK_GLASS', hex(digest), at);
  await tx.audit.append([
    auditOf(officer, at, 'break-glass.reviewed', opening.headerDigest, {
      opening: hex(digest),
      verdict,
      note,
    }),
  ]);
  return known(tx, digest);
}

async function known(tx: WriteTx, opening: Uint8Array): Promise<StoredOpening> {
  const found = await tx.breakGlass.openingOf(opening);
  if (!found) throw refuse('NOT_FOUND', 'expected the digest of an opening that is known here');
  return found;
}

/** Told to the originator, or by it to the node that opened; between officers of one node it stays there. */
function state<View>(
  deps: LifecycleDeps<View>,
  tx: WriteTx,
  officer: Officer,
  record: StoredRecord,
  said: Partial<BreakGlass>,
  to = record.originator,
) {
  return stateByNode(deps, tx, {
    kind: BREAK_GLASS,
    facets: {
      [BREAK_GLASS]: BreakGlass.encode(
        BreakGlass.fromPartial({
          ...said,
          record: Buffer.from(record.headerDigest),
          officer: officer.name,
          certificate: Buffer.from(fromHex(officer.fingerprint)),
          deskGroup: officer.deskGroup,
        }),
      ).finish(),
    },
    to: to === deps.self.node ? [] : [to],
    world: worldOf(record.status as Status),
    deskGroup: DeskGroup.DESK_GROUP_NODE,
  });
}
