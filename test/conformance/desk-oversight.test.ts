/** Oversight over the real desk: disclosures decided once more, what is late or unanswered, who stands out, the signed report. */
import { randomBytes } from 'node:crypto';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hex } from '../../src/base/bytes.ts';
import { type Desk, DeskCallError } from '../../src/desk/index.ts';
import {
  OverdueDuty,
  type OverdueItem,
  OversightServiceDefinition,
  type ReplayedDisclosure,
  ReplayVerdict,
} from '../../src/gen/tocsin/desk/v1/oversight_service.ts';
import { AnswerOutcome } from '../../src/gen/tocsin/record/v1/answer.ts';
import { BreakGlassVerdict } from '../../src/gen/tocsin/record/v1/break_glass.ts';
import { RecallReason } from '../../src/gen/tocsin/record/v1/recall.ts';
import type { OfficerRole } from '../../src/identity/index.ts';
import { judgeReport } from '../../src/lifecycle/index.ts';
import { exampleContent } from '../support/contents.ts';
import { clock, deskWorld, passTime, type World } from '../unit/desk/desk-world.ts';

const DAY_MS = 86_400_000;
const { REPLAY_VERDICT_SAME: SAME, REPLAY_VERDICT_DIFFERS: DIFFERS } = ReplayVerdict;

let world: World;
let officer: Desk;
let releaser: Desk;
let auditor: Desk;

beforeAll(async () => {
  world = await deskWorld();
  const open = async (role: OfficerRole, name: string) =>
    world.as(await world.officer('customs', role, name));
  officer = await open('officer', 'Olga Officer');
  releaser = await open('releaser', 'Rita Releaser');
  auditor = await open('auditor', 'Aldo Auditor');
});
/** Set back at the end: other tests of this process have the same clock. */
let passed = 0;
const goOn = (ms: number): void => {
  passed += ms;
  passTime(ms);
};
afterAll(async () => {
  passTime(-passed);
  await world[Symbol.asyncDispose]();
});

const failure = async (call: Promise<unknown>): Promise<DeskCallError> => {
  const error = await call.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (error instanceof DeskCallError) return error;
  throw new Error('expected the call to be refused', { cause: error });
};

const seizure = (marking: object = {}) => {
  const content = exampleContent('seizure-notice', clock.nowMs()) as Record<string, object>;
  return {
    ...content,
    deskGroup: 'customs',
    marking: { ...content.marking, releasableTo: ['sac'], ...marking },
  };
};

const store = () => world.xa.temporary.store;

/** Writes to the store as its administrator could, past the program. */
function forge(statement: string, ...values: readonly (string | number | Uint8Array)[]): void {
  using database = new DatabaseSync(world.xa.temporary.path, { timeout: 10_000 });
  expect(database.prepare(statement).run(...values).changes).toBeGreaterThan(0);
}

const hour = () => ({ from: BigInt(clock.nowMs() - DAY_MS), until: BigInt(clock.nowMs() + 1) });

const sampled = async (seed = 'a seed'): Promise<readonly ReplayedDisclosure[]> =>
  (await auditor.oversight.sampleDisclosures({ ...hour(), count: 100, seed })).disclosures;

const ofRecord = async (digest: Uint8Array, recipient: string): Promise<ReplayedDisclosure> => {
  const found = (await sampled()).find(
    (one) => hex(one.headerDigest) === hex(digest) && one.recipient === recipient,
  );
  if (found === undefined) throw new Error('expected the disclosure in the sample');
  return found;
};

const putInForce = async (text: string): Promise<void> => {
  await world.xa.keptPolicy.putInForce(text);
  await world.xa.policyHistory.settle();
};

const NO_ROUTE = `@id("N1-no-route") @reason("routes stay here")
forbid (principal, action == Action::"disclose", resource) when { context.facet.name == "route" };
`;

