/** Routes by which officers come in and go: passkey, password and code, certificate, invitation; the agency's own sign-in is beside. */
import type { TLSSocket } from 'node:tls';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { base64url } from '../../base/bytes.ts';
import type { Random } from '../../base/clock.ts';
import type { DeskGroup, Purpose } from '../../gen/tocsin/record/v1/marking.ts';
import type { DeskNode, DeskStore } from '../ports.ts';
import { deskGroupName, purposeName } from '../purpose.ts';
import { deviceKeyOf } from '../sign-in/device-key.ts';
import { findInvited } from '../sign-in/invitations.ts';
import { Offered } from '../sign-in/offered.ts';
import type { OpenId } from '../sign-in/openid.ts';
import type { OwnAccount } from '../sign-in/own-account.ts';
import type { Passkeys } from '../sign-in/passkey.ts';
import type { SignIn } from '../sign-in/sign-in.ts';
import type { SignedIn, WebSessions } from '../sign-in/web-sessions.ts';
import { notSignedIn } from '../sign-in/web-sessions.ts';
import { ATTEMPTS } from './attempts.ts';
import * as contract from './contract.ts';
import { addOpenId } from './sign-in-openid.ts';
import { API, assertContract } from './verbs.ts';

export interface SignInRoutesDeps {
  readonly node: DeskNode;
  readonly store: DeskStore;
  readonly signIn: SignIn;
  readonly passkeys: Passkeys;
  /** Absent where the agency has no provider. */
  readonly openid: OpenId | undefined;
  readonly sessions: WebSessions;
  readonly random: Random;
  /** Whether clients may present certificates. */
  readonly certificates: boolean;
  readonly ownAccount: OwnAccount;
  signedInOf(request: FastifyRequest): SignedIn | undefined;
  purposesOf(deskGroup: DeskGroup): readonly Purpose[];
}

const withCookie = (reply: FastifyReply, value: string): FastifyReply =>
  reply.setCookie(contract.COOKIE, value, {
    path: '/',
    httpOnly: true,
    secure: true,
    sameSite: 'strict',
  });

/** DER of the certificate that the browser presented on the connection. */
export function certificateOf(request: FastifyRequest): Uint8Array | undefined {
  const socket = request.raw.socket as Partial<TLSSocket>;
  const shown = socket.getPeerCertificate?.();
  return shown?.raw;
}

export function addSignIn(app: FastifyInstance, deps: SignInRoutesDeps): void {
  const { node, signIn, passkeys } = deps;
  const offered = new Offered(node.clock);

  app.get(`${API}/sign-in`, async (_request, reply) =>
    noStore(reply).send({
      node: node.self,
      nodeName: node.nameOf(node.self),
      passkey: true,
      certificate: deps.certificates,
      openid: deps.openid?.name ?? '',
    } satisfies contract.SignInWays),
  );

  app.post(`${API}/sign-in/password`, { config: ATTEMPTS }, async (request, reply) =>
    letIn(reply, await signIn.withPassword(assertContract(contract.PasswordSignIn, request.body))),
  );
  app.post(`${API}/sign-in/passkey/options`, { config: ATTEMPTS }, async (_request, reply) =>
    noStore(reply).send(await passkeys.signInOptions()),
  );
  app.post(`${API}/sign-in/passkey`, { config: ATTEMPTS }, async (request, reply) => {
    const { response } = assertContract(contract.PasskeyAnswer, request.body);
    return letIn(reply, await passkeys.signIn(response as never));
  });
  app.post(`${API}/sign-in/certificate`, { config: ATTEMPTS }, async (request, reply) =>
    letIn(reply, await signIn.withCertificate(deps.certificates ? certificateOf(request) : undefined)),
  );

  if (deps.openid !== undefined) addOpenId(app, deps.openid, { ...deps, letIn });

  app.post(`${API}/invitation`, { config: ATTEMPTS }, async (request, reply) => {
    const { token } = assertContract(contract.InvitationToken, request.body);
    const { account, expiresAt } = await findInvited(deps.store, node.clock, token);
    const { secret, address, typed } = signIn.newTotp(account.name);
    offered.keep(account.id, secret);
    return noStore(reply).send({
      node: node.self,
      nodeName: node.nameOf(node.self),
      name: account.name,
      agency: account.agency,
      deskGroup: deskGroupName(account.deskGroup as DeskGroup),
      role: account.role,
      expiresAt,
      totpAddress: address,
      totpSecret: typed,
    } satisfies contract.Invited);
  });
  app.post(`${API}/invitation/password`, { config: ATTEMPTS }, async (request, reply) => {
    const { token, password, code } = assertContract(contract.AcceptByPassword, request.body);
    const { account } = await findInvited(deps.store, node.clock, token);
    await signIn.setPassword(account, { password, code, totp: offered.of(account.id) }, token);
    return letIn(reply, await signIn.enter(account.id, 'password'));
  });
  app.post(`${API}/invitation/passkey/options`, { config: ATTEMPTS }, async (request, reply) => {
    const { token } = assertContract(contract.InvitationToken, request.body);
    const { account } = await findInvited(deps.store, node.clock, token);
    return noStore(reply).send(await passkeys.newOptions(account));
  });
  app.post(`${API}/invitation/passkey`, { config: ATTEMPTS }, async (request, reply) => {
    const { token, label, response } = assertContract(contract.AcceptByPasskey, request.body);
    const { account } = await findInvited(deps.store, node.clock, token);
    await passkeys.add(account, response as never, label, token);
    return letIn(reply, await signIn.enter(account.id, 'passkey'));
  });

  app.get(`${API}/me`, async (request, reply) => {
    const { account, session } = deps.signedInOf(request) ?? refuseStranger();
    const deskGroup = account.deskGroup as DeskGroup;
    return noStore(reply).send({
      node: node.self,
      nodeName: node.nameOf(node.self),
      name: account.name,
      agency: account.agency,
      deskGroup: deskGroupName(deskGroup),
      role: account.role,
      purposes: deps.purposesOf(deskGroup).map(purposeName),
      locale: account.locale,
      method: session.method,
      validUntil: session.validUntil,
      leftMs: session.validUntil - node.clock.nowMs(),
      idleMs: deps.sessions.idleMs,
      identity: account.identity,
      deviceKey: base64url(await deviceKeyOf(deps, account.id)),
    } satisfies contract.Me);
  });
  app.post(`${API}/me/locale`, async (request, reply) => {
    const { account } = deps.signedInOf(request) ?? refuseStranger();
    const { locale } = assertContract(contract.SetLocale, request.body);
    await deps.store.write(async (tx) => {
      await tx.accounts.change(account.id, { locale });
      deps.sessions.forget(tx, account.id);
    });
    return reply.code(204).send();
  });
  app.post(`${API}/sign-out`, async (request, reply) => {
    const signedIn = deps.signedInOf(request);
    if (signedIn !== undefined) await signIn.signOut(signedIn);
    return reply.clearCookie(contract.COOKIE, { path: '/', secure: true, httpOnly: true }).code(204).send();
  });
}

const letIn = (reply: FastifyReply, cookie: string): FastifyReply =>
  noStore(withCookie(reply, cookie)).code(204).send();

export const noStore = (reply: FastifyReply): FastifyReply => reply.header('cache-control', 'no-store');

function refuseStranger(): never {
  throw notSignedIn();
}
