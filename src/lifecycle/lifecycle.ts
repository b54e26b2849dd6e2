/** The life cycle as one object: what desks, hubs, hotlines and imports are handed. */
import type { StoredDraft, StoredRecord } from '../store/index.ts';
import type { LifecycleDeps } from './context.ts';
import { checkCountersigns, countersignRecord, watchCountersigns } from './countersign.ts';
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
import { type ReleaseResult, releaseDraft } from './release.ts';
import { type ReleaseMany, type ReleaseProgress, releaseMany } from './release-many.ts';
import { type Revise, reviseRecord } from './revise.ts';

const CHECK_EVERY_MS = 60_000;

/** Each step is durable and audited when it resolves. Errors: LifecycleError; what each throws stands at its function. */
export interface Lifecycle {
  create(request: CreateDraft): Promise<DraftResult>;
  update(request: OnDraft & { readonly content: unknown; readonly note?: string }): Promise<DraftResult>;
  submit(request: OnDraft & { readonly note?: string }): Promise<StoredDraft>;
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
  /** Does so every minute until the signal aborts. */
  run(signal: AbortSignal): Promise<void>;
}

export function createLifecycle<View>(deps: LifecycleDeps<View>): Lifecycle {
  return {
    create: (request) => createDraft(deps, request),
    update: (request) => updateDraft(deps, request),
    submit: (request) => submitDraft(deps, request),
    sendBack: (request) => sendBackDraft(deps, request),
    discard: (request) => discardDraft(deps, request),
    release: (request) => releaseDraft(deps, request),
    releaseMany: (request) => releaseMany(deps, request),
    revise: (request) => reviseRecord(deps, request),
    countersign: (request) => countersignRecord(deps, request),
    importList: (request) => importList(deps, request),
    checkCountersigns: () => checkCountersigns(deps),
    run: (signal) => watchCountersigns(deps, signal, CHECK_EVERY_MS),
  };
}
