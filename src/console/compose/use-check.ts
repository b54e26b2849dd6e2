/** What the node says of content while it is written; nothing of it is kept there. */
import { useEffect, useMemo, useRef, useState } from 'react';
import type { ResponseOf } from '../../desk/http/contract.ts';
import { call, Refusal } from '../api/client.ts';
import { type Content, contentJson } from './content.ts';
import type { FieldNote } from './form.tsx';

export type Checked = ResponseOf<'PolicyService/CheckContent'>;

/** After the last key, so that a sentence is judged once. */
const CHECK_MS = 450;
/** Without a link the node is asked again so often. */
const AGAIN_MS = 4_000;

export const isOffline = (error: unknown): boolean => error instanceof Refusal && error.code === 'OFFLINE';

/** What the node says of the content, as it is typed; the last answer stands until the next. */
export function useCheck(content: Content): {
  readonly checked: Checked | undefined;
  readonly error: unknown;
  readonly isStale: boolean;
} {
  const text = useMemo(() => contentJson(content), [content]);
  const [answer, setAnswer] = useState<{
    readonly text: string;
    readonly checked?: Checked;
    readonly error?: unknown;
  }>();
  const asked = useRef('');
  const isLost = isOffline(answer?.error);
  useEffect(() => {
    const check = () => {
      asked.current = text;
      call('PolicyService/CheckContent', { contentJson: text })
        .then((checked) => asked.current === text && setAnswer({ text, checked }))
        .catch(
          (error: unknown) => asked.current === text && setAnswer((before) => ({ ...before, text, error })),
        );
    };
    const timer = setTimeout(check, CHECK_MS);
    const again = isLost ? setInterval(check, AGAIN_MS) : undefined;
    return () => {
      clearTimeout(timer);
      clearInterval(again);
    };
  }, [text, isLost]);
  return { checked: answer?.checked, error: answer?.error, isStale: answer?.text !== text };
}

export function notesOf(checked: Checked | undefined): ReadonlyMap<string, readonly FieldNote[]> {
  const notes = new Map<string, FieldNote[]>();
  const add = (path: string, note: FieldNote) => notes.set(path, [...(notes.get(path) ?? []), note]);
  for (const { path, code, message } of checked?.faults ?? []) add(path, { code, message, isFlag: false });
  for (const { path, code, message } of checked?.flags ?? []) add(path, { code, message, isFlag: true });
  return notes;
}

/**
 * Does what was asked for once the node has judged the content as it stands: who clicks right after the last key neither waits nor clicks
 * twice. Nothing is done where the judgement is against it.
 */
export function useOnceChecked(
  { isStale, isReady }: { readonly isStale: boolean; readonly isReady: boolean },
  act: () => void,
): () => void {
  const [isWanted, setWanted] = useState(false);
  const latest = useRef(act);
  latest.current = act;
  useEffect(() => {
    if (!isWanted || isStale) return;
    setWanted(false);
    if (isReady) latest.current();
  }, [isWanted, isStale, isReady]);
  return () => setWanted(true);
}
