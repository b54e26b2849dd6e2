/**
 * Writing a record: what is typed is on this device at once, judged by the node as one types, and previewed with the marking. Saved at
 * the node it waits for nobody; submitted it waits for a second officer.
 */
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useCallback, useEffect, useMemo, useRef, useState } from 'react';
import { useLocation } from 'wouter';
import type { Me } from '../../../desk/http/contract.ts';
import { standingNow } from '../../api/client.ts';
import { type Content, getAt, isEmpty, isObject, putBack, setAt } from '../../compose/content.ts';
import { filesIn, withFileOf } from '../../compose/draft-files.ts';
import { type Form, Forming, MessageFields } from '../../compose/form.tsx';
import { type Json, kindForm, PRIORITIES, priorityName } from '../../compose/forms.ts';
import { saveAtNode, submitAtNode } from '../../compose/hand-in.ts';
import { keepDraft, type LocalDraft } from '../../compose/local-drafts.ts';
import { type Checked, isOffline, notesOf, useCheck } from '../../compose/use-check.ts';
import { usePartners } from '../../compose/use-partners.ts';
import { useUploads } from '../../compose/use-uploads.ts';
import { isOfWorld, STATUSES, worldIn } from '../../compose/world.ts';
import { Dialog } from '../../parts/dialog.tsx';
import { Field } from '../../parts/field.tsx';
import { Icon } from '../../parts/icons.tsx';
import { ProblemNotice } from '../../parts/problem.tsx';
import { useToast } from '../../parts/toast.tsx';
import { sayOr, type TextKey, useText } from '../../text/index.ts';
import { pathText, valueText } from '../record/field-text.ts';
import { Attach } from './attach.tsx';
import { PasteSerials } from './paste-serials.tsx';
import { Preview } from './preview.tsx';

const KEEP_MS = 300;

export function newLocalDraft(kind: string): LocalDraft {
  const form = kindForm(kind);
  const [status] = STATUSES[standingNow().mode];
  return {
    id: crypto.randomUUID(),
    content: {
      kind,
      priority: priorityName(form?.priority ?? 1),
      marking: { ...form?.marking, status },
      facets: {},
    },
    note: '',
    draftId: '',
    changedAt: Date.now(),
    asked: false,
    waits: false,
  };
}

