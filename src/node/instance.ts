/**
 * Two processes of one node (T48): what a process says of itself, what is believed of another that says it is the same node,
 * and which of the two goes on. Only a proof under the node's own key, over a nonce of this process's own question, counts:
 * whoever has the node's keys can stop it, and nobody else.
 */
import { equalBytes, hex } from '../base/bytes.ts';
import { LIMITS } from '../base/limits.ts';
import { believed, disbelieved, type Verdict } from '../base/verdict.ts';
import { Instance, InstanceQuestion, SignedInstance } from '../gen/tocsin/exchange/v1/instance.ts';
import {
  type HybridPublicKey,
  type HybridSignature,
  SignedKeyStatement,
} from '../gen/tocsin/record/v1/identity.ts';
import { Reason } from '../gen/tocsin/record/v1/reason.ts';
import {
  endOfKey,
  judgeHybrid,
  judgeStatement,
  type VerifiedRoster,
  type VerifiedStatement,
} from '../identity/index.ts';
import { encodeSigned, judgeMessage, judgeSigned } from '../record/index.ts';

const FORMAT = 1;
export const INSTANCE_ID_BYTES = 16;
export const NONCE_BYTES = 32;
const QUESTION_BYTES = 256;
const BODY_BYTES = 1_024;

/** A process that runs as a node. */
export interface NodeInstance {
  /** 16 random bytes, made at its start. */
  readonly instanceId: Uint8Array;
  /** By its own clock, milliseconds UTC. */
  readonly startedAtMs: number;
  /** It has begun to send and to take mail. */
  readonly running: boolean;
  readonly incarnation: number;
}

/** Another process of this node, believed. */
export interface Namesake extends NodeInstance {
  /** Its key statement ends the link key that we speak with: no partner believes us any more. */
  readonly supersedesUs: boolean;
}

export interface HeardQuestion {
  readonly instanceId: Uint8Array;
  readonly nonce: Uint8Array;
  readonly inTurn: boolean;
}

export const encodeQuestion = ({ instanceId, nonce, inTurn }: HeardQuestion): Uint8Array =>
  InstanceQuestion.encode({
    format: FORMAT,
    instanceId: Buffer.from(instanceId),
    nonce: Buffer.from(nonce),
    inTurn,
  }).finish();

/** The form of a question; nothing of it is authenticated: TOO_LARGE, MALFORMED, FORMAT_UNSUPPORTED. */
export function judgeQuestion(bytes: Uint8Array): Verdict<HeardQuestion, Reason> {
  const parsed = judgeMessage(InstanceQuestion, 'tocsin.exchange.v1.InstanceQuestion', bytes, QUESTION_BYTES);
  if (!parsed.ok) return parsed;
  const { format, instanceId, nonce, inTurn } = parsed.value;
  if (format < FORMAT)
    return disbelieved(
      Reason.REASON_FORMAT_UNSUPPORTED,
      `expected format ${FORMAT} or higher, got ${format}`,
    );
  if (instanceId.length !== INSTANCE_ID_BYTES || nonce.length !== NONCE_BYTES)
    return disbelieved(Reason.REASON_MALFORMED, 'an id or nonce of the question has a wrong length');
  return believed({ instanceId, nonce, inTurn });
}

/** What a process says of itself, signed by the link key of `statement`. */
export async function createAnswer(options: {
  readonly network: Uint8Array;
  readonly self: NodeInstance;
  readonly statement: VerifiedStatement;
  readonly nonce: Uint8Array;
  readonly sign: (bytes: Uint8Array, linkKey: HybridPublicKey | undefined) => Promise<HybridSignature>;
}): Promise<Uint8Array> {
  const { network, self, statement, nonce, sign } = options;
  const { node, linkKey } = statement.statement;
  const body = encodeSigned(
    'instance',
    network,
    Instance.encode({
      format: FORMAT,
      node,
      instanceId: Buffer.from(self.instanceId),
      startedAt: BigInt(self.startedAtMs),
      running: self.running,
      nonce: Buffer.from(nonce),
      statementDigest: Buffer.from(statement.digest),
    }).finish(),
  );
  return SignedInstance.encode({
    body: Buffer.from(body),
    signature: await sign(body, linkKey),
    statement: SignedKeyStatement.decode(statement.bytes),
  }).finish();
}

