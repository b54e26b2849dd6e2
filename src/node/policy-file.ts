/** The national policy's file while the node runs: a readable change comes into force at once, an unreadable one never. */
import type { Clock } from '../base/clock.ts';
import type { VerifiedRoster } from '../identity/index.ts';
import type { Store } from '../store/index.ts';
import type { FolderWatch } from './folder-watch.ts';
import { readNodeText } from './node-files.ts';
import { type PolicyInForce, putPolicyInForce } from './policy-in-force.ts';

/** The file of the national policy cannot be read; the policy before stays in force. */
const POLICY_NOT_TAKEN_UP = 'POLICY_NOT_TAKEN_UP';
const SUBJECT = 'national policy';

export const POLICY_REMEDY = 'put the national policy there, or name its file as nationalPolicy';

export interface PolicyFileDeps {
  readonly path: string;
  readonly self: string;
  readonly roster: VerifiedRoster;
  readonly folder: Pick<FolderWatch, 'keep'>;
  readonly store: Store;
  readonly clock: Clock;
  /** Another policy is in force. */
  readonly onChanged: (digest: string) => void;
}

/** Puts in force what the file holds, and then whatever is put there. Throws POLICY_INVALID, FILE_NOT_FOUND. */
export const keepPolicyFile = ({
  path,
  self,
  roster,
  folder,
  ...rest
}: PolicyFileDeps): Promise<PolicyInForce> =>
  folder
    .keep(
      path,
      () => {
        const national = readNodeText(path, POLICY_REMEDY);
        const policy = putPolicyInForce({ self, roster, national, source: path });
        return { policy, takeUp: follower({ ...rest, path, policy }) };
      },
      ({ takeUp }) => takeUp(),
    )
    .then(({ policy }) => policy);

/** Throws POLICY_INVALID or FILE_NOT_FOUND after the alarm is raised, for the log. */
function follower({
  path,
  policy,
  store,
  clock,
  onChanged,
}: Pick<PolicyFileDeps, 'path' | 'store' | 'clock' | 'onChanged'> & { readonly policy: PolicyInForce }) {
  /** What the audit trail knows to be in force. */
  let recorded = policy.engine.digest;
  return async (): Promise<void> => {
    try {
      // In force before it is recorded: a policy that withholds more must not wait for room on the disk.
      if (policy.replace(readNodeText(path, POLICY_REMEDY))) onChanged(policy.engine.digest);
    } catch (error) {
      const at = clock.nowMs();
      const why = error instanceof Error ? error.message : String(error);
      await store.write((tx) =>
        tx.alarms.raise({
          at,
          code: POLICY_NOT_TAKEN_UP,
          subject: SUBJECT,
          detail: `the policy before stays in force: ${why}`,
        }),
      );
      throw error;
    }
    const { digest } = policy.engine;
    await store.write(async (tx) => {
      const at = clock.nowMs();
      await tx.alarms.clear(POLICY_NOT_TAKEN_UP, SUBJECT, at);
      if (digest !== recorded)
        await tx.audit.append([
          { at, actor: 'node', action: 'policy.changed', subject: digest, detail: { before: recorded } },
        ]);
    });
    recorded = digest;
  };
}
