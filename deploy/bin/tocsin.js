#!/usr/bin/env node
// Entry of the command `tocsin`: starts the program with Node 24, whichever Node runs this file, and hands signals on to it.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { constants } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
const own = join(root, 'node_modules', '.bin', 'node');
const node = Number(process.versions.node.split('.')[0]) >= 24 ? process.execPath : own;
if (!existsSync(node)) {
  console.error('tocsin: expected Node 24; run `npm ci` in the project folder, or use Node 24 itself.');
  process.exit(1);
}
// No copy of the program's memory may come to lie on a disk when it crashes, and no debugger may be asked to open it.
const child = spawn(
  '/bin/sh',
  [
    '-c',
    'ulimit -c 0; exec "$0" "$@"',
    node,
    '--disable-warning=ExperimentalWarning',
    '--disable-sigusr1',
    join(root, 'deploy', 'program.js'),
    ...process.argv.slice(2),
  ],
  { stdio: 'inherit' },
);
for (const signal of ['SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
// A terminal interrupts the whole group, the program with it: a second interrupt would cut its orderly end short.
process.on('SIGINT', () => process.stdin.isTTY || child.kill('SIGINT'));
child.on('error', (error) => {
  console.error(`tocsin: cannot start ${node}: ${error.message}`);
  process.exit(1);
});
child.on('exit', (code, signal) => process.exit(code ?? 128 + (constants.signals[signal] ?? 0)));
