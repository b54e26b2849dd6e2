/** The agency's own sign-in in real Chromium: to a provider on another site and back, under the console's policies. */
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ConsoleWorld, overflowOf, PICTURES, violationsOf } from '../support/console-browser.ts';
import { type RealProvider, realProvider } from '../support/openid-provider.ts';

let provider: RealProvider;
let shown: ConsoleWorld;
beforeAll(async () => {
  shown = await ConsoleWorld.open({
    openidFor: async (origin) => {
      provider = await realProvider(`${origin}/sign-in/openid`, [{ id: 'tocsin-xa' }]);
      // 127.0.0.1 is another site than localhost, as a provider is another than the console.
      return {
        name: 'Arvenia Customs',
        issuer: provider.issuer,
        clientId: 'tocsin-xa',
        claim: 'staff_number',
        isLoopback: true,
      };
    },
  });
});
afterAll(async () => {
  await shown[Symbol.asyncDispose]();
  await provider[Symbol.asyncDispose]();
});

describe('an officer whose agency has a provider', () => {
  it('binds it by the invitation, is in, goes, and comes back by it', async () => {
    const { page, complaints } = await shown.window();
    await page.goto(await shown.invite({ name: 'Agency Officer', deskGroup: 'customs', role: 'officer' }));
    await page.getByRole('button', { name: 'Bind my sign-in at Arvenia Customs' }).waitFor();
    expect(await violationsOf(page)).toEqual([]);
    await page.screenshot({ path: join(PICTURES, 'openid-invitation.png'), fullPage: true });
    await page.getByRole('button', { name: 'Bind my sign-in at Arvenia Customs' }).click();
    await page.getByLabel('Staff number', { exact: true }).fill('4711');
    await page.getByRole('button', { name: 'Continue' }).click();
    await page.getByRole('heading', { name: 'Board' }).waitFor();
    expect(page.url()).toBe(`${shown.origin}/`);
    const cookies = await page.context().cookies(shown.origin);
    expect(cookies.map(({ name, sameSite }) => [name, sameSite])).toEqual([['__Host-tocsin', 'Strict']]);
    await page.getByRole('button', { name: 'Account and settings' }).click();
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.getByRole('button', { name: 'Sign in at Arvenia Customs' }).waitFor();
    expect(await violationsOf(page)).toEqual([]);
    await page.screenshot({ path: join(PICTURES, 'openid-sign-in.png'), fullPage: true });
    await page.getByRole('button', { name: 'Sign in at Arvenia Customs' }).click();
    // Asked anew: the provider's own session from before lets nobody in.
    await page.getByLabel('Staff number', { exact: true }).fill('4711');
    await page.getByRole('button', { name: 'Continue' }).click();
    await page.getByRole('heading', { name: 'Board' }).waitFor();
    await page.reload();
    await page.getByRole('heading', { name: 'Board' }).waitFor();
    expect(complaints).toEqual([]);
  });

  it.each([
    { of: 'wide', locale: 'en-GB', width: 1440, login: '4801', words: /Confirm at Arvenia Customs/ },
    { of: 'narrow, right to left', locale: 'ar', width: 360, login: '4802', words: /Arvenia Customs/ },
  ])(
    'proves there that it is him before his account is changed: $of',
    async ({ locale, width, login, words }) => {
      const { page, complaints } = await shown.window({ locale, viewport: { width, height: 900 } });
      await page.goto(await shown.invite({ name: `Agency ${login}`, deskGroup: 'customs', role: 'officer' }));
      const say = async () => {
        await page.getByLabel('Staff number', { exact: true }).fill(login);
        await page.getByRole('button', { name: 'Continue' }).click();
      };
      await page.getByRole('button', { name: 'Arvenia Customs' }).click();
      await say();
      await page.locator('.shell').waitFor();
      await page.goto(`${shown.origin}/account`);
      const change = page.locator('section[aria-labelledby="password-title"] button');
      await change.click();
      const confirm = page.getByRole('dialog').getByRole('button', { name: words });
      await confirm.waitFor();
      expect(await violationsOf(page)).toEqual([]);
      expect(await overflowOf(page)).toBeLessThanOrEqual(0);
      await page.screenshot({ path: join(PICTURES, `openid-confirm-${width}.png`) });
      await confirm.click();
      // The provider's own session from a moment ago is not enough.
      await say();
      await page.waitForURL(`${shown.origin}/account`);
      await change.waitFor();
      await page.screenshot({ path: join(PICTURES, `openid-confirmed-${width}.png`) });
      await change.click();
      await page.getByRole('dialog').locator('input[autocomplete="new-password"]').waitFor();
      expect(complaints).toEqual([]);
      await page.context().close();
    },
  );

  it('is told that nobody here has the subject, small and right to left, and finds the way back', async () => {
    const { page } = await shown.window({
      locale: 'ar',
      viewport: { width: 360, height: 740 },
      colorScheme: 'dark',
    });
    await page.goto(`${shown.origin}/`);
    await page.getByRole('button', { name: 'Arvenia Customs' }).click();
    await page.getByLabel('Staff number', { exact: true }).fill('0815');
    await page.getByRole('button', { name: 'Continue' }).click();
    await page.getByRole('alert').waitFor();
    expect(await violationsOf(page)).toEqual([]);
    expect(await overflowOf(page)).toBe(0);
    await page.screenshot({ path: join(PICTURES, 'openid-refused.png'), fullPage: true });
    // The code is not left in the address.
    expect(page.url()).toBe(`${shown.origin}/sign-in/openid`);
    await page.getByRole('link').click();
    await page.getByRole('button', { name: 'Arvenia Customs' }).waitFor();
    expect(page.url()).toBe(`${shown.origin}/`);
  });

  it('is not in by a link of another site that leads to the return page', async () => {
    const { page } = await shown.window();
    await page.goto(`${shown.origin}/sign-in/openid?code=${'A'.repeat(43)}&state=${'B'.repeat(43)}`);
    await page.getByRole('alert').waitFor();
    expect(await page.context().cookies(shown.origin)).toEqual([]);
  });
});
