/**
 * A night call at the hotline, as its officers walk it in the browser: taken in Portuguese, scrubbed by a second operator, judged by a
 * controller, warned of in three languages, sent as a flash on one signature, countersigned, updated and cancelled (domain, J3).
 */
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DeskGroup } from '../../src/gen/tocsin/record/v1/marking.ts';
import { ConsoleWorld, overflowOf, PICTURES, violationsOf, type Who } from '../support/console-browser.ts';
import { exampleContent } from '../support/contents.ts';
import { clock, passTime } from '../unit/desk/desk-world.ts';

const operator = (name: string): Who => ({ name, deskGroup: 'hotline', role: 'operator' });
const controller = (name: string): Who => ({ name, deskGroup: 'hotline', role: 'controller' });
const REPORT =
  'Vi três camiões sem luzes passar junto da ponte velha em direção à fronteira, com caixas compridas.';
const CLEAN = 'Camiões sem luzes seguem de noite para a fronteira com caixas compridas.';

let shown: ConsoleWorld;
beforeAll(async () => {
  shown = await ConsoleWorld.open();
});
afterAll(() => shown[Symbol.asyncDispose]());

const stored = () =>
  shown.world.xa.temporary.store.read(async (tx) => ({
    drafts: (await tx.drafts.list({ states: ['draft', 'submitted', 'discarded'], limit: 100 })).items,
    records: (await tx.records.list({ world: 'live', limit: 100 })).items,
  }));

/** Everything that the browser keeps of this console; as text, since tests know no browser's types. */
const keptOnDevice = (page: Page): Promise<string> =>
  page.evaluate(`(async () => {
    const done = (request) => new Promise((resolve, reject) => {
      request.onsuccess = () => resolve(request.result);
      request.onerror = () => reject(request.error);
    });
    const all = [{ ...localStorage }, { ...sessionStorage }];
    for (const { name } of await indexedDB.databases()) {
      const database = await done(indexedDB.open(name));
      for (const table of database.objectStoreNames)
        all.push(await done(database.transaction(table).objectStore(table).getAll()));
      database.close();
    }
    for (const name of await caches.keys()) {
      const cache = await caches.open(name);
      for (const request of await cache.keys())
        all.push(request.url, await (await cache.match(request)).text());
    }
    return JSON.stringify(all);
  })()`);

/** What the node answers to a call past the page, with the page's own session. */
const codeOf = async (page: Page, verb: string, data: object): Promise<string> => {
  const answer = await page.request.post(`${shown.origin}/api/v1/${verb}`, {
    data,
    headers: { origin: shown.origin },
  });
  return ((await answer.json()) as { readonly code?: string }).code ?? 'none';
};

async function picture(page: Page, name: string): Promise<void> {
  await page.screenshot({ path: join(PICTURES, `hotline-${name}.png`), fullPage: true });
}

async function take(page: Page, text: string, labels: readonly [string, string, string]): Promise<string> {
  await page.goto(`${shown.origin}/hotline/new`);
  const number = (await page.locator('.report-number').textContent()) ?? '';
  await page.locator('textarea').first().fill(text);
  await page.getByLabel(labels[0], { exact: true }).selectOption('HOTLINE_CATEGORY_MOVEMENT');
  await page.getByLabel(labels[1], { exact: true }).selectOption('IMMINENCE_HOURS');
  await page.getByLabel(labels[2]).fill('XA-N');
  return number;
}
const PORTUGUESE = ['Categoria', 'Iminência', 'Região'] as const;
const ENGLISH = ['Category', 'Imminence', 'Region'] as const;

