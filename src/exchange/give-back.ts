/**
 * Answering a partner that was restored: its own manifests of earlier incarnations as they were taken here, with what is
 * still held of its records. Only what it sent itself, and only to itself: nothing here tells it anything new about others.
 */
import { hex } from '../base/bytes.ts';
import type { GiveBackRequest, GiveBackResponse } from '../gen/tocsin/exchange/v1/exchange_service.ts';
import type { ManifestItem, ParcelItem } from '../gen/tocsin/exchange/v1/parcel.ts';
import { HybridSignature } from '../gen/tocsin/record/v1/identity.ts';
import type { ManifestIn, ReadTx, Store } from '../store/index.ts';
import { RpcError, Status } from '../transport/index.ts';
import type { Directory } from './directory.ts';
import type { PeerKeys } from './keys.ts';
import { emptyItem, judgeManifest } from './parcel.ts';
import { hashesOf } from './stored.ts';

const PAGE = 8;
const PER_CALL = 512;

export interface GiveBackDeps {
  readonly store: Store;
  readonly directory: Directory;
  readonly keys: PeerKeys;
}

export async function* answerGiveBack(
  deps: GiveBackDeps,
  peer: string,
  request: GiveBackRequest,
  signal: AbortSignal,
): AsyncGenerator<GiveBackResponse> {
  const { store, directory, keys } = deps;
  const declared = () => directory.statementOf(peer)?.statement.incarnation ?? 0;
  if (declared() < request.incarnation) await keys.refresh(peer);
  const below = declared();
  // An empty answer would say that there is nothing to give back.
  if (below < request.incarnation)
    throw new RpcError(
      Status.UNAVAILABLE,
      `the key statement of incarnation ${request.incarnation} is not known here yet: come back`,
    );
  // Whatever of the closed incarnation is being taken at this moment is committed first; nothing of it is taken afterwards.
  await store.write(async () => undefined);
  let place = { incarnation: request.afterIncarnation, seq: request.afterSeq };
  for (let sent = 0; sent < PER_CALL && !signal.aborted; ) {
    const key = { sender: peer, lane: request.lane === 0 ? 0 : 1, ...place, below } as const;
    const most = Math.min(PAGE, PER_CALL - sent);
    const { page, responses } = await store.read(async (tx) => {
      const found = await tx.links.takenAfter(key, most);
      return {
        page: found,
        responses: await Promise.all(found.map((one) => responseOf(directory, tx, one))),
      };
    });
    for (const response of responses) if (response) yield response;
    const last = page.at(-1);
    if (!last || page.length < most) return;
    place = { incarnation: last.incarnation, seq: last.seq };
    sent += page.length;
  }
}

/** Undefined for a number that was given up: its content never came here. */
async function responseOf(
  { network }: Directory,
  tx: ReadTx,
  { body, signature, sender }: ManifestIn,
): Promise<GiveBackResponse | undefined> {
  const judged = judgeManifest(network, body);
  if (!judged.ok) return undefined;
  return {
    manifest: Buffer.from(body),
    signature: HybridSignature.decode(signature),
    items: await itemsHeld(tx, sender, judged.value.manifest.items),
  };
}

async function itemsHeld(tx: ReadTx, sender: string, lines: readonly ManifestItem[]): Promise<ParcelItem[]> {
  const digests = lines.map((line) => line.headerDigest);
  const records = new Map((await tx.records.byDigests(digests)).map((one) => [hex(one.headerDigest), one]));
  const facets = await tx.records.facetsOf(digests);
  return lines.map(({ headerDigest }) => {
    const key = hex(headerDigest);
    const record = records.get(key);
    if (record?.originator !== sender || !record.checkpoint) return emptyItem();
    return {
      header: Buffer.from(record.header),
      inclusion: {
        index: record.leafIndex ?? 0n,
        proof: hashesOf(record.proof ?? new Uint8Array(0)),
        checkpoint: Buffer.from(record.checkpoint),
      },
      facets: (facets.get(key) ?? []).map(({ facet, salt, body }) => ({
        facet,
        salt: Buffer.from(salt),
        body: Buffer.from(body),
      })),
      statementDigest: Buffer.from(record.statementDigest ?? []),
    };
  });
}
