/**
 * Coming in by a card in real Chromium: the browser presents an officer's certificate on the console's own TLS connection, chosen by
 * the policy of a managed browser out of a store of NSS; nothing stands for the card in between.
 */
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { preparedConsole } from '../../deploy/prepared.js';
import { freePort } from '../../src/cli/demo/free-port.ts';
import { nodeHost } from '../../src/identity/index.ts';
import { browserWithCard, type CardBrowser, cardsLacking } from '../support/browser-cards.ts';
import { openWindow, overflowOf, PICTURES, violationsOf } from '../support/console-browser.ts';
import { deskWorld, type World } from '../unit/desk/desk-world.ts';

const lacking = cardsLacking();
if (lacking !== undefined) console.log(`signing in by a card is not walked through: ${lacking}`);

let world: World;
let origin: string;
let cards: CardBrowser;

beforeAll(async () => {
  const assets = preparedConsole();
  if (assets === undefined) throw new Error('expected the console to be built: run node deploy/prepare.js');
  const port = await freePort();
  origin = `https://${nodeHost('XA')}:${port}`;
  world = await deskWorld({ assets, origin, port });
});
afterAll(() => world[Symbol.asyncDispose]());
afterEach(() => cards?.[Symbol.asyncDispose]());

describe.skipIf(lacking !== undefined)('a browser', () => {
  it('with an officer’s card is in by it, confirms changes by it, and is out when the card is withdrawn', async () => {
    const certificate = await world.officer('customs', 'releaser', 'Amara Diallo');
    cards = await browserWithCard({ origin, ca: world.ca, certificate });
    const { page, complaints } = await openWindow(cards.browser);
    await page.goto(`${origin}/`);
    await page.locator('.door').waitFor();
    expect(await violationsOf(page)).toEqual([]);
    await page.getByRole('button', { name: 'Sign in with my card' }).click();
    await page.getByRole('heading', { name: 'Board' }).waitFor();
    await page.getByRole('button', { name: 'Account and settings' }).click();
    await page.getByText('Amara Diallo').first().waitFor();
    await page.screenshot({ path: join(PICTURES, 'card-in.png') });
    await page.goto(`${origin}/account`);
    await page.getByText('Certificate (SHA-256)').waitFor();
    expect(await overflowOf(page)).toBeLessThanOrEqual(0);
    await page.screenshot({ path: join(PICTURES, 'card-account.png'), fullPage: true });
    // Each change of the account asks for the card anew, through the page.
    await page.getByRole('button', { name: 'Set password and authenticator app' }).click();
    await page.getByRole('button', { name: 'Confirm with my card' }).click();
    await page.getByRole('heading', { name: 'Password and codes' }).last().waitFor();
    await page.getByRole('dialog').locator('input[autocomplete="new-password"]').waitFor();
    expect(await violationsOf(page)).toEqual([]);
    expect(complaints).toEqual([]);
    // By the page itself, which is on the connection that the card opened.
    const me = await page.evaluate(
      async () =>
        (await (await fetch('/api/v1/me')).json()) as { readonly method: string; readonly identity: string },
    );
    expect(me.method).toBe('certificate');
    world.revoked.add(me.identity);
    await page.goto(`${origin}/`);
    await page.getByRole('button', { name: 'Sign in with my card' }).click();
    await page.getByRole('alert').waitFor();
    expect(await page.locator('.shell').count()).toBe(0);
  });

  it('without a card is told to put it in', async () => {
    cards = await browserWithCard({ origin, ca: world.ca });
    const { page } = await openWindow(cards.browser, { viewport: { width: 360, height: 740 } });
    await page.goto(`${origin}/`);
    await page.getByRole('button', { name: 'Sign in with my card' }).click();
    await page.getByRole('alert').waitFor();
    expect(await page.locator('.shell').count()).toBe(0);
    expect(await violationsOf(page)).toEqual([]);
    expect(await overflowOf(page)).toBeLessThanOrEqual(0);
    await page.screenshot({ path: join(PICTURES, 'card-none.png') });
  });
});
