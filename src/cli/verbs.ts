/** The verbs and their options. What a verb does is in commands/, loaded when it is called. */
import { type Command, InvalidArgumentError, Option } from 'commander';
import { createOutput, type Output } from './print.ts';

/** A verb's implementation: positional arguments, options, where to print. */
export type Verb<Options> = (args: readonly string[], options: Options, output: Output) => Promise<void>;

const list = (value: string, before: readonly string[] = []): string[] => [...before, value];

function wholeNumber(value: string): number {
  const number = Number(value);
  if (!/^\d+$/.test(value) || !Number.isSafeInteger(number))
    throw new InvalidArgumentError('expected a whole number.');
  return number;
}

function digest(value: string): string {
  const text = value.replaceAll(/[\s:-]/g, '').toLowerCase();
  if (!/^[0-9a-f]{64}$/.test(text))
    throw new InvalidArgumentError('expected 64 hexadecimal digits (spaces and colons do not matter).');
  return text;
}

/** Ties a commander command to a verb that is loaded only when it is called. */
function runs<Options>(command: Command, load: () => Promise<Verb<Options>>): void {
  command.action(async (...given: unknown[]) => {
    const args = given
      .slice(0, -2)
      .flatMap((one) => (Array.isArray(one) ? (one as string[]) : one === undefined ? [] : [String(one)]));
    const options = command.optsWithGlobals<Options & { json?: boolean }>();
    const verb = await load();
    await verb(args, options, createOutput({ json: options.json === true }));
  });
}

const officer = () =>
  new Option('--officer <dir>', "the officer's folder, as `officer issue` made it")
    .env('TOCSIN_OFFICER')
    .makeOptionMandatory();
const nodeDir = () => new Option('--dir <dir>', "the node's folder").env('TOCSIN_NODE').makeOptionMandatory();
const networkDigest = () =>
  new Option('--network-digest <hex>', 'SHA-256 of roster version 1, got out of band and compared by voice')
    .argParser(digest)
    .makeOptionMandatory();

function demo(program: Command): void {
  runs(
    program
      .command('demo')
      .description(
        'five nodes of a fictional region exchange records over a real broker; a board shows who sees what and why',
      )
      .option('--once', 'run the story to its end, print the final matrix and the proofs, stop')
      .option('--dir <dir>', 'keep everything there (default: a temporary folder, removed at the end)'),
    async () => (await import('./commands/demo.ts')).demo,
  );
}

function network(program: Command): void {
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
      .option('--valid-days <n>', 'days until the roster expires', wholeNumber, 365)
      .requiredOption('--out <file>', 'file to write'),
    async () => (await import('./commands/network.ts')).create,
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
      .option('--valid-days <n>', 'days until the roster expires', wholeNumber, 365)
      .requiredOption('--out <file>', 'file to write'),
    async () => (await import('./commands/network.ts')).propose,
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
    async () => (await import('./commands/network.ts')).sign,
  );
  runs(
    group
      .command('show')
      .description('members, threshold, signatures and digest of a roster file')
      .argument('<roster>', 'roster or roster history'),
    async () => (await import('./commands/network.ts')).show,
  );
  runs(
    group
      .command('broker')
      .description("write the broker's configuration, certificate and permissions out of a roster")
      .argument('<roster>', 'signed roster or roster history')
      .addOption(networkDigest())
      .option('--host <address>', 'address to listen on', '127.0.0.1')
      .option('--port <port>', 'port to listen on', wholeNumber, 4222)
      .option('--name <dns>', "name in the broker's certificate", 'broker.tocsin.test')
      .requiredOption('--out <dir>', 'folder to write'),
    async () => (await import('./commands/broker.ts')).configure,
  );
  runs(
    group
      .command('mailboxes')
      .description(
        'create the mailboxes of all members on a running broker; running it again changes nothing',
      )
      .argument('<dir>', 'folder that `network broker` wrote')
      .option('--wait <seconds>', 'how long to wait for the broker', wholeNumber, 15),
    async () => (await import('./commands/broker.ts')).mailboxes,
  );
}

function node(program: Command): void {
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
    async () => (await import('./commands/node.ts')).init,
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
      .option('--desk-port <port>', 'port the desk listens on', wholeNumber, 7443)
      .option('--tick-ms <ms>', 'one log checkpoint every so many milliseconds', wholeNumber, 60_000)
      .addOption(
        new Option('--policy <template>', 'national policy to start from')
          .choices(['standard', 'strict'])
          .default('standard'),
      ),
    async () => (await import('./commands/node.ts')).join,
  );
  runs(
    group.command('run').description('run the node until it is told to stop').addOption(nodeDir()),
    async () => (await import('./commands/node.ts')).run,
  );
  runs(
    group
      .command('status')
      .description('what the node says of itself: version, log, links, alarms')
      .addOption(officer()),
    async () => (await import('./commands/node.ts')).status,
  );
}

function officers(program: Command): void {
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
      .option('--valid-days <n>', 'days until the certificate expires', wholeNumber, 365)
      .option(
        '--p12-password <text>',
        'also write officer.p12 for a browser or smart card, under this password',
      )
      .requiredOption('--out <dir>', 'folder to make'),
    async () => (await import('./commands/officer.ts')).issue,
  );
}

