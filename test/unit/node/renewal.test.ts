/** Certificates that end: told in time, and issued again for the keys that they were for. */
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { CREDENTIAL_WARNING_MS, CredentialWatch } from '../../../src/node/credential-watch.ts';
import { initNode, pathsOf, renewCertificates } from '../../../src/node/index.ts';
import { temporaryStore } from '../../support/temporary-store.ts';

const DAY_MS = 86_400_000;
const FOUNDED = Date.parse('2026-01-15T12:00:00Z');
const dir = mkdtempSync(join(tmpdir(), 'tocsin-renewal-'));
const paths = pathsOf(dir);
const certificate = (path: string) => new X509Certificate(readFileSync(path));
const statementPem = join(paths.authority, 'statement.pem');

beforeAll(async () => {
  await initNode({
    dir,
    node: 'XA',
    name: 'Arvenia',
    country: 'XA',
    role: 'national',
    groups: [],
    deskGroups: ['police'],
    duties: [],
    nowMs: FOUNDED,
  });
});
afterAll(() => rmSync(dir, { recursive: true }));

describe('certificates of a folder', () => {
  test('are issued again by its authority, for the same keys and names, and end later', async () => {
    const nowMs = FOUNDED + 340 * DAY_MS;
    const before = [certificate(paths.tlsCertificate), certificate(statementPem)] as const;
    const renewed = await renewCertificates({ dir, nowMs });
    const after = [certificate(paths.tlsCertificate), certificate(statementPem)] as const;
    for (const [at, one] of after.entries()) {
      expect(one.publicKey.equals(before[at]?.publicKey ?? one.publicKey)).toBe(true);
      expect(one.serialNumber).not.toBe(before[at]?.serialNumber);
      expect(one.subject).toBe(before[at]?.subject);
      expect(one.verify(certificate(paths.authorityRoot).publicKey)).toBe(true);
    }
    expect(after[0].subjectAltName).toBe(before[0].subjectAltName);
    expect(after[0].checkPrivateKey(createPrivateKey(readFileSync(join(paths.keys, 'tls.key.pem'))))).toBe(
      true,
    );
    expect(renewed).toEqual({
      node: 'XA',
      certificateEndsAt: nowMs + 366 * DAY_MS,
      statementsEndAt: nowMs + 731 * DAY_MS,
    });
    expect(after.map(({ validToDate }) => validToDate.getTime())).toEqual([
      renewed.certificateEndsAt,
      renewed.statementsEndAt,
    ]);
    expect(statSync(statementPem).mode & 0o777).toBe(0o600);
    expect(readFileSync(paths.tlsCertificate, 'utf8').match(/BEGIN CERTIFICATE/g)).toHaveLength(2);
  });

  test('are not, where the authority is elsewhere', async () => {
    await expect(
      renewCertificates({ dir, authority: join(dir, 'keys'), nowMs: FOUNDED }),
    ).rejects.toMatchObject({ code: 'NOT_INITIALISED' });
  });
});

test('the end of a credential is told 30 days ahead and when it has come, and taken back when another is in use', async () => {
  await using temporary = await temporaryStore();
  const { store } = temporary;
  const end = { 'key statement': FOUNDED + 365 * DAY_MS, certificate: FOUNDED + 366 * DAY_MS };
  let now = end['key statement'] - CREDENTIAL_WARNING_MS - 1;
  const watch = new CredentialWatch({
    store,
    clock: { nowMs: () => now },
    endOf: { 'key statement': () => end['key statement'], certificate: () => end.certificate },
  });
  const told = async () => {
    await watch.look();
    const { items } = await store.read((tx) => tx.alarms.list({ open: true, limit: 10 }));
    return items.map(({ code, subject }) => `${code} ${subject}`).sort();
  };
  expect(await told()).toEqual([]);
  now += 1;
  expect(await told()).toEqual(['CREDENTIAL_ENDING key statement']);
  now = end['key statement'];
  expect(await told()).toEqual(['CREDENTIAL_ENDED key statement', 'CREDENTIAL_ENDING certificate']);
  end['key statement'] = now + 365 * DAY_MS;
  expect(await told()).toEqual(['CREDENTIAL_ENDING certificate']);
  now = end.certificate;
  expect(await told()).toEqual(['CREDENTIAL_ENDED certificate']);
});
