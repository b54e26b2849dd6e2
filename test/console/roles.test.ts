/** What the pages offer each role, and that an address that is typed opens no more (domain page, §4.1). */
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ConsoleWorld, type Who } from '../support/console-browser.ts';
import { exampleContent } from '../support/contents.ts';
import { clock } from '../unit/desk/desk-world.ts';

let shown: ConsoleWorld;
/** Addresses of what there is. */
let seizure: string;
let open: string;
let draft: string;
let report: string;

beforeAll(async () => {
  shown = await ConsoleWorld.open();
  const { world } = shown;
  const content = (marking: object) => {
    const example = exampleContent('seizure-notice', clock.nowMs()) as Readonly<Record<string, object>>;
    return {
      ...example,
      deskGroup: 'customs',
      marking: { ...example.marking, releasableTo: ['sac'], ...marking },
    };
  };
  const path = (digest: Uint8Array) => `/record/${Buffer.from(digest).toString('base64url')}`;
  seizure = path(await world.release(world.xa, content({})));
  open = path(await world.release(world.xa, content({ tlp: 'clear' })));
  const { browser } = await world.browser('customs', 'officer', 'Drafter');
  const submitted = async (by: typeof browser, contentJson: string) => {
    const made = await by.call('RecordService/CreateDraft', { contentJson });
    const draftId = made.draft?.id ?? '';
    await by.call('RecordService/SubmitDraft', { draftId, note: '' });
    return draftId;
  };
  draft = `/draft/${await submitted(browser, JSON.stringify(content({})))}`;
  const operator = (await world.browser('hotline', 'operator', 'Taker')).browser;
  report = `/hotline/report/${await submitted(operator, JSON.stringify(exampleContent('hotline-report', clock.nowMs())))}`;
});
afterAll(() => shown[Symbol.asyncDispose]());

const who = (role: Who['role'], deskGroup: Who['deskGroup'] = 'customs'): Who => ({
  name: `The ${role}`,
  deskGroup,
  role,
});

/** By the visible name; what is only drawn as a sign has its name too. */
const buttons = (page: Page): Promise<readonly string[]> =>
  page.evaluate(
    `[...document.querySelectorAll('main button, main a.button')].map((one) => one.textContent.trim()).filter(Boolean)`,
  );

interface Offered {
  readonly who: Who;
  readonly places: readonly string[];
  /** Of a record of customs. */
  readonly actions: readonly string[];
}
const ACTIONS = ['Revise', 'Recall', 'Explain', 'Evidence file'];

const OFFERED: readonly Offered[] = [
  {
    who: who('officer'),
    places: ['/', '/screen', '/compose', '/drafts', '/network'],
    actions: ['Revise', 'Explain', 'Evidence file'],
  },
  {
    who: who('releaser'),
    places: ['/', '/screen', '/compose', '/drafts', '/network', '/policy'],
    actions: ACTIONS,
  },
  { who: who('observer'), places: ['/', '/network'], actions: ['Evidence file'] },
  { who: who('administrator'), places: ['/network', '/policy', '/administration'], actions: [] },
  { who: who('auditor'), places: ['/screen', '/network', '/policy', '/oversight'], actions: [] },
  {
    who: who('operator', 'hotline'),
    places: ['/', '/hotline', '/screen', '/compose', '/drafts', '/network'],
    actions: ['Explain', 'Evidence file'],
  },
];

describe.each(OFFERED)('the console of an $who.role', ({ who: officer, places, actions }) => {
  it('has its pages and no other, and of a record the actions that the role may', async () => {
    const { page, complaints } = await shown.officer(officer);
    await page.goto(`${shown.origin}/network`);
    await page.locator('nav a').first().waitFor();
    const hrefs: readonly string[] = await page.evaluate(
      `[...new Set([...document.querySelectorAll('nav a[href]')].map((one) => one.getAttribute('href')))]`,
    );
    expect(hrefs.filter((href) => href !== '/account').toSorted()).toEqual([...places].toSorted());

    const record = officer.role === 'observer' ? open : seizure;
    await page.goto(`${shown.origin}${record}`);
    await page
      .locator(actions.length > 0 ? '.record-actions' : '.notice.bad')
      .first()
      .waitFor();
    const offered = await buttons(page);
    expect(ACTIONS.filter((one) => offered.includes(one))).toEqual(
      ACTIONS.filter((one) => actions.includes(one)),
    );
    if (officer.role === 'observer') {
      await page.goto(`${shown.origin}${seizure}`);
      await page.locator('.notice.bad').first().waitFor();
    }
    complaints.length = 0;

    // Another's draft, a raw report and the pages of others, as an address that somebody sent.
    await page.goto(`${shown.origin}${draft}`);
    const seesDraft =
      officer.deskGroup === 'customs' && (officer.role === 'officer' || officer.role === 'releaser');
    await page
      .locator(seesDraft ? '.matrix' : '.notice.bad')
      .first()
      .waitFor();
    const onDraft = await buttons(page);
    expect(onDraft.includes('Release')).toBe(officer.role === 'releaser');

    await page.goto(`${shown.origin}${report}`);
    if (officer.role !== 'operator') {
      await page.waitForURL((url) => url.pathname !== new URL(`${shown.origin}${report}`).pathname);
      expect(await page.content()).not.toContain('saw it pass the market');
    }
    for (const place of ['/oversight', '/administration', '/policy/proposals'].filter(
      (one) => !places.includes(`/${one.split('/')[1]}`),
    )) {
      await page.goto(`${shown.origin}${place}`);
      await page.locator('.notice.bad, h1').first().waitFor();
      await page.waitForLoadState('networkidle');
      expect([place, await page.locator('main table tbody tr, main .officer').count()]).toEqual([place, 0]);
    }
    await page.context().close();
  });
});
