/** Signing in by password and code, and by invitation: what guessers and former credentials run into. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Random, systemRandom } from '../../../src/base/clock.ts';
import { Accounts } from '../../../src/desk/sign-in/accounts.ts';
import { findInvited, newAccount, newInvitation } from '../../../src/desk/sign-in/invitations.ts';
import { Offered } from '../../../src/desk/sign-in/offered.ts';
import { hashPassword } from '../../../src/desk/sign-in/password.ts';
import { SignIn } from '../../../src/desk/sign-in/sign-in.ts';
import { WebSessions } from '../../../src/desk/sign-in/web-sessions.ts';
import { DeskGroup } from '../../../src/gen/tocsin/record/v1/marking.ts';
import type { StoredAccount } from '../../../src/store/index.ts';
import { codeAt, PASSWORD } from '../../support/api-browser.ts';
import { type TemporaryStore, temporaryStore } from '../../support/temporary-store.ts';

let now = Date.parse('2026-06-01T08:00:00Z');
const clock = { nowMs: () => now };
const random: Random = systemRandom;
let temporary: TemporaryStore;
let accounts: Accounts;
let sessions: WebSessions;
let signIn: SignIn;

beforeAll(async () => {
  temporary = await temporaryStore();
  const { store } = temporary;
  accounts = await Accounts.open(store);
  const limits = { idleMs: 1_800_000, lastsMs: 43_200_000 };
  sessions = new WebSessions({ store, clock, random, self: 'XA', limits, accounts, isRevoked: () => false });
  signIn = new SignIn({
    store,
    clock,
    random,
    sessions,
    issuer: 'Tocsin XA',
    judgeOfficer: () => {
      throw new Error('expected no certificate');
    },
    isRevoked: (identity) => accounts.isRevoked(identity),
  });
});
afterAll(() => temporary[Symbol.asyncDispose]());

const outcome = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => 'taken',
    (error: unknown) => (error instanceof Error && 'code' in error ? String(error.code) : String(error)),
  );

async function account(name: string, change: Partial<StoredAccount> = {}): Promise<StoredAccount> {
  const who = { name, agency: 'A', deskGroup: DeskGroup.DESK_GROUP_CUSTOMS, role: 'officer' };
  const made = { ...newAccount({ clock, random }, who, 'node'), ...change };
  await temporary.store.write((tx) => tx.accounts.add(made));
  return made;
}

const stored = (id: string) => temporary.store.read((tx) => tx.accounts.byId(id));

/** A link to an account; its token. */
async function invited(to: StoredAccount): Promise<string> {
  const { token, digest, expiresAt } = newInvitation({ clock, random });
  await temporary.store.write((tx) => tx.accounts.invite(digest, { account: to.id, expiresAt }));
  return token;
}

/** Accepts an invitation by password; the secret of the codes. */
async function accepted(to: StoredAccount, password: string, token: string): Promise<string> {
  const { secret, typed } = signIn.newTotp(to.name);
  await signIn.setPassword(to, { password, totp: secret, code: codeAt(typed, now) }, token);
  return typed;
}

describe('a password', () => {
  it('that is wrong is free four times, then waits 30 seconds, twice as long each time, an hour at most', async () => {
    const password = await hashPassword(PASSWORD, random);
    const { id } = await account('Guessed', { state: 'active', password });
    const waits: number[] = [];
    for (let failures = 1; failures <= 13; failures++) {
      const attempt = () => outcome(signIn.withPassword({ name: 'Guessed', password: 'x', code: '000000' }));
      expect(await attempt()).toBe('UNAUTHENTICATED');
      const until = (await stored(id))?.lockedUntil ?? 0;
      waits.push(until === 0 ? 0 : (until - now) / 1_000);
      if (until === 0) continue;
      now = until - 1;
      expect(await attempt()).toBe('BUSY');
      now = until;
    }
    expect(waits).toEqual([0, 0, 0, 0, 30, 60, 120, 240, 480, 960, 1_920, 3_600, 3_600]);
  });

  it('is looked at beside 15 others at most, whoever they are of', async () => {
    const answers = (count: number) =>
      Promise.all(
        Array.from({ length: count }, (_, at) =>
          outcome(signIn.withPassword({ name: `Nobody ${at}`, password: 'x', code: '0' })),
        ),
      );
    const refused = Array<string>(16).fill('UNAUTHENTICATED');
    expect(await answers(16)).toEqual(refused);
    expect(await answers(17)).toEqual([...refused, 'BUSY']);
    expect(await answers(1), 'there is room again').toEqual(['UNAUTHENTICATED']);
  });
});