/**
 * Judges an answer: TOO_LARGE, MALFORMED, LABEL_MISMATCH, WRONG_NETWORK, WRONG_SENDER (another node's, or our own words),
 * REPLAY (no nonce of ours), whatever `judgeStatement` says, STATEMENT_UNKNOWN, KEY_REVOKED, SIGNATURE_INVALID, DOWNGRADE.
 */
export function judgeAnswer(options: {
  readonly network: Uint8Array;
  readonly own: VerifiedStatement;
  readonly roster: VerifiedRoster;
  readonly instanceId: Uint8Array;
  /** Of our questions that may still be answered. */
  readonly nonces: readonly Uint8Array[];
  readonly bytes: Uint8Array;
  readonly atMs: number;
}): Verdict<Namesake, Reason> {
  const { network, own, bytes, atMs } = options;
  const parsed = judgeMessage(
    SignedInstance,
    'tocsin.exchange.v1.SignedInstance',
    bytes,
    LIMITS.handshakeBytes,
  );
  if (!parsed.ok) return parsed;
  const { body, signature, statement: shown } = parsed.value;
  const signed = judgeSigned('instance', network, body);
  if (!signed.ok) return signed;
  const read = judgeMessage(Instance, 'tocsin.exchange.v1.Instance', signed.value, BODY_BYTES);
  if (!read.ok) return read;
  const instance = read.value;
  if (instance.format !== FORMAT)
    return disbelieved(Reason.REASON_FORMAT_UNSUPPORTED, `expected format ${FORMAT}, got ${instance.format}`);
  if (instance.instanceId.length !== INSTANCE_ID_BYTES)
    return disbelieved(Reason.REASON_MALFORMED, 'the instance id has a wrong length');
  const { node } = own.statement;
  if (instance.node !== node || equalBytes(instance.instanceId, options.instanceId))
    return disbelieved(Reason.REASON_WRONG_SENDER, `expected another process of ${node}`);
  if (!options.nonces.some((nonce) => equalBytes(nonce, instance.nonce)))
    return disbelieved(Reason.REASON_REPLAY, 'it answers no question that was asked here a moment ago');
  const stated = equalBytes(instance.statementDigest, own.digest)
    ? believed(own)
    : judgeTheirStatement(options, instance, shown);
  if (!stated.ok) return stated;
  const { statement } = stated.value;
  const end = statement.linkKey && endOfKey(own.statement, statement.linkKey);
  if (end !== undefined && end <= atMs)
    return disbelieved(Reason.REASON_KEY_REVOKED, 'it is signed by a link key that this node has taken back');
  const judged = judgeHybrid('instance', body, signature, statement.linkKey);
  if (!judged.ok) return judged;
  const ours = own.statement.linkKey && endOfKey(statement, own.statement.linkKey);
  return believed({
    instanceId: instance.instanceId,
    startedAtMs: Number(instance.startedAt),
    running: instance.running,
    incarnation: statement.incarnation,
    supersedesUs: ours !== undefined && ours <= atMs,
  });
}

function judgeTheirStatement(
  {
    network,
    own,
    roster,
    atMs,
  }: Pick<Parameters<typeof judgeAnswer>[0], 'network' | 'own' | 'roster' | 'atMs'>,
  instance: Instance,
  shown: SignedKeyStatement | undefined,
): Verdict<VerifiedStatement, Reason> {
  const unknown = disbelieved(
    Reason.REASON_STATEMENT_UNKNOWN,
    'expected the key statement that the answer names',
  );
  if (shown === undefined) return unknown;
  const judged = judgeStatement({ network, roster, signed: shown, atMs });
  if (!judged.ok) return judged;
  const isNamed = equalBytes(judged.value.digest, instance.statementDigest);
  return isNamed && judged.value.statement.node === own.statement.node ? judged : unknown;
}

/**
 * Whether `one` goes on where both run: what runs already, then the higher incarnation, then what started earlier, then the
 * lower id. Of two instances exactly one goes on, whichever of them judges.
 */
export function goesOn(one: NodeInstance, other: NodeInstance): boolean {
  if (one.running !== other.running) return one.running;
  if (one.incarnation !== other.incarnation) return one.incarnation > other.incarnation;
  if (one.startedAtMs !== other.startedAtMs) return one.startedAtMs < other.startedAtMs;
  return hex(one.instanceId) < hex(other.instanceId);
}
