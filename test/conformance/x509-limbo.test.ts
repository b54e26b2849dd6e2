/**
 * C2SP/x509-limbo, all cases of the groups `pathlen`, `pathological` and `rfc5280`, through the neutral entry of the path
 * validator. `webpki` and `online` are another profile. Skipped, saying so, where the cases are not at hand.
 */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { certificatesFromPem } from '../../src/identity/certificate.ts';
import { judgeCertificatePath, type PathRequest } from '../../src/identity/chain.ts';

const file = join(process.env.TOCSIN_SHARED ?? '../shared', 'vectors/x509-limbo/limbo.json');
if (!existsSync(file)) console.warn(`skipped: no x509-limbo cases at ${file} (set TOCSIN_SHARED)`);

interface LimboCase {
  readonly id: string;
  readonly expected_result: 'SUCCESS' | 'FAILURE';
  readonly peer_certificate: string;
  readonly untrusted_intermediates: readonly string[];
  readonly trusted_certs: readonly string[];
  readonly validation_time: string | null;
  readonly max_chain_depth: number | null;
  readonly features: readonly string[] | null;
  readonly expected_peer_name: { readonly kind: 'DNS' | 'IP'; readonly value: string } | null;
}

/** Wrong accepts: none is allowed beyond what stands here with its reason. */
const WRONG_ACCEPTS: Readonly<Record<string, string>> = {};

/** Valid cases that a rule of our profile refuses. */
const REFUSED_BY_PROFILE: Readonly<Record<string, string>> = {};

/** The commit of the cases is of 2 December 2023; the certificates begin in 1970 or 2023. */
const CASES_WRITTEN = '2023-12-02T00:00:00Z';

function addressBytes(text: string): Uint8Array {
  if (!text.includes(':')) return new Uint8Array(text.split('.').map(Number));
  const [head = '', tail = ''] = text.split('::');
  const groups = (part: string): number[] =>
    part === '' ? [] : part.split(':').map((group) => Number.parseInt(group, 16));
  const [left, right] = [groups(head), groups(tail)];
  const all = [...left, ...Array<number>(8 - left.length - right.length).fill(0), ...right];
  return new Uint8Array(all.flatMap((group) => [group >> 8, group & 0xff]));
}

function requestOf(limbo: LimboCase): PathRequest {
  const [leaf = new Uint8Array()] = certificatesFromPem(limbo.peer_certificate);
  // The cases on directory names state a host that their certificates do not carry: they are about the subject.
  const name = limbo.features?.includes('name-constraint-dn') ? null : limbo.expected_peer_name;
  return {
    leaf,
    intermediates: limbo.untrusted_intermediates.flatMap(certificatesFromPem),
    anchors: limbo.trusted_certs.flatMap(certificatesFromPem),
    atMs: Date.parse(limbo.validation_time ?? CASES_WRITTEN),
    extendedKeyUsage: '1.3.6.1.5.5.7.3.1',
    ...(limbo.max_chain_depth !== null && { maxIntermediates: limbo.max_chain_depth }),
    ...(name?.kind === 'DNS' && { host: { kind: 'dns', name: name.value } as const }),
    ...(name?.kind === 'IP' && { host: { kind: 'ip', bytes: addressBytes(name.value) } as const }),
  };
}

describe.skipIf(!existsSync(file))('x509-limbo', () => {
  const groups = new Set(['pathlen', 'pathological', 'rfc5280']);
  const cases: readonly LimboCase[] = existsSync(file)
    ? JSON.parse(readFileSync(file, 'utf8')).testcases.filter((limbo: LimboCase) =>
        groups.has(limbo.id.split('::')[0] ?? ''),
      )
    : [];
  const outcomes = cases.map((limbo) => ({ limbo, verdict: judgeCertificatePath(requestOf(limbo)) }));

  test('the groups are complete', () => {
    expect(cases).toHaveLength(86);
    expect(cases.filter((limbo) => limbo.expected_result === 'SUCCESS')).toHaveLength(23);
  });

  test('no invalid path is accepted', () => {
    const accepted = outcomes.filter(
      ({ limbo, verdict }) => limbo.expected_result === 'FAILURE' && verdict.ok,
    );
    expect(accepted.map(({ limbo }) => limbo.id).sort()).toEqual(Object.keys(WRONG_ACCEPTS).sort());
  });

  test('no valid path is refused', () => {
    const refused = outcomes.flatMap(({ limbo, verdict }) =>
      limbo.expected_result === 'SUCCESS' && !verdict.ok ? [`${limbo.id}: ${verdict.detail}`] : [],
    );
    expect(refused).toEqual(Object.entries(REFUSED_BY_PROFILE).map(([id, detail]) => `${id}: ${detail}`));
  });

  test('invalid paths are refused by the rule that the case is about', () => {
    const rules: readonly (readonly [RegExp, RegExp])[] = [
      [/^pathlen::/, /at most \d (authorities below|intermediates)/],
      [
        /^pathological::|chain-untrusted-root|ica-ku-keycertsign|missing-basic-constraints/,
        /no path leads|CA bit/,
      ],
      [/::aki::/, /2\.5\.29\.35|authority key identifier/],
      [/::eku::/, /4\.2\.1\.12/],
      [/::nc::/, /4\.2\.1\.10|name constraint|alternative name/],
      [/::san::/, /longer than its container|4\.2\.1\.6/],
      [/::serial::/, /serial number/],
      // The issuer given lacks the identifier, or is another certificate of the same name.
      [/::ski::/, /key identifier/],
      [/::validity::/, /has expired/],
      [/empty-(issuer|subject)/, /issuer is empty/],
      [/critical/, /critical/],
      [/ca-extensions|ku-keycertsign|without-ca-bit/, /key usage/],
      [/duplicate-extensions/, /occurs twice/],
      [/mismatching-signature-algorithm/, /algorithms differ/],
    ];
    const unfitting = outcomes.flatMap(({ limbo, verdict }) => {
      if (verdict.ok || limbo.expected_result === 'SUCCESS') return [];
      const rule = rules.find(([id]) => id.test(limbo.id));
      return rule?.[1].test(verdict.detail) ? [] : [`${limbo.id}: ${verdict.detail}`];
    });
    expect(unfitting).toEqual([]);
  });
});
