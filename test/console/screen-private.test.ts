/**
 * Partners asked in private, in real Chromium: one officer hands on what is to be asked, by keys alone; a releaser decides, and reads of
 * each partner what came of it. In five languages, on a telephone and on a wide screen. All names are made up.
 */
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ar } from '../../src/console/text/ar.ts';
import { en } from '../../src/console/text/en.ts';
import { es } from '../../src/console/text/es.ts';
import { fr } from '../../src/console/text/fr.ts';
import { pt } from '../../src/console/text/pt.ts';
import { screen as arScreen } from '../../src/console/text/screen/ar.ts';
import { screen as enScreen } from '../../src/console/text/screen/en.ts';
import { screen as esScreen } from '../../src/console/text/screen/es.ts';
import { screen as frScreen } from '../../src/console/text/screen/fr.ts';
import { screen as ptScreen } from '../../src/console/text/screen/pt.ts';
import {
  PrivateScreening,
  PrivateScreeningOutcome,
  PrivateScreenRequest,
} from '../../src/gen/tocsin/desk/v1/screening_service.ts';
import { DeskGroup, Purpose } from '../../src/gen/tocsin/record/v1/marking.ts';
import { ConsoleWorld, overflowOf, PICTURES, violationsOf } from '../support/console-browser.ts';
import { clock } from '../unit/desk/desk-world.ts';

let shown: ConsoleWorld;

beforeAll(async () => {
  shown = await ConsoleWorld.open();
  await answered('Lomvarsk Quillon Trumsovic');
});
afterAll(() => shown?.[Symbol.asyncDispose]());

/** What a partner that listed somebody answered, as it is kept: partners of this world are away. */
async function answered(name: string): Promise<void> {
  const at = clock.nowMs();
  const id = 'ab'.repeat(16);
  const answer = (partner: string, outcome: PrivateScreeningOutcome) => ({
    partner,
    outcome,
    code: '',
    message: '',
    questions: 1,
    hits:
      outcome === PrivateScreeningOutcome.PRIVATE_SCREENING_OUTCOME_HIT
        ? [
            {
              headerDigest: Buffer.alloc(32, 1),
              recordId: Buffer.alloc(16, 2),
              agree: ['words'],
              taskingDigest: Buffer.alloc(32, 3),
              tasking: undefined,
            },
          ]
        : [],
    more: false,
  });
  const answers = [
    answer('XB', PrivateScreeningOutcome.PRIVATE_SCREENING_OUTCOME_HIT),
    answer('XC', PrivateScreeningOutcome.PRIVATE_SCREENING_OUTCOME_NO_HIT),
  ];
  await shown.world.xa.temporary.store.write(async ({ privateInquiries }) => {
    await privateInquiries.add({
      id,
      deskGroup: DeskGroup.DESK_GROUP_POLICE,
      purpose: Purpose.PURPOSE_INVESTIGATION,
      question: PrivateScreenRequest.encode(
        PrivateScreenRequest.fromPartial({
          names: [name],
          partners: ['XB', 'XC'],
          reason: 'He stands at the border.',
        }),
      ).finish(),
      asker: 'somebody',
      askerName: 'Ola Officer',
      askedAt: at,
      keptUntil: at + 3_600_000,
    });
    const decided = { decider: 'other', deciderName: 'Rut Releaser', decidedAt: at, note: '' };
    await privateInquiries.decide(id, 'asking', { ...decided, keptUntil: at + 3_600_000 });
    const body = PrivateScreening.encode(PrivateScreening.fromPartial({ answers })).finish();
    await privateInquiries.answer(id, body, at + 3_600_000, true);
  });
}

const WINDOWS = [
  { locale: 'en-GB', width: 1440, height: 900, colorScheme: 'light', words: { ...en, ...enScreen } },
  { locale: 'fr', width: 360, height: 740, colorScheme: 'light', words: { ...fr, ...frScreen } },
  { locale: 'es', width: 1440, height: 900, colorScheme: 'dark', words: { ...es, ...esScreen } },
  { locale: 'pt', width: 360, height: 740, colorScheme: 'dark', words: { ...pt, ...ptScreen } },
  { locale: 'ar', width: 360, height: 740, colorScheme: 'dark', words: { ...ar, ...arScreen } },
  { locale: 'ar', width: 1440, height: 900, colorScheme: 'light', words: { ...ar, ...arScreen } },
] as const;

