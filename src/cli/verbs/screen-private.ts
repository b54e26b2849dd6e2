/** Verbs of private screening: partners are asked without being told about whom. */
import type { Command } from 'commander';
import { list, names, officer, runs, wholeNumber } from '../verb.ts';

export function privately(screen: Command): void {
  const group = screen
    .command('private')
    .description(
      'ask partners whether they list somebody, without telling them whom; a second officer approves it',
    );
  const load = () => import('../commands/screen-private.ts');
  runs(
    group
      .command('ask', { isDefault: true })
      .description('say what is to be asked and why; nothing leaves the node until a releaser approves it')
      .argument('[name...]', 'one name, in any script')
      .addOption(officer())
      .requiredOption(
        '--reason <text>',
        'why it has to be asked, for the second officer; it stays in this node',
      )
      .option('--also <name>', 'another spelling of the name; once for each', list)
      .option(
        '--document <country:number>',
        'passport or identity document of the person, as XA:P441702',
        list,
      )
      .option('--entity <number>', 'number of the company in a register', list)
      .option('--imo <number>', 'IMO number of the ship', list)
      .option('--mmsi <number>', 'MMSI of the ship', list)
      .option('--icao24 <address>', 'ICAO address of the aircraft', list)
      .option('--aircraft-serial <number>', "maker's serial number of the aircraft", list)
      .option('--partner <nodes>', 'whom to ask (default: all that may be asked)', names)
      .option('--question <text>', 'what the holder of a hit is asked; it leaves the node with a hit')
      .option('--legal-basis <text>', 'treaty, law or order that the holder is named')
      .option('--reference <text>', 'declaration, application or case that it is asked for')
      .option('--purpose <purpose>', "what it is for, as `licensing` (default: the desk's usual one)"),
    async () => (await load()).ask,
  );
  runs(
    group
      .command('approve')
      .description(
        "approve another officer's question: partners are asked at once, and a hit is put to its holder",
      )
      .argument('<id>', 'as `screen private list` shows it')
      .addOption(officer())
      .option('--note <text>', 'what you say to it'),
    async () => (await load()).approve,
  );
  runs(
    group
      .command('decline')
      .description('turn a question down, or take your own back: nobody is asked')
      .argument('<id>', 'as `screen private list` shows it')
      .addOption(officer())
      .requiredOption('--reason <text>', 'why, in words'),
    async () => (await load()).decline,
  );
  runs(
    group
      .command('list')
      .description('what the desk asked in private and what came of it, newest first')
      .addOption(officer())
      .option('--open', 'only those that wait for a second officer')
      .option('--limit <n>', 'how many', wholeNumber, 50),
    async () => (await load()).listPrivate,
  );
}
