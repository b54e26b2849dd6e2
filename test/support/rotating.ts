/** Replaces keys of a node in memory as `tocsin keys` does in a folder and a running node takes it up. */
import {
  createSuccessor,
  hybridFingerprint,
  STATED_ROLES,
  type StatedRole,
  statedKeys,
  type VerifiedStatement,
} from '../../src/identity/index.ts';
import { expectBelieved } from './authority.ts';
import type { TestNode } from './exchange-network.ts';

const DAY_MS = 86_400_000;

export interface Rotation {
  readonly roles?: readonly StatedRole[];
  /** The old keys count until so long from now; negative = since then. */
  readonly overlapMs: number;
}

/** The node's keyring and log follow its statement from now on. To be called once a network, before `rotate`. */
export function follow(node: TestNode): void {
  const { keyring } = node.network.federation.of(node.self);
  node.directory.onStatement(({ statement }) => {
    if (statement.node === node.self) keyring.use(statedKeys(statement));
  });
}

export async function rotate(
  node: TestNode,
  { roles = STATED_ROLES, overlapMs }: Rotation,
): Promise<VerifiedStatement> {
  const { network } = node.network.federation;
  const { keyring, authority } = node.network.federation.of(node.self);
  const held = node.directory.own();
  const before = statedKeys(held.statement);
  const keys = { ...before };
  for (const role of roles) keys[role] = await keyring.add(role);
  const nowMs = node.clock.nowMs();
  const signed = await createSuccessor(
    {
      network,
      held,
      keyring: {
        log: keys.log,
        exerciseLog: keys['exercise-log'],
        link: keys.link,
        witness: keys.witness,
      },
      change: {
        revocations: roles.map((role) => ({
          fingerprint: Buffer.from(hybridFingerprint(before[role])),
          from: BigInt(nowMs + overlapMs),
          reason: 'rotated',
        })),
        notBeforeMs: nowMs,
        notAfterMs: nowMs + 300 * DAY_MS,
      },
    },
    authority,
  );
  const statement = expectBelieved(await node.directory.judgeAndKeep(node.self, signed));
  await node.ledger.signAgain();
  return statement;
}
