/**
 * `npm run bench [NAME…] [-- --json]`: measures rows beside their baselines and prints ratios. Names choose files of this
 * folder; without any, all run.
 */
import { availableParallelism } from 'node:os';
import { evidenceBench } from './evidence.ts';
import { exchangeBench } from './exchange.ts';
import { logBench } from './log.ts';
import { policyBench } from './policy.ts';
import { tableOf } from './print.ts';
import { rpcBench } from './rpc.ts';
import { runBenches } from './runner.ts';
import { storeBench } from './store.ts';
import { urgentBench } from './urgent.ts';

const BENCHES = [storeBench, logBench, policyBench, evidenceBench, rpcBench, urgentBench, exchangeBench];

const given = process.argv.slice(2);
const json = given.includes('--json');
const names = given.filter((one) => !one.startsWith('--'));
const unknown = names.filter((name) => !BENCHES.some((bench) => bench.name === name));

if (unknown.length > 0) {
  process.stderr.write(
    `expected some of ${BENCHES.map(({ name }) => name).join(', ')}, got ${unknown.join(', ')}\n`,
  );
  process.exitCode = 2;
} else {
  const chosen = names.length === 0 ? BENCHES : BENCHES.filter(({ name }) => names.includes(name));
  const results = await runBenches(chosen, ({ bench, what }) =>
    process.stderr.write(`done: ${bench}: ${what}\n`),
  );
  const machine = {
    node: process.version,
    platform: process.platform,
    arch: process.arch,
    cores: availableParallelism(),
  };
  process.stdout.write(
    json
      ? `${JSON.stringify({ machine, results }, undefined, 2)}\n`
      : `\n${tableOf(results)}\n\nNode ${machine.node}, ${machine.platform} ${machine.arch}, ${machine.cores} cores; ratio = ours : other, over all rounds; spread = the same in single rounds\n`,
  );
}
