/** The broker's folder: configuration and permissions out of a roster, its certificate, the administrator's key. The broker is trusted with nothing. */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { z } from 'zod';
import { MemberStatus } from '../gen/tocsin/record/v1/identity.ts';
import {
  certificateToPem,
  createAuthority,
  issueNodeCertificate,
  makeSecretDirectory,
  readSecret,
  type VerifiedRoster,
  writeSecret,
} from '../identity/index.ts';
import {
  ADMINISTRATOR_INBOX,
  connectBroker,
  describeBroker,
  newBrokerUser,
  serverConfiguration,
  setUpMailboxes,
} from '../transport/index.ts';
import { NodeError } from './errors.ts';

const FILES = {
  ca: 'ca.pem',
  certificate: 'broker.pem',
  key: 'broker.key.pem',
  adminCertificate: 'admin.pem',
  adminKey: 'admin.key.pem',
  adminSeed: 'admin.nk',
  memberRoots: 'member-roots.pem',
  configuration: 'nats-server.conf',
  facts: 'broker.json',
} as const;

const facts = z.strictObject({
  net: z.string(),
  nodes: z.array(z.string()),
  host: z.string(),
  port: z.number().int(),
  name: z.string(),
  adminUser: z.string(),
});

export interface BrokerSetup {
  readonly dir: string;
  readonly roster: VerifiedRoster;
  readonly host: string;
  readonly port: number;
  /** Name in the broker's certificate. */
  readonly name: string;
  /** A further user that may do everything, for finding faults and for tests of a hostile operator. */
  readonly operatorUser?: string;
  readonly nowMs: number;
}

/** Version that `nats-server` on the PATH says; empty where there is none. */
export function installedBrokerVersion(): string {
  const found = spawnSync('nats-server', ['--version'], { encoding: 'utf8' });
  return /v?(\d+\.\d+\.\d+)/.exec(found.stdout ?? '')?.[1] ?? '';
}

/** Certificate authority and certificates of the broker; made once, kept when the configuration is written again. */
async function makeCertificates(dir: string, name: string, nowMs: number): Promise<void> {
  if (existsSync(join(dir, FILES.ca))) return;
  const authority = await createAuthority({
    node: 'BROKER',
    name: 'Broker operator',
    country: '',
    permittedHosts: [name],
    nowMs,
  });
  const server = await issueNodeCertificate({ authority, node: 'BROKER', nowMs, hosts: [name] });
  const admin = await issueNodeCertificate({ authority, node: 'ADMIN', nowMs, hosts: [name] });
  await writeSecret(join(dir, 'ca.key.pem'), authority.rootKeyPem);
  await writeSecret(join(dir, FILES.key), server.keyPem);
  await writeFile(join(dir, FILES.certificate), server.chainPem);
  await writeSecret(join(dir, FILES.adminKey), admin.keyPem);
  await writeFile(join(dir, FILES.adminCertificate), admin.chainPem);
  await writeFile(join(dir, FILES.ca), authority.rootCertPem);
}

/** Writes the folder; writing it again for a newer roster keeps keys and certificates and renews the permissions. */
export async function writeBroker(
  setup: BrokerSetup,
): Promise<{ readonly configuration: string; readonly ca: string }> {
  const dir = resolve(setup.dir);
  await makeSecretDirectory(dir);
  await makeCertificates(dir, setup.name, setup.nowMs);
  const adminSeed = join(dir, FILES.adminSeed);
  let adminUser: string;
  if (existsSync(adminSeed)) {
    adminUser = facts.parse(JSON.parse(await readFile(join(dir, FILES.facts), 'utf8'))).adminUser;
  } else {
    const admin = newBrokerUser();
    await writeSecret(adminSeed, admin.seed);
    adminUser = admin.publicKey;
  }
  const members = setup.roster.roster.members.filter(
    ({ status, brokerUser }) => status !== MemberStatus.MEMBER_STATUS_EXPELLED && brokerUser !== '',
  );
  const storeDir = join(dir, 'store');
  await mkdir(storeDir, { recursive: true, mode: 0o700 });
  await writeFile(
    join(dir, FILES.memberRoots),
    [
      await readFile(join(dir, FILES.ca), 'utf8'),
      ...members.map(({ authorityCertificate }) => certificateToPem(authorityCertificate)),
    ].join(''),
  );
  const configuration = join(dir, FILES.configuration);
  await writeFile(
    configuration,
    serverConfiguration({
      members,
      net: setup.roster.net,
      host: setup.host,
      port: setup.port,
      storeDir,
      tls: {
        cert: join(dir, FILES.certificate),
        key: join(dir, FILES.key),
        ca: join(dir, FILES.memberRoots),
      },
      adminUser,
      ...(setup.operatorUser === undefined ? {} : { operatorUser: setup.operatorUser }),
      serverVersion: installedBrokerVersion(),
    }),
  );
  await writeFile(
    join(dir, FILES.facts),
    `${JSON.stringify({ net: setup.roster.net, nodes: members.map(({ node }) => node), host: setup.host, port: setup.port, name: setup.name, adminUser }, undefined, 2)}\n`,
  );
  return { configuration, ca: join(dir, FILES.ca) };
}

/** Creates the mailboxes on the running broker of a folder; repeating it changes nothing. Throws BROKER_UNREACHABLE. */
export async function makeMailboxes(
  dir: string,
  waitMs: number,
): Promise<{
  readonly nodes: readonly string[];
  readonly version: string;
  readonly warnings: readonly string[];
}> {
  if (!existsSync(join(dir, FILES.facts)))
    throw new NodeError({
      code: 'FILE_INVALID',
      message: `${dir} is no broker's folder: expected broker.json; run \`tocsin network broker\` first`,
    });
  const broker = facts.parse(JSON.parse(await readFile(join(dir, FILES.facts), 'utf8')));
  const text = async (bytes: Promise<Uint8Array>) => new TextDecoder().decode(await bytes);
  await using connection = await connectBroker({
    servers: [`tls://${broker.host}:${broker.port}`],
    tls: {
      ca: await readFile(join(dir, FILES.ca), 'utf8'),
      cert: await readFile(join(dir, FILES.adminCertificate), 'utf8'),
      key: await text(readSecret(join(dir, FILES.adminKey))),
      serverName: broker.name,
    },
    nkeySeed: await text(readSecret(join(dir, FILES.adminSeed))),
    inboxPrefix: ADMINISTRATOR_INBOX,
    name: 'tocsin administrator',
    firstConnectTimeoutMs: waitMs,
  }).catch((cause: unknown) => {
    throw new NodeError({
      code: 'BROKER_UNREACHABLE',
      message: `no broker answers at ${broker.host}:${broker.port}; start it with \`nats-server --config ${join(dir, FILES.configuration)}\``,
      retry: 'later',
      cause,
    });
  });
  await setUpMailboxes(connection, broker.net, broker.nodes);
  return { nodes: broker.nodes, ...describeBroker(connection) };
}
