/** Keys of a running federation: replaced while records flow, taken back, and what that does to evidence and to officers. */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sleep } from '../../src/base/async.ts';
import { tocsin } from '../support/command.ts';
import { exampleContent } from '../support/contents.ts';
import { eventually, TestFederation } from '../support/federation.ts';

interface Shown {
  readonly sequence: string;
  readonly keys: readonly {
    readonly role: string;
    readonly fingerprint: string;
    readonly state: string;
    readonly held: boolean;
    readonly reason?: string;
    readonly since?: { readonly sequence: string };
  }[];
  readonly prekeys: readonly { readonly state: string }[];
}

let federation: TestFederation;

beforeAll(async () => {
  federation = await TestFederation.found();
  await federation.startAll();
});
afterAll(async () => {
  await federation?.[Symbol.asyncDispose]();
});

const at = (id: string, file = '') => join(federation.dir, 'nodes', id.toLowerCase(), file);

async function run(...args: readonly string[]) {
  const ran = await tocsin([...args, '--json']);
  expect(ran.exitCode, ran.stderr).toBe(0);
  return JSON.parse(ran.stdout) as unknown;
}

const shownAt = async (id: string) => (await run('keys', 'show', '--dir', at(id))) as Shown;

const keyOf = (shown: Shown, role: string, state = 'in-use') => {
  const key = shown.keys.find((one) => one.role === role && one.state === state);
  if (key === undefined) throw new Error(`no ${role} key is ${state}: ${JSON.stringify(shown.keys)}`);
  return key;
};

const content = () => ({
  ...(exampleContent('seizure-notice') as Record<string, unknown>),
  deskGroup: 'police',
  marking: { releasableTo: ['sac'] },
});

const isReceipted = async (id: string, headerDigest: Uint8Array) => {
  const { deliveries } = await federation.desk(id).records.getRecord({ headerDigest });
  return deliveries.length > 0 && deliveries.every(({ state }) => state === 'receipted') ? true : undefined;
};

/** What a node has refused so far, as its log says it; a repetition of what it has is none. */
const refusalsOf = (id: string) =>
  federation
    .log(id)
    .split('\n')
    .filter((line) => line.includes('"msg":"refused"') && !line.includes('"reason":"REPLAY"'));

const inUse = (id: string, sequence: string) =>
  eventually(`${id} uses its key statement ${sequence}`, () =>
    federation
      .log(id)
      .split('\n')
      .some((line) => line.includes('another key statement is in use') && line.includes(`"${sequence}"`))
      ? true
      : undefined,
  );

describe('all keys of all nodes', () => {
  it('are replaced twice while records flow both ways: each is receipted, and nothing is refused', async () => {
    const released: { id: string; digest: Uint8Array }[] = [];
    const stop = new AbortController();
    const flow = (['XA', 'XB'] as const).map(async (id) => {
      while (!stop.signal.aborted) {
        released.push({ id, digest: await federation.release(id, content()) });
        await sleep(30);
      }
    });
    await eventually(
      'records flow',
      async () => released[0] && (await isReceipted(released[0].id, released[0].digest)),
    );
    const before = { XA: await shownAt('XA'), XB: await shownAt('XB') };
    for (const [round, sequence] of [
      [1, '2'],
      [2, '3'],
    ] as const) {
      for (const id of ['XA', 'XB'] as const) {
        await run('keys', 'rotate', '--dir', at(id));
        await inUse(id, sequence);
      }
      const atLeast = released.length + 4;
      await eventually(`records flow on after round ${round}`, () =>
        released.length >= atLeast ? true : undefined,
      );
    }
    stop.abort();
    await Promise.all(flow);
    for (const { id, digest } of released)
      await eventually('a receipt for every record', () => isReceipted(id, digest));

    for (const id of ['XA', 'XB'] as const) {
      const after = await shownAt(id);
      expect(after.sequence).toBe('3');
      for (const role of ['log', 'exercise-log', 'link', 'witness']) {
        expect(keyOf(after, role).fingerprint).not.toBe(keyOf(before[id], role).fingerprint);
        expect(keyOf(after, role).since?.sequence).toBe('3');
        expect(after.keys.filter((key) => key.role === role && key.state === 'overlap')).toHaveLength(2);
      }
      expect(after.prekeys.map(({ state }) => state).sort()).toEqual(['current', 'next']);
      expect(refusalsOf(id)).toEqual([]);
      expect((await federation.desk(id).network.getNodeStatus({})).alarms).toEqual([]);
      for (const name of readdirSync(at(id, 'keys'), { recursive: true, encoding: 'utf8' })) {
        const mode = statSync(at(id, join('keys', name)));
        if (mode.isFile()) expect(`${name} ${(mode.mode & 0o777).toString(8)}`).toBe(`${name} 600`);
      }
    }
    expect(released.length).toBeGreaterThan(10);
  });

  it('are the same after a restart, and the old ones are still there for their overlap', async () => {
    const before = await shownAt('XA');
    await federation.signal('XA', 'SIGTERM');
    await federation.startNode('XA');
    const digest = await federation.release('XA', content());
    await eventually('a record is receipted', () => isReceipted('XA', digest));
    expect((await shownAt('XA')).keys).toEqual(before.keys);
    expect(readFileSync(at('XA', 'statements/2.bin')).length).toBeGreaterThan(0);
  });
});

