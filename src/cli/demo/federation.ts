/**
 * The demo's federation on one machine, made by the same calls as a real one: five members with their own authorities, a
 * roster signed by threshold, a broker configured out of it, a folder and processes for each.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fromHex, hex } from '../../base/bytes.ts';
import {
  isDeskGroupToken,
  Keyring,
  type MemberRequest,
  type OfficerRole,
  parseMemberRequest,
} from '../../identity/index.ts';
import {
  adoptIntoFolder,
  believedRoster,
  createNetwork,
  encodeRosterFile,
  initNode,
  inviteOfficer,
  issueOfficer,
  joinNetwork,
  makeMailboxes,
  type ProposeNext,
  pathsOf,
  proposeNext,
  readRosterFile,
  readRosterHistory,
  signNewest,
  writeBroker,
} from '../../node/index.ts';
import { baselinePolicy } from '../../policy/index.ts';
import { CliError } from '../failure.ts';
import { freePort } from './free-port.ts';
import { assertProgram, type Running, start } from './processes.ts';
import { CAST, type Cast, NETWORK_NAME } from './story.ts';

const BROKER_NAME = 'broker.tocsin.test';
const FACTS = 'demo.json';

/** What to found. */
export interface Plan {
  readonly networkName: string;
  readonly cast: readonly Cast[];
  /** Governance signatures that a roster needs. */
  readonly threshold: number;
  readonly tickMs: number;
  /** Further keys of every node.yaml. */
  readonly settings: Readonly<Record<string, unknown>>;
  /** Public nkey of a broker user who may do everything: for tests of a hostile operator. */
  readonly operatorUser?: string;
  /** How long certificates of officers count; a month where absent. */
  readonly officerDays?: number;
  /** Serves the console of each node on this machine, and invites its officers to it. */
  readonly consoles?: true;
}

const OFFICER_DAYS = 30;

/** The demo's own. */
export const DEMO_PLAN: Plan = {
  networkName: NETWORK_NAME,
  cast: CAST,
  threshold: 3,
  // Short intervals, so that a run of a minute shows what a network does in an hour.
  tickMs: 500,
  consoles: true,
  settings: {
    exchange: { heartbeatMs: 2_000, idleHeartbeatMs: 4_000, resendMs: 2_000, resendMaxMs: 10_000 },
  },
};

export interface Facts {
  readonly networkDigest: string;
  readonly brokerPort: number;
  /** By node; a member that joins later is added. */
  readonly deskPorts: Record<string, number>;
  /** By node, where consoles are served. */
  readonly consolePorts?: Record<string, number>;
}

export interface Federation extends Facts {
  readonly dir: string;
}

export type Report = (step: string) => void;

export const nodeDir = (federation: Federation, id: string): string =>
  join(federation.dir, 'nodes', id.toLowerCase());
export const evidenceDir = (federation: Federation): string => join(federation.dir, 'evidence');

/** What officers of the demo do: draft, release, read the trail of what the others did; at a hotline scrub what another took. */
export type Post = 'officer' | 'releaser' | 'auditor' | 'second';

const postsAt = (member: Cast): readonly Post[] => [
  'officer',
  'releaser',
  'auditor',
  ...(member.role === 'hotline' ? (['second'] as const) : []),
];

/** Folder of an officer: `D/officers/xa-customs` drafts, `D/officers/xa-customs-releaser` releases, `…-auditor` audits. */
export const officerDir = (federation: Federation, id: string, desk: string, post: Post): string =>
  join(federation.dir, 'officers', `${id.toLowerCase()}-${desk}${post === 'officer' ? '' : `-${post}`}`);

/** Opens the federation of a folder, founding it where the folder is empty. */
export async function openFederation(
  path: string,
  report: Report,
  plan: Plan = DEMO_PLAN,
): Promise<Federation> {
  const dir = resolve(path);
  const facts = join(dir, FACTS);
  if (existsSync(facts)) return { dir, ...(JSON.parse(readFileSync(facts, 'utf8')) as Facts) };
  if (existsSync(dir) && readdirSync(dir).length > 0)
    throw new CliError(
      'FILE_INVALID',
      `${dir} is neither empty nor the folder of an earlier demo: choose another --dir`,
    );
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  try {
    return await found(dir, plan, report);
  } catch (error) {
    // Half a federation is of no use, and would keep the folder from being used again.
    for (const name of readdirSync(dir)) rmSync(join(dir, name), { recursive: true, force: true });
    throw error;
  }
}