describe.each(WINDOWS)('in $locale at $width px', ({ locale, width, height, colorScheme, words }) => {
  const name = `Borgatil Venskadze ${locale} ${width}`;
  let officer: { readonly page: Page; readonly complaints: string[] };
  let releaser: typeof officer;
  const enter = async (role: 'officer' | 'releaser') => {
    const opened = await shown.officer(
      { name: `Noor ${role} ${locale} ${width}`, deskGroup: 'police', role },
      { locale, viewport: { width, height }, colorScheme },
    );
    await opened.page.goto(`${shown.origin}/screen/private`);
    await opened.page.getByLabel(words['private.names']).waitFor();
    return opened;
  };
  const isSound = async ({ page, complaints }: typeof officer, picture: string) => {
    await page.screenshot({
      path: join(PICTURES, `screen-private-${picture}-${width}-${locale}.png`),
      fullPage: true,
    });
    expect(await violationsOf(page)).toEqual([]);
    expect(await overflowOf(page)).toBeLessThanOrEqual(0);
    expect(complaints).toEqual([]);
  };
  const cardOf = (page: Page, text: string) => page.locator('section.card', { hasText: text });

  beforeAll(async () => {
    officer = await enter('officer');
    releaser = await enter('releaser');
  });

  it('an officer hands it on by keys alone, and may not approve it', async () => {
    const { page } = officer;
    await page.getByLabel(words['private.names']).focus();
    await page.keyboard.type(`${name}\n${name.replace('Borgatil', 'Borgatyl')}`);
    // Kind of number, who issued it, the number, two partners.
    for (const text of ['', 'xa', 'P 4417/02', '', '']) {
      await page.keyboard.press('Tab');
      if (text !== '') await page.keyboard.type(text);
    }
    await page.keyboard.press('Space');
    await page.keyboard.press('Tab');
    await page.keyboard.type('Applies for a licence.');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Tab');
    await isSound(officer, 'form');
    await page.keyboard.press('Enter');
    const card = cardOf(page, name);
    await card.getByText(words['private.state.PRIVATE_SCREENING_STATE_OPEN']).waitFor();
    expect(await card.textContent()).toContain('P 4417/02');
    // XC was taken out.
    expect(await card.getByText('XB').count()).toBe(1);
    expect(await card.getByText('XC').count()).toBe(0);
    await card.getByText(words['private.own']).waitFor();
    expect(await card.getByRole('button', { name: words['private.approve'] }).count()).toBe(0);
    expect(await card.getByRole('button', { name: words['private.takeBack'] }).count()).toBe(1);
    await isSound(officer, 'handed');
  });

  it('a releaser approves it, and reads of each partner why there is no answer', async () => {
    const { page } = releaser;
    await page.goto(shown.origin);
    const duty = page.locator('.duty', { hasText: words['duty.DUTY_KIND_DECIDE_PRIVATE_SCREENING'] });
    await duty.first().waitFor();
    expect(await duty.first().textContent()).not.toContain('Venskadze');
    await isSound(releaser, 'duty');
    await duty.first().click();
    await page.getByLabel(words['private.names']).waitFor();
    const card = cardOf(page, name);
    await card.getByRole('button', { name: words['private.approve'] }).focus();
    await page.keyboard.press('Enter');
    await card.getByText(words['private.code.PARTNER_UNREACHABLE']).waitFor();
    await card.getByText(words['private.state.PRIVATE_SCREENING_STATE_ANSWERED'], { exact: true }).waitFor();
    expect(await card.getByRole('button').count()).toBe(0);
    const hit = cardOf(page, 'Lomvarsk');
    await hit.getByText(words['private.lead']).waitFor();
    await hit.getByText(`XC: ${words['private.outcome.PRIVATE_SCREENING_OUTCOME_NO_HIT']}`).waitFor();
    await isSound(releaser, 'answered');
  });

  it('who asked takes it back with a reason, and a releaser does not release his own', async () => {
    const { page } = releaser;
    await page.getByLabel(words['private.names']).fill(`Edmund Larkspur ${locale} ${width}`);
    await page.getByLabel(words['private.why']).fill('A mistake.');
    await page.getByRole('button', { name: words['private.ask'] }).click();
    const card = cardOf(page, `Edmund Larkspur ${locale} ${width}`);
    await card.getByText(words['private.own']).waitFor();
    expect(await card.getByRole('button', { name: words['private.approve'] }).count()).toBe(0);
    await card.getByRole('button', { name: words['private.takeBack'] }).click();
    const again = card.getByRole('button', { name: words['private.takeBack'] });
    expect(await again.isDisabled()).toBe(true);
    await card.getByLabel(words['private.note']).fill('Asked elsewhere.');
    await again.click();
    await card.getByText(words['private.state.PRIVATE_SCREENING_STATE_DECLINED']).waitFor();
    await card.getByText('Asked elsewhere.').waitFor();
    await isSound(releaser, 'taken-back');
  });
});

it('a node that takes no part shows nothing of it', async () => {
  await using other = await ConsoleWorld.open({ privatePartners: [] });
  const { page } = await other.officer({ name: 'Noor Nowhere', deskGroup: 'police', role: 'releaser' });
  const status = page.waitForResponse(/GetScreeningStatus/);
  await page.goto(`${other.origin}/screen`);
  expect(await (await status).json()).toMatchObject({ privatePartners: [] });
  await page.getByRole('link', { name: enScreen['screen.past'] }).waitFor();
  expect(await page.getByRole('link', { name: enScreen['screen.private'] }).count()).toBe(0);
});
