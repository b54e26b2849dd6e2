/**
 * Parcels as bytes: manifests, skips and what is sealed with them (parcel.proto). Form only: who may speak and what
 * comes next is judged in arrival.ts. A signed body is never encoded a second time (security.md T08, principle 'sign bytes').
 */
import { LIMITS } from '../base/limits.ts';
import { believed, disbelieved, type Verdict } from '../base/verdict.ts';
import {
  ItemAction,
  Manifest,
  type ManifestItem,
  ParcelContent,
  type ParcelItem,
  type SignedSkip,
  Skip,
} from '../gen/tocsin/exchange/v1/parcel.ts';
import type { HybridSignature } from '../gen/tocsin/record/v1/identity.ts';
import { Reason } from '../gen/tocsin/record/v1/reason.ts';
import { encodeSigned, judgeMessage, judgeSigned, sha256 } from '../record/index.ts';

/** Format of manifests spoken here; the roster's minimum may be lower, never higher than a peer's. */
export const FORMAT = 1;
export const SUITE = 1;
const DIGEST = 32;
/** Facet names on one line; no kind has as many. */
const FACETS_PER_ITEM = 64;
/** A policy names a rule in a few characters; this is far above every set of rules. */
const BASIS_LENGTH = 1024;

/** A manifest with the bytes that were signed. */
export interface SignedManifest {
  readonly bytes: Uint8Array;
  readonly digest: Uint8Array;
  readonly manifest: Manifest;
}

export function encodeManifest(network: Uint8Array, manifest: Manifest): SignedManifest {
  const bytes = encodeSigned('manifest', network, Manifest.encode(manifest).finish());
  return { bytes, digest: sha256(bytes), manifest };
}

/** LABEL_MISMATCH, WRONG_NETWORK, MALFORMED, TOO_LARGE, FORMAT_UNSUPPORTED. */
export function judgeManifest(network: Uint8Array, bytes: Uint8Array): Verdict<SignedManifest, Reason> {
  const body = judgeSigned('manifest', network, bytes);
  if (!body.ok) return body;
  const decoded = judgeMessage(Manifest, 'tocsin.exchange.v1.Manifest', body.value, LIMITS.messageBytes);
  if (!decoded.ok) return decoded;
  const fault = manifestFault(decoded.value);
  if (fault) return fault;
  return believed({ bytes, digest: sha256(bytes), manifest: decoded.value });
}

const malformed = (detail: string) => disbelieved(Reason.REASON_MALFORMED, detail);

function manifestFault(manifest: Manifest) {
  if (manifest.format !== FORMAT) {
    return disbelieved(Reason.REASON_FORMAT_UNSUPPORTED, `expected format ${FORMAT}, got ${manifest.format}`);
  }
  if (manifest.seq < 1n || manifest.incarnation < 1) return malformed('numbers start at 1');
  if (manifest.lane > 1) return malformed(`expected lane 0 or 1, got ${manifest.lane}`);
  if (!isPreviousFormed(manifest)) {
    return malformed('expected the digest of the manifest before, and none for the first of all');
  }
  if (manifest.rosterDigest.length !== DIGEST || manifest.statementDigest.length !== DIGEST) {
    return malformed('expected digests of 32 bytes');
  }
  if (
    manifest.checkpoint.length > LIMITS.noteBytes ||
    manifest.exerciseCheckpoint.length > LIMITS.noteBytes
  ) {
    return disbelieved(Reason.REASON_TOO_LARGE, `a checkpoint is at most ${LIMITS.noteBytes} bytes`);
  }
  if (!isHashList(manifest.consistencyProof)) return malformed('expected at most 63 hashes of 32 bytes');
  if (manifest.items.length < 1 || manifest.items.length > LIMITS.parcelItems) {
    return malformed(`expected 1 to ${LIMITS.parcelItems} items, got ${manifest.items.length}`);
  }
  const lanes = new Set(manifest.acknowledgements.map((one) => one.lane));
  if (
    lanes.size !== manifest.acknowledgements.length ||
    manifest.acknowledgements.some((one) => one.lane > 1)
  ) {
    return malformed('expected at most one acknowledgement a lane');
  }
  const bad = manifest.items.findIndex((item) => !isItemFormed(item));
  return bad < 0 ? undefined : malformed(`item ${bad} has a wrong form`);
}

/** Number 1 of a higher incarnation may name the last manifest that its sender knew of the one before. */
const isPreviousFormed = ({ seq, incarnation, previous }: Manifest): boolean =>
  previous.length === DIGEST ? seq > 1n || incarnation > 1 : previous.length === 0 && seq === 1n;

export const isHashList = (hashes: readonly Uint8Array[]): boolean =>
  hashes.length <= LIMITS.proofHashes && hashes.every((hash) => hash.length === DIGEST);