describe('a log key that is taken back', () => {
  it('proves no more what only its holder dates, while the node proves the same record by its new key', async () => {
    const digest = await federation.release('XA', content());
    await eventually('a receipt', () => isReceipted('XA', digest));
    const reference = Buffer.from(digest).toString('hex');
    const prove = (id: string, out: string) =>
      run('log', 'prove', reference, '--officer', federation.officer(id), '--out', join(federation.dir, out));
    const verify = (out: string, ...more: readonly string[]) =>
      tocsin([
        'log',
        'verify',
        join(federation.dir, out),
        '--network-digest',
        federation.federation.networkDigest,
        ...more,
      ]);
    await prove('XB', 'before');
    expect((await verify('before')).exitCode).toBe(0);

    const from = new Date(Date.now() - 3_600_000).toISOString();
    const { sequence } = (await run(
      'keys',
      'revoke',
      'log',
      '--dir',
      at('XA'),
      '--reason',
      'a disk went missing',
      '--from',
      from,
    )) as { sequence: string };
    await inUse('XA', sequence);
    expect(keyOf(await shownAt('XA'), 'log', 'revoked').reason).toBe('a disk went missing');
    const refused = await verify('before', '--statement', at('XA', 'statement.bin'));
    expect(refused.exitCode).not.toBe(0);
    expect(refused.stdout).toContain('KEY_REVOKED');
    await prove('XA', 'after');
    expect((await verify('after', '--statement', at('XA', 'statement.bin'))).exitCode).toBe(0);

    const next = await federation.release('XA', content());
    await eventually('records go on under the new key', () => isReceipted('XA', next));
    await eventually('XB knows, and says so in what it proves', async () => {
      const out = `later-${performance.now()}`;
      await prove('XB', out);
      const verdict = await verify(out);
      return verdict.stdout.includes('KEY_REVOKED') ? true : undefined;
    });
  });
});

describe('an officer', () => {
  it('whose certificate is taken back is refused at once, without a restart, calls under way included', async () => {
    const desk = federation.desk('XB');
    await desk.records.listRecords({ pageSize: 1 });
    const watched: unknown[] = [];
    const watching = (async () => {
      for await (const event of desk.inbox.watchInbox({ follow: true })) watched.push(event);
    })().then(
      () => 'ended',
      (error: unknown) => String(error),
    );
    await eventually('the stream is open', () => (watched.length > 0 ? true : undefined));
    const refused = await tocsin([
      'officer',
      'revoke',
      at('XB', 'tls.pem'),
      '--dir',
      at('XB'),
      '--reason',
      'left',
    ]);
    expect(refused.exitCode).not.toBe(0);
    await run(
      'officer',
      'revoke',
      federation.officer('XB'),
      '--dir',
      at('XB'),
      '--reason',
      'left the agency',
    );
    const problem = await eventually('the next call is refused', async () =>
      desk.records.listRecords({ pageSize: 1 }).then(
        () => undefined,
        (error: unknown) => String(error),
      ),
    );
    expect(problem).toContain('revoked');
    await federation.release('XA', content());
    expect(await watching).toContain('revoked');
    // Another officer of the same desk goes on.
    await federation.desk('XB', 'police', 'releaser').records.listRecords({ pageSize: 1 });
    await federation.signal('XB', 'SIGTERM');
    await federation.startNode('XB');
    await expect(desk.records.listRecords({ pageSize: 1 })).rejects.toThrow(/revoked/);
  });
});
