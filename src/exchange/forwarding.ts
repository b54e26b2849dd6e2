/**
 * Queues another originator's record for a third party: its own header and proof, the facets permitted, and before it, in the
 * same lane, the consent that it relies on, so that the recipient holds the proof when it judges the item (R3).
 */
import { equalBytes } from '../base/bytes.ts';
import { ItemAction } from '../gen/tocsin/exchange/v1/parcel.ts';
import { DeskGroup } from '../gen/tocsin/record/v1/marking.ts';
import { CONSENT, kindOf, laneOf } from '../record/index.ts';
import type { OutboxEntry, OutboxRow, ReadTx, WriteTx } from '../store/index.ts';
import { entriesOf, type FanoutRecord } from './fanout.ts';
import type { PartnerView } from './ports.ts';

/** Rows in these states put nothing into the recipient's hands. */
const isLive = ({ state }: OutboxRow): boolean =>
  state === 'waiting' || state === 'sent' || state === 'receipted';

/** Facets of a record that a recipient was sent, or is queued to get; undefined where it was not even told of it. */
export async function sentTo(
  tx: Pick<ReadTx, 'outbox'>,
  headerDigest: Uint8Array,
  recipient: string,
): Promise<ReadonlySet<string> | undefined> {
  const rows = (await tx.outbox.ofRecord(headerDigest)).filter(
    (row) => row.recipient === recipient && isLive(row) && row.action !== ItemAction.ITEM_ACTION_WITHDRAWN,
  );
  return rows.length === 0 ? undefined : new Set(rows.flatMap(({ facets }) => facets));
}

/**
 * Queues what the view permits and the recipient has not got; further facets of a record that it has follow as such.
 * Returns the facets queued; undefined where there is nothing new for it.
 */
export async function queueForward(
  tx: WriteTx,
  record: FanoutRecord,
  view: PartnerView,
  atMs: number,
): Promise<readonly string[] | undefined> {
  const { signed, consent } = record;
  const before = await sentTo(tx, signed.digest, view.partner);
  const fresh = record.facets.filter(
    ({ facet }) => view.facets.get(facet)?.allowed === true && before?.has(facet) !== true,
  );
  if (before !== undefined && fresh.length === 0) return undefined;
  const entries = entriesOf({ ...record, facets: fresh }, view, atMs).map((entry) =>
    before === undefined ? entry : { ...entry, action: ItemAction.ITEM_ACTION_FACETS },
  );
  const proof = consent && (await proofEntry(tx, consent, laneOf(signed.header), view.partner));
  await tx.outbox.add(proof ? [proof, ...entries] : entries, atMs);
  return fresh.map(({ facet }) => facet);
}

/** The consent as an item; undefined where the recipient has it, or it is on its way in that lane. */
async function proofEntry(
  tx: WriteTx,
  consent: Uint8Array,
  lane: 0 | 1,
  recipient: string,
): Promise<OutboxEntry | undefined> {
  const rows = await tx.outbox.ofRecord(consent);
  const there = rows.some(
    (row) =>
      row.recipient === recipient &&
      equalBytes(row.headerDigest, consent) &&
      (row.state === 'receipted' || (isLive(row) && row.lane === lane)),
  );
  if (there) return undefined;
  return {
    recipient,
    lane,
    action: ItemAction.ITEM_ACTION_RECORD,
    headerDigest: consent,
    facets: kindOf(CONSENT)?.facets.map(({ name }) => name) ?? [],
    audience: { deskGroups: [DeskGroup.DESK_GROUP_NODE], purposes: [] },
    facetAudiences: [],
    basis: 'R1',
  };
}
