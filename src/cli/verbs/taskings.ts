/** Verbs of questions to originators, and their answers. */
import { type Command, Option } from 'commander';
import { lasting, officer, runs } from '../verb.ts';

/** What may be asked in words; consents have a verb of their own. */
const ASKED = [
  'information',
  'verify-hit',
  'inspect',
  'preserve-data',
  'account-for',
  'specimen',
  'take-over',
];
const OUTCOMES = ['full', 'partial', 'negative', 'refused', 'need-mla'];
const REFUSALS = ['law', 'investigation', 'safety', 'security', 'disproportionate'];
const PRIORITIES = ['flash', 'immediate', 'priority', 'routine'];

export function taskings(program: Command): void {
  const group = program.commands.find((command) => command.name() === 'record');
  if (group === undefined) throw new TypeError('expected the verb `record` before its further commands');
  const load = () => import('../commands/taskings.ts');
  const record = 'record id or header digest';
  runs(
    group
      .command('ask')
      .description("ask the originator of a partner's record")
      .argument('<record>', record)
      .addOption(officer())
      .requiredOption('--question <text>', 'in words')
      .requiredOption('--purpose <purpose>', 'what the answer is for, as `investigation`')
      .addOption(new Option('--type <type>', 'what is asked').choices(ASKED).default('information'))
      .option('--legal-basis <text>', 'treaty, law or order')
      .addOption(new Option('--priority <priority>', 'how urgent').choices(PRIORITIES).default('priority'))
      .option('--due <days>', 'by when, as 3d (default: 8 hours where urgent, else 7 days)', lasting),
    async () => (await load()).ask,
  );
  runs(
    group
      .command('questions')
      .description('what was asked about a record by this node or of it, and the answers')
      .argument('<record>', record)
      .addOption(officer()),
    async () => (await load()).questions,
  );
  runs(
    group
      .command('answer')
      .description('answer what a partner asked about an own record; a partial answer leaves it open')
      .argument('<question>', 'header digest, as `record questions` shows it')
      .addOption(officer())
      .addOption(new Option('--outcome <outcome>', 'what came of it').choices(OUTCOMES).makeOptionMandatory())
      .addOption(new Option('--refusal <reason>', 'why not, where refused').choices(REFUSALS))
      .option('--text <text>', 'in words; none where refused'),
    async () => (await load()).answer,
  );
}
