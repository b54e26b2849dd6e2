/**
 * Routes of the agency's own sign-in. The provider sends the browser back to a page of the console, which does nothing by being opened:
 * it hands what its address says to us in a request of our own origin, so that all cookies are SameSite=Strict, and no link of another
 * site can finish, or spoil, a sign-in.
 */
import type { FastifyInstance, FastifyReply } from 'fastify';
import type { OpenId } from '../sign-in/openid.ts';
import { TRANSACTION_SECONDS } from '../sign-in/openid-transactions.ts';
import { ATTEMPTS } from './attempts.ts';
import * as contract from './contract.ts';
import { API, assertContract } from './verbs.ts';

const COOKIE_OPTIONS = { path: '/', httpOnly: true, secure: true, sameSite: 'strict' } as const;

export function addOpenId(
  app: FastifyInstance,
  openid: OpenId,
  letIn: (reply: FastifyReply, cookie: string) => FastifyReply,
): void {
  app.post(`${API}/sign-in/openid`, { config: ATTEMPTS }, async (request, reply) => {
    const { token } = assertContract(contract.BeginOpenId, request.body);
    const { address, cookie } = await openid.begin(token);
    return reply
      .setCookie(contract.OPENID_COOKIE, cookie, { ...COOKIE_OPTIONS, maxAge: TRANSACTION_SECONDS })
      .header('cache-control', 'no-store')
      .send({ address } satisfies contract.OpenIdBegun);
  });

  app.post(`${API}/sign-in/openid/finish`, { config: ATTEMPTS }, async (request, reply) => {
    const { query } = assertContract(contract.FinishOpenId, request.body);
    // Gone whatever comes of it: it counts once.
    reply.clearCookie(contract.OPENID_COOKIE, COOKIE_OPTIONS);
    return letIn(reply, await openid.finish(request.cookies[contract.OPENID_COOKIE], query));
  });
}
