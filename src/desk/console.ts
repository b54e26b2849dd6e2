/** The desk for browsers: sign-in and sessions of its own over the same services, roles and audit. */
import type { Random } from '../base/clock.ts';
import { InboxServiceDefinition } from '../gen/tocsin/desk/v1/inbox_service.ts';
import type { Changes } from './changes.ts';
import type { DispatchDeps } from './dispatch.ts';
import type { BoundService } from './grpc/handlers.ts';
import { type ConsoleServer, type ConsoleServerOptions, openConsoleServer } from './http/server.ts';
import type { DeskNode, DeskStore } from './ports.ts';
import type { SessionDeps, Sessions } from './session.ts';
import type { Accounts } from './sign-in/accounts.ts';
import { OpenId } from './sign-in/openid.ts';
import type { OpenIdOptions } from './sign-in/openid-provider.ts';
import { OwnAccount } from './sign-in/own-account.ts';
import { Passkeys } from './sign-in/passkey.ts';
import { SignIn } from './sign-in/sign-in.ts';
import { type WebSessionLimits, WebSessions } from './sign-in/web-sessions.ts';

export interface ConsoleOptions extends ConsoleServerOptions {
  /** How long a session lasts unused, and at all. */
  readonly limits: WebSessionLimits;
  readonly version: string;
  /** The agency's own sign-in; left out = none. */
  readonly openid?: OpenIdOptions;
}

export interface ConsoleDeps extends Omit<SessionDeps, 'self' | 'clock'> {
  readonly node: DeskNode;
  readonly store: DeskStore;
  readonly random: Random;
  readonly services: readonly BoundService[];
  readonly signedIn: Sessions;
  readonly changes: Changes;
  readonly dispatch: DispatchDeps;
  readonly accounts: Accounts;
}

/** Serves until it is disposed of. Fails where the address is taken or the key does not fit the certificate. */
export async function openConsole(
  deps: ConsoleDeps,
  { limits, version, openid: provider, ...options }: ConsoleOptions,
): Promise<ConsoleServer> {
  const { node, store, random, services, changes, dispatch } = deps;
  const { clock, self } = node;
  const issuer = `Tocsin ${self}`;
  const { judgeOfficer, isRevoked, purposesOf, accounts } = deps;
  const web = new WebSessions({ store, clock, random, self, limits, accounts, isRevoked });
  const signIn = new SignIn({ store, clock, random, sessions: web, issuer, judgeOfficer, isRevoked });
  const { origin } = options;
  const passkeys = new Passkeys({ store, clock, random, signIn, sessions: web, origin, issuer });
  const openid =
    provider &&
    new OpenId(
      {
        store,
        clock,
        random,
        signIn,
        sessions: web,
        origin,
        onFault: (cause) =>
          dispatch.onFault({ method: 'sign-in/openid', correlationId: dispatch.correlationId(), cause }),
      },
      provider,
    );
  const inbox = services.find(({ service }) => service.fullName === InboxServiceDefinition.fullName);
  if (inbox === undefined) throw new Error('expected the inbox among the services of the desk');
  return openConsoleServer(
    {
      services,
      inbox,
      dispatch,
      sessions: deps.signedIn,
      web,
      version,
      signIn: { node, store, random, signIn, passkeys, openid, purposesOf },
      ownAccount: new OwnAccount({
        store,
        clock,
        signIn,
        sessions: web,
        certificates: options.tls !== undefined,
      }),
      onChanged: (listener) => changes.on(listener),
    },
    options,
  );
}
