/** `tocsin network create | propose | diff | sign | adopt | show` and `tocsin roster verify`: the membership document as a file. */
import { existsSync, writeFileSync } from 'node:fs';
import { fromHex, hex } from '../../base/bytes.ts';
import { MemberRole, MemberStatus, type RosterHistory } from '../../gen/tocsin/record/v1/identity.ts';
import {
  isDeskGroupToken,
  Keyring,
  renewedRequest,
  stagedGovernance,
  stageGovernanceKey,
} from '../../identity/index.ts';
import {
  adoptIntoFolder,
  believedRoster,
  createNetwork,
  encodeRosterFile,
  type LineChange,
  loadConfig,
  mergeSignatures,
  nodeIdOf,
  pathsOf,
  proposeNext,
  readRosterHistory,
  rosterDiff,
  signNewest,
  sketchRoster,
} from '../../node/index.ts';
import { baselinePolicy, checkPolicies } from '../../policy/index.ts';
import { instant } from '../desk-access.ts';
import { CliError } from '../failure.ts';
import { readInputText } from '../files.ts';
import { readMemberRequest, readRoster } from '../membership-files.ts';
import { nameOf } from '../names.ts';
import { type Output, shown } from '../print.ts';
import type { NodeAt, NodeWords, WitnessLine } from '../roster-options.ts';

function save(file: string, history: RosterHistory, replace: boolean): void {
  if (!replace && existsSync(file))
    throw new CliError('FILE_INVALID', `${file} is there already: choose another name`);
  writeFileSync(file, encodeRosterFile(history));
}

/** A digest as it is read out by voice: eight groups of eight digits. */
const spoken = (digest: Uint8Array): string => hex(digest).match(/.{8}/g)?.join(' ') ?? '';

function readBaseline(file: string | undefined): string {
  if (file === undefined) return baselinePolicy();
  const text = readInputText(file);
  const faults = checkPolicies(text, { layer: 'baseline' });
  if (faults.length > 0)
    throw new CliError(
      'FILE_INVALID',
      `${file} has ${faults.length} fault${faults.length === 1 ? '' : 's'} as a network baseline`,
      { faults: faults.map(({ line, code, message }) => ({ path: `line ${line}`, code, message })) },
    );
  return text;
}

function describe(history: RosterHistory, output: Output, more: object = {}): void {
  const sketch = sketchRoster(history);
  const { roster } = sketch;
  output.line(
    `${shown(roster.networkName)}, roster version ${roster.version}, valid to ${instant(roster.expires)}`,
  );
  output.table(
    ['node', 'name', 'country', 'role', 'status', 'groups', 'signed'],
    roster.members.map((member) => [
      member.node,
      shown(member.name),
      member.country || '–',
      nameOf(MemberRole, 'MEMBER_ROLE_', member.role),
      nameOf(MemberStatus, 'MEMBER_STATUS_', member.status),
      member.groups.join(' ') || '–',
      sketch.signedBy.includes(member.node) ? 'yes' : 'no',
    ]),
  );
  output.line(`signatures: ${sketch.signedBy.length} of the ${roster.threshold} needed`);
  if (sketch.before !== undefined)
    output.line(
      `signatures by governments of version ${sketch.before.version}: ${sketch.signedByPrevious.length} of the ${sketch.before.threshold} needed`,
    );
  if (sketch.networkDigest !== undefined) output.line(`network digest: ${spoken(sketch.networkDigest)}`);
  if (history.rosters.length > 1) output.line(`digest of this version: ${spoken(sketch.digest)}`);
  output.document({
    networkName: roster.networkName,
    version: roster.version,
    networkDigest: sketch.networkDigest,
    digest: sketch.digest,
    issued: instant(roster.issued),
    expires: instant(roster.expires),
    threshold: roster.threshold,
    signedBy: sketch.signedBy,
    signedByPrevious: sketch.signedByPrevious,
    ...more,
    members: roster.members.map((member) => ({
      node: member.node,
      name: member.name,
      country: member.country,
      role: nameOf(MemberRole, 'MEMBER_ROLE_', member.role),
      status: nameOf(MemberStatus, 'MEMBER_STATUS_', member.status),
      groups: member.groups,
    })),
  });
}

export async function create(
  _args: readonly string[],
  options: {
    readonly name: string;
    readonly member: readonly string[];
    readonly threshold: number;
    readonly policy?: string;
    readonly validDays: number;
    readonly out: string;
  },
  output: Output,
): Promise<void> {
  const { history } = createNetwork({
    name: options.name,
    members: options.member.map(readMemberRequest),
    threshold: options.threshold,
    baselinePolicy: readBaseline(options.policy),
    validDays: options.validDays,
    nowMs: Date.now(),
  });
  save(options.out, history, false);
  describe(history, output);
  output.line(
    `next: each member runs \`tocsin network sign ${options.out} --dir …\` on a copy; \`--merge\` puts the copies together`,
  );
}

