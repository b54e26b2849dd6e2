/** The console without a link: it opens, reads what was read, takes drafts, says so; and what stays on a shared device afterwards. */

import { createHash } from 'node:crypto';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { preparedConsole } from '../../deploy/prepared.js';
import { ConsoleWorld, overflowOf, PICTURES, violationsOf } from '../support/console-browser.ts';
import { exampleContent } from '../support/contents.ts';

/** In the example of a seizure notice. */
const PERSON = 'Malvo Dessine';

let shown: ConsoleWorld;
let assets: string;
beforeAll(async () => {
  assets = mkdtempSync(join(tmpdir(), 'tocsin-console-'));
  cpSync(preparedConsole() ?? '', assets, { recursive: true });
  shown = await ConsoleWorld.open({ assets });
  await released();
});
afterAll(async () => {
  await shown[Symbol.asyncDispose]();
  rmSync(assets, { recursive: true, force: true });
});

/** A record of this node with a person in it. */
async function released(): Promise<void> {
  const { world } = shown;
  const officer = (await world.browser('customs', 'officer', 'Drafter')).browser;
  const releaser = (await world.browser('customs', 'releaser', 'Releaser')).browser;
  const contentJson = JSON.stringify(exampleContent('seizure-notice'));
  const { draft } = await officer.call('RecordService/CreateDraft', { contentJson });
  const draftId = draft?.id ?? '';
  await officer.call('RecordService/SubmitDraft', { draftId });
  await releaser.call('RecordService/ReleaseDraft', { draftId });
}

const copied = (page: Page): Promise<unknown> => page.evaluate('navigator.serviceWorker.ready.then(() => 1)');
const post = (page: Page, path: string, body: object) =>
  page.evaluate(
    async ([to, content]) =>
      (
        await fetch(`/api/v1${to}`, {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify(content),
        })
      ).json(),
    [path, body] as const,
  );

/** Into a draft, where an assessment stands. */
async function write(page: Page, text: string): Promise<void> {
  const comment = page.locator('[data-path="facets.assessment.comment"]');
  await page
    .locator('details.facet-form', { has: comment })
    .evaluate((facet) => facet.setAttribute('open', ''));
  await comment.fill(text);
}

/** Everything that the browser keeps for this console, as far as a page can read it. */
const keptText = (page: Page): Promise<string> =>
  page.evaluate(`(async () => {
    const answered = (request) => new Promise((resolve, reject) => {
      request.onsuccess = () => resolve(request.result);
      request.onerror = () => reject(request.error);
    });
    const found = [{ ...localStorage }, { ...sessionStorage }];
    for (const { name } of await indexedDB.databases()) {
      const database = await answered(indexedDB.open(name));
      for (const table of database.objectStoreNames)
        found.push([name, ...(await answered(database.transaction(table).objectStore(table).getAll()))]);
      database.close();
    }
    const decoder = new TextDecoder();
    return JSON.stringify(found, (key, value) =>
      value instanceof ArrayBuffer || ArrayBuffer.isView(value) ? decoder.decode(value) : value);
  })()`);

