/** Private screening of a node: its secret month keys in files, both sides joined to the store, the policy and the links. */
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { systemRandom } from '../base/clock.ts';
import type { Directory } from '../exchange/index.ts';
import { PrivateScreeningServiceDefinition } from '../gen/tocsin/exchange/v1/private_screening_service.ts';
import {
  deleteSecret,
  type Keyring,
  makeSecretDirectory,
  readSecret,
  writeSecret,
} from '../identity/index.ts';
import type { PolicyEngine } from '../policy/index.ts';
import {
  entriesOf,
  MonthKeys,
  PrivateAsker,
  PrivateHolder,
  type PrivateScreeningHandlers,
  privateScreeningHandlers,
  type SecretMonthKeys,
} from '../screening/index.ts';
import type { Store } from '../store/index.ts';
import { type Caller, clientOf } from '../transport/index.ts';
import type { NodeConfig, NodePaths } from './config.ts';
import type { Logger } from './logger.ts';

const FILE = /^(\d{4}-\d{2})$/;

/**
 * A file a month in `keys/private-screening`, which no backup holds: a key that is kept longer than its month opens what was asked
 * in it.
 */
export async function openSecretMonthKeys(paths: NodePaths): Promise<SecretMonthKeys> {
  const folder = join(paths.keys, 'private-screening');
  await makeSecretDirectory(folder);
  const months = async () => (await readdir(folder)).filter((name) => FILE.test(name)).sort();
  return {
    months,
    read: async (month) => ((await months()).includes(month) ? readSecret(join(folder, month)) : undefined),
    keep: (month, secretKey) => writeSecret(join(folder, month), secretKey),
    remove: (month) => deleteSecret(join(folder, month)),
  };
}

export interface PrivateScreeningDeps {
  readonly paths: NodePaths;
  readonly config: NonNullable<NonNullable<NodeConfig['screening']>['private']>;
  readonly store: Store;
  readonly clock: { nowMs(): number };
  readonly directory: Directory;
  readonly keyring: Keyring;
  readonly policy: () => PolicyEngine;
  readonly callerTo: (partner: string) => Caller;
  readonly logger: Logger;
}

export interface PrivateScreening {
  readonly handlers: PrivateScreeningHandlers;
  readonly asker: PrivateAsker;
  /** Node ids that may ask this node, and that it may ask. */
  readonly partners: readonly string[];
  run(signal: AbortSignal): Promise<void>;
}

export async function openPrivateScreening(deps: PrivateScreeningDeps): Promise<PrivateScreening> {
  const { paths, config, store, clock, directory, keyring, policy, callerTo, logger } = deps;
  const { network, self } = directory;
  const { budgetPerDay, rebuildMs } = config;
  // One list of partners may serve all nodes of an agreement.
  const partners = config.partners.filter((partner) => partner !== self);
  const keys = new MonthKeys({
    store,
    clock,
    network,
    self,
    files: await openSecretMonthKeys(paths),
    sign: (bytes) => keyring.sign('link', 'private-key', bytes),
  });
  const holder = new PrivateHolder(
    {
      store,
      clock,
      network,
      self,
      keys,
      entriesFor: entriesOf({ store, clock, network, policy }),
      onFailure: (partner, error) =>
        logger.warn({ partner, error }, 'what a partner may screen against is not evaluated, trying again'),
    },
    { partners, budgetPerDay, rebuildMs },
  );
  return {
    handlers: privateScreeningHandlers({ holder, directory, clock }),
    asker: new PrivateAsker({
      store,
      clock,
      directory,
      random: systemRandom,
      callsTo: (partner) => clientOf(PrivateScreeningServiceDefinition, callerTo(partner)),
      compareWith: () => partners,
    }),
    partners,
    run: (signal) => holder.run(signal),
  };
}
