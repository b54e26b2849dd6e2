/** The national policy's file while the node runs: a readable change comes into force at once, an unreadable one never. */
import { realpath } from 'node:fs/promises';
import type { Clock } from '../base/clock.ts';
import { type VerifiedRoster, writeSecret } from '../identity/index.ts';
import type { NationalPolicyPort } from '../lifecycle/index.ts';
import type { Store } from '../store/index.ts';
import { NodeError } from './errors.ts';
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
  readonly folder: Pick<FolderWatch, 'keep' | 'lookAt'>;
  readonly store: Store;
  readonly clock: Clock;
  /** Another policy is in force. */
  readonly onChanged: (digest: string) => void;
}

/** The policy in force, and the file that another is put into. */
export type KeptPolicy = PolicyInForce & NationalPolicyPort;

/** Puts in force what the file holds, and then whatever is put there. Throws POLICY_INVALID, FILE_NOT_FOUND. */
export const keepPolicyFile = ({
  path,
  self,
  roster,
  folder,
  ...rest
}: PolicyFileDeps): Promise<KeptPolicy> =>
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
    .then(({ policy }) => keptIn(path, folder, policy));

const keptIn = (path: string, folder: PolicyFileDeps['folder'], policy: PolicyInForce): KeptPolicy =>
  // On the policy itself: what is in force is read anew at every use.
  Object.assign(policy, {
    async standing() {
      // What cannot be taken up was told, and shows as another text.
      await folder.lookAt(path).catch(() => undefined);
      const { national } = policy;
      return { digest: policy.engine.digest, national, fileDiffers: textOrNothing(path) !== national };
    },
    async putInForce(text: string) {
      // Throws where it cannot be put in force, before the file is touched.
      policy.engineOf(text);
      // Where the file is a link, what it leads to is replaced, not the link.
      await writeSecret(await realpath(path), text);
      await folder.lookAt(path);
      if (policy.national !== text)
        throw new NodeError({
          code: 'FILE_INVALID',
          message: `${path} was changed while it was written`,
          retry: 'later',
        });
    },
  });

function textOrNothing(path: string): string | undefined {
  try {
    return readNodeText(path, POLICY_REMEDY);
  } catch {
    return undefined;
  }
}

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
