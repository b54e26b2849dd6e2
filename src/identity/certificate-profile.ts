/**
 * What certificates of a national authority are for. Object identifiers of our own lie under 2.25, which needs no
 * registration (X.667 §7); the arc below it stays under 2^31, as Go and with it the broker reads no larger ones.
 */
import { believed, disbelieved, type Verdict } from '../base/verdict.ts';
import { Reason } from '../gen/tocsin/record/v1/reason.ts';
import type { Certificate } from './certificate.ts';
import { KEY_USAGE } from './certificate-extensions.ts';
import { ATTRIBUTE, attributeOf } from './certificate-name.ts';
import { isSignedBy, judgeCertificatePath, type VerifiedPath } from './chain.ts';

const ARC = '2.25.1563412077';

export const EXTENDED_KEY_USAGE = {
  /** Signs key statements and nothing else. */
  statement: `${ARC}.1`,
  /** Identifies an officer at a desk. */
  officer: `${ARC}.2`,
  serverAuth: '1.3.6.1.5.5.7.3.1',
  clientAuth: '1.3.6.1.5.5.7.3.2',
} as const;

export type CertificatePurpose = 'statement' | 'node' | 'officer';

/** Every one of these has to be in the leaf's extended key usage. */
export const PURPOSE_USAGES: Readonly<Record<CertificatePurpose, readonly string[]>> = {
  statement: [EXTENDED_KEY_USAGE.statement],
  node: [EXTENDED_KEY_USAGE.serverAuth, EXTENDED_KEY_USAGE.clientAuth],
  officer: [EXTENDED_KEY_USAGE.clientAuth, EXTENDED_KEY_USAGE.officer],
};

function profileFault(path: VerifiedPath, purpose: CertificatePurpose, country: string): string | undefined {
  const { leaf, certificates } = path;
  const needed = PURPOSE_USAGES[purpose];
  const usages = leaf.extensions.extendedKeyUsage ?? [];
  if (!needed.every((usage) => usages.includes(usage)))
    return `expected the extended key usage of a ${purpose} certificate`;
  if (purpose !== 'statement' && usages.includes(EXTENDED_KEY_USAGE.statement))
    return 'a statement certificate serves no other purpose';
  if (leaf.extensions.basicConstraints?.ca === true) return 'an authority is used as an end entity';
  if (!leaf.extensions.keyUsage?.has(KEY_USAGE.digitalSignature))
    return 'expected key usage digitalSignature';
  if (purpose === 'node' && !leaf.extensions.subjectAltName?.some((name) => name.kind === 'dns'))
    return 'expected a host name in the subject alternative name';
  if (leaf.extensions.subjectAltName?.some((name) => name.kind === 'dns' && name.name.startsWith('*.')))
    return 'wildcards are outside the profile';
  if (country !== '' && certificates.some((one) => countryOf(one) !== country))
    return `expected country ${country} in every subject of the path`;
  const narrowed = certificates.slice(1).some((authority) => {
    const nested = authority.extensions.extendedKeyUsage;
    return nested !== undefined && !needed.every((usage) => nested.includes(usage));
  });
  return narrowed ? 'an authority of the path may not issue for this purpose' : undefined;
}

const countryOf = (certificate: Certificate): string | undefined =>
  attributeOf(certificate.subject, ATTRIBUTE.country);

/**
 * Judges a certificate of a state against the one root that the roster pins for it. `country` (ISO 3166-1 alpha-2, or
 * empty for a body that belongs to no state) has to stand in every subject of the path. Reasons as judgeCertificatePath.
 */
export function judgePath(options: {
  readonly leaf: Uint8Array;
  readonly intermediates: readonly Uint8Array[];
  readonly root: Uint8Array;
  readonly atMs: number;
  readonly purpose: CertificatePurpose;
  readonly country?: string;
}): Verdict<VerifiedPath, Reason> {
  const { leaf, intermediates, root, atMs, purpose, country = '' } = options;
  const verdict = judgeCertificatePath({ leaf, intermediates, anchors: [root], atMs });
  if (!verdict.ok) return verdict;
  const anchor = verdict.value.certificates.at(-1);
  if (anchor === undefined || !isSignedBy(anchor, anchor))
    return disbelieved(Reason.REASON_CERTIFICATE_INVALID, 'the pinned root is not self-signed');
  const fault = profileFault(verdict.value, purpose, country);
  return fault === undefined
    ? believed(verdict.value)
    : disbelieved(Reason.REASON_CERTIFICATE_INVALID, fault);
}
