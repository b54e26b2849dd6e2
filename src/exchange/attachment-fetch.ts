/**
 * Fetches the blobs that items wait for, from whoever sent the item, from the byte where the last try ended. What is kept is
 * decided by digests alone: the blob's own, then that of the file which the signed facet states, opened with the key in it.
 */
import { createHash } from 'node:crypto';
import { backoffMs, SerialRunner, sleep, Wake } from '../base/async.ts';
import { equalBytes, hex } from '../base/bytes.ts';
import { TocsinError } from '../base/error.ts';
import { LIMITS } from '../base/limits.ts';
import { Reason } from '../gen/tocsin/record/v1/reason.ts';
import { type Attachment, Attachments } from '../gen/tocsin/record/v1/shared_facets.ts';
import { blobBytesOf, openBlob, SealError } from '../seal/index.ts';
import type { AttachmentWait, Blobs, ReadTx } from '../store/index.ts';
import { RpcError } from '../transport/index.ts';
import { type Alarm, raise } from './alarms.ts';
import { settleWaits, type WaitEnd } from './attachment-wait.ts';
import type { Pace } from './pace.ts';
import type { ExchangeEvents, PeerCalls } from './ports.ts';
import type { TakeDeps } from './take.ts';

export interface FetchDeps extends Omit<TakeDeps, 'isBehind'> {
  readonly blobs: Blobs;
  readonly callsTo: (peer: string) => PeerCalls;
  readonly events: ExchangeEvents;
  readonly pace: Pace;
  /** A receipt of ours waits for its leaf. */
  readonly onAnswered: () => void;
}

export interface AttachmentOptions {
  /** Of all blobs together, each way. */
  readonly bytesPerSecond: number;
  /** Longest time of one call; the next goes on where it ended. */
  readonly callMs: number;
  readonly retryMs: number;
  readonly retryMaxMs: number;
  /** After so long people are told; after so much longer the item is refused. */
  readonly lateMs: number;
  readonly giveUpMs: number;
}

/** Whole blobs that were not what was named, before people are told. */
const ALARM_AFTER = 3;
const DUE = 256;
/** Senders fetched from at once; from each one blob after the other. */
const SENDERS = 8;
const LONGEST_WAIT_MS = 60_000;

/** What one try came to. `progress` = the call ended early, but brought something. */
type Fetched = 'here' | 'progress' | 'nothing' | 'wrong';

export class AttachmentFetches {
  readonly #deps: FetchDeps;
  readonly #options: AttachmentOptions;
  readonly #wake = new Wake();
  readonly #busy = new Map<string, Promise<void>>();
  /** Two senders may owe the same blob, and its unfinished file has one writer. */
  readonly #oneByOne = new SerialRunner<string>();
  #failure: { readonly error: unknown } | undefined;

  constructor(deps: FetchDeps, options: AttachmentOptions) {
    this.#deps = deps;
    this.#options = options;
  }

  /** Something new may be waited for. */
  wake(): void {
    this.#wake.wake();
  }

  /** A sender is heard again: what it owes is asked for at once. */
  async heard(sender: string): Promise<void> {
    const { store, clock } = this.#deps;
    await store.write((tx) => tx.attachments.hasten(sender, clock.nowMs()));
    this.wake();
  }

