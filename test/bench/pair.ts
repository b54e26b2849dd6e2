/** Two nodes and a broker: both in this process, or the recipient in one of its own. */
import { baselinePolicy } from '../../src/policy/index.ts';
import { type Federation, makeFederation } from '../support/authority.ts';
import { runningClock } from '../support/exchange-network.ts';
import { type BenchNode, type NodeOptions, openNode } from './bench-node.ts';
import { type BenchBroker, openBroker } from './broker.ts';

export const NODES = ['XA', 'XB'].map((node) => ({ node, groups: ['adequate', 'sac'] }));

export interface Pair {
  readonly federation: Federation;
  readonly from: BenchNode;
  readonly to: BenchNode;
  readonly broker: BenchBroker;
}

export async function openPair(
  stack: AsyncDisposableStack,
  options: NodeOptions = {},
  newStoreUrl?: () => string,
): Promise<Pair> {
  const federation = stack.use(await makeFederation({ nodes: NODES, baselinePolicy: baselinePolicy() }));
  const broker = await openBroker(
    stack,
    federation.net,
    NODES.map(({ node }) => node),
  );
  const clock = runningClock();
  const open = async (self: string): Promise<BenchNode> => {
    const { roster } = federation;
    const connection = await broker.connectAs(self);
    const storeUrl = newStoreUrl?.();
    const place = { ...federation.of(self), self, roster, connection, clock };
    return openNode(stack, { ...place, ...(storeUrl !== undefined && { storeUrl }) }, options);
  };
  const [from, to] = [await open('XA'), await open('XB')];
  // Statements, prekeys and sessions are known before anything is measured.
  await from.release(1);
  await from.ledger.sequence('live');
  if (options.urgentOnly === true) {
    while (from.delivered < 1) {
      await to.ledger.sequence('live');
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
  await from.whenDelivered(1);
  return { federation, from, to, broker };
}
