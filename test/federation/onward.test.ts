/**
 * Passing on through a hub with real processes (issue: what must hold): under a consent XB verifies XA's signature over exactly what
 * it sees, and XA lists XB as a holder; without one the hub's desk refuses; a hub that sends anyway is refused, and what it signed
 * convicts it offline at the originator's.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { hex } from '../../src/base/bytes.ts';
import type { Cast } from '../../src/cli/demo/story.ts';
import { type Ran, tocsin } from '../support/command.ts';
import { exampleContent } from '../support/contents.ts';
import { eventually, TestFederation } from '../support/federation.ts';
import { HostileMember } from '../support/hostile-member.ts';
import { NodeView } from '../support/hostile-view.ts';

const state = (id: string, groups: readonly string[]): Cast => ({
  id,
  name: `State ${id}`,
  country: id,
  role: 'national',
  groups: [...groups],
  deskGroups: ['customs'],
});

const CASTING: readonly Cast[] = [
  state('XA', ['sac', 'adequate']),
  { id: 'HR', name: 'SAC Desk', role: 'hub', groups: ['sac', 'adequate'], deskGroups: ['hub'] },
  state('XB', ['suppliers', 'adequate']),
];

let federation: TestFederation;
let dir: string;
let [xa, hr, xb]: [NodeView, NodeView, NodeView] = [] as never;

const officers = {
  xa: () => federation.officer('XA', 'customs'),
  xaReleaser: () => federation.officer('XA', 'customs', 'releaser'),
  hub: () => federation.officer('HR', 'hub'),
  xb: () => federation.officer('XB', 'customs'),
  xbReleaser: () => federation.officer('XB', 'customs', 'releaser'),
};

async function json(...args: readonly string[]): Promise<Record<string, unknown>> {
  const ran = await tocsin(['--json', ...args]);
  expect({ args, exitCode: ran.exitCode, stderr: ran.stderr }).toEqual({ args, exitCode: 0, stderr: '' });
  return JSON.parse(ran.stdout) as Record<string, unknown>;
}

const run = (...args: readonly string[]): Promise<Ran> => tocsin(args);

/** A seizure of XA that the hub may analyse, and pass on with consent only. */
const seizure = (marking: object = {}) => ({
  ...(exampleContent('seizure-notice', Date.now()) as object),
  deskGroup: 'customs',
  marking: {
    releasableTo: ['sac'],
    purposes: ['customs-control', 'investigation', 'threat-analysis'],
    onward: 'consent',
    ...marking,
  },
});

/** Released at XA and held by HR; its header digest. */
async function atHub(marking: object = {}): Promise<Uint8Array> {
  const digest = await federation.release('XA', seizure(marking), 'customs');
  await hr.received(digest);
  return digest;
}

/** A consent drafted and released by two officers with the command; its header digest. */
async function consent(record: string, ...options: readonly string[]): Promise<string> {
  const drafted = await json('record', 'consent', record, ...options, '--officer', officers.xa());
  const released = await json('record', 'release', String(drafted.draft), '--officer', officers.xaReleaser());
  return String(released.header);
}

beforeAll(async () => {
  federation = await TestFederation.found({ cast: CASTING });
  await federation.startAll();
  [xa, hr, xb] = [
    new NodeView(federation, 'XA'),
    new NodeView(federation, 'HR'),
    new NodeView(federation, 'XB'),
  ];
  dir = join(federation.dir, 'work');
  mkdirSync(dir);
});
afterAll(() => federation?.[Symbol.asyncDispose]());

