/**
 * Taking a report. There is no field for who calls, and nothing of it is kept on this device: what is typed is in this window's memory
 * until the node has it, so that a device that is lost or seized tells nothing (R9). Each change is judged by the node and kept nowhere.
 */
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useEffect, useId, useMemo, useState } from 'react';
import { Link } from 'wouter';
import type { Me } from '../../../desk/http/contract.ts';
import { call } from '../../api/client.ts';
import { type Content, contentJson, getAt } from '../../compose/content.ts';
import type { Json } from '../../compose/forms.ts';
import { notesOf, useCheck, useOnceChecked } from '../../compose/use-check.ts';
import { Icon } from '../../parts/icons.tsx';
import { ProblemNotice } from '../../parts/problem.tsx';
import { useLanguage, useText } from '../../text/index.ts';
import { fieldText } from '../record/field-text.ts';
import { CodeSelect, languageName, Noted, NotTheCaller, SPOKEN, tellsWho } from './controls.tsx';
import { newReport, newReportNumber, textAt, vehiclesOf, wholeHour, withFacet } from './report-content.ts';

interface IntakeProps {
  readonly me: Me;
  /** A report that was sent back to whoever took it. */
  readonly start?: { readonly draftId: string; readonly content: Content };
}

export function Intake({ me, start }: IntakeProps) {
  const language = useLanguage();
  const [round, setRound] = useState(0);
  const fresh = useMemo(() => {
    const country = /^[A-Z]{2}$/.test(me.node) ? me.node : '';
    const begun = withFacet(newReport(country, language), ['summary', 'reportNumber'], newReportNumber());
    return { ...begun, round };
  }, [me.node, language, round]);
  const { round: _round, ...content } = fresh;
  return (
    <IntakeForm
      key={start?.draftId ?? round}
      begun={start?.content ?? content}
      draftId={start?.draftId ?? ''}
      onNext={() => setRound(round + 1)}
    />
  );
}

