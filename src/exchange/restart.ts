/**
 * The first start under a higher incarnation (design §5): a node restored from a backup, or whose store was behind what its
 * partners hold. What the store holds stays; whatever was promised under the logs that ended is promised anew under the new
 * ones, because nobody can tell here what those logs went on to say:
 *
 * - a receipt without a leaf is made again with the same content;
 * - a record without a leaf, that no partner gave back with one, is signed again as the next revision of itself: its header
 *   names a log that is closed. Only once every partner has given back: it must not be the second of its number.
 *
 * Each is one transaction, so that a crash leaves the store before or after it.
 */
import type { Clock, Random } from '../base/clock.ts';
import { Marking } from '../gen/tocsin/record/v1/marking.ts';
import {
  assembleRecord,
  judgeHeader,
  MINUTE_MS,
  parseLogOrigin,
  type SignedHeader,
} from '../record/index.ts';
import type { Store, WriteTx } from '../store/index.ts';
import { raise } from './alarms.ts';
import type { Directory } from './directory.ts';
import type { LedgerPort } from './ports.ts';
import { RECEIPT } from './receipts.ts';
import { rowOf } from './stored.ts';
import { worldOfHeader } from './worlds.ts';

export interface RestartDeps {
  readonly store: Store;
  readonly directory: Directory;
  readonly ledger: Pick<LedgerPort, 'origins' | 'enqueue'>;
  readonly clock: Clock;
  readonly random: Random;
}

/** The incarnation that this store was last run under. */
const INCARNATION = 'exchange/incarnation';

/**
 * Takes note of the incarnation in force. Where the store was run under a lower one, the restart begins: every active partner
 * has to give back, and the desk reads nothing until recalls are replayed. Whether it began now.
 */
export async function beginIncarnation(deps: RestartDeps): Promise<boolean> {
  const { store, directory, ledger, clock } = deps;
  const { incarnation } = directory.own().statement;
  const origins = Object.values(ledger.origins);
  return store.write(async (tx) => {
    const held = await tx.meta.getText(INCARNATION);
    const before =
      held === undefined ? await newestBefore(tx, incarnation) : Math.min(Number(held), incarnation);
    if (held === String(incarnation)) return false;
    await tx.meta.setText(INCARNATION, String(incarnation));
    if (before === undefined || before >= incarnation) return false;
    const atMs = clock.nowMs();
    const partners = directory
      .roster()
      .activeMembers(atMs)
      .map(({ node }) => node)
      .filter((node) => node !== directory.self);
    await tx.recovery.begin(incarnation, partners, atMs);
    for (const digest of await tx.recovery.stranded(origins)) await receiptAgain(deps, tx, digest, atMs);
    await tx.audit.append([
      {
        at: atMs,
        actor: 'node',
        action: 'incarnation.raised',
        subject: directory.self,
        detail: { before, incarnation },
      },
    ]);
    await tx.alarms.clear('STORE_BEHIND', directory.self, atMs);
    for (const partner of partners) await tx.alarms.clear('STORE_BEHIND', partner, atMs);
    if (partners.length > 0)
      await raise(
        tx,
        {
          code: 'CATCHING_UP',
          subject: directory.self,
          detail: `restarted as incarnation ${incarnation}: recalls and history are fetched from ${partners.join(', ')}`,
        },
        atMs,
      );
    return true;
  });
}

/** For a store from before incarnations were noted: the newest of its own logs, if it has any of an earlier one. */
async function newestBefore(tx: WriteTx, incarnation: number): Promise<number | undefined> {
  const known = (await tx.recovery.ownLogs()).flatMap((log) => parseLogOrigin(log)?.incarnation ?? []);
  const earlier = known.filter((one) => one < incarnation);
  return earlier.length > 0 ? Math.max(...earlier) : undefined;
}

/** Every partner has given back: what still has no place in a log is signed for the new one. */
export async function promiseAgain(deps: RestartDeps): Promise<void> {
  await deps.store.write(async (tx) => {
    const atMs = deps.clock.nowMs();
    for (const digest of await tx.recovery.stranded(Object.values(deps.ledger.origins))) {
      const record = await tx.records.byDigest(digest);
      await tx.recovery.dropStranded(digest);
      const signed = record && judgeHeader(deps.directory.network, record.header);
      if (record?.state !== 'released' || !signed?.ok) continue;
      const { header } = signed.value;
      const revisions = await tx.records.revisions(header.originator, header.recordId, worldOfHeader(header));
      const newest = revisions.reduce((a, b) => (b.revision > a.revision ? b : a), record);
      // A later revision came back: it says what there is to say.
      if (newest !== record && newest.state !== 'superseded') {
        await tx.records.setState(digest, 'superseded');
        continue;
      }
      await signAgain(deps, tx, signed.value, atMs, {
        recordId: header.recordId,
        revision: newest.revision + 1,
        supersedes: newest.headerDigest,
      });
      await tx.records.setState(digest, 'superseded');
    }
  });
}

async function receiptAgain(deps: RestartDeps, tx: WriteTx, digest: Uint8Array, atMs: number): Promise<void> {
  const record = await tx.records.byDigest(digest);
  const signed = record && judgeHeader(deps.directory.network, record.header);
  if (record?.kind !== RECEIPT || !signed?.ok) return;
  const recordId = deps.random.bytes(16);
  const again = await signAgain(deps, tx, signed.value, atMs, { recordId, revision: 1 });
  await tx.links.replaceReceipt(digest, again);
  await tx.recovery.dropStranded(digest);
  await tx.records.setState(digest, 'superseded');
}

/** The same content in the log of this incarnation, queued to whoever waits for it. Its header digest. */
async function signAgain(
  { directory, ledger, random }: RestartDeps,
  tx: WriteTx,
  { header, digest }: SignedHeader,
  atMs: number,
  identity: {
    readonly recordId: Uint8Array;
    readonly revision: number;
    readonly supersedes?: Uint8Array;
  },
): Promise<Uint8Array> {
  const held = await tx.records.facets(digest);
  const { signed, facets } = assembleRecord({
    network: directory.network,
    logOrigin: ledger.origins[parseLogOrigin(header.logOrigin)?.world ?? 'live'],
    originator: directory.self,
    ...identity,
    content: {
      kind: header.kind,
      deskGroup: header.deskGroup,
      priority: header.priority,
      marking: Marking.fromPartial({ ...header.marking }),
      expires: Number(header.expires),
      reviewBy: Number(header.reviewBy),
      facets: Object.fromEntries(held.map(({ facet, body }) => [facet, body])),
    },
    released: Math.floor(atMs / MINUTE_MS) * MINUTE_MS,
    salt: () => random.bytes(32),
  });
  const record = rowOf(signed, {
    origin: 'own',
    state: 'released',
    facets,
    statementDigest: directory.own().digest,
    committedAt: atMs,
  });
  await tx.records.insert([{ record, facets }]);
  await ledger.enqueue(tx, signed);
  await tx.outbox.replaceRecord(digest, signed.digest);
  return signed.digest;
}
