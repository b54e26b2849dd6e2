/** Records as the store holds them, read for screening: many at once, each with its facets and the ways in which it came. */
import { hex } from '../../base/bytes.ts';
import { DisclosedFacet } from '../../gen/tocsin/record/v1/header.ts';
import { judgeHeader } from '../../record/index.ts';
import type { InboxItem, ReadTx, StoredRecord } from '../../store/index.ts';
import type { Screened } from './viewer.ts';

export interface HeldForScreening extends Screened {
  readonly record: StoredRecord;
  readonly items: readonly InboxItem[] | undefined;
}

type Reads = Pick<ReadTx, 'records' | 'inbox'>;

/** In the order given. Throws for a stored header that does not read as one: the store is damaged. */
export async function holdMany(
  tx: Reads,
  network: Uint8Array,
  records: readonly StoredRecord[],
): Promise<readonly HeldForScreening[]> {
  const digests = records.map(({ headerDigest }) => headerDigest);
  const facets = await tx.records.facetsOf(digests);
  const items = await tx.inbox.ofRecords(digests);
  return records.map((record) => {
    const judged = judgeHeader(network, record.header);
    if (!judged.ok) throw new Error(`a stored header does not read as one: ${judged.detail}`);
    const key = hex(record.headerDigest);
    return {
      record,
      signed: judged.value,
      facets: (facets.get(key) ?? []).map(({ facet, salt, body }) =>
        DisclosedFacet.fromPartial({ facet, salt: Buffer.from(salt), body: Buffer.from(body) }),
      ),
      items: record.origin === 'own' ? undefined : (items.get(key) ?? []),
    };
  });
}
