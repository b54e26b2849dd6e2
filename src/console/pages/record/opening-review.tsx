/** The opening of a record in an emergency, for who has to say whether it was justified. */
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { Wire } from '../../../desk/http/contract.ts';
import { call } from '../../api/client.ts';
import { useMe } from '../../api/session.ts';
import { Field } from '../../parts/field.tsx';
import { ForeignText } from '../../parts/foreign.tsx';
import { Icon } from '../../parts/icons.tsx';
import { ProblemNotice } from '../../parts/problem.tsx';
import { useToast } from '../../parts/toast.tsx';
import { useText } from '../../text/index.ts';

export function OpeningReview({ headerDigest }: { readonly headerDigest: string }) {
  const { data: me } = useMe();
  const duties = useQuery({
    queryKey: ['duties'],
    queryFn: () => call('BoardService/ListDuties', {}),
    enabled: me?.role === 'releaser' || me?.role === 'controller',
  });
  const duty = duties.data?.duties.find(
    (one) => one.kind === 'DUTY_KIND_REVIEW_OPENING' && one.headerDigest === headerDigest,
  );
  return duty === undefined ? null : <Review duty={duty} />;
}

function useDone(): () => void {
  const say = useText();
  const tell = useToast();
  const client = useQueryClient();
  return () => {
    tell(say('action.done'));
    void client.invalidateQueries();
  };
}

function Review({ duty }: { readonly duty: Wire.Duty }) {
  const say = useText();
  const done = useDone();
  const [note, setNote] = useState('');
  const review = useMutation({
    mutationFn: (verdict: Wire.BreakGlassVerdict) =>
      call('BreakGlassService/ReviewOpening', { opening: duty.headerDigest, verdict, note }),
    onSuccess: done,
  });
  return (
    <section className="notice warn no-print" aria-label={say('duty.DUTY_KIND_REVIEW_OPENING')}>
      <Icon name="eye" />
      <div className="stack">
        <strong>{say('duty.DUTY_KIND_REVIEW_OPENING')}</strong>
        <ForeignText text={duty.note} />
        <Field label={say('review.note')}>
          {(control) => (
            <textarea
              {...control}
              className="input"
              dir="auto"
              rows={2}
              maxLength={2_000}
              value={note}
              onChange={(event) => setNote(event.target.value)}
            />
          )}
        </Field>
        {review.error && <ProblemNotice error={review.error} />}
        <div className="row">
          {(['JUSTIFIED', 'NOT_JUSTIFIED'] as const).map((verdict) => (
            <button
              key={verdict}
              type="button"
              className="button"
              disabled={review.isPending || note.trim() === ''}
              onClick={() => review.mutate(`BREAK_GLASS_VERDICT_${verdict}`)}
            >
              {say(`verdict.BREAK_GLASS_VERDICT_${verdict}`)}
            </button>
          ))}
        </div>
      </div>
    </section>
  );
}
