/**
 * Who of which desk group first took an item in hand, or accepted a condition. Kept under keys of the desk's own in the
 * node's facts; the first mark stands.
 */
import { hex } from '../base/bytes.ts';
import type { DeskGroup } from '../gen/tocsin/record/v1/marking.ts';
import type { ReadTx, WriteTx } from '../store/index.ts';
import { deskGroupName } from './purpose.ts';

export interface Mark {
  /** Name of the officer. */
  readonly by: string;
  readonly at: number;
}

/** What is marked: an inbox position, the condition of a record, or its first reading. */
export type Marked =
  | { readonly what: 'item'; readonly position: number; readonly deskGroup: DeskGroup }
  | {
      readonly what: 'condition' | 'read';
      readonly headerDigest: Uint8Array;
      readonly deskGroup: DeskGroup;
    };

const keyOf = (marked: Marked): string =>
  `desk/${marked.what}/${marked.what === 'item' ? marked.position : hex(marked.headerDigest)}/${deskGroupName(
    marked.deskGroup,
  )}`;

export async function markOf(tx: Pick<ReadTx, 'meta'>, marked: Marked): Promise<Mark | undefined> {
  const text = await tx.meta.getText(keyOf(marked));
  return text === undefined ? undefined : (JSON.parse(text) as Mark);
}

/** The mark that stands, and whether it is this one. */
export async function setMark(
  tx: Pick<WriteTx, 'meta'>,
  marked: Marked,
  mark: Mark,
): Promise<{ readonly mark: Mark; readonly isNew: boolean }> {
  const before = await markOf(tx, marked);
  if (before !== undefined) return { mark: before, isNew: false };
  await tx.meta.setText(keyOf(marked), JSON.stringify(mark));
  return { mark, isNew: true };
}

/** Whether any officer of a desk group accepted the condition of a record (H3). */
export const isConditionAccepted = async (
  tx: Pick<ReadTx, 'meta'>,
  headerDigest: Uint8Array,
  deskGroup: DeskGroup,
): Promise<boolean> => (await markOf(tx, { what: 'condition', headerDigest, deskGroup })) !== undefined;
