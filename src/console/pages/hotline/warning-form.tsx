/**
 * Writing a warning: of a report nothing is taken over but matter, pressure and region (R9). What states class S alone may go out as a flash
 * on the controller's own signature; with an official part it waits for a second officer.
 */
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useMemo, useState } from 'react';
import { useLocation } from 'wouter';
import type { Me } from '../../../desk/http/contract.ts';
import { call } from '../../api/client.ts';
import { type Content, contentJson, getAt, isEmpty, type Path } from '../../compose/content.ts';
import type { Json } from '../../compose/forms.ts';
import { notesOf, useCheck, useOnceChecked } from '../../compose/use-check.ts';
import { usePartners } from '../../compose/use-partners.ts';
import { Icon } from '../../parts/icons.tsx';
import { Tlp } from '../../parts/marking.tsx';
import { ProblemNotice } from '../../parts/problem.tsx';
import { Instant } from '../../parts/time.tsx';
import { useToast } from '../../parts/toast.tsx';
import { sayOr, useText } from '../../text/index.ts';
import { Preview } from '../compose/preview.tsx';
import { fieldText, pathText } from '../record/field-text.ts';
import { CodeSelect, type NotesByPath } from './controls.tsx';
import { repeatedWords, textAt, withFacet } from './report-content.ts';
import { digestPath } from './reports.ts';
import { WarningAreas } from './warning-area.tsx';
import { WarningReads } from './warning-reads.tsx';
import { WarningTexts } from './warning-texts.tsx';

/** What every part of the form works on. */
export interface WarningPart {
  readonly content: Content;
  readonly change: (path: Path, next: Json | undefined) => void;
  readonly notes: NotesByPath;
  readonly tried: boolean;
}

interface WarningFormProps {
  readonly begun: Content;
  /** Of an update or a cancellation; empty for a new warning. */
  readonly draftId: string;
  readonly title: string;
  /** Words and number of the report that it is made from; nothing of them may stand in it. */
  readonly told: string;
  readonly me: Me;
}

const HOURS = [6, 12, 24, 48, 72] as const;
const HOUR_MS = 3_600_000;
const OFFICIAL = ['items', 'conveyance', 'basis', 'assessment', 'internal'] as const;