describe('a disclosure decided once more', () => {
  it('comes to the facets and rules that were written down, by the policy of its day', async () => {
    const digest = await world.release(world.xa, seizure());
    const found = await ofRecord(digest, 'XB');
    expect(found).toMatchObject({ kind: 'seizure-notice', originator: 'XA', verdict: SAME, why: '' });
    expect(found.sent).toContain('route');
    expect(found.permitted).toEqual(found.sent);
    expect(found.replayedBasis).toBe(found.basis);
    expect(found.policyDigest).toBe(world.xa.policy.digest);
    expect(found.rosterVersion).toBe(1n);
  });

  it('stays the same after the national policy was narrowed, and the narrower one counts from then on', async () => {
    const before = await world.release(world.xa, seizure());
    const old = world.xa.policy.digest;
    goOn(60_000);
    await putInForce(NO_ROUTE);
    goOn(60_000);
    const after = await world.release(world.xa, seizure());
    const first = await ofRecord(before, 'XB');
    expect(first).toMatchObject({ verdict: SAME, policyDigest: old });
    expect(first.permitted).toContain('route');
    const second = await ofRecord(after, 'XB');
    expect(second).toMatchObject({ verdict: SAME, policyDigest: world.xa.policy.digest });
    expect(second.permitted).not.toContain('route');
    expect(second.policyDigest).not.toBe(old);
  });

  it('finds a row that sent a facet which no policy permitted', async () => {
    const digest = await world.release(world.xa, seizure());
    expect((await ofRecord(digest, 'XB')).sent).not.toContain('route');
    forge(
      `update outbox set facets = replace(facets, '"summary"', '"summary","route"') where header_digest = ? and recipient = ?`,
      digest,
      'XB',
    );
    expect(await ofRecord(digest, 'XB')).toMatchObject({ verdict: DIFFERS, excess: ['route'], missing: [] });
    expect((await ofRecord(digest, 'XC')).verdict).toBe(SAME);
  });

  it('finds a facet kept back, rules that did not decide, and more purposes than permitted', async () => {
    const digest = await world.release(world.xa, seizure({ purposes: ['investigation'] }));
    const [xb, xc] = [await ofRecord(digest, 'XB'), await ofRecord(digest, 'XC')];
    expect([xb.verdict, xc.verdict]).toEqual([SAME, SAME]);
    const where = 'where header_digest = ? and recipient = ?';
    forge(`update outbox set facets = '["summary"]', basis = 'R99' ${where}`, digest, 'XB');
    const short = await ofRecord(digest, 'XB');
    expect(short).toMatchObject({ verdict: DIFFERS, excess: [], basisDiffers: true });
    expect(short.missing).toEqual(xb.permitted.filter((facet) => facet !== 'summary'));
    const audience = JSON.stringify({
      deskGroups: [1, 2, 3, 4, 5, 6, 7, 8],
      purposes: [1, 2, 3, 4, 5, 6, 7],
    });
    forge(`update outbox set audience = ? ${where}`, audience, digest, 'XC');
    const wide = await ofRecord(digest, 'XC');
    expect(wide.verdict).toBe(DIFFERS);
    expect(wide.wider).toContain('record');
  });

  it('is not made up where what decided is gone, changed, or was never noted', async () => {
    const why = async (digest: Uint8Array) => {
      const { verdict, why: said } = await ofRecord(digest, 'XB');
      expect(verdict).toBe(ReplayVerdict.REPLAY_VERDICT_NOT_REPLAYABLE);
      return said;
    };
    const purged = await world.release(world.xa, seizure());
    forge("delete from facet where header_digest = ? and name = 'summary'", purged);
    expect(await why(purged)).toBe('CONTENT_PURGED');
    const changed = await world.release(world.xa, seizure());
    forge("update facet set body = x'00' where header_digest = ? and name = 'summary'", changed);
    expect(await why(changed)).toBe('CONTENT_CHANGED');
    const other = await world.release(world.xa, seizure());
    forge(
      'update policy_history set national = ? where national = ?',
      `${NO_ROUTE}// other rules\n`,
      NO_ROUTE,
    );
    expect(await why(other)).toBe('PROGRAM_CHANGED');
    forge('update policy_history set national = ? where national != ?', NO_ROUTE, '');
    const early = await world.release(world.xa, seizure());
    forge('update outbox set created_at = created_at - 7200000 where header_digest = ?', early);
    expect(await why(early)).toBe('HISTORY_MISSING');
  });

  it('is drawn by the seed alone: another auditor draws the same, another seed others', async () => {
    const draw = async (seed: string) => {
      const sample = await auditor.oversight.sampleDisclosures({ ...hour(), count: 5, seed });
      expect(sample).toMatchObject({ seed, population: BigInt((await sampled()).length) });
      return sample.disclosures.map(({ number }) => number);
    };
    expect(await draw('first')).toHaveLength(5);
    expect(await draw('first')).toEqual(await draw('first'));
    expect(await draw('second')).not.toEqual(await draw('first'));
    const unseeded = await auditor.oversight.sampleDisclosures({ ...hour(), count: 5 });
    expect(unseeded.seed).toMatch(/^[0-9a-f]{32}$/);
    expect((await draw(unseeded.seed)).length).toBe(5);
  });
});

