// Entry of the program for services, tests and npm scripts: as prepared where that is up to date, else from its sources.
import { enableCompileCache } from 'node:module';
import { pathToFileURL } from 'node:url';
import { cacheFolder, preparedConsole, preparedEntry } from './prepared.js';

// Compiled code of one start serves the next. The folder belongs to whoever may write the code itself; where that is nobody, as
// in a proper installation, Node says so in its answer and goes on without.
enableCompileCache(cacheFolder);

// Where a node finds what it serves to browsers; see src/node/console.ts.
process.env.TOCSIN_CONSOLE_ASSETS ??= preparedConsole() ?? '';

const prepared = preparedEntry();
await (prepared === undefined ? import('../src/cli/main.ts') : import(pathToFileURL(prepared).href));
