/** The personal duties of a node beside its exchange: the anchored audit trail. */
import { fromHex } from '../base/bytes.ts';
import type { Verdict } from '../base/verdict.ts';
import { type AuditStanding, type LifecycleDeps, runAuditAnchor, verifyAudit } from '../lifecycle/index.ts';
import { loadConfig, type NodeConfig, type NodePaths } from './config.ts';
import { openNodeStore } from './node-files.ts';

/** Runs until the signal aborts. */
export const runDuties = <View>(
  deps: LifecycleDeps<View>,
  config: NodeConfig,
  signal: AbortSignal,
): Promise<void> => runAuditAnchor(deps, config.audit.anchorMs, signal);

/** Verifies the audit trail in the store of a stopped node. Throws STORE_UNUSABLE where it runs. */
export async function verifyStoredAudit(paths: NodePaths): Promise<Verdict<AuditStanding, 'AUDIT_BROKEN'>> {
  const config = loadConfig(paths);
  await using store = await openNodeStore(paths, config, () => undefined);
  return await store.read((tx) => verifyAudit(tx, fromHex(config.networkDigest)));
}
