/**
 * The policy of any day, made once more: the texts kept of that day, the roster of that day out of the signed history. It counts
 * only where it comes to the digest that was noted then, so nobody is judged by rules that were not in force.
 */
import { hex } from '../../base/bytes.ts';
import { believed, disbelieved, type Verdict } from '../../base/verdict.ts';
import { SignedRoster } from '../../gen/tocsin/record/v1/identity.ts';
import { judgeRosterVersions, type VerifiedRoster } from '../../identity/index.ts';
import { createPolicyEngine, type PolicyEngine, PolicyError } from '../../policy/index.ts';
import type { PolicyOfTime, ReadTx } from '../../store/index.ts';

/** Why a day's policy cannot be made: nothing noted of it, its roster is not held, the program's own rules are others now. */
export type NoPolicy = 'HISTORY_MISSING' | 'ROSTER_MISSING' | 'PROGRAM_CHANGED';

export interface PolicyOfTheDay {
  readonly noted: PolicyOfTime;
  readonly engine: PolicyEngine;
}

/** Policies by the instant; every one is made once, so a sample of a month costs as many as were in force in it. */
export class PoliciesOfTheDay {
  readonly #self: { readonly node: string; readonly network: Uint8Array };
  readonly #made = new Map<string, Verdict<PolicyEngine, NoPolicy>>();
  #rosters: ReadonlyMap<string, VerifiedRoster> | undefined;

  constructor(self: { readonly node: string; readonly network: Uint8Array }) {
    this.#self = self;
  }

  async at(tx: ReadTx, ms: number): Promise<Verdict<PolicyOfTheDay, NoPolicy>> {
    const noted = await tx.policyHistory.at(ms);
    if (noted === undefined)
      return disbelieved('HISTORY_MISSING', 'no policy was noted as in force at that time');
    const key = `${noted.digest} ${hex(noted.rosterDigest)}`;
    const made = this.#made.get(key) ?? (await this.#make(tx, noted));
    this.#made.set(key, made);
    return made.ok ? believed({ noted, engine: made.value }) : made;
  }

  async #make(tx: ReadTx, noted: PolicyOfTime): Promise<Verdict<PolicyEngine, NoPolicy>> {
    const roster = (await this.#rostersHeld(tx)).get(hex(noted.rosterDigest));
    if (roster === undefined)
      return disbelieved(
        'ROSTER_MISSING',
        `the roster of version ${noted.rosterVersion} of that day is not held`,
      );
    const engine = this.#engineOf(noted.national, roster);
    if (engine?.digest !== noted.digest)
      return disbelieved(
        'PROGRAM_CHANGED',
        `decided by the rules of version ${noted.program}, whose own rules this program does not have`,
      );
    return believed(engine);
  }

  #engineOf(national: string, roster: VerifiedRoster): PolicyEngine | undefined {
    try {
      const baseline = roster.roster.baselinePolicy;
      return createPolicyEngine({ baseline, national, self: this.#self.node, roster });
    } catch (error) {
      // What was readable to the program of that day may not be to this one.
      if (error instanceof PolicyError) return undefined;
      throw error;
    }
  }

  async #rostersHeld(tx: ReadTx): Promise<ReadonlyMap<string, VerifiedRoster>> {
    if (this.#rosters !== undefined) return this.#rosters;
    const rows = await tx.directory.rosters();
    const judged = judgeRosterVersions({
      networkDigest: this.#self.network,
      history: { rosters: rows.map(({ body }) => SignedRoster.decode(body)) },
    });
    const versions = judged.ok ? judged.value : [];
    this.#rosters = new Map(versions.map((roster) => [hex(roster.digest), roster]));
    return this.#rosters;
  }
}