describe('a night call', () => {
  let taker: Page;
  let number: string;

  it('is taken without a place for who calls, and leaves nothing on the device', async () => {
    const { page, complaints } = await shown.officer(operator('Tomé'), { locale: 'pt-PT' });
    taker = page;
    number = await take(page, `${REPORT} Ligar para 955 501 472.`, PORTUGUESE);
    const names: readonly string[] = await page.evaluate(
      `[...document.querySelectorAll('input, textarea, select')].flatMap((control) => [...control.labels].map((label) => label.textContent))`,
    );
    expect(names.length).toBeGreaterThan(5);
    expect(names.filter((name) => /nome|telefone|endereço|idade|género/i.test(name))).toEqual([]);
    // What looks like a telephone number is flagged, and is not saved before somebody looked at it.
    const flag = page.getByText('Reli: não é de quem liga');
    await flag.waitFor();
    await page.getByRole('button', { name: 'Entregar a um segundo operador' }).click();
    expect((await stored()).drafts).toEqual([]);
    expect(await keptOnDevice(page)).not.toMatch(/camiões|955 501/);
    await page.locator('textarea').first().fill(REPORT);
    await flag.waitFor({ state: 'detached' });
    // Who leaves by mistake keeps what was typed.
    page.once('dialog', (dialog) => void dialog.dismiss());
    await page.getByRole('link', { name: 'Rede' }).click();
    expect(await page.locator('textarea').first().inputValue()).toBe(REPORT);
    await picture(page, 'intake-pt');
    await page.getByRole('button', { name: 'Entregar a um segundo operador' }).click();
    await page.locator('.taken').waitFor();
    expect((await stored()).drafts).toHaveLength(1);
    await page.getByText('O nó tem a denúncia').waitFor();
    expect(await page.locator('.report-number').textContent()).toBe(number);
    await picture(page, 'taken-pt');
    expect(await violationsOf(page)).toEqual([]);
    expect(await keptOnDevice(page)).not.toContain('camiões');
    expect(complaints).toEqual([]);
  });

  it('is not scrubbed by whoever took it, through the page or past it', async () => {
    const [draft] = (await stored()).drafts;
    await taker.goto(`${shown.origin}/hotline`);
    await taker.locator('.report-row').click();
    await taker.getByText('Espera por um segundo operador').waitFor();
    expect(await taker.getByRole('button', { name: 'Depurada: ao supervisor' }).count()).toBe(0);
    const draftId = draft?.id ?? '';
    expect([
      await codeOf(taker, 'HotlineService/ScrubReport', { draftId, contentJson: draft?.content ?? '' }),
      await codeOf(taker, 'RecordService/ReleaseDraft', { draftId }),
    ]).toEqual(['FOUR_EYES', 'REFUSED']);
  });

  it('is scrubbed and triaged by a second operator, who sees reports like it', async () => {
    const { page, complaints } = await shown.officer(operator('Sara'));
    // Another report of the same night.
    await take(page, 'Lorries at night, heading for the border.', ENGLISH);
    await page.getByRole('button', { name: 'Hand over to a second operator' }).click();
    await page.locator('.taken').waitFor();
    expect((await stored()).drafts).toHaveLength(2);
    await page.goto(`${shown.origin}/hotline`);
    await page.getByLabel('Report number').fill(number);
    await page.locator('.report-row').click();
    await page.getByText('Perhaps of the same matter: 1').waitFor();
    await page.getByLabel('As it stays').fill(CLEAN);
    await page.getByLabel('Decision').selectOption('TRIAGE_DECISION_WARNING');
    await page.getByLabel('Grading').selectOption('3');
    // Nothing is made of what fewer than three people could have known.
    await page.getByRole('button', { name: 'Scrubbed: to the controller' }).click();
    await page.getByText('At least three people could have known', { exact: false }).first().waitFor();
    await expect.poll(() => page.locator('.notice.bad').count()).toBe(1);
    await page.getByRole('checkbox', { name: 'At least three people could have known' }).check();
    await picture(page, 'scrub-en');
    await page.getByRole('button', { name: 'Scrubbed: to the controller' }).click();
    await page.waitForURL(`${shown.origin}/hotline`);
    const scrubbed = (await stored()).drafts.find(({ content }) => content.includes(number));
    expect(scrubbed?.content).toContain('seguem de noite');
    expect(scrubbed?.content).not.toContain('ponte velha');
    expect(complaints).toEqual([]);
  });

  let chief: Page;

  it('is entered into the register once the controller checked who could have known', async () => {
    const { page, complaints } = await shown.officer(controller('Cleo'));
    chief = page;
    await page.goto(`${shown.origin}/hotline`);
    await page.getByLabel('Report number').fill(number);
    await page.locator('.report-row').click();
    const register = page.getByRole('button', { name: 'Enter into the register' });
    await register.waitFor();
    expect(await register.isDisabled()).toBe(true);
    await page.getByLabel('I have checked', { exact: false }).check();
    await picture(page, 'decide-en');
    expect(await violationsOf(page)).toEqual([]);
    await register.click();
    await page.getByRole('link', { name: 'Warn of it' }).waitFor();
    expect(complaints).toEqual([]);
  });

  it('becomes a warning in three languages, sent as a flash on one signature', async () => {
    await chief.getByRole('link', { name: 'Warn of it' }).click();
    await chief.getByRole('heading', { name: 'New warning' }).waitFor();
    // English was begun with, being the page's; French and Arabic come to the caller's language.
    for (const tag of ['fr', 'ar']) {
      await chief.locator('select.short').selectOption(tag);
      await chief.getByRole('button', { name: 'Add a language' }).click();
    }
    await chief.getByRole('button', { name: 'Remove English' }).click();
    const headlines = chief.getByLabel('Headline');
    await headlines.nth(0).fill('Camiões sem luzes seguem de noite para a fronteira');
    await chief.getByText('These words stand in the report just so', { exact: false }).waitFor();
    await headlines.nth(0).fill('Movimento de armas no norte');
    await headlines.nth(1).fill('Mouvement d’armes dans le nord');
    await headlines.nth(2).fill('حركة أسلحة في الشمال');
    await chief.getByLabel('Regions').fill('XA-N XA-E XC-S');
    await chief.getByLabel('Corners of the area').fill('-8.51, 14.02\n-8.5, 15\n-9.4, 14.6');
    await chief.getByLabel('sac', { exact: false }).check();
    await chief.getByLabel('Flash', { exact: true }).check();
    await chief.locator('.matrix').waitFor();
    await picture(chief, 'warning-en');
    expect(await violationsOf(chief)).toEqual([]);
    await chief.getByRole('button', { name: 'Send flash now' }).click();
    await chief.waitForURL('**/hotline/broadcast/*');
    await chief.getByText('Received by 0, in hand at 0 of 2 partners').waitFor();
    await picture(chief, 'broadcast-en');
    expect(await violationsOf(chief)).toEqual([]);
    const warning = (await stored()).records.find(({ kind }) => kind === 'warning');
    const facets = await shown.world.xa.temporary.store.read((tx) =>
      tx.records.facets(warning?.headerDigest ?? new Uint8Array()),
    );
    const said = facets.map(({ body }) => Buffer.from(body).toString('utf8')).join('\n');
    expect(said).toContain('حركة أسلحة');
    expect(said).not.toContain(number);
    expect(said).not.toMatch(/luzes|ponte/);
  });

  it('is seen to be received and taken in hand, and whoever is late with it', async () => {
    const { store } = shown.world.xa.temporary;
    const warning = (await stored()).records.find(({ kind }) => kind === 'warning');
    const headerDigest = warning?.headerDigest ?? new Uint8Array();
    const receiptDigest = new Uint8Array(32).fill(9);
    // What the exchange writes when receipts of partners come: XB's node has it, and its border desk says that it does.
    const rows = await store.read((tx) => tx.outbox.ofRecord(headerDigest));
    await store.write(async (tx) => {
      const atXb = rows.filter(({ recipient }) => recipient === 'XB');
      await tx.outbox.close(
        atXb.map(({ id }) => ({ id, state: 'receipted' as const, receiptDigest })),
        clock.nowMs(),
      );
    });
    await chief.reload();
    await chief.getByText('Received by 1, in hand at 0 of 2 partners').waitFor();
    await store.write((tx) =>
      tx.onward.noteReading({
        headerDigest,
        node: 'XB',
        what: 'acknowledged',
        deskGroup: DeskGroup.DESK_GROUP_BORDER,
        facets: [],
        at: clock.nowMs() + 4 * 60_000,
        receiptDigest,
      }),
    );
    passTime(16 * 60_000);
    await chief.reload();
    await chief.getByText('Received by 1, in hand at 1 of 2 partners').waitFor();
    await chief.getByText('Overdue: 1', { exact: true }).waitFor();
    const [first, second] = await chief.locator('.progress > li').allTextContents();
    // A flash is to be in hand within a quarter of an hour; who is late comes first, times with their zone.
    expect(first).toMatch(/^XCOverdueSent.*To be in hand by.*(UTC|GMT)/);
    expect(second).toMatch(/^XBIn hand.*Received.*In hand: Border.*(UTC|GMT)/i);
    await picture(chief, 'broadcast-late-en');
    expect(await violationsOf(chief)).toEqual([]);
    // It is a duty of the whole desk, on its board too.
    await chief.goto(`${shown.origin}/`);
    await chief.locator('.duty', { hasText: 'Ring up who is late with it' }).waitFor();
    expect(await chief.locator('.duty', { hasText: 'Ring up' }).textContent()).toMatch(/norteXC · /);
    await chief.goBack();
    await chief.getByRole('link', { name: 'The whole record' }).click();
    await chief.locator('.progress > li').nth(1).waitFor();
    await chief.goBack();
  });

  it('is countersigned by another controller, updated and cancelled', async () => {
    const address = chief.url();
    const { page, complaints } = await shown.officer(controller('Dina'), { locale: 'fr-FR' });
    await page.goto(address);
    await page.getByRole('button', { name: 'Contresigner' }).click();
    await page.getByRole('button', { name: 'Contresigner' }).waitFor({ state: 'detached' });
    for (const [step, label] of [
      ['Mettre l’alerte à jour', 'Update'],
      ['Annuler l’alerte', 'Cancelled'],
    ] as const) {
      await page.getByRole('button', { name: step }).click();
      await page.getByRole('heading', { name: step }).waitFor();
      await page.getByRole('button', { name: 'Envoyer le flash' }).click();
      await page.waitForURL('**/hotline/broadcast/*');
      await expect.poll(() => page.locator('h1').textContent()).toContain(label);
    }
    const href = await page.getByRole('link', { name: 'Message CAP 1.2' }).getAttribute('href');
    const cap = await page.request.get(`${shown.origin}${href}`);
    expect(cap.headers()['content-type']).toContain('application/cap+xml');
    const message = await cap.text();
    expect(message).toContain('<msgType>Cancel</msgType><scope>Public</scope><references>');
    expect(message.match(/<info>/g)).toHaveLength(3);
    const warnings = (await stored()).records.filter(({ kind }) => kind === 'warning');
    expect(warnings.map(({ revision, state }) => `${revision} ${state}`).toSorted()).toEqual([
      '1 superseded',
      '2 superseded',
      '3 released',
    ]);
    expect(complaints).toEqual([]);
  });
});

