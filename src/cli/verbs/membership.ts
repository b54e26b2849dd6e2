/** Verbs of whoever founds networks and runs nodes. */
import { type Command, Option } from 'commander';
import { days, list, networkDigest, nodeDir, officer, port, runs, wholeNumber } from '../verb.ts';

export function network(program: Command): void {
  const group = program
    .command('network')
    .description('found a network, change its roster, set up its broker');
  runs(
    group
      .command('create')
      .description("write roster version 1 out of the members' requests, to be signed by each of them")
      .requiredOption('--name <name>', 'name of the network, for people')
      .requiredOption('--member <file>', "a member's member.json; once for each", list)
      .requiredOption('--threshold <n>', 'governance signatures that a roster needs', wholeNumber)
      .option(
        '--policy <file>',
        'Cedar file with the network baseline (default: the baseline that ships with Tocsin)',
      )
      .option('--valid-days <n>', 'days until the roster expires', days, 365)
      .requiredOption('--out <file>', 'file to write'),
    async () => (await import('../commands/network.ts')).create,
  );
  runs(
    group
      .command('propose')
      .description('write the next roster version: members added, suspended, expelled or active again')
      .argument('<history>', 'roster history, or the file of the version in use')
      .addOption(networkDigest())
      .option('--add <file>', 'member.json of a new member', list)
      .option('--suspend <node>', 'suspend a member', list)
      .option('--expel <node>', 'expel a member', list)
      .option('--reinstate <node>', 'make a suspended member active again', list)
      .option('--threshold <n>', 'new threshold', wholeNumber)
      .option('--policy <file>', 'new network baseline')
      .option('--valid-days <n>', 'days until the roster expires', days, 365)
      .requiredOption('--out <file>', 'file to write'),
    async () => (await import('../commands/network.ts')).propose,
  );
  runs(
    group
      .command('sign')
      .description(
        "add this member's governance signature to a roster, or signatures that others added to their copies",
      )
      .argument('<roster>', 'file that `network create` or `network propose` wrote')
      .option('--dir <dir>', "the node's folder, with its governance key")
      .option('--merge <file>', 'a copy signed by another member', list),
    async () => (await import('../commands/network.ts')).sign,
  );
  runs(
    group
      .command('show')
      .description('members, threshold, signatures and digest of a roster file')
      .argument('<roster>', 'roster or roster history'),
    async () => (await import('../commands/network.ts')).show,
  );
  runs(
    group
      .command('broker')
      .description("write the broker's configuration, certificate and permissions out of a roster")
      .argument('<roster>', 'signed roster or roster history')
      .addOption(networkDigest())
      .option('--host <address>', 'address to listen on', '127.0.0.1')
      .option('--port <port>', 'port to listen on', port, 4222)
      .option('--name <dns>', "name in the broker's certificate", 'broker.tocsin.test')
      .requiredOption('--out <dir>', 'folder to write'),
    async () => (await import('../commands/broker.ts')).configure,
  );
  runs(
    group
      .command('mailboxes')
      .description(
        'create the mailboxes of all members on a running broker; running it again changes nothing',
      )
      .argument('<dir>', 'folder that `network broker` wrote')
      .option('--wait <seconds>', 'how long to wait for the broker', wholeNumber, 15),
    async () => (await import('../commands/broker.ts')).mailboxes,
  );
}

export function node(program: Command): void {
  const group = program.command('node').description("found, join and run a state's node");
  runs(
    group
      .command('init')
      .description("make a member's authority and keys, and member.json for whoever founds the network")
      .argument('<id>', 'node id, as XA')
      .requiredOption('--dir <dir>', 'folder to make')
      .requiredOption('--name <name>', 'display name')
      .option('--country <code>', 'ISO 3166-1 alpha-2 code; left out for a body that belongs to no state')
      .addOption(
        new Option('--role <role>', 'duty of the node')
          .choices(['national', 'hub', 'hotline', 'observer'])
          .default('national'),
      )
      .option('--group <group>', 'roster group, lower case; once for each', list)
      .option(
        '--desk-group <group>',
        'police, customs, licensing, military, border, hotline, hub or register; once for each',
        list,
      )
      .option('--duty <duty>', 'single office, as euc-verifier; once for each', list)
      .option('--tls-name <dns>', "name in the node's certificate (default: node.<id>.tocsin.test)"),
    async () => (await import('../commands/node.ts')).init,
  );
  runs(
    group
      .command('join')
      .description('pin the network, publish the key statement, write node.yaml')
      .requiredOption('--dir <dir>', "the node's folder")
      .requiredOption('--roster <file>', 'signed roster or roster history')
      .addOption(networkDigest())
      .requiredOption('--broker <url>', 'tls://host:port of the broker; once for each server', list)
      .requiredOption('--broker-ca <file>', "PEM file of the broker's certificate authority")
      .option('--broker-name <dns>', "name in the broker's certificate", 'broker.tocsin.test')
      .option('--desk-host <address>', 'address the desk listens on', '127.0.0.1')
      .option('--desk-port <port>', 'port the desk listens on', port, 7443)
      .option('--tick-ms <ms>', 'one log checkpoint every so many milliseconds', wholeNumber, 60_000)
      .addOption(
        new Option('--policy <template>', 'national policy to start from')
          .choices(['standard', 'strict'])
          .default('standard'),
      ),
    async () => (await import('../commands/node.ts')).join,
  );
  runs(
    group.command('run').description('run the node until it is told to stop').addOption(nodeDir()),
    async () => (await import('../commands/node.ts')).run,
  );
  runs(
    group
      .command('status')
      .description('what the node says of itself: version, log, links, alarms')
      .addOption(officer()),
    async () => (await import('../commands/node.ts')).status,
  );
  runs(
    group
      .command('test-link')
      .description('ask a partner whether it is there, and whether records come back receipted')
      .argument('<partner>', 'node id')
      .addOption(officer())
      .option('--record', 'send a record about nothing as well, the whole way that real ones take')
      .option('--wait <seconds>', 'for its receipt, which waits for two checkpoints', wholeNumber, 180),
    async () => (await import('../commands/node.ts')).testLink,
  );
}

export function officers(program: Command): void {
  runs(
    program
      .command('officer')
      .description('officers of the desk')
      .command('issue')
      .description('make a certificate for an officer, and the folder that --officer takes')
      .addOption(nodeDir())
      .requiredOption('--name <name>', "the officer's name or staff number")
      .requiredOption('--agency <name>', 'agency of the officer')
      .requiredOption(
        '--desk-group <group>',
        'police, customs, licensing, military, border, hotline, hub or register',
      )
      .addOption(
        new Option('--role <role>', 'role at the desk')
          .choices([
            'officer',
            'releaser',
            'analyst',
            'operator',
            'controller',
            'administrator',
            'auditor',
            'observer',
          ])
          .default('officer'),
      )
      .option('--valid-days <n>', 'days until the certificate expires', days, 365)
      .option(
        '--p12-password <text>',
        'also write officer.p12 for a browser or smart card, under this password',
      )
      .requiredOption('--out <dir>', 'folder to make'),
    async () => (await import('../commands/officer.ts')).issue,
  );
}

export function doctor(program: Command): void {
  runs(
    program
      .command('doctor')
      .description('what is wrong with a node: clock, disk, keys, certificates, roster, broker, links')
      .addOption(nodeDir()),
    async () => (await import('../commands/doctor.ts')).doctor,
  );
}