  /** Fetches until the signal aborts. Rejects only where the state of the store is unknown. */
  async run(signal: AbortSignal): Promise<void> {
    const { store, clock } = this.#deps;
    try {
      while (!signal.aborted) {
        const failure = this.#failure;
        this.#failure = undefined;
        if (failure) throw failure.error;
        // Who is fetched from already says so when it is done.
        const busy = [...this.#busy.keys()];
        const { due, next } = await store.read(async (tx) => ({
          due: await tx.attachments.due(clock.nowMs(), DUE, busy),
          next: await tx.attachments.nextDue(busy),
        }));
        for (const [sender, waits] of Map.groupBy(due, (wait) => wait.sender))
          if (this.#busy.size < SENDERS) this.#start(sender, waits, signal);
        const full = this.#busy.size >= SENDERS;
        if (due.length > 0 && !full) continue;
        const untilNext = next === undefined || full ? LONGEST_WAIT_MS : next - clock.nowMs();
        await this.#wake
          .wait(Math.min(Math.max(untilNext, 10), LONGEST_WAIT_MS), signal)
          .catch(() => undefined);
      }
    } finally {
      await Promise.all(this.#busy.values());
    }
  }

  #start(sender: string, waits: readonly AttachmentWait[], signal: AbortSignal): void {
    const work = this.#fetchAll(waits, signal)
      .catch((error: unknown) => {
        this.#failure ??= { error };
      })
      .finally(() => {
        this.#busy.delete(sender);
        this.wake();
      });
    this.#busy.set(sender, work);
  }

  async #fetchAll(waits: readonly AttachmentWait[], signal: AbortSignal): Promise<void> {
    for (const [blob, [wait]] of Map.groupBy(waits, (one) => hex(one.blobDigest))) {
      if (signal.aborted || wait === undefined) return;
      try {
        await this.#oneByOne.run(blob, () => this.#fetchOne(wait, signal));
      } catch (error) {
        if (signal.aborted) return;
        if (error instanceof TocsinError && error.retry === 'fatal') throw error;
        this.#deps.events.failed?.({ what: 'attachment', peer: wait.sender, error });
        await sleep(this.#options.retryMs, signal).catch(() => undefined);
      }
    }
  }

  async #fetchOne(wait: AttachmentWait, signal: AbortSignal): Promise<void> {
    const { store, events, clock } = this.#deps;
    if (signal.aborted) return;
    const { waits, named, held } = await store.read(async (tx) => ({
      waits: await tx.attachments.waitsFor(wait.blobDigest),
      named: await fileOf(tx, wait),
      held: (await tx.attachments.held([wait.blobDigest])).size > 0,
    }));
    // Settled since it was found due, by what another sender brought.
    if (!waits.some((one) => isSame(one, wait))) return;
    if (named === undefined) {
      await this.#settle(wait, (one) =>
        equalBytes(one.headerDigest, wait.headerDigest) ? Reason.REASON_RECALLED : undefined,
      );
      await this.#discardUnawaited(wait.blobDigest);
      return;
    }
    if (held && (await this.#deps.blobs.size(wait.blobDigest)) !== undefined) {
      await this.#store(wait, blobBytesOf(named.size));
      return;
    }
    // Somebody took the file out of the folder: it is fetched like one that never came.
    if (held) await store.write((tx) => tx.attachments.forget([wait.blobDigest]));
    let fetched: Fetched = 'nothing';
    try {
      fetched = await this.#fetch(wait, named, signal);
    } catch (error) {
      if (signal.aborted) return;
      if (error instanceof TocsinError && error.retry === 'fatal') throw error;
      events.failed?.({ what: 'attachment', peer: wait.sender, error });
    }
    if (fetched === 'here') await this.#store(wait, blobBytesOf(named.size));
    else if (clock.nowMs() - wait.since > this.#options.giveUpMs) {
      await this.#settle(wait, (one) => (isSame(one, wait) ? Reason.REASON_ATTACHMENT_MISSING : undefined));
      await this.#discardUnawaited(wait.blobDigest);
    } else await this.#postpone(wait, fetched);
  }

  /** One call from where the last ended. What breaks its form is a wrong blob: begun again. */
  async #fetch(wait: AttachmentWait, file: Attachment, signal: AbortSignal): Promise<Fetched> {
    const { blobs, callsTo, pace } = this.#deps;
    const total = blobBytesOf(file.size);
    await using part = await blobs.part(wait.blobDigest);
    const before = part.size;
    if (before > total) {
      await part.discard();
      return 'wrong';
    }
    if (before < total) {
      const { headerDigest, blobDigest } = wait;
      const request = {
        headerDigest: Buffer.from(headerDigest),
        blobDigest: Buffer.from(blobDigest),
        offset: BigInt(before),
      };
      const limits = { deadlineMs: this.#options.callMs, signal };
      try {
        for await (const { offset, data, total: stated } of callsTo(wait.sender).fetchAttachment(
          request,
          limits,
        )) {
          const fits =
            offset === BigInt(part.size) &&
            stated === BigInt(total) &&
            data.length > 0 &&
            data.length <= LIMITS.attachmentPieceBytes &&
            part.size + data.length <= total;
          if (!fits) {
            await part.discard();
            return 'wrong';
          }
          await part.append(data);
          await pace.take(data.length, signal);
        }
      } catch (error) {
        signal.throwIfAborted();
        // Broken off by the connection or the deadline: what came is kept.
        if (!(error instanceof RpcError) || part.size === before) throw error;
        return 'progress';
      }
    }
    if (part.size < total) return part.size > before ? 'progress' : 'nothing';
    return (await part.finish()) ? 'here' : 'wrong';
  }

  /** Keeps a whole blob, and settles everybody who waits for it, each by its own facet's word. */
  async #store(wait: AttachmentWait, size: number): Promise<void> {
    const { store, blobs, clock } = this.#deps;
    const { blobDigest } = wait;
    const waits = await store.read((tx) => tx.attachments.waitsFor(blobDigest));
    const ends = new Map<string, WaitEnd>();
    for (const { headerDigest } of waits) {
      const key = hex(headerDigest);
      if (ends.has(key)) continue;
      const file = await store.read((tx) => fileOf(tx, { headerDigest, blobDigest }));
      if (file === undefined) ends.set(key, Reason.REASON_RECALLED);
      else ends.set(key, (await this.#opens(file)) ? 'here' : Reason.REASON_ATTACHMENT_INVALID);
    }
    if ([...ends.values()].includes('here'))
      await store.write(async (tx) => {
        // Looked at in the transaction: a sweep may have removed it since.
        if ((await blobs.size(blobDigest)) === undefined) return;
        await tx.attachments.keep({ digest: blobDigest, size, at: clock.nowMs() });
      });
    else
      await store.write(async (tx) => {
        // Another record's facet may open what this one's does not.
        if ((await tx.attachments.held([blobDigest])).size === 0) await blobs.remove([blobDigest]);
      });
    if (ends.get(hex(wait.headerDigest)) === 'here' && (await blobs.size(blobDigest)) === undefined) return;
    await this.#settle(wait, ({ headerDigest }) => ends.get(hex(headerDigest)));
  }

  /** Removes what was begun of a blob that nobody waits for any more. */
  async #discardUnawaited(blobDigest: Uint8Array): Promise<void> {
    const { store, blobs } = this.#deps;
    await store.write(async (tx) => {
      const wanted =
        (await tx.attachments.waitsFor(blobDigest)).length > 0 ||
        (await tx.attachments.held([blobDigest])).size > 0;
      if (!wanted) await blobs.remove([blobDigest]);
    });
  }

  /** Whether the blob is the file that the facet states. */
  async #opens({ blobSha256, fileKey, sha256, size }: Attachment): Promise<boolean> {
    const hash = createHash('sha256');
    let bytes = 0;
    try {
      for await (const piece of openBlob(fileKey, this.#deps.blobs.read(blobSha256))) {
        hash.update(piece);
        bytes += piece.length;
      }
    } catch (error) {
      if (error instanceof SealError) return false;
      throw error;
    }
    return bytes === size && equalBytes(hash.digest(), sha256);
  }

  async #settle(
    { blobDigest, sender }: AttachmentWait,
    end: (wait: AttachmentWait) => WaitEnd | undefined,
  ): Promise<void> {
    const { store, clock, events } = this.#deps;
    const { answered, alarms } = await store.write(async (tx) => {
      const waits = (await tx.attachments.waitsFor(blobDigest)).filter((wait) => end(wait) !== undefined);
      const at = clock.nowMs();
      const raised: Alarm[] = [];
      for (const wait of waits) {
        await tx.alarms.clear('ATTACHMENT_LATE', lateSubject(wait), at);
        const alarm = alarmOf(wait, end(wait));
        if (alarm && (await raise(tx, alarm, at))) raised.push(alarm);
      }
      await tx.alarms.clear('ATTACHMENT_MISMATCH', sender, at);
      return {
        answered: await settleWaits(this.#deps, tx, waits, (wait) => end(wait) ?? 'here'),
        alarms: raised,
      };
    });
    for (const alarm of alarms) events.alarm?.(alarm);
    if (answered) this.#deps.onAnswered();
  }

  async #postpone(wait: AttachmentWait, fetched: Fetched): Promise<void> {
    const { store, clock, events } = this.#deps;
    const { retryMs, retryMaxMs, lateMs } = this.#options;
    const attempts = fetched === 'progress' ? 0 : wait.attempts + 1;
    const mismatches = wait.mismatches + (fetched === 'wrong' ? 1 : 0);
    const now = clock.nowMs();
    const alarms: Alarm[] = [];
    if (mismatches >= ALARM_AFTER)
      alarms.push({
        code: 'ATTACHMENT_MISMATCH',
        subject: wait.sender,
        detail: `${wait.sender} answered ${mismatches} times with other bytes than the attachment that it named`,
      });
    if (now - wait.since > lateMs)
      alarms.push({
        code: 'ATTACHMENT_LATE',
        subject: lateSubject(wait),
        detail: `an attachment from ${wait.sender} is still to come since ${new Date(wait.since).toISOString()}`,
      });
    const raised = await store.write(async (tx) => {
      const delay = backoffMs(attempts, { baseMs: retryMs, maxMs: retryMaxMs });
      await tx.attachments.postpone(wait, { attempts, mismatches, nextAttemptAt: now + delay });
      const fresh: Alarm[] = [];
      for (const alarm of alarms) if (await raise(tx, alarm, now)) fresh.push(alarm);
      return fresh;
    });
    for (const alarm of raised) events.alarm?.(alarm);
  }
}

