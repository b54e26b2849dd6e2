/** `tocsin network create | propose | sign | show` and `tocsin roster verify`: the membership document as a file. */
import { existsSync, writeFileSync } from 'node:fs';
import { fromHex, hex } from '../../base/bytes.ts';
import { MemberRole, MemberStatus, type RosterHistory } from '../../gen/tocsin/record/v1/identity.ts';
import { Keyring } from '../../identity/index.ts';
import {
  believedRoster,
  createNetwork,
  encodeRosterFile,
  mergeSignatures,
  nodeIdOf,
  pathsOf,
  proposeNext,
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

function describe(history: RosterHistory, output: Output): void {
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

export async function propose(
  [file = '']: readonly string[],
  options: {
    readonly networkDigest: string;
    readonly add?: readonly string[];
    readonly suspend?: readonly string[];
    readonly expel?: readonly string[];
    readonly reinstate?: readonly string[];
    readonly threshold?: number;
    readonly policy?: string;
    readonly validDays: number;
    readonly out: string;
  },
  output: Output,
): Promise<void> {
  const history = readRoster(file);
  const current = believedRoster(history, fromHex(options.networkDigest));
  const next = proposeNext(history, current, {
    add: (options.add ?? []).map(readMemberRequest),
    suspend: options.suspend ?? [],
    expel: options.expel ?? [],
    reinstate: options.reinstate ?? [],
    ...(options.threshold === undefined ? {} : { threshold: options.threshold }),
    ...(options.policy === undefined ? {} : { baselinePolicy: readBaseline(options.policy) }),
    validDays: options.validDays,
    nowMs: Date.now(),
  });
  save(options.out, next, false);
  describe(next, output);
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
    history = await signNewest(history, nodeIdOf(paths), await Keyring.open(paths.keys));
  }
  save(file, history, true);
  describe(history, output);
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
