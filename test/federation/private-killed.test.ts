/**
 * Private screening between real processes that are killed in the midst of a question: the asker after it was sent, the holder after it
 * counted it. What was asked ends once they are up again, in a state that an officer understands; it is counted once and in both trails
 * once, and nothing waits for ever. All names are made up.
 */
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setImmediate } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { nodeDir, officerDir } from '../../src/cli/demo/federation.ts';
import { openOfficerDesk } from '../../src/cli/desk-access.ts';
import {
  type PrivateScreening,
  PrivateScreeningOutcome,
  PrivateScreeningState,
} from '../../src/gen/tocsin/desk/v1/screening_service.ts';
import { rpcSubject } from '../../src/transport/subject.ts';
import { exampleContent } from '../support/contents.ts';
import { eventually, TestFederation } from '../support/federation.ts';
import { Operator } from '../support/hostile-operator.ts';

const BUDGET = 50;
/** In a facet that XB lists and that makes a hit, so that a question to its holder would be one too many. */
const LISTED = 'Borgatil Ostrog Venskadze';
const REASON = 'applies for a broker licence';
const { PRIVATE_SCREENING_STATE_ANSWERED: ANSWERED, PRIVATE_SCREENING_STATE_INTERRUPTED: INTERRUPTED } =
  PrivateScreeningState;
const { PRIVATE_SCREENING_OUTCOME_HIT: HIT, PRIVATE_SCREENING_OUTCOME_FAILED: FAILED } =
  PrivateScreeningOutcome;

let federation: TestFederation;
let operator: Operator;
let entry: Uint8Array;

beforeAll(async () => {
  federation = await TestFederation.found({
    settings: {
      exchange: { heartbeatMs: 1_000, idleHeartbeatMs: 2_000, resendMs: 1_000, resendMaxMs: 4_000 },
      screening: { private: { partners: ['XA', 'XB'], budgetPerDay: BUDGET, rebuildMs: 10_000 } },
    },
  });
  await federation.startAll();
  operator = await Operator.watch(federation);
  const example = exampleContent('watchlist-entry', Date.now()) as { facets: { summary: object } };
  entry = await federation.release('XB', {
    ...example,
    deskGroup: 'police',
    marking: { releasableTo: ['XA'], purposes: ['INVESTIGATION'], handling: ['H1'] },
    facets: {
      summary: example.facets.summary,
      persons: {
        persons: [{ ref: 'p1', names: [{ text: LISTED }], nationalities: ['XB'], roles: ['broker'] }],
      },
    },
  });
  await restart('XB', 'SIGTERM');
  await eventually('the entry is at XA', async () => {
    const { records } = await federation.desk('XA').records.listRecords({});
    return records.some(({ headerDigest }) => Buffer.from(entry).equals(headerDigest)) || undefined;
  });
});
afterAll(async () => {
  await operator?.[Symbol.asyncDispose]();
  await federation?.[Symbol.asyncDispose]();
});

async function restart(id: string, signal: NodeJS.Signals): Promise<void> {
  await federation.signal(id, signal);
  await federation.startNode(id);
}

async function request(): Promise<string> {
  const { screening } = await federation
    .desk('XA')
    .screening.privateScreen(
      { names: [LISTED], partners: ['XB'], reason: REASON },
      { purpose: 'investigation' },
    );
  return screening?.id ?? '';
}

const decide = (id: string) =>
  federation
    .desk('XA', 'police', 'releaser')
    .screening.decidePrivateScreening({ id, approve: true }, { timeoutMs: 60_000 });

/** As whoever approved finds it. */
async function found(id: string): Promise<PrivateScreening> {
  const { screenings } = await federation.desk('XA').screening.listPrivateScreenings({ pageSize: 200 });
  const one = screenings.find((each) => each.id === id);
  if (one === undefined) throw new Error('expected the question to be kept');
  return one;
}

/** Asks until XB has evaluated what it lists and both have found each other again, which spends nothing. */
const asked = (): Promise<PrivateScreening> =>
  eventually('XB answers', async () => {
    const { screening } = await decide(await request());
    const code = screening?.answers[0]?.code;
    return code === 'SET_NOT_READY' || code === 'PARTNER_UNREACHABLE' ? undefined : screening;
  });

interface Row {
  readonly what: string;
  readonly subject: string;
  readonly detail: Readonly<Record<string, unknown>>;
}

