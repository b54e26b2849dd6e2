/** Records against what was signed: headers, facets, proofs; and what recalls and disclosures say of them. */
import { equalBytes, hex } from '../../base/bytes.ts';
import { KeyStatement, SignedKeyStatement } from '../../gen/tocsin/record/v1/identity.ts';
import { statementOfNote } from '../../ledger/index.ts';
import { judgeCheckpointText, judgeInclusion, leafHash, parseNote } from '../../merkle/index.ts';
import {
  judgeFacets,
  judgeHeader,
  judgeSigned,
  parseLogOrigin,
  type SignedHeader,
  sha256,
} from '../../record/index.ts';
import type { RowOf } from '../../store/index.ts';
import { checkpointJudge } from './checkpoint.ts';
import { type Finding, type FsckDeps, finding, short } from './finding.ts';

/** About the exchange itself: a tombstone does not touch them. */
const NEVER_RECALLED: ReadonlySet<string> = new Set(['receipt', 'disclosure', 'recall']);

export async function* checkRecords(deps: FsckDeps): AsyncGenerator<Finding> {
  const { tx, network } = deps;
  const isBelieved = checkpointJudge();
  const pending = new Set<string>();
  for await (const row of tx.inspect.rows('pending_leaf')) pending.add(hex(row.header_digest));
  // Records of one parcel follow each other, and stand under one note.
  let last: { readonly digest: Uint8Array; readonly bytes: Uint8Array | undefined } | undefined;
  const noteBy = async (digest: Uint8Array): Promise<Uint8Array | undefined> => {
    if (!last || !equalBytes(last.digest, digest)) last = { digest, bytes: await tx.records.note(digest) };
    return last.bytes;
  };
  const identities = new Map<string, string>();
  const forks = new Set<string>();
  for await (const row of tx.inspect.rows('record')) {
    const subject = short(row.header_digest);
    const signed = judgeHeader(network, row.header);
    if (!signed.ok || !equalBytes(signed.value.digest, row.header_digest)) {
      yield finding('HEADER_WRONG', subject, 'its header is not the one that its digest names');
      continue;
    }
    yield* compare(row, signed.value, subject);
    yield* checkFacets(deps, row, signed.value, subject);
    yield* checkPlace(deps, row, subject, { pending, isBelieved, noteBy });
    const identity = `${row.originator} ${hex(row.record_id)} ${row.revision}`;
    if (identities.has(identity)) forks.add(identity);
    identities.set(identity, subject);
  }
  if (forks.size > 0 && !(await hasAlarm(deps, 'RECORD_FORK')))
    for (const identity of forks)
      yield finding(
        'RECORD_DOUBLED',
        identity,
        'two headers for one id and revision, and no alarm tells of it',
      );
  yield* checkTombstones(deps);
  yield* checkHolders(deps);
}

async function hasAlarm({ tx }: FsckDeps, code: string): Promise<boolean> {
  return (await tx.alarms.list({ code, limit: 1 })).items.length > 0;
}

/** What is searched and sorted by must be what was signed. */
function* compare(row: RowOf<'record'>, { header }: SignedHeader, subject: string): Generator<Finding> {
  const pairs: readonly (readonly [string, unknown, unknown])[] = [
    ['record_id', hex(row.record_id), hex(header.recordId)],
    ['revision', Number(row.revision), header.revision],
    ['originator', row.originator, header.originator],
    ['kind', row.kind, header.kind],
    ['schema_version', Number(row.schema_version), header.schemaVersion],
    ['desk_group', Number(row.desk_group), header.deskGroup],
    ['priority', Number(row.priority), header.priority],
    ['tlp', Number(row.tlp), header.marking?.tlp ?? 0],
    ['status', Number(row.status), header.marking?.status ?? 0],
    ['released', row.released, header.released],
    ['expires', row.expires, header.expires],
    ['review_by', row.review_by, header.reviewBy],
    ['log_origin', row.log_origin, header.logOrigin],
    ['supersedes', hex(row.supersedes ?? new Uint8Array(0)), hex(header.supersedes)],
  ];
  const unlike = pairs.filter(([, kept, said]) => kept !== said).map(([column]) => column);
  if (unlike.length > 0)
    yield finding(
      'RECORD_UNLIKE_HEADER',
      subject,
      `the row differs from the signed header in ${unlike.join(', ')}`,
    );
}

async function* checkFacets(
  { tx, self }: FsckDeps,
  row: RowOf<'record'>,
  signed: SignedHeader,
  subject: string,
): AsyncGenerator<Finding> {
  const facets = await tx.records.facets(row.header_digest);
  for (const { facet, salt, body } of facets) {
    const judged = judgeFacets(signed, [{ facet, salt: Buffer.from(salt), body: Buffer.from(body) }], {
      own: row.originator === self,
    });
    if (!judged.ok) yield finding('FACET_WRONG', `${subject} ${facet}`, judged.detail);
  }
}

interface PlaceDeps {
  readonly pending: ReadonlySet<string>;
  readonly isBelieved: ReturnType<typeof checkpointJudge>;
  readonly noteBy: (digest: Uint8Array) => Promise<Uint8Array | undefined>;
}

