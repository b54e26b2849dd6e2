/**
 * Judges an evidence bundle offline, from the network digest alone: rosters → member → key statement → log keys →
 * checkpoint → inclusion → commitments. Every file is a stranger's, and every byte of it counts: what nothing vouches for
 * is refused, or reported where foreign tools alone use it.
 */
import { equalBytes, hex } from '../base/bytes.ts';
import { CLOCK_SKEW_MS, LIMITS } from '../base/limits.ts';
import { believed, disbelieved, type Verdict } from '../base/verdict.ts';
import { RosterHistory, SignedKeyStatement } from '../gen/tocsin/record/v1/identity.ts';
import { Reason } from '../gen/tocsin/record/v1/reason.ts';
import { Receipt, ReceiptResult } from '../gen/tocsin/record/v1/receipt.ts';
import { judgeHybrid, judgeRosterVersions, judgeStatement, type VerifiedRoster } from '../identity/index.ts';
import {
  isSignedBy,
  judgeCosignature,
  KEY_TYPE,
  type NoteSignature,
  parseSignatureLines,
  strictText,
} from '../merkle/index.ts';
import { isNodeId, judgeMessage, netToken, witnessName } from '../record/index.ts';
import {
  chainPem,
  type EvidenceFiles,
  FACET_FILE,
  FILE,
  logKeysIn,
  RECEIPT_FILE,
  verifierKeys,
  WITNESS_FILE,
} from './evidence.ts';
import { type Cosigned, type EndedKey, judgeLater, type LaterKnowledge } from './evidence-later.ts';
import {
  claimedStatement,
  type EvidenceTrust,
  judgePart,
  malformed,
  millisecondsOf,
  type ProvenRecord,
  readExactly,
  rosterAt,
} from './evidence-part.ts';

/** What a recipient's receipt says of the record. */
export interface EvidenceReceipt {
  /** Node id of the recipient. */
  readonly node: string;
  readonly result: 'accepted' | 'duplicate' | 'refused' | 'quarantined' | 'pending';
  /** Number of tocsin.record.v1.Reason; 0 where it states none. */
  readonly reason: Reason;
  /** Milliseconds. */
  readonly at: number;
}

/** What a believed bundle proves. */
export interface EvidenceReport {
  readonly originator: string;
  readonly kind: string;
  readonly recordId: string;
  readonly revision: number;
  readonly headerDigest: string;
  /** Milliseconds. */
  readonly released: number;
  readonly logOrigin: string;
  readonly leafIndex: bigint;
  readonly checkpointSize: bigint;
  /** When the log signed the checkpoint, by its own word, milliseconds. */
  readonly checkpointAt: number;
  /** Facets whose content the bundle proves, and those that the header commits to besides. */
  readonly seen: readonly string[];
  readonly withheld: readonly string[];
  /** Distinct members that cosigned the checkpoint, and how many the roster asks for. */
  readonly witnesses: readonly string[];
  readonly witnessThreshold: number;
  /** The key that signed has ended since; the checkpoint is known to have been there before. */
  readonly keyEnded?: EndedKey;
  readonly receipts: readonly EvidenceReceipt[];
  /** What does not weaken the proof but is not as it should be. */
  readonly warnings: readonly string[];
}

/**
 * Judges a bundle by the network digest; `nowMs` refuses times in the future. Everything else is derived: `vkeys.txt` is
 * compared, never trusted. Reasons: those of header, statement, checkpoint, proof and facets; WRONG_NETWORK and ROSTER_… for the
 * history; KEY_REVOKED where a later statement ends the key that signed and nothing shows that it was seen before; MALFORMED for missing or additional parts; CERTIFICATE_INVALID where chain.pem is not the statement's chain.
 */
