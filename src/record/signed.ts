/**
 * What a signature covers: `tocsin/<type>/v1\n` ‖ 32-byte network digest ‖ protobuf body. The label keeps a signature over
 * one type from being shown as another's, the digest keeps it inside one network. Also the names that derive from it.
 */
import { createHash, hash } from 'node:crypto';
import { concat, equalBytes, hex, utf8 } from '../base/bytes.ts';
import { LIMITS } from '../base/limits.ts';
import { believed, disbelieved, type Verdict } from '../base/verdict.ts';
import { Reason } from '../gen/tocsin/record/v1/reason.ts';
import { RecordError } from './errors.ts';

export const SIGNED_TYPES = [
  'header',
  'manifest',
  'skip',
  'statement',
  'prekeys',
  'prekey-gone',
  'roster',
  'hello',
  'reply',
  'finish',
  'call',
  'instance',
  'oversight-report',
  'private-key',
] as const;

/** What may be signed. */
export type SignedType = (typeof SIGNED_TYPES)[number];

export const NETWORK_DIGEST_BYTES = 32;

const prefixes = new Map<SignedType, Uint8Array>(
  SIGNED_TYPES.map((type) => [type, utf8(`tocsin/${type}/v1\n`)]),
);

function prefixOf(type: SignedType): Uint8Array {
  const prefix = prefixes.get(type);
  if (prefix === undefined) throw new RecordError('NAME_INVALID', `expected a signed type, got ${type}`);
  return prefix;
}

/** Label of a type without the newline; also the context string of its ML-DSA signatures (FIPS 204 §5.2). */
export const signedLabel = (type: SignedType): string => `tocsin/${type}/v1`;

/** Signed bytes of a body. Throws RecordError unless the network digest has 32 bytes. */
export function encodeSigned(type: SignedType, network: Uint8Array, body: Uint8Array): Uint8Array {
  assertDigest(network);
  return concat(prefixOf(type), network, body);
}

/** The body of signed bytes of this type and network, as a view into them: LABEL_MISMATCH, WRONG_NETWORK. */
export function judgeSigned(
  type: SignedType,
  network: Uint8Array,
  bytes: Uint8Array,
): Verdict<Uint8Array, Reason> {
  const prefix = prefixOf(type);
  if (!equalBytes(bytes.subarray(0, prefix.length), prefix))
    return disbelieved(
      Reason.REASON_LABEL_MISMATCH,
      `expected bytes labelled ${signedLabel(type)}, got another label`,
    );
  const bodyAt = prefix.length + NETWORK_DIGEST_BYTES;
  if (!equalBytes(bytes.subarray(prefix.length, bodyAt), network))
    return disbelieved(
      Reason.REASON_WRONG_NETWORK,
      `expected bytes for network ${netToken(network)}, got another network's`,
    );
  return believed(bytes.subarray(bodyAt));
}

/** SHA-256 over the parts one after the other; parts of variable length have to carry their length themselves. */
export function sha256(...parts: readonly Uint8Array[]): Uint8Array {
  const [only] = parts;
  if (parts.length === 1 && only !== undefined) return hash('sha256', only, 'buffer');
  const running = createHash('sha256');
  for (const part of parts) running.update(part);
  return running.digest();
}

function assertDigest(network: Uint8Array): void {
  if (network.length !== NETWORK_DIGEST_BYTES)
    throw new RecordError('NAME_INVALID', `expected a network digest of 32 bytes, got ${network.length}`);
}

/** Short form of a network digest for subjects and log names: its first 16 hexadecimal digits. */
export function netToken(networkDigest: Uint8Array): string {
  assertDigest(networkDigest);
  return hex(networkDigest.subarray(0, 8));
}

const NODE_ID = /^[A-Z][A-Z0-9]{1,11}$/;

/** Whether the text has the form of a node id (`XA`, `HR`): nothing is said about membership. */
export const isNodeId = (text: string): boolean => NODE_ID.test(text);

/** Live traffic, or exercises and technical tests, which have a log and a key of their own. */
export type World = 'live' | 'exercise';

/** Parts of a log's name. */
export interface LogOrigin {
  readonly net: string;
  readonly node: string;
  readonly world: World;
  readonly incarnation: number;
}

const ORIGIN = /^tocsin\/([0-9a-f]{16})\/([A-Z][A-Z0-9]{1,11})\/log\/(live|exercise)\/([1-9][0-9]{0,8})$/;

function assertNames(net: string, node: string): void {
  if (!/^[0-9a-f]{16}$/.test(net))
    throw new RecordError('NAME_INVALID', 'expected a network token of 16 hexadecimal digits');
  if (!isNodeId(node)) throw new RecordError('NAME_INVALID', `expected a node id, got ${node.slice(0, 20)}`);
}

/** Name of a node's log; `net` is the network token. */
export function logOrigin(net: string, node: string, world: World, incarnation: number): string {
  assertNames(net, node);
  if (!Number.isSafeInteger(incarnation) || incarnation < 1 || incarnation > 999_999_999)
    throw new RecordError('NAME_INVALID', `expected an incarnation from 1, got ${incarnation}`);
  return `tocsin/${net}/${node}/log/${world}/${incarnation}`;
}

/** Parts of a log's name, undefined where the text is none. */
export function parseLogOrigin(origin: string): LogOrigin | undefined {
  if (origin.length > LIMITS.originBytes) return undefined;
  const [, net, node, world, incarnation] = ORIGIN.exec(origin) ?? [];
  if (net === undefined || node === undefined || incarnation === undefined) return undefined;
  return { net, node, world: world === 'exercise' ? 'exercise' : 'live', incarnation: Number(incarnation) };
}

/** Name under which a node cosigns others' checkpoints. */
export function witnessName(net: string, node: string): string {
  assertNames(net, node);
  return `tocsin/${net}/${node}/witness`;
}
