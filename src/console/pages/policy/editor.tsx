/** A text with numbered lines. Tab leaves it, as it leaves any other field: nobody is caught in it (WCAG 2.1.2). */
import { type RefObject, useRef } from 'react';

interface EditorProps {
  readonly id: string;
  readonly describedBy: string | undefined;
  readonly text: string;
  readonly onText: (text: string) => void;
  /** Lines with a fault. */
  readonly faulty: ReadonlySet<number>;
  readonly field: RefObject<HTMLTextAreaElement | null>;
}

export function Editor({ id, describedBy, text, onText, faulty, field }: EditorProps) {
  const numbers = useRef<HTMLPreElement>(null);
  const lines = text.split('\n').length;
  return (
    <div className="editor" dir="ltr">
      <pre ref={numbers} className="numbers" aria-hidden="true">
        {Array.from({ length: lines }, (_, at) => `${faulty.has(at + 1) ? '▸ ' : ''}${at + 1}`).join('\n')}
      </pre>
      <textarea
        ref={field}
        id={id}
        aria-describedby={describedBy}
        aria-invalid={faulty.size > 0 ? true : undefined}
        className="input mono"
        wrap="off"
        rows={22}
        spellCheck={false}
        autoCapitalize="off"
        autoComplete="off"
        value={text}
        onChange={(event) => onText(event.target.value)}
        onScroll={({ currentTarget }) => {
          if (numbers.current) numbers.current.scrollTop = currentTarget.scrollTop;
        }}
      />
    </div>
  );
}

/** Moves the caret to a place, both counted from 1. */
export function goTo(field: HTMLTextAreaElement, line: number, column: number): void {
  const before = field.value.split('\n').slice(0, Math.max(0, line - 1));
  const start = before.reduce((sum, one) => sum + one.length + 1, 0);
  const at = Math.min(field.value.length, start + Math.max(0, column - 1));
  field.focus();
  field.setSelectionRange(at, at);
  field.scrollTop = (field.scrollHeight / field.value.split('\n').length) * Math.max(0, line - 4);
}
