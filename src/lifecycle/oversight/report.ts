/**
 * The auditor's report as one file of JSON lines: what it is of, each finding a line, the head of the audit trail, and last the
 * node's signature over every byte before it, with the key statement and the rosters that it is believed by. Anybody judges it
 * offline, knowing the network's digest alone.
 */
import { createHash } from 'node:crypto';
import { base64, fromBase64, hex, textOf } from '../../base/bytes.ts';
import { believed, disbelieved, type Verdict } from '../../base/verdict.ts';
import {
  HybridSignature,
  RosterHistory,
  SignedKeyStatement,
  SignedRoster,
} from '../../gen/tocsin/record/v1/identity.ts';
import { judgeHybrid, judgeRosterHistory, judgeStatement, type Keyring } from '../../identity/index.ts';
import { encodeSigned, reasonName } from '../../record/index.ts';
import type { AuditHead, ReadTx, UnreceiptedRecall } from '../../store/index.ts';
import type { OfficerActivity } from './activity.ts';
import type { OverdueList } from './overdue.ts';
import type { Sample } from './sample.ts';

const FORMAT = 'tocsin-oversight/1';
const SIGNED = 'oversight-report';
/** A history of rosters in base64, at most, and the findings. */
const REPORT_BYTES = 100_663_296;
/** Findings, as their lists are bounded, and the few lines around them. */
const REPORT_LINES = 4_000;

/** What goes into one report. */
export interface ReportContent {
  readonly network: Uint8Array;
  readonly node: string;
  readonly exercise: boolean;
  readonly from: number;
  readonly until: number;
  readonly at: number;
  readonly sample: Sample;
  readonly overdue: OverdueList;
  readonly recalls: { readonly items: readonly UnreceiptedRecall[]; readonly more: boolean };
  readonly openings: { readonly items: readonly object[]; readonly more: boolean };
  readonly activity: OfficerActivity;
  readonly head: AuditHead | undefined;
}

export interface ReportSigner {
  readonly keyring: Pick<Keyring, 'sign'>;
  /** Encoded SignedKeyStatement in use. */
  readonly statement: () => Uint8Array;
}

/** The lines of the file, each with its line feed. */
export async function signReport(
  tx: ReadTx,
  signer: ReportSigner,
  content: ReportContent,
): Promise<readonly string[]> {
  const { network, node, exercise, from, until, at, sample, overdue, recalls, openings, activity } = content;
  const { disclosures, ...drawn } = sample;
  const lines = [
    { format: FORMAT, node, network: hex(network), exercise, from, until, at },
    { sample: drawn },
    ...disclosures.map((disclosure) => ({ disclosure })),
    { overdue: { more: overdue.more } },
    ...overdue.items.map((late) => ({ late })),
    { recalls: { more: recalls.more } },
    ...recalls.items.map((recall) => ({ recall })),
    { openings: { more: openings.more } },
    ...openings.items.map((opening) => ({ opening })),
    { officers: { more: activity.more } },
    ...activity.days.map((officerDay) => ({ officerDay })),
    { head: content.head ?? null },
  ].map((line) => `${JSON.stringify(line, plain)}\n`);
  const hash = createHash('sha256');
  for (const line of lines) hash.update(line);
  const body = encodeSigned(SIGNED, network, hash.digest());
  const signature = await signer.keyring.sign('link', SIGNED, body);
  const rosters = (await tx.directory.rosters()).map((row) => SignedRoster.decode(row.body));
  const statement = SignedKeyStatement.decode(signer.statement());
  return [...lines, `${proofLine({ signature, statement, history: { rosters } })}\n`];
}

/** Bytes as hexadecimal, numbers of 64 bits as text. */
function plain(_name: string, value: unknown): unknown {
  if (typeof value === 'bigint') return String(value);
  if (value instanceof Uint8Array) return hex(value);
  // JSON.stringify asks Buffer for an object before it asks us.
  if (isBufferJson(value)) return hex(Uint8Array.from(value.data));
  return value;
}

const isBufferJson = (value: unknown): value is { readonly data: readonly number[] } =>
  typeof value === 'object' &&
  value !== null &&
  'type' in value &&
  value.type === 'Buffer' &&
  'data' in value &&
  Array.isArray(value.data);

/** What a believed report says of itself; its findings are its lines. */
export interface JudgedReport {
  readonly node: string;
  readonly exercise: boolean;
  readonly from: number;
  readonly until: number;
  readonly at: number;
  readonly disclosures: number;
  readonly differing: number;
  readonly notReplayable: number;
  readonly overdue: number;
  readonly recalls: number;
  readonly openings: number;
  readonly outliers: number;
  /** Row of the audit trail that it was made at; undefined = none yet. */
  readonly head: { readonly seq: string; readonly hash: string } | undefined;
}

