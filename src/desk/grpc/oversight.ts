/** OversightService: for auditors. Each call is recorded before anything of it is shown; records are named, never read out. */
import { hex, utf8 } from '../../base/bytes.ts';
import type { Random } from '../../base/clock.ts';
import {
  OverdueDuty,
  type OversightServiceDefinition,
  type ReplayedDisclosure,
  ReplayVerdict,
} from '../../gen/tocsin/desk/v1/oversight_service.ts';
import type { DeskGroup } from '../../gen/tocsin/record/v1/marking.ts';
import type { OfficerDay, Overdue, Oversight, Replayed } from '../../lifecycle/index.ts';
import { SAMPLE_MOST } from '../../lifecycle/index.ts';
import type { Access } from '../access.ts';
import type { OfficerSession } from '../session.ts';
import type { DeskHandlers } from './handlers.ts';
import { buffer } from './messages.ts';
import { RequestFields } from './request.ts';

export interface OversightDeps {
  readonly access: Access;
  readonly oversight: Oversight;
  readonly random: Random;
}

const DAY_MS = 86_400_000;
const DEFAULT_DAYS = 30;
/** A year's disclosures are drawn from in one call. */
const SAMPLE_DAYS = 366;
/** A month's audit rows are counted in one call. */
const ACTIVITY_DAYS = 31;
const DEFAULT_SAMPLE = 25;
const SEED_CHARACTERS = 64;
const SEED_BYTES = 16;
const PIECE_BYTES = 256 * 1024;
const SUBJECT = 'oversight';

interface Period {
  readonly from: bigint;
  readonly until: bigint;
}

export function oversightHandlers(deps: OversightDeps): DeskHandlers<OversightServiceDefinition> {
  const { access, oversight, random } = deps;

  const begin = async (
    session: OfficerSession,
    action: string,
    facts: Readonly<Record<string, string | number>> = {},
  ): Promise<void> => {
    await access.require(session, 'read-audit', SUBJECT);
    await access.audit(session, action, SUBJECT, facts);
  };

  const sampleOf = (
    fields: RequestFields,
    session: OfficerSession,
    request: Period & { readonly count: number; readonly seed: string },
    mostDays: number,
  ) => {
    const period = periodIn(fields, request, mostDays, access.nowMs());
    const seed = fields.text('seed', request.seed, SEED_CHARACTERS);
    if (request.count > SAMPLE_MOST)
      fields.fault('count', 'TOO_LARGE', `expected at most ${SAMPLE_MOST} disclosures`);
    fields.done();
    return {
      ...period,
      world: session.world,
      count: request.count || DEFAULT_SAMPLE,
      seed: seed === '' ? hex(random.bytes(SEED_BYTES)) : seed,
    };
  };

  return {
    async listOverdueReviews(_request, { session }) {
      await begin(session, 'oversight.overdue');
      const { items, more } = await oversight.overdue(session.world);
      return { items: items.map(overdueMessage), more };
    },

    async listRecallsWithoutReceipts(_request, { session }) {
      await begin(session, 'oversight.recalls');
      const { items, more } = await oversight.recalls(session.world);
      return {
        recalls: items.map(({ recallDigest, target, holder, mustPurge, askedAt, deadline, attempts }) => ({
          recallDigest: buffer(recallDigest),
          headerDigest: buffer(target),
          holder,
          mustPurge,
          askedAt: BigInt(askedAt),
          deadline: BigInt(deadline),
          attempts,
        })),
        more,
      };
    },

    async sampleDisclosures(request, { session }) {
      const { world, ...query } = sampleOf(new RequestFields(), session, request, SAMPLE_DAYS);
      await begin(session, 'oversight.sampled', query);
      const { seed, from, until, population, disclosures } = await oversight.sample({ world, ...query });
      return {
        seed,
        from: BigInt(from),
        until: BigInt(until),
        population: BigInt(population),
        disclosures: disclosures.map(disclosureMessage),
      };
    },

    async listOfficerActivity(request, { session }) {
      const fields = new RequestFields();
      const period = periodIn(fields, request, ACTIVITY_DAYS, access.nowMs());
      fields.done();
      await begin(session, 'oversight.officers', { ...period });
      const { days, more } = await oversight.activity(session.world, period.from, period.until);
      return {
        days: days.map(dayMessage),
        more,
        from: BigInt(period.from),
        until: BigInt(period.until),
      };
    },

    async *exportReport(request, { session, signal, assertStillValid }) {
      const { world, ...query } = sampleOf(new RequestFields(), session, request, ACTIVITY_DAYS);
      await begin(session, 'oversight.exported', query);
      const lines = await oversight.report({ world, ...query });
      const file = utf8(lines.join(''));
      for (let at = 0; at < file.length; at += PIECE_BYTES) {
        signal.throwIfAborted();
        assertStillValid();
        yield { data: buffer(file.subarray(at, at + PIECE_BYTES)) };
      }
    },
  };
}

