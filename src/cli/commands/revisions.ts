/** `tocsin record diff`: what changed between two revisions of a record. */
import { hex } from '../../base/bytes.ts';
import type { FieldDifference } from '../../gen/tocsin/desk/v1/revision_service.ts';
import { type AsOfficer, headerDigestOf, openOfficerDesk, recordReference } from '../desk-access.ts';
import { CliError } from '../failure.ts';
import { type Output, shown } from '../print.ts';

export async function diff(
  [reference = '', earlier]: readonly string[],
  options: AsOfficer,
  output: Output,
): Promise<void> {
  using desk = openOfficerDesk(options);
  const against = earlier === undefined ? undefined : recordReference(earlier);
  if (against !== undefined && !('headerDigest' in against))
    throw new CliError('USAGE', 'expected the header digest of an earlier revision (64 hexadecimal digits)');
  const answer = await desk.revisions.compareRevisions({
    headerDigest: await headerDigestOf(desk, reference),
    ...(against !== undefined && { against: against.headerDigest }),
  });
  output.line(
    `revision ${answer.fromRevision} (${hex(answer.fromDigest).slice(0, 16)}) → ${answer.toRevision} (${hex(answer.toDigest).slice(0, 16)})`,
  );
  if (answer.header.length > 0) output.line('header');
  for (const one of answer.header) tell(one, output);
  for (const facet of answer.facets) {
    const what = facet.state === 'not-shown' ? `not compared: ${shown(facet.reason)}` : facet.state;
    output.line(`${facet.facet} (class ${facet.facetClass}): ${what}`);
    for (const one of facet.changes) tell(one, output);
    if (facet.more > 0) output.line(`  … and ${facet.more} more`);
  }
  output.document({
    from: { header: answer.fromDigest, revision: answer.fromRevision },
    to: { header: answer.toDigest, revision: answer.toRevision },
    header: answer.header.map(read),
    facets: answer.facets.map((facet) => ({ ...facet, changes: facet.changes.map(read) })),
  });
}

function tell({ path, beforeJson, afterJson }: FieldDifference, output: Output): void {
  if (beforeJson !== '') output.line(`  - ${path}: ${shown(beforeJson)}`);
  if (afterJson !== '') output.line(`  + ${path}: ${shown(afterJson)}`);
}

const read = ({ path, beforeJson, afterJson }: FieldDifference) => ({
  path,
  ...(beforeJson !== '' && { before: JSON.parse(beforeJson) as unknown }),
  ...(afterJson !== '' && { after: JSON.parse(afterJson) as unknown }),
});
