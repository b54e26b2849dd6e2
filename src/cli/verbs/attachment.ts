/** Verbs of files: into drafts, and out of drafts and records. */
import { type Command, Option } from 'commander';
import { officer, runs } from '../verb.ts';

const OF = 'record id or header digest; with --draft the id of a draft';
const draft = () => new Option('--draft', 'a draft, not a record');

export function attachments(program: Command): void {
  const group = program.command('attachment').description('files of drafts and records');
  const load = () => import('../commands/attachment.ts');
  runs(
    group
      .command('add')
      .description('clean a picture or text of its metadata and add it to a draft, encrypted; 10 MiB at most')
      .argument('<draft>')
      .argument('<file>', 'JPEG, PNG, WebP, GIF or UTF-8 text')
      .addOption(officer())
      .addOption(
        new Option('--class <class>', 'the strictest facet that it illustrates')
          .choices(['summary', 'operational', 'commercial', 'personal'])
          .makeOptionMandatory(),
      )
      .option('--caption <text>', "what it shows (the file's name is not sent)", '')
      .option('--redacted', 'parts were made unreadable'),
    async () => (await load()).add,
  );
  runs(
    group
      .command('describe')
      .description('another caption for a file of a draft that is not submitted yet; the file stays as it is')
      .argument('<draft>')
      .argument('<sha256>', 'of the file, as `attachment list --draft` shows it; its first digits are enough')
      .addOption(officer())
      .requiredOption('--caption <text>', 'what it shows; empty takes the caption away'),
    async () => (await load()).describeFile,
  );
  runs(
    group
      .command('list')
      .description('the files that a record or draft names, and whether they are here')
      .argument('<record>', OF)
      .addOption(officer())
      .addOption(draft()),
    async () => (await load()).listFiles,
  );
  runs(
    group
      .command('get')
      .description('read a file; what was begun before is gone on with')
      .argument('<record>', OF)
      .argument('<sha256>', 'of the file, as `attachment list` shows it; its first digits are enough')
      .addOption(officer())
      .addOption(draft())
      .requiredOption('--out <path>', 'file to make, or a folder for it'),
    async () => (await load()).get,
  );
}
