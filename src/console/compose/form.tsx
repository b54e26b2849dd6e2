/** A form out of a message's table: any kind, any depth, with the fault of each field beside it. */
import { createContext, useContext, useId, useRef } from 'react';
import { fieldText, valueText } from '../pages/record/field-text.ts';
import { Icon } from '../parts/icons.tsx';
import { sayOr, useText, wantRecordTexts } from '../text/index.ts';
import { getAt, isEmpty, isObject, type Path, textOfPath } from './content.ts';
import { codesOf, type FieldForm, fieldsOf, type Json } from './forms.ts';
import { InstantInput } from './instant-input.tsx';

void wantRecordTexts();

export interface Form {
  readonly value: Json;
  readonly change: (path: Path, next: Json | undefined) => void;
  /** Takes away, and offers to put it back. */
  readonly remove: (path: Path) => void;
  /** By the path as text, what is wrong or suspicious there. */
  readonly faults: ReadonlyMap<string, readonly FieldNote[]>;
  /** By the path of a list or of a code, what may stand there, where that is known. */
  readonly choices: ReadonlyMap<string, readonly Choice[]>;
  /** `faults` is about what is there now. */
  readonly isJudged: boolean;
}

export interface Choice {
  readonly value: string;
  readonly label: string;
}

export interface FieldNote {
  readonly code: string;
  readonly message: string;
  readonly isFlag: boolean;
}

export const Forming = createContext<Form | undefined>(undefined);

export function useForm(): Form {
  const form = useContext(Forming);
  if (form === undefined) throw new Error('expected to be within a form');
  return form;
}

/** Numbers with a check digit, or of a form that says as much. */
const CHECKED = /\.(imo|mmsi|icao24|airWaybill)$|\.containers\[\d+\]\.number$/;

/** That a number is right is told as soon as it is known. */
function RightNumber({ path, value }: { readonly path: Path; readonly value: Json | undefined }) {
  const say = useText();
  const { faults, isJudged } = useForm();
  const text = textOfPath(path);
  if (!isJudged || !CHECKED.test(text) || isEmpty(value) || faults.has(text)) return null;
  return (
    <span className="notes" role="status">
      <span className="right">
        <Icon name="check" />
        {say('form.rightNumber')}
      </span>
    </span>
  );
}

const noteText = (note: FieldNote): string => sayOr(`fault.${note.code}`, note.message);

function Notes({ path, id }: { readonly path: Path; readonly id: string }) {
  const { faults } = useForm();
  const notes = faults.get(textOfPath(path)) ?? [];
  if (notes.length === 0) return null;
  return (
    <span className="notes" id={id}>
      {notes.map((note) => (
        <span key={note.code} className={note.isFlag ? 'flag' : 'fault'}>
          {note.isFlag && <Icon name="alert" />}
          {noteText(note)}
        </span>
      ))}
    </span>
  );
}

/** All fields of a message at a path. */
export function MessageFields({
  message,
  path,
  depth = 0,
}: {
  readonly message: string;
  readonly path: Path;
  readonly depth?: number;
}) {
  return (
    <div className="form-fields">
      {fieldsOf(message).map((field) => (
        <AnyField key={field.name} field={field} path={[...path, field.name]} depth={depth} />
      ))}
    </div>
  );
}

function AnyField({
  field,
  path,
  depth,
}: {
  readonly field: FieldForm;
  readonly path: Path;
  readonly depth: number;
}) {
  if (field.type === 'bytes') return null;
  if (field.many === true) {
    if (field.type === 'message') return <MessageList field={field} path={path} depth={depth} />;
    if (field.type === 'enum') return <CodeList field={field} path={path} />;
    return <ListOfTexts field={field} path={path} />;
  }
  if (field.type === 'message') return <OneMessage field={field} path={path} depth={depth} />;
  return <OneValue field={field} path={path} />;
}

const asChoice = (code: string): Choice => ({ value: code, label: valueText(code) ?? code });

