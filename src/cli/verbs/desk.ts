/** Verbs of officers at the desk, and of anybody who holds evidence. */
import { type Command, Option } from 'commander';
import { list, networkDigest, nodeDir, officer, runs, wholeNumber } from '../verb.ts';

export function records(program: Command): void {
  const group = program.command('record').description('draft, release and read records');
  runs(
    group
      .command('draft')
      .description('make a draft of a JSON file, or change one')
      .argument('<file>', 'JSON file; - for standard input')
      .addOption(officer())
      .option('--id <draft>', 'change this draft instead of making one')
      .option('--submit', 'submit it at once'),
    async () => (await import('../commands/record.ts')).draft,
  );
  runs(
    group
      .command('submit')
      .description('submit a draft for release')
      .argument('<draft>')
      .addOption(officer()),
    async () => (await import('../commands/record.ts')).submit,
  );
  runs(
    group
      .command('release')
      .description('release a submitted draft: sign it and send it to whom policy allows')
      .argument('<draft>')
      .addOption(officer()),
    async () => (await import('../commands/record.ts')).release,
  );
  runs(
    group
      .command('revise')
      .description('make a draft of the next revision of an own record')
      .argument('<record>', 'record id or header digest')
      .argument('<file>', 'JSON file with the whole new content; - for standard input')
      .addOption(officer()),
    async () => (await import('../commands/record.ts')).revise,
  );
  runs(
    group
      .command('show')
      .description('a record as this officer may see it, with its verification')
      .argument('<record>', 'record id or header digest')
      .addOption(officer()),
    async () => (await import('../commands/record.ts')).show,
  );
  runs(
    group
      .command('acknowledge')
      .description(
        "take a partner's record in hand; the originator of a warning is told the desk group and the time",
      )
      .argument('<record>', 'record id or header digest')
      .addOption(officer()),
    async () => (await import('../commands/inbox.ts')).acknowledge,
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
    async () => (await import('../commands/record.ts')).listRecords,
  );
  runs(
    program
      .command('inbox')
      .description('what arrived for this officer, oldest first')
      .addOption(officer())
      .option('--follow', 'keep waiting for more')
      .option('--from <position>', 'start behind this position', wholeNumber, 0),
    async () => (await import('../commands/inbox.ts')).inbox,
  );
}

export function policy(program: Command): void {
  const group = program
    .command('policy')
    .description('check, preview, test and compare policies; put another national policy in force');
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
    async () => (await import('../commands/policy.ts')).check,
  );
  runs(
    group
      .command('preview')
      .description('partners × facets, and why, for a draft or record')
      .argument('<id>', 'draft or record')
      .addOption(officer()),
    async () => (await import('../commands/policy.ts')).preview,
  );
  runs(
    group
      .command('test')
      .description('run scenarios: who must see what')
      .argument('[file]', 'scenario file (default: the scenarios that ship with Tocsin)')
      .option('--national <file>', 'national policy to test with (default: the standard template)'),
    async () => (await import('../commands/policy.ts')).test,
  );
  runs(
    group
      .command('diff')
      .description('what becomes visible, or no longer, to whom, over the records of a node')
      .argument('<old>', 'Cedar file')
      .argument('<new>', 'Cedar file')
      .addOption(officer()),
    async () => (await import('../commands/policy.ts')).diff,
  );
  runs(
    group
      .command('propose')
      .description('propose a national policy in the place of the one in force (administrators)')
      .argument('<file>', 'Cedar file; - for standard input')
      .addOption(officer())
      .requiredOption('--reason <text>', 'why, for the second administrator'),
    async () => (await import('../commands/policy.ts')).propose,
  );
  runs(
    group
      .command('proposals')
      .description('national policies that were proposed, newest first (administrators, auditors)')
      .addOption(officer())
      .option('--open', 'only those that wait for a second administrator'),
    async () => (await import('../commands/policy.ts')).proposals,
  );
  runs(
    group
      .command('adopt')
      .description('put a proposal in force: another administrator than the one who proposed it')
      .argument('<proposal>', 'id, as `policy proposals` lists it')
      .addOption(officer()),
    async () => (await import('../commands/policy.ts')).adopt,
  );
  runs(
    group
      .command('withdraw')
      .description('take a proposal back, or turn it down (administrators)')
      .argument('<proposal>', 'id, as `policy proposals` lists it')
      .addOption(officer())
      .option('--note <text>', 'why'),
    async () => (await import('../commands/policy.ts')).withdraw,
  );
}

