/**
 * Membership over time between real processes, with the command line alone: suspended and reinstated by versions that one
 * node adopts, two rosters of one version, a version that asks for a newer program.
 */
import { cpSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hex } from '../../src/base/bytes.ts';
import { start } from '../../src/cli/demo/processes.ts';
import { Reason } from '../../src/gen/tocsin/record/v1/reason.ts';
import { reasonName, sha256 } from '../../src/record/index.ts';
import { openStore } from '../../src/store/index.ts';
import { tocsin } from '../support/command.ts';
import { exampleContent } from '../support/contents.ts';
import { eventually, TestFederation, TWO_STATES } from '../support/federation.ts';

const CAST = [
  ...TWO_STATES,
  {
    id: 'XC',
    name: 'Cavelia',
    country: 'XC',
    role: 'national',
    groups: ['sac', 'adequate'],
    deskGroups: ['police'],
  },
] as const;
const SOURCE = join(import.meta.dirname, '..', '..');

let federation: TestFederation;
const at = (id: string, file = '') => join(federation.dir, 'nodes', id.toLowerCase(), file);
const file = (name: string) => join(federation.dir, name);
const digest = () => federation.federation.networkDigest;

const run = async (...args: string[]): Promise<string> => {
  const ran = await tocsin(args);
  expect(ran.exitCode, `${args.join(' ')}\n${ran.stderr}`).toBe(0);
  return ran.stdout;
};

/** Proposed on what `from` has in its folder, signed by XA and XB. */
async function signed(name: string, from: string, ...changes: string[]): Promise<string> {
  const out = file(name);
  await run(
    'network',
    'propose',
    at(from, 'roster-history.bin'),
    '--network-digest',
    digest(),
    '--out',
    out,
    ...changes,
  );
  for (const id of ['XA', 'XB']) await run('network', 'sign', out, '--dir', at(id));
  return out;
}

const versionAt = async (id: string) => (await federation.desk(id).network.getRoster({})).version;
const uses = (id: string, version: bigint) =>
  eventually(`${id} uses version ${version}`, async () =>
    (await versionAt(id)) === version ? true : undefined,
  );
const alarmsAt = async (id: string) => (await federation.desk(id).network.getNodeStatus({})).alarms;
const alarmAt = (id: string, code: string) =>
  eventually(`${id} raises ${code}`, async () => (await alarmsAt(id)).find((alarm) => alarm.code === code));

const release = (id: string, ...nodes: string[]) =>
  federation.release(id, {
    ...(exampleContent('seizure-notice') as Record<string, unknown>),
    deskGroup: 'police',
    marking: { releasableTo: nodes },
  });

const holds = async (id: string, headerDigest: Uint8Array) => {
  const { records } = await federation.desk(id).records.listRecords({ pageSize: 50 });
  return records.some((record) => hex(record.headerDigest) === hex(headerDigest));
};
const whenHeld = (id: string, headerDigest: Uint8Array) =>
  eventually(`${id} holds it`, async () => ((await holds(id, headerDigest)) ? true : undefined));

const deliveryTo = async (id: string, headerDigest: Uint8Array, recipient: string) =>
  (await federation.desk(id).records.getRecord({ headerDigest })).deliveries.find(
    (one) => one.recipient === recipient,
  );

const rosterFile = (id: string) => hex(sha256(readFileSync(at(id, 'roster-history.bin'))));

beforeAll(async () => {
  federation = await TestFederation.found({ cast: CAST });
  await federation.startAll();
});

afterAll(async () => {
  await federation?.[Symbol.asyncDispose]();
});

