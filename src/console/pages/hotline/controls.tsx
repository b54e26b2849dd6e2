/** Controls of the hotline's forms: each with what the node says of its field, and a tick for words that may tell who called. */
import { type ReactNode, useId } from 'react';
import type { FieldNote } from '../../compose/form.tsx';
import { codesOf } from '../../compose/forms.ts';
import { Icon } from '../../parts/icons.tsx';
import { LANGUAGE_NAMES, sayOr, useText } from '../../text/index.ts';
import { fieldText, valueText } from '../record/field-text.ts';

export type NotesByPath = ReadonlyMap<string, readonly FieldNote[]>;

interface NotedProps {
  readonly label: string;
  readonly hint?: string | undefined;
  readonly notes: readonly FieldNote[];
  /** Faults are not shown before one tried to save. */
  readonly tried: boolean;
  readonly children: (control: {
    readonly id: string;
    readonly className: string;
    readonly 'aria-describedby': string | undefined;
    readonly 'aria-invalid': true | undefined;
  }) => ReactNode;
}

export function Noted({ label, hint, notes, tried, children }: NotedProps) {
  const id = useId();
  const shown = notes.filter(({ isFlag }) => isFlag || tried);
  const described = [hint && `${id}-hint`, shown.length > 0 && `${id}-notes`].filter(Boolean).join(' ');
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      {children({
        id,
        className: 'input',
        'aria-describedby': described === '' ? undefined : described,
        'aria-invalid': shown.some(({ isFlag }) => !isFlag) ? true : undefined,
      })}
      {hint && (
        <span className="hint" id={`${id}-hint`}>
          {hint}
        </span>
      )}
      {shown.length > 0 && (
        <span className="notes" id={`${id}-notes`}>
          {shown.map((note) => (
            <span key={note.code} className={note.isFlag ? 'flag' : 'fault'}>
              {note.isFlag && <Icon name="alert" />}
              {sayOr(`fault.${note.code}`, note.message)}
            </span>
          ))}
        </span>
      )}
    </div>
  );
}

interface CodeSelectProps {
  readonly name: string;
  readonly of: string;
  /** Codes that are not offered. */
  readonly without?: readonly string[];
  readonly value: string;
  readonly onChange: (next: string) => void;
  readonly notes?: readonly FieldNote[] | undefined;
  readonly tried?: boolean;
}

/** One code of an enum. */
export function CodeSelect({
  name,
  of,
  without = [],
  value,
  onChange,
  notes = [],
  tried = false,
}: CodeSelectProps) {
  const say = useText();
  return (
    <Noted label={fieldText(name)} notes={notes} tried={tried}>
      {(control) => (
        <select {...control} value={value} onChange={(event) => onChange(event.target.value)}>
          <option value="">{say('choose')}</option>
          {codesOf(of)
            .filter((code) => !without.includes(code))
            .map((code) => (
              <option key={code} value={code}>
                {valueText(code) ?? code}
              </option>
            ))}
        </select>
      )}
    </Noted>
  );
}

/** Languages that callers of the region speak, beside those of the console; BCP 47. */
const MORE_LANGUAGES = [
  'sw',
  'ha',
  'ln',
  'wo',
  'ff',
  'bm',
  'am',
  'so',
  'ru',
  'uk',
  'tr',
  'fa',
  'ur',
  'hi',
  'zh',
];

/** Each named in itself where the browser knows how. */
export function languageName(tag: string): string {
  const own = Object.entries(LANGUAGE_NAMES).find(([code]) => code === tag)?.[1];
  return own ?? new Intl.DisplayNames([tag, 'en'], { type: 'language' }).of(tag) ?? tag;
}

export const SPOKEN: readonly string[] = [...Object.keys(LANGUAGE_NAMES), ...MORE_LANGUAGES];

const IDENTITY = new Set(['PHONE_LIKE', 'EMAIL_LIKE', 'NAME_LIKE']);

/** Whether any note says that words may tell who called. */
export const tellsWho = (notes: NotesByPath): boolean =>
  [...notes.values()].some((list) => list.some(({ code }) => IDENTITY.has(code)));

/** Words that may tell who called are looked at before they are saved (R9). */
export function NotTheCaller({
  confirmed,
  onConfirm,
}: {
  readonly confirmed: boolean;
  readonly onConfirm: (next: boolean) => void;
}) {
  const say = useText();
  return (
    <div className="notice warn" role="alert">
      <Icon name="alert" />
      <div className="stack">
        <p>{say('hotline.tellsWho')}</p>
        <label className="row">
          <input type="checkbox" checked={confirmed} onChange={(event) => onConfirm(event.target.checked)} />
          {say('hotline.notTheCaller')}
        </label>
      </div>
    </div>
  );
}
