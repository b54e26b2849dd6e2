/** A workbook of tens of thousands of rows in real Chromium: a worker reads and writes it, and the page answers meanwhile. */
import { readFileSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { en as enCommon } from '../../src/console/text/en.ts';
import { screen as enScreen } from '../../src/console/text/screen/en.ts';
import { readTable, writeXlsx } from '../../src/screening/batch/index.ts';
import { ConsoleWorld, violationsOf } from '../support/console-browser.ts';

const words = { ...enCommon, ...enScreen };
const ROWS = 60_000;
/** Read or written where the page is drawn, such a file holds a frame up for all of the time that it takes: a second and longer. */
const LONGEST_FRAME_MS = 600;
const LONGEST_SHARE = 1 / 2;

let shown: ConsoleWorld;
let folder: string;
let large: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tocsin-large-'));
  large = join(folder, 'large.xlsx');
  const details = Array.from({ length: 8 }, (_, at) => at);
  writeFileSync(
    large,
    writeXlsx({
      header: ['Declaration', 'IMO number', ...details.map((at) => `Detail ${at}`)],
      rows: Array.from({ length: ROWS }, (_, row) => [
        `D-${row}`,
        // Few, so that a budget is no part of this.
        row % 20_000 === 0 ? '0001016' : '',
        ...details.map((at) => `crate ${row} of lot ${at}`),
      ]),
    }),
  );
  shown = await ConsoleWorld.open();
});
afterAll(async () => {
  await shown?.[Symbol.asyncDispose]();
  await rm(folder, { recursive: true });
});

/** Counts frames from now on. */
const tick = (page: Page): Promise<unknown> =>
  page.evaluate(`{
    const began = performance.now();
    const ticking = { longest: 0, frames: 0, last: began, began };
    globalThis.ticking = ticking;
    const next = () => {
      const now = performance.now();
      ticking.longest = Math.max(ticking.longest, now - ticking.last);
      ticking.last = now;
      ticking.frames += 1;
      if (globalThis.ticking === ticking) requestAnimationFrame(next);
    };
    requestAnimationFrame(next);
    new PerformanceObserver((list) => {
      for (const { duration } of list.getEntries()) ticking.longest = Math.max(ticking.longest, duration);
    }).observe({ type: 'longtask' });
  }`);
interface Ticked {
  readonly longest: number;
  readonly frames: number;
  readonly tookMs: number;
}

/** The longest frame or task since, milliseconds, how many frames there were, and in what time. */
const ticked = (page: Page): Promise<Ticked> =>
  page.evaluate(`(() => {
    const { longest, frames, last, began } = globalThis.ticking;
    const now = performance.now();
    return { longest: Math.max(longest, now - last), frames, tookMs: now - began };
  })()`);

/** A busy machine is slow with all of it: then the share counts. */
function expectAnswering({ longest, frames, tookMs }: Ticked): void {
  expect(longest).toBeLessThan(Math.max(LONGEST_FRAME_MS, tookMs * LONGEST_SHARE));
  expect(frames).toBeGreaterThan(5);
}

const screener = async (options: Parameters<ConsoleWorld['officer']>[1] = {}) => {
  const opened = await shown.officer(
    { name: `Noor ${Math.random()}`, deskGroup: 'police', role: 'officer' },
    { acceptDownloads: true, ...options },
  );
  await opened.page.goto(`${shown.origin}/screen/batch`);
  await opened.page.getByLabel(words['screen.file']).waitFor();
  return opened;
};

describe('a large workbook', () => {
  it('is read and written without holding up a frame of the page', async () => {
    const { page, complaints } = await screener();
    await tick(page);
    await page.evaluate('{ const from = performance.now(); while (performance.now() - from < 700); }');
    expect((await ticked(page)).longest, 'the measure itself').toBeGreaterThan(LONGEST_FRAME_MS);

    await tick(page);
    await page.getByLabel(words['screen.file']).setInputFiles(large);
    await page.locator('.mapping').waitFor();
    expectAnswering(await ticked(page));
    await page.locator('form button[type="submit"]').click();
    const download = page.getByRole('button', { name: words['screen.downloadXlsx'] });
    await download.waitFor();

    await tick(page);
    const [file] = await Promise.all([page.waitForEvent('download'), download.click()]);
    const path = await file.path();
    expectAnswering(await ticked(page));
    const { rows, header } = readTable(new Uint8Array(readFileSync(path)));
    expect(rows.length).toBe(ROWS);
    expect(header.length).toBe(20);
    expect(rows.at(-1)?.cells[0]).toBe(`D-${ROWS - 1}`);
    expect(complaints).toEqual([]);
    await page.context().close();
  });

  it('is given up at once by whoever does not wait, and its worker ends', async () => {
    const { page, complaints } = await screener();
    const worker = page.waitForEvent('worker');
    await page.getByLabel(words['screen.file']).setInputFiles(large);
    const ended = (await worker).waitForEvent('close');
    await page.getByRole('button', { name: words['screen.stop'], exact: true }).click();
    await ended;
    await page.getByLabel(words['screen.file']).waitFor();
    expect(page.workers().filter((one) => one.url().includes('batch-worker'))).toEqual([]);
    // Another one is read as if nothing had been.
    await page.getByLabel(words['screen.file']).setInputFiles(large);
    await page.locator('.mapping').waitFor();
    expect(complaints).toEqual([]);
    await page.context().close();
  });

  it('is not read where the browser does not start the worker, and the page says so', async () => {
    const { page } = await screener({ serviceWorkers: 'block' });
    await page.route('**/batch-worker-*.js', (route) => route.abort());
    await page.getByLabel(words['screen.file']).setInputFiles(large);
    await page.getByRole('alert').getByText(words['screen.batchFault.READER_NOT_STARTED']).waitFor();
    expect(await violationsOf(page)).toEqual([]);
    await page.unroute('**/batch-worker-*.js');
    await page.getByLabel(words['screen.file']).setInputFiles(large);
    await page.locator('.mapping').waitFor();
    await page.context().close();
  });
});
