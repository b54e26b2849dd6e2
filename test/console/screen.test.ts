/** Screening in real Chromium (J5): one box, hits side by side with the entry, its originator asked, a manifest, what comes after. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ar as arCommon } from '../../src/console/text/ar.ts';
import { en as enCommon } from '../../src/console/text/en.ts';
import { screen as arScreen } from '../../src/console/text/screen/ar.ts';
import { screen as enScreen } from '../../src/console/text/screen/en.ts';
import { readTable, writeCsv, writeXlsx } from '../../src/screening/batch/index.ts';
import { ConsoleWorld, overflowOf, PICTURES, violationsOf } from '../support/console-browser.ts';
import { exampleContent } from '../support/contents.ts';
import { clock } from '../unit/desk/desk-world.ts';

let shown: ConsoleWorld;

/** An entry of XB on the ship Sable Heron, IMO 0001016, and on one person, at XA's desk. */
async function entryArrives(person: string): Promise<Uint8Array> {
  const example = exampleContent('watchlist-entry', clock.nowMs()) as Record<string, object> & {
    facets: Record<string, object>;
  };
  const { attachments: _, ...facets } = example.facets;
  const digest = await shown.world.release(shown.world.xb, {
    ...example,
    deskGroup: 'police',
    marking: { ...example.marking, releasableTo: ['sac'] },
    facets: {
      ...facets,
      summary: { ...facets.summary, requestedActions: ['report-hit', 'inspect-goods'] },
      persons: {
        persons: [
          {
            ref: 'p1',
            names: [{ text: person }],
            born: '1979-03-12',
            nationalities: ['XB'],
            roles: ['broker'],
          },
        ],
      },
    },
  });
  await shown.world.deliver(digest);
  return digest;
}

const MANIFEST = {
  header: ['Declaration', 'Vessel name', 'IMO number', 'Consignee', 'Remarks'],
  rows: [
    // Another name, the same number.
    ['D-1', 'Blue Petrel', '0001016', 'Wendla Nobodysdatter', '=1+1'],
    // The name alone.
    ['D-2', 'Sable Heron', '', '', ''],
    ['D-3', 'Merry Otter', '', 'Aksel Nobodyson', 'fragile'],
  ],
};

beforeAll(async () => {
  shown = await ConsoleWorld.open();
  await entryArrives('Ulrik Vantongeren');
});
afterAll(() => shown[Symbol.asyncDispose]());

const WINDOWS = [
  {
    of: '1440 px, English, light',
    locale: 'en-GB',
    width: 1440,
    height: 900,
    colorScheme: 'light',
    words: { ...enCommon, ...enScreen },
    manifest: { name: 'manifest.xlsx', buffer: Buffer.from(writeXlsx(MANIFEST)) },
    late: 'Jorunn Askevold',
  },
  {
    of: '360 px, Arabic, dark',
    locale: 'ar',
    width: 360,
    height: 740,
    colorScheme: 'dark',
    words: { ...arCommon, ...arScreen },
    manifest: { name: 'manifest.csv', buffer: Buffer.from(writeCsv(MANIFEST)) },
    late: 'Torvald Hjelmqvist',
  },
] as const;

