// Builds the console: one script with the parts that pages load, one style sheet, the page, shapes of the map. Every name but the
// page's holds the digest of its content, so that browsers keep it for good; each is there compressed as well. The service worker,
// at an address that never changes, names every file of the build with its digest.
import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';

const source = fileURLToPath(new URL('../src/console/', import.meta.url));
const require = createRequire(import.meta.url);

const digestOf = (content) => createHash('sha256').update(content).digest('base64url').slice(0, 10);

/** Style sheets in the order in which they count. */
const STYLES = ['base', 'parts', 'shell'];

function styleSheet() {
  const names = readdirSync(join(source, 'styles')).map((name) => name.replace('.css', ''));
  const order = [...STYLES, ...names.filter((name) => !STYLES.includes(name)).sort()];
  return order
    .map((name) => readFileSync(join(source, 'styles', `${name}.css`), 'utf8'))
    .join('\n')
    .replaceAll(/\/\*[\s\S]*?\*\//g, '')
    .replaceAll(/\s+/g, ' ')
    .replaceAll(/ ?([{};,]) ?/g, '$1');
}

/** A device on a slow link copies all of it once a build. */
const MOST_BYTES = 2 * 1024 * 1024;

/** The worker that reads batch files: one file, since a browser loads it by itself. Answers its name. */
async function buildBatchWorker(rolldown, folder) {
  const worker = await rolldown({
    input: { 'batch-worker': join(source, 'worker', 'batch-worker.ts') },
    platform: 'browser',
    logLevel: 'silent',
  });
  const { output } = await worker.write({
    dir: folder,
    format: 'esm',
    entryFileNames: '[name]-[hash].js',
    minify: true,
  });
  return output[0].fileName;
}

/** The service worker of the build that the folder holds: what it copies is written into it. */
async function buildServiceWorker(rolldown, folder) {
  const paths = readdirSync(folder).sort();
  const contents = paths.map((path) => readFileSync(join(folder, path)));
  const bytes = contents.reduce((sum, content) => sum + content.length, 0);
  if (bytes > MOST_BYTES)
    throw new Error(`expected a console of at most ${MOST_BYTES} bytes, got ${bytes}: load less with it`);
  const files = Object.fromEntries(
    paths.map((path, at) => [
      `/${path}`,
      `sha256-${createHash('sha256').update(contents[at]).digest('base64')}`,
    ]),
  );
  const program = { version: digestOf(JSON.stringify(files)), files };
  const worker = await rolldown({
    input: { 'service-worker': join(source, 'worker', 'service-worker.ts') },
    platform: 'browser',
    transform: { define: { TOCSIN_PROGRAM: JSON.stringify(program) } },
    logLevel: 'silent',
  });
  await worker.write({ dir: folder, format: 'esm', entryFileNames: '[name].js', minify: true });
}

function compress(folder) {
  for (const name of readdirSync(folder)) {
    if (!/\.(js|css|html|svg|json|webmanifest)$/.test(name)) continue;
    const content = readFileSync(join(folder, name));
    writeFileSync(join(folder, `${name}.gz`), gzipSync(content, { level: 9 }));
    const params = { [constants.BROTLI_PARAM_QUALITY]: 9 };
    writeFileSync(join(folder, `${name}.br`), brotliCompressSync(content, { params }));
  }
}

/** @param {string} folder to make */
export async function buildConsole(folder) {
  const { rolldown } = await import('rolldown');
  mkdirSync(folder, { recursive: true });
  const land = readFileSync(require.resolve('world-atlas/countries-110m.json'));
  const landName = `land-${digestOf(land)}.json`;
  writeFileSync(join(folder, landName), land);
  const batchWorker = await buildBatchWorker(rolldown, folder);
  const bundle = await rolldown({
    input: { app: join(source, 'main.tsx') },
    platform: 'browser',
    transform: {
      define: {
        'process.env.NODE_ENV': '"production"',
        TOCSIN_BATCH_WORKER: JSON.stringify(batchWorker),
        TOCSIN_LAND: JSON.stringify(landName),
      },
      jsx: { runtime: 'automatic' },
    },
    logLevel: 'silent',
  });
  const { output } = await bundle.write({
    dir: folder,
    format: 'esm',
    entryFileNames: '[name]-[hash].js',
    chunkFileNames: '[name]-[hash].js',
    minify: true,
  });
  const script = output.find((one) => one.type === 'chunk' && one.isEntry)?.fileName;
  const style = styleSheet();
  const styleName = `style-${digestOf(style)}.css`;
  writeFileSync(join(folder, styleName), style);
  const page = readFileSync(join(source, 'index.html'), 'utf8')
    .replace('%SCRIPT%', script)
    .replace('%STYLE%', styleName);
  writeFileSync(join(folder, 'index.html'), page);
  for (const name of ['bell.svg', 'manifest.webmanifest'])
    writeFileSync(join(folder, name), readFileSync(join(source, name)));
  await buildServiceWorker(rolldown, folder);
  compress(folder);
}
