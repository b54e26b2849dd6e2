import { execFileSync, spawnSync } from 'node:child_process';
import { createPrivateKey, createPublicKey, X509Certificate } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { toPkcs12 } from '../../../src/identity/authority.ts';
import {
  certificatesFromPem,
  certificateToPem,
  parseCertificate,
} from '../../../src/identity/certificate.ts';
import {
  authorityPublicKey,
  createAuthority,
  issueNodeCertificate,
  issueOfficerCertificate,
  nodeHost,
  signCertificateRequest,
} from '../../../src/identity/issuing.ts';
import { testLeafKeys, testRsaKeys } from '../../support/rsa-keys.ts';

const nowMs = Date.UTC(2026, 0, 15, 12);
const name = "Côte d'Ivoire · Республика";
const newRsaKey = testLeafKeys();
const authority = await createAuthority({
  node: 'CI',
  name,
  country: 'CI',
  nowMs,
  newRsaKey: testRsaKeys(0),
});
const issuing = { authority, node: 'CI', nowMs, newRsaKey };
const nodeCertificate = await issueNodeCertificate(issuing);
const details = { name: 'Aïcha Koné', agency: 'Douanes', deskGroup: 'customs', role: 'releaser' } as const;
const officer = await issueOfficerCertificate({ ...issuing, ...details });

const hasOpenssl = spawnSync('openssl', ['version']).status === 0;
if (!hasOpenssl) console.warn('skipped: no openssl on this machine to compare with');

const dir = mkdtempSync(join(tmpdir(), 'tocsin-issuing-'));
afterAll(() => rmSync(dir, { recursive: true, force: true }));

function file(fileName: string, content: string | Uint8Array): string {
  const path = join(dir, fileName);
  writeFileSync(path, content);
  return path;
}

function opensslVerify(certPem: string, purpose: string): string {
  const args = [
    'verify',
    '-x509_strict',
    '-check_ss_sig',
    '-purpose',
    purpose,
    '-attime',
    String(nowMs / 1000),
  ];
  const path = file('leaf.pem', certPem);
  const result = spawnSync('openssl', [...args, '-CAfile', file('root.pem', authority.rootCertPem), path]);
  return `${result.stdout}${result.stderr}`.replaceAll(path, 'leaf').trim();
}

describe.skipIf(!hasOpenssl)('what an authority issues satisfies openssl verify -x509_strict', () => {
  test.each([
    ['the statement certificate', authority.statementCertPem, 'any'],
    ["a node's certificate as server", nodeCertificate.certPem, 'sslserver'],
    ["a node's certificate as client", nodeCertificate.certPem, 'sslclient'],
    ["an officer's certificate", officer.certPem, 'sslclient'],
  ])('%s', (_, certPem, purpose) => {
    expect(opensslVerify(certPem, purpose)).toBe('leaf: OK');
  });

  test('but an officer is no server', () => {
    expect(opensslVerify(officer.certPem, 'sslserver')).toMatch(/unsuitable certificate purpose/i);
  });
});

describe('a root', () => {
  const root = parseCertificate(certificatesFromPem(authority.rootCertPem)[0] ?? new Uint8Array());

  test('is critical in every constraint and long-lived', () => {
    expect(root.extensions.critical).toEqual(new Set(['2.5.29.19', '2.5.29.15', '2.5.29.30']));
    expect(root.extensions.basicConstraints).toEqual({ ca: true, pathLength: 0 });
    expect(root.strength).toEqual({ type: 'rsa', bits: 3072 });
    expect(root.notBeforeMs).toBe(nowMs - 3_600_000);
    expect(new Date(root.notAfterMs).getUTCFullYear()).toBe(2036);
  });

  test('carries names outside ASCII as UTF-8, as Node reads them too', () => {
    expect(root.subject.attributes.map(({ text }) => text)).toEqual(['CI', name, 'Tocsin authority of CI']);
    expect(new X509Certificate(authority.rootCertPem).subject).toContain(name);
  });

  test('issues under its own name byte for byte', () => {
    const leaf = parseCertificate(certificatesFromPem(officer.certPem)[0] ?? new Uint8Array());
    expect(Buffer.from(leaf.issuer.der).equals(root.subject.der)).toBe(true);
  });
});

