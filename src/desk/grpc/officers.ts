/** OfficerService: accounts of the console, for administrators. */

import { hex } from '../../base/bytes.ts';
import type { Random } from '../../base/clock.ts';
import {
  type OfficerRow,
  type OfficerServiceDefinition,
  OfficerState,
} from '../../gen/tocsin/desk/v1/officer_service.ts';
import { DeskGroup } from '../../gen/tocsin/record/v1/marking.ts';
import { DESK_GROUP_TOKENS, isDeskGroupToken, OFFICER_ROLES, worksIn } from '../../identity/index.ts';
import type { AccountState, ReadTx, StoredAccount } from '../../store/index.ts';
import { type Access, notFound } from '../access.ts';
import { DeskError } from '../errors.ts';
import type { DeskNode, DeskStore } from '../ports.ts';
import type { OfficerSession } from '../session.ts';
import type { Accounts } from '../sign-in/accounts.ts';
import { hasCertificate, newAccount, newInvitation } from '../sign-in/invitations.ts';
import type { DeskHandlers } from './handlers.ts';
import { RequestFields, readField } from './request.ts';

export interface OfficerDeps {
  readonly access: Access;
  readonly store: DeskStore;
  readonly node: DeskNode;
  readonly random: Random;
  readonly accounts: Accounts;
}

const NAME_LENGTH = 100;
/** Accounts of one node, those taken back too: one answer lists them all, and names are looked up among all of them. */
const MOST_OFFICERS = 10_000;

const STATES: Readonly<Record<AccountState, OfficerState>> = {
  invited: OfficerState.OFFICER_STATE_INVITED,
  active: OfficerState.OFFICER_STATE_ACTIVE,
  revoked: OfficerState.OFFICER_STATE_REVOKED,
};

