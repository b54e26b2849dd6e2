/**
 * Certification path validation (RFC 5280 §6) for one strict profile. Neutral to what the certificate is for: purposes
 * are in certificate-profile.ts. Anything in a critical place that is not understood is refused.
 */
import { verify } from 'node:crypto';
import { equalBytes } from '../base/bytes.ts';
import { LIMITS } from '../base/limits.ts';
import { believed, disbelieved, type Verdict } from '../base/verdict.ts';
import { Reason } from '../gen/tocsin/record/v1/reason.ts';
import { type Certificate, parseCertificate } from './certificate.ts';
import { EXTENSION, KEY_USAGE } from './certificate-extensions.ts';
import { DerFault } from './der.ts';
import { nameConstraintFault } from './name-constraints.ts';

export interface PathRequest {
  /** DER of the certificate to believe. */
  readonly leaf: Uint8Array;
  /** DER of what may lie between, in any order. */
  readonly intermediates: readonly Uint8Array[];
  /** DER of the certificates trusted beforehand. */
  readonly anchors: readonly Uint8Array[];
  readonly atMs: number;
  /** Intermediates that are not self-issued; the length of the whole path is bounded by LIMITS.chainCertificates. */
  readonly maxIntermediates?: number;
  /** Of which the leaf's extended key usage has to hold one, where it has that extension. */
  readonly extendedKeyUsage?: string;
  /** Name that the leaf has to be issued to, compared exactly. */
  readonly host?:
    | { readonly kind: 'dns'; readonly name: string }
    | { readonly kind: 'ip'; readonly bytes: Uint8Array };
}

/** A path that was believed. */
export interface VerifiedPath {
  readonly leaf: Certificate;
  /** From the leaf to the anchor, both included. */
  readonly certificates: readonly Certificate[];
  /** The earliest end of validity in the path. */
  readonly notAfterMs: number;
}

type Fault = { readonly reason: Reason; readonly detail: string };
const invalid = (detail: string): Fault => ({ reason: Reason.REASON_CERTIFICATE_INVALID, detail });

const UNDERSTOOD: ReadonlySet<string> = new Set([
  EXTENSION.keyUsage,
  EXTENSION.subjectAltName,
  EXTENSION.basicConstraints,
  EXTENSION.nameConstraints,
  EXTENSION.extendedKeyUsage,
]);

/** Issued to itself: such an intermediate does not count in path lengths nor fall under name constraints (§6.1). */
const isSelfIssued = (certificate: Certificate): boolean =>
  equalBytes(certificate.issuer.der, certificate.subject.der);

/** Whether the signature on a certificate is by this issuer's key. */
export function isSignedBy(certificate: Certificate, issuer: Certificate): boolean {
  const { key, digest } = certificate.signatureAlgorithm;
  if (issuer.strength.type !== key) return false;
  return verify(digest, certificate.tbs, issuer.publicKey, certificate.signature);
}

/** RSA of 2048 bits holds a leaf for its year or two; an authority lives longer. P-256, P-384 and Ed25519 are in. */
function strengthFault({ strength }: Certificate, authority: boolean): string | undefined {
  const bits = authority ? 3072 : 2048;
  if (strength.type === 'rsa' && (strength.bits < bits || strength.bits > 8192))
    return `expected an RSA key of ${bits} to 8192 bits, got ${strength.bits}`;
  return undefined;
}

/** Rules that each certificate has to keep whatever its place. */
function formFault(certificate: Certificate): string | undefined {
  const { extensions, subject } = certificate;
  const { critical } = extensions;
  for (const oid of critical)
    if (!UNDERSTOOD.has(oid)) return `critical extension ${oid} is not understood, or may not be critical`;
  const ca = extensions.basicConstraints?.ca === true;
  if (extensions.keyUsage?.size === 0) return 'key usage without a bit (§4.2.1.3)';
  if (extensions.keyUsage?.has(KEY_USAGE.keyCertSign) && !ca)
    return 'key usage keyCertSign without the CA bit (§4.2.1.9)';
  if (extensions.nameConstraints !== undefined) {
    if (!ca) return 'name constraints in a certificate that is no authority (§4.2.1.10)';
    if (!critical.has(EXTENSION.nameConstraints)) return 'name constraints are not critical (§4.2.1.10)';
  }
  if (subject.attributes.length === 0) {
    if (ca) return 'an authority without a subject (§4.1.2.6)';
    if (!critical.has(EXTENSION.subjectAltName))
      return 'empty subject without a critical subject alternative name (§4.2.1.6)';
  }
  return undefined;
}