describe('under a consent of the originator', () => {
  let digest: Uint8Array;
  const record = () => hex(digest);

  test("without it the hub's desk refuses and names the rule; asked for it, the originator reads who asks for what", async () => {
    digest = await atHub();
    const refused = await run('record', 'forward', record(), '--to', 'XB', '--officer', officers.hub());
    expect(refused.exitCode).not.toBe(0);
    expect(refused.stderr).toMatch(/XB may not get it: .*\(R(3|11)\).*ask-consent/);
    const preview = await run(
      ...['record', 'forward', record(), '--to', 'XB', '--preview', '--officer', officers.hub()],
    );
    expect(preview.stdout).toMatch(/^XB: nothing, by R(3|11)/m);

    const asked = await json(
      ...['record', 'ask-consent', record(), '--facets', 'summary,items', '--to', 'XB'],
      ...['--question', 'XB made these rifles', '--officer', officers.hub()],
    );
    const request = String((asked.request as string | undefined) ?? '');
    await eventually('XA holds the request', () => xa.inbox().includes(request) || undefined);
    const read = await json('record', 'show', request, '--officer', officers.xa());
    expect(read).toMatchObject({
      kind: 'tasking',
      originator: 'HR',
      facets: { tasking: { facets: ['summary', 'items'], to: ['XB'], question: 'XB made these rifles' } },
    });
  });

  test("XB gets exactly the facets consented to, verifies XA's signature over them, and knows what is withheld", async () => {
    const given = await consent(
      record(),
      '--facets',
      'summary,items',
      '--to',
      'XB',
      '--conditions',
      'for tracing only',
      '--expires',
      '30d',
    );
    await hr.received(Buffer.from(given, 'hex'));
    expect(xb.inbox()).toEqual([]);
    const forwarded = await json('record', 'forward', record(), '--to', 'XB', '--officer', officers.hub());
    expect(forwarded.recipients).toMatchObject([{ recipient: 'XB', facets: ['items', 'summary'] }]);
    await xb.received(digest);

    const shown = await json('record', 'show', record(), '--officer', officers.xb());
    expect(Object.keys(shown.facets as object).toSorted()).toEqual(['items', 'summary']);
    expect(shown.verification).toMatchObject({
      originator: 'XA',
      sender: 'HR',
      forwarded: true,
      signaturesValid: true,
      inclusionValid: true,
    });
    const withheld = (shown.withheld as { facet: string; by: string }[]).filter(
      ({ by }) => by === 'originator',
    );
    expect(withheld.map(({ facet }) => facet)).toContain('persons');
    const conditions = await json('record', 'consents', record(), '--officer', officers.xb());
    expect(conditions.consents).toMatchObject([{ to: ['XB'], conditions: ['for tracing only'] }]);

    const bundle = join(dir, 'at-xb');
    await json('log', 'prove', record(), '--out', bundle, '--officer', officers.xb());
    const verified = await run(
      'log',
      'verify',
      bundle,
      '--network-digest',
      federation.federation.networkDigest,
    );
    expect(verified).toMatchObject({ exitCode: 0 });
    expect(verified.stdout).toMatch(/XA stated a seizure-notice/);
    expect(verified.stdout).toMatch(/facets shown: (summary, items|items, summary); withheld: .*persons/);
    // One byte of what it shows changed: nothing is left of XA's word.
    const facet = join(bundle, 'facets', 'items.bin');
    const bytes = readFileSync(facet);
    bytes[bytes.length - 1] = (bytes[bytes.length - 1] ?? 0) ^ 1;
    writeFileSync(facet, bytes);
    const forged = await run(
      'log',
      'verify',
      bundle,
      '--network-digest',
      federation.federation.networkDigest,
    );
    expect(forged.exitCode).not.toBe(0);
  });

  test('XA lists XB as a holder, by HR, with these facets and on this consent', async () => {
    const rows = await eventually('the disclosure is in', () => {
      const found = xa.rows(
        'SELECT recipient, forwarder, facets FROM disclosure WHERE header_digest = ?',
        digest,
      );
      return found.length > 0 ? found : undefined;
    });
    expect(rows).toMatchObject([{ recipient: 'XB', forwarder: 'HR' }]);
    expect(JSON.parse(String(rows[0]?.facets))).toEqual(['items', 'summary']);
  });

  test('a wider consent lets the further facet follow', async () => {
    const wider = await consent(record(), '--facets', 'summary,items,route', '--to', 'XB');
    await hr.received(Buffer.from(wider, 'hex'));
    await json('record', 'forward', record(), '--to', 'XB', '--officer', officers.hub());
    await eventually('XB sees the route', async () => {
      const { facets } = await json('record', 'show', record(), '--officer', officers.xb());
      return 'route' in (facets as object) || undefined;
    });
  });
});

test('H3: the facets are shown only after a releaser accepted the condition, and the originator is told who did', async () => {
  const condition = 'contact the originator before inspecting the vessel';
  const content = seizure({ releasableTo: ['XB'], handling: ['h3'], condition, readReceipt: true });
  const digest = await federation.release('XA', content, 'customs');
  const record = hex(digest);
  await xb.received(digest);
  const before = await json('record', 'show', record, '--officer', officers.xb());
  expect(before).toMatchObject({ conditionPending: true, facets: {} });
  const shown = await run('record', 'accept', record, '--officer', officers.xbReleaser());
  expect(shown.stdout).toContain(condition);
  await json('record', 'accept', record, '--condition', condition, '--officer', officers.xbReleaser());
  const after = await json('record', 'show', record, '--officer', officers.xb());
  expect(Object.keys(after.facets as object)).toContain('items');
  const readings = await eventually('XA is told of both', async () => {
    const told = await json('record', 'readings', record, '--officer', officers.xa());
    const list = told.readings as { node: string; accepted: boolean }[];
    return list.length === 2 ? list : undefined;
  });
  expect(readings.map(({ node, accepted }) => `${node} ${accepted}`).toSorted()).toEqual([
    'XB false',
    'XB true',
  ]);
});

test('a hub that sends without a right to is refused, and XA convicts it offline with what it signed', async () => {
  const digest = await atHub();
  await federation.signal('HR', 'SIGTERM');
  {
    await using hostile = await HostileMember.open(federation, 'HR');
    const draft = await hostile.draft('XB', []);
    const { line, item } = await hostile.held(digest);
    draft.manifest.items.push(line);
    draft.items.push(item);
    await hostile.send(draft);
    await eventually('XB refuses it', () =>
      xb.refusals().find(({ digest: of, reason }) => of === hex(digest) && reason === 'THIRD_PARTY_BREACH'),
    );
    await hostile.taken(draft);
  }
  expect(xb.inbox()).not.toContain(hex(digest));
  expect(xb.quarantined()).toContain(`${hex(digest)} THIRD_PARTY_BREACH`);
  const [alarm] = await eventually('XA has the alarm', () => {
    const alarms = xa.alarms('THIRD_PARTY_BREACH');
    return alarms.length > 0 ? alarms : undefined;
  });
  expect(alarm?.subject).toBe('HR');
  const file = join(dir, 'breach.misconduct');
  writeFileSync(file, alarm?.evidence ?? new Uint8Array());
  const verdict = await run('log', 'verify', file, '--network-digest', federation.federation.networkDigest);
  expect(verdict).toMatchObject({ exitCode: 0 });
  expect(verdict.stdout).toMatch(/convicts HR \(third-party-breach\)/);
  expect(verdict.stdout).toMatch(/passed seizure-notice [0-9a-f]{16} of XA on to XB/);
  await federation.startNode('HR');
});
