/** The verbs and their options. What a verb does is in commands/, loaded when it is called. */
import type { Command } from 'commander';
import { runs } from './verb.ts';
import { alarms } from './verbs/alarms.ts';
import { attachments } from './verbs/attachment.ts';
import { breakGlass } from './verbs/break-glass.ts';
import { audits, logs, policy, records } from './verbs/desk.ts';
import { hotline } from './verbs/hotline.ts';
import { imports } from './verbs/imports.ts';
import { keys } from './verbs/keys.ts';
import { doctor, network, node, officers } from './verbs/membership.ts';
import { onward } from './verbs/onward.ts';
import { recalls } from './verbs/recalls.ts';
import { screening } from './verbs/screen.ts';
import { taskings } from './verbs/taskings.ts';
import { backup, fsck, store } from './verbs/upkeep.ts';

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

export function registerCommands(program: Command): void {
  demo(program);
  network(program);
  node(program);
  keys(program);
  officers(program);
  records(program);
  onward(program);
  taskings(program);
  screening(program);
  attachments(program);
  hotline(program);
  recalls(program);
  breakGlass(program);
  imports(program);
  policy(program);
  logs(program);
  alarms(program);
  audits(program);
  backup(program);
  doctor(program);
  fsck(program);
  store(program);
}