function isItemFormed(item: ManifestItem): boolean {
  return (
    item.action !== ItemAction.ITEM_ACTION_UNSPECIFIED &&
    item.headerDigest.length === DIGEST &&
    item.facets.length <= FACETS_PER_ITEM &&
    new Set(item.facets).size === item.facets.length &&
    (item.action !== ItemAction.ITEM_ACTION_WITHDRAWN || item.facets.length === 0) &&
    (item.action !== ItemAction.ITEM_ACTION_FACETS || item.facets.length > 0) &&
    item.basis.length <= BASIS_LENGTH &&
    (item.consent.length === 0 || item.consent.length === DIGEST)
  );
}

export interface OpenedParcel {
  readonly manifest: SignedManifest;
  readonly signature: HybridSignature;
  readonly items: readonly ParcelItem[];
}

export function encodeContent(
  manifestBytes: Uint8Array,
  signature: HybridSignature,
  items: readonly ParcelItem[],
): Uint8Array {
  return ParcelContent.encode({
    manifest: Buffer.from(manifestBytes),
    signature,
    items: [...items],
    padding: Buffer.alloc(0),
  }).finish();
}

/** The opened plaintext, decoded strictly; nothing of it is believed yet. */
export function judgeContent(network: Uint8Array, content: Uint8Array): Verdict<OpenedParcel, Reason> {
  const decoded = judgeMessage(
    ParcelContent,
    'tocsin.exchange.v1.ParcelContent',
    content,
    LIMITS.messageBytes,
  );
  if (!decoded.ok) return decoded;
  const { manifest: bytes, signature, items } = decoded.value;
  if (!signature) return disbelieved(Reason.REASON_DOWNGRADE, 'a manifest without a signature');
  const manifest = judgeManifest(network, bytes);
  if (!manifest.ok) return manifest;
  return believed({ manifest: manifest.value, signature, items });
}

/**
 * That the parcel holds exactly what its manifest lists (foreign items under a genuine manifest). Header digests are
 * recomputed from the bytes carried; a line whose item is empty was withdrawn after it was signed.
 */
export function judgeListing(parcel: OpenedParcel): Verdict<true, Reason> {
  const lines = parcel.manifest.manifest.items;
  const unlisted = (detail: string) => disbelieved(Reason.REASON_ITEM_NOT_IN_MANIFEST, detail);
  if (lines.length !== parcel.items.length) {
    return unlisted(`the manifest lists ${lines.length} items, the parcel carries ${parcel.items.length}`);
  }
  for (const [index, line] of lines.entries()) {
    const item = parcel.items[index];
    if (!item || isEmptyItem(item)) continue;
    if (line.action === ItemAction.ITEM_ACTION_WITHDRAWN) return unlisted(`item ${index} is not empty`);
    const named = item.facets.map((facet) => facet.facet);
    if (named.length !== line.facets.length || named.some((name, at) => name !== line.facets[at])) {
      return unlisted(`item ${index} does not carry the facets that the manifest lists`);
    }
    const wantsHeader = line.action === ItemAction.ITEM_ACTION_RECORD;
    if (wantsHeader !== item.header.length > 0) return unlisted(`item ${index} has a header out of place`);
    if (wantsHeader && !sameDigest(sha256(item.header), line.headerDigest)) {
      return unlisted(`item ${index} carries another header than the manifest lists`);
    }
  }
  return believed(true);
}

const sameDigest = (a: Uint8Array, b: Uint8Array): boolean => Buffer.compare(a, b) === 0;

export const emptyItem = (): ParcelItem => ({
  header: Buffer.alloc(0),
  inclusion: undefined,
  facets: [],
  statementDigest: Buffer.alloc(0),
});

export const isEmptyItem = (item: ParcelItem): boolean =>
  item.header.length === 0 &&
  item.facets.length === 0 &&
  !item.inclusion &&
  item.statementDigest.length === 0;

export function encodeSkip(network: Uint8Array, skip: Skip): Uint8Array {
  return encodeSigned('skip', network, Skip.encode(skip).finish());
}

export interface OpenedSkip {
  readonly bytes: Uint8Array;
  readonly skip: Skip;
  readonly signature: HybridSignature;
}

/** Form of a skip; its signature is judged against the sender's statement in arrival.ts. */
export function judgeSkip(network: Uint8Array, signed: SignedSkip): Verdict<OpenedSkip, Reason> {
  if (!signed.signature) return disbelieved(Reason.REASON_DOWNGRADE, 'a skip without a signature');
  const body = judgeSigned('skip', network, signed.body);
  if (!body.ok) return body;
  const decoded = judgeMessage(Skip, 'tocsin.exchange.v1.Skip', body.value, LIMITS.headerBytes);
  if (!decoded.ok) return decoded;
  const skip = decoded.value;
  if (skip.seq < 1n || skip.incarnation < 1 || skip.lane > 1 || skip.digest.length !== DIGEST) {
    return malformed('a skip names one number of one lane and the digest given up');
  }
  return believed({ bytes: signed.body, skip, signature: signed.signature });
}

const PREFIX_BYTES = encodeSigned('manifest', new Uint8Array(32), new Uint8Array(0)).length;

/** A manifest of our own out of the store: signed here, so not judged again. */
export const manifestOfOurs = (bytes: Uint8Array): Manifest => Manifest.decode(bytes.subarray(PREFIX_BYTES));
