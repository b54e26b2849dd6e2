/** The desk's HTTP API: the same verbs, roles and audit as over gRPC, sessions of browsers, live updates. */
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { type IncomingMessage, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readBundle } from '../../src/cli/bundle.ts';
import { VERBS } from '../../src/desk/http/contract.ts';
import { judgeEvidence } from '../../src/ledger/index.ts';
import { ApiBrowser, codeAt, PASSWORD, type SentEvent } from '../support/api-browser.ts';
import { exampleContent } from '../support/contents.ts';
import { CONSOLE_ORIGIN, clock, deskWorld, passTime, type World } from '../unit/desk/desk-world.ts';

let world: World;
let officer: ApiBrowser;
let releaser: ApiBrowser;

beforeAll(async () => {
  world = await deskWorld();
  officer = (await world.browser('customs', 'officer')).browser;
  releaser = (await world.browser('customs', 'releaser')).browser;
});
afterAll(() => world[Symbol.asyncDispose]());

const stranger = () => new ApiBrowser(world.server.console ?? '', CONSOLE_ORIGIN);
const seizure = (change: object = {}) =>
  JSON.stringify({ ...(exampleContent('seizure-notice') as object), ...change });

async function released(): Promise<string> {
  const { draft } = await officer.call('RecordService/CreateDraft', { contentJson: seizure() });
  await officer.call('RecordService/SubmitDraft', { draftId: draft?.id ?? '' });
  const { record } = await releaser.call('RecordService/ReleaseDraft', { draftId: draft?.id ?? '' });
  return record?.headerDigest ?? '';
}

const auditRows = (action: string) =>
  world.xa.temporary.store.read(async (tx) =>
    (await tx.audit.list({ limit: 500 })).items.filter((row) => row.action === action),
  );

describe('a verb over HTTP', () => {
  it('does what it does over gRPC: drafted, released, read, proved', async () => {
    const headerDigest = await released();
    const answer = await officer.call('RecordService/GetRecord', { headerDigest });
    expect(answer.record).toMatchObject({ kind: 'seizure-notice', originator: 'XA', own: true, late: false });
    expect(answer.facets.map(({ facet }) => facet)).toContain('summary');
    expect(answer.verification?.state).toMatch(/^PROOF_STATE_/);
  });

  it('answers what its contract says, every field written out', async () => {
    await released();
    const { body } = await officer.post('/RecordService/ListRecords', {});
    expect(VERBS['RecordService/ListRecords'].response.safeParse(body).error).toBeUndefined();
    const record = await officer.post('/RecordService/GetRecord', {
      headerDigest: body.records[0].headerDigest,
    });
    expect(VERBS['RecordService/GetRecord'].response.safeParse(record.body).error).toBeUndefined();
  });

  it('that compares policies answers a line of JSON at a time; a refusal has its status', async () => {
    await released();
    const administrator = (await world.browser('customs', 'administrator')).browser;
    const newPolicy = '@id("N") @reason("no") forbid (principal, action == Action::"receive", resource);';
    const asked = { newPolicy, summary: true };
    expect((await officer.post('/PolicyService/DiffPolicy', asked)).status).toBe(403);
    expect((await stranger().post('/PolicyService/DiffPolicy', asked)).status).toBe(401);
    const faulty = await administrator.post('/PolicyService/DiffPolicy', { newPolicy: 'forbid (' });
    expect([faulty.status, faulty.body.code]).toEqual([400, 'INVALID_REQUEST']);
    const more = await administrator.post('/PolicyService/DiffPolicy', { ...asked, more: 1 });
    expect(more.status).toBe(400);
    const { status, headers, body } = await administrator.post('/PolicyService/DiffPolicy', asked);
    expect([status, headers.get('content-type')]).toEqual([200, 'application/jsonl']);
    const lines = String(body)
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(lines.at(-1).counts.newlyHidden).toBeGreaterThan(0);
    expect(lines[0].row).toMatchObject({ kind: 'seizure-notice', visible: false });
    for (const line of lines)
      expect(VERBS['PolicyService/DiffPolicy'].response.safeParse(line).error).toBeUndefined();
  });

  it('has a route for each of the desk’s methods with one request and one answer', async () => {
    const { body } = await officer.send('GET', '/openapi.json');
    const unary = Object.entries(VERBS).filter(([, { kind }]) => kind === 'unary');
    expect(Object.keys(body.paths).sort()).toEqual(unary.map(([name]) => `/api/v1/${name}`).sort());
    for (const [name] of unary) expect((await stranger().post(`/${name}`)).status, name).toBe(401);
  });

  it('refuses a body that breaks its contract with a fault for each field', async () => {
    const { status, body } = await officer.post('/RecordService/ListRecords', {
      pageSize: -1,
      colour: 'red',
    });
    expect(status).toBe(400);
    expect(body.code).toBe('INVALID_REQUEST');
    expect(body.faults.map(({ path }: { path: string }) => path).sort()).toEqual(['colour', 'pageSize']);
  });

  it('tells errors as gRPC does, with their code and faults', async () => {
    const missing = await officer.post('/RecordService/GetRecord', {
      headerDigest: Buffer.alloc(32, 9).toString('base64'),
    });
    expect([missing.status, missing.body.code]).toEqual([404, 'NOT_FOUND']);
    const own = await officer.post('/RecordService/CreateDraft', {
      contentJson: seizure({ marking: { tlp: 'PINK' } }),
    });
    expect(own.status).toBe(400);
    expect(own.body.faults.length).toBeGreaterThan(0);
  });

  it('works in the world and for the purpose that its headers state', async () => {
    const { status, body } = await officer.post(
      '/NetworkService/GetNodeStatus',
      {},
      { 'tocsin-purpose': 'investigation' },
    );
    expect([status, body.faults[0].code]).toEqual([400, 'PURPOSE_UNKNOWN']);
    const exercise = await officer.post('/RecordService/ListRecords', {}, { 'tocsin-mode': 'exercise' });
    expect(exercise.headers.get('tocsin-mode')).toBe('exercise');
    expect(exercise.body.records).toEqual([]);
  });

  it('never lets an officer release his own draft, whichever way he comes', async () => {
    const { draft } = await releaser.call('RecordService/CreateDraft', { contentJson: seizure() });
    await releaser.call('RecordService/SubmitDraft', { draftId: draft?.id ?? '' });
    const { status, body } = await releaser.post('/RecordService/ReleaseDraft', { draftId: draft?.id });
    expect([status, body.code]).toEqual([403, 'FOUR_EYES']);
  });
});

