/** The command `tocsin`: parses, calls, prints. A verb's code is loaded when it is called, so that `--help` answers at once. */
import { Command, CommanderError, Option } from 'commander';
import { EXIT, failureOf, reportFailure } from './failure.ts';
import { registerCommands } from './verbs.ts';

const program = new Command('tocsin')
  .description('Interagency exchange of signed, policy-filtered records against illicit small arms.')
  .version('0.1.0')
  .addOption(new Option('--json', 'print one JSON document instead of text'))
  .addOption(
    new Option('--exercise', 'work in exercise mode: only exercise records, never live ones').env(
      'TOCSIN_EXERCISE',
    ),
  )
  // What is wrong with a command line is said as any other failure, below.
  .configureOutput({ outputError: () => undefined })
  .configureHelp({ sortSubcommands: false, showGlobalOptions: true })
  .addHelpText(
    'after',
    '\nExit codes: 0 done, 1 unexpected, 2 wrong command line, 3 refused (verification or policy), 4 invalid input,\n5 unavailable (try again later).',
  )
  .exitOverride();

registerCommands(program);

try {
  await program.parseAsync();
} catch (error) {
  if (error instanceof CommanderError) {
    // Help and version are no failure; a group without a verb has printed its help.
    process.exitCode = error.exitCode === 0 ? EXIT.done : EXIT.usage;
    if (error.exitCode !== 0 && error.code !== 'commander.help')
      reportFailure(
        {
          exitCode: EXIT.usage,
          code: 'USAGE',
          message: `${error.message.replace(/^error: |\.$/g, '')}; --help says what this command takes`,
          faults: [],
        },
        { json: process.argv.includes('--json') },
      );
  } else {
    const failure = failureOf(error);
    reportFailure(failure, { json: program.opts<{ json?: boolean }>().json === true });
    if (failure.exitCode === EXIT.unexpected && process.env.TOCSIN_DEBUG !== undefined) console.error(error);
    process.exitCode = failure.exitCode;
  }
}
