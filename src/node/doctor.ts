/** Examination of a node's folder, running or not: what is wrong, and what to do. Changes nothing. */
import { X509Certificate } from 'node:crypto';
import { existsSync, statfsSync } from 'node:fs';
import { join } from 'node:path';
import { fromHex } from '../base/bytes.ts';
import { TocsinError } from '../base/error.ts';
import { judgeStatement, Keyring, readSecret, type VerifiedRoster } from '../identity/index.ts';
import { reasonName } from '../record/index.ts';
import { openStore } from '../store/index.ts';
import { connectBroker, describeBroker, inboxPrefix, mailStream } from '../transport/index.ts';
import { inNode, loadConfig, type NodeConfig, type NodePaths } from './config.ts';
import { CREDENTIAL_WARNING_MS } from './credential-watch.ts';
import { NodeError } from './errors.ts';
import { NODE_SECRETS } from './founding.ts';
import { readNodeFile, readNodeText, readRosterHistory, readStatement } from './node-files.ts';
import { putPolicyInForce } from './policy-in-force.ts';
import { believedRoster } from './roster-file.ts';
import { describeStore, storeOptions } from './store-place.ts';

const DAY_MS = 86_400_000;
const SOON_DAYS = CREDENTIAL_WARNING_MS / DAY_MS;
const LEAST_FREE_BYTES = 1024 ** 3;
const BROKER_WAIT_MS = 5_000;
/** Nothing of this program is older; a clock before it is wrong. */
const EARLIEST_MS = Date.UTC(2026, 0, 1);

export type Level = 'ok' | 'warning' | 'fault';

export interface Finding {
  readonly subject: string;
  readonly level: Level;
  readonly detail: string;
}

const finding = (subject: string, level: Level, detail: string): Finding => ({ subject, level, detail });

function sentence(error: unknown): string {
  if (!(error instanceof TocsinError)) return error instanceof Error ? error.message : String(error);
  const faults =
    error instanceof NodeError ? error.faults.map(({ path, message }) => `${path}: ${message}`) : [];
  return `${[error.message, ...faults].join('; ')} [${error.code}]`;
}

/** Runs one check; what it throws is its finding. */
async function check(subject: string, examine: () => Promise<Finding[]> | Finding[]): Promise<Finding[]> {
  try {
    return await examine();
  } catch (error) {
    return [finding(subject, 'fault', sentence(error))];
  }
}

function expiry(subject: string, endMs: number, nowMs: number, remedy: string): Finding {
  const days = Math.floor((endMs - nowMs) / DAY_MS);
  if (endMs <= nowMs)
    return finding(subject, 'fault', `expired on ${new Date(endMs).toISOString().slice(0, 10)}: ${remedy}`);
  if (days < SOON_DAYS) return finding(subject, 'warning', `expires in ${days} days: ${remedy}`);
  return finding(subject, 'ok', `valid for ${days} days`);
}

function examineDisk(paths: NodePaths): Finding[] {
  const { bavail, bsize } = statfsSync(paths.dir);
  const free = Number(bavail) * Number(bsize);
  const gigabytes = (free / 1024 ** 3).toFixed(1);
  return [
    free < LEAST_FREE_BYTES
      ? finding('disk', 'warning', `${gigabytes} GiB free: below 1 GiB a node soon has to refuse new records`)
      : finding('disk', 'ok', `${gigabytes} GiB free`),
  ];
}

async function examineStore(paths: NodePaths, config: NodeConfig, nowMs: number): Promise<Finding[]> {
  const place = config.store === undefined ? `SQLite, ${paths.store}` : describeStore(paths, config);
  if (config.store === undefined && !existsSync(paths.store))
    return [finding('store', 'ok', 'not made yet: the first `node run` makes it')];
  try {
    await using store = await openStore(await storeOptions(paths, config));
    return await store.read(async (tx) => {
      const { items } = await tx.alarms.list({ open: true });
      const sizes = await tx.outbox.sizes();
      const newest = (await tx.records.list({ world: 'both', limit: 1 })).items[0];
      return [
        finding('store', 'ok', `opens, and its integrity check passes; ${place}`),
        ...(newest !== undefined && newest.committedAt > nowMs + 60_000
          ? [finding('clock', 'fault', 'the store holds records from the future: the clock has gone back')]
          : []),
        ...items.map((alarm) => finding('alarm', 'fault', `${alarm.code} ${alarm.subject}: ${alarm.detail}`)),
        ...sizes
          .filter(({ waiting, sent }) => waiting + sent > 0)
          .map((size) =>
            finding(
              'links',
              nowMs - (size.oldestAt ?? nowMs) > DAY_MS ? 'warning' : 'ok',
              `${size.waiting + size.sent} items for ${size.recipient} in lane ${size.lane} are not receipted yet`,
            ),
          ),
      ];
    });
  } catch (error) {
    if (error instanceof TocsinError && error.code === 'STORE_IN_USE')
      return [
        finding(
          'store',
          'ok',
          `in use: the node is running; \`tocsin node status\` tells of links and alarms; ${place}`,
        ),
      ];
    throw error;
  }
}

