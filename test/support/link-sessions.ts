/** Link sessions of a test federation's members, each with its own book of statements. */
import { type Clock, systemRandom } from '../../src/base/clock.ts';
import { judgeStatement, type VerifiedStatement } from '../../src/identity/index.ts';
import { LinkSessions, type LinkSessionsDeps, type Peers } from '../../src/seal/index.ts';
import type { Federation } from './authority.ts';

export interface TestPeers extends Peers {
  readonly statements: Map<string, VerifiedStatement>;
  judged: number;
}

/** Keeps what it believes in memory; nothing is known before the first contact. */
export function testPeers(federation: Federation, clock: Clock): TestPeers {
  const statements = new Map<string, VerifiedStatement>();
  const { network, roster } = federation;
  return {
    statements,
    judged: 0,
    statementOf: (node) => statements.get(node),
    judgeAndKeep(node, signed) {
      this.judged++;
      const verdict = judgeStatement({ network, roster, signed, atMs: clock.nowMs() });
      if (verdict.ok && verdict.value.statement.node === node) statements.set(node, verdict.value);
      return verdict;
    },
    roster: () => roster,
  };
}

export function linkSessionsOf(
  federation: Federation,
  node: string,
  options: Partial<LinkSessionsDeps> & { readonly peers?: Peers } = {},
): LinkSessions {
  const { keyring, statement } = federation.of(node);
  const clock = options.clock ?? { nowMs: () => federation.nowMs };
  return new LinkSessions({
    network: federation.network,
    self: node,
    ownStatement: () => statement,
    sign: (type, bytes) => keyring.sign('link', type, bytes),
    peers: testPeers(federation, clock),
    clock,
    random: systemRandom,
    ...options,
  });
}