test('the authority key is ML-DSA-65', () => {
  expect(createPrivateKey(authority.authorityKey).asymmetricKeyType).toBe('ml-dsa-65');
  expect(authorityPublicKey(authority)).toHaveLength(1952);
});

describe('an authority refuses to issue', () => {
  test('for a host of another state', async () => {
    const hosts = [nodeHost('FR')];
    await expect(issueNodeCertificate({ ...issuing, hosts })).rejects.toMatchObject({
      code: 'AUTHORITY_INPUT_INVALID',
      message: expect.stringContaining('outside the permitted subtrees'),
    });
  });

  test.each([
    ['a bad node id', { node: 'ci' }],
    ['no name', { name: ' ' }],
    ['a country of three letters', { country: 'CIV' }],
    ['a constraint with a leading dot', { permittedHosts: ['.ci.tocsin.test'] }],
    ['no constraint', { permittedHosts: [] }],
  ])('itself with %s', async (_, wrong) => {
    const options = { node: 'CI', name, country: 'CI', nowMs, newRsaKey: testRsaKeys(0), ...wrong };
    await expect(createAuthority(options)).rejects.toMatchObject({ code: 'AUTHORITY_INPUT_INVALID' });
  });
});

describe.skipIf(!hasOpenssl)('a certificate request', () => {
  const keyPath = join(dir, 'request.key');
  const request = (...options: string[]): string =>
    execFileSync('openssl', ['req', '-new', '-key', keyPath, '-subj', '/C=FR/CN=anybody', ...options], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    });

  test('gets the name that the authority states, and its own key', async () => {
    writeFileSync(keyPath, nodeCertificate.keyPem);
    const { certPem } = await signCertificateRequest({
      ...issuing,
      requestPem: request('-sha256'),
      for: { purpose: 'officer', ...details },
    });
    const certificate = new X509Certificate(certPem);
    expect(certificate.subject).toContain('CN=Aïcha Koné');
    expect(certificate.subject).not.toContain('FR');
    expect(certificate.publicKey.equals(createPublicKey(nodeCertificate.keyPem))).toBe(true);
  });

  test('that is altered, weakly signed or no request at all is refused', async () => {
    const good = request('-sha256');
    const body = good.split('\n').slice(1, -2).join('');
    const bytes = Buffer.from(body, 'base64');
    bytes[30] = (bytes[30] ?? 0) ^ 1;
    const altered = good.replace(/\n[\s\S]*\n-----END/, `\n${bytes.toString('base64')}\n-----END`);
    for (const requestPem of [altered, request('-sha1'), 'nothing', nodeCertificate.certPem])
      await expect(
        signCertificateRequest({ ...issuing, requestPem, for: { purpose: 'node' } }),
      ).rejects.toMatchObject({ code: 'CERTIFICATE_REQUEST_INVALID' });
  });
});

describe('a PKCS#12 file', () => {
  test.skipIf(!hasOpenssl)('holds the very certificates and the key', async () => {
    const p12 = await toPkcs12(officer, { password: 'correct horse', friendlyName: 'Officer' });
    const pem = execFileSync(
      'openssl',
      ['pkcs12', '-in', file('officer.p12', p12), '-passin', 'pass:correct horse', '-nodes'],
      { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] },
    );
    const found = certificatesFromPem(pem).map(certificateToPem);
    expect(found).toEqual(certificatesFromPem(officer.chainPem).map(certificateToPem));
    expect(createPrivateKey(pem).equals(createPrivateKey(officer.keyPem))).toBe(true);
  });

  test('needs a password worth the name', async () => {
    await expect(toPkcs12(officer, { password: 'short', friendlyName: 'x' })).rejects.toMatchObject({
      code: 'AUTHORITY_INPUT_INVALID',
    });
  });
});
