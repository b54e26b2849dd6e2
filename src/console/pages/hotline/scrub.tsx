/**
 * The second operator: the caller's words beside his own, which take out what could tell who called; then the triage, which the
 * controller judges with them.
 */
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useMemo, useState } from 'react';
import { useLocation } from 'wouter';
import type { Wire } from '../../../desk/http/contract.ts';
import { call } from '../../api/client.ts';
import { type Content, contentJson, getAt } from '../../compose/content.ts';
import type { Json } from '../../compose/forms.ts';
import { notesOf, useCheck, useOnceChecked } from '../../compose/use-check.ts';
import { Field } from '../../parts/field.tsx';
import { ForeignText } from '../../parts/foreign.tsx';
import { Icon } from '../../parts/icons.tsx';
import { ProblemNotice } from '../../parts/problem.tsx';
import { useToast } from '../../parts/toast.tsx';
import { sayOr, useText } from '../../text/index.ts';
import { fieldText, pathText } from '../record/field-text.ts';
import { CodeSelect, Noted, NotTheCaller, tellsWho } from './controls.tsx';
import { textAt, withFacet } from './report-content.ts';
import { Similar } from './report-head.tsx';

interface ScrubProps {
  readonly draftId: string;
  readonly begun: Content;
  readonly similar: readonly Wire.Report[];
}

/** NATO's scale of how credible what is said is; callers nobody knows are always F (domain §2.1). */
const CREDIBILITY = ['1', '2', '3', '4', '5', '6'] as const;

