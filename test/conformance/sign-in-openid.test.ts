/** Signing in at a real OpenID provider of the agency, and what does not get in by it. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { systemRandom } from '../../src/base/clock.ts';
import { newAccount, newInvitation } from '../../src/desk/index.ts';
import { DeskGroup } from '../../src/gen/tocsin/record/v1/marking.ts';
import { type RealProvider, realProvider, walkThrough } from '../support/openid-provider.ts';
import { ownAddress, SocketBrowser } from '../support/socket-browser.ts';
import { CONSOLE_ORIGIN, clock, deskWorld, passTime, type World } from '../unit/desk/desk-world.ts';

const RETURN = `${CONSOLE_ORIGIN}/sign-in/openid`;
const TEN_MINUTES_MS = 600_000;

let provider: RealProvider;
let world: World;
beforeAll(async () => {
  provider = await realProvider(RETURN, [
    { id: 'tocsin-xa', secret: 'a secret of the client' },
    { id: 'other-program', secret: 'another secret' },
  ]);
  world = await deskWorld({
    openid: {
      name: 'Arvenia Customs',
      issuer: provider.issuer,
      clientId: 'tocsin-xa',
      clientSecret: 'a secret of the client',
      claim: 'sub',
      isLoopback: true,
    },
  });
});
afterAll(async () => {
  await world[Symbol.asyncDispose]();
  await provider[Symbol.asyncDispose]();
});

const stranger = () =>
  new SocketBrowser({
    base: world.server.console ?? '',
    origin: CONSOLE_ORIGIN,
    localAddress: ownAddress(),
  });

async function invite(
  name: string,
): Promise<{ readonly token: string; readonly id: string; identity: string }> {
  const deps = { clock, random: systemRandom };
  const account = newAccount(
    deps,
    { name, agency: 'Arvenia Customs', deskGroup: DeskGroup.DESK_GROUP_CUSTOMS, role: 'officer' },
    'node',
  );
  const { token, digest, expiresAt } = newInvitation(deps);
  await world.xa.temporary.store.write(async (tx) => {
    await tx.accounts.add(account);
    await tx.accounts.invite(digest, { account: account.id, expiresAt });
  });
  return { token, id: account.id, identity: account.identity };
}

/** A browser that the console sent to the provider, and where. */
async function begun(body: object = {}) {
  const browser = stranger();
  const answer = await browser.post('/sign-in/openid', body);
  expect(answer.status).toBe(200);
  return { browser, address: answer.body.address as string, answer };
}

const finish = async (browser: SocketBrowser, query: string) => ({
  browser,
  answer: await browser.post('/sign-in/openid/finish', { query }),
});

async function came(login: string, body: object = {}) {
  const { browser, address } = await begun(body);
  const query = await walkThrough(address, login, RETURN);
  return { query, ...(await finish(browser, query)) };
}

async function bound(login: string, name = `Officer ${login}`) {
  const invited = await invite(name);
  const { answer, browser } = await came(login, { token: invited.token });
  expect(answer.status).toBe(204);
  return { ...invited, browser };
}

const failures = () =>
  world.xa.temporary.store.read(async (tx) =>
    (await tx.audit.list({ limit: 500 })).items.filter(({ action }) => action === 'signin.failed'),
  );

/** Nobody is in, the answer is that of any failed sign-in, and the trail says why. */
async function refusedAs(
  because: string,
  attempt: Promise<{ browser: SocketBrowser; answer: { status: number; body: unknown } }>,
) {
  const before = (await failures()).length;
  const { browser, answer } = await attempt;
  const password = await stranger().post('/sign-in/password', { name: 'Nobody', password: 'x', code: '1' });
  expect([answer.status, answer.body]).toEqual([401, password.body]);
  expect((await browser.send('GET', '/me')).status).toBe(401);
  const rows = await failures();
  expect(rows.length).toBe(before + 2);
  expect(
    rows.filter(({ detail }) => detail.method === 'openid').map(({ detail }) => detail.because),
  ).toContain(because);
}

