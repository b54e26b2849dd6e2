/** A browser's side of the desk's HTTP API over connections that a test chooses: its address, its certificate, all its cookies. */
import { type IncomingMessage, request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import type { Answer } from './api-browser.ts';

export interface SocketOptions {
  /** `http://host:port` or `https://…` as bound. */
  readonly base: string;
  readonly origin: string;
  /** Address of this machine that it calls from; limits count by address. */
  readonly localAddress?: string;
  /** For `https:`; a certificate where the browser has one. */
  readonly tls?: {
    readonly ca: string;
    readonly serverName: string;
    readonly cert?: string;
    readonly key?: string;
  };
}

let lastHost = 1;
/** An address of this machine that no other browser of the tests has. */
export const ownAddress = (): string => {
  lastHost += 1;
  return `127.0.${Math.floor(lastHost / 250)}.${(lastHost % 250) + 1}`;
};

export class SocketBrowser {
  readonly cookies = new Map<string, string>();
  readonly #options: SocketOptions;

  constructor(options: SocketOptions) {
    this.#options = options;
  }

  async send(
    method: string,
    path: string,
    body?: unknown,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<Answer> {
    const { origin } = this.#options;
    const sent = body === undefined ? undefined : JSON.stringify(body);
    const { response, text } = await this.#call(method, path, sent, {
      origin,
      ...(this.cookies.size === 0
        ? {}
        : { cookie: [...this.cookies].map(([name, value]) => `${name}=${value}`).join('; ') }),
      ...(sent === undefined ? {} : { 'content-type': 'application/json' }),
      ...headers,
    });
    for (const line of response.headers['set-cookie'] ?? []) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
      if (value === '') this.cookies.delete(name);
      else this.cookies.set(name, value);
    }
    const told = new Headers();
    for (const [name, values] of Object.entries(response.headersDistinct))
      for (const value of values ?? []) told.append(name, value);
    return {
      status: response.statusCode ?? 0,
      headers: told,
      body: /json/.test(told.get('content-type') ?? '') ? JSON.parse(text) : text,
    };
  }

  post(path: string, body: unknown = {}, headers: Readonly<Record<string, string>> = {}): Promise<Answer> {
    return this.send('POST', path, body, headers);
  }

  #call(
    method: string,
    path: string,
    body: string | undefined,
    headers: Readonly<Record<string, string>>,
  ): Promise<{ readonly response: IncomingMessage; readonly text: string }> {
    const { base, localAddress, tls } = this.#options;
    return new Promise((resolve, reject) => {
      const answer = (response: IncomingMessage) => {
        const pieces: Uint8Array[] = [];
        response.on('data', (piece: Uint8Array) => pieces.push(piece));
        response.on('error', reject);
        response.on('end', () => resolve({ response, text: Buffer.concat(pieces).toString('utf8') }));
      };
      const options = {
        method,
        headers: body === undefined ? headers : { ...headers, 'content-length': Buffer.byteLength(body) },
        ...(localAddress === undefined ? {} : { localAddress }),
        // A connection each: what one presented does not stand for the next.
        agent: false as const,
      };
      const address = `${base}/api/v1${path}`;
      const request =
        tls === undefined
          ? requestHttp(address, options, answer)
          : requestHttps(
              address,
              {
                ...options,
                ca: tls.ca,
                servername: tls.serverName,
                ...(tls.cert === undefined ? {} : { cert: tls.cert }),
                ...(tls.key === undefined ? {} : { key: tls.key }),
              },
              answer,
            );
      request.on('error', reject);
      request.end(body);
    });
  }
}
