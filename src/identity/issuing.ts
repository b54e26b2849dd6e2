/**
 * A state's own certificate authority: what it issues and under which names. Everything issued is judged by our own
 * validator before it is handed out. Nothing is written to disk here.
 */
import {
  createPrivateKey,
  createPublicKey,
  generateKeyPair,
  generateKeyPairSync,
  type KeyObject,
} from 'node:crypto';
import { promisify } from 'node:util';
import { isNodeId, reasonName } from '../record/index.ts';
import { type Attribute, buildCertificate } from './authority.ts';
import {
  authorityConstraints,
  authorityKeyIdentifier,
  authorityKeyUsage,
  endEntityConstraints,
  extendedKeyUsage,
  hostNames,
  keyIdentifierOf,
  permittedNames,
  signingKeyUsage,
  subjectKeyIdentifier,
} from './authority-values.ts';
import { certificatesFromPem, parseCertificate } from './certificate.ts';
import { ATTRIBUTE, isHostName } from './certificate-name.ts';
import { type CertificatePurpose, judgePath, PURPOSE_USAGES } from './certificate-profile.ts';
import { requestKey } from './certificate-request.ts';
import { IdentityError } from './errors.ts';
import type { DeskGroupToken, OfficerRole } from './officer.ts';
import { rawPublicKey } from './raw-key.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const ROOT_DAYS = 3653;
const STATEMENT_DAYS = 731;
const LEAF_DAYS = 366;
const ROOT_RSA_BITS = 3072;

/** Host names of development networks; `.test` never resolves (RFC 6761). */
export const DEVELOPMENT_DOMAIN = 'tocsin.test';

/** The host that a node's TLS certificate names. */
export const nodeHost = (node: string, domain: string = DEVELOPMENT_DOMAIN): string =>
  `node.${node.toLowerCase()}.${domain}`;

/** Where new RSA keys come from; tests pass a cache. */
export type RsaKeySource = () => Promise<KeyObject>;

const generateRsa: RsaKeySource = async () => {
  const { privateKey } = await promisify(generateKeyPair)('rsa', { modulusLength: ROOT_RSA_BITS });
  return privateKey;
};

export interface IssuingAuthority {
  readonly rootKeyPem: string;
  readonly rootCertPem: string;
}

/** Everything that a national authority holds. The private parts belong into files written by writeSecret. */
export interface NationalAuthority extends IssuingAuthority {
  readonly statementKeyPem: string;
  readonly statementCertPem: string;
  /** ML-DSA-65 private key, PKCS#8 PEM: the post-quantum half of what a state says about its node. */
  readonly authorityKey: string;
}

export interface IssuedCertificate {
  readonly keyPem: string;
  readonly certPem: string;
  /** The certificate and its root, as TLS servers and clients load them. */
  readonly chainPem: string;
}

const pemOf = (key: KeyObject): string => String(key.export({ type: 'pkcs8', format: 'pem' }));

function inputFault(message: string): IdentityError {
  return new IdentityError({ code: 'AUTHORITY_INPUT_INVALID', message });
}

function onlyCertificate(pem: string): Uint8Array {
  const [der, second] = certificatesFromPem(pem);
  if (der === undefined || second !== undefined) throw inputFault('expected one certificate in PEM');
  return der;
}

/** Times of a certificate: an hour back, so that a peer whose clock is a little slow believes it. */
const validity = (nowMs: number, days: number) => ({
  notBeforeMs: Math.floor((nowMs - HOUR_MS) / 1000) * 1000,
  notAfterMs: Math.floor((nowMs + days * DAY_MS) / 1000) * 1000,
});

interface LeafOrder {
  readonly authority: IssuingAuthority;
  readonly purpose: CertificatePurpose;
  readonly subject: readonly Attribute[];
  readonly hosts: readonly string[];
  readonly publicKey: KeyObject;
  readonly nowMs: number;
  readonly days: number;
}

