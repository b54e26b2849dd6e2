/** The key of a month as its holder signs it and others keep it. One is for all who ask: two of them prove a lie. */
import { equalBytes } from '../../base/bytes.ts';
import { disbelieved, type Verdict } from '../../base/verdict.ts';
import type { Directory } from '../../exchange/index.ts';
import { judgeByHeld } from '../../exchange/index.ts';
import {
  PrivateMonthKey,
  SignedPrivateMonthKey,
} from '../../gen/tocsin/exchange/v1/private_screening_service.ts';
import type { HybridSignature } from '../../gen/tocsin/record/v1/identity.ts';
import { Reason } from '../../gen/tocsin/record/v1/reason.ts';
import { encodeSigned, judgeMessage, judgeSigned } from '../../record/index.ts';
import { assertElement } from './oprf.ts';

/** Of a month's key: an element, a month and a node id fit many times over. */
const BODY_BYTES = 512;

/** Signs a month's key as the link key does. */
export type SignMonthKey = (bytes: Uint8Array) => Promise<HybridSignature>;

export async function signMonthKey(
  key: { readonly holder: string; readonly month: string; readonly publicKey: Uint8Array },
  network: Uint8Array,
  sign: SignMonthKey,
): Promise<SignedPrivateMonthKey> {
  const message: PrivateMonthKey = { ...key, publicKey: Buffer.from(key.publicKey) };
  const body = Buffer.from(encodeSigned('private-key', network, PrivateMonthKey.encode(message).finish()));
  return { body, signature: await sign(body) };
}

/** As it is kept. */
export const encodeMonthKey = (signed: SignedPrivateMonthKey): Uint8Array =>
  new Uint8Array(SignedPrivateMonthKey.encode(signed).finish());

/** What was kept by `encodeMonthKey`. */
export const decodeMonthKey = (bytes: Uint8Array): SignedPrivateMonthKey =>
  SignedPrivateMonthKey.decode(bytes);

export interface MonthKeyJudges {
  readonly directory: Directory;
  readonly clock: { nowMs(): number };
}

/**
 * The public key that `holder` signed for `month`. LABEL_MISMATCH, WRONG_NETWORK, MALFORMED, WRONG_SENDER for another holder's or
 * month's, SIGNATURE_INVALID, STATEMENT_UNKNOWN.
 */
export async function judgeMonthKey(
  judges: MonthKeyJudges,
  expected: { readonly holder: string; readonly month: string },
  signed: SignedPrivateMonthKey | undefined,
): Promise<Verdict<Uint8Array, Reason>> {
  if (signed?.signature === undefined)
    return disbelieved(Reason.REASON_SIGNATURE_INVALID, 'expected a signed key of the month, got none');
  const body = judgeSigned('private-key', judges.directory.network, signed.body);
  if (!body.ok) return body;
  const read = judgeMessage(PrivateMonthKey, 'tocsin.exchange.v1.PrivateMonthKey', body.value, BODY_BYTES);
  if (!read.ok) return read;
  const { holder, month, publicKey } = read.value;
  if (holder !== expected.holder || month !== expected.month)
    return disbelieved(Reason.REASON_WRONG_SENDER, 'expected the key of the holder and month asked for');
  try {
    assertElement(publicKey);
  } catch {
    return disbelieved(Reason.REASON_MALFORMED, 'expected an element of ristretto255 for a key');
  }
  const authentic = await judgeByHeld(judges, holder, 'private-key', signed.body, signed.signature);
  return authentic.ok ? { ok: true, value: new Uint8Array(publicKey) } : authentic;
}

export const isSameKey = (a: Uint8Array, b: Uint8Array): boolean => equalBytes(a, b);
