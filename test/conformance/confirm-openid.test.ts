/**
 * A change of an account that is confirmed at the agency's OpenID provider: by the person of the account, in the session that asked,
 * signed in anew. A real provider; what a lying one would say is forged.
 */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { systemRandom } from '../../src/base/clock.ts';
import { newAccount, newInvitation } from '../../src/desk/index.ts';
import { DeskGroup } from '../../src/gen/tocsin/record/v1/marking.ts';
import { ForgingProvider, type Lies } from '../support/openid-forger.ts';
import { type RealProvider, realProvider, walkThrough } from '../support/openid-provider.ts';
import { ownAddress, SocketBrowser } from '../support/socket-browser.ts';
import { CONSOLE_ORIGIN, clock, deskWorld, passTime, type World } from '../unit/desk/desk-world.ts';

const RETURN = `${CONSOLE_ORIGIN}/sign-in/openid`;
const TEN_MINUTES_MS = 600_000;

const browserOf = (world: World) =>
  new SocketBrowser({
    base: world.server.console ?? '',
    origin: CONSOLE_ORIGIN,
    localAddress: ownAddress(),
  });

const worldAt = (issuer: string, claim = 'sub') =>
  deskWorld({
    openid: {
      name: 'Arvenia Customs',
      issuer,
      clientId: 'tocsin-xa',
      clientSecret: 'a secret of the client',
      claim,
      isLoopback: true,
    },
  });

const officerNamed = (name: string) =>
  newAccount(
    { clock, random: systemRandom },
    { name, agency: 'Arvenia Customs', deskGroup: DeskGroup.DESK_GROUP_CUSTOMS, role: 'officer' },
    'node',
  );

const confirmedForMs = async (browser: SocketBrowser): Promise<number> =>
  (await browser.send('GET', '/account')).body.confirmedForMs;

const rowsOf = (world: World, action: string) =>
  world.xa.temporary.store.read(async (tx) =>
    (await tx.audit.list({ limit: 500 })).items.filter((row) => row.action === action),
  );

const finish = (browser: SocketBrowser, query: string) => browser.post('/sign-in/openid/finish', { query });

async function asked(browser: SocketBrowser): Promise<string> {
  const { status, body } = await browser.post('/account/confirm/openid');
  expect(status).toBe(200);
  return body.address;
}

/** Nothing is confirmed, the officer stays in, and the trail says why. */
async function refusedAs(
  world: World,
  because: string,
  browser: SocketBrowser,
  answer: Awaited<ReturnType<SocketBrowser['post']>>,
) {
  expect([answer.status, answer.body.code]).toEqual([401, 'UNAUTHENTICATED']);
  expect((await browser.send('GET', '/me')).status).toBe(200);
  expect(await confirmedForMs(browser)).toBe(0);
  const [newest] = await rowsOf(world, 'signin.failed');
  expect(newest?.detail).toEqual({ method: 'openid', because });
}

