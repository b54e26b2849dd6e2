/** Files of a draft: chosen, dropped or photographed, described, uploaded, and taken out again. */
import { type DragEvent, type ReactNode, useId, useState } from 'react';
import { Refusal } from '../../api/client.ts';
import { hexOf } from '../../api/digest.ts';
import { type Path, textOfPath } from '../../compose/content.ts';
import { type DraftFile, FILES_PATH } from '../../compose/draft-files.ts';
import { useForm } from '../../compose/form.tsx';
import type { Chosen, Uploaded, Uploads } from '../../compose/use-uploads.ts';
import { Field } from '../../parts/field.tsx';
import { FileFacts } from '../../parts/file-facts.tsx';
import { Foreign } from '../../parts/foreign.tsx';
import { Icon } from '../../parts/icons.tsx';
import { problemText } from '../../parts/problem.tsx';
import { useSize } from '../../parts/size.ts';
import { sayOr, type TextKey, useText } from '../../text/index.ts';

/** What the node takes; a browser offers others only where one insists. */
const TYPES = 'image/jpeg,image/png,image/webp,image/gif,text/plain';
const CLASSES = ['SUMMARY', 'OPERATIONAL', 'COMMERCIAL', 'PERSONAL'].map(
  (name) => `SENSITIVITY_CLASS_${name}`,
);
const CAPTION_LENGTH = 500;

export interface AttachProps {
  readonly files: readonly DraftFile[];
  readonly uploads: Uploads;
  /** `link`: none to the node · `faults`: the node takes no draft with faults, so it has none yet that files could go to. */
  readonly lacks: 'link' | 'faults' | undefined;
  readonly onRemove: (path: Path) => void;
}

export function Attach({ files, uploads, lacks, onRemove }: AttachProps) {
  const say = useText();
  const [isOver, setOver] = useState(false);
  const over = (event: DragEvent) => {
    event.preventDefault();
    setOver(true);
  };
  const isBare = files.length === 0 && uploads.chosen.length === 0;
  return (
    <details
      className="card facet-form attach"
      data-path={FILES_PATH.slice(0, 2).join('.')}
      tabIndex={-1}
      open={!isBare || undefined}
    >
      <summary>
        <h2>{say('facet.attachments')}</h2>
        <span className="chip">{say('class.A')}</span>
      </summary>
      <div className="stack">
        <p className="soft small">{say('attach.hint')}</p>
        {lacks === 'link' && (
          <div className="notice warn" role="status">
            <Icon name="offline" />
            <p>{say('attach.needsLink')}</p>
          </div>
        )}
        {lacks === 'faults' && <p className="small">{say('attach.needsReady')}</p>}
        {files.length > 0 && (
          <ul className="stack files">
            {files.map((file, at) => (
              <InDraft
                key={file.sha256}
                file={file}
                path={[...FILES_PATH, at]}
                uploaded={uploads.uploaded.get(file.sha256)}
                onRemove={() => onRemove([...FILES_PATH, at])}
              />
            ))}
          </ul>
        )}
        {uploads.chosen.length > 0 && (
          <ul className="stack files">
            {uploads.chosen.map((one) => (
              <Waiting key={one.id} one={one} uploads={uploads} mayUpload={lacks === undefined} />
            ))}
          </ul>
        )}
        {/* biome-ignore lint/a11y/noStaticElementInteractions: dropping is one way more; the buttons in it are for everybody */}
        <div
          className={`drop row${isOver ? ' over' : ''}`}
          onDragOver={over}
          onDragLeave={() => setOver(false)}
          onDrop={(event) => {
            event.preventDefault();
            setOver(false);
            uploads.choose(event.dataTransfer.files);
          }}
        >
          <Chooser onChoose={uploads.choose} accept={TYPES} many>
            <Icon name="plus" />
            {say('attach.choose')}
          </Chooser>
          <Chooser onChoose={uploads.choose} accept="image/jpeg" photo>
            {say('attach.photo')}
          </Chooser>
          <span className="soft small only-pointer">{say('attach.drop')}</span>
        </div>
        {uploads.chosen.length > 0 && (
          <p className="small" role="status">
            {say('attach.pending', { count: uploads.chosen.length })}
          </p>
        )}
      </div>
    </details>
  );
}

interface ChooserProps {
  readonly onChoose: (files: Iterable<File>) => void;
  readonly accept: string;
  readonly many?: true;
  /** By the camera of a telephone. */
  readonly photo?: true;
  readonly children: ReactNode;
}

/** The browser's own control, looking like our buttons; the keyboard finds it as any other. */
function Chooser({ onChoose, accept, many, photo, children }: ChooserProps) {
  return (
    <label className={`button chooser${photo === true ? ' only-touch' : ''}`}>
      <input
        type="file"
        className="visually-hidden"
        accept={accept}
        multiple={many === true}
        {...(photo === true ? { capture: 'environment' as const } : {})}
        onChange={({ currentTarget }) => {
          onChoose([...(currentTarget.files ?? [])]);
          // The same file once more is a choice too.
          currentTarget.value = '';
        }}
      />
      {children}
    </label>
  );
}