describe('the evidence of a record', () => {
  it('comes as an archive that every system unpacks, and convinces by itself', async () => {
    const headerDigest = await released();
    await world.xa.ledger.sequence('live');
    const address = `/records/${Buffer.from(headerDigest, 'base64').toString('base64url')}/evidence`;
    const answer = await fetch(`${world.server.console}/api/v1${address}`, {
      headers: { cookie: officer.cookie },
    });
    expect([answer.status, answer.headers.get('content-type')]).toEqual([200, 'application/x-tar']);
    const dir = mkdtempSync(join(tmpdir(), 'tocsin-evidence-'));
    try {
      execFileSync('tar', ['-xf', '-', '-C', dir], { input: Buffer.from(await answer.arrayBuffer()) });
      const files = readBundle(dir);
      expect(judgeEvidence({ files, networkDigest: world.federation.network })).toMatchObject({ ok: true });
      expect([...files.keys()]).not.toContain('facets/source.bin');
    } finally {
      rmSync(dir, { recursive: true });
    }
    const nothing = Buffer.alloc(32, 9).toString('base64url');
    expect((await officer.send('GET', `/records/${nothing}/evidence`)).status).toBe(404);
  });
});

describe('a request that is no officer’s own', () => {
  it.each([
    ['from another site', { origin: 'https://evil.example' }],
    ['from another port', { origin: `${CONSOLE_ORIGIN}:81` }],
    ['that a browser calls cross-site', { 'sec-fetch-site': 'cross-site' }],
    ['of a form', { 'content-type': 'application/x-www-form-urlencoded' }],
    ['of a form that says it is text', { 'content-type': 'text/plain' }],
  ])('%s is refused', async (_what, headers) => {
    const { status } = await officer.send('POST', '/RecordService/ListRecords', '{}', headers);
    expect([400, 403, 415]).toContain(status);
  });

  it('is told that an address is none', async () => {
    for (const path of ['/no/such', '/%E0%A4%A', '/RecordService/NoSuch']) {
      const { status, body } = await officer.post(path);
      expect([status, body.code], path).toEqual([404, 'NOT_FOUND']);
    }
  });

  it('gets headers that let nothing of others run', async () => {
    const { headers } = await stranger().send('GET', '/sign-in');
    const policy = headers.get('content-security-policy') ?? '';
    expect(policy).toContain("default-src 'none'");
    expect(policy.split(';')).toContain("worker-src 'self'");
    expect(policy).not.toContain('unsafe');
    expect(headers.get('x-content-type-options')).toBe('nosniff');
    expect(headers.get('x-frame-options')).toBe('SAMEORIGIN');
    expect(headers.get('referrer-policy')).toBe('no-referrer');
  });

  it('is refused beyond the size of a draft, and as no JSON', async () => {
    const large = await officer.post('/RecordService/CreateDraft', {
      contentJson: 'x'.repeat(5 * 1024 * 1024),
    });
    expect(large.status).toBe(429);
    expect((await officer.send('POST', '/RecordService/ListRecords', '{')).status).toBe(400);
    expect((await officer.send('POST', '/RecordService/ListRecords', '{"__proto__":{}}')).status).toBe(400);
  });
});

