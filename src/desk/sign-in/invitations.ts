/** One-time links by which an officer gets an account, or an account new credentials. */
import { base64url, fromBase64url, hex } from '../../base/bytes.ts';
import type { Clock, Random } from '../../base/clock.ts';
import type { DeskGroup } from '../../gen/tocsin/record/v1/marking.ts';
import { sha256 } from '../../record/index.ts';
import type { ReadTx, StoredAccount, WriteTx } from '../../store/index.ts';
import { DeskError } from '../errors.ts';
import type { DeskStore } from '../ports.ts';

const INVITATION_LASTS_MS = 72 * 3_600_000;
const TOKEN_BYTES = 32;
const ACCOUNT_ID_BYTES = 16;

/** For whom an account is made. */
export interface NewOfficer {
  readonly name: string;
  readonly agency: string;
  readonly deskGroup: DeskGroup;
  readonly role: string;
  /** Fingerprint of the officer's certificate, where there is one: both ways of signing in are then one officer. */
  readonly certificate?: string;
}

/** A link to an account. */
export interface NewInvitation {
  /** For the link alone; kept nowhere. */
  readonly token: string;
  /** SHA-256 of the token. */
  readonly digest: Uint8Array;
  /** Milliseconds UTC. */
  readonly expiresAt: number;
}

interface Sources {
  readonly clock: Clock;
  readonly random: Random;
}

const digestOf = (token: string): Uint8Array => sha256(fromBase64url(token));

const noInvitation = (): DeskError =>
  new DeskError({
    code: 'NOT_FOUND',
    message: 'this invitation was used, is over, or never was: ask your administrator for another',
  });

/** Identity of an account without a certificate: alike in form, and no certificate's. */
const identityOf = (id: string): string => hex(sha256(Buffer.from(`tocsin account\n${id}`, 'utf8')));

/** Whether its identity is that of a certificate, with which the officer signs in as well. */
export const hasCertificate = ({ id, identity }: Pick<StoredAccount, 'id' | 'identity'>): boolean =>
  identity !== identityOf(id);

/** An account as it begins, not kept yet. */
export function newAccount(
  { clock, random }: Sources,
  officer: NewOfficer,
  createdBy: string,
): StoredAccount {
  const id = hex(random.bytes(ACCOUNT_ID_BYTES));
  const { certificate, ...who } = officer;
  return {
    ...who,
    id,
    identity: certificate ?? identityOf(id),
    state: 'invited',
    failures: 0,
    lockedUntil: 0,
    locale: '',
    createdAt: clock.nowMs(),
    createdBy,
  };
}

/** A link that counts once and for three days, not kept yet. */
export function newInvitation({ clock, random }: Sources): NewInvitation {
  const token = base64url(random.bytes(TOKEN_BYTES));
  return { token, digest: digestOf(token), expiresAt: clock.nowMs() + INVITATION_LASTS_MS };
}

/** An invitation that counts, and the account that it is for. */
interface Invited {
  readonly account: StoredAccount;
  readonly expiresAt: number;
}

/** Whom an invitation is for; throws NOT_FOUND for one that was used, is over or never was. */
export async function findInvited(store: DeskStore, clock: Clock, token: string): Promise<Invited> {
  const found = await store.read((tx) => invited(tx, clock, token));
  if (found === undefined) throw noInvitation();
  return found;
}

async function invited(tx: ReadTx, clock: Clock, token: string): Promise<Invited | undefined> {
  const invitation = await tx.accounts.invitation(digestOf(token));
  if (invitation === undefined || invitation.usedAt !== undefined) return undefined;
  if (clock.nowMs() >= invitation.expiresAt) return undefined;
  const account = await tx.accounts.byId(invitation.account);
  return account && account.state !== 'revoked' ? { account, expiresAt: invitation.expiresAt } : undefined;
}

/**
 * Uses an invitation up, in the transaction that keeps what it was for: the ways in that counted before count no more, so that a
 * lost device lets nobody in and an account has no more of them than one. Throws NOT_FOUND where it was used, or the account taken
 * back, meanwhile.
 */
export async function takeInvitation(tx: WriteTx, clock: Clock, token: string): Promise<void> {
  const found = await invited(tx, clock, token);
  if (found === undefined) throw noInvitation();
  await tx.accounts.spendInvitation(digestOf(token), clock.nowMs());
  await tx.accounts.dropCredentials(found.account.id);
  await tx.accounts.endSessions(found.account.id);
}