describe('what is made of a report', () => {
  it('is said in the register by a revision that a controller releases', async () => {
    const { page, complaints } = await shown.officer(operator('Ada'));
    await page.goto(`${shown.origin}/hotline`);
    await page.getByRole('button', { name: 'Triaged', exact: false }).click();
    await page.locator('.report-row').click();
    await page.getByRole('button', { name: 'Acted on' }).click();
    await page.waitForURL('**/draft/*');
    const draftId = page.url().split('/').at(-1) ?? '';
    const { browser } = await shown.world.browser('hotline', 'controller', 'Gil');
    await browser.call('RecordService/ReleaseDraft', { draftId, requestId: '' });
    await page.goto(`${shown.origin}/hotline`);
    await page.getByRole('button', { name: 'Acted on (1)' }).click();
    await page.locator('.report-row').waitFor();
    expect(complaints).toEqual([]);
  });

  it('waits for a second officer where it has a part for officials', async () => {
    const { page, complaints } = await shown.officer(controller('Fay'));
    await page.goto(`${shown.origin}/hotline/warning`);
    await page.getByLabel('Headline').fill('Movement of arms in the north');
    await page.getByLabel('Regions').fill('XA-N');
    await page.getByLabel('sac', { exact: false }).check();
    await page.getByLabel('Flash', { exact: true }).check();
    await page.getByRole('button', { name: 'Send flash now' }).waitFor();
    await page.getByLabel('What border posts should know besides').fill('Stop lorries without lights.');
    await page.getByLabel('Vehicle to look for').fill('white lorry');
    await page.getByLabel('Weapons').selectOption('WEAPON_CATEGORY_SUB_MACHINE_GUN');
    await page.getByLabel('Quantity').fill('20');
    await page.getByLabel('State', { exact: true }).selectOption('WEAPON_STATE_COMPLETE');
    // The public's side of the page does not have it, the officials' side does.
    const [read, official] = await page.locator('.reads .card').allTextContents();
    expect(read).not.toMatch(/lights|lorry/);
    expect(official).toMatch(/Stop lorries without lights[\s\S]*white lorry/);
    await page.getByRole('button', { name: 'Hand to the controller' }).click();
    await page.waitForURL('**/drafts');
    const waiting = (await stored()).drafts.find(({ content }) => content.includes('white lorry'));
    expect(waiting?.state).toBe('submitted');
    expect(await codeOf(page, 'RecordService/ReleaseDraft', { draftId: waiting?.id ?? '' })).toBe(
      'FOUR_EYES',
    );
    expect(complaints.filter((text) => !text.includes('403'))).toEqual([]);
  });
});

