/** Verbs about alarms. */
import type { Command } from 'commander';
import { officer, runs, wholeNumber } from '../verb.ts';

export function alarms(program: Command): void {
  const group = program
    .command('alarms')
    .description('what people have to look at, and the files that convict');
  runs(
    group
      .command('list')
      .description('open alarms, newest first; those marked as convicting can be exported')
      .addOption(officer())
      .option('--code <code>', 'only this code, as LOG_FORK')
      .option('--cleared', 'also those that are cleared')
      .option('--limit <n>', 'how many', wholeNumber, 100),
    async () => (await import('../commands/alarms.ts')).list,
  );
  runs(
    group
      .command('export')
      .description('write the misconduct file of an alarm, which `log verify` judges offline')
      .argument('<alarm>', 'its number in `alarms list`')
      .argument('<file>', 'file to make')
      .addOption(officer()),
    async () => (await import('../commands/alarms.ts')).exportFile,
  );
}