describe('what is late', () => {
  const late = async (duty: OverdueDuty): Promise<readonly OverdueItem[]> =>
    (await auditor.oversight.listOverdueReviews({})).items.filter((item) => item.duty === duty);
  const digests = (items: readonly OverdueItem[]) => items.map(({ headerDigest }) => hex(headerDigest));

  it('shows a review that is past, and not once the record is recalled', async () => {
    const digest = await world.release(world.xa, seizure());
    const { OVERDUE_DUTY_REVIEW: review } = OverdueDuty;
    expect(await late(review)).toEqual([]);
    forge('update record set review_by = ? where header_digest = ?', clock.nowMs() - DAY_MS, digest);
    expect(await late(review)).toMatchObject([
      { kind: 'seizure-notice', originator: 'XA', deskGroup: 2, since: BigInt(clock.nowMs() - DAY_MS) },
    ]);
    await releaser.recalls.recall({
      headerDigest: Buffer.from(digest),
      reason: RecallReason.RECALL_REASON_ERROR,
    });
    expect(await late(review)).toEqual([]);
  });

  it('shows a second signature that is due, and not once it is given', async () => {
    const digest = await world.release(world.xa, seizure());
    const { OVERDUE_DUTY_COUNTERSIGN: countersign } = OverdueDuty;
    const at = clock.nowMs();
    await store().write((tx) =>
      tx.duties.owe({ headerDigest: digest, releaser: 'someone', releasedAt: at - 2, dueAt: at - 1 }),
    );
    expect(digests(await late(countersign))).toEqual([hex(digest)]);
    await releaser.records.countersignRecord({ headerDigest: Buffer.from(digest) });
    expect(await late(countersign)).toEqual([]);
  });

  it('shows an opening that nobody reviewed, and a question that nobody answered, until somebody does', async () => {
    const digest = await world.release(world.xa, seizure({ tlp: 'amber-strict' }));
    const question = await world.askFromXb(digest, 'Is it yours?');
    const border = world.as(await world.officer('border', 'officer', 'Bruna Border'));
    const { opening } = await border.breakGlass.openFacets({
      headerDigest: Buffer.from(digest),
      reason: 'a truck with it stands at the gate now',
      minutes: 10,
    });
    const { OVERDUE_DUTY_BREAK_GLASS: broken, OVERDUE_DUTY_TASKING: tasking } = OverdueDuty;
    expect([await late(broken), await late(tasking)]).toEqual([[], []]);
    goOn(9 * 3_600_000);
    expect(digests(await late(broken))).toEqual([hex(opening?.opening ?? new Uint8Array())]);
    expect(digests(await late(tasking))).toEqual([hex(question)]);
    await releaser.breakGlass.reviewOpening({
      opening: opening?.opening ?? Buffer.alloc(0),
      verdict: BreakGlassVerdict.BREAK_GLASS_VERDICT_JUSTIFIED,
      note: 'the truck was there',
    });
    await officer.tasking.answerTasking({
      taskingDigest: Buffer.from(question),
      outcome: AnswerOutcome.ANSWER_OUTCOME_FULL,
      text: 'Ours.',
    });
    expect([await late(broken), await late(tasking)]).toEqual([[], []]);
  });

  it('is listed 500 times at most, the longest overdue first, and it is said that there are more', async () => {
    const digest = await world.release(world.xa, seizure());
    const copies = (count: number, reviewBy: number) => {
      using database = new DatabaseSync(world.xa.temporary.path, { timeout: 10_000 });
      const columns = (database.prepare('pragma table_info(record)').all() as { name: string }[])
        .map(({ name }) => name)
        .filter((name) => name !== 'position');
      const values = columns.map((name) =>
        name === 'header_digest' || name === 'record_id'
          ? `randomblob(${name === 'record_id' ? 16 : 32})`
          : ({ review_by: String(reviewBy), leaf_index: 'null' }[name] ?? name),
      );
      const copy = database.prepare(
        `insert into record (${columns.join(', ')}) select ${values.join(', ')} from record where header_digest = ?`,
      );
      for (let made = 0; made < count; made += 1) copy.run(digest);
    };
    const past = clock.nowMs() - 2 * DAY_MS;
    copies(500, past);
    const full = await auditor.oversight.listOverdueReviews({});
    expect([full.items.length, full.more]).toEqual([500, false]);
    copies(1, past - DAY_MS);
    const over = await auditor.oversight.listOverdueReviews({});
    expect([over.items.length, over.more, over.items[0]?.since]).toEqual([500, true, BigInt(past - DAY_MS)]);
    forge('delete from record where review_by <= ?', past);
  });
});

