/** What was asked of the record's originator, by this node or of it, with its clock; and what was answered. */
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { ResponseOf, Wire } from '../../../../desk/http/contract.ts';
import { call } from '../../../api/client.ts';
import { useMe } from '../../../api/session.ts';
import { Foreign, ForeignText } from '../../../parts/foreign.tsx';
import { Icon } from '../../../parts/icons.tsx';
import { ProblemNotice } from '../../../parts/problem.tsx';
import { Ago, Instant, msOf, useNow } from '../../../parts/time.tsx';
import { useToast } from '../../../parts/toast.tsx';
import { sayOr, type TextKey, useText } from '../../../text/index.ts';
import { AnswerDialog } from './answer-dialog.tsx';
import { AskDialog } from './ask-dialog.tsx';
import { ConsentDialog } from './consent-dialog.tsx';

type Shown = ResponseOf<'RecordService/GetRecord'>;

export const asksConsent = ({ type }: Pick<Wire.AskedTasking, 'type'>): boolean =>
  type === 'TASKING_TYPE_CONSENT_ONWARD' || type === 'TASKING_TYPE_CONSENT_EVIDENCE';

/** Roles that ask and answer; the node decides. */
const ASKERS = ['officer', 'releaser', 'analyst', 'controller'];

type Open =
  | { readonly what: 'ask' }
  | { readonly what: 'answer' | 'consent'; readonly about?: Wire.AskedTasking };

export function Questions({ shown }: { readonly shown: Shown }) {
  const say = useText();
  const tell = useToast();
  const client = useQueryClient();
  const { data: me } = useMe();
  const [open, setOpen] = useState<Open>();
  const headerDigest = shown.record?.headerDigest ?? '';
  const asked = useQuery({
    queryKey: ['record', headerDigest, 'questions'],
    queryFn: () => call('TaskingService/ListTaskings', { headerDigest }),
  });
  const own = shown.record?.own === true;
  const may = ASKERS.includes(me?.role ?? '') && shown.record?.state === 'RECORD_STATE_RELEASED';
  const taskings = asked.data?.taskings ?? [];
  const done = (key: TextKey) => {
    setOpen(undefined);
    tell(say(key));
    void client.invalidateQueries({ queryKey: ['record', headerDigest] });
    void client.invalidateQueries({ queryKey: ['duties'] });
  };
  return (
    <section className="card questions" aria-labelledby="questions-title">
      <h2 id="questions-title">{say('questions.title')}</h2>
      {asked.error && <ProblemNotice error={asked.error} />}
      {asked.data && taskings.length === 0 && <p className="soft small">{say('questions.none')}</p>}
      <ul>
        {taskings.map((one) => (
          <Question
            key={one.headerDigest}
            one={one}
            answerable={own && may && !one.closed}
            onAnswer={() => setOpen({ what: 'answer', about: one })}
            onConsent={() => setOpen({ what: 'consent', about: one })}
          />
        ))}
      </ul>
      {may && (
        <div className="row no-print">
          {own ? (
            <button type="button" className="button" onClick={() => setOpen({ what: 'consent' })}>
              <Icon name="send" />
              {say('consent.offer')}
            </button>
          ) : (
            <button type="button" className="button" onClick={() => setOpen({ what: 'ask' })}>
              <Icon name="send" />
              {say('ask.open')}
            </button>
          )}
        </div>
      )}
      {open?.what === 'ask' && (
        <AskDialog shown={shown} onClose={() => setOpen(undefined)} onDone={() => done('ask.done')} />
      )}
      {open?.what === 'answer' && open.about && (
        <AnswerDialog
          about={open.about}
          onClose={() => setOpen(undefined)}
          onDone={() => done('answer.done')}
        />
      )}
      {open?.what === 'consent' && (
        <ConsentDialog
          shown={shown}
          about={open.about}
          onClose={() => setOpen(undefined)}
          onDone={() => done('consent.done')}
        />
      )}
    </section>
  );
}

function Question({
  one,
  answerable,
  onAnswer,
  onConsent,
}: {
  readonly one: Wire.AskedTasking;
  readonly answerable: boolean;
  readonly onAnswer: () => void;
  readonly onConsent: () => void;
}) {
  const say = useText();
  const now = useNow();
  const overdue = !one.closed && msOf(one.due) < now;
  return (
    <li className="stack">
      <p className="row spread">
        <strong>{say(`tasking.${one.type}` as TextKey)}</strong>
        {one.closed ? (
          <span className="chip good">{say('questions.closed')}</span>
        ) : (
          <span className={`chip ${overdue ? 'bad' : 'accent'}`}>
            <Icon name="clock" />
            {say(overdue ? 'board.overdue' : 'questions.open')}
          </span>
        )}
      </p>
      <p className="soft small">
        {one.from} → {one.to} · <Ago ms={msOf(one.at)} /> · {say('questions.due')}{' '}
        <Instant ms={msOf(one.due)} />
      </p>
      {one.facets.length > 0 && (
        <p className="small">
          {one.facets.map((facet) => sayOr(`facet.${facet}`, facet)).join(', ')} → {one.nodes.join(', ')}
        </p>
      )}
      {one.question !== '' && <ForeignText text={one.question} />}
      {one.legalBasis !== '' && (
        <p className="small">
          {say('ask.legalBasis')}: <Foreign text={one.legalBasis} />
        </p>
      )}
      {one.answers.map((answer) => (
        <div key={answer.headerDigest} className="answer">
          <p className="row">
            <strong>{say(`outcome.${answer.outcome}` as TextKey)}</strong>
            <span className="soft small">
              <Ago ms={msOf(answer.at)} />
            </span>
          </p>
          {answer.refusal !== 'ANSWER_REFUSAL_UNSPECIFIED' && (
            <p>{say(`refusal.${answer.refusal}` as TextKey)}</p>
          )}
          {answer.text !== '' && <ForeignText text={answer.text} />}
        </div>
      ))}
      {answerable && (
        <div className="row no-print">
          {asksConsent(one) && (
            <button type="button" className="button" onClick={onConsent}>
              {say('consent.permit')}
            </button>
          )}
          <button type="button" className="button" onClick={onAnswer}>
            {say(asksConsent(one) ? 'answer.refuse' : 'answer.open')}
          </button>
        </div>
      )}
    </li>
  );
}
