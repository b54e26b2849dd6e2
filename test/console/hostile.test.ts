/** Texts of a hostile partner in the console: nothing runs, nothing is disguised, nothing breaks the page. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ConsoleWorld, overflowOf, violationsOf } from '../support/console-browser.ts';
import { exampleContent } from '../support/contents.ts';

const SCRIPT = `"><img src=x onerror="globalThis.ran=1"><script>globalThis.ran=1</script>javascript:globalThis.ran=1`;
const UNSEEN = 'Ada\u200B\u2060 Offi\u00ADcer\u{E0041}';
const LONG = 'wide'.repeat(2_000);

let shown: ConsoleWorld;
beforeAll(async () => {
  shown = await ConsoleWorld.open();
});
afterAll(() => shown[Symbol.asyncDispose]());

type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

/** The content with a text in place of each free text that is as long as a sentence's word. */
function planted(value: Json, text: string): Json {
  if (Array.isArray(value)) return value.map((one) => planted(one, text));
  if (typeof value === 'object' && value !== null)
    return Object.fromEntries(
      Object.entries(value).map(([key, inner]) => [
        key,
        typeof inner === 'string' &&
        /^(make|model|text|name|description|declaredDescription|headstamp|legalForm|notes)$/.test(key)
          ? text.slice(0, key === 'notes' || key.includes('escription') ? 1_500 : 180)
          : planted(inner, text),
      ]),
    );
  return value;
}

const content = (text: string) => planted(exampleContent('seizure-notice') as Json, text);

describe('a record whose every text is', () => {
  it.each([
    ['a script', SCRIPT],
    ['what one does not see', UNSEEN],
    ['one long word', LONG],
  ])('%s is shown as text', async (what, text) => {
    const { world, origin } = shown;
    await world.deliver(await world.release(world.xb, content(text)));
    const { page, complaints } = await shown.officer(
      { name: `Reader of ${what}`, deskGroup: 'customs', role: 'officer' },
      { viewport: { width: 360, height: 740 } },
    );
    await page.goto(`${origin}/`);
    await page.locator('.board-row').first().click();
    await page.locator('.record-facets').waitFor();
    await page.locator('.facet').nth(3).waitFor();
    expect(await page.evaluate('globalThis.ran')).toBeUndefined();
    expect(await page.locator('.record-facets script, .record-facets img').count()).toBe(0);
    const words = (await page.locator('.record-facets').textContent()) ?? '';
    expect(words).not.toMatch(/[\u202A-\u202E\u2066-\u2069\u200B\u2060\u00AD]|[\u{E0000}-\u{E0FFF}]/u);
    if (text === UNSEEN) expect(words).toContain('Ada[U+200B][U+2060] Offi[U+00AD]cer[U+E0041]');
    if (text === SCRIPT) expect(words).toContain('<script>globalThis.ran=1</script>');
    expect(await overflowOf(page)).toBeLessThanOrEqual(0);
    expect(await violationsOf(page)).toEqual([]);
    expect(complaints).toEqual([]);
    await page.context().close();
  });
});

describe('an address that somebody made up', () => {
  it.each([
    '/?text=%3Cscript%3EglobalThis.ran%3D1%3C/script%3E&kind=%22%3E',
    '/record/..%2F..%2Fme',
    '/draft/%3Cimg%20src=x%3E',
  ])('%s shows a page or what is wrong', async (path) => {
    const { page } = await shown.officer({ name: `Visitor ${path}`, deskGroup: 'customs', role: 'officer' });
    await page.goto(`${shown.origin}${path}`);
    await page.locator('.shell, .door').first().waitFor();
    expect(await page.evaluate('globalThis.ran')).toBeUndefined();
    expect(await page.locator('body').textContent()).not.toContain('undefined');
    await page.context().close();
  });
});
