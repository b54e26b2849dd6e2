/** The life cycle as one object: what desks, hubs, hotlines and imports are handed. */
import { sleep } from '../base/async.ts';
import type { Attachment } from '../gen/tocsin/record/v1/shared_facets.ts';
import type { StoredDraft, StoredRecord } from '../store/index.ts';
import { type Attached, type AttachFile, attachFile, type DescribeFile, describeFile } from './attach.ts';
import type { LifecycleDeps } from './context.ts';
import { checkCountersigns, countersignRecord } from './countersign.ts';
import {
  type CreateDraft,
  createDraft,
  type DraftResult,
  discardDraft,
  type OnDraft,
  sendBackDraft,
  submitDraft,
  updateDraft,
} from './draft.ts';
import { type ImportRequest, type ImportResult, importList } from './imports.ts';
import type { Officer } from './ports.ts';
import {
  checkRecalls,
  type RecallRequest,
  recallRecord,
  type StatedRecall,
  withdrawConsent,
} from './recall.ts';
import { type ReleaseResult, releaseDraft } from './release.ts';
import { type ReleaseMany, type ReleaseProgress, releaseMany } from './release-many.ts';
import { type Retained, remindReviewers, retain } from './retention.ts';
import { type Revise, reviseRecord } from './revise.ts';
import { scrubDraft } from './scrub.ts';

const CHECK_EVERY_MS = 60_000;

/** Each step is durable and audited when it resolves. Errors: LifecycleError; what each throws stands at its function. */
export interface Lifecycle {
  create(request: CreateDraft): Promise<DraftResult>;
  update(request: OnDraft & { readonly content: unknown; readonly note?: string }): Promise<DraftResult>;
  /** Adds a file whose blob is in the folder to a draft. */
  attach(request: AttachFile): Promise<Attached>;
  /** Another caption for a file of a draft. */
  describe(request: DescribeFile): Promise<Attachment>;
  submit(request: OnDraft & { readonly note?: string }): Promise<StoredDraft>;
  /** A second operator's clean words for a hotline report, without which it is not released. */
  scrub(request: OnDraft & { readonly content: unknown }): Promise<DraftResult>;
  sendBack(request: OnDraft & { readonly note: string }): Promise<StoredDraft>;
  discard(request: OnDraft & { readonly note?: string }): Promise<StoredDraft>;
  release(request: OnDraft): Promise<ReleaseResult>;
  releaseMany(request: ReleaseMany): AsyncGenerator<ReleaseProgress>;
  revise(request: Revise): Promise<DraftResult>;
  countersign(request: {
    readonly officer: Officer;
    readonly headerDigest: Uint8Array;
  }): Promise<StoredRecord>;
  importList(request: ImportRequest): Promise<ImportResult>;
  /** Raises alarms for countersignatures past their time; how many are new. */
  checkCountersigns(): Promise<number>;
  /** Recalls an own record from everybody who holds it, or from those named. */
  recall(request: RecallRequest): Promise<readonly StatedRecall[]>;
  /** Takes a consent back: nobody relies on it any more, and what was passed on under it is deleted. */
  withdrawConsent(
    request: Pick<RecallRequest, 'officer' | 'headerDigest' | 'reason' | 'deadlineMs'>,
  ): Promise<readonly StatedRecall[]>;
  /** Raises alarms for holders who did not answer a recall in time; how many are new. */
  checkRecalls(): Promise<number>;
  /** Deletes what the clock says, in small batches, and reminds reviewers of what comes up. */
  retain(signal?: AbortSignal): Promise<Retained>;
  /** Does all of these every minute until the signal aborts, then resolves. */
  run(signal: AbortSignal): Promise<void>;
}

export interface LifecycleOptions {
  /** How often the clock's duties are looked at, milliseconds. */
  readonly checkEveryMs?: number;
}

export function createLifecycle<View>(
  deps: LifecycleDeps<View>,
  { checkEveryMs = CHECK_EVERY_MS }: LifecycleOptions = {},
): Lifecycle {
  const duties = async (signal?: AbortSignal): Promise<Retained> => {
    await checkCountersigns(deps);
    await checkRecalls(deps);
    const retained = await retain(deps, signal);
    await remindReviewers(deps);
    return retained;
  };
  return {
    create: (request) => createDraft(deps, request),
    update: (request) => updateDraft(deps, request),
    attach: (request) => attachFile(deps, request),
    describe: (request) => describeFile(deps, request),
    submit: (request) => submitDraft(deps, request),
    scrub: (request) => scrubDraft(deps, request),
    sendBack: (request) => sendBackDraft(deps, request),
    discard: (request) => discardDraft(deps, request),
    release: (request) => releaseDraft(deps, request),
    releaseMany: (request) => releaseMany(deps, request),
    revise: (request) => reviseRecord(deps, request),
    countersign: (request) => countersignRecord(deps, request),
    importList: (request) => importList(deps, request),
    checkCountersigns: () => checkCountersigns(deps),
    recall: (request) => recallRecord(deps, request),
    withdrawConsent: (request) => withdrawConsent(deps, request),
    checkRecalls: () => checkRecalls(deps),
    async retain(signal) {
      const retained = await retain(deps, signal);
      await remindReviewers(deps);
      return retained;
    },
    async run(signal) {
      while (!signal.aborted) {
        await duties(signal);
        await sleep(checkEveryMs, signal).catch(() => undefined);
      }
    },
  };
}
