/** Officers who sign in by a browser: accounts, passkeys, invitations, sessions. Secrets of theirs are kept as digests, but for RFC 6238's. */
import type { Kysely, Selectable } from 'kysely';
import { numberOf, optional, same } from './row.ts';
import type {
  AccountState,
  AccountTable,
  PasskeyTable,
  SignInMethod,
  WebSessionTable,
} from './schema/account.ts';
import type { Schema } from './schema/tables.ts';

export interface StoredAccount {
  readonly id: string;
  /** As drafts and the audit trail name the officer, 64 hexadecimal digits. */
  readonly identity: string;
  readonly name: string;
  readonly agency: string;
  readonly deskGroup: number;
  readonly role: string;
  readonly state: AccountState;
  /** Issuer at an OpenID provider, claim, and its value there, one line each. */
  readonly subject?: string;
  /** Argon2id in PHC form. */
  readonly password?: string;
  readonly totp?: Uint8Array;
  readonly totpStep?: number;
  readonly failures: number;
  readonly lockedUntil: number;
  readonly locale: string;
  readonly createdAt: number;
  readonly createdBy: string;
}

/** What may change after an account was made. */
export type AccountChange = Partial<
  Pick<
    StoredAccount,
    'state' | 'password' | 'totp' | 'totpStep' | 'failures' | 'lockedUntil' | 'locale' | 'role' | 'deskGroup'
  >
> & {
  /** `null` = none any more. */
  readonly subject?: string | null;
};

export interface StoredPasskey {
  readonly credential: Uint8Array;
  readonly account: string;
  readonly publicKey: Uint8Array;
  readonly counter: number;
  readonly transports: readonly string[];
  readonly label: string;
  readonly createdAt: number;
  readonly lastUsedAt?: number;
}

export interface Invitation {
  readonly account: string;
  readonly expiresAt: number;
  readonly usedAt?: number;
}

export interface WebSession {
  readonly token: Uint8Array;
  readonly account: string;
  readonly method: SignInMethod;
  readonly createdAt: number;
  readonly seenAt: number;
  readonly validUntil: number;
}

export interface AccountsReader {
  byId(id: string): Promise<StoredAccount | undefined>;
  byIdentity(identity: string): Promise<StoredAccount | undefined>;
  /** By the whole name as it is written; undefined also where two have it. */
  byName(name: string): Promise<StoredAccount | undefined>;
  bySubject(subject: string): Promise<StoredAccount | undefined>;
  /** All, by name. */
  list(): Promise<readonly StoredAccount[]>;
  passkeysOf(account: string): Promise<readonly StoredPasskey[]>;
  passkey(credential: Uint8Array): Promise<StoredPasskey | undefined>;
  /** By the digest of the link's token. */
  invitation(token: Uint8Array): Promise<Invitation | undefined>;
  /** By the digest of the cookie's value. */
  session(token: Uint8Array): Promise<WebSession | undefined>;
  /** The last used first; also those that are over and not swept yet. */
  sessionsOf(account: string): Promise<readonly WebSession[]>;
}

export interface AccountsWriter extends AccountsReader {
  /** Throws UNIQUE_VIOLATION where id, identity or subject is taken. */
  add(account: StoredAccount): Promise<void>;
  /** False where there is no such account. Throws UNIQUE_VIOLATION where the subject is taken. */
  change(id: string, change: AccountChange): Promise<boolean>;
  /** Throws UNIQUE_VIOLATION for a credential that is known. */
  addPasskey(passkey: StoredPasskey): Promise<void>;
  keepUse(credential: Uint8Array, counter: number, at: number): Promise<void>;
  /** False where the account has no such passkey. */
  renamePasskey(account: string, credential: Uint8Array, label: string): Promise<boolean>;
  removePasskey(account: string, credential: Uint8Array): Promise<boolean>;
  /** Of an account, all its passkeys, its password and the secret of its codes. */
  dropCredentials(account: string): Promise<void>;
  /** One link an account: what was not used before counts no more. */
  invite(token: Uint8Array, invitation: Pick<Invitation, 'account' | 'expiresAt'>): Promise<void>;
  /** Marks an invitation as used; false where it was, or is none: it counts once. */
  spendInvitation(token: Uint8Array, at: number): Promise<boolean>;
  openSession(session: WebSession): Promise<void>;
  seeSession(token: Uint8Array, at: number): Promise<void>;
  endSession(token: Uint8Array): Promise<void>;
  /** Of an account, all but one where given. The number ended. */
  endSessions(account: string, but?: Uint8Array): Promise<number>;
  /** Of an account, those opened first, so that no more than `keep` are left; their tokens. */
  endOldestSessions(account: string, keep: number): Promise<readonly Uint8Array[]>;
  /** Forgets sessions past their end, or not used since. */
  sweepSessions(nowMs: number, unseenSince: number): Promise<void>;
}