describe('a session', () => {
  it('is a cookie that scripts cannot read, of this host alone', async () => {
    const browser = stranger();
    const { secret } = await world.browser('police', 'officer', 'Cookie Reader');
    passTime(60_000);
    const answer = await browser.post('/sign-in/password', {
      name: 'Cookie Reader',
      password: PASSWORD,
      code: codeAt(secret, clock.nowMs()),
    });
    expect(answer.status).toBe(204);
    const cookie = answer.headers.getSetCookie()[0] ?? '';
    expect(cookie).toMatch(/^__Host-tocsin=[A-Za-z0-9_-]{43}; Path=\/; HttpOnly; Secure; SameSite=Strict$/);
    expect((await browser.send('GET', '/me')).body).toMatchObject({
      name: 'Cookie Reader',
      deskGroup: 'police',
      role: 'officer',
      method: 'password',
    });
  });

  it('ends when it is signed out, and its cookie is nobody’s', async () => {
    const { browser } = await world.browser('police', 'officer', 'Leaver');
    const kept = browser.cookie;
    expect((await browser.post('/sign-out')).status).toBe(204);
    browser.cookie = kept;
    expect((await browser.send('GET', '/me')).status).toBe(401);
  });

  it('that ended while a body was on its way is nobody’s when the body is here', async () => {
    const { browser } = await world.browser('police', 'officer', 'Slow Sender');
    const { hostname, port } = new URL(world.server.console ?? '');
    const body = '{}';
    const headers = {
      origin: CONSOLE_ORIGIN,
      cookie: browser.cookie,
      'content-type': 'application/json',
      'content-length': String(body.length),
    };
    const path = '/api/v1/RecordService/ListRecords';
    const slow = request({ hostname, port, path, method: 'POST', headers });
    const answered = once(slow, 'response') as Promise<[IncomingMessage]>;
    slow.write(body.slice(0, 1));
    // The head was taken once a call on another connection is through.
    expect((await browser.send('GET', '/me')).status).toBe(200);
    expect((await browser.post('/sign-out')).status).toBe(204);
    slow.end(body.slice(1));
    const [{ statusCode }] = await answered;
    expect(statusCode).toBe(401);
  });

  it('ends when it was not used for half an hour, and in twelve hours whatever was done', async () => {
    const { browser } = await world.browser('police', 'officer', 'Sleeper');
    passTime(29 * 60_000);
    expect((await browser.send('GET', '/me')).status).toBe(200);
    passTime(29 * 60_000);
    expect((await browser.send('GET', '/me')).status).toBe(200);
    passTime(31 * 60_000);
    expect((await browser.send('GET', '/me')).status).toBe(401);
    const { browser: busy } = await world.browser('police', 'officer', 'Busy');
    for (let minutes = 0; minutes < 700; minutes += 20) {
      passTime(20 * 60_000);
      expect((await busy.send('GET', '/me')).status).toBe(200);
    }
    passTime(20 * 60_000);
    expect((await busy.send('GET', '/me')).status).toBe(401);
    officer = (await world.browser('customs', 'officer', 'Second')).browser;
  });

  it('ends at once when the officer is revoked, the stream of live updates included', async () => {
    const { browser, identity } = await world.browser('police', 'officer', 'Revoked');
    const events = browser.events();
    expect((await events.next()).value.event).toBe('caughtUp');
    world.revoked.add(identity);
    expect((await browser.post('/NetworkService/GetNodeStatus')).status).toBe(401);
    await officer.call('RecordService/CreateDraft', { contentJson: seizure() });
    const rest: SentEvent[] = [];
    await expect(
      (async () => {
        for await (const event of events) rest.push(event);
        throw new Error('ended');
      })(),
    ).rejects.toThrow();
    expect(rest.filter(({ event }) => event === 'item')).toEqual([]);
  });
});