/** REPORT_BROKEN: cut, or a byte is another one than was written. MALFORMED: no such file. NOT_BELIEVED: signed by nobody believed. */
export function judgeReport(
  bytes: Uint8Array,
  networkDigest: Uint8Array,
): Verdict<JudgedReport, 'REPORT_BROKEN' | 'MALFORMED' | 'NOT_BELIEVED'> {
  if (bytes.length > REPORT_BYTES)
    return disbelieved('MALFORMED', `expected at most ${REPORT_BYTES} bytes, as no such report has more`);
  const text = readText(bytes);
  const lines = text?.split('\n') ?? [];
  if (text === undefined || lines.pop() !== '')
    return disbelieved('REPORT_BROKEN', 'expected whole lines of UTF-8: the file was cut or changed');
  if (lines.length > REPORT_LINES)
    return disbelieved('MALFORMED', `expected at most ${REPORT_LINES} lines, got ${lines.length}`);
  const last = lines.pop() ?? '';
  const found: Record<string, unknown>[] = [];
  for (const [index, line] of lines.entries()) {
    const entry = readObject(line);
    if (entry === undefined) return disbelieved('MALFORMED', `line ${index + 1}: expected a JSON object`);
    found.push(entry);
  }
  const [first] = found;
  if (first?.format !== FORMAT) return disbelieved('MALFORMED', `line 1: expected the format ${FORMAT}`);
  if (first.network !== hex(networkDigest)) return disbelieved('NOT_BELIEVED', 'it is of another network');
  const signed = createHash('sha256')
    .update(lines.map((line) => `${line}\n`).join(''))
    .digest();
  const signer = judgeProof(last, networkDigest, Number(first.at), signed);
  if (!signer.ok) return signer;
  if (signer.value !== first.node)
    return disbelieved(
      'NOT_BELIEVED',
      `it says that it is of ${String(first.node)}, and is signed by ${signer.value}`,
    );
  return believed(summary(first, found));
}

function readText(bytes: Uint8Array): string | undefined {
  try {
    return textOf(bytes);
  } catch {
    return undefined;
  }
}

function judgeProof(
  line: string,
  network: Uint8Array,
  atMs: number,
  digest: Uint8Array,
): Verdict<string, 'REPORT_BROKEN' | 'NOT_BELIEVED'> {
  const read = readProof(line);
  if (read === undefined)
    return disbelieved('REPORT_BROKEN', 'expected the proof in the last line: the file was cut or changed');
  const roster = judgeRosterHistory({ networkDigest: network, history: read.history });
  if (!roster.ok)
    return disbelieved('NOT_BELIEVED', `its rosters: ${reasonName(roster.reason)}, ${roster.detail}`);
  const statement = judgeStatement({ network, roster: roster.value, signed: read.statement, atMs });
  if (!statement.ok)
    return disbelieved(
      'NOT_BELIEVED',
      `its key statement: ${reasonName(statement.reason)}, ${statement.detail}`,
    );
  const { node, linkKey } = statement.value.statement;
  const judged = judgeHybrid(SIGNED, encodeSigned(SIGNED, network, digest), read.signature, linkKey);
  return judged.ok
    ? believed(node)
    : disbelieved('REPORT_BROKEN', `not what ${node} signed: ${judged.detail}`);
}

/** Only as it was written: nothing in the line is without meaning, so no byte of it changes unseen. */
function readProof(line: string) {
  const { signature, statement, rosters } = readObject(line) ?? {};
  if (typeof signature !== 'string' || typeof statement !== 'string' || typeof rosters !== 'string')
    return undefined;
  try {
    const proof = {
      signature: HybridSignature.decode(fromBase64(signature)),
      statement: SignedKeyStatement.decode(fromBase64(statement)),
      history: RosterHistory.decode(fromBase64(rosters)),
    };
    return proofLine(proof) === line ? proof : undefined;
  } catch {
    return undefined;
  }
}

const proofLine = (proof: {
  readonly signature: HybridSignature;
  readonly statement: SignedKeyStatement;
  readonly history: RosterHistory;
}): string =>
  JSON.stringify({
    signature: base64(HybridSignature.encode(proof.signature).finish()),
    statement: base64(SignedKeyStatement.encode(proof.statement).finish()),
    rosters: base64(RosterHistory.encode(proof.history).finish()),
  });

function readObject(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : undefined;
  } catch {
    return undefined;
  }
}

function summary(first: Record<string, unknown>, lines: readonly Record<string, unknown>[]): JudgedReport {
  const counted = (name: string, has: (line: Record<string, unknown>) => boolean = () => true) =>
    lines.filter((line) => name in line && has(line)).length;
  const verdictOf = (line: Record<string, unknown>): unknown =>
    (line.disclosure as { readonly outcome?: { readonly verdict?: unknown } } | undefined)?.outcome?.verdict;
  const head = lines.findLast((line) => 'head' in line)?.head;
  return {
    node: String(first.node),
    exercise: first.exercise === true,
    from: Number(first.from),
    until: Number(first.until),
    at: Number(first.at),
    disclosures: counted('disclosure'),
    differing: counted('disclosure', (line) => verdictOf(line) === 'differs'),
    notReplayable: counted('disclosure', (line) => verdictOf(line) === 'not-replayable'),
    overdue: counted('late'),
    recalls: counted('recall'),
    openings: counted('opening'),
    outliers: counted(
      'officerDay',
      (line) => ((line.officerDay as { readonly outliers?: readonly unknown[] }).outliers ?? []).length > 0,
    ),
    head: head === null || head === undefined ? undefined : (head as JudgedReport['head']),
  };
}