async function found(dir: string, plan: Plan, report: Report): Promise<Federation> {
  const { cast, threshold } = plan;
  const nowMs = Date.now();
  const dirOf = (id: string) => join(dir, 'nodes', id.toLowerCase());
  report(`making ${cast.length} authorities and their keys`);
  await Promise.all(cast.map((member) => initNode({ ...requestOf(member), dir: dirOf(member.id), nowMs })));
  report(`founding the network: roster version 1, signed by ${threshold} of ${cast.length} governments`);
  const created = createNetwork({
    name: plan.networkName,
    members: cast.map(({ id }) => parseMemberRequest(readFileSync(pathsOf(dirOf(id)).memberRequest, 'utf8'))),
    threshold,
    baselinePolicy: baselinePolicy(),
    validDays: 365,
    nowMs,
  });
  let history = created.history;
  for (const { id } of cast.slice(0, threshold))
    history = await signNewest(history, id, await Keyring.open(pathsOf(dirOf(id)).keys));
  const rosterFile = join(dir, 'roster-1.bin');
  writeFileSync(rosterFile, encodeRosterFile(history));
  const networkDigest = hex(created.digest);

  report('configuring the broker out of the roster: a credential and a list of subjects for each member');
  const brokerPort = await freePort();
  const roster = believedRoster(readRosterFile(new Uint8Array(readFileSync(rosterFile))), created.digest);
  const broker = await writeBroker({
    ...brokerOf({ dir, brokerPort }),
    roster,
    ...(plan.operatorUser === undefined ? {} : { operatorUser: plan.operatorUser }),
    nowMs,
  });
  const deskPorts: Record<string, number> = {};
  for (const { id } of cast) deskPorts[id] = await freePort();
  const consolePorts: Record<string, number> = {};
  if (plan.consoles === true) for (const { id } of cast) consolePorts[id] = await freePort();
  const federation: Federation = {
    dir,
    networkDigest,
    brokerPort,
    deskPorts,
    ...(plan.consoles === true ? { consolePorts } : {}),
  };

  report('joining, and issuing certificates to officers');
  await Promise.all(cast.map((member) => joinMember(federation, plan, member, rosterFile, broker.ca, nowMs)));
  // Last, as the sign that the folder is whole.
  writeFacts(federation);
  return federation;
}

/**
 * The next roster version, signed by the governments named and adopted at the first of them while its node runs: the others
 * fetch it. Also the broker's permissions and mailboxes follow it. Its version.
 */
export async function changeRoster(
  federation: Federation,
  processes: Pick<Processes, 'reloadBroker'>,
  signers: readonly [string, ...string[]],
  change: Partial<Pick<ProposeNext, 'add' | 'suspend' | 'reinstate' | 'expel'>>,
): Promise<bigint> {
  const nowMs = Date.now();
  const [first] = signers;
  const network = fromHex(federation.networkDigest);
  const held = readRosterHistory(pathsOf(nodeDir(federation, first)));
  let next = proposeNext(held, believedRoster(held, network), {
    add: [],
    suspend: [],
    expel: [],
    reinstate: [],
    ...change,
    validDays: 365,
    nowMs,
  });
  for (const id of signers)
    next = await signNewest(next, id, await Keyring.open(pathsOf(nodeDir(federation, id)).keys));
  const { roster } = await adoptIntoFolder({
    paths: pathsOf(nodeDir(federation, first)),
    signed: next,
    nowMs,
  });
  await writeBroker({ ...brokerOf(federation), roster, nowMs });
  processes.reloadBroker();
  await makeMailboxes(join(federation.dir, 'broker'), 15_000);
  return roster.version;
}

/** A member whose folder is made, and who is in the roster of another's folder, joins the network that runs. */
export async function joinLater(federation: Federation, member: Cast, sponsor: string): Promise<void> {
  const { dir } = federation;
  federation.deskPorts[member.id] = await freePort();
  const { rosterHistory } = pathsOf(nodeDir(federation, sponsor));
  const ca = join(dir, 'broker', 'ca.pem');
  await joinMember(federation, DEMO_PLAN, member, rosterHistory, ca, Date.now());
  writeFacts(federation);
}

