/** The second signature on a flash that went out on one, where it is this officer's to give. */
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { call } from '../../api/client.ts';
import { Icon } from '../../parts/icons.tsx';
import { ProblemNotice } from '../../parts/problem.tsx';
import { Ago, msOf } from '../../parts/time.tsx';
import { useToast } from '../../parts/toast.tsx';
import { useText } from '../../text/index.ts';

export function Countersign({
  headerDigest,
  role,
}: {
  readonly headerDigest: string;
  readonly role: string;
}) {
  const say = useText();
  const tell = useToast();
  const client = useQueryClient();
  const duties = useQuery({
    queryKey: ['duties'],
    queryFn: () => call('BoardService/ListDuties', {}),
    enabled: role === 'releaser' || role === 'controller',
  });
  const countersign = useMutation({
    mutationFn: () => call('RecordService/CountersignRecord', { headerDigest }),
    onSuccess() {
      for (const list of ['duties', 'record', 'board']) void client.invalidateQueries({ queryKey: [list] });
      tell(say('countersign.done'));
    },
  });
  const duty = duties.data?.duties.find(
    (one) => one.kind === 'DUTY_KIND_COUNTERSIGN' && one.headerDigest === headerDigest,
  );
  if (duty === undefined) return null;
  return (
    <section className="notice warn" aria-label={say('countersign.title')}>
      <Icon name="flash" />
      <div className="stack">
        <p>
          {say('countersign.owed')} <Ago ms={msOf(duty.dueAt)} />
        </p>
        {countersign.error && <ProblemNotice error={countersign.error} />}
        <div>
          <button
            type="button"
            className="button primary"
            disabled={countersign.isPending}
            onClick={() => countersign.mutate()}
          >
            {say('countersign.title')}
          </button>
        </div>
      </div>
    </section>
  );
}
