/** The night call of J3 on a phone, in Arabic from right to left: taken, scrubbed, judged, warned of, countersigned and cancelled. */
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ar as common } from '../../src/console/text/ar.ts';
import { fields } from '../../src/console/text/fields/ar.ts';
import { hotline } from '../../src/console/text/hotline/ar.ts';
import { ConsoleWorld, overflowOf, PICTURES, violationsOf, type Who } from '../support/console-browser.ts';

const words = { ...common, ...fields, ...hotline };
const PHONE = { locale: 'ar', viewport: { width: 360, height: 740 }, colorScheme: 'dark' } as const;
const REPORT = 'رأيت ثلاث شاحنات بلا أضواء قرب الجسر القديم متجهة إلى الحدود ومعها صناديق طويلة.';
const CLEAN = 'شاحنات تسير ليلًا نحو الحدود.';

let shown: ConsoleWorld;
beforeAll(async () => {
  shown = await ConsoleWorld.open();
});
afterAll(() => shown[Symbol.asyncDispose]());

const button = (page: Page, name: string) => page.getByRole('button', { name, exact: true });
const at = async (name: string, role: Who['role']): Promise<Page> =>
  (await shown.officer({ name, deskGroup: 'hotline', role }, PHONE)).page;

/** Nothing that axe minds, nothing wider than the phone. */
async function looked(page: Page, name: string): Promise<void> {
  await page.waitForLoadState('networkidle').catch(() => undefined);
  await page.screenshot({ path: join(PICTURES, `hotline-walk-ar-${name}.png`), fullPage: true });
  expect(await page.evaluate('document.documentElement.dir')).toBe('rtl');
  expect(await violationsOf(page)).toEqual([]);
  expect(await overflowOf(page)).toBeLessThanOrEqual(0);
}

describe('a night call on a phone, in Arabic', () => {
  it('leads from the first word to the cancelled warning', async () => {
    const taker = await at('توفيق', 'operator');
    await taker.goto(`${shown.origin}/hotline/new`);
    const number = (await taker.locator('.report-number').textContent()) ?? '';
    await taker.locator('textarea').first().fill(REPORT);
    await taker
      .getByLabel(words['field.category'], { exact: true })
      .selectOption('HOTLINE_CATEGORY_MOVEMENT');
    await taker.getByLabel(words['field.imminence'], { exact: true }).selectOption('IMMINENCE_HOURS');
    await taker.getByLabel(words['field.subdivision']).fill('XA-N');
    await looked(taker, 'intake');
    await button(taker, words['hotline.handOver']).click();
    await taker.locator('.taken').waitFor();
    await looked(taker, 'taken');

    const scrubber = await at('سارة', 'operator');
    await scrubber.goto(`${shown.origin}/hotline`);
    await scrubber.getByLabel(words['hotline.findNumber']).fill(number);
    await scrubber.locator('.report-row').click();
    await scrubber.getByLabel(words['hotline.cleaned']).fill(CLEAN);
    await scrubber.getByLabel(words['field.decision']).selectOption('TRIAGE_DECISION_WARNING');
    await scrubber.getByLabel(words['hotline.credibility']).selectOption('3');
    await scrubber.getByRole('checkbox', { name: words['field.threeCouldHaveKnown'] }).check();
    await looked(scrubber, 'scrub');
    await button(scrubber, words['hotline.markScrubbed']).click();
    await scrubber.waitForURL(`${shown.origin}/hotline`);

    const chief = await at('كريمة', 'controller');
    await chief.goto(`${shown.origin}/hotline`);
    await chief.getByLabel(words['hotline.findNumber']).fill(number);
    await chief.locator('.report-row').click();
    await chief.getByLabel(words['hotline.knownChecked'], { exact: false }).check();
    await looked(chief, 'decide');
    await button(chief, words['hotline.register']).click();
    await chief.getByRole('link', { name: words['hotline.warnOfIt'] }).click();
    await chief.getByLabel(words['field.headline']).first().fill('حركة أسلحة في الشمال');
    await chief.getByLabel(words['field.subdivisions']).fill('XA-N');
    await chief.getByLabel('sac', { exact: false }).check();
    await chief.getByLabel(words['hotline.flash'], { exact: true }).check();
    await chief.locator('.matrix').waitFor();
    await looked(chief, 'warning');
    await button(chief, words['hotline.sendFlash']).click();
    await chief.waitForURL('**/hotline/broadcast/*');
    await looked(chief, 'broadcast');

    const second = await at('دينا', 'controller');
    await second.goto(chief.url());
    await button(second, words['countersign.title']).click();
    await button(second, words['countersign.title']).waitFor({ state: 'detached' });
    await button(second, words['hotline.cancelWarning']).click();
    await button(second, words['hotline.sendFlash']).click();
    await second.waitForURL('**/hotline/broadcast/*');
    await expect
      .poll(async () => {
        const { items } = await shown.world.xa.temporary.store.read((tx) =>
          tx.records.list({ world: 'live', kind: 'warning', limit: 10 }),
        );
        return items.map(({ revision, state }) => `${revision} ${state}`).toSorted();
      })
      .toEqual(['1 superseded', '2 released']);
    await looked(second, 'cancelled');
  });
});
