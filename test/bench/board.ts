/**
 * The console's board in Chromium, as an officer works with it: from a key or a click to the next painted frame, while it holds
 * 10,000 rows and 50 records a second arrive. Durations are the browser's own (Event Timing API, which rounds to 8 ms).
 */
import { setTimeout as wait } from 'node:timers/promises';
import type { Page } from 'playwright-core';
import { ConsoleWorld } from '../support/console-browser.ts';
import { exampleContent } from '../support/contents.ts';
import { clock } from '../unit/desk/desk-world.ts';
import type { Bench, Measure } from './runner.ts';

const MANY = 10_000;
const FEW = 100;
const A_SECOND = 50;
/** Parcels that they arrive in. */
const PARCELS_A_SECOND = 5;
/** The browser tells of no event that took less. */
const LEAST_MS = 16;

/** Keeps the longest event of each interaction. */
const WATCH = `
  globalThis.interactions = new Map();
  new PerformanceObserver((list) => {
    for (const { interactionId, duration } of list.getEntries())
      if (interactionId > 0)
        interactions.set(interactionId, Math.max(duration, interactions.get(interactionId) ?? 0));
  }).observe({ type: 'event', durationThreshold: ${LEAST_MS} });`;

interface Arrivals {
  arrive(count: number): Promise<void>;
}

/** Arrivals at an even pace until it is stopped. */
function flow({ arrive }: Arrivals): { stop(): Promise<void> } {
  const parcel = A_SECOND / PARCELS_A_SECOND;
  let goesOn = true;
  const done = (async () => {
    for (let next = performance.now(); goesOn; next += 1_000 / PARCELS_A_SECOND) {
      await arrive(parcel);
      await wait(Math.max(0, next - performance.now()));
    }
  })();
  return {
    async stop() {
      goesOn = false;
      await done;
    },
  };
}

/** Keys in the list, words in the search, choices of a filter, clicks between list and search: 40 interactions. */
async function work(page: Page): Promise<readonly number[]> {
  await page.evaluate('interactions.clear()');
  const press = async (...keys: readonly string[]) => {
    for (const key of keys) {
      await page.keyboard.press(key);
      await wait(120);
    }
  };
  const search = page.locator('#board-search');
  await page.locator('.rows').focus();
  await press(...Array<string>(10).fill('ArrowDown'), ...Array<string>(5).fill('PageDown'), 'End', 'Home');
  await search.click();
  await press(...'seizure', ...Array<string>(7).fill('Backspace'));
  const kind = page.locator('search select').nth(1);
  for (const value of ['warning', 'seizure-notice', '']) {
    await kind.selectOption(value);
    await wait(250);
  }
  await page.locator('.rows').focus();
  await press(...Array<string>(5).fill('ArrowUp'), ...Array<string>(3).fill('ArrowDown'));
  await wait(300);
  const taken: readonly number[] = await page.evaluate('[...interactions.values()]');
  if (taken.length < 30)
    throw new Error(`expected 30 interactions at least, the browser told of ${taken.length}`);
  return taken;
}

/** A board that shows `count` rows, all of them loaded. */
async function board(stack: AsyncDisposableStack, count: number) {
  const shown = stack.use(await ConsoleWorld.open());
  const { world } = shown;
  const example = exampleContent('seizure-notice', clock.nowMs()) as Readonly<Record<string, object>>;
  const marking = { ...example.marking, releasableTo: ['sac'] };
  const first = await world.release(world.xb, { ...example, deskGroup: 'customs', marking });
  await world.deliver(first);
  for (let left = count - 1; left > 0; left -= 500) await world.arriveLike(first, Math.min(500, left));
  const { page } = await shown.officer({ name: 'Noor', deskGroup: 'customs', role: 'officer' });
  await page.addInitScript(WATCH);
  await page.goto(`${shown.origin}/`);
  const rows = page.locator('.board-row');
  await rows.first().waitFor();
  await page.locator('.rows').focus();
  const loaded = async () => Number(await rows.first().getAttribute('aria-setsize'));
  for (const until = Date.now() + 120_000; (await loaded()) < count; ) {
    if (Date.now() > until) throw new Error(`expected ${count} rows, the board has ${await loaded()}`);
    await page.keyboard.press('End');
    await wait(50);
  }
  return { page, arrive: (more: number) => world.arriveLike(first, more) };
}

export const boardBench: Bench = {
  name: 'board',
  async open(stack) {
    const large = await board(stack, MANY);
    const small = await board(stack, FEW);
    const facts: Record<string, number> = {};
    const busy: Measure = async () => {
      const arrivals = flow(large);
      try {
        // Until the first of them are there.
        await wait(1_500);
        const taken = await work(large.page);
        facts.rows = MANY;
        facts['longest interaction, ms'] = Math.max(facts['longest interaction, ms'] ?? 0, ...taken);
        return taken;
      } finally {
        await arrivals.stop();
      }
    };
    return [
      {
        id: 'interaction',
        what: `from a key to the next frame: board of ${MANY.toLocaleString('en')}, ${A_SECOND} arriving a second`,
        unit: 'ms',
        show: ['median', 'p99'],
        ours: busy,
        against: [{ name: `board of ${FEW}, nothing arriving`, measure: () => work(small.page) }],
        facts: () => facts,
      },
    ];
  },
};
