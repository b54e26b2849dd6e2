/**
 * Text of a nats-server configuration out of the network's members: one user each, with exactly the subjects that it needs
 * (allow lists only; design §6, `$JS.>` for nobody but the administrator).
 */
import { TransportError } from '../errors.ts';
import {
  inboxPrefix,
  isNodeId,
  LANES,
  mailDurable,
  mailFrom,
  mailStream,
  rpcFilter,
  rpcFrom,
  topicFilter,
  topicSubject,
} from '../subject.ts';

/** Own inboxes of the broker's administrator; lower case, so that no node id can be it. */
export const ADMINISTRATOR_INBOX = '_INBOX_administrator';

export interface BrokerMember {
  readonly node: string;
  /** Public nkey (`U…`), as in the roster. */
  readonly brokerUser: string;
}

export interface ServerConfiguration {
  readonly members: readonly BrokerMember[];
  /** Network token. */
  readonly net: string;
  readonly host: string;
  readonly port: number;
  /** Directory of JetStream's files. */
  readonly storeDir: string;
  /** Paths of PEM files; clients need certificates of the `ca`. Absent = no TLS: for tests only. */
  readonly tls?: { readonly cert: string; readonly key: string; readonly ca: string };
  /** Public nkey of the administrator, who makes streams and consumers. */
  readonly adminUser: string;
  /** A further user that may do everything: for finding faults, and for tests of a hostile operator. */
  readonly operatorUser?: string;
  /** Version of the server that reads this (`2.9.10`): older ones refuse options that newer ones should have. */
  readonly serverVersion?: string;
  /** Where a monitoring port is wanted. */
  readonly httpPort?: number;
  readonly pidFile?: string;
  readonly maxStoreBytes?: number;
}

const NKEY = /^U[A-Z2-7]{55}$/;

const quote = (text: string): string => JSON.stringify(text);
const list = (subjects: readonly string[]): string => `[${subjects.map(quote).join(', ')}]`;

/** What a member may publish. Answers go by `allow_responses`. */
const memberPublishes = (net: string, node: string): readonly string[] => [
  mailFrom(net, node),
  rpcFrom(net, node),
  topicSubject('log', net, node),
  topicSubject('presence', net, node),
  ...LANES.flatMap((lane) => [
    `$JS.API.CONSUMER.INFO.${mailStream(net)}.${mailDurable(node, lane)}`,
    `$JS.API.CONSUMER.MSG.NEXT.${mailStream(net)}.${mailDurable(node, lane)}`,
  ]),
];

/** What a member may subscribe to. */
const memberSubscribes = (net: string, node: string): readonly string[] => [
  `${inboxPrefix(node)}.>`,
  rpcFilter(net, node),
  topicFilter('log', net),
  topicFilter('presence', net),
];

/** Throws TransportError CONFIGURATION_INVALID for a member or user that has no valid id or key, or one key twice. */
export function serverConfiguration(options: ServerConfiguration): string {
  const users = [options.adminUser, ...(options.operatorUser === undefined ? [] : [options.operatorUser])];
  for (const { node, brokerUser } of options.members) {
    if (!isNodeId(node)) throw invalid(`expected a node id, got '${node.slice(0, 20)}'`);
    users.push(brokerUser);
  }
  for (const user of users)
    if (!NKEY.test(user)) throw invalid('expected the public nkey of a user (U and 55 characters)');
  if (new Set(users).size !== users.length)
    throw invalid('expected a broker user of its own for each member');

  const { tls } = options;
  const modern = isAtLeast(options.serverVersion ?? '', 2, 10);
  return `${[
    '# Made from the roster: do not edit. Allow lists only; every member has its own subjects and inbox.',
    `listen: ${quote(`${options.host}:${options.port}`)}`,
    ...(options.httpPort === undefined ? [] : [`http: ${quote(`127.0.0.1:${options.httpPort}`)}`]),
    ...(options.pidFile === undefined ? [] : [`pid_file: ${quote(options.pidFile)}`]),
    'max_payload: 1MB',
    // A client that does not read is cut after this long; until then it holds up those who send to it.
    'write_deadline: "2s"',
    'max_control_line: 4KB',
    'max_subscriptions: 10000',
    'jetstream {',
    `  store_dir: ${quote(options.storeDir)}`,
    `  max_memory_store: 1MB`,
    ...(options.maxStoreBytes === undefined ? [] : [`  max_file_store: ${options.maxStoreBytes}`]),
    // Sync before each acknowledgement; servers before 2.10 refuse the option (and keep mail less safely).
    ...(modern ? ['  sync_interval: always'] : []),
    '}',
    ...(tls === undefined
      ? []
      : [
          'tls {',
          `  cert_file: ${quote(tls.cert)}`,
          `  key_file: ${quote(tls.key)}`,
          `  ca_file: ${quote(tls.ca)}`,
          '  verify: true',
          '  timeout: 5',
          '}',
        ]),
    'authorization {',
    '  timeout: 5',
    '  users: [',
    ...options.members.flatMap(({ node, brokerUser }) => memberLines(options.net, node, brokerUser)),
    `    { nkey: ${quote(options.adminUser)}, permissions: { publish: { allow: ["$JS.API.>"] }, subscribe: { allow: [${quote(`${ADMINISTRATOR_INBOX}.>`)}] } } }`,
    ...(options.operatorUser === undefined ? [] : [`    { nkey: ${quote(options.operatorUser)} }`]),
    '  ]',
    '}',
  ].join('\n')}\n`;
}

function memberLines(net: string, node: string, user: string): readonly string[] {
  return [
    `    { nkey: ${quote(user)}, permissions: { # ${node}`,
    `        publish: { allow: ${list(memberPublishes(net, node))} }`,
    `        subscribe: { allow: ${list(memberSubscribes(net, node))} }`,
    // Answers to calls, and acknowledgements of mail: longer than the consumers' ack_wait.
    '        allow_responses: { max: 100000, expires: "10m" } } }',
  ];
}

const invalid = (message: string): TransportError => new TransportError('CONFIGURATION_INVALID', message);

/** Numbers of `2.12.3`; undefined for what is no version. */
function parseVersion(version: string): readonly [number, number, number] | undefined {
  const [, major, minor, patch] = /^v?(\d{1,4})\.(\d{1,4})\.(\d{1,4})/.exec(version) ?? [];
  return patch === undefined ? undefined : [Number(major), Number(minor), Number(patch)];
}

function isAtLeast(version: string, ...least: readonly number[]): boolean {
  const parts = parseVersion(version);
  if (parts === undefined) return false;
  for (const [index, wanted] of least.entries()) {
    const part = parts[index] ?? 0;
    if (part !== wanted) return part > wanted;
  }
  return true;
}

/** What is wrong with a broker's version, for `doctor` and the log; empty where nothing is. */
export function brokerWarnings(version: string): readonly string[] {
  if (parseVersion(version) === undefined) return ['the broker does not say its version'];
  const warnings: string[] = [];
  if (!isAtLeast(version, 2, 10))
    warnings.push(
      `broker ${version} has no sync_interval: mail that it acknowledged may be gone after a power cut. Receipts make the sender send it again; install 2.12.12 or newer with sync_interval: always.`,
    );
  const fixed = isAtLeast(version, 2, 14, 0) ? isAtLeast(version, 2, 14, 3) : isAtLeast(version, 2, 12, 12);
  if (!fixed)
    warnings.push(
      `broker ${version} lacks fixes for published authorisation faults (CVE-2025-30215, CVE-2026-33222 and others): install 2.12.12 or 2.14.3 or newer.`,
    );
  return warnings;
}
