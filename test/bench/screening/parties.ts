/** The listed parties with what is held out of the index, so that it can be looked for. */
import type {
  ListedName,
  ListedNameKind,
  ListedParty,
  SubjectType,
} from '../../../src/screening/names/party.ts';
import { cellOf, readTable, type TableRow } from './data.ts';
import { inHashOrder } from './random.ts';
import { plainWords, resemblance, sameWords } from './resemblance.ts';

const SUBJECTS: Readonly<Record<string, SubjectType>> = {
  individual: 'person',
  person: 'person',
  entity: 'organisation',
  vessel: 'vessel',
  aircraft: 'aircraft',
};

const KINDS: Readonly<Record<string, ListedNameKind>> = {
  primary: 'primary',
  aka: 'alias',
  nka: 'alias',
  'alias-aka': 'alias',
  'alias-good': 'alias',
  'alias-low': 'weak',
  'weak-aka': 'weak',
  'weak-fka': 'weak',
  fka: 'former',
  'alias-fka': 'former',
  'original-script': 'original-script',
};
const ADDED_LATER = 'ofac-2025-new';

/** Aliases that are taken out at most. */
const MOST_TAKEN = 1_000;
/** A taken alias resembles a name that stays at least so much. */
const LEAST_RESEMBLANCE = 0.5;
const TAKEN_KINDS: ReadonlySet<string> = new Set([
  'aka',
  'nka',
  'fka',
  'alias-aka',
  'alias-good',
  'alias-fka',
]);

/** A name that is looked for and is not in the index, with the party it belongs to. */
export interface HeldOut {
  readonly text: string;
  readonly id: string;
}

export interface ListedParties {
  /** With the names that the index has. */
  readonly parties: readonly ListedParty[];
  readonly takenAliases: readonly HeldOut[];
  readonly addedLater: readonly HeldOut[];
  readonly originalScript: readonly HeldOut[];
  /** Ids any of which is a hit for a party. */
  hitsOf(id: string): ReadonlySet<string>;
}

const nameOf = (row: TableRow): ListedName => {
  const kind = KINDS[cellOf(row, 'kind')];
  if (!kind) throw new Error(`expected a known kind of name, got '${row.kind}'`);
  return { text: cellOf(row, 'name'), kind };
};

function clustersOf(folder: string): (id: string) => ReadonlySet<string> {
  const members = new Map<string, Set<string>>();
  const clusterOf = new Map<string, string>();
  for (const row of readTable(folder, 'list-clusters')) {
    const [id, cluster] = [cellOf(row, 'id'), cellOf(row, 'cluster')];
    clusterOf.set(id, cluster);
    members.set(cluster, (members.get(cluster) ?? new Set<string>()).add(id));
  }
  return (id) => members.get(clusterOf.get(id) ?? '') ?? new Set([id]);
}

/** Rows that are taken out: in hash order, each resembling a name that stays and the same as none, half of a party's at most. */
function takenOf(rows: readonly TableRow[]): ReadonlySet<TableRow> {
  const byParty = Map.groupBy(rows, (row) => cellOf(row, 'id'));
  const taken = new Set<TableRow>();
  const words = new Map(rows.map((row) => [row, plainWords(cellOf(row, 'name'))]));
  const wordsOf = (row: TableRow): readonly string[] => words.get(row) ?? [];
  const suits = (row: TableRow): boolean => {
    const others = byParty.get(cellOf(row, 'id')) ?? [];
    const stay = others.filter((one) => one !== row && !taken.has(one));
    if (2 * stay.length < others.length) return false;
    if (stay.some((one) => sameWords(wordsOf(row), wordsOf(one)))) return false;
    return stay.some((one) => resemblance(wordsOf(row), wordsOf(one)) >= LEAST_RESEMBLANCE);
  };
  const candidates = rows.filter(
    (row) => TAKEN_KINDS.has(cellOf(row, 'kind')) && cellOf(row, 'script') === 'Latin',
  );
  for (const row of inHashOrder(candidates, (one) => `taken|${one.id}|${one.name}`)) {
    if (taken.size === MOST_TAKEN) break;
    if (suits(row)) taken.add(row);
  }
  return taken;
}

const heldOut = (rows: Iterable<TableRow>): readonly HeldOut[] =>
  [...rows].map((row) => ({ text: cellOf(row, 'name'), id: cellOf(row, 'id') }));

export function listedParties(folder: string): ListedParties {
  const rows = readTable(folder, 'list-names');
  const subjects = new Map(
    readTable(folder, 'list-entries').map((row) => [
      cellOf(row, 'id'),
      SUBJECTS[cellOf(row, 'type')] ?? 'unknown',
    ]),
  );
  const isLater = (row: TableRow): boolean => row.list === ADDED_LATER;
  const isOriginal = (row: TableRow): boolean => row.kind === 'original-script' && row.script !== 'Latin';
  const known = rows.filter((row) => !isLater(row) && !isOriginal(row));
  const taken = takenOf(known.filter(({ list }) => list !== 'ofac-2025-only'));
  const indexed = known.filter((row) => !taken.has(row));
  const byId = Map.groupBy(indexed, (row) => cellOf(row, 'id'));
  const parties = [...byId].map(
    ([id, names]): ListedParty => ({
      id,
      subject: subjects.get(id) ?? 'unknown',
      names: names.map(nameOf),
    }),
  );
  const hitsOf = clustersOf(folder);
  /** A name that nobody could tell from the others of its party is no question. */
  const resembles = (row: TableRow): boolean => {
    const words = plainWords(cellOf(row, 'name'));
    const others = [...hitsOf(cellOf(row, 'id'))].flatMap((id) => byId.get(id) ?? []);
    return others.some((one) => resemblance(words, plainWords(cellOf(one, 'name'))) >= LEAST_RESEMBLANCE);
  };
  return {
    parties,
    takenAliases: heldOut(taken),
    addedLater: heldOut(rows.filter((row) => isLater(row) && resembles(row))),
    originalScript: heldOut(rows.filter((row) => isOriginal(row) && byId.has(cellOf(row, 'id')))),
    hitsOf,
  };
}
