/** Verbs of screening: one question, a file of them, what was asked before and what came of it. */
import { type Command, InvalidArgumentError, Option } from 'commander';
import { list, names, officer, runs, wholeNumber } from '../verb.ts';
import { privately } from './screen-private.ts';

const SUBJECTS = ['person', 'organisation', 'vessel', 'aircraft'];
const VERDICTS = ['true', 'false', 'unknown'];

function score(value: string): number {
  const number = Number(value);
  if (value.trim() === '' || !(number >= 50 && number <= 100))
    throw new InvalidArgumentError('expected a score, 50 to 100.');
  return number;
}

const purpose = () => new Option('--purpose <purpose>', 'what it is for, as `customs-control`');
const keep = () =>
  new Option('--keep', 'keep for 90 days, and alert the desk when an entry comes that meets it');

/** Numbers that one may ask for, each an option of its own; the names are those of columns in a batch. */
const NUMBERS: readonly (readonly [string, string])[] = [
  ['--serial <number>', 'serial number of a weapon; ? is one unknown character, * a run of them'],
  ['--imo <number>', 'IMO number of a ship'],
  ['--mmsi <number>', 'MMSI of a ship'],
  ['--call-sign <sign>', 'call sign of a ship'],
  ['--mark <mark>', 'registration mark of an aircraft'],
  ['--container <number>', 'number of a container'],
  ['--certificate <number>', 'number of an end-user certificate or licence'],
  ['--bill-of-lading <number>', 'number of a bill of lading'],
  ['--awb <number>', 'number of an air waybill'],
  ['--lei <code>', 'legal entity identifier'],
  ['--passport <number>', 'number of a passport'],
];

function asking(group: Command): void {
  const ask = group
    .command('ask', { isDefault: true })
    .description(
      'compare a name or number with what this node holds; a hit is a lead, and no failure: exit 0',
    )
    .argument('[text...]', 'a name, or a number whose kind it can be seen from')
    .addOption(officer())
    .option('--name <name>', 'a name, and nothing else');
  for (const [flags, description] of NUMBERS) ask.option(flags, description);
  ask
    .option('--maker <maker>', 'maker of the weapon')
    .option('--model <model>', 'model of the weapon')
    .option('--calibre <calibre>', 'calibre of the weapon')
    .addOption(new Option('--subject <type>', 'what the name is of').choices(SUBJECTS))
    .option('--born <date>', 'date of birth, as 1979 or 1979-05-12')
    .option('--country <codes>', 'nationality, or country of manufacture of a weapon, as SN', names)
    .option('--cut <score>', "lowest score of a hit, 50 to 100 (default: the node's)", score)
    .option('--reference <text>', 'declaration, application or case that it is asked for')
    .addOption(purpose())
    .addOption(keep());
  runs(ask, async () => (await import('../commands/screen.ts')).ask);
  runs(
    group
      .command('batch')
      .description(
        'screen a CSV file or workbook: columns are guessed, and confirmed before anything is asked',
      )
      .argument('<file>', 'CSV or .xlsx')
      .addOption(officer())
      .option('--map <field=column>', 'what a column is, by its header or letter; once for each', list)
      .option('--yes', 'take the guess, or --map, without asking')
      .option('--sheet <name>', 'of a workbook, another sheet than the first')
      .addOption(
        new Option('--encoding <name>', 'of a CSV file, where the guess is wrong').choices([
          'utf-8',
          'utf-16le',
          'utf-16be',
          'windows-1252',
          'windows-1256',
        ]),
      )
      .option('--out <file>', 'file to make, .csv or .xlsx (default: beside the file)')
      .addOption(purpose())
      .addOption(keep()),
    async () => (await import('../commands/screen-batch.ts')).batch,
  );
}

function past(group: Command): void {
  const load = () => import('../commands/screen-past.ts');
  runs(
    group
      .command('list')
      .description('what the desk asked, newest first')
      .addOption(officer())
      .option('--hits', 'only those with a hit')
      .option('--open', 'only those with a hit that nobody decided')
      .option('--batch <id>', 'only those of this batch')
      .option('--limit <n>', 'how many', wholeNumber, 50),
    async () => (await load()).listScreenings,
  );
  runs(
    group
      .command('show')
      .description('one screening with its hits, and what was decided about them')
      .argument('<screening>', 'id, as `screen list` shows it')
      .addOption(officer()),
    async () => (await load()).show,
  );
  runs(
    group
      .command('decide')
      .description(
        'say whether a hit is who or what was asked about; one that is not alerts the desk no more',
      )
      .argument('<screening>', 'id, as `screen list` shows it')
      .argument('<hit>', 'number of the hit in it')
      .addOption(officer())
      .addOption(new Option('--verdict <verdict>', 'is it?').choices(VERDICTS).makeOptionMandatory())
      .requiredOption('--reason <text>', 'why, in words'),
    async () => (await load()).decide,
  );
  runs(
    group
      .command('alerts')
      .description('what came after the answer: new entries that meet what was kept, hits withdrawn')
      .addOption(officer())
      .option('--all', 'those taken note of too')
      .option('--limit <n>', 'how many', wholeNumber, 50),
    async () => (await load()).alerts,
  );
  runs(
    group
      .command('acknowledge')
      .description('take note of an alert for the desk')
      .argument('<alert>', 'id, as `screen alerts` shows it')
      .addOption(officer()),
    async () => (await load()).acknowledge,
  );
  runs(
    group
      .command('status')
      .description('what is screened against, and how much one may still ask')
      .addOption(officer()),
    async () => (await load()).status,
  );
}

export function screening(program: Command): void {
  const group = program
    .command('screen')
    .description('compare names and numbers with watchlists, seizures and alerts of all members');
  asking(group);
  past(group);
  privately(group);
}
