/** Another national policy from template to in force, by two administrators in real Chromium; the page as each role sees it. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { nationalTemplate } from '../../src/policy/index.ts';
import { ConsoleWorld, overflowOf, PICTURES, violationsOf, type Who } from '../support/console-browser.ts';
import { exampleContent } from '../support/contents.ts';

let shown: ConsoleWorld;
let headerDigest: Uint8Array;

beforeAll(async () => {
  shown = await ConsoleWorld.open();
  const { world } = shown;
  for (let count = 0; count < 3; count += 1)
    headerDigest = await world.release(world.xa, exampleContent('seizure-notice'));
});
afterAll(() => shown[Symbol.asyncDispose]());

const administrator = (name: string): Who => ({ name, deskGroup: 'customs', role: 'administrator' });
const hex = () => Buffer.from(headerDigest).toString('hex');

const button = (page: Page, name: string) => page.getByRole('button', { name, exact: true });

describe('two administrators', () => {
  it('put the strict template in force: faults, effect and text are seen before, nobody adopts his own', async () => {
    const { page: first, complaints } = await shown.officer(administrator('Ada First'));
    await first.goto(`${shown.origin}/policy/draft`);
    const editor = first.locator('.editor textarea');

    // A fault has its line, and leads there.
    await editor.fill(
      '@id("A") @reason("one")\n\nforbid (principal, action, resource) when { principal.nothing == 1 };',
    );
    const fault = first.locator('.policy-faults li').first();
    await fault.waitFor();
    expect(await button(first, 'Propose').isDisabled()).toBe(true);
    await fault.getByRole('button').click();
    expect(
      await editor.evaluate((field: { selectionStart: number }) => field.selectionStart),
    ).toBeGreaterThan(0);

    await button(first, 'template strict').click();
    await first.getByText('No faults', { exact: true }).waitFor();
    await button(first, 'Compare over our records').click();
    await first.getByText('Records compared: 3', { exact: true }).waitFor();
    const hidden = first.locator('.comparison .closes');
    await hidden.waitFor();
    expect(await hidden.textContent()).toMatch(/3 × Seizure notice to XB, Customs/);
    expect(await first.locator('.comparison .opens').count()).toBe(0);
    await first.getByLabel('Why it should change').fill('the start of a new member');
    await first.screenshot({ path: join(PICTURES, 'policy-draft-compared.png'), fullPage: true });
    expect(await violationsOf(first)).toEqual([]);
    await button(first, 'Propose').click();
    await first.locator('.policy li.card').waitFor();
    await button(first, 'Look at it').click();
    await button(first, 'Withdraw').waitFor();
    expect(await button(first, 'Adopt').count()).toBe(0);

    const { page: second, complaints: others } = await shown.officer(administrator('Ben Second'));
    await second.goto(`${shown.origin}/policy/proposals`);
    await second.getByText('Waits for a second administrator').waitFor();
    await second.getByText('the start of a new member').waitFor();
    await button(second, 'Look at it').click();
    await second.locator('.text-changes .added').first().waitFor();
    expect(await button(second, 'Adopt').isDisabled()).toBe(true);
    await button(second, 'Compare over our records').click();
    await second.getByText('Records compared: 3', { exact: true }).waitFor();
    await second.screenshot({ path: join(PICTURES, 'policy-proposal.png'), fullPage: true });
    expect(await violationsOf(second)).toEqual([]);
    await button(second, 'Adopt').click();
    await second.getByText('Adopted: it is in force.').waitFor();
    expect(await readFile(shown.world.xa.policyFile, 'utf8')).toBe(nationalTemplate('strict'));

    // The other one's page hears of it by itself.
    await first.getByText('Adopted by').waitFor();
    await first.getByRole('link', { name: 'Rules in force' }).click();
    await first.getByText('data of accounts stays here; ask by tasking').first().waitFor();
    expect([complaints, others]).toEqual([[], []]);
    await first.context().close();
    await second.context().close();
  });

  it('have a decision about a record explained, of which they read nothing', async () => {
    const { page, complaints } = await shown.officer(administrator('Ada Explains'));
    await page.goto(`${shown.origin}/policy/explain`);
    await page.getByLabel('Record', { exact: true }).fill(hex());
    await page.getByLabel('Partner', { exact: true }).selectOption('XB');
    await page.locator('.decisions').waitFor();
    const decisions = page.locator('.decisions');
    expect(await decisions.textContent()).toContain('Seizure notice for XB');
    await page.getByLabel('Desk of the partner').selectOption('CUSTOMS');
    await page.getByLabel('Purpose', { exact: true }).selectOption('CUSTOMS_CONTROL');
    await decisions.getByText('N5-commercial-for-licensing').waitFor();
    await page.getByLabel('Desk of the partner').selectOption('LICENSING');
    await page.getByText('this desk group may not ask for this purpose').first().waitFor();
    await page.getByLabel('Record', { exact: true }).fill('0'.repeat(64));
    await page.getByRole('alert').waitFor();
    // The refusal that is looked for is the only complaint.
    expect(complaints.filter((one) => !/ 404 /.test(one))).toEqual([]);
    await page.context().close();
  });
});

describe('a releaser', () => {
  it('comes from a record to its explanation, and sees no more of the page', async () => {
    const { page, complaints } = await shown.officer({
      name: 'Rui Releaser',
      deskGroup: 'customs',
      role: 'releaser',
    });
    await page.goto(`${shown.origin}/record/${Buffer.from(headerDigest).toString('base64url')}`);
    await page.getByRole('link', { name: 'Explain' }).click();
    await page.getByLabel('Partner', { exact: true }).selectOption('XC');
    await page.locator('.decisions').waitFor();
    expect(await page.locator('.policy .tabs').count()).toBe(0);
    expect(complaints).toEqual([]);
    await page.context().close();
  });
});

const WINDOWS = [
  { of: '1440 px, English, light', locale: 'en-GB', width: 1440, height: 900, colorScheme: 'light' },
  { of: '360 px, Arabic, dark', locale: 'ar', width: 360, height: 740, colorScheme: 'dark' },
] as const;

const PARTS = [
  {
    tab: 'rules',
    shows: '.rules li',
    step: async (page: Page) => page.locator('.rules summary').first().click(),
  },
  {
    tab: 'explain',
    shows: '.decisions',
    step: async (page: Page) => {
      await page.locator('.explain-form input').fill(hex());
      await page.locator('.explain-form select').first().selectOption('XB');
    },
  },
  {
    tab: 'draft',
    shows: '.policy-faults li',
    step: async (page: Page) => {
      await page
        .locator('.editor textarea')
        .fill('@id("A") @reason("one")\nforbid (principal, action, resource);\nforbid (');
    },
  },
  {
    tab: 'proposals',
    shows: '.text-changes, .policy li.card p',
    step: async (page: Page) => page.locator('li.card button').first().click(),
  },
] as const;

describe.each(WINDOWS)('at $of', ({ locale, width, height, colorScheme }) => {
  it.each(PARTS)('the part $tab has nothing that axe minds', async ({ tab, shows, step }) => {
    const { page, complaints } = await shown.officer(administrator(`Ada ${tab} ${locale}`), {
      locale,
      viewport: { width, height },
      colorScheme,
    });
    await page.goto(`${shown.origin}/policy/${tab}`);
    await page.locator('.page.policy').waitFor();
    await step(page);
    await page.locator(shows).first().waitFor();
    await page.waitForLoadState('networkidle').catch(() => undefined);
    await page.screenshot({ path: join(PICTURES, `policy-${tab}-${width}-${locale}.png`), fullPage: true });
    expect(await violationsOf(page)).toEqual([]);
    expect(await overflowOf(page)).toBeLessThanOrEqual(0);
    expect(complaints).toEqual([]);
    await page.context().close();
  });

  it('an auditor reads rules and proposals, and is offered nothing to decide', async () => {
    const { page, complaints } = await shown.officer(
      { name: `Aya Auditor ${locale}`, deskGroup: 'customs', role: 'auditor' },
      { locale, viewport: { width, height }, colorScheme },
    );
    await page.goto(`${shown.origin}/policy/proposals`);
    await page.locator('li.card button').first().click();
    await page.locator('.policy li.card h2').waitFor();
    expect(await page.locator('.policy li.card .button.primary').count()).toBe(0);
    expect(await page.locator('.policy .tabs a').count()).toBe(3);
    expect(await violationsOf(page)).toEqual([]);
    expect(complaints).toEqual([]);
    await page.context().close();
  });
});
