/**
 * Which keys speak for a node (design §5). Believed only with both signatures: by the key of a statement certificate under
 * the root that the roster pins, and by the ML-DSA-65 authority key that it pins beside it. A classical certificate
 * authority alone would make every hybrid signature below it void.
 */
import { createPrivateKey, type KeyObject, sign, verify } from 'node:crypto';
import { equalBytes, hex, utf8 } from '../base/bytes.ts';
import { CLOCK_SKEW_MS, LIMITS } from '../base/limits.ts';
import { believed, type Disbelieved, disbelieved, type Verdict } from '../base/verdict.ts';
import { KeyStatement, type Member, SignedKeyStatement } from '../gen/tocsin/record/v1/identity.ts';
import { Reason } from '../gen/tocsin/record/v1/reason.ts';
import {
  encodeSigned,
  judgeMessage,
  judgeSigned,
  logOrigin,
  netToken,
  sha256,
  signedLabel,
  witnessName,
} from '../record/index.ts';
import { certificatesFromPem } from './certificate.ts';
import { judgePath } from './certificate-profile.ts';
import type { VerifiedPath } from './chain.ts';
import { IdentityError } from './errors.ts';
import { hybridFingerprint, isHybridPublic, signInThreadPool, verifyRaw } from './hybrid.ts';
import type { Keyring } from './keyring.ts';
import type { VerifiedRoster } from './roster.ts';
import { SUPPORTED_FORMAT } from './roster-form.ts';

/** A key statement that was believed at one instant. */
export interface VerifiedStatement {
  readonly statement: KeyStatement;
  /** SHA-256 of the signed bytes. */
  readonly digest: Uint8Array;
  /** Encoded SignedKeyStatement, for store and peers. */
  readonly bytes: Uint8Array;
  /** Until then it can be believed: the earliest end of the statement and of the certificates of its path. */
  readonly notAfterMs: number;
}

const CONTEXT = utf8(signedLabel('statement'));
const MAX_CLOSED_LOGS = 1000;
const MAX_REVOCATIONS = 1000;
const MAX_KINDS = 256;

/** What a statement says besides what follows from node, network, incarnation and keyring. */
export interface StatementContent {
  readonly network: Uint8Array;
  readonly node: string;
  readonly incarnation: number;
  readonly sequence: bigint;
  /** Digest of the statement before; nothing for sequence 1. */
  readonly predecessor?: Uint8Array;
  readonly notBeforeMs: number;
  readonly notAfterMs: number;
  readonly keyring: Pick<Keyring, 'log' | 'exerciseLog' | 'link' | 'witness'>;
  readonly closedLogs?: KeyStatement['closedLogs'];
  readonly revocations?: KeyStatement['revocations'];
  readonly kinds?: KeyStatement['kinds'];
  readonly format?: number;
}

/** What the national authority signs with; see createAuthority. */
export interface StatementSigner {
  readonly statementKeyPem: string;
  readonly statementCertPem: string;
  readonly authorityKey: string;
  /** Between the statement certificate and the root, where a national PKI has such. */
  readonly intermediatesPem?: string;
}

function signByCertificate(key: KeyObject, bytes: Uint8Array): Uint8Array {
  return sign(key.asymmetricKeyType === 'ed25519' ? null : 'sha256', bytes, key);
}

/** Makes a key statement. Throws STATEMENT_INVALID where it would not be well formed; judge it before publishing. */
export async function createStatement(
  content: StatementContent,
  signer: StatementSigner,
): Promise<SignedKeyStatement> {
  const { network, node, incarnation, keyring } = content;
  const net = netToken(network);
  const statement: KeyStatement = {
    node,
    incarnation,
    sequence: content.sequence,
    predecessor: Buffer.from(content.predecessor ?? []),
    notBefore: BigInt(content.notBeforeMs),
    notAfter: BigInt(content.notAfterMs),
    logKey: keyring.log,
    exerciseLogKey: keyring.exerciseLog,
    linkKey: keyring.link,
    witnessKey: keyring.witness,
    logOrigin: logOrigin(net, node, 'live', incarnation),
    exerciseLogOrigin: logOrigin(net, node, 'exercise', incarnation),
    witnessName: witnessName(net, node),
    closedLogs: [...(content.closedLogs ?? [])],
    revocations: [...(content.revocations ?? [])],
    kinds: [...(content.kinds ?? [])],
    format: content.format ?? SUPPORTED_FORMAT,
  };
  const fault = statementFault(network, statement);
  if (fault !== undefined)
    throw new IdentityError({ code: 'STATEMENT_INVALID', message: `key statement: ${fault}` });
  const body = encodeSigned('statement', network, KeyStatement.encode(statement).finish());
  const authoritySignature = await signInThreadPool(createPrivateKey(signer.authorityKey), body, CONTEXT);
  const chain = [
    ...certificatesFromPem(signer.statementCertPem),
    ...certificatesFromPem(signer.intermediatesPem ?? ''),
  ];
  return {
    body: Buffer.from(body),
    certificateSignature: Buffer.from(signByCertificate(createPrivateKey(signer.statementKeyPem), body)),
    authoritySignature: Buffer.from(authoritySignature),
    chain: chain.map((der) => Buffer.from(der)),
  };
}

