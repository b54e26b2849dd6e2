/** A browser's side of the desk's HTTP API without a page: cookie, origin, JSON, server-sent events. */
import { Secret, TOTP } from 'otpauth';
import type { Clock, Random } from '../../src/base/clock.ts';
import type { Problem, RequestOf, ResponseOf, Verb } from '../../src/desk/http/contract.ts';
import { newAccount, newInvitation } from '../../src/desk/index.ts';
import type { DeskGroup } from '../../src/gen/tocsin/record/v1/marking.ts';
import { DESK_GROUP_TOKENS, type DeskGroupToken, type OfficerRole } from '../../src/identity/index.ts';
import type { Store } from '../../src/store/index.ts';

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  // biome-ignore lint/suspicious/noExplicitAny: whatever JSON came
  readonly body: any;
}

export interface SentEvent {
  readonly id: string;
  readonly event: string;
  // biome-ignore lint/suspicious/noExplicitAny: whatever JSON came
  readonly data: any;
}

export const PASSWORD = 'a lantern over dry reeds';

/** The code that an authenticator app shows at an instant. */
export const codeAt = (secret: string, nowMs: number): string =>
  new TOTP({ secret: Secret.fromBase32(secret), digits: 6, period: 30 }).generate({ timestamp: nowMs });

export class ApiBrowser {
  readonly #base: string;
  readonly #origin: string;
  cookie = '';

  constructor(base: string, origin: string) {
    this.#base = base;
    this.#origin = origin;
  }

  async send(
    method: string,
    path: string,
    body?: unknown,
    headers: Record<string, string> = {},
  ): Promise<Answer> {
    const response = await fetch(`${this.#base}/api/v1${path}`, {
      method,
      headers: {
        origin: this.#origin,
        ...(this.cookie === '' ? {} : { cookie: this.cookie }),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
      redirect: 'manual',
    });
    const set = response.headers.getSetCookie()[0];
    if (set !== undefined) this.cookie = set.split(';')[0] ?? '';
    const text = await response.text();
    return {
      status: response.status,
      headers: response.headers,
      body: /json(?!l)/.test(response.headers.get('content-type') ?? '') ? JSON.parse(text) : text,
    };
  }

  post(path: string, body: unknown = {}, headers: Record<string, string> = {}): Promise<Answer> {
    return this.send('POST', path, body, headers);
  }

  /** Throws the problem where the verb failed. */
  async call<Name extends Verb>(
    verb: Name,
    request: RequestOf<Name>,
    headers: Record<string, string> = {},
  ): Promise<ResponseOf<Name>> {
    const { status, body } = await this.post(`/${verb}`, request, headers);
    if (status !== 200)
      throw Object.assign(new Error(`${verb}: ${status} ${body.message}`), {
        status,
        problem: body as Problem,
      });
    return body;
  }

  /** Events from a position on, until the iteration is ended. */
  async *events(
    query: Record<string, string> = {},
    headers: Record<string, string> = {},
  ): AsyncGenerator<SentEvent> {
    const stop = new AbortController();
    const response = await fetch(`${this.#base}/api/v1/events?${new URLSearchParams(query)}`, {
      headers: { cookie: this.cookie, ...headers },
      signal: stop.signal,
    });
    if (response.status !== 200 || response.body === null) throw new Error(`events: ${response.status}`);
    let rest = '';
    const decoder = new TextDecoder();
    try {
      for await (const piece of response.body) {
        rest += decoder.decode(piece, { stream: true });
        for (let at = rest.indexOf('\n\n'); at >= 0; at = rest.indexOf('\n\n')) {
          const fields = new Map(
            rest
              .slice(0, at)
              .split('\n')
              .map((line) => [line.split(': ')[0] ?? '', line.slice(line.indexOf(': ') + 2)]),
          );
          rest = rest.slice(at + 2);
          const event = fields.get('event');
          if (event !== undefined)
            yield { id: fields.get('id') ?? '', event, data: JSON.parse(fields.get('data') ?? '{}') };
        }
      }
    } finally {
      stop.abort();
    }
  }
}

/** A browser of an officer who was invited, chose a password and is signed in. */
export async function signedInBrowser(
  served: { readonly base: string; readonly origin: string },
  deps: { readonly store: Pick<Store, 'write'>; readonly clock: Clock; readonly random: Random },
  who: { readonly name: string; readonly deskGroup: DeskGroupToken; readonly role: OfficerRole },
): Promise<{ readonly browser: ApiBrowser; readonly secret: string; readonly identity: string }> {
  const account = newAccount(
    deps,
    { ...who, agency: 'Test Agency', deskGroup: DESK_GROUP_TOKENS[who.deskGroup] as DeskGroup },
    'node',
  );
  const { token, digest, expiresAt } = newInvitation(deps);
  await deps.store.write(async (tx) => {
    await tx.accounts.add(account);
    await tx.accounts.invite(digest, { account: account.id, expiresAt });
  });
  const browser = new ApiBrowser(served.base, served.origin);
  const { body } = await browser.post('/invitation', { token });
  const secret: string = body.totpSecret;
  const accepted = await browser.post('/invitation/password', {
    token,
    password: PASSWORD,
    code: codeAt(secret, deps.clock.nowMs()),
  });
  if (accepted.status !== 204) throw new Error(`expected to be signed in: ${JSON.stringify(accepted.body)}`);
  return { browser, secret, identity: account.identity };
}
