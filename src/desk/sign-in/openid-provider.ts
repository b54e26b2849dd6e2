/**
 * The agency's OpenID provider as this node asks it (OpenID Connect Core 1.0, OpenID Connect Discovery 1.0): found at the first use, so
 * that a node starts without it; every answer bounded in size and time; no redirect followed; TLS but on this machine.
 */
import * as oidc from 'openid-client';
import type { Clock } from '../../base/clock.ts';
import { DeskError } from '../errors.ts';

export interface OpenIdOptions {
  /** As the sign-in page names it. */
  readonly name: string;
  /** Issuer identifier, the same text as in the provider's tokens. */
  readonly issuer: string;
  readonly clientId: string;
  /** Left out = a public client, for which PKCE alone stands. */
  readonly clientSecret?: string;
  /** Claim of the ID token that names the officer. */
  readonly claim: string;
  /** The issuer is plain HTTP on this machine. */
  readonly isLoopback: boolean;
}

const ANSWER_BYTES = 256 * 1024;
const ANSWER_SECONDS = 10;
/** What the provider says of itself is asked again after so long. */
const KNOWN_MS = 3_600_000;
/** The provider's clock and ours, seconds. */
const CLOCKS_DIFFER_S = 60;

/** This machine, whatever the name servers say. */
const LOOPBACK: ReadonlySet<string> = new Set(['localhost', '127.0.0.1', '[::1]']);

/** Answers beyond the size end the request: none of it is parsed. */
async function boundedBytes(response: Response): Promise<Uint8Array<ArrayBuffer>> {
  const pieces: Uint8Array[] = [];
  let size = 0;
  for await (const piece of response.body ?? []) {
    size += piece.byteLength;
    if (size > ANSWER_BYTES) throw new TooLarge();
    pieces.push(piece);
  }
  return new Uint8Array(Buffer.concat(pieces));
}

/** Recognised by its class on the way through the library. */
class TooLarge extends Error {
  readonly code = 'TOO_LARGE';
  constructor() {
    super(`expected at most ${ANSWER_BYTES} bytes`);
  }
}

const boundedFetch =
  (assertSafe: (address: string) => void): oidc.CustomFetch =>
  async (address, { method, headers, body, signal }) => {
    assertSafe(address);
    const response = await fetch(address, {
      method,
      headers,
      body: body ?? null,
      redirect: 'manual',
      ...(signal === undefined ? {} : { signal }),
    });
    const bytes = await boundedBytes(response);
    return new Response(bytes.length === 0 ? null : bytes, {
      status: response.status,
      headers: response.headers,
    });
  };

/** What failed where no fault of the officer is: for the log and the audit, never the provider's own words. */
const becauseOf = (error: unknown): string => {
  for (let at = error, depth = 0; at instanceof Error && depth < 4; at = at.cause, depth += 1) {
    if (at instanceof oidc.ResponseBodyError) return `status ${at.status}`;
    const code: unknown = Reflect.get(at, 'code');
    if (typeof code === 'string' && /^[A-Z_0-9]{1,60}$/.test(code)) return code;
  }
  return 'unreachable';
};

/** The provider cannot be asked: nobody's attempt, so that it says which sign-in to use meanwhile. */
export const providerUnavailable = (error: unknown): DeskError =>
  new DeskError({
    code: 'PROVIDER_UNAVAILABLE',
    message: 'the sign-in of your agency does not answer as expected: try again, or sign in another way',
    retry: 'later',
    facts: { because: becauseOf(error) },
  });

export class OpenIdProvider {
  readonly #options: OpenIdOptions;
  readonly #clock: Clock;
  #known: { readonly configuration: Promise<oidc.Configuration>; readonly until: number } | undefined;

  constructor(options: OpenIdOptions, clock: Clock) {
    this.#options = options;
    this.#clock = clock;
  }

  /** Throws PROVIDER_UNAVAILABLE. Those who ask at once wait for one answer. */
  configuration(): Promise<oidc.Configuration> {
    const now = this.#clock.nowMs();
    if (this.#known !== undefined && now < this.#known.until) return this.#known.configuration;
    const configuration = this.#discover().catch((error: unknown) => {
      this.#known = undefined;
      throw providerUnavailable(error);
    });
    this.#known = { configuration, until: now + KNOWN_MS };
    return configuration;
  }

  readonly #assertSafe = (address: string): void => {
    const { protocol, hostname } = new URL(address);
    const isSafe = protocol === 'https:' || (this.#options.isLoopback && LOOPBACK.has(hostname));
    if (!isSafe) throw Object.assign(new Error('expected https'), { code: 'NO_TLS' });
  };

  async #discover(): Promise<oidc.Configuration> {
    const { issuer, clientId, clientSecret, isLoopback } = this.#options;
    const configuration = await oidc.discovery(
      new URL(issuer),
      clientId,
      { [oidc.clockTolerance]: CLOCKS_DIFFER_S },
      clientSecret === undefined ? oidc.None() : oidc.ClientSecretBasic(clientSecret),
      {
        timeout: ANSWER_SECONDS,
        [oidc.customFetch]: boundedFetch(this.#assertSafe),
        // A token is judged by its signature, not only by the connection that brought it (Core §3.1.3.7, step 6).
        execute: [oidc.enableNonRepudiationChecks, ...(isLoopback ? [oidc.allowInsecureRequests] : [])],
      },
    );
    // Where browsers are sent: judged here, so that a provider that is none is asked again.
    this.#assertSafe(oidc.buildAuthorizationUrl(configuration, {}).href);
    return configuration;
  }
}
