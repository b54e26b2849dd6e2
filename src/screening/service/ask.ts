/** Questions answered, logged and audited, many in one go: one look at the store for some hundred, one write however many they are. */
import { sleep } from '../../base/async.ts';
import type { FieldFault } from '../../base/error.ts';
import {
  ScreeningResult as ResultCodec,
  ScreenedAgainst,
  ScreeningOutcome,
  ScreeningQuery,
  type ScreeningResult,
} from '../../gen/tocsin/desk/v1/screening_service.ts';
import { sha256 } from '../../record/index.ts';
import type { FalsePositive, NewHit, NewScreening } from '../../store/index.ts';
import type { Budget } from './budget.ts';
import { type Audited, newId, type ScreeningDeps, type ScreeningOfficer } from './context.ts';
import { type Candidate, type Found, find, findNames, type Reach } from './find.ts';
import type { IndexKeeper } from './index-keeper.ts';
import { isFault, type ReadQuery, readQuery } from './query.ts';
import type { ScreenedRecords } from './screened-records.ts';
import { encodeHit, isKnownFalse, Opened, type Tellable } from './tell.ts';

const DAY_MS = 86_400_000;
/** Declarations are screened again for so long. */
const KEPT_MS = 90 * DAY_MS;
const MOST_HITS = 20;
const REFERENCE_LENGTH = 200;
/** Lines that are judged and told together, for which their records are read at once. */
const PIECE = 256;
/** Pieces that are searched while one is judged: enough for all threads, and no more turns at once where there are none. */
const AHEAD = 2;
/** Others' calls are served after so much searching. */
const TURN_MS = 10;

export interface Line {
  readonly query: ScreeningQuery | undefined;
  readonly reference: string;
  readonly keep: boolean;
}

export interface Asked {
  readonly results: readonly ScreeningResult[];
  readonly against: ScreenedAgainst;
}

export interface AskDeps extends ScreeningDeps {
  readonly keeper: IndexKeeper;
  readonly spending: Budget;
}

interface Answer {
  readonly result: ScreeningResult;
  readonly screening?: NewScreening;
  readonly hits: readonly NewHit[];
}

/** What is screened against now. */
export function against({ keeper, clock, rules, cut }: AskDeps): ScreenedAgainst {
  return ScreenedAgainst.fromPartial({
    at: BigInt(clock.nowMs()),
    lists: keeper.records.lists.map(({ originator, entries, newest }) => ({
      originator,
      entries,
      newest: BigInt(newest),
    })),
    position: keeper.position,
    ruleVersion: rules,
    cut,
  });
}

/**
 * Answers in the order of the lines, durably logged when it resolves. A line at fault holds up no other. With `batch` the lines are
 * those of one batch. Throws NOT_READY and SCREENING_BUDGET, before anything is asked.
 */
export async function ask(
  deps: AskDeps,
  officer: ScreeningOfficer,
  lines: readonly Line[],
  audited: Audited,
  batch?: string,
): Promise<Asked> {
  const { keeper, store, clock, spending } = deps;
  const nowMs = clock.nowMs();
  await keeper.catchUp();
  await spending.spend(officer.fingerprint, lines.length, nowMs);
  const records = keeper.records;
  const stated = against(deps);
  const { shown } = records.classes.permitted(deps.policy(), officer);
  // One question is somebody's who wonders; a manifest is thousands, of which few are looked at.
  const reach = { classes: shown, nowMs, limit: MOST_HITS, nearest: batch === undefined };
  const read = lines.map(readLine);
  // Everything but the instant: screenings of one state of the index share it.
  const listsBody = ScreenedAgainst.encode({ ...stated, at: 0n }).finish();
  const common = {
    at: nowMs,
    officer: officer.fingerprint,
    deskGroup: officer.deskGroup,
    purpose: officer.purpose ?? 0,
    exercise: officer.world === 'exercise',
    lists: sha256(listsBody),
    ...(batch === undefined ? {} : { batch }),
  };
  const answers: Answer[] = [];
  for await (const { from, queries, named } of pieces(records, read, reach)) {
    const found = await findEach(records, queries, reach, named);
    const { opened, known } = await lookUp(deps, officer, queries, found);
    for (const [at, query] of queries.entries())
      answers.push(
        answerOf(deps, officer, query, lines[from + at], found[at], { opened, known, nowMs, common }),
      );
  }
  const logged = answers.flatMap(({ screening, hits }) =>
    screening === undefined ? [] : [{ screening, hits }],
  );
  const met = logged.filter(
    ({ screening }) => screening.outcome === ScreeningOutcome.SCREENING_OUTCOME_HIT,
  ).length;
  await store.write(async (tx) => {
    await tx.screenings.keepLists(common.lists, listsBody);
    await tx.screenings.add(logged);
    const [only] = logged;
    await tx.audit.append([
      batch === undefined
        ? audited('screening.asked', only?.screening.id ?? 'screening', { hits: only?.hits.length ?? 0 })
        : audited('screening.batch', batch, { lines: lines.length, hits: met }),
    ]);
  });
  return { results: answers.map(({ result }) => result), against: stated };
}

type Read = ReadQuery | FieldFault;

