/** Dishonest ends of calls: heartbeats whose refusal is named, frames exchanged on their way, forged statements and rosters. */
import { systemClock } from '../../src/base/clock.ts';
import { nodeDir } from '../../src/cli/demo/federation.ts';
import {
  ExchangeServiceDefinition,
  HeartbeatRequest,
} from '../../src/gen/tocsin/exchange/v1/exchange_service.ts';
import { SignedKeyStatement, type SignedRoster } from '../../src/gen/tocsin/record/v1/identity.ts';
import { createStatement, Keyring } from '../../src/identity/index.ts';
import { loadAuthority } from '../../src/node/founding.ts';
import { pathsOf } from '../../src/node/index.ts';
import { reasonName, sha256 } from '../../src/record/index.ts';
import {
  type Broker,
  createRpcServer,
  type RpcClient,
  RpcError,
  type RpcServer,
  type RpcServerDeps,
  type RpcServerOptions,
  reasonOf,
  Status,
} from '../../src/transport/index.ts';
import type { TestFederation } from './federation.ts';
import type { HostileMember } from './hostile-member.ts';

const HOUR_MS = 3_600_000;

/** `OK`, or the reason with which XB, or the caller's own side, refuses a heartbeat of these bytes. */
export async function answerToBytes(client: RpcClient, request: Uint8Array): Promise<string> {
  const responses = client.callerTo('XB').start({
    path: `/${ExchangeServiceDefinition.fullName}/Heartbeat`,
    requests: request,
    evidence: false,
    idempotent: true,
    options: { deadlineMs: 20_000 },
  });
  try {
    for await (const _response of responses);
    return 'OK';
  } catch (error) {
    const reason = error instanceof RpcError ? reasonOf(error) : undefined;
    if (reason === undefined) throw error;
    return reasonName(reason);
  }
}

export const answerOf = (client: RpcClient, request: Partial<HeartbeatRequest> = {}): Promise<string> =>
  answerToBytes(
    client,
    HeartbeatRequest.encode(
      HeartbeatRequest.fromPartial({ at: BigInt(systemClock.nowMs()), ...request }),
    ).finish(),
  );

/** A broker that exchanges the second frames of the first two calls: all that it can do to them without their keys. */
export function swapSecondFrames(broker: Broker): Broker {
  const held: Buffer[] = [];
  return {
    connected: true,
    maxPayload: broker.maxPayload,
    subscribe: (...args) => broker.subscribe(...args),
    flush: () => broker.flush(),
    onStatus: (listener) => broker.onStatus(listener),
    publish(subject, data, reply) {
      const packet = Buffer.from(data);
      const isSecond = packet[1] === 2 && packet.readUInt32BE(42) === 1;
      if (!isSecond || held.length === 2) {
        broker.publish(subject, data, reply);
        return;
      }
      held.push(packet);
      const [one, other] = held;
      if (!one || !other) return;
      for (const [head, body] of [
        [one, other],
        [other, one],
      ] as const)
        broker.publish(subject, Buffer.concat([head.subarray(0, 46), body.subarray(46)]), reply);
    },
  };
}

/** The next key statement of a member with the keys of `keys`, made by the authority of `by`. */
export async function stateFor(
  federation: TestFederation,
  { directory, network, node }: HostileMember,
  options: {
    readonly keys: string;
    readonly by: string;
    readonly change: (statement: SignedKeyStatement) => SignedKeyStatement;
  },
) {
  const folder = (id: string) => pathsOf(nodeDir(federation.federation, id));
  const keyring = await Keyring.open(folder(options.keys).keys);
  const nowMs = systemClock.nowMs();
  const made = await createStatement(
    {
      network,
      node,
      incarnation: 1,
      sequence: 2n,
      predecessor: directory.own().digest,
      notBeforeMs: nowMs - HOUR_MS,
      notAfterMs: nowMs + HOUR_MS,
      keyring,
    },
    await loadAuthority(folder(options.by)),
  );
  const signed = options.change(made);
  const statement = { bytes: SignedKeyStatement.encode(signed).finish(), digest: sha256(signed.body) };
  return { statement, keyring };
}

/** A member's service that does nothing but serve these rosters. */
export function serveRosters(
  deps: RpcServerDeps,
  options: RpcServerOptions,
  rosters: () => readonly SignedRoster[],
): RpcServer {
  const later = () => {
    throw new RpcError(Status.UNAVAILABLE, 'not now');
  };
  return createRpcServer(deps, options)
    .add(ExchangeServiceDefinition, {
      heartbeat: later,
      backfill: later,
      giveBack: later,
      getKeys: later,
      getRosters: async () => ({ rosters: [...rosters()] }),
      getCheckpoints: later,
      proveLog: later,
      fetchAttachment: later,
    })
    .start();
}
