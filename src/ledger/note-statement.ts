/** Which of a node's key statements speaks for a signed note: keys rotate, notes stay as they were signed (design §5). */
import { KeyStatement, SignedKeyStatement } from '../gen/tocsin/record/v1/identity.ts';
import { judgeSigned } from '../record/index.ts';
import type { ReadTx, StoredStatement } from '../store/index.ts';
import { logKeysIn } from './evidence.ts';
import { isNoteOf } from './log-signer.ts';

/** The newest statement held whose key of this log signed the note; undefined where none did. */
export async function statementOfNote(
  tx: Pick<ReadTx, 'directory'>,
  network: Uint8Array,
  of: { readonly node: string; readonly origin: string; readonly note: Uint8Array },
): Promise<StoredStatement | undefined> {
  const statements = await tx.directory.statementsOf(of.node);
  return statements.findLast(({ body }) => {
    const signed = judgeSigned('statement', network, SignedKeyStatement.decode(body).body);
    const keys = signed.ok ? logKeysIn(KeyStatement.decode(signed.value), of.origin) : undefined;
    return keys !== undefined && isNoteOf(of.note, keys);
  });
}
