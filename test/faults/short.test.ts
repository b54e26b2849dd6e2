/**
 * A short fixed plan with every fault of the rig in it, and the checker itself: an end that breaks a promise must be found. Long
 * plans out of a seed: `npm run faults`.
 */
import { describe, expect, test } from 'vitest';
import { startPostgresServer } from '../support/postgres-server.ts';
import { checkEnd, type Ended, rootsOf } from './check.ts';
import type { Export, Row } from './export.ts';
import { FAULT_NAMES, LONG_FAULTS, targetsOf } from './faults.ts';
import { fault, type Plan, randomPlan, type Step, shrink } from './plan.ts';
import { play } from './play.ts';
import { type NodeId, partnerOf } from './workload.ts';

const releases = (
  atMs: number,
  from: NodeId,
  variant: 'open' | 'bilateral' | 'flash',
  count: number,
): Step => ({
  do: 'release',
  atMs,
  from,
  variant,
  count,
});

const SHORT: Plan = {
  seed: 1,
  steps: [
    releases(0, 'XA', 'open', 3),
    releases(0, 'XB', 'bilateral', 3),
    fault(200, 'delay', 'XC', 1_000),
    fault(300, 'kill', 'XA', 200),
    releases(500, 'XC', 'flash', 2),
    fault(600, 'partition-up', 'XB', 1_500),
    fault(900, 'lose', 'broker', 0),
    fault(1_000, 'repeat', 'broker', 0),
    fault(1_100, 'pause', 'XC', 1_000),
    { do: 'recall', atMs: 1_200, from: 'XA', nth: 0 },
    { do: 'narrow', atMs: 1_500 },
    fault(1_600, 'disk-full', 'XA', 800),
    releases(1_700, 'XA', 'bilateral', 3),
    fault(1_800, 'rollback', 'broker', 800),
    fault(2_000, 'partition-down', 'XA', 1_000),
    fault(2_200, 'flip', 'broker', 0),
    fault(2_400, 'partition', 'XB', 800),
    releases(2_500, 'XB', 'open', 3),
    fault(2_600, 'wipe', 'broker', 0),
    fault(2_800, 'outage', 'XC', 500),
    fault(2_900, 'database', 'database', 400),
    fault(3_000, 'slow', 'XA', 1_000),
    { do: 'recall', atMs: 3_000, from: 'XB', nth: 1 },
  ],
};

describe('the short plan', () => {
  test('plays every fault there is, but for those that are long', () => {
    const played = SHORT.steps.flatMap((step) => (step.do === 'fault' ? [step.fault] : []));
    expect([...new Set(played), ...LONG_FAULTS].sort()).toEqual([...FAULT_NAMES].sort());
  });

  test('ends with every promise kept, and a checker that sees each of them broken', async () => {
    let ended: Ended | undefined;
    const outcome = await play(SHORT, { ended: (end) => (ended = end) });
    expect(outcome.findings).toEqual([]);
    expect(outcome.released).toBe(14);
    expect(outcome.recalled).toBe(2);
    if (ended === undefined) throw new Error('the run handed over no end');
    const unlisted = checkEnd(withHolderUnlisted(ended)).map(({ what }) => what);
    expect(unlisted).toContainEqual(expect.stringMatching(/does not list X[ABC], which held it/));
    for (const { breaks, promise, table, change } of BREAKING) {
      const seen = checkEnd(broken(ended, table, change)).map((finding) => finding.promise);
      expect({ breaks, seen }).toEqual({ breaks, seen: expect.arrayContaining([promise]) });
    }
  });
});

test('the same plan ends so on PostgreSQL', async () => {
  await using database = await startPostgresServer();
  const outcome = await play(SHORT, {}, database);
  expect(outcome.findings).toEqual([]);
  expect(outcome).toMatchObject({ released: 14, recalled: 2 });
});

