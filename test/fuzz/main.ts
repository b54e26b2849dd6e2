/** `npm run fuzz -- --minutes N`: parsers fed with changed real messages until the time is over. See --help and README.md. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { examine } from './examine.ts';
import { inputAt } from './inputs.ts';
import { type Found, runTarget, type Tally } from './run.ts';
import { Scene } from './scene.ts';
import type { Target } from './target.ts';
import { TARGETS } from './targets/list.ts';
import { startWatchdog } from './watchdog.ts';

const HELP = `npm run fuzz -- [options]

Feeds every parser that meets a stranger's bytes with real messages that were changed, and messages made from the schemas.
Fine is a refusal with a typed error, or a value; a finding is any other error, a changed prototype, two verdicts for one
input, a value that does not read back, or more time or memory than the size of the input allows.

  --minutes N     for how long, all targets together (default 1)
  --inputs N      instead: so many inputs a target
  --target NAME   only this target; may be given several times
  --seed S        seed (default: another one each time; it is printed)
  --index I       only this input of one target, shown in full; with the seed that a finding names
  --file PATH     only the bytes of this file, for one target
  --save DIR      write the bytes of each finding to DIR
  --codes         print how often each code was the answer
  --list          print the targets and what they read
  --help

Ends with a line 'N passed, N failed', counted in targets; exit code 1 when one failed, 2 for wrong options.
`;

const options = {
  minutes: { type: 'string' },
  inputs: { type: 'string' },
  target: { type: 'string', multiple: true },
  seed: { type: 'string' },
  index: { type: 'string' },
  file: { type: 'string' },
  save: { type: 'string' },
  codes: { type: 'boolean' },
  list: { type: 'boolean' },
  help: { type: 'boolean' },
} as const;

const out = (text: string): void => void process.stdout.write(`${text}\n`);
const HANG_MS = 30_000;
/** A run goes through all targets several times, so that a short one has been everywhere. */
const ROUNDS = 4;

function fail(message: string): never {
  process.stderr.write(`${message}; see npm run fuzz -- --help\n`);
  process.exit(2);
}

function numberOf(name: string, text: string | undefined, preset: number): number {
  if (text === undefined) return preset;
  const value = Number(text);
  if (text.trim() === '' || !Number.isFinite(value) || value < 0)
    fail(`expected a number after --${name}, got '${text}'`);
  return value;
}

function read() {
  try {
    return parseArgs({ options, allowPositionals: false }).values;
  } catch (error) {
    return fail(error instanceof Error ? error.message : String(error));
  }
}

function chosenTargets(names: readonly string[] | undefined): readonly Target[] {
  const unknown = names?.find((name) => !TARGETS.some((target) => target.name === name));
  if (unknown !== undefined) fail(`expected a target out of --list, got '${unknown}'`);
  return names === undefined ? TARGETS : TARGETS.filter(({ name }) => names.includes(name));
}

function show(found: Found, save: string | undefined): void {
  const { target, seed, index, what, detail, bytes } = found;
  out(`FOUND ${target}: ${what}: ${detail.split('\n').slice(0, 6).join('\n      ')}`);
  out(`      ${bytes.length} bytes when shrunk: ${Buffer.from(bytes.subarray(0, 96)).toString('base64')}`);
  out(`      again: npm run fuzz -- --target ${target} --seed ${seed} --index ${index}`);
  if (save === undefined) return;
  mkdirSync(save, { recursive: true });
  const path = join(save, `${target}-${seed}-${index}.bin`);
  writeFileSync(path, bytes);
  out(`      bytes: ${path}`);
}

/** One input only, with all that is to be known of it. */
async function showOne(
  spec: Target,
  scene: Scene,
  seed: number,
  index: number,
  file: string | undefined,
): Promise<boolean> {
  const target = await spec.open(scene);
  const bytes = file === undefined ? inputAt(target, spec.name, seed, index) : readFileSync(file);
  out(`${spec.name}: ${bytes.length} bytes: ${Buffer.from(bytes.subarray(0, 2000)).toString('base64')}`);
  const { outcome, finding } = await examine(spec, target, bytes);
  const damage = await target.examine?.(true);
  if (damage !== undefined) out(`FOUND node damaged: ${damage}`);
  await target.close?.();
  if (finding === undefined) out(`${outcome.kind}${outcome.kind === 'refused' ? ` ${outcome.code}` : ''}`);
  else out(`FOUND ${finding.what}: ${finding.detail}`);
  return finding === undefined && damage === undefined;
}

