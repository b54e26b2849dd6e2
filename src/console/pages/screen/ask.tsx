/** One box that takes whatever one has in hand, what is known besides, and the answer below it. */
import { useMutation } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { call } from '../../api/client.ts';
import { Empty } from '../../parts/empty.tsx';
import { Field } from '../../parts/field.tsx';
import { Icon } from '../../parts/icons.tsx';
import { ProblemNotice } from '../../parts/problem.tsx';
import { useToast } from '../../parts/toast.tsx';
import { useText } from '../../text/index.ts';
import { Against } from './against.tsx';
import { NotReady } from './not-ready.tsx';
import { Readings } from './readings.tsx';
import { Result } from './result.tsx';
import {
  bornOf,
  countryOf,
  EMPTY_QUESTION,
  isAskable,
  type Question,
  requestOf,
  useScreening,
} from './use-screening.ts';
import { faultText, SUBJECTS } from './words.ts';

export function Ask() {
  const say = useText();
  const tell = useToast();
  const [question, setQuestion] = useState(EMPTY_QUESTION);
  const { answer, error, settled, isBehind, now, refetch } = useScreening(question);
  const keep = useMutation({
    mutationFn: () => call('ScreeningService/Screen', requestOf(settled, true)),
    onSuccess: () => void tell(say('screen.kept')),
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    now();
  };
  return (
    <>
      <NotReady />
      <search>
        <form className="card stack" onSubmit={submit}>
          <Field label={say('screen.box')} hint={say('screen.boxHint')}>
            {(control) => (
              <div className="box">
                <input
                  {...control}
                  className="input"
                  type="search"
                  dir="auto"
                  autoComplete="off"
                  spellCheck={false}
                  maxLength={300}
                  value={question.text}
                  onChange={(event) => setQuestion({ ...question, text: event.target.value })}
                />
                <button
                  type="submit"
                  className="button"
                  aria-label={say('screen.do')}
                  disabled={!isAskable(question)}
                >
                  <Icon name="search" />
                  <span className="only-wide">{say('screen.do')}</span>
                </button>
              </div>
            )}
          </Field>
          <Besides question={question} onChange={setQuestion} />
        </form>
      </search>
      <p className="soft small searching" role="status">
        {isBehind && isAskable(question) && say('screen.searching')}
      </p>
      <div className="stack" aria-live="polite" aria-busy={isBehind && isAskable(question)}>
        {error ? (
          <ProblemNotice error={error} retry={refetch} />
        ) : answer?.result === undefined ? (
          <Empty icon="search" title={say('screen.begin')}>
            <p>{say('screen.beginHint')}</p>
          </Empty>
        ) : (
          <div className="stack">
            <Readings
              result={answer.result}
              onTake={(text) => setQuestion({ ...question, text })}
              fault={answer.result.fault === undefined ? undefined : faultText(answer.result.fault)}
            />
            {answer.result.fault === undefined && (
              <>
                <Result result={answer.result} question={settled.text} />
                <div className="row spread">
                  <button
                    type="button"
                    className="button"
                    disabled={keep.isPending || keep.isSuccess || isBehind}
                    onClick={() => keep.mutate()}
                  >
                    <Icon name="bell" />
                    {say('screen.keep')}
                  </button>
                </div>
                {keep.error && <ProblemNotice error={keep.error} />}
                <Against against={answer.against} />
              </>
            )}
          </div>
        )}
      </div>
    </>
  );
}

/** What speaks for or against beside the name or number. */
function Besides({
  question,
  onChange,
}: {
  readonly question: Question;
  readonly onChange: (next: Question) => void;
}) {
  const say = useText();
  const set = (change: Partial<Question>) => onChange({ ...question, ...change });
  const text = (name: 'born' | 'country' | 'maker' | 'calibre' | 'reference', more: Hints = {}) => (
    <Field label={say(`screen.${name}`)} hint={more.hint} fault={more.fault}>
      {(control) => (
        <input
          {...control}
          className="input"
          dir="auto"
          autoComplete="off"
          maxLength={200}
          value={question[name]}
          onChange={(event) => set({ [name]: event.target.value })}
        />
      )}
    </Field>
  );
  return (
    <details className="besides">
      <summary>{say('screen.narrow')}</summary>
      <div className="besides-fields">
        <Field label={say('screen.subject')}>
          {(control) => (
            <select
              {...control}
              className="input"
              value={question.subject}
              onChange={(event) => set({ subject: event.target.value as Question['subject'] })}
            >
              {SUBJECTS.map((one) => (
                <option key={one} value={one}>
                  {say(`screen.subject.${one}`)}
                </option>
              ))}
            </select>
          )}
        </Field>
        {text('born', {
          hint: say('screen.bornHint'),
          fault:
            question.born.trim() !== '' && bornOf(question) === undefined
              ? say('screen.bornFault')
              : undefined,
        })}
        {text('country', {
          hint: say('screen.countryHint'),
          fault:
            question.country.trim() !== '' && countryOf(question) === undefined
              ? say('screen.countryFault')
              : undefined,
        })}
        {text('maker')}
        {text('calibre')}
        {text('reference')}
      </div>
    </details>
  );
}

interface Hints {
  readonly hint?: string;
  readonly fault?: string | undefined;
}
