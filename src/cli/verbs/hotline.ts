/** Verbs of a hotline: a call's way from its intake to the warning that partners have in hand. */
import { type Command, Option } from 'commander';
import { names, officer, runs, wholeNumber } from '../verb.ts';

const CATEGORIES = ['movement', 'cache', 'sale', 'broker', 'document', 'stock-theft', 'threat', 'price'];
const IMMINENCE = ['now', 'hours', 'days', 'later'];
const CHANNELS = ['voice', 'sms', 'web', 'radio', 'walk-in', 'partner'];
const DECISIONS = ['warning', 'tasking', 'referred', 'drop'];
const CREDIBILITY = ['1', '2', '3', '4', '5', '6'];
const PRIORITIES = ['flash', 'immediate', 'priority', 'routine'];

const WORDS = 'file with the words in UTF-8; - for standard input (the command line is seen by others)';
const DRAFT = 'id of the draft, as `hotline reports` lists it';
const WARNING = 'record id or header digest of the warning';
const reviewed = () =>
  new Option(
    '--reviewed',
    'words that look like a number, address or name were read: they are not the caller’s',
  );
const broadcast = () =>
  new Option('--broadcast', 'send it at once on one signature: a flash for the public, by a controller');

export function hotline(program: Command): void {
  const group = program
    .command('hotline')
    .description('take reports, scrub and triage them, warn, and see who of the partners has it in hand');
  reports(group);
  warnings(group);
}

function reports(group: Command): void {
  const load = () => import('../commands/hotline-reports.ts');
  runs(
    group
      .command('intake')
      .description('take a report and hand it to a second operator; prints the number for the caller')
      .argument('<words>', WORDS)
      .addOption(officer())
      .addOption(
        new Option('--category <category>', 'what it is about').choices(CATEGORIES).makeOptionMandatory(),
      )
      .addOption(new Option('--imminence <when>', 'how soon').choices(IMMINENCE).makeOptionMandatory())
      .requiredOption('--region <region>', 'country or ISO 3166-2 subdivision, as XA or XA-N; no finer place')
      .requiredOption('--language <tag>', 'BCP 47 tag of the words, as `pt`')
      .addOption(new Option('--channel <channel>', 'how it came in').choices(CHANNELS).default('voice'))
      .option('--may-call-back', 'the caller agreed to be asked again')
      .addOption(reviewed()),
    async () => (await load()).intake,
  );
  runs(
    group
      .command('reports')
      .description('reports, the most pressing first, with what may be of the same matter')
      .addOption(officer())
      .option('--all', 'those that are over as well')
      .option('--number <number>', 'the report of a caller who calls again'),
    async () => (await load()).reports,
  );
  runs(
    group
      .command('report')
      .description('one report as this officer may read it')
      .argument('<report>', 'id of the draft, or header digest')
      .addOption(officer()),
    async () => (await load()).report,
  );
  runs(
    group
      .command('scrub')
      .description(
        "replace a caller's words by clean ones and propose a triage: never whoever took the report",
      )
      .argument('<draft>', DRAFT)
      .argument('<words>', WORDS)
      .addOption(officer())
      .addOption(
        new Option('--decision <what>', 'what becomes of it').choices(DECISIONS).makeOptionMandatory(),
      )
      .addOption(
        new Option(
          '--credibility <grade>',
          "NATO's scale, 1 confirmed to 6 cannot be judged; the source is F",
        )
          .choices(CREDIBILITY)
          .default('6'),
      )
      .option('--three-could-have-known', 'at least three people could have known what is left')
      .option('--score <n>', '0 to 100', wholeNumber, 0)
      .addOption(new Option('--category <category>', 'put right').choices(CATEGORIES))
      .addOption(new Option('--imminence <when>', 'put right').choices(IMMINENCE))
      .option('--language <tag>', 'BCP 47 tag of the clean words (default: that of the report)')
      .addOption(reviewed()),
    async () => (await load()).scrub,
  );
  runs(
    group
      .command('register')
      .description(
        'enter a scrubbed report into the register (a controller, who neither took nor scrubbed it)',
      )
      .argument('<draft>', DRAFT)
      .addOption(officer())
      .requiredOption('--who-could-have-known', 'checked: what is left tells nobody who called (R9)'),
    async () => (await load()).register,
  );
  runs(
    group
      .command('send-back')
      .description('return a report to whoever took it (controllers)')
      .argument('<draft>', DRAFT)
      .addOption(officer())
      .requiredOption('--note <text>', 'what has to change'),
    async () => (await load()).sendBack,
  );
  runs(
    group
      .command('drop')
      .description('give up a report that is not in the register; the words told are deleted')
      .argument('<draft>', DRAFT)
      .addOption(officer())
      .requiredOption('--reason <text>', 'why'),
    async () => (await load()).drop,
  );
  runs(
    group
      .command('close')
      .description('say what came of a report in the register: a revision, which a controller releases')
      .argument('<report>', 'header digest, as `hotline reports` lists it')
      .addOption(officer())
      .addOption(
        new Option('--as <state>', 'what came of it').choices(['actioned', 'dropped']).makeOptionMandatory(),
      )
      .option('--reason <text>', 'why; kept in the notes, which never leave'),
    async () => (await load()).close,
  );
}

function warnings(group: Command): void {
  const load = () => import('../commands/hotline-warnings.ts');
  const summary = 'JSON file: the summary of a warning, `texts` by language at least; - for standard input';
  runs(
    group
      .command('warn')
      .description('make a warning and submit it; what the file leaves out is proposed')
      .argument('<summary>', summary)
      .addOption(officer())
      .option('--report <report>', 'header digest of the report that it is made of')
      .requiredOption('--to <names>', 'nodes and groups, with commas between them', names)
      .addOption(new Option('--priority <priority>', 'how urgent').choices(PRIORITIES).default('immediate'))
      .addOption(
        new Option('--tlp <tlp>', 'who may read it').choices(['clear', 'green', 'amber']).default('clear'),
      )
      .option('--hours <n>', 'how long it holds', wholeNumber, 24)
      .addOption(broadcast()),
    async () => (await load()).warn,
  );
  runs(
    group
      .command('update')
      .description('make the next revision of a warning and submit it')
      .argument('<warning>', WARNING)
      .argument('<summary>', 'JSON file with the fields of the summary that change; - for standard input')
      .addOption(officer())
      .addOption(broadcast()),
    async () => (await load()).update,
  );
  runs(
    group
      .command('cancel')
      .description('say that a warning no longer holds: its last revision')
      .argument('<warning>', WARNING)
      .addOption(officer())
      .addOption(broadcast()),
    async () => (await load()).cancel,
  );
  runs(
    group
      .command('broadcast')
      .description('release a submitted warning to whom policy allows')
      .argument('<draft>', 'id of the draft')
      .addOption(officer()),
    async () => (await load()).broadcastDraft,
  );
  runs(
    group
      .command('countersign')
      .description('the second signature that a flash on one signature owes within 24 hours')
      .argument('<warning>', WARNING)
      .addOption(officer()),
    async () => (await load()).countersign,
  );
  runs(
    group
      .command('progress')
      .description('who of the partners received a warning, has it in hand, refused it, or is late')
      .argument('<warning>', WARNING)
      .addOption(officer()),
    async () => (await load()).progress,
  );
  runs(
    group
      .command('cap')
      .description('a warning as a message of the Common Alerting Protocol 1.2')
      .argument('<warning>', WARNING)
      .addOption(officer())
      .requiredOption('--out <file>', 'file to make'),
    async () => (await load()).cap,
  );
}
