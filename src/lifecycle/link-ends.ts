/** Who already holds both ends of a link: the link is disclosed to nobody else (domain: relations). */
import { worldOfRecord } from '../exchange/index.ts';
import { Link } from '../gen/tocsin/record/v1/link.ts';
import type { RecordRef } from '../gen/tocsin/record/v1/reference.ts';
import { type RecordContent, type World, worldOf } from '../record/index.ts';
import type { OutboxState, ReadTx, StoredRecord } from '../store/index.ts';

const LINK = 'link';

/** Rows in these states do not put the record into the partner's hands. */
const NOT_HELD: ReadonlySet<OutboxState> = new Set(['refused', 'withdrawn', 'skipped']);

/** Partners that a record was sent or is queued to by an instant, and its own originator. */
async function holders(
  tx: ReadTx,
  ref: RecordRef | undefined,
  world: World,
  atMs: number,
): Promise<ReadonlySet<string>> {
  if (!ref) return new Set();
  const found = new Set([ref.originator]);
  for (const record of await tx.records.byRecordId(ref.recordId, world)) {
    if (record.originator !== ref.originator) continue;
    for (const row of await tx.outbox.ofRecord(record.headerDigest)) {
      const gone = NOT_HELD.has(row.state) && (row.closedAt ?? 0) <= atMs;
      if (row.createdAt <= atMs && !gone) found.add(row.recipient);
    }
  }
  return found;
}

/** For content of kind `link`, whether both of its ends are disclosed to a partner; undefined for other kinds. */
export async function endsDisclosed(
  tx: ReadTx,
  content: RecordContent,
): Promise<((partner: string) => boolean) | undefined> {
  const body = content.kind === LINK ? content.facets[LINK] : undefined;
  return body && bothEnds(tx, body, worldOf(content.marking.status), Number.POSITIVE_INFINITY);
}

/** The same of a record that is held, as it was at an instant. */
export async function endsDisclosedAt(
  tx: ReadTx,
  { kind, status }: Pick<StoredRecord, 'kind' | 'status'>,
  facets: readonly { readonly facet: string; readonly body: Uint8Array }[],
  atMs: number,
): Promise<((partner: string) => boolean) | undefined> {
  const body = kind === LINK ? facets.find(({ facet }) => facet === LINK)?.body : undefined;
  return body && bothEnds(tx, body, worldOfRecord({ status }), atMs);
}

async function bothEnds(
  tx: ReadTx,
  body: Uint8Array,
  world: World,
  atMs: number,
): Promise<(partner: string) => boolean> {
  const link = Link.decode(body);
  const [from, to] = [await holders(tx, link.from, world, atMs), await holders(tx, link.to, world, atMs)];
  return (partner) => from.has(partner) && to.has(partner);
}
