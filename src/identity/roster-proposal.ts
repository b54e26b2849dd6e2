/** How governments make a roster: one proposes, each signs the same bytes, anybody puts the signatures together. */
import { compareBytes } from '../base/bytes.ts';
import type { FieldFault } from '../base/error.ts';
import {
  type GovernanceKey,
  type Member,
  Roster,
  type RosterSignature,
  type SignedRoster,
  type WitnessAssignment,
} from '../gen/tocsin/record/v1/identity.ts';
import { encodeSigned, sha256 } from '../record/index.ts';
import { IdentityError } from './errors.ts';
import type { Keyring } from './keyring.ts';
import { UNNAMED_NETWORK, type VerifiedRoster } from './roster.ts';
import { rosterFaults, SUPPORTED_FORMAT, SUPPORTED_SUITES } from './roster-form.ts';

/** What a version says; order does not matter, it is made canonical. */
export interface RosterContent {
  readonly networkName: string;
  readonly issuedMs: number;
  readonly expiresMs: number;
  readonly members: readonly Member[];
  readonly governance: readonly GovernanceKey[];
  /** Signatures of distinct members needed for the next version. */
  readonly threshold: number;
  readonly witnesses?: readonly WitnessAssignment[];
  readonly requiredSuites?: readonly number[];
  readonly minimumFormat?: number;
  /** Network baseline policy (Cedar). */
  readonly baselinePolicy: string;
}

export interface RosterProposal {
  readonly roster: Roster;
  /** Signed bytes: what governments compare and sign. */
  readonly body: Uint8Array;
  /** SHA-256 of them; of version 1, the network digest. */
  readonly digest: Uint8Array;
}

const order = (a: string, b: string): number => compareBytes(Buffer.from(a), Buffer.from(b));

/**
 * The next version after `current`, or version 1 without it. Throws ROSTER_INVALID with all faults; says nothing of
 * whether enough members will sign.
 */
export function proposeRoster(content: RosterContent, current?: VerifiedRoster): RosterProposal {
  const roster: Roster = {
    version: current === undefined ? 1n : current.version + 1n,
    previous: Buffer.from(current?.digest ?? []),
    networkName: content.networkName,
    issued: BigInt(content.issuedMs),
    expires: BigInt(content.expiresMs),
    members: content.members
      .map((member) => ({
        ...member,
        groups: [...member.groups].sort(order),
        deskGroups: [...member.deskGroups].sort((a, b) => a - b),
        duties: [...member.duties].sort(order),
      }))
      .sort((a, b) => order(a.node, b.node)),
    governance: [...content.governance].sort((a, b) => order(a.member, b.member)),
    threshold: content.threshold,
    requiredSuites: [...(content.requiredSuites ?? SUPPORTED_SUITES)].sort((a, b) => a - b),
    minimumFormat: content.minimumFormat ?? SUPPORTED_FORMAT,
    witnesses: (content.witnesses ?? [])
      .map((one) => ({ ...one, witnesses: [...one.witnesses].sort(order) }))
      .sort((a, b) => order(a.node, b.node)),
    baselinePolicy: content.baselinePolicy,
  };
  const faults = rosterFaults(roster);
  if (faults.length > 0) throw invalid(faults);
  const body = encodeSigned('roster', current?.network ?? UNNAMED_NETWORK, Roster.encode(roster).finish());
  return { roster, body, digest: sha256(body) };
}

function invalid(faults: readonly FieldFault[]): IdentityError {
  const lines = faults.map(({ path, message }) => `${path}: ${message}`);
  return new IdentityError({
    code: 'ROSTER_INVALID',
    message: `expected a well-formed roster, got ${faults.length} faults: ${lines.slice(0, 10).join('; ')}`,
    facts: { faults: faults.length },
  });
}

/**
 * One member's signature, by the governance key of its keyring. `byPrevious` where that key is the one listed in the
 * version before and no longer in this one; a key listed in both counts for both.
 */
export async function signRoster(options: {
  readonly body: Uint8Array;
  readonly member: string;
  readonly keyring: Pick<Keyring, 'sign'>;
  readonly byPrevious?: boolean;
}): Promise<RosterSignature> {
  const { body, member, keyring, byPrevious = false } = options;
  return { member, signature: await keyring.sign('governance', 'roster', body), byPrevious };
}

/** A roster as it travels, signatures in the order of their members. */
export const assembleRoster = (body: Uint8Array, signatures: readonly RosterSignature[]): SignedRoster => ({
  body: Buffer.from(body),
  signatures: [...signatures].sort(
    (a, b) => order(a.member, b.member) || Number(a.byPrevious) - Number(b.byPrevious),
  ),
});
