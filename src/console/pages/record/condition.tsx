/** The originator's condition (H3): shown word for word, accepted by a releaser before anything else is. */
import { useMutation, useQueryClient } from '@tanstack/react-query';
import type { ResponseOf } from '../../../desk/http/contract.ts';
import { call } from '../../api/client.ts';
import { ForeignText } from '../../parts/foreign.tsx';
import { Icon } from '../../parts/icons.tsx';
import { ProblemNotice } from '../../parts/problem.tsx';
import { useText } from '../../text/index.ts';

export function Condition({ shown }: { readonly shown: ResponseOf<'RecordService/GetRecord'> }) {
  const say = useText();
  const client = useQueryClient();
  const headerDigest = shown.record?.headerDigest ?? '';
  const accept = useMutation({
    mutationFn: () => call('RecordService/AcceptConditions', { headerDigest, condition: shown.condition }),
    onSuccess: () => client.invalidateQueries({ queryKey: ['record', headerDigest] }),
  });
  return (
    <section
      className={`notice ${shown.conditionPending ? 'warn' : 'good'}`}
      aria-label={say('condition.title')}
    >
      <Icon name={shown.conditionPending ? 'lock' : 'check'} />
      <div className="stack">
        <strong>{say(shown.conditionPending ? 'condition.pending' : 'condition.accepted')}</strong>
        <ForeignText text={shown.condition} />
        {accept.error && <ProblemNotice error={accept.error} />}
        {shown.conditionPending && (
          <div className="no-print">
            <button
              type="button"
              className="button primary"
              disabled={accept.isPending}
              onClick={() => accept.mutate()}
            >
              {say('condition.accept')}
            </button>
          </div>
        )}
      </div>
    </section>
  );
}