describe('attempts of strangers', () => {
  it('are 120 rows a minute at most; how many more there were is in the next row', async () => {
    const strangers = async (count: number) => {
      for (let at = 0; at < count; at++)
        expect(await outcome(signIn.withCertificate(undefined))).toBe('UNAUTHENTICATED');
    };
    const rows = async () => {
      const { items } = await temporary.store.read((tx) => tx.audit.list({ limit: 500 }));
      return items.filter(({ detail }) => detail.method === 'certificate');
    };
    now += 60_000;
    await strangers(120);
    expect(await rows()).toHaveLength(120);
    await strangers(3);
    expect(await rows()).toHaveLength(120);
    now += 60_000;
    await strangers(2);
    const all = await rows();
    expect(all).toHaveLength(122);
    expect(all.map(({ detail }) => detail.unwritten).filter((unwritten) => unwritten !== undefined)).toEqual([
      '3',
    ]);
    expect(all[1]?.detail.unwritten).toBe('3');
  });
});

describe('an invitation', () => {
  it('lasts three days, to the millisecond', async () => {
    const token = await invited(await account('Waiting'));
    now += 3 * 86_400_000 - 1;
    expect(await outcome(findInvited(temporary.store, clock, token))).toBe('taken');
    now += 1;
    expect(await outcome(findInvited(temporary.store, clock, token))).toBe('NOT_FOUND');
  });

  it('is one an account: a new one takes the place of the one before', async () => {
    const officer = await account('Twice');
    const [first, second] = [await invited(officer), await invited(officer)];
    expect(await outcome(findInvited(temporary.store, clock, first))).toBe('NOT_FOUND');
    expect(await outcome(findInvited(temporary.store, clock, second))).toBe('taken');
  });

  it('ends the ways in that counted before, and their sessions, once it is used', async () => {
    const officer = await account('Lost');
    const secret = await accepted(officer, PASSWORD, await invited(officer));
    const cookie = await signIn.enter(officer.id, 'password');
    await temporary.store.write((tx) =>
      tx.accounts.addPasskey({
        credential: Buffer.from('a lost device'),
        account: officer.id,
        publicKey: Buffer.alloc(1),
        counter: 0,
        transports: [],
        label: '',
        createdAt: now,
      }),
    );
    const token = await invited(officer);
    expect(await sessions.find(cookie), 'the link alone changes nothing').toBeDefined();
    now += 60_000;
    const renewed = await accepted(officer, 'another lantern in dry reeds', token);
    expect(await sessions.find(cookie)).toBeUndefined();
    expect(await temporary.store.read((tx) => tx.accounts.passkeysOf(officer.id))).toEqual([]);
    now += 60_000;
    const by = (password: string, typed: string) =>
      outcome(signIn.withPassword({ name: 'Lost', password, code: codeAt(typed, now) }));
    expect(await by(PASSWORD, secret)).toBe('UNAUTHENTICATED');
    expect(await by('another lantern in dry reeds', renewed)).toBe('taken');
  });

  it('does not bring an account back that was taken back while it was answered', async () => {
    const officer = await account('Taken back');
    const token = await invited(officer);
    await temporary.store.write((tx) => accounts.revoke(tx, officer));
    expect(await outcome(accepted(officer, PASSWORD, token))).toBe('NOT_FOUND');
    expect(await stored(officer.id)).toMatchObject({ state: 'revoked' });
  });
});

describe('secrets that are offered', () => {
  const forgotten = (offered: Offered, count: number) =>
    Array.from({ length: count }, (_, at) => at).filter((at) => {
      try {
        return offered.of(String(at)).length === 0;
      } catch {
        return true;
      }
    });

  it('wait in 500 at most: one more and the oldest is forgotten', () => {
    const offered = (count: number) => {
      const made = new Offered(clock);
      for (let at = 0; at < count; at++) made.keep(String(at), Buffer.alloc(20, 1));
      return made;
    };
    expect(forgotten(offered(500), 500)).toEqual([]);
    expect(forgotten(offered(501), 501)).toEqual([0]);
    const again = offered(500);
    again.keep('0', Buffer.alloc(20, 2));
    again.keep('500', Buffer.alloc(20, 1));
    expect(forgotten(again, 501), 'what was offered again is not the oldest').toEqual([1]);
  });

  it('wait for an hour, to the millisecond', () => {
    const offered = new Offered(clock);
    offered.keep('0', Buffer.alloc(20, 1));
    now += 3_600_000 - 1;
    expect(forgotten(offered, 1)).toEqual([]);
    now += 1;
    expect(forgotten(offered, 1)).toEqual([0]);
  });
});
