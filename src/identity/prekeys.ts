/**
 * Keys that parcels are sealed to, signed by the link key, so that their rotation never needs the authority. Short lives
 * are what makes a stolen node unable to read last month's mail (design §5).
 */
import { hex } from '../base/bytes.ts';
import { CLOCK_SKEW_MS, LIMITS } from '../base/limits.ts';
import { believed, disbelieved, type Verdict } from '../base/verdict.ts';
import { type Prekey, PrekeyBundle, SignedPrekeyBundle } from '../gen/tocsin/exchange/v1/prekey.ts';
import { Reason } from '../gen/tocsin/record/v1/reason.ts';
import { encodeSigned, judgeMessage, judgeSigned, sha256 } from '../record/index.ts';
import { IdentityError } from './errors.ts';
import { type HybridPublic, judgeHybrid } from './hybrid.ts';
import type { Keyring } from './keyring.ts';
import { type HeldPrekey, PREKEY_ID_BYTES, PREKEY_SUITE } from './keyring-prekeys.ts';
import type { VerifiedStatement } from './statement.ts';

/** The longest life of a prekey. */
export const PREKEY_LIFE_MS = 7 * 24 * 3_600_000;
/** MLKEM768-X25519: 1184 and 32 bytes. */
export const PREKEY_PUBLIC_BYTES = 1216;
/** The current one, the next, and as many again where they overlap. */
const MAX_PREKEYS = 4;

/** A prekey bundle that was believed. */
export interface VerifiedPrekeys {
  readonly bundle: PrekeyBundle;
  /** SHA-256 of the signed bytes. */
  readonly digest: Uint8Array;
  /** Encoded SignedPrekeyBundle, for store and peers. */
  readonly bytes: Uint8Array;
  /** What to seal to at this instant: of those valid, the one that lives longest. */
  current(atMs: number): Prekey | undefined;
}

function bundleFault(bundle: PrekeyBundle): string | undefined {
  const { prekeys } = bundle;
  if (bundle.sequence < 1n) return 'sequence below 1';
  if (prekeys.length === 0 || prekeys.length > MAX_PREKEYS) return `expected 1 to ${MAX_PREKEYS} prekeys`;
  if (new Set(prekeys.map(({ id }) => hex(id))).size !== prekeys.length) return 'a prekey id occurs twice';
  for (const prekey of prekeys) {
    if (prekey.id.length !== PREKEY_ID_BYTES || prekey.publicKey.length !== PREKEY_PUBLIC_BYTES)
      return 'a prekey of a wrong length';
    if (prekey.notBefore < 0n || prekey.notAfter <= prekey.notBefore) return 'a prekey without a validity';
    if (prekey.notAfter - prekey.notBefore > BigInt(PREKEY_LIFE_MS)) return 'a prekey living over seven days';
  }
  return undefined;
}

/** Signs a bundle by the link key. Throws PREKEYS_INVALID where nobody would believe it. */
export async function createPrekeyBundle(options: {
  readonly network: Uint8Array;
  readonly node: string;
  readonly sequence: bigint;
  /** Of the statement whose link key signs. */
  readonly statementDigest: Uint8Array;
  readonly prekeys: readonly HeldPrekey[];
  readonly keyring: Pick<Keyring, 'sign'>;
  /** Link key of that statement, where it may not be the one in use any more. */
  readonly linkKey?: HybridPublic;
}): Promise<SignedPrekeyBundle> {
  const { network, node, sequence, statementDigest, keyring } = options;
  const bundle: PrekeyBundle = {
    node,
    sequence,
    statementDigest: Buffer.from(statementDigest),
    prekeys: options.prekeys.map(({ id, suite, publicKey, notBeforeMs, notAfterMs }) => ({
      id: Buffer.from(id),
      suite,
      publicKey: Buffer.from(publicKey),
      notBefore: BigInt(notBeforeMs),
      notAfter: BigInt(notAfterMs),
    })),
  };
  const fault = bundleFault(bundle);
  if (fault !== undefined)
    throw new IdentityError({ code: 'PREKEYS_INVALID', message: `prekey bundle: ${fault}` });
  const body = Buffer.from(encodeSigned('prekeys', network, PrekeyBundle.encode(bundle).finish()));
  return { body, signature: await keyring.sign('link', 'prekeys', body, options.linkKey) };
}

/**
 * Judges a bundle against the statement of its node: TOO_LARGE, LABEL_MISMATCH, WRONG_NETWORK, DOWNGRADE,
 * SIGNATURE_INVALID, MALFORMED, WRONG_SENDER, STATEMENT_UNKNOWN (of another statement), FORMAT_UNSUPPORTED, EXPIRED (none
 * is valid now or later).
 */
export function judgePrekeyBundle(options: {
  readonly network: Uint8Array;
  readonly statement: VerifiedStatement;
  readonly signed: SignedPrekeyBundle;
  readonly atMs: number;
}): Verdict<VerifiedPrekeys, Reason> {
  const { network, statement, signed, atMs } = options;
  if (signed.body.length > LIMITS.prekeyBundleBytes)
    return disbelieved(
      Reason.REASON_TOO_LARGE,
      `expected a prekey bundle of at most ${LIMITS.prekeyBundleBytes} bytes, got ${signed.body.length}`,
    );
  const body = judgeSigned('prekeys', network, signed.body);
  if (!body.ok) return body;
  const signature = judgeHybrid('prekeys', signed.body, signed.signature, statement.statement.linkKey);
  if (!signature.ok) return signature;
  const read = judgeMessage(
    PrekeyBundle,
    'tocsin.exchange.v1.PrekeyBundle',
    body.value,
    LIMITS.prekeyBundleBytes,
  );
  if (!read.ok) return read;
  const bundle = read.value;
  if (bundle.node !== statement.statement.node)
    return disbelieved(Reason.REASON_WRONG_SENDER, 'the prekey bundle names another node than its signer');
  if (hex(bundle.statementDigest) !== hex(statement.digest))
    return disbelieved(Reason.REASON_STATEMENT_UNKNOWN, 'the prekey bundle is of another key statement');
  if (bundle.prekeys.some(({ suite }) => suite !== PREKEY_SUITE))
    return disbelieved(Reason.REASON_FORMAT_UNSUPPORTED, 'a prekey of a suite that is not spoken here');
  const fault = bundleFault(bundle);
  if (fault !== undefined) return disbelieved(Reason.REASON_MALFORMED, `prekey bundle: ${fault}`);
  if (!bundle.prekeys.some(({ notAfter }) => Number(notAfter) + CLOCK_SKEW_MS > atMs))
    return disbelieved(Reason.REASON_EXPIRED, 'every prekey of the bundle has expired');
  return believed({
    bundle,
    digest: sha256(signed.body),
    bytes: SignedPrekeyBundle.encode(signed).finish(),
    current: (nowMs) =>
      bundle.prekeys
        .filter(({ notBefore, notAfter }) => Number(notBefore) <= nowMs && nowMs < Number(notAfter))
        .sort((a, b) => Number(b.notAfter - a.notAfter))[0],
  });
}
