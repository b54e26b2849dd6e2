/**
 * The verification report: who signed a record, and what of that verifies now, from the bytes that the store holds. Nothing is
 * taken from an earlier verdict but that a key statement was accepted when it came.
 */
import { X509Certificate } from 'node:crypto';
import { equalBytes } from '../base/bytes.ts';
import { disbelieved, type Verdict } from '../base/verdict.ts';
import type { KeyStatement, Member, WitnessAssignment } from '../gen/tocsin/record/v1/identity.ts';
import { Reason } from '../gen/tocsin/record/v1/reason.ts';
import { statementOfNote } from '../ledger/index.ts';
import { judgeInclusion, judgeSignedCheckpoint, leafHash } from '../merkle/index.ts';
import { commitFacet, judgeFacets, parseLogOrigin, witnessName } from '../record/index.ts';
import type { ReadTx } from '../store/index.ts';
import type { HeldRecord } from './open-record.ts';

/** Who may speak, as this node verified it. */
export interface DeskDirectory {
  readonly roster: {
    /** Network digest. */
    readonly network: Uint8Array;
    readonly roster: { readonly witnesses: readonly WitnessAssignment[] };
    member(node: string): Member | undefined;
  };
  /** A statement that was verified here. */
  statementBy(digest: Uint8Array): Promise<DeskStatement | undefined>;
  /** The newest one of a node. */
  statementOf(node: string): DeskStatement | undefined;
}

interface DeskStatement {
  readonly statement: KeyStatement;
  readonly digest: Uint8Array;
}

/** Where a record stands in its log. */
export interface HeldInclusion {
  readonly index: bigint;
  readonly proof: readonly Uint8Array[];
  /** Signed note. */
  readonly note: Uint8Array;
}

type ProofState = 'pending' | 'signed' | 'witnessed' | 'failed';

export interface Report {
  readonly state: ProofState;
  readonly originatorName: string;
  readonly authoritySubject: string;
  readonly statement: DeskStatement | undefined;
  readonly inclusion: HeldInclusion | undefined;
  readonly checkpointSize: bigint;
  /** Milliseconds; 0 while pending. */
  readonly checkpointAt: number;
  readonly signaturesValid: boolean;
  readonly inclusionValid: boolean;
  readonly commitments: readonly {
    readonly facet: string;
    readonly held: boolean;
    readonly valid: boolean;
  }[];
  /** Distinct members whose cosignatures are held, of those that the roster names. */
  readonly witnesses: readonly string[];
  readonly threshold: number;
  readonly problem: { readonly reason: Reason; readonly detail: string } | undefined;
}

/** The statement whose key signed the checkpoint shown, which may be a later one than the record was stated under. */
async function speaking(
  tx: Pick<ReadTx, 'directory'>,
  directory: DeskDirectory,
  { originator, logOrigin, statementDigest }: HeldRecord['record'],
  inclusion: HeldInclusion | undefined,
): Promise<DeskStatement | undefined> {
  const of = { node: originator, origin: logOrigin };
  const found =
    inclusion && (await statementOfNote(tx, directory.roster.network, { ...of, note: inclusion.note }));
  const digest = found?.digest ?? statementDigest;
  return digest === undefined ? directory.statementOf(originator) : directory.statementBy(digest);
}

