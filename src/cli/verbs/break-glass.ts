/** Verbs of break-glass (R17): facets opened in an emergency, and their review. */
import { type Command, InvalidArgumentError, Option } from 'commander';
import { officer, runs, wholeNumber } from '../verb.ts';

function names(value: string): string[] {
  const found = value.split(/[,\s]+/).filter((one) => one !== '');
  if (found.length === 0) throw new InvalidArgumentError('expected names with commas between them.');
  return found;
}

export function breakGlass(program: Command): void {
  const group = program
    .command('break-glass')
    .description('open facets in an emergency; originator and auditors are told at once (R17)');
  const load = () => import('../commands/break-glass.ts');
  runs(
    group
      .command('open')
      .description(
        "open facets of class S, M or O that are withheld from this officer's desk, to him alone; then `record show`",
      )
      .argument('<record>', 'header digest, or ORIGINATOR:record id of a record that the desk does not list')
      .addOption(officer())
      .requiredOption('--reason <text>', 'the emergency, in at least 20 characters')
      .option('--facets <names>', 'facets, with commas (default: all that are held)', names)
      .option('--minutes <n>', 'how long, at most 240', wholeNumber, 240),
    async () => (await load()).open,
  );
  runs(
    group
      .command('list')
      .description('openings here and of own records, newest first; auditors see all')
      .addOption(officer())
      .option('--record <digest>', 'only those of this record')
      .option('--open', 'only those without a review')
      .option('--limit <n>', 'how many', wholeNumber, 100),
    async () => (await load()).list,
  );
  runs(
    group
      .command('review')
      .description("the originator's word on an opening of an own record; the node that opened is told")
      .argument('<opening>', 'digest of the opening, as `break-glass list` shows it')
      .addOption(officer())
      .addOption(
        new Option('--verdict <verdict>', 'whether the emergency called for it')
          .choices(['justified', 'not-justified'])
          .makeOptionMandatory(),
      )
      .requiredOption('--note <text>', 'why'),
    async () => (await load()).review,
  );
}
