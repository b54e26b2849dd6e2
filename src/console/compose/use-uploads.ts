/**
 * Files that were chosen for a draft, until they are in it. They are held by this window alone; the draft is saved at the node first where
 * it is not there yet, and takes over what the node says of the file, beside whatever was typed meanwhile.
 */
import { useCallback, useEffect, useRef, useState } from 'react';
import { call } from '../api/client.ts';
import { base64OfHex } from '../api/digest.ts';
import { MOST_BYTES, type StoredFile, uploadFile } from '../api/files.ts';
import type { Content } from './content.ts';
import { LOOKED_AT_BYTES, mayBeTaken } from './file-look.ts';
import { saveAtNode } from './hand-in.ts';
import type { LocalDraft } from './local-drafts.ts';

export interface Chosen {
  /** Id of its upload. */
  readonly id: string;
  readonly file: File;
  readonly caption: string;
  /** Empty until it was chosen. */
  readonly sensitivity: string;
  readonly redacted: boolean;
  /** `too-large`, `empty` and `other-type` never leave the device. */
  readonly state: 'chosen' | 'sending' | 'failed' | 'too-large' | 'empty' | 'other-type';
  readonly sentBytes: number;
  readonly error: unknown;
}

/** What the node made of a file. */
export interface Uploaded extends StoredFile {
  /** Bytes that the node took out of it. */
  readonly strippedBytes: number;
}

export interface Uploads {
  readonly chosen: readonly Chosen[];
  /** By the digest in base64; of this window. */
  readonly uploaded: ReadonlyMap<string, Uploaded>;
  choose(files: Iterable<File>): void;
  describe(id: string, change: Partial<Pick<Chosen, 'caption' | 'sensitivity' | 'redacted'>>): void;
  leave(id: string): void;
  /** Never rejects: what fails stands at the file. */
  send(id: string): Promise<void>;
}

export interface UploadsOptions {
  readonly draft: LocalDraft;
  /** The node has the draft now. */
  onSaved(saved: LocalDraft): void;
  /** The node's content names the file of this digest, in base64. */
  onUploaded(atNode: Content, sha256: string): void;
}

const newlyChosen = (file: File): Chosen => ({
  id: crypto.randomUUID(),
  file,
  caption: '',
  sensitivity: '',
  redacted: false,
  state: file.size > MOST_BYTES ? 'too-large' : file.size === 0 ? 'empty' : 'chosen',
  sentBytes: 0,
  error: undefined,
});

const beginningOf = async (file: File): Promise<Uint8Array> =>
  new Uint8Array(await file.slice(0, LOOKED_AT_BYTES).arrayBuffer());

export function useUploads(options: UploadsOptions): Uploads {
  const [chosen, setChosen] = useState<readonly Chosen[]>([]);
  const [uploaded, setUploaded] = useState<ReadonlyMap<string, Uploaded>>(new Map());
  const latest = useRef({ ...options, chosen });
  latest.current = { ...options, chosen };
  const ending = useRef<AbortController>(undefined);
  useEffect(() => {
    const controller = new AbortController();
    ending.current = controller;
    return () => controller.abort();
  }, []);
  const isOpen = chosen.length > 0;
  useEffect(() => {
    if (!isOpen) return;
    // A file that was chosen is nowhere but here.
    const ask = (event: BeforeUnloadEvent) => event.preventDefault();
    addEventListener('beforeunload', ask);
    return () => removeEventListener('beforeunload', ask);
  }, [isOpen]);

  const change = useCallback(
    (id: string, next: Partial<Chosen>) =>
      setChosen((all) => all.map((one) => (one.id === id ? { ...one, ...next } : one))),
    [],
  );
  const leave = useCallback((id: string) => setChosen((all) => all.filter((one) => one.id !== id)), []);
  const send = useCallback(
    async (id: string) => {
      const one = latest.current.chosen.find((candidate) => candidate.id === id);
      const signal = ending.current?.signal;
      if (one === undefined || signal === undefined) return;
      change(id, { state: 'sending', sentBytes: 0, error: undefined });
      try {
        if (!mayBeTaken(await beginningOf(one.file))) return change(id, { state: 'other-type' });
        let { draft } = latest.current;
        if (draft.draftId === '') {
          draft = await saveAtNode(draft);
          latest.current.onSaved(draft);
        }
        const { draftId } = draft;
        const { file, caption, sensitivity, redacted } = one;
        const stored = await uploadFile(
          { draftId, uploadId: id, file, caption, sensitivity, redacted },
          (sentBytes) => change(id, { sentBytes }),
          signal,
        );
        const { contentJson } = await call('RecordService/GetDraft', { draftId });
        signal.throwIfAborted();
        const sha256 = base64OfHex(stored.sha256);
        latest.current.onUploaded(JSON.parse(contentJson) as Content, sha256);
        const strippedBytes = Math.max(0, file.size - stored.size);
        setUploaded((all) => new Map(all).set(sha256, { ...stored, strippedBytes }));
        leave(id);
      } catch (error) {
        if (!signal.aborted) change(id, { state: 'failed', error });
      }
    },
    [change, leave],
  );
  return {
    chosen,
    uploaded,
    choose: (files) => setChosen((all) => [...all, ...[...files].map(newlyChosen)]),
    describe: change,
    leave,
    send,
  };
}
