/**
 * Witnesses and two histories (design §4, T27), with real processes: checkpoints cosigned by other members, a witness that is
 * away, and a folder that runs twice from one state, so that each of two partners is shown another log. They tell each other
 * in heartbeats; the file that comes of it convinces somebody who has nothing but the network digest.
 */
import {
  cpSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hex } from '../../src/base/bytes.ts';
import { freePort } from '../../src/cli/demo/free-port.ts';
import { tocsin } from '../support/command.ts';
import { exampleContent } from '../support/contents.ts';
import { eventually, TestFederation, TWO_STATES } from '../support/federation.ts';

const THIRD = { ...TWO_STATES[0], id: 'XC', name: 'Corvania', country: 'XC' } as (typeof TWO_STATES)[number];
const PATIENCE_MS = 180_000;
const HEARTBEAT_MS = 1_000;

describe('a federation of three, each the witness of the others', () => {
  let federation: TestFederation;
  const folder = (id: string) => join(federation.dir, 'nodes', id.toLowerCase());
  const seizure = (releasableTo: readonly string[]) => ({
    ...(exampleContent('seizure-notice') as object),
    deskGroup: 'police',
    marking: { releasableTo },
  });
  const alarmsAt = async (id: string) => {
    const { alarms } = await federation.desk(id).alarms.listAlarms({ pageSize: 100 });
    return alarms;
  };
  const hasAlarm = async (id: string, code: string) =>
    (await alarmsAt(id).catch(() => [])).some((alarm) => alarm.code === code);
  const labelAt = async (id: string, headerDigest: Uint8Array): Promise<string> => {
    const seen = await federation
      .desk(id)
      .records.getRecord({ headerDigest })
      .catch(() => undefined);
    return seen?.verification?.label ?? '';
  };
  const isWitnessed = (id: string, digest: Uint8Array) =>
    eventually(
      `${id} shows it as witnessed`,
      async () => ((await labelAt(id, digest)) === 'witnessed(2)' ? true : undefined),
      PATIENCE_MS,
    );
  /** How far a node knows XA's live log, its own included. */
  const sizeAt = async (id: string): Promise<bigint> => {
    const { logs } = await federation.desk(id).log.getLog({});
    return logs.find(({ origin }) => /\/XA\/log\/live\//.test(origin))?.size ?? 0n;
  };

  beforeAll(async () => {
    federation = await TestFederation.found({
      cast: [...TWO_STATES, THIRD],
      // Longer than a round of witnesses, as in production, so that every tick is cosigned.
      tickMs: 1_500,
      settings: {
        exchange: {
          heartbeatMs: HEARTBEAT_MS,
          idleHeartbeatMs: HEARTBEAT_MS,
          resendMs: 1_000,
          resendMaxMs: 4_000,
        },
      },
    });
    await federation.startAll();
  });

  afterAll(async () => {
    await federation?.[Symbol.asyncDispose]();
  });

  it('shows a record as signed, then as witnessed by two, at home and at the recipient, and proves it in a bundle', async () => {
    const digest = await federation.release('XA', seizure(['sac']));
    for (const id of ['XA', 'XB', 'XC']) await isWitnessed(id, digest);
    const out = join(federation.dir, 'bundle');
    const officer = federation.officer('XB');
    const proved = await tocsin(['log', 'prove', hex(digest), '--officer', officer, '--out', out]);
    expect(proved.exitCode, proved.stderr).toBe(0);
    const networkDigest = federation.federation.networkDigest;
    const judged = await tocsin(['log', 'verify', out, '--network-digest', networkDigest, '--json']);
    expect(judged.exitCode, judged.stderr).toBe(0);
    const [bundle] = JSON.parse(judged.stdout).bundles;
    expect(bundle).toMatchObject({ witnesses: ['XB', 'XC'], witnessThreshold: 2, warnings: [] });
    const shown = await tocsin(['record', 'show', hex(digest), '--officer', officer]);
    expect(shown.stdout).toContain('witnessed(2)');
    expect(shown.stdout).toContain('cosigned by XB, XC (2 needed)');
  });

  it('runs as one process: a copy of the folder refuses to start beside it, and people are told', async () => {
    await federation.signal('XA', 'SIGTERM');
    const copy = join(federation.dir, 'second-xa');
    cpSync(folder('XA'), copy, { recursive: true });
    const config = join(copy, 'node.yaml');
    writeFileSync(
      config,
      readFileSync(config, 'utf8').replace(
        String(federation.federation.deskPorts.XA),
        String(await freePort()),
      ),
    );
    await federation.startNode('XA');
    const refused = await tocsin(['node', 'run', '--dir', copy]);
    expect(refused.exitCode).toBe(5);
    expect(refused.stderr).toContain('[NODE_RUNS_ELSEWHERE]');
    expect(refused.stderr).toContain('Stop that one first');
    expect(federation.isRunning('XA'), 'the first goes on').toBe(true);
    await eventually(
      'XA tells',
      async () => ((await hasAlarm('XA', 'NODE_RUNS_ELSEWHERE')) ? true : undefined),
      PATIENCE_MS,
    );
    await eventually(
      'XA takes it back once nobody answers',
      async () =>
        (await alarmsAt('XA')).some(({ code }) => code === 'NODE_RUNS_ELSEWHERE') ? undefined : true,
      PATIENCE_MS,
    );
    rmSync(copy, { recursive: true });
  });

  it('that runs twice from one state is caught by its partners among themselves, and the file convicts it offline', async () => {
    // One state of XA's folder, kept as a thief of it would.
    await federation.signal('XC', 'SIGTERM');
    await federation.signal('XA', 'SIGTERM');
    const copy = join(federation.dir, 'copy-of-xa');
    cpSync(folder('XA'), copy, { recursive: true });

    // The first history goes to XB alone.
    await federation.startNode('XA');
    const start = await sizeAt('XA');
    const toXb = await federation.release('XA', seizure(['XB']));
    await eventually(
      'XB has its record, and has seen the log grow',
      async () =>
        (await labelAt('XB', toXb)) !== '' && (await sizeAt('XB')) > start + 16n ? true : undefined,
      PATIENCE_MS,
    );
    await federation.signal('XA', 'SIGTERM');
    await federation.signal('XB', 'SIGTERM');

    // The second one, from the copy, to XC alone.
    renameSync(folder('XA'), `${copy}-used`);
    renameSync(copy, folder('XA'));
    await federation.startNode('XC');
    await federation.startNode('XA');
    const toXc = await federation.release('XA', seizure(['XC']));
    await eventually(
      'XC has its record, and has seen the log grow',
      async () =>
        (await labelAt('XC', toXc)) !== '' && (await sizeAt('XC')) > start + 16n ? true : undefined,
      PATIENCE_MS,
    );
    await federation.signal('XA', 'SIGTERM');
    expect(await hasAlarm('XC', 'LOG_FORK'), 'nothing contradicts it at XC alone').toBe(false);

    await federation.startNode('XB');
    const teller = await eventually(
      'one of the two tells',
      async () => {
        for (const id of ['XB', 'XC']) if (await hasAlarm(id, 'LOG_FORK')) return id;
        return undefined;
      },
      PATIENCE_MS,
    );
    const alarm = (await alarmsAt(teller)).find(({ code }) => code === 'LOG_FORK');
    expect(alarm?.convicts).toBe(true);

    const empty = mkdtempSync(join(tmpdir(), 'tocsin-offline-'));
    try {
      const file = join(empty, 'misconduct.bin');
      const officer = federation.officer(teller);
      const listed = await tocsin(['alarms', 'list', '--officer', officer, '--code', 'LOG_FORK']);
      expect(listed.stdout).toContain('convicts');
      const exported = await tocsin(['alarms', 'export', String(alarm?.id), file, '--officer', officer]);
      expect(exported.exitCode, exported.stderr).toBe(0);
      expect(readdirSync(empty)).toEqual(['misconduct.bin']);
      const networkDigest = federation.federation.networkDigest;
      const verify = (digest: string) =>
        tocsin(['log', 'verify', 'misconduct.bin', '--network-digest', digest], { cwd: empty });
      const judged = await verify(networkDigest);
      expect(judged.exitCode, judged.stderr).toBe(0);
      expect(judged.stdout).toContain('convicts XA (log-fork)');
      expect(judged.stdout).toContain('two roots for size');
      expect((await verify('00'.repeat(32))).exitCode, 'another network').toBe(3);
      const again = await tocsin(['alarms', 'export', String(alarm?.id), file, '--officer', officer]);
      expect(again.exitCode, 'what is there is not replaced').toBe(4);
    } finally {
      rmSync(empty, { recursive: true });
    }
    expect(existsSync(folder('XA'))).toBe(true);
  });
});

describe('a federation whose witness is away', () => {
  let federation: TestFederation;
  const open = async (id: string) =>
    (await federation.desk(id).alarms.listAlarms({ code: 'UNWITNESSED' })).alarms;

  beforeAll(async () => {
    federation = await TestFederation.found({
      tickMs: 1_500,
      settings: {
        log: { tickMs: 1_500, unwitnessedMs: 3_000 },
        exchange: {
          heartbeatMs: HEARTBEAT_MS,
          idleHeartbeatMs: HEARTBEAT_MS,
          resendMs: 1_000,
          resendMaxMs: 4_000,
        },
      },
    });
    await federation.startBroker();
    await federation.startNode('XA');
  });

  afterAll(async () => {
    await federation?.[Symbol.asyncDispose]();
  });

  it('tells people past the limit, who is missing too, and takes it back when the witness answers', async () => {
    const alarm = await eventually('XA tells', async () => (await open('XA'))[0], PATIENCE_MS);
    expect(alarm.detail).toContain('XB');
    expect(alarm.convicts).toBe(false);
    const officer = federation.officer('XA');
    const exported = await tocsin(['alarms', 'export', String(alarm.id), 'none.bin', '--officer', officer]);
    expect(exported.exitCode).not.toBe(0);
    expect(exported.stderr).toContain('carries no file');
    await federation.startNode('XB');
    await eventually(
      'XA takes it back',
      async () => ((await open('XA')).length === 0 ? true : undefined),
      PATIENCE_MS,
    );
  });
});
