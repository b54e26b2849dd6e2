/**
 * How a member comes to be: its authority and keys (`init`), its place in a network (`join`), its officers. Everything that
 * grants trust or makes an identity is an explicit call; running a node never makes one.
 */
import { X509Certificate } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { stringify } from 'yaml';
import { fromHex, hex } from '../base/bytes.ts';
import { RosterHistory, SignedKeyStatement } from '../gen/tocsin/record/v1/identity.ts';
import {
  authorityPublicKey,
  createAuthority,
  createStatement,
  type DeskGroupToken,
  encodeMemberRequest,
  generateHybrid,
  type HybridPublic,
  issueNodeCertificate,
  issueOfficerCertificate,
  judgeStatement,
  Keyring,
  type MemberRoleToken,
  makeSecretDirectory,
  type NationalAuthority,
  nodeHost,
  type OfficerRole,
  parseMemberRequest,
  readSecret,
  toPkcs12,
  writeSecret,
} from '../identity/index.ts';
import { nationalTemplate } from '../policy/index.ts';
import { KINDS, reasonName } from '../record/index.ts';
import { newBrokerUser } from '../transport/index.ts';
import { loadConfig, type NodePaths, parseConfig, pathsOf } from './config.ts';
import { NodeError } from './errors.ts';
import { believedRoster } from './roster-file.ts';

const DAY_MS = 86_400_000;
const STATEMENT_DAYS = 365;

export const AUTHORITY_FILES = {
  rootKeyPem: 'root.key.pem',
  rootCertPem: 'root.pem',
  statementKeyPem: 'statement.key.pem',
  statementCertPem: 'statement.pem',
  authorityKey: 'authority.key.pem',
} as const satisfies Record<keyof NationalAuthority, string>;

/** Names of the secrets that stand beside the keyring's own. */
export const NODE_SECRETS = { tlsKey: 'tls.key.pem', brokerSeed: 'broker.nk' } as const;

function refuseExisting(path: string, what: string): void {
  if (existsSync(path))
    throw new NodeError({
      code: 'ALREADY_EXISTS',
      message: `${path} is there already: ${what}`,
      facts: { path },
    });
}

export interface InitOptions {
  readonly dir: string;
  readonly node: string;
  readonly name: string;
  /** ISO 3166-1 alpha-2; empty for a body that belongs to no state. */
  readonly country: string;
  readonly role: MemberRoleToken;
  readonly groups: readonly string[];
  readonly deskGroups: readonly DeskGroupToken[];
  readonly duties: readonly string[];
  /** Name in the node's TLS certificate; default node.<id>.tocsin.test. */
  readonly tlsName?: string;
  readonly nowMs: number;
}

/**
 * Makes authority, keys, TLS certificate, broker user and member.json. Throws ALREADY_EXISTS (keys are never
 * overwritten) and MEMBER_REQUEST_INVALID, before anything is written.
 */
export async function initNode(
  options: InitOptions,
): Promise<{ readonly paths: NodePaths; readonly tlsName: string }> {
  const { node, nowMs } = options;
  const paths = pathsOf(options.dir);
  refuseExisting(paths.memberRequest, 'choose another folder, or keep the member that it holds');
  refuseExisting(paths.authority, 'choose another folder, or keep the authority that it holds');
  const tlsName = options.tlsName ?? nodeHost(node);
  const authority = await createAuthority({
    node,
    name: options.name,
    country: options.country,
    nowMs,
    ...(options.tlsName === undefined ? {} : { permittedHosts: [options.tlsName] }),
  });
  const tls = await issueNodeCertificate({ authority, node, nowMs, hosts: [tlsName] });
  const broker = newBrokerUser();
  const requestWith = (governanceKey: HybridPublic): string =>
    encodeMemberRequest({
      node,
      name: options.name,
      country: options.country,
      role: options.role,
      groups: [...options.groups],
      deskGroups: [...options.deskGroups],
      duties: [...options.duties],
      brokerUser: broker.publicKey,
      authorityCertificate: authority.rootCertPem,
      authorityKey: authorityPublicKey(authority),
      governanceKey,
    });
  // Whoever founds the network would refuse a faulty request: said now, while nothing is written.
  parseMemberRequest(requestWith(generateHybrid().publicKey));
  await makeSecretDirectory(paths.dir);
  await makeSecretDirectory(paths.authority);
  for (const [part, file] of Object.entries(AUTHORITY_FILES) as [keyof NationalAuthority, string][])
    await writeSecret(join(paths.authority, file), authority[part]);
  const keyring = await Keyring.create(paths.keys);
  await writeSecret(join(paths.keys, NODE_SECRETS.tlsKey), tls.keyPem);
  await writeSecret(join(paths.keys, NODE_SECRETS.brokerSeed), broker.seed);
  await writeFile(paths.tlsCertificate, tls.chainPem);
  await writeFile(paths.authorityRoot, authority.rootCertPem);
  // Last, as the sign that the folder is whole.
  await writeFile(paths.memberRequest, requestWith(keyring.governance));
  return { paths, tlsName };
}

/** The authority's files of a node's folder; throws NOT_INITIALISED where they were moved away or never made. */
export async function loadAuthority(paths: NodePaths): Promise<NationalAuthority> {
  if (!existsSync(join(paths.authority, AUTHORITY_FILES.rootKeyPem)))
    throw new NodeError({
      code: 'NOT_INITIALISED',
      message: `${paths.authority} holds no authority: put its folder back for this command, or run \`tocsin node init\` first`,
    });
  const read = async (part: keyof NationalAuthority) =>
    new TextDecoder().decode(await readSecret(join(paths.authority, AUTHORITY_FILES[part])));
  return {
    rootKeyPem: await read('rootKeyPem'),
    rootCertPem: await read('rootCertPem'),
    statementKeyPem: await read('statementKeyPem'),
    statementCertPem: await read('statementCertPem'),
    authorityKey: await read('authorityKey'),
  };
}