/** Builds the report of a held record. `inclusion` is undefined while no checkpoint covers it. */
export async function verificationReport(
  tx: Pick<ReadTx, 'ledger' | 'directory'>,
  directory: DeskDirectory,
  held: HeldRecord,
  inclusion: HeldInclusion | undefined,
): Promise<Report> {
  const { record, signed } = held;
  const member = directory.roster.member(record.originator);
  const statement = await speaking(tx, directory, record, inclusion);
  const facets = judgeFacets(signed, held.facets, { own: held.items === undefined });
  const log = judgeLog(signed.bytes, record.logOrigin, statement, inclusion);
  const assignment = directory.roster.roster.witnesses.find(({ node }) => node === record.originator);
  const threshold = assignment?.threshold ?? 0;
  const witnesses = log.ok ? await witnessesOf(tx, record.logOrigin, log.value.size, assignment) : [];
  const problem = [facets, log].find((verdict) => !verdict.ok);
  const state: ProofState =
    problem !== undefined && !problem.ok && !(inclusion === undefined && problem === log)
      ? 'failed'
      : inclusion === undefined
        ? 'pending'
        : threshold > 0 && witnesses.length >= threshold
          ? 'witnessed'
          : 'signed';
  return {
    state,
    originatorName: member?.name ?? record.originator,
    authoritySubject: member === undefined ? '' : subjectOf(member.authorityCertificate),
    statement,
    inclusion,
    checkpointSize: log.ok ? log.value.size : 0n,
    checkpointAt: log.ok ? Number(log.value.timestamp) * 1000 : 0,
    signaturesValid: log.ok || log.facts.signatures === true,
    inclusionValid: log.ok,
    commitments: signed.header.commitments.map(({ facet, digest }) => {
      const bytes = held.facets.find((candidate) => candidate.facet === facet);
      const { recordId, revision } = signed.header;
      return {
        facet,
        held: bytes !== undefined,
        valid:
          bytes !== undefined &&
          equalBytes(commitFacet({ recordId, revision, facet, salt: bytes.salt, body: bytes.body }), digest),
      };
    }),
    witnesses,
    threshold,
    problem:
      state === 'failed' && problem !== undefined && !problem.ok
        ? { reason: problem.reason, detail: problem.detail }
        : undefined,
  };
}

interface LogStanding {
  readonly size: bigint;
  /** Seconds. */
  readonly timestamp: bigint;
}

/** Both signatures of the log over the checkpoint (design §4), then the path from the header to its root. */
function judgeLog(
  header: Uint8Array,
  origin: string,
  statement: DeskStatement | undefined,
  inclusion: HeldInclusion | undefined,
): Verdict<LogStanding, Reason> {
  if (inclusion === undefined)
    return disbelieved(Reason.REASON_PROOF_INVALID, 'no checkpoint covers the record yet');
  const keys = statement === undefined ? undefined : keysOfLog(statement.statement, origin);
  if (keys === undefined)
    return disbelieved(Reason.REASON_STATEMENT_UNKNOWN, `no key statement here names the keys of ${origin}`);
  const signed = judgeSignedCheckpoint({
    note: inclusion.note,
    origin,
    ed25519: keys.ed25519,
    mlDsa44: keys.mlDsa44,
  });
  if (!signed.ok) return signed;
  const { checkpoint, timestamp } = signed.value;
  const included = judgeInclusion({
    leafHash: leafHash(header),
    index: inclusion.index,
    size: checkpoint.size,
    proof: inclusion.proof,
    root: checkpoint.root,
  });
  if (!included.ok) return disbelieved(included.reason, included.detail, { signatures: true });
  return { ok: true, value: { size: checkpoint.size, timestamp } };
}

/** A statement speaks for its two logs only; the exercise never borrows the live log's key. */
function keysOfLog(statement: KeyStatement, origin: string) {
  const key =
    origin === statement.logOrigin
      ? statement.logKey
      : origin === statement.exerciseLogOrigin
        ? statement.exerciseLogKey
        : undefined;
  return key === undefined ? undefined : { ed25519: key.ed25519, mlDsa44: key.mlDsa44 };
}

async function witnessesOf(
  tx: Pick<ReadTx, 'ledger'>,
  origin: string,
  size: bigint,
  assignment: WitnessAssignment | undefined,
): Promise<readonly string[]> {
  const net = parseLogOrigin(origin)?.net;
  if (assignment === undefined || net === undefined) return [];
  const held = new Set((await tx.ledger.cosignatures(origin, size)).map(({ witness }) => witness));
  return assignment.witnesses.filter((node) => held.has(witnessName(net, node)));
}

function subjectOf(certificateDer: Uint8Array): string {
  try {
    return new X509Certificate(certificateDer).subject.replaceAll('\n', ', ');
  } catch {
    return '';
  }
}

/** `witnessed(2)` and so on, for people. */
export const reportLabel = (report: Pick<Report, 'state' | 'witnesses'>): string =>
  report.state === 'witnessed' ? `witnessed(${report.witnesses.length})` : report.state;
