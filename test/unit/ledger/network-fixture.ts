/** Two states and their network, for tests of evidence: authorities, keyrings, roster, statements. Made once a file. */
import { generateKeyPair } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import {
  type Member,
  MemberRole,
  MemberStatus,
  RosterHistory,
  type SignedKeyStatement,
  SignedKeyStatement as SignedKeyStatements,
  type SignedRoster,
} from '../../../src/gen/tocsin/record/v1/identity.ts';
import {
  assembleRoster,
  authorityPublicKey,
  certificatesFromPem,
  createAuthority,
  createStatement,
  Keyring,
  type NationalAuthority,
  proposeRoster,
  signRoster,
} from '../../../src/identity/index.ts';
import { logOrigin, netToken } from '../../../src/record/index.ts';

export const NOW_MS = 1_790_000_000_000;
const DAY_MS = 86_400_000;

export interface TestMember {
  readonly node: string;
  readonly authority: NationalAuthority;
  readonly keyring: Keyring;
  readonly member: Member;
}

export interface TestNetwork extends AsyncDisposable {
  readonly members: readonly TestMember[];
  readonly signedRoster: SignedRoster;
  readonly rosterHistory: Uint8Array;
  readonly network: Uint8Array;
  readonly net: string;
  statementOf(member: TestMember, network?: Uint8Array): Promise<SignedKeyStatement>;
  origins(node: string): { readonly live: string; readonly exercise: string };
}

const newRsa = promisify(generateKeyPair);

/** One RSA key an authority: making them is slow, and what is under test is who signed, not with how many keys. */
export async function testMember(node: string, country: string, directory: string): Promise<TestMember> {
  const { privateKey } = await newRsa('rsa', { modulusLength: 3072 });
  const authority = await createAuthority({
    node,
    name: `State ${node}`,
    country,
    nowMs: NOW_MS - DAY_MS,
    newRsaKey: async () => privateKey,
  });
  const keyring = await Keyring.create(join(directory, node));
  const [root = new Uint8Array()] = certificatesFromPem(authority.rootCertPem);
  return {
    node,
    authority,
    keyring,
    member: {
      node,
      name: `State ${node}`,
      country,
      role: MemberRole.MEMBER_ROLE_NATIONAL,
      status: MemberStatus.MEMBER_STATUS_ACTIVE,
      statusFrom: BigInt(NOW_MS - DAY_MS),
      groups: [],
      authorityCertificate: Buffer.from(root),
      authorityKey: Buffer.from(authorityPublicKey(authority)),
      brokerUser: '',
      deskGroups: [],
      duties: [],
    },
  };
}

export async function networkOf(
  members: readonly TestMember[],
): Promise<Omit<TestNetwork, keyof AsyncDisposable>> {
  const [first, second] = members;
  const proposal = proposeRoster({
    networkName: 'Test region',
    issuedMs: NOW_MS - DAY_MS / 2,
    expiresMs: NOW_MS + 365 * DAY_MS,
    members: members.map(({ member }) => member),
    governance: members.map(({ node, keyring }) => ({ member: node, key: keyring.governance })),
    threshold: members.length - 1,
    witnesses: [{ node: first?.node ?? '', witnesses: [second?.node ?? ''], threshold: 1 }],
    baselinePolicy: 'permit (principal, action, resource);',
  });
  const { body } = proposal;
  const signatures = await Promise.all(
    members.map(({ node, keyring }) => signRoster({ body, member: node, keyring })),
  );
  const signedRoster = assembleRoster(body, signatures);
  const network = new Uint8Array(proposal.digest);
  const net = netToken(network);
  return {
    members,
    signedRoster,
    rosterHistory: new Uint8Array(RosterHistory.encode({ rosters: [signedRoster] }).finish()),
    network,
    net,
    statementOf: ({ node, keyring, authority }, of = network) =>
      createStatement(
        {
          network: of,
          node,
          incarnation: 1,
          sequence: 1n,
          notBeforeMs: NOW_MS - DAY_MS / 4,
          notAfterMs: NOW_MS + 30 * DAY_MS,
          keyring,
        },
        authority,
      ),
    origins: (node) => ({
      live: logOrigin(net, node, 'live', 1),
      exercise: logOrigin(net, node, 'exercise', 1),
    }),
  };
}

export async function testNetwork(): Promise<TestNetwork> {
  const directory = mkdtempSync(join(tmpdir(), 'tocsin-evidence-'));
  const members = await Promise.all([testMember('XA', 'XA', directory), testMember('XB', 'XB', directory)]);
  return {
    ...(await networkOf(members)),
    async [Symbol.asyncDispose]() {
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

export const encodeStatement = (signed: SignedKeyStatement): Uint8Array =>
  new Uint8Array(SignedKeyStatements.encode(signed).finish());
