/** `tocsin demo`: the federation of demo/, its story and its board. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sleep } from '../../base/async.ts';
import { hex } from '../../base/bytes.ts';
import { boardLines } from '../demo/board.ts';
import {
  assertBroker,
  type DemoAccount,
  demoAccounts,
  evidenceDir,
  type Federation,
  openFederation,
  type Processes,
  startFederation,
} from '../demo/federation.ts';
import { createGatherer, Desks } from '../demo/gather.ts';
import { assertMatrix, documentOf, exportEvidence } from '../demo/outcome.ts';
import { openScreen } from '../demo/screen.ts';
import { story } from '../demo/story.ts';
import { keepTold, tellStep, toldBefore, waitForReceipts } from '../demo/tell.ts';
import { keepProved, type Proved, provedBefore } from '../demo/trials/proved.ts';
import { TRIALS } from '../demo/trials/trials.ts';
import { CliError } from '../failure.ts';
import type { Output } from '../print.ts';

const RECEIPTS_MS = 60_000;
const REFRESH_MS = 1_500;
/** On the live board each step stays long enough to be read. */
const READING_MS = 2_500;
/** Records that a board on a screen can have room for. */
const SHOWN_RECORDS = 4;
/** How long a failure waits for the signal that caused it: Ctrl-C reaches the nodes at the same time. */
const SIGNAL_MS = 500;

interface DemoOptions {
  readonly once?: boolean;
  readonly dir?: string;
}

const pause = (ms: number, stop: AbortSignal): Promise<void> => sleep(ms, stop).catch(() => undefined);

async function play(
  federation: Federation,
  processes: Processes,
  options: DemoOptions,
  output: Output,
  stop: AbortSignal,
): Promise<void> {
  using desks = new Desks(federation);
  const live = options.once !== true && !output.json && process.stdout.isTTY === true;
  using screen = live ? openScreen(process.stdout, output.colour) : undefined;
  const gather = createGatherer(desks, federation);
  const told = toldBefore(federation);
  const proved: Proved[] = [...provedBefore(federation)];
  const happened: string[] = [];
  const say = (line: string) => {
    const said = `${new Date().toISOString().slice(11, 19)}  ${line}`;
    happened.push(said);
    if (!live) output.line(said);
  };
  const redraw = async () => screen?.draw(await gather({ told, proved, happened, newest: SHOWN_RECORDS }));

  for (const step of story(Date.now())) {
    stop.throwIfAborted();
    if (told.some(({ key }) => key === step.key)) continue;
    say(`${step.at}  ${step.caption}`);
    await redraw();
    const one = await tellStep(desks, step, told);
    told.push(one);
    keepTold(federation, told);
    await redraw();
    await waitForReceipts(desks, one, RECEIPTS_MS);
    await redraw();
    if (live) await pause(READING_MS, stop);
  }

  // The newest revision of a record stands for it.
  const newest = told.filter(
    (one, index) => !told.slice(index + 1).some((later) => hex(later.recordId) === hex(one.recordId)),
  );
  const evidence = await exportEvidence(desks, federation, newest);
  // The first act is judged before the second one changes who holds what.
  await assertMatrix(desks, await gather({ told, proved, happened }), told);

  for (const trial of TRIALS) {
    stop.throwIfAborted();
    if (proved.some(({ key }) => key === trial.key)) continue;
    say(trial.title);
    await redraw();
    const { key, title } = trial;
    proved.push({ key, title, facts: await trial.play({ federation, processes, desks, say }) });
    keepProved(federation, proved);
    await redraw();
    if (live) await pause(READING_MS, stop);
  }
  const board = await gather({ told, proved, happened });
  if (options.once === true) {
    output.line();
    for (const line of boardLines(board)) output.line(line);
    output.line();
    output.line(
      `evidence: ${evidence.size} bundles verified offline with nothing but the network digest${options.dir === undefined ? '' : `; they are in ${evidenceDir(federation)}`}`,
    );
    output.document(documentOf(board, evidence, federation));
    return;
  }
  say(`the story is told; ${evidence.size} evidence bundles verified offline`);
  const accounts = demoAccounts(federation);
  const file = join(federation.dir, 'accounts.txt');
  writeFileSync(file, `${consoleLines(accounts).join('\n')}\n`, { mode: 0o600 });
  // A board has no room for links; what scrolls has.
  if (live) for (const line of addressLines(accounts)) say(line);
  else for (const line of consoleLines(accounts)) say(line);
  say(`who may sign in, by links that count once: ${file}`);
  say(`as an officer: npx tocsin inbox --officer ${join(federation.dir, 'officers', 'xb-police')}`);
  say('Ctrl-C stops everything');
  while (!stop.aborted) {
    await redraw();
    await pause(REFRESH_MS, stop);
  }
}

/** Where browsers find the consoles. */
const addressLines = (accounts: readonly DemoAccount[]): readonly string[] =>
  [...Map.groupBy(accounts, ({ node }) => node)].map(
    ([node, those]) => `${node}: console at ${new URL(those[0]?.link ?? '').origin}`,
  );

/** The same, and for each officer a link that counts once. */
function consoleLines(accounts: readonly DemoAccount[]): readonly string[] {
  const nodes = Map.groupBy(accounts, ({ node }) => node);
  return [...nodes].flatMap(([node, those]) => [
    `${node}: console at ${new URL(those[0]?.link ?? '').origin}; links that count once:`,
    ...those.map(({ name, role, link }) => `    ${name} (${role})  ${link}`),
  ]);
}

/** Founds, starts, plays; what was started is ended whatever happens. */
async function run(dir: string, options: DemoOptions, output: Output, stop: AbortSignal): Promise<void> {
  const report = (step: string) => {
    stop.throwIfAborted();
    process.stderr.write(`demo: ${step} …\n`);
  };
  assertBroker();
  const federation = await openFederation(dir, report);
  await using processes = await startFederation(federation, report);
  await play(federation, processes, options, output, stop);
}

export async function demo(_args: readonly string[], options: DemoOptions, output: Output): Promise<void> {
  const stop = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => stop.abort());
  const dir = options.dir ?? mkdtempSync(join(tmpdir(), 'tocsin-demo-'));
  try {
    await run(dir, options, output, stop.signal);
  } catch (error) {
    await pause(SIGNAL_MS, stop.signal);
    if (!stop.signal.aborted) throw error;
    if (options.once === true) throw new CliError('DEMO_FAILED', 'stopped before the story was told');
  } finally {
    if (options.dir === undefined) rmSync(dir, { recursive: true, force: true });
  }
  if (stop.signal.aborted) process.stderr.write('demo: stopped\n');
}
