/** Signing in at a browser by an officer's certificate, over real TLS: who is let in by it, and what is no certificate of an officer. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  createAuthority,
  type IssuedCertificate,
  issueOfficerCertificate,
  nodeHost,
} from '../../src/identity/index.ts';
import { testLeafKeys, testRsaKeys } from '../support/rsa-keys.ts';
import { ownAddress, SocketBrowser } from '../support/socket-browser.ts';
import { clock, deskWorld, passTime, type World } from '../unit/desk/desk-world.ts';

const ORIGIN = 'https://desk.xa.example';
const DAY_MS = 86_400_000;

let world: World;
beforeAll(async () => {
  world = await deskWorld({ origin: ORIGIN });
});
afterAll(() => world[Symbol.asyncDispose]());

const browserWith = (certificate?: IssuedCertificate): SocketBrowser =>
  new SocketBrowser({
    base: world.server.console ?? '',
    origin: ORIGIN,
    localAddress: ownAddress(),
    tls: {
      ca: world.ca,
      serverName: nodeHost('XA'),
      ...(certificate === undefined ? {} : { cert: certificate.chainPem, key: certificate.keyPem }),
    },
  });

const details = {
  node: 'XA',
  agency: 'Test Agency',
  deskGroup: 'customs',
  role: 'officer',
  newRsaKey: testLeafKeys(1),
} as const;

const newestRow = () =>
  world.xa.temporary.store.read(async (tx) => (await tx.audit.list({ limit: 1 })).items.at(0));

async function refused(certificate: IssuedCertificate | undefined, because: string, told: RegExp) {
  const browser = browserWith(certificate);
  const answer = await browser.post('/sign-in/certificate');
  expect([answer.status, answer.body.code]).toEqual([401, 'UNAUTHENTICATED']);
  expect(answer.body.message).toMatch(told);
  expect(browser.cookies.size).toBe(0);
  expect(await newestRow()).toMatchObject({
    action: 'signin.failed',
    detail: { method: 'certificate', because },
  });
  return answer;
}

describe('an officer with a certificate of this state', () => {
  it('is shown that it counts, and is in as the officer that it names', async () => {
    const browser = browserWith(await world.officer('customs', 'releaser', 'Amara Diallo'));
    expect((await browser.send('GET', '/sign-in')).body).toMatchObject({ certificate: true });
    const answer = await browser.post('/sign-in/certificate');
    expect(answer.status).toBe(204);
    expect(answer.headers.getSetCookie()[0]).toMatch(
      /^__Host-tocsin=[\w-]{43}; Path=\/; HttpOnly; Secure; SameSite=Strict$/,
    );
    expect((await browser.send('GET', '/me')).body).toMatchObject({
      name: 'Amara Diallo',
      deskGroup: 'customs',
      role: 'releaser',
      method: 'certificate',
    });
    expect((await browser.post('/RecordService/ListRecords')).status).toBe(200);
  });

  it('is one officer over gRPC and in the browser: own drafts are never released by oneself', async () => {
    const certificate = await world.officer('customs', 'releaser', 'Both ways');
    const browser = browserWith(certificate);
    await browser.post('/sign-in/certificate');
    await browser.post('/sign-in/certificate');
    const { body } = await browser.send('GET', '/me');
    const same = await world.xa.temporary.store.read(async (tx) =>
      (await tx.accounts.list()).filter(({ name }) => name === 'Both ways'),
    );
    expect(same.map(({ identity }) => identity)).toEqual([body.identity]);
  });

  it('stays in no longer than the certificate counts', async () => {
    const lasting = await issueOfficerCertificate({
      ...details,
      authority: world.xa.member.authority,
      nowMs: clock.nowMs() - DAY_MS + 3_600_000,
      name: 'Ends in an hour',
      validDays: 1,
    });
    const browser = browserWith(lasting);
    expect((await browser.post('/sign-in/certificate')).status).toBe(204);
    const { validUntil } = (await browser.send('GET', '/me')).body;
    expect(validUntil - clock.nowMs()).toBeLessThanOrEqual(3_600_000);
    for (let minutes = 0; minutes < 60; minutes += 20) passTime(20 * 60_000);
    expect((await browser.send('GET', '/me')).status).toBe(401);
  });

  it('is out at once when an administrator withdraws the certificate, and does not come in again', async () => {
    const certificate = await world.officer('customs', 'officer', 'Withdrawn');
    const browser = browserWith(certificate);
    await browser.post('/sign-in/certificate');
    const { identity } = (await browser.send('GET', '/me')).body;
    world.revoked.add(identity);
    expect((await browser.send('GET', '/me')).status).toBe(401);
    expect((await browser.post('/RecordService/ListRecords')).status).toBe(401);
    await refused(certificate, 'revoked', /revoked/);
  });

  it('does not come in again once the account is revoked', async () => {
    const certificate = await world.officer('customs', 'officer', 'Left the service');
    const browser = browserWith(certificate);
    await browser.post('/sign-in/certificate');
    const { identity } = (await browser.send('GET', '/me')).body;
    const account = await world.xa.temporary.store.read((tx) => tx.accounts.byIdentity(identity));
    const administrator = browserWith(await world.officer('customs', 'administrator', 'Administrator'));
    await administrator.post('/sign-in/certificate');
    const { status } = await administrator.post('/OfficerService/RevokeOfficer', {
      id: account?.id,
      reason: 'left the service',
    });
    expect(status).toBe(200);
    expect((await browser.send('GET', '/me')).status).toBe(401);
    await refused(certificate, 'revoked', /revoked/);
  });
});

describe('what lets nobody in', () => {
  it('is no certificate', () => refused(undefined, 'none', /put the card in/));

  it('is the certificate of a node', async () => {
    const { body } = await refused(world.nodeCertificate, 'CERTIFICATE_INVALID', /officer of this node/);
    expect(body.reason).toBe('CERTIFICATE_INVALID');
  });

  it('is one that is expired, or counts from tomorrow', async () => {
    const { authority } = world.xa.member;
    const issued = (nowMs: number) =>
      issueOfficerCertificate({ ...details, authority, nowMs, name: 'Out of time', validDays: 1 });
    await refused(await issued(clock.nowMs() + 2 * DAY_MS), 'CLOCK_SKEW', /not valid yet/);
    const short = await issued(clock.nowMs());
    passTime(DAY_MS + 3_600_000);
    const { body } = await refused(short, 'EXPIRED', /expired/);
    expect(body.reason).toBe('EXPIRED');
  });

  it('is one of another authority, though it names itself of this state', async () => {
    const authority = await createAuthority({
      node: 'XA',
      name: 'Authority of a forger',
      country: 'XA',
      permittedHosts: [nodeHost('XA')],
      nowMs: clock.nowMs() - DAY_MS,
      newRsaKey: testRsaKeys(3),
    });
    const forged = await issueOfficerCertificate({
      ...details,
      authority,
      nowMs: clock.nowMs() - 3_600_000,
      name: 'Forged',
    });
    await refused(forged, 'ISSUER_NOT_FOR_STATE', /officer of this node/);
  });

  it('is one of another state’s authority', async () => {
    const foreign = await issueOfficerCertificate({
      ...details,
      node: 'XB',
      authority: world.xb.member.authority,
      nowMs: clock.nowMs() - 3_600_000,
      name: 'Foreign',
    });
    await refused(foreign, 'ISSUER_NOT_FOR_STATE', /officer of this node/);
  });

  it('is a header, whatever proxies elsewhere say by it', async () => {
    const { certPem } = await world.officer('customs', 'releaser', 'Only named');
    const shown = encodeURIComponent(certPem);
    const headers = {
      'x-client-cert': shown,
      'x-ssl-client-cert': shown,
      'ssl-client-cert': shown,
      'ssl-client-verify': 'SUCCESS',
      'x-ssl-client-verify': 'SUCCESS',
      'x-forwarded-client-cert': `Hash=${'a'.repeat(64)};Cert="${shown}"`,
      'client-cert': `:${Buffer.from(certPem).toString('base64')}:`,
      'x-forwarded-user': 'Only named',
      'x-forwarded-for': '127.0.0.1',
    };
    const browser = browserWith();
    expect((await browser.post('/sign-in/certificate', {}, headers)).status).toBe(401);
    expect((await browser.send('GET', '/me', undefined, headers)).status).toBe(401);
    expect((await browser.post('/RecordService/ListRecords', {}, headers)).status).toBe(401);
  });

  it('is the certificate alone: without signing in it opens nothing', async () => {
    const browser = browserWith(await world.officer('customs', 'releaser', 'Card in the reader'));
    expect((await browser.send('GET', '/me')).status).toBe(401);
    expect((await browser.post('/RecordService/ListRecords')).status).toBe(401);
  });

  it('is a request of another site, though the browser would present the card to it', async () => {
    const browser = browserWith(await world.officer('customs', 'releaser', 'Lured'));
    for (const headers of [
      { origin: 'https://evil.example' },
      { origin: 'null' },
      { 'sec-fetch-site': 'cross-site' },
      { 'content-type': 'text/plain' },
    ]) {
      const { status } = await browser.post('/sign-in/certificate', {}, headers);
      expect([400, 403]).toContain(status);
    }
    expect(browser.cookies.size).toBe(0);
    expect((await browser.post('/sign-in/certificate')).status).toBe(204);
  });
});
