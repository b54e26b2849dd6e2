/** The national policy's file while the node runs: a readable change comes into force at once, an unreadable one never. */
import type { Clock } from '../base/clock.ts';
import type { Store } from '../store/index.ts';
import type { FolderWatch } from './folder-watch.ts';
import { readNodeText } from './node-files.ts';
import type { PolicyInForce } from './policy-in-force.ts';

/** The file of the national policy cannot be read; the policy before stays in force. */
const POLICY_NOT_TAKEN_UP = 'POLICY_NOT_TAKEN_UP';
const SUBJECT = 'national policy';

export const POLICY_REMEDY = 'put the national policy there, or name its file as nationalPolicy';

export interface PolicyFileDeps {
  readonly path: string;
  readonly policy: PolicyInForce;
  readonly folder: Pick<FolderWatch, 'watch'>;
  readonly store: Store;
  readonly clock: Clock;
  /** Another policy is in force. */
  readonly onChanged: (digest: string) => void;
}

export const watchPolicyFile = (deps: PolicyFileDeps): Promise<void> =>
  deps.folder.watch(deps.path, () => takeUpPolicy(deps));

/** Throws POLICY_INVALID or FILE_NOT_FOUND after the alarm is raised, for the log. */
async function takeUpPolicy({ path, policy, store, clock, onChanged }: PolicyFileDeps): Promise<void> {
  const before = policy.engine.digest;
  let changed: boolean;
  try {
    changed = policy.replace(readNodeText(path, POLICY_REMEDY));
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
    if (changed)
      await tx.audit.append([
        { at, actor: 'node', action: 'policy.changed', subject: digest, detail: { before } },
      ]);
  });
  if (changed) onChanged(digest);
}
