/**
 * Routes of the agency's own sign-in, and of the proof by it that a change of one's account asks for. The provider sends the browser back to a page of the console, which does nothing by being opened:
 * it hands what its address says to us in a request of our own origin, so that all cookies are SameSite=Strict, and no link of another
 * site can finish, or spoil, a sign-in.
 */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { OpenId } from '../sign-in/openid.ts';
import { TRANSACTION_SECONDS } from '../sign-in/openid-transactions.ts';
import type { OwnAccount } from '../sign-in/own-account.ts';
import { notSignedIn, type SignedIn } from '../sign-in/web-sessions.ts';
import { ATTEMPTS } from './attempts.ts';
import * as contract from './contract.ts';
import { API, assertContract } from './verbs.ts';

const COOKIE_OPTIONS = { path: '/', httpOnly: true, secure: true, sameSite: 'strict' } as const;

export function addOpenId(
  app: FastifyInstance,
  openid: OpenId,
  deps: {
    letIn(reply: FastifyReply, cookie: string): FastifyReply;
    signedInOf(request: FastifyRequest): SignedIn | undefined;
    readonly ownAccount: Pick<OwnAccount, 'confirm'>;
  },
): void {
  const sendAway = (reply: FastifyReply, { address, cookie }: Awaited<ReturnType<OpenId['begin']>>) =>
    reply
      .setCookie(contract.OPENID_COOKIE, cookie, { ...COOKIE_OPTIONS, maxAge: TRANSACTION_SECONDS })
      .header('cache-control', 'no-store')
      .send({ address } satisfies contract.OpenIdBegun);

  app.post(`${API}/sign-in/openid`, { config: ATTEMPTS }, async (request, reply) => {
    const { token } = assertContract(contract.BeginOpenId, request.body);
    return sendAway(reply, await openid.begin(token));
  });

  app.post(`${API}/account/confirm/openid`, { config: ATTEMPTS }, async (request, reply) => {
    const signedIn = deps.signedInOf(request);
    if (signedIn === undefined) throw notSignedIn();
    return sendAway(reply, await openid.beginConfirm(signedIn));
  });

  app.post(`${API}/sign-in/openid/finish`, { config: ATTEMPTS }, async (request, reply) => {
    const { query } = assertContract(contract.FinishOpenId, request.body);
    // Gone whatever comes of it: it counts once.
    reply.clearCookie(contract.OPENID_COOKIE, COOKIE_OPTIONS);
    const cookie = request.cookies[contract.OPENID_COOKIE];
    const finished = await openid.finish(cookie, query, deps.signedInOf(request));
    if ('cookie' in finished) return deps.letIn(reply, finished.cookie);
    deps.ownAccount.confirm(finished.confirmed);
    return reply
      .header('cache-control', 'no-store')
      .send({ confirmed: true } satisfies contract.OpenIdConfirmed);
  });
}
