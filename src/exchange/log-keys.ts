/** Which keys speak for a log, of any incarnation of its owner. */
import { KeyStatement, SignedKeyStatement } from '../gen/tocsin/record/v1/identity.ts';
import { logKeysIn } from '../ledger/index.ts';
import type { LogKeys } from '../merkle/index.ts';
import { judgeSigned, parseLogOrigin } from '../record/index.ts';
import type { ReadTx } from '../store/index.ts';
import type { Directory } from './directory.ts';

/** Keys of a log of any incarnation, out of the statements held of its owner; the newest that speaks for it. */
export async function logKeysHeld(
  tx: ReadTx,
  directory: Pick<Directory, 'network' | 'statementOf'>,
  origin: string,
): Promise<LogKeys | undefined> {
  const node = parseLogOrigin(origin)?.node;
  if (node === undefined) return undefined;
  const newest = directory.statementOf(node)?.statement;
  const keys = newest && logKeysIn(newest, origin);
  if (keys) return keys;
  for (const { body } of (await tx.directory.statementsOf(node)).toReversed()) {
    const signed = judgeSigned('statement', directory.network, SignedKeyStatement.decode(body).body);
    const earlier = signed.ok ? logKeysIn(KeyStatement.decode(signed.value), origin) : undefined;
    if (earlier) return earlier;
  }
  return undefined;
}
