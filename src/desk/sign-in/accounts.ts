/** Accounts that count no more, whichever way their officers come: known at once, and after a restart. */
import type { StoredAccount, WriteTx } from '../../store/index.ts';
import type { DeskStore } from '../ports.ts';
import { deleteDeviceKey } from './device-key.ts';

export class Accounts {
  readonly #revoked: Set<string>;
  readonly #listeners = new Set<(account: string) => void>();

  private constructor(revoked: Iterable<string>) {
    this.#revoked = new Set(revoked);
  }

  static async open(store: DeskStore): Promise<Accounts> {
    const all = await store.read((tx) => tx.accounts.list());
    return new Accounts(all.filter(({ state }) => state === 'revoked').map(({ identity }) => identity));
  }

  /** By identity, which is a certificate's fingerprint where the officer has one. */
  isRevoked(identity: string): boolean {
    return this.#revoked.has(identity);
  }

  /** Takes an account back and ends its sessions; calls under way end once the write is durable. */
  async revoke(tx: WriteTx, { id, identity }: StoredAccount): Promise<void> {
    await tx.accounts.change(id, { state: 'revoked' });
    await tx.accounts.endSessions(id);
    await deleteDeviceKey(tx, id);
    tx.afterCommit(() => {
      this.#revoked.add(identity);
      for (const listener of this.#listeners) listener(id);
    });
  }

  /** Told the id of each account that is revoked. */
  onRevoked(listener: (account: string) => void): void {
    this.#listeners.add(listener);
  }
}
