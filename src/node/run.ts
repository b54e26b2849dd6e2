/** Signal → start → stop. */

import { loadConfig, type NodePaths } from './config.ts';

export interface Ready {
  readonly node: string;
  /** `host:port` of the desk. */
  readonly desk: string;
  /** Where browsers find the console; undefined where it is off. */
  readonly console: string | undefined;
  /** Name in the desk's certificate. */
  readonly tlsName: string;
}

/** Runs a node until the signal aborts; rejects where it cannot start or must not go on. */
export async function runNode(
  paths: NodePaths,
  options: { readonly signal: AbortSignal; readonly onReady: (ready: Ready) => void },
): Promise<void> {
  // Loaded when a node runs: whoever only reads a roster or makes a key does without desk, exchange and policy engine.
  const { composeNode } = await import('./compose.ts');
  await using node = await composeNode(paths, loadConfig(paths));
  node.logger.info({ desk: node.desk, console: node.console }, 'ready');
  options.onReady({ node: node.node, desk: node.desk, console: node.console, tlsName: node.tlsName });
  await node.run(options.signal);
  node.logger.info('stopping');
}
