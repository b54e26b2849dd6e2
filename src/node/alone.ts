/** Wires the watch for other processes of this node: an alarm in the store, a line in the log. */
import type { Clock, Random } from '../base/clock.ts';
import type { Directory } from '../exchange/index.ts';
import type { Keyring } from '../identity/index.ts';
import { netToken, reasonName } from '../record/index.ts';
import type { Store } from '../store/index.ts';
import type { Broker } from '../transport/index.ts';
import { describeNamesake, InstanceWatch } from './instance-watch.ts';
import type { Logger } from './logger.ts';

/** Another process proves to run as this node; cleared when a look meets nobody. */
const CODE = 'NODE_RUNS_ELSEWHERE';

export interface AloneDeps {
  readonly directory: Directory;
  readonly keyring: Keyring;
  readonly store: Store;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly startedAtMs: number;
  readonly everyMs: number;
}

export function watchInstances(broker: Broker, deps: AloneDeps): InstanceWatch {
  const { directory, keyring, store, clock, logger, startedAtMs, everyMs, random } = deps;
  const { network, self } = directory;
  // What an earlier process of this folder raised is settled by the first look that meets nobody.
  let isRaised = true;
  return new InstanceWatch(broker, {
    network,
    net: netToken(network),
    self,
    startedAtMs,
    everyMs,
    clock,
    random,
    ownStatement: () => directory.own(),
    roster: () => directory.roster(),
    sign: (bytes, linkKey) => keyring.sign('link', 'instance', bytes, linkKey),
    async found(namesake, wePrevail) {
      const outcome = wePrevail
        ? 'it has to stop, and this process goes on'
        : 'this process stops, and sends nothing more';
      const detail = `another process runs as ${self} (${describeNamesake(namesake)}): ${outcome}. Two copies of a node contradict each other before their partners: keep one`;
      logger.error({ code: CODE }, detail);
      isRaised = true;
      await store.write((tx) => tx.alarms.raise({ at: clock.nowMs(), code: CODE, subject: self, detail }));
    },
    async alone() {
      if (!isRaised) return;
      await store.write((tx) => tx.alarms.clear(CODE, self, clock.nowMs()));
      isRaised = false;
    },
    disbelieved: (reason, detail) =>
      logger.warn(
        { reason: reasonName(reason), detail },
        'a process that claims to be this node is not believed',
      ),
    failed: (error) => logger.warn({ error }, 'whether this node runs elsewhere is not known now'),
  });
}