async function issue(order: LeafOrder): Promise<string> {
  const { authority, purpose, publicKey, hosts, nowMs } = order;
  const root = parseCertificate(onlyCertificate(authority.rootCertPem));
  const country = root.subject.attributes.filter(({ oid }) => oid === ATTRIBUTE.country);
  const times = validity(nowMs, order.days);
  const certPem = await buildCertificate(
    {
      subject: [...country.map(({ oid, text }): Attribute => [oid, text]), ...order.subject],
      publicKey,
      notBeforeMs: times.notBeforeMs,
      notAfterMs: Math.min(times.notAfterMs, root.notAfterMs),
      extensions: [
        endEntityConstraints,
        signingKeyUsage,
        extendedKeyUsage(PURPOSE_USAGES[purpose]),
        ...(hosts.length > 0 ? [hostNames(hosts)] : []),
        subjectKeyIdentifier(keyIdentifierOf(publicKey)),
        authorityKeyIdentifier(root.extensions.subjectKeyIdentifier ?? new Uint8Array()),
      ],
    },
    createPrivateKey(authority.rootKeyPem),
    authority.rootCertPem,
  );
  const verdict = judgePath({
    leaf: onlyCertificate(certPem),
    intermediates: [],
    root: root.der,
    atMs: nowMs,
    purpose,
  });
  if (!verdict.ok)
    throw inputFault(
      `no peer would believe this certificate (${reasonName(verdict.reason)}): ${verdict.detail}`,
    );
  return certPem;
}

export interface AuthorityOptions {
  readonly node: string;
  /** Display name of the state or body. */
  readonly name: string;
  /** ISO 3166-1 alpha-2; empty for a body that belongs to no state. */
  readonly country: string;
  readonly nowMs: number;
  /** Host name suffixes that the authority may issue for; by default `<node>.tocsin.test`. */
  readonly permittedHosts?: readonly string[];
  readonly newRsaKey?: RsaKeySource;
}

/** Makes a national authority: root, statement certificate and ML-DSA-65 authority key. Nothing is written to disk. */
export async function createAuthority(options: AuthorityOptions): Promise<NationalAuthority> {
  const { node, name, country, nowMs, newRsaKey = generateRsa } = options;
  const permittedHosts = options.permittedHosts ?? [`${node.toLowerCase()}.${DEVELOPMENT_DOMAIN}`];
  if (!isNodeId(node)) throw inputFault('expected a node id such as XA');
  if (name.trim() === '') throw inputFault('expected a name of the state or body');
  if (country !== '' && !/^[A-Z]{2}$/.test(country))
    throw inputFault('expected a country of two letters, or none');
  if (permittedHosts.length === 0 || !permittedHosts.every(isHostName))
    throw inputFault('expected host names without a leading dot');
  const rootKey = await newRsaKey();
  const subject: Attribute[] = [
    ...(country === '' ? [] : [[ATTRIBUTE.country, country] as const]),
    [ATTRIBUTE.organization, name],
    [ATTRIBUTE.commonName, `Tocsin authority of ${node}`],
  ];
  const publicKey = createPublicKey(rootKey);
  const identifier = keyIdentifierOf(publicKey);
  const rootCertPem = await buildCertificate(
    {
      subject,
      publicKey,
      ...validity(nowMs, ROOT_DAYS),
      extensions: [
        authorityConstraints(0),
        authorityKeyUsage,
        permittedNames(permittedHosts),
        subjectKeyIdentifier(identifier),
        authorityKeyIdentifier(identifier),
      ],
    },
    rootKey,
  );
  const authority = { rootKeyPem: pemOf(rootKey), rootCertPem };
  const statement = await issueStatementCertificate({ authority, node, nowMs, newRsaKey });
  return {
    ...authority,
    statementKeyPem: statement.keyPem,
    statementCertPem: statement.certPem,
    authorityKey: pemOf(generateKeyPairSync('ml-dsa-65').privateKey),
  };
}

interface LeafOptions {
  readonly authority: IssuingAuthority;
  readonly node: string;
  readonly nowMs: number;
  readonly validDays?: number;
  readonly newRsaKey?: RsaKeySource;
}

async function withNewKey(
  options: LeafOptions,
  order: Omit<LeafOrder, 'authority' | 'publicKey' | 'nowMs'>,
): Promise<IssuedCertificate> {
  const { authority, nowMs, newRsaKey = generateRsa } = options;
  const key = await newRsaKey();
  const certPem = await issue({ ...order, authority, nowMs, publicKey: createPublicKey(key) });
  return { keyPem: pemOf(key), certPem, chainPem: certPem + authority.rootCertPem };
}

