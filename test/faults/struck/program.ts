/**
 * Loaded before the program of a node (`--import`): its store and its mailboxes are struck as a file says, which is read at
 * SIGUSR2. Everything else of the program is as it is for everybody, run from its sources.
 */
import { existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { registerHooks } from 'node:module';
import { isMainThread } from 'node:worker_threads';
import { here } from './here.ts';
import { type Ordered, placesOf } from './orders.ts';

const source = (path: string): string => new URL(`../../../src/${path}`, import.meta.url).href;
const replacement = (name: string): string => new URL(`./${name}.ts`, import.meta.url).href;

/** Who imports what, and what is given instead. */
const REPLACED: readonly (readonly [parent: string, specifier: string, instead: string])[] = [
  [source('node/node-files.ts'), '../store/index.ts', replacement('store')],
  [source('node/broker-link.ts'), '../transport/index.ts', replacement('transport')],
];
/** What was prepared of the sources cannot be taken apart. */
const PREPARED = /\/program-[0-9a-f]+\/main\.mjs$/;

registerHooks({
  resolve(specifier, context, next) {
    if (PREPARED.test(specifier)) return next(source('cli/main.ts'), context);
    const found = REPLACED.find(([parent, what]) => context.parentURL === parent && specifier === what);
    return found ? { url: found[2], shortCircuit: true } : next(specifier, context);
  },
});

const file = process.env.TOCSIN_TEST_ORDERS;
if (isMainThread && file !== undefined) {
  const places = placesOf(file);
  const fell = (): void => writeFileSync(places.fell, '');
  here.onDeath = () => {
    fell();
    process.kill(process.pid, here.isMortal ? 'SIGKILL' : 'SIGSTOP');
  };
  process.on('SIGUSR2', () => {
    rmSync(places.fell, { force: true });
    const ordered = existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Ordered) : undefined;
    here.isMortal = ordered?.signal !== 'SIGSTOP';
    here.begin(ordered?.strikes ?? []);
    if (ordered !== undefined) void here.struck.then(fell);
    writeFileSync(`${places.taken}.new`, '');
    renameSync(`${places.taken}.new`, places.taken);
  });
}
