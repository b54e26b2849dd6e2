/**
 * Personal duties with real processes (issue 3, points 7 and 8): an emergency opens a facet at one desk and its originator knows and
 * reviews it; the audit trail verifies, and one that was changed does not; a delisting reaches everybody who holds the entry; an
 * exercise stays out of everything live.
 */
import { appendFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { nodeDir, officerDir } from '../../src/cli/demo/federation.ts';
import type { Cast } from '../../src/cli/demo/story.ts';
import { tocsin } from '../support/command.ts';
import { exampleContent } from '../support/contents.ts';
import { eventually, TestFederation } from '../support/federation.ts';
import { NodeView } from '../support/hostile-view.ts';

const state = (id: string): Cast => ({
  id,
  name: `State ${id}`,
  country: id,
  role: 'national',
  groups: ['sac', 'adequate'],
  deskGroups: ['customs', 'border', 'police'],
});

let federation: TestFederation;
let dir: string;
let [xa, xb, xc]: [NodeView, NodeView, NodeView] = [] as never;

const officer = (id: string, desk: string, post: 'officer' | 'releaser' | 'auditor' = 'officer') => [
  '--officer',
  officerDir(federation.federation, id, desk, post),
];

async function json(...args: readonly string[]): Promise<Record<string, unknown>> {
  const ran = await tocsin(['--json', ...args]);
  expect({ args, exitCode: ran.exitCode, stderr: ran.stderr }).toEqual({ args, exitCode: 0, stderr: '' });
  return JSON.parse(ran.stdout) as Record<string, unknown>;
}

type Content = Record<string, unknown> & { readonly facets: Record<string, object> };

const content = (kind: string, marking: object = {}): Content => {
  const example = exampleContent(kind, Date.now()) as Content;
  return {
    ...example,
    deskGroup: 'customs',
    marking: { ...(example.marking as object), releasableTo: ['sac'], ...marking },
  };
};

/** Drafted and released by two officers with the command; its header digest. */
async function released(file: string, what: unknown, ...mode: readonly string[]): Promise<string> {
  const path = join(dir, file);
  writeFileSync(path, JSON.stringify(what));
  const drafted = await json(...mode, 'record', 'draft', path, '--submit', ...officer('XA', 'customs'));
  const done = await json(
    ...mode,
    'record',
    'release',
    String(drafted.draft),
    ...officer('XA', 'customs', 'releaser'),
  );
  return String(done.header);
}

beforeAll(async () => {
  federation = await TestFederation.found({ cast: ['XA', 'XB', 'XC'].map(state) });
  await federation.startAll();
  [xa, xb, xc] = [
    new NodeView(federation, 'XA'),
    new NodeView(federation, 'XB'),
    new NodeView(federation, 'XC'),
  ];
  dir = join(federation.dir, 'work');
  mkdirSync(dir);
});
afterAll(() => federation?.[Symbol.asyncDispose]());

describe('break-glass', () => {
  let record = '';
  let opening = '';
  const border = () => officer('XB', 'border');
  const openings = async (...as: readonly string[]) =>
    (await json('break-glass', 'list', '--record', record, ...as)).openings as readonly Record<
      string,
      unknown
    >[];

  test('a border officer may not know of the record; in an emergency he reads the route, and nothing else', async () => {
    record = await released('strict.json', content('seizure-notice', { tlp: 'amber-strict' }));
    await xb.received(Buffer.from(record, 'hex'));
    expect((await tocsin(['record', 'show', record, ...border()])).exitCode).not.toBe(0);
    const opened = await json(
      ...['break-glass', 'open', record, '--facets', 'route'],
      ...['--reason', 'the ship with the cargo sails within the hour', ...border()],
    );
    opening = String(opened.opening);
    expect(opened).toMatchObject({ originator: 'XA', facets: ['route'] });
    const shown = await json('record', 'show', record, ...border());
    expect(Object.keys(shown.facets as object)).toEqual(['route']);
    expect(shown.openedUntil).toMatchObject({ route: opened.until });
  });

  test('the originator is told of opening and reading, reviews them, and the desk that opened reads the verdict', async () => {
    await eventually('XA is told of the reading', async () => {
      const [one] = await openings(...officer('XA', 'customs', 'releaser'));
      return one?.readings === 1 || undefined;
    });
    expect(await openings(...officer('XA', 'customs', 'auditor'))).toMatchObject([
      {
        node: 'XB',
        facets: ['route'],
        verdict: null,
        reason: 'the ship with the cargo sails within the hour',
      },
    ]);
    expect(xa.alarms('BREAK_GLASS').map(({ subject }) => subject)).toEqual([opening]);
    await json(
      ...['break-glass', 'review', opening, '--verdict', 'not-justified'],
      ...['--note', 'the ship had been stopped the day before', ...officer('XA', 'customs', 'releaser')],
    );
    const reviewed = await eventually('XB is told of the review', async () => {
      const [one] = await openings(...border());
      return one?.verdict === null ? undefined : one;
    });
    expect(reviewed).toMatchObject({
      verdict: 'not-justified',
      note: 'the ship had been stopped the day before',
    });
    for (const node of [xa, xb])
      expect(node.rows('select 1 from alarm where code = ? and cleared_at is null', 'BREAK_GLASS')).toEqual(
        [],
      );
  });

  test('the trail of either end holds it and verifies; a file of it that was changed names its row', async () => {
    for (const [id, actions] of [
      ['XB', ['break-glass.opened', 'break-glass.read', 'break-glass.reviewed']],
      ['XA', ['break-glass.opened', 'break-glass.read', 'break-glass.reviewed']],
    ] as const) {
      const auditor = officer(id, 'customs', 'auditor');
      const { rows } = await json(
        'audit',
        'show',
        '--subject',
        record,
        '--action',
        'break-glass.',
        ...auditor,
      );
      expect((rows as readonly { action: string }[]).map(({ action }) => action).toSorted()).toEqual(
        [...actions].toSorted(),
      );
      expect((await tocsin(['audit', 'verify', ...auditor])).exitCode).toBe(0);
    }
    const file = join(dir, 'trail.jsonl');
    await json('audit', 'export', '--out', file, ...officer('XB', 'customs', 'auditor'));
    const digest = ['--network-digest', federation.federation.networkDigest];
    expect((await tocsin(['audit', 'verify', '--file', file, ...digest])).exitCode).toBe(0);
    const trail = readFileSync(file, 'utf8');
    expect(trail).toContain('sails within the hour');
    writeFileSync(file, trail.replace('sails within the hour', 'sails within the day'));
    const forged = await tocsin(['audit', 'verify', '--file', file, ...digest]);
    expect(forged.exitCode).toBe(3);
    expect(forged.stderr + forged.stdout).toMatch(/row \d+/);
  });

  test('a row that was changed in the store of a stopped node is found', async () => {
    await federation.signal('XB', 'SIGTERM');
    const verify = () => tocsin(['audit', 'verify', '--dir', nodeDir(federation.federation, 'XB')]);
    expect((await verify()).exitCode).toBe(0);
    const change = (from: string, to: string) => {
      using database = new DatabaseSync(xb.storePath);
      database
        .prepare("update audit set detail = replace(detail, ?, ?) where action = 'break-glass.opened'")
        .run(from, to);
    };
    change('sails within the hour', 'sails within the day');
    const found = await verify();
    expect(found.exitCode).toBe(3);
    expect(found.stderr + found.stdout).toMatch(/row \d+/);
    change('sails within the day', 'sails within the hour');
    await federation.startNode('XB');
  });
});

describe('redress', () => {
  test('a namesake stands beside the person at every recipient; delisted, the person is gone from all of them', async () => {
    const entry = content('watchlist-entry', { purposes: ['investigation', 'border'] });
    const listed = await released('entry.json', entry);
    for (const node of [xb, xc]) await node.received(Buffer.from(listed, 'hex'));
    for (const id of ['XB', 'XC']) {
      const shown = await json('record', 'show', listed, ...officer(id, 'police'));
      expect(shown.facets).toMatchObject({
        persons: {
          persons: [{ notTheSameAs: [{ names: [{ text: 'Orsolo V. Tarrick' }], reference: 'R-12' }] }],
        },
      });
    }

    const { persons: _, ...rest } = entry.facets;
    const now = new Date().toISOString();
    const revision = {
      ...entry,
      facets: {
        ...rest,
        summary: { ...rest.summary, status: 'delisted', basis: 'court' },
        redress: {
          rows: [
            {
              reference: 'R-12',
              received: '2024-02-01T09:00:00Z',
              decision: 'delisted',
              decidedAt: now,
              reason: 'the court annulled the listing',
            },
          ],
        },
      },
    };
    const file = join(dir, 'delisted.json');
    writeFileSync(file, JSON.stringify(revision));
    const drafted = await json('record', 'revise', listed, file, ...officer('XA', 'customs'));
    await json('record', 'submit', String(drafted.draft), ...officer('XA', 'customs'));
    const releaser = officer('XA', 'customs', 'releaser');
    const done = await json('record', 'release', String(drafted.draft), ...releaser);
    await json('record', 'recall', listed, '--facets', 'persons', '--reason', 'delisted', ...releaser);

    for (const [id, node] of [
      ['XB', xb],
      ['XC', xc],
    ] as const) {
      await node.received(Buffer.from(String(done.header), 'hex'));
      await eventually(`${id} deletes the person`, () =>
        node.rows(
          "select 1 from facet where header_digest = ? and name = 'persons'",
          Buffer.from(listed, 'hex'),
        ).length === 0
          ? true
          : undefined,
      );
      const shown = await json('record', 'show', String(done.header), ...officer(id, 'police'));
      expect(shown.facets).toMatchObject({
        summary: { status: 'WATCHLIST_STATUS_DELISTED' },
        redress: {
          rows: [{ decision: 'REDRESS_DECISION_DELISTED', reason: 'the court annulled the listing' }],
        },
      });
      expect(Object.keys(shown.facets as object)).not.toContain('persons');
    }
    await eventually('XA has the receipts of both', async () => {
      const { holders } = await json('record', 'holders', listed, ...releaser);
      const found = holders as readonly { node: string; facets: readonly string[] }[];
      return ['XB', 'XC'].every((id) => found.some(({ node }) => node === id)) &&
        found.every(({ facets }) => facets.includes('summary') && !facets.includes('persons'))
        ? true
        : undefined;
    });
  });
});

describe('an exercise', () => {
  test('equal to a live record is on no live list anywhere, and counted apart', async () => {
    const same = content('warning');
    const live = await released('live.json', same);
    const exercise = await released('exercise.json', same, '--exercise');
    for (const digest of [live, exercise]) await xb.received(Buffer.from(digest, 'hex'));
    const listed = async (...mode: readonly string[]) =>
      (
        (await json(...mode, 'record', 'list', ...officer('XB', 'customs'))).records as readonly {
          header: string;
        }[]
      ).map(({ header }) => header);
    const inLive = await listed();
    expect(inLive).toContain(live);
    expect(inLive).not.toContain(exercise);
    expect(await listed('--exercise')).toEqual([exercise]);
    expect((await tocsin(['record', 'show', exercise, ...officer('XB', 'customs')])).exitCode).not.toBe(0);
    const banner = await tocsin(['--exercise', 'record', 'show', exercise, ...officer('XB', 'customs')]);
    expect(banner.stdout).toMatch(/EXERCISE/);
  });
});

describe('an auditor', () => {
  test('has what was disclosed decided once more by the policies of its days, and takes a report that the node signed', async () => {
    const before = await released('before.json', content('seizure-notice'));
    // Narrower alone: nothing follows to whom it went before.
    appendFileSync(
      join(nodeDir(federation.federation, 'XA'), 'policy', 'national.cedar'),
      `
@id("Z1-no-items") @reason("items stay here")
forbid (principal, action == Action::"disclose", resource) when { context.facet.name == "items" };
`,
    );
    const auditor = officer('XA', 'customs', 'auditor');
    await eventually('XA takes the policy up', async () => {
      const { rows } = await json('audit', 'show', '--action', 'policy.changed', ...auditor);
      return (rows as readonly object[]).length > 0 ? true : undefined;
    });
    const after = await released('after.json', content('seizure-notice'));
    for (const digest of [before, after]) await xb.received(Buffer.from(digest, 'hex'));

    const file = join(dir, 'report.jsonl');
    const network = ['--network-digest', federation.federation.networkDigest];
    await json('audit', 'report', '--out', file, '--count', '100', ...auditor);
    const judged = await json('audit', 'verify-report', file, ...network);
    expect(judged).toMatchObject({ node: 'XA', differing: 0, openings: 1, recalls: 0 });
    const replayed = readFileSync(file, 'utf8')
      .trimEnd()
      .split('\n')
      .flatMap((line) => {
        const { disclosure } = JSON.parse(line) as { disclosure?: Disclosure };
        return disclosure === undefined ? [] : [disclosure];
      });
    const toXb = (digest: string) =>
      replayed.find(({ headerDigest, recipient }) => headerDigest === digest && recipient === 'XB');
    expect(toXb(before)).toMatchObject({ outcome: { verdict: 'same' } });
    expect(toXb(after)).toMatchObject({ outcome: { verdict: 'same' } });
    expect(toXb(before)?.outcome.permitted).toContain('items');
    expect(toXb(after)?.outcome.permitted).not.toContain('items');
    expect(toXb(after)?.outcome.policy).not.toBe(toXb(before)?.outcome.policy);

    writeFileSync(file, readFileSync(file, 'utf8').replace('"recipient":"XB"', '"recipient":"XC"'));
    const forged = await tocsin(['audit', 'verify-report', file, ...network]);
    expect(forged.exitCode).toBe(3);
    expect(forged.stderr).toMatch(/REPORT_BROKEN/);
  });
});

interface Disclosure {
  readonly headerDigest: string;
  readonly recipient: string;
  readonly outcome: {
    readonly verdict: string;
    readonly permitted: readonly string[];
    readonly policy: string;
  };
}
