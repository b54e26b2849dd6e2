/**
 * `npm run faults`: plays random plans of faults against real nodes and a real broker, and has the ends judged by a checker of its
 * own. A plan that fails is printed with its seed, kept as a file, and with --shrink cut down to what is needed.
 */
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command, InvalidArgumentError } from 'commander';
import { startPostgresServer } from '../support/postgres-server.ts';
import type { Finding } from './check.ts';
import { FAULT_NAMES, type FaultName } from './faults.ts';
import { flood, median } from './flood.ts';
import { type Plan, randomPlan, shrink } from './plan.ts';
import { type Outcome, play } from './play.ts';
import { EVERY_PROCESS_BLOW, ProcessSteps, sayProcessBlow } from './process-steps.ts';
import { everyBlow, faultsOf, type Played, StepWorld, sayBlow, tableOf } from './steps.ts';

const positive = (text: string): number => {
  const value = Number(text);
  if (!Number.isFinite(value) || value <= 0) throw new InvalidArgumentError('expected a number above 0');
  return value;
};
const fault = (text: string, before: readonly FaultName[] = []): readonly FaultName[] => {
  const known = FAULT_NAMES.find((name) => name === text);
  if (known === undefined) throw new InvalidArgumentError(`expected one of ${FAULT_NAMES.join(', ')}`);
  return [...before, known];
};

const {
  minutes,
  postgres,
  steps,
  processes,
  flood: floodMinutes,
  seed,
  plan: file,
  among,
  shrinkTries,
  faults,
  seconds,
} = new Command('faults')
  .description(
    'Plays plans of faults against three nodes and a broker; exit code 1 where a promise was broken.',
  )
  .option('--minutes <N>', 'play new plans for so long', positive, 5)
  .option('--seed <N>', 'seed of the first plan; those that follow count up', (text) =>
    Number.parseInt(text, 10),
  )
  .option('--plan <FILE>', 'play the plan of this JSON file once, and no other')
  .option('--among <FAULT>', 'a fault to choose from, once for each (all of them)', fault)
  .option('--faults <N>', 'faults a plan', positive, 10)
  .option(
    '--seconds <N>',
    'length of a plan, without setting up and waiting until all is quiet',
    positive,
    20,
  )
  .option('--steps', 'strike every durable step of a record in turn, in every way, and print the table')
  .option(
    '--processes',
    'with --steps: strike nodes that run as processes, at the first operation of each kind',
  )
  .option(
    '--flood <MINUTES>',
    'let a member flood another for so long, then have that one stand still',
    positive,
  )
  .option('--postgres', 'put all stores on a PostgreSQL server that is started for it')
  .option('--shrink-tries <N>', 'cut a failing plan down, in at most so many more plays', positive)
  .parse()
  .opts<{
    minutes: number;
    postgres?: true;
    steps?: true;
    processes?: true;
    flood?: number;
    seed?: number;
    plan?: string;
    among?: readonly FaultName[];
    shrinkTries?: number;
    faults: number;
    seconds: number;
  }>();

/** Operations of one kind and node that are struck in turn. */
const DEEPEST = 4;
/** Rounds that two nodes play before others take over. */
const ROUNDS = 32;

const say = (line: string): void => void process.stdout.write(`${line}\n`);
const sayOutcome = ({ findings, released, recalled, quietMs, notes }: Outcome): void => {
  for (const note of notes) say(`  note: ${note}`);
  for (const { promise, what } of findings) say(`  BROKEN ${promise}: ${what}`);
  say(`  ${released} released, ${recalled} recalled, quiet after ${quietMs} ms, ${findings.length} findings`);
};

const plans = function* (): Generator<Plan> {
  if (file !== undefined) {
    yield JSON.parse(readFileSync(file, 'utf8')) as Plan;
    return;
  }
  const until = performance.now() + minutes * 60_000;
  const size = { spanMs: seconds * 1000, faults, releases: 12, ...(among === undefined ? {} : { among }) };
  for (let at = seed ?? Math.floor(Math.random() * 2 ** 31); performance.now() < until; at++)
    yield randomPlan(at, size);
};

