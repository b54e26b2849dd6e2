/** The console by keys alone, and what can be undone. */
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ConsoleWorld, overflowOf, PICTURES, violationsOf } from '../support/console-browser.ts';
import { exampleContent } from '../support/contents.ts';

let shown: ConsoleWorld;
beforeAll(async () => {
  shown = await ConsoleWorld.open();
  for (let count = 0; count < 2; count++)
    await shown.world.deliver(await shown.world.release(shown.world.xb, exampleContent('seizure-notice')));
});
afterAll(() => shown[Symbol.asyncDispose]());

const officer = (name: string, options: object = {}) =>
  shown.officer({ name, deskGroup: 'customs', role: 'officer' }, options);

describe('keys', () => {
  it('choose and open a record, take it in hand, and lead back', async () => {
    const { page } = await officer('Key Officer');
    await page.goto(`${shown.origin}/`);
    await page.locator('.board-row').first().waitFor();
    await page.keyboard.press('j');
    await page.keyboard.press('j');
    await page.keyboard.press('k');
    const chosen = page.locator('.board-row[aria-selected="true"]');
    expect(await chosen.count()).toBe(1);
    expect(await chosen.getAttribute('aria-posinset')).toBe('1');
    await page.keyboard.press('Enter');
    await page.locator('.record-body').waitFor();
    await page.keyboard.press('a');
    await page.getByText('You have it in hand now').waitFor();
    await page.keyboard.press('u');
    await page.getByRole('heading', { name: 'Board' }).waitFor();
    await page.keyboard.press('g');
    await page.keyboard.press('n');
    await page.getByRole('heading', { name: 'Network', exact: true }).waitFor();
    await page.keyboard.press('c');
    await page.getByRole('heading', { name: 'New record' }).waitFor();
    await page.context().close();
  });

  it('are letters while one types, and lead to no page of another role', async () => {
    const { page } = await officer('Typing Officer');
    await page.goto(`${shown.origin}/`);
    await page.locator('.board-row').first().waitFor();
    await page.keyboard.press('/');
    await page.keyboard.type('cg?/');
    expect(await page.locator('#board-search').inputValue()).toBe('cg?/');
    expect(await page.locator('dialog').count()).toBe(0);
    await page.locator('#board-search').blur();
    await page.keyboard.press('g');
    await page.keyboard.press('o');
    expect(new URL(page.url()).pathname).toBe('/');
    await page.context().close();
  });

  it('count no more once they are turned off, in every window of the device', async () => {
    const { page } = await officer('Quiet Officer');
    await page.goto(`${shown.origin}/`);
    await page.locator('.board-row').first().waitFor();
    await page.keyboard.press('?');
    await page.getByLabel('Keys count on this device').uncheck();
    await page.keyboard.press('Escape');
    await page.locator('dialog').waitFor({ state: 'detached' });
    await page.keyboard.press('c');
    await page.keyboard.press('?');
    await page.reload();
    await page.locator('.board-row').first().waitFor();
    await page.keyboard.press('c');
    expect(new URL(page.url()).pathname).toBe('/');
    expect(await page.locator('dialog').count()).toBe(0);
    await page.getByRole('button', { name: 'Account and settings' }).click();
    await page.getByRole('button', { name: 'Keyboard shortcuts' }).click();
    await page.getByLabel('Keys count on this device').check();
    await page.context().close();
  });
});

describe('what can be undone', () => {
  it('is undone: filters, a part of a draft, a draft of this device', async () => {
    const { page } = await officer('Changes His Mind');
    await page.goto(`${shown.origin}/?text=nothing-has-this-title`);
    await page.getByRole('button', { name: 'Clear filters' }).click();
    await page.locator('.board-row').first().waitFor();
    await page.keyboard.press('z');
    await page.getByRole('button', { name: 'Clear filters' }).waitFor();
    expect(await page.locator('#board-search').inputValue()).toBe('nothing-has-this-title');

    await page.goto(`${shown.origin}/compose/seizure-notice`);
    const items = page.locator('details.facet-form').filter({ hasText: 'Weapons and items' }).first();
    await items.locator('summary').click();
    await items.getByRole('button', { name: 'Add: Weapons' }).click();
    const maker = items.locator('[data-path="facets.items.weapons[0].make"]');
    await maker.fill('Korvath Works');
    await items.locator('.entry').first().getByRole('button', { name: 'Remove' }).first().click();
    await maker.waitFor({ state: 'detached' });
    expect(await page.evaluate('document.activeElement.textContent')).toContain('Add: Weapons');
    await page.getByRole('button', { name: 'Undo', exact: true }).click();
    expect(await maker.inputValue()).toBe('Korvath Works');
    await page.getByText('Kept on this device').waitFor();

    await page.goto(`${shown.origin}/compose`);
    const begun = page.locator('.page > section li');
    await begun.getByRole('button', { name: 'Delete' }).click();
    await begun.waitFor({ state: 'detached' });
    await page.getByRole('button', { name: 'Undo', exact: true }).click();
    await begun.waitFor();
    await page.context().close();
  });
});

describe('the help of the keys', () => {
  it.each([
    { locale: 'en-GB', width: 1440, colorScheme: 'light' },
    { locale: 'ar', width: 360, colorScheme: 'dark' },
  ] as const)('in $locale at $width px', async ({ locale, width, colorScheme }) => {
    const { page, complaints } = await officer(`Help ${locale}`, {
      locale,
      viewport: { width, height: 740 },
      colorScheme,
    });
    await page.goto(`${shown.origin}/`);
    await page.locator('.board-row').first().waitFor();
    await page.keyboard.press('?');
    await page.locator('dialog .shortcuts').waitFor();
    await page.screenshot({ path: join(PICTURES, `keys-${width}-${locale}.png`) });
    expect(await violationsOf(page)).toEqual([]);
    expect(await overflowOf(page)).toBeLessThanOrEqual(0);
    expect(complaints).toEqual([]);
    await page.context().close();
  });
});
