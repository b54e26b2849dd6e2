/** Serials from a list or a spreadsheet, looked through before they are taken: duplicates and what is only partly read are marked. */
import { useMemo, useState } from 'react';
import { readSerials } from '../../compose/serials.ts';
import { Dialog } from '../../parts/dialog.tsx';
import { Field } from '../../parts/field.tsx';
import { Foreign } from '../../parts/foreign.tsx';
import { useText } from '../../text/index.ts';

interface PasteSerialsProps {
  readonly known: readonly string[];
  /** Lines of the items facet that serials may belong to. */
  readonly lines: readonly { readonly line: number; readonly what: string }[];
  readonly onClose: () => void;
  readonly onTake: (serials: readonly string[], line: number) => void;
}

const SHOWN = 300;

export function PasteSerials({ known, lines, onClose, onTake }: PasteSerialsProps) {
  const say = useText();
  const [text, setText] = useState('');
  const [line, setLine] = useState(lines[0]?.line ?? 1);
  const found = useMemo(() => readSerials(text, known), [text, known]);
  const taken = found.filter(({ mark }) => mark !== 'duplicate');
  const count = (mark: string) => found.filter((one) => one.mark === mark).length;
  return (
    <Dialog title={say('serials.title')} onClose={onClose} wide>
      <Field label={say('serials.paste')} hint={say('serials.hint')}>
        {(control) => (
          <textarea
            {...control}
            className="input mono"
            rows={7}
            dir="ltr"
            value={text}
            onChange={(event) => setText(event.target.value)}
          />
        )}
      </Field>
      {lines.length > 1 && (
        <Field label={say('serials.line')}>
          {(control) => (
            <select
              {...control}
              className="input"
              value={line}
              onChange={(event) => setLine(Number(event.target.value))}
            >
              {lines.map((one) => (
                <option key={one.line} value={one.line}>
                  {one.line} · {one.what}
                </option>
              ))}
            </select>
          )}
        </Field>
      )}
      <p role="status">
        {say('serials.found', {
          taken: taken.length,
          duplicates: count('duplicate'),
          partial: count('partial'),
        })}
      </p>
      <ul className="serials">
        {found.slice(0, SHOWN).map(({ serial, mark }, at) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: the same serial may stand twice
          <li key={at} className={`chip ${mark === 'duplicate' ? 'bad' : mark === 'partial' ? 'warn' : ''}`}>
            <code>
              <Foreign text={serial} />
            </code>
            {mark !== 'new' && say(`serials.${mark}`)}
          </li>
        ))}
      </ul>
      <div className="actions">
        <button type="button" className="button" onClick={onClose}>
          {say('action.cancel')}
        </button>
        <button
          type="button"
          className="button primary"
          disabled={taken.length === 0}
          onClick={() =>
            onTake(
              taken.map(({ serial }) => serial),
              line,
            )
          }
        >
          {say('serials.take', { count: taken.length })}
        </button>
      </div>
    </Dialog>
  );
}
