/** Drafts in real Chromium: two versions of one, of which neither is lost in silence; and one that is begun in an exercise. */
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ConsoleWorld, overflowOf, PICTURES, violationsOf } from '../support/console-browser.ts';
import { exampleContent } from '../support/contents.ts';

let shown: ConsoleWorld;

beforeAll(async () => {
  shown = await ConsoleWorld.open();
});
afterAll(() => shown[Symbol.asyncDispose]());

const post = <Answer>(page: Page, path: string, body: object, mode = 'live'): Promise<Answer> =>
  page.evaluate(
    async ([to, content, world]) => {
      const response = await fetch(`/api/v1${to}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'tocsin-mode': world },
        body: JSON.stringify(content),
      });
      return (await response.json()) as never;
    },
    [path, body, mode] as const,
  );

interface Draft {
  readonly draft: { readonly id: string; readonly title: string };
  readonly contentJson: string;
}

/** Into a field that every kind has. */
async function write(page: Page, text: string): Promise<void> {
  const comment = page.locator('[data-path="facets.assessment.comment"]');
  await page
    .locator('details.facet-form', { has: comment })
    .evaluate((facet) => facet.setAttribute('open', ''));
  await comment.fill(text);
  await page.getByText('Keeping …').waitFor();
  await page.getByText('Kept on this device').waitFor();
}
const written = (page: Page) => page.locator('[data-path="facets.assessment.comment"]').inputValue();
const noorWith = (name: string, options = {}) =>
  shown.officer({ name, deskGroup: 'customs', role: 'officer' }, options);

async function saved(page: Page): Promise<string> {
  await page.goto(`${shown.origin}/`);
  const { draft } = await post<Draft>(page, '/RecordService/CreateDraft', {
    contentJson: JSON.stringify(exampleContent('seizure-notice')),
  });
  return draft.id;
}

describe('a draft that this device knows better', () => {
  it('is asked about, with both times; either is taken, and neither lost', async () => {
    const { page, complaints } = await noorWith('Noor Two Versions');
    const id = await saved(page);
    const address = `${shown.origin}/draft/${id}`;
    await page.goto(address);
    await write(page, 'Only on this device');
    await page.goto(`${shown.origin}/drafts`);
    await page.goto(address);
    await page.getByRole('heading', { name: 'Two versions of this draft' }).waitFor();
    expect(await page.locator('.versions section').count()).toBe(2);
    expect(await page.locator('.versions time').count()).toBe(4);
    await page.getByText('Differs from the node’s in: Assessment').waitFor();
    await page.screenshot({ path: join(PICTURES, 'draft-versions.png') });
    expect(await violationsOf(page)).toEqual([]);

    // The node's, and the way back from it.
    await page.getByRole('button', { name: 'Go on with the node’s version' }).click();
    await page.locator('.notice.good').waitFor();
    expect(await written(page)).toBe('two independent reports agree');
    await page.getByRole('button', { name: 'Undo' }).click();

    // This device's: the node has it once it is saved, and nothing is asked any more.
    await page.getByRole('button', { name: 'Go on with this device’s version' }).click();
    await page.locator('.notice.good').waitFor();
    expect(await written(page)).toBe('Only on this device');
    await page.getByRole('button', { name: 'Save at the node' }).click();
    await page.getByText('Saved. Nobody else has been asked yet.').waitFor();
    const atNode = await post<Draft>(page, '/RecordService/GetDraft', { draftId: id });
    expect(atNode.contentJson).toContain('Only on this device');
    await page.getByText('Kept on this device').waitFor();
    await page.goto(address);
    await page.locator('.notice.good').waitFor();
    expect(await page.locator('.versions').count()).toBe(0);
    expect(await written(page)).toBe('Only on this device');
    expect(complaints).toEqual([]);
    await page.context().close();
  });

  it('is gone on with while the node does not answer', async () => {
    const { page } = await noorWith('Noor Without', { serviceWorkers: 'block' });
    const id = await saved(page);
    await page.goto(`${shown.origin}/draft/${id}`);
    await write(page, 'Written on the pier');
    await page.route('**/RecordService/GetDraft', (route) => route.abort());
    await page.goto(`${shown.origin}/draft/${id}`);
    await page.getByRole('link', { name: 'Go on with this device’s version' }).click();
    await page.locator('.compose').waitFor();
    expect(await written(page)).toBe('Written on the pier');
    await page.context().close();
  });

  it('is asked about at 360 px in Arabic', async () => {
    const { page } = await noorWith('Noor Narrow', {
      locale: 'ar',
      viewport: { width: 360, height: 740 },
      colorScheme: 'dark',
    });
    const id = await saved(page);
    await page.goto(`${shown.origin}/draft/${id}`);
    const comment = page.locator('[data-path="facets.assessment.comment"]');
    await comment.waitFor({ state: 'attached' });
    await page
      .locator('details.facet-form', { has: comment })
      .evaluate((facet) => facet.setAttribute('open', ''));
    await comment.fill('على الرصيف');
    await page.getByText('محفوظة على هذا الجهاز').waitFor();
    await expect
      .poll(async () => {
        await page.goto(`${shown.origin}/draft/${id}`);
        await page.locator('.versions, .compose').first().waitFor();
        return page.locator('.versions').count();
      })
      .toBe(1);
    await page.screenshot({ path: join(PICTURES, 'draft-versions-360-ar.png') });
    expect(await violationsOf(page)).toEqual([]);
    expect(await overflowOf(page)).toBeLessThanOrEqual(0);
    await page.context().close();
  });
});

describe('a record that is begun in an exercise', () => {
  it('is one of the exercise without anybody saying so, looks like it, and is not opened in the other world', async () => {
    const { page, complaints } = await noorWith('Noor Exercises');
    await page.goto(`${shown.origin}/`);
    const stand = (mode: string) =>
      page.evaluate(
        `sessionStorage.setItem('tocsin-standing', JSON.stringify({ purpose: '', mode: '${mode}' }))`,
      );
    await stand('exercise');
    await page.goto(`${shown.origin}/compose/seizure-notice`);
    await page.locator('.exercise-band').waitFor();
    await page.locator('h1 .chip', { hasText: 'Exercise' }).waitFor();
    const status = page.locator('[data-path="marking.status"]');
    expect(await status.inputValue()).toBe('STATUS_EXERCISE');
    expect(
      await status.locator('option').evaluateAll((all) => all.map((one) => one.getAttribute('value'))),
    ).toEqual(['', 'STATUS_EXERCISE', 'STATUS_TEST']);
    // It is judged: what is wrong with it is named, and the world is not among it.
    await page.locator('.notice li').first().waitFor();
    expect((await page.locator('.notice li').allTextContents()).filter((one) => /Status/.test(one))).toEqual(
      [],
    );
    await write(page, 'Flood of the delta, day one');
    await page.goto(`${shown.origin}/compose`);
    const begun = page.locator('a[href^="/compose/seizure-notice/"]');
    await begun.waitFor();
    await page.locator('.card .chip', { hasText: 'Exercise' }).waitFor();
    await page.screenshot({ path: join(PICTURES, 'compose-exercise.png') });
    expect(await violationsOf(page)).toEqual([]);

    await stand('live');
    await page.goto(`${shown.origin}/compose`);
    await begun.click();
    await page.getByText('This draft speaks in the other world: Exercise.').waitFor();
    expect(await page.getByRole('button', { name: 'Save at the node' }).isDisabled()).toBe(true);
    expect(await page.getByRole('button', { name: 'Submit for release' }).isDisabled()).toBe(true);
    // The refused judgement is the only complaint.
    expect(complaints.filter((one) => !/ 400 /.test(one))).toEqual([]);
    await page.context().close();
  });
});
