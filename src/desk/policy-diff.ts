/**
 * What another national policy would change over the own records in force: cell by cell, or counted by kind, partner and desk for
 * people who read no record (domain page §4.1).
 */
import type { DeskGroup, Purpose } from '../gen/tocsin/record/v1/marking.ts';
import type { World } from '../record/index.ts';
import type { StoredRecord } from '../store/index.ts';
import { type HeldRecord, holdRecord } from './open-record.ts';
import type { DeskNode, DeskPolicy, DeskStore, PartnerDecision } from './ports.ts';
import type { DeskDecision } from './visibility.ts';

type Engine = Pick<DeskPolicy, 'preview'>;

export interface Engines {
  readonly before: Engine;
  readonly after: Engine;
}

/** One cell of the matrix that changes. */
export interface CellChange {
  readonly partner: string;
  /** Empty = the record's existence. */
  readonly facet: string;
  readonly before: DeskDecision;
  readonly after: DeskDecision;
}

/** Purposes for which a desk of a partner gains, or loses, sight of something. */
export interface DeskChange {
  readonly partner: string;
  readonly deskGroup: DeskGroup;
  /** Empty = the record's existence. */
  readonly facet: string;
  readonly gained: readonly Purpose[];
  readonly lost: readonly Purpose[];
}

/** What one record changes. */
export interface RecordChange {
  readonly held: HeldRecord;
  readonly cells: readonly CellChange[];
  readonly desks: readonly DeskChange[];
}

export interface ComparisonDeps {
  readonly store: DeskStore;
  readonly node: DeskNode;
  /** What each desk group may ask for (R7). */
  readonly purposesOf: (deskGroup: DeskGroup) => readonly Purpose[];
}

/** One per own record in force in that world, oldest first, whether anything changes or not. */
export async function* comparePolicies(
  { store, node, purposesOf }: ComparisonDeps,
  engines: Engines,
  world: World,
): AsyncGenerator<RecordChange> {
  const at = node.clock.nowMs();
  for await (const held of ownRecordsInForce(store, node, world)) {
    const before = new Map(engines.before.preview(held, at).map((view) => [view.partner, view]));
    const views = engines.after.preview(held, at).map((after) => [before.get(after.partner), after] as const);
    yield {
      held,
      cells: views.flatMap(([was, now]) => cellChanges(was, now)),
      desks: views.flatMap(([was, now]) => (was === undefined ? [] : deskChanges(was, now, purposesOf))),
    };
  }
}

const NOTHING: DeskDecision = { allowed: false, rule: 'R1', reason: 'no decision' };

function cellChanges(was: PartnerDecision | undefined, now: PartnerDecision): readonly CellChange[] {
  const cells: readonly (readonly [string, DeskDecision, DeskDecision])[] = [
    ['', was?.receive ?? NOTHING, now.receive],
    ...[...now.facets].map(
      ([facet, decided]) => [facet, was?.facets.get(facet) ?? NOTHING, decided] as const,
    ),
  ];
  return cells
    .filter(([, before, after]) => before.allowed !== after.allowed)
    .map(([facet, before, after]) => ({ partner: now.partner, facet, before, after }));
}

/** Which desks of the partner see it, and for what. */
function sightOf(
  view: PartnerDecision,
  facet: string,
  purposesOf: ComparisonDeps['purposesOf'],
): ReadonlyMap<DeskGroup, readonly Purpose[]> {
  const decided = facet === '' ? view.receive : view.facets.get(facet);
  if (decided?.allowed !== true) return new Map();
  const audience = view.facetAudiences.find((one) => one.facet === facet)?.audience ?? view.audience;
  const deskGroups = audience.deskGroups as readonly DeskGroup[];
  return new Map(
    deskGroups.map((deskGroup) => [
      deskGroup,
      purposesOf(deskGroup).filter((purpose) => audience.purposes.includes(purpose)),
    ]),
  );
}

function deskChanges(
  was: PartnerDecision,
  now: PartnerDecision,
  purposesOf: ComparisonDeps['purposesOf'],
): readonly DeskChange[] {
  return ['', ...now.facets.keys()].flatMap((facet) => {
    const before = sightOf(was, facet, purposesOf);
    const after = sightOf(now, facet, purposesOf);
    return [...new Set([...before.keys(), ...after.keys()])].flatMap((deskGroup) => {
      const had = before.get(deskGroup) ?? [];
      const has = after.get(deskGroup) ?? [];
      const gained = has.filter((purpose) => !had.includes(purpose));
      const lost = had.filter((purpose) => !has.includes(purpose));
      return gained.length + lost.length === 0
        ? []
        : [{ partner: now.partner, deskGroup, facet, gained, lost }];
    });
  });
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

/** Records that change alike: one kind, one desk of one partner, one facet, one direction. */
export interface DiffRow {
  readonly kind: string;
  readonly partner: string;
  readonly deskGroup: DeskGroup;
  readonly facet: string;
  readonly visible: boolean;
  readonly purposes: readonly Purpose[];
  readonly records: number;
}

/** Counts what records change. Bounded by kinds, members and desks, however many records there are. */
export class DiffSummary {
  readonly #rows = new Map<
    string,
    Omit<DiffRow, 'purposes' | 'records'> & { purposes: Set<Purpose>; records: number }
  >();

  add(kind: string, changes: readonly DeskChange[]): void {
    for (const { partner, deskGroup, facet, gained, lost } of changes) {
      this.#count({ kind, partner, deskGroup, facet, visible: true }, gained);
      this.#count({ kind, partner, deskGroup, facet, visible: false }, lost);
    }
  }

  #count(what: Omit<DiffRow, 'purposes' | 'records'>, purposes: readonly Purpose[]): void {
    if (purposes.length === 0) return;
    const key = JSON.stringify(what);
    const row = this.#rows.get(key) ?? { ...what, purposes: new Set<Purpose>(), records: 0 };
    for (const purpose of purposes) row.purposes.add(purpose);
    row.records += 1;
    this.#rows.set(key, row);
  }

  /** What becomes visible first, and of that what concerns most records. */
  rows(): readonly DiffRow[] {
    return [...this.#rows.values()]
      .map((row) => ({ ...row, purposes: [...row.purposes].sort((a, b) => a - b) }))
      .sort((a, b) => Number(b.visible) - Number(a.visible) || b.records - a.records);
  }
}
