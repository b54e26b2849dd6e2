/** Verbs of passing on: consents, requests for them, forwarding, conditions accepted and reading told. */
import type { Command } from 'commander';
import { lasting, names, officer, runs } from '../verb.ts';

const text = (value: string, before: readonly string[] = []): string[] => [...before, value];

const RECORD = 'record id or header digest';

export function onward(program: Command): void {
  const group = program.commands.find((command) => command.name() === 'record');
  if (group === undefined) throw new TypeError('expected the verb `record` before its further commands');
  const load = () => import('../commands/onward.ts');
  runs(
    group
      .command('consent')
      .description(
        'permit others to pass an own record on, or to use it as evidence; a second officer releases it',
      )
      .argument('<record>', RECORD)
      .addOption(officer())
      .requiredOption('--facets <names>', 'facets, with commas', names)
      .requiredOption('--to <nodes>', 'who may receive them, or use them', names)
      .option('--via <nodes>', 'who may pass on (default: every direct recipient)', names)
      .option('--conditions <text>', 'a condition in words; may be given several times', text)
      .option('--expires <days>', 'how long it holds, as 30d', lasting, 30)
      .option('--evidence', 'permit use as evidence instead of passing on'),
    async () => (await load()).consent,
  );
  runs(
    group
      .command('consents')
      .description('consents held about a record, and whether they hold')
      .argument('<record>', RECORD)
      .addOption(officer()),
    async () => (await load()).consents,
  );
  runs(
    group
      .command('ask-consent')
      .description("ask the originator of a partner's record to permit passing it on, or its use as evidence")
      .argument('<record>', RECORD)
      .addOption(officer())
      .requiredOption('--facets <names>', 'facets, with commas', names)
      .option('--to <nodes>', 'who is to get them', names)
      .option('--question <text>', 'why')
      .option('--evidence', 'ask for use as evidence by this node')
      .option('--due <days>', 'until when an answer is of use, as 3d', lasting, 3),
    async () => (await load()).askConsent,
  );
  runs(
    group
      .command('forward')
      .description("pass a partner's record on, as its marking or a consent permits, and tell its originator")
      .argument('<record>', RECORD)
      .addOption(officer())
      .requiredOption('--to <nodes>', 'recipients, with commas', names)
      .option('--facets <names>', 'only these (default: all that are permitted)', names)
      .option('--preview', 'only show what each would get, and by which rule not'),
    async () => (await load()).forward,
  );
  runs(
    group
      .command('accept')
      .description("accept the condition of a partner's record (handling code H3) before it is read")
      .argument('<record>', RECORD)
      .addOption(officer())
      .option('--condition <text>', 'the condition, word for word; without it, it is shown'),
    async () => (await load()).accept,
  );
  runs(
    group
      .command('readings')
      .description("which partner's desks accepted the condition of an own record, or read it, and when")
      .argument('<record>', RECORD)
      .addOption(officer()),
    async () => (await load()).readings,
  );
}
