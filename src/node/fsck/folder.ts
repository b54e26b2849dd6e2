/** Who may speak, what was audited, and the folder of attachments, each against what the store says. */
import { createHash } from 'node:crypto';
import { equalBytes, hex } from '../../base/bytes.ts';
import { SignedRoster } from '../../gen/tocsin/record/v1/identity.ts';
import { judgeRosterHistory } from '../../identity/index.ts';
import { judgeCheckpointText, parseNote } from '../../merkle/index.ts';
import { parseLogOrigin } from '../../record/index.ts';
import { isBelievedCheckpoint } from './checkpoint.ts';
import { type Finding, type FsckDeps, finding, short } from './finding.ts';
import type { LogKeysOf } from './log.ts';

export async function* checkTrust(deps: FsckDeps, keysOf: LogKeysOf): AsyncGenerator<Finding> {
  const { tx, network, directory, self } = deps;
  const rosters = await tx.directory.rosters();
  const judged = judgeRosterHistory({
    networkDigest: network,
    history: { rosters: rosters.map(({ body }) => SignedRoster.decode(body)) },
  });
  if (!judged.ok) yield finding('ROSTER_WRONG', `${rosters.length} versions`, judged.detail);
  for await (const row of tx.inspect.rows('statement')) {
    const statement = await directory.statementBy(row.digest).catch(() => undefined);
    const fits =
      statement !== undefined &&
      statement.statement.node === row.node &&
      statement.statement.sequence === row.sequence &&
      equalBytes(statement.digest, row.digest);
    if (!fits) yield finding('STATEMENT_WRONG', `${row.node} ${row.sequence}`, 'nobody would believe it');
  }
  const incarnation = await tx.meta.getText('exchange/incarnation');
  const own = directory.statementOf(self)?.statement.incarnation;
  if (incarnation !== undefined && (own === undefined || Number(incarnation) > own))
    yield finding(
      'META_WRONG',
      'exchange/incarnation',
      `the store was run as incarnation ${incarnation}, the key statement says ${own ?? 'nothing'}`,
    );
  for await (const row of tx.inspect.rows('known_log')) {
    const note = parseNote(row.note);
    const said = note.ok ? judgeCheckpointText(note.value.text) : note;
    const fits =
      said.ok &&
      said.value.origin === row.origin &&
      said.value.size === row.size &&
      equalBytes(said.value.root, row.root) &&
      parseLogOrigin(row.origin)?.node === row.node;
    const keys = await keysOf(row.origin);
    if (!fits || !keys.some((key) => isBelievedCheckpoint(row.note, row.origin, key)))
      yield finding(
        'KNOWN_LOG_WRONG',
        `${row.origin} ${row.size}`,
        'its note does not say it, or its log did not sign it',
      );
  }
  const trail = await tx.audit.verify();
  if (!trail.ok) yield finding('AUDIT_BROKEN', 'audit', trail.detail);
}

export async function* checkBlobs({ tx, blobs }: FsckDeps): AsyncGenerator<Finding> {
  const held = new Set<string>();
  for await (const row of tx.inspect.rows('blob')) {
    held.add(hex(row.digest));
    const subject = short(row.digest);
    const size = await blobs.size(row.digest);
    if (size === undefined) {
      yield finding('BLOB_MISSING', subject, 'an attachment is not in the folder blobs');
      continue;
    }
    const hash = createHash('sha256');
    for await (const piece of blobs.read(row.digest)) hash.update(piece);
    if (BigInt(size) !== row.size || !equalBytes(hash.digest(), row.digest))
      yield finding('BLOB_WRONG', subject, 'an attachment is not what its name says');
  }
  const waits = new Set((await tx.attachments.allWaits()).map(({ blobDigest }) => hex(blobDigest)));
  for await (const { blob_digest, header_digest } of tx.inspect.rows('attachment'))
    if (!held.has(hex(blob_digest)) && !waits.has(hex(blob_digest)))
      yield finding(
        'BLOB_UNKNOWN',
        short(header_digest),
        `its attachment ${short(blob_digest)} is neither here nor awaited`,
      );
}
