/** Every page as its officers see it: nothing that axe minds, nothing wider than the window, no complaint of the browser. */
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  ConsoleWorld,
  type OfficerPage,
  overflowOf,
  PICTURES,
  violationsOf,
  type Who,
} from '../support/console-browser.ts';
import { exampleContent } from '../support/contents.ts';

let shown: ConsoleWorld;
const json = (kind: string) => JSON.stringify(exampleContent(kind as 'seizure-notice'));

beforeAll(async () => {
  shown = await ConsoleWorld.open();
  const { world } = shown;
  const officer = (await world.browser('customs', 'officer', 'Drafter')).browser;
  const releaser = (await world.browser('customs', 'releaser', 'Releaser')).browser;
  for (let count = 0; count < 3; count++) {
    const { draft } = await officer.call('RecordService/CreateDraft', {
      contentJson: json('seizure-notice'),
    });
    const draftId = draft?.id ?? '';
    await officer.call('RecordService/SubmitDraft', { draftId, note: 'please read the route' });
    if (count === 0) await releaser.call('RecordService/ReleaseDraft', { draftId });
  }
  for (const kind of ['seizure-notice', 'watchlist-entry', 'seizure-notice'])
    await world.deliver(await world.release(world.xb, exampleContent(kind as 'seizure-notice')));
});
afterAll(() => shown[Symbol.asyncDispose]());

const OFFICER: Who = { name: 'Noor Officer', deskGroup: 'customs', role: 'officer' };
const RELEASER: Who = { name: 'Rui Releaser', deskGroup: 'customs', role: 'releaser' };
const AUDITOR: Who = { name: 'Aya Auditor', deskGroup: 'customs', role: 'auditor' };
const ADMINISTRATOR: Who = { name: 'Ada Administrator', deskGroup: 'customs', role: 'administrator' };

interface Seen {
  readonly name: string;
  readonly who: Who;
  readonly path: string;
  /** There once the page is. */
  readonly shows: string;
  /** The way to it from there. */
  readonly step?: (page: Page) => Promise<void>;
}

const first = (selector: string) => async (page: Page) => {
  await page.locator(selector).first().click();
};
const PAGES: readonly Seen[] = [
  { name: 'board', who: OFFICER, path: '/', shows: '.board-row' },
  { name: 'record', who: OFFICER, path: '/', shows: '.record-body', step: first('.board-row') },
  { name: 'compose', who: OFFICER, path: '/compose', shows: '.kinds' },
  { name: 'compose-seizure', who: OFFICER, path: '/compose/seizure-notice', shows: '.notice' },
  { name: 'drafts', who: OFFICER, path: '/drafts', shows: '.draft-row' },
  { name: 'draft', who: RELEASER, path: '/', shows: '.matrix', step: first('.duty') },
  { name: 'account', who: OFFICER, path: '/account', shows: '.account .card' },
  { name: 'network', who: OFFICER, path: '/network', shows: '.links li' },
  { name: 'oversight', who: AUDITOR, path: '/', shows: '.table' },
  { name: 'first-steps', who: ADMINISTRATOR, path: '/administration/start', shows: '.step' },
  { name: 'desks', who: ADMINISTRATOR, path: '/administration/desks', shows: '.table' },
  { name: 'this-node', who: ADMINISTRATOR, path: '/administration/node', shows: '.card' },
  { name: 'administration', who: ADMINISTRATOR, path: '/', shows: '.officer' },
];

const WINDOWS = [
  { of: '1440 px, English, light', locale: 'en-GB', width: 1440, height: 900, colorScheme: 'light' },
  { of: '360 px, Arabic, dark', locale: 'ar', width: 360, height: 740, colorScheme: 'dark' },
] as const;

describe.each(WINDOWS)('at $of', ({ locale, width, height, colorScheme }) => {
  // One sign-in an officer: the node takes so many invitations a minute of one address, and no more.
  const windows = new Map<Who, Promise<OfficerPage>>();
  const windowOf = async (who: Who): Promise<OfficerPage> => {
    const signedIn =
      windows.get(who) ??
      shown.officer(
        { ...who, name: `${who.name} ${locale}` },
        { locale, viewport: { width, height }, colorScheme },
      );
    windows.set(who, signedIn);
    return await signedIn;
  };
  afterAll(async () => {
    for (const window of windows.values()) await (await window).page.context().close();
  });

  it.each(PAGES)('the page $name', async ({ name, who, path, shows, step }) => {
    const { page, complaints } = await windowOf(who);
    await page.goto(`${shown.origin}${path}`);
    await step?.(page);
    await page.locator(shows).first().waitFor();
    await page.waitForLoadState('networkidle').catch(() => undefined);
    await page.screenshot({ path: join(PICTURES, `${name}-${width}-${locale}.png`) });
    expect(await violationsOf(page)).toEqual([]);
    expect(await overflowOf(page)).toBeLessThanOrEqual(0);
    expect(complaints.splice(0)).toEqual([]);
  });
});