describe('an exercise', () => {
  it('takes reports of its own world', async () => {
    const { page } = await shown.officer(operator('Eli'));
    await page.evaluate(
      `sessionStorage.setItem('tocsin-standing', JSON.stringify({ purpose: '', mode: 'exercise' }))`,
    );
    await take(page, 'A drill: lorries at night.', ENGLISH);
    await page.getByRole('button', { name: 'Hand over to a second operator' }).click();
    await page.locator('.taken').waitFor();
    const drill = (await stored()).drafts.find(({ content }) => content.includes('A drill'));
    expect(drill?.content).toContain('STATUS_EXERCISE');
  });
});

describe('reports', () => {
  it('are nobody’s business at another desk', async () => {
    const { page } = await shown.officer({ name: 'Noor', deskGroup: 'customs', role: 'officer' });
    await page.goto(`${shown.origin}/hotline`);
    await page.locator('h1').first().waitFor();
    expect(new URL(page.url()).pathname).toBe('/');
    expect(await page.locator('a[href="/hotline"]').count()).toBe(0);
  });

  it('are dropped with a reason, and what was told goes', async () => {
    const { browser } = await shown.world.browser('hotline', 'operator', 'Ivo');
    const { draft } = await browser.call('RecordService/CreateDraft', {
      contentJson: JSON.stringify(exampleContent('hotline-report')),
    });
    await browser.call('RecordService/SubmitDraft', { draftId: draft?.id ?? '', note: '' });
    const { page } = await shown.officer(controller('Eva'));
    await page.goto(`${shown.origin}/hotline/report/${draft?.id}`);
    await page.getByRole('button', { name: 'Drop' }).click();
    await page.getByLabel('Why it is dropped').fill('the same words as last week');
    await page.getByRole('dialog').getByRole('button', { name: 'Drop' }).click();
    await expect
      .poll(async () => (await stored()).drafts.find(({ id }) => id === draft?.id))
      .toMatchObject({ state: 'discarded', note: 'the same words as last week' });
    await page.goto(`${shown.origin}/hotline/report/${draft?.id}`);
    await page.getByText('the same words as last week').waitFor();
    expect(await page.content()).not.toContain('camiões');
  });
});

