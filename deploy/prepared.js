// The prepared program: what Tocsin consists of, libraries included, put into a few files, so that a command does not look for
// and read a thousand of them. It lies beside the installed packages and counts for exactly the sources that it was made of.
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
/** Holds prepared programs and Node's compiled code of them. */
export const cacheFolder = join(root, 'node_modules', '.cache', 'tocsin');

/** Where the program prepared from the present sources lies, whether it is there or not. Looks at names, sizes and times. */
export function preparedFolder() {
  const digest = createHash('sha256').update(root);
  for (const file of ['package-lock.json', join('deploy', 'prepare.js'), join('deploy', 'console.js')])
    digest.update(readFileSync(join(root, file)));
  const folders = [join(root, 'src')];
  for (let folder = folders.pop(); folder !== undefined; folder = folders.pop())
    for (const entry of readdirSync(folder, { withFileTypes: true })) {
      const path = join(folder, entry.name);
      if (entry.isDirectory()) folders.push(path);
      else {
        const { size, mtimeMs } = statSync(path);
        digest.update(`${path}\0${size}\0${mtimeMs}\n`);
      }
    }
  return join(cacheFolder, `program-${digest.digest('hex').slice(0, 32)}`);
}

/** Folder of the built console, where it was built from the present sources. */
export function preparedConsole() {
  const folder = join(preparedFolder(), 'console');
  return existsSync(join(folder, 'index.html')) ? folder : undefined;
}

/** File to start, where the program was prepared from the present sources. */
export function preparedEntry() {
  const prepared = join(preparedFolder(), 'main.mjs');
  return existsSync(prepared) ? prepared : undefined;
}
