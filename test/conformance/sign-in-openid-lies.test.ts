/** A provider that lies, is silent or talks too much: nobody gets in by it, and nothing of it is kept. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { systemRandom } from '../../src/base/clock.ts';
import { newAccount } from '../../src/desk/index.ts';
import { DeskGroup } from '../../src/gen/tocsin/record/v1/marking.ts';
import { ForgingProvider, type Lies } from '../support/openid-forger.ts';
import { ownAddress, SocketBrowser } from '../support/socket-browser.ts';
import { CONSOLE_ORIGIN, clock, deskWorld, passTime, type World } from '../unit/desk/desk-world.ts';

const HOUR_MS = 3_600_000;
const ANSWER_BYTES = 256 * 1024;

let provider: ForgingProvider;
let world: World;
beforeAll(async () => {
  provider = await ForgingProvider.open();
  world = await deskWorld({
    openid: {
      name: 'Arvenia Customs',
      issuer: provider.issuer,
      clientId: 'tocsin-xa',
      clientSecret: 'a secret',
      claim: 'sub',
      isLoopback: true,
    },
  });
  await world.xa.temporary.store.write((tx) =>
    tx.accounts.add({
      ...newAccount(
        { clock, random: systemRandom },
        { name: 'Believed', agency: 'Customs', deskGroup: DeskGroup.DESK_GROUP_CUSTOMS, role: 'officer' },
        'node',
      ),
      state: 'active',
      subject: `${provider.issuer}\nsub\nbelieved`,
    }),
  );
});
afterAll(async () => {
  await world[Symbol.asyncDispose]();
  await provider[Symbol.asyncDispose]();
});
/** What the provider said of itself before is forgotten. */
beforeEach(() => {
  provider.lies = {};
  passTime(HOUR_MS);
});

const begin = async () => {
  const browser = new SocketBrowser({
    base: world.server.console ?? '',
    origin: CONSOLE_ORIGIN,
    localAddress: ownAddress(),
  });
  return { browser, answer: await browser.post('/sign-in/openid') };
};

async function comeBack(lies: Lies = {}) {
  const { browser, answer } = await begin();
  provider.lies = lies;
  const query = provider.comeBack(answer.body.address);
  return { browser, answer: await browser.post('/sign-in/openid/finish', { query }) };
}

/** The trail is listed newest first. */
const newestFailure = () =>
  world.xa.temporary.store.read(
    async (tx) =>
      (await tx.audit.list({ limit: 500 })).items.filter(({ action }) => action === 'signin.failed').at(0)
        ?.detail,
  );

describe('a token', () => {
  it('that is as it should be lets its subject in', async () => {
    const { browser, answer } = await comeBack();
    expect(answer.status).toBe(204);
    expect((await browser.send('GET', '/me')).body).toMatchObject({ name: 'Believed', method: 'openid' });
  });

  const now = Math.floor(Date.now() / 1000);
  it.each<[string, Lies, string]>([
    ['signed by a key that the provider does not publish', { signedBy: 'stranger' }, 'wrong proof'],
    ['signed by nobody', { signedBy: 'nobody' }, 'wrong proof'],
    ['signed by a secret that the client has', { signedBy: 'client secret' }, 'wrong proof'],
    ['of another issuer', { claims: { iss: 'https://login.elsewhere.example' } }, 'wrong proof'],
    ['for another program', { claims: { aud: 'other-program' } }, 'wrong proof'],
    [
      'for two programs, at the order of the other',
      { claims: { aud: ['tocsin-xa', 'b'], azp: 'b' } },
      'wrong proof',
    ],
    ['with another nonce', { claims: { nonce: 'another' } }, 'wrong proof'],
    ['without a nonce', { claims: { nonce: undefined } }, 'wrong proof'],
    ['that ended two minutes ago', { claims: { iat: now - 600, exp: now - 120 } }, 'wrong proof'],
    ['without an end', { claims: { exp: undefined } }, 'wrong proof'],
    ['that counts in an hour', { claims: { nbf: now + 3_600 } }, 'wrong proof'],
    ['without a subject', { claims: { sub: undefined } }, 'wrong proof'],
    ['that is not there', { tokens: { id_token: undefined } }, 'wrong proof'],
    ['that is no token', { tokens: { id_token: 'a.b.c' } }, 'wrong proof'],
    ['whose subject is 256 characters', { claims: { sub: 'a'.repeat(256) } }, 'no such claim'],
    ['whose subject is of two lines', { claims: { sub: 'believed\nsub' } }, 'no such claim'],
    ['whose subject is another’s', { claims: { sub: 'stranger' } }, 'unknown subject'],
    ['whose subject is like one in other letters', { claims: { sub: 'Believed' } }, 'unknown subject'],
    [
      'whose subject is 255 characters, and nobody’s',
      { claims: { sub: 'a'.repeat(255) } },
      'unknown subject',
    ],
  ])('%s lets nobody in', async (_what, lies, because) => {
    const { browser, answer } = await comeBack(lies);
    expect([answer.status, answer.body.code]).toEqual([401, 'UNAUTHENTICATED']);
    expect((await browser.send('GET', '/me')).status).toBe(401);
    expect(await newestFailure()).toEqual({ method: 'openid', because });
  });
});

