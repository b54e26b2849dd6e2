/**
 * Published tables of equivalent spellings that count at this node now, joined to the shipped ones. One index serves all desks, so a
 * table counts that each of them may meet; of the live world alone (R21), whichever desk asks.
 */
import { hex } from '../../base/bytes.ts';
import type { DeskGroup, Purpose } from '../../gen/tocsin/record/v1/marking.ts';
import { deskFacts } from '../../policy/index.ts';
import type { Store, StoredRecord } from '../../store/index.ts';
import type { Equivalences } from '../names/equivalence.ts';
import { SHIPPED_CLASSES } from '../names/equivalence-data.ts';
import { equivalencesOf, type PublishedTable, type Unused } from '../names/published.ts';
import { REFERENCE_TABLE, TABLE, tableIn } from '../names/table-record.ts';
import { holdMany } from './held.ts';
import { type DeskJudge, mayScreen, type Screened, searcherOf } from './viewer.ts';

/** Tables of one originator that are read, the first by header digest: the same ones at every node that holds them. */
const MOST_TABLES_OF_ONE = 16;
const PAGE = 500;
/** Tables opened at once; each may be as large as a facet. */
const TOGETHER = 16;

export interface TableDeps {
  readonly store: Store;
  readonly network: Uint8Array;
  /** Node id. */
  readonly self: string;
  readonly policy: () => DeskJudge;
  readonly purposesOf: (deskGroup: DeskGroup) => readonly Purpose[];
  /** Desk groups of this node; where there are none, no table counts. */
  readonly desks: () => readonly DeskGroup[];
}

export interface CurrentTables {
  readonly equivalences: Equivalences;
  /** How many tables are in them. */
  readonly tables: number;
  /** Rows and words that are not used, by reason. */
  readonly unused: Readonly<Partial<Record<Unused, number>>>;
  /** What they were judged by, and up to when that holds, milliseconds UTC: from then on a table begins or ends. */
  readonly judgedBy: string;
  readonly until: number;
}

/** Changes whenever tables may be judged otherwise than before, time excepted. */
export const judgedBy = ({ policy, desks }: Pick<TableDeps, 'policy' | 'desks'>): string =>
  JSON.stringify([policy().digest, desks()]);

/** Reads and judges the tables. Throws for a stored header that does not read as one: the store is damaged. */
export async function currentTables(deps: TableDeps, nowMs: number): Promise<CurrentTables> {
  const { store, network } = deps;
  // Before the first look: policies that change meanwhile are seen as others.
  const by = judgedBy(deps);
  const records = await recordsOfTables(deps, nowMs);
  const tables: PublishedTable[] = [];
  let until = Number.POSITIVE_INFINITY;
  for (let at = 0; at < records.length; at += TOGETHER) {
    const some = records.slice(at, at + TOGETHER);
    for (const held of await store.read((tx) => holdMany(tx, network, some))) {
      const facts = deskFacts(held);
      if (facts === undefined || facts.until <= nowMs) continue;
      until = Math.min(until, facts.from > nowMs ? facts.from : facts.until);
      const body = held.facets.find(({ facet }) => facet === TABLE)?.body;
      if (facts.from > nowMs || body === undefined || !mayAll(deps, held, nowMs)) continue;
      const table = tableIn(held.record, body);
      if (table !== undefined) tables.push(table);
    }
  }
  const { equivalences, unused } = equivalencesOf(SHIPPED_CLASSES, tables);
  const counts: Partial<Record<Unused, number>> = {};
  for (const { reason } of unused) counts[reason] = (counts[reason] ?? 0) + 1;
  return { equivalences, tables: tables.length, unused: counts, judgedBy: by, until };
}

/** Rows alone: their facets are large, and one originator may have any number of them. */
async function recordsOfTables({ store }: TableDeps, nowMs: number): Promise<readonly StoredRecord[]> {
  const byOriginator = new Map<string, StoredRecord[]>();
  let cursor: string | undefined;
  do {
    const query = { kind: REFERENCE_TABLE, world: 'live', state: 'released', limit: PAGE } as const;
    const page = await store.read((tx) =>
      tx.records.list({ ...query, ...(cursor !== undefined && { cursor }) }),
    );
    for (const record of page.items) {
      if (record.expires <= nowMs) continue;
      const own = [...(byOriginator.get(record.originator) ?? []), record].sort(firstByDigest);
      byOriginator.set(record.originator, own.slice(0, MOST_TABLES_OF_ONE));
    }
    cursor = page.next;
  } while (cursor !== undefined);
  return [...byOriginator.values()].flat();
}

const firstByDigest = (a: StoredRecord, b: StoredRecord): number =>
  hex(a.headerDigest) < hex(b.headerDigest) ? -1 : 1;

function mayAll(deps: TableDeps, held: Screened, nowMs: number): boolean {
  const desks = deps.desks();
  return (
    desks.length > 0 &&
    desks.every((deskGroup) => {
      const searcher = searcherOf(deps, { deskGroup, purpose: 0, exercise: false });
      // A condition (H3) is accepted desk by desk.
      return mayScreen(deps.policy(), searcher, held, [TABLE], nowMs, false);
    })
  );
}
