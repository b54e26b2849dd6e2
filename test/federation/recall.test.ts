/**
 * A recall through a hub that is down, with real processes (issue: what must hold): XA's record was passed on to XB by HR; XA recalls
 * while HR does not run; XB deletes bytes and salts and says so, signed; HR does when it returns.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { hex, utf8 } from '../../src/base/bytes.ts';
import type { Cast } from '../../src/cli/demo/story.ts';
import { tocsin } from '../support/command.ts';
import { exampleContent } from '../support/contents.ts';
import { eventually, TestFederation } from '../support/federation.ts';
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

/** A make that stands in no other record. */
const TELLING = 'Quillfeather Arms of Port Brava';

interface HolderLine {
  readonly node: string;
  readonly via: string;
  readonly state: string;
  readonly facets: readonly string[];
  readonly receiptDigest: string;
}

let federation: TestFederation;
const officer = (id: string, role: 'officer' | 'releaser' = 'officer') =>
  federation.officer(id, id === 'HR' ? 'hub' : 'customs', role);

async function json(...args: readonly string[]): Promise<Record<string, unknown>> {
  const ran = await tocsin(['--json', ...args]);
  expect({ args, exitCode: ran.exitCode, stderr: ran.stderr }).toEqual({ args, exitCode: 0, stderr: '' });
  return JSON.parse(ran.stdout) as Record<string, unknown>;
}

const holders = async (record: string): Promise<readonly HolderLine[]> =>
  (await json('record', 'holders', record, '--officer', officer('XA', 'releaser')))
    .holders as readonly HolderLine[];

const stateOf = async (record: string, node: string): Promise<readonly string[]> =>
  (await holders(record)).filter((one) => one.node === node).map(({ state: is }) => is);

const isWith = (record: string, node: string, wanted: string): Promise<true> =>
  eventually(`${node} is ${wanted}`, async () => {
    const states = await stateOf(record, node);
    return states.length > 0 && states.every((one) => one === wanted) ? (true as const) : undefined;
  });

/** Files of a node's folder in which the text stands. */
const filesWith = (id: string, text: string): readonly string[] =>
  readdirSync(join(federation.dir, 'nodes', id.toLowerCase()), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((path) => readFileSync(path).includes(Buffer.from(utf8(text))));

const seizure = () => {
  const content = structuredClone(exampleContent('seizure-notice', Date.now())) as {
    facets: { items: { weapons: { make: string }[] } };
  };
  for (const weapon of content.facets.items.weapons) weapon.make = TELLING;
  return {
    ...content,
    deskGroup: 'customs',
    marking: {
      releasableTo: ['HR'],
      purposes: ['customs-control', 'investigation', 'threat-analysis'],
      onward: 'consent',
    },
  };
};

beforeAll(async () => {
  federation = await TestFederation.found({ cast: CASTING });
  await federation.startAll();
});
afterAll(() => federation?.[Symbol.asyncDispose]());

describe('a record that a hub passed on', () => {
  let record = '';
  let digest: Uint8Array;
  const [hr, xb] = [() => new NodeView(federation, 'HR'), () => new NodeView(federation, 'XB')];

  test('is listed at its originator with everybody who holds it, and by which way', async () => {
    digest = await federation.release('XA', seizure(), 'customs');
    record = hex(digest);
    await hr().received(digest);
    const drafted = await json(
      ...['record', 'consent', record, '--facets', 'summary,items', '--to', 'XB', '--officer', officer('XA')],
    );
    const consent = String(
      (await json('record', 'release', String(drafted.draft), '--officer', officer('XA', 'releaser'))).header,
    );
    await hr().received(Buffer.from(consent, 'hex'));
    await json('record', 'forward', record, '--to', 'XB', '--officer', officer('HR'));
    await xb().received(digest);
    await isWith(record, 'XB', 'holds');
    expect(await holders(record)).toMatchObject([
      { node: 'HR', via: '', state: 'holds' },
      { node: 'XB', via: 'HR', state: 'holds', facets: ['items', 'summary'] },
    ]);
    expect(filesWith('XB', TELLING)).not.toEqual([]);
  });

  test('is not recalled by who may not: the drafting officer, a partner, or without a reason', async () => {
    const by = (who: string, ...more: readonly string[]) =>
      tocsin(['record', 'recall', record, ...more, '--officer', who]);
    const drafter = await by(officer('XA'), '--reason', 'error');
    expect(drafter.exitCode).not.toBe(0);
    expect(drafter.stderr).toContain('ROLE');
    const partner = await by(officer('XB', 'releaser'), '--reason', 'error');
    expect(partner.exitCode).not.toBe(0);
    expect(partner.stderr).toMatch(/R2|originator/);
    expect((await by(officer('XA', 'releaser'))).stderr).toContain('--reason');
    expect(await stateOf(record, 'XB')).toEqual(['holds']);
  });

  test('is deleted at XB with the hub dead, and its signed receipt says so', async () => {
    await federation.signal('HR', 'SIGKILL');
    const { recalls } = await json(
      ...['record', 'recall', record, '--reason', 'source-risk', '--officer', officer('XA', 'releaser')],
    );
    expect(recalls).toMatchObject([{ target: record, asked: ['HR', 'XB'] }]);
    await isWith(record, 'XB', 'purged');
    expect(await stateOf(record, 'HR')).toEqual(['recall-asked']);
    await eventually('nothing of it is left in any file of XB', () =>
      filesWith('XB', TELLING).length === 0 ? true : undefined,
    );
    const shown = await tocsin(['record', 'show', record, '--officer', officer('XB')]);
    expect(shown.stdout).not.toContain(TELLING);
    const [line] = (await holders(record)).filter(({ node }) => node === 'XB');
    const receipt = new NodeView(federation, 'XA').rows(
      `SELECT kind, originator FROM record WHERE lower(hex(header_digest)) = '${line?.receiptDigest}'`,
    );
    expect(receipt).toEqual([{ kind: 'receipt', originator: 'XB' }]);
  });

  test('is deleted at the hub when it returns; then nobody holds it any more', async () => {
    await federation.startNode('HR');
    await isWith(record, 'HR', 'purged');
    await eventually('nothing of it is left in any file of HR', () =>
      filesWith('HR', TELLING).length === 0 ? true : undefined,
    );
    expect((await holders(record)).flatMap(({ facets }) => facets)).toEqual([]);
  });

  test('stays provable: that it was said, and when, without what it said', async () => {
    const out = join(federation.dir, 'evidence');
    await json('log', 'prove', record, '--out', out, '--officer', officer('XA', 'releaser'));
    const verdict = await json('log', 'verify', out, '--network-digest', federation.federation.networkDigest);
    expect(JSON.stringify(verdict)).toContain('"verified":true');
  });
});
