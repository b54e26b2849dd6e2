/** Verbs of whoever keeps a node's store: backups, restoring, moving, and the check of everything that a store promises. */
import { type Command, Option } from 'commander';
import { nodeDir, runs } from '../verb.ts';

const passphraseFile = () =>
  new Option(
    '--passphrase-file <file>',
    'file of mode 0600 with the recovery passphrase on one line, 16 characters or more',
  )
    .env('TOCSIN_BACKUP_PASSPHRASE_FILE')
    .makeOptionMandatory();

export function backup(program: Command): void {
  const group = program
    .command('backup')
    .description("a node's folder in one file, sealed to a passphrase, without its prekeys");
  runs(
    group
      .command('make', { isDefault: true })
      .description('write a backup of a node, which may run meanwhile, and read it back')
      .addOption(nodeDir())
      .requiredOption('--to <file>', 'file to write')
      .addOption(passphraseFile())
      .option('--with-authority', "put the national authority's keys into it as well"),
    async () => (await import('../commands/backup.ts')).make,
  );
  runs(
    group
      .command('verify')
      .description('open the whole of a backup and write nothing')
      .argument('<file>', 'backup')
      .addOption(passphraseFile()),
    async () => (await import('../commands/backup.ts')).verify,
  );
  runs(
    program
      .command('restore')
      .description(
        "make a node's folder out of a backup, under a higher incarnation, so that partners give back what it lacks",
      )
      .argument('<file>', 'backup')
      .requiredOption('--dir <dir>', 'folder to make; must not exist, or be empty')
      .addOption(passphraseFile())
      .option('--authority <dir>', 'folder of the national authority, where it is not in the backup'),
    async () => (await import('../commands/backup.ts')).restore,
  );
}

export function fsck(program: Command): void {
  runs(
    program
      .command('fsck')
      .description(
        'check every promise of the store of a node that does not run: logs made again from their leaves, records, links, audit',
      )
      .addOption(nodeDir()),
    async () => (await import('../commands/fsck.ts')).fsck,
  );
}

export function store(program: Command): void {
  const group = program.command('store').description("a node's database: a file on SQLite, or PostgreSQL");
  runs(
    group
      .command('migrate')
      .description(
        'move the store of a node that does not run into an empty one, proved by the roots of its logs and a digest of every table',
      )
      .requiredOption('--from <place>', 'store.sqlite of a node, or postgres://user@host/database')
      .requiredOption('--to <place>', 'the same; it must be empty')
      .option('--password-file <file>', "file of mode 0600 with the server's password on one line"),
    async () => (await import('../commands/store.ts')).migrate,
  );
}