describe('a recall', () => {
  it('is listed for every holder that did not answer, with how often it was sent, until its receipt is here', async () => {
    const digest = await world.release(world.xa, seizure());
    await store().write(async (tx) => {
      for (const { id, state } of await tx.outbox.ofRecord(digest))
        if (state === 'waiting') await tx.outbox.markSent([id], 1, 1n);
    });
    const { recalls } = await releaser.recalls.recall({
      headerDigest: Buffer.from(digest),
      reason: RecallReason.RECALL_REASON_ERROR,
    });
    const recallDigest = recalls[0]?.recallDigest ?? Buffer.alloc(0);
    const open = async () =>
      (await auditor.oversight.listRecallsWithoutReceipts({})).recalls.filter(
        (one) => hex(one.recallDigest) === hex(recallDigest),
      );
    expect(
      (await open()).map(({ holder, mustPurge, attempts }) => ({ holder, mustPurge, attempts })),
    ).toEqual(['XB', 'XC'].map((holder) => ({ holder, mustPurge: true, attempts: 0 })));
    await store().write(async (tx) => {
      const row = (await tx.outbox.ofRecord(recallDigest)).find(({ recipient }) => recipient === 'XB');
      await tx.outbox.markSent([row?.id ?? 0], 1, 9n);
    });
    forge(
      `insert into manifest_out (recipient, incarnation, lane, seq, digest, body, signature, content_kind, state, attempts, next_attempt_at)
       values ('XB', 1, (select lane from outbox where header_digest = ? limit 1), 9, x'01', x'01', x'01', 'content', 'open', 3, 0)`,
      recallDigest,
    );
    expect((await open()).map(({ attempts }) => attempts)).toEqual([3, 0]);
    await store().write((tx) =>
      tx.holders.closeRecall(recallDigest, 'XB', {
        receiptDigest: randomBytes(32),
        purgedFacets: [],
        copies: 1,
        at: clock.nowMs(),
      }),
    );
    expect((await open()).map(({ holder }) => holder)).toEqual(['XC']);
  });

  it('is listed 500 times at most, and it is said that there are more', async () => {
    const { recalls } = await auditor.oversight.listRecallsWithoutReceipts({});
    const [one] = recalls;
    if (one === undefined) throw new Error('expected the recall of the test before');
    const notice = (holder: string) => ({
      recallDigest: one.recallDigest,
      target: one.headerDigest,
      holder,
      facets: [],
      mustPurge: true,
      askedAt: Number(one.askedAt),
      deadline: Number(one.deadline),
    });
    const add = (from: number, count: number) =>
      store().write((tx) =>
        tx.holders.noteRecall(Array.from({ length: count }, (_, n) => notice(`Z${from + n}`))),
      );
    await add(0, 500 - recalls.length);
    const full = await auditor.oversight.listRecallsWithoutReceipts({});
    expect([full.recalls.length, full.more]).toEqual([500, false]);
    await add(1_000, 1);
    const over = await auditor.oversight.listRecallsWithoutReceipts({});
    expect([over.recalls.length, over.more]).toEqual([500, true]);
    forge("delete from recall_notice where holder like 'Z%'");
  });
});