export interface JoinOptions {
  readonly dir: string;
  /** Signed. */
  readonly roster: RosterHistory;
  readonly networkDigest: string;
  readonly brokerServers: readonly string[];
  /** PEM. */
  readonly brokerCa: string;
  readonly brokerName: string;
  readonly deskHost: string;
  readonly deskPort: number;
  readonly tickMs: number;
  readonly policyTemplate: 'standard' | 'strict';
  /** Further keys of node.yaml, as the demo's short intervals. */
  readonly overrides?: Readonly<Record<string, unknown>>;
  readonly nowMs: number;
}

/** Node id of a folder that `init` made. */
export function nodeIdOf(paths: NodePaths): string {
  if (!existsSync(paths.memberRequest))
    throw new NodeError({
      code: 'NOT_INITIALISED',
      message: `${paths.dir} is no member's folder: expected member.json; run \`tocsin node init\` first`,
    });
  return parseMemberRequest(readFileSync(paths.memberRequest, 'utf8')).node;
}

/** Pins the network, makes the node's first key statement, writes node.yaml. Nothing is written unless all of it holds. */
export async function joinNetwork(
  options: JoinOptions,
): Promise<{ readonly paths: NodePaths; readonly node: string }> {
  const paths = pathsOf(options.dir);
  const node = nodeIdOf(paths);
  refuseExisting(paths.config, 'the node has joined a network already');
  const history = options.roster;
  const network = fromHex(options.networkDigest);
  const roster = believedRoster(history, network);
  if (roster.isExpired(options.nowMs))
    throw new NodeError({
      code: 'NETWORK_MISMATCH',
      message: 'the roster has expired: get the version in use',
    });
  if (roster.member(node) === undefined)
    throw new NodeError({
      code: 'NETWORK_MISMATCH',
      message: `the roster does not list ${node}: send member.json to those who keep it`,
    });
  const signed = await createStatement(
    {
      network,
      node,
      incarnation: 1,
      sequence: 1n,
      notBeforeMs: options.nowMs,
      notAfterMs: options.nowMs + STATEMENT_DAYS * DAY_MS,
      keyring: await Keyring.open(paths.keys),
      kinds: [...KINDS.values()].map((kind) => ({ kind: kind.code, schemaVersion: kind.schemaVersion })),
    },
    await loadAuthority(paths),
  );
  const statement = judgeStatement({ network, roster, signed, atMs: options.nowMs });
  if (!statement.ok)
    throw new NodeError({
      code: 'NETWORK_MISMATCH',
      message: `no partner would believe this node (${reasonName(statement.reason)}): ${statement.detail}; was member.json changed after it was handed in?`,
    });
  const config = stringify({
    node,
    networkDigest: hex(network),
    broker: { servers: options.brokerServers, ca: 'broker-ca.pem', serverName: options.brokerName },
    desk: { host: options.deskHost, port: options.deskPort },
    nationalPolicy: 'policy/national.cedar',
    log: { tickMs: options.tickMs },
    ...options.overrides,
  });
  parseConfig(config, paths.config);
  await mkdir(join(paths.dir, 'policy'), { recursive: true });
  await writeFile(join(paths.dir, 'policy', 'national.cedar'), nationalTemplate(options.policyTemplate));
  await writeFile(join(paths.dir, 'broker-ca.pem'), options.brokerCa);
  await writeFile(paths.rosterHistory, RosterHistory.encode(history).finish());
  await writeFile(paths.statement, SignedKeyStatement.encode(signed).finish());
  await writeFile(
    paths.config,
    `# Configuration of node ${node}; deploy/node.example.yaml explains every key.\n${config}`,
  );
  return { paths, node };
}

export interface OfficerOptions {
  readonly dir: string;
  readonly out: string;
  readonly name: string;
  readonly agency: string;
  readonly deskGroup: DeskGroupToken;
  readonly role: OfficerRole;
  readonly validDays: number;
  readonly p12Password?: string;
  readonly nowMs: number;
}

/** Makes an officer's folder: key, certificate, the authority's root, and where the desk listens. */
export async function issueOfficer(options: OfficerOptions): Promise<void> {
  const paths = pathsOf(options.dir);
  const config = loadConfig(paths);
  refuseExisting(options.out, 'choose another folder');
  const authority = await loadAuthority(paths);
  const issued = await issueOfficerCertificate({
    authority,
    node: config.node,
    name: options.name,
    agency: options.agency,
    deskGroup: options.deskGroup,
    role: options.role,
    validDays: options.validDays,
    nowMs: options.nowMs,
  });
  await makeSecretDirectory(options.out);
  await writeSecret(join(options.out, 'key.pem'), issued.keyPem);
  await writeFile(join(options.out, 'cert.pem'), issued.chainPem);
  await writeFile(join(options.out, 'ca.pem'), authority.rootCertPem);
  if (options.p12Password !== undefined)
    await writeSecret(
      join(options.out, 'officer.p12'),
      await toPkcs12(issued, { password: options.p12Password, friendlyName: basename(options.out) }),
    );
  await writeFile(
    join(options.out, 'desk.json'),
    `${JSON.stringify({ address: `${config.desk.host}:${config.desk.port}`, serverName: tlsNameOf(paths) }, undefined, 2)}\n`,
  );
}

/** The name that the node's TLS certificate carries. */
export function tlsNameOf(paths: NodePaths): string {
  const names = new X509Certificate(readFileSync(paths.tlsCertificate)).subjectAltName ?? '';
  return /DNS:([^,\s]+)/.exec(names)?.[1] ?? '';
}
