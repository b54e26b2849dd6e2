/** Recalls of this node that a holder did not answer yet, and how often each was put out. */
import { useQuery } from '@tanstack/react-query';
import { call } from '../../api/client.ts';
import { Empty, Waiting } from '../../parts/empty.tsx';
import { Icon } from '../../parts/icons.tsx';
import { ProblemNotice } from '../../parts/problem.tsx';
import { Ago, Instant, msOf, useNow, useNumber } from '../../parts/time.tsx';
import { useText } from '../../text/index.ts';
import { Digest } from './named.tsx';

export function Recalls() {
  const say = useText();
  const number = useNumber();
  const now = useNow();
  const found = useQuery({
    queryKey: ['oversight', 'recalls'],
    queryFn: () => call('OversightService/ListRecallsWithoutReceipts', {}),
  });
  if (found.error) return <ProblemNotice error={found.error} retry={() => void found.refetch()} />;
  if (!found.data) return <Waiting lines={4} height="5rem" />;
  const { recalls, more } = found.data;
  if (recalls.length === 0)
    return (
      <Empty icon="recall" title={say('oversight.noRecalls')}>
        <p className="soft">{say('oversight.noRecallsHint')}</p>
      </Empty>
    );
  return (
    <>
      <ul className="stack">
        {recalls.map((one) => {
          const late = msOf(one.deadline) <= now;
          return (
            <li key={`${one.recallDigest} ${one.holder}`} className="card stack">
              <div className="row spread">
                <h2>
                  <bdi>{one.holder}</bdi>
                </h2>
                <span className={`chip ${late ? 'bad' : 'warn'}`}>
                  <Icon name={late ? 'alert' : 'clock'} />
                  {say(late ? 'oversight.recallLate' : 'oversight.recallOpen')}
                </span>
              </div>
              <p>
                {say(one.mustPurge ? 'oversight.toDelete' : 'oversight.toTell')} ·{' '}
                <Digest of={one.headerDigest} />
              </p>
              <p className="soft small">
                {say('oversight.asked')} <Ago ms={msOf(one.askedAt)} /> · {say('oversight.deadline')}{' '}
                <Instant ms={msOf(one.deadline)} /> ·{' '}
                {one.attempts === 0
                  ? say('oversight.notSent')
                  : say('oversight.attempts', { count: number(one.attempts) })}
              </p>
            </li>
          );
        })}
      </ul>
      {more && <p className="soft">{say('oversight.more')}</p>}
    </>
  );
}
