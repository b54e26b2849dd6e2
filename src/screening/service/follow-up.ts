/**
 * What comes after an answer. Entries that arrive are asked against the declarations that are kept; past hits whose entries went are
 * withdrawn; originators of what is referred are told who asked, in rounds of their own, so that no answer takes longer for it (R16).
 * Each is taken up after a restart where it was left.
 */
import { sleep } from '../../base/async.ts';
import { ScreeningAlertType, ScreeningOutcome } from '../../gen/tocsin/desk/v1/screening_service.ts';
import { type DeskGroup, Status } from '../../gen/tocsin/record/v1/marking.ts';
import type { ReadTx, StoredHit, StoredRecord, StoredScreening } from '../../store/index.ts';
import type { AskDeps } from './ask.ts';
import { newId, type Referral } from './context.ts';
import type { Declarations } from './declarations.ts';
import { entriesOf } from './entries.ts';
import { find } from './find.ts';
import { rereadQuery } from './query.ts';
import { encodeHit, isKnownFalse, Opened, type Tellable } from './tell.ts';
import { searcherOf } from './viewer.ts';

const FOLLOWED_KEY = 'screening/followed';
const DECLARED_KEY = 'screening/declared';
const REFERRED_KEY = 'screening/referred';
const CHANGES = 100;
const QUESTIONS = 200;
const HITS = 200;

interface Standing {
  readonly hit: StoredHit;
  readonly screening: StoredScreening;
}

interface Met {
  readonly screening: StoredScreening;
  readonly told: Tellable;
}

interface Outcome {
  readonly withdrawn: readonly Standing[];
  readonly met: readonly Met[];
}

export class FollowUp {
  readonly #deps: AskDeps;
  readonly #declarations: () => Pick<Declarations, 'isEmpty' | 'near'>;

  /** `declarations` = those that are kept now. */
  constructor(deps: AskDeps, declarations: () => Pick<Declarations, 'isEmpty' | 'near'>) {
    this.#deps = deps;
    this.#declarations = declarations;
  }

  /** Number of the last change that was followed up. At the first start nothing of before is. */
  async followed(): Promise<bigint> {
    return this.#place(FOLLOWED_KEY, (tx) => tx.recordChanges.newest());
  }

