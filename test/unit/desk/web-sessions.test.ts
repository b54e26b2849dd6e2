import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { systemRandom } from '../../../src/base/clock.ts';
import { Accounts } from '../../../src/desk/sign-in/accounts.ts';
import { newAccount } from '../../../src/desk/sign-in/invitations.ts';
import { WebSessions } from '../../../src/desk/sign-in/web-sessions.ts';
import { DeskGroup } from '../../../src/gen/tocsin/record/v1/marking.ts';
import { type TemporaryStore, temporaryStore } from '../../support/temporary-store.ts';

const LIMITS = { idleMs: 1_800_000, lastsMs: 43_200_000 };
let now = Date.parse('2026-06-01T08:00:00Z');
const clock = { nowMs: () => now };
let temporary: TemporaryStore;
let sessions: WebSessions;

beforeAll(async () => {
  temporary = await temporaryStore();
  const { store } = temporary;
  const accounts = await Accounts.open(store);
  sessions = new WebSessions({
    store,
    clock,
    random: systemRandom,
    self: 'XA',
    limits: LIMITS,
    accounts,
    isRevoked: () => false,
  });
});
afterAll(() => temporary[Symbol.asyncDispose]());

/** Opens sessions of one account, a second between them; their cookies. */
async function opened(count: number, name: string): Promise<readonly string[]> {
  const deskGroup = DeskGroup.DESK_GROUP_CUSTOMS;
  const who = { name, agency: 'A', deskGroup, role: 'officer' };
  const account = { ...newAccount({ clock, random: systemRandom }, who, 'node'), state: 'active' as const };
  await temporary.store.write((tx) => tx.accounts.add(account));
  const cookies: string[] = [];
  for (let at = 0; at < count; at++) {
    now += 1_000;
    cookies.push(await temporary.store.write((tx) => sessions.open(tx, account, 'password')));
    // As browsers do: what is open is known here, not only to the store.
    await sessions.find(cookies.at(-1));
  }
  return cookies;
}

const over = async (cookies: readonly string[]): Promise<readonly number[]> => {
  const found = await Promise.all(cookies.map((cookie) => sessions.find(cookie)));
  return found.flatMap((signedIn, at) => (signedIn === undefined ? [at] : []));
};

describe('sessions of browsers', () => {
  it('are 16 of one account at most: one more ends the one that was opened first', async () => {
    const others = await opened(1, 'Other');
    expect(await over(await opened(16, 'Sixteen'))).toEqual([]);
    expect(await over(await opened(17, 'Seventeen'))).toEqual([0]);
    expect(await over(others)).toEqual([]);
  });

  it('that are ended are open no more, calls that last included', async () => {
    const [first = '', ...rest] = await opened(16, 'Watcher');
    const signedIn = await sessions.find(first);
    if (signedIn === undefined) throw new Error('expected a session that is open');
    expect(() => sessions.assertOpen(signedIn)).not.toThrow();
    await temporary.store.write((tx) => sessions.open(tx, signedIn.account, 'password'));
    expect(() => sessions.assertOpen(signedIn)).toThrow(expect.objectContaining({ code: 'UNAUTHENTICATED' }));
    expect(await over(rest)).toEqual([]);
  });

  it('are over at the millisecond: unused, and whatever is done', async () => {
    const [unused] = await opened(1, 'Unused');
    now += LIMITS.idleMs - 1;
    expect(await sessions.find(unused)).toBeDefined();
    now += LIMITS.idleMs;
    expect(await sessions.find(unused)).toBeUndefined();
    const [busy] = await opened(1, 'Busy');
    const end = now + LIMITS.lastsMs;
    for (; now + 1_000_000 < end; now += 1_000_000) expect(await sessions.find(busy)).toBeDefined();
    now = end - 1;
    expect(await sessions.find(busy)).toBeDefined();
    now = end;
    expect(await sessions.find(busy)).toBeUndefined();
  });
});