describe('a provider', () => {
  it('is asked what it is once an hour, whatever the number of officers', async () => {
    provider.asked.length = 0;
    await Promise.all([begin(), begin(), begin()]);
    const questions = () => provider.asked.filter((path) => path.includes('.well-known')).length;
    expect(questions()).toBe(1);
    passTime(HOUR_MS - 1);
    await begin();
    expect(questions()).toBe(1);
    passTime(1);
    await begin();
    expect(questions()).toBe(2);
  });

  it.each<[string, () => Lies, string]>([
    [
      'that says to be another',
      () => ({ metadata: { issuer: 'https://login.elsewhere.example' } }),
      'OAUTH_JSON_ATTRIBUTE_COMPARISON_FAILED',
    ],
    [
      'that sends us elsewhere',
      () => ({ redirect: `${provider.issuer}/elsewhere` }),
      'OAUTH_RESPONSE_IS_NOT_CONFORM',
    ],
    [
      'that would have browsers go by plain HTTP',
      () => ({ metadata: { authorization_endpoint: 'http://login.elsewhere.example/' } }),
      'NO_TLS',
    ],
    [
      'that would run a script in the browser',
      () => ({ metadata: { authorization_endpoint: 'javascript:alert(1)' } }),
      'OAUTH_REQUEST_PROTOCOL_FORBIDDEN',
    ],
    [
      'that has no page',
      () => ({ metadata: { authorization_endpoint: undefined } }),
      'OAUTH_MISSING_SERVER_METADATA',
    ],
    ['that says a byte more than 256 KiB', () => ({ metadataBytes: ANSWER_BYTES + 1 }), 'TOO_LARGE'],
    ['that says nothing for ten seconds', () => ({ silent: 'metadata' }), 'OAUTH_TIMEOUT'],
  ])('%s is no provider: officers are told to come in otherwise', async (_what, lies, because) => {
    provider.lies = lies();
    const known = world.faults.length;
    const { answer } = await begin();
    expect([answer.status, answer.body.code]).toEqual([503, 'PROVIDER_UNAVAILABLE']);
    expect(answer.body.message).not.toContain(because);
    expect(world.faults.slice(known)).toEqual([expect.objectContaining({ facts: { because } })]);
    // Not kept: it may be itself again.
    provider.lies = {};
    expect((await begin()).answer.status).toBe(200);
  });

  it('may say 256 KiB', async () => {
    provider.lies = { metadataBytes: ANSWER_BYTES };
    expect((await begin()).answer.status).toBe(200);
  });

  it.each<[string, Lies, string]>([
    [
      'does not know this node’s secret',
      { tokenStatus: 401, tokens: { error: 'invalid_client' } },
      'status 401',
    ],
    ['is broken', { tokenStatus: 500 }, 'OAUTH_RESPONSE_IS_NOT_CONFORM'],
    ['answers with more than 256 KiB', { tokens: { scope: 'x'.repeat(ANSWER_BYTES) } }, 'TOO_LARGE'],
    ['says nothing for ten seconds', { silent: 'token' }, 'OAUTH_TIMEOUT'],
  ])(
    'that %s when a code is shown lets nobody in, and is not the officer’s failure alone',
    async (_what, lies, because) => {
      const known = world.faults.length;
      const { browser, answer } = await comeBack(lies);
      expect([answer.status, answer.body.code]).toEqual([503, 'PROVIDER_UNAVAILABLE']);
      expect((await browser.send('GET', '/me')).status).toBe(401);
      expect(await newestFailure()).toEqual({ method: 'openid', because: 'provider unavailable' });
      expect(world.faults.slice(known)).toEqual([expect.objectContaining({ facts: { because } })]);
    },
  );
});