const accountOf = (row: Selectable<AccountTable>): StoredAccount => ({
  id: row.id,
  identity: row.identity,
  name: row.name,
  agency: row.agency,
  deskGroup: numberOf(row.desk_group),
  role: row.role,
  state: row.state,
  ...optional('subject', row.subject, same),
  ...optional('password', row.password, same),
  ...optional('totp', row.totp, same),
  ...optional('totpStep', row.totp_step, numberOf),
  failures: numberOf(row.failures),
  lockedUntil: numberOf(row.locked_until),
  locale: row.locale,
  createdAt: numberOf(row.created_at),
  createdBy: row.created_by,
});

const passkeyOf = (row: Selectable<PasskeyTable>): StoredPasskey => ({
  credential: row.credential,
  account: row.account,
  publicKey: row.public_key,
  counter: numberOf(row.counter),
  transports: row.transports === '' ? [] : row.transports.split(','),
  label: row.label,
  createdAt: numberOf(row.created_at),
  ...optional('lastUsedAt', row.last_used_at, numberOf),
});

const sessionOf = (row: Selectable<WebSessionTable>): WebSession => ({
  token: row.token,
  account: row.account,
  method: row.method,
  createdAt: numberOf(row.created_at),
  seenAt: numberOf(row.seen_at),
  validUntil: numberOf(row.valid_until),
});

export function accountsReader(db: Kysely<Schema>): AccountsReader {
  const accounts = () => db.selectFrom('account').selectAll();
  const one = async (column: 'id' | 'identity' | 'subject', value: string) => {
    const row = await accounts().where(column, '=', value).executeTakeFirst();
    return row && accountOf(row);
  };
  return {
    byId: (id) => one('id', id),
    byIdentity: (identity) => one('identity', identity),
    bySubject: (subject) => one('subject', subject),
    async byName(name) {
      const rows = await accounts()
        .where('name', '=', name)
        .where('state', '!=', 'revoked')
        .limit(2)
        .execute();
      const [row] = rows;
      return row !== undefined && rows.length === 1 ? accountOf(row) : undefined;
    },
    async list() {
      return (await accounts().orderBy('name').orderBy('id').execute()).map(accountOf);
    },
    async passkeysOf(account) {
      const rows = await db
        .selectFrom('passkey')
        .selectAll()
        .where('account', '=', account)
        .orderBy('created_at')
        .execute();
      return rows.map(passkeyOf);
    },
    async passkey(credential) {
      const row = await db
        .selectFrom('passkey')
        .selectAll()
        .where('credential', '=', credential)
        .executeTakeFirst();
      return row && passkeyOf(row);
    },
    async invitation(token) {
      const row = await db.selectFrom('invitation').selectAll().where('token', '=', token).executeTakeFirst();
      return (
        row && {
          account: row.account,
          expiresAt: numberOf(row.expires_at),
          ...optional('usedAt', row.used_at, numberOf),
        }
      );
    },
    async session(token) {
      const row = await db
        .selectFrom('web_session')
        .selectAll()
        .where('token', '=', token)
        .executeTakeFirst();
      return row && sessionOf(row);
    },
    async sessionsOf(account) {
      const rows = await db
        .selectFrom('web_session')
        .selectAll()
        .where('account', '=', account)
        .orderBy('seen_at', 'desc')
        .orderBy('created_at', 'desc')
        .execute();
      return rows.map(sessionOf);
    },
  };
}