const nodeSubject = (node: string, what: string): readonly Attribute[] => [
  [ATTRIBUTE.organizationIdentifier, node],
  [ATTRIBUTE.commonName, `Tocsin ${what} of ${node}`],
];

/** A certificate whose key signs key statements and nothing else. */
export const issueStatementCertificate = (options: LeafOptions): Promise<IssuedCertificate> =>
  withNewKey(options, {
    purpose: 'statement',
    subject: nodeSubject(options.node, 'key statements'),
    hosts: [],
    days: options.validDays ?? STATEMENT_DAYS,
  });

/** A node's TLS certificate, for both ends of a connection. */
export const issueNodeCertificate = (
  options: LeafOptions & { readonly hosts?: readonly string[] },
): Promise<IssuedCertificate> =>
  withNewKey(options, {
    purpose: 'node',
    subject: nodeSubject(options.node, 'node'),
    hosts: options.hosts ?? [nodeHost(options.node)],
    days: options.validDays ?? LEAF_DAYS,
  });

/** What is renewed keeps its key: one file takes the place of another, and no moment has a key without its certificate. */
interface RenewalOptions {
  readonly authority: IssuingAuthority;
  readonly node: string;
  readonly nowMs: number;
  readonly publicKey: KeyObject;
}

/** The certificate that statements are signed under, for the key that it was for, PEM. */
export const renewStatementCertificate = ({ node, ...order }: RenewalOptions): Promise<string> =>
  issue({
    ...order,
    purpose: 'statement',
    subject: nodeSubject(node, 'key statements'),
    hosts: [],
    days: STATEMENT_DAYS,
  });

/** A node's TLS certificate for the key that it was for, and its root, PEM. */
export const renewNodeCertificate = async ({
  node,
  hosts,
  ...order
}: RenewalOptions & { readonly hosts: readonly string[] }): Promise<string> =>
  (await issue({ ...order, purpose: 'node', subject: nodeSubject(node, 'node'), hosts, days: LEAF_DAYS })) +
  order.authority.rootCertPem;

export interface OfficerDetails {
  readonly name: string;
  readonly agency: string;
  readonly deskGroup: DeskGroupToken;
  readonly role: OfficerRole;
}

const officerSubject = (node: string, officer: OfficerDetails): readonly Attribute[] => [
  [ATTRIBUTE.organizationIdentifier, node],
  [ATTRIBUTE.organization, officer.agency],
  [ATTRIBUTE.organizationalUnit, officer.deskGroup],
  [ATTRIBUTE.title, officer.role],
  [ATTRIBUTE.commonName, officer.name],
];

/** An officer's client certificate with a new key; see officer.ts for how it is read. */
export const issueOfficerCertificate = (options: LeafOptions & OfficerDetails): Promise<IssuedCertificate> =>
  withNewKey(options, {
    purpose: 'officer',
    subject: officerSubject(options.node, options),
    hosts: [],
    days: options.validDays ?? LEAF_DAYS,
  });

/**
 * Signs a PKCS#10 request; the key stays with its owner. The subject is what the authority says, not what the request
 * asks for. Throws CERTIFICATE_REQUEST_INVALID.
 */
export async function signCertificateRequest(
  options: Omit<LeafOptions, 'newRsaKey'> & {
    readonly requestPem: string;
    readonly for:
      | { readonly purpose: 'node'; readonly hosts?: readonly string[] }
      | ({ readonly purpose: 'officer' } & OfficerDetails);
  },
): Promise<{ readonly certPem: string; readonly chainPem: string }> {
  const { authority, node, nowMs, validDays: days = LEAF_DAYS, for: holder } = options;
  const publicKey = requestKey(options.requestPem);
  const certPem = await issue({
    authority,
    nowMs,
    days,
    publicKey,
    purpose: holder.purpose,
    subject: holder.purpose === 'node' ? nodeSubject(node, 'node') : officerSubject(node, holder),
    hosts: holder.purpose === 'node' ? (holder.hosts ?? [nodeHost(node)]) : [],
  });
  return { certPem, chainPem: certPem + authority.rootCertPem };
}

/** Raw public half of the ML-DSA-65 authority key, as the roster pins it. */
export const authorityPublicKey = (authority: Pick<NationalAuthority, 'authorityKey'>): Uint8Array =>
  rawPublicKey('ml-dsa-65', createPrivateKey(authority.authorityKey));
