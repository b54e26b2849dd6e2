/**
 * What of the hits of some questions is told to who asked: every hit is judged once more by the desk policy, on the record as the store
 * has it now, so that neither a class nor an index that lags decides alone.
 */
import {
  ScreeningHit as HitCodec,
  ScreeningBand,
  type ScreeningHit,
} from '../../gen/tocsin/desk/v1/screening_service.ts';
import type { DeskGroup } from '../../gen/tocsin/record/v1/marking.ts';
import { WatchlistSummary } from '../../gen/tocsin/record/v1/watchlist_entry.ts';
import { deskFacts } from '../../policy/index.ts';
import { facetOf, sha256 } from '../../record/index.ts';
import type { FalsePositive, ReadTx } from '../../store/index.ts';
import { entriesOf, partiesIn, titleOfParty } from './entries.ts';
import type { Candidate } from './find.ts';
import { type GradingFloor, isBelowFloor } from './grading.ts';
import { type HeldForScreening, holdMany } from './held.ts';
import { nameHitMessage, numberHitMessage, SUBJECT_NUMBERS } from './messages.ts';
import { isClearedIn } from './namesake.ts';
import type { ReadQuery } from './query.ts';
import { isPersonal, restsOn } from './screened-records.ts';
import { type DeskJudge, mayScreen, type Searcher } from './viewer.ts';

export interface TellDeps {
  readonly network: Uint8Array;
  readonly policy: () => DeskJudge;
  /** Whether recalls may be missing of a record that these nodes originated and sent (R14). */
  readonly locks: (originator: string, senders: readonly string[]) => boolean;
  /** Whether a desk group accepted the condition of a record of handling code H3. */
  readonly isConditionAccepted: (
    tx: Pick<ReadTx, 'meta'>,
    headerDigest: Uint8Array,
    deskGroup: DeskGroup,
  ) => Promise<boolean>;
  readonly floor: GradingFloor;
}

interface Judged {
  readonly held: HeldForScreening;
  readonly conditionAccepted: boolean;
  readonly refer: boolean;
}

/** A hit that may be told, with what is kept of it. */
export interface Tellable {
  readonly message: ScreeningHit;
  readonly recordId: Uint8Array;
  readonly facetDigest: Uint8Array;
  readonly referred: boolean;
}

/** The records of some candidates as the store has them, opened for one desk group. */
export class Opened {
  readonly #deps: TellDeps;
  readonly #records: ReadonlyMap<bigint, Judged>;

  private constructor(deps: TellDeps, records: ReadonlyMap<bigint, Judged>) {
    this.#deps = deps;
    this.#records = records;
  }

  static async load(
    tx: Pick<ReadTx, 'records' | 'inbox' | 'meta'>,
    deps: TellDeps,
    candidates: Iterable<Candidate>,
    deskGroup: DeskGroup,
  ): Promise<Opened> {
    const positions = [...new Set([...candidates].map(({ position }) => position))];
    const records = new Map<bigint, Judged>();
    for (const held of await holdMany(tx, deps.network, await tx.records.byPositions(positions))) {
      const facts = deskFacts(held);
      if (facts === undefined || held.record.state !== 'released') continue;
      const conditionAccepted =
        !facts.conditional || (await deps.isConditionAccepted(tx, held.record.headerDigest, deskGroup));
      const refer = facts.refer && held.items !== undefined;
      records.set(held.record.position, { held, conditionAccepted, refer });
    }
    return new Opened(deps, records);
  }

  /** Undefined where the searcher may not meet it. What is referred is told to its originator alone. */
  tell(searcher: Searcher, query: ReadQuery, candidate: Candidate, nowMs: number): Tellable | undefined {
    const judged = this.#records.get(candidate.position);
    if (judged === undefined) return undefined;
    const { held, conditionAccepted, refer } = judged;
    const { record } = held;
    const { facet, place, name, number } = candidate;
    const body = held.facets.find((one) => one.facet === facet)?.body;
    if (body === undefined) return undefined;
    const rests = number === undefined ? [facet] : this.#restOf(held, facet, number);
    const may = (facets: readonly string[]) =>
      mayScreen(this.#deps.policy(), searcher, held, facets, nowMs, conditionAccepted);
    if (!may(rests)) return undefined;
    const senders = held.items?.map(({ sender }) => sender) ?? [];
    if (
      held.items !== undefined &&
      isPersonal(record.kind, rests) &&
      this.#deps.locks(record.originator, senders)
    )
      return undefined;
    const isPerson = facetOf(record.kind, facet)?.typeName === 'tocsin.record.v1.Persons';
    if (name !== undefined && isPerson && query.name !== undefined && isClearedIn(body, place, query.name))
      return undefined;
    const found =
      name !== undefined
        ? nameHitMessage(name)
        : number !== undefined
          ? numberHitMessage(number, { ...query.number?.about })
          : undefined;
    if (found === undefined) return undefined;
    const party = name === undefined ? undefined : partiesIn(record.kind, facet, body)[place];
    const summary = held.facets.find((one) => one.facet === 'summary')?.body;
    const below =
      held.items !== undefined &&
      isBelowFloor(this.#deps.floor, held.facets.find((one) => one.facet === 'assessment')?.body);
    return {
      recordId: record.recordId,
      facetDigest: sha256(body),
      referred: refer,
      message: {
        ...found,
        headerDigest: Buffer.from(record.headerDigest),
        recordId: Buffer.from(record.recordId),
        revision: record.revision,
        originator: record.originator,
        kind: record.kind,
        facet,
        ...(party && { subject: SUBJECT_NUMBERS[party.subject], title: titleOfParty(party) }),
        requestedActions:
          record.kind === 'watchlist-entry' && summary !== undefined && may(['summary'])
            ? WatchlistSummary.decode(summary).requestedActions
            : [],
        ...(below && {
          belowGradingFloor: true,
          band: Math.min(found.band, ScreeningBand.SCREENING_BAND_LOOK) as ScreeningBand,
        }),
      },
    };
  }

  /** Facets from which what is told beside the number comes. */
  #restOf(
    held: HeldForScreening,
    facet: string,
    number: { readonly scheme: string; readonly value: string },
  ): readonly string[] {
    const entry = entriesOf({
      kind: held.record.kind,
      expires: held.record.expires,
      facets: Object.fromEntries(held.facets.map((one) => [one.facet, one.body])),
    }).get(facet);
    const from = entry?.numbers.filter(
      ({ identifier }) => identifier.scheme === number.scheme && identifier.value === number.value,
    );
    return restsOn(facet, from?.flatMap(({ aboutFrom }) => aboutFrom) ?? []);
  }
}

/** Whether a desk group decided before that this is another, and nothing of it has changed since. */
export const isKnownFalse = (
  known: readonly FalsePositive[],
  key: Uint8Array,
  { recordId, facetDigest, message }: Tellable,
): boolean =>
  known.some(
    (one) =>
      one.facet === message.facet &&
      Buffer.from(one.queryKey).equals(key) &&
      Buffer.from(one.recordId).equals(recordId) &&
      Buffer.from(one.facetDigest).equals(facetDigest),
  );

export const encodeHit = (hit: ScreeningHit): Uint8Array => HitCodec.encode(hit).finish();