describe('an officer of an agency with a provider', () => {
  it('is shown that there is one', async () => {
    expect((await stranger().send('GET', '/sign-in')).body).toMatchObject({ openid: 'Arvenia Customs' });
  });

  it('binds it by an invitation, is in, and comes back by it alone', async () => {
    const { browser, token } = await bound('4711', 'Amara Diallo');
    expect((await browser.send('GET', '/me')).body).toMatchObject({
      name: 'Amara Diallo',
      role: 'officer',
      deskGroup: 'customs',
      method: 'openid',
    });
    const again = await came('4711');
    expect(again.answer.status).toBe(204);
    expect((await again.browser.send('GET', '/me')).body).toMatchObject({
      name: 'Amara Diallo',
      method: 'openid',
    });
    expect((await stranger().post('/sign-in/openid', { token })).status).toBe(404);
    const rows = await world.xa.temporary.store.read(
      async (tx) => (await tx.audit.list({ limit: 500 })).items,
    );
    expect(
      rows
        .filter(({ detail }) => detail.officer === 'Amara Diallo')
        .map(({ action, detail }) => [action, detail.method]),
    ).toEqual(
      expect.arrayContaining([
        ['credential.set', 'openid'],
        ['signin.done', 'openid'],
      ]),
    );
  });

  it('is sent with what ties the answer to this browser, and is asked who it is anew', async () => {
    const { address, answer } = await begun();
    const query = new URL(address).searchParams;
    expect(Object.fromEntries(query)).toMatchObject({
      response_type: 'code',
      client_id: 'tocsin-xa',
      redirect_uri: RETURN,
      scope: 'openid',
      prompt: 'login',
      code_challenge_method: 'S256',
    });
    for (const name of ['state', 'nonce', 'code_challenge']) expect(query.get(name)).toMatch(/^[\w-]{43}$/);
    expect(answer.headers.getSetCookie()[0]).toMatch(
      /^__Host-tocsin-openid=[\w-]{43}; Max-Age=600; Path=\/; HttpOnly; Secure; SameSite=Strict$/,
    );
  });

  it('gets the same session as by any other way: it ends when the account does', async () => {
    const { browser, id } = await bound('4712');
    expect((await browser.send('GET', '/me')).status).toBe(200);
    const administrator = (await world.browser('customs', 'administrator')).browser;
    await administrator.call('OfficerService/RevokeOfficer', { id, reason: 'left the service' });
    expect((await browser.send('GET', '/me')).status).toBe(401);
    await refusedAs('account is not active', came('4712'));
  });
});

