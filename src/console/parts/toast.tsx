/** Short news of what was done, with a way back where there is one. Read out politely; nothing moves for it. */
import { createContext, type ReactNode, useCallback, useContext, useMemo, useRef, useState } from 'react';
import { useText } from '../text/index.ts';

interface Toast {
  readonly id: number;
  readonly text: string;
  readonly undo: (() => void) | undefined;
}

/** Returns how to take it away before its time. */
type Tell = (text: string, undo?: () => void) => () => void;

const SHOWN_MS = 7_000;
/** What can be undone is offered longer: it has to be read, reached and decided. */
const UNDO_SHOWN_MS = 20_000;
const Telling = createContext<Tell>(() => () => undefined);

export const useToast = (): Tell => useContext(Telling);

export function Toasts({ children }: { readonly children: ReactNode }) {
  const say = useText();
  const [toasts, setToasts] = useState<readonly Toast[]>([]);
  const next = useRef(0);
  const drop = useCallback((id: number) => setToasts((all) => all.filter((one) => one.id !== id)), []);
  const tell = useCallback<Tell>(
    (text, undo) => {
      const id = next.current++;
      setToasts((all) => [...all.slice(-2), { id, text, undo }]);
      setTimeout(() => drop(id), undo === undefined ? SHOWN_MS : UNDO_SHOWN_MS);
      return () => drop(id);
    },
    [drop],
  );
  const value = useMemo(() => tell, [tell]);
  return (
    <Telling value={value}>
      {children}
      <div className="toasts" role="status" aria-live="polite">
        {toasts.toReversed().map(({ id, text, undo }) => (
          <div className="toast" key={id}>
            <span>{text}</span>
            {undo && (
              <button
                type="button"
                className="link"
                data-shortcut="undo"
                onClick={() => {
                  undo();
                  drop(id);
                }}
              >
                {say('action.undo')}
              </button>
            )}
          </div>
        ))}
      </div>
    </Telling>
  );
}
