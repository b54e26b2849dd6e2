/** Verbs that turn lists by others into drafts. */
import { type Command, Option } from 'commander';
import { list, officer, runs, wholeNumber } from '../verb.ts';

/** What an import takes, whatever the list. */
const importing = (command: Command): Command =>
  command
    .addOption(officer())
    .option(
      '--releaser <dir>',
      'folder of a second officer, who releases what is imported; without it the drafts wait for one',
    )
    .option('--marking <file>', 'JSON of a marking laid over the default; else every member may receive')
    .option('--delist', 'draft each released entry that the list no longer has as delisted')
    .option('--allow-large-delisting', 'even where more than 20 % of them are gone')
    .option('--dry-run', 'read, judge and count; draft nothing');

const rows = () =>
  new Option(
    '--rows <number>',
    'rows that the publisher states: another number is refused; needed to delist',
  ).argParser(wholeNumber);

export function imports(program: Command): void {
  const group = program.command('import').description('import a published list as drafts');
  const verb = (type: string) => async () => (await import('../commands/import.ts')).importOf(type);
  const one = (type: string, description: string, file: string) =>
    importing(group.command(type).description(description).argument('<file>', file));
  runs(
    one(
      'un-list',
      'the UN Security Council consolidated list (XML): one watchlist entry a person or entity',
      'XML file',
    ),
    verb('un-list'),
  );
  runs(
    importing(
      group
        .command('ofac-sdn')
        .description('the US list of specially designated nationals (tables): sdn.csv and those beside it')
        .argument('<files...>', 'sdn.csv, and alt.csv, add.csv, sdn_comments.csv in any order'),
    ).addOption(rows()),
    verb('ofac-sdn'),
  );
  runs(
    one('ofac-advanced', 'the same US list as advanced XML (SDN_ADVANCED.XML)', 'XML file'),
    verb('ofac-advanced'),
  );
  runs(
    one('eu-list', 'the consolidated list of the European Union (XML, xmlFullSanctionsList 1.1)', 'XML file'),
    verb('eu-list'),
  );
  runs(
    one(
      'opensanctions',
      'listed parties out of FollowTheMoney entities, a JSON object a line',
      'entities.ftm.json',
    )
      .option(
        '--list <name>',
        'which list it is; its entries are told apart from other lists',
        'opensanctions',
      )
      .addOption(rows()),
    verb('opensanctions'),
  );
  runs(
    one('csv', 'a table with a header, one party a row', 'CSV file, separated by commas, semicolons or tabs')
      .requiredOption('--list <name>', 'which list it is; its entries are told apart from other lists')
      .option('--column <header=field>', 'what a column holds, may repeat; without any, headers tell', list)
      .addOption(rows()),
    verb('csv'),
  );
}
