/** The answer to what a partner asks: in words, or a refusal that says its reason alone. */
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import type { Wire } from '../../../../desk/http/contract.ts';
import { call } from '../../../api/client.ts';
import { Dialog } from '../../../parts/dialog.tsx';
import { Field } from '../../../parts/field.tsx';
import { ForeignText } from '../../../parts/foreign.tsx';
import { ProblemNotice } from '../../../parts/problem.tsx';
import { type TextKey, useText } from '../../../text/index.ts';

const OUTCOMES = ['FULL', 'PARTIAL', 'NEGATIVE', 'REFUSED', 'NEED_MLA'] as const;
const REFUSALS = ['LAW', 'INVESTIGATION', 'SAFETY', 'SECURITY', 'DISPROPORTIONATE'] as const;
const ANSWER_LENGTH = 4_000;

interface AnswerDialogProps {
  readonly about: Wire.AskedTasking;
  readonly onClose: () => void;
  readonly onDone: () => void;
}

export function AnswerDialog({ about, onClose, onDone }: AnswerDialogProps) {
  const say = useText();
  // A consent is given by a consent: here it can only be refused.
  const consent = about.facets.length > 0;
  const [outcome, setOutcome] = useState<string>(consent ? 'REFUSED' : '');
  const [refusal, setRefusal] = useState('');
  const [text, setText] = useState('');
  const refused = outcome === 'REFUSED';
  const answer = useMutation({
    mutationFn: () =>
      call('TaskingService/AnswerTasking', {
        taskingDigest: about.headerDigest,
        outcome: `ANSWER_OUTCOME_${outcome}` as Wire.AnswerOutcome,
        refusal: `ANSWER_REFUSAL_${refused ? refusal : 'UNSPECIFIED'}` as Wire.AnswerRefusal,
        text: refused ? '' : text,
      }),
    onSuccess: onDone,
  });
  return (
    <Dialog title={say('answer.title', { node: about.from })} onClose={onClose}>
      <form
        className="stack"
        onSubmit={(event) => {
          event.preventDefault();
          answer.mutate();
        }}
      >
        {about.question !== '' && <ForeignText text={about.question} />}
        {!consent && (
          <Field label={say('answer.outcome')}>
            {(control) => (
              <select
                {...control}
                className="input"
                required
                value={outcome}
                onChange={(event) => setOutcome(event.target.value)}
              >
                <option value="">{say('choose')}</option>
                {OUTCOMES.map((one) => (
                  <option key={one} value={one}>
                    {say(`outcome.ANSWER_OUTCOME_${one}` as TextKey)}
                  </option>
                ))}
              </select>
            )}
          </Field>
        )}
        {refused ? (
          <Field label={say('answer.refusal')} hint={say('answer.refusalHint')}>
            {(control) => (
              <select
                {...control}
                className="input"
                required
                value={refusal}
                onChange={(event) => setRefusal(event.target.value)}
              >
                <option value="">{say('choose')}</option>
                {REFUSALS.map((one) => (
                  <option key={one} value={one}>
                    {say(`refusal.ANSWER_REFUSAL_${one}` as TextKey)}
                  </option>
                ))}
              </select>
            )}
          </Field>
        ) : (
          <Field label={say('answer.text')}>
            {(control) => (
              <textarea
                {...control}
                className="input"
                dir="auto"
                rows={5}
                maxLength={ANSWER_LENGTH}
                value={text}
                onChange={(event) => setText(event.target.value)}
              />
            )}
          </Field>
        )}
        {answer.error && <ProblemNotice error={answer.error} />}
        <div className="actions">
          <button type="button" className="button" onClick={onClose}>
            {say('action.cancel')}
          </button>
          <button type="submit" className="button primary" disabled={answer.isPending}>
            {say('answer.do')}
          </button>
        </div>
      </form>
    </Dialog>
  );
}
