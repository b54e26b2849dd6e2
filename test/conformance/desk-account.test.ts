/** What officers change of their own accounts over HTTP: only after a fresh proof, never the last way in, and in the audit. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { MOST_PASSKEYS } from '../../src/desk/sign-in/own-account.ts';
import { ApiBrowser, codeAt, PASSWORD } from '../support/api-browser.ts';
import { CONSOLE_ORIGIN, clock, deskWorld, passTime, type World } from '../unit/desk/desk-world.ts';

const NEW_PASSWORD = 'seven herons over the dam';

let world: World;
beforeAll(async () => {
  world = await deskWorld();
});
afterAll(() => world[Symbol.asyncDispose]());

const stranger = () => new ApiBrowser(world.server.console ?? '', CONSOLE_ORIGIN);
const store = () => world.xa.temporary.store;

async function officer(name: string) {
  const { browser, secret, identity } = await world.browser('customs', 'officer', name);
  const account = await store().read((tx) => tx.accounts.byIdentity(identity));
  const code = () => {
    // A code counts once.
    passTime(30_000);
    return codeAt(secret, clock.nowMs());
  };
  const confirm = (password = PASSWORD) =>
    browser.post('/account/confirm/password', { password, code: code() });
  const signIn = async (password = PASSWORD) => {
    const another = stranger();
    const { status } = await another.post('/sign-in/password', { name, password, code: code() });
    return { another, status };
  };
  return { browser, identity, id: account?.id ?? '', confirm, signIn, code };
}

const passkey = (account: string, byte: number, label = 'Key') => ({
  credential: Uint8Array.of(byte, 1, 2, 3),
  account,
  publicKey: new Uint8Array(32),
  counter: 0,
  transports: [],
  label,
  createdAt: clock.nowMs(),
});
const idOf = (byte: number) => Buffer.of(byte, 1, 2, 3).toString('base64url');
const addPasskeys = (account: string, ...bytes: number[]) =>
  store().write(async (tx) => {
    for (const byte of bytes) await tx.accounts.addPasskey(passkey(account, byte));
  });
const auditOf = (identity: string, action: string) =>
  store().read(async (tx) =>
    (await tx.audit.list({ limit: 500 })).items.filter(
      (row) => row.action === action && row.actor === identity,
    ),
  );

describe('an account', () => {
  it('is shown to its officer alone: passkeys, password, sessions, which of them is this one', async () => {
    const { browser, id, signIn } = await officer('Account Reader');
    await addPasskeys(id, 1);
    await signIn();
    const { body } = await browser.send('GET', '/account');
    expect(body).toMatchObject({ password: true, certificate: '', openid: '', confirmedForMs: 0 });
    expect(body.passkeys).toEqual([
      { id: idOf(1), label: 'Key', createdAt: expect.any(Number), lastUsedAt: 0 },
    ]);
    expect(body.sessions.map(({ own }: { own: boolean }) => own).sort()).toEqual([false, true]);
    expect(JSON.stringify(body)).not.toMatch(/argon2|publicKey|token/);
    expect((await stranger().send('GET', '/account')).status).toBe(401);
  });
});

describe('a change of the own account', () => {
  it.each([
    ['/account/passkey/options', {}],
    ['/account/passkey/rename', { id: idOf(9), label: 'Mine' }],
    ['/account/passkey/remove', { id: idOf(9) }],
    ['/account/password/options', {}],
    ['/account/password', { password: NEW_PASSWORD, code: '' }],
  ])('%s asks for a fresh proof, and for a session before that', async (path, body) => {
    const { browser } = await officer(`No proof ${path}`);
    const answer = await browser.post(path, body);
    expect([answer.status, answer.body.code]).toEqual([409, 'STATE']);
    expect((await stranger().post(path, body)).status).toBe(401);
  });

  it('is let through for five minutes after the proof, in that session alone', async () => {
    const { browser, identity, confirm, signIn } = await officer('Prover');
    const { another } = await signIn();
    expect((await confirm()).status).toBe(204);
    expect((await browser.send('GET', '/account')).body.confirmedForMs).toBe(300_000);
    expect((await another.send('GET', '/account')).body.confirmedForMs).toBe(0);
    expect((await another.post('/account/password/options')).status).toBe(409);
    passTime(299_999);
    expect((await browser.post('/account/password/options')).status).toBe(200);
    passTime(1);
    expect((await browser.post('/account/password/options')).status).toBe(409);
    expect(await auditOf(identity, 'signin.confirmed')).toHaveLength(1);
  });

  it('is not let through by a wrong proof, which counts as a failed sign-in', async () => {
    const { browser, identity, confirm } = await officer('Guesser');
    for (let tries = 0; tries < 6; tries++) expect((await confirm('not the password')).status).toBe(401);
    const { status, body } = await confirm();
    expect([status, body.code]).toEqual([429, 'BUSY']);
    expect((await browser.post('/account/password/options')).status).toBe(409);
    expect((await auditOf(identity, 'signin.failed')).length).toBeGreaterThanOrEqual(6);
  });

  it('is not let through by a code that was used, or by the certificate of nobody', async () => {
    const { browser, code } = await officer('Replayer');
    const used = code();
    expect((await browser.post('/account/confirm/password', { password: PASSWORD, code: used })).status).toBe(
      204,
    );
    passTime(300_000);
    expect((await browser.post('/account/confirm/password', { password: PASSWORD, code: used })).status).toBe(
      401,
    );
    expect((await browser.post('/account/confirm/certificate')).status).toBe(401);
  });
});

describe('passkeys of an account', () => {
  it('are named and removed by their officer, and by nobody else', async () => {
    const { browser, id, identity, confirm } = await officer('Key Owner');
    const { id: otherId } = await officer('Other Owner');
    await addPasskeys(id, 20, 21);
    await addPasskeys(otherId, 22);
    await confirm();
    expect((await browser.post('/account/passkey/rename', { id: idOf(20), label: ' Office ' })).status).toBe(
      204,
    );
    expect((await browser.post('/account/passkey/rename', { id: idOf(20), label: ' ' })).status).toBe(400);
    expect(
      (await browser.post('/account/passkey/rename', { id: idOf(20), label: 'x'.repeat(101) })).status,
    ).toBe(400);
    expect((await browser.post('/account/passkey/rename', { id: idOf(22), label: 'Mine' })).status).toBe(404);
    expect((await browser.post('/account/passkey/remove', { id: idOf(22) })).status).toBe(404);
    expect((await browser.post('/account/passkey/remove', { id: idOf(21) })).status).toBe(204);
    const { body } = await browser.send('GET', '/account');
    expect(body.passkeys.map(({ label }: { label: string }) => label)).toEqual(['Office']);
    expect(await auditOf(identity, 'credential.renamed')).toHaveLength(1);
    expect(await auditOf(identity, 'credential.removed')).toHaveLength(1);
  });

  it(`are ${MOST_PASSKEYS} at most`, async () => {
    const { browser, id, confirm } = await officer('Key Collector');
    await confirm();
    await addPasskeys(id, ...Array.from({ length: MOST_PASSKEYS - 1 }, (_, at) => 100 + at));
    expect((await browser.post('/account/passkey/options')).status).toBe(200);
    await addPasskeys(id, 200);
    const { status, body } = await browser.post('/account/passkey/options');
    expect([status, body.code]).toEqual([409, 'STATE']);
  });
});

describe('a password that is changed', () => {
  it('counts at once, with the app that was there, and every other session has ended', async () => {
    const { browser, identity, confirm, signIn } = await officer('Changes Password');
    const { another } = await signIn();
    await confirm();
    const weak = await browser.post('/account/password', { password: 'short', code: '' });
    expect([weak.status, weak.body.faults[0].path]).toEqual([400, 'password']);
    expect((await another.send('GET', '/me')).status).toBe(200);
    expect((await browser.post('/account/password', { password: NEW_PASSWORD, code: '' })).status).toBe(204);
    expect((await browser.send('GET', '/me')).status).toBe(200);
    expect((await another.send('GET', '/me')).status).toBe(401);
    expect((await signIn(PASSWORD)).status).toBe(401);
    expect((await signIn(NEW_PASSWORD)).status).toBe(204);
    expect((await auditOf(identity, 'credential.set')).length).toBe(2);
  });

  it('comes with another app where its code is shown', async () => {
    const { browser, confirm } = await officer('Changes Phone');
    await confirm();
    const { body } = await browser.post('/account/password/options');
    const change = (code: string) => browser.post('/account/password', { password: NEW_PASSWORD, code });
    expect((await change('000000')).status).toBe(400);
    expect((await change(codeAt(body.totpSecret, clock.nowMs()))).status).toBe(204);
    passTime(30_000);
    const again = stranger();
    const answer = await again.post('/sign-in/password', {
      name: 'Changes Phone',
      password: NEW_PASSWORD,
      code: codeAt(body.totpSecret, clock.nowMs()),
    });
    expect(answer.status).toBe(204);
  });
});

describe('other sessions of an officer', () => {
  it('are ended by him from any one of them, at once, and the stream of live updates with them', async () => {
    const { browser, identity, signIn } = await officer('Ends Others');
    const { another } = await signIn();
    const third = (await signIn()).another;
    const { body } = await browser.post('/account/sessions/end');
    expect(body).toEqual({ ended: 2 });
    for (const ended of [another, third]) expect((await ended.send('GET', '/me')).status).toBe(401);
    expect((await browser.send('GET', '/me')).status).toBe(200);
    expect((await browser.send('GET', '/account')).body.sessions).toHaveLength(1);
    expect(await auditOf(identity, 'signin.others-ended')).toHaveLength(1);
  });
});
