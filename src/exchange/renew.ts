/**
 * What was signed by keys that have ended since (design §5) and never reached its recipient: a manifest is never signed a
 * second time, so its number is given up, in the same transaction its rows wait again, and the next manifest carries them
 * under the keys in use. A recipient that had taken it all the same finds duplicates, and says so in its receipt.
 */
import { hex } from '../base/bytes.ts';
import { Reason } from '../gen/tocsin/record/v1/reason.ts';
import type { LaneId, OpenManifest } from '../store/index.ts';
import type { ManifestPlace } from './outbox.ts';
import { manifestOfOurs } from './parcel.ts';
import { type PublishDeps, signSkip } from './publish.ts';

export class Renewal {
  readonly #deps: PublishDeps;
  readonly #lane: LaneId;
  /** Statement of each manifest under way, so that a lane under load does not read them again and again. */
  readonly #statements = new Map<bigint, { readonly digest: Uint8Array; readonly exercise: boolean }>();

  constructor(deps: PublishDeps, lane: LaneId) {
    this.#deps = deps;
    this.#lane = lane;
  }

  /** Gives up those whose keys have ended; whether there were any. */
  async renew(open: readonly OpenManifest[]): Promise<boolean> {
    const { directory, clock } = this.#deps;
    const atMs = clock.nowMs();
    if (directory.own().statement.revocations.every(({ from }) => Number(from) > atMs)) return false;
    const seqs = new Set(open.map(({ seq }) => seq));
    for (const seq of this.#statements.keys()) if (!seqs.has(seq)) this.#statements.delete(seq);
    let any = false;
    for (const place of open) {
      if (!(await this.#hasEnded(place, atMs))) continue;
      await this.#giveUp(place, atMs);
      any = true;
    }
    return any;
  }

  async #hasEnded(place: ManifestPlace, atMs: number): Promise<boolean> {
    const { store, directory } = this.#deps;
    let named = this.#statements.get(place.seq);
    if (!named) {
      const manifest = await store.read((tx) => tx.links.manifestOut({ ...this.#lane, ...place }));
      if (manifest?.state !== 'open') return false;
      const { statementDigest, exerciseCheckpoint } = manifestOfOurs(manifest.body);
      named = { digest: statementDigest, exercise: exerciseCheckpoint.length > 0 };
      this.#statements.set(place.seq, named);
    }
    const own = directory.own();
    if (hex(named.digest) === hex(own.digest)) return false;
    const statement = (await directory.statementBy(named.digest))?.statement;
    if (!statement) return false;
    const { node, linkKey, logKey, exerciseLogKey } = statement;
    const keys = [linkKey, logKey, ...(named.exercise ? [exerciseLogKey] : [])];
    return keys.some((key) => directory.isRevoked(node, key, atMs));
  }

  async #giveUp(place: ManifestPlace, atMs: number): Promise<void> {
    const { store } = this.#deps;
    const manifest = await store.read((tx) => tx.links.manifestOut({ ...this.#lane, ...place }));
    if (manifest?.state !== 'open') return;
    const skip = await signSkip(this.#deps, this.#lane, manifest, Reason.REASON_KEY_REVOKED);
    await store.write(async (tx) => {
      // Its receipt may have come meanwhile, which closed it.
      const now = await tx.links.manifestOut({ ...this.#lane, ...place });
      if (now?.state !== 'open') return;
      await tx.links.skipManifest(manifest, skip, atMs);
      await tx.outbox.waitAgain(this.#lane, manifest.incarnation, manifest.seq);
    });
  }
}
