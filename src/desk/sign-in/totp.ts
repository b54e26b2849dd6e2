/** One-time codes by time (RFC 6238): SHA-1, six digits, 30 seconds, as authenticator apps take them. */
import { Secret, TOTP } from 'otpauth';

const SECRET_BYTES = 20;
const PERIOD_S = 30;
/** One step early or late: phones' clocks differ (RFC 6238 §5.2). */
const WINDOW = 1;

const totpOf = (secret: Uint8Array, label: string, issuer: string): TOTP =>
  new TOTP({
    issuer,
    label,
    algorithm: 'SHA1',
    digits: 6,
    period: PERIOD_S,
    secret: new Secret({ buffer: new Uint8Array(secret).buffer }),
  });

export const TOTP_SECRET_BYTES = SECRET_BYTES;

/** `otpauth://` address for an authenticator app, and its secret in base32 for typing. */
export function totpAddress(
  secret: Uint8Array,
  label: string,
  issuer: string,
): { readonly address: string; readonly secret: string } {
  const totp = totpOf(secret, label, issuer);
  return { address: totp.toString(), secret: totp.secret.base32 };
}

/** The time step that the code is of; undefined where it is none, or of a step not after `usedStep`: no code counts twice. */
export function totpStep(
  secret: Uint8Array,
  code: string,
  nowMs: number,
  usedStep: number | undefined,
): number | undefined {
  if (!/^\d{6}$/.test(code)) return undefined;
  const delta = totpOf(secret, '', '').validate({ token: code, timestamp: nowMs, window: WINDOW });
  if (delta === null) return undefined;
  const step = Math.floor(nowMs / 1000 / PERIOD_S) + delta;
  return usedStep !== undefined && step <= usedStep ? undefined : step;
}
