/**
 * The console and the HTTP API under it: one server for browsers, with the same handlers as gRPC. What a browser is told to refuse
 * (scripts of others, frames, guessed types) and what we refuse of it (calls from other sites, floods) is said here once.
 */
import cookie from '@fastify/cookie';
import helmet from '@fastify/helmet';
import rateLimit from '@fastify/rate-limit';
import fastifyStatic from '@fastify/static';
import fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import { LIMITS } from '../../base/limits.ts';
import { Status } from '../../transport/index.ts';
import type { DispatchDeps } from '../dispatch.ts';
import { DeskError } from '../errors.ts';
import { type Told, tell } from '../failure.ts';
import type { BoundService } from '../grpc/handlers.ts';
import type { OfficerSession, Sessions } from '../session.ts';
import type { OwnAccount } from '../sign-in/own-account.ts';
import { notSignedIn, type SignedIn, type WebSessions } from '../sign-in/web-sessions.ts';
import { addAccount } from './account.ts';
import { addComparison } from './comparison.ts';
import { COOKIE } from './contract.ts';
import { addEvents } from './events.ts';
import { addFiles } from './files.ts';
import { openApiDocument } from './openapi.ts';
import { BodyTimes, LONGEST_REQUEST_MS } from './pace.ts';
import { addSignIn, type SignInRoutesDeps } from './sign-in.ts';
import { CallFailed, sendFailure } from './status.ts';
import { Streams } from './streams.ts';
import { API, addVerbs } from './verbs.ts';

export interface ConsoleServerOptions {
  readonly host: string;
  /** 0 = a free one. */
  readonly port: number;
  /** Where browsers find it, as `https://desk.example:8443`: what comes from elsewhere is refused. */
  readonly origin: string;
  /** Left out = plain HTTP, on this machine alone or behind a proxy that ends TLS on it. */
  readonly tls?: {
    readonly certificateChainPem: string;
    readonly privateKeyPem: string;
    /** Root certificate of the state's own authority, PEM: whose officers may present certificates. */
    readonly authorityPem: string;
  };
  /** Folder of the built console; absent = the API alone. */
  readonly assets?: string;
}

export interface ConsoleServerDeps {
  readonly services: readonly BoundService[];
  readonly inbox: BoundService;
  readonly dispatch: DispatchDeps;
  readonly sessions: Sessions;
  readonly web: WebSessions;
  readonly signIn: Omit<SignInRoutesDeps, 'sessions' | 'signedInOf' | 'certificates' | 'ownAccount'>;
  readonly ownAccount: OwnAccount;
  readonly version: string;
  /** Told when a list may have changed; returns how to stop. */
  onChanged(listener: () => void): () => void;
}

export interface ConsoleServer extends AsyncDisposable {
  /** `http://host:port` or `https://…` as bound. */
  readonly address: string;
}

declare module 'fastify' {
  interface FastifyRequest {
    signedIn: SignedIn | undefined;
  }
}

/** Calls a minute from one address; a board that follows a busy night needs a tenth of it. */
const CALLS_A_MINUTE = 1_200;
/** Body of who is not signed in: an answer of a passkey fits many times over. What is larger is refused by its announcement. */
const STRANGER_BYTES = 64 * 1024;
/** Head of a request, as a whole; Node answers 431 by itself. */
const HEAD_BYTES = 16 * 1024;
/** One part of an address that names something: digests and ids fit. */
const PARAMETER_LENGTH = 128;
/** Connections at once; one more is closed unanswered, so that strangers leave the node its file descriptors. */
const CONNECTIONS = 1_000;
/** Files of the page a minute from one address: a hundred browsers behind it that copy a new build at once. */
const FILES_A_MINUTE = 6_000;

const isCall = ({ routeOptions }: FastifyRequest): boolean => routeOptions.url?.startsWith('/api/') === true;

/** No inline code, nothing of others, no frame: what a partner's text could smuggle in does not run. */
const CONTENT_SECURITY_POLICY = {
  useDefaults: false,
  directives: {
    'default-src': ["'none'"],
    'script-src': ["'self'"],
    'style-src': ["'self'"],
    'img-src': ["'self'", 'data:', 'blob:'],
    'font-src': ["'self'"],
    'connect-src': ["'self'"],
    'manifest-src': ["'self'"],
    'worker-src': ["'self'"],
    'form-action': ["'self'"],
    'base-uri': ["'none'"],
    'frame-ancestors': ["'none'"],
  },
};