/** Rules for a certificate that issued another: `below` counts the authorities under it that are not self-issued. */
function authorityFault(certificate: Certificate, below: number): string | undefined {
  const { extensions } = certificate;
  const constraints = extensions.basicConstraints;
  if (constraints?.ca !== true) return 'issuer without the CA bit (§4.2.1.9)';
  if (!extensions.critical.has(EXTENSION.basicConstraints))
    return 'basic constraints of an authority are not critical (§4.2.1.9)';
  if (!extensions.keyUsage?.has(KEY_USAGE.keyCertSign))
    return 'issuer without key usage keyCertSign (§4.2.1.3)';
  if (extensions.subjectKeyIdentifier === undefined)
    return 'issuer without a subject key identifier (§4.2.1.2)';
  if (constraints.pathLength !== undefined && below > constraints.pathLength)
    return `expected at most ${constraints.pathLength} authorities below, got ${below} (§4.2.1.9)`;
  return undefined;
}

function timeFault(certificate: Certificate, atMs: number): Fault | undefined {
  if (atMs < certificate.notBeforeMs)
    return { reason: Reason.REASON_CLOCK_SKEW, detail: 'a certificate of the path is not valid yet' };
  if (atMs > certificate.notAfterMs)
    return { reason: Reason.REASON_EXPIRED, detail: 'a certificate of the path has expired' };
  return undefined;
}

/** How one certificate hangs on its issuer. */
function linkFault(certificate: Certificate, issuer: Certificate): Fault | undefined {
  const named = certificate.extensions.authorityKeyIdentifier;
  const identifier = issuer.extensions.subjectKeyIdentifier;
  if (named === undefined) return invalid('certificate without an authority key identifier (§4.2.1.1)');
  if (identifier === undefined || !equalBytes(named, identifier))
    return {
      reason: Reason.REASON_ISSUER_NOT_FOR_STATE,
      detail: 'the authority key identifier is not that of the issuer',
    };
  if (!isSignedBy(certificate, issuer))
    return {
      reason: Reason.REASON_ISSUER_NOT_FOR_STATE,
      detail: 'the issuer of that name did not sign the certificate',
    };
  return undefined;
}

/** An anchor vouches for itself; it may lack its own authority key identifier only if it really is self-signed. */
function anchorFault(anchor: Certificate): Fault | undefined {
  const selfSigned = isSelfIssued(anchor) && isSignedBy(anchor, anchor);
  if (!selfSigned && anchor.extensions.authorityKeyIdentifier === undefined)
    return invalid('cross-signed anchor without an authority key identifier (§4.2.1.1)');
  if (isSelfIssued(anchor) && !selfSigned) return invalid('self-issued anchor with a foreign signature');
  return undefined;
}

/** Judges one complete path, leaf first, anchor last. */
function pathFault(path: readonly Certificate[], request: PathRequest): Fault | undefined {
  let below = 0;
  for (const [index, certificate] of path.entries()) {
    const isLeaf = index === 0;
    const form = formFault(certificate) ?? strengthFault(certificate, !isLeaf);
    if (form !== undefined) return invalid(form);
    if (!isLeaf) {
      const fault = authorityFault(certificate, below);
      if (fault !== undefined) return invalid(fault);
    }
    const issuer = path[index + 1];
    const fault =
      timeFault(certificate, request.atMs) ??
      (issuer === undefined ? anchorFault(certificate) : linkFault(certificate, issuer));
    if (fault !== undefined) return fault;
    const constraints = certificate.extensions.nameConstraints;
    if (constraints !== undefined)
      for (const [at, subordinate] of path.slice(0, index).entries()) {
        if (at > 0 && isSelfIssued(subordinate)) continue;
        const named = nameConstraintFault(subordinate, constraints);
        if (named !== undefined) return invalid(`${named} (§4.2.1.10)`);
      }
    if (!isLeaf && issuer !== undefined && !isSelfIssued(certificate)) below += 1;
  }
  if (below > (request.maxIntermediates ?? LIMITS.chainCertificates))
    return invalid(`expected at most ${request.maxIntermediates} intermediates, got ${below}`);
  return undefined;
}

