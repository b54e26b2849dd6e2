/**
 * A new member joins, as its officers walk it in the browser (domain, J10): one administrator makes the accounts, the roster and its
 * signatures are looked at, a national policy from the template comes into force by two, with what it changes seen before, and the
 * exercise day stays a world of its own.
 */
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { ar } from '../../src/console/text/ar.ts';
import { en } from '../../src/console/text/en.ts';
import { ConsoleWorld, enterByLink, overflowOf, PICTURES, violationsOf } from '../support/console-browser.ts';
import { exampleContent } from '../support/contents.ts';
import { clock } from '../unit/desk/desk-world.ts';

const WINDOWS = [
  { of: '1440 px, English', words: en, locale: 'en-GB', viewport: { width: 1440, height: 900 } },
  { of: '360 px, Arabic', words: ar, locale: 'ar', viewport: { width: 360, height: 740 } },
] as const;

const button = (page: Page, name: string) => page.getByRole('button', { name, exact: true });

describe.each(WINDOWS)('a new member: $of', ({ words, locale, viewport }) => {
  it('comes from one administrator to a policy of its own and its first exercise', async () => {
    await using shown = await ConsoleWorld.open();
    const { world, origin } = shown;
    const options = { locale, viewport };
    await world.release(world.xa, exampleContent('seizure-notice', clock.nowMs()));
    const look = async (page: Page, name: string) => {
      await page.waitForLoadState('networkidle').catch(() => undefined);
      await page.screenshot({
        path: join(PICTURES, `joining-${name}-${viewport.width}.png`),
        fullPage: true,
      });
      expect(await violationsOf(page)).toEqual([]);
      expect(await overflowOf(page)).toBeLessThanOrEqual(0);
    };

    const { page: first, complaints } = await shown.officer(
      { name: 'Ada First', deskGroup: 'customs', role: 'administrator' },
      options,
    );

    // The node says what comes first: nobody here can draft and release yet.
    await first.goto(`${origin}/administration/start`);
    await first.locator('.step.next h2', { hasText: words['start.officers'] }).waitFor();
    await look(first, 'first-steps');

    // Who is in the network, and who signed that.
    await first.goto(`${origin}/network`);
    await first.locator('.links li').first().waitFor();
    expect(await first.locator('main').textContent()).toContain('XB');
    await look(first, 'network');

    const invite = async (name: string, role: string): Promise<string> => {
      await first.goto(`${origin}/administration`);
      await button(first, words['admin.invite']).click();
      const dialog = first.getByRole('dialog');
      await dialog.locator('input').nth(0).fill(name);
      await dialog.locator('input').nth(1).fill('Arvenia Customs');
      await dialog.locator('select').nth(0).selectOption('CUSTOMS');
      await dialog.locator('select').nth(1).selectOption(role);
      await button(first, words['admin.makeLink']).click();
      const link = (await first.getByRole('dialog').locator('code').textContent()) ?? '';
      await button(first, words['action.done']).click();
      return link;
    };
    const entered = async (name: string, role: string): Promise<Page> => {
      const link = await invite(name, role);
      const { page } = await shown.window(options);
      await enterByLink(page, link, clock.nowMs());
      return page;
    };
    const second = await entered('Ben Second', 'administrator');
    const officer = await entered('Noor', 'officer');
    const releaser = await entered('Rui', 'releaser');
    await first.goto(`${origin}/administration/start`);
    await first.locator('.step:not(.next) h2', { hasText: words['start.officers'] }).waitFor();

    // The template, and what it hides from whom, before anybody decides.
    await first.goto(`${origin}/policy/draft`);
    await button(first, words['policyTemplate.strict']).click();
    await button(first, words['comparison.start']).click();
    await first.locator('.comparison .closes').waitFor();
    await first.getByLabel(words['policy.reason']).fill('the start of a new member');
    await button(first, words['policy.propose']).click();
    await first.locator('.policy li.card').waitFor();
    await second.goto(`${origin}/policy/proposals`);
    await button(second, words['policy.look']).click();
    await second.locator('.text-changes .added').first().waitFor();
    await button(second, words['comparison.start']).click();
    await second.locator('.comparison .closes').waitFor();
    await look(second, 'proposal');
    await button(second, words['policy.adopt']).click();
    await second.getByText(words['policy.adopted']).waitFor();

    // The exercise day: told, released and read in its own world, and in no other.
    const enterExercise = async (page: Page) => {
      await page.goto(`${origin}/`);
      await page.evaluate(
        `sessionStorage.setItem('tocsin-standing', JSON.stringify({ purpose: '', mode: 'exercise' }))`,
      );
      await page.goto(`${origin}/`);
      await page.locator('.exercise-band').waitFor();
    };
    await enterExercise(officer);
    const example = exampleContent('seizure-notice', clock.nowMs()) as Readonly<Record<string, object>>;
    const contentJson = JSON.stringify({
      ...example,
      deskGroup: 'customs',
      marking: { ...example.marking, releasableTo: ['sac'], status: 'exercise' },
    });
    await officer.evaluate(async (content) => {
      const call = (verb: string, body: object) =>
        fetch(`/api/v1/RecordService/${verb}`, {
          method: 'POST',
          headers: { 'content-type': 'application/json', 'tocsin-mode': 'exercise' },
          body: JSON.stringify(body),
        }).then((response) => response.json() as Promise<{ readonly draft: { readonly id: string } }>);
      const { draft } = await call('CreateDraft', { contentJson: content });
      await call('SubmitDraft', { draftId: draft.id, note: '' });
    }, contentJson);
    await enterExercise(releaser);
    await releaser.locator('.duty').first().click();
    await releaser.locator('.matrix').waitFor();
    await look(releaser, 'exercise-preview');
    await releaser.locator('.record-head .button.primary').click();
    await releaser.locator('dialog .button.primary').click();
    await officer.goto(`${origin}/`);
    await officer.locator('.board-row').first().waitFor();
    expect(await officer.locator('.board-row').count()).toBe(1);
    await look(officer, 'exercise-board');
    await officer.evaluate(`sessionStorage.removeItem('tocsin-standing')`);
    await officer.goto(`${origin}/`);
    await officer.locator('.board-row').first().waitFor();
    // Of the live world one record was there before; the exercise is not among it.
    expect(await officer.locator('.board-row').count()).toBe(1);
    expect(await officer.locator('.board-row').textContent()).not.toContain(words['mode.exercise']);
    expect(complaints).toEqual([]);
  });
});
