/** Gathers from the store what an evidence bundle of one record needs: own records and partners' alike. */
import { equalBytes } from '../base/bytes.ts';
import {
  KeyStatement,
  Roster,
  RosterHistory,
  SignedKeyStatement,
  SignedRoster,
  type WitnessAssignment,
} from '../gen/tocsin/record/v1/identity.ts';
import { endOfKey, UNNAMED_NETWORK } from '../identity/index.ts';
import {
  HASH_BYTES,
  isSignedBy,
  judgeCheckpointText,
  KEY_TYPE,
  type NoteSignature,
  parseSignatureLines,
  splitNote,
} from '../merkle/index.ts';
import { judgeHeader, judgeSigned } from '../record/index.ts';
import type { ReadTx, StoredCheckpoint, StoredRecord } from '../store/index.ts';
import { coveringCheckpoint, witnessKeysOf } from './cosigned.ts';
import { ledgerError } from './errors.ts';
import { buildEvidence, type EvidenceCosignature, type EvidenceRecord, logKeysIn } from './evidence.ts';
import type { Ledger } from './ledger.ts';
import { statementOfNote } from './note-statement.ts';

export interface CollectOptions {
  /** Gives the proof of an own record. */
  readonly ledger: Pick<Ledger, 'proofFor'>;
  /** 32 bytes. */
  readonly network: Uint8Array;
  readonly headerDigest: Uint8Array;
  /** Names of the facets to show; all that are held where absent. */
  readonly facets?: readonly string[];
}

/**
 * The bundle of one record with the receipts held for it. An own record is proved under the newest checkpoint of its
 * log that witnesses cosigned, or without one the newest; a partner's under the one that it came with, or was carried on to.
 * NOT_IN_LOG (later) where the record has no leaf yet; EVIDENCE_INCOMPLETE where the store lacks the record, a statement or
 * the rosters.
 */
export async function collectEvidence(tx: ReadTx, options: CollectOptions): Promise<Map<string, Uint8Array>> {
  const record = await loadRecord(tx, options, options.headerDigest, options.facets);
  const rosters = await tx.directory.rosters();
  if (rosters.length === 0) throw incomplete('no roster is held here');
  const history = { rosters: rosters.map(({ body }) => SignedRoster.decode(body)) };
  const receipts: EvidenceRecord[] = [];
  for (const digest of await receiptDigests(tx, options.headerDigest)) {
    const receipt = await tx.records.byDigest(digest);
    // A receipt that cannot be proved would make the bundle fall; without it the record still stands.
    if (receipt?.proof && receipt.checkpoint) receipts.push(await loadRecord(tx, options, digest));
  }
  return buildEvidence({
    network: options.network,
    record,
    rosterHistory: RosterHistory.encode(history).finish(),
    ...(await laterStatement(tx, options.network, record)),
    cosignatures: await loadCosignatures(tx, options.network, record.checkpoint),
    receipts,
  });
}

async function loadRecord(
  tx: ReadTx,
  { ledger, network }: CollectOptions,
  headerDigest: Uint8Array,
  names?: readonly string[],
): Promise<EvidenceRecord> {
  const held = await tx.records.byDigest(headerDigest);
  if (!held) throw incomplete('the record is not held here');
  const signed = judgeHeader(network, held.header);
  if (!signed.ok) throw incomplete(`the header held does not verify: ${signed.detail}`);
  const facets = await tx.records.facets(headerDigest, names);
  const place =
    held.origin === 'own' && !held.checkpoint
      ? await ownPlace(tx, { ledger, network }, held)
      : partnersPlace(held);
  return {
    signed: signed.value,
    facets: facets.map(({ facet, salt, body }) => ({
      facet,
      salt: Buffer.from(salt),
      body: Buffer.from(body),
    })),
    statement: await statementFor(tx, network, held, place.checkpoint),
    ...place,
  };
}

type Place = Pick<EvidenceRecord, 'index' | 'proof' | 'checkpoint'>;

/**
 * Under the newest checkpoint that witnesses cosigned where there is one: their word is what supports its time. One whose key did not
 * count any more when it signed proves nothing, whoever saw it: then under the newest of all, which the present key signed.
 */
async function ownPlace(
  tx: ReadTx,
  { ledger, network }: Pick<CollectOptions, 'ledger' | 'network'>,
  held: StoredRecord,
): Promise<Place> {
  const leaf = await tx.ledger.leafOf(held.headerDigest);
  const assignment = await assignmentOf(tx, network, held.originator);
  const witnessed =
    leaf && (await coveringCheckpoint(tx, { origin: leaf.log, leafIndex: leaf.index, assignment }));
  const isSpent = witnessed && (await wasTakenBack(tx, network, held.originator, witnessed));
  const covering = isSpent ? await tx.ledger.newestCheckpoint(witnessed.log) : witnessed;
  const { index, proof } = await ledger.proofFor(tx, held.headerDigest, covering?.size ?? 0n);
  return { index, proof, checkpoint: covering?.note ?? new Uint8Array() };
}