export function ScrubForm({ draftId, begun, similar }: ScrubProps) {
  const say = useText();
  const tell = useToast();
  const client = useQueryClient();
  const [, go] = useLocation();
  const [written, setWritten] = useState(() =>
    withFacet(begun, ['triage', 'grading'], {
      scheme: 'GRADING_SCHEME_NATO_6X6',
      source: 'F',
      information: textAt(begun, 'triage', 'grading', 'information') || '6',
    }),
  );
  const [tried, setTried] = useState(false);
  const [confirmedFor, setConfirmedFor] = useState('');
  const decision = textAt(written, 'triage', 'decision');
  const isDropped = decision === 'TRIAGE_DECISION_DROP';
  const content = useMemo(() => {
    const status = isDropped ? 'HOTLINE_STATUS_DROPPED' : 'HOTLINE_STATUS_TRIAGED';
    return withFacet(
      withFacet(written, ['summary', 'status'], status),
      ['triage', 'scrubbedBy'],
      'second operator',
    );
  }, [written, isDropped]);
  const { checked, error, isStale } = useCheck(content);
  const notes = useMemo(() => notesOf(checked), [checked]);
  const change = (path: readonly (string | number)[], next: Json | undefined) =>
    setWritten((before) => withFacet(before, path, next));
  const narrative = getAt(content.facets, ['content', 'narrative']);
  const texts = Array.isArray(narrative) ? narrative : [];
  const words = texts.map((_, index) => textAt(content, 'content', 'narrative', index, 'text')).join('\n');
  const isFlagged = tellsWho(notes);
  const isReady =
    checked !== undefined &&
    !isStale &&
    checked.faults.length === 0 &&
    (!isFlagged || confirmedFor === words);
  const scrub = useMutation({
    mutationFn: () => call('HotlineService/ScrubReport', { draftId, contentJson: contentJson(content) }),
    onSuccess() {
      for (const list of ['hotline', 'drafts', 'duties']) void client.invalidateQueries({ queryKey: [list] });
      tell(say('hotline.scrubbedNow'));
      go('/hotline');
    },
  });
  const scrubOnceChecked = useOnceChecked({ isStale, isReady }, () => scrub.mutate());
  const noted = (path: string) => notes.get(path) ?? [];
  const summary = (name: string, of: string) => (
    <CodeSelect
      name={name}
      of={of}
      value={textAt(content, 'summary', name)}
      notes={noted(`facets.summary.${name}`)}
      tried={tried}
      onChange={(next) => change(['summary', name], next || undefined)}
    />
  );
  const known = getAt(content.facets, ['triage', 'threeCouldHaveKnown']) === true;
  return (
    <form
      className="stack"
      noValidate
      autoComplete="off"
      onSubmit={(event) => {
        event.preventDefault();
        setTried(true);
        if (!scrub.isPending) scrubOnceChecked();
      }}
    >
      <Similar similar={similar} />
      <section className="card stack" aria-labelledby="scrub-title">
        <h2 id="scrub-title">{say('hotline.scrub')}</h2>
        <p className="soft">{say('hotline.scrubHint')}</p>
        {texts.map((_, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: texts of a report have no key of their own
          <div className="side-by-side" key={index}>
            <div className="field">
              <span className="label">{say('hotline.asTold')}</span>
              <div className="as-told" lang={textAt(begun, 'content', 'narrative', index, 'language')}>
                <ForeignText text={textAt(begun, 'content', 'narrative', index, 'text')} />
              </div>
            </div>
            <Noted
              label={say('hotline.cleaned')}
              notes={noted(`facets.content.narrative[${index}].text`)}
              tried={tried}
            >
              {(control) => (
                <textarea
                  {...control}
                  rows={7}
                  dir="auto"
                  lang={textAt(content, 'content', 'narrative', index, 'language')}
                  value={textAt(content, 'content', 'narrative', index, 'text')}
                  onChange={(event) => change(['content', 'narrative', index, 'text'], event.target.value)}
                />
              )}
            </Noted>
          </div>
        ))}
        {isFlagged && (
          <NotTheCaller
            confirmed={confirmedFor === words}
            onConfirm={(next) => setConfirmedFor(next ? words : '')}
          />
        )}
      </section>
      <section className="card stack" aria-labelledby="triage-title">
        <h2 id="triage-title">{say('hotline.triage')}</h2>
        <div className="form-fields">
          {summary('imminence', 'Imminence')}
          {summary('category', 'HotlineCategory')}
          <Field label={say('hotline.credibility')} hint={say('hotline.credibilityHint')}>
            {(control) => (
              <select
                {...control}
                className="input"
                value={textAt(content, 'triage', 'grading', 'information')}
                onChange={(event) => change(['triage', 'grading', 'information'], event.target.value)}
              >
                {CREDIBILITY.map((grade) => (
                  <option key={grade} value={grade}>
                    F{grade} · {say(`hotline.credibility.${grade}`)}
                  </option>
                ))}
              </select>
            )}
          </Field>
          <CodeSelect
            name="decision"
            of="TriageDecision"
            value={decision}
            notes={noted('facets.triage.decision')}
            tried={tried}
            onChange={(next) => change(['triage', 'decision'], next || undefined)}
          />
        </div>
        {isDropped && (
          <Field label={say('hotline.dropReason')}>
            {(control) => (
              <textarea
                {...control}
                className="input"
                rows={2}
                dir="auto"
                maxLength={2_000}
                value={textAt(content, 'internal', 'notes')}
                onChange={(event) => change(['internal', 'notes'], event.target.value || undefined)}
              />
            )}
          </Field>
        )}
        <div className="field check">
          <label>
            <input
              type="checkbox"
              checked={known}
              aria-describedby="known-hint"
              onChange={(event) =>
                change(['triage', 'threeCouldHaveKnown'], event.target.checked ? true : undefined)
              }
            />
            {fieldText('threeCouldHaveKnown')}
          </label>
        </div>
        <p className="soft small" id="known-hint">
          {say('hotline.knownHint')}
        </p>
      </section>
      {error !== undefined && <ProblemNotice error={error} />}
      {scrub.error && <ProblemNotice error={scrub.error} />}
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
      <div>
        <button type="submit" className="button primary" disabled={scrub.isPending}>
          <Icon name="check" />
          {say('hotline.markScrubbed')}
        </button>
      </div>
    </form>
  );
}
