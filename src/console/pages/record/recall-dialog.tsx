/** Recall cannot be undone: the reason is chosen, and what will happen is said before it does. */
import { useMutation, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { ResponseOf, Wire } from '../../../desk/http/contract.ts';
import { call } from '../../api/client.ts';
import { Dialog } from '../../parts/dialog.tsx';
import { Field } from '../../parts/field.tsx';
import { ProblemNotice } from '../../parts/problem.tsx';
import { type TextKey, useText } from '../../text/index.ts';

const REASONS = ['ERROR', 'COURT_ORDER', 'DELISTED', 'SOURCE_RISK', 'DUPLICATE', 'SUPERSEDED'] as const;

interface RecallDialogProps {
  readonly shown: ResponseOf<'RecordService/GetRecord'>;
  readonly onClose: () => void;
  readonly onDone: () => void;
}

export function RecallDialog({ shown, onClose, onDone }: RecallDialogProps) {
  const say = useText();
  const headerDigest = shown.record?.headerDigest ?? '';
  const [reason, setReason] = useState('');
  const holders = useQuery({
    queryKey: ['holders', headerDigest],
    queryFn: () => call('RecallService/ListHolders', { headerDigest }),
  });
  const recall = useMutation({
    mutationFn: () =>
      call('RecallService/Recall', { headerDigest, reason: `RECALL_REASON_${reason}` as Wire.RecallReason }),
    onSuccess: onDone,
  });
  const nodes = [...new Set((holders.data?.holders ?? []).map(({ node }) => node))];
  return (
    <Dialog title={say('recall.title')} onClose={onClose}>
      <form
        className="stack"
        onSubmit={(event) => {
          event.preventDefault();
          recall.mutate();
        }}
      >
        <p>{say('recall.what', { count: nodes.length, nodes: nodes.join(', ') || '–' })}</p>
        <Field label={say('recall.reason')}>
          {(control) => (
            <select
              {...control}
              className="input"
              required
              value={reason}
              onChange={(event) => setReason(event.target.value)}
            >
              <option value="">{say('choose')}</option>
              {REASONS.map((one) => (
                <option key={one} value={one}>
                  {say(`recallReason.${one}` as TextKey)}
                </option>
              ))}
            </select>
          )}
        </Field>
        {recall.error && <ProblemNotice error={recall.error} />}
        <div className="actions">
          <button type="button" className="button" onClick={onClose}>
            {say('action.cancel')}
          </button>
          <button type="submit" className="button danger" disabled={recall.isPending}>
            {say('recall.do')}
          </button>
        </div>
      </form>
    </Dialog>
  );
}