describe('governments suspend a member', () => {
  it('with a version that one node adopts while it runs: the others fetch it, keep it in their folders, and hold to it', async () => {
    await whenHeld('XA', await release('XC', 'XA'));
    const second = await signed('roster-2.bin', 'XA', '--suspend', 'XC');
    expect(await run('network', 'diff', second)).toMatch(/XC: .*active → suspended/);
    await run('network', 'adopt', second, '--dir', at('XA'));
    for (const id of ['XA', 'XB', 'XC']) await uses(id, 2n);
    for (const id of ['XB', 'XC'])
      await eventually(`the file of ${id} follows`, () =>
        rosterFile(id) === rosterFile('XA') ? true : undefined,
      );
    await run('roster', 'verify', at('XB', 'roster-history.bin'), '--network-digest', digest());

    const refused = await release('XC', 'XA');
    const told = await eventually('XC is told why', async () => {
      const delivery = await deliveryTo('XC', refused, 'XA');
      return delivery === undefined || /^(refused|withdrawn)$/.test(delivery.state) ? [delivery] : undefined;
    });
    // Its own policy may hold back already what the partner would refuse; either way it says so.
    if (told[0] !== undefined) expect(reasonName(told[0].reason)).toBe(reasonName(Reason.REASON_SUSPENDED));
    expect((await alarmAt('XC', 'OWN_STANDING')).detail).toMatch(/version 2 suspends this node/);
    expect(await holds('XA', refused)).toBe(false);
    const kept = await release('XA', 'XB', 'XC');
    await whenHeld('XB', kept);
    expect((await deliveryTo('XA', kept, 'XC'))?.state).not.toBe('receipted');
    expect(await holds('XC', kept)).toBe(false);
  });

  it('and reinstate it with the next: everything flows again', async () => {
    // Proposed on the file of a node that fetched version 2 and never adopted it by hand.
    const third = await signed('roster-3.bin', 'XB', '--reinstate', 'XC');
    await run('network', 'adopt', third, '--dir', at('XA'));
    for (const id of ['XA', 'XB', 'XC']) await uses(id, 3n);
    await whenHeld('XA', await release('XC', 'XA'));
    await whenHeld('XC', await release('XA', 'XC'));
    await eventually('its alarm is over', async () =>
      (await alarmsAt('XC')).some(({ code }) => code === 'OWN_STANDING') ? undefined : true,
    );
  });
});

describe('two rosters of one version', () => {
  it('stop the nodes that meet; the alarm convicts who signed both, offline; the operator’s choice resolves', async () => {
    const one = await signed('roster-4a.bin', 'XA', '--valid-days', '500');
    const two = await signed('roster-4b.bin', 'XB', '--valid-days', '600');
    await federation.signal('XB', 'SIGTERM');
    await run('network', 'adopt', one, '--dir', at('XA'));
    for (const id of ['XA', 'XC']) await uses(id, 4n);
    await run('network', 'adopt', two, '--dir', at('XB'));
    await federation.startNode('XB');
    for (const id of ['XA', 'XB'])
      expect((await alarmAt(id, 'ROSTER_FORK')).detail).toMatch(/signed by both: XA, XB/);
    const waits = await release('XA', 'XB');
    expect(await run('node', 'status', '--officer', federation.officer('XA'))).toContain('ALARM ROSTER_FORK');

    // The evidence, as the store of a stopped node holds it.
    await federation.signal('XB', 'SIGTERM');
    const store = await openStore({ path: at('XB', 'store.sqlite'), onHookError: () => undefined });
    const { items } = await store.read((tx) => tx.alarms.list({ code: 'ROSTER_FORK' }));
    await store[Symbol.asyncDispose]();
    const evidence = file('fork.misconduct');
    writeFileSync(evidence, items[0]?.evidence ?? '');
    const verdict = await run('log', 'verify', evidence, '--network-digest', digest());
    expect(verdict).toMatch(/XA/);
    expect(verdict).toMatch(/two rosters of version 4/);

    const bare = await tocsin(['network', 'adopt', one, '--dir', at('XB')]);
    expect(bare.exitCode).not.toBe(0);
    expect(bare.stderr).toMatch(/two rosters of version 4 are signed.*--resolve/s);
    const chosen = /the file holds ([0-9a-f]{64})/.exec(bare.stderr)?.[1] ?? '';
    await run('network', 'adopt', one, '--dir', at('XB'), '--resolve', chosen);
    await federation.startNode('XB');
    expect(
      (await alarmsAt('XB')).filter(({ code, subject }) => code === 'ROSTER_FORK' && subject === 'version 4'),
    ).toEqual([]);
    // XA says so as well, while it runs; XC goes with whom it meets.
    for (const id of ['XA', 'XC']) await run('network', 'adopt', one, '--dir', at(id), '--resolve', chosen);
    await whenHeld('XB', waits);
    await whenHeld('XA', await release('XC', 'XA'));
  });
});