export async function openConsoleServer(
  deps: ConsoleServerDeps,
  options: ConsoleServerOptions,
): Promise<ConsoleServer> {
  const app = createServer(options);
  await app.register(helmet, {
    contentSecurityPolicy: CONTENT_SECURITY_POLICY,
    crossOriginEmbedderPolicy: true,
    referrerPolicy: { policy: 'no-referrer' },
    hsts: options.origin.startsWith('https:') ? { maxAge: 31_536_000, includeSubDomains: false } : false,
  });
  await app.register(cookie);
  await app.register(rateLimit, {
    global: true,
    max: (request) => (isCall(request) ? CALLS_A_MINUTE : FILES_A_MINUTE),
    // Counted apart: who copies a new build still gets his calls through, and the other way round.
    keyGenerator: (request) => `${isCall(request) ? 'call' : 'file'} ${request.ip}`,
    timeWindow: 60_000,
    errorResponseBuilder: tooMany,
  });

  app.decorateRequest('signedIn', undefined);
  const bodyTimes = new BodyTimes();
  app.addHook('onRequest', async (request, reply) => {
    bodyTimes.bound(request.raw);
    reply.header(
      'permissions-policy',
      'camera=(), geolocation=(), microphone=(), payment=(), usb=(), publickey-credentials-get=(self), publickey-credentials-create=(self)',
    );
    refuseOtherSites(request, options.origin);
  });
  // After the floods, and before the body: of a stranger little is read.
  app.addHook('preParsing', async (request) => {
    if (request.url.startsWith(`${API}/`)) request.signedIn = await deps.web.find(request.cookies[COOKIE]);
    if (request.signedIn === undefined) refuseLargeBody(request);
  });
  // A body takes as long as its sender likes: who signed out meanwhile is nobody.
  app.addHook('preHandler', async (request) => {
    if (request.signedIn !== undefined) request.signedIn = await deps.web.find(request.cookies[COOKIE]);
  });
  app.setErrorHandler((error, request, reply) => sendFailure(reply, toldOf(error, request, deps.dispatch)));

  // Which browser session a call belongs to: it may be ended while the call lasts.
  const browserOf = new WeakMap<OfficerSession, SignedIn>();
  const dispatch: DispatchDeps = {
    ...deps.dispatch,
    assertStillValid(session) {
      deps.dispatch.assertStillValid(session);
      const signedIn = browserOf.get(session);
      if (signedIn !== undefined) deps.web.assertOpen(signedIn);
    },
  };
  const officerOf = (request: FastifyRequest, purpose: string | undefined, mode: string | undefined) => {
    const { signedIn } = request;
    if (signedIn === undefined) throw notSignedIn();
    const session = deps.sessions.sessionOf(signedIn.officer, purpose, mode);
    browserOf.set(session, signedIn);
    return session;
  };

  const streams = new Streams();
  addVerbs(app, { services: deps.services, dispatch, officerOf });
  addComparison(app, { services: deps.services, dispatch, officerOf });
  addEvents(app, { inbox: deps.inbox, dispatch, streams, officerOf, onChanged: deps.onChanged });
  addFiles(app, {
    services: deps.services,
    dispatch,
    streams,
    bodyTimes,
    officerOf,
    nowMs: () => deps.signIn.node.clock.nowMs(),
  });
  const signInDeps: SignInRoutesDeps = {
    ...deps.signIn,
    sessions: deps.web,
    certificates: options.tls !== undefined,
    ownAccount: deps.ownAccount,
    signedInOf: (request) => request.signedIn,
  };
  addSignIn(app, signInDeps);
  addAccount(app, signInDeps);
  app.get(`${API}/openapi.json`, async () => openApiDocument(deps.version));
  await addConsole(app, options.assets);

  app.server.maxConnections = CONNECTIONS;
  const { host, port } = options;
  const bound = await app.listen({ host, port });
  return {
    address: bound,
    async [Symbol.asyncDispose]() {
      // Live updates never end by themselves.
      app.server.closeAllConnections();
      await app.close();
    },
  };
}

function createServer({ tls }: ConsoleServerOptions): FastifyInstance {
  const common = {
    logger: false,
    bodyLimit: LIMITS.deskRequestBytes,
    requestTimeout: LONGEST_REQUEST_MS,
    forceCloseConnections: true,
    routerOptions: { caseSensitive: true, maxParamLength: PARAMETER_LENGTH },
    // What is asked twice is not guessed about: JSON with a name twice, and names of prototypes, are refused.
    onProtoPoisoning: 'error',
    onConstructorPoisoning: 'error',
    trustProxy: false,
    // Before any route: an address that cannot be read, or a version of the protocol that is none.
    frameworkErrors: (_error: unknown, _request: FastifyRequest, reply: FastifyReply) => {
      sendFailure(reply, NO_SUCH_ADDRESS);
    },
  } as const;
  const http = { maxHeaderSize: HEAD_BYTES };
  if (tls === undefined) return fastify({ ...common, http }) as unknown as FastifyInstance;
  return fastify({
    ...common,
    https: {
      ...http,
      key: tls.privateKeyPem,
      cert: tls.certificateChainPem,
      ca: tls.authorityPem,
      // Asked for, not demanded: who has no card signs in otherwise. Ours is judged again by our own profile.
      requestCert: true,
      rejectUnauthorized: false,
      minVersion: 'TLSv1.3',
    },
  }) as unknown as FastifyInstance;
}

