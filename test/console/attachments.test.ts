/** Files in real Chromium: into a draft over a link that breaks, what the node took out of them, and how others see them. */
import { join } from 'node:path';
import { deflateSync } from 'node:zlib';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { keepFile } from '../support/attachments.ts';
import { ConsoleWorld, overflowOf, PICTURES, violationsOf, type Who } from '../support/console-browser.ts';
import { exampleContent } from '../support/contents.ts';
import { CANARIES, PNG_END, PNG_SIGNATURE, pngChunk } from '../support/pictures.ts';

let shown: ConsoleWorld;

beforeAll(async () => {
  shown = await ConsoleWorld.open();
});
afterAll(() => shown[Symbol.asyncDispose]());

const [, , , AUTHOR] = CANARIES;
const WIDTH = 320;
const HEIGHT = 200;

/** A picture that decodes, with its author and so many bytes of camera notes. */
function photograph(notes = 60_000): Buffer {
  const head = Buffer.alloc(13);
  head.writeUInt32BE(WIDTH, 0);
  head.writeUInt32BE(HEIGHT, 4);
  head.set([8, 2, 0, 0, 0], 8);
  const rows = Buffer.alloc(HEIGHT * (1 + WIDTH * 3), 120);
  for (let row = 0; row < HEIGHT; row += 1) rows[row * (1 + WIDTH * 3)] = 0;
  return Buffer.concat([
    PNG_SIGNATURE,
    pngChunk('IHDR', head),
    pngChunk('tEXt', Buffer.from(`Author\0${AUTHOR}`, 'latin1')),
    pngChunk('maKr', Buffer.alloc(notes, 7)),
    pngChunk('IDAT', deflateSync(rows)),
    PNG_END,
  ]);
}

const fileNamed = (name: string, buffer: Buffer) => ({ name, mimeType: 'application/octet-stream', buffer });