describe('an officer whose link is cut', () => {
  it('reads what was read, without persons, and is told so; what was drafted is submitted when the link is back', async () => {
    const { page } = await shown.officer({ name: 'Off Line', deskGroup: 'customs', role: 'officer' });
    await page.goto(`${shown.origin}/`);
    await copied(page);
    await page.locator('.board-row').first().click();
    await page.locator('.record-facets').waitFor();
    expect(await page.locator('.record-facets').textContent()).toContain(PERSON);
    const address = page.url();
    const { draft } = (await post(page, '/RecordService/CreateDraft', {
      contentJson: JSON.stringify(exampleContent('seizure-notice')),
    })) as { draft: { id: string } };
    await page.goto(`${shown.origin}/draft/${draft.id}`);
    await page.locator('.notice.good').waitFor();

    await shown.link.cut();
    await page.locator('.standing-note.warn').waitFor();
    await write(page, 'Written without a link');
    await page.getByRole('button', { name: 'Submit when the link is back' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Submit when the link is back' }).click();
    await page.getByText('Waits for the link').waitFor();

    await page.reload();
    await page.getByText('Waits for the link').waitFor();
    await page.goto(address);
    await page.locator('.record-facets').waitFor();
    const words = (await page.locator('.record').textContent()) ?? '';
    expect(words).toContain('This is what this device kept');
    expect(words).toContain('not shown without a link: Persons');
    expect(words).not.toContain(PERSON);
    await page.locator('.standing-note.warn').waitFor();
    expect(await page.locator('.standing-note').textContent()).toContain('when the link is back: 1');
    await page.screenshot({ path: join(PICTURES, 'offline-record.png') });
    expect(await violationsOf(page)).toEqual([]);
    expect(await overflowOf(page)).toBeLessThanOrEqual(0);

    await page.goto(`${shown.origin}/compose/seizure-notice`);
    await write(page, 'Begun without a link');
    await page.getByText('Kept on this device', { exact: true }).waitFor();
    await page.goto(`${shown.origin}/compose`);
    await page.getByText('Begun on this device').waitFor();

    await shown.link.mend();
    await page.getByText('The link is back. Submitted: 1.').waitFor();
    const found = (await post(page, '/RecordService/GetDraft', { draftId: draft.id })) as {
      draft: { state: string };
      contentJson: string;
    };
    expect(found.draft.state).toBe('DRAFT_STATE_SUBMITTED');
    expect(found.contentJson).toContain('Written without a link');
    await page.context().close();
  });

  it('leaves nothing that another one can read: names, words and drafts are sealed, and gone when he goes', async () => {
    const { page } = await shown.officer({ name: 'Shared Device', deskGroup: 'customs', role: 'officer' });
    await page.goto(`${shown.origin}/`);
    await copied(page);
    await page.locator('.board-row').first().click();
    await page.locator('.record-facets').waitFor();
    const title = (await page.locator('h1').textContent()) ?? '';
    await page.goto(`${shown.origin}/compose/seizure-notice`);
    await write(page, 'The informant stands at the gate');
    await page.getByText('Kept on this device', { exact: true }).waitFor();
    const before = await keptText(page);
    expect(before).toContain('tocsin-kept');
    for (const secret of [title, PERSON, 'The informant']) expect(before).not.toContain(secret);

    await page.getByRole('button', { name: 'Account and settings' }).click();
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.locator('.door').waitFor();
    const after = await keptText(page);
    expect(after).not.toContain('tocsin-kept');
    expect(after).not.toContain('deviceKey');
    await page.context().close();
  });

  it('has a draft submitted once, also where the answer to that was lost', async () => {
    const { page } = await shown.officer(
      { name: 'Lost Answers', deskGroup: 'customs', role: 'officer' },
      { serviceWorkers: 'block' },
    );
    await page.goto(`${shown.origin}/`);
    const made = (await post(page, '/RecordService/CreateDraft', {
      contentJson: JSON.stringify(exampleContent('seizure-notice')),
    })) as { draft: { id: string } };
    await page.goto(`${shown.origin}/draft/${made.draft.id}`);
    await page.locator('.notice.good').waitFor();
    await page.route('**/PolicyService/CheckContent', (route) => route.abort());
    await write(page, 'Words of the second time');
    await page.getByRole('button', { name: 'Submit when the link is back' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Submit when the link is back' }).click();
    await page.getByText('Waits for the link').waitFor();
    await page.unroute('**/PolicyService/CheckContent');
    let lost = 0;
    await page.route('**/RecordService/SubmitDraft', async (route) => {
      await route.fetch();
      lost += 1;
      await route.abort();
    });
    await page.reload();
    await expect.poll(() => lost, { timeout: 20_000 }).toBe(1);
    await page.getByText('Waits for the link').waitFor();
    await page.reload();
    await page.getByText('The link is back. Submitted: 1.').waitFor();
    expect(await page.getByText('Waits for the link').count()).toBe(0);
    expect(lost).toBe(1);
    const found = (await post(page, '/RecordService/GetDraft', { draftId: made.draft.id })) as {
      draft: { state: string };
      contentJson: string;
    };
    expect(found.draft.state).toBe('DRAFT_STATE_SUBMITTED');
    expect(found.contentJson).toContain('Words of the second time');
    await page.context().close();
  });

  it('is signed out without a link too: the node ends the session before it is asked anything else', async () => {
    const { page } = await shown.officer({ name: 'Leaves Offline', deskGroup: 'customs', role: 'officer' });
    await page.goto(`${shown.origin}/`);
    await copied(page);
    await page.locator('.board-row').first().waitFor();
    await shown.link.cut();
    await page.getByRole('button', { name: 'Account and settings' }).click();
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.locator('.door').waitFor();
    expect(await keptText(page)).not.toContain('deviceKey');
    await shown.link.mend();
    await page.reload();
    await page.getByRole('button', { name: 'Sign in with a passkey' }).waitFor();
    expect(await page.evaluate(async () => (await fetch('/api/v1/me')).status)).toBe(401);
    await page.context().close();
  });

  it('opens another window, and is signed out in both when he signs out in one', async () => {
    const { page } = await shown.officer({ name: 'Two Windows', deskGroup: 'customs', role: 'officer' });
    await page.goto(`${shown.origin}/`);
    await copied(page);
    await page.locator('.board-row').first().click();
    await page.locator('.record-facets').waitFor();
    const address = page.url();
    await shown.link.cut();
    const other = await page.context().newPage();
    await other.goto(address);
    await other.getByText('This is what this device kept').waitFor();
    await other.getByRole('button', { name: 'Account and settings' }).click();
    await other.getByRole('button', { name: 'Sign out' }).click();
    for (const one of [other, page]) {
      await one.locator('.door').waitFor();
      expect(await keptText(one)).not.toContain('deviceKey');
    }
    const third = await page.context().newPage();
    await third.goto(address);
    await third.getByText('Nobody is signed in here').waitFor();
    await shown.link.mend();
    await page.context().close();
  });

  it('is asked to sign in again after the time that an unused session has', async () => {
    const { page } = await shown.officer({ name: 'Walks Away', deskGroup: 'customs', role: 'officer' });
    await page.goto(`${shown.origin}/`);
    await copied(page);
    await page.locator('.board-row').first().waitFor();
    await shown.link.cut();
    await page.evaluate(() => {
      const held = JSON.parse(sessionStorage.getItem('tocsin-signed-in') ?? '{}');
      sessionStorage.setItem(
        'tocsin-signed-in',
        JSON.stringify({ ...held, usedAt: held.usedAt - held.me.idleMs }),
      );
    });
    await page.reload();
    await page.locator('.door').waitFor();
    expect(await page.locator('.board-row').count()).toBe(0);
    expect(await keptText(page)).not.toContain('tocsin-kept');
    await shown.link.mend();
    await page.context().close();
  });
});

/** Asks for a later build; what became of it. */
const lookForLater = (page: Page): Promise<string> =>
  page.evaluate(`(async () => {
    const { installing } = await (await navigator.serviceWorker.ready).update();
    if (!installing) return 'none';
    return new Promise((resolve) => {
      installing.addEventListener('statechange', () => resolve(installing.state));
    });
  })()`);

describe('a later build of the program', () => {
  it('is found at once: what names the parts is asked about each time, what is named by its content never', async () => {
    const cached = async (path: string) =>
      (await fetch(`${shown.origin}${path}`)).headers.get('cache-control');
    const worker = await (await fetch(`${shown.origin}/service-worker.js`)).text();
    const part = /["'`](\/app-[^"'`]+\.js)["'`]/.exec(worker)?.[1] ?? '';
    expect([await cached('/service-worker.js'), await cached('/'), await cached('/index.html')]).toEqual([
      'no-cache',
      'no-cache',
      'no-cache',
    ]);
    expect(await cached(part)).toBe('public, max-age=31536000, immutable');
  });

  it('waits for the officer; until then the page has its own parts, also such as the node has no more', async () => {
    const { page } = await shown.officer({ name: 'Tired Officer', deskGroup: 'customs', role: 'officer' });
    await page.goto(`${shown.origin}/`);
    await copied(page);
    await page.locator('.board-row').first().waitFor();
    const kept = readFileSync(join(assets, 'service-worker.js'), 'utf8');
    const index = readFileSync(join(assets, 'index.html'), 'utf8');
    const part = /"\/(network-[^"]+\.js)"/.exec(kept)?.[1] ?? '';
    const integrity = (text: string | Buffer) =>
      `sha256-${createHash('sha256').update(text).digest('base64')}`;
    try {
      const next = index.replace('<title>Tocsin</title>', '<title>Tocsin, later</title>');
      for (const name of ['index.html', 'service-worker.js', part])
        for (const ending of ['', '.gz', '.br']) rmSync(join(assets, `${name}${ending}`));
      writeFileSync(join(assets, 'index.html'), next);
      const worker = kept
        .replace(integrity(index), integrity(next))
        .replace(/version:(["'`])/, 'version:$1later-');
      // Half of it is there: a part that it names is missing.
      writeFileSync(join(assets, 'service-worker.js'), worker);
      expect(await lookForLater(page)).toBe('redundant');
      writeFileSync(
        join(assets, 'service-worker.js'),
        worker.replace(new RegExp(`["'\`]/${part}["'\`]:["'\`][^"'\`]*["'\`],?`), ''),
      );
      expect(await lookForLater(page)).toBe('installed');
      await page.getByText('A later version of this program is here').waitFor();
      await page.getByRole('link', { name: 'Network' }).click();
      await page.locator('.links li').first().waitFor();
      expect(await page.title()).toBe('Tocsin');
      await page.reload();
      expect(await page.title()).toBe('Tocsin');
      await page.getByRole('button', { name: 'Use it now' }).click();
      await expect.poll(() => page.title(), { timeout: 30_000 }).toBe('Tocsin, later');
      await page.locator('.shell').waitFor();
    } finally {
      cpSync(preparedConsole() ?? '', assets, { recursive: true });
    }
    await page.context().close();
  });
});