/** Rows of private screening in a node's audit trail, the oldest first. */
async function trail(id: string): Promise<readonly Row[]> {
  using desk = openOfficerDesk({ officer: officerDir(federation.federation, id, 'police', 'auditor') });
  const { rows } = await desk.audit.listAudit({ action: 'private-screening.', pageSize: 500 });
  return rows
    .map(({ action, subject, detailJson }) => ({
      what: action.replace('private-screening.', ''),
      subject,
      detail: JSON.parse(detailJson) as Record<string, unknown>,
    }))
    .toReversed();
}

const evaluated = async (): Promise<number> =>
  (await trail('XB')).filter(({ what }) => what === 'evaluated').length;
/** What XB counts against XA today. */
const spent = async (): Promise<unknown> =>
  (await trail('XB')).filter(({ what }) => what === 'evaluated').at(-1)?.detail.used ?? 0;
const ofInquiry = async (id: string): Promise<readonly string[]> =>
  (await trail('XA'))
    .filter(({ subject, detail }) => subject === id || detail.inquiry === id)
    .map(({ what }) => what);
const taskings = async (at: string): Promise<number> =>
  (await federation.desk(at).tasking.listTaskings({ headerDigest: Buffer.from(entry) })).taskings.length;

/** Rows of an action in the store of a node that runs, read beside it: its desk answers too late for a moment between two steps. */
function rowsOf(id: string, action: string): Disposable & { readonly count: () => number } {
  const store = new DatabaseSync(join(nodeDir(federation.federation, id), 'store.sqlite'), {
    readOnly: true,
  });
  const rows = store.prepare('select count(*) as rows from audit where action = ?');
  return { count: () => Number(rows.get(action)?.rows), [Symbol.dispose]: () => store.close() };
}

/** Resolves in the instant in which the row is committed. */
async function nextRow(rows: ReturnType<typeof rowsOf>, before: number): Promise<void> {
  const until = performance.now() + 60_000;
  while (rows.count() === before) {
    if (performance.now() > until) throw new Error('expected a row in the audit trail, none came');
    await setImmediate();
  }
}

/** XB is ready, both know each other; what was counted and asked until now. */
async function ready() {
  expect((await asked()).answers).toMatchObject([{ partner: 'XB', outcome: HIT, questions: 1 }]);
  return { evaluated: await evaluated(), taskings: await taskings('XA') };
}

/** Approves a question and kills its asker once it has left; whether the answer was on its way for long enough. */
async function killAsker(id: string): Promise<boolean> {
  using rows = rowsOf('XA', 'private-screening.asked');
  const count = rows.count();
  const call = decide(id).then(
    () => 'answered',
    () => 'broken off',
  );
  await nextRow(rows, count);
  // Blinding comes first: hardly anything has left yet. From here on XB takes what comes and does nothing about it.
  process.kill(federation.pid('XB'), 'SIGSTOP');
  try {
    const calls = () =>
      operator.seen.filter(({ subject }) => subject === rpcSubject(operator.net, 'XB', 'XA')).length;
    const sent = calls();
    // Its head, the question and its end.
    await eventually('the question has left', () => (calls() >= sent + 3 ? true : undefined));
    await federation.signal('XA', 'SIGKILL');
  } finally {
    process.kill(federation.pid('XB'), 'SIGCONT');
  }
  const how = await call;
  await federation.startNode('XA');
  return how === 'broken off';
}

/** Approves a question and kills its holder in the instant in which it is counted; what came of it. */
async function killHolder(id: string) {
  using rows = rowsOf('XB', 'private-screening.evaluated');
  const count = rows.count();
  const call = decide(id);
  await nextRow(rows, count);
  // On disk. What is left is to evaluate eight elements, to prove it, and to hand out buckets.
  process.kill(federation.pid('XB'), 'SIGKILL');
  await restart('XB', 'SIGKILL');
  return (await call).screening;
}

/** A machine that has more to do may miss a moment: then the question is another one, of which all the rest is true as well. */
const MOST_TRIES = 5;