/** Makes the authority, keys and folder of a member; its line for the roster. */
export async function makeMember(federation: Federation, member: Cast): Promise<MemberRequest> {
  const dir = nodeDir(federation, member.id);
  await initNode({ ...requestOf(member), dir, nowMs: Date.now() });
  return parseMemberRequest(readFileSync(pathsOf(dir).memberRequest, 'utf8'));
}

const requestOf = (member: Cast) => ({
  node: member.id,
  name: member.name,
  country: member.country ?? '',
  role: member.role,
  groups: member.groups,
  deskGroups: member.deskGroups.filter(isDeskGroupToken),
  duties: [],
});

const brokerOf = ({ dir, brokerPort }: Pick<Federation, 'dir' | 'brokerPort'>) => ({
  dir: join(dir, 'broker'),
  host: '127.0.0.1',
  port: brokerPort,
  name: BROKER_NAME,
});

const writeFacts = ({ dir, ...facts }: Federation): void =>
  writeFileSync(join(dir, FACTS), `${JSON.stringify(facts satisfies Facts, undefined, 2)}\n`);

async function joinMember(
  federation: Federation,
  plan: Plan,
  member: Cast,
  rosterFile: string,
  brokerCa: string,
  nowMs: number,
): Promise<void> {
  await joinNetwork({
    dir: nodeDir(federation, member.id),
    roster: readRosterFile(new Uint8Array(readFileSync(rosterFile))),
    networkDigest: federation.networkDigest,
    brokerServers: [`tls://127.0.0.1:${federation.brokerPort}`],
    brokerCa: readFileSync(brokerCa, 'utf8'),
    brokerName: BROKER_NAME,
    deskHost: '127.0.0.1',
    deskPort: federation.deskPorts[member.id] ?? 0,
    tickMs: plan.tickMs,
    policyTemplate: 'standard',
    overrides: { ...plan.settings, ...consoleOf(federation, member.id) },
    nowMs,
  });
  for (const desk of member.deskGroups.filter(isDeskGroupToken)) {
    for (const post of postsAt(member)) {
      await issueOfficer({
        dir: nodeDir(federation, member.id),
        out: officerDir(federation, member.id, desk, post),
        name: `${member.name} ${desk} ${post}`,
        agency: `${member.name} ${desk}`,
        deskGroup: desk,
        role: roleAt(member, post),
        validDays: plan.officerDays ?? OFFICER_DAYS,
        nowMs,
      });
    }
  }
  if (federation.consolePorts?.[member.id] !== undefined) await inviteOfficers(federation, member);
}

/** A console on this machine alone: browsers take `localhost` as safe without a certificate. */
function consoleOf({ consolePorts }: Federation, id: string): Readonly<Record<string, unknown>> {
  const port = consolePorts?.[id];
  return port === undefined ? {} : { console: { port, origin: `http://localhost:${port}` } };
}

/** An officer's way into the console of the demo. */
export interface DemoAccount {
  readonly node: string;
  readonly name: string;
  readonly role: string;
  /** Counts once: whoever opens it chooses a passkey, or a password and codes. */
  readonly link: string;
}

const accountsFile = (federation: Federation, id: string): string =>
  join(nodeDir(federation, id), 'demo-accounts.json');

/** Each officer of the first desk, and an administrator; with a certificate both ways of signing in are one officer. */
async function inviteOfficers(federation: Federation, member: Cast): Promise<void> {
  const [desk] = member.deskGroups.filter(isDeskGroupToken);
  if (desk === undefined) return;
  const accounts: DemoAccount[] = [];
  const invite = async (name: string, role: OfficerRole, certificate?: string) => {
    const { link } = await inviteOfficer({
      dir: nodeDir(federation, member.id),
      name,
      agency: `${member.name} ${desk}`,
      deskGroup: desk,
      role,
      ...(certificate === undefined ? {} : { certificate }),
    });
    accounts.push({ node: member.id, name, role, link });
  };
  for (const post of postsAt(member))
    await invite(
      `${member.name} ${desk} ${post}`,
      roleAt(member, post),
      readFileSync(join(officerDir(federation, member.id, desk, post), 'cert.pem'), 'utf8'),
    );
  await invite(`${member.name} administrator`, 'administrator');
  writeFileSync(accountsFile(federation, member.id), `${JSON.stringify(accounts, undefined, 2)}\n`, {
    mode: 0o600,
  });
}