const sum = (tallies: readonly Tally[], of: (tally: Tally) => number): number =>
  tallies.reduce((total, tally) => total + of(tally), 0);

function printTally(name: string, tallies: readonly Tally[], codes: boolean): void {
  const [inputs, accepted, refused, seconds] = [
    sum(tallies, (one) => one.inputs),
    sum(tallies, (one) => one.accepted),
    sum(tallies, (one) => one.refused),
    sum(tallies, (one) => one.seconds),
  ];
  const findings = sum(tallies, (one) => one.found.length);
  const answers = new Map<string, number>();
  for (const tally of tallies)
    for (const [code, count] of tally.codes) answers.set(code, (answers.get(code) ?? 0) + count);
  out(
    `${findings === 0 ? 'ok  ' : 'FAIL'} ${name.padEnd(20)} ${String(inputs).padStart(8)} inputs, ${String(Math.round(inputs / Math.max(seconds, 0.001))).padStart(6)}/s, ${accepted} accepted, ${refused} refused by ${answers.size} codes${findings === 0 ? '' : `, ${findings} findings`}`,
  );
  if (codes)
    for (const [code, count] of [...answers].sort((a, b) => b[1] - a[1]))
      out(`     ${String(count).padStart(8)} ${code}`);
}

const values = read();
if (values.help === true) {
  process.stdout.write(HELP);
} else if (values.list === true) {
  for (const { name, reads } of TARGETS) out(`${name.padEnd(20)} ${reads}`);
} else {
  const targets = chosenTargets(values.target);
  const seed = numberOf('seed', values.seed, Date.now() % 2 ** 31);
  await using scene = new Scene();
  if (values.index !== undefined || values.file !== undefined) {
    const [only, ...more] = targets;
    if (only === undefined || more.length > 0) fail('expected one --target beside --index or --file');
    const fine = await showOne(only, scene, seed, numberOf('index', values.index, 0), values.file);
    out(fine ? '1 passed, 0 failed' : '0 passed, 1 failed');
    process.exitCode = fine ? 0 : 1;
  } else {
    const minutes = numberOf('minutes', values.minutes, 1);
    const inputs = values.inputs === undefined ? undefined : numberOf('inputs', values.inputs, 0);
    const place = new Int32Array(new SharedArrayBuffer(8)).fill(-1);
    startWatchdog({ place, names: targets.map(({ name }) => name), seed, limitMs: HANG_MS });
    out(
      `seed ${seed}, ${targets.length} targets, ${inputs === undefined ? `${minutes} min` : `${inputs} inputs each`}`,
    );
    const tallies = new Map<string, Tally[]>(targets.map(({ name }) => [name, []]));
    const rounds = inputs === undefined ? ROUNDS : 1;
    const timeMs =
      inputs === undefined ? (minutes * 60_000) / targets.length / rounds : Number.POSITIVE_INFINITY;
    for (let round = 0; round < rounds; round++)
      for (const [number, target] of targets.entries()) {
        const before = tallies.get(target.name) ?? [];
        const tally = await runTarget(target, scene, {
          seed,
          inputs: inputs ?? Number.POSITIVE_INFINITY,
          timeMs,
          from: sum(before, (one) => one.inputs),
          at: (index) => {
            place[1] = index;
            place[0] = number;
          },
          rest: () => {
            place[0] = -1;
          },
        });
        place[0] = -1;
        for (const found of tally.found) show(found, values.save);
        before.push(tally);
      }
    let failed = 0;
    for (const [name, list] of tallies) {
      printTally(name, list, values.codes === true);
      if (sum(list, (one) => one.found.length) > 0) failed += 1;
    }
    const all = [...tallies.values()].flat();
    out(
      `${sum(all, (one) => one.inputs)} inputs in ${sum(all, (one) => one.seconds).toFixed(0)} s, seed ${seed}`,
    );
    out(`${targets.length - failed} passed, ${failed} failed`);
    process.exitCode = failed > 0 ? 1 : 0;
  }
}