/** Lines piece by piece with what their names found: threads search the next ones while a piece is judged and told. */
async function* pieces(
  records: ScreenedRecords,
  read: readonly Read[],
  reach: Reach,
): AsyncGenerator<{
  readonly from: number;
  readonly queries: readonly Read[];
  readonly named: Awaited<ReturnType<typeof findNames>>;
}> {
  const begin = (from: number) => {
    const queries = read.slice(from, from + PIECE);
    const named = findNames(
      records,
      queries.map((one) => (isFault(one) ? undefined : one)),
      reach,
    );
    // Whoever waits for it hears of it; where nobody does any more, nobody need.
    named.catch(() => undefined);
    return { from, queries, named };
  };
  const begun: ReturnType<typeof begin>[] = [];
  for (let next = 0; next < read.length || begun.length > 0; ) {
    for (; next < read.length && begun.length <= AHEAD; next += PIECE) begun.push(begin(next));
    const first = begun.shift();
    if (first) yield { ...first, named: await first.named };
  }
}

async function findEach(
  records: ScreenedRecords,
  queries: readonly Read[],
  reach: Reach,
  named: Awaited<ReturnType<typeof findNames>>,
): Promise<readonly (Found | undefined)[]> {
  const found: (Found | undefined)[] = [];
  let turn = performance.now();
  for (const [at, one] of queries.entries()) {
    found.push(isFault(one) ? undefined : find(records, one, reach, named[at]));
    if (performance.now() - turn > TURN_MS) {
      await sleep(0);
      turn = performance.now();
    }
  }
  return found;
}

/** The records that were found, and what of them the desk knows not to be who was asked for. */
async function lookUp(
  deps: AskDeps,
  { deskGroup, world }: ScreeningOfficer,
  queries: readonly Read[],
  found: readonly (Found | undefined)[],
): Promise<Pick<Telling, 'opened' | 'known'>> {
  const candidates = found.flatMap((one) => [
    ...(one?.candidates ?? []),
    ...(one?.nearestBelow ? [one.nearestBelow] : []),
  ]);
  const keys = queries.flatMap((one, at) =>
    isFault(one) || found[at]?.candidates.length === 0 ? [] : [one.key],
  );
  return deps.store.read(async (tx) => ({
    opened: await Opened.load(tx, deps, candidates, deskGroup),
    known: await tx.screenings.falsePositives(deskGroup, world === 'exercise', keys),
  }));
}

function readLine({ query, reference }: Line): ReadQuery | FieldFault {
  if (reference.length > REFERENCE_LENGTH)
    return {
      path: 'reference',
      code: 'TOO_LONG',
      message: `expected at most ${REFERENCE_LENGTH} characters`,
    };
  return readQuery(query);
}

const atFault = (field: string, code: string, message: string): Answer => ({
  result: ResultCodec.fromPartial({ fault: { code, field, message } }),
  hits: [],
});

interface Telling {
  readonly opened: Opened;
  readonly known: readonly FalsePositive[];
  readonly nowMs: number;
  readonly common: Omit<NewScreening, 'id' | 'query' | 'queryKey' | 'reference' | 'outcome' | 'hits'>;
}

function answerOf(
  deps: AskDeps,
  officer: ScreeningOfficer,
  query: ReadQuery | FieldFault,
  line: Line | undefined,
  found: Found | undefined,
  { opened, known, nowMs, common }: Telling,
): Answer {
  if (isFault(query)) return atFault(query.path, query.code, query.message);
  if (found?.fault !== undefined)
    return atFault('query.identifier.value', found.fault.code, found.fault.message);
  const tell = (candidate: Candidate): Tellable[] => {
    const told = opened.tell(officer, query, candidate, nowMs);
    return told === undefined || told.referred ? [] : [told];
  };
  const told = (found?.candidates ?? []).flatMap(tell).map((one) => {
    const isKnown = isKnownFalse(known, query.key, one);
    const alerts = !isKnown && !one.message.belowGradingFloor;
    return { ...one, alerts, message: { ...one.message, knownFalsePositive: isKnown } };
  });
  const hits = [...told.filter(({ alerts }) => alerts), ...told.filter(({ alerts }) => !alerts)]
    .slice(0, MOST_HITS)
    .map((one, at) => ({ ...one, message: { ...one.message, number: at + 1 } }));
  const outcome = hits.some(({ alerts }) => alerts)
    ? ScreeningOutcome.SCREENING_OUTCOME_HIT
    : ScreeningOutcome.SCREENING_OUTCOME_NO_HIT;
  const id = newId(deps.random);
  const [nearest] = found?.nearestBelow === undefined ? [] : tell(found.nearestBelow);
  return {
    result: {
      screeningId: id,
      outcome,
      hits: hits.map(({ message }) => message),
      nearestBelow: nearest?.message,
      readings: readingsOf(query, found),
      corrections: [...(found?.numbers?.corrections ?? [])],
      more: found?.more === true && hits.length > 0,
      fault: undefined,
    },
    screening: {
      ...common,
      id,
      query: ScreeningQuery.encode(query.query).finish(),
      queryKey: query.key,
      reference: line?.reference ?? '',
      outcome,
      hits: hits.length,
      ...(line?.keep === true && { keptUntil: nowMs + KEPT_MS }),
    },
    hits: hits.map(({ message, recordId, facetDigest, alerts }) => ({
      number: message.number,
      headerDigest: message.headerDigest,
      originator: message.originator,
      recordId,
      facet: message.facet,
      facetDigest,
      told: encodeHit(message),
      alerts,
    })),
  };
}

const readingsOf = (query: ReadQuery, found: Found | undefined): ScreeningResult['readings'] => [
  ...(query.name === undefined ? [] : [{ scheme: '', value: query.name.name, notes: [] }]),
  ...(found?.numbers?.readings ?? []).map(({ scheme, value, notes }) => ({
    scheme,
    value,
    notes: [...notes],
  })),
];
