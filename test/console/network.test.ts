/** The network page in real Chromium: which records a partner has not receipted, who signed the roster and who is missing for the next. */
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { RosterHistory } from '../../src/gen/tocsin/record/v1/identity.ts';
import { assembleRoster, proposeRoster, signRoster } from '../../src/identity/index.ts';
import { ConsoleWorld, overflowOf, PICTURES, violationsOf } from '../support/console-browser.ts';
import { exampleContent } from '../support/contents.ts';

let shown: ConsoleWorld;
let proposal: Buffer;

beforeAll(async () => {
  shown = await ConsoleWorld.open();
  await shown.world.release(shown.world.xa, exampleContent('seizure-notice'));
  const { rosterContent, roster, history, of } = shown.world.federation;
  const [first, ...others] = rosterContent.members;
  if (first === undefined) throw new Error('expected members');
  const { body } = proposeRoster(
    { ...rosterContent, members: [{ ...first, name: 'Renamed state' }, ...others] },
    roster,
  );
  const signature = await signRoster({ body, member: 'XC', keyring: of('XC').keyring, byPrevious: true });
  proposal = Buffer.from(
    RosterHistory.encode({ rosters: [...history.rosters, assembleRoster(body, [signature])] }).finish(),
  );
});
afterAll(() => shown[Symbol.asyncDispose]());

const WINDOWS = [
  { of: '1440 px, English, light', locale: 'en-GB', width: 1440, height: 900, colorScheme: 'light' },
  { of: '360 px, Arabic, dark', locale: 'ar', width: 360, height: 740, colorScheme: 'dark' },
] as const;

describe.each(WINDOWS)('at $of', ({ locale, width, height, colorScheme }) => {
  const windowOf = (role: 'officer' | 'administrator') =>
    shown.officer(
      { name: `Noor ${role} ${locale}`, deskGroup: 'customs', role },
      { locale, viewport: { width, height }, colorScheme },
    );

  it('an officer comes from what is not receipted to the record', async () => {
    const { page, complaints } = await windowOf('officer');
    await page.goto(`${shown.origin}/network`);
    await page.locator('.unreceipted summary').first().click();
    const record = page.locator('.unreceipted a').first();
    await record.waitFor();
    expect(await page.locator('.next-version').count()).toBe(0);
    await page.locator('td', { hasText: 'XA, XB' }).first().waitFor();
    await page.screenshot({
      path: join(PICTURES, `network-receipts-${width}-${locale}.png`),
      fullPage: true,
    });
    expect(await violationsOf(page)).toEqual([]);
    expect(await overflowOf(page)).toBeLessThanOrEqual(0);
    await record.click();
    await page.locator('.record-body').waitFor();
    expect(complaints).toEqual([]);
    await page.context().close();
  });

  it('an administrator looks at a proposed roster: who has signed, who is missing, what changes', async () => {
    const { page, complaints } = await windowOf('administrator');
    await page.goto(`${shown.origin}/network`);
    const choose = page.locator('.next-version input');
    await choose.setInputFiles({
      name: 'next.roster',
      mimeType: 'application/octet-stream',
      buffer: proposal,
    });
    const found = page.locator('.next-version [role="status"]');
    await found.waitFor();
    const words = (await found.textContent()) ?? '';
    expect(words).toContain('XC');
    expect(words).toContain('XA, XB');
    expect(words).toContain('Renamed state');
    await page
      .locator('.next-version')
      .screenshot({ path: join(PICTURES, `network-next-${width}-${locale}.png`) });
    expect(await violationsOf(page)).toEqual([]);
    expect(await overflowOf(page)).toBeLessThanOrEqual(0);
    expect(complaints).toEqual([]);
    await choose.setInputFiles({ name: 'x', mimeType: 'text/plain', buffer: Buffer.from('no roster') });
    await page.locator('.next-version [role="alert"]').waitFor();
    await page.context().close();
  });
});