/** What is wrong with a statement's content, names included; undefined if nothing is. */
function statementFault(network: Uint8Array, statement: KeyStatement): string | undefined {
  const { node, incarnation } = statement;
  if (incarnation < 1 || incarnation > 999_999_999) return 'incarnation out of range';
  const net = netToken(network);
  if (
    statement.logOrigin !== logOrigin(net, node, 'live', incarnation) ||
    statement.exerciseLogOrigin !== logOrigin(net, node, 'exercise', incarnation) ||
    statement.witnessName !== witnessName(net, node)
  )
    return 'names that do not follow from network, node and incarnation';
  if (statement.sequence < 1n) return 'sequence below 1';
  if (statement.predecessor.length !== (statement.sequence === 1n ? 0 : 32))
    return 'expected the digest of the statement before, nothing in the first';
  if (statement.notBefore < 0n || statement.notBefore >= statement.notAfter) return 'no validity';
  const keys = [statement.logKey, statement.exerciseLogKey, statement.linkKey, statement.witnessKey];
  // One key for two roles would let a signature for one be shown as the other's.
  const halves = keys.flatMap((key) => (isHybridPublic(key) ? [hex(key.ed25519), hex(key.mlDsa44)] : []));
  if (new Set(halves).size !== 2 * keys.length) return 'expected four different hybrid keys';
  if (
    statement.closedLogs.length > MAX_CLOSED_LOGS ||
    statement.revocations.length > MAX_REVOCATIONS ||
    statement.kinds.length > MAX_KINDS
  )
    return 'a list is too long';
  if (statement.closedLogs.some(({ root }) => root.length !== 32)) return 'a closed log without a root';
  if (statement.revocations.some(({ fingerprint }) => fingerprint.length !== 32))
    return 'a revocation without a fingerprint';
  const revoked = new Set(statement.revocations.map(({ fingerprint }) => hex(fingerprint)));
  if (keys.some((key) => key !== undefined && revoked.has(hex(hybridFingerprint(key)))))
    return 'a key is named and revoked at once';
  if (statement.format < 1) return 'no format';
  return undefined;
}

function sizeFault(signed: SignedKeyStatement, bytes: Uint8Array): Disbelieved<Reason> | undefined {
  if (bytes.length > LIMITS.statementBytes)
    return disbelieved(
      Reason.REASON_TOO_LARGE,
      `expected a key statement of at most ${LIMITS.statementBytes} bytes, got ${bytes.length}`,
    );
  if (signed.chain.length === 0 || signed.chain.length >= LIMITS.chainCertificates)
    return disbelieved(
      Reason.REASON_CERTIFICATE_INVALID,
      `expected 1 to ${LIMITS.chainCertificates - 1} certificates, got ${signed.chain.length}`,
    );
  return undefined;
}

/** A member that was never in, or is out at this instant, has nobody to speak for it. */
function memberOf(roster: VerifiedRoster, node: string, atMs: number): Verdict<Member, Reason> {
  const member = roster.member(node);
  const standing = roster.standingOf(node, atMs);
  if (member === undefined || standing === 'expelled' || standing === 'pending')
    return disbelieved(Reason.REASON_NOT_A_MEMBER, 'the statement is of no member of the roster', {
      standing: standing ?? 'unlisted',
    });
  return believed(member);
}

function judgePathOf(
  member: Member,
  signed: SignedKeyStatement,
  atMs: number,
): Verdict<VerifiedPath, Reason> {
  const [leaf = new Uint8Array(), ...intermediates] = signed.chain;
  return judgePath({
    leaf,
    intermediates,
    root: member.authorityCertificate,
    atMs,
    purpose: 'statement',
    country: member.country,
  });
}

