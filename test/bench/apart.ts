/**
 * The recipient's side of the exchange in a process of its own, started by `openApart`: a node, or the recipients of
 * pipelines without security. It ends with its parent.
 */
import { fork } from 'node:child_process';
import type { Clock } from '../../src/base/clock.ts';
import { SignedKeyStatement, SignedRoster } from '../../src/gen/tocsin/record/v1/identity.ts';
import { judgeFirstRoster, Keyring } from '../../src/identity/index.ts';
import { baselinePolicy } from '../../src/policy/index.ts';
import { expectBelieved, type Federation, makeFederation, TEST_NOW_MS } from '../support/authority.ts';
import { type BenchNode, type NodeOptions, openNode } from './bench-node.ts';
import { type BenchBroker, type BrokerCredentials, connectWith, openBroker } from './broker.ts';
import { NODES } from './pair.ts';
import { takePlain } from './plain-pipeline.ts';

/** What the recipient's process is told; bytes in base64. */
interface Orders {
  /** When the tests' instant was, on this machine's clock: both processes count from it. */
  readonly startedAtMs: number;
  readonly node?: {
    readonly self: string;
    readonly keys: string;
    readonly network: string;
    readonly roster: string;
    readonly statement: string;
    readonly broker: BrokerCredentials;
    readonly options: NodeOptions;
    readonly storeUrl?: string;
  };
  readonly plain?: readonly { readonly name: string; readonly broker: BrokerCredentials }[];
}

const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64');
const fromBase64 = (text: string): Buffer => Buffer.from(text, 'base64');

const sharedClock = (startedAtMs: number): Clock => ({ nowMs: () => TEST_NOW_MS + Date.now() - startedAtMs });

/** Starts the other process; resolves when it takes mail. */
async function startApart(stack: AsyncDisposableStack, orders: Orders): Promise<void> {
  const child = fork(import.meta.filename, {
    execArgv: process.execArgv,
    env: { ...process.env, TOCSIN_BENCH_APART: '1' },
  });
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  stack.defer(async () => {
    if (child.connected) child.disconnect();
    await ended;
  });
  child.send(orders);
  await Promise.race([
    new Promise((resolve) => child.once('message', resolve)),
    ended.then(() => {
      throw new Error(`expected the recipient's process to run, it ended with ${child.exitCode}`);
    }),
  ]);
}

export interface Apart {
  readonly federation: Federation;
  readonly from: BenchNode;
  readonly broker: BenchBroker;
}

/** A sender here, its recipient in another process. */
export async function openApart(
  stack: AsyncDisposableStack,
  options: NodeOptions = {},
  newStoreUrl?: () => string,
): Promise<Apart> {
  const federation = stack.use(await makeFederation({ nodes: NODES, baselinePolicy: baselinePolicy() }));
  const { network, net, roster, signedRoster } = federation;
  const broker = await openBroker(
    stack,
    net,
    NODES.map(({ node }) => node),
  );
  const startedAtMs = Date.now();
  const clock = sharedClock(startedAtMs);
  const { dir, signedStatement } = federation.of('XB');
  const storeOf = () => {
    const storeUrl = newStoreUrl?.();
    return storeUrl === undefined ? {} : { storeUrl };
  };
  await startApart(stack, {
    startedAtMs,
    node: {
      self: 'XB',
      keys: dir,
      network: base64(network),
      roster: base64(SignedRoster.encode(signedRoster).finish()),
      statement: base64(SignedKeyStatement.encode(signedStatement).finish()),
      broker: broker.credentialsOf('XB'),
      options,
      ...storeOf(),
    },
  });
  const connection = await broker.connectAs('XA');
  const from = await openNode(
    stack,
    { ...federation.of('XA'), self: 'XA', roster, connection, clock, ...storeOf() },
    options,
  );
  await from.release(1);
  await from.ledger.sequence('live');
  await from.whenDelivered(1);
  return { federation, from, broker };
}

/** Recipients of pipelines without security, in another process. Their streams must be there. */
export const takePlainApart = (
  stack: AsyncDisposableStack,
  broker: BenchBroker,
  names: readonly string[],
): Promise<void> =>
  startApart(stack, {
    startedAtMs: Date.now(),
    plain: names.map((name) => ({ name, broker: broker.credentialsOf('operator') })),
  });

async function obey(stack: AsyncDisposableStack, { startedAtMs, node, plain }: Orders): Promise<void> {
  const clock = sharedClock(startedAtMs);
  for (const { name, broker } of plain ?? [])
    takePlain(stack, stack.use(await connectWith(broker, name)), { name, nowMs: clock.nowMs() });
  if (!node) return;
  const { self, broker, options, storeUrl } = node;
  const signed = SignedRoster.decode(fromBase64(node.roster));
  const roster = expectBelieved(judgeFirstRoster({ networkDigest: fromBase64(node.network), signed }));
  const place = {
    self,
    roster,
    keyring: await Keyring.open(node.keys),
    signedStatement: SignedKeyStatement.decode(fromBase64(node.statement)),
    connection: stack.use(await connectWith(broker, self)),
    clock,
    ...(storeUrl !== undefined && { storeUrl }),
  };
  await openNode(stack, place, options);
}

if (process.env.TOCSIN_BENCH_APART !== undefined && import.meta.main) {
  const orders = await new Promise<Orders>((resolve) => process.once('message', resolve));
  await using stack = new AsyncDisposableStack();
  await obey(stack, orders);
  process.send?.('ready');
  await new Promise<void>((resolve) => process.once('disconnect', resolve));
}
