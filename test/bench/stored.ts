/**
 * Whether a record costs the same however many are stored: records released at a node of the exchange, from JSON to a commit
 * with facets, log line, outbox row and checkpoint, in stores grown beforehand; and `fsck` of them.
 */
import { systemRandom } from '../../src/base/clock.ts';
import { rowOf } from '../../src/exchange/stored.ts';
import { examineStore } from '../../src/node/index.ts';
import { baselinePolicy } from '../../src/policy/index.ts';
import { makeFederation } from '../support/authority.ts';
import { TestNetwork, type TestNode } from '../support/exchange-network.ts';
import { type Bench, perSecond } from './runner.ts';

const SIZES = [1_000, 100_000] as const;
/** With `--large`. */
const LARGE = 1_000_000;
const RECORDS = 500;
const FSCK = 2_000;
const GROUP = 500;
const KIND = 'seizure-notice';
const DAY_MS = 86_400_000;

/** A node that sends nothing: nobody takes its mail, and its checkpoints are made when asked for. */
async function openAlone(stack: AsyncDisposableStack): Promise<TestNode> {
  const nodes = ['XA', 'XB'].map((node) => ({ node, groups: ['adequate', 'sac'] }));
  const federation = stack.use(await makeFederation({ nodes, baselinePolicy: baselinePolicy() }));
  const network = await TestNetwork.create({ nodes, tickMs: DAY_MS }, federation);
  stack.defer(() => network.close());
  return network.of('XA');
}

/** Rows as a release leaves them, of records whose ids and digests are random: nobody reads them again. */
async function grow(node: TestNode, count: number): Promise<void> {
  const like = node.assemble(KIND);
  const row = rowOf(like.signed, {
    origin: 'own',
    state: 'released',
    facets: like.facets,
    statementDigest: node.directory.own().digest,
    committedAt: node.clock.nowMs(),
  });
  for (let done = 0; done < count; done += GROUP) {
    const rows = Array.from({ length: Math.min(GROUP, count - done) }, (_, place) => ({
      facets: like.facets,
      record: {
        ...row,
        headerDigest: systemRandom.bytes(32),
        recordId: systemRandom.bytes(16),
        title: `grown ${done + place}`,
        committedAt: node.clock.nowMs(),
      },
    }));
    await node.store.write((tx) => tx.records.insert(rows));
  }
}

const release = (node: TestNode, count: number) =>
  perSecond(count, async () => {
    await node.releaseMany(count, KIND);
    await node.ledger.sequence('live');
  });

/** Records examined a second; the store must be found in order. */
function examined(node: TestNode, count: number) {
  const { store, blobs, self, clock, network } = node;
  return perSecond(count, () =>
    examineStore({ store, blobs, network: network.federation.network, self, clock }, ({ code, detail }) => {
      throw new Error(`expected nothing to be found, got ${code}: ${detail}`);
    }),
  );
}

async function filled(stack: AsyncDisposableStack, count: number): Promise<TestNode> {
  const node = await openAlone(stack);
  for (let done = 0; done < count; done += GROUP) {
    await node.releaseMany(Math.min(GROUP, count - done), KIND);
    await node.ledger.sequence('live');
  }
  return node;
}

export const storedBench: Bench = {
  name: 'stored',
  async open(stack, { large }) {
    const sizes = large ? [...SIZES, LARGE] : SIZES;
    const grown: { readonly size: number; readonly node: TestNode }[] = [];
    for (const size of sizes) {
      const node = await openAlone(stack);
      await grow(node, size);
      grown.push({ size, node });
    }
    const [least, ...more] = grown;
    if (!least) throw new Error('expected stores');
    const name = `at ${least.size.toLocaleString('en')} stored`;
    const [few, many] = [await filled(stack, FSCK / 10), await filled(stack, FSCK)];
    return [
      ...more.map(({ size, node }) => ({
        id: `at-${size}`,
        what: `records released at ${size.toLocaleString('en')} stored`,
        unit: '/s',
        ours: release(node, RECORDS),
        against: [{ name, measure: release(least.node, RECORDS) }],
      })),
      {
        id: 'fsck',
        what: `records examined by fsck, ${FSCK.toLocaleString('en')} stored`,
        unit: '/s',
        ours: examined(many, FSCK),
        against: [{ name: `${FSCK / 10} stored`, measure: examined(few, FSCK / 10) }],
      },
    ];
  },
};
