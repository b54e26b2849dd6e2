/** An auditor's month in real Chromium (J9): the sample decided once more, what is late, unanswered, out of the ordinary, the report. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { RecallReason } from '../../src/gen/tocsin/record/v1/recall.ts';
import { judgeReport } from '../../src/lifecycle/index.ts';
import { ConsoleWorld, overflowOf, PICTURES, violationsOf, type Who } from '../support/console-browser.ts';
import { exampleContent } from '../support/contents.ts';
import { clock } from '../unit/desk/desk-world.ts';

let shown: ConsoleWorld;
const DAY_MS = 86_400_000;
const auditor = (name: string): Who => ({ name, deskGroup: 'customs', role: 'auditor' });
const open = (page: Page, part: string) => page.goto(`${shown.origin}/oversight/${part}`);
const seizure = () => {
  const content = exampleContent('seizure-notice', clock.nowMs()) as Record<string, object>;
  return { ...content, marking: { ...content.marking, releasableTo: ['sac'] } };
};

beforeAll(async () => {
  shown = await ConsoleWorld.open();
});
afterAll(() => shown[Symbol.asyncDispose]());

/** Three records disclosed, one of them beyond what was permitted; one review and one recall late; one officer busy. */
async function month(): Promise<void> {
  const { world } = shown;
  const { store, path } = world.xa.temporary;
  const [forged, late, recalled] = [
    await world.release(world.xa, seizure()),
    await world.release(world.xa, seizure()),
    await world.release(world.xa, seizure()),
  ];
  await store.write(async (tx) => {
    for (const { id } of await tx.outbox.ofRecord(recalled)) await tx.outbox.markSent([id], 1, 1n);
  });
  const releaser = world.as(await world.officer('customs', 'releaser', 'Rita Releaser'));
  await releaser.recalls.recall({
    headerDigest: Buffer.from(recalled),
    reason: RecallReason.RECALL_REASON_ERROR,
  });
  await store.write((tx) =>
    tx.audit.append(
      [3, 4, 5, 3, 6, 90].flatMap((count, officer) =>
        Array.from({ length: count }, () => ({
          at: clock.nowMs() - 2 * DAY_MS,
          actor: `${officer}`.repeat(64),
          action: 'record.searched',
          subject: 'records',
          detail: { officer: `Officer ${officer}`, deskGroup: 'border', role: 'officer', text: 'x' },
        })),
      ),
    ),
  );
  using database = new DatabaseSync(path, { timeout: 10_000 });
  const change = (sql: string, ...values: (number | Uint8Array)[]) =>
    expect(database.prepare(sql).run(...values).changes).toBeGreaterThan(0);
  change(
    `update outbox set facets = json_insert(facets, '$[#]', 'internal') where header_digest = ? and recipient = 'XB'`,
    forged,
  );
  change('update record set review_by = ? where header_digest = ?', clock.nowMs() - DAY_MS, late);
}

describe('before anything happened', () => {
  it('each part says that there is nothing, and why that is', async () => {
    const { page, complaints } = await shown.officer(auditor('Aya Early'));
    for (const [part, says] of [
      ['openings', 'Nothing was opened in an emergency'],
      ['overdue', 'Nothing is overdue'],
      ['recalls', 'Every recall was answered'],
    ] as const) {
      await open(page, part);
      await page.getByRole('heading', { name: says }).waitFor();
      expect(await violationsOf(page)).toEqual([]);
    }
    await open(page, 'sample');
    await page.getByRole('button', { name: 'Draw and decide once more' }).click();
    await page.getByRole('heading', { name: 'Nothing was disclosed in these days' }).waitFor();
    expect(complaints).toEqual([]);
    await page.context().close();
  });
});

