/** Whether a hit is who or what was asked about, and why: the desk is not alerted twice for one that is not. */
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { Wire } from '../../../desk/http/contract.ts';
import { call } from '../../api/client.ts';
import { Dialog } from '../../parts/dialog.tsx';
import { Field } from '../../parts/field.tsx';
import { ProblemNotice } from '../../parts/problem.tsx';
import { useText } from '../../text/index.ts';
import { VERDICTS } from './words.ts';

interface DecideProps {
  readonly screeningId: string;
  readonly hit: number;
  readonly onClose: () => void;
  readonly onDone: (decision: Wire.ScreeningDecision | undefined) => void;
}

export function DecideDialog({ screeningId, hit, onClose, onDone }: DecideProps) {
  const say = useText();
  const client = useQueryClient();
  const [verdict, setVerdict] = useState<(typeof VERDICTS)[number]>();
  const [reason, setReason] = useState('');
  const decide = useMutation({
    mutationFn: () =>
      call('ScreeningService/DecideHit', {
        screeningId,
        hit,
        verdict: verdict ?? 'SCREENING_VERDICT_UNSPECIFIED',
        reason: reason.trim(),
      }),
    onSuccess: ({ decision }) => {
      void client.invalidateQueries({ queryKey: ['screenings'] });
      onDone(decision);
    },
  });
  return (
    <Dialog title={say('screen.decideTitle')} onClose={onClose}>
      <form
        className="stack"
        onSubmit={(event) => {
          event.preventDefault();
          decide.mutate();
        }}
      >
        <fieldset className="picker">
          <legend className="visually-hidden">{say('screen.decideTitle')}</legend>
          {VERDICTS.map((one) => (
            <label key={one} className="check">
              <input
                type="radio"
                name="verdict"
                required
                checked={verdict === one}
                onChange={() => setVerdict(one)}
              />
              {say(`screen.verdict.${one}`)}
            </label>
          ))}
        </fieldset>
        <p className="soft small">{say('screen.decideHint')}</p>
        <Field label={say('screen.reason')}>
          {(control) => (
            <textarea
              {...control}
              className="input"
              dir="auto"
              rows={3}
              required
              maxLength={1_000}
              value={reason}
              onChange={(event) => setReason(event.target.value)}
            />
          )}
        </Field>
        {decide.error && <ProblemNotice error={decide.error} />}
        <div className="actions">
          <button type="button" className="button" onClick={onClose}>
            {say('action.cancel')}
          </button>
          <button
            type="submit"
            className="button primary"
            disabled={decide.isPending || verdict === undefined || reason.trim() === ''}
          >
            {say('screen.decide')}
          </button>
        </div>
      </form>
    </Dialog>
  );
}