/** Plays plans; how many failed. */
async function playPlans(): Promise<number> {
  await using server = postgres ? await startPostgresServer() : undefined;
  let [passed, failed] = [0, 0];
  for (const plan of plans()) {
    say(`plan of seed ${plan.seed}`);
    const outcome = await play(plan, { step: say }, server);
    sayOutcome(outcome);
    if (outcome.findings.length === 0) {
      passed += 1;
      continue;
    }
    failed += 1;
    const kept = join(mkdtempSync(join(tmpdir(), 'tocsin-faults-')), `plan-${plan.seed}.json`);
    writeFileSync(kept, `${JSON.stringify(plan, undefined, 2)}\n`);
    say(`  the plan: npm run faults -- --plan ${kept}`);
    if (shrinkTries === undefined) continue;
    const small = await shrink(
      plan,
      async (smaller) => (await play(smaller, {}, server)).findings.length > 0,
      shrinkTries,
    );
    const path = kept.replace('.json', '-small.json');
    writeFileSync(path, `${JSON.stringify(small, undefined, 2)}\n`);
    say(
      `  cut down to ${small.steps.length} of ${plan.steps.length} steps: npm run faults -- --plan ${path}`,
    );
  }
  say(`${passed} passed, ${failed} failed`);
  return failed;
}

async function discover() {
  await using world = await StepWorld.found();
  return await world.discover();
}

/** Every step struck in turn; how many rounds went wrong. */
async function playSteps(): Promise<number> {
  const played: Played[] = [];
  const whole: Finding[] = [];
  const blows = everyBlow(await discover(), DEEPEST);
  for (let from = 0; from < blows.length; from += ROUNDS) {
    // Judging a history costs more the longer it is.
    await using world = await StepWorld.found();
    for (const blown of blows.slice(from, from + ROUNDS)) {
      const round = await world.play(blown);
      played.push(round);
      say(`${round.fell ? 'struck' : 'not met'} ${sayBlow(blown)}`);
      for (const fault of faultsOf(round)) say(`  BROKEN ${sayBlow(blown)}: ${fault}`);
    }
    whole.push(...world.judge());
  }
  for (const { promise, what } of whole) say(`  BROKEN at the end ${promise}: ${what}`);
  for (const line of tableOf(played)) say(line);
  say(`${played.length} blows, ${played.filter(({ fell }) => fell).length} fell`);
  return played.filter((round) => faultsOf(round).length > 0).length + whole.length;
}

/** The same at whole processes; how many blows never fell, and findings at the end. */
async function playProcessSteps(): Promise<number> {
  let missed = 0;
  const whole: Outcome['findings'][number][] = [];
  for (let from = 0; from < EVERY_PROCESS_BLOW.length; from += ROUNDS) {
    await using world = await ProcessSteps.found();
    for (const blown of EVERY_PROCESS_BLOW.slice(from, from + ROUNDS)) {
      const fell = await world.play(blown);
      if (!fell) missed += 1;
      say(`${fell ? 'struck' : 'not met'} ${sayProcessBlow(blown)}`);
    }
    const findings = await world.judge();
    for (const { promise, what } of findings) say(`  BROKEN ${promise}: ${what}`);
    whole.push(...findings);
  }
  say(`${EVERY_PROCESS_BLOW.length} blows, ${missed} never fell, ${whole.length} findings`);
  return missed + whole.length;
}

/** T34 for as long as is asked; 1 where something was lost. */
async function playFlood(length: number): Promise<number> {
  const { parcels, calls, idleMs, floodedMs, meanwhile, arrived, grownBytes } = await flood(length * 60);
  const times = (values: readonly number[]) =>
    `median ${Math.round(median(values))} ms, longest ${Math.round(Math.max(...values))} ms of ${values.length}`;
  say(`the flooder put ${parcels} parcels and made ${calls} calls`);
  say(`urgent records of another, release to receipt: idle ${times(idleMs)}; flooded ${times(floodedMs)}`);
  say(`${arrived} of ${meanwhile} came that were released while the recipient stood still`);
  say(`its memory grew by ${Math.round(grownBytes / 1024 ** 2)} MiB`);
  return arrived === meanwhile ? 0 : 1;
}

if (floodMinutes !== undefined) process.exit(await playFlood(floodMinutes));
const work = !steps ? playPlans : processes ? playProcessSteps : playSteps;
process.exitCode = (await work()) > 0 ? 1 : 0;