function OneValue({ field, path }: { readonly field: FieldForm; readonly path: Path }) {
  const say = useText();
  const { value, change, faults, choices } = useForm();
  const id = useId();
  const at = getAt(value, path);
  const notes = faults.get(textOfPath(path)) ?? [];
  const control = {
    id,
    className: 'input',
    'aria-describedby': notes.length > 0 ? `${id}-notes` : undefined,
    'aria-invalid': notes.some(({ isFlag }) => !isFlag) ? (true as const) : undefined,
    'data-path': textOfPath(path),
  };
  if (field.type === 'bool')
    return (
      <div className="field check">
        <label>
          <input
            type="checkbox"
            data-path={textOfPath(path)}
            checked={at === true}
            onChange={(event) => change(path, event.target.checked ? true : undefined)}
          />
          {fieldText(field.name)}
        </label>
        <Notes path={path} id={`${id}-notes`} />
      </div>
    );
  return (
    <div className="field">
      <label htmlFor={id}>
        {fieldText(field.name)}
        {field.must === true && (
          <span className="must" title={say('form.must')}>
            {' '}
            *
          </span>
        )}
      </label>
      {field.type === 'enum' ? (
        <select
          {...control}
          value={typeof at === 'string' ? at : ''}
          onChange={(event) => change(path, event.target.value || undefined)}
        >
          <option value="">{say('choose')}</option>
          {(choices.get(textOfPath(path)) ?? codesOf(field.of ?? '').map(asChoice)).map(
            ({ value: code, label }) => (
              <option key={code} value={code}>
                {label}
              </option>
            ),
          )}
        </select>
      ) : field.type === 'instant' ? (
        <InstantInput {...control} value={at} onChange={(next) => change(path, next)} />
      ) : field.type === 'whole' || field.type === 'number' ? (
        <input
          {...control}
          inputMode={field.type === 'whole' ? 'numeric' : 'decimal'}
          dir="ltr"
          value={at === undefined || at === null ? '' : String(at)}
          onChange={(event) => change(path, numberOf(event.target.value))}
        />
      ) : field.type === 'date' ? (
        <input
          {...control}
          dir="ltr"
          placeholder="2031-05-01"
          value={dateText(at)}
          onChange={(event) => change(path, event.target.value || undefined)}
        />
      ) : isLong(field) ? (
        <textarea
          {...control}
          rows={3}
          dir="auto"
          value={textOf(at)}
          onChange={(event) => change(path, event.target.value || undefined)}
        />
      ) : (
        <input
          {...control}
          dir="auto"
          value={textOf(at)}
          onChange={(event) => change(path, event.target.value || undefined)}
        />
      )}
      <Notes path={path} id={`${id}-notes`} />
      <RightNumber path={path} value={at} />
    </div>
  );
}

const textOf = (value: Json | undefined): string => (typeof value === 'string' ? value : '');
/** What is no number stays as typed, so that the fault stands beside it. */
const numberOf = (text: string): Json | undefined =>
  text.trim() === '' ? undefined : Number.isFinite(Number(text)) ? Number(text) : text;

const LONG =
  /narrative|description|text|details|note|comment|instruction|grounds|reason|condition|headline|content|summary|measures|modus/i;
const isLong = (field: FieldForm): boolean => LONG.test(field.name) && !/code|language|id$/i.test(field.name);

/** A date that the node gave back is an object; as typed it is a text. */
function dateText(value: Json | undefined): string {
  if (typeof value === 'string') return value;
  if (!isObject(value)) return '';
  const { year, month, day, approximate } = value;
  const parts = [String(year).padStart(4, '0'), month, day]
    .filter((part) => part !== undefined && part !== 0)
    .map((part) => String(part).padStart(2, '0'));
  return `${approximate === true ? 'circa ' : ''}${parts.join('-')}`;
}

function OneMessage({
  field,
  path,
  depth,
}: {
  readonly field: FieldForm;
  readonly path: Path;
  readonly depth: number;
}) {
  const say = useText();
  const { value, change, remove } = useForm();
  const at = getAt(value, path);
  if (at === undefined && field.must !== true)
    return (
      <div className="field add">
        <button
          type="button"
          className="button"
          data-path={textOfPath(path)}
          onClick={() => change(path, {})}
        >
          <Icon name="plus" />
          {fieldText(field.name)}
        </button>
      </div>
    );
  return (
    <fieldset className="group">
      <legend>{fieldText(field.name)}</legend>
      <Notes path={path} id={`${textOfPath(path)}-notes`} />
      <MessageFields message={field.of ?? ''} path={path} depth={depth + 1} />
      {field.must !== true && (
        <button type="button" className="link" onClick={() => remove(path)}>
          {say('form.remove')}
        </button>
      )}
    </fieldset>
  );
}

