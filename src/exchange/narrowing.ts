/** What becomes of a queued row that is no longer permitted as it stands: a signed word that it is taken back, and the rest. */
import { ItemAction } from '../gen/tocsin/exchange/v1/parcel.ts';
import type { OutboxEntry, OutboxRow } from '../store/index.ts';
import type { PartnerView } from './ports.ts';

const sharedOf = ({ recipient, lane, headerDigest, consent, notBefore }: OutboxEntry) => ({
  recipient,
  lane,
  headerDigest,
  ...(consent && { consent }),
  ...(notBefore !== undefined && { notBefore }),
});

/** Says that an announced item is taken back; shows nothing. */
export const withdrawnLine = (row: OutboxRow): OutboxEntry => ({
  ...sharedOf(row),
  action: ItemAction.ITEM_ACTION_WITHDRAWN,
  facets: [],
  audience: { deskGroups: [], purposes: [] },
  facetAudiences: [],
  basis: '',
});

/** What of the row may still be shown under `view`; undefined where nothing is left to say. */
export function restOf(row: OutboxRow, view: PartnerView | undefined): OutboxEntry | undefined {
  if (view?.receive.allowed !== true || row.action === ItemAction.ITEM_ACTION_WITHDRAWN) return undefined;
  const facets = row.facets.filter((name) => view.facets.get(name)?.allowed === true);
  if (facets.length === 0 && row.action === ItemAction.ITEM_ACTION_FACETS) return undefined;
  return {
    ...sharedOf(row),
    action: row.action,
    facets,
    audience: view.audience,
    facetAudiences: view.facetAudiences.filter((one) => facets.includes(one.facet)),
    basis: view.basis,
  };
}