export function WarningForm({ begun, draftId, title, told, me }: WarningFormProps) {
  const say = useText();
  const tell = useToast();
  const client = useQueryClient();
  const [, go] = useLocation();
  const [requestId] = useState(() => crypto.randomUUID());
  const [content, setContent] = useState(begun);
  const [tried, setTried] = useState(false);
  const { checked, error, isStale } = useCheck(content);
  const notes = useMemo(() => notesOf(checked), [checked]);
  const partners = usePartners(me);
  const change: WarningPart['change'] = (path, next) => setContent((before) => withFacet(before, path, next));
  const mark = (field: string, next: Json) =>
    setContent((before) => ({ ...before, marking: { ...before.marking, [field]: next } }));
  const isFlash = content.priority === 'PRIORITY_FLASH';
  const hasOfficialPart = OFFICIAL.some((facet) => !isEmpty(content.facets[facet]));
  const mayGoAlone = isFlash && !hasOfficialPart && me.role === 'controller';
  const texts = getAt(content.facets, ['summary', 'texts']);
  const words = [...(Array.isArray(texts) ? texts : []), textAt(content, 'basis', 'comment')]
    .map((text) => (typeof text === 'string' ? text : Object.values(text as object).join('\n')))
    .join('\n');
  const repeated = useMemo(() => repeatedWords(words, told), [words, told]);
  const releasable = Array.isArray(content.marking.releasableTo)
    ? content.marking.releasableTo.map(String)
    : [];
  const isReady = checked !== undefined && !isStale && checked.faults.length === 0 && repeated === undefined;
  const save = useMutation({
    async mutationFn(alone: boolean) {
      const request = { contentJson: contentJson(content), note: '' };
      const { draft } =
        draftId === ''
          ? await call('RecordService/CreateDraft', { ...request, requestId })
          : await call('RecordService/UpdateDraft', { ...request, draftId });
      const id = draft?.id ?? '';
      await call('RecordService/SubmitDraft', { draftId: id, note: '' });
      return alone ? call('RecordService/ReleaseDraft', { draftId: id, requestId: id }) : undefined;
    },
    onSuccess(released) {
      for (const list of ['hotline', 'drafts', 'duties', 'board'])
        void client.invalidateQueries({ queryKey: [list] });
      tell(
        say(released === undefined ? 'hotline.warningHandedOver' : 'hotline.warningSent', {
          count: released?.recipients.length ?? 0,
        }),
      );
      go(released?.record ? digestPath('broadcast', released.record.headerDigest) : '/drafts');
    },
  });
  const saveOnceChecked = useOnceChecked({ isStale, isReady }, () => save.mutate(mayGoAlone));
  const submit = (event: FormEvent) => {
    event.preventDefault();
    setTried(true);
    if (!save.isPending) saveOnceChecked();
  };
  const part: WarningPart = { content, change, notes, tried };
  const select = (name: string, of: string) => (
    <CodeSelect
      name={name}
      of={of}
      value={textAt(content, 'summary', name)}
      notes={notes.get(`facets.summary.${name}`)}
      tried={tried}
      onChange={(next) => {
        change(['summary', name], next || undefined);
        // Everybody may read what is for the public: the marking says so (domain §3.1, R5).
        if (name === 'audience') mark('tlp', next === 'WARNING_AUDIENCE_PUBLIC' ? 'TLP_CLEAR' : 'TLP_GREEN');
      }}
    />
  );
  const expires = Date.parse(textAt(content, 'summary', 'expires'));
  return (
    <form className="page hotline warning" noValidate onSubmit={submit} aria-labelledby="warning-title">
      <div className="page-head">
        <h1 id="warning-title">{title}</h1>
        <Tlp tlp={String(content.marking.tlp)} />
      </div>
      <section className="card form-fields" aria-label={say('hotline.what')}>
        {select('event', 'WarningEvent')}
        {select('urgency', 'Urgency')}
        {select('severity', 'Severity')}
        {select('certainty', 'Certainty')}
        {select('audience', 'WarningAudience')}
        <label className="field">
          <span className="label">{fieldText('expires')}</span>
          <select
            className="input"
            value=""
            onChange={(event) =>
              change(
                ['summary', 'expires'],
                new Date(Date.now() + Number(event.target.value) * HOUR_MS).toISOString(),
              )
            }
          >
            <option value="" disabled>
              {say('hotline.expiresIn')}
            </option>
            {HOURS.map((hours) => (
              <option key={hours} value={hours}>
                {say('hotline.hours', { count: hours })}
              </option>
            ))}
          </select>
          <span className="hint">
            <Instant ms={Number.isNaN(expires) ? 0 : expires} />
          </span>
        </label>
      </section>
      <WarningTexts {...part} />
      {repeated !== undefined && (
        <div className="notice bad" role="alert">
          <Icon name="alert" />
          <p>{say('hotline.repeated', { words: repeated })}</p>
        </div>
      )}
      <WarningAreas {...part} />
      <fieldset className="card group">
        <legend>{say('hotline.to')}</legend>
        <div className="codes">
          {partners.map(({ value, label }) => (
            <label key={value}>
              <input
                type="checkbox"
                checked={releasable.includes(value)}
                onChange={(event) =>
                  mark(
                    'releasableTo',
                    event.target.checked ? [...releasable, value] : releasable.filter((one) => one !== value),
                  )
                }
              />
              <bdi>{label}</bdi>
            </label>
          ))}
        </div>
        {tried &&
          (notes.get('marking.releasableTo') ?? []).map(({ code, message }) => (
            <p key={code} className="notes">
              <span className="fault">{sayOr(`fault.${code}`, message)}</span>
            </p>
          ))}
      </fieldset>
      <section className="card stack">
        <label className="row">
          <input
            type="checkbox"
            checked={isFlash}
            onChange={(event) =>
              setContent((before) => ({
                ...before,
                priority: event.target.checked ? 'PRIORITY_FLASH' : 'PRIORITY_IMMEDIATE',
              }))
            }
          />
          <strong>{say('hotline.flash')}</strong>
        </label>
        <p className="soft small">{say(hasOfficialPart ? 'hotline.flashOfficial' : 'hotline.flashHint')}</p>
      </section>
      <WarningReads content={content} />
      {checked !== undefined && checked.partners.length > 0 && <Preview partners={checked.partners} />}
      {error !== undefined && <ProblemNotice error={error} />}
      {save.error && <ProblemNotice error={save.error} />}
      {tried && checked !== undefined && checked.faults.length > 0 && (
        <div className="notice bad" role="alert">
          <Icon name="alert" />
          <ul>
            {checked.faults.slice(0, 8).map(({ path, code, message }) => (
              <li key={`${path} ${code}`}>
                {pathText(path)}: {sayOr(`fault.${code}`, message)}
              </li>
            ))}
          </ul>
        </div>
      )}
      <div className="row">
        <button
          type="submit"
          className={`button ${mayGoAlone ? 'danger' : 'primary'}`}
          disabled={save.isPending}
        >
          <Icon name={mayGoAlone ? 'flash' : 'send'} />
          {say(mayGoAlone ? 'hotline.sendFlash' : 'hotline.toController')}
        </button>
      </div>
    </form>
  );
}
