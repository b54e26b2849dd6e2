/** Verbs of whoever founds networks and runs nodes. */
import { type Command, Option } from 'commander';
import { instantOption, nodeAt, nodeWords, wholeNumbers, witnessLine } from '../roster-options.ts';
import {
  days,
  digestOption,
  list,
  networkDigest,
  nodeDir,
  officer,
  port,
  runs,
  wholeNumber,
} from '../verb.ts';

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
  proposals(group);
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

/** From a change that one member proposes to the version that every node uses. */
function proposals(group: Command): void {
  runs(
    group
      .command('propose')
      .description(
        'write the next roster version: any changes to the one in use, with a list of what would change',
      )
      .argument('[history]', 'roster history, or the file of the version in use; left out with --dir')
      .addOption(networkDigest().makeOptionMandatory(false))
      .option('--dir <dir>', "a node's folder: propose from the roster that it uses")
      .option('--add <file>', 'member.json of a new member', list)
      .option(
        '--suspend <node[@instant]>',
        'suspend a member, now or from an instant (which may lie in the past)',
        nodeAt,
      )
      .option('--expel <node[@instant]>', 'expel a member', nodeAt)
      .option('--reinstate <node[@instant]>', 'make a suspended member active again', nodeAt)
      .option('--groups <node=a,b>', "replace a member's groups", nodeWords)
      .option('--role <node=role>', "change a member's role: national, hub, hotline, observer", nodeWords)
      .option('--duties <node=a,b>', "replace a member's duties, as euc-verifier", nodeWords)
      .option('--desk-groups <node=a,b>', "replace a member's desk groups", nodeWords)
      .option(
        '--replace-authority <file>',
        'member.json with the new authority certificate and authority key',
        list,
      )
      .option(
        '--replace-governance <file>',
        'member.json with the new governance key; also gives one to a member without',
        list,
      )
      .option('--replace-broker-user <file>', 'member.json with the new broker user', list)
      .option('--drop-governance <node>', 'a member no longer votes', list)
      .option(
        '--witnesses <node=k:a,b,c>',
        "who cosigns a member's log, and how many of them are needed",
        witnessLine,
      )
      .option('--require-suite <n>', 'suites that every message must satisfy; once for each', wholeNumbers)
      .option('--minimum-format <n>', 'lowest format that is accepted', wholeNumber)
      .option('--threshold <n>', 'new threshold of governance signatures', wholeNumber)
      .option('--policy <file>', 'new network baseline')
      .option('--valid-days <n>', 'days until the roster expires', days, 365)
      .option('--expires <instant>', 'instead of --valid-days', instantOption)
      .requiredOption('--out <file>', 'file to write'),
    async () => (await import('../commands/network.ts')).propose,
  );
  runs(
    group
      .command('diff')
      .description('what changes between two rosters, or from the last but one to the last version of a file')
      .argument('<roster>', 'roster history, or the older of two files')
      .argument('[newer]', 'the newer file'),
    async () => (await import('../commands/network.ts')).diff,
  );
  runs(
    group
      .command('sign')
      .description(
        "add this member's governance signature to a roster, by each of its keys that counts, or signatures that others added to their copies",
      )
      .argument('<roster>', 'file that `network create` or `network propose` wrote')
      .option('--dir <dir>', "the node's folder, with its governance key, and the next one where it changes")
      .option('--merge <file>', 'a copy signed by another member', list),
    async () => (await import('../commands/network.ts')).sign,
  );
  runs(
    group
      .command('governance-key')
      .description("make this member's next governance key, and the member.json that proposes it")
      .addOption(nodeDir())
      .requiredOption('--out <file>', 'file to write'),
    async () => (await import('../commands/network.ts')).governanceKey,
  );
  runs(
    group
      .command('adopt')
      .description(
        'judge a signed version against the one in use and put it into the node folder; a running node takes it up within seconds',
      )
      .argument('<roster>', 'file with the signatures of both thresholds')
      .addOption(nodeDir())
      .addOption(
        digestOption(
          '--resolve <digest>',
          'where governments signed two rosters of one version: digest of the one that they agreed on',
        ),
      ),
    async () => (await import('../commands/network.ts')).adopt,
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
      .command('recover')
      .description(
        'raise the incarnation of a node that does not run: restored, or its store is behind what partners hold of it (alarm STORE_BEHIND)',
      )
      .addOption(nodeDir())
      .option('--authority <dir>', "folder of the national authority, where it is not in the node's folder"),
    async () => (await import('../commands/node.ts')).recover,
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

const role = () =>
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
    .default('officer');

/** Who an officer is, as certificate and account say it. */
const who = (command: Command): Command =>
  command
    .addOption(nodeDir())
    .requiredOption('--name <name>', "the officer's name or staff number")
    .requiredOption('--agency <name>', 'agency of the officer')
    .requiredOption(
      '--desk-group <group>',
      'police, customs, licensing, military, border, hotline, hub or register',
    )
    .addOption(role());

export function officers(program: Command): void {
  const group = program.command('officer').description('officers of the desk');
  runs(
    group
      .command('revoke')
      .description(
        "take an officer's certificate or account back: a running node refuses it at once, calls under way included",
      )
      .argument(
        '<officer>',
        "the officer's folder, the certificate (PEM), or the fingerprint as the audit trail has it",
      )
      .addOption(nodeDir())
      .requiredOption('--reason <text>', 'why, for the audit trail'),
    async () => (await import('../commands/officer.ts')).revoke,
  );
  runs(
    who(
      group
        .command('invite')
        .description('make a one-time link by which an officer gets an account at the console'),
    ).option(
      '--certificate <file>',
      "the officer's folder or certificate (PEM): card and account are then one officer, who cannot release his own drafts",
    ),
    async () => (await import('../commands/officer.ts')).invite,
  );
  runs(
    who(
      group
        .command('issue')
        .description('make a certificate for an officer, and the folder that --officer takes'),
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