async function examineBroker(
  paths: NodePaths,
  config: NodeConfig,
  roster: VerifiedRoster,
): Promise<Finding[]> {
  const text = async (file: string) => new TextDecoder().decode(await readSecret(join(paths.keys, file)));
  await using broker = await connectBroker({
    servers: config.broker.servers,
    tls: {
      ca: readNodeText(inNode(paths, config.broker.ca), "put the broker's ca.pem there"),
      cert: readNodeText(paths.tlsCertificate, 'restore it from a backup'),
      key: await text(NODE_SECRETS.tlsKey),
      serverName: config.broker.serverName,
    },
    nkeySeed: await text(NODE_SECRETS.brokerSeed),
    inboxPrefix: inboxPrefix(config.node),
    name: `tocsin doctor ${config.node}`,
    firstConnectTimeoutMs: BROKER_WAIT_MS,
  });
  const { version, warnings } = describeBroker(broker);
  const findings = [
    finding('broker', 'ok', `nats-server ${version} answers`),
    ...warnings.map((warning) => finding('broker', 'warning', warning)),
  ];
  for (const lane of [0, 1]) {
    try {
      const backlog = await broker.backlog(mailStream(roster.net), `${config.node}_${lane}`);
      findings.push(finding('mailbox', 'ok', `lane ${lane}: ${backlog} parcels wait`));
    } catch (error) {
      findings.push(
        finding(
          'mailbox',
          'fault',
          `lane ${lane}: ${sentence(error)}; has the operator run \`tocsin network mailboxes\`?`,
        ),
      );
    }
  }
  // A broker that lets a member listen to others' calls runs without the permissions of the roster.
  const refused = Promise.withResolvers<boolean>();
  const watching = broker.onStatus(({ type }) => type === 'refused' && refused.resolve(true));
  const probe = broker.subscribe(`tocsin.${roster.net}.rpc.*.*`, () => undefined);
  await broker.flush().catch(() => undefined);
  const timer = setTimeout(() => refused.resolve(false), 500);
  const isRefused = await refused.promise;
  clearTimeout(timer);
  probe.close();
  watching.close();
  findings.push(
    isRefused
      ? finding('permissions', 'ok', "the broker refuses to let this node listen to others' calls")
      : finding(
          'permissions',
          'warning',
          "the broker lets this node listen to others' calls: its configuration was not made from the roster",
        ),
  );
  return findings;
}

/** Everything that can be seen from the node's folder. */
export async function examineNode(paths: NodePaths, nowMs: number): Promise<readonly Finding[]> {
  const findings: Finding[] = [];
  const add = async (subject: string, examine: () => Promise<Finding[]> | Finding[]) => {
    findings.push(...(await check(subject, examine)));
  };
  await add('clock', () => [
    nowMs < EARLIEST_MS
      ? finding('clock', 'fault', 'the clock is years behind: set it, or no partner will believe this node')
      : finding('clock', 'ok', new Date(nowMs).toISOString()),
  ]);
  let config: NodeConfig | undefined;
  await add('configuration', () => {
    config = loadConfig(paths);
    return [finding('configuration', 'ok', paths.config)];
  });
  // Not even the start of a node is there: every further check would say the same.
  if (!existsSync(paths.memberRequest)) return findings;
  await add('disk', () => examineDisk(paths));
  await add('keys', async () => {
    await Keyring.open(paths.keys);
    for (const file of Object.values(NODE_SECRETS)) await readSecret(join(paths.keys, file));
    return [finding('keys', 'ok', 'all there, readable by their owner only')];
  });
  await add('certificate', () => [
    expiry(
      'certificate',
      Date.parse(new X509Certificate(readNodeFile(paths.tlsCertificate, 'restore it from a backup')).validTo),
      nowMs,
      'run `tocsin keys renew` with the authority at hand',
    ),
  ]);
  if (config === undefined) return findings;
  const { networkDigest, node, nationalPolicy } = config;
  const network = fromHex(networkDigest);
  let roster: VerifiedRoster | undefined;
  await add('roster', () => {
    roster = believedRoster(readRosterHistory(paths), network);
    return [
      expiry('roster', Number(roster.roster.expires), nowMs, 'the members have to sign the next version'),
    ];
  });
  if (roster === undefined) return findings;
  const inUse = roster;
  await add('key statement', () => {
    const verdict = judgeStatement({
      network,
      roster: inUse,
      signed: readStatement(paths),
      atMs: nowMs,
    });
    return [
      verdict.ok
        ? expiry(
            'key statement',
            verdict.value.notAfterMs,
            nowMs,
            'run `tocsin keys rotate` with the authority at hand',
          )
        : finding(
            'key statement',
            'fault',
            `no partner believes it (${reasonName(verdict.reason)}): ${verdict.detail}`,
          ),
    ];
  });
  await add('policy', () => {
    const file = inNode(paths, nationalPolicy);
    putPolicyInForce({
      self: node,
      roster: inUse,
      national: readNodeText(file, 'put the national policy there'),
      source: file,
    });
    return [finding('policy', 'ok', `${file} is in order`)];
  });
  const known = config;
  await add('store', () => examineStore(paths, known, nowMs));
  await add('broker', () => examineBroker(paths, known, inUse));
  return findings;
}