function InDraft({
  file,
  path,
  uploaded,
  onRemove,
}: {
  readonly file: DraftFile;
  readonly path: Path;
  readonly uploaded: Uploaded | undefined;
  readonly onRemove: () => void;
}) {
  const say = useText();
  const sized = useSize();
  const sha256 = hexOf(file.sha256);
  const { change, faults } = useForm();
  // The node's name for it is made of the caption: one that was changed since has another.
  const [nameFor] = useState(file.caption);
  const at = [...path, 'caption'];
  const fault = faults.get(textOfPath(at))?.find(({ isFlag }) => !isFlag);
  return (
    <li className="card nested file">
      <div className="stack">
        <Field
          label={say('attach.caption')}
          hint={say('attach.captionHint')}
          fault={fault && sayOr(`fault.${fault.code}`, fault.message)}
        >
          {(control) => (
            <input
              {...control}
              className="input"
              dir="auto"
              maxLength={CAPTION_LENGTH}
              placeholder={say('attach.noCaption')}
              data-path={textOfPath(at)}
              value={file.caption}
              onChange={(event) => change(at, event.target.value === '' ? undefined : event.target.value)}
            />
          )}
        </Field>
        <FileFacts
          mime={file.mime}
          size={file.size}
          sensitivity={file.class}
          redacted={file.redacted}
          sha256={sha256}
        />
        {uploaded && (
          <span className="small right row" role="status">
            <Icon name="check" />
            <span>
              {file.caption === nameFor && (
                <>
                  {say('attach.uploaded')} <Foreign text={uploaded.fileName} most={140} /> ·{' '}
                </>
              )}
              {uploaded.strippedBytes > 0
                ? say('attach.stripped', { size: sized(uploaded.strippedBytes) })
                : say('attach.nothingStripped')}
            </span>
          </span>
        )}
      </div>
      <button type="button" className="button" onClick={onRemove}>
        {say('attach.remove')}
      </button>
    </li>
  );
}

/** Why the node, or this page, does not take a file. */
function refusalText(one: Chosen): string {
  if (one.state === 'too-large') return sayOr('attach.refused.TOO_LARGE', '');
  if (one.state === 'other-type') return sayOr('attach.refused.TYPE_REFUSED', '');
  if (one.state === 'empty') return sayOr('attach.refused.EMPTY', '');
  const { error } = one;
  if (!(error instanceof Refusal)) return problemText(error);
  const text = sayOr(`attach.refused.${error.code}`, problemText(error));
  const fault = error.problem?.faults[0];
  return fault === undefined ? text : `${text} ${sayOr(`fault.${fault.code}`, fault.message)}`;
}

/** Refused for what they are: the same bytes once more are refused again. */
const FOR_GOOD: readonly string[] = ['TYPE_REFUSED', 'MALFORMED', 'NOT_WHOLE'];

function Waiting({
  one,
  uploads,
  mayUpload,
}: {
  readonly one: Chosen;
  readonly uploads: Uploads;
  readonly mayUpload: boolean;
}) {
  const say = useText();
  const sized = useSize();
  const title = useId();
  const { id, file, state, error } = one;
  const isSending = state === 'sending';
  const isUnfit =
    state === 'too-large' ||
    state === 'empty' ||
    state === 'other-type' ||
    (error instanceof Refusal && FOR_GOOD.includes(error.code) && state === 'failed');
  const percent = Math.min(100, Math.floor((one.sentBytes * 100) / file.size));
  return (
    <li className="card nested stack" aria-labelledby={title}>
      <div className="row spread">
        <span id={title}>
          <strong>
            <Foreign text={file.name} most={120} />
          </strong>{' '}
          <span className="soft small">{sized(file.size)}</span>
        </span>
        <button type="button" className="button" disabled={isSending} onClick={() => uploads.leave(id)}>
          {say('attach.leave')}
        </button>
      </div>
      {!isUnfit && (
        <div className="form-fields">
          <Field label={say('attach.caption')} hint={say('attach.captionHint')}>
            {(control) => (
              <input
                {...control}
                className="input"
                dir="auto"
                maxLength={CAPTION_LENGTH}
                disabled={isSending}
                value={one.caption}
                onChange={(event) => uploads.describe(id, { caption: event.target.value })}
              />
            )}
          </Field>
          <Field label={say('attach.class')} hint={say('attach.classHint')}>
            {(control) => (
              <select
                {...control}
                className="input"
                required
                disabled={isSending}
                value={one.sensitivity}
                onChange={(event) => uploads.describe(id, { sensitivity: event.target.value })}
              >
                <option value="">{say('choose')}</option>
                {CLASSES.map((name) => (
                  <option key={name} value={name}>
                    {say(`fileClass.${name}` as TextKey)}
                  </option>
                ))}
              </select>
            )}
          </Field>
          <div className="field check">
            <label>
              <input
                type="checkbox"
                disabled={isSending}
                checked={one.redacted}
                onChange={(event) => uploads.describe(id, { redacted: event.target.checked })}
              />
              {say('attach.redacted')}
            </label>
          </div>
        </div>
      )}
      {(isUnfit || state === 'failed') && (
        <p className="fault" role="alert">
          {refusalText(one)}
        </p>
      )}
      {!isUnfit && (
        <div className="row upload">
          <button
            type="button"
            className="button primary"
            disabled={isSending || !mayUpload || one.sensitivity === ''}
            onClick={() => void uploads.send(id)}
          >
            {say(state === 'failed' ? 'action.retry' : 'attach.upload')}
          </button>
          <progress
            className={isSending ? '' : 'unseen'}
            max={100}
            value={percent}
            aria-label={say('attach.progress', { percent })}
          />
          <span className="small" role="status">
            {isSending && say(percent < 100 ? 'attach.progress' : 'attach.cleaning', { percent })}
          </span>
        </div>
      )}
    </li>
  );
}
