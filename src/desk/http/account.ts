/** Routes by which an officer looks after his own account. What may be changed, and when, own-account.ts says. */
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { base64url, fromBase64url } from '../../base/bytes.ts';
import { hasCertificate } from '../sign-in/invitations.ts';
import { Offered } from '../sign-in/offered.ts';
import { notSignedIn, type SignedIn } from '../sign-in/web-sessions.ts';
import { ATTEMPTS } from './attempts.ts';
import * as contract from './contract.ts';
import { certificateOf, noStore, type SignInRoutesDeps } from './sign-in.ts';
import { API, assertContract } from './verbs.ts';

export function addAccount(app: FastifyInstance, deps: SignInRoutesDeps): void {
  const { store, signIn, passkeys, sessions, ownAccount } = deps;
  const offered = new Offered(deps.node.clock);
  const officer = (request: FastifyRequest): SignedIn => {
    const signedIn = deps.signedInOf(request);
    if (signedIn === undefined) throw notSignedIn();
    return signedIn;
  };
  /** Who proved himself just now; throws STATE for anybody else. */
  const confirmed = (request: FastifyRequest): SignedIn => {
    const signedIn = officer(request);
    ownAccount.assertConfirmed(signedIn);
    return signedIn;
  };

  app.get(`${API}/account`, async (request, reply) => {
    const signedIn = officer(request);
    const { account, session } = signedIn;
    const { keys, open } = await store.read(async (tx) => ({
      keys: await tx.accounts.passkeysOf(account.id),
      open: await tx.accounts.sessionsOf(account.id),
    }));
    return noStore(reply).send({
      passkeys: keys.map(({ credential, label, createdAt, lastUsedAt }) => ({
        id: base64url(credential),
        label,
        createdAt,
        lastUsedAt: lastUsedAt ?? 0,
      })),
      password: account.password !== undefined && account.totp !== undefined,
      certificate: hasCertificate(account) ? account.identity : '',
      openid: account.subject?.split('\n')[0] ?? '',
      sessions: open.filter(sessions.isOpen).map(({ token, method, createdAt, seenAt }) => ({
        method,
        createdAt,
        seenAt,
        own: Buffer.compare(token, session.token) === 0,
      })),
      confirmedForMs: ownAccount.confirmedForMs(signedIn),
    } satisfies contract.Account);
  });

  app.post(`${API}/account/confirm/password`, { config: ATTEMPTS }, async (request, reply) => {
    const signedIn = officer(request);
    await signIn.confirmByPassword(
      signedIn.account,
      assertContract(contract.ConfirmByPassword, request.body),
    );
    ownAccount.confirm(signedIn);
    return reply.code(204).send();
  });
  app.post(`${API}/account/confirm/passkey/options`, { config: ATTEMPTS }, async (request, reply) =>
    noStore(reply).send(await passkeys.confirmOptions(officer(request).account)),
  );
  app.post(`${API}/account/confirm/passkey`, { config: ATTEMPTS }, async (request, reply) => {
    const signedIn = officer(request);
    const { response } = assertContract(contract.PasskeyAnswer, request.body);
    await passkeys.confirm(signedIn.account, response as never);
    ownAccount.confirm(signedIn);
    return reply.code(204).send();
  });
  app.post(`${API}/account/confirm/certificate`, { config: ATTEMPTS }, async (request, reply) => {
    const signedIn = officer(request);
    await signIn.confirmByCertificate(
      signedIn.account,
      deps.certificates ? certificateOf(request) : undefined,
    );
    ownAccount.confirm(signedIn);
    return reply.code(204).send();
  });

  app.post(`${API}/account/passkey/options`, { config: ATTEMPTS }, async (request, reply) => {
    const { account } = confirmed(request);
    await ownAccount.assertRoom(account);
    return noStore(reply).send(await passkeys.newOptions(account));
  });
  app.post(`${API}/account/passkey`, { config: ATTEMPTS }, async (request, reply) => {
    const { account } = confirmed(request);
    const { label, response } = assertContract(contract.AddPasskey, request.body);
    await ownAccount.assertRoom(account);
    await passkeys.add(account, response as never, label);
    return reply.code(204).send();
  });
  app.post(`${API}/account/passkey/rename`, async (request, reply) => {
    const { id, label } = assertContract(contract.RenamePasskey, request.body);
    await ownAccount.renamePasskey(officer(request), fromBase64url(id), label);
    return reply.code(204).send();
  });
  app.post(`${API}/account/passkey/remove`, async (request, reply) => {
    const { id } = assertContract(contract.RemovePasskey, request.body);
    await ownAccount.removePasskey(officer(request), fromBase64url(id));
    return reply.code(204).send();
  });

  app.post(`${API}/account/password/options`, { config: ATTEMPTS }, async (request, reply) => {
    const { account } = confirmed(request);
    const { secret, address, typed } = signIn.newTotp(account.name);
    offered.keep(account.id, secret);
    return noStore(reply).send({ totpAddress: address, totpSecret: typed } satisfies contract.OfferedCodes);
  });
  app.post(`${API}/account/password`, { config: ATTEMPTS }, async (request, reply) => {
    const signedIn = confirmed(request);
    const { account } = signedIn;
    const { password, code } = assertContract(contract.ChangePassword, request.body);
    // Without a code the authenticator app stays the one that it is.
    if (code === '') await signIn.changePassword(account, password);
    else await signIn.setPassword(account, { password, code, totp: offered.of(account.id) });
    // Whoever knew the old one is out (OWASP ASVS 5.0 §7.4.3).
    await ownAccount.endOthers(signedIn);
    return reply.code(204).send();
  });
  app.post(`${API}/account/sessions/end`, async (request, reply) =>
    noStore(reply).send({
      ended: await ownAccount.endOthers(officer(request)),
    } satisfies contract.SessionsEnded),
  );
}
