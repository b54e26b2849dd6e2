/** Who already holds both ends of a link: the link is disclosed to nobody else (domain: relations). */
import { Link } from '../gen/tocsin/record/v1/link.ts';
import type { RecordRef } from '../gen/tocsin/record/v1/reference.ts';
import { type RecordContent, type World, worldOf } from '../record/index.ts';
import type { OutboxState, ReadTx } from '../store/index.ts';

const LINK = 'link';

/** Rows in these states do not put the record into the partner's hands. */
const NOT_HELD: ReadonlySet<OutboxState> = new Set(['refused', 'withdrawn', 'skipped']);

/** Partners that a record was sent or is queued to, and its own originator. */
async function holders(tx: ReadTx, ref: RecordRef | undefined, world: World): Promise<ReadonlySet<string>> {
  if (!ref) return new Set();
  const found = new Set([ref.originator]);
  for (const record of await tx.records.byRecordId(ref.recordId, world)) {
    if (record.originator !== ref.originator) continue;
    for (const { recipient, state } of await tx.outbox.ofRecord(record.headerDigest))
      if (!NOT_HELD.has(state)) found.add(recipient);
  }
  return found;
}

/** For content of kind `link`, whether both of its ends are disclosed to a partner; undefined for other kinds. */
export async function endsDisclosed(
  tx: ReadTx,
  content: RecordContent,
): Promise<((partner: string) => boolean) | undefined> {
  const body = content.kind === LINK ? content.facets[LINK] : undefined;
  if (!body) return undefined;
  const link = Link.decode(body);
  const world = worldOf(content.marking.status);
  const [from, to] = [await holders(tx, link.from, world), await holders(tx, link.to, world)];
  return (partner) => from.has(partner) && to.has(partner);
}
