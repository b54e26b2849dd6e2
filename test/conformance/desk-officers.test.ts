/** What administrators are told of accounts: how each officer can sign in, and when he last did; never a secret or a name elsewhere. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Desk } from '../../src/desk/index.ts';
import type { OfficerRow } from '../../src/gen/tocsin/desk/v1/officer_service.ts';
import { DeskGroup } from '../../src/gen/tocsin/record/v1/marking.ts';
import { clock, deskWorld, passTime, type World } from '../unit/desk/desk-world.ts';

let world: World;
let administrator: Desk;
beforeAll(async () => {
  world = await deskWorld();
  administrator = world.as(await world.officer('customs', 'administrator'));
});
afterAll(() => world[Symbol.asyncDispose]());

const rowOf = async (name: string): Promise<OfficerRow | undefined> =>
  (await administrator.officers.listOfficers({})).officers.find((one) => one.name === name);
const invite = (name: string, certificate = Buffer.alloc(0)) =>
  administrator.officers.inviteOfficer({
    name,
    agency: 'Customs',
    deskGroup: DeskGroup.DESK_GROUP_CUSTOMS,
    role: 'officer',
    certificate,
  });

it('somebody who was only invited has no way to sign in, and never did', async () => {
  await invite('Ina Invited');
  expect(await rowOf('Ina Invited')).toMatchObject({
    passkeys: 0,
    password: false,
    certificate: false,
    openid: false,
    signedInAt: 0n,
    signedInBy: '',
  });
});

it('a certificate and a bound account at the agency count as ways, without saying which', async () => {
  await invite('Cara Certified', Buffer.alloc(32, 7));
  const { officer } = await invite('Olu Bound');
  await world.xa.temporary.store.write((tx) =>
    tx.accounts.change(officer?.id ?? '', { subject: 'https://id.example\nsub\nolu-4711' }),
  );
  expect(await rowOf('Cara Certified')).toMatchObject({ certificate: true, openid: false });
  const bound = await rowOf('Olu Bound');
  expect(bound).toMatchObject({ certificate: false, openid: true });
  expect(
    JSON.stringify(bound, (_, value) => (typeof value === 'bigint' ? String(value) : value)),
  ).not.toMatch(/olu-4711|id\.example/);
});

it('the last sign-in is told with its way, also once that session is over', async () => {
  const { browser } = await world.browser('customs', 'officer', 'Pia Password');
  const at = BigInt(clock.nowMs());
  expect(await rowOf('Pia Password')).toMatchObject({
    password: true,
    signedInAt: at,
    signedInBy: 'password',
  });
  await browser.post('/sign-out', {});
  passTime(1_000);
  expect(await rowOf('Pia Password')).toMatchObject({ signedInAt: at, signedInBy: 'password' });
});