/** Every record has a place in its originator's log, proven or waited for. */
async function* checkPlace(
  deps: FsckDeps,
  row: RowOf<'record'>,
  subject: string,
  { pending, isBelieved, noteBy }: PlaceDeps,
): AsyncGenerator<Finding> {
  if (row.note_digest === null) {
    const waits = pending.has(hex(row.header_digest)) || row.state === 'superseded';
    if (row.origin === 'own' && row.leaf_index === null && !waits)
      yield finding('RECORD_UNLOGGED', subject, 'a record of ours with no leaf, and not in line for one');
    if (row.origin === 'own' && row.leaf_index !== null && !(await deps.tx.ledger.leafOf(row.header_digest)))
      yield finding('RECORD_UNLOGGED', subject, 'it names a leaf that its log does not have');
    if (row.origin === 'partner')
      yield finding('PROOF_WRONG', subject, "a partner's record without its proof");
    return;
  }
  const bytes = await noteBy(row.note_digest);
  if (!bytes || !equalBytes(sha256(bytes), row.note_digest)) {
    yield finding('PROOF_WRONG', subject, 'the note that it was proved under is not the one that it names');
    return;
  }
  const note = parseNote(bytes);
  const checkpoint = note.ok ? judgeCheckpointText(note.value.text) : note;
  if (!checkpoint.ok || checkpoint.value.origin !== row.log_origin) {
    yield finding('PROOF_WRONG', subject, 'its checkpoint is none of its log');
    return;
  }
  const proof: Uint8Array[] = [];
  for (let at = 0; at < (row.proof?.length ?? 0); at += 32)
    proof.push((row.proof ?? new Uint8Array(0)).subarray(at, at + 32));
  const { size, root } = checkpoint.value;
  const index = row.leaf_index ?? 0n;
  const included = judgeInclusion({ leafHash: leafHash(row.header), index, size, proof, root });
  if (!included.ok) yield finding('PROOF_WRONG', subject, included.detail);
  const statement = row.statement_digest && (await deps.directory.statementBy(row.statement_digest));
  if (!statement) {
    yield finding('PROOF_WRONG', subject, 'the key statement that it was judged by is not held');
    return;
  }
  const isExercise = parseLogOrigin(row.log_origin)?.world === 'exercise';
  const isSignedUnder = ({ exerciseLogKey, logKey }: KeyStatement): boolean =>
    isBelieved(bytes, row.log_origin, isExercise ? exerciseLogKey : logKey);
  if (isSignedUnder(statement.statement)) return;
  // It may have been carried on to a checkpoint from after a rotation, or the other way round.
  const { tx, network } = deps;
  const named = { node: row.originator, origin: row.log_origin, note: bytes };
  const speaking = await statementOfNote(tx, network, named);
  const signed = speaking && judgeSigned('statement', network, SignedKeyStatement.decode(speaking.body).body);
  if (!signed?.ok || !isSignedUnder(KeyStatement.decode(signed.value)))
    yield finding('PROOF_WRONG', subject, "its checkpoint is not signed by its log's key");
}

async function* checkTombstones({ tx, self }: FsckDeps): AsyncGenerator<Finding> {
  for await (const row of tx.inspect.rows('tombstone')) {
    const record = await tx.records.byDigest(row.header_digest);
    // Our own copy may stay where the reason permits it; only the originator's tombstone counts.
    if (!record || record.originator !== row.originator || NEVER_RECALLED.has(record.kind)) continue;
    const recalled = listIn(row.facets);
    if (recalled === undefined) {
      yield finding('TOMBSTONE_BROKEN', short(row.header_digest), 'what it names cannot be read');
      continue;
    }
    if (recalled.length === 0 && record.state === 'released')
      yield finding('TOMBSTONE_BROKEN', short(row.header_digest), 'it was recalled, and is still in use');
    if (row.purge === 0n || record.originator === self) continue;
    const held = (await tx.records.facets(row.header_digest)).filter(
      ({ facet }) => recalled.length === 0 || recalled.includes(facet),
    );
    if (held.length > 0)
      yield finding(
        'TOMBSTONE_BROKEN',
        short(row.header_digest),
        `${held.length} facets are here that had to be deleted`,
      );
  }
}

function listIn(text: string): readonly unknown[] | undefined {
  try {
    const list: unknown = JSON.parse(text);
    return Array.isArray(list) ? list : undefined;
  } catch {
    return undefined;
  }
}

/** Who is said to hold what, by the records that say it. */
async function* checkHolders({ tx, self }: FsckDeps): AsyncGenerator<Finding> {
  for await (const row of tx.inspect.rows('disclosure')) {
    const told = await tx.records.byDigest(row.disclosure_digest);
    if (told?.kind !== 'disclosure' || told.originator !== row.forwarder)
      yield finding(
        'HOLDER_UNFOUNDED',
        short(row.header_digest),
        `no disclosure record of ${row.forwarder} says so`,
      );
  }
  for await (const row of tx.inspect.rows('recall_notice')) {
    const recall = await tx.records.byDigest(row.recall_digest);
    if (recall?.kind !== 'recall' || recall.originator !== self)
      yield finding(
        'HOLDER_UNFOUNDED',
        short(row.target),
        `${row.holder} is asked to follow a recall that is none of ours`,
      );
    if ((row.closed_at === null) !== (row.receipt_digest === null))
      yield finding(
        'HOLDER_UNFOUNDED',
        short(row.target),
        `${row.holder} answered a recall, or did not: both are said`,
      );
  }
}
