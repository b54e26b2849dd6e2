// `npm run check`: types, lint, layers, proto lint and drift of generated code, unused code. Prints one line a check and
// ends with `N passed, N failed`; exit code 1 when one failed. Plain JavaScript, so that it runs even when types are broken.
import { spawnSync } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { judgeLayers } from './layers.js';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const bin = join(root, 'node_modules', '.bin');
const env = { ...process.env, PATH: `${bin}:${process.env.PATH}`, NO_COLOR: '1' };

function run(program, args, cwd = root) {
  const result = spawnSync(join(bin, program), args, {
    cwd,
    env,
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
  });
  return { ok: result.status === 0, output: `${result.stdout ?? ''}${result.stderr ?? ''}` };
}

function layers() {
  const { violations, modules, expected, failure } = judgeLayers(root, root);
  if (failure !== undefined) return { ok: false, output: failure };
  const faults = violations.map(({ from, to, rule, comment }) => `${from} → ${to} (${rule}): ${comment}`);
  if (modules.length < expected)
    faults.push(`expected to read ${expected} modules of src and test, read ${modules.length}`);
  return { ok: faults.length === 0, output: faults.join('\n') };
}

function generated() {
  const results = ['proto', 'wasm'].map((folder) => run('node', [`${folder}/generate.js`, '--check']));
  return {
    ok: results.every(({ ok }) => ok),
    output: results.map(({ output }) => output).join(''),
  };
}

const checks = [
  ['types', () => run('tsc', ['--noEmit', '-p', '.'])],
  ['types of the console', () => run('tsc', ['--noEmit', '-p', 'src/console'])],
  ['types of its worker', () => run('tsc', ['--noEmit', '-p', 'src/console/worker'])],
  ['lint and format', () => run('biome', ['check', '--error-on-warnings', '.'])],
  ['layers', layers],
  ['proto lint', () => run('buf', ['lint', 'proto'])],
  ['generated code', generated],
  ['unused code', () => run('knip', ['--no-progress'])],
];

const only = process.argv.slice(2);
let passed = 0;
let failed = 0;
for (const [name, check] of checks) {
  if (only.length > 0 && !only.includes(name)) continue;
  const started = performance.now();
  const { ok, output } = check();
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  console.log(`${ok ? 'ok  ' : 'FAIL'} ${name} (${seconds} s)`);
  if (ok) passed += 1;
  else {
    failed += 1;
    console.log(
      output
        .trimEnd()
        .split('\n')
        .slice(0, 60)
        .map((line) => `     ${line}`)
        .join('\n'),
    );
  }
}
console.log(`check: ${passed} passed, ${failed} failed`);
process.exitCode = failed > 0 ? 1 : 0;
