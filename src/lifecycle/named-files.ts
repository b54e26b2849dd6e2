/** The files that a content names. */
import { hex } from '../base/bytes.ts';
import { type Attachment, Attachments } from '../gen/tocsin/record/v1/shared_facets.ts';
import type { RecordContent } from '../record/index.ts';
import type { ReadTx } from '../store/index.ts';
import { invalid } from './context.ts';

/** Name of the facet. */
export const ATTACHMENTS = 'attachments';

export const filesOf = (content: RecordContent): readonly Attachment[] =>
  Attachments.decode(content.facets[ATTACHMENTS] ?? new Uint8Array(0)).files;

/** Nothing is handed in or signed that names a file which nobody could ever fetch. Throws INVALID, naming the entries. */
export async function requireBlobs(tx: Pick<ReadTx, 'attachments'>, content: RecordContent): Promise<void> {
  const files = filesOf(content);
  if (files.length === 0) return;
  const held = await tx.attachments.held(files.map(({ blobSha256 }) => blobSha256));
  const faults = files.flatMap(({ blobSha256 }, index) =>
    held.has(hex(blobSha256))
      ? []
      : [
          {
            path: `facets.${ATTACHMENTS}.files[${index}].blobSha256`,
            code: 'NOT_STORED',
            message: 'expected a file of this node; add it with `tocsin attachment add`',
          },
        ],
  );
  if (faults.length > 0) throw invalid(faults);
}
