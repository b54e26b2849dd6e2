/** A real OpenID provider (oidc-provider) on this machine, with a page on which one says who one is, and a browser's walk through it. */
import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import Provider from 'oidc-provider';

export interface RealProvider extends AsyncDisposable {
  readonly issuer: string;
}

export interface ProviderClient {
  readonly id: string;
  /** Left out = a public one. */
  readonly secret?: string;
}

export const listening = async (server: Server): Promise<string> => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
};

export const closed = async (server: Server): Promise<void> => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
};

const PAGE = `<!doctype html><html lang="en"><title>Agency sign-in</title><h1>Agency sign-in</h1>
<form method="post"><label>Staff number <input name="login" required></label><button>Continue</button></form>`;

const readForm = async (request: AsyncIterable<Uint8Array>): Promise<URLSearchParams> => {
  const pieces: Uint8Array[] = [];
  for await (const piece of request) pieces.push(piece);
  return new URLSearchParams(Buffer.concat(pieces).toString('utf8'));
};

/** Whoever says a staff number is believed; its claims are `sub`, the number itself, and `staff_number`, `N-` before it. */
export async function realProvider(
  redirectUri: string,
  clients: readonly ProviderClient[],
): Promise<RealProvider> {
  const server = createServer();
  const issuer = await listening(server);
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const provider = new Provider(issuer, {
    clients: clients.map(({ id, secret }) => ({
      client_id: id,
      redirect_uris: [redirectUri],
      ...(secret === undefined
        ? { token_endpoint_auth_method: 'none' as const }
        : { client_secret: secret, token_endpoint_auth_method: 'client_secret_basic' as const }),
    })),
    jwks: { keys: [{ ...privateKey.export({ format: 'jwk' }), kty: 'RSA', kid: 'agency', use: 'sig' }] },
    cookies: { keys: [randomBytes(32).toString('hex')] },
    claims: { openid: ['sub', 'staff_number'] },
    conformIdTokenClaims: false,
    ttl: { AccessToken: 600, Grant: 600, IdToken: 600, Interaction: 600, Session: 600 },
    pkce: { required: () => true },
    features: { devInteractions: { enabled: false } },
    interactions: { url: (_ctx, { uid }) => `/interaction/${uid}` },
    findAccount: (_ctx, id) => ({
      accountId: id,
      claims: () => ({ sub: id, staff_number: `N-${id}` }),
    }),
    // The agency knows its own programs: nobody is asked whether they may know who he is.
    async loadExistingGrant({ oidc }) {
      const grant = new provider.Grant({
        clientId: oidc.client?.clientId ?? '',
        accountId: oidc.session?.accountId ?? '',
      });
      grant.addOIDCScope('openid');
      await grant.save();
      return grant;
    },
  });
  const answer = provider.callback();
  server.on('request', (request, response) => {
    // Browsers ask every site for it.
    if (request.url === '/favicon.ico') response.writeHead(204).end();
    else if (!request.url?.startsWith('/interaction/')) void answer(request, response);
    else if (request.method === 'GET') response.setHeader('content-type', 'text/html').end(PAGE);
    else
      void readForm(request).then((form) =>
        provider.interactionFinished(request, response, {
          login: { accountId: form.get('login') ?? '' },
        }),
      );
  });
  return { issuer, [Symbol.asyncDispose]: () => closed(server) };
}

/** Goes where the console sends a browser, says who it is, and returns the query with which the provider sends it back. */
export async function walkThrough(address: string, login: string, redirectUri: string): Promise<string> {
  const jar = new Map<string, string>();
  let next = address;
  let form: string | undefined;
  for (let step = 0; step < 10; step++) {
    const response = await fetch(next, {
      method: form === undefined ? 'GET' : 'POST',
      headers: {
        cookie: [...jar].map(([name, value]) => `${name}=${value}`).join('; '),
        ...(form === undefined ? {} : { 'content-type': 'application/x-www-form-urlencoded' }),
      },
      ...(form === undefined ? {} : { body: form }),
      redirect: 'manual',
    });
    form = undefined;
    for (const line of response.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
      jar.set(name, value);
    }
    const text = await response.text();
    const location = response.headers.get('location');
    if (location?.startsWith(redirectUri)) return new URL(location).search.slice(1);
    if (location !== null) next = new URL(location, next).href;
    else if (response.ok && text.includes('name="login"')) form = new URLSearchParams({ login }).toString();
    else throw new Error(`the provider answered ${response.status}: ${text.slice(0, 300)}`);
  }
  throw new Error('the provider sends its browser around');
}
