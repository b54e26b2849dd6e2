/** What a desk group did about an arrival: nobody read it, somebody did, somebody has it in hand. */
import { BoardAttention } from '../gen/tocsin/desk/v1/board_service.ts';
import { ItemAction } from '../gen/tocsin/exchange/v1/parcel.ts';
import type { InboxItem, ReadTx, StoredRecord } from '../store/index.ts';
import { markOf } from './marks.ts';
import type { OfficerSession } from './session.ts';

/** The newest item that brought the record itself; undefined for own records. */
export const arrivalOf = (items: readonly InboxItem[] | undefined): InboxItem | undefined =>
  items?.findLast(({ action }) => action === ItemAction.ITEM_ACTION_RECORD);

export async function attentionTo(
  tx: Pick<ReadTx, 'meta'>,
  { deskGroup }: Pick<OfficerSession, 'deskGroup'>,
  { headerDigest }: Pick<StoredRecord, 'headerDigest'>,
  position: number,
): Promise<{ readonly attention: BoardAttention; readonly by?: string; readonly at?: number }> {
  const item = await markOf(tx, { what: 'item', position, deskGroup });
  if (item !== undefined) return { attention: BoardAttention.BOARD_ATTENTION_ACKNOWLEDGED, ...item };
  const read = await markOf(tx, { what: 'read', headerDigest, deskGroup });
  return {
    attention:
      read === undefined ? BoardAttention.BOARD_ATTENTION_UNREAD : BoardAttention.BOARD_ATTENTION_READ,
  };
}