describe('governments expel a member', () => {
  it('nodes refuse it by the roster alone, and the broker, written anew and reloaded, lets it in no more', async () => {
    const version = (await versionAt('XA')) + 1n;
    const next = await signed('roster-5.bin', 'XA', '--expel', 'XC');
    await run('network', 'adopt', next, '--dir', at('XA'));
    for (const id of ['XA', 'XB']) await uses(id, version);
    const status = async () => (await federation.desk('XC').network.getNodeStatus({})).brokerConnected;
    expect(await status()).toBe(true);
    const late = await release('XC', 'XA');
    await eventually('XA refuses it', () =>
      federation.log('XA').includes('NOT_A_MEMBER') ? true : undefined,
    );
    const broker = join(federation.dir, 'broker');
    const { host, port, name } = JSON.parse(readFileSync(join(broker, 'broker.json'), 'utf8')) as {
      host: string;
      port: number;
      name: string;
    };
    const where = ['--host', host, '--port', String(port), '--name', name, '--out', broker];
    await run('network', 'broker', at('XB', 'roster-history.bin'), '--network-digest', digest(), ...where);
    federation.reloadBroker();
    await eventually('XC is cut off', async () => ((await status()) ? undefined : true));
    await whenHeld('XB', await release('XA', 'XB'));
    expect(await holds('XA', late)).toBe(false);
  });
});

describe('a version that asks for a newer program', () => {
  it('is not adopted by the old one, which says so; whoever runs the newer one refuses the old with the reason', async () => {
    // The program of XA as it will be one day: the same source, but for the format that it speaks.
    const newer = file('newer-program');
    mkdirSync(newer);
    cpSync(join(SOURCE, 'src'), join(newer, 'src'), { recursive: true });
    for (const name of ['package.json', 'proto'])
      cpSync(join(SOURCE, name), join(newer, name), { recursive: true });
    symlinkSync(join(SOURCE, 'node_modules'), join(newer, 'node_modules'));
    const form = join(newer, 'src', 'identity', 'roster-form.ts');
    const source = readFileSync(form, 'utf8');
    expect(source).toContain('SUPPORTED_FORMAT = 1;');
    writeFileSync(form, source.replace('SUPPORTED_FORMAT = 1;', 'SUPPORTED_FORMAT = 2;'));

    const before = await versionAt('XA');
    const next = await signed('roster-6.bin', 'XA', '--minimum-format', '2');
    const refused = await tocsin(['network', 'adopt', next, '--dir', at('XB')]);
    expect(refused.exitCode).not.toBe(0);
    expect(refused.stderr).toMatch(/FORMAT_UNSUPPORTED.*update the program/s);

    await federation.signal('XA', 'SIGTERM');
    const command = ['--disable-warning=ExperimentalWarning', join(newer, 'src', 'cli', 'main.ts')];
    await using newProgram = await start({
      name: 'XA newer',
      program: process.execPath,
      args: [...command, 'node', 'run', '--dir', at('XA')],
      logFile: federation.logFile('XA-newer'),
      ready: /^ready: node/m,
      timeoutMs: 60_000,
    });
    expect(newProgram.exitCode).toBeUndefined();
    const adopted = await start({
      name: 'adopt',
      program: process.execPath,
      args: [...command, 'network', 'adopt', next, '--dir', at('XA')],
      logFile: federation.logFile('adopt'),
      ready: /takes it up within seconds/,
      timeoutMs: 60_000,
    });
    await adopted[Symbol.asyncDispose]();
    await uses('XA', before + 1n);
    expect((await alarmAt('XB', 'ROSTER_UNSUPPORTED')).detail).toMatch(/format 2.*update the program/);
    expect(await versionAt('XB')).toBe(before);
    const late = await release('XB', 'XA');
    await eventually('XA refuses it', async () => {
      const { refusals } = await federation.desk('XA').network.getNodeStatus({});
      return refusals > 0 ? true : undefined;
    });
    await eventually('for that reason', () =>
      readFileSync(federation.logFile('XA-newer'), 'utf8').includes('speaks format 1, the roster demands 2')
        ? true
        : undefined,
    );
    expect(await holds('XA', late)).toBe(false);
    rmSync(newer, { recursive: true, force: true });
  });
});
