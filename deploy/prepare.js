// `node deploy/prepare.js`, after `npm ci` and before `npm start` and `npm test`: prepares the program where its sources have
// changed. What cannot be prepared runs from its sources, slower to start. Plain JavaScript for whatever Node the machine has.
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildConsole } from './console.js';
import { cacheFolder, preparedFolder } from './prepared.js';

/** A node that runs may load a part of its own program later: some of the last are kept. */
const KEPT = 4;

/** Files find their neighbours by where they lie, not by where the prepared program lies. */
const placesOfSources = {
  name: 'places of sources',
  transform(code, id) {
    if (!/\b(__dirname|__filename|import\.meta\.dirname)\b/.test(code)) return null;
    return code
      .replaceAll(/\b(__dirname|import\.meta\.dirname)\b/g, JSON.stringify(dirname(id)))
      .replaceAll(/\b__filename\b/g, JSON.stringify(id));
  },
};

async function prepare(folder) {
  const { rolldown } = await import('rolldown');
  const made = `${folder}-${process.pid}`;
  try {
    const program = await rolldown({
      input: { main: fileURLToPath(new URL('../src/cli/main.ts', import.meta.url)) },
      platform: 'node',
      // It reads its machine code from beside itself.
      external: [/^@cedar-policy\//, 'pg-native'],
      plugins: [placesOfSources],
      logLevel: 'silent',
    });
    await program.write({
      dir: made,
      format: 'esm',
      entryFileNames: '[name].mjs',
      chunkFileNames: '[name]-[hash].mjs',
      // Names stay, for the traces of errors.
      minify: { compress: false, mangle: false, codegen: { removeWhitespace: true } },
    });
    await buildConsole(join(made, 'console'));
    // Another set-up may have been quicker.
    if (!existsSync(folder)) renameSync(made, folder);
  } finally {
    rmSync(made, { recursive: true, force: true });
  }
}

function removeOld() {
  const programs = readdirSync(cacheFolder)
    .filter((name) => name.startsWith('program-'))
    .map((name) => join(cacheFolder, name))
    .sort((a, b) => statSync(b).mtimeMs - statSync(a).mtimeMs);
  for (const folder of programs.slice(KEPT)) rmSync(folder, { recursive: true, force: true });
}

try {
  const folder = preparedFolder();
  if (!existsSync(folder)) {
    mkdirSync(cacheFolder, { recursive: true });
    await prepare(folder);
    removeOld();
  }
} catch (error) {
  process.stderr.write(`set-up: the program starts from its sources, slower: ${error.message}\n`);
}