describe('activity', () => {
  const day = () => Math.floor(clock.nowMs() / DAY_MS) * DAY_MS - 3 * DAY_MS;
  const period = () => ({ from: BigInt(day()), until: BigInt(day() + DAY_MS) });
  const searches = (actor: string, deskGroup: string, count: number) =>
    store().write((tx) =>
      tx.audit.append(
        Array.from({ length: count }, (_, n) => ({
          at: day() + 9 * 3_600_000 + n,
          actor,
          action: 'record.searched',
          subject: 'records',
          detail: { officer: `Officer ${actor}`, deskGroup, role: 'officer', text: 'x' },
        })),
      ),
    );

  it('tells an officer who searched far more than others of his desk group apart, and nobody else', async () => {
    for (const [n, count] of [3, 4, 5, 3, 6].entries()) await searches(`a${n}`, 'police', count);
    await searches('a9', 'police', 60);
    // Far more than anybody at that desk, of which there are too few to say.
    for (const [n, count] of [1, 1, 1, 60].entries()) await searches(`b${n}`, 'licensing', count);
    const { days, more } = await auditor.oversight.listOfficerActivity(period());
    expect(more).toBe(false);
    expect(days).toHaveLength(10);
    const [first, ...others] = days;
    expect(first).toMatchObject({
      officer: 'a9',
      deskGroup: 'police',
      day: BigInt(day()),
      searches: 60,
      reads: 0,
      busiestHour: 9,
      inBusiestHour: 60,
      outliers: [{ activity: 'searches', count: 60 }],
    });
    // Median 4.5 of 3, 3, 4, 5, 6, 60; deviations 0.5, 0.5, 1.5, 1.5, 1.5, 55.5, of which the median is 1.5.
    expect(first?.outliers[0]?.bound).toBeCloseTo(4.5 + 6 * 1.4826 * 1.5);
    expect(others.flatMap(({ outliers }) => outliers)).toEqual([]);
  });

  it('is listed for 500 officer-days at most, and it is said that there are more', async () => {
    const listed = async () => {
      const { days, more } = await auditor.oversight.listOfficerActivity(period());
      return [days.length, more];
    };
    const [before = 0] = await listed();
    const add = (from: number, count: number) =>
      store().write((tx) =>
        tx.audit.append(
          Array.from({ length: count }, (_, n) => ({
            at: day(),
            actor: `c${from + n}`,
            action: 'record.read',
            subject: 'x',
            detail: { officer: `Officer ${from + n}`, deskGroup: 'hub' },
          })),
        ),
      );
    await add(0, 500 - Number(before));
    expect(await listed()).toEqual([500, false]);
    await add(500, 1);
    expect(await listed()).toEqual([500, true]);
  });

  it('is of one world at a time', async () => {
    const { days } = await auditor.oversight.listOfficerActivity(period(), { mode: 'exercise' });
    expect(days).toEqual([]);
  });
});