export function judgeEvidence(bundle: {
  readonly files: EvidenceFiles;
  /** 32 bytes, got out of band. */
  readonly networkDigest: Uint8Array;
  readonly nowMs?: number;
  /** What whoever judges knows besides. */
  readonly known?: LaterKnowledge;
}): Verdict<EvidenceReport, Reason> {
  const { files, networkDigest } = bundle;
  if (networkDigest.length !== 32)
    return disbelieved(Reason.REASON_WRONG_NETWORK, 'expected a network digest of 32 bytes');
  const history = judgeHistory(files, networkDigest);
  if (!history.ok) return history;
  const { rosters } = history.value;
  const trust: EvidenceTrust = { network: networkDigest, rosters, nowMs: bundle.nowMs };

  const record = judgePart(files, trust);
  if (!record.ok) return record;
  const chain = files.get(FILE.chain);
  if (!chain || !equalBytes(chain, chainPem(record.value.chain)))
    return disbelieved(
      Reason.REASON_CERTIFICATE_INVALID,
      `expected in ${FILE.chain} the certificates of ${FILE.statement}`,
    );
  const witnesses = judgeWitnesses(files, record.value, trust);
  if (!witnesses.ok) return witnesses;
  const threshold =
    assignmentOf(rosterAt(rosters, record.value.atMs), record.value.signed.header.originator)?.threshold ?? 0;
  const ended = judgeLater(files, record.value, witnesses.value, threshold, trust, bundle.known ?? {});
  if (!ended.ok) return ended;
  const receipts = judgeReceipts(files, record.value, trust);
  if (!receipts.ok) return receipts;

  const { signed, place, checkpoint, atMs } = record.value;
  const { header } = signed;
  const names = [...new Set(witnesses.value.map(({ node }) => node))].sort();
  const seen = record.value.facets.map(({ facet }) => facet);
  return believed({
    originator: header.originator,
    kind: header.kind,
    recordId: hex(header.recordId),
    revision: header.revision,
    headerDigest: hex(signed.digest),
    released: Number(header.released),
    logOrigin: header.logOrigin,
    leafIndex: place.index,
    checkpointSize: checkpoint.checkpoint.size,
    checkpointAt: atMs,
    seen,
    withheld: header.commitments.map(({ facet }) => facet).filter((facet) => !seen.includes(facet)),
    witnesses: names,
    witnessThreshold: threshold,
    ...(ended.value && { keyEnded: ended.value }),
    receipts: receipts.value,
    warnings: [...history.value.warnings, ...warningsOn(files, record.value, names)],
  });
}

function judgeHistory(
  files: EvidenceFiles,
  networkDigest: Uint8Array,
): Verdict<{ readonly rosters: readonly VerifiedRoster[]; readonly warnings: readonly string[] }, Reason> {
  const bytes = files.get(FILE.rosterHistory);
  if (!bytes) return malformed(`expected ${FILE.rosterHistory}`);
  const history = readExactly(
    RosterHistory,
    'tocsin.record.v1.RosterHistory',
    bytes,
    LIMITS.rosterHistoryBytes,
  );
  if (!history.ok) return history;
  const rosters = judgeRosterVersions({ networkDigest, history: history.value });
  if (!rosters.ok) return rosters;
  // A signature beyond the threshold may be bad without spoiling the rest; silence about it would be wrong all the same.
  const warnings: string[] = [];
  for (const [at, { body, signatures }] of history.value.rosters.entries())
    for (const { member, signature, byPrevious } of signatures) {
      const governance = rosters.value[byPrevious ? at - 1 : at]?.roster.governance ?? [];
      const key = governance.find((listed) => listed.member === member)?.key;
      if (!judgeHybrid('roster', body, signature, key).ok)
        warnings.push(`roster version ${at + 1} carries a signature for ${member} that does not verify`);
    }
  return believed({ rosters: rosters.value, warnings });
}

const assignmentOf = (roster: VerifiedRoster | undefined, node: string) =>
  roster?.roster.witnesses.find((assignment) => assignment.node === node);

/** Cosignatures of distinct members that the roster names for this log; each line must verify. */
function judgeWitnesses(
  files: EvidenceFiles,
  record: ProvenRecord,
  trust: EvidenceTrust,
): Verdict<readonly Cosigned[], Reason> {
  const bytes = files.get(FILE.cosignatures);
  if (!bytes) return believed([]);
  if (bytes.length > LIMITS.noteBytes)
    return disbelieved(Reason.REASON_TOO_LARGE, 'expected fewer cosignatures');
  const text = strictText(bytes);
  if (text === undefined) return malformed('expected signature lines in UTF-8');
  const lines = parseSignatureLines(text);
  if (!lines.ok) return lines;
  const witnesses: Cosigned[] = [];
  for (const line of lines.value) {
    const witness = judgeWitness(files, line, record, trust);
    if (!witness.ok) return witness;
    witnesses.push(witness.value);
  }
  return believed(witnesses);
}

