/** Roster versions after a federation's first: what changes, signed by the governments that a test names. */
import { MemberStatus, type SignedRoster } from '../../src/gen/tocsin/record/v1/identity.ts';
import {
  assembleRoster,
  type GovernanceSigner,
  judgeNextRoster,
  PROGRAM,
  type ProgramSupport,
  proposeRoster,
  type RosterContent,
  signRoster,
  type VerifiedRoster,
} from '../../src/identity/index.ts';
import { expectBelieved, type Federation } from './authority.ts';

/** `by` = its governance key of the version before. */
export interface Signer {
  readonly member: string;
  readonly keyring?: GovernanceSigner;
  readonly byPrevious?: boolean;
}

export interface NextRoster extends Partial<RosterContent> {
  /** Standing of members from an instant on. */
  readonly standings?: Readonly<Record<string, readonly [MemberStatus, number]>>;
}

/** The version after `before`, signed by `signers`; nothing of it is judged. */
export async function signNext(
  federation: Federation,
  before: VerifiedRoster,
  { standings = {}, ...changes }: NextRoster,
  signers: readonly (string | Signer)[],
): Promise<SignedRoster> {
  const { roster } = before;
  const gone = new Set(
    Object.entries(standings).flatMap(([node, [status]]) =>
      status === MemberStatus.MEMBER_STATUS_ACTIVE ? [] : [node],
    ),
  );
  const governance = roster.governance.filter(({ member }) => !gone.has(member));
  const content: RosterContent = {
    ...roster,
    issuedMs: federation.nowMs,
    expiresMs: Number(roster.expires),
    members: roster.members.map((member) => {
      const [status, from] = standings[member.node] ?? [];
      return status === undefined ? member : { ...member, status, statusFrom: BigInt(from ?? 0) };
    }),
    governance,
    threshold: Math.min(roster.threshold, governance.length),
    witnesses: roster.witnesses
      .filter(({ node }) => !gone.has(node))
      .map((one) => {
        const witnesses = one.witnesses.filter((node) => !gone.has(node));
        return { ...one, witnesses, threshold: Math.min(one.threshold, witnesses.length) };
      }),
    ...changes,
  };
  const { body } = proposeRoster(content, before);
  const signatures = await Promise.all(
    signers.map((signer) => {
      const { member, keyring, byPrevious } = typeof signer === 'string' ? { member: signer } : signer;
      return signRoster({
        body,
        member,
        keyring: keyring ?? federation.of(member).keyring,
        ...(byPrevious !== undefined && { byPrevious }),
      });
    }),
  );
  return assembleRoster(body, signatures);
}

/** The same, judged. */
export async function nextVersion(
  federation: Federation,
  before: VerifiedRoster,
  changes: NextRoster,
  signers: readonly (string | Signer)[],
  program: ProgramSupport = PROGRAM,
): Promise<{ readonly signed: SignedRoster; readonly roster: VerifiedRoster }> {
  const signed = await signNext(federation, before, changes, signers);
  return {
    signed,
    roster: expectBelieved(judgeNextRoster({ current: before, signed, atMs: federation.nowMs, program })),
  };
}
