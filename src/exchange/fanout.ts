/**
 * From a release to rows of the outbox, in the transaction of the record: what is committed will be sent, what is not was
 * never promised (K1). Who gets what was decided by the policy's views; here it is only written down, cut to parcels.
 */
import { LIMITS } from '../base/limits.ts';
import { ItemAction } from '../gen/tocsin/exchange/v1/parcel.ts';
import type { DisclosedFacet } from '../gen/tocsin/record/v1/header.ts';
import { laneOf, type SignedHeader } from '../record/index.ts';
import type { OutboxEntry, WriteTx } from '../store/index.ts';
import { consentIn } from './consents.ts';
import type { PartnerView } from './ports.ts';

export interface FanoutRecord {
  readonly signed: SignedHeader;
  /** The originator's: all of the kind; a forwarder's: what it holds. */
  readonly facets: readonly DisclosedFacet[];
  /** Forwarding: header digest of the consent relied on. */
  readonly consent?: Uint8Array;
}

/** What a view gives of a record: one entry, or more where its facets do not fit one parcel. */

/** Room of one parcel for facets, beside header, proofs and manifest. */
const FACET_ROOM = LIMITS.parcelBytes - LIMITS.headerBytes - 32 * 1024;

/**
 * Queues a record for every partner whose view permits to receive it, `self` left out. Facets that do not fit one parcel
 * follow as items of their own. Returns the recipients.
 */
export async function fanout(
  tx: WriteTx,
  self: string,
  record: FanoutRecord,
  views: readonly PartnerView[],
  atMs: number,
): Promise<readonly string[]> {
  const permitted = views.filter(
    (view) => view.receive.allowed && view.partner !== self && !comesWithItem(record, view.partner),
  );
  await tx.outbox.add(
    permitted.flatMap((view) => entriesOf(record, view, atMs)),
    atMs,
  );
  return permitted.map((view) => view.partner);
}

/** A consent to pass on goes to the forwarders; whom it permits to receive gets it with the item that relies on it. */
function comesWithItem({ signed, facets }: FanoutRecord, partner: string): boolean {
  const { digest: headerDigest, header } = signed;
  const { originator, kind } = header;
  const consent = consentIn({ headerDigest, originator, kind, state: 'released' }, facets);
  return consent !== undefined && !consent.evidence && consent.to.includes(partner);
}

export function entriesOf(
  { signed, facets, consent }: FanoutRecord,
  view: PartnerView,
  atMs: number,
): OutboxEntry[] {
  const shown = facets.filter((facet) => view.facets.get(facet.facet)?.allowed === true);
  const notBefore = Number(signed.header.marking?.notBefore ?? 0n);
  const entry = {
    recipient: view.partner,
    lane: laneOf(signed.header),
    headerDigest: signed.digest,
    audience: view.audience,
    basis: view.basis,
    ...(consent && { consent }),
    ...(notBefore > atMs && { notBefore }),
  };
  return portionsOf(shown).map((portion, index) => {
    const names = portion.map((facet) => facet.facet);
    return {
      ...entry,
      action: index === 0 ? ItemAction.ITEM_ACTION_RECORD : ItemAction.ITEM_ACTION_FACETS,
      facets: names,
      facetAudiences: view.facetAudiences.filter((one) => names.includes(one.facet)),
    };
  });
}

/** At least one portion, since a header alone is worth telling. */
function portionsOf(facets: readonly DisclosedFacet[]): DisclosedFacet[][] {
  const portions: DisclosedFacet[][] = [[]];
  let bytes = 0;
  for (const facet of facets) {
    const last = portions.at(-1);
    if (!last) break;
    if (bytes + facet.body.length > FACET_ROOM && last.length > 0) {
      portions.push([facet]);
      bytes = facet.body.length;
    } else {
      last.push(facet);
      bytes += facet.body.length;
    }
  }
  return portions;
}
