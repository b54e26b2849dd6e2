/** Reports by how far the hotline is with them, the most pressing first; a caller who calls again is found by his number. */
import { useState } from 'react';
import { Link } from 'wouter';
import type { Wire } from '../../../desk/http/contract.ts';
import { Empty, Waiting } from '../../parts/empty.tsx';
import { Foreign } from '../../parts/foreign.tsx';
import { Icon } from '../../parts/icons.tsx';
import { ProblemNotice } from '../../parts/problem.tsx';
import { Ago, msOf, useNow } from '../../parts/time.tsx';
import { type TextKey, useText } from '../../text/index.ts';
import { valueText } from '../record/field-text.ts';
import { reportPath, useReports } from './reports.ts';

const STATES = ['RECEIVED', 'SCRUBBED', 'TRIAGED', 'ACTIONED', 'DROPPED', 'DRAFT'] as const;
const LOOKS: Readonly<Record<string, string>> = {
  RECEIVED: 'warn',
  SCRUBBED: 'accent',
  TRIAGED: 'bad',
  ACTIONED: 'good',
};
const stateOf = ({ state }: Wire.Report): string => state.slice('REPORT_STATE_'.length);
const plain = (number: string): string => number.toUpperCase().replaceAll(/[^0-9A-Z]/g, '');

export function Queue() {
  const say = useText();
  const found = useReports();
  const [state, setState] = useState('');
  const [number, setNumber] = useState('');
  const all = found.data?.reports ?? [];
  const shown = all.filter(
    (report) =>
      (state === '' ? report.dueAt !== '0' || number !== '' : stateOf(report) === state) &&
      plain(report.summary?.reportNumber ?? '').includes(plain(number)),
  );
  const count = (one: string) => all.filter((report) => stateOf(report) === one).length;
  return (
    <div className="page hotline">
      <div className="page-head">
        <h1>{say('hotline.title')}</h1>
        <div className="row">
          <Link href="/hotline/new" className="button primary">
            <Icon name="plus" />
            {say('hotline.take')}
          </Link>
          <Link href="/hotline/warning" className="button">
            <Icon name="alert" />
            {say('hotline.warn')}
          </Link>
        </div>
      </div>
      <div className="row">
        <fieldset className="choice wrap">
          <legend className="visually-hidden">{say('hotline.byState')}</legend>
          <button type="button" aria-pressed={state === ''} onClick={() => setState('')}>
            {say('hotline.open')}
          </button>
          {STATES.map((one) => (
            <button key={one} type="button" aria-pressed={state === one} onClick={() => setState(one)}>
              {say(`hotline.state.${one}` as TextKey)} ({count(one)})
            </button>
          ))}
        </fieldset>
        <label className="row">
          <span>{say('hotline.findNumber')}</span>
          <input
            className="input mono number"
            dir="ltr"
            maxLength={20}
            autoComplete="off"
            value={number}
            onChange={(event) => setNumber(event.target.value)}
          />
        </label>
      </div>
      {found.error && <ProblemNotice error={found.error} retry={() => void found.refetch()} />}
      {found.data?.more === true && <p className="notice warn">{say('hotline.more')}</p>}
      {found.isPending ? (
        <Waiting lines={6} height="3.5rem" />
      ) : shown.length === 0 ? (
        <Empty icon="hotline" title={say('hotline.empty')} />
      ) : (
        <ul className="stack" aria-label={say('hotline.title')}>
          {shown.map((report) => (
            <li key={report.draftId + report.headerDigest}>
              <ReportRow report={report} />
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}

function ReportRow({ report }: { readonly report: Wire.Report }) {
  const say = useText();
  const now = useNow();
  const { summary } = report;
  const state = stateOf(report);
  const due = msOf(report.dueAt);
  const isImminent = summary?.imminence === 'IMMINENCE_NOW' || summary?.imminence === 'IMMINENCE_HOURS';
  return (
    <Link href={reportPath(report)} className="card draft-row report-row">
      <span className="row spread">
        <strong>
          {valueText(summary?.category ?? '') ?? ''} · <bdi>{summary?.subdivision || summary?.country}</bdi>
        </strong>
        <span className={`chip ${LOOKS[state] ?? ''}`}>{say(`hotline.state.${state}` as TextKey)}</span>
      </span>
      <span className="row small">
        <code dir="ltr">{summary?.reportNumber}</code>
        <span className={`chip ${isImminent ? 'bad' : ''}`}>
          {isImminent && <Icon name="flash" />}
          {valueText(summary?.imminence ?? '') ?? ''}
        </span>
        <span className="soft">
          {say('hotline.received')} <Ago ms={msOf(summary?.receivedAt)} />
        </span>
        {due > 0 && (
          <span className={due < now ? 'chip bad' : 'soft'}>
            {due < now && <Icon name="clock" />}
            {say(state === 'TRIAGED' && isImminent ? 'hotline.warnBy' : 'hotline.actBy')} <Ago ms={due} />
          </span>
        )}
        {report.similar.length > 0 && (
          <span className="chip warn">{say('hotline.similar', { count: report.similar.length })}</span>
        )}
        {report.own && <span className="chip">{say('hotline.yours')}</span>}
        {report.note !== '' && (
          <span className="soft">
            <Foreign text={report.note} most={80} />
          </span>
        )}
      </span>
    </Link>
  );
}
