/**
 * Text that came from elsewhere, shown so that it can neither disguise itself nor disturb what stands beside it: direction is
 * isolated, characters that are not seen or that turn the direction around are shown as signs, length is bounded.
 */
import { useState } from 'react';
import { useText } from '../text/index.ts';
import { usePrinting } from './printing.ts';
import { seen } from './seen.ts';

/** Longer than what a title or a name needs. */
const SHORT = 240;
const LONG = 4_000;

/** One line. */
export function Foreign({ text, most = SHORT }: { readonly text: string; readonly most?: number }) {
  const shown = seen(text.length > most ? `${text.slice(0, most)}…` : text);
  return <bdi className="foreign">{shown}</bdi>;
}

/** Several lines; what is longer is opened on demand, piece by piece. */
export function ForeignText({ text }: { readonly text: string }) {
  const say = useText();
  const [opened, setMost] = useState(LONG);
  const isPrinting = usePrinting();
  const most = isPrinting ? text.length : opened;
  return (
    <div className="foreign-text" dir="auto">
      {seen(text.slice(0, most))}
      {text.length > most && (
        <button type="button" className="link" onClick={() => setMost(most + 10 * LONG)}>
          {say('foreign.more', { count: text.length - most })}
        </button>
      )}
    </div>
  );
}