describe('an auditor', () => {
  it('samples, looks through what is late and unanswered, and takes a signed report away', async () => {
    await month();
    const { page, complaints } = await shown.officer(auditor('Aya Auditor'));
    await page.goto(`${shown.origin}/oversight`);
    await page.locator('.table').waitFor();

    // 1: the sample, by the keyboard.
    await page.getByRole('link', { name: 'Sample', exact: true }).click();
    await page.getByLabel('Seed').fill('month 1');
    await page.keyboard.press('Enter');
    await page.getByText('1 of 6 disclosures differ from the policy of their day.').waitFor();
    const differing = page.locator('li.card').filter({ has: page.locator('.chip.bad') });
    expect(await differing.count()).toBe(1);
    expect(await differing.textContent()).toMatch(/Seizure notice.*Differs.*to XB.*Sent and not permitted: /);
    expect(await page.locator('li.card .chip.good', { hasText: 'Same' }).count()).toBe(5);
    await differing.locator('summary').click();
    await differing.getByText('roster 1, program 0.1.0').waitFor();
    expect(await differing.textContent()).toContain(shown.world.xa.policy.digest.slice(0, 16));
    const drawn = await page.locator('li.card h2').allTextContents();
    // What was drawn before is gone while the node draws.
    await Promise.all([
      page.waitForResponse((response) => response.url().endsWith('/OversightService/SampleDisclosures')),
      page.getByRole('button', { name: 'Draw and decide once more' }).click(),
    ]);
    await page.locator('li.card h2').nth(5).waitFor();
    expect(await page.locator('li.card h2').allTextContents()).toEqual(drawn);

    // 3: what is late, and recalls without receipts.
    await page.getByRole('link', { name: 'Overdue', exact: true }).click();
    await page.getByRole('heading', { name: 'Review of a record' }).waitFor();
    expect(await page.locator('li.card').count()).toBe(1);
    await page.getByRole('link', { name: 'Recalls', exact: true }).click();
    await page.getByRole('heading', { name: 'XC' }).waitFor();
    expect(await page.locator('li.card').count()).toBe(2);

    // 4: who searched far more than the others.
    await page.getByRole('link', { name: 'Officers', exact: true }).click();
    const row = page.locator('tbody tr').first();
    await row.locator('.chip.bad').waitFor();
    expect(await row.textContent()).toMatch(/Officer 5.*Searches: 90, usual up to/);
    expect(await page.locator('tbody .chip.bad').count()).toBe(1);

    // 5: the report.
    await page.getByRole('link', { name: 'Report', exact: true }).click();
    const [file] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('link', { name: 'Download the report' }).click(),
    ]);
    const bytes = readFileSync(await file.path());
    expect(judgeReport(bytes, shown.world.federation.network)).toMatchObject({
      ok: true,
      value: { node: 'XA', disclosures: 6, differing: 1, overdue: 1, recalls: 2, outliers: 1 },
    });
    expect(complaints).toEqual([]);
    await page.context().close();
  });

  it('is the only one: others have no way there, and the node answers them nothing', async () => {
    const { page } = await shown.officer({ name: 'Olga Officer', deskGroup: 'customs', role: 'officer' });
    await open(page, 'sample');
    await page.getByRole('button', { name: 'Draw and decide once more' }).click();
    await page.getByRole('alert').waitFor();
    expect(await page.locator('nav').getByRole('link', { name: 'Oversight' }).count()).toBe(0);
    expect(await page.locator('li.card').count()).toBe(0);
    await page.context().close();
  });
});

const WINDOWS = [
  { of: '1440 px, English, light', locale: 'en-GB', width: 1440, height: 900, colorScheme: 'light' },
  { of: '360 px, Arabic, dark', locale: 'ar', width: 360, height: 740, colorScheme: 'dark' },
] as const;

const PARTS: readonly { part: string; shows: string; step?: (page: Page) => Promise<void> }[] = [
  { part: 'trail', shows: '.table' },
  { part: 'overdue', shows: 'li.card .chip' },
  { part: 'recalls', shows: 'li.card .chip' },
  {
    part: 'sample',
    shows: 'li.card dl',
    step: async (page) => {
      await page.locator('.period-form button').click();
      await page.locator('li.card summary').first().click();
    },
  },
  { part: 'officers', shows: '.table .chip' },
  { part: 'report', shows: '.period-form a' },
];

describe.each(WINDOWS)('at $of', ({ locale, width, height, colorScheme }) => {
  it.each(PARTS)(
    'the part $part has nothing that axe minds, and is no wider than the window',
    async ({ part, shows, step }) => {
      const { page, complaints } = await shown.officer(auditor(`Aya ${part} ${locale}`), {
        locale,
        viewport: { width, height },
        colorScheme,
      });
      await open(page, part);
      await page.locator('.page.oversight').waitFor();
      await step?.(page);
      await page.locator(shows).first().waitFor();
      await page.screenshot({
        path: join(PICTURES, `oversight-${part}-${width}-${locale}.png`),
        fullPage: true,
      });
      expect(await violationsOf(page)).toEqual([]);
      expect(await overflowOf(page)).toBeLessThanOrEqual(0);
      expect(complaints).toEqual([]);
      await page.context().close();
    },
  );
});
