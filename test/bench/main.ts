/**
 * `npm run bench [NAME…] [-- --json | --publish] [--large]`: measures rows beside their baselines and prints ratios. Names
 * choose files of this folder; without any, all run. `--publish --from FILE…` publishes what `--json` printed before.
 */
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { boardBench } from './board.ts';
import { evidenceBench } from './evidence.ts';
import { exchangeBench } from './exchange.ts';
import { fanoutBench } from './fanout.ts';
import { identifierBench } from './identifiers.ts';
import { importBench } from './import.ts';
import { logBench } from './log.ts';
import { policyBench } from './policy.ts';
import { privateScreeningBench } from './private-screening.ts';
import { publish, textOf } from './publish.ts';
import { rpcBench } from './rpc.ts';
import { documentOf, loadNow, mergeDocuments, parseDocument, type RunDocument } from './run-document.ts';
import { runBenches } from './runner.ts';
import { screeningBench } from './screening.ts';
import { startBench } from './start.ts';
import { storeBench } from './store.ts';
import { storedBench } from './stored.ts';
import { urgentBench } from './urgent.ts';
import { wis2Bench } from './wis2.ts';

const BENCHES = [
  exchangeBench,
  urgentBench,
  rpcBench,
  policyBench,
  fanoutBench,
  wis2Bench,
  logBench,
  storeBench,
  storedBench,
  importBench,
  evidenceBench,
  screeningBench,
  identifierBench,
  privateScreeningBench,
  startBench,
  boardBench,
];
const NAMES = BENCHES.map(({ name }) => name);

const options = {
  json: { type: 'boolean' },
  publish: { type: 'boolean' },
  large: { type: 'boolean' },
  from: { type: 'string', multiple: true },
} as const;

// Ended by hand it leaves as it would at its end: servers that it started go with it.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1));

const say = (line: string): void => void process.stderr.write(`${line}\n`);

function refuse(expected: string): undefined {
  say(expected);
  process.exitCode = 2;
}

/** Undefined where the command line is wrong, which it has said then. */
async function documentAsked(): Promise<
  { readonly document: RunDocument; readonly asked: Asked } | undefined
> {
  const { values: asked, positionals } = parseArgs({ options, allowPositionals: true });
  if (asked.from) {
    if (asked.publish !== true)
      return refuse('expected --publish beside --from: saved runs are only published');
    const files = [...asked.from, ...positionals];
    const saved = files.map((file) => parseDocument(readFileSync(file, 'utf8'), file));
    return { document: mergeDocuments(saved, NAMES), asked };
  }
  const unknown = positionals.filter((name) => !NAMES.includes(name));
  if (unknown.length > 0) return refuse(`expected some of ${NAMES.join(', ')}, got ${unknown.join(', ')}`);
  const chosen =
    positionals.length === 0 ? BENCHES : BENCHES.filter(({ name }) => positionals.includes(name));
  const before = loadNow();
  const results = await runBenches(chosen, { large: asked.large === true }, ({ bench, what }) =>
    say(`done: ${bench}: ${what}`),
  );
  return { document: documentOf(results, before), asked };
}
type Asked = { readonly json?: boolean; readonly publish?: boolean };

const made = await documentAsked();
if (made) {
  const { document, asked } = made;
  if (asked.publish) for (const file of publish(document)) say(`written: ${file}`);
  process.stdout.write(asked.json ? `${JSON.stringify(document, undefined, 2)}\n` : `\n${textOf(document)}`);
}