export function Composer({ start, me }: { readonly start: LocalDraft; readonly me: Me }) {
  const say = useText();
  const tell = useToast();
  const client = useQueryClient();
  const [, go] = useLocation();
  const [draft, setDraft] = useState(start);
  const [pasting, setPasting] = useState(false);
  const [submitting, setSubmitting] = useState(false);
  const [kept, setKept] = useState(true);
  const { content } = draft;
  const kind = kindForm(content.kind);
  const { checked, error, isStale } = useCheck(content);
  const faults = useMemo(() => notesOf(checked), [checked]);

  const edit = useCallback((change: (before: LocalDraft) => LocalDraft) => {
    setKept(false);
    // Whoever goes on writing has not handed it in.
    setDraft((before) => ({ ...change(before), waits: false, unsaved: true, changedAt: Date.now() }));
  }, []);
  const change = useCallback<Form['change']>(
    (path, next) =>
      edit((before) => ({
        ...before,
        content: setAt(before.content as unknown as Json, path, next) as unknown as Content,
      })),
    [edit],
  );
  const dropUndo = useRef<() => void>(() => undefined);
  // What can no longer be undone is no longer offered.
  useEffect(() => () => dropUndo.current(), []);
  const remove = useCallback<Form['remove']>(
    (path) => {
      const taken = getAt(content as unknown as Json, path);
      change(path, undefined);
      if (taken === undefined || isEmpty(taken)) return;
      dropUndo.current = tell(say('form.removed'), () =>
        edit((before) => ({
          ...before,
          content: putBack(before.content as unknown as Json, path, taken) as unknown as Content,
        })),
      );
    },
    [content, change, edit, say, tell],
  );
  useEffect(() => {
    if (kept) return;
    const keep = () =>
      keepDraft(draft)
        .then(() => setKept(true))
        // It says that it is not kept for as long as that is so.
        .catch(() => undefined);
    const timer = setTimeout(() => void keep(), KEEP_MS);
    return () => clearTimeout(timer);
  }, [draft, kept]);

  // What was typed while the node was asked stays; it is kept once more, over what the asking wrote down.
  const takeSaved = useCallback((saved: LocalDraft) => {
    setDraft((now) => ({
      ...now,
      draftId: saved.draftId,
      asked: saved.asked,
      unsaved: saved.unsaved === true || now.content !== saved.content || now.note !== saved.note,
    }));
    setKept(false);
  }, []);
  const uploads = useUploads({
    draft,
    onSaved: takeSaved,
    onUploaded: (atNode, sha256) =>
      edit((before) => ({ ...before, content: withFileOf(before.content, atNode, sha256) })),
  });
  const save = useMutation({
    mutationFn: () => saveAtNode(draft),
    onSuccess: takeSaved,
  });
  const submit = useMutation({
    mutationFn: () => submitAtNode(draft),
    onSuccess() {
      for (const list of ['drafts', 'duties']) void client.invalidateQueries({ queryKey: [list] });
      tell(say('compose.submitted'));
      go('/drafts');
    },
  });
  const handInLater = useMutation({
    mutationFn: () => keepDraft({ ...draft, waits: true }),
    onSuccess() {
      void client.invalidateQueries({ queryKey: ['local-drafts'] });
      tell(
        say('compose.waits'),
        () => void keepDraft(draft).then(() => go(`/compose/${content.kind}/${draft.id}`)),
      );
      go('/compose');
    },
  });
  const partners = usePartners(me);
  const { mode } = standingNow();
  const choices = useMemo(
    () =>
      new Map([
        ...(partners.length === 0 ? [] : [['marking.releasableTo', partners] as const]),
        [
          'marking.status',
          STATUSES[mode].map((value) => ({ value, label: valueText(value) ?? value })),
        ] as const,
      ]),
    [partners, mode],
  );
  const isJudged = checked !== undefined && !isStale;
  const form = useMemo<Form>(
    () => ({ value: content as unknown as Json, change, remove, faults, choices, isJudged }),
    [content, change, remove, faults, choices, isJudged],
  );
  if (kind === undefined) return null;
  const noLink = isOffline(error);
  const isReady = isJudged && checked.faults.length === 0;
  // A save in the middle would go without the file that the node has just added.
  const isSending = uploads.chosen.some(({ state }) => state === 'sending');
  const weapons = getAt(content.facets, ['identifiers', 'weapons']);
  const ids = Array.isArray(weapons) ? weapons : [];
  const items = getAt(content.facets, ['items', 'weapons']);
  const lines = (Array.isArray(items) ? items : []).flatMap((item) =>
    isObject(item)
      ? [{ line: Number(item.line ?? 1), what: [item.make, item.model].filter(Boolean).join(' ') }]
      : [],
  );
  return (
    <Forming value={form}>
      <form
        className="page compose"
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          // Whoever chose a file believes that it goes along.
          if (uploads.chosen.length > 0) focusOn('facets.attachments');
          else if (isReady || noLink) setSubmitting(true);
        }}
      >
        <div className="page-head">
          <h1>
            {say(draft.draftId === '' ? 'compose.new' : 'compose.edit')} ·{' '}
            {say(`kind.${content.kind}` as TextKey)}{' '}
            {worldIn(content) === 'exercise' && <span className="chip warn">{say('mode.exercise')}</span>}
          </h1>
          <div className="row">
            <span className="soft small" role="status">
              {say(kept ? 'compose.kept' : 'compose.keeping')}
            </span>
            <button
              type="button"
              className="button"
              disabled={!isReady || save.isPending || isSending}
              onClick={() => save.mutate(undefined, { onSuccess: () => tell(say('compose.saved')) })}
            >
              {say('compose.save')}
            </button>
            <button
              type="submit"
              className="button primary"
              disabled={!(isReady || noLink) || submit.isPending}
            >
              <Icon name="send" />
              {say(noLink ? 'compose.submitLater' : 'compose.submit')}
            </button>
          </div>
        </div>
        {noLink && (
          <div className="notice warn" role="status">
            <Icon name="offline" />
            <p>{say('compose.offline')}</p>
          </div>
        )}
        {!isOfWorld(content, mode) && (
          <div className="notice bad" role="alert">
            <Icon name="alert" />
            <p>{say('compose.otherWorld', { world: say(`mode.${worldIn(content) ?? mode}`) })}</p>
          </div>
        )}
        {error !== undefined && !noLink && isOfWorld(content, mode) && <ProblemNotice error={error} />}
        {(save.error ?? submit.error) && <ProblemNotice error={save.error ?? submit.error} />}
        <div className="compose-body">
          <div className="stack">
            <FaultSummary checked={checked} isStale={isStale} />
            {kind.facets.map((facet) => (
              <details
                key={facet.name}
                className="card facet-form"
                open={facet.name === 'summary' || !isEmpty(content.facets[facet.name]) || undefined}
              >
                <summary>
                  <h2>{sayOr(`facet.${facet.name}`, facet.name)}</h2>
                  <span className="chip">{say(`class.${facet.class}` as TextKey)}</span>
                </summary>
                {facet.name === 'identifiers' && (
                  <div>
                    <button type="button" className="button" onClick={() => setPasting(true)}>
                      <Icon name="list" />
                      {say('serials.title')}
                    </button>
                  </div>
                )}
                <MessageFields message={facet.of} path={['facets', facet.name]} />
              </details>
            ))}
            <Attach
              files={filesIn(content)}
              uploads={uploads}
              lacks={noLink ? 'link' : draft.draftId === '' && !isReady ? 'faults' : undefined}
              onRemove={remove}
            />
          </div>
          <div className="stack compose-side">
            <section className="card stack" aria-labelledby="marking-title">
              <h2 id="marking-title">{say('compose.marking')}</h2>
              <Field label={say('compose.priority')}>
                {(control) => (
                  <select
                    {...control}
                    className="input"
                    value={content.priority ?? ''}
                    onChange={(event) => change(['priority'], event.target.value)}
                  >
                    {PRIORITIES.map((one) => (
                      <option key={one} value={one}>
                        {say(`priority.${one.slice('PRIORITY_'.length).toLowerCase()}` as TextKey)}
                      </option>
                    ))}
                  </select>
                )}
              </Field>
              <MessageFields message="Marking" path={['marking']} />
            </section>
            {checked && checked.partners.length > 0 && <Preview partners={checked.partners} />}
          </div>
        </div>
        {pasting && (
          <PasteSerials
            known={ids.flatMap((one) =>
              isObject(one) && typeof one.frameSerial === 'string' ? [one.frameSerial] : [],
            )}
            lines={lines}
            onClose={() => setPasting(false)}
            onTake={(serials, line) => {
              const before = ids;
              change(
                ['facets', 'identifiers', 'weapons'],
                [
                  ...ids,
                  ...serials.map((frameSerial) => ({
                    line,
                    frameSerial,
                    markState: frameSerial.includes('?') ? 'MARK_STATE_PARTIAL' : 'MARK_STATE_INTACT',
                  })),
                ],
              );
              setPasting(false);
              tell(say('serials.taken', { count: serials.length }), () =>
                change(['facets', 'identifiers', 'weapons'], before),
              );
            }}
          />
        )}
        {submitting && (
          <Dialog title={say('compose.submitTitle')} onClose={() => setSubmitting(false)}>
            <p>{say(noLink ? 'compose.submitLaterHint' : 'compose.submitHint')}</p>
            <Field label={say('compose.note')}>
              {(control) => (
                <textarea
                  {...control}
                  className="input"
                  rows={3}
                  maxLength={2_000}
                  dir="auto"
                  value={draft.note}
                  onChange={(event) => edit((before) => ({ ...before, note: event.target.value }))}
                />
              )}
            </Field>
            <div className="actions">
              <button type="button" className="button" onClick={() => setSubmitting(false)}>
                {say('action.cancel')}
              </button>
              <button
                type="button"
                className="button primary"
                disabled={submit.isPending || handInLater.isPending}
                onClick={() => (noLink ? handInLater : submit).mutate()}
              >
                {say(noLink ? 'compose.submitLater' : 'compose.submit')}
              </button>
            </div>
          </Dialog>
        )}
        <p className="visually-hidden">{me.name}</p>
      </form>
    </Forming>
  );
}