export function accountsWriter(db: Kysely<Schema>): AccountsWriter {
  return {
    ...accountsReader(db),
    async add(account) {
      await db
        .insertInto('account')
        .values({
          id: account.id,
          identity: account.identity,
          name: account.name,
          agency: account.agency,
          desk_group: account.deskGroup,
          role: account.role,
          state: account.state,
          subject: account.subject ?? null,
          password: account.password ?? null,
          totp: account.totp ?? null,
          totp_step: account.totpStep ?? null,
          failures: account.failures,
          locked_until: account.lockedUntil,
          locale: account.locale,
          created_at: account.createdAt,
          created_by: account.createdBy,
        })
        .execute();
    },
    async change(id, change) {
      const { deskGroup, totpStep, lockedUntil, ...same } = change;
      const { numUpdatedRows } = await db
        .updateTable('account')
        .set({
          ...same,
          ...(deskGroup === undefined ? {} : { desk_group: deskGroup }),
          ...(totpStep === undefined ? {} : { totp_step: totpStep }),
          ...(lockedUntil === undefined ? {} : { locked_until: lockedUntil }),
        })
        .where('id', '=', id)
        .executeTakeFirst();
      return numUpdatedRows > 0n;
    },
    async addPasskey(passkey) {
      await db
        .insertInto('passkey')
        .values({
          credential: passkey.credential,
          account: passkey.account,
          public_key: passkey.publicKey,
          counter: passkey.counter,
          transports: passkey.transports.join(','),
          label: passkey.label,
          created_at: passkey.createdAt,
          last_used_at: passkey.lastUsedAt ?? null,
        })
        .execute();
    },
    async keepUse(credential, counter, at) {
      await db
        .updateTable('passkey')
        .set({ counter, last_used_at: at })
        .where('credential', '=', credential)
        .execute();
    },
    async renamePasskey(account, credential, label) {
      const { numUpdatedRows } = await db
        .updateTable('passkey')
        .set({ label })
        .where('credential', '=', credential)
        .where('account', '=', account)
        .executeTakeFirst();
      return numUpdatedRows > 0n;
    },
    async removePasskey(account, credential) {
      const { numDeletedRows } = await db
        .deleteFrom('passkey')
        .where('credential', '=', credential)
        .where('account', '=', account)
        .executeTakeFirst();
      return numDeletedRows > 0n;
    },
    async dropCredentials(account) {
      await db.deleteFrom('passkey').where('account', '=', account).execute();
      await db
        .updateTable('account')
        .set({ password: null, totp: null, totp_step: null })
        .where('id', '=', account)
        .execute();
    },
    async invite(token, { account, expiresAt }) {
      await db.deleteFrom('invitation').where('account', '=', account).execute();
      await db.insertInto('invitation').values({ token, account, expires_at: expiresAt }).execute();
    },
    async spendInvitation(token, at) {
      const { numUpdatedRows } = await db
        .updateTable('invitation')
        .set({ used_at: at })
        .where('token', '=', token)
        .where('used_at', 'is', null)
        .executeTakeFirst();
      return numUpdatedRows > 0n;
    },
    async openSession({ token, account, method, createdAt, seenAt, validUntil }) {
      await db
        .insertInto('web_session')
        .values({ token, account, method, created_at: createdAt, seen_at: seenAt, valid_until: validUntil })
        .execute();
    },
    async seeSession(token, at) {
      await db.updateTable('web_session').set({ seen_at: at }).where('token', '=', token).execute();
    },
    async endSession(token) {
      await db.deleteFrom('web_session').where('token', '=', token).execute();
    },
    async endSessions(account, but) {
      let remove = db.deleteFrom('web_session').where('account', '=', account);
      if (but !== undefined) remove = remove.where('token', '!=', but);
      return numberOf((await remove.executeTakeFirst()).numDeletedRows);
    },
    async endOldestSessions(account, keep) {
      const rows = await db
        .selectFrom('web_session')
        .select('token')
        .where('account', '=', account)
        .orderBy('created_at', 'desc')
        .orderBy('token')
        .execute();
      const ended = rows.slice(keep).map(({ token }) => token);
      if (ended.length > 0) await db.deleteFrom('web_session').where('token', 'in', ended).execute();
      return ended;
    },
    async sweepSessions(nowMs, unseenSince) {
      await db
        .deleteFrom('web_session')
        .where(({ eb, or }) =>
          or([eb('valid_until', '<=', BigInt(nowMs)), eb('seen_at', '<', BigInt(unseenSince))]),
        )
        .execute();
    },
  };
}