/** The roster in use: of a file, or of a node's folder with its pinned digest. */
function inUse(file: string, options: { readonly dir?: string; readonly networkDigest?: string }) {
  if (file === '' && options.dir !== undefined) {
    const paths = pathsOf(options.dir);
    const history = readRosterHistory(paths);
    return { history, current: believedRoster(history, fromHex(loadConfig(paths).networkDigest)) };
  }
  if (file === '' || options.networkDigest === undefined)
    throw new CliError(
      'USAGE',
      'expected the roster in use with --network-digest, or --dir with a node that uses it',
    );
  const history = readRoster(file);
  return { history, current: believedRoster(history, fromHex(options.networkDigest)) };
}

export interface ProposeOptions {
  readonly networkDigest?: string;
  readonly dir?: string;
  readonly add?: readonly string[];
  readonly suspend?: readonly NodeAt[];
  readonly expel?: readonly NodeAt[];
  readonly reinstate?: readonly NodeAt[];
  readonly groups?: readonly NodeWords[];
  readonly role?: readonly NodeWords[];
  readonly duties?: readonly NodeWords[];
  readonly deskGroups?: readonly NodeWords[];
  readonly replaceAuthority?: readonly string[];
  readonly replaceGovernance?: readonly string[];
  readonly replaceBrokerUser?: readonly string[];
  readonly dropGovernance?: readonly string[];
  readonly witnesses?: readonly WitnessLine[];
  readonly requireSuite?: readonly number[];
  readonly minimumFormat?: number;
  readonly threshold?: number;
  readonly policy?: string;
  readonly validDays: number;
  readonly expires?: number;
  readonly out: string;
}

function lineChanges(options: ProposeOptions): ReadonlyMap<string, LineChange> {
  const lines = new Map<string, LineChange>();
  const put = (given: readonly NodeWords[] | undefined, change: (words: readonly string[]) => LineChange) => {
    for (const { node, words } of given ?? []) lines.set(node, { ...lines.get(node), ...change(words) });
  };
  put(options.groups, (groups) => ({ groups }));
  put(options.duties, (duties) => ({ duties }));
  put(options.role, ([role = '']) => ({ role: oneOf(role, ROLE_TOKENS, 'a role') }));
  put(options.deskGroups, (words) => ({
    deskGroups: words.map((word) => {
      if (!isDeskGroupToken(word)) throw new CliError('USAGE', `expected a desk group, got ${word}`);
      return word;
    }),
  }));
  return lines;
}

function oneOf<Word extends string>(word: string, words: readonly Word[], what: string): Word {
  const found = words.find((one) => one === word);
  if (found === undefined) throw new CliError('USAGE', `expected ${what}: ${words.join(', ')}; got ${word}`);
  return found;
}

const ROLE_TOKENS = ['national', 'hub', 'hotline', 'observer'] as const;

export async function propose(
  [file = '']: readonly string[],
  options: ProposeOptions,
  output: Output,
): Promise<void> {
  const { history, current } = inUse(file, options);
  const statuses = [...(options.suspend ?? []), ...(options.expel ?? []), ...(options.reinstate ?? [])];
  const nodes = (given: readonly NodeAt[] = []) => given.map(({ node }) => node);
  const requests = (files: readonly string[] = []) => files.map(readMemberRequest);
  const next = proposeNext(history, current, {
    add: requests(options.add),
    suspend: nodes(options.suspend),
    expel: nodes(options.expel),
    reinstate: nodes(options.reinstate),
    from: new Map(statuses.flatMap(({ node, atMs }) => (atMs === undefined ? [] : [[node, atMs] as const]))),
    lines: lineChanges(options),
    replaceAuthority: requests(options.replaceAuthority),
    replaceGovernance: requests(options.replaceGovernance),
    replaceBrokerUser: requests(options.replaceBrokerUser),
    dropGovernance: options.dropGovernance ?? [],
    ...(options.witnesses === undefined
      ? {}
      : { witnesses: options.witnesses.map((one) => ({ ...one, witnesses: [...one.witnesses] })) }),
    ...(options.requireSuite === undefined ? {} : { requiredSuites: options.requireSuite }),
    ...(options.minimumFormat === undefined ? {} : { minimumFormat: options.minimumFormat }),
    ...(options.threshold === undefined ? {} : { threshold: options.threshold }),
    ...(options.policy === undefined ? {} : { baselinePolicy: readBaseline(options.policy) }),
    ...(options.expires === undefined ? {} : { expiresMs: options.expires }),
    validDays: options.validDays,
    nowMs: Date.now(),
  });
  save(options.out, next, false);
  const changes = rosterDiff(current.roster, sketchRoster(next).roster);
  output.line(`changes from version ${current.version} to version ${current.version + 1n}:`);
  for (const line of changes) output.line(`  ${shown(line)}`);
  describe(next, output, { changes });
}