/** One form from the first word to the number that is read out. */
function IntakeForm({
  begun,
  draftId,
  onNext,
}: {
  readonly begun: Content;
  readonly draftId: string;
  readonly onNext: () => void;
}) {
  const say = useText();
  const client = useQueryClient();
  const id = useId();
  // The same id again answers the same draft, also where the first answer was lost on the way.
  const [requestId] = useState(() => crypto.randomUUID());
  const [written, setWritten] = useState(begun);
  const [tried, setTried] = useState(false);
  const [confirmedFor, setConfirmedFor] = useState('');
  const content = useMemo(() => {
    const at = textAt(written, 'summary', 'receivedAt');
    return at === '' ? withFacet(written, ['summary', 'receivedAt'], wholeHour(Date.now())) : written;
  }, [written]);
  const { checked, error, isStale } = useCheck(content);
  const notes = useMemo(() => notesOf(checked), [checked]);
  const change = (path: readonly (string | number)[], next: Json | undefined) =>
    setWritten((before) => withFacet(before, path, next));
  const words = `${textAt(content, 'content', 'narrative', 0, 'text')}\n${textAt(content, 'source', 'statement')}`;
  const isFlagged = tellsWho(notes);
  const isReady =
    checked !== undefined &&
    !isStale &&
    checked.faults.length === 0 &&
    (!isFlagged || confirmedFor === words);
  const save = useMutation({
    async mutationFn() {
      const request = { contentJson: contentJson(content), note: '' };
      const { draft } =
        draftId === ''
          ? await call('RecordService/CreateDraft', { ...request, requestId })
          : await call('RecordService/UpdateDraft', { ...request, draftId });
      await call('RecordService/SubmitDraft', { draftId: draft?.id ?? '', note: '' });
    },
    onSuccess: () => client.invalidateQueries({ queryKey: ['hotline'] }),
  });
  const saveOnceChecked = useOnceChecked({ isStale, isReady }, () => save.mutate());
  const isTyped = words.trim() !== '' && !save.isSuccess;
  useEffect(() => {
    if (!isTyped) return;
    const ask = (event: BeforeUnloadEvent) => event.preventDefault();
    // Ways to other pages of the console leave this one without the browser asking.
    const askAtLinks = (event: MouseEvent) => {
      if (!(event.target instanceof Element) || event.target.closest('a[href]') === null) return;
      if (confirm(say('hotline.leave'))) return;
      event.preventDefault();
      event.stopPropagation();
    };
    addEventListener('beforeunload', ask);
    document.addEventListener('click', askAtLinks, true);
    return () => {
      removeEventListener('beforeunload', ask);
      document.removeEventListener('click', askAtLinks, true);
    };
  }, [isTyped, say]);
  const number = textAt(content, 'summary', 'reportNumber');
  if (save.isSuccess) return <Taken number={number} onNext={onNext} />;
  const at = (name: string) => textAt(content, 'summary', name);
  const noted = (path: string) => notes.get(path) ?? [];
  const submit = (event: FormEvent) => {
    event.preventDefault();
    setTried(true);
    if (!save.isPending) saveOnceChecked();
  };
  const select = (name: string, of: string) => (
    <CodeSelect
      name={name}
      of={of}
      value={at(name)}
      notes={noted(`facets.summary.${name}`)}
      tried={tried}
      onChange={(next) => change(['summary', name], next || undefined)}
    />
  );
  const place = (name: string, hint?: string) => (
    <Noted label={fieldText(name)} notes={noted(`facets.summary.${name}`)} tried={tried} hint={hint}>
      {(control) => (
        <input
          {...control}
          dir="ltr"
          autoComplete="off"
          maxLength={6}
          value={at(name)}
          onChange={(event) => change(['summary', name], event.target.value.toUpperCase() || undefined)}
        />
      )}
    </Noted>
  );
  return (
    <form
      className="page hotline intake"
      noValidate
      autoComplete="off"
      onSubmit={submit}
      aria-labelledby={id}
    >
      <div className="page-head">
        <h1 id={id}>{say('hotline.intake')}</h1>
        <p className="row">
          {say('hotline.number')}{' '}
          <strong className="report-number" dir="ltr">
            {number}
          </strong>
        </p>
      </div>
      <div className="notice" role="note">
        <Icon name="lock" />
        <p>{say('hotline.noIdentity')}</p>
      </div>
      <Noted
        label={say('hotline.whatIsTold')}
        hint={say('hotline.whatIsToldHint')}
        notes={noted('facets.content.narrative[0].text')}
        tried={tried}
      >
        {(control) => (
          <textarea
            {...control}
            rows={7}
            dir="auto"
            lang={at('language')}
            value={textAt(content, 'content', 'narrative', 0, 'text')}
            onChange={(event) => change(['content', 'narrative', 0, 'text'], event.target.value)}
          />
        )}
      </Noted>
      {isFlagged && (
        <NotTheCaller
          confirmed={confirmedFor === words}
          onConfirm={(next) => setConfirmedFor(next ? words : '')}
        />
      )}
      <div className="form-fields">
        {select('category', 'HotlineCategory')}
        {select('imminence', 'Imminence')}
        {place('country')}
        {place('subdivision', say('hotline.regionHint'))}
        <Noted
          label={say('hotline.vehicleSeen')}
          notes={noted('facets.content.vehicles[0].type')}
          tried={tried}
        >
          {(control) => (
            <input
              {...control}
              dir="auto"
              autoComplete="off"
              maxLength={60}
              value={textAt(content, 'content', 'vehicles', 0, 'type')}
              onChange={(event) => change(['content', 'vehicles'], vehiclesOf(event.target.value))}
            />
          )}
        </Noted>
        {select('channel', 'HotlineChannel')}
        <Noted label={fieldText('language')} notes={noted('facets.summary.language')} tried={tried}>
          {(control) => (
            <select
              {...control}
              value={at('language')}
              onChange={(event) => {
                change(['summary', 'language'], event.target.value);
                change(['content', 'narrative', 0, 'language'], event.target.value);
              }}
            >
              {SPOKEN.map((tag) => (
                <option key={tag} value={tag} lang={tag}>
                  {languageName(tag)}
                </option>
              ))}
            </select>
          )}
        </Noted>
      </div>
      <details className="card">
        <summary>{say('hotline.callBack')}</summary>
        <div className="form-fields">
          <CodeSelect
            name="risk"
            of="Risk"
            value={textAt(content, 'source', 'risk')}
            onChange={(next) => change(['source', 'risk'], next || undefined)}
          />
          <div className="field check">
            <label>
              <input
                type="checkbox"
                checked={getAt(content.facets, ['source', 'mayCallBack']) === true}
                onChange={(event) => change(['source', 'mayCallBack'], event.target.checked || undefined)}
              />
              {say('hotline.willCallAgain')}
            </label>
          </div>
        </div>
        <p className="soft small">{say('hotline.sourceHint')}</p>
      </details>
      {error !== undefined && <ProblemNotice error={error} />}
      {save.error && <ProblemNotice error={save.error} />}
      {tried && checked !== undefined && checked.faults.length > 0 && (
        <p className="notice bad" role="alert">
          {say('compose.faults', { count: checked.faults.length })}
        </p>
      )}
      <div className="row">
        <button type="submit" className="button primary" disabled={save.isPending}>
          <Icon name="send" />
          {say('hotline.handOver')}
        </button>
        <span className="soft small">{say('hotline.notKept')}</span>
      </div>
    </form>
  );
}

function Taken({ number, onNext }: { readonly number: string; readonly onNext: () => void }) {
  const say = useText();
  return (
    <div className="page hotline">
      <section className="card stack taken" role="status">
        <h1>{say('hotline.taken')}</h1>
        <p>{say('hotline.readOut')}</p>
        <p className="report-number large" dir="ltr">
          {number}
        </p>
        <p className="soft">{say('hotline.secondOperator')}</p>
        <div className="row">
          <button type="button" className="button primary" onClick={onNext}>
            <Icon name="plus" />
            {say('hotline.take')}
          </button>
          <Link href="/hotline" className="button">
            {say('hotline.title')}
          </Link>
        </div>
      </section>
    </div>
  );
}
