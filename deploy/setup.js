// Sets up what `npm start` and `npm test` need, before they run. Plain JavaScript for whatever Node the machine has.
// Installs npm packages from the lock file and, on Debian as root, nats-server; elsewhere it says how.
import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const stampPath = join(root, 'node_modules', '.tocsin-lock');
const say = (text) => process.stderr.write(`${text}\n`);
const fail = (text) => {
  say(`set-up: ${text}`);
  process.exit(1);
};

function installPackages() {
  const wanted = createHash('sha256')
    .update(readFileSync(join(root, 'package-lock.json')))
    .digest('hex');
  const found = existsSync(stampPath) ? readFileSync(stampPath, 'utf8').trim() : '';
  if (wanted !== found) {
    say('set-up: installing npm packages from the lock file (once) …');
    const result = spawnSync('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'], {
      cwd: root,
      stdio: ['ignore', 'ignore', 'inherit'],
      // npm passes the script's own settings down; an inner `npm ci` must see the project, not the script.
      env: Object.fromEntries(
        Object.entries(process.env).filter(([name]) => !/^npm_(?!config_)/i.test(name)),
      ),
    });
    if (result.status !== 0) fail('npm ci failed; see its message above, then run the command again.');
    writeFileSync(stampPath, `${wanted}\n`);
  }
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

const onPath = (program) =>
  (process.env.PATH ?? '')
    .split(':')
    .concat('/usr/sbin', '/usr/local/sbin')
    .some((dir) => dir !== '' && existsSync(join(dir, program)));

function installNatsServer() {
  if (onPath('nats-server')) return;
  const how =
    'install nats-server (Debian: `apt-get install nats-server`; elsewhere: your packages, or a release of the NATS project) so that it is on the PATH.';
  if (!existsSync('/etc/debian_version') || process.getuid?.() !== 0) fail(`nats-server is missing: ${how}`);
  say('set-up: installing nats-server from Debian (once) …');
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  try {
    execFileSync('apt-get', ['update', '-qq'], { env, stdio: 'ignore' });
    // The package starts a server of its own by default; Tocsin starts the one it needs itself.
    execFileSync('apt-get', ['install', '-y', '-qq', '--no-install-recommends', 'nats-server'], {
      env,
      stdio: 'ignore',
    });
  } catch (error) {
    fail(`apt-get could not install nats-server (${error.message}): ${how}`);
  }
  if (!onPath('nats-server')) fail(`nats-server is still missing after apt-get: ${how}`);
}

installPackages();
installNatsServer();
