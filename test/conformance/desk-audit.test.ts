/** The audit trail over the real desk: what is in it, who reads it, how a changed or cut one shows; one world at a time. */
import { DatabaseSync } from 'node:sqlite';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hex } from '../../src/base/bytes.ts';
import { systemRandom } from '../../src/base/clock.ts';
import { type Desk, DeskCallError } from '../../src/desk/index.ts';
import { AuditServiceDefinition } from '../../src/gen/tocsin/desk/v1/audit_service.ts';
import { Status } from '../../src/gen/tocsin/record/v1/marking.ts';
import { anchorAudit, judgeAuditFile, type LifecycleDeps, verifyAudit } from '../../src/lifecycle/index.ts';
import { exampleContent } from '../support/contents.ts';
import { deskWorld, type World } from '../unit/desk/desk-world.ts';

let world: World;
let officer: Desk;
let releaser: Desk;
let auditor: Desk;
let deps: LifecycleDeps<never>;

beforeAll(async () => {
  world = await deskWorld();
  const [first, second, third] = await Promise.all([
    world.officer('customs', 'officer', 'Olga Officer'),
    world.officer('customs', 'releaser'),
    world.officer('customs', 'auditor'),
  ]);
  officer = world.as(first);
  releaser = world.as(second);
  auditor = world.as(third);
  const { ledger, policy, temporary } = world.xa;
  deps = {
    store: temporary.store,
    policy: () => policy as never,
    ledger,
    exchange: { fanout: () => Promise.reject(new Error('an anchor never leaves its node')) },
    self: {
      node: 'XA',
      network: world.federation.network,
      logOrigin: (one) => ledger.origins[one],
    },
    clock: { nowMs: () => Date.now() },
    random: systemRandom,
  };
});
afterAll(() => world[Symbol.asyncDispose]());

const seizure = (status?: string) => {
  const content = exampleContent('seizure-notice') as Record<string, unknown>;
  const marking = content.marking as Record<string, unknown>;
  return JSON.stringify({ ...content, marking: { ...marking, ...(status === undefined ? {} : { status }) } });
};

async function released(mode: 'live' | 'exercise' = 'live'): Promise<Uint8Array> {
  const { draft } = await officer.records.createDraft({ contentJson: seizure() }, { mode });
  const draftId = draft?.id ?? '';
  await officer.records.submitDraft({ draftId }, { mode });
  const { record } = await releaser.records.releaseDraft({ draftId }, { mode });
  return record?.headerDigest ?? new Uint8Array();
}

const failure = async (call: Promise<unknown>): Promise<DeskCallError> => {
  const error = await call.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (error instanceof DeskCallError) return error;
  throw new Error('expected the call to be refused', { cause: error });
};

const rows = async (query: { subject?: string; actor?: string; action?: string }) =>
  (await auditor.audit.listAudit({ ...query, pageSize: 500 })).rows.map((row) => ({
    ...row,
    detail: JSON.parse(row.detailJson) as Record<string, unknown>,
  }));

async function exported(): Promise<string[]> {
  const pieces: Uint8Array[] = [];
  for await (const { data } of auditor.audit.exportAudit({})) pieces.push(data);
  return Buffer.concat(pieces).toString('utf8').trimEnd().split('\n');
}

async function* each(lines: readonly string[]): AsyncGenerator<string> {
  yield* lines;
}

describe('the audit trail', () => {
  it('holds every read of a record with officer, desk, role, purpose and facets, the lists that showed it included', async () => {
    const digest = await released();
    await officer.records.getRecord({ headerDigest: digest }, { purpose: 'border' });
    await officer.records.listRecords({ text: 'seized' });
    const found = await rows({ subject: hex(digest) });
    const read = found.find(({ action }) => action === 'record.read');
    expect(read?.detail).toMatchObject({
      officer: 'Olga Officer',
      deskGroup: 'customs',
      role: 'officer',
      purpose: 'border',
    });
    expect(String(read?.detail.facets).split(' ')).toEqual(expect.arrayContaining(['summary', 'items']));
    expect(found.find(({ action }) => action === 'record.searched')?.detail.text).toBe('seized');
    expect(found.find(({ action }) => action === 'record.released')?.detail.role).toBe('releaser');
  });

  it('holds refusals, and its own readings', async () => {
    const { draft } = await releaser.records.createDraft({ contentJson: seizure() });
    const draftId = draft?.id ?? '';
    await releaser.records.submitDraft({ draftId });
    expect((await failure(releaser.records.releaseDraft({ draftId }))).code).toBe('FOUR_EYES');
    const refused = await rows({ action: 'call.refused' });
    expect(refused[0]?.detail.code).toBe('FOUR_EYES');
    expect((await rows({ action: 'audit.read' })).length).toBeGreaterThan(1);
  });

  it('holds failed sign-ins, one a minute for a certificate', async () => {
    const certificate = await world.officer('customs', 'officer', 'Revoked');
    const desk = world.as(certificate);
    const { officer: seen } = await desk.network.getNodeStatus({});
    const fingerprint = seen?.fingerprint ?? '';
    world.revoked.add(fingerprint);
    for (let times = 0; times < 3; times += 1)
      expect((await failure(desk.network.getNodeStatus({}))).statusName).toBe('UNAUTHENTICATED');
    expect(await rows({ actor: fingerprint, action: 'signin.failed' })).toHaveLength(1);
  });

  it('is read by auditors alone, and has no method that changes it', async () => {
    for (const desk of [officer, releaser]) {
      expect((await failure(desk.audit.listAudit({}))).code).toBe('REFUSED');
      expect((await failure(desk.audit.verifyAudit({}))).code).toBe('REFUSED');
    }
    expect(Object.keys(AuditServiceDefinition.methods).sort()).toEqual([
      'exportAudit',
      'listAudit',
      'verifyAudit',
    ]);
  });

  it('is anchored in the live log by a record that stays, and verified with it', async () => {
    expect(await anchorAudit(deps, 3_600_000)).toBe(true);
    expect(await anchorAudit(deps, 3_600_000)).toBe(false);
    await world.xa.ledger.sequence('live');
    const found = await auditor.audit.verifyAudit({});
    expect(found).toMatchObject({ intact: true, anchors: 1, problem: '' });
    expect(found.anchored).toBeGreaterThan(0n);
  });

  it('leaves as a file that is judged offline; a changed row and a cut end are found with their number', async () => {
    const lines = await exported();
    const { network } = world.federation;
    const whole = await judgeAuditFile(each(lines), network);
    expect(whole).toMatchObject({ ok: true, value: { node: 'XA', anchors: 1 } });
    const third = lines.findIndex((line) => line.startsWith('{"row":["3"'));
    const changed = lines.with(third, (lines[third] ?? '').replace('customs', 'licence'));
    expect(changed[third]).not.toBe(lines[third]);
    expect(await judgeAuditFile(each(changed), network)).toMatchObject({ ok: false, facts: { seq: 3 } });
    // Cut before the anchored row, with an end that fits the rows left.
    const head = JSON.parse(lines[third] ?? '') as { row: string[] };
    const cut = [...lines.slice(0, third + 1), JSON.stringify({ head: [head.row[0], head.row[6]] })];
    expect((await judgeAuditFile(each(cut), undefined)).ok).toBe(true);
    const judged = await judgeAuditFile(each(cut), network);
    expect(judged).toMatchObject({ ok: false, reason: 'AUDIT_BROKEN' });
    expect(await judgeAuditFile(each(lines.slice(0, -1)), network)).toMatchObject({ ok: false });
  });
});

