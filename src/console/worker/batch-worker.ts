/**
 * The worker of a page that screens files (HTML standard, dedicated workers): reads, guesses and writes where no page waits for it.
 * One call after the other, in the order in which they came.
 */
import { BatchFile, faultOf } from './batch-file.ts';
import type { BatchAnswer, BatchRequest } from './batch-messages.ts';

declare const self: DedicatedWorkerGlobalScope;

const file = new BatchFile();
let turn: Promise<void> = Promise.resolve();

const tell = (answer: BatchAnswer, handedOver: Transferable[] = []): void =>
  self.postMessage(answer, handedOver);

async function answer({ id, ...call }: BatchRequest): Promise<void> {
  try {
    const told = await file.answer(call);
    // What was written is handed over, not copied.
    tell({ kind: 'told', id, told }, told instanceof Uint8Array ? [told.buffer] : []);
  } catch (error) {
    tell({ kind: 'failed', id, fault: faultOf(error) });
  }
}

self.addEventListener('message', ({ data }: MessageEvent<BatchRequest>) => {
  turn = turn.then(() => answer(data));
});
tell({ kind: 'ready' });
