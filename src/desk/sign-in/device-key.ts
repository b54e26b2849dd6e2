/**
 * A key for each account, given to its own sessions: browsers seal under it what they keep of the officer's work. It is deleted with
 * the account, and what a lost device kept is noise from then on.
 */
import type { Random } from '../../base/clock.ts';
import type { ReadTx, WriteTx } from '../../store/index.ts';
import type { DeskStore } from '../ports.ts';

const KEY_BYTES = 32;

const factOf = (account: string): string => `desk/device-key/${account}`;

const keyOf = (tx: Pick<ReadTx, 'meta'>, account: string) => tx.meta.get(factOf(account));

/** 32 bytes; durable before they are given out, and the same from then on. */
export async function deviceKeyOf(
  { store, random }: { readonly store: DeskStore; readonly random: Random },
  account: string,
): Promise<Uint8Array> {
  const known = await store.read((tx) => keyOf(tx, account));
  if (known !== undefined) return known;
  const made = random.bytes(KEY_BYTES);
  return store.write(async (tx) => {
    const first = await keyOf(tx, account);
    if (first === undefined) await tx.meta.set(factOf(account), made);
    return first ?? made;
  });
}

export const deleteDeviceKey = (tx: Pick<WriteTx, 'meta'>, account: string): Promise<void> =>
  tx.meta.delete(factOf(account));
