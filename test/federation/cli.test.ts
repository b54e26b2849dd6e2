import { X509Certificate } from 'node:crypto';
import {
  chmodSync,
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { nodeDir } from '../../src/cli/demo/federation.ts';
import { issueOfficer } from '../../src/node/index.ts';
import { type Ran, tocsin } from '../support/command.ts';
import { eventually, TestFederation } from '../support/federation.ts';

/** Commands at the same time: two cores are the least that tests count on. */
const AT_ONCE = 3;

const SEIZURE = {
  kind: 'seizure-notice',
  marking: { releasableTo: ['sac'] },
  facets: {
    summary: {
      context: 'seized',
      date: '2026-03-01',
      country: 'XA',
      agencyType: 'police',
      totals: [{ category: 'revolver-or-pistol', quantity: 2, unit: 'piece' }],
      proof: 'proven',
      status: 'reported',
    },
    items: {
      weapons: [
        {
          line: 1,
          kind: 'firearm',
          category: 'revolver-or-pistol',
          make: 'Belmare Armas',
          model: 'BM9',
          calibre: '9 mm',
          quantity: 2,
          unit: 'piece',
          state: 'complete',
        },
      ],
    },
  },
};

/** Says no: this exit code, one clear sentence with these words on standard error, no stack, nothing on standard output. */
function expectRefusal(ran: Ran, exitCode: number, ...words: readonly (string | RegExp)[]): void {
  expect(ran.stderr).not.toMatch(/\n\s+at /);
  for (const word of words) expect(ran.stderr).toMatch(word);
  expect(ran.stderr).toMatch(/^tocsin: /m);
  expect(ran.exitCode).toBe(exitCode);
}

type Case = readonly [args: readonly string[], exitCode: number, ...words: (string | RegExp)[]];

async function inTurn<Item>(items: readonly Item[], work: (item: Item) => Promise<void>): Promise<void> {
  const left = [...items].reverse();
  const worker = async () => {
    for (let item = left.pop(); item !== undefined; item = left.pop()) await work(item);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
}

describe('the command', () => {
  let federation: TestFederation;
  let dir: string;
  let officer: string;
  let releaser: string;

  const at = (...parts: readonly string[]) => join(dir, ...parts);
  const file = (name: string, content: string) => {
    writeFileSync(at(name), content);
    return at(name);
  };
  const refuses = (cases: readonly Case[]) =>
    inTurn(cases, async ([args, exitCode, ...words]) =>
      expectRefusal(await tocsin(args), exitCode, ...words),
    );
  const json = async (...args: readonly string[]): Promise<Record<string, unknown>> => {
    const ran = await tocsin(['--json', ...args]);
    expect({ args, exitCode: ran.exitCode, stderr: ran.stderr }).toEqual({ args, exitCode: 0, stderr: '' });
    return JSON.parse(ran.stdout) as Record<string, unknown>;
  };
  const digest = () => federation.federation.networkDigest;

  beforeAll(async () => {
    federation = await TestFederation.found();
    await federation.startBroker();
    await federation.startNode('XA');
    dir = join(federation.dir, 'work');
    mkdirSync(dir);
    officer = federation.officer('XA');
    releaser = federation.officer('XA', 'police', 'releaser');
  });
  afterAll(async () => {
    await federation?.[Symbol.asyncDispose]();
  });

  it('answers every verb of the desk with one JSON document', async () => {
    const content = file('seizure.json', JSON.stringify(SEIZURE));
    const drafted = await json('record', 'draft', content, '--submit', '--officer', officer);
    expect(drafted).toMatchObject({ state: 'submitted' });
    const released = await json('record', 'release', String(drafted.draft), '--officer', releaser);
    expect(released).toMatchObject({ revision: 1, recipients: ['XB'] });
    const record = String(released.record);
    await eventually('the record is under a checkpoint', async () => {
      const { verification } = await federation
        .desk('XA')
        .records.getRecord({ headerDigest: Buffer.from(String(released.header), 'hex') });
      return verification?.leafIndex;
    });
    const policy = at('national.cedar');
    copyFileSync(join(nodeDir(federation.federation, 'XA'), 'policy', 'national.cedar'), policy);
    const revised = await json('record', 'revise', record, content, '--officer', officer);
    await json('record', 'submit', String(revised.draft), '--officer', officer);
    const administrator = at('administrator');
    await json(
      ...[
        'officer',
        'issue',
        '--dir',
        nodeDir(federation.federation, 'XA'),
        '--name',
        'Root',
        '--agency',
        'IT',
      ],
      ...['--desk-group', 'police', '--role', 'administrator', '--out', administrator],
    );
    await inTurn<readonly string[]>(
      [
        ['record', 'list', '--officer', officer],
        ['record', 'list', '--drafts', '--officer', officer],
        ['record', 'show', record, '--officer', officer],
        ['inbox', '--officer', officer],
        ['policy', 'preview', record, '--officer', officer],
        ['policy', 'diff', policy, policy, '--officer', administrator],
        ['policy', 'check', policy],
        ['policy', 'test'],
        ['log', 'show', '--officer', officer],
        ['log', 'prove', record, '--out', at('bundle'), '--officer', officer],
        ['node', 'status', '--officer', officer],
        ['doctor', '--dir', nodeDir(federation.federation, 'XA')],
        ['doctor', '--dir', nodeDir(federation.federation, 'XB')],
        ['network', 'show', join(federation.dir, 'roster-1.bin')],
        ['network', 'mailboxes', join(federation.dir, 'broker')],
        ['roster', 'verify', join(federation.dir, 'roster-1.bin'), '--network-digest', digest()],
      ],
      async (args) => {
        await json(...args);
      },
    );
  });

  it('founds a network with one JSON document a step, and tells an unsigned or foreign roster from it', async () => {
    const [home, unsigned] = [at('zz'), at('roster-zz.bin')];
    const request = join(home, 'member.json');
    await json(
      'node',
      'init',
      'ZZ',
      '--dir',
      home,
      '--name',
      'Zzland',
      '--country',
      'ZZ',
      '--desk-group',
      'police',
    );
    const created = await json(
      ...['network', 'create', '--name', 'Alone', '--member', request, '--threshold', '1', '--out', unsigned],
    );
    const other = String(created.networkDigest);
    const broker = [
      '--broker',
      'tls://127.0.0.1:4222',
      '--broker-ca',
      join(federation.dir, 'broker', 'ca.pem'),
    ];
    const roster = join(federation.dir, 'roster-1.bin');
    const pin = ['--network-digest', digest()];
    await refuses([
      [['roster', 'verify', unsigned, '--network-digest', other], 3, /not believed/],
      [
        ['node', 'join', '--dir', home, '--roster', unsigned, '--network-digest', other, ...broker],
        3,
        /not believed/,
      ],
      [['node', 'join', '--dir', home, '--roster', roster, ...pin, ...broker], 3, /does not list ZZ/],
      [
        ['node', 'join', '--dir', home, '--roster', roster, '--network-digest', other, ...broker],
        3,
        /WRONG_NETWORK/,
      ],
      [['network', 'sign', roster, '--dir', home], 4, /ZZ/],
      [
        ['network', 'create', '--name', 'x', '--member', request, '--threshold', '2', '--out', at('no.bin')],
        4,
        /threshold/,
      ],
      [['node', 'init', 'ZZ', '--dir', home, '--name', 'Again'], 4, /ALREADY_EXISTS/],
      [['node', 'init', 'QZ', '--dir', at('qz'), '--name', 'Q', '--group', 'No Group'], 4, /groups/],
    ]);
    expect([existsSync(join(home, 'node.yaml')), existsSync(at('no.bin')), existsSync(at('qz'))]).toEqual([
      false,
      false,
      false,
    ]);
    await json('network', 'sign', unsigned, '--dir', home);
    expect(await json('roster', 'verify', unsigned, '--network-digest', other)).toMatchObject({
      verified: true,
    });
    await json(
      'network',
      'propose',
      unsigned,
      '--network-digest',
      other,
      '--valid-days',
      '30',
      '--out',
      at('2.bin'),
    );
    await json('network', 'broker', unsigned, '--network-digest', other, '--out', at('broker-zz'));
    await json('node', 'join', '--dir', home, '--roster', unsigned, '--network-digest', other, ...broker);
  });

  it('names what is wrong with a command line or a file', async () => {
    const as = ['--officer', officer];
    const faulty = {
      ...SEIZURE,
      facets: {
        ...SEIZURE.facets,
        route: {
          containers: [{ ref: 'c1', number: 'QTSU2044173' }],
          place: { country: 'ZQ', unlocode: 'nowhere', kind: 'port' },
        },
        persons: { persons: [{ ref: 'p1', names: [], roles: ['consignee'] }] },
      },
    };
    const cedar = file('faulty.cedar', 'permit (principal, action, resource);\n\nforbid (principal,');
    const scenarios = file('scenarios.yaml', 'scenarios:\n  - name: 3\n');
    const junk = file('junk.bin', 'junk');
    await refuses([
      [['nonsense'], 2, /unknown command 'nonsense'/],
      [['record', 'list', '--bogus', ...as], 2, /--bogus/],
      [['record', 'draft', ...as], 2, /missing required argument 'file'/],
      [['record', 'list'], 2, /--officer/],
      [['record', 'list', '--limit', 'many', ...as], 2, /whole number/],
      [['log', 'verify', dir, '--network-digest', 'ab'], 2, /64 hexadecimal digits/],
      [['record', 'show', 'abc', ...as], 2, /header digest/],
      [['record', 'show', '00'.repeat(16), ...as], 4, /no record/],
      [['record', 'release', 'nothing', ...as], 4, /draft/],
      [['record', 'draft', at('missing.json'), ...as], 4, /missing.json: no such file/],
      [['record', 'draft', file('broken.json', '{"kind":'), ...as], 4, /broken.json is not JSON/],
      [
        ['record', 'draft', file('faulty.json', JSON.stringify(faulty)), ...as],
        4,
        /facets\.route\.place\.unlocode: .*\[/,
        /facets\.route\.containers\[0\]\.number: .*\[/,
        /facets\.persons\.persons\[0\]\.names: .*\[/,
      ],
      [['record', 'list', '--officer', dir], 4, /officer issue/],
      [['policy', 'check', cedar], 4, /fault/],
      [['policy', 'test', '--national', cedar], 4, /line 3/],
      [['policy', 'test', scenarios], 4, /format/],
      [['network', 'show', junk], 4, /junk.bin/],
      [['network', 'show', dir], 4, /found a folder/],
      [['network', 'mailboxes', dir], 4, /network broker/],
      [
        ['network', 'create', '--name', 'x', '--member', junk, '--threshold', '1', '--out', at('x.bin')],
        4,
        /junk.bin/,
      ],
      [['import', 'un-list', at('missing.xml'), ...as], 4, /missing.xml/],
      [['log', 'verify', join(federation.dir, 'broker'), '--network-digest', digest()], 4, /header.bin/],
      [['log', 'prove', '00'.repeat(32), '--out', at('none'), ...as], 4, /record/],
      [['demo', '--once', '--dir', dir], 4, /--dir/],
    ]);
    const asJson = await tocsin(['--json', 'record', 'draft', at('faulty.json'), ...as]);
    expect(asJson.stdout).toBe('');
    const { error } = JSON.parse(asJson.stderr) as { error: { faults: { path: string }[] } };
    expect(error.faults.map(({ path }) => path)).toContain('facets.route.containers[0].number');
    // Only what the first test submitted is there.
    const { drafts } = await federation.desk('XA').records.listDrafts({});
    expect(drafts).toHaveLength(1);
  });

  it('lets no one in who has no certificate for it, and no one release alone', async () => {
    const content = at('seizure.json');
    const own = await json('record', 'draft', content, '--submit', '--officer', releaser);
    const theirs = await json('record', 'draft', content, '--submit', '--officer', officer);
    const copy = (name: string, from: string) => {
      cpSync(from, at(name), { recursive: true });
      return at(name);
    };
    const foreign = copy('foreign', federation.officer('XB'));
    for (const name of ['desk.json', 'ca.pem']) copyFileSync(join(officer, name), join(foreign, name));
    const readable = copy('readable', officer);
    chmodSync(join(readable, 'key.pem'), 0o644);
    const stopped = federation.officer('XB');
    const expired = at('expired');
    await issueOfficer({
      dir: nodeDir(federation.federation, 'XA'),
      out: expired,
      name: 'Late',
      agency: 'Police',
      deskGroup: 'police',
      role: 'officer',
      // One second.
      validDays: 1 / 86_400,
      nowMs: Date.now(),
    });
    const { validTo } = new X509Certificate(readFileSync(join(expired, 'cert.pem')));
    await eventually('the certificate has expired', () =>
      Date.now() > Date.parse(validTo) + 1_000 ? true : undefined,
    );
    await refuses([
      [['record', 'list', '--officer', expired], 3, /expired/],
      [['record', 'release', String(own.draft), '--officer', releaser], 3, /drafted|draft/],
      [['record', 'release', String(theirs.draft), '--officer', officer], 3, /release/],
      [['record', 'list', '--officer', foreign], 5, /desk/],
      [['record', 'list', '--officer', readable], 4, /chmod 600/],
      [['record', 'list', '--officer', stopped], 5, /is the node running/],
    ]);
    const { drafts } = await federation.desk('XA').records.listDrafts({});
    expect(drafts).toHaveLength(3);
  });

  it('verifies evidence from an empty folder, and says of each file when it was tampered with', async () => {
    const bundle = at('bundle');
    const tampered = at('tampered');
    const names = readdirSync(bundle, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name).slice(bundle.length + 1));
    for (const name of names) {
      const copy = join(tampered, name.replaceAll('/', '_'));
      cpSync(bundle, copy, { recursive: true });
      const bytes = readFileSync(join(copy, name));
      const middle = bytes.length >> 1;
      // A facet in which the originator stated nothing is an empty file.
      writeFileSync(
        join(copy, name),
        bytes.length === 0 ? 'x' : bytes.fill((bytes[middle] ?? 0) ^ 1, middle, middle + 1),
      );
    }
    const empty = at('empty');
    mkdirSync(empty);
    const env = { HOME: empty, TOCSIN_OFFICER: '', TOCSIN_NODE: '' };
    const [good, bad] = await Promise.all([
      tocsin(['log', 'verify', '../bundle', '--network-digest', digest()], { cwd: empty, env }),
      tocsin(['--json', 'log', 'verify', '../tampered', '--network-digest', digest()], { cwd: empty, env }),
    ]);
    expect([good.exitCode, good.stdout]).toEqual([0, expect.stringContaining('verified')]);
    expect(bad.exitCode).toBe(3);
    const { bundles } = JSON.parse(bad.stdout) as {
      bundles: { path: string; verified: boolean; reason?: string; warnings?: string[] }[];
    };
    expect(bundles).toHaveLength(names.length);
    // Nothing is believed of vkeys.txt, which only serves tools of others: that it misleads them is a remark.
    for (const { path, verified, reason, warnings } of bundles)
      if (path.endsWith('vkeys.txt')) expect([verified, warnings]).toEqual([true, [expect.any(String)]]);
      else expect([path, verified, reason]).toEqual([path, false, expect.stringMatching(/^[A-Z_]+$/)]);
    expect(readdirSync(empty)).toEqual([]);
  });

  it('refuses to run a node that is not in order, and names file and remedy', async () => {
    const original = nodeDir(federation.federation, 'XB');
    const broken = (name: string, spoil: (home: string) => void): string => {
      const home = at(`node-${name}`);
      cpSync(original, home, { recursive: true });
      spoil(home);
      return home;
    };
    const yaml = (home: string, change: (text: string) => string) =>
      writeFileSync(join(home, 'node.yaml'), change(readFileSync(join(home, 'node.yaml'), 'utf8')));
    const port = String(federation.federation.deskPorts.XA);
    const cases: readonly [home: string, exitCode: number, ...words: RegExp[]][] = [
      [
        broken('yaml', (home) =>
          yaml(home, (text) => text.replace(/port: \d+/, 'port: 99999\n  hots: x').concat('bogus: 1\n')),
        ),
        4,
        /desk\.port: /,
        /desk\.hots: /,
        /bogus: /,
      ],
      [
        broken('key-mode', (home) => chmodSync(join(home, 'keys', 'link.pem'), 0o644)),
        4,
        /link\.pem.*chmod 600/,
      ],
      [broken('key', (home) => rmSync(join(home, 'keys', 'broker.nk'))), 4, /broker\.nk/],
      [
        broken('store', (home) => writeFileSync(join(home, 'store.sqlite'), 'x'.repeat(5000))),
        4,
        /store\.sqlite.*backup/,
      ],
      [
        broken('port', (home) => yaml(home, (text) => text.replace(/port: \d+/, `port: ${port}`))),
        5,
        /EADDRINUSE.*node\.yaml/,
      ],
      [
        broken('digest', (home) => yaml(home, (text) => text.replace(digest(), 'ab'.repeat(32)))),
        3,
        /WRONG_NETWORK/,
      ],
      [
        broken('statement', (home) => writeFileSync(join(home, 'statement.bin'), 'junk')),
        4,
        /statement\.bin/,
      ],
      [
        broken('policy', (home) => writeFileSync(join(home, 'policy', 'national.cedar'), '\nforbid (')),
        4,
        /line 2/,
      ],
      [
        broken('roster', (home) => {
          const bytes = readFileSync(join(home, 'roster-history.bin'));
          bytes[2000] = (bytes[2000] ?? 0) ^ 1;
          writeFileSync(join(home, 'roster-history.bin'), bytes);
        }),
        3,
        /not believed/,
      ],
      [at('node-nowhere'), 4, /node init/],
    ];
    await inTurn(cases, async ([home, exitCode, ...words]) =>
      expectRefusal(await tocsin(['node', 'run', '--dir', home]), exitCode, ...words),
    );
  });

  it('tells with `doctor` everything that is wrong with a node at once', async () => {
    const home = at('node-ill');
    cpSync(nodeDir(federation.federation, 'XB'), home, { recursive: true });
    chmodSync(join(home, 'keys', 'tls.key.pem'), 0o640);
    writeFileSync(join(home, 'statement.bin'), 'junk');
    writeFileSync(join(home, 'policy', 'national.cedar'), 'forbid (');
    writeFileSync(join(home, 'store.sqlite'), 'x'.repeat(5000));
    rmSync(join(home, 'broker-ca.pem'));
    const ill = await tocsin(['--json', 'doctor', '--dir', home]);
    expect(ill.exitCode).toBe(3);
    const { findings } = JSON.parse(ill.stdout) as {
      findings: { subject: string; level: string; detail: string }[];
    };
    const faults = findings.filter(({ level }) => level === 'fault').map(({ subject }) => subject);
    expect(faults).toEqual(['keys', 'key statement', 'policy', 'store', 'broker']);
    for (const { detail } of findings) expect(detail).not.toMatch(/\n\s+at |undefined/);
  });
});