  async #place(key: string, first: (tx: ReadTx) => Promise<bigint>): Promise<bigint> {
    const { store } = this.#deps;
    const known = await store.read((tx) => tx.meta.getText(key));
    if (known !== undefined) return BigInt(known);
    return store.write(async (tx) => {
      const from = await first(tx);
      await tx.meta.setText(key, String(from));
      return from;
    });
  }

  /**
   * Asks declarations once more that were answered while an entry may have come between the look at the index and their row, before
   * this order of both was looked at.
   */
  async recheck(declarations: readonly StoredScreening[]): Promise<void> {
    const { store } = this.#deps;
    const from = await this.#place(DECLARED_KEY, async () => 0n);
    const fresh = declarations.filter(({ number }) => number > from);
    const last = fresh.at(-1)?.number;
    if (last === undefined) return;
    const outcomes: Outcome[] = [];
    for (const screening of fresh) {
      const met = await store.read(async (tx) => {
        const known = await tx.screenings.falsePositives(screening.deskGroup, screening.exercise, [
          screening.queryKey,
        ]);
        return (await this.#tells(tx, screening)).filter(
          (told) =>
            // Those are told in rounds of their own, for every question.
            !told.referred &&
            !told.message.belowGradingFloor &&
            !isKnownFalse(known, screening.queryKey, told),
        );
      });
      outcomes.push({ withdrawn: [], met: met.map((told) => ({ screening, told })) });
      await sleep(0);
    }
    await this.#keep(outcomes, DECLARED_KEY, last);
  }

  /** Follows up every change that the indexes have. */
  async follow(signal?: AbortSignal): Promise<void> {
    const { store, keeper } = this.#deps;
    for (let from = await this.followed(); from < keeper.position; ) {
      if (signal?.aborted) return;
      const after = from;
      const changes = await store.read((tx) => tx.recordChanges.after(after, CHANGES));
      const upTo = changes.filter(({ number }) => number <= keeper.position);
      const last = upTo.at(-1)?.number;
      if (last === undefined) return;
      const records = await store.read((tx) =>
        tx.records.byDigests(upTo.map(({ headerDigest }) => headerDigest)),
      );
      const outcomes: Outcome[] = [];
      for (const record of records) outcomes.push(await store.read((tx) => this.#outcomeOf(tx, record)));
      await this.#keep(outcomes, FOLLOWED_KEY, last);
      from = last;
    }
  }

  async #outcomeOf(tx: ReadTx, record: StoredRecord): Promise<Outcome> {
    const isLive = record.status === Status.STATUS_ACTUAL;
    const current = await tx.records.current(
      record.originator,
      record.recordId,
      isLive ? 'live' : 'exercise',
    );
    const inForce = current?.state === 'released' ? current : undefined;
    const hits = await tx.screenings.standingOn(record.originator, record.recordId);
    const screenings = await tx.screenings.byNumbers([...new Set(hits.map(({ screening }) => screening))]);
    const withdrawn: Standing[] = [];
    for (const hit of hits) {
      const screening = screenings.find(({ number }) => number === hit.screening);
      if (screening === undefined || screening.exercise === isLive) continue;
      const tells = inForce === undefined ? [] : await this.#tells(tx, screening, inForce);
      if (!tells.some(({ message }) => message.facet === hit.facet)) withdrawn.push({ hit, screening });
    }
    if (inForce === undefined || !this.#deps.keeper.records.has(inForce.position))
      return { withdrawn, met: [] };
    return { withdrawn, met: await this.#meets(tx, inForce, isLive) };
  }

  /** Declarations that the record meets. */
  async #meets(tx: ReadTx, record: StoredRecord, isLive: boolean): Promise<Met[]> {
    // A list of a million arrives at desks that keep no question, too.
    const declarations = this.#declarations();
    if (declarations.isEmpty) return [];
    const nowMs = this.#deps.clock.nowMs();
    const facets = await tx.records.facets(record.headerDigest);
    const entries = entriesOf({
      kind: record.kind,
      expires: record.expires,
      facets: Object.fromEntries(facets.map(({ facet, body }) => [facet, body])),
    });
    const all = [...entries.values()];
    const near = declarations.near(
      all.flatMap(({ parties }) => parties),
      all.flatMap(({ numbers }) => numbers.map(({ identifier }) => identifier)),
      nowMs,
    );
    const met: Met[] = [];
    for (const screening of await tx.screenings.byNumbers([...near])) {
      if (screening.exercise === isLive || (screening.keptUntil ?? 0) <= nowMs) continue;
      const known = await tx.screenings.falsePositives(screening.deskGroup, screening.exercise, [
        screening.queryKey,
      ]);
      for (const told of await this.#tells(tx, screening, record))
        if (!told.message.belowGradingFloor && !isKnownFalse(known, screening.queryKey, told))
          met.push({ screening, told });
    }
    return met;
  }

  /**
   * What the question tells now, of one record or of any, one a facet: to its desk group's commonest role, or to a releaser (TLP
   * RED).
   */
  async #tells(tx: ReadTx, screening: StoredScreening, record?: StoredRecord): Promise<readonly Tellable[]> {
    const deps = this.#deps;
    const query = rereadQuery(screening.query);
    if (query === undefined) return [];
    const nowMs = deps.clock.nowMs();
    const { candidates } = find(deps.keeper.records, query, { nowMs, limit: HITS });
    const ofRecord = candidates.filter(
      ({ position }) => record === undefined || position === record.position,
    );
    const opened = await Opened.load(tx, deps, ofRecord, screening.deskGroup as DeskGroup);
    const commonest = searcherOf(deps, screening);
    const releaser = { ...commonest, role: commonest.role === 'operator' ? 'controller' : 'releaser' };
    const byFacet = new Map<string, Tellable>();
    for (const candidate of ofRecord) {
      const told =
        opened.tell(commonest, query, candidate, nowMs) ?? opened.tell(releaser, query, candidate, nowMs);
      const key = `${candidate.position}/${candidate.facet}`;
      if (told !== undefined && !byFacet.has(key)) byFacet.set(key, told);
    }
    return [...byFacet.values()];
  }

  async #keep(outcomes: readonly Outcome[], key: string, upTo: bigint): Promise<void> {
    const { store, clock, random, refer } = this.#deps;
    const at = clock.nowMs();
    await store.write(async (tx) => {
      const alert = async (
        { number, deskGroup, exercise }: StoredScreening,
        hit: number,
        type: ScreeningAlertType,
      ) =>
        tx.screenings.addAlert({ id: newId(random), at, type, deskGroup, exercise, screening: number, hit });
      const referrals: Referral[] = [];
      let [alerts, withdrawals] = [0, 0];
      for (const { withdrawn, met } of outcomes) {
        for (const { hit, screening } of withdrawn) {
          await tx.screenings.withdraw(screening.number, hit.number, at);
          await alert(screening, hit.number, ScreeningAlertType.SCREENING_ALERT_TYPE_WITHDRAWN);
          withdrawals += 1;
        }
        for (const { screening, told } of met) {
          if (told.referred) {
            referrals.push(referralOf(screening, told.message.headerDigest, at));
            continue;
          }
          const number = await tx.screenings.addHit(
            screening.number,
            {
              headerDigest: told.message.headerDigest,
              originator: told.message.originator,
              recordId: told.recordId,
              facet: told.message.facet,
              facetDigest: told.facetDigest,
              told: encodeHit(told.message),
              alerts: true,
            },
            ScreeningOutcome.SCREENING_OUTCOME_HIT,
          );
          if (number === undefined) continue;
          await alert(screening, number, ScreeningAlertType.SCREENING_ALERT_TYPE_NEW_ENTRY);
          alerts += 1;
        }
      }
      await refer(tx, referrals);
      if (alerts + withdrawals > 0)
        await tx.audit.append([
          {
            at,
            actor: 'node',
            action: 'screening.alerted',
            subject: 'screening',
            detail: { alerts, withdrawals },
          },
        ]);
      await tx.meta.setText(key, String(upTo));
    });
  }

  /** Tells originators of what was asked since the last round and met what is referred. */
  async refer(signal?: AbortSignal): Promise<void> {
    const { store, keeper } = this.#deps;
    for (let from = await this.#place(REFERRED_KEY, async () => 0n); !signal?.aborted; ) {
      const after = from;
      const asked = await store.read((tx) => tx.screenings.after(after, QUESTIONS));
      const last = asked.at(-1)?.number;
      if (last === undefined) return;
      const referrals = keeper.records.classes.refers
        ? await store.read((tx) => this.#referred(tx, asked))
        : [];
      await store.write(async (tx) => {
        await this.#deps.refer(tx, referrals);
        await tx.meta.setText(REFERRED_KEY, String(last));
      });
      from = last;
    }
  }

  async #referred(tx: ReadTx, asked: readonly StoredScreening[]): Promise<Referral[]> {
    const deps = this.#deps;
    const nowMs = deps.clock.nowMs();
    const referrals: Referral[] = [];
    for (const screening of asked) {
      const query = rereadQuery(screening.query);
      if (query === undefined) continue;
      const searcher = searcherOf(deps, screening);
      const { referred } = deps.keeper.records.classes.permitted(deps.policy(), searcher);
      const { candidates } = find(deps.keeper.records, query, { classes: referred, nowMs, limit: HITS });
      const opened = await Opened.load(tx, deps, candidates, screening.deskGroup as DeskGroup);
      const told = new Set<string>();
      for (const candidate of candidates) {
        const one = opened.tell(searcher, query, candidate, nowMs);
        const digest = one?.message.headerDigest;
        if (one?.referred !== true || digest === undefined || told.has(digest.toString('hex'))) continue;
        told.add(digest.toString('hex'));
        referrals.push(referralOf(screening, digest, screening.at));
      }
      await sleep(0);
    }
    return referrals;
  }
}

const referralOf = (
  { deskGroup, purpose }: StoredScreening,
  headerDigest: Uint8Array,
  at: number,
): Referral => ({
  deskGroup: deskGroup as Referral['deskGroup'],
  purpose: purpose as Referral['purpose'],
  at,
  headerDigest,
});
