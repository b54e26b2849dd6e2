/**
 * Blobs for those who were shown the facet that names them, and for nobody else (default deny): what was never there, what is
 * not for the caller and what no longer is are one answer. Policy is asked again, as at every sealing.
 */
import { hex } from '../base/bytes.ts';
import type { Clock } from '../base/clock.ts';
import { LIMITS } from '../base/limits.ts';
import type {
  FetchAttachmentRequest,
  FetchAttachmentResponse,
} from '../gen/tocsin/exchange/v1/exchange_service.ts';
import { ItemAction } from '../gen/tocsin/exchange/v1/parcel.ts';
import type { Blobs, Store } from '../store/index.ts';
import { RpcError, Status } from '../transport/index.ts';
import { type ContentsDeps, loadSendables } from './contents.ts';
import type { Pace } from './pace.ts';

export interface ServeDeps extends ContentsDeps {
  readonly store: Store;
  readonly blobs: Blobs;
  readonly clock: Clock;
  readonly pace: Pace;
}

const notFound = (): RpcError =>
  new RpcError(Status.NOT_FOUND, 'this node has no attachment with this digest for the caller');

/** Rows of the outbox under which the recipient was sent the item. */
const SENT = new Set(['sent', 'receipted']);

export class AttachmentServer {
  readonly #deps: ServeDeps;
  readonly #underWay = new Map<string, number>();

  constructor(deps: ServeDeps) {
    this.#deps = deps;
  }

  /** Streams a blob from the offset asked for. A caller that does not read holds up nobody but itself. */
  async *answer(
    peer: string,
    request: FetchAttachmentRequest,
    signal: AbortSignal,
  ): AsyncGenerator<FetchAttachmentResponse> {
    const { blobs, pace } = this.#deps;
    const total = await this.#judge(peer, request);
    const offset = Number(request.offset);
    if (offset > total) throw new RpcError(Status.OUT_OF_RANGE, `expected an offset of at most ${total}`);
    const underWay = this.#underWay.get(peer) ?? 0;
    if (underWay >= LIMITS.attachmentCallsPerPeer)
      throw new RpcError(
        Status.RESOURCE_EXHAUSTED,
        `expected at most ${LIMITS.attachmentCallsPerPeer} attachments at once; come back later`,
      );
    this.#underWay.set(peer, underWay + 1);
    try {
      let at = offset;
      for await (const piece of blobs.read(request.blobDigest, offset))
        for (let from = 0; from < piece.length; from += LIMITS.attachmentPieceBytes) {
          const data = Buffer.from(piece.subarray(from, from + LIMITS.attachmentPieceBytes));
          await pace.take(data.length, signal);
          yield { offset: BigInt(at), data, total: BigInt(total) };
          at += data.length;
        }
    } finally {
      const left = (this.#underWay.get(peer) ?? 1) - 1;
      if (left > 0) this.#underWay.set(peer, left);
      else this.#underWay.delete(peer);
    }
  }

  /** Size of the blob where the caller may have it. */
  async #judge(peer: string, { headerDigest, blobDigest }: FetchAttachmentRequest): Promise<number> {
    if (headerDigest.length !== 32 || blobDigest.length !== 32) throw notFound();
    const { store, blobs, clock } = this.#deps;
    const held = await store.read(async (tx) => {
      const named = (await tx.attachments.namedBy(headerDigest)).find(
        (one) => hex(one.blobDigest) === hex(blobDigest),
      );
      if (!named) return undefined;
      // Its own record, after a restart from an earlier state: nothing that it may not see (give-back.ts).
      if ((await tx.records.byDigest(headerDigest))?.originator === peer)
        return (await tx.attachments.held([blobDigest])).size > 0;
      const rows = (await tx.outbox.ofRecord(headerDigest)).filter(
        (row) =>
          row.recipient === peer &&
          SENT.has(row.state) &&
          row.action !== ItemAction.ITEM_ACTION_WITHDRAWN &&
          row.facets.includes(named.facet),
      );
      // What the row was permitted in whole may be narrower by now: the facet alone has to be permitted still.
      const wanted = rows.map((row) => ({ ...row, facets: [named.facet] }));
      const sendables = await loadSendables(this.#deps, tx, peer, wanted, clock.nowMs());
      if (!sendables.some(({ kind }) => kind === 'permitted')) return undefined;
      return (await tx.attachments.held([blobDigest])).size > 0;
    });
    if (held === undefined) throw notFound();
    const size = held ? await blobs.size(blobDigest) : undefined;
    // Whoever was shown the facet knows of it already: a forwarder may say that it is still on its way.
    if (size === undefined)
      throw new RpcError(Status.UNAVAILABLE, 'the attachment is not here yet; ask later');
    return size;
  }
}