describe.each(WINDOWS)('at $of', ({ locale, width, height, colorScheme, words, manifest, late }) => {
  let page: Page;
  let complaints: string[];
  const box = () => page.getByLabel(words['screen.box']);
  const button = (name: string) => page.getByRole('button', { name, exact: true });
  const picture = (name: string) =>
    page.screenshot({ path: join(PICTURES, `screen-${name}-${width}-${locale}.png`), fullPage: true });
  /** Nobody is shut out, and nothing is wider than the window. */
  const isSound = async () => {
    expect(await violationsOf(page)).toEqual([]);
    expect(await overflowOf(page)).toBeLessThanOrEqual(0);
    expect(complaints).toEqual([]);
  };

  beforeAll(async () => {
    const opened = await shown.officer(
      { name: `Noor Screening ${locale}`, deskGroup: 'police', role: 'officer' },
      { locale, viewport: { width, height }, colorScheme, acceptDownloads: true },
    );
    ({ page, complaints } = { page: opened.page, complaints: opened.complaints });
    await page.goto(`${shown.origin}/screen`);
    await box().waitFor();
  });

  it('a name is searched once one has stopped typing, and its hit says why, line by line', async () => {
    const asked: string[] = [];
    page.on('request', (request) => {
      if (request.url().endsWith('/ScreeningService/Screen')) asked.push(request.postData() ?? '');
    });
    await box().pressSequentially('Ul', { delay: 20 });
    await page.waitForTimeout(900);
    expect(asked).toEqual([]);
    await box().pressSequentially('rick van Tongeren', { delay: 20 });
    const hit = page.locator('.hit').first();
    await hit.getByRole('heading', { name: 'Ulrik Vantongeren' }).waitFor();
    expect(asked.length).toBe(1);
    const points = await hit.locator('tbody .points').allTextContents();
    const sum = points.reduce((total, text) => total + Number(text.replace('−', '-').replace('+', '')), 0);
    expect(sum.toFixed(1)).toBe(await hit.locator('tfoot .points').textContent());
    await hit.getByText(words['screen.notCompared']).waitFor();
    expect(await hit.locator('.band svg').count()).toBe(1);
    await picture('hit');
    await isSound();
  });

  it('what is known besides counts, and a date that is none is said', async () => {
    await page.getByText(words['screen.narrow']).click();
    await page.getByLabel(words['screen.born']).fill('spring');
    await page.getByText(words['screen.bornFault']).waitFor();
    await page.getByLabel(words['screen.born']).fill('1979-03-12');
    await page
      .locator('.hit')
      .first()
      .getByText(words['screen.agreement.SCREENING_AGREEMENT_BORN'])
      .waitFor();
    await picture('besides');
    await isSound();
    await page.getByLabel(words['screen.born']).fill('');
  });

  it('a number is seen to be one; its originator is asked with one button', async () => {
    await box().fill('IMO 0001016');
    const hit = page.locator('.hit').first();
    await hit.getByRole('heading', { name: '0001016' }).waitFor();
    await page.locator('.readings', { hasText: words['scheme.imo-ship'] }).waitFor();
    await hit.getByText(words['screen.agreement.SCREENING_AGREEMENT_EXACT'], { exact: true }).waitFor();
    await picture('number');
    await isSound();
    await page.setViewportSize({ width: 1920, height: 1080 });
    await page.screenshot({ path: join(PICTURES, `screen-number-1920-${locale}.png`), fullPage: true });
    expect(await overflowOf(page)).toBeLessThanOrEqual(0);
    await page.setViewportSize({ width, height });
    await hit.getByRole('button', { name: words['ask.open'] }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel(words['ask.question']).waitFor();
    expect(await dialog.getByLabel(words['ask.question']).inputValue()).toBe('IMO 0001016');
    await dialog.getByLabel(words['ask.question']).fill('Is she the one? We can inspect her tonight.');
    await dialog.getByRole('button', { name: words['ask.do'] }).click();
    await page.getByText(words['screen.asked']).waitFor();
    await hit.getByRole('link', { name: words['screen.open'] }).click();
    await page.locator('.questions', { hasText: 'Is she the one?' }).waitFor();
    await page.goBack();
    await box().waitFor();
  });

  it('no hit says what was screened; the question is kept and alerts when an entry comes', async () => {
    await box().fill(late);
    await page.getByText(words['screen.noHit'], { exact: true }).waitFor();
    await page.locator('.against', { hasText: 'XB' }).waitFor();
    await picture('no-hit');
    await isSound();
    await button(words['screen.keep']).click();
    await page.getByText(words['screen.kept']).waitFor();
    await shown.world.screening.settle();
    const entry = await entryArrives(late);
    await shown.world.screening.settle();
    await page.goto(`${shown.origin}/screen/alerts`);
    const alert = page.locator('.alert', { hasText: late }).first();
    await alert.waitFor();
    await picture('alerts');
    await isSound();
    await alert.getByRole('button', { name: words['screen.acknowledge'] }).click();
    await page.getByText(words['screen.noAlerts']).waitFor();
    await shown.world.xa.temporary.store.write(async (tx) => {
      await tx.records.setState(entry, 'recalled');
      await tx.purges.purgeFacets(entry);
    });
    await shown.world.screening.settle();
    await page.reload();
    const withdrawn = page.locator('.alert', { hasText: words['screen.alertWithdrawnHint'] }).first();
    await withdrawn.getByText(words['screen.withdrawn']).waitFor();
    // What was asked stands there, of the entry nothing.
    expect(await withdrawn.locator('.hit').textContent()).not.toContain(late);
    await picture('withdrawn');
    await isSound();
    await withdrawn.getByRole('button', { name: words['screen.acknowledge'] }).click();
    await page.getByText(words['screen.noAlerts']).waitFor();
  });

  it('a manifest is read here, confirmed, screened, and taken home with its reasons', async () => {
    await page.goto(`${shown.origin}/screen/batch`);
    await page
      .getByLabel(words['screen.file'])
      .setInputFiles({ ...manifest, mimeType: 'application/octet-stream' });
    const mapping = page.locator('.mapping');
    await mapping.waitFor();
    const fields = await mapping
      .locator('select')
      .evaluateAll((all) => all.map((one) => String(Reflect.get(one, 'value'))));
    expect(fields).toEqual(['reference', 'vessel', 'imo', 'name', '']);
    await picture('mapping');
    await isSound();
    await page.locator('form button[type="submit"]').click();
    await button(words['screen.downloadCsv']).waitFor();
    const rows = page.locator('table tbody tr');
    expect(await rows.count()).toBe(2);
    // The number is sure; the name alone is less so, and comes after it.
    const texts = await rows.allTextContents();
    expect(texts[0]).toContain('0001016');
    expect(texts[0]).toContain(words['screen.band.SCREENING_BAND_CERTAIN']);
    expect(texts[1]).toContain('Sable Heron');
    await picture('batch');
    await isSound();
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      button(words['screen.downloadXlsx']).click(),
    ]);
    const result = readTable(new Uint8Array(readFileSync(await download.path())));
    expect(result.rows.map(({ cells }) => cells[MANIFEST.header.length])).toEqual([
      words['screen.outcome.hit'],
      words['screen.outcome.hit'],
      words['screen.outcome.noHit'],
    ]);
    expect(result.rows[0]?.cells[4]).toMatch(/^'+=1\+1$/);
    await button(words['screen.allRows']).click();
    expect(await rows.count()).toBe(6);
  });

  it('a hit is decided with a reason, and does not wait any more', async () => {
    await page.goto(`${shown.origin}/screen/past`);
    await page.locator('.past-row a', { hasText: '0001016' }).first().click();
    const hit = page.locator('.hit').first();
    await hit.getByRole('button', { name: words['screen.decide'] }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel(words['screen.verdict.SCREENING_VERDICT_TRUE']).check();
    await dialog.getByLabel(words['screen.reason']).fill('Same number, confirmed by the harbour.');
    await picture('decide');
    expect(await violationsOf(page)).toEqual([]);
    await dialog.getByRole('button', { name: words['screen.decide'] }).click();
    await page.locator('.decision', { hasText: 'confirmed by the harbour' }).first().waitFor();
    expect(await hit.locator('.decision').count()).toBe(1);
    await picture('decided');
    await isSound();
  });

  it('a file that is none is refused in words', async () => {
    await page.goto(`${shown.origin}/screen/batch`);
    await page.getByLabel(words['screen.file']).setInputFiles({
      name: 'old.xls',
      mimeType: 'application/octet-stream',
      buffer: Buffer.from([0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1]),
    });
    await page.getByRole('alert').getByText(words['screen.batchFault.OLD_WORKBOOK']).waitFor();
    await isSound();
  });
});

describe('others than officers', () => {
  it('an operator of the hotline screens who was named to it', async () => {
    const { page, complaints } = await shown.officer({
      name: 'Orsa Operator',
      deskGroup: 'hotline',
      role: 'operator',
    });
    await page.goto(`${shown.origin}/screen`);
    await page.getByRole('searchbox').fill('Nobody Nowhereson');
    await page.getByText(enScreen['screen.noHit'], { exact: true }).waitFor();
    expect(complaints).toEqual([]);
    await page.context().close();
  });

  it.each([
    { locale: 'en-GB', width: 1440, height: 900, colorScheme: 'light', words: { ...enCommon, ...enScreen } },
    { locale: 'ar', width: 360, height: 740, colorScheme: 'dark', words: { ...arCommon, ...arScreen } },
  ] as const)('an auditor reads what anybody asked, and asks nothing: $locale', async (window) => {
    const { locale, width, height, colorScheme, words } = window;
    const asker = `Noor Watched ${locale}`;
    const { browser } = await shown.world.browser('police', 'officer', asker);
    await browser.call(
      'ScreeningService/Screen',
      { query: { name: 'Ulrik van Tongeren' }, reference: `case ${locale}` },
      { 'tocsin-purpose': 'investigation' },
    );
    const { page, complaints } = await shown.officer(
      { name: `Aya Auditor ${locale}`, deskGroup: 'customs', role: 'auditor' },
      { locale, viewport: { width, height }, colorScheme },
    );
    await page.goto(`${shown.origin}/screen`);
    const row = page.locator('.past-row', { hasText: `case ${locale}` });
    await row.waitFor();
    expect(await page.getByRole('searchbox').count()).toBe(0);
    await page.getByRole('link', { name: words['screen.private'] }).click();
    await page.getByText(words['private.none']).waitFor();
    expect(await page.locator('main form').count()).toBe(0);
    await page.goBack();
    await row.waitFor();
    expect(await row.textContent()).toContain(words['deskGroup.police']);
    await page.screenshot({ path: join(PICTURES, `screen-auditor-${locale}.png`), fullPage: true });
    expect(await violationsOf(page)).toEqual([]);
    expect(await overflowOf(page)).toBeLessThanOrEqual(0);
    await row.getByRole('link').click();
    await page.locator('.hit code').first().waitFor();
    // The question is in the audit; what the entry says is not for auditors.
    expect(await page.content()).not.toContain('Vantongeren');
    expect(await page.locator('.hit button').count()).toBe(0);
    await page.screenshot({ path: join(PICTURES, `screen-auditor-one-${locale}.png`), fullPage: true });
    expect(await violationsOf(page)).toEqual([]);
    expect(complaints).toEqual([]);
    await page.context().close();
  });
});