/** One cosignature, by whom and when. The witness's keys are judged at the time that it states. */
function judgeWitness(
  files: EvidenceFiles,
  line: NoteSignature,
  { signed, checkpoint: { checkpoint } }: ProvenRecord,
  trust: EvidenceTrust,
): Verdict<Cosigned, Reason> {
  const { network, nowMs } = trust;
  const [, , node = ''] = line.name.split('/');
  const file = files.get(`witnesses/${node}.statement.bin`);
  if (!file || !isNodeId(node))
    return disbelieved(
      Reason.REASON_STATEMENT_UNKNOWN,
      'expected the key statement of every witness that cosigned',
    );
  const carried = readExactly(
    SignedKeyStatement,
    'tocsin.record.v1.SignedKeyStatement',
    file,
    LIMITS.statementBytes,
  );
  if (!carried.ok) return carried;
  // By the claimed key first: a forged time must not look like an expired statement.
  const key = claimedStatement(network, carried.value)?.witnessKey;
  if (!key || !isSignedBy(line, witnessName(netToken(network), node), KEY_TYPE.mlDsa44, key.mlDsa44))
    return disbelieved(Reason.REASON_SIGNATURE_INVALID, "a cosignature is not by its witness's key");
  const time = judgeCosignature({ line, checkpoint, mlDsa44: key.mlDsa44 });
  if (!time.ok) return time;
  const atMs = millisecondsOf(time.value);
  const roster = rosterAt(trust.rosters, atMs);
  if (!roster || !assignmentOf(roster, signed.header.originator)?.witnesses.includes(node))
    return disbelieved(
      Reason.REASON_NOT_A_MEMBER,
      'a cosignature is by no witness of this log in the roster',
    );
  const statement = judgeStatement({ network, roster, signed: carried.value, atMs });
  if (!statement.ok) return statement;
  if (statement.value.statement.node !== node)
    return disbelieved(Reason.REASON_WRONG_SENDER, 'the key statement of a witness is of another node');
  if (nowMs !== undefined && atMs > nowMs + CLOCK_SKEW_MS)
    return disbelieved(Reason.REASON_CLOCK_SKEW, "a cosignature's time lies in the future");
  return believed({ node, atMs });
}

/** Receipts are records too, proved like the record itself; each must speak of it. */
function judgeReceipts(
  files: EvidenceFiles,
  record: ProvenRecord,
  trust: EvidenceTrust,
): Verdict<readonly EvidenceReceipt[], Reason> {
  const parts = new Map<string, Map<string, Uint8Array>>();
  for (const [path, bytes] of files) {
    const [, prefix, name] = RECEIPT_FILE.exec(path) ?? [];
    if (prefix === undefined || name === undefined) continue;
    const part = parts.get(prefix) ?? new Map<string, Uint8Array>();
    parts.set(prefix, part.set(name, bytes));
  }
  const receipts: EvidenceReceipt[] = [];
  for (const part of parts.values()) {
    const proven = judgePart(part, trust);
    if (!proven.ok) return proven;
    const { header } = proven.value.signed;
    const facet = proven.value.facets.find(({ facet: name }) => name === 'receipt');
    if (header.kind !== 'receipt' || !facet)
      return disbelieved(Reason.REASON_RECORD_INVALID, 'expected a record of kind receipt with its content');
    const receipt = judgeMessage(Receipt, 'tocsin.record.v1.Receipt', facet.body, LIMITS.facetBytes);
    if (!receipt.ok) return receipt;
    const item = receipt.value.items.find(({ headerDigest }) =>
      equalBytes(headerDigest, record.signed.digest),
    );
    const result = RESULTS.get(item?.result ?? ReceiptResult.RECEIPT_RESULT_UNSPECIFIED);
    if (!item || result === undefined)
      return disbelieved(
        Reason.REASON_RECORD_INVALID,
        'a receipt of the bundle does not speak of the record',
      );
    receipts.push({ node: header.originator, result, reason: item.reason, at: Number(receipt.value.at) });
  }
  return believed(receipts);
}

const RESULTS: ReadonlyMap<ReceiptResult, EvidenceReceipt['result']> = new Map([
  [ReceiptResult.RECEIPT_RESULT_ACCEPTED, 'accepted'],
  [ReceiptResult.RECEIPT_RESULT_DUPLICATE, 'duplicate'],
  [ReceiptResult.RECEIPT_RESULT_REFUSED, 'refused'],
  [ReceiptResult.RECEIPT_RESULT_QUARANTINED, 'quarantined'],
  [ReceiptResult.RECEIPT_RESULT_PENDING, 'pending'],
]);

const NAMES: ReadonlySet<string> = new Set(Object.values(FILE));
const PART_NAMES: ReadonlySet<string> = new Set([FILE.header, FILE.proof, FILE.statement]);

function warningsOn(
  files: EvidenceFiles,
  { signed, statement }: ProvenRecord,
  witnesses: readonly string[],
): string[] {
  const warnings: string[] = [];
  const keys = logKeysIn(statement.statement, signed.header.logOrigin);
  const held = files.get(FILE.verifierKeys);
  if (held && !(keys && equalBytes(held, verifierKeys(keys))))
    warnings.push(
      `${FILE.verifierKeys} does not hold the keys of the log; foreign tools would be misled by it`,
    );
  for (const path of files.keys()) {
    const [, , inReceipt] = RECEIPT_FILE.exec(path) ?? [];
    const [, witness] = WITNESS_FILE.exec(path) ?? [];
    const known =
      inReceipt === undefined
        ? NAMES.has(path) || FACET_FILE.test(path) || witnesses.includes(witness ?? '')
        : PART_NAMES.has(inReceipt) || FACET_FILE.test(inReceipt);
    if (!known) warnings.push(`${path.slice(0, 120)} is no file of a bundle and was not judged`);
  }
  return warnings;
}
