/** A record on paper: its marking on every sheet, its proof in words and numbers, every facet, instants with their zone. */
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ConsoleWorld, PICTURES } from '../support/console-browser.ts';
import { exampleContent } from '../support/contents.ts';

let shown: ConsoleWorld;
beforeAll(async () => {
  shown = await ConsoleWorld.open();
  await shown.world.deliver(await shown.world.release(shown.world.xb, exampleContent('seizure-notice')));
});
afterAll(() => shown[Symbol.asyncDispose]());

/** Text of each sheet, as a reader of PDF files finds it (poppler's pdftotext). */
const sheetsOf = (file: string): readonly string[] =>
  execFileSync('pdftotext', ['-layout', file, '-'], { encoding: 'utf8' }).split('\f').slice(0, -1);

describe('a record that is printed', () => {
  it.each([
    ['en-GB', 'light'],
    ['ar', 'dark'],
  ] as const)('in %s, from a %s page', async (locale, colorScheme) => {
    const { page } = await shown.officer(
      { name: `Printer ${locale}`, deskGroup: 'customs', role: 'officer' },
      { locale, colorScheme, timezoneId: 'Africa/Nairobi' },
    );
    await page.goto(`${shown.origin}/`);
    await page.locator('.board-row').first().click();
    await page.locator('.record-facets').waitFor();
    await page.locator('.facet').nth(3).waitFor();
    const digest = (await page.locator('.print-foot code').textContent()) ?? '';
    const facets = await page.locator('.facet').count();
    const file = join(PICTURES, `record-${locale}.pdf`);
    await page.pdf({ path: file, preferCSSPageSize: true, printBackground: false });
    const sheets = sheetsOf(file);
    expect(sheets.length).toBeGreaterThan(1);
    for (const [at, sheet] of sheets.entries()) {
      expect(sheet.match(/TLP:AMBER/g)?.length, `sheet ${at + 1}`).toBeGreaterThanOrEqual(2);
      const signs = sheet.replaceAll(/[\s\u202a-\u202e=]/g, '');
      expect(signs).toContain(digest.replaceAll('=', ''));
      // Read from the side where the language begins.
      const [number, of] = [at + 1, sheets.length];
      expect(signs).toContain(locale === 'ar' ? `${of}/${number}` : `${number}/${of}`);
    }
    const all = sheets.join('\n');
    expect(all).toContain('KB-004471');
    expect(all).toContain('Quellmar');
    // The numbers behind the proof, folded on the screen, and the zone of the instants.
    expect(all.replaceAll(/\s/g, '')).toContain('tocsin/');
    expect(all).toMatch(locale === 'ar' ? /غرينتش/ : /GMT\+3/);
    expect(all).not.toMatch(/min\. ago|قبل \d+/);
    if (locale === 'en-GB')
      expect(all.match(/^\s*(Summary|Route|Legal basis|Persons)\b/gm)?.length).toBeGreaterThan(2);
    expect(facets).toBeGreaterThan(3);
    await page.context().close();
  });
});
