/** Which keys speak for a note of a log: of any incarnation of its owner, and from before a rotation too. */
import { KeyStatement, SignedKeyStatement } from '../gen/tocsin/record/v1/identity.ts';
import { logKeysIn, statementOfNote } from '../ledger/index.ts';
import type { LogKeys } from '../merkle/index.ts';
import { judgeSigned, parseLogOrigin } from '../record/index.ts';
import type { ReadTx } from '../store/index.ts';

/** Keys out of the newest statement held whose key of this log signed the note; its signatures are still to be judged. */
export async function logKeysHeld(
  tx: ReadTx,
  network: Uint8Array,
  { origin, note }: { readonly origin: string; readonly note: Uint8Array },
): Promise<LogKeys | undefined> {
  const node = parseLogOrigin(origin)?.node;
  const speaking =
    node === undefined ? undefined : await statementOfNote(tx, network, { node, origin, note });
  const signed = speaking && judgeSigned('statement', network, SignedKeyStatement.decode(speaking.body).body);
  return signed?.ok ? logKeysIn(KeyStatement.decode(signed.value), origin) : undefined;
}
