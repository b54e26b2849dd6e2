/**
 * What another policy, or another roster, means for records already released (design §3, §6): facets now permitted follow, what
 * waits and is no longer permitted is taken back. Every own record in force is looked at once for each policy; which one was
 * followed to its end is kept in the store, so that a stop in between, or a change while the node is down, is made up for.
 */
import { sleep, type Wake } from '../base/async.ts';
import { hex } from '../base/bytes.ts';
import type { Clock } from '../base/clock.ts';
import { judgeHeader, kindOf } from '../record/index.ts';
import type { Store, StoredRecord, WriteTx } from '../store/index.ts';
import type { FollowUpPort, OwnRecord, PolicyPort, SelfPort } from './ports.ts';

export interface PolicyFollowerDeps<View> {
  readonly store: Store;
  /** The policies in force now. */
  readonly policy: () => PolicyPort<View>;
  readonly exchange: FollowUpPort<View>;
  readonly self: Pick<SelfPort, 'node' | 'network'>;
  readonly clock: Clock;
  /** Woken when another policy or roster comes into force; `run` looks at once. */
  readonly changed: Pick<Wake, 'wait'>;
}

/** What following one policy came to. */
export interface Followed {
  /** Records of which something was queued or taken back. */
  readonly records: number;
  /** Facets that follow, counted for each partner. */
  readonly facets: number;
  /** Facets taken back before they went out, counted for each partner. */
  readonly withdrawn: number;
}

export interface PolicyFollower {
  /** Follows the policy in force to its end, or until the signal aborts; all zero where that was done before. */
  follow(signal?: AbortSignal): Promise<Followed>;
  /** Follows until the signal aborts, then resolves. */
  run(signal: AbortSignal): Promise<void>;
}

/** Policy digest that was followed to its end. */
const FOLLOWED = 'lifecycle/policy-followed';
/** Records a transaction: others' writes wait for no more. */
const BATCH = 50;
/** Nothing depends on it: whoever changes the policy wakes. */
const LOOK_EVERY_MS = 60_000;

export function createPolicyFollower<View>(deps: PolicyFollowerDeps<View>): PolicyFollower {
  const follow = (signal?: AbortSignal) => followPolicy(deps, signal);
  return {
    follow,
    async run(signal) {
      while (!signal.aborted) {
        await follow(signal);
        await deps.changed.wait(LOOK_EVERY_MS, signal).catch(() => undefined);
      }
    },
  };
}

async function followPolicy<View>(
  deps: PolicyFollowerDeps<View>,
  signal: AbortSignal | undefined,
): Promise<Followed> {
  const { store, policy } = deps;
  const { digest } = policy();
  const total = { records: 0, facets: 0, withdrawn: 0 };
  if ((await store.read((tx) => tx.meta.getText(FOLLOWED))) === digest) return total;
  // Whatever was released under the policy before is committed once this is: writes go one after the other.
  await store.write((tx) => tx.meta.delete(FOLLOWED));
  let cursor: string | undefined;
  do {
    const page = await store.read((tx) =>
      tx.records.list({
        world: 'both',
        origin: 'own',
        state: 'released',
        order: 'oldest',
        limit: BATCH,
        ...(cursor !== undefined && { cursor }),
      }),
    );
    const concerned = page.items.filter(mayFollow);
    if (concerned.length > 0) {
      const some = await store.write((tx) => followSome(deps, tx, concerned));
      total.records += some.records;
      total.facets += some.facets;
      total.withdrawn += some.withdrawn;
    }
    cursor = page.next;
    await sleep(0, signal).catch(() => undefined);
    // Begun anew, from the first record, by the next round.
    if (signal?.aborted || policy().digest !== digest) return total;
  } while (cursor !== undefined);
  await store.write((tx) => tx.meta.setText(FOLLOWED, digest));
  return total;
}

/** What an officer released to partners; what the node states of the exchange goes to whom it names and no further. */
function mayFollow({ kind }: StoredRecord): boolean {
  const row = kindOf(kind);
  return row !== undefined && !row.control && !row.local;
}

async function followSome<View>(
  { policy, exchange, self, clock }: PolicyFollowerDeps<View>,
  tx: WriteTx,
  records: readonly StoredRecord[],
): Promise<Followed> {
  const now = clock.nowMs();
  const facets = await tx.records.facetsOf(records.map(({ headerDigest }) => headerDigest));
  const total = { records: 0, facets: 0, withdrawn: 0 };
  for (const { headerDigest } of records) {
    const record = await tx.records.byDigest(headerDigest);
    // Recalled or replaced since the list was read, or its time is over.
    if (record?.state !== 'released' || record.expires <= now) continue;
    const signed = judgeHeader(self.network, record.header);
    if (!signed.ok) throw new Error(`a header of our own does not verify: ${signed.detail}`);
    const own: OwnRecord = {
      signed: signed.value,
      facets: (facets.get(hex(headerDigest)) ?? []).map(({ facet, salt, body }) => ({
        facet,
        salt: Buffer.from(salt),
        body: Buffer.from(body),
      })),
      // Looked at are only partners that the link was queued to, for which both of its ends were found disclosed.
      ...(record.kind === 'link' && { endsDisclosedTo: () => true }),
    };
    const inForce = policy();
    // R19: decided as of the instant from which it is shown.
    const views = inForce.preview(own, Math.max(now, Number(signed.value.header.marking?.notBefore ?? 0n)));
    const changes = await exchange.followUp(tx, own, views);
    if (changes.length === 0) continue;
    total.records += 1;
    for (const { followed, withdrawn } of changes) {
      total.facets += followed.length;
      total.withdrawn += withdrawn.length;
    }
    await tx.audit.append(
      changes.map(({ recipient, followed, withdrawn, permitted }) => ({
        at: now,
        actor: 'node',
        action: 'record.followed-up',
        subject: hex(headerDigest),
        detail: {
          recipient,
          followed: followed.join(' '),
          withdrawn: withdrawn.join(' '),
          permitted,
          policy: inForce.digest,
        },
      })),
    );
  }
  return total;
}