describe('exercise mode', () => {
  it('keeps the two worlds apart in every list, search and read, and marks what it shows', async () => {
    const [live, exercise] = [await released('live'), await released('exercise')];
    const listed = async (mode: 'live' | 'exercise', text = '') =>
      (await officer.records.listRecords({ pageSize: 500, text }, { mode })).records;
    for (const text of ['', 'seized']) {
      const inExercise = await listed('exercise', text);
      const inLive = await listed('live', text);
      expect(inExercise.map((one) => hex(one.headerDigest))).toEqual([hex(exercise)]);
      expect(inExercise[0]).toMatchObject({ status: Status.STATUS_EXERCISE });
      expect(inExercise[0]?.title).toMatch(/^EXERCISE: /);
      expect(inLive.map((one) => hex(one.headerDigest))).toContain(hex(live));
      expect(inLive.every((one) => one.status === Status.STATUS_ACTUAL)).toBe(true);
    }
    const mixed = [
      [live, 'exercise'],
      [exercise, 'live'],
    ] as const;
    for (const [headerDigest, mode] of mixed) {
      const calls = [
        () => officer.records.getRecord({ headerDigest }, { mode }),
        () => officer.records.reviseRecord({ headerDigest }, { mode }),
        () => officer.policy.previewRecord({ headerDigest }, { mode }),
        () => officer.policy.explain({ headerDigest, partner: 'XB' }, { mode }),
        () => officer.log.proveRecord({ headerDigest }, { mode }),
      ];
      for (const call of calls) expect((await failure(call())).code).toBe('NOT_FOUND');
    }
  });

  it('drafts exercise records by itself, and refuses a draft of the other world', async () => {
    const { draft } = await officer.records.createDraft({ contentJson: seizure() }, { mode: 'exercise' });
    expect(draft?.title).toMatch(/^EXERCISE: /);
    const ids = async (mode: 'live' | 'exercise') =>
      (await officer.records.listDrafts({ pageSize: 500 }, { mode })).drafts.map(({ id }) => id);
    expect(await ids('exercise')).toContain(draft?.id);
    expect(await ids('live')).not.toContain(draft?.id);
    expect((await failure(officer.records.getDraft({ draftId: draft?.id ?? '' }))).code).toBe('NOT_FOUND');
    for (const [status, mode] of [
      ['EXERCISE', 'live'],
      ['ACTUAL', 'exercise'],
    ] as const) {
      const refused = await failure(officer.records.createDraft({ contentJson: seizure(status) }, { mode }));
      expect(refused.violations.map(({ reason }) => reason)).toContain('EXERCISE_MISMATCH');
    }
  });
});

describe('a trail changed in the store', () => {
  it('is found with the number of its row, and one that was cut by the anchor in the log', async () => {
    const { temporary } = world.xa;
    const { network } = world.federation;
    const verdict = () => temporary.store.read((tx) => verifyAudit(tx, network));
    expect((await verdict()).ok).toBe(true);
    const database = new DatabaseSync(temporary.path);
    try {
      const before = database.prepare('select detail from audit where seq = 5').get() as { detail: string };
      database.prepare("update audit set detail = '{}' where seq = 5").run();
      expect(await verdict()).toMatchObject({ ok: false, reason: 'AUDIT_BROKEN', facts: { seq: 5 } });
      database.prepare('update audit set detail = ? where seq = 5').run(before.detail);
      expect((await verdict()).ok).toBe(true);
      database.prepare('delete from audit where seq > 5').run();
      const cut = await verdict();
      expect(cut).toMatchObject({ ok: false, reason: 'AUDIT_BROKEN' });
      if (!cut.ok) expect(cut.detail).toContain('the trail was cut');
    } finally {
      database.close();
    }
  });
});
