/**
 * Service worker of the console (W3C Service Workers): a whole copy of one build, so that the page opens without a link. It keeps
 * files of the program and nothing that the desk said; what was read is kept elsewhere, sealed (api/kept.ts).
 *
 * A new build is taken whole or not at all, every file against the digest that the build wrote down, and counts once the officer
 * agrees or no window is open: old and new parts never meet in one page.
 */
import { answeredBy, cacheOf, outdated } from './answers.ts';

declare const self: ServiceWorkerGlobalScope;

/** Written in by the build: paths and the integrity of each (W3C Subresource Integrity). */
declare const TOCSIN_PROGRAM: {
  readonly version: string;
  readonly files: Readonly<Record<string, string>>;
};

const PAGE = '/index.html';
const program = TOCSIN_PROGRAM;
const copy = cacheOf(program.version);
const files: ReadonlySet<string> = new Set(Object.keys(program.files));

self.addEventListener('install', (event) => event.waitUntil(copyProgram()));
self.addEventListener('activate', (event) => event.waitUntil(takeOver()));
self.addEventListener('message', (event) => {
  if (event.data === 'take over') void self.skipWaiting();
});
self.addEventListener('fetch', (event) => {
  const { request } = event;
  const answered = answeredBy(request, self.location.origin, files);
  if (answered === 'page') event.respondWith(fileOf(PAGE, request));
  if (answered === 'part') event.respondWith(fileOf(new URL(request.url).pathname, request));
});

async function copyProgram(): Promise<void> {
  const cache = await caches.open(copy);
  await cache.addAll(
    Object.entries(program.files).map(
      // Past the browser's own copies: a page of one build and a part of another fail here, not before an officer.
      ([path, integrity]) => new Request(path, { integrity, cache: 'no-cache' }),
    ),
  );
}

async function takeOver(): Promise<void> {
  for (const name of outdated(await caches.keys(), copy)) await caches.delete(name);
  // The window that brought this worker reads without a link as well, without being opened again.
  await self.clients.claim();
}

async function fileOf(path: string, request: Request): Promise<Response> {
  const own = await (await caches.open(copy)).match(path);
  if (own !== undefined) return own;
  // Named by content: whichever copy has it, it is the same.
  return (await caches.match(path)) ?? fetch(request);
}
