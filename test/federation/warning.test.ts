/**
 * A flash warning of a hotline at its partners, with real nodes, broker and browsers (journey J3, step 8): who has it and who took it
 * in hand is seen at the hotline while its page stays open; who is not reached is seen as well; no officer's name travels.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { demoAccounts, officerDir } from '../../src/cli/demo/federation.ts';
import type { Cast } from '../../src/cli/demo/story.ts';
import { DeskGroup } from '../../src/gen/tocsin/record/v1/marking.ts';
import { Receipt, ReceiptKind } from '../../src/gen/tocsin/record/v1/receipt.ts';
import { tocsin } from '../support/command.ts';
import {
  enterByLink,
  openWindow,
  PICTURES,
  startChromium,
  violationsOf,
} from '../support/console-browser.ts';
import { exampleContent } from '../support/contents.ts';
import { eventually, TestFederation } from '../support/federation.ts';
import { NodeView } from '../support/hostile-view.ts';

const state = (id: string): Cast => ({
  id,
  name: `State ${id}`,
  country: id,
  role: 'national',
  groups: ['sac', 'adequate'],
  deskGroups: ['police'],
});
const CASTING: readonly Cast[] = [
  { id: 'HS', name: 'Pelican Line', role: 'hotline', groups: ['sac'], deskGroups: ['hotline'] },
  state('XL'),
  state('XG'),
];

let federation: TestFederation;
let chromium: Browser;

beforeAll(async () => {
  federation = await TestFederation.found({ cast: CASTING, consoles: true });
  await federation.startAll();
  chromium = await startChromium();
});
afterAll(async () => {
  await chromium?.close();
  await federation?.[Symbol.asyncDispose]();
});

function accountOf(node: string, role: string) {
  const account = demoAccounts(federation.federation).find((one) => one.node === node && one.role === role);
  if (account === undefined) throw new Error(`expected an account of a ${role} at ${node}`);
  return account;
}

async function officer(node: string, role: string): Promise<Page> {
  const account = accountOf(node, role);
  const { page } = await openWindow(chromium);
  await enterByLink(page, account.link, Date.now());
  await page.goto(`${new URL(account.link).origin}/`);
  await page.locator('.board, .empty').first().waitFor();
  return page;
}

describe('a flash warning', () => {
  test('is seen by its hotline to be received, taken in hand, or not to arrive', async () => {
    const [hs, xl] = [new NodeView(federation, 'HS'), new NodeView(federation, 'XL')];
    // XG's node is down this night.
    await federation.signal('XG', 'SIGTERM');
    const digest = await federation.release(
      'HS',
      {
        ...(exampleContent('warning', Date.now()) as object),
        priority: 'flash',
        deskGroup: 'hotline',
        marking: { releasableTo: ['sac'] },
      },
      'hotline',
    );
    await xl.received(digest);
    const controller = await officer('HS', 'controller');
    await controller.goto(
      `${new URL(controller.url()).origin}/hotline/broadcast/${Buffer.from(digest).toString('base64url')}`,
    );
    const partner = (id: string) => controller.locator(`[data-partner="${id}"]`);
    await partner('XL').locator('.chip', { hasText: 'Received' }).waitFor();
    await partner('XG').locator('.chip', { hasText: 'Sent' }).waitFor();

    const police = await officer('XL', 'officer');
    await police.locator('.board-row').first().click();
    await police.getByRole('button', { name: 'Take in hand' }).click();
    const { name } = accountOf('XL', 'officer');
    await police.locator('.record-head').getByText(name).waitFor();

    // The hotline's page follows by itself.
    await partner('XL').locator('.chip', { hasText: 'In hand' }).waitFor();
    await partner('XL').getByText('In hand: Police').waitFor();
    await controller.screenshot({ path: join(PICTURES, 'hotline-federation.png'), fullPage: true });
    expect(await violationsOf(controller)).toEqual([]);

    const desk = federation.desk('HS', 'hotline');
    const { progress } = await desk.records.getRecord({ headerDigest: Buffer.from(digest) });
    const [acknowledged] = progress.find(({ node }) => node === 'XL')?.acknowledgements ?? [];
    // The partner's signed word: a leaf of its own log, which says which desk and when, and no name.
    const digestOfWord = acknowledged?.receiptDigest ?? Buffer.alloc(0);
    const [record] = hs.rows(
      'SELECT kind, originator, leaf_index FROM record WHERE header_digest = ?',
      digestOfWord,
    );
    expect(record).toMatchObject({ kind: 'receipt', originator: 'XL', leaf_index: expect.any(Number) });
    const [facet] = hs.rows('SELECT body FROM facet WHERE header_digest = ?', digestOfWord);
    const body = facet?.body instanceof Uint8Array ? facet.body : new Uint8Array();
    const { kind, items } = Receipt.decode(body);
    expect(kind).toBe(ReceiptKind.RECEIPT_KIND_ACKNOWLEDGED);
    expect(items).toMatchObject([{ deskGroup: DeskGroup.DESK_GROUP_POLICE, at: acknowledged?.at }]);
    expect(Buffer.from(body).includes(name)).toBe(false);

    // Once XG is back it has the warning without anybody doing anything.
    await federation.startNode('XG');
    await partner('XG').locator('.chip', { hasText: 'Received' }).waitFor({ timeout: 60_000 });
    // A parcel that was sent again is answered by its receipt again; nothing else was refused.
    const refused = [...hs.refusals(), ...xl.refusals()].filter(({ reason }) => reason !== 'REPLAY');
    expect(refused).toEqual([]);
  });

  test('goes from the call to its end by the command alone, each officer with his own certificate', async () => {
    const dir = join(federation.dir, 'night');
    mkdirSync(dir);
    const as = (node: string, desk: string, post: 'officer' | 'second' | 'releaser' = 'officer') =>
      officerDir(federation.federation, node, desk, post);
    const [taker, second, controller] = [
      as('HS', 'hotline'),
      as('HS', 'hotline', 'second'),
      as('HS', 'hotline', 'releaser'),
    ];
    const json = async (args: readonly string[], officerFolder: string, stdin = '') => {
      const ran = await tocsin(['--json', ...args, '--officer', officerFolder], { stdin });
      expect({ args, exitCode: ran.exitCode, stderr: ran.stderr }).toEqual({ args, exitCode: 0, stderr: '' });
      return JSON.parse(ran.stdout) as Readonly<Record<string, unknown>>;
    };
    const call = ['--category', 'movement', '--imminence', 'hours', '--region', 'XL-N', '--language', 'pt'];
    const taken = await json(
      ['hotline', 'intake', '-', ...call],
      taker,
      'Vi três camiões sem luzes passar junto da ponte velha.',
    );
    const draft = String(taken.draft);
    const triage = ['--decision', 'warning', '--credibility', '3', '--three-could-have-known'];
    const scrubArgs = ['hotline', 'scrub', draft, '-', ...triage];
    const own = await tocsin([...scrubArgs, '--officer', taker], { stdin: 'Camiões sem luzes.' });
    expect([own.exitCode, own.stderr]).toEqual([3, expect.stringContaining('FOUR_EYES')]);
    await json(scrubArgs, second, 'Camiões sem luzes seguem de noite.');
    const entered = await json(['hotline', 'register', draft, '--who-could-have-known'], controller);
    writeFileSync(
      join(dir, 'warning.json'),
      JSON.stringify({
        texts: [
          { language: 'pt', headline: 'Movimento de armas no norte' },
          { language: 'fr', headline: 'Mouvement d’armes dans le nord' },
        ],
      }),
    );
    const flash = ['--to', 'sac', '--priority', 'flash', '--broadcast'];
    const sent = await json(
      ['hotline', 'warn', join(dir, 'warning.json'), '--report', String(entered.header), ...flash],
      controller,
    );
    expect(sent).toMatchObject({ recipients: ['XG', 'XL'], countersignDue: true });
    const warning = String(sent.header);
    await new NodeView(federation, 'XL').received(Buffer.from(warning, 'hex'));
    await json(['record', 'acknowledge', warning], as('XL', 'police'));
    const seen = await eventually('the hotline sees who has it in hand', async () => {
      const { partners } = await json(['hotline', 'progress', warning], taker);
      const xl = (partners as readonly { node: string; state: string }[]).find(({ node }) => node === 'XL');
      return xl?.state === 'acknowledged' ? xl : undefined;
    });
    expect(seen).toMatchObject({ acknowledgements: [{ deskGroup: 'police' }], overdue: false });
    const cancelled = await json(['hotline', 'cancel', warning, '--broadcast'], controller);
    await new NodeView(federation, 'XL').received(Buffer.from(String(cancelled.header), 'hex'));
  });
});
