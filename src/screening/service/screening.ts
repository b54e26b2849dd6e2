/** The screening of a node: what desks are handed. Errors: ScreeningError; a question's own faults stand in its result. */
import { sleep } from '../../base/async.ts';
import type {
  ScreenedAgainst,
  ScreeningAlert,
  ScreeningSummary,
} from '../../gen/tocsin/desk/v1/screening_service.ts';
import type { Page, ReadTx, ScreeningQueryRows } from '../../store/index.ts';
import { IdentifierIndex } from '../identifiers/identifier-index.ts';
import { SCHEME_ROWS } from '../identifiers/schemes.ts';
import { BANDS } from '../names/bands.ts';
import { NameIndex, rulesOf } from '../names/name-index.ts';
import { type AskDeps, type Asked, against, ask, type Line } from './ask.ts';
import { BUDGET, Budget, type Free } from './budget.ts';
import { type Audited, newId, type ScreeningDeps, type ScreeningOfficer } from './context.ts';
import { Declarations } from './declarations.ts';
import { FollowUp } from './follow-up.ts';
import { IndexKeeper, type Progress } from './index-keeper.ts';
import {
  acknowledgeAlert,
  type Decide,
  decideHit,
  getScreening,
  listAlerts,
  listScreenings,
  type PastScreening,
  type Whose,
} from './past.ts';
import { rereadQuery } from './query.ts';
import type { Searcher } from './viewer.ts';

const LOOK_MS = 1_000;
const REFER_MS = 30_000;
const SAVE_MS = 60_000;
/** Indexes are built anew no more often. */
const BUILD_MS = 600_000;
const KEPT_PAGE = 2_000;

export interface ScreeningStatus {
  readonly progress: Progress;
  /** Absent while not ready. */
  readonly against?: ScreenedAgainst;
  readonly names: number;
  readonly identifiers: number;
  readonly schemes: readonly string[];
  readonly linesAMinute: number;
  readonly linesADay: number;
  readonly free: Free;
}

export interface Screening {
  /** Throws NOT_READY, SCREENING_BUDGET. */
  ask(officer: ScreeningOfficer, lines: readonly Line[], audited: Audited, batch?: string): Promise<Asked>;
  newBatch(): string;
  status(officer: ScreeningOfficer): Promise<ScreeningStatus>;
  list(query: ScreeningQueryRows): Promise<Page<ScreeningSummary>>;
  /** `searcher` = whose permissions say what is shown of the entries; undefined = nobody's. */
  get(whose: Whose, searcher: Searcher | undefined, id: string): Promise<PastScreening | undefined>;
  decide(request: Decide): ReturnType<typeof decideHit>;
  alerts(
    searcher: Searcher,
    query: Parameters<ReadTx['screenings']['alerts']>[0],
  ): Promise<Page<ScreeningAlert>>;
  acknowledge(whose: Whose, id: string, officer: string, audited: Audited): Promise<boolean>;
  /** One round of everything that is to be done after answers and changes, begun at once. */
  settle(signal?: AbortSignal): Promise<void>;
  /** Opens the index and keeps it, until the signal aborts. */
  run(signal: AbortSignal): Promise<void>;
}

/** What the node joins; the rules of comparison are the program's own. */
export type NodeOfScreening = Omit<ScreeningDeps, 'rules' | 'cut'>;

export function createScreening(node: NodeOfScreening): Screening {
  const { store, clock, random, budget = BUDGET } = node;
  const keeper = new IndexKeeper({
    ...node,
    names: {
      create: (equivalences) => new NameIndex({ equivalences }),
      from: (bytes, equivalences) => NameIndex.from(bytes, { equivalences }),
      rulesOf,
    },
  });
  const spending = new Budget(budget, (officer, since) =>
    store.read((tx) => tx.screenings.askedSince(officer, since)),
  );
  const deps: AskDeps = {
    ...node,
    cut: BANDS.look,
    keeper,
    spending,
    get rules() {
      return keeper.rules;
    },
  };
  let declarations: Declarations;
  const followUp = new FollowUp(deps, () => declarations);
  let [declared, declaredBy] = [0n, ''];

  /** Declarations that came since; all, where names are compared by other rules. */
  async function takeDeclarations(): Promise<void> {
    if (declaredBy !== keeper.rules) {
      declarations = new Declarations(keeper.emptyNames(), new IdentifierIndex());
      [declared, declaredBy] = [0n, keeper.rules];
    }
    for (;;) {
      const kept = await store.read((tx) => tx.screenings.kept(clock.nowMs(), declared, KEPT_PAGE));
      declarations.add(
        kept.flatMap(({ number, query, keptUntil = 0 }) => {
          const read = rereadQuery(query);
          return read === undefined ? [] : [{ number, query: read, keptUntil }];
        }),
      );
      await followUp.recheck(kept);
      declared = kept.at(-1)?.number ?? declared;
      if (kept.length < KEPT_PAGE) return;
    }
  }

  async function follow(signal?: AbortSignal): Promise<void> {
    await keeper.open(signal);
    // Before the index moves on: what arrives from now on is asked against everything that was declared before.
    await followUp.followed();
    await keeper.catchUp();
    await takeDeclarations();
    await followUp.follow(signal);
  }

  async function save(): Promise<void> {
    await keeper.save();
    const followed = await followUp.followed();
    // Without a file the next start builds from the store, and needs no change of before.
    const kept = keeper.savedPosition < 0n ? keeper.position : keeper.savedPosition;
    const done = followed < kept ? followed : kept;
    await store.write((tx) => tx.recordChanges.forget(done));
  }

  return {
    ask: (officer, lines, audited, batch) => ask(deps, officer, lines, audited, batch),
    newBatch: () => newId(random),
    async status({ fingerprint }) {
      const { progress } = keeper;
      if (progress.ready) await keeper.catchUp();
      return {
        progress,
        ...(progress.ready && { against: against(deps) }),
        names: progress.ready ? keeper.records.names.size : 0,
        identifiers: progress.ready ? keeper.records.identifiers.size : 0,
        schemes: SCHEME_ROWS.map(({ scheme }) => scheme),
        ...budget,
        free: await spending.free(fingerprint, clock.nowMs()),
      };
    },
    list: (query) => listScreenings(deps, query),
    get: (whose, searcher, id) => getScreening(deps, whose, searcher, id),
    decide: (request) => decideHit(deps, request),
    alerts: (searcher, query) => listAlerts(deps, searcher, query),
    acknowledge: (whose, id, officer, audited) => acknowledgeAlert(deps, whose, id, officer, audited),
    async settle(signal) {
      await follow(signal);
      await followUp.refer(signal);
      await keeper.renew(signal);
      await save();
    },
    async run(signal) {
      let referredAt = performance.now();
      let [renewedAt, savedAt] = [Number.NEGATIVE_INFINITY, Number.NEGATIVE_INFINITY];
      while (!signal.aborted) {
        await follow(signal);
        const now = performance.now();
        if (now - referredAt >= REFER_MS) {
          await followUp.refer(signal);
          referredAt = now;
        }
        if (now - savedAt >= SAVE_MS) {
          if (now - renewedAt >= BUILD_MS && (await keeper.renew(signal))) renewedAt = now;
          await save();
          savedAt = now;
        }
        await sleep(LOOK_MS, signal).catch(() => undefined);
      }
      await keeper.save();
    },
  };
}
