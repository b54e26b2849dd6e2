// Sets up what `npm start` and `npm test` need, before they run. Plain JavaScript for whatever Node the machine has.
// Installs npm packages from the lock file and, on Debian as root, nats-server and, for tests, PostgreSQL, Chromium and poppler; elsewhere it says how.
import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, lstatSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const say = (text) => process.stderr.write(`${text}\n`);
const fail = (text) => {
  say(`set-up: ${text}`);
  process.exit(1);
};

/** `npm ci` in a folder, once for each state of its lock file. */
function installPackages(folder, what, ...options) {
  const stampPath = join(folder, 'node_modules', '.tocsin-lock');
  const wanted = createHash('sha256')
    .update(readFileSync(join(folder, 'package-lock.json')))
    .digest('hex');
  const found = existsSync(stampPath) ? readFileSync(stampPath, 'utf8').trim() : '';
  if (wanted === found) return;
  const modules = join(folder, 'node_modules');
  // npm would empty the folder that the link points to, which others may be using.
  if (lstatSync(modules, { throwIfNoEntry: false })?.isSymbolicLink())
    fail(
      `${modules} is a symbolic link, and what it points to is not installed from this lock file; remove the link, or install there, and run the command again.`,
    );
  say(`set-up: installing ${what} from the lock file (once) …`);
  const result = spawnSync('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error', ...options], {
    cwd: folder,
    stdio: ['ignore', 'ignore', 'inherit'],
    // npm passes the script's own settings down; an inner `npm ci` must see the project, not the script.
    env: Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^npm_(?!config_)/i.test(name))),
  });
  if (result.status !== 0)
    fail(`npm ci failed in ${folder}; see its message above, then run the command again.`);
  writeFileSync(stampPath, `${wanted}\n`);
}

function assertNode() {
  const node = join(root, 'node_modules', '.bin', 'node');
  const version = existsSync(node)
    ? spawnSync(node, ['--version'], { encoding: 'utf8' }).stdout.trim()
    : 'none';
  if (!version.startsWith('v24.')) {
    fail(
      `expected Node 24 at node_modules/.bin/node, found ${version}; remove node_modules and run the command again.`,
    );
  }
}

/** Does nothing where the sources are those of last time. */
function prepareProgram() {
  const node = join(root, 'node_modules', '.bin', 'node');
  const { status } = spawnSync(node, [join(root, 'deploy', 'prepare.js')], { stdio: 'inherit' });
  if (status !== 0) fail('deploy/prepare.js failed; see its message above.');
}

const onPath = (program) =>
  (process.env.PATH ?? '')
    .split(':')
    .concat('/usr/sbin', '/usr/local/sbin')
    .some((dir) => dir !== '' && existsSync(join(dir, program)));

/** What of the system is needed, who provides it, and how to see that it is there. */
const natsServer = { name: 'nats-server', isThere: () => onPath('nats-server') };
const postgresql = {
  name: 'postgresql',
  // Debian keeps a server's programs away from the PATH, a folder for each version.
  isThere: () =>
    onPath('initdb') ||
    (existsSync('/usr/lib/postgresql') &&
      readdirSync('/usr/lib/postgresql').some((version) =>
        existsSync(join('/usr/lib/postgresql', version, 'bin', 'initdb')),
      )),
  // Without this file the package would make a database cluster for the whole machine and start it.
  before() {
    const file = '/etc/postgresql-common/createcluster.conf';
    if (existsSync(file)) return;
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, 'create_main_cluster = false\n');
  },
};

/** Shows the console's pages to its tests. */
const chromium = {
  name: 'chromium',
  isThere: () => process.env.CHROMIUM !== undefined || existsSync('/usr/bin/chromium'),
};

/** Reads the files that the console prints. */
const poppler = { name: 'poppler-utils', isThere: () => onPath('pdftotext') };

/** Puts an officer's card into the browser of a test; it says aloud where this is missing. */
const nssTools = { name: 'libnss3-tools', isThere: () => onPath('certutil') };

/** Sets the clocks of nodes in plans of faults; these say aloud where it is missing. */
const libfaketime = {
  name: 'libfaketime',
  isThere: () =>
    existsSync('/usr/lib') &&
    readdirSync('/usr/lib').some((dir) =>
      existsSync(join('/usr/lib', dir, 'faketime', 'libfaketimeMT.so.1')),
    ),
};

/** Let plans of faults lose and double packets, where root may make network namespaces; these say aloud where one is missing. */
const nftables = { name: 'nftables', isThere: () => onPath('nft') || existsSync('/usr/sbin/nft') };
const iproute2 = { name: 'iproute2', isThere: () => onPath('ip') || existsSync('/usr/sbin/ip') };

function installIfPossible({ name, isThere }) {
  if (isThere() || !existsSync('/etc/debian_version') || process.getuid?.() !== 0) return;
  say(`set-up: installing ${name} from Debian (once) …`);
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  const options = ['-y', '-qq', '--no-install-recommends'];
  const { status } = spawnSync('apt-get', ['install', ...options, name], { env, stdio: 'ignore' });
  if (status !== 0) say(`set-up: ${name} could not be installed; what needs it is left out.`);
}

/** The packages start servers of their own by default; Tocsin and its tests start those that they need themselves. */
function installFromDebian(programs) {
  const missing = programs.filter(({ isThere }) => !isThere());
  if (missing.length === 0) return;
  const names = missing.map(({ name }) => name);
  const what = names.join(' and ');
  const how = `install ${what} (Debian: \`apt-get install ${names.join(' ')}\`; elsewhere: your packages, or a release of the project) so that the programs are on the PATH.`;
  if (!existsSync('/etc/debian_version') || process.getuid?.() !== 0) fail(`${what} is missing: ${how}`);
  say(`set-up: installing ${what} from Debian (once) …`);
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  try {
    for (const { before } of missing) before?.();
    execFileSync('apt-get', ['update', '-qq'], { env, stdio: 'ignore' });
    const options = ['-y', '-qq', '--no-install-recommends', '-o', 'Dpkg::Options::=--force-confold'];
    execFileSync('apt-get', ['install', ...options, ...names], { env, stdio: 'ignore' });
  } catch (error) {
    fail(`apt-get could not install ${what} (${error.message}): ${how}`);
  }
  const still = missing.filter(({ isThere }) => !isThere()).map(({ name }) => name);
  if (still.length > 0) fail(`${still.join(' and ')} is still missing after apt-get: ${how}`);
}

const purpose = process.argv[process.argv.indexOf('--for') + 1];
installPackages(root, 'npm packages');
assertNode();
if (purpose !== 'check' && purpose !== 'gen') prepareProgram();
// What the bench compares calls with is no dependency of the project: it has packages of its own, and none of their scripts runs.
if (purpose === 'bench')
  installPackages(join(root, 'test', 'bench', 'peers'), 'what calls are compared with', '--ignore-scripts');
// A node may have its store on PostgreSQL; only what compares the engines starts a server.
installFromDebian([
  natsServer,
  ...(['test', 'bench', 'faults'].includes(purpose) ? [postgresql] : []),
  ...(purpose === 'test' ? [chromium, poppler] : []),
]);
if (['test', 'faults'].includes(purpose))
  for (const one of [libfaketime, iproute2, nftables]) installIfPossible(one);
if (purpose === 'test') installIfPossible(nssTools);