describe('at a real provider', () => {
  let provider: RealProvider;
  let world: World;
  beforeAll(async () => {
    provider = await realProvider(RETURN, [{ id: 'tocsin-xa', secret: 'a secret of the client' }]);
    world = await worldAt(provider.issuer);
  });
  afterAll(async () => {
    await world[Symbol.asyncDispose]();
    await provider[Symbol.asyncDispose]();
  });

  /** An officer whose one way in is the agency's. */
  async function bound(login: string) {
    const account = officerNamed(`Officer ${login}`);
    const { token, digest, expiresAt } = newInvitation({ clock, random: systemRandom });
    await world.xa.temporary.store.write(async (tx) => {
      await tx.accounts.add(account);
      await tx.accounts.invite(digest, { account: account.id, expiresAt });
    });
    const browser = browserOf(world);
    const { body } = await browser.post('/sign-in/openid', { token });
    expect((await finish(browser, await walkThrough(body.address, login, RETURN))).status).toBe(204);
    return { browser, account };
  }

  async function signedIn(login: string): Promise<SocketBrowser> {
    const browser = browserOf(world);
    const { body } = await browser.post('/sign-in/openid');
    expect((await finish(browser, await walkThrough(body.address, login, RETURN))).status).toBe(204);
    return browser;
  }

  it('an officer without passkey and password changes his account once he signed in there anew', async () => {
    const { browser, account } = await bound('4711');
    expect(await confirmedForMs(browser)).toBe(0);
    expect((await browser.post('/account/password/options')).body.code).toBe('STATE');
    const [session] = [...browser.cookies].filter(([name]) => name === '__Host-tocsin');
    const address = await asked(browser);
    expect(Object.fromEntries(new URL(address).searchParams)).toMatchObject({
      prompt: 'login',
      max_age: '0',
      redirect_uri: RETURN,
      code_challenge_method: 'S256',
    });
    const answer = await finish(browser, await walkThrough(address, '4711', RETURN));
    expect([answer.status, answer.body]).toEqual([200, { confirmed: true }]);
    // It is the session that it was: a proof opens none.
    expect([...browser.cookies].filter(([name]) => name === '__Host-tocsin')).toEqual([session]);
    expect(await confirmedForMs(browser)).toBeGreaterThan(290_000);
    expect((await browser.post('/account/password/options')).status).toBe(200);
    expect(await rowsOf(world, 'signin.confirmed')).toMatchObject([
      { actor: account.identity, detail: { method: 'openid', officer: 'Officer 4711' } },
    ]);
    passTime(300_000);
    expect((await browser.post('/account/password/options')).body.code).toBe('STATE');
  });

  it('a colleague’s sign-in there confirms nothing', async () => {
    const { browser } = await bound('4712');
    await bound('4713');
    const query = await walkThrough(await asked(browser), '4713', RETURN);
    await refusedAs(world, 'another subject', browser, await finish(browser, query));
  });

  it('it counts for the session that asked alone, and lets nobody in', async () => {
    const { browser } = await bound('4714');
    const another = await signedIn('4714');
    const query = await walkThrough(await asked(browser), '4714', RETURN);
    const attempt = browser.cookies.get('__Host-tocsin-openid') ?? '';
    another.cookies.set('__Host-tocsin-openid', attempt);
    await refusedAs(world, 'another session', another, await finish(another, query));
    // It counted once, for whoever came with it.
    expect((await finish(browser, query)).status).toBe(401);
    expect(await confirmedForMs(browser)).toBe(0);
    const nobody = browserOf(world);
    const second = await walkThrough(await asked(browser), '4714', RETURN);
    nobody.cookies.set('__Host-tocsin-openid', browser.cookies.get('__Host-tocsin-openid') ?? '');
    expect((await finish(nobody, second)).status).toBe(401);
    expect((await nobody.send('GET', '/me')).status).toBe(401);
  });

  it('a sign-in there confirms nothing', async () => {
    const { browser } = await bound('4715');
    const { body } = await browser.post('/sign-in/openid');
    expect((await finish(browser, await walkThrough(body.address, '4715', RETURN))).status).toBe(204);
    expect(await confirmedForMs(browser)).toBe(0);
  });

  it('it is over after ten minutes, and asked for by nobody who is not in or not bound', async () => {
    const { browser } = await bound('4716');
    const query = await walkThrough(await asked(browser), '4716', RETURN);
    passTime(TEN_MINUTES_MS);
    await refusedAs(world, 'no such attempt, or over', browser, await finish(browser, query));
    expect((await browserOf(world).post('/account/confirm/openid')).status).toBe(401);
    const { browser: other } = await world.browser('customs', 'officer', 'By password alone');
    const { status, body } = await other.post('/account/confirm/openid');
    expect([status, body.code]).toEqual([409, 'STATE']);
    const evil = await browser.post('/account/confirm/openid', {}, { origin: 'https://evil.example' });
    expect(evil.status).toBe(403);
  });

  it('an officer who is revoked meanwhile confirms nothing', async () => {
    const { browser, account } = await bound('4717');
    const query = await walkThrough(await asked(browser), '4717', RETURN);
    const { browser: administrator } = await world.browser('customs', 'administrator');
    await administrator.call('OfficerService/RevokeOfficer', { id: account.id, reason: 'left' });
    expect((await finish(browser, query)).status).toBe(401);
    expect((await browser.send('GET', '/account')).status).toBe(401);
  });
});

describe('at a provider that lies', () => {
  let provider: ForgingProvider;
  let world: World;
  const now = () => Math.floor(Date.now() / 1000);
  beforeAll(async () => {
    provider = await ForgingProvider.open();
    world = await worldAt(provider.issuer);
    await world.xa.temporary.store.write((tx) =>
      tx.accounts.add({
        ...officerNamed('Believed'),
        state: 'active',
        subject: `${provider.issuer}\nsub\nbelieved`,
      }),
    );
  });
  afterAll(async () => {
    await world[Symbol.asyncDispose]();
    await provider[Symbol.asyncDispose]();
  });
  beforeEach(() => {
    provider.lies = {};
  });

  async function confirming(lies: Lies) {
    const browser = browserOf(world);
    const { body } = await browser.post('/sign-in/openid');
    expect((await finish(browser, provider.comeBack(body.address))).status).toBe(204);
    const address = await asked(browser);
    provider.lies = lies;
    return { browser, answer: await finish(browser, provider.comeBack(address)) };
  }

  it('a sign-in of this minute is a proof', async () => {
    const { browser, answer } = await confirming({ claims: { auth_time: now() } });
    expect(answer.status).toBe(200);
    expect(await confirmedForMs(browser)).toBeGreaterThan(0);
  });

  it.each<[string, () => Lies, string]>([
    ['from before the question', () => ({ claims: { auth_time: now() - 120 } }), 'not signed in anew'],
    ['of a time to come', () => ({ claims: { auth_time: now() + 600 } }), 'not signed in anew'],
    ['without a time', () => ({ claims: { auth_time: undefined } }), 'not signed in anew'],
    ['of another subject', () => ({ claims: { auth_time: now(), sub: 'stranger' } }), 'another subject'],
    [
      'signed by a stranger’s key',
      () => ({ claims: { auth_time: now() }, signedBy: 'stranger' }),
      'wrong proof',
    ],
    ['with another nonce', () => ({ claims: { auth_time: now(), nonce: 'x' } }), 'wrong proof'],
  ])('one %s is none', async (_what, lies, because) => {
    const { browser, answer } = await confirming(lies());
    await refusedAs(world, because, browser, answer);
  });
});
