/** Coming in by a browser: an invitation, a passkey, a password with codes; what is wrong is said. */
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { codeAt, PASSWORD } from '../support/api-browser.ts';
import { ConsoleWorld, violationsOf, withAuthenticator } from '../support/console-browser.ts';
import { clock, passTime } from '../unit/desk/desk-world.ts';

let shown: ConsoleWorld;
beforeAll(async () => {
  shown = await ConsoleWorld.open();
});
afterAll(() => shown[Symbol.asyncDispose]());

const signOut = async (page: Page, words: { menu: string; out: string }): Promise<void> => {
  await page.getByRole('button', { name: words.menu }).click();
  await page.getByRole('button', { name: words.out }).click();
  await page.locator('.door').waitFor();
};

describe('an officer who was invited', () => {
  it('makes a passkey, is in, goes, and comes back with it alone', async () => {
    const { page, complaints } = await shown.window();
    await withAuthenticator(page);
    await page.goto(await shown.invite({ name: 'Passkey Officer', deskGroup: 'customs', role: 'officer' }));
    await page.getByText('Passkey Officer').waitFor();
    expect(await violationsOf(page)).toEqual([]);
    await page.getByRole('button', { name: 'Create a passkey' }).click();
    await page.getByRole('heading', { name: 'Board' }).waitFor();
    await signOut(page, { menu: 'Account and settings', out: 'Sign out' });
    expect(await violationsOf(page)).toEqual([]);
    await page.getByRole('button', { name: 'Sign in with a passkey' }).click();
    await page.getByRole('heading', { name: 'Board' }).waitFor();
    expect(complaints).toEqual([]);
  });

  it('sets a password and codes in Arabic, right to left, and comes back with them', async () => {
    const { page, complaints } = await shown.window({ locale: 'ar', viewport: { width: 360, height: 740 } });
    await page.goto(await shown.invite({ name: 'Amina', deskGroup: 'customs', role: 'officer' }));
    await page.getByText('Amina').waitFor();
    expect(await page.evaluate('document.documentElement.dir')).toBe('rtl');
    await page.locator('summary').click();
    const secret = (await page.locator('details code').textContent()) ?? '';
    await page.locator('input[autocomplete="new-password"]').fill('amina');
    await page.locator('input[autocomplete="one-time-code"]').fill('000000');
    await page.locator('button[type="submit"]').click();
    await page.locator('.fault').first().waitFor();
    expect(await page.locator('.fault').count()).toBe(2);
    await page.locator('input[autocomplete="new-password"]').fill(PASSWORD);
    await page.locator('input[autocomplete="one-time-code"]').fill(codeAt(secret, clock.nowMs()));
    await page.locator('button[type="submit"]').click();
    await page.locator('.shell').waitFor();
    await page.locator('.menu > button').click();
    await page.locator('.panel > button').last().click();
    await page.locator('.door').waitFor();
    passTime(60_000);
    await page.locator('input[autocomplete="username"]').fill('Amina');
    await page.locator('input[type="password"]').fill(PASSWORD);
    await page.locator('input[autocomplete="one-time-code"]').fill(codeAt(secret, clock.nowMs()));
    await page.locator('button[type="submit"]').click();
    await page.locator('.shell').waitFor();
    expect(complaints.filter((text) => !/ 400 /.test(text))).toEqual([]);
  });

  it('is told that a link was used, and what to do', async () => {
    const { page } = await shown.window();
    await page.goto(`${shown.origin}/invitation#${'A'.repeat(43)}`);
    await page.getByRole('alert').waitFor();
    expect(await page.getByRole('alert').textContent()).toContain('It is not there');
  });
});

describe('a stranger', () => {
  it('sees a way in and nothing else, whatever the address', async () => {
    const { page } = await shown.window();
    for (const path of ['/', '/network', '/administration', '/record/abc', '/no-such-page']) {
      await page.goto(`${shown.origin}${path}`);
      await page.getByRole('button', { name: 'Sign in with a passkey' }).waitFor();
      expect(await page.locator('.shell').count()).toBe(0);
    }
  });

  it('is told that name, password or code are wrong', async () => {
    const { page } = await shown.window();
    await page.goto(`${shown.origin}/`);
    await page.getByLabel('Name or staff number').fill('Nobody');
    await page.getByLabel('Password').fill('wrong');
    await page.getByLabel('Code', { exact: true }).fill('123456');
    await page.getByRole('button', { name: 'Sign in', exact: true }).click();
    expect(await page.getByRole('alert').textContent()).toContain('That did not match');
  });
});
