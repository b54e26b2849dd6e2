/** Officers who sign in by a browser: accounts, their credentials, invitations and sessions. Columns: schema/account.ts. */
import type { Migration } from './migration.ts';

export const account: Migration = {
  version: 12,
  name: 'account',
  statements: (t) => [
    `create table account (
      id ${t.text} not null primary key, identity ${t.text} not null unique, name ${t.text} not null, agency ${t.text} not null,
      desk_group ${t.int} not null, role ${t.text} not null, state ${t.text} not null, subject ${t.text} unique, password ${t.text},
      totp ${t.blob}, totp_step ${t.int}, failures ${t.int} not null, locked_until ${t.int} not null, locale ${t.text} not null,
      created_at ${t.int} not null, created_by ${t.text} not null)${t.table}`,
    `create table passkey (
      credential ${t.blob} not null primary key, account ${t.text} not null references account (id) on delete cascade,
      public_key ${t.blob} not null, counter ${t.int} not null, transports ${t.text} not null, label ${t.text} not null,
      created_at ${t.int} not null, last_used_at ${t.int})${t.table}`,
    'create index passkey_account on passkey (account)',
    `create table invitation (
      token ${t.blob} not null primary key, account ${t.text} not null references account (id) on delete cascade,
      expires_at ${t.int} not null, used_at ${t.int})${t.table}`,
    `create table web_session (
      token ${t.blob} not null primary key, account ${t.text} not null references account (id) on delete cascade,
      method ${t.text} not null, created_at ${t.int} not null, seen_at ${t.int} not null, valid_until ${t.int} not null)${t.table}`,
    'create index web_session_account on web_session (account)',
  ],
};