function signatureFault(
  member: Member,
  path: VerifiedPath,
  signed: SignedKeyStatement,
): Disbelieved<Reason> | undefined {
  const { leaf } = path;
  const digest = leaf.strength.type === 'ed25519' ? null : 'sha256';
  if (!verify(digest, signed.body, leaf.publicKey, signed.certificateSignature))
    return disbelieved(
      Reason.REASON_SIGNATURE_INVALID,
      "the statement certificate's signature does not verify",
    );
  if (!verifyRaw('ml-dsa-65', signed.body, signed.authoritySignature, member.authorityKey, CONTEXT))
    return disbelieved(
      Reason.REASON_AUTHORITY_SIGNATURE,
      "the authority key's signature is missing or does not verify",
    );
  return undefined;
}

function validityFault(statement: KeyStatement, atMs: number): Disbelieved<Reason> | undefined {
  if (atMs + CLOCK_SKEW_MS < Number(statement.notBefore))
    return disbelieved(Reason.REASON_CLOCK_SKEW, 'the key statement is not valid yet');
  if (atMs - CLOCK_SKEW_MS > Number(statement.notAfter))
    return disbelieved(Reason.REASON_EXPIRED, 'the key statement has expired');
  return undefined;
}

/** Whether a statement may replace the one held. */
function successionFault(
  held: VerifiedStatement,
  next: KeyStatement,
  digest: Uint8Array,
): Disbelieved<Reason> | undefined {
  const { statement } = held;
  if (held.statement.node !== next.node || equalBytes(held.digest, digest)) return undefined;
  const facts = { held: String(statement.sequence), got: String(next.sequence) };
  const stale = (detail: string): Disbelieved<Reason> =>
    disbelieved(Reason.REASON_STATEMENT_STALE, detail, facts);
  if (next.sequence < statement.sequence) return stale('a higher key statement is held');
  if (next.sequence === statement.sequence)
    return disbelieved(Reason.REASON_EQUIVOCATION, 'another key statement of this sequence is held', facts);
  if (next.incarnation < statement.incarnation) return stale('the incarnation went down');
  // Those between may never have come here; the direct successor has to name what we hold.
  if (next.sequence === statement.sequence + 1n && !equalBytes(next.predecessor, held.digest))
    return stale('the key statement does not follow from the one held');
  return undefined;
}

/**
 * Judges a key statement at `atMs`, and against the one held, if any: TOO_LARGE, LABEL_MISMATCH, WRONG_NETWORK,
 * MALFORMED, NOT_A_MEMBER, ISSUER_NOT_FOR_STATE, CERTIFICATE_INVALID, SIGNATURE_INVALID, AUTHORITY_SIGNATURE,
 * CLOCK_SKEW, EXPIRED, STATEMENT_STALE, EQUIVOCATION.
 */
export function judgeStatement(options: {
  readonly network: Uint8Array;
  readonly roster: VerifiedRoster;
  readonly signed: SignedKeyStatement;
  readonly atMs: number;
  readonly held?: VerifiedStatement;
}): Verdict<VerifiedStatement, Reason> {
  const { network, roster, signed, atMs, held } = options;
  const bytes = SignedKeyStatement.encode(signed).finish();
  const size = sizeFault(signed, bytes);
  if (size !== undefined) return size;
  const body = judgeSigned('statement', network, signed.body);
  if (!body.ok) return body;
  // Decoded before it is verified, strictly: it says which member's authority has to have signed.
  const read = judgeMessage(KeyStatement, 'tocsin.record.v1.KeyStatement', body.value, LIMITS.statementBytes);
  if (!read.ok) return read;
  const statement = read.value;
  const member = memberOf(roster, statement.node, atMs);
  if (!member.ok) return member;
  const path = judgePathOf(member.value, signed, atMs);
  if (!path.ok) return path;
  const signature = signatureFault(member.value, path.value, signed);
  if (signature !== undefined) return signature;
  const form = statementFault(network, statement);
  if (form !== undefined) return disbelieved(Reason.REASON_MALFORMED, `key statement: ${form}`);
  const digest = sha256(signed.body);
  const fault =
    validityFault(statement, atMs) ??
    (held === undefined ? undefined : successionFault(held, statement, digest));
  if (fault !== undefined) return fault;
  return believed({
    statement,
    digest,
    bytes,
    notAfterMs: Math.min(Number(statement.notAfter), path.value.notAfterMs),
  });
}