/** Whether the key that signed a checkpoint did not count any more at that time, as the newest statement of its node says. */
async function wasTakenBack(
  tx: ReadTx,
  network: Uint8Array,
  node: string,
  { log: origin, note, at }: StoredCheckpoint,
): Promise<boolean> {
  const signed = await statementOfNote(tx, network, { node, origin, note });
  const newest = await tx.directory.newestStatement(node);
  const before = signed && statementIn(network, signed.body);
  const keys = before && logKeysIn(before, origin);
  const later = newest && statementIn(network, newest.body);
  const end = later && keys && endOfKey(later, keys);
  return end !== undefined && end <= at;
}

/** The line of the newest roster held, which was judged when it was kept. */
async function assignmentOf(
  tx: ReadTx,
  network: Uint8Array,
  node: string,
): Promise<WitnessAssignment | undefined> {
  const newest = await tx.directory.newestRoster();
  // The first version is what the network digest is taken of, so it names no network itself.
  const named = newest?.version === 1n ? UNNAMED_NETWORK : network;
  const signed = newest && judgeSigned('roster', named, SignedRoster.decode(newest.body).body);
  if (!signed?.ok) return undefined;
  return Roster.decode(signed.value).witnesses.find((line) => line.node === node);
}

function partnersPlace({ leafIndex, proof, checkpoint }: StoredRecord): Place {
  if (leafIndex === undefined || !proof || !checkpoint) throw incomplete('the record came without its proof');
  const hashes: Uint8Array[] = [];
  for (let at = 0; at < proof.length; at += HASH_BYTES) hashes.push(proof.subarray(at, at + HASH_BYTES));
  return { index: leafIndex, proof: hashes, checkpoint };
}

/** The statement whose key signed the checkpoint: the one that the record was judged under, or one from before or after a rotation. */
async function statementFor(
  tx: ReadTx,
  network: Uint8Array,
  held: StoredRecord,
  note: Uint8Array,
): Promise<Uint8Array> {
  const { originator, logOrigin } = held;
  const speaking = await statementOfNote(tx, network, { node: originator, origin: logOrigin, note });
  const named = held.statementDigest && (await tx.directory.statement(held.statementDigest));
  const found = speaking ?? named;
  if (!found) throw incomplete('no key statement that speaks for the log of the record is held here');
  return found.body;
}

/** The newest statement of the originator where it ends the key that the proof rests on. */
async function laterStatement(
  tx: ReadTx,
  network: Uint8Array,
  record: EvidenceRecord,
): Promise<{ readonly laterStatement?: Uint8Array }> {
  const { originator, logOrigin } = record.signed.header;
  const newest = await tx.directory.newestStatement(originator);
  if (!newest || equalBytes(newest.body, record.statement)) return {};
  const before = statementIn(network, record.statement);
  const keys = before && logKeysIn(before, logOrigin);
  const later = statementIn(network, newest.body);
  return later && keys && endOfKey(later, keys) !== undefined ? { laterStatement: newest.body } : {};
}

/** Of the store, so judged before. */
function statementIn(network: Uint8Array, body: Uint8Array): KeyStatement | undefined {
  const signed = judgeSigned('statement', network, SignedKeyStatement.decode(body).body);
  return signed.ok ? KeyStatement.decode(signed.value) : undefined;
}

/** Receipts that closed outbox rows of the record, each once. */
async function receiptDigests(tx: ReadTx, headerDigest: Uint8Array): Promise<readonly Uint8Array[]> {
  const rows = await tx.outbox.ofRecord(headerDigest);
  const digests = rows.flatMap(({ recipient, receiptDigest }) =>
    receiptDigest ? [[recipient, receiptDigest] as const] : [],
  );
  // One a recipient, the last: what it says of the record supersedes what it said before.
  return [...new Map(digests).values()];
}

const signaturesIn = (line: string): readonly NoteSignature[] => {
  const parsed = parseSignatureLines(line);
  return parsed.ok ? parsed.value : [];
};

async function loadCosignatures(
  tx: ReadTx,
  network: Uint8Array,
  note: Uint8Array,
): Promise<readonly EvidenceCosignature[]> {
  const halves = splitNote(note);
  const text = halves.ok ? judgeCheckpointText(halves.value.text) : halves;
  if (!text.ok) throw incomplete(`the checkpoint held cannot be read: ${text.detail}`);
  const cosignatures: EvidenceCosignature[] = [];
  for (const { witness, line } of await tx.ledger.cosignatures(text.value.origin, text.value.size)) {
    const [, , node = ''] = witness.split('/');
    const [signature] = signaturesIn(line);
    const keys = await witnessKeysOf(tx, network, node);
    const key = keys.find(
      ({ mlDsa44 }) => signature && isSignedBy(signature, witness, KEY_TYPE.mlDsa44, mlDsa44),
    );
    // Without the statement that names the key of this line nobody could judge it.
    if (key) cosignatures.push({ node, line, statement: key.statement });
  }
  return cosignatures;
}

const incomplete = (why: string) =>
  ledgerError('EVIDENCE_INCOMPLETE', `no evidence can be given: ${why}`, { retry: 'later' });
