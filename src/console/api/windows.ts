/**
 * The windows of one browser: who signs out in one has signed out in all, and a window that is opened without a link learns from
 * another one who is signed in. They speak on a channel of this origin alone (WHATWG HTML §9.5).
 */

type Word =
  | { readonly kind: 'out' }
  | { readonly kind: 'who' }
  | { readonly kind: 'held'; readonly held: string };

const NAME = 'tocsin-windows';
/** Windows of one machine answer at once, or there is none. */
const ANSWER_MS = 400;

function say(word: Word): void {
  const channel = new BroadcastChannel(NAME);
  channel.postMessage(word);
  channel.close();
}

export const tellSignedOut = (): void => say({ kind: 'out' });

/** @param held what this window would tell another one. Returns how to stop. */
export function listenToWindows(held: () => string | null, onSignedOut: () => void): () => void {
  const channel = new BroadcastChannel(NAME);
  channel.addEventListener('message', ({ data }: MessageEvent<Word>) => {
    if (data.kind === 'out') onSignedOut();
    const own = data.kind === 'who' ? held() : null;
    if (own !== null) channel.postMessage({ kind: 'held', held: own } satisfies Word);
  });
  return () => channel.close();
}

/** What another window holds; `null` where none answers. */
export function askWindows(): Promise<string | null> {
  const channel = new BroadcastChannel(NAME);
  return new Promise((resolve) => {
    const answer = (held: string | null) => {
      clearTimeout(timer);
      channel.close();
      resolve(held);
    };
    const timer = setTimeout(answer, ANSWER_MS, null);
    channel.addEventListener('message', ({ data }: MessageEvent<Word>) => {
      if (data.kind === 'held') answer(data.held);
    });
    channel.postMessage({ kind: 'who' } satisfies Word);
  });
}