describe('the report', () => {
  const exported = async (query: object = {}): Promise<Buffer> => {
    const pieces: Uint8Array[] = [];
    for await (const { data } of auditor.oversight.exportReport({ count: 5, seed: 's', ...query }))
      pieces.push(data);
    return Buffer.concat(pieces);
  };

  it('is signed by the node and believed offline, with what was found', async () => {
    const file = await exported();
    const judged = judgeReport(file, world.federation.network);
    expect(judged).toMatchObject({
      ok: true,
      value: { node: 'XA', exercise: false, disclosures: 5, openings: 1, recalls: 1, outliers: 1 },
    });
    const { rows } = await auditor.audit.listAudit({ action: 'oversight.exported' });
    // The head is the row of its own export.
    expect(judged.ok && judged.value.head?.seq).toBe(String(rows[0]?.seq));
  });

  it('is refused with any byte changed, cut, or under another network', async () => {
    const file = await exported();
    const { network } = world.federation;
    for (let at = 0; at < file.length; at += Math.max(1, Math.floor(file.length / 200))) {
      const changed = Buffer.from(file);
      changed[at] = (changed[at] ?? 0) ^ 1;
      expect(judgeReport(changed, network).ok, `byte ${at}`).toBe(false);
    }
    for (const cut of [1, 100, file.length - 1])
      expect(judgeReport(file.subarray(0, -cut), network).ok).toBe(false);
    const lines = file.toString('utf8').split('\n');
    const without = Buffer.from(lines.toSpliced(2, 1).join('\n'));
    expect(judgeReport(without, network)).toMatchObject({ ok: false, reason: 'REPORT_BROKEN' });
    expect(judgeReport(Buffer.from(file.toString().replace(/\n$/, '\n\n')), network).ok).toBe(false);
    expect(judgeReport(Buffer.from(file.toString().replaceAll('\n', '\r\n')), network).ok).toBe(false);
    expect(judgeReport(file, randomBytes(32))).toMatchObject({ ok: false, reason: 'NOT_BELIEVED' });
  });

  it('is a file at the console', async () => {
    const { browser } = await world.browser('customs', 'auditor', 'Berta Browser');
    const { status, body } = await browser.send('GET', '/oversight/report?count=3&seed=s');
    expect(status).toBe(200);
    expect(judgeReport(Buffer.from(String(body)), world.federation.network).ok).toBe(true);
    expect((await browser.send('GET', '/oversight/report?count=many')).status).toBe(400);
  });
});

describe('oversight', () => {
  const all = async (stream: AsyncIterable<unknown>) => {
    for await (const _ of stream);
  };

  it('is for auditors alone, and every call of theirs is a row', async () => {
    const calls: Readonly<Record<string, (desk: Desk) => Promise<unknown>>> = {
      listOverdueReviews: (desk) => desk.oversight.listOverdueReviews({}),
      listRecallsWithoutReceipts: (desk) => desk.oversight.listRecallsWithoutReceipts({}),
      sampleDisclosures: (desk) => desk.oversight.sampleDisclosures({ count: 1 }),
      listOfficerActivity: (desk) => desk.oversight.listOfficerActivity({}),
      exportReport: (desk) => all(desk.oversight.exportReport({ count: 1 })),
    };
    expect(Object.keys(calls).sort()).toEqual(Object.keys(OversightServiceDefinition.methods).sort());
    for (const role of ['officer', 'releaser', 'analyst', 'administrator', 'observer'] as const) {
      const desk = world.as(await world.officer('customs', role, `No ${role}`));
      for (const call of Object.values(calls)) expect((await failure(call(desk))).code).toBe('REFUSED');
    }
    const hotline = world.as(await world.officer('hotline', 'controller', 'No controller'));
    for (const call of Object.values(calls)) expect((await failure(call(hotline))).code).toBe('REFUSED');
    const rows = async () => (await auditor.audit.listAudit({ action: 'oversight.', pageSize: 500 })).rows;
    for (const call of Object.values(calls)) {
      const before = (await rows()).length;
      await call(auditor);
      expect((await rows()).length).toBe(before + 1);
    }
  });

  it('takes up to 100 disclosures, a seed of 64 characters, a year to draw from and 31 days to count in', async () => {
    const until = BigInt(clock.nowMs());
    const days = (count: number) => ({ from: until - BigInt(count * DAY_MS), until });
    const { oversight } = auditor;
    const fine = [
      oversight.sampleDisclosures({ ...days(366), count: 100, seed: 's'.repeat(64) }),
      oversight.listOfficerActivity(days(31)),
      all(oversight.exportReport({ ...days(31), count: 100, seed: 's'.repeat(64) })),
    ];
    await Promise.all(fine);
    const paths = async (call: Promise<unknown>) =>
      (await failure(call)).violations.map(({ field }) => field);
    expect(await paths(oversight.sampleDisclosures({ count: 101 }))).toEqual(['count']);
    expect(await paths(oversight.sampleDisclosures({ seed: 's'.repeat(65) }))).toEqual(['seed']);
    expect(await paths(oversight.sampleDisclosures(days(367)))).toEqual(['from']);
    expect(await paths(oversight.listOfficerActivity(days(32)))).toEqual(['from']);
    expect(await paths(all(oversight.exportReport(days(32))))).toEqual(['from']);
    expect(await paths(oversight.listOfficerActivity({ from: until, until }))).toEqual(['until']);
  });
});