function MessageList({
  field,
  path,
  depth,
}: {
  readonly field: FieldForm;
  readonly path: Path;
  readonly depth: number;
}) {
  const say = useText();
  const { value, change, remove } = useForm();
  const adding = useRef<HTMLButtonElement>(null);
  const at = getAt(value, path);
  const items = Array.isArray(at) ? at : [];
  const add = (item: Json) => change([...path, items.length], item);
  return (
    <fieldset className="group">
      <legend>
        {fieldText(field.name)}
        {items.length > 0 && ` (${items.length})`}
        {field.must === true && <span className="must"> *</span>}
      </legend>
      <Notes path={path} id={`${textOfPath(path)}-notes`} />
      {items.map((item, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: entries have no key of their own
        <fieldset className="entry" key={index} aria-label={`${fieldText(field.name)} ${index + 1}`}>
          <div className="row spread entry-head">
            <strong>{index + 1}</strong>
            <span className="row">
              <button type="button" className="link" onClick={() => add(item)}>
                {say('form.copy')}
              </button>
              <button
                type="button"
                className="link"
                onClick={() => {
                  remove([...path, index]);
                  // The button is gone: who uses the keyboard goes on at the end of the list.
                  adding.current?.focus();
                }}
              >
                {say('form.remove')}
              </button>
            </span>
          </div>
          <MessageFields message={field.of ?? ''} path={[...path, index]} depth={depth + 1} />
        </fieldset>
      ))}
      <div>
        <button
          type="button"
          className="button"
          data-path={textOfPath(path)}
          ref={adding}
          onClick={() => add(firstOf(field, items.length))}
        >
          <Icon name="plus" />
          {say('form.add', { what: fieldText(field.name) })}
        </button>
      </div>
    </fieldset>
  );
}

/** A new entry of a list that numbers its lines begins with its number. */
const firstOf = (field: FieldForm, count: number): Json =>
  fieldsOf(field.of ?? '').some(({ name }) => name === 'line') ? { line: count + 1 } : {};

function CodeList({ field, path }: { readonly field: FieldForm; readonly path: Path }) {
  const { value, change } = useForm();
  const at = getAt(value, path);
  const chosen = Array.isArray(at) ? at : [];
  return (
    <fieldset className="group plain">
      <legend>
        {fieldText(field.name)}
        {field.must === true && <span className="must"> *</span>}
      </legend>
      <div className="codes">
        {codesOf(field.of ?? '').map((code) => (
          <label key={code}>
            <input
              type="checkbox"
              data-path={textOfPath(path)}
              checked={chosen.includes(code)}
              onChange={(event) =>
                change(path, event.target.checked ? [...chosen, code] : chosen.filter((one) => one !== code))
              }
            />
            {valueText(code) ?? code}
          </label>
        ))}
      </div>
      <Notes path={path} id={`${textOfPath(path)}-notes`} />
    </fieldset>
  );
}

/** A list of what is known is chosen from; any other is typed. */
function ListOfTexts({ field, path }: { readonly field: FieldForm; readonly path: Path }) {
  const { choices } = useForm();
  const known = choices.get(textOfPath(path));
  return known === undefined ? (
    <TextList field={field} path={path} />
  ) : (
    <Choices field={field} path={path} choices={known} />
  );
}

function Choices({
  field,
  path,
  choices,
}: {
  readonly field: FieldForm;
  readonly path: Path;
  readonly choices: readonly Choice[];
}) {
  const { value, change } = useForm();
  const at = getAt(value, path);
  const chosen = Array.isArray(at) ? at.map(String) : [];
  return (
    <fieldset className="group plain">
      <legend>
        {fieldText(field.name)}
        {field.must === true && <span className="must"> *</span>}
      </legend>
      <div className="codes">
        {choices.map((choice) => (
          <label key={choice.value}>
            <input
              type="checkbox"
              data-path={textOfPath(path)}
              checked={chosen.includes(choice.value)}
              onChange={(event) =>
                change(
                  path,
                  event.target.checked
                    ? [...chosen, choice.value]
                    : chosen.filter((one) => one !== choice.value),
                )
              }
            />
            <bdi>{choice.label}</bdi>
          </label>
        ))}
      </div>
      <Notes path={path} id={`${textOfPath(path)}-notes`} />
    </fieldset>
  );
}

function TextList({ field, path }: { readonly field: FieldForm; readonly path: Path }) {
  const say = useText();
  const { value, change } = useForm();
  const id = useId();
  const at = getAt(value, path);
  const items = Array.isArray(at) ? at.map(String) : [];
  return (
    <div className="field">
      <label htmlFor={id}>
        {fieldText(field.name)}
        {field.must === true && <span className="must"> *</span>}
      </label>
      <textarea
        id={id}
        className="input"
        rows={Math.min(6, Math.max(2, items.length + 1))}
        dir="auto"
        data-path={textOfPath(path)}
        value={items.join('\n')}
        onChange={(event) => {
          const lines = event.target.value.split('\n');
          change(
            path,
            isEmpty(lines)
              ? undefined
              : field.type === 'whole'
                ? lines.map((line) => numberOf(line) ?? '')
                : lines,
          );
        }}
      />
      <span className="hint">{say('form.onePerLine')}</span>
      <Notes path={path} id={`${id}-notes`} />
    </div>
  );
}