export function officerHandlers(deps: OfficerDeps): DeskHandlers<OfficerServiceDefinition> {
  const { access, store, node, random, accounts } = deps;
  const sources = { clock: node.clock, random };
  return {
    async listOfficers(_request, { session }) {
      await access.require(session, 'administer', 'officers');
      const officers = await store.read(async (tx) => {
        const rows: OfficerRow[] = [];
        for (const account of await tx.accounts.list()) rows.push(await rowOf(tx, session, account));
        return rows;
      });
      return { officers };
    },

    async inviteOfficer(request, { session }) {
      await access.require(session, 'administer', 'officers');
      const fields = new RequestFields();
      const name = nameIn(fields, 'name', request.name);
      const agency = nameIn(fields, 'agency', request.agency);
      const known = OFFICER_ROLES.find((role) => role === request.role);
      if (known === undefined)
        fields.fault('role', 'UNKNOWN_VALUE', `expected one of ${OFFICER_ROLES.join(', ')}`);
      const group = Object.keys(DESK_GROUP_TOKENS)
        .filter(isDeskGroupToken)
        .find((token) => DESK_GROUP_TOKENS[token] === request.deskGroup);
      if (known !== undefined && group !== undefined && !worksIn(known, group))
        fields.fault('role', 'NOT_ALLOWED', `expected a role that works at the desk ${group}, got ${known}`);
      if (request.deskGroup === DeskGroup.DESK_GROUP_UNSPECIFIED)
        fields.fault('desk_group', 'REQUIRED', 'expected a desk group');
      if (request.certificate.length > 0) fields.digest('certificate', request.certificate);
      fields.done();
      const { deskGroup, role, certificate } = request;
      const who = { name, agency, deskGroup, role };
      const account = newAccount(
        sources,
        certificate.length > 0 ? { ...who, certificate: hex(certificate) } : who,
        session.fingerprint,
      );
      const { token, digest, expiresAt } = newInvitation(sources);
      const officer = await store.write(async (tx) => {
        const accounts = await tx.accounts.list();
        if (accounts.length >= MOST_OFFICERS)
          throw new DeskError({
            code: 'STATE',
            message: `expected fewer than ${MOST_OFFICERS} accounts, those taken back included`,
          });
        if (accounts.some((one) => one.name === name && one.state !== 'revoked'))
          throw taken('name', 'an account that counts has this name: add a staff number');
        if ((await tx.accounts.byIdentity(account.identity)) !== undefined)
          throw taken('certificate', 'an account has this certificate already');
        await tx.accounts.add(account);
        await tx.accounts.invite(digest, { account: account.id, expiresAt });
        await tx.audit.append([
          access.entry(session, 'officer.invited', account.identity, { invited: name, as: role }),
        ]);
        return rowOf(tx, session, account);
      });
      return { officer, token, expiresAt: BigInt(expiresAt) };
    },

    async reinviteOfficer(request, { session }) {
      await access.require(session, 'administer', 'officers');
      const id = readField((fields) => fields.text('id', request.id, 64));
      const { token, digest, expiresAt } = newInvitation(sources);
      await store.write(async (tx) => {
        const account = await tx.accounts.byId(id);
        if (account === undefined || account.state === 'revoked') throw notFound('account');
        await tx.accounts.invite(digest, { account: id, expiresAt });
        const { identity, name } = account;
        await tx.audit.append([
          access.entry(session, 'officer.invited', identity, { invited: name, again: 'yes' }),
        ]);
      });
      return { token, expiresAt: BigInt(expiresAt) };
    },

    async revokeOfficer(request, { session }) {
      await access.require(session, 'administer', 'officers');
      const fields = new RequestFields();
      const id = fields.text('id', request.id, 64);
      const reason = fields.note('reason', request.reason).trim();
      if (reason === '') fields.fault('reason', 'REQUIRED', 'expected why, for the audit trail');
      fields.done();
      const officer = await store.write(async (tx) => {
        const account = await tx.accounts.byId(id);
        if (account === undefined) throw notFound('account');
        if (account.identity === session.fingerprint)
          throw new DeskError({
            code: 'STATE',
            message: 'expected the account of another officer: nobody takes his own back',
          });
        if (account.state !== 'revoked') {
          await accounts.revoke(tx, account);
          const { identity, name } = account;
          await tx.audit.append([
            access.entry(session, 'officer.revoked', identity, { revoked: name, reason }),
          ]);
        }
        return rowOf(tx, session, { ...account, state: 'revoked' });
      });
      return { officer };
    },
  };
}

function nameIn(fields: RequestFields, path: string, text: string): string {
  const name = text.trim();
  if (name === '') fields.fault(path, 'REQUIRED', 'expected 1 to 100 characters');
  return fields.text(path, name, NAME_LENGTH);
}

const taken = (path: string, message: string): DeskError =>
  new DeskError({ code: 'INVALID_REQUEST', message, faults: [{ path, code: 'TAKEN', message }] });

async function rowOf(tx: ReadTx, session: OfficerSession, account: StoredAccount): Promise<OfficerRow> {
  const last = await lastSignIn(tx, account.identity);
  return {
    id: account.id,
    identity: account.identity,
    name: account.name,
    agency: account.agency,
    deskGroup: account.deskGroup as DeskGroup,
    role: account.role,
    state: STATES[account.state],
    passkeys: (await tx.accounts.passkeysOf(account.id)).length,
    password: account.password !== undefined,
    createdAt: BigInt(account.createdAt),
    lockedUntil: BigInt(account.lockedUntil),
    own: account.identity === session.fingerprint,
    certificate: hasCertificate(account),
    openid: account.subject !== undefined,
    signedInAt: BigInt(last?.at ?? 0),
    signedInBy: last?.by ?? '',
  };
}

/** Sessions are forgotten when they are over: that somebody was here the audit trail alone knows. */
async function lastSignIn(
  tx: Pick<ReadTx, 'audit'>,
  identity: string,
): Promise<{ readonly at: number; readonly by: string } | undefined> {
  const { items } = await tx.audit.list({ subject: identity, action: 'signin.done', limit: 1 });
  const [row] = items;
  const by: unknown = row?.detail.method;
  return row && { at: row.at, by: typeof by === 'string' ? by : '' };
}
