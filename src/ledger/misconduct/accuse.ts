/** Makes a misconduct file out of what a node holds: the deed, and all that a third party needs to judge it. */
import { Misconduct } from '../../gen/tocsin/exchange/v1/misconduct.ts';
import { SignedKeyStatement, SignedRoster } from '../../gen/tocsin/record/v1/identity.ts';
import type { ReadTx } from '../../store/index.ts';
import { MISCONDUCT_FORMAT } from './judge.ts';

/** Newest statements of one node in a file. */
const STATEMENTS = 32;

export interface Accusation {
  /** 32 bytes. */
  readonly network: Uint8Array;
  /** This node. */
  readonly self: string;
  /** Nodes whose signatures the deed holds: their key statements go into the file. */
  readonly nodes: readonly string[];
  /** Rosters below this version only; all where it is left out. */
  readonly belowVersion?: bigint;
  readonly deed: NonNullable<Misconduct['deed']>;
}

/** The encoded file, with every roster held and the key statements of those named. */
export async function encodeMisconduct(
  tx: ReadTx,
  accusation: Accusation,
  atMs: number,
): Promise<Uint8Array> {
  const { network, self, nodes, deed, belowVersion } = accusation;
  const rosters = (await tx.directory.rosters()).filter(
    ({ version }) => belowVersion === undefined || version < belowVersion,
  );
  const statements: SignedKeyStatement[] = [];
  for (const node of new Set(nodes))
    for (const { body } of (await tx.directory.statementsOf(node)).slice(-STATEMENTS))
      statements.push(SignedKeyStatement.decode(body));
  return Misconduct.encode({
    format: MISCONDUCT_FORMAT,
    network: Buffer.from(network),
    rosterHistory: { rosters: rosters.map(({ body }) => SignedRoster.decode(body)) },
    statements,
    noticedBy: self,
    noticedAt: BigInt(atMs),
    deed,
  }).finish();
}