const isSame = (one: AttachmentWait, other: AttachmentWait): boolean =>
  equalBytes(one.headerDigest, other.headerDigest) &&
  one.sender === other.sender &&
  one.lane === other.lane &&
  one.incarnation === other.incarnation &&
  one.seq === other.seq;

const lateSubject = ({ sender, headerDigest }: AttachmentWait): string =>
  `${sender} ${hex(headerDigest).slice(0, 16)}`;

function alarmOf(wait: AttachmentWait, end: WaitEnd | undefined): Alarm | undefined {
  const subject = lateSubject(wait);
  if (end === Reason.REASON_ATTACHMENT_INVALID)
    return {
      code: 'ATTACHMENT_INVALID',
      subject,
      detail: 'the attachment does not open with the key that the signed record states, or is another file',
    };
  if (end === Reason.REASON_ATTACHMENT_MISSING)
    return {
      code: 'ATTACHMENT_GIVEN_UP',
      subject,
      detail: `${wait.sender} never sent the attachment that it named`,
    };
  return undefined;
}

/** The facet's entry for a blob; undefined once the record was recalled or the facet purged. */
async function fileOf(
  tx: ReadTx,
  { headerDigest, blobDigest }: Pick<AttachmentWait, 'headerDigest' | 'blobDigest'>,
): Promise<Attachment | undefined> {
  const record = await tx.records.byDigest(headerDigest);
  if (record === undefined || record.state === 'recalled') return undefined;
  const named = (await tx.attachments.namedBy(headerDigest)).find((one) =>
    equalBytes(one.blobDigest, blobDigest),
  );
  if (named === undefined) return undefined;
  const [facet] = await tx.records.facets(headerDigest, [named.facet]);
  return (
    facet && Attachments.decode(facet.body).files.find((file) => equalBytes(file.blobSha256, blobDigest))
  );
}
