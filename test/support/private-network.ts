/** Nodes with both sides of private screening, over the stores, keys, policies and exchanges of a network in memory. */
import { systemRandom } from '../../src/base/clock.ts';
import { PrivateScreeningServiceDefinition } from '../../src/gen/tocsin/exchange/v1/private_screening_service.ts';
import { DeskGroup, Priority, Purpose } from '../../src/gen/tocsin/record/v1/marking.ts';
import {
  entriesOf,
  type Inquiry,
  MonthKeys,
  PrivateAsker,
  PrivateHolder,
  privateScreeningHandlers,
  type SecretMonthKeys,
} from '../../src/screening/index.ts';
import type { PrivateEntry } from '../../src/screening/private/evaluated-set.ts';
import { clientOf } from '../../src/transport/index.ts';
import type { TestNetwork } from './exchange-network.ts';
import { OnwardNode } from './onward-network.ts';

export const PRIVATE_NODES = ['XA', 'XB', 'XC'].map((node) => ({ node, groups: ['adequate', 'sac'] }));
export const PARTNERS = ['XA', 'XB', 'XC'];
/** Questions a day. */
export const BUDGET = 3;
const officer = { fingerprint: 'c1', name: 'Cora', deskGroup: DeskGroup.DESK_GROUP_POLICE };
/** Who asks, in every inquiry here. */
export const by = { actor: 'c1', detail: { officer: 'Cora' } };

/** Secret keys that lie nowhere. */
export function secretFiles(): SecretMonthKeys & { readonly held: Map<string, Uint8Array> } {
  const held = new Map<string, Uint8Array>();
  return {
    held,
    read: async (month) => held.get(month),
    keep: async (month, secret) => void held.set(month, secret),
    months: async () => [...held.keys()],
    remove: async (month) => void held.delete(month),
  };
}

/** A node with both sides of private screening. */
export class PrivateNode extends OnwardNode {
  readonly files = secretFiles();
  readonly failures: unknown[] = [];
  readonly askerDeps: ConstructorParameters<typeof PrivateAsker>[0];
  readonly asker: PrivateAsker;
  holder: PrivateHolder;
  /** Entries for a partner beside what policy gives it. */
  more: readonly PrivateEntry[] = [];
  readonly #net: TestNetwork;

  constructor(network: TestNetwork, id: string) {
    super(network, id);
    this.#net = network;
    this.holder = this.serve(this.monthKeys());
    const { directory, store, clock } = this.node;
    this.askerDeps = {
      store,
      clock,
      directory,
      random: systemRandom,
      callsTo: (partner) => clientOf(PrivateScreeningServiceDefinition, network.caller(id, partner)),
      compareWith: () => PARTNERS,
    };
    this.asker = new PrivateAsker(this.askerDeps);
  }

  openTasking: Inquiry['openTasking'] = async (to, { headerDigest, recordId }) => {
    const question = {
      question: 'Is the person at our border the one that you list?',
      purpose: Purpose.PURPOSE_BORDER,
      legalBasis: 'Regional agreement, article 9',
      priority: Priority.PRIORITY_PRIORITY,
    };
    return (await this.taskings.verify({ officer, to, headerDigest, recordId, ...question })).digest;
  };

  monthKeys(store = this.node.store, files: SecretMonthKeys = this.files): MonthKeys {
    const { self, clock, directory } = this.node;
    const { keyring } = this.#net.federation.of(self);
    const sign = (bytes: Uint8Array) => keyring.sign('link', 'private-key', bytes);
    return new MonthKeys({ store, clock, network: directory.network, self, files, sign });
  }

  /** Serves partners by these keys from now on. */
  serve(keys: MonthKeys): PrivateHolder {
    const { self, store, clock, directory } = this.node;
    const { network } = directory;
    const own = entriesOf({ store, clock, network, policy: () => this.node.policy });
    const more = () => this.more;
    this.holder = new PrivateHolder(
      {
        store,
        clock,
        network,
        self,
        keys,
        entriesFor: async function* (partner, signal) {
          yield* own(partner, signal);
          yield* more();
        },
        onFailure: (_, error) => this.failures.push(error),
      },
      { partners: PARTNERS.filter((one) => one !== self), budgetPerDay: BUDGET, rebuildMs: 60_000 },
    );
    this.node.privateScreening = privateScreeningHandlers({ holder: this.holder, directory, clock });
    return this.holder;
  }

  refresh = () => this.holder.refresh(new AbortController().signal);

  ask(holder: string, ...names: string[]) {
    return this.asker.ask({ holder, names, identifiers: [], by, openTasking: this.openTasking });
  }

  async audit(action: string) {
    const { items } = await this.node.store.read((tx) => tx.audit.list({ action, limit: 100 }));
    return items;
  }

  calls(holder: string) {
    return clientOf(PrivateScreeningServiceDefinition, this.#net.caller(this.node.self, holder));
  }
}