const post = <Answer>(page: Page, path: string, body: object): Promise<Answer> =>
  page.evaluate(
    async ([to, content]) => {
      const response = await fetch(`/api/v1${to}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(content),
      });
      return (await response.json()) as never;
    },
    [path, body] as const,
  );

/** Into a field that every kind has. */
async function write(page: Page, text: string): Promise<void> {
  const comment = page.locator('[data-path="facets.assessment.comment"]');
  await page
    .locator('details.facet-form', { has: comment })
    .evaluate((facet) => facet.setAttribute('open', ''));
  await comment.fill(text);
}

interface Draft {
  readonly draft: { readonly id: string };
  readonly contentJson: string;
}

/** A draft of the officer, with its files open. */
async function draftOf(page: Page): Promise<string> {
  await page.goto(`${shown.origin}/`);
  const { draft } = await post<Draft>(page, '/RecordService/CreateDraft', {
    contentJson: JSON.stringify(exampleContent('seizure-notice')),
  });
  await page.goto(`${shown.origin}/draft/${draft.id}`);
  await page.locator('.notice.good').waitFor();
  await page.locator('.attach > summary').click();
  return draft.id;
}

const choose = (page: Page, ...files: readonly ReturnType<typeof fileNamed>[]) =>
  page.locator('.attach input[multiple]').setInputFiles([...files]);

/** Describes the only file that was chosen, and uploads it. */
async function upload(page: Page, caption: string): Promise<void> {
  const waiting = page.locator('.attach li', { has: page.locator('.upload') });
  await waiting.getByLabel('What it shows').fill(caption);
  await page.getByLabel('It belongs to').selectOption('SENSITIVITY_CLASS_OPERATIONAL');
  await page.getByRole('button', { name: 'Upload', exact: true }).click();
}

const who = (name: string, role: Who['role'] = 'officer'): Who => ({ name, deskGroup: 'customs', role });

describe('a file of a draft', () => {
  it('is uploaded and cleaned, shown to the releaser and to readers, drawn on demand, and downloaded without what was hidden', async () => {
    const { page, complaints } = await shown.officer(who('Noor Photographs'));
    const draftId = await draftOf(page);
    await choose(page, fileNamed('IMG_0042.png', photograph()));
    expect(await page.getByRole('button', { name: 'Upload', exact: true }).isDisabled()).toBe(true);
    await upload(page, 'Open crate <b>with</b> plates');
    await page.getByText(/hidden data removed: 60 kB/).waitFor();
    await page.getByText('Kept on this device').waitFor();
    const words = (await page.locator('.attach').textContent()) ?? '';
    const caption = page.locator('.attach .file').getByLabel('What it shows');
    expect(await caption.inputValue()).toBe('Open crate <b>with</b> plates');
    expect(words).toContain('PNG');
    expect(words).not.toContain('IMG_0042');
    await page.locator('.attach').screenshot({ path: join(PICTURES, 'attach-uploaded.png') });
    expect(await violationsOf(page)).toEqual([]);
    expect(await overflowOf(page)).toBeLessThanOrEqual(0);
    await page.getByRole('button', { name: 'Submit for release' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Submit for release' }).click();
    await page.getByText('Submitted. A second officer releases it.').waitFor();
    expect(complaints).toEqual([]);
    await page.context().close();

    const releaser = await shown.officer(who('Rui Releases', 'releaser'));
    const second = releaser.page;
    await second.goto(`${shown.origin}/draft/${draftId}`);
    await second.locator('.preview-frame button').waitFor();
    const frame = () =>
      second.evaluate(
        `(({ x, y, width, height }) => [x, y + scrollY, width, height, document.documentElement.scrollHeight])(
          document.querySelector('.preview-frame').getBoundingClientRect())`,
      );
    const before = await frame();
    await second.locator('.preview-frame button').click();
    const picture = second.locator('.preview-frame img');
    await picture.waitFor();
    await second.waitForFunction(`document.querySelector('.preview-frame img')?.naturalWidth === ${WIDTH}`);
    expect(await frame()).toEqual(before);
    expect(await picture.getAttribute('src')).toMatch(/^blob:/);
    await second.getByRole('button', { name: 'Release', exact: true }).click();
    await second.getByRole('dialog').getByRole('button', { name: 'Release', exact: true }).click();
    await second.locator('.record-facets .files').waitFor();
    await second.locator('.preview-frame button').click();
    await second.locator('.preview-frame img').waitFor();
    await second.locator('.record-facets').screenshot({ path: join(PICTURES, 'attach-record.png') });
    expect(await violationsOf(second)).toEqual([]);
    expect(await overflowOf(second)).toBeLessThanOrEqual(0);
    // No key of a file stands on a page.
    expect(await second.locator('.record').textContent()).not.toMatch(/file key|fileKey/i);

    const coming = second.waitForEvent('download');
    await second.getByRole('link', { name: /Download/ }).click();
    const download = await coming;
    const chunks: Buffer[] = [];
    for await (const chunk of await download.createReadStream()) chunks.push(chunk as Buffer);
    const bytes = Buffer.concat(chunks);
    expect(bytes.subarray(0, 8)).toEqual(PNG_SIGNATURE);
    expect(bytes.includes(AUTHOR)).toBe(false);
    expect(download.suggestedFilename()).toMatch(/^Open crate .*plates\.png$/);
    expect(releaser.complaints).toEqual([]);
    await second.context().close();
  });

  it('is refused in words when it is too large, empty, damaged or of another type, and nothing that was typed is lost', async () => {
    const { page } = await shown.officer(who('Noor Chooses'));
    await draftOf(page);
    await choose(
      page,
      fileNamed('large.png', Buffer.alloc(10 * 1024 * 1024 + 1)),
      fileNamed('none.txt', Buffer.alloc(0)),
    );
    await page.getByText('It is larger than 10 MB.').waitFor();
    await page.getByText('It is empty.').waitFor();
    expect(await page.getByRole('button', { name: 'Upload', exact: true }).count()).toBe(0);
    await page.getByRole('button', { name: 'Leave out' }).first().click();
    await page.getByRole('button', { name: 'Leave out' }).click();

    // Refused by its first bytes, here and without a byte of it sent.
    const sent: string[] = [];
    page.on('request', (one) => sent.push(one.method()));
    await choose(
      page,
      fileNamed('scan.pdf', Buffer.concat([Buffer.from('%PDF-1.7\n'), Buffer.alloc(9_000_000, 32)])),
    );
    await upload(page, 'Scanned licence');
    await page.getByText('The node takes pictures and plain text only.').waitFor();
    expect(sent).not.toContain('PUT');
    await page.getByRole('button', { name: 'Leave out' }).click();

    // Refused by the node, while most of it is still on its way.
    await choose(
      page,
      fileNamed('page.txt', Buffer.concat([Buffer.from('<!doctype html>\n'), Buffer.alloc(9_000_000, 32)])),
    );
    await upload(page, 'Saved page');
    await page.getByText('The node takes pictures and plain text only.').waitFor();
    expect(sent).toContain('PUT');
    await page.getByRole('button', { name: 'Leave out' }).click();

    await choose(page, fileNamed('half.png', photograph().subarray(0, 200)));
    await upload(page, 'Half a picture');
    await page.locator('.attach .fault').waitFor();
    expect(await page.locator('.attach .fault').textContent()).toMatch(/damaged|ends too early/);

    // What was chosen is not forgotten on the way to the releaser.
    await page.getByRole('button', { name: 'Submit for release' }).click();
    expect(await page.getByRole('dialog').count()).toBe(0);
    await page.getByText('Chosen, and not in the draft yet: 1.').waitFor();
    await page.context().close();
  });

  it('survives a link that breaks in the middle, and is taken out and put back', async () => {
    const { page } = await shown.officer(who('Noor Far Away'), { serviceWorkers: 'block' });
    const draftId = await draftOf(page);
    await choose(page, fileNamed('a.png', photograph(4_000_000)));
    await page.route('**/attachments/**', (route) => route.abort('connectionreset'));
    await upload(page, 'Crate in the rain');
    await page.getByText('The link broke. The file is still chosen').waitFor();
    expect(await page.getByLabel('What it shows').inputValue()).toBe('Crate in the rain');
    await page.unroute('**/attachments/**');
    await page.getByRole('button', { name: 'Try again' }).click();
    await page.getByText(/hidden data removed: 4 MB/).waitFor();
    const files = async () =>
      (
        JSON.parse((await post<Draft>(page, '/RecordService/GetDraft', { draftId })).contentJson) as {
          facets: { attachments?: { files: readonly { caption: string }[] } };
        }
      ).facets.attachments?.files.map(({ caption }) => caption) ?? [];
    expect(await files()).toEqual(['Crate in the rain']);

    // Another caption is typed where it stands, and is the node's with the next save.
    await page.locator('.attach .file').getByLabel('What it shows').fill('Crate 4 in the rain');
    await page.getByText('Kept on this device').waitFor();
    await page.getByRole('button', { name: 'Save at the node' }).click();
    await expect.poll(files).toEqual(['Crate 4 in the rain']);
    await page.reload();
    await page.locator('.attach .file').waitFor();
    const caption = page.locator('.attach .file').getByLabel('What it shows');
    expect(await caption.inputValue()).toBe('Crate 4 in the rain');
    await caption.fill('');
    await page.locator('.notice.good').waitFor();
    await page.getByRole('button', { name: 'Save at the node' }).click();
    await expect.poll(files).toEqual([undefined]);
    await caption.fill('Crate in the rain');
    for (const width of [1440, 360]) {
      await page.setViewportSize({ width, height: 800 });
      await page.locator('.attach').screenshot({ path: join(PICTURES, `attach-caption-${width}.png`) });
      expect(await violationsOf(page)).toEqual([]);
      expect(await overflowOf(page)).toBeLessThanOrEqual(0);
    }
    await page.setViewportSize({ width: 1440, height: 900 });

    await page.locator('.attach').getByRole('button', { name: 'Remove', exact: true }).click();
    await page.getByRole('button', { name: 'Save at the node' }).click();
    await expect.poll(files).toEqual([]);
    // That of the save before may still stand beside it.
    await page.getByText('Saved. Nobody else has been asked yet.').last().waitFor();
    await page.getByRole('button', { name: 'Undo' }).click();
    await page.locator('.attach .file').waitFor();
    await page.locator('.notice.good').waitFor();
    await page.getByRole('button', { name: 'Save at the node' }).click();
    await expect.poll(files).toEqual(['Crate in the rain']);

    await shown.link.cut();
    await write(page, 'Written without a link');
    await page.getByText('Files need the link to the node.').waitFor();
    await shown.link.mend();
    await page.context().close();
  });
});

/** A record of XB's with files as a hostile node could state them; its path here. */
async function hostileRecord(): Promise<string> {
  const { xa, xb } = shown.world;
  const page = Buffer.from('<!doctype html><script>window.ran = 1; document.title = "ran"</script>');
  const stated = [
    ['text/html', '<img src=x onerror="window.ran = 1">'],
    ['image/svg+xml', `${'W'.repeat(400)}`],
    ['image/png', 'a page that says it is a picture'],
  ] as const;
  const files = [];
  for (const [index, [mime, caption]] of stated.entries()) {
    const bytes = Buffer.concat([page, Buffer.from(`<!-- ${index} -->`)]);
    const kept = await keepFile({ ...xb.temporary }, bytes);
    await keepFile({ ...xa.temporary }, bytes, { fileKey: kept.fileKey });
    files.push({
      sha256: kept.sha256.toString('base64'),
      blobSha256: kept.blobSha256.toString('base64'),
      fileKey: kept.fileKey.toString('base64'),
      mime,
      size: kept.size,
      caption,
      class: 'operational',
      metadataStripped: true,
    });
  }
  const content = exampleContent('seizure-notice') as { readonly facets: object };
  const headerDigest = await shown.world.release(xb, {
    ...content,
    marking: { releasableTo: ['XA'], purposes: ['investigation'], alsoFacets: ['attachments'] },
    facets: { ...content.facets, attachments: { files } },
  });
  await shown.world.deliver(headerDigest);
  return `/record/${Buffer.from(headerDigest).toString('base64url')}`;
}

it('a partner’s page that says it is a picture runs nowhere, and is kept as a file alone', async () => {
  const path = await hostileRecord();
  const { page } = await shown.officer(
    { name: 'Ines Investigates', deskGroup: 'police', role: 'officer' },
    { viewport: { width: 360, height: 740 } },
  );
  await page.goto(`${shown.origin}${path}`);
  await page.locator('.files .file').nth(2).waitFor();
  // Only what is a picture by its type is offered to be looked at; and that one cannot be decoded.
  expect(await page.locator('.preview-frame button').count()).toBe(1);
  await page.locator('.preview-frame button').click();
  await page.getByText('It cannot be shown here. Download it.').waitFor();
  expect(await page.locator('.files').textContent()).toContain('<img src=x onerror="window.ran = 1">');
  expect(await overflowOf(page)).toBeLessThanOrEqual(0);
  await page.screenshot({ path: join(PICTURES, 'attach-hostile.png'), fullPage: true });
  const links = await page
    .locator('.files a')
    .evaluateAll((all) => all.map((one) => one.getAttribute('href')));
  for (const href of links) {
    const answer = await page.evaluate(async (address) => {
      const { headers } = await fetch(address);
      return ['content-disposition', 'content-security-policy', 'x-content-type-options'].map((name) =>
        headers.get(name),
      );
    }, href ?? '');
    expect(answer[0]).toMatch(/^attachment; filename\*=UTF-8''/);
    expect(answer[1]).toMatch(/sandbox/);
    expect(answer[2]).toBe('nosniff');
  }
  expect(links).toHaveLength(3);
  expect(await page.evaluate('window.ran')).toBeUndefined();
  await page.context().close();
});

const WINDOWS = [
  { of: '1440 px, English, light', locale: 'en-GB', width: 1440, height: 900, colorScheme: 'light' },
  { of: '360 px, Arabic, dark', locale: 'ar', width: 360, height: 740, colorScheme: 'dark' },
] as const;

describe.each(WINDOWS)('at $of', ({ locale, width, height, colorScheme }) => {
  it('choosing files has nothing that axe minds, by keyboard too', async () => {
    const { page, complaints } = await shown.officer(who(`Noor ${locale}`), {
      locale,
      viewport: { width, height },
      colorScheme,
    });
    await draftOf(page);
    await choose(page, fileNamed('قلم.png', photograph()), fileNamed('large.txt', Buffer.alloc(11_000_000)));
    await page.locator('.attach .files li').nth(1).waitFor();
    await page.locator('.attach input[multiple]').focus();
    expect(
      await page.evaluate(`getComputedStyle(document.querySelector('.attach .chooser')).outlineStyle`),
    ).toBe('solid');
    await page.locator('.attach').screenshot({ path: join(PICTURES, `attach-${width}-${locale}.png`) });
    expect(await violationsOf(page)).toEqual([]);
    expect(await overflowOf(page)).toBeLessThanOrEqual(0);
    expect(complaints).toEqual([]);
    await page.context().close();
  });
});