const WINDOWS = [
  { of: '1440 px, English, light', locale: 'en-GB', width: 1440, height: 900, colorScheme: 'light' },
  { of: '360 px, Arabic, dark', locale: 'ar', width: 360, height: 740, colorScheme: 'dark' },
] as const;

describe('the page of a warning that went out', () => {
  it.each(['en', 'fr', 'es', 'pt', 'ar'])('is whole in %s, narrow and wide', async (locale) => {
    const released = (await stored()).records.find(
      ({ kind, state }) => kind === 'warning' && state === 'released',
    );
    passTime(16 * 60_000);
    const path = `/hotline/broadcast/${Buffer.from(released?.headerDigest ?? []).toString('base64url')}`;
    const { page, complaints } = await shown.officer(controller(`Late ${locale}`), { locale });
    for (const width of [360, 1440]) {
      await page.setViewportSize({ width, height: 800 });
      await page.goto(`${shown.origin}${path}`);
      await page.locator('.progress .chip.bad').first().waitFor();
      await picture(page, `broadcast-${width}-${locale}`);
      expect(await violationsOf(page)).toEqual([]);
      expect(await overflowOf(page)).toBeLessThanOrEqual(0);
    }
    expect(complaints).toEqual([]);
    await page.context().close();
  });
});

describe.each(WINDOWS)('at $of', ({ locale, width, height, colorScheme }) => {
  it('every page of the hotline is whole', async () => {
    const taken = (await shown.world.browser('hotline', 'operator', `Taker ${locale}`)).browser;
    const { draft } = await taken.call('RecordService/CreateDraft', {
      contentJson: JSON.stringify(exampleContent('hotline-report')),
    });
    await taken.call('RecordService/SubmitDraft', { draftId: draft?.id ?? '', note: '' });
    const { page, complaints } = await shown.officer(controller(`Seen ${locale}`), {
      locale,
      viewport: { width, height },
      colorScheme,
    });
    for (const [name, path, shows] of [
      ['queue', '/hotline', '.report-row'],
      ['intake', '/hotline/new', 'textarea'],
      ['report', `/hotline/report/${draft?.id}`, '.as-told'],
      ['warning', '/hotline/warning', '.area-map canvas'],
    ] as const) {
      await page.goto(`${shown.origin}${path}`);
      await page.locator(shows).first().waitFor();
      await page.waitForLoadState('networkidle').catch(() => undefined);
      await picture(page, `${name}-${width}-${locale}`);
      expect(await violationsOf(page), name).toEqual([]);
      expect(await overflowOf(page), name).toBeLessThanOrEqual(0);
    }
    expect(complaints).toEqual([]);
    await page.context().close();
  });
});
