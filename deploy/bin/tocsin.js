#!/usr/bin/env node
// Entry of the command `tocsin`: starts the program with Node 24, whichever Node runs this file.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
const own = join(root, 'node_modules', '.bin', 'node');
const node = Number(process.versions.node.split('.')[0]) >= 24 ? process.execPath : own;
if (!existsSync(node)) {
  console.error('tocsin: expected Node 24; run `npm ci` in the project folder, or use Node 24 itself.');
  process.exit(1);
}
const result = spawnSync(
  node,
  ['--disable-warning=ExperimentalWarning', join(root, 'src', 'cli', 'main.ts'), ...process.argv.slice(2)],
  { stdio: 'inherit' },
);
process.exit(result.status ?? 1);