function leafFault(leaf: Certificate, request: PathRequest): string | undefined {
  const { extendedKeyUsage, host } = request;
  const usages = leaf.extensions.extendedKeyUsage;
  if (extendedKeyUsage !== undefined && usages !== undefined && !usages.includes(extendedKeyUsage))
    return 'extended key usage for another purpose (§4.2.1.12)';
  if (host === undefined) return undefined;
  const named = (leaf.extensions.subjectAltName ?? []).some((name) =>
    host.kind === 'dns'
      ? name.kind === 'dns' && name.name === host.name.toLowerCase()
      : name.kind === 'ip' && equalBytes(name.bytes, host.bytes),
  );
  return named ? undefined : 'the certificate names another host';
}

/** Candidate paths tried before giving up: intermediates come from a stranger, who could arrange many loops. */
const MAX_PATHS = 16;

class PathSearch {
  readonly #anchors: readonly Certificate[];
  readonly #intermediates: readonly Certificate[];
  readonly #request: PathRequest;
  #left = MAX_PATHS;
  /** Of the last complete path that failed: says more than that there was no other. */
  #fault: Fault | undefined;

  constructor(anchors: readonly Certificate[], intermediates: readonly Certificate[], request: PathRequest) {
    this.#anchors = anchors;
    this.#intermediates = intermediates;
    this.#request = request;
  }

  get fault(): Fault {
    return (
      this.#fault ?? {
        reason: Reason.REASON_ISSUER_NOT_FOR_STATE,
        detail: 'no path leads to a trusted authority',
      }
    );
  }

  find(path: readonly Certificate[]): readonly Certificate[] | undefined {
    const issuerName = path.at(-1)?.issuer.der;
    if (issuerName === undefined || path.length >= LIMITS.chainCertificates) return undefined;
    const issues = (candidate: Certificate): boolean =>
      equalBytes(candidate.subject.der, issuerName) && !path.includes(candidate);
    for (const anchor of this.#anchors.filter(issues)) {
      if (this.#left-- <= 0) return undefined;
      const complete = [...path, anchor];
      const fault = pathFault(complete, this.#request);
      if (fault === undefined) return complete;
      this.#fault = fault;
    }
    for (const next of this.#intermediates.filter(issues)) {
      const found = this.find([...path, next]);
      if (found !== undefined) return found;
    }
    return undefined;
  }
}

/**
 * Judges a certificate against trusted ones. CERTIFICATE_INVALID: a rule of the profile is broken;
 * ISSUER_NOT_FOR_STATE: no path, or a foreign signature; EXPIRED and CLOCK_SKEW: outside a validity; TOO_LARGE.
 */
export function judgeCertificatePath(request: PathRequest): Verdict<VerifiedPath, Reason> {
  if (request.intermediates.length >= LIMITS.chainCertificates)
    return disbelieved(
      Reason.REASON_TOO_LARGE,
      `expected fewer than ${LIMITS.chainCertificates} intermediates, got ${request.intermediates.length}`,
    );
  let leaf: Certificate;
  let search: PathSearch;
  try {
    leaf = parseCertificate(request.leaf);
    const anchors = request.anchors.map(parseCertificate);
    const trusted = new Set(anchors.map((anchor) => anchor.fingerprint));
    const intermediates = request.intermediates
      .map(parseCertificate)
      .filter((certificate) => !trusted.has(certificate.fingerprint));
    search = new PathSearch(anchors, intermediates, request);
  } catch (cause) {
    if (cause instanceof DerFault)
      return disbelieved(Reason.REASON_CERTIFICATE_INVALID, `certificate: ${cause.message}`);
    throw cause;
  }
  const certificates = search.find([leaf]);
  if (certificates === undefined) return disbelieved(search.fault.reason, search.fault.detail);
  const fault = leafFault(leaf, request);
  if (fault !== undefined) return disbelieved(Reason.REASON_CERTIFICATE_INVALID, fault);
  return believed({
    leaf,
    certificates,
    notAfterMs: Math.min(...certificates.map((certificate) => certificate.notAfterMs)),
  });
}