/** All faults in one place, each a way to its field. */
function FaultSummary({
  checked,
  isStale,
}: {
  readonly checked: Checked | undefined;
  readonly isStale: boolean;
}) {
  const say = useText();
  if (checked === undefined) return null;
  const { faults, flags } = checked;
  return (
    <section
      className={`notice ${faults.length > 0 ? 'warn' : 'good'}`}
      aria-live="polite"
      aria-busy={isStale}
    >
      <Icon name={faults.length > 0 ? 'info' : 'check'} />
      <div>
        <p>
          {faults.length > 0
            ? say('compose.faults', { count: faults.length })
            : say(flags.length > 0 ? 'compose.flags' : 'compose.ready', { count: flags.length })}
        </p>
        {faults.length > 0 && (
          <ul>
            {faults.slice(0, 8).map(({ path, code, message }) => (
              <li key={`${path} ${code}`}>
                <button type="button" className="link" onClick={() => focusOn(path)}>
                  {pathText(path)}
                </button>{' '}
                {sayOr(`fault.${code}`, message)}
              </li>
            ))}
          </ul>
        )}
      </div>
    </section>
  );
}

/** The field of a path, or the nearest one above it that is in the form; what is folded is opened. */
function focusOn(path: string): void {
  for (let at = path; at !== ''; at = at.replace(/(\.[^.[]+|\[\d+\]|^[^.[]+)$/, '')) {
    const found = document.querySelector<HTMLElement>(
      `[data-path="${CSS.escape(at)}"], [data-path^="${CSS.escape(at)}."]`,
    );
    if (!found) continue;
    found.closest('details')?.setAttribute('open', '');
    found.focus();
    found.scrollIntoView({ block: 'center' });
    return;
  }
}
