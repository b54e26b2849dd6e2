/** An officer's own account in a browser: proved first, passkeys added, named and removed, the last way in kept, sessions ended. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ConsoleWorld, violationsOf, withAuthenticator } from '../support/console-browser.ts';

let shown: ConsoleWorld;
beforeAll(async () => {
  shown = await ConsoleWorld.open();
});
afterAll(() => shown[Symbol.asyncDispose]());

describe('the account of an officer with one passkey', () => {
  it('has another one added, named and removed, and keeps the last', async () => {
    const { page, complaints } = await shown.window();
    const takeAway = await withAuthenticator(page);
    await page.goto(await shown.invite({ name: 'Key Holder', deskGroup: 'customs', role: 'officer' }));
    await page.getByRole('button', { name: 'Create a passkey' }).click();
    await page.getByRole('heading', { name: 'Board' }).waitFor();
    await page.getByRole('button', { name: 'Account and settings' }).click();
    await page.getByRole('link', { name: 'My account' }).click();
    const passkeys = page.locator('section', { has: page.getByRole('heading', { name: 'Passkeys' }) });
    await passkeys.locator('li').waitFor();
    expect(await passkeys.getByRole('button', { name: 'Remove' }).isDisabled()).toBe(true);
    expect(await passkeys.textContent()).toContain('your last way in');
    // What the page does not offer the node refuses as well.
    await passkeys.getByRole('button', { name: 'Rename' }).click();
    await page.getByRole('button', { name: 'Confirm with a passkey' }).click();
    await page.getByLabel('Name of the passkey').fill('First device');
    expect(await violationsOf(page)).toEqual([]);
    await page.getByRole('dialog').getByRole('button', { name: 'Rename' }).click();
    await passkeys.getByText('First device', { exact: true }).first().waitFor();
    const refused = await page.evaluate(async () => {
      const { passkeys: known } = (await (await fetch('/api/v1/account')).json()) as {
        passkeys: { id: string }[];
      };
      const response = await fetch('/api/v1/account/passkey/remove', {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ id: known[0]?.id }),
      });
      const { message } = (await response.json()) as { message: string };
      return [response.status, message];
    });
    expect(refused).toEqual([409, expect.stringContaining('last way in')]);

    await passkeys.getByRole('button', { name: 'Add a passkey' }).click();
    await page.getByText('This device has a passkey of yours already').waitFor();
    await takeAway();
    await withAuthenticator(page);
    await passkeys.getByRole('button', { name: 'Add a passkey' }).click();
    await page.getByText('The passkey is added.').waitFor();
    await passkeys.locator('li').nth(1).waitFor();
    await passkeys.getByRole('button', { name: 'Remove First device' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Remove' }).click();
    await page.getByText('The passkey is removed.').waitFor();
    await page.getByText('your last way in').waitFor();
    expect(await passkeys.locator('li').count()).toBe(1);
    expect(complaints.filter((text) => !/ 409 /.test(text))).toEqual([]);
    await page.context().close();
  });
});

describe('other sessions', () => {
  it('end from the account page, and their windows are asked to sign in', async () => {
    const { page } = await shown.window();
    await withAuthenticator(page);
    await page.goto(await shown.invite({ name: 'Two Windows', deskGroup: 'customs', role: 'officer' }));
    await page.getByRole('button', { name: 'Create a passkey' }).click();
    await page.getByRole('heading', { name: 'Board' }).waitFor();
    // Another session of the same officer: the cookie of the first is put aside and comes back.
    const cookies = await page.context().cookies();
    await page.context().clearCookies();
    await page.reload();
    await page.getByRole('button', { name: 'Sign in with a passkey' }).click();
    await page.getByRole('heading', { name: 'Board' }).waitFor();
    await page.goto(`${shown.origin}/account`);
    await page.getByRole('heading', { name: 'Sessions (2)' }).waitFor();
    await page.getByRole('button', { name: 'End all others' }).click();
    await page.getByText('Sessions ended: 1.').waitFor();
    await page.getByRole('heading', { name: 'Sessions (1)' }).waitFor();
    await page.context().clearCookies();
    await page.context().addCookies(cookies);
    await page.reload();
    await page.getByRole('button', { name: 'Sign in with a passkey' }).waitFor();
    await page.context().close();
  });
});