describe('a question to a partner in private', () => {
  it('whose asker is killed after it was sent ends as interrupted, counted once, and may be asked anew', async () => {
    const before = await ready();
    expect(await spent()).toBe(before.evaluated);
    let id = '';
    let tries = 0;
    for (let isCut = false; !isCut; ) {
      tries += 1;
      expect(tries).toBeLessThanOrEqual(MOST_TRIES);
      id = await request();
      isCut = await killAsker(id);
    }
    await eventually('XB counted what it can tell nobody', async () =>
      (await evaluated()) === before.evaluated + tries ? true : undefined,
    );

    const { state, answers } = await found(id);
    expect([state, answers]).toEqual([INTERRUPTED, []]);
    expect(await ofInquiry(id)).toEqual(['requested', 'approved', 'asked', 'interrupted']);
    // To approve it again asks nobody: another question is another one in both trails.
    await expect(decide(id)).rejects.toMatchObject({ code: 'NOT_OPEN' });
    expect(await taskings('XA')).toBe(before.taskings + tries - 1);

    expect(await asked()).toMatchObject({ state: ANSWERED, answers: [{ outcome: HIT, questions: 1 }] });
    expect(await evaluated()).toBe(before.evaluated + tries + 1);
    expect(await spent()).toBe(before.evaluated + tries + 1);
    expect(await ofInquiry(id)).toEqual(['requested', 'approved', 'asked', 'interrupted']);
  });

  it('whose holder is killed after it counted it ends as not answered, counted once, and may be asked anew', async () => {
    const before = await ready();
    let id = '';
    let tries = 0;
    for (let code = ''; code !== 'PARTNER_UNREACHABLE'; ) {
      tries += 1;
      expect(tries).toBeLessThanOrEqual(MOST_TRIES);
      if (tries > 1)
        await ready().then(({ evaluated: now }) => expect(now).toBe(before.evaluated + 2 * tries - 2));
      id = await request();
      const screening = await killHolder(id);
      expect(screening?.state).toBe(ANSWERED);
      code = screening?.answers[0]?.code ?? '';
    }
    expect(await ofInquiry(id)).toEqual(['requested', 'approved', 'asked', 'failed']);
    expect(await found(id)).toMatchObject({ state: ANSWERED, answers: [{ outcome: FAILED, hits: [] }] });
    expect(await evaluated()).toBe(before.evaluated + 2 * tries - 1);

    expect(await asked()).toMatchObject({ state: ANSWERED, answers: [{ outcome: HIT, questions: 1 }] });
    // A restart gives none of the budget back, and takes none.
    expect(await evaluated()).toBe(before.evaluated + 2 * tries);
    expect(await spent()).toBe(before.evaluated + 2 * tries);
  });

  it('whose asker is killed while a hit is put to its holder has it there once, whatever else was kept', async () => {
    const before = await ready();
    await eventually('earlier hits are before XB', async () =>
      (await taskings('XB')) === before.taskings ? true : undefined,
    );
    const id = await request();
    {
      using rows = rowsOf('XA', 'tasking.asked');
      const count = rows.count();
      const call = decide(id).catch(() => undefined);
      await nextRow(rows, count);
      process.kill(federation.pid('XA'), 'SIGKILL');
      await restart('XA', 'SIGKILL');
      await call;
    }
    // Between the signed question and what is kept of the answer lie a few milliseconds.
    const { state, answers } = await found(id);
    expect([
      [INTERRUPTED, 0],
      [ANSWERED, 1],
    ]).toContainEqual([state, answers.length]);
    expect(await evaluated()).toBe(before.evaluated + 1);
    await eventually('the hit is before XB', async () =>
      (await taskings('XB')) > before.taskings ? true : undefined,
    );
    expect([await taskings('XA'), await taskings('XB')]).toEqual([before.taskings + 1, before.taskings + 1]);
  });

  it('leaves nothing at either node that waits, and as many questions in one trail as in the other', async () => {
    const { screenings } = await federation.desk('XA').screening.listPrivateScreenings({ pageSize: 200 });
    expect(new Set(screenings.map(({ state }) => state))).toEqual(new Set([ANSWERED, INTERRUPTED]));
    const rows = await trail('XA');
    const count = (what: string) => rows.filter((row) => row.what === what).length;
    expect(count('asked')).toBe(await evaluated());
    expect(count('interrupted')).toBe(screenings.filter(({ state }) => state === INTERRUPTED).length);
    for (const node of ['XA', 'XB']) {
      await eventually(`${node} has nothing left to send`, async () => {
        const { outboxOpen, alarms } = await federation.desk(node).network.getNodeStatus({});
        expect(alarms).toEqual([]);
        return outboxOpen === 0 ? true : undefined;
      });
      expect(federation.log(node)).not.toMatch(/venskadze/i);
    }
  });
});