describe('the state of the node', () => {
  it('tells administrators whether it ever spoke and was heard, and nobody else', async () => {
    const fresh = await deskWorld();
    try {
      const administrator = (await fresh.browser('customs', 'administrator')).browser;
      const reader = (await fresh.browser('customs', 'officer')).browser;
      const told = async (who: ApiBrowser) => {
        const { hasReleased, hasReceipt } = await who.call('NetworkService/GetNodeStatus', {});
        return [hasReleased, hasReceipt];
      };
      expect(await told(administrator)).toEqual([false, false]);
      const headerDigest = await fresh.release(fresh.xa, exampleContent('seizure-notice'));
      expect(await told(administrator)).toEqual([true, false]);
      await fresh.xa.temporary.store.write(async (tx) => {
        const [row] = await tx.outbox.ofRecord(headerDigest);
        await tx.outbox.close([{ id: row?.id ?? 0, state: 'receipted' }], clock.nowMs());
      });
      expect(await told(administrator)).toEqual([true, true]);
      expect(await told(reader)).toEqual([false, false]);
    } finally {
      await fresh[Symbol.asyncDispose]();
    }
  });

  it('tells how long its certificate and key statement last, and which template its policy is', async () => {
    const status = await officer.call('NetworkService/GetNodeStatus', {});
    expect(Number(status.certificateEnds)).toBeGreaterThan(Number(status.statementEnds));
    expect(status.policyTemplate).toBe('strict');
  });
});

describe('the key for what a browser keeps', () => {
  it('is the same at every sign-in of an officer, another one for each, and told to nobody who is not signed in', async () => {
    const { browser, secret } = await world.browser('customs', 'officer', 'Keeper');
    const { body: first } = await browser.send('GET', '/me');
    expect(Buffer.from(first.deviceKey, 'base64url')).toHaveLength(32);
    expect(first.leftMs).toBe(first.validUntil - clock.nowMs());
    passTime(60_000);
    const again = stranger();
    await again.post('/sign-in/password', {
      name: 'Keeper',
      password: PASSWORD,
      code: codeAt(secret, clock.nowMs()),
    });
    const { body: second } = await again.send('GET', '/me');
    expect(second.deviceKey).toBe(first.deviceKey);
    const { body: other } = await officer.send('GET', '/me');
    expect(other.deviceKey).not.toBe(first.deviceKey);
    const { body: none } = await stranger().send('GET', '/me');
    expect(JSON.stringify(none)).not.toContain('deviceKey');
  });

  it('is deleted when the officer is revoked', async () => {
    const { browser, identity } = await world.browser('customs', 'officer', 'Lost Device');
    await browser.send('GET', '/me');
    const account = await world.xa.temporary.store.read((tx) => tx.accounts.byIdentity(identity));
    const keptKey = () =>
      world.xa.temporary.store.read((tx) => tx.meta.get(`desk/device-key/${account?.id}`));
    expect(await keptKey()).toHaveLength(32);
    const { browser: administrator } = await world.browser('customs', 'administrator', 'Key Administrator');
    await administrator.call('OfficerService/RevokeOfficer', {
      id: account?.id ?? '',
      reason: 'device lost',
    });
    expect(await keptKey()).toBeUndefined();
  });
});

