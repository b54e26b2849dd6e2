/** A table of equivalent spellings out of a record of kind `reference-table`. It does not judge whether the record counts here. */
import { LIMITS } from '../../base/limits.ts';
import { ReferenceTable, ReferenceTableType } from '../../gen/tocsin/record/v1/reference_table.ts';
import { judgeMessage } from '../../record/index.ts';
import type { PublishedTable } from './published.ts';

export const REFERENCE_TABLE = 'reference-table';
/** The one facet of the kind. */
export const TABLE = 'table';

/** What the facet says; undefined for bytes that are no table, and for tables of other things. `record` is its header's. */
export function tableIn(
  record: Pick<PublishedTable, 'originator' | 'headerDigest'>,
  facet: Uint8Array,
): PublishedTable | undefined {
  const judged = judgeMessage(ReferenceTable, 'tocsin.record.v1.ReferenceTable', facet, LIMITS.facetBytes);
  if (!judged.ok || judged.value.type !== ReferenceTableType.REFERENCE_TABLE_TYPE_NAME_EQUIVALENCE)
    return undefined;
  const { originator, headerDigest } = record;
  return { originator, headerDigest, rows: judged.value.rows };
}