/** Ways into the consoles, by node; none where they are off. */
export const demoAccounts = (federation: Federation): readonly DemoAccount[] =>
  Object.keys(federation.consolePorts ?? {}).flatMap((id) =>
    existsSync(accountsFile(federation, id))
      ? (JSON.parse(readFileSync(accountsFile(federation, id), 'utf8')) as readonly DemoAccount[])
      : [],
  );

/** Titles differ by house; what they may do at their desk is the policy's. */
const roleAt = (member: Cast, post: Post): OfficerRole => {
  if (post === 'auditor') return post;
  if (member.role === 'hub') return post === 'officer' ? 'analyst' : 'releaser';
  if (member.role === 'hotline') return post === 'releaser' ? 'controller' : 'operator';
  return post === 'second' ? 'officer' : post;
};

const logOf = (federation: Federation, name: string): string => {
  mkdirSync(join(federation.dir, 'logs'), { recursive: true });
  return join(federation.dir, 'logs', `${name.toLowerCase()}.log`);
};

/** Throws UNAVAILABLE, with the remedy, where there is no nats-server. */
export const assertBroker = (): void =>
  assertProgram(
    'nats-server',
    'install it (Debian: `apt-get install nats-server`), or run `npm start`, which does so as root on Debian',
  );

/** Starts the broker and makes its mailboxes. */
export async function startBroker(federation: Federation): Promise<Running> {
  assertBroker();
  const broker = await start({
    name: 'nats-server',
    program: 'nats-server',
    args: ['--config', join(federation.dir, 'broker', 'nats-server.conf')],
    logFile: logOf(federation, 'broker'),
    ready: /Server is ready/,
    timeoutMs: 20_000,
  });
  await makeMailboxes(join(federation.dir, 'broker'), 15_000);
  return broker;
}

/** The processes of a federation; disposing of it ends them. */
export class Processes implements AsyncDisposable {
  readonly #federation: Federation;
  readonly #broker: Running;
  readonly #nodes = new Map<string, Running>();

  constructor(federation: Federation, broker: Running) {
    this.#federation = federation;
    this.#broker = broker;
  }

  async startNode(id: string): Promise<void> {
    this.#nodes.set(id, await startNode(this.#federation, id));
  }

  /** Ends a node as its administrator would. */
  async stopNode(id: string): Promise<void> {
    await this.#nodes.get(id)?.[Symbol.asyncDispose]();
    this.#nodes.delete(id);
  }

  /** The broker reads its configuration again; connections stay. */
  reloadBroker(): void {
    process.kill(this.#broker.pid, 'SIGHUP');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([...this.#nodes.keys()].map((id) => this.stopNode(id)));
    await this.#broker[Symbol.asyncDispose]();
  }
}

/** Starts broker and nodes, each a process of its own. */
export async function startFederation(federation: Federation, report: Report): Promise<Processes> {
  await using stack = new AsyncDisposableStack();
  report('starting nats-server');
  const processes = stack.use(new Processes(federation, await startBroker(federation)));
  const ids = Object.keys(federation.deskPorts);
  report(`starting ${ids.length} nodes`);
  await Promise.all(ids.map((id) => processes.startNode(id)));
  stack.move();
  return processes;
}

const PROGRAM = join(import.meta.dirname, '..', '..', '..', 'deploy', 'program.js');

export const startNode = (
  federation: Federation,
  id: string,
  env: Readonly<Record<string, string>> = {},
): Promise<Running> =>
  start({
    env,
    name: id,
    program: process.execPath,
    args: ['--disable-warning=ExperimentalWarning', PROGRAM, 'node', 'run', '--dir', nodeDir(federation, id)],
    logFile: logOf(federation, id),
    ready: /^ready: node/m,
    timeoutMs: 180_000,
  });
