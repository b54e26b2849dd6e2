import { X509Certificate } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { DeskGroup } from '../../../src/gen/tocsin/record/v1/marking.ts';
import { Reason } from '../../../src/gen/tocsin/record/v1/reason.ts';
import { certificatesFromPem } from '../../../src/identity/certificate.ts';
import { judgePath } from '../../../src/identity/certificate-profile.ts';
import { judgeCertificatePath } from '../../../src/identity/chain.ts';
import {
  createAuthority,
  issueNodeCertificate,
  issueOfficerCertificate,
  type NationalAuthority,
} from '../../../src/identity/issuing.ts';
import { judgeOfficer, officerOf } from '../../../src/identity/officer.ts';
import { testLeafKeys, testRsaKeys } from '../../support/rsa-keys.ts';

const nowMs = Date.UTC(2026, 0, 15, 12);
const DAY_MS = 86_400_000;
const newRsaKey = testLeafKeys();
const make = (node: string, country: string, key: number): Promise<NationalAuthority> =>
  createAuthority({ node, name: `State of ${node}`, country, nowMs, newRsaKey: testRsaKeys(key) });
const [xa, xb, hub] = await Promise.all([make('XA', 'XA', 0), make('XB', 'XB', 1), make('HUB', '', 1)]);

const der = (pem: string): Uint8Array => certificatesFromPem(pem)[0] ?? new Uint8Array();
const statement = der(xa.statementCertPem);
const root = der(xa.rootCertPem);
const path = {
  leaf: statement,
  intermediates: [],
  root,
  atMs: nowMs,
  purpose: 'statement',
  country: 'XA',
} as const;
const node = await issueNodeCertificate({ authority: xa, node: 'XA', nowMs, newRsaKey });
const officer = await issueOfficerCertificate({
  authority: xa,
  node: 'XA',
  nowMs,
  newRsaKey,
  name: 'Ada Officer',
  agency: 'Customs',
  deskGroup: 'customs',
  role: 'officer',
});

const reasonOf = (verdict: ReturnType<typeof judgePath>) => (verdict.ok ? 'believed' : verdict.reason);

describe('a certificate of a state', () => {
  test('is believed under its own root', () => {
    const verdict = judgePath(path);
    expect(verdict.ok && verdict.value.certificates).toHaveLength(2);
    expect(judgePath({ ...path, leaf: der(node.certPem), purpose: 'node' }).ok).toBe(true);
    expect(judgePath({ ...path, leaf: der(officer.certPem), purpose: 'officer' }).ok).toBe(true);
    expect(
      judgePath({ ...path, leaf: der(hub.statementCertPem), root: der(hub.rootCertPem), country: '' }).ok,
    ).toBe(true);
  });

  test("is refused under another state's root", () => {
    expect(reasonOf(judgePath({ ...path, root: der(xb.rootCertPem) }))).toBe(
      Reason.REASON_ISSUER_NOT_FOR_STATE,
    );
  });

  test('is refused where a root of the same name has another key', async () => {
    const twin = await make('XA', 'XA', 1);
    expect(reasonOf(judgePath({ ...path, root: der(twin.rootCertPem) }))).toBe(
      Reason.REASON_ISSUER_NOT_FOR_STATE,
    );
  });

  test('serves no other purpose', () => {
    for (const [leaf, purpose] of [
      [statement, 'node'],
      [statement, 'officer'],
      [der(node.certPem), 'statement'],
      [der(node.certPem), 'officer'],
      [der(officer.certPem), 'statement'],
      [der(officer.certPem), 'node'],
      [root, 'statement'],
    ] as const)
      expect(judgePath({ ...path, leaf, purpose }).ok).toBe(false);
  });

  test('is refused for another country', () => {
    expect(reasonOf(judgePath({ ...path, country: 'XB' }))).toBe(Reason.REASON_CERTIFICATE_INVALID);
  });

  test('is refused before and after its validity', () => {
    const late = Date.parse(new X509Certificate(xa.statementCertPem).validTo) + 1;
    expect(reasonOf(judgePath({ ...path, atMs: late }))).toBe(Reason.REASON_EXPIRED);
    expect(reasonOf(judgePath({ ...path, atMs: nowMs - DAY_MS }))).toBe(Reason.REASON_CLOCK_SKEW);
  });

  test('is refused with one bit changed, anywhere', () => {
    for (let at = 0; at < statement.length; at += 41) {
      const leaf = new Uint8Array(statement);
      leaf[at] = (leaf[at] ?? 0) ^ 4;
      expect(judgePath({ ...path, leaf }).ok, `byte ${at}`).toBe(false);
    }
  });

  test('is refused below another end entity', () => {
    expect(judgePath({ ...path, intermediates: [der(node.certPem)], root: der(xb.rootCertPem) }).ok).toBe(
      false,
    );
  });

  test('is refused with more intermediates than a path may have, and when too large', () => {
    const many = Array.from({ length: 5 }, () => root);
    expect(reasonOf(judgePath({ ...path, intermediates: many }))).toBe(Reason.REASON_TOO_LARGE);
    expect(reasonOf(judgePath({ ...path, leaf: new Uint8Array(16_385) }))).toBe(
      Reason.REASON_CERTIFICATE_INVALID,
    );
  });
});

describe('a path', () => {
  test('is looked for among 16 candidates at most, whatever a stranger arranged', () => {
    // Of the right name, and none that has signed itself.
    const wrong = Array.from({ length: 16 }, (_, at) => {
      const changed = Uint8Array.from(root);
      changed[changed.length - 1] = (changed.at(-1) ?? 0) ^ (at + 1);
      return changed;
    });
    const among = (count: number) =>
      judgeCertificatePath({
        leaf: statement,
        intermediates: [],
        anchors: [...wrong.slice(0, count - 1), root],
        atMs: nowMs,
      }).ok;
    expect([among(1), among(16), among(17)]).toEqual([true, true, false]);
  });
});

describe('an officer', () => {
  test('is read from the certificate', () => {
    expect(officerOf(der(officer.certPem))).toEqual({
      node: 'XA',
      agency: 'Customs',
      deskGroup: DeskGroup.DESK_GROUP_CUSTOMS,
      role: 'officer',
      name: 'Ada Officer',
      fingerprint: new X509Certificate(officer.certPem).fingerprint256.replaceAll(':', '').toLowerCase(),
    });
  });

  test('is not read from any other certificate', () => {
    for (const other of [statement, der(node.certPem), new Uint8Array(9)])
      expect(() => officerOf(other)).toThrow(expect.objectContaining({ code: 'CERTIFICATE_NOT_OFFICER' }));
  });

  test('is judged from the path up, for one node', () => {
    const claim = { certificate: der(officer.certPem), root, node: 'XA', country: 'XA', atMs: nowMs };
    expect(judgeOfficer(claim).ok).toBe(true);
    expect(judgeOfficer({ ...claim, node: 'XB' })).toMatchObject({ reason: Reason.REASON_ROLE });
    expect(judgeOfficer({ ...claim, root: der(xb.rootCertPem) })).toMatchObject({
      reason: Reason.REASON_ISSUER_NOT_FOR_STATE,
    });
  });
});