/** Ways to break the end of a run at XA or XB, and the promise that is then broken. */
const BREAKING: readonly {
  readonly breaks: string;
  readonly promise: string;
  readonly table: string;
  readonly change: (rows: readonly Row[], node: NodeId) => readonly Row[];
}[] = [
  {
    breaks: 'a record that arrived is gone',
    promise: 'P1',
    table: 'record',
    change: (rows, node) =>
      node === 'XB' ? without(rows, (row) => row.originator === 'XA' && row.kind === 'seizure-notice') : rows,
  },
  {
    breaks: 'a record was handed over twice',
    promise: 'P2',
    table: 'inbox_item',
    change: (rows) => [...rows, ...rows],
  },
  {
    breaks: 'a parcel was left out',
    promise: 'P2',
    table: 'manifest_out',
    change: (rows) => without(rows, (row) => row.seq === 1n),
  },
  {
    breaks: 'a row counts as delivered without a receipt',
    promise: 'P5',
    table: 'outbox',
    change: (rows) => rows.map((row) => ({ ...row, receipt_digest: null })),
  },
  {
    breaks: 'a source was disclosed',
    promise: 'P8',
    table: 'facet',
    change: (rows, node) =>
      node === 'XB' ? rows.map((row) => (row.name === 'items' ? { ...row, name: 'source' } : row)) : rows,
  },
  {
    breaks: 'a checkpoint is not the root of its leaves',
    promise: 'P9',
    table: 'checkpoint',
    change: (rows) => rows.map((row) => ({ ...row, root: new Uint8Array(32) })),
  },
  {
    breaks: 'a partner knows another log',
    promise: 'P9',
    table: 'known_log',
    change: (rows) => rows.map((row) => ({ ...row, root: new Uint8Array(32) })),
  },
  {
    breaks: 'somebody is accused',
    promise: 'P9',
    table: 'alarm',
    change: (rows) => [...rows, { code: 'LOG_FORK', subject: 'XB', detail: '' }],
  },
  {
    breaks: 'an honest owner was said to prove nothing, though it was taken back',
    promise: 'P9',
    table: 'alarm',
    change: (rows) => [...rows, { code: 'LOG_UNTIED', subject: 'XB', detail: '', cleared_at: 1n }],
  },
  {
    breaks: 'a row was given up without a reason',
    promise: 'P11',
    table: 'outbox',
    change: (rows) => rows.map((row) => ({ ...row, state: 'refused', result_reason: null })),
  },
  {
    breaks: 'a number was given up without a word',
    promise: 'P11',
    table: 'manifest_out',
    change: (rows) => rows.map((row) => ({ ...row, state: 'skipped', skip: null })),
  },
  {
    breaks: 'a file never came, and no alarm says so',
    promise: 'P11',
    table: 'attachment_wait',
    change: (rows) => [...rows, { header_digest: new Uint8Array(32) }],
  },
  {
    breaks: 'a partner was never told who read',
    promise: 'P11',
    table: 'reading_due',
    change: (rows) => [...rows, { header_digest: new Uint8Array(32) }],
  },
  {
    breaks: 'a record is parked for ever',
    promise: 'P11',
    table: 'record',
    change: (rows) => rows.map((row) => ({ ...row, state: 'parked' })),
  },
  {
    breaks: 'a node still waits for its partners after its restart',
    promise: 'P11',
    table: 'alarm',
    change: (rows) => [...rows, { code: 'CATCHING_UP', subject: 'XB', detail: '' }],
  },
  {
    breaks: 'a row waits for ever',
    promise: 'P11',
    table: 'outbox',
    change: (rows) => rows.map((row) => ({ ...row, state: 'sent' })),
  },
];

/** A partner held what was recalled, and its originator asked nobody. */
function withHolderUnlisted(ended: Ended): Ended {
  const one = ended.released.find(({ digest }) => ended.recalled.has(digest));
  if (one === undefined) throw new Error('nothing was recalled');
  const row = { header_digest: Buffer.from(one.digest, 'hex'), state: 'recalled', kind: 'seizure-notice' };
  const held = broken(ended, 'record', (rows, node) =>
    node === partnerOf(one.from) ? [...rows, row] : rows,
  );
  return broken(held, 'recall_notice', () => []);
}

const without = (rows: readonly Row[], which: (row: Row) => boolean): readonly Row[] => {
  const at = rows.findIndex(which);
  return rows.filter((_, index) => index !== at);
};

const broken = (
  { stores, ...rest }: Ended,
  table: string,
  change: (rows: readonly Row[], node: NodeId) => readonly Row[],
): Ended => ({
  ...rest,
  stores: new Map(
    [...stores].map(([node, store]): [NodeId, Export] => [
      node,
      new Map([...store].map(([name, rows]) => [name, name === table ? change(rows, node) : rows])),
    ]),
  ),
});

describe('a plan out of a seed', () => {
  const SIZE = { spanMs: 10_000, faults: 20, releases: 10 };

  test('is the same for the same seed, in order, and strikes only what a fault can strike', () => {
    const plan = randomPlan(7, SIZE);
    expect(randomPlan(7, SIZE)).toEqual(plan);
    expect(randomPlan(8, SIZE)).not.toEqual(plan);
    expect(plan.steps.map(({ atMs }) => atMs)).toEqual(
      plan.steps.map(({ atMs }) => atMs).toSorted((a, b) => a - b),
    );
    for (const step of plan.steps)
      if (step.do === 'fault') expect(targetsOf(step.fault)).toContain(step.target);
  });

  test('is cut down to the steps that a failure needs', async () => {
    const plan = randomPlan(7, SIZE);
    const [needed, other] = [plan.steps[3], plan.steps[17]];
    const fails = async ({ steps }: Plan) => [needed, other].every((step) => step && steps.includes(step));
    expect((await shrink(plan, fails, 200)).steps).toEqual([needed, other]);
  });
});

test('roots of a growing log are those of RFC 6962', () => {
  const leaf = (hex: string) => Buffer.from(hex, 'hex');
  // Leaf hashes and roots of RFC 6962's test data as its reference tests have them: an empty leaf, then the byte 00.
  const leaves = [
    leaf('6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d'),
    leaf('96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7'),
  ];
  expect(rootsOf(leaves).map((root) => root.toString('hex'))).toEqual([
    'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
    '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d',
    'fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125',
  ]);
});