describe('a password', () => {
  it('counts with a code that counts once, and never after too many failures', async () => {
    const { secret } = await world.browser('police', 'officer', 'Guessed');
    const browser = stranger();
    const attempt = (password: string, code: string) =>
      browser.post('/sign-in/password', { name: 'Guessed', password, code });
    passTime(60_000);
    const code = codeAt(secret, clock.nowMs());
    expect((await attempt(PASSWORD, code)).status).toBe(204);
    expect((await attempt(PASSWORD, code)).status, 'the same code again').toBe(401);
    for (let failures = 1; failures < 5; failures++)
      expect((await attempt('wrong', '000000')).status).toBe(401);
    passTime(29_000);
    expect((await attempt(PASSWORD, codeAt(secret, clock.nowMs()))).status).toBe(429);
    passTime(2_000);
    expect((await attempt(PASSWORD, codeAt(secret, clock.nowMs()))).status).toBe(204);
  });

  it('that is wrong answers as a name that is none, and both are in the audit', async () => {
    await world.browser('police', 'officer', 'Known');
    const browser = stranger();
    const wrong = await browser.post('/sign-in/password', { name: 'Known', password: 'x', code: '1' });
    const nobody = await browser.post('/sign-in/password', { name: 'Nobody', password: 'x', code: '1' });
    expect([wrong.status, wrong.body]).toEqual([nobody.status, nobody.body]);
    const rows = (await auditRows('signin.failed')).map(({ detail }) => detail);
    expect(rows).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ officer: 'Known', method: 'password' }),
        expect.objectContaining({ name: 'Nobody', method: 'password' }),
      ]),
    );
  });

  it('is kept as Argon2id alone', async () => {
    const account = await world.xa.temporary.store.read((tx) => tx.accounts.byName('Known'));
    expect(account?.password).toMatch(/^\$argon2id\$v=19\$m=47104,t=1,p=1\$/);
  });
});

describe('an invitation', () => {
  it('counts once, for three days, and tells nobody else anything', async () => {
    const unknown = await stranger().post('/invitation', { token: 'A'.repeat(43) });
    expect(unknown.status).toBe(404);
    const { newAccount, newInvitation } = await import('../../src/desk/index.ts');
    const deps = { clock, random: { bytes: (size: number) => crypto.getRandomValues(new Uint8Array(size)) } };
    const account = newAccount(deps, { name: 'Guest', agency: 'A', deskGroup: 1, role: 'officer' }, 'node');
    const { token, digest, expiresAt } = newInvitation(deps);
    await world.xa.temporary.store.write(async (tx) => {
      await tx.accounts.add(account);
      await tx.accounts.invite(digest, { account: account.id, expiresAt });
    });
    const browser = stranger();
    const { body } = await browser.post('/invitation', { token });
    expect(body).toMatchObject({ name: 'Guest', role: 'officer', deskGroup: 'police' });
    const weak = await browser.post('/invitation/password', { token, password: 'guest', code: '12' });
    expect(weak.body.faults.map(({ path }: { path: string }) => path)).toEqual(['password', 'code']);
    const code = codeAt(body.totpSecret, clock.nowMs());
    expect((await browser.post('/invitation/password', { token, password: PASSWORD, code })).status).toBe(
      204,
    );
    expect((await stranger().post('/invitation', { token })).status).toBe(404);
    expect((await stranger().post('/invitation/password', { token, password: PASSWORD, code })).status).toBe(
      404,
    );
  });
});

describe('live updates', () => {
  it('bring what arrives, and resume without loss or repeat where the link was lost', async () => {
    const watcher = (await world.browser('customs', 'officer', 'Watcher')).browser;
    const give = async () => world.deliver(await world.release(world.xb, exampleContent('seizure-notice')));
    await give();
    const events = watcher.events();
    const first = (await events.next()).value;
    expect(first).toMatchObject({ event: 'item', data: { sender: 'XB', acknowledgedBy: '' } });
    await events.return(undefined);
    await give();
    await give();
    const ids: string[] = [];
    for await (const { event, id } of watcher.events({}, { 'last-event-id': first.id })) {
      if (event === 'caughtUp') break;
      if (event === 'item') ids.push(id);
    }
    expect(ids).toHaveLength(2);
    expect(ids.every((id) => Number(id) > Number(first.id))).toBe(true);
  });

  it('hint at a list that may have changed when another officer did something', async () => {
    const watcher = (await world.browser('customs', 'releaser', 'Hinted')).browser;
    const events = watcher.events({ after: '999999' });
    expect((await events.next()).value.event).toBe('caughtUp');
    await officer.call('RecordService/CreateDraft', { contentJson: seizure() });
    expect((await events.next()).value.event).toBe('changed');
    await events.return(undefined);
  });

  it('are for who is signed in alone', async () => {
    await expect(stranger().events().next()).rejects.toThrow('401');
  });
});