/**
 * Cross-site requests (OWASP CSRF, fetch metadata): browsers say where a request comes from, and a page elsewhere cannot change
 * that. Programs without either header are no browsers, and have no cookie of ours.
 */
function refuseOtherSites(request: FastifyRequest, origin: string): void {
  if (request.method === 'GET' || request.method === 'HEAD') return;
  const { origin: from, 'sec-fetch-site': site, 'content-type': type } = request.headers;
  const isOther = (from !== undefined && from !== origin) || (site !== undefined && site !== 'same-origin');
  if (isOther)
    throw new DeskError({
      code: 'REFUSED',
      message: `expected a request from ${origin}, got one from another site`,
    });
  const hasBody =
    request.headers['content-length'] !== undefined && request.headers['content-length'] !== '0';
  if (hasBody && !/^application\/(json|octet-stream)(;|$)/.test(type ?? ''))
    throw new DeskError({
      code: 'INVALID_REQUEST',
      message: 'expected a body of application/json',
      faults: [{ path: '', code: 'CONTENT_TYPE', message: 'expected application/json' }],
    });
}

/** A body without an announced length could be any: browsers announce theirs. */
function refuseLargeBody({ headers }: FastifyRequest): void {
  const length = Number(headers['content-length'] ?? '0');
  if (length <= STRANGER_BYTES && headers['transfer-encoding'] === undefined) return;
  throw new DeskError({
    code: 'UNAUTHENTICATED',
    message: `expected at most ${STRANGER_BYTES} bytes, announced, of who is not signed in: sign in`,
  });
}

const tooMany = (_request: FastifyRequest, { after }: { readonly after: string }): Error =>
  new DeskError({
    code: 'BUSY',
    message: `too many requests from this address: wait ${after}`,
    retry: 'later',
  });

const NO_SUCH_ADDRESS: Told = {
  status: Status.NOT_FOUND,
  code: 'NOT_FOUND',
  message: 'there is no such address',
  faults: [],
  faultCount: 0,
  internal: false,
};

function toldOf(error: unknown, request: FastifyRequest, { correlationId, onFault }: DispatchDeps): Told {
  if (error instanceof CallFailed) return error.told;
  const status: unknown = error instanceof Error ? Reflect.get(error, 'statusCode') : undefined;
  const code: unknown = error instanceof Error ? Reflect.get(error, 'code') : undefined;
  // What Fastify itself refuses: a body too large, of no JSON, of another type.
  if (
    typeof status === 'number' &&
    status >= 400 &&
    status < 500 &&
    typeof code === 'string' &&
    code.startsWith('FST_')
  )
    return {
      status: status === 413 ? Status.RESOURCE_EXHAUSTED : Status.INVALID_ARGUMENT,
      code: 'INVALID_REQUEST',
      message:
        status === 413 ? `expected at most ${LIMITS.deskRequestBytes} bytes` : 'expected a body of JSON',
      faults: [],
      faultCount: 0,
      internal: false,
    };
  const id = correlationId();
  const told = tell(error instanceof SyntaxError ? asRequestFault(error) : error, id);
  if (told.internal)
    onFault({ method: request.routeOptions.url ?? request.url, correlationId: id, cause: error });
  return told;
}

const asRequestFault = (error: SyntaxError): DeskError =>
  new DeskError({ code: 'INVALID_REQUEST', message: 'expected a body of JSON', cause: error });

/** The page and its parts. Every path that is none of the API is the page: it has its own addresses. */
async function addConsole(app: FastifyInstance, assets: string | undefined): Promise<void> {
  if (assets === undefined) {
    app.setNotFoundHandler((_request, reply) => sendFailure(reply, NO_SUCH_ADDRESS));
    return;
  }
  await app.register(fastifyStatic, {
    root: assets,
    prefix: '/',
    preCompressed: true,
    cacheControl: false,
    setHeaders(reply, path) {
      // Names of parts hold their digest; the page itself names the parts.
      const isPart = /-[A-Za-z0-9_-]{8,}\.(js|css|woff2|json)(\.br|\.gz)?$/.test(path);
      reply.header('cache-control', isPart ? 'public, max-age=31536000, immutable' : 'no-cache');
    },
  });
  app.setNotFoundHandler((request, reply) => {
    const isPage =
      request.method === 'GET' &&
      !request.url.startsWith('/api/') &&
      !/\.[a-z0-9]{2,5}(\?|$)/.test(request.url);
    return isPage ? reply.sendFile('index.html') : sendFailure(reply, NO_SUCH_ADDRESS);
  });
}