function records(program: Command): void {
  const group = program.command('record').description('draft, release and read records');
  runs(
    group
      .command('draft')
      .description('make a draft of a JSON file, or change one')
      .argument('<file>', 'JSON file; - for standard input')
      .addOption(officer())
      .option('--id <draft>', 'change this draft instead of making one')
      .option('--submit', 'submit it at once'),
    async () => (await import('./commands/record.ts')).draft,
  );
  runs(
    group
      .command('submit')
      .description('submit a draft for release')
      .argument('<draft>')
      .addOption(officer()),
    async () => (await import('./commands/record.ts')).submit,
  );
  runs(
    group
      .command('release')
      .description('release a submitted draft: sign it and send it to whom policy allows')
      .argument('<draft>')
      .addOption(officer()),
    async () => (await import('./commands/record.ts')).release,
  );
  runs(
    group
      .command('revise')
      .description('make a draft of the next revision of an own record')
      .argument('<record>', 'record id or header digest')
      .argument('<file>', 'JSON file with the whole new content; - for standard input')
      .addOption(officer()),
    async () => (await import('./commands/record.ts')).revise,
  );
  runs(
    group
      .command('show')
      .description('a record as this officer may see it, with its verification')
      .argument('<record>', 'record id or header digest')
      .addOption(officer()),
    async () => (await import('./commands/record.ts')).show,
  );
  runs(
    group
      .command('list')
      .description('records, newest first')
      .addOption(officer())
      .option('--kind <kind>', 'only this kind')
      .option('--originator <node>', 'only from this node')
      .option('--text <text>', 'only with this text in the title')
      .option('--limit <n>', 'how many', wholeNumber, 50)
      .option('--drafts', 'drafts instead of records'),
    async () => (await import('./commands/record.ts')).listRecords,
  );
  runs(
    program
      .command('inbox')
      .description('what arrived for this officer, oldest first')
      .addOption(officer())
      .option('--follow', 'keep waiting for more')
      .option('--from <position>', 'start behind this position', wholeNumber, 0),
    async () => (await import('./commands/record.ts')).inbox,
  );
}

function imports(program: Command): void {
  runs(
    program
      .command('import')
      .description('import a published list as drafts')
      .command('un-list')
      .description('the UN Security Council consolidated list (XML): one watchlist entry a person or entity')
      .argument('<file>', 'XML file')
      .addOption(officer())
      .option(
        '--releaser <dir>',
        'folder of a second officer, who releases what is imported; without it the drafts wait for one',
      ),
    async () => (await import('./commands/import.ts')).unList,
  );
}

function policy(program: Command): void {
  const group = program.command('policy').description('check, preview, test and compare policies');
  runs(
    group
      .command('check')
      .description('check a Cedar file against the schema, and lint it')
      .argument('<file>')
      .addOption(
        new Option('--layer <layer>', 'which layer it is for')
          .choices(['national', 'baseline'])
          .default('national'),
      ),
    async () => (await import('./commands/policy.ts')).check,
  );
  runs(
    group
      .command('preview')
      .description('partners × facets, and why, for a draft or record')
      .argument('<id>', 'draft or record')
      .addOption(officer()),
    async () => (await import('./commands/policy.ts')).preview,
  );
  runs(
    group
      .command('test')
      .description('run scenarios: who must see what')
      .argument('[file]', 'scenario file (default: the scenarios that ship with Tocsin)')
      .option('--national <file>', 'national policy to test with (default: the standard template)'),
    async () => (await import('./commands/policy.ts')).test,
  );
  runs(
    group
      .command('diff')
      .description('what becomes visible, or no longer, to whom, over the records of a node')
      .argument('<old>', 'Cedar file')
      .argument('<new>', 'Cedar file')
      .addOption(officer()),
    async () => (await import('./commands/policy.ts')).diff,
  );
}

function logs(program: Command): void {
  const group = program.command('log').description('the transparency log, and what it proves');
  runs(
    group.command('show').description('size, root and newest checkpoints of the log').addOption(officer()),
    async () => (await import('./commands/log.ts')).show,
  );
  runs(
    group
      .command('prove')
      .description('write the evidence bundle of a record')
      .argument('<record>', 'record id or header digest')
      .addOption(officer())
      .requiredOption('--out <dir>', 'folder to make'),
    async () => (await import('./commands/log.ts')).prove,
  );
  runs(
    group
      .command('verify')
      .description('judge evidence bundles offline: needs no node, no network and no configuration')
      .argument('<path...>', 'folder of a bundle, or a folder of such folders')
      .addOption(networkDigest()),
    async () => (await import('./commands/log.ts')).verify,
  );
  runs(
    program
      .command('roster')
      .description('the membership document')
      .command('verify')
      .description('check a roster history from version 1 on')
      .argument('<file>', 'roster or roster history')
      .addOption(networkDigest()),
    async () => (await import('./commands/network.ts')).verifyRoster,
  );
}

export function registerCommands(program: Command): void {
  demo(program);
  network(program);
  node(program);
  officers(program);
  records(program);
  imports(program);
  policy(program);
  logs(program);
  runs(
    program
      .command('doctor')
      .description('what is wrong with a node: clock, disk, keys, certificates, roster, broker, links')
      .addOption(nodeDir()),
    async () => (await import('./commands/doctor.ts')).doctor,
  );
}