/** What is asked for in milliseconds, with what stands for 0. */
function periodIn(
  fields: RequestFields,
  { from, until }: Period,
  mostDays: number,
  nowMs: number,
): { readonly from: number; readonly until: number } {
  const end = until === 0n ? nowMs : Number(until);
  const begin = from === 0n ? end - DEFAULT_DAYS * DAY_MS : Number(from);
  if (begin >= end) fields.fault('until', 'ORDER', 'expected a time after from');
  if (end - begin > mostDays * DAY_MS)
    fields.fault('from', 'TOO_LARGE', `expected at most ${mostDays} days before until`);
  return { from: Math.max(0, begin), until: end };
}

const DUTY_OF: Readonly<Record<Overdue['what'], OverdueDuty>> = {
  review: OverdueDuty.OVERDUE_DUTY_REVIEW,
  'break-glass': OverdueDuty.OVERDUE_DUTY_BREAK_GLASS,
  countersign: OverdueDuty.OVERDUE_DUTY_COUNTERSIGN,
  tasking: OverdueDuty.OVERDUE_DUTY_TASKING,
};

const overdueMessage = ({ what, headerDigest, kind, originator, deskGroup, since }: Overdue) => ({
  duty: DUTY_OF[what],
  headerDigest: buffer(headerDigest),
  kind,
  originator,
  deskGroup: deskGroup as DeskGroup,
  since: BigInt(since),
});

function disclosureMessage({ outcome, ...one }: Replayed): ReplayedDisclosure {
  const decided = outcome.verdict === 'not-replayable' ? undefined : outcome;
  return {
    number: BigInt(one.id),
    headerDigest: buffer(one.headerDigest),
    kind: one.kind,
    originator: one.originator,
    recipient: one.recipient,
    at: BigInt(one.at),
    state: one.state,
    sent: [...one.sent],
    basis: one.basis,
    verdict: VERDICT_OF[outcome.verdict],
    permitted: [...(decided?.permitted ?? [])],
    replayedBasis: decided?.basis ?? '',
    receiveRule: decided?.receive.rule ?? '',
    excess: [...(decided?.excess ?? [])],
    missing: [...(decided?.missing ?? [])],
    wider: [...(decided?.wider ?? [])],
    policyDigest: outcome.policy,
    rosterVersion: decided?.rosterVersion ?? 0n,
    program: decided?.program ?? '',
    why: outcome.verdict === 'not-replayable' ? outcome.why : '',
    basisDiffers: decided?.basisDiffers ?? false,
  };
}

const VERDICT_OF: Readonly<Record<Replayed['outcome']['verdict'], ReplayVerdict>> = {
  same: ReplayVerdict.REPLAY_VERDICT_SAME,
  differs: ReplayVerdict.REPLAY_VERDICT_DIFFERS,
  'not-replayable': ReplayVerdict.REPLAY_VERDICT_NOT_REPLAYABLE,
};

const dayMessage = ({ day, counts, outliers, ...rest }: OfficerDay) => ({
  officer: rest.officer,
  name: rest.name,
  deskGroup: rest.deskGroup,
  day: BigInt(day * DAY_MS),
  ...counts,
  busiestHour: rest.busiestHour,
  inBusiestHour: rest.inBusiestHour,
  outliers: outliers.map((outlier) => ({ ...outlier })),
});