export async function diff(
  [file = '', other = '']: readonly string[],
  _options: unknown,
  output: Output,
): Promise<void> {
  const sketch = sketchRoster(readRoster(other === '' ? file : other));
  const before = other === '' ? sketch.before : sketchRoster(readRoster(file)).roster;
  if (before === undefined)
    throw new CliError('USAGE', `${file} holds one version only: name the file to compare it with`);
  const changes = rosterDiff(before, sketch.roster);
  output.line(`version ${before.version} → version ${sketch.roster.version}`);
  for (const line of changes) output.line(`  ${shown(line)}`);
  output.document({ from: before.version, to: sketch.roster.version, changes });
}

export async function sign(
  [file = '']: readonly string[],
  options: { readonly dir?: string; readonly merge?: readonly string[] },
  output: Output,
): Promise<void> {
  if (options.dir === undefined && options.merge === undefined)
    throw new CliError(
      'USAGE',
      'expected --dir with the node whose governance key signs, or --merge with a signed copy',
    );
  let history = readRoster(file);
  for (const copy of options.merge ?? []) history = mergeSignatures(history, readRoster(copy));
  if (options.dir !== undefined) {
    const paths = pathsOf(options.dir);
    const staged = await stagedGovernance(paths.keys);
    const keyring = await Keyring.open(paths.keys);
    history = await signNewest(history, nodeIdOf(paths), keyring, ...(staged === undefined ? [] : [staged]));
  }
  save(file, history, true);
  describe(history, output);
}

export async function governanceKey(
  _args: readonly string[],
  options: { readonly dir: string; readonly out: string },
  output: Output,
): Promise<void> {
  if (existsSync(options.out))
    throw new CliError('FILE_INVALID', `${options.out} is there already: choose another name`);
  const paths = pathsOf(options.dir);
  const request = readMemberRequest(paths.memberRequest);
  const key = await stageGovernanceKey(paths.keys);
  writeFileSync(options.out, renewedRequest(request, key));
  output.line(
    `the next governance key of ${request.node} waits in ${paths.keys}; the one in use stays until a roster lists the next`,
  );
  output.line(
    `next: \`tocsin network propose --replace-governance ${options.out} …\`; \`network sign --dir\` then signs with both keys, \`network adopt --dir\` puts the next one in use`,
  );
  output.document({ node: request.node, request: options.out });
}

export async function adopt(
  [file = '']: readonly string[],
  options: { readonly dir: string; readonly resolve?: string },
  output: Output,
): Promise<void> {
  const adopted = await adoptIntoFolder({
    paths: pathsOf(options.dir),
    signed: readRoster(file),
    ...(options.resolve === undefined ? {} : { resolve: fromHex(options.resolve) }),
    nowMs: Date.now(),
  });
  const { before, roster, diff: changes, promotedKey } = adopted;
  output.line(
    `adopted: version ${before.version} → version ${roster.version}, valid to ${instant(roster.roster.expires)}`,
  );
  for (const line of changes) output.line(`  ${shown(line)}`);
  if (promotedKey) output.line('the next governance key is the one in use now');
  output.line('a running node takes it up within seconds, and its partners fetch it from there');
  if (changes.some((line) => /new member|broker user|expelled|authority certificate/.test(line)))
    output.line(
      'the broker needs it too: `tocsin network broker`, then reload nats-server, then `tocsin network mailboxes`',
    );
  output.document({
    from: before.version,
    version: roster.version,
    digest: roster.digest,
    changes,
    promotedKey,
  });
}

export async function show([file = '']: readonly string[], _options: unknown, output: Output): Promise<void> {
  describe(readRoster(file), output);
}

export async function verifyRoster(
  [file = '']: readonly string[],
  options: { readonly networkDigest: string },
  output: Output,
): Promise<void> {
  const roster = believedRoster(readRoster(file), fromHex(options.networkDigest));
  const expired = roster.isExpired(Date.now());
  output.line(
    `verified: version ${roster.version} of ${shown(roster.roster.networkName)}, ${roster.roster.members.length} members, valid to ${instant(roster.roster.expires)}${expired ? ' (EXPIRED)' : ''}`,
  );
  output.document({
    verified: true,
    version: roster.version,
    digest: roster.digest,
    members: roster.roster.members.map(({ node }) => node),
    expired,
  });
}
