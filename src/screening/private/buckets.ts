/** The buckets in which a question's outputs would lie, loaded from the holder. */
import { hex } from '../../base/bytes.ts';
import type { CallLimits } from '../../exchange/index.ts';
import type {
  EvaluateRequest,
  EvaluateResponse,
  GetBucketRequest,
  GetBucketResponse,
  GetMonthKeyRequest,
  GetMonthKeyResponse,
} from '../../gen/tocsin/exchange/v1/private_screening_service.ts';
import { RpcError, Status } from '../../transport/index.ts';
import { PrivateScreeningError } from './errors.ts';
import { MOST_PREFIX_BITS } from './evaluated-set.ts';
import { ITEM_BYTES, prefixOf } from './item.ts';

/** Lines of a bucket that are taken from a partner: 4 MiB. */
export const MOST_BUCKET_ITEMS = 65_536;

/** Loads of one question, where the holder's set changes meanwhile. */
const TRIES = 3;

/** PrivateScreeningService of one peer, over a link session: whoever answers is the peer. */
export interface PrivateScreeningCalls {
  getMonthKey(request: GetMonthKeyRequest, limits?: CallLimits): Promise<GetMonthKeyResponse>;
  evaluate(request: EvaluateRequest, limits?: CallLimits): Promise<EvaluateResponse>;
  getBucket(request: GetBucketRequest, limits?: CallLimits): Promise<GetBucketResponse>;
}

export interface LoadedBuckets {
  readonly prefixBits: number;
  readonly buckets: ReadonlyMap<number, Uint8Array>;
}

/** What was loaded of one holder last. What is kept is not asked for again, and so tells nothing again. */
export interface KeptBuckets {
  readonly version: string;
  readonly buckets: Map<number, Uint8Array>;
}

/** Bytes kept of one holder's buckets. */
const MOST_KEPT_BYTES = 33_554_432;

interface Wanted {
  /** By holder. */
  readonly kept: Map<string, KeptBuckets>;
  readonly holder: string;
  readonly calls: PrivateScreeningCalls;
  readonly month: string;
  readonly outputs: readonly Uint8Array[];
  readonly signal?: AbortSignal;
}

/** Every output's bucket, each once. Throws SET_NOT_READY, SET_CHANGED after three tries, BUCKET_INVALID, RpcError. */
export async function loadBuckets(wanted: Wanted): Promise<LoadedBuckets> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await loadOnce(wanted);
    } catch (error) {
      if (!(error instanceof RpcError) || error.status !== Status.FAILED_PRECONDITION) throw error;
      if (tries === TRIES)
        throw new PrivateScreeningError({
          code: 'SET_CHANGED',
          message: 'what the partner lets be screened against changed while it was loaded: ask again',
          retry: 'later',
        });
    }
  }
}

async function loadOnce({ calls, holder, kept, month, outputs, signal }: Wanted): Promise<LoadedBuckets> {
  const limits = { ...(signal && { signal }) };
  const { setVersion, prefixBits, bucketItems } = await calls.getMonthKey({ month, holder: '' }, limits);
  if (setVersion.length === 0)
    throw new PrivateScreeningError({
      code: 'SET_NOT_READY',
      message: 'the partner has not evaluated yet what may be screened against: ask later',
      retry: 'later',
    });
  if (prefixBits > MOST_PREFIX_BITS || bucketItems > MOST_BUCKET_ITEMS)
    throw invalid(`buckets of at most ${MOST_BUCKET_ITEMS} lines under at most ${MOST_PREFIX_BITS} bits`);
  const prefixes = new Set(outputs.map((output) => prefixOf(output, prefixBits)));
  const version = hex(setVersion);
  const before = kept.get(holder);
  const buckets = before?.version === version ? before.buckets : new Map<number, Uint8Array>();
  if (buckets.size * bucketItems * ITEM_BYTES > MOST_KEPT_BYTES) buckets.clear();
  kept.set(holder, { version, buckets });
  // In the order of their numbers: that of the keys would tell which is which.
  for (const prefix of [...prefixes].sort((a, b) => a - b)) {
    if (buckets.has(prefix)) continue;
    const { items } = await calls.getBucket({ month, setVersion, prefix }, limits);
    if (items.length !== bucketItems * ITEM_BYTES)
      throw invalid(`a bucket of ${bucketItems} lines of ${ITEM_BYTES} bytes`);
    buckets.set(prefix, items);
  }
  return { prefixBits, buckets };
}

const invalid = (expected: string): PrivateScreeningError =>
  new PrivateScreeningError({
    code: 'BUCKET_INVALID',
    message: `expected ${expected}, got another answer: believe nothing of it`,
  });