export function audits(program: Command): void {
  const group = program
    .command('audit')
    .description('who read, searched, decided or was refused what, and what for');
  runs(
    group
      .command('show')
      .description('rows of the audit trail, newest first (auditors)')
      .addOption(officer())
      .option('--subject <text>', 'a draft, a record (header digest: also lists that showed it), a call')
      .option(
        '--actor <officer>',
        "beginning of a certificate's fingerprint, `node`, or an officer's whole name",
      )
      .option('--action <text>', 'actions that begin so, as record. or desk.refused')
      .option('--since <time>', 'ISO time, as 2026-01-31 or 2026-01-31T08:00:00Z')
      .option('--limit <n>', 'how many', wholeNumber, 100),
    async () => (await import('../commands/audit.ts')).show,
  );
  runs(
    group
      .command('verify')
      .description(
        'recompute the chain of rows and compare it with the anchors in the log; names the first row that does not fit',
      )
      .addOption(officer().makeOptionMandatory(false).conflicts(['dir', 'file']))
      .addOption(nodeDir().makeOptionMandatory(false).conflicts(['file']))
      .option('--file <file>', 'an export, judged offline')
      .addOption(networkDigest().makeOptionMandatory(false)),
    async () => (await import('../commands/audit.ts')).verify,
  );
  runs(
    group
      .command('export')
      .description('the whole trail with its proofs, as a file that anybody judges offline (auditors)')
      .addOption(officer())
      .requiredOption('--out <file>', 'file to make'),
    async () => (await import('../commands/audit.ts')).exportFile,
  );
  runs(
    group
      .command('report')
      .description(
        'disclosures sampled and decided once more, what is overdue, recalls unanswered, openings, officers who stand out: one file that the node signs (auditors)',
      )
      .addOption(officer())
      .requiredOption('--out <file>', 'file to make')
      .option('--since <time>', 'ISO time; 30 days before the end where it is not given')
      .option('--until <time>', 'ISO time; now where it is not given')
      .option('--count <n>', 'disclosures to sample, at most 100', wholeNumber, 25)
      .option('--seed <text>', 'draws the same sample again; the node makes one where it is not given'),
    async () => (await import('../commands/oversight.ts')).report,
  );
  runs(
    group
      .command('verify-report')
      .description('judge a report offline: who signed it, whether a byte of it was changed, what it found')
      .argument('<file>', 'a report')
      .addOption(networkDigest()),
    async () => (await import('../commands/oversight.ts')).verifyReport,
  );
}

export function logs(program: Command): void {
  const group = program.command('log').description('the transparency log, and what it proves');
  runs(
    group.command('show').description('size, root and newest checkpoints of the log').addOption(officer()),
    async () => (await import('../commands/log.ts')).show,
  );
  runs(
    group
      .command('prove')
      .description('write the evidence bundle of a record')
      .argument('<record>', 'record id or header digest')
      .addOption(officer())
      .requiredOption('--out <dir>', 'folder to make'),
    async () => (await import('../commands/log.ts')).prove,
  );
  runs(
    group
      .command('verify')
      .description(
        'judge evidence bundles and misconduct files offline: needs no node, no network and no configuration',
      )
      .argument('<path...>', 'folder of a bundle, a folder of such folders, or a file of `alarms export`')
      .addOption(networkDigest())
      .option(
        '--statement <file>',
        'a later key statement of the originator that you hold (statement.bin): it may take keys back; once for each',
        list,
      ),
    async () => (await import('../commands/log.ts')).verify,
  );
  runs(
    program
      .command('roster')
      .description('the membership document')
      .command('verify')
      .description('check a roster history from version 1 on')
      .argument('<file>', 'roster or roster history')
      .addOption(networkDigest()),
    async () => (await import('../commands/network.ts')).verifyRoster,
  );
}
