/** Verbs about what became of a record: recalls of records and consents, who still holds what, what a revision changed. */
import { type Command, Option } from 'commander';
import { lasting, names, officer, runs } from '../verb.ts';

const RECORD = 'record id or header digest';

/** Reasons of the record kind `recall`, as they are typed. */
const REASONS = ['error', 'court-order', 'delisted', 'source-risk', 'duplicate', 'superseded', 'unlawful'];

const reason = () => new Option('--reason <reason>', 'why').choices(REASONS).makeOptionMandatory();

export function recalls(program: Command): void {
  const group = program.commands.find((command) => command.name() === 'record');
  if (group === undefined) throw new TypeError('expected the verb `record` before its further commands');
  const load = () => import('../commands/recalls.ts');
  runs(
    group
      .command('recall')
      .description('take an own record back from everybody who holds it; each answers with a signed receipt')
      .argument('<record>', RECORD)
      .addOption(officer())
      .addOption(reason())
      .option('--facets <names>', 'only these (default: the whole record)', names)
      .option('--from <nodes>', 'only these holders (default: all)', names)
      .option('--keep', 'take it out of use, without deleting it')
      .option('--within <days>', 'until when holders answer, as 3d', lasting, 3)
      .option('--only-this-revision', 'leave other revisions of the record alone'),
    async () => (await load()).recall,
  );
  runs(
    group
      .command('withdraw-consent')
      .description('take a consent back; what was passed on under it is deleted where it went')
      .argument('<consent>', 'header digest of the consent, as `record consents` tells')
      .addOption(officer())
      .addOption(reason())
      .option('--within <days>', 'until when holders answer, as 3d', lasting, 3),
    async () => (await load()).withdrawConsent,
  );
  runs(
    group
      .command('diff')
      .description('what changed between two revisions, over the facets that this officer is shown of both')
      .argument('<record>', `${RECORD} of one revision`)
      .argument('[earlier]', 'header digest of the other (default: the revision that it replaced)')
      .addOption(officer()),
    async () => (await import('../commands/revisions.ts')).diff,
  );
  runs(
    group
      .command('holders')
      .description('who holds an own record, by which way, and what became of its recalls there')
      .argument('<record>', RECORD)
      .addOption(officer()),
    async () => (await load()).holders,
  );
}