describe('what does not get in by the provider', () => {
  it('is a subject that no officer bound', () => refusedAs('unknown subject', came('0815')));

  it('is a person who says no, or whom the provider refuses', async () => {
    const { browser, address } = await begun();
    const state = new URL(address).searchParams.get('state') ?? '';
    const query = new URLSearchParams({ error: 'access_denied', state, iss: provider.issuer }).toString();
    await refusedAs('wrong proof', finish(browser, query));
  });

  it('is an answer that comes twice', async () => {
    await bound('5001');
    const { browser, address } = await begun();
    const [[name, value] = ['', '']] = browser.cookies;
    const query = await walkThrough(address, '5001', RETURN);
    expect((await browser.post('/sign-in/openid/finish', { query })).status).toBe(204);
    const replay = stranger();
    replay.cookies.set(name, value);
    await refusedAs('no such attempt, or over', finish(replay, query));
  });

  it('is a code that was used, in another attempt', async () => {
    await bound('5002');
    const { query } = await came('5002');
    const { browser, address } = await begun();
    const used = new URLSearchParams(query);
    used.set('state', new URL(address).searchParams.get('state') ?? '');
    await refusedAs('wrong proof', finish(browser, used.toString()));
  });

  it('is an answer in a browser that did not ask, with or without an attempt of its own', async () => {
    await bound('5003');
    const { address } = await begun();
    const query = await walkThrough(address, '5003', RETURN);
    const bare = stranger();
    await refusedAs('no such attempt, or over', finish(bare, query));
    const { browser } = await begun();
    await refusedAs('wrong proof', finish(browser, query));
  });

  it.each([
    [
      '6001',
      'of another issuer',
      (query: URLSearchParams) => query.set('iss', 'https://login.elsewhere.example'),
    ],
    ['6002', 'of an issuer that is not named', (query: URLSearchParams) => query.delete('iss')],
    ['6003', 'without its state', (query: URLSearchParams) => query.delete('state')],
    [
      '6004',
      'with a state twice',
      (query: URLSearchParams) => query.append('state', query.get('state') ?? ''),
    ],
    ['6005', 'with another code', (query: URLSearchParams) => query.set('code', 'A'.repeat(43))],
    ['6006', 'without a code', (query: URLSearchParams) => query.delete('code')],
  ])('%s: is an answer %s', async (login, _what, change) => {
    await bound(login);
    const { browser, address } = await begun();
    const query = new URLSearchParams(await walkThrough(address, login, RETURN));
    change(query);
    await refusedAs('wrong proof', finish(browser, query.toString()));
  });

  it('is a code that another program of the agency was given, with our state, nonce and challenge', async () => {
    await bound('5004');
    const { browser, address } = await begun();
    const theirs = new URL(address);
    theirs.searchParams.set('client_id', 'other-program');
    const query = await walkThrough(theirs.href, '5004', RETURN);
    await refusedAs('wrong proof', finish(browser, query));
  });

  it('is a code for another challenge: stolen on its way, it is worth nothing', async () => {
    await bound('5005');
    const { browser, address } = await begun();
    const thief = new URL(address);
    thief.searchParams.set('code_challenge', 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM');
    const query = await walkThrough(thief.href, '5005', RETURN);
    await refusedAs('wrong proof', finish(browser, query));
  });

  it('is a token with another nonce', async () => {
    await bound('5006');
    const { browser, address } = await begun();
    const other = new URL(address);
    other.searchParams.set('nonce', 'another');
    const query = await walkThrough(other.href, '5006', RETURN);
    await refusedAs('wrong proof', finish(browser, query));
  });

  it('is an answer ten minutes after the browser was sent; a moment before it counts', async () => {
    await bound('5007');
    const early = await begun();
    const inTime = await walkThrough(early.address, '5007', RETURN);
    passTime(TEN_MINUTES_MS - 1);
    expect((await early.browser.post('/sign-in/openid/finish', { query: inTime })).status).toBe(204);
    const { browser, address } = await begun();
    const query = await walkThrough(address, '5007', RETURN);
    passTime(TEN_MINUTES_MS);
    await refusedAs('no such attempt, or over', finish(browser, query));
  });

  it('is a request of another site', async () => {
    const { browser, address } = await begun();
    const query = await walkThrough(address, '4711', RETURN);
    for (const path of ['/sign-in/openid', '/sign-in/openid/finish']) {
      const answer = await browser.post(path, { query }, { origin: 'https://evil.example' });
      expect(answer.status).toBe(403);
    }
    // Refused before it was looked at: the attempt itself still counts.
    expect((await browser.post('/sign-in/openid/finish', { query })).status).toBe(204);
  });

  it('is a query above 8,192 characters, unread', async () => {
    const { browser } = await begun();
    const atBound = await browser.post('/sign-in/openid/finish', { query: 'x'.repeat(8_192) });
    expect(atBound.status).toBe(401);
    const above = await browser.post('/sign-in/openid/finish', { query: 'x'.repeat(8_193) });
    expect([above.status, above.body.code]).toEqual([400, 'INVALID_REQUEST']);
  });
});

describe('a browser that begins again and again', () => {
  it('is sent on 20 times a minute from one address at most, and others go on', async () => {
    const browser = stranger();
    for (let attempt = 1; attempt <= 20; attempt++)
      expect((await browser.post('/sign-in/openid')).status, String(attempt)).toBe(200);
    const { status, body } = await browser.post('/sign-in/openid');
    expect([status, body.code]).toEqual([429, 'BUSY']);
    expect((await stranger().post('/sign-in/openid')).status).toBe(200);
  });
});

describe('a binding', () => {
  it('is not made for a subject that another account has, and uses up no invitation', async () => {
    await bound('7001');
    const second = await invite('Second account');
    const { answer, browser } = await came('7001', { token: second.token });
    expect([answer.status, answer.body.code]).toEqual([409, 'SUBJECT_TAKEN']);
    expect((await browser.send('GET', '/me')).status).toBe(401);
    expect((await came('7002', { token: second.token })).answer.status).toBe(204);
  });

  it('goes over to a new account of whom was revoked, when an administrator invites again', async () => {
    const first = await bound('7003');
    await world.xa.temporary.store.write((tx) => tx.accounts.change(first.id, { state: 'revoked' }));
    const { identity } = await bound('7003', 'The same person again');
    const { browser } = await came('7003');
    expect((await browser.send('GET', '/me')).body).toMatchObject({ identity });
  });

  it('is replaced by another one of the same officer: the first counts no more', async () => {
    const { id } = await bound('7004');
    const { token, digest, expiresAt } = newInvitation({ clock, random: systemRandom });
    await world.xa.temporary.store.write((tx) => tx.accounts.invite(digest, { account: id, expiresAt }));
    expect((await came('7005', { token })).answer.status).toBe(204);
    await refusedAs('unknown subject', came('7004'));
  });

  it('is not made by an invitation that was used meanwhile', async () => {
    const invited = await invite('Twice at once');
    const first = await begun({ token: invited.token });
    const second = await begun({ token: invited.token });
    const [one, two] = [
      await walkThrough(first.address, '7006', RETURN),
      await walkThrough(second.address, '7007', RETURN),
    ];
    expect((await first.browser.post('/sign-in/openid/finish', { query: one })).status).toBe(204);
    expect((await second.browser.post('/sign-in/openid/finish', { query: two })).status).toBe(404);
    await refusedAs('unknown subject', came('7007'));
  });
});
