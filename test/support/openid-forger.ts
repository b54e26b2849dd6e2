/** An OpenID provider that does what a real one would not: the forms of RFC 6749 and OpenID Connect Core, with one lie at a time. */
import { createHmac, generateKeyPairSync, type KeyObject, randomUUID, sign } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { closed, listening } from './openid-provider.ts';

/** What the next answers are; everything left out is as it should be. */
export interface Lies {
  /** Claims of the ID token, over the right ones; `undefined` = left out. */
  readonly claims?: Readonly<Record<string, unknown>>;
  /** Signed by a key that the provider does not publish, by none, or by a secret that the client has. */
  readonly signedBy?: 'stranger' | 'nobody' | 'client secret';
  /** Of the answer to the code. */
  readonly tokens?: Readonly<Record<string, unknown>>;
  readonly tokenStatus?: number;
  /** Of what the provider says of itself. */
  readonly metadata?: Readonly<Record<string, unknown>>;
  /** Bytes of what the provider says of itself. */
  readonly metadataBytes?: number;
  /** Answers to nothing but what it says of itself. */
  readonly silent?: 'metadata' | 'token';
  /** Sends whoever asks for its metadata there. */
  readonly redirect?: string;
}

const encoded = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');

export class ForgingProvider implements AsyncDisposable {
  readonly #server = createServer((request, response) => this.#answer(request, response));
  readonly #keys = {
    own: generateKeyPairSync('ec', { namedCurve: 'P-256' }),
    stranger: generateKeyPairSync('ec', { namedCurve: 'P-256' }),
  };
  /** Nonces of the browsers sent here, by the code that each gets. */
  readonly #nonces = new Map<string, string>();
  /** Requests by path. */
  readonly asked: string[] = [];
  lies: Lies = {};
  issuer = '';

  private constructor() {}

  static async open(): Promise<ForgingProvider> {
    const provider = new ForgingProvider();
    provider.issuer = await listening(provider.#server);
    return provider;
  }

  /** The query of a browser that was sent to `address` and comes back. */
  comeBack(address: string): string {
    const query = new URL(address).searchParams;
    const code = randomUUID();
    this.#nonces.set(code, query.get('nonce') ?? '');
    return new URLSearchParams({ code, state: query.get('state') ?? '' }).toString();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return closed(this.#server);
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    const path = request.url ?? '';
    this.asked.push(path);
    const { lies } = this;
    const json = (value: object, status = 200) => {
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value));
    };
    if (path === '/jwks')
      json({ keys: [{ ...this.#keys.own.publicKey.export({ format: 'jwk' }), kid: 'own', alg: 'ES256' }] });
    else if (path === '/token') {
      if (lies.silent !== 'token')
        void this.#tokens(request).then((tokens) => json(tokens, lies.tokenStatus));
    } else if (lies.silent === 'metadata') return;
    else if (lies.redirect !== undefined) response.writeHead(302, { location: lies.redirect }).end();
    else {
      const text = JSON.stringify(this.#metadata());
      response.writeHead(200, { 'content-type': 'application/json' });
      response.end(text.padEnd(lies.metadataBytes ?? 0));
    }
  }

  #metadata(): object {
    const { issuer } = this;
    return {
      issuer,
      authorization_endpoint: `${issuer}/authorize`,
      token_endpoint: `${issuer}/token`,
      jwks_uri: `${issuer}/jwks`,
      response_types_supported: ['code'],
      subject_types_supported: ['public'],
      id_token_signing_alg_values_supported: ['ES256'],
      ...this.lies.metadata,
    };
  }

  async #tokens(request: IncomingMessage): Promise<object> {
    const pieces: Uint8Array[] = [];
    for await (const piece of request) pieces.push(piece as Uint8Array);
    const form = new URLSearchParams(Buffer.concat(pieces).toString('utf8'));
    const now = Math.floor(Date.now() / 1000);
    const claims = {
      iss: this.issuer,
      sub: 'believed',
      aud: 'tocsin-xa',
      iat: now,
      exp: now + 300,
      nonce: this.#nonces.get(form.get('code') ?? ''),
      ...this.lies.claims,
    };
    return {
      access_token: 'unused',
      token_type: 'Bearer',
      id_token: this.#token(claims),
      ...this.lies.tokens,
    };
  }

  #token(claims: object): string {
    const { signedBy } = this.lies;
    const alg = signedBy === 'nobody' ? 'none' : signedBy === 'client secret' ? 'HS256' : 'ES256';
    const text = `${encoded({ alg, kid: 'own' })}.${encoded(claims)}`;
    if (alg === 'none') return `${text}.`;
    if (alg === 'HS256')
      return `${text}.${createHmac('sha256', 'a secret').update(text).digest('base64url')}`;
    const { privateKey } = this.#keys[signedBy === 'stranger' ? 'stranger' : 'own'];
    return `${text}.${signature(text, privateKey)}`;
  }
}

const signature = (text: string, key: KeyObject): string =>
  sign('sha256', Buffer.from(text), { key, dsaEncoding: 'ieee-p1363' }).toString('base64url');
