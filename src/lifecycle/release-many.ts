/** Release of many drafts, as an import leaves them: some hundred a transaction, refusals beside successes. */
import { sleep } from '../base/async.ts';
import type { DraftQuery, ReadTx, StoredDraft } from '../store/index.ts';
import { type LifecycleDeps, unknownDraft } from './context.ts';
import { notSubmitted } from './draft.ts';
import type { Officer } from './ports.ts';
import { claim, commit, loadForRelease, type Prepared, prepare, type Refusal, refusalOf } from './release.ts';

export interface ReleaseMany {
  readonly officer: Officer;
  /** Ids of drafts; or, where absent, every submitted draft that the filter takes. */
  readonly draftIds?: readonly string[];
  readonly filter?: Pick<DraftQuery, 'kind' | 'importPrefix'>;
  readonly signal?: AbortSignal;
}

/** How far it is, after each draft. */
export interface ReleaseProgress {
  readonly done: number;
  readonly total: number;
  readonly refused: number;
  /** Absent in the first message, which only tells the total. */
  readonly draftId?: string;
  /** Of the released record, or why there is none. */
  readonly headerDigest?: Uint8Array;
  readonly refusal?: Refusal;
}

const BATCH = 200;

interface Outcome {
  readonly draftId: string;
  readonly headerDigest?: Uint8Array;
  readonly refusal?: Refusal;
}

/**
 * Releases drafts in batches of one transaction each; what is yielded is durable. A draft that is refused does not stop the
 * next. Breaking off, or the signal, leaves the rest submitted.
 */
export async function* releaseMany<View>(
  deps: LifecycleDeps<View>,
  { officer, draftIds, filter = {}, signal }: ReleaseMany,
): AsyncGenerator<ReleaseProgress> {
  const ids = draftIds ? [...new Set(draftIds)] : await deps.store.read((tx) => submittedIds(tx, filter));
  const total = ids.length;
  let done = 0;
  let refused = 0;
  yield { done, total, refused };
  for (let at = 0; at < total; at += BATCH) {
    signal?.throwIfAborted();
    for (const outcome of await releaseBatch(deps, ids.slice(at, at + BATCH), officer)) {
      done += 1;
      if (outcome.refusal) refused += 1;
      yield { done, total, refused, ...outcome };
    }
    // Preparing a batch is long work without a pause: others of this process get their turn.
    await sleep(0, signal);
  }
}

async function submittedIds(
  tx: ReadTx,
  filter: Pick<DraftQuery, 'kind' | 'importPrefix'>,
): Promise<readonly string[]> {
  const ids: string[] = [];
  let cursor: string | undefined;
  do {
    const query = { ...filter, states: ['submitted'] as const, limit: 500 };
    const page = await tx.drafts.list({ ...query, ...(cursor !== undefined && { cursor }) });
    ids.push(...page.items.map(({ id }) => id));
    cursor = page.next;
  } while (cursor !== undefined);
  return ids;
}

async function releaseBatch<View>(
  deps: LifecycleDeps<View>,
  ids: readonly string[],
  officer: Officer,
): Promise<readonly Outcome[]> {
  const outcomes = new Map<string, Outcome>();
  const settle = async (draftId: string, work: () => Promise<Outcome | undefined>): Promise<void> => {
    try {
      const outcome = await work();
      if (outcome) outcomes.set(draftId, outcome);
    } catch (error) {
      const refusal = refusalOf(error);
      if (!refusal) throw error;
      outcomes.set(draftId, { draftId, refusal });
    }
  };
  const ready: Prepared<View>[] = [];
  await deps.store.read(async (tx) => {
    for (const draftId of ids)
      await settle(draftId, async () => {
        const loaded = await loadForRelease(deps, tx, draftId);
        if (loaded.draft.state === 'released') return released(loaded.draft);
        ready.push(prepare(deps, loaded, officer));
        return undefined;
      });
  });
  await deps.store.write(async (tx) => {
    const claimed: Prepared<View>[] = [];
    for (const prepared of ready)
      await settle(prepared.draft.id, async () => {
        if (await claim(deps, tx, prepared, officer)) {
          claimed.push(prepared);
          return { draftId: prepared.draft.id, headerDigest: prepared.record.headerDigest };
        }
        const now = await tx.drafts.byId(prepared.draft.id);
        if (now?.state === 'released') return released(now);
        throw now ? notSubmitted(now) : unknownDraft(prepared.draft.id);
      });
    await commit(deps, tx, claimed, officer);
  });
  return ids.map((draftId) => outcomes.get(draftId)).filter((outcome) => outcome !== undefined);
}

const released = (draft: StoredDraft): Outcome => ({
  draftId: draft.id,
  ...(draft.releasedDigest && { headerDigest: draft.releasedDigest }),
});
